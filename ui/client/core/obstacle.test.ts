import { expect, test } from 'vitest'
import { obstacleOf } from './obstacle'

test.each([
  [{}, null],
  [{ state: 'transient' }, null],
  [{ state: 'backfilling' }, null],
  [{ paused: 'restricted' }, { what: 'paused', shut: false, step: 'protection' }],
  [{ state: 'logged_out' }, { what: 'state', shut: true, step: 'again' }],
  [{ state: 'suspended', paused: 'banned' }, { what: 'state', shut: true, step: 'channel' }],
  [{ enabled: false, state: 'logged_out' }, { what: 'off', shut: true, step: 'channel' }],
])('a line that is %j', (change, found) => {
  expect(obstacleOf({ id: 'ch_1', ws: 'w_1', rev: 1, kind: 'k', name: 'n', state: 'connected', ...change })).toEqual(found)
})

test('of a line nobody knows there is nothing to say', () => {
  expect(obstacleOf(undefined)).toBeNull()
})
