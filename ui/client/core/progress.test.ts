import { expect, test } from 'vitest'
import { Progress } from './progress'
import { HeldClock } from './testing'
import type { ChannelView } from './wire'

const LINE: ChannelView = { id: 'ch_1', ws: 'w_1', rev: 1, kind: 'k', name: 'n', state: 'connected' }
const said = (d: Record<string, unknown>) => ({ t: 'eph', e: 'progress', ws: 'w_1', d }) as const

test('what a line says of its past is true until it says more, is done, or falls silent', () => {
  const clock = new HeldClock()
  let changes = 0
  const progress = new Progress(clock, () => (changes += 1))
  expect(progress.comes(LINE)).toBe(false)
  progress.take(said({ channel: 'ch_1', progress: 41.6, done: false }))
  expect([progress.comes(LINE), progress.of(LINE)]).toEqual([true, 42])
  clock.pass(61_000)
  expect(progress.comes(LINE)).toBe(false)
  progress.take(said({ channel: 'ch_1', progress: 90, done: false }))
  progress.take(said({ channel: 'ch_1', progress: 100, done: true }))
  expect([progress.comes(LINE), progress.of(LINE)]).toEqual([false, null])
  expect(changes).toBeGreaterThanOrEqual(4)
})

test.each([
  [{ state: 'backfilling' }, true, null],
  [{ state: 'backfilling', progress: 62 }, true, 62],
  [{ state: 'backfilling', state_text: '40 %' }, true, 40],
  [{ state: 'backfilling', state_text: '400%' }, true, 100],
  [{ state: 'backfilling', enabled: false }, false, null],
  [{ state: 'connected', state_text: '40 %' }, false, null],
])('a line with %j brings its past: %s, at %s', (change, comes, percent) => {
  const progress = new Progress(new HeldClock(), () => undefined)
  const line = { ...LINE, ...change }
  expect([progress.comes(line), progress.of(line)]).toEqual([comes, percent])
})
