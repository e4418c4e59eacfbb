// One conversation's loaded messages: one unbroken range, in the order they are shown.

import type { AnyStreamEvent, MessageView } from './wire'

/** The provider's time, then our order of arrival. */
export function later(a: MessageView, b: MessageView): number {
  return a.at - b.at || a.pos - b.pos
}

export class Thread {
  ids: string[] = []
  moreBefore = true
  moreAfter = false
  loaded = false
  loading: 'around' | 'before' | 'after' | null = null
  failed = false
  /** What happened while a page was on its way: the page may have been read before it. */
  private meanwhile: AnyStreamEvent[] = []
  private turn = 0

  constructor(private messages: Map<string, MessageView>) {}

  /** A page is being asked for. The number tells its answer from one that nobody waits for any more. */
  ask(how: 'around' | 'before' | 'after'): number {
    this.loading = how
    return (this.turn += 1)
  }

  awaits(turn: number): boolean {
    return this.loading !== null && this.turn === turn
  }

  /** Keep an event for when the page is here. */
  keep(event: AnyStreamEvent): void {
    if (this.loading) this.meanwhile.push(event)
  }

  kept(): AnyStreamEvent[] {
    return this.meanwhile.splice(0)
  }

  /** Put a message where it belongs. False: it lies outside the range, a later page will bring it. */
  insert(message: MessageView): boolean {
    if (!this.loaded) return false
    const known = this.ids.indexOf(message.id)
    if (known >= 0) this.ids.splice(known, 1) // its time may be another now: the order is searched without it
    const at = this.find(message)
    const within = (at > 0 || !this.moreBefore || !this.ids.length) && (at < this.ids.length || !this.moreAfter)
    if (!within && known !== at) return false
    this.ids.splice(at, 0, message.id)
    return true
  }

  /** A page that joins the range at one end, or replaces it. */
  page(rows: readonly MessageView[], more: { before?: boolean; after?: boolean }): void {
    this.loaded = true
    this.loading = null
    this.failed = false
    if (more.before !== undefined) this.moreBefore = more.before
    if (more.after !== undefined) this.moreAfter = more.after
    const known = new Set(this.ids)
    for (const row of rows) if (!known.has(row.id)) this.ids.push(row.id)
    this.ids.sort((a, b) => this.compare(a, b))
  }

  remove(id: string): void {
    const at = this.ids.indexOf(id)
    if (at >= 0) this.ids.splice(at, 1)
  }

  clear(): void {
    this.ids = []
    this.moreBefore = true
    this.moreAfter = false
    this.loaded = false
    this.loading = null
    this.meanwhile = []
  }

  private find(message: MessageView): number {
    let low = 0
    let high = this.ids.length
    while (low < high) {
      const middle = (low + high) >> 1
      const there = this.messages.get(this.ids[middle] ?? '')
      if (there && later(there, message) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  private compare(a: string, b: string): number {
    const one = this.messages.get(a)
    const two = this.messages.get(b)
    return one && two ? later(one, two) : 0
  }
}
