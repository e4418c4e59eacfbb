import { beforeEach, describe, expect, it } from 'vitest'
import { Connection, type LinkState } from './connection'
import { FakeSocket, HeldClock } from './testing'
import { CloseCode, type ServerFrame } from './wire'

const READY: ServerFrame = { t: 'ready', sid: 's', streams: {}, hb: 25000, now: 0, build: 'b', limits: {} }
let clock: HeldClock
let sockets: FakeSocket[]
let states: LinkState['name'][]
let frames: string[]
let connection: Connection
const socket = (): FakeSocket => sockets.at(-1) as FakeSocket

beforeEach(() => {
  clock = new HeldClock()
  sockets = []
  states = []
  frames = []
  connection = new Connection({
    clock,
    open: () => {
      sockets.push(new FakeSocket())
      return socket()
    },
    schedule: (run) => run(),
    build: 'b',
    tab: 't',
    locale: () => 'ru',
    hooks: {
      heads: () => ({ w_1: { epoch: 'e', seq: 7 } }),
      frame: (frame) => frames.push(frame.t),
      changed: (state) => states.push(state.name),
    },
  })
  connection.start()
})

function live(): void {
  socket().onopen?.()
  socket().say(READY)
}

describe('a connection', () => {
  it('says hello with where it stands, and resumes after that', () => {
    live()
    expect(socket().sent[0]).toMatchObject({ t: 'hello', streams: { w_1: { seq: 7 } }, locale: 'ru' })
    socket().onclose?.(1006)
    clock.pass(20_000)
    socket().onopen?.()
    expect(socket().sent[0]).toMatchObject({ t: 'resume', streams: { w_1: { seq: 7 } } })
  })

  it('sends nothing between open and ready', () => {
    socket().onopen?.()
    expect(connection.send({ t: 'probe' })).toBe(false)
    socket().say(READY)
    expect(connection.send({ t: 'probe' })).toBe(true)
  })

  it('takes several frames in one message and answers a ping', () => {
    live()
    socket().say({ t: 'ping', seqs: { w_1: 8 } }, { t: 'eph', e: 'typing', ws: 'w_1' })
    expect(frames).toEqual(['ready', 'ping', 'eph'])
    expect(socket().of('pong')).toEqual([{ t: 'pong', seqs: { w_1: 8 } }])
  })

  it('leaves after a minute of silence', () => {
    live()
    clock.pass(55_000)
    expect(connection.state.name).toBe('live')
    clock.pass(11_000)
    expect(states).toContain('waiting')
  })

  it('waits longer each time, never over twenty seconds, and never gives up', () => {
    for (let n = 0; n < 30; n++) {
      socket().onclose?.(1006)
      const state = connection.state
      expect(state.name).toBe('waiting')
      if (state.name === 'waiting') expect(state.until - clock.now()).toBeLessThanOrEqual(20_000)
      clock.pass(20_000)
    }
    expect(sockets.length).toBe(31)
  })

  it('comes back at once when the network does', () => {
    socket().onclose?.(1006)
    expect(sockets.length).toBe(1)
    connection.wake()
    expect(sockets.length).toBe(2)
  })

  it('asks after a sleep whether anybody is there', () => {
    live()
    clock.pass(1000)
    connection.wake()
    expect(socket().of('probe').length).toBe(1)
    clock.pass(3100)
    expect(connection.state.name).toBe('waiting')
  })

  it.each([CloseCode.UNAUTHORISED, CloseCode.SESSION_GONE])('says that one has to sign in (%s), and still tries', (code) => {
    live()
    socket().onclose?.(code)
    expect(connection.state).toMatchObject({ name: 'waiting', signedOut: true })
  })

  it('stays away where it is forbidden', () => {
    live()
    socket().onclose?.(CloseCode.FORBIDDEN)
    clock.pass(100_000)
    expect(connection.state.name).toBe('stopped')
    expect(sockets.length).toBe(1)
  })

  it('hears nothing of a socket it has left', () => {
    live()
    const old = socket()
    old.onclose?.(1006)
    clock.pass(20_000)
    old.say({ t: 'ping', seqs: {} })
    expect(frames).toEqual(['ready'])
  })
})
