import { beforeEach, describe, expect, it } from 'vitest'
import { HttpError, type MessagePage } from './api'
import { Session } from './session'
import { NoShelf } from './shelf'
import { conversation, ev, FakeSocket, HeldClock, message } from './testing'
import type { Boot, ConversationView, ServerFrame, StreamHead } from './wire'

const settled = (): Promise<void> => new Promise((done) => setTimeout(done, 0))
const heads = (seq: number, epoch = 'e'): Record<string, StreamHead> => ({ w_1: { epoch, seq } })
const row = (id: string, rev: number, more: Partial<ConversationView> = {}) => ({ e: 'conv.patch' as const, row: conversation(id, { rev, ...more }), counters: {} })

let clock: HeldClock
let sockets: FakeSocket[]
let boots: number
let bootNow: Boot
let pages: Record<string, MessagePage>
let rows: Record<string, ConversationView>
let asked: string[]
let offline: boolean
let session: Session
const socket = (): FakeSocket => sockets.at(-1) as FakeSocket
const name = (id: string): string | undefined => session.store.conversations.get(id)?.name

function boot(seq: number, epoch = 'e', rows = [conversation('c_1'), conversation('c_2')]): Boot {
  return {
    operator: { id: 'o_1', name: 'Anna' },
    locale: 'en',
    workspaces: [{ id: 'w_1', name: 'W', role: 'owner' }],
    streams: heads(seq, epoch),
    channels: [],
    labels: [],
    operators: {},
    counters: { w_1: { unread: 1 } },
    conversations: rows,
    csrf: 'x',
    build: 'b1',
    now: clock.now(),
  }
}

function live(seq: number, epoch = 'e', build = 'b1'): void {
  const ready: ServerFrame = { t: 'ready', sid: 's', streams: heads(seq, epoch), hb: 25000, now: clock.now() + 5000, build, limits: {} }
  socket().onopen?.()
  socket().say(ready)
}

beforeEach(async () => {
  clock = new HeldClock()
  sockets = []
  boots = 0
  pages = {}
  rows = {}
  asked = []
  offline = false
  let cids = 0
  session = new Session(boot(10), {
    clock,
    shelf: new NoShelf(),
    http: {
      get: (path) => {
        asked.push(path)
        if (offline) return Promise.reject(new TypeError('offline'))
        const row = rows[path.replace('/api/v1/conversations/', '')]
        if (row) return Promise.resolve(row)
        const found = pages[path.replace(/^.*\/messages\?limit=\d+&?/, '')]
        return path.includes('/messages?') && found ? Promise.resolve(found) : Promise.reject(new HttpError(404, 'not_found', ''))
      },
      send: () => Promise.resolve(null),
    },
    open: () => {
      sockets.push(new FakeSocket())
      return socket()
    },
    schedule: (run) => run(),
    readBoot: () => {
      boots += 1
      return Promise.resolve(bootNow)
    },
    makeCid: () => `cid_${++cids}`,
    tab: 't',
    locale: () => 'en',
  })
  await session.start()
})

describe('a conversation that no list has brought', () => {
  it('is asked for when it is opened', async () => {
    live(10)
    rows.c_9 = conversation('c_9', { name: 'Far down' })
    await session.show('c_9', null)
    await settled()
    expect(name('c_9')).toBe('Far down')
    expect(asked.filter((path) => path === '/api/v1/conversations/c_1')).toEqual([])
  })
  it('leads to the one it was merged into', async () => {
    live(10)
    rows.c_8 = conversation('c_1', { rev: 5, name: 'Both' })
    await session.show('c_8', null)
    await settled()
    expect(session.store.merged.get('c_8')).toBe('c_1')
    expect(name('c_1')).toBe('Both')
  })
  it('is nowhere when the server says so, and only then', async () => {
    live(10)
    await session.show('c_7', null)
    await settled()
    expect(session.store.nowhere.has('c_7')).toBe(true)
    rows.c_7 = conversation('c_7')
    session.store.putConversation(conversation('c_7'))
    expect(session.store.nowhere.has('c_7')).toBe(false)
  })
})

describe('a session', () => {
  it('asks for what it missed after a short wait, once', () => {
    live(10)
    socket().say(ev(12, row('c_1', 12, { name: 'second' })))
    expect(name('c_1')).toBe('c_1')
    clock.pass(299)
    expect(socket().of('diff')).toEqual([])
    clock.pass(2)
    expect(socket().of('diff')).toEqual([{ t: 'diff', ws: 'w_1', seq: 10 }])
    socket().say(ev(11, row('c_2', 11, { name: 'first' })))
    expect([name('c_2'), name('c_1')]).toEqual(['first', 'second'])
    clock.pass(60_000 - 302)
    expect(socket().of('diff').length).toBe(1)
  })

  it('does not ask where the order was only mixed up', () => {
    live(10)
    socket().say(ev(12, row('c_1', 12)), ev(11, row('c_2', 11)))
    clock.pass(1000)
    expect(socket().of('diff')).toEqual([])
  })

  it('finds a silent loss by the ping', () => {
    live(10)
    socket().say({ t: 'ping', seqs: { w_1: 11 } })
    expect(socket().of('diff')).toEqual([{ t: 'diff', ws: 'w_1', seq: 10 }])
  })

  it.each([
    ['another epoch', (): void => live(3, 'f')],
    ['a reset', (): void => (live(10), socket().say({ t: 'reset', ws: 'w_1', why: 'too_old' }))],
  ])('reads everything again after %s, and keeps what was typed', async (_why, happens) => {
    session.drafts.change('c_1', 'half a sentence', null)
    session.send({ conv: 'c_2', parts: [{ type: 'text', body: 'waiting' }] })
    bootNow = boot(20, 'f', [conversation('c_9', { name: 'fresh' })])
    happens()
    await settled()
    expect(boots).toBe(1)
    expect([...session.store.conversations.keys()]).toEqual(['c_9'])
    expect(session.store.drafts.get('c_1')?.text).toBe('half a sentence')
    expect(session.outbox.of('c_2').length).toBe(1)
    expect(socket().of('cmd').length).toBeGreaterThan(0)
  })

  it('holds events while it reads again, and applies those that are newer', async () => {
    live(10)
    bootNow = boot(21, 'e', [conversation('c_1', { rev: 21, name: 'read' })])
    socket().say({ t: 'reset', ws: 'w_1', why: 'overflow' }, ev(21, row('c_1', 21, { name: 'old' })), ev(22, row('c_1', 22, { name: 'newest' })))
    await settled()
    expect(name('c_1')).toBe('newest')
  })

  it('reads again when it may see another workspace', async () => {
    bootNow = boot(10)
    socket().onopen?.()
    socket().say({ t: 'resumed', sid: 's', streams: { ...heads(10), w_2: { epoch: 'g', seq: 1 } }, count: 0, now: clock.now(), build: 'b1' })
    await settled()
    expect(boots).toBe(1)
  })

  it('says when the server is newer than the page', () => {
    live(10, 'e', 'b2')
    expect(session.outdated).toBe(true)
  })

  it('goes by the server’s clock', () => {
    live(10)
    expect(session.now()).toBe(clock.now() + 5000)
  })

  it('turns its own bubble into the message, whichever comes first', async () => {
    live(10)
    pages[''] = { items: [message(1)], before: false, after: false }
    await session.show('c_1', null)
    const cid = session.send({ conv: 'c_1', parts: [{ type: 'text', body: 'hi' }] })
    const own = message(2, { id: 'm_own', dir: 'out', cid })
    socket().say(ev(11, { e: 'message.new', msg: own }))
    socket().say({ t: 'ok', cid, d: { type: 'sent', seq: 11, messages: ['m_own'] } })
    await settled()
    expect(session.outbox.of('c_1')).toEqual([])
    expect(session.store.keyOf('m_own')).toBe(cid)
    expect(session.store.idOf(cid)).toBe('m_own')
  })

  it('loads pages at both ends of where it stands', async () => {
    live(10)
    pages['around=m_5'] = { items: [message(5)], before: true, after: true }
    pages['before=m_5'] = { items: [message(4)], before: false, after: true }
    pages['after=m_5'] = { items: [message(6)], before: true, after: false }
    await session.show('c_1', 'm_5')
    await session.pages.older('c_1')
    await session.pages.later('c_1')
    expect(session.store.threads.get('c_1')).toMatchObject({ ids: ['m_4', 'm_5', 'm_6'], moreBefore: false, moreAfter: false })
  })

  it('shows the newest where the linked message is gone', async () => {
    live(10)
    pages[''] = { items: [message(9)], before: false, after: false }
    await session.show('c_1', 'm_gone')
    expect(session.store.threads.get('c_1')?.ids).toEqual(['m_9'])
  })

  it('reads the open conversation when the connection is back, where it could not be read before', async () => {
    live(10)
    offline = true
    await session.show('c_1', null)
    expect(session.store.threads.get('c_1')).toMatchObject({ loaded: false, failed: true })
    offline = false
    pages[''] = { items: [message(9)], before: false, after: false }
    socket().say({ t: 'resumed', sid: 's', streams: heads(10), count: 0, now: clock.now(), build: 'b1' })
    await settled()
    expect(session.store.threads.get('c_1')?.ids).toEqual(['m_9'])
  })

  it('reads a list by pages through the socket', () => {
    live(10)
    const folder = { status: 'closed' as const }
    session.view(folder)
    const frame = socket().of('view')[0] as { id: string }
    socket().say({ t: 'window', at: {}, id: frame.id, rows: [conversation('c_7', { status: 'closed' })], next: 'n' })
    expect(session.store.list(folder).ids).toEqual(['c_7'])
    session.view(folder)
    expect(socket().of('view')[1]).toMatchObject({ after: 'n' })
  })

  it('reads a conversation again that another became part of', async () => {
    live(10)
    pages[''] = { items: [message(1)], before: false, after: false }
    await session.show('c_1', null)
    asked = []
    socket().say(ev(11, { e: 'conv.merge', gone: 'c_2', into: 'c_1' }))
    await settled()
    expect(session.store.conversations.has('c_2')).toBe(false)
    expect(asked.some((path) => path.includes('c_1/messages'))).toBe(true)
    expect(session.store.merged.get('c_2')).toBe('c_1')
  })

  it('marks read once, and again only after more', () => {
    bootNow = boot(10)
    live(10)
    socket().say(ev(11, row('c_1', 11, { unread: 2, last_pos: 5 })))
    session.read('c_1', 5)
    session.read('c_1', 5)
    expect(socket().of('cmd').length).toBe(1)
    socket().say(ev(12, row('c_1', 12, { unread: 1, last_pos: 6, read_pos: 5 })))
    session.read('c_1', 6)
    expect(socket().of('cmd').length).toBe(2)
  })

  it('saves a draft after a second of silence, or when one leaves', async () => {
    live(10)
    await session.show('c_1', null)
    session.drafts.change('c_1', 'a', null)
    clock.pass(900)
    session.drafts.change('c_1', 'ab', null)
    clock.pass(900)
    expect(socket().of('cmd')).toEqual([])
    clock.pass(200)
    expect(socket().of('cmd')).toMatchObject([{ d: { op: 'conv.draft', text: 'ab' } }])
    session.drafts.change('c_1', 'abc', null)
    await session.show('c_2', null)
    expect(socket().of('cmd')).toMatchObject([{}, { d: { text: 'abc' } }])
    expect(socket().of('close')).toEqual([{ t: 'close', conv: 'c_1' }])
  })

  it('says that one is typing at most every three seconds', () => {
    live(10)
    session.typing('c_1', 'reply')
    session.typing('c_1', 'reply')
    clock.pass(3001)
    session.typing('c_1', 'note')
    session.typing('c_1', 'stopped')
    session.typing('c_1', 'stopped')
    expect(socket().of('typing').map((one) => one.mode)).toEqual(['reply', 'note', 'stopped'])
  })

  it('ends as the server after drops, doubles and disorder', async () => {
    live(10)
    const total = 300
    const said = Array.from({ length: total }, (_, n) => ev(11 + n, row('c_1', 11 + n, { name: `n${11 + n}` })))
    let random = 7
    const chance = (): number => (random = (random * 16807) % 2147483647) / 2147483647
    for (const one of said) {
      if (chance() < 0.2) continue // lost
      socket().say(one)
      if (chance() < 0.2) socket().say(one)
      if (chance() < 0.1) clock.pass(400)
      for (const diff of socket().of('diff').splice(0)) {
        const after = Number(diff.seq)
        for (const lost of said) if (lost.seq > after && lost.seq <= one.seq) socket().say(lost)
      }
    }
    socket().say({ t: 'ping', seqs: { w_1: 10 + total } })
    clock.pass(400)
    const last = socket().of('diff').at(-1)
    for (const lost of said) if (lost.seq > Number(last?.seq ?? 0)) socket().say(lost)
    await settled()
    expect(name('c_1')).toBe(`n${10 + total}`)
  })
})
