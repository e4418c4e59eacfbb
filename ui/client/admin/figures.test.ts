import { describe, expect, it } from 'vitest'
import { costs, DAY, days, money, sums, total } from './figures'
import type { FigureView } from './wire'

function figure(day: number, values: Record<string, number>, by: Record<string, string> = {}, currency = ''): FigureView {
  return { report: 'messages', start: day * DAY, end: (day + 1) * DAY, by, values, currency }
}

describe('figures', () => {
  it('never add money of two currencies', () => {
    const all = [figure(1, { cost: 2 }, {}, 'EUR'), figure(2, { cost: 3.5 }, {}, 'EUR'), figure(1, { cost: 90 }, {}, 'RUB')]
    expect(costs(all)).toEqual([
      { amount: 90, currency: 'RUB' },
      { amount: 5.5, currency: 'EUR' },
    ])
  })

  it('are summed by what is asked for', () => {
    const all = [figure(1, { sent: 2 }, { category: 'utility' }), figure(2, { sent: 3, cost: 1 }, { category: 'utility' }, 'EUR'), figure(2, { sent: 9 })]
    expect(sums(all, (one) => one.by.category ?? '')).toEqual([{ name: 'utility', values: { sent: 5 }, costs: [{ amount: 1, currency: 'EUR' }] }])
    expect(total(all)).toEqual({ sent: 14 })
  })

  it('show days that had nothing', () => {
    expect(days([figure(3, { sent: 1 }), figure(1, { sent: 2 }), figure(1, { sent: 4 })], 'sent')).toEqual([
      { at: DAY, value: 6 },
      { at: 2 * DAY, value: 0 },
      { at: 3 * DAY, value: 1 },
    ])
    expect(days([], 'sent')).toEqual([])
  })

  it('name money in the words of the language, and a currency nobody knows as it is', () => {
    expect(money({ amount: 5.5, currency: 'EUR' }, 'en')).toBe('€5.50')
    expect(money({ amount: 5.5, currency: '??' }, 'en')).toBe('5.5 ??')
  })
})
