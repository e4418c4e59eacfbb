// What a session needs from its surroundings, in Node: socket, HTTP that may fail, and a clock in haste.

import { HttpError, type Http } from '../core/api'
import type { Clock } from '../core/clock'
import type { Socket } from '../core/connection'
import type { Environment } from '../core/session'
import { NoShelf } from '../core/shelf'
import type { Boot } from '../core/wire'

export interface Place {
  http: string
  socket: string
  cookie: string
}

const LATE = 60 // ms an answer may come late by
const FAILS = 0.05

export function quickClock(haste: number): Clock {
  const began = Date.now()
  return {
    now: () => began + (Date.now() - began) * haste,
    random: () => Math.random(),
    after(ms, run) {
      const timer = setTimeout(run, ms / haste)
      return { cancel: () => clearTimeout(timer) }
    },
  }
}

export class Line {
  opened = 0
  boots = 0
  private quiet = false
  private csrf = ''

  constructor(
    private place: Place,
    private chance: () => number,
    private clock: Clock,
  ) {}

  /** From now on HTTP fails no more. */
  calm(): void {
    this.quiet = true
  }

  async readBoot(): Promise<Boot> {
    this.boots += 1
    const boot = (await this.ask('GET', '/boot.json')) as Boot
    this.csrf = boot.csrf
    return boot
  }

  environment(): Environment {
    let cids = 0
    const tab = Math.random().toString(36).slice(2, 10)
    const http: Http = {
      get: (path) => this.shaky(() => this.ask('GET', path)),
      send: (method, path, body) => this.shaky(() => this.ask(method, path, body)),
    }
    return {
      clock: this.clock,
      http,
      shelf: new NoShelf(),
      open: () => this.socket(),
      schedule: (run) => setTimeout(run, 2),
      readBoot: () => this.shaky(() => this.readBoot()),
      makeCid: () => `${tab}.${(cids += 1)}`,
      tab,
      locale: () => 'en',
    }
  }

  /** An answer that comes late shows what was true a while ago. */
  private async shaky<T>(ask: () => Promise<T>): Promise<T> {
    const fails = !this.quiet && this.chance() < FAILS
    const answer = await ask()
    await new Promise((done) => setTimeout(done, this.chance() * LATE))
    if (fails) throw new HttpError(0, 'offline', '')
    return answer
  }

  private async ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const headers: Record<string, string> = { cookie: this.place.cookie, origin: this.place.http, accept: 'application/json' }
    if (body !== undefined) headers['content-type'] = 'application/json'
    if (method !== 'GET') headers['x-csrf-token'] = this.csrf
    const answer = await fetch(this.place.http + path, {
      method,
      headers,
      signal: AbortSignal.timeout(20_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const said = (await answer.json().catch(() => null)) as Record<string, unknown> | null
    if (!answer.ok) throw new HttpError(answer.status, String(said?.code ?? ''), String(said?.title ?? ''))
    return said
  }

  private socket(): Socket {
    this.opened += 1
    const headers = { cookie: this.place.cookie, origin: this.place.http }
    const ws = new WebSocket(`${this.place.socket}/realtime`, { headers } as never) // Node takes headers here
    const socket: Socket = {
      send: (text) => {
        if (ws.readyState === WebSocket.OPEN) ws.send(text)
      },
      close: () => ws.close(),
      onopen: null,
      onmessage: null,
      onclose: null,
    }
    ws.onopen = () => socket.onopen?.()
    ws.onmessage = (event) => socket.onmessage?.(String(event.data))
    ws.onclose = (event) => socket.onclose?.(event.code)
    return socket
  }
}
