// Something that changes while one looks at it: asked for again and again, and kept while the next answer is on its way.

import type { Desk } from './desk.svelte'

export class Watched<T> {
  /** null: it has not been answered yet. */
  value: T | null = $state.raw(null)
  /** Why the last question was not answered, in words. */
  problem: string = $state('')
  private turn = 0

  /** `every`: milliseconds between two questions; a page that nobody sees asks nothing. */
  constructor(
    private desk: Desk,
    private ask: () => Promise<T>,
    every: number,
  ) {
    $effect(() => {
      const timer = setInterval(() => {
        if (!document.hidden) void this.look()
      }, every)
      return () => {
        clearInterval(timer)
        this.turn += 1 // nobody waits for what is on its way
      }
    })
  }

  async look(): Promise<void> {
    const turn = ++this.turn
    try {
      const value = await this.ask()
      if (turn === this.turn) this.take(value)
    } catch (error) {
      if (turn === this.turn) this.problem = this.desk.trouble(error).said
    }
  }

  /** It is known by other means what is true now. */
  take(value: T): void {
    this.turn += 1
    this.value = value
    this.problem = ''
  }
}
