// What an order comes to. Prices are decimals in text; they are added in whole thousandths, never as floats.

import type { OrderItem } from './wire'

export function total(items: readonly OrderItem[]): { value: number; currency: string } | null {
  const currency = items[0]?.currency ?? ''
  let sum = 0
  for (const item of items) {
    const price = Number(item.price)
    if (!item.price || !Number.isFinite(price) || (item.currency ?? '') !== currency) return null
    sum += Math.round(price * 1000) * item.quantity
  }
  return items.length ? { value: sum / 1000, currency } : null
}
