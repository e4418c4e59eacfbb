// Drafts: here at once, on the server after a second of silence, in IndexedDB until then.

import type { Clock, Timer } from './clock'
import { CommandError } from './requests'
import type { Store } from './store'
import type { AnyCommand, Draft } from './wire'

export interface DraftShelf {
  drafts(): Promise<Draft[]>
  keepDraft(draft: Draft): Promise<void>
}

const IDLE = 1_000

export class Drafts {
  private timers = new Map<string, Timer>()
  private dirty = new Set<string>()

  constructor(
    private options: {
      store: Store
      clock: Clock
      shelf: DraftShelf
      now(): number
      perform(command: AnyCommand): Promise<unknown>
    },
  ) {}

  /** What was typed and had not reached the server when the page went away. */
  async restore(): Promise<void> {
    for (const draft of await this.options.shelf.drafts()) {
      const known = this.options.store.drafts.get(draft.conv)
      if (known && known.at >= draft.at) continue
      this.options.store.putDraft(draft)
      this.later(draft.conv)
    }
    this.options.store.flush()
  }

  change(conv: string, text: string, replyTo: string | null): void {
    const { store, shelf, now } = this.options
    const draft: Draft = { conv, text, at: now(), reply_to: replyTo }
    store.putDraft(draft)
    store.flush()
    void shelf.keepDraft(draft)
    this.later(conv)
  }

  /** What was typed last is not known to be on the server. */
  unsaved(conv: string): boolean {
    return this.dirty.has(conv)
  }

  /** The connection, or the workspace, is there again: what could not be saved is tried once more. */
  again(): void {
    for (const conv of this.dirty) {
      if (!this.timers.has(conv) && this.options.store.conversations.has(conv)) this.later(conv)
    }
  }

  /** Leaving the conversation: do not wait. */
  hurry(conv: string): void {
    const timer = this.timers.get(conv)
    if (!timer) return
    timer.cancel()
    this.save(conv)
  }

  private later(conv: string): void {
    this.dirty.add(conv)
    this.timers.get(conv)?.cancel()
    this.timers.set(conv, this.options.clock.after(IDLE, () => this.save(conv)))
  }

  private save(conv: string): void {
    this.timers.delete(conv)
    const { store, shelf, perform } = this.options
    const draft = store.drafts.get(conv)
    perform({ op: 'conv.draft', conv, text: draft?.text ?? '', reply_to: draft?.reply_to ?? null })
      .then(() => {
        if (this.timers.has(conv)) return undefined // typed on meanwhile
        this.dirty.delete(conv)
        return shelf.keepDraft({ conv, text: '', at: 0 })
      })
      .catch((error: unknown) => {
        // It stays on the shelf, and is tried again: soon, or when the connection or the page is new.
        if (error instanceof CommandError && error.retry) this.later(conv)
      })
  }
}
