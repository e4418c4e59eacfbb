import { describe, expect, it } from 'vitest'
import { backoff } from './backoff'
import { limitFor, sortOf } from './files'
import { BINDINGS, match, nameOf, type Pressed } from './keys'
import { total } from './order'
import { Presences } from './presence'
import { filled, places } from './template'
import { HeldClock } from './testing'
import { bytes, left, span, Times, windowState } from './time'
import type { Template } from './wire'

const press = (key: string, code: string, more: Partial<Pressed> = {}): Pressed => ({ key, code, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more })

describe('keys', () => {
  it.each([
    [press('j', 'KeyJ'), 'next'],
    [press('о', 'KeyJ'), 'next'],
    [press('J', 'KeyJ'), 'next'],
    [press('E', 'KeyE', { shiftKey: true }), 'close_next'],
    [press('У', 'KeyE', { shiftKey: true }), 'close_next'],
    [press('?', 'Slash', { shiftKey: true }), 'help'],
    [press(',', 'Slash', { shiftKey: true }), 'help'],
    [press('n', 'KeyN', { metaKey: true, shiftKey: true }), 'note'],
    [press('ArrowDown', 'ArrowDown', { altKey: true }), 'next'],
    [press('F6', 'F6', { shiftKey: true }), 'pane_previous'],
  ])('%o', (pressed, id) => expect(match(pressed, false)?.id).toBe(id))

  it('leaves letters to whoever is typing', () => {
    expect(match(press('j', 'KeyJ'), true)).toBeNull()
    expect(match(press('Escape', 'Escape'), true)?.id).toBe('escape')
    expect(match(press('j', 'KeyJ', { isComposing: true }), false)).toBeNull()
  })
  it('can do without single letters', () => expect(match(press('j', 'KeyJ'), false, false)).toBeNull())
  it('counts folders', () => expect(match(press('3', 'Digit3', { ctrlKey: true }), true)).toEqual({ id: 'folder', digit: 3 }))
  it('gives no key two meanings', () => {
    const all = BINDINGS.flatMap((one) => one.keys as readonly string[])
    expect(new Set(all).size).toBe(all.length)
  })
  it('names what is pressed', () => expect(nameOf(press('Ь', 'KeyM', { ctrlKey: true, shiftKey: true }))).toBe('Ctrl+Shift+m'))
})

describe('time', () => {
  const now = Date.UTC(2026, 10, 22, 12)
  const times = new Times('ru', 'UTC')
  it.each([[0, 'Сегодня'], [1, 'Вчера'], [17, '5 ноября'], [400, '18 октября 2025 г.']])('%s days ago is %s', (days, text) =>
    expect(times.day(now - days * 86_400_000, now)).toBe(text),
  )
  it('is short in a row', () => {
    expect(times.short(now, now)).toBe('12:00')
    expect(times.short(now - 2 * 86_400_000, now)).toBe('пт')
    expect(times.short(now - 30 * 86_400_000, now)).toBe('23.10.26')
  })
  it.each([[5, '0:05'], [185, '3:05'], [3723, '1:02:03']])('%s seconds: %s', (seconds, text) => expect(span(seconds)).toBe(text))
  it('counts what is left of a window', () => {
    expect(left(now + 3 * 3_600_000 + 11.2 * 60_000, now)).toBe('3:11')
    expect(left(now - 5, now)).toBe('0:00')
    expect(left(now + 20_000, now)).toBe('0:01')
    expect(left(now + 24 * 3_600_000 + 20_000, now)).toBe('24:00') // our minute may be half a minute old
  })
  it.each([
    [false, null, 'none'],
    [true, null, 'closed'],
    [true, now - 1, 'closed'],
    [true, now + 60_000, 'ending'],
    [true, now + 2 * 3_600_000, 'closing'],
    [true, now + 9 * 3_600_000, 'open'],
  ])('windowed %s until %s: %s', (windowed, until, state) => expect(windowState(windowed, until, now)).toBe(state))
  it('says sizes', () => {
    expect(bytes(1536, 'en')).toBe('1.5 kB')
    expect(bytes(5_242_880, 'ru')).toBe('5 МБ')
  })
})

describe('small things', () => {
  it('waits between half a second and twenty', () => {
    for (let n = 0; n < 40; n++) {
      expect(backoff(n, 0)).toBe(500)
      expect(backoff(n, 1)).toBeLessThanOrEqual(20_000)
    }
    expect(backoff(3, 1)).toBe(4000)
  })
  it('adds prices exactly', () => {
    const item = (price: string, quantity: number, currency = 'RUB') => ({ type: 'order_item' as const, product: 'p', quantity, price, currency })
    expect(total([item('0.10', 3), item('0.20', 1)])).toEqual({ value: 0.5, currency: 'RUB' })
    expect(total([item('1', 1), item('1', 1, 'EUR')])).toBeNull()
    expect(total([item('', 1)])).toBeNull()
    expect(total([])).toBeNull()
  })
  it('knows files by their type', () => {
    expect(sortOf('image/png')).toBe('image')
    expect(sortOf('image/svg+xml')).toBe('document')
    expect(limitFor('image/png', { 'image/*': 5, '*/*': 9 })).toBe(5)
    expect(limitFor('text/plain', { '*/*': 9 })).toBe(9)
    expect(limitFor('text/plain', {})).toBeNull()
  })
  it('fills the blanks of a template', () => {
    const template: Template = { type: 'template', name: 'n', language: 'ru', header: 'Hi {{1}}', body: '{{name}}, {{ 1 }}', parameters: { 'body.1': 'a', 'body.name': 'b', 'header.1': 'c' } }
    expect(places(template)).toEqual(['header.1', 'body.1', 'body.name'])
    const done = filled(template, { 'header.1': 'H', 'body.1': 'B', 'body.name': '' })
    expect([done.header, done.body]).toEqual(['Hi H', '{{name}}, B'])
  })
})

describe('presence', () => {
  const clock = new HeldClock()
  const presences = new Presences(clock, () => 'me', () => undefined)
  const eph = (e: 'typing' | 'viewing', d: Record<string, unknown>) => presences.take({ t: 'eph', e, ws: 'w', conv: 'c', d })
  it('shows colleagues, not me, and forgets them', () => {
    eph('typing', { who: 'o_2', name: 'Oleg', mode: 'note' })
    eph('typing', { who: 'me', name: 'I' })
    eph('viewing', { who: ['me', 'o_3'] })
    expect(presences.of('c')).toMatchObject({ viewing: ['o_3'], typing: [{ who: 'o_2', mode: 'note' }] })
    clock.pass(6001)
    expect(presences.of('c').typing).toEqual([])
  })
  it('ends the customer’s typing with their message', () => {
    eph('typing', { contact: 'p_1' })
    expect(presences.of('c').customer).toBeGreaterThan(0)
    presences.said('c')
    expect(presences.of('c').customer).toBe(0)
  })
})
