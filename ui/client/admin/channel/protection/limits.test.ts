import { expect, test } from 'vitest'
import { changeOf, fits, rangeOf, typed, zones } from './limits'

const LIMITS = {
  reply_within_days: 30,
  new_chats_per_day: 5,
  per_minute: 20,
  per_hour: 200,
  same_text_chats: 5,
  warm_up_days: 7,
  quiet_from: '',
  quiet_until: '',
  timezone: 'UTC',
}

test('only what was changed is said', () => {
  const form = typed(LIMITS)
  expect(changeOf(form, LIMITS)).toEqual({})
  form.numbers.per_hour = '150'
  expect(changeOf(form, LIMITS)).toEqual({ per_hour: 150 })
})

test('quiet hours come and go with both their ends', () => {
  const form = typed(LIMITS)
  form.quiet = true
  expect(changeOf(form, LIMITS)).toEqual({ quiet_from: '22:00', quiet_until: '08:00' })
  const set = { ...LIMITS, quiet_from: '21:00', quiet_until: '09:30' }
  const other = typed(set)
  expect([other.quiet, other.from, other.until]).toEqual([true, '21:00', '09:30'])
  other.quiet = false
  expect(changeOf(other, set)).toEqual({ quiet_from: '', quiet_until: '' })
})

test.each([
  ['20', true],
  [' 60 ', true],
  ['61', false],
  ['0', false],
  ['', false],
  ['2.5', false],
  ['-1', false],
  ['много', false],
])('%j is within a ceiling of 60: %s', (text, right) => {
  expect(fits(text, rangeOf('per_minute', { per_minute: 60 }))).toBe(right)
})

test('without a ceiling the server is the end', () => {
  expect(rangeOf('per_hour', {})).toEqual([1, 5000])
  expect(rangeOf('warm_up_days', { per_hour: 1 })).toEqual([0, 90])
  expect(rangeOf('new_chats_per_day', { new_chats_per_day: null })).toEqual([0, 1000])
})

test('the zone that is set can be chosen, whatever the browser knows', () => {
  expect(zones('Mars/Olympus')).toContain('Mars/Olympus')
  expect(zones('UTC').filter((one) => one === 'UTC')).toHaveLength(1)
})
