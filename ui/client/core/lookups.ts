// What nobody has told us of yet, asked for one by one: a conversation, a person, what may be sent.

import { HttpError, type Api } from './api'
import type { Clock } from './clock'
import type { Store } from './store'
import type { CanSend } from './wire'

const AGAIN = 10_000

export class Lookups {
  readonly canSend = new Map<string, CanSend>()
  private meeting = new Set<string>()

  constructor(
    private store: Store,
    private api: Api,
    private clock: Clock,
  ) {}

  /** A link or a find may lead to a conversation that no list has brought yet. */
  async meet(conv: string): Promise<void> {
    if (this.store.conversations.has(conv) || this.store.merged.has(conv)) return
    try {
      const row = await this.api.conversation(conv)
      this.store.putConversation(row)
      if (row.id !== conv) {
        this.store.merged.set(conv, row.id)
        this.store.touch('merged')
      }
    } catch (error) {
      if (!(error instanceof HttpError) || error.status !== 404) return // asked for again when the connection is back
      this.store.nowhere.add(conv)
      this.store.touch(`conv:${conv}`)
    }
    this.store.flush()
  }

  /** A person nobody has told us of yet. */
  async meetContact(id: string): Promise<void> {
    if (this.meeting.has(id)) return
    this.meeting.add(id)
    try {
      this.store.putContact(await this.api.contact(id))
      this.store.flush()
    } catch {
      // He stays unknown until he changes, or is asked for after a while.
      this.clock.after(AGAIN, () => this.meeting.delete(id))
      return
    }
    this.meeting.delete(id)
  }

  async askCanSend(conv: string): Promise<void> {
    try {
      this.canSend.set(conv, await this.api.canSend(conv))
      this.store.changed(`can:${conv}`)
    } catch {
      // Not known: the composer stays open, and the server says no where it has to.
    }
  }
}
