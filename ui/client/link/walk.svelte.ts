// One attempt as the page sees it. The server goes on by itself; this hears of it, also after a long sleep.

import type { WalkView } from '../admin/wire'
import { HttpError } from '../core/api'
import type { Page } from './page.svelte'

const PAUSE = 2000 // ms between two tries while there is no connection

export class Walk {
  view: WalkView = $state.raw() as WalkView
  going: boolean = $state(false)
  problem: string = $state('')
  /** It cannot go on: it is begun again. */
  ended: boolean = $state(false)
  /** There is no connection at this moment. */
  away: boolean = $state(false)
  private left = false

  constructor(
    private page: Page,
    first: WalkView,
  ) {
    this.view = first
    void this.listen()
  }

  async submit(values: Record<string, string>): Promise<void> {
    if (this.going) return
    this.going = true
    this.problem = ''
    try {
      this.view = await this.page.submit(this.view.id, values)
      void this.listen()
    } catch (error) {
      this.failed(error)
    } finally {
      this.going = false
    }
  }

  /** Nobody looks any more. */
  leave(): void {
    this.left = true
  }

  async cancel(): Promise<void> {
    this.leave()
    await this.page.cancel(this.view.id)
  }

  private async listen(): Promise<void> {
    while (this.view.step.type === 'show' && !this.left && !this.ended) {
      const { id, seen } = this.view
      try {
        const next = await this.page.wait(id, seen)
        if (this.left || this.view.seen !== seen) return // answered meanwhile by hand
        this.away = false
        this.view = next
      } catch (error) {
        if (this.left) return
        if (error instanceof HttpError && error.status < 500) return this.failed(error)
        this.away = true
        await new Promise((go) => setTimeout(go, PAUSE))
      }
    }
  }

  private failed(error: unknown): void {
    this.problem = this.page.trouble(error)
    if (error instanceof HttpError && error.status < 500 && error.status !== 422 && error.status !== 429) this.ended = true
  }
}
