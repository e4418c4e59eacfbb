// A held clock, a socket one can pull, and small views: for the tests of this folder.

import type { Clock } from './clock'
import type { Socket } from './connection'
import type { ConversationView, Ev, MessageView, ServerFrame } from './wire'

export class HeldClock implements Clock {
  at = 1_800_000_000_000
  private timers: { due: number; run: () => void }[] = []

  now(): number {
    return this.at
  }
  random(): number {
    return 0.5
  }
  after(ms: number, run: () => void): { cancel(): void } {
    const timer = { due: this.at + ms, run }
    this.timers.push(timer)
    return { cancel: () => (this.timers = this.timers.filter((one) => one !== timer)) }
  }
  /** Let time pass, and what was waited for happen, in order. */
  pass(ms: number): void {
    const end = this.at + ms
    for (;;) {
      const next = this.timers.filter((one) => one.due <= end).sort((a, b) => a.due - b.due)[0]
      if (!next) break
      this.timers = this.timers.filter((one) => one !== next)
      this.at = next.due
      next.run()
    }
    this.at = end
  }
}

export class FakeSocket implements Socket {
  onopen: (() => void) | null = null
  onmessage: ((data: string) => void) | null = null
  onclose: ((code: number) => void) | null = null
  sent: Record<string, unknown>[] = []
  closed = false

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>)
  }
  close(): void {
    this.closed = true
  }
  say(...frames: ServerFrame[]): void {
    this.onmessage?.(JSON.stringify(frames.length === 1 ? frames[0] : frames))
  }
  of(kind: string): Record<string, unknown>[] {
    return this.sent.filter((one) => one.t === kind)
  }
}

export function message(pos: number, more: Partial<MessageView> = {}): MessageView {
  return {
    id: `m_${pos}`,
    ws: 'w_1',
    conv: 'c_1',
    rev: pos,
    pos,
    dir: 'in',
    kind: 'text',
    author: { kind: 'contact', name: 'Ivan' },
    parts: [{ type: 'text', body: `text ${pos}` }],
    text: `text ${pos}`,
    at: 1_800_000_000_000 + pos * 1000,
    received_at: 1_800_000_000_000 + pos * 1000,
    ...more,
  }
}

export function conversation(id: string, more: Partial<ConversationView> = {}): ConversationView {
  return { id, ws: 'w_1', rev: 1, channel: 'ch_1', name: id, last_at: 1, ...more }
}

export function ev(seq: number, d: Ev['d'], prev = seq - 1): Ev {
  return { t: 'ev', ws: 'w_1', seq, prev, d }
}
