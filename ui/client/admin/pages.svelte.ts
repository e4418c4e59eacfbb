// A list that comes in pages: what is here, whether there is more, and asking for it.

import type { Desk } from './desk.svelte'

export interface Part<T> {
  items: readonly T[]
  /** What to ask with for more; "" or null: this was the end. */
  next: string | null
}

export class Pages<T> {
  items: T[] = $state.raw([])
  loading: boolean = $state(false)
  loaded: boolean = $state(false)
  problem: string = $state('')
  private next: string | null = $state(null)
  private turn = 0

  constructor(
    private desk: Desk,
    private ask: (after: string) => Promise<Part<T>>,
  ) {}

  get more(): boolean {
    return Boolean(this.next)
  }

  /** From the beginning, maybe with another question. */
  async start(ask: (after: string) => Promise<Part<T>> = this.ask): Promise<void> {
    this.ask = ask
    this.items = []
    this.loaded = false
    this.next = null
    await this.page('')
  }

  async further(): Promise<void> {
    if (this.next && !this.loading) await this.page(this.next)
  }

  /** Another thing in the place of one that is here. */
  put(at: number, item: T): void {
    this.items = this.items.map((one, n) => (n === at ? item : one))
  }

  drop(item: T): void {
    this.items = this.items.filter((one) => one !== item)
  }

  private async page(after: string): Promise<void> {
    const turn = ++this.turn
    this.loading = true
    this.problem = ''
    try {
      const { items, next } = await this.ask(after)
      if (turn !== this.turn) return // asked otherwise meanwhile
      this.items = [...this.items, ...items]
      this.next = next
      this.loaded = true
    } catch (error) {
      if (turn === this.turn) this.problem = this.desk.trouble(error).said
    } finally {
      if (turn === this.turn) this.loading = false
    }
  }
}
