// Where one workspace's stream stands here: which event may be applied, which has to wait.

import type { Ev, StreamHead } from './wire'

export const MOST_HELD = 2000

export class Position {
  epoch: string
  last: number
  private held = new Map<number, Ev>()

  constructor(head: StreamHead) {
    this.epoch = head.epoch
    this.last = head.seq
  }

  get head(): StreamHead {
    return { epoch: this.epoch, seq: this.last }
  }

  /** Something is missing before what we hold. */
  get gap(): boolean {
    return this.held.size > 0
  }

  get overflown(): boolean {
    return this.held.size > MOST_HELD
  }

  /** The events that may be applied now, in order: none, this one, or this one and what waited for it. */
  take(ev: Ev): Ev[] {
    // A draft is sent apart from the public events and may come behind a newer one; it carries its own time.
    if (ev.seq <= this.last) return ev.d.e === 'draft' ? [ev] : []
    if (ev.prev > this.last) {
      this.held.set(ev.seq, ev)
      return []
    }
    this.last = ev.seq
    return [ev, ...this.release()]
  }

  /** The state is being read again: keep what comes meanwhile. */
  hold(ev: Ev): void {
    this.held.set(ev.seq, ev)
  }

  /** What was held belongs to a state that is given up. */
  forget(): void {
    this.held.clear()
  }

  /** The state was read again at `head`: what waited is applied if it is newer and follows. */
  restart(head: StreamHead): Ev[] {
    this.epoch = head.epoch
    this.last = head.seq
    return this.release()
  }

  private release(): Ev[] {
    const free: Ev[] = []
    for (const ev of [...this.held.values()].sort((a, b) => a.seq - b.seq)) {
      if (ev.prev > this.last) break
      this.held.delete(ev.seq)
      if (ev.seq <= this.last) continue
      this.last = ev.seq
      free.push(ev)
    }
    return free
  }
}
