// What this page still has to say: kept over a reload, one message in flight per conversation, in order.

import { backoff } from './backoff'
import type { Clock } from './clock'
import { CommandError } from './requests'
import type { AnyAnswer, SendMessage } from './wire'

export type PendingState = 'queued' | 'sending' | 'accepted' | 'failed'

export interface Pending {
  cid: string
  command: SendMessage
  at: number
  state: PendingState
  /** The message it became, once the server said so. */
  id?: string
  code?: string
  text?: string
  data?: Record<string, unknown>
}

export interface Shelf {
  load(): Promise<Pending[]>
  put(pending: Pending): Promise<void>
  remove(cid: string): Promise<void>
}

export interface OutboxOptions {
  clock: Clock
  shelf: Shelf
  perform(command: SendMessage, cid: string): Promise<AnyAnswer>
  makeCid(): string
  /** The server took it as this message. True: the message is here already. */
  accepted(cid: string, id: string): boolean
  changed(conv: string): void
}

export class Outbox {
  private pending = new Map<string, Pending>()
  private busy = new Set<string>()

  constructor(private options: OutboxOptions) {}

  /** What an earlier page could not send goes first. The same cid: the server knows what it has done. */
  async restore(): Promise<void> {
    const all = (await this.options.shelf.load()).sort((a, b) => a.at - b.at)
    for (const one of all) if (one.state === 'accepted') void this.options.shelf.remove(one.cid)
    const kept = all.filter((one) => one.state !== 'accepted')
    const fresh = [...this.pending.values()]
    this.pending.clear()
    for (const one of kept) this.pending.set(one.cid, one.state === 'failed' ? one : { ...one, state: 'queued' })
    for (const one of fresh) this.pending.set(one.cid, one)
    for (const conv of new Set(kept.map((one) => one.command.conv))) {
      this.options.changed(conv)
      this.pump(conv)
    }
  }

  add(command: SendMessage): string {
    const cid = this.options.makeCid()
    this.keep({ cid, command, at: this.options.clock.now(), state: 'queued' })
    this.pump(command.conv)
    return cid
  }

  get(cid: string): Pending | undefined {
    return this.pending.get(cid)
  }

  /** In the order they were said. */
  of(conv: string): Pending[] {
    return [...this.pending.values()].filter((one) => one.command.conv === conv)
  }

  /** The sender's own message came by the stream: its bubble is the real one from now on. */
  settle(cid: string): boolean {
    const one = this.pending.get(cid)
    if (!one) return false
    this.pending.delete(cid)
    void this.options.shelf.remove(cid)
    this.options.changed(one.command.conv)
    return true
  }

  retry(cid: string, change: Partial<SendMessage> = {}): void {
    const one = this.pending.get(cid)
    if (one?.state !== 'failed') return
    this.keep({ cid, command: { ...one.command, ...change }, at: one.at, state: 'queued' })
    this.pump(one.command.conv)
  }

  /** Take back what failed; gives its command, so that it can be edited. */
  discard(cid: string): SendMessage | undefined {
    const one = this.pending.get(cid)
    if (one?.state !== 'failed') return undefined
    this.settle(cid)
    return one.command
  }

  private pump(conv: string): void {
    if (this.busy.has(conv)) return
    const next = this.of(conv).find((one) => one.state === 'queued')
    if (!next) return
    this.busy.add(conv)
    void this.deliver(next, 0).finally(() => {
      this.busy.delete(conv)
      this.pump(conv)
    })
  }

  private async deliver(one: Pending, attempt: number): Promise<void> {
    this.keep({ ...one, state: 'sending' })
    try {
      const answer = await this.options.perform(one.command, one.cid)
      const now = this.pending.get(one.cid)
      if (!now || answer.type !== 'sent') return
      const id = answer.messages[0] ?? ''
      if (this.options.accepted(one.cid, id)) this.settle(one.cid)
      else this.keep({ ...now, state: 'accepted', id })
    } catch (error) {
      const why = error instanceof CommandError ? error : new CommandError('failed', String(error), false, {})
      if (!this.pending.has(one.cid)) return
      if (!why.retry) {
        this.keep({ ...one, state: 'failed', code: why.code, text: why.text, data: why.data })
        return
      }
      await this.pause(why, attempt)
      if (this.pending.has(one.cid)) await this.deliver(one, attempt + 1)
    }
  }

  private pause(why: CommandError, attempt: number): Promise<void> {
    const { clock } = this.options
    const asked = Number(why.data.after ?? 0) * 1000
    return new Promise((done) => clock.after(Math.max(asked, backoff(attempt, clock.random())), done))
  }

  private keep(one: Pending): void {
    this.pending.set(one.cid, one)
    void this.options.shelf.put(one)
    this.options.changed(one.command.conv)
  }
}
