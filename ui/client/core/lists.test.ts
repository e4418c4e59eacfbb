import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { belongs, HOME, readPlace, unreadIn, writePlace, type Place } from './folders'
import { arrange, firstUnread } from './grouping'
import { ChatList } from './lists'
import { Store } from './store'
import { conversation, message } from './testing'
import { Thread } from './threads'
import { around, atEnd, earlier, follow, further, MOST_DRAWN, rowsInSight } from './window'
import type { MessageView } from './wire'

describe('a chat list', () => {
  it('stands in order however rows change', () => {
    const change = fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd', 'e'), at: fc.nat(9), status: fc.constantFrom('open' as const, 'closed' as const) })
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const list = new ChatList({ status: 'open' }, 'me')
        const rows = new Map(changes.map((one) => [one.id, one]))
        for (const one of changes) list.place(conversation(one.id, { last_at: one.at, status: one.status }))
        list.page([], null)
        const expected = [...rows.values()].filter((one) => one.status === 'open').sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
        expect(list.ids).toEqual(expected.map((one) => one.id))
      }),
    )
  })

  it('does not show a hole: what is older than the pages read waits for its page', () => {
    const list = new ChatList({}, 'me')
    const rows = [9, 8].map((at) => conversation(`c${at}`, { last_at: at }))
    for (const row of [...rows, conversation('c3', { last_at: 3 })]) list.place(row)
    list.page(rows, 'more')
    expect(list.ids).toEqual(['c9', 'c8'])
    list.place(conversation('c3', { last_at: 10, rev: 2 }))
    expect(list.ids).toEqual(['c3', 'c9', 'c8'])
  })

  it.each([
    [{ assignee: 'me' }, { assignee: 'o_1' }, true],
    [{ assignee: 'me' }, {}, false],
    [{ assignee: 'none' }, {}, true],
    [{ assignee: 'o_2' }, { assignee: 'o_1' }, false],
    [{ ws: 'w_2' }, {}, false],
    [{ status: 'all' as const }, { status: 'closed' as const }, true],
    [{ label: 'l' }, { labels: ['l'] }, true],
    [{ unread: true }, { marked_unread: true }, true],
    [{ channel: 'ch_2' }, {}, false],
  ])('%o has %o: %s', (folder, row, yes) => expect(belongs(folder, conversation('c', row), 'o_1')).toBe(yes))
})

describe('an address', () => {
  it('says the place and is read back', () => {
    const id = fc.constantFrom('all', 'mine', 'none', 'w_1')
    const conv = fc.constantFrom(null, 'c_1')
    const place = fc.record({ folder: id, status: fc.constantFrom('open' as const, 'closed' as const), conv, message: fc.constant(null) })
    fc.assert(fc.property(place, (one: Place) => void expect(readPlace(...split(writePlace(one)))).toEqual(one)))
  })
  it('is home where it means nothing', () => expect(readPlace('/', '')).toEqual(HOME))
  const split = (url: string): [string, string] => {
    const { pathname, search } = new URL(url, 'http://x')
    return [pathname, search]
  }
})

describe('unread', () => {
  const counters = new Map([['w_1', { unread: 5, 'unread:none': 2, 'unread:o_1': 1 }], ['w_2', { unread: 7, 'unread:o_1': 3 }]])
  it.each([['all', 12], ['mine', 4], ['none', 2], ['w_2', 7]])('in %s: %s', (folder, sum) => expect(unreadIn(folder, counters, 'o_1')).toBe(sum))
})

describe('a thread', () => {
  function thread(of: MessageView[], more = { before: true, after: false }): [Thread, Map<string, MessageView>] {
    const known = new Map(of.map((one) => [one.id, one]))
    const made = new Thread(known)
    made.page(of, more)
    return [made, known]
  }
  it('puts a late message where it was said, not where it came', () => {
    const [made, known] = thread([message(1), message(3)])
    const late = message(4, { at: message(2).at })
    known.set(late.id, late)
    expect(made.insert(late)).toBe(true)
    expect(made.ids).toEqual(['m_1', 'm_4', 'm_3'])
  })
  it('leaves out what belongs to pages not read', () => {
    const [made, known] = thread([message(5), message(6)], { before: true, after: true })
    for (const pos of [1, 9]) {
      known.set(`m_${pos}`, message(pos))
      expect(made.insert(message(pos))).toBe(false)
    }
    expect(made.ids).toEqual(['m_5', 'm_6'])
  })
  it('joins pages at both ends', () => {
    const [made, known] = thread([message(5)], { before: true, after: true })
    for (const pos of [3, 4, 6]) known.set(`m_${pos}`, message(pos))
    made.page([message(3), message(4)], { before: false })
    made.page([message(6)], { after: false })
    expect(made.ids).toEqual(['m_3', 'm_4', 'm_5', 'm_6'])
    expect([made.moreBefore, made.moreAfter]).toEqual([false, false])
  })
})

describe('what is drawn', () => {
  const keys = (n: number, from = 0): string[] => Array.from({ length: n }, (_, at) => `k${from + at}`)
  it('is what is in sight and a little more', () => {
    const rows = rowsInSight(72_000, 800, 72, 100_000)
    expect(rows.from).toBe(992)
    expect(rows.to - rows.from).toBeLessThan(32)
    expect(rows.above + (rows.to - rows.from) * 72 + rows.below).toBe(100_000 * 72)
  })
  it('keeps the same messages when older ones come before them', () => {
    expect(follow({ from: 0, to: 60 }, keys(60, 60), keys(120))).toEqual({ from: 60, to: 120 })
  })
  it('follows the end while it is drawn', () => {
    expect(follow({ from: 40, to: 100 }, keys(100), keys(101))).toEqual({ from: 40, to: 101 })
  })
  it('does not follow the end while one reads further up', () => {
    expect(follow({ from: 10, to: 70 }, keys(100), keys(101))).toEqual({ from: 10, to: 70 })
  })
  it('is never more than it may be', () => {
    const steps = fc.array(fc.constantFrom('up', 'down'))
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 1000 }), (all, total) => {
        let slice = atEnd(total)
        for (const step of all) slice = step === 'up' ? earlier(slice) : further(slice, total)
        expect(slice.to - slice.from).toBeLessThanOrEqual(MOST_DRAWN)
        expect(slice.from).toBeGreaterThanOrEqual(0)
        expect(slice.to).toBeLessThanOrEqual(total)
      }),
    )
  })
  it('begins around a message', () => expect(around(500, 1000)).toEqual({ from: 470, to: 530 }))
})

describe('messages together', () => {
  const day = (at: number): string => new Date(at).toISOString().slice(0, 10)
  const start = Date.UTC(2026, 10, 22, 23, 55)
  it('makes groups of one author within ten minutes, and days', () => {
    const all = [0, 1, 2, 6, 7].map((minute, pos) => message(pos + 1, { at: start + minute * 60_000, dir: pos === 2 ? 'out' : 'in' }))
    const spots = [...arrange(all, day, 'm_5').values()]
    expect(spots.map((one) => [one.day !== null, one.first, one.last, one.unread])).toEqual([
      [true, true, false, false],
      [false, false, true, false],
      [false, true, true, false],
      [true, true, true, false],
      [false, true, true, true],
    ])
  })
  it('never goes back a day for what still waits to be sent', () => {
    const all = [message(1, { at: start }), message(2, { at: start + 86_400_000 }), message(3, { at: start })]
    expect([...arrange(all, day, null).values()].map((one) => one.day !== null)).toEqual([true, true, false])
  })
  it('finds what is new', () => {
    expect(firstUnread([message(1), message(2, { dir: 'out' }), message(3)], 1)).toBe('m_3')
    expect(firstUnread([message(1)], 1)).toBeNull()
  })
})

describe('the store', () => {
  it('keeps the newer of two and tells only whom it concerns', () => {
    const store = new Store()
    const heard: string[] = []
    store.subscribe('conv:c_1', () => heard.push('c_1'))
    store.subscribe('conv:c_2', () => heard.push('c_2'))
    store.putConversation(conversation('c_1', { rev: 5, name: 'new' }))
    store.putConversation(conversation('c_1', { rev: 4, name: 'old' }))
    store.flush()
    expect(store.conversations.get('c_1')?.name).toBe('new')
    expect(heard).toEqual(['c_1'])
  })
  it('forgets the messages of threads nobody looked at for long', () => {
    const store = new Store()
    for (let n = 0; n < 40; n++) {
      const one = message(1, { id: `m_${n}`, conv: `c_${n}` })
      store.putMessage(one)
      store.thread(one.conv).page([one], { before: false, after: false })
    }
    expect(store.threads.size).toBe(30)
    expect(store.messages.size).toBe(30)
  })
})
