// Asking while a person types: not on every letter, only the newest question counts, pages on demand.

import type { Clock, Timer } from './clock'

export interface Found<T> {
  items: readonly T[]
  next: string | null
}

export interface Asking<Q, T> {
  clock: Clock
  /** Reads a page. Whoever is not wanted any more is told by the signal. */
  ask(query: Q, cursor: string | null, signal: AbortSignal): Promise<Found<T>>
  /** Another question worth asking when nothing was found. */
  instead?(query: Q): Q | null
  changed(): void
}

export const PAUSE = 180

/** `waiting`: what is shown belongs to an older question still. */
export type FinderState = 'idle' | 'waiting' | 'found' | 'failed'

export class Finder<Q, T> {
  state: FinderState = 'idle'
  items: readonly T[] = []
  /** The question that `items` answer; not always the one that was asked. */
  answered: Q | null = null
  error: unknown = null
  loadingMore = false

  private query: Q | null = null
  private next: string | null = null
  private pause: Timer | null = null
  private going: AbortController | null = null

  constructor(private asking: Asking<Q, T>) {}

  get more(): boolean {
    return this.next !== null
  }

  /** This is what is looked for now; null: nothing. What was asked before is not waited for. */
  want(query: Q | null): void {
    this.stop()
    this.query = query
    if (query === null) {
      this.show([], null, null)
      this.state = 'idle'
    } else {
      this.state = 'waiting'
      this.pause = this.asking.clock.after(PAUSE, () => void this.first(query))
    }
    this.asking.changed()
  }

  /** At once, and once more after a failure. */
  hurry(): void {
    if (this.query === null) return
    if (this.state === 'found') {
      if (this.error) void this.further()
      return
    }
    this.stop()
    this.state = 'waiting'
    this.asking.changed()
    void this.first(this.query)
  }

  /** The next page, if there is one and it is not on its way. */
  async further(): Promise<void> {
    const { answered, next } = this
    if (answered === null || next === null || this.loadingMore || this.state !== 'found') return
    const going = this.start()
    this.loadingMore = true
    this.error = null
    this.asking.changed()
    try {
      const page = await this.read(answered, next, going.signal)
      if (going.signal.aborted) return
      this.items = [...this.items, ...page.items]
      this.next = page.next
    } catch (error) {
      if (going.signal.aborted) return
      this.error = error // what was found stays
    }
    this.loadingMore = false
    this.asking.changed()
  }

  stop(): void {
    this.pause?.cancel()
    this.going?.abort()
    this.pause = this.going = null
    this.loadingMore = false
  }

  private async first(query: Q): Promise<void> {
    const { signal } = this.start()
    try {
      let asked = query
      let page = await this.read(query, null, signal)
      const other = page.items.length || signal.aborted ? null : (this.asking.instead?.(query) ?? null)
      if (other !== null) {
        const second = await this.read(other, null, signal)
        if (second.items.length) [asked, page] = [other, second]
      }
      if (signal.aborted) return
      this.show(page.items, page.next, asked)
      this.state = 'found'
    } catch (error) {
      if (signal.aborted) return
      this.show([], null, null)
      this.state = 'failed'
      this.error = error
    }
    this.asking.changed()
  }

  /** A page may be empty and still not the last: where filters let little through. */
  private async read(query: Q, cursor: string | null, signal: AbortSignal): Promise<Found<T>> {
    for (;;) {
      const page = await this.asking.ask(query, cursor, signal)
      if (page.items.length || page.next === null || signal.aborted) return page
      cursor = page.next
    }
  }

  private start(): AbortController {
    this.stop()
    this.going = new AbortController()
    return this.going
  }

  private show(items: readonly T[], next: string | null, answered: Q | null): void {
    this.items = items
    this.next = next
    this.answered = answered
    this.error = null
  }
}
