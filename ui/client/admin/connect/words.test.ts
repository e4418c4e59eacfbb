import { expect, test } from 'vitest'
import { Words } from '../../core/i18n'
import { groups, stepWords, waysOf } from './words'

const WORDS = new Words('en', {
  'k.scan.title': 'Scan',
  'k.scan.tap.1': 'Open it',
  'k.scan.tap.2': 'Point at it',
  'k.scan.tap.4': 'Nobody comes this far',
  'k.notice.way.other.token': 'The other one',
})

test('what to tap is told in order, as far as it is numbered', () => {
  const show = { type: 'show', step: 'k.scan', kind: 'qr', data: '', expires_in: null, skippable: false } as const
  expect(stepWords(WORDS, show, 'k')).toEqual({ title: 'Scan', help: '', taps: ['Open it', 'Point at it'] })
})

test('the words of a text name other ways', () => {
  expect(waysOf(WORDS, 'k.notice')).toEqual([{ kind: 'other', flow: 'token', key: 'k.notice.way.other.token' }])
  expect(waysOf(WORDS, 'k.scan')).toEqual([])
})

test.each([
  ['ABCD-1234', 'ABCD 1234'],
  ['ABCD1234', 'ABCD 1234'],
  ['AB CD 12', 'ABCD 12'],
  ['', ''],
])('%j is read in groups', (text, shown) => {
  expect(groups(text).map((group) => group.join('')).join(' ')).toBe(shown)
})
