import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inline, onlyEmoji, parse, strip, type Inline } from './format'
import { Words } from './i18n'
import { linkify } from './links'
import { wrap } from './marks'

const flat = (nodes: Inline[]): string =>
  nodes.map((node) => ('nodes' in node ? `<${node.kind}>${flat(node.nodes)}</>` : node.kind === 'text' ? node.text : `[${node.kind} ${node.text}]`)).join('')

describe('marks', () => {
  it.each([
    ['*bold* and _italic_', '<bold>bold</> and <italic>italic</>'],
    ['~gone~ `code *x*`', '<strike>gone</> [code code *x*]'],
    ['*bold _and italic_*', '<bold>bold <italic>and italic</></>'],
    ['2*3*4', '2*3*4'],
    ['snake_case_name', 'snake_case_name'],
    ['* no*', '* no*'],
    ['*no *', '*no *'],
    ['**', '**'],
    ['*один*, _два_!', '<bold>один</>, <italic>два</>!'],
    ['see https://a.example/x_y_z.', 'see [link https://a.example/x_y_z].'],
  ])('%s', (text, expected) => expect(flat(inline(text))).toBe(expected))

  it('knows blocks', () => {
    const blocks = parse('> said\n1. one\n2. two\n- dash\nplain\n```\ncode *x*\n```\nend')
    expect(blocks.map((one) => one.kind)).toEqual(['quote', 'list', 'list', 'lines', 'pre', 'lines'])
    expect(blocks[4]).toEqual({ kind: 'pre', text: 'code *x*' })
  })

  it('loses no character of plain text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', ' ', '*', '_', '~', '\n', 'ж', '.') }), (text) => {
        const kept = (one: string): string => one.replace(/[^aж.]/g, '')
        expect(kept(strip(text.replace(/^\s*[-•*]\s/gm, '')))).toBe(kept(text.replace(/^\s*[-•*]\s/gm, '').slice(0, 400)))
      }),
    )
  })

  it('is quick with many marks', () => {
    const began = performance.now()
    parse('*a _b ~c '.repeat(7000))
    expect(performance.now() - began).toBeLessThan(500)
  })

  it('strips to one line', () => expect(strip('*Hello*\n\n- one\n- two')).toBe('Hello one two'))
  it.each([['👍', true], ['👍🏽❤️', true], ['🇷🇺', true], ['ok 👍', false], ['123', false], ['👍👍👍👍', false]])('%s is only emoji: %s', (text, yes) =>
    expect(onlyEmoji(text)).toBe(yes),
  )
  it('are put around a selection, and taken away', () => {
    const done = wrap('say it now', 4, 6, '*')
    expect(done).toEqual({ text: 'say *it* now', from: 5, to: 7 })
    expect(wrap(done.text, done.from, done.to, '*').text).toBe('say it now')
  })
})

describe('links', () => {
  it.each([
    ['www.a.example/b', 'https://www.a.example/b'],
    ['write to me@a.example!', 'mailto:me@a.example'],
    ['(https://a.example/x_(y))', 'https://a.example/x_(y)'],
    ['https://пример.рф/путь', 'https://пример.рф/путь'],
  ])('%s', (text, href) => expect(linkify(text).find((one) => 'href' in one)).toMatchObject({ href }))

  it.each(['javascript:alert(1)', 'data:text/html,x', 'vbscript:x', 'file:///etc/passwd'])('%s is no link', (text) =>
    expect(linkify(text)).toEqual([{ text }]),
  )
  it('gives back the whole text', () => {
    fc.assert(fc.property(fc.string(), (text) => void expect(linkify(text).map((one) => one.text).join('')).toBe(text)))
  })
})

describe('words', () => {
  const ru = new Words('ru', { new_one: '{{count}} новое', new_few: '{{count}} новых (мало)', new_many: '{{count}} новых', new_other: '{{count}} нового', hi: 'Привет, {{name}}' })
  it.each([[1, '1 новое'], [2, '2 новых (мало)'], [5, '5 новых'], [21, '21 новое'], [1.5, '1,5 нового']])('%s', (count, text) =>
    expect(ru.t('new', { count })).toBe(text),
  )
  it('fills in names and leaves what it does not know', () => {
    expect(ru.t('hi', { name: 'Анна' })).toBe('Привет, Анна')
    expect(ru.t('hi')).toBe('Привет, {{name}}')
    expect(ru.t('unknown.key')).toBe('unknown.key')
    expect(ru.or('unknown.key', 'said')).toBe('said')
  })
})
