// Figures of a channel, summed for tables and bars. Money of different currencies is never added.

import type { FigureView } from './wire'

export interface Money {
  amount: number
  currency: string
}

export interface Sum {
  name: string
  values: Record<string, number>
  costs: Money[]
}

/** What was paid, by currency, the largest first. */
export function costs(figures: readonly FigureView[]): Money[] {
  const sums = new Map<string, number>()
  for (const { values, currency } of figures) {
    if (values.cost) sums.set(currency, (sums.get(currency) ?? 0) + values.cost)
  }
  return [...sums].map(([currency, amount]) => ({ amount, currency })).sort((a, b) => b.amount - a.amount)
}

/** The figures by what `name` says of each; what says nothing is left out. Most first, by their first value. */
export function sums(figures: readonly FigureView[], name: (figure: FigureView) => string): Sum[] {
  const groups = new Map<string, FigureView[]>()
  for (const figure of figures) {
    const key = name(figure)
    if (key) groups.set(key, [...(groups.get(key) ?? []), figure])
  }
  return [...groups].map(([key, all]) => ({ name: key, values: total(all), costs: costs(all) }))
}

/** All values but cost added up. */
export function total(figures: readonly FigureView[]): Record<string, number> {
  const found: Record<string, number> = {}
  for (const { values } of figures) {
    for (const [name, value] of Object.entries(values)) if (name !== 'cost') found[name] = (found[name] ?? 0) + value
  }
  return found
}

/** One sum a day, oldest first, with the days between that had nothing. `start` is a day's first moment in UTC. */
export function days(figures: readonly FigureView[], value: string): { at: number; value: number }[] {
  const sums = new Map<number, number>()
  for (const { start, values } of figures) {
    const day = Math.floor(start / DAY) * DAY
    sums.set(day, (sums.get(day) ?? 0) + (values[value] ?? 0))
  }
  const known = [...sums.keys()].sort((a, b) => a - b)
  const [first, last] = [known[0], known.at(-1)]
  if (first === undefined || last === undefined) return []
  const found = []
  for (let at = first; at <= last; at += DAY) found.push({ at, value: sums.get(at) ?? 0 })
  return found
}

export const DAY = 86_400_000

export function money({ amount, currency }: Money, locale: string): string {
  try {
    return new Intl.NumberFormat(locale, { style: 'currency', currency }).format(amount)
  } catch {
    return `${new Intl.NumberFormat(locale, { maximumFractionDigits: 2 }).format(amount)} ${currency}`.trim() // no currency of the list
  }
}
