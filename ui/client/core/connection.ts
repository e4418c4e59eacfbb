// One websocket kept alive: says hello or resume, answers pings, notices silence, comes back by itself.

import { backoff } from './backoff'
import type { Clock, Timer } from './clock'
import { CloseCode, VERSION } from './wire'
import type { ClientFrame, ServerFrame, StreamHead } from './wire'

export interface Socket {
  send(text: string): void
  close(code?: number, reason?: string): void
  onopen: (() => void) | null
  onmessage: ((data: string) => void) | null
  onclose: ((code: number) => void) | null
}

export type LinkState =
  | { name: 'connecting' }
  | { name: 'live' }
  | { name: 'waiting'; until: number; signedOut: boolean }
  | { name: 'stopped' }

export interface ConnectionHooks {
  heads(): Record<string, StreamHead>
  frame(frame: ServerFrame): void
  changed(state: LinkState): void
}

export interface ConnectionOptions {
  clock: Clock
  open(): Socket
  /** Runs work soon: once per frame in a visible tab, on a timer in a hidden one. */
  schedule(run: () => void): void
  build: string
  tab: string
  locale(): string
  hooks: ConnectionHooks
}

const SILENCE = 60_000
const PROBE = 3_000
const LOOK = 5_000
const SLICE = 8
const MOST_QUEUED = 10_000 // a whole replay has 5,000

export class Connection {
  state: LinkState = { name: 'connecting' }
  private socket: Socket | null = null
  private wasLive = false
  private attempt = 0
  private heard = 0
  private retry: Timer | null = null
  private watch: Timer | null = null
  private probing: Timer | null = null
  private queue: ServerFrame[] = []
  private draining = false

  constructor(private options: ConnectionOptions) {}

  start(): void {
    this.connect()
  }

  stop(): void {
    this.become({ name: 'stopped' })
    this.drop()
  }

  get live(): boolean {
    return this.state.name === 'live'
  }

  /** False: not connected; nothing was sent. */
  send(frame: ClientFrame): boolean {
    if (!this.live || !this.socket) return false
    this.socket.send(JSON.stringify(frame))
    return true
  }

  /** The network is back, or the laptop woke up: do not wait, and do not trust an old connection. */
  wake(): void {
    if (this.state.name === 'waiting') {
      this.attempt = 0
      this.connect()
    } else if (this.send({ t: 'probe' }) && !this.probing) {
      const asked = this.options.clock.now()
      this.probing = this.options.clock.after(PROBE, () => {
        this.probing = null
        if (this.heard < asked) this.lost(0)
      })
    }
  }

  private connect(): void {
    this.drop()
    this.become({ name: 'connecting' })
    const socket = this.options.open()
    this.socket = socket
    this.heard = this.options.clock.now()
    this.listen()
    socket.onopen = () => {
      const { build, tab, locale, hooks } = this.options
      const streams = hooks.heads()
      const first: ClientFrame = this.wasLive
        ? { t: 'resume', v: VERSION, streams, build, tab }
        : { t: 'hello', v: VERSION, streams, build, tab, locale: locale() }
      socket.send(JSON.stringify(first))
    }
    socket.onmessage = (data) => {
      if (this.socket === socket) this.receive(data)
    }
    socket.onclose = (code) => {
      if (this.socket === socket) this.lost(code)
    }
  }

  private receive(data: string): void {
    this.heard = this.options.clock.now()
    const parsed = parse(data)
    if (parsed === null || this.queue.length > MOST_QUEUED) {
      this.lost(parsed === null ? CloseCode.PROTOCOL : CloseCode.SLOW) // resume decides: replay, or reset
      return
    }
    for (const frame of Array.isArray(parsed) ? parsed : [parsed]) {
      if (frame.t === 'ping') this.socket?.send(JSON.stringify({ t: 'pong', seqs: frame.seqs }))
      this.queue.push(frame)
    }
    this.drain()
  }

  private drain(): void {
    if (this.draining || !this.queue.length) return
    this.draining = true
    this.options.schedule(() => {
      this.draining = false
      const { clock, hooks } = this.options
      const began = clock.now()
      let done = 0
      while (done < this.queue.length && (done === 0 || clock.now() - began < SLICE)) {
        const frame = this.queue[done++]
        if (!frame) break
        if (frame.t === 'ready' || frame.t === 'resumed') {
          this.attempt = 0
          this.wasLive = true
          this.become({ name: 'live' })
        }
        hooks.frame(frame)
      }
      this.queue.splice(0, done)
      this.drain()
    })
  }

  private listen(): void {
    this.watch?.cancel()
    this.watch = this.options.clock.after(LOOK, () => {
      if (this.options.clock.now() - this.heard > SILENCE) this.lost(0)
      else this.listen()
    })
  }

  private lost(code: number): void {
    this.drop()
    if (code === CloseCode.FORBIDDEN) {
      this.become({ name: 'stopped' })
      return
    }
    const { clock } = this.options
    const wait = backoff(this.attempt++, clock.random())
    const signedOut = code === CloseCode.UNAUTHORISED || code === CloseCode.SESSION_GONE
    this.become({ name: 'waiting', until: clock.now() + wait, signedOut })
    this.retry = clock.after(wait, () => this.connect())
  }

  private drop(): void {
    for (const timer of [this.retry, this.watch, this.probing]) timer?.cancel()
    this.retry = this.watch = this.probing = null
    this.queue = []
    const old = this.socket
    this.socket = null
    old?.close()
  }

  private become(state: LinkState): void {
    this.state = state
    this.options.hooks.changed(state)
  }
}

/** Null: not what a server says; something on the way broke it. */
function parse(data: string): ServerFrame | ServerFrame[] | null {
  try {
    return JSON.parse(data) as ServerFrame | ServerFrame[]
  } catch {
    return null
  }
}
