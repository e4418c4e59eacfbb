import * as fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { Finder, PAUSE, type Found } from './finder'
import { otherLayout } from './layout'
import { added, day, FROM, offered, read, readAll, start, withoutLast, type Choice, type Operator } from './query'
import { best, fit, fitNumber, fold, pieces, unstyled } from './score'
import { HeldClock } from './testing'

describe('the other layout', () => {
  it.each([
    ['ghbdtn', 'привет'],
    ['Ghbdtn', 'Привет'],
    ['руддщ', 'hello'],
    ['РУДДЩ', 'HELLO'],
    ['ljcnfdrf 4821', 'доставка 4821'],
    ['j,]trn', 'объект'],
    ['[jhjij', 'хорошо'],
  ])('%s was meant as %s', (typed, meant) => expect(otherLayout(typed)).toBe(meant))
  it.each(['', '4821', 'мир hello', '+7 999', '👍'])('leaves "%s" alone', (typed) => expect(otherLayout(typed)).toBeNull())
  it('comes back by the same way', () =>
    fc.assert(
      fc.property(fc.stringMatching(/^[а-яё]{1,12}$/), (word) => {
        const there = otherLayout(word) ?? ''
        if (/[a-z]/.test(there)) expect(otherLayout(there)).toBe(word)
      }),
    ))
})

const CHANNELS: readonly Choice[] = [
  { value: 'ch_1', names: ['WhatsApp +7 999 123-45-67'] },
  { value: 'ch_2', names: ['Site'] },
  { value: 'ch_3', names: ['Site 2'] },
]
const HAS: readonly Choice[] = [
  { value: 'photo', names: ['photo', 'фото'] },
  { value: 'document', names: ['document', 'документ', 'файл'] },
]
const choices = (op: Operator): readonly Choice[] => ({ from: FROM, channel: CHANNELS, has: HAS, client: [], before: [], after: [] })[op]
const NOW = new Date(2026, 10, 22, 12).getTime()

describe('what is typed into the search', () => {
  it.each([
    ['счёт has:photo ', 'счёт ', [{ op: 'has', value: 'photo' }]],
    ['есть:фото счёт', 'счёт', [{ op: 'has', value: 'photo' }]],
    ['from:us до:5.11 refund', 'refund', [{ op: 'from', value: 'us' }, { op: 'before', value: '2026-11-05' }]],
    ['channel:site ok', 'ok', [{ op: 'channel', value: 'ch_2' }]],
    ['channel:"Site 2" ok', 'ok', [{ op: 'channel', value: 'ch_3' }]],
    ['channel:"whatsapp +7" ok', 'ok', [{ op: 'channel', value: 'ch_1' }]],
    ['после:вчера x', 'x', [{ op: 'after', value: '2026-11-21' }]],
  ])('%s', (text, words, filters) => expect(read(text, choices, NOW)).toEqual({ words, filters }))

  it.each(['has:pho', 'счёт has:', 'has: photo', 'has:nothing ', 'http://example.org ', 'sub:ject x', 'before:32.13 x', 'channel:"Site '])(
    'lets "%s" stand as it is',
    (text) => expect(read(text, choices, NOW)).toEqual({ words: text, filters: [] }),
  )
  it('takes the last word too when nobody types on', () => {
    expect(readAll('счёт has:photo', choices, NOW)).toEqual({ words: 'счёт', filters: [{ op: 'has', value: 'photo' }] })
    expect(readAll('  два   слова ', choices, NOW).words).toBe('два   слова')
  })
  it('offers the values of the operator that is being typed', () => {
    expect(offered('счёт has:', choices)?.choices.map((one) => one.value)).toEqual(['photo', 'document'])
    expect(offered('есть:ф', choices)?.choices.map((one) => one.value)).toEqual(['photo', 'document'])
    expect(offered('channel:2', choices)?.choices.map((one) => one.value)).toEqual(['ch_3'])
    expect(offered('has:photo ', choices)).toBeNull()
    expect(offered('счёт', choices)).toBeNull()
    expect(withoutLast('счёт has:ph')).toBe('счёт ')
  })
  it.each([
    ['2026-11-05', '2026-11-05'],
    ['5.11.2026', '2026-11-05'],
    ['5.11.25', '2025-11-05'],
    ['5.11', '2026-11-05'],
    ['24.12', '2025-12-24'],
    ['today', '2026-11-22'],
    ['29.02.2025', null],
    ['5/11', null],
    ['', null],
  ])('reads "%s" as the day %s', (typed, iso) => expect(day(typed, NOW)).toBe(iso))
  it('knows where a day begins', () => expect(start('2026-11-22')).toBe(new Date(2026, 10, 22).getTime()))
  it('says one thing of a kind', () => {
    const one = added([{ op: 'from', value: 'us' }], { op: 'from', value: 'them' })
    expect(added(one, { op: 'has', value: 'photo' })).toEqual([{ op: 'from', value: 'them' }, { op: 'has', value: 'photo' }])
  })
  it('never loses a word, whatever is typed', () =>
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { words, filters } = read(text, choices, NOW)
        if (!filters.length) expect(words).toBe(text)
      }),
    ))
})

describe('fitting a name', () => {
  const names = ['Ольга Ким', 'Мария Соколова', 'Amélie Laurent', 'Пётр Ильин', 'Маргарита Орлова', 'Ким Ольга']
  const found = (typed: string): string[] => best(typed, names, (one) => one, 9).map((one) => one.one)
  it.each([
    ['мария', ['Мария Соколова']],
    ['соко мар', ['Мария Соколова']],
    ['amelie', ['Amélie Laurent']],
    ['петр', ['Пётр Ильин']],
    ['ким', ['Ким Ольга', 'Ольга Ким']],
    ['мс', ['Мария Соколова']],
    ['орл', ['Маргарита Орлова']],
    ['zzz', []],
  ])('%s', (typed, expected) => expect(found(typed)).toEqual(expected))
  it('puts a whole name before a beginning before a middle', () => {
    const all = ['Арина', 'Ирина Рин', 'Рин', 'Рината']
    expect(best('рин', all, (one) => one, 9).map((one) => one.one)).toEqual(['Рин', 'Рината', 'Ирина Рин', 'Арина'])
  })
  it('finds each word in a place of its own', () => {
    expect(fit('ан ан', 'Анна')).toBeNull()
    expect(fit('ан ан', 'Анна Антонова')?.ranges).toEqual([[0, 2], [5, 7]])
  })
  it('marks what it met', () => {
    expect(pieces('Мария Соколова', fit('сок', 'Мария Соколова')?.ranges ?? [])).toEqual([
      { text: 'Мария ', hit: false },
      { text: 'Сок', hit: true },
      { text: 'олова', hit: false },
    ])
  })
  it.each([
    [['Заказ *', '4821', '* готов'], ['Заказ ', '4821', ' готов']],
    [['_', 'пятницу', '_, ~нет~ `x`'], ['', 'пятницу', ', нет x']],
    [['2*3*4 и a_b_c, * нет *'], ['2*3*4 и a_b_c, * нет *']],
  ])('leaves out what only styles: %o', (before, after) => {
    expect(unstyled(before.map((text) => ({ text }))).map((one) => one.text)).toEqual(after)
  })
  it('knows a number by its figures', () => {
    expect(fitNumber('+7 (999) 12', '+7 999 123-45-67')).toBe(true)
    expect(fitNumber('12', '+7 999 123-45-67')).toBe(false)
    expect(fitNumber('123 abc', '+7 999 123-45-67')).toBe(false)
  })
  it('keeps positions, whatever the letters', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (name, typed) => {
        expect(fold(name)).toHaveLength(name.length)
        expect(pieces(name, fit(typed, name)?.ranges ?? []).map((one) => one.text).join('')).toBe(name)
      }),
    ))
})

describe('asking while one types', () => {
  interface Question {
    query: string
    cursor: string | null
    signal: AbortSignal
    answer(page: Found<string>): Promise<void>
    fail(error: unknown): Promise<void>
  }
  let clock: HeldClock
  let asked: Question[]
  let finder: Finder<string, string>
  const settled = (): Promise<void> => new Promise((done) => setTimeout(done, 0))

  beforeEach(() => {
    clock = new HeldClock()
    asked = []
    finder = new Finder({
      clock,
      ask: (query, cursor, signal) =>
        new Promise((resolve, reject) => {
          const answer = (page: Found<string>): Promise<void> => (resolve(page), settled())
          const fail = (error: unknown): Promise<void> => (reject(error as Error), settled())
          asked.push({ query, cursor, signal, answer, fail })
        }),
      instead: otherLayout,
      changed: () => undefined,
    })
  })

  async function ask(query: string, ...items: string[]): Promise<void> {
    finder.want(query)
    clock.pass(PAUSE)
    await asked.at(-1)?.answer({ items, next: 'p2' })
  }

  it('waits until one stops typing', () => {
    for (const text of ['с', 'сч', 'счё']) {
      finder.want(text)
      clock.pass(PAUSE - 1)
    }
    expect(asked).toEqual([])
    clock.pass(1)
    expect(asked.map((one) => one.query)).toEqual(['счё'])
  })
  it('never shows an older answer over a newer one', async () => {
    finder.want('раз')
    clock.pass(PAUSE)
    finder.want('два')
    expect(asked[0]?.signal.aborted).toBe(true)
    clock.pass(PAUSE)
    await asked[1]?.answer({ items: ['второе'], next: null })
    await asked[0]?.answer({ items: ['первое'], next: null })
    expect([finder.state, finder.items]).toEqual(['found', ['второе']])
  })
  it('shows what it had until the new answer is here', async () => {
    await ask('раз', 'первое')
    finder.want('раз два')
    expect([finder.state, finder.items]).toEqual(['waiting', ['первое']])
    finder.want(null)
    expect([finder.state, finder.items, finder.more]).toEqual(['idle', [], false])
  })
  it('asks for the next page once, and adds it', async () => {
    await ask('раз', '1', '2')
    void finder.further()
    void finder.further()
    expect(asked.slice(1).map((one) => one.cursor)).toEqual(['p2'])
    await asked[1]?.answer({ items: ['3'], next: null })
    expect([finder.items, finder.more, finder.loadingMore]).toEqual([['1', '2', '3'], false, false])
    void finder.further()
    expect(asked).toHaveLength(2)
  })
  it('goes on from an empty page that is not the last', async () => {
    finder.want('has:photo')
    clock.pass(PAUSE)
    await asked[0]?.answer({ items: [], next: 'p2' })
    expect([finder.state, asked[1]?.cursor]).toEqual(['waiting', 'p2'])
    await asked[1]?.answer({ items: ['1'], next: null })
    expect([finder.state, finder.items]).toEqual(['found', ['1']])
  })
  it('keeps what it has when the next page fails, and asks again', async () => {
    await ask('раз', '1')
    void finder.further()
    await asked[1]?.fail(new Error('away'))
    expect([finder.state, finder.items, Boolean(finder.error)]).toEqual(['found', ['1'], true])
    finder.hurry()
    await asked[2]?.answer({ items: ['2'], next: null })
    expect([finder.items, finder.error]).toEqual([['1', '2'], null])
  })
  it('a page that comes late for an older question is not added', async () => {
    await ask('раз', '1')
    void finder.further()
    finder.want('два')
    await asked[1]?.answer({ items: ['2'], next: null })
    expect(finder.items).toEqual(['1'])
    expect(finder.loadingMore).toBe(false)
  })
  it('tries the other layout when nothing is found', async () => {
    finder.want('ghbdtn')
    clock.pass(PAUSE)
    await asked[0]?.answer({ items: [], next: null })
    expect(asked[1]?.query).toBe('привет')
    await asked[1]?.answer({ items: ['привет!'], next: null })
    expect([finder.items, finder.answered]).toEqual([['привет!'], 'привет'])
  })
  it('stays with what was typed when the other layout finds nothing either', async () => {
    finder.want('qqq')
    clock.pass(PAUSE)
    await asked[0]?.answer({ items: [], next: null })
    await asked[1]?.answer({ items: [], next: null })
    expect([finder.state, finder.answered]).toEqual(['found', 'qqq'])
  })
  it('says that it failed, and tries again at once', async () => {
    finder.want('раз')
    clock.pass(PAUSE)
    await asked[0]?.fail(new Error('offline'))
    expect([finder.state, String(finder.error)]).toEqual(['failed', 'Error: offline'])
    finder.hurry()
    await asked[1]?.answer({ items: ['1'], next: null })
    expect([finder.state, finder.error, finder.items]).toEqual(['found', null, ['1']])
  })
  it('does not wait for the pause when hurried', () => {
    finder.want('раз')
    finder.hurry()
    clock.pass(PAUSE)
    expect(asked).toHaveLength(1)
  })
  it('a failure of what nobody wants any more is not said', async () => {
    finder.want('раз')
    clock.pass(PAUSE)
    finder.want(null)
    await asked[0]?.fail(new Error('aborted'))
    expect([finder.state, finder.error]).toEqual(['idle', null])
  })
})
