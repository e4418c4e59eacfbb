// What a bad line, a late page and a second tab do to a session: named after what once went wrong.

import { beforeEach, describe, expect, it } from 'vitest'
import type { MessagePage } from './api'
import { later } from './threads'
import { Session } from './session'
import { NoShelf } from './shelf'
import { conversation, ev, FakeSocket, HeldClock, message } from './testing'
import type { Boot, Draft, Ev, ServerFrame, StreamHead } from './wire'

const settled = (): Promise<void> => new Promise((done) => setTimeout(done, 0))
const heads = (seq: number, epoch = 'e'): Record<string, StreamHead> => ({ w_1: { epoch, seq } })

let clock: HeldClock
let sockets: FakeSocket[]
let work: (() => void)[]
let scheduled: (run: () => void) => void
let pages: ((page: MessagePage) => void)[]
let boots: ((boot: Boot) => void)[]
let session: Session
const socket = (): FakeSocket => sockets.at(-1) as FakeSocket

function boot(seq: number, more: Partial<Boot> = {}): Boot {
  return {
    operator: { id: 'o_1', name: 'Anna' },
    locale: 'en',
    workspaces: [{ id: 'w_1', name: 'W', role: 'owner' }],
    streams: heads(seq),
    channels: [],
    labels: [],
    operators: {},
    counters: {},
    conversations: [conversation('c_1'), conversation('c_2')],
    csrf: 'x',
    build: 'b1',
    now: clock.now(),
    ...more,
  }
}

function live(seq: number, t: 'ready' | 'resumed' = 'ready'): void {
  const common = { sid: 's', streams: heads(seq), now: clock.now(), build: 'b1' }
  const frame: ServerFrame = t === 'ready' ? { t, ...common, hb: 25_000, limits: {} } : { t, ...common, count: 0 }
  socket().onopen?.()
  socket().say(frame)
}

function drop(): void {
  socket().onclose?.(1006)
  clock.pass(20_000)
}

const patched = (pos: number, rev: number, more: object = {}): Ev['d'] => ({ e: 'message.patch', msg: message(pos, { rev, ...more }) })
const shown = (conv = 'c_1'): string[] => session.store.threads.get(conv)?.ids ?? []

async function opened(...positions: number[]): Promise<void> {
  const showing = session.show('c_1', null)
  pages.shift()?.({ items: positions.map((pos) => message(pos)), before: false, after: false })
  await showing
}

beforeEach(async () => {
  clock = new HeldClock()
  sockets = []
  work = []
  pages = []
  boots = []
  scheduled = (run) => run()
  let cids = 0
  session = new Session(boot(10), {
    clock,
    shelf: new NoShelf(),
    http: {
      get: (path) =>
        path.includes('/messages?')
          ? new Promise((done) => pages.push(done as (page: MessagePage) => void))
          : Promise.resolve({ ok: true }),
      send: () => Promise.resolve(null),
    },
    open: () => {
      sockets.push(new FakeSocket())
      return socket()
    },
    schedule: (run) => scheduled(run),
    readBoot: () => new Promise((done) => boots.push(done)),
    makeCid: () => `cid_${++cids}`,
    tab: 't',
    locale: () => 'en',
  })
  await session.start()
})

describe('a replay', () => {
  it('of five thousand events is taken whole, not refused and asked for again for ever', () => {
    live(10)
    drop()
    scheduled = (run) => work.push(run)
    socket().onopen?.()
    const all = Array.from({ length: 5_000 }, (_, n) => ev(11 + n, { e: 'channel.gone', id: 'ch' }))
    socket().say({ t: 'resumed', sid: 's', streams: heads(5_010), count: all.length, now: clock.now(), build: 'b1' })
    socket().say(...all)
    while (work.length) work.shift()?.()
    expect(sockets.length).toBe(2)
    expect(session.connection.live).toBe(true)
    socket().say({ t: 'ping', seqs: { w_1: 5_010 } })
    while (work.length) work.shift()?.()
    expect(socket().of('diff')).toEqual([])
  })

  it('that never ends is left, so that the page keeps its memory', () => {
    live(10)
    scheduled = (run) => work.push(run)
    for (let seq = 11; seq < 10_020; seq++) socket().say(ev(seq, { e: 'channel.gone', id: 'ch' }))
    expect(session.connection.state.name).toBe('waiting')
  })
})

describe('a broken frame', () => {
  it('ends the connection, and the next one resumes', () => {
    live(10)
    socket().onmessage?.('{"t":"ev","ws":"w_')
    expect(session.connection.state.name).toBe('waiting')
    clock.pass(20_000)
    socket().onopen?.()
    expect(socket().sent[0]).toMatchObject({ t: 'resume', streams: heads(10) })
  })
})

describe('a page of messages that was read before something happened', () => {
  it('does not hide a status', async () => {
    live(10)
    const showing = session.show('c_1', null)
    socket().say(ev(11, { e: 'message.status', conv: 'c_1', id: 'm_1', rev: 11, st: 'delivered' }))
    pages.shift()?.({ items: [message(1, { st: 'sent' })], before: false, after: false })
    await showing
    expect(session.store.messages.get('m_1')?.st).toBe('delivered')
  })

  it('does not hide an edit, nor a message', async () => {
    live(10)
    const showing = session.show('c_1', null)
    socket().say(ev(11, patched(1, 11, { text: 'edited' })), ev(12, { e: 'message.new', msg: message(2, { rev: 12 }) }))
    pages.shift()?.({ items: [message(1)], before: false, after: false })
    await showing
    expect(session.store.messages.get('m_1')?.text).toBe('edited')
    expect(shown()).toEqual(['m_1', 'm_2'])
  })

  it('is not taken for the one that was asked for after a reset', async () => {
    live(10)
    void session.show('c_1', null)
    const late = pages.shift()
    socket().say({ t: 'reset', ws: 'w_1', why: 'too_old' })
    boots.shift()?.(boot(20))
    await settled()
    late?.({ items: [message(1, { text: 'old' })], before: false, after: false })
    await settled()
    expect(shown()).toEqual([])
    pages.shift()?.({ items: [message(1, { text: 'new', rev: 19 })], before: false, after: false })
    await settled()
    expect(session.store.messages.get('m_1')?.text).toBe('new')
  })
})

describe('a message whose time changed', () => {
  it('takes its place, wherever it was', async () => {
    live(10)
    for (const moved of [1, 2, 3, 4, 5]) {
      session.store.threads.get('c_1')?.clear()
      await opened(1, 2, 3, 4, 5)
      const told: string[] = []
      const stop = session.store.subscribe('thread:c_1', () => told.push('moved'))
      socket().say(ev(10 + moved, patched(moved, 10 + moved, { pos: 9, at: 1_800_000_009_000 })))
      stop()
      const all = shown().map((id) => session.store.messages.get(id) ?? message(0))
      expect(all).toEqual([...all].sort(later))
      expect(shown().length).toBe(5)
      expect(told.length).toBe(moved === 5 ? 0 : 1)
    }
  })
})

describe('a draft', () => {
  const draft = (text: string, at: number): Ev['d'] => ({ e: 'draft', draft: { conv: 'c_1', text, at } })

  it('that is gone does not come back with a repetition', () => {
    live(10)
    const first = ev(11, draft('half', 5))
    socket().say(first, ev(12, draft('', 6)), first)
    expect(session.store.drafts.has('c_1')).toBe(false)
  })

  it('that was ended elsewhere goes when everything is read again; what was just typed here stays', async () => {
    const known: Draft = { conv: 'c_2', text: 'from another tab', at: 5 }
    live(10)
    socket().say(ev(11, { e: 'draft', draft: known }))
    session.drafts.change('c_1', 'typed here', null)
    socket().say({ t: 'reset', ws: 'w_1', why: 'too_old' })
    boots.shift()?.(boot(20))
    await settled()
    expect([...session.store.drafts.keys()]).toEqual(['c_1'])
  })
})

describe('a draft that could not be saved', () => {
  it('is tried again soon where the server is only busy', async () => {
    live(10)
    session.drafts.change('c_1', 'half', null)
    clock.pass(1_000)
    const { cid } = socket().of('cmd')[0] as { cid: string }
    socket().say({ t: 'err', cid, code: 'too_many', text: '', retry: true })
    await settled()
    clock.pass(1_000)
    expect(socket().of('cmd').length).toBe(2)
  })

  it('is tried again with the next connection', async () => {
    live(10)
    session.drafts.change('c_1', 'half', null)
    clock.pass(1_000)
    const { cid } = socket().of('cmd')[0] as { cid: string }
    socket().say({ t: 'err', cid, code: 'not_found', text: '' })
    await settled()
    drop()
    live(10, 'resumed')
    clock.pass(1_000)
    expect(socket().of('cmd')).toMatchObject([{ d: { op: 'conv.draft', conv: 'c_1', text: 'half' } }])
    const again = socket().of('cmd')[0] as { cid: string }
    socket().say({ t: 'ok', cid: again.cid, d: { type: 'did', seq: 11 } })
    await settled()
    expect(session.drafts.unsaved('c_1')).toBe(false)
  })
})

describe('reading again over a connection that was lost meanwhile', () => {
  it('asks for what happened between the two', async () => {
    live(10)
    socket().say({ t: 'reset', ws: 'w_1', why: 'too_old' })
    drop()
    live(20, 'resumed')
    socket().say({ t: 'reset', ws: 'w_1', why: 'too_old', stream: { epoch: 'e', seq: 20 } })
    socket().say(ev(21, { e: 'conv.patch', row: conversation('c_1', { rev: 21, name: 'new' }) }))
    boots.shift()?.(boot(18)) // it was read before the connection came back
    await settled()
    clock.pass(400)
    expect(socket().of('diff')).toEqual([{ t: 'diff', ws: 'w_1', seq: 18 }])
  })
})

describe('a command', () => {
  it('is said once on a connection, however often the state is read again on it', async () => {
    live(10)
    void session.perform({ op: 'conv.close', conv: 'c_1' })
    for (let again = 0; again < 6; again++) {
      socket().say({ t: 'reset', ws: 'w_1', why: 'overflow' })
      boots.shift()?.(boot(20 + again))
      await settled()
    }
    expect(socket().of('cmd').length).toBe(1)
    drop()
    live(26, 'resumed')
    expect(socket().of('cmd').length).toBe(1)
  })
})

describe('a command behind others', () => {
  it('is not given up for connections that ended before its turn', async () => {
    live(10)
    const first = session.perform({ op: 'conv.close', conv: 'c_1' }).catch((error: { code: string }) => error.code)
    const second = session.perform({ op: 'conv.close', conv: 'c_2' })
    for (let again = 0; again < 6; again++) {
      drop()
      live(10, 'resumed')
    }
    expect(await first).toBe('no_answer')
    const { cid } = socket().of('cmd')[0] as { cid: string }
    socket().say({ t: 'ok', cid, d: { type: 'did', seq: 10 } })
    expect(await second).toEqual({ type: 'did', seq: 10 })
  })
})

describe('a conversation opened by its address', () => {
  it('gets its row from the window', () => {
    live(10)
    socket().say({ t: 'window', at: { w_1: 10 }, conv: 'c_7', rows: [conversation('c_7', { name: 'far down' })] })
    expect(session.store.conversations.get('c_7')?.name).toBe('far down')
  })
})
