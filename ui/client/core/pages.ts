// The messages of a conversation, read page by page, and how far we have them.

import { HttpError, type Api, type Spot } from './api'
import { firstUnread } from './grouping'
import { apply } from './reduce'
import type { Store } from './store'
import type { ClientFrame, MessageView, Window } from './wire'
import { PAGE } from './window'

const MOST_AT_ONCE = 200

export class Pages {
  constructor(
    private store: Store,
    private api: Api,
    private options: {
      send(frame: ClientFrame): boolean
      /** A message came; it may be one that was sent from here. */
      came(message: MessageView): void
    },
  ) {}

  /** Read the page of messages to begin with: at a message, at the first unread one, or the newest. */
  async load(conv: string, message: string | null): Promise<void> {
    const row = this.store.conversations.get(conv)
    const limit = Math.min(MOST_AT_ONCE, Math.max(PAGE, (row?.unread ?? 0) + PAGE / 2))
    const thread = this.store.thread(conv)
    thread.clear()
    if (message) await this.read(conv, { around: message }, 'around')
    if (!thread.loaded) await this.read(conv, {}, 'around', limit) // no such message: the newest, then
  }

  async newest(conv: string): Promise<void> {
    this.store.thread(conv).clear()
    await this.read(conv, {}, 'around')
  }

  async older(conv: string): Promise<void> {
    const thread = this.store.thread(conv)
    const first = this.store.messages.get(thread.ids[0] ?? '')
    if (first && thread.moreBefore && !thread.loading) await this.read(conv, { before: first.id }, 'before')
  }

  async later(conv: string): Promise<void> {
    const thread = this.store.thread(conv)
    const last = this.store.messages.get(thread.ids.at(-1) ?? '')
    if (last && thread.moreAfter && !thread.loading) await this.read(conv, { after: last.id }, 'after')
  }

  /** What could not be read before, now that the server has spoken. */
  again(conv: string): void {
    if (this.store.thread(conv).failed) void this.load(conv, null)
  }

  /** Say what is on screen and how far we have it: the answer brings what came after. */
  follow(conv: string): void {
    const loaded = this.store.threads.get(conv)?.loaded
    const have = loaded ? this.reach(conv) : (this.store.conversations.get(conv)?.last_pos ?? 0)
    this.options.send({ t: 'open', conv, have })
  }

  /** What came after: the answer to that. */
  followed(conv: string, frame: Window): void {
    const thread = this.store.threads.get(conv)
    if (thread?.loaded && frame.more && !thread.moreAfter) {
      thread.moreAfter = true // more than one frame is missing: pages bring it
      this.store.touch(`thread:${conv}`)
      return
    }
    for (const row of frame.rows ?? []) this.store.putConversation(row)
    for (const msg of frame.msgs ?? []) {
      apply(this.store, msg.ws, { e: 'message.patch', msg })
      this.options.came(msg)
    }
  }

  /** How far this conversation is known here: whoever answers after that has not been seen. */
  seen(conv: string): number | null {
    return this.reach(conv) || null
  }

  unreadFrom(conv: string): string | null {
    const row = this.store.conversations.get(conv)
    const thread = this.store.threads.get(conv)
    if (!row?.unread || !thread) return null
    const shown = thread.ids.flatMap((id) => this.store.messages.get(id) ?? [])
    return firstUnread(shown, row.read_pos ?? 0)
  }

  private reach(conv: string): number {
    const ids = this.store.threads.get(conv)?.ids ?? []
    return ids.reduce((most, id) => Math.max(most, this.store.messages.get(id)?.pos ?? 0), 0)
  }

  private async read(conv: string, spot: Spot, how: 'around' | 'before' | 'after', limit = PAGE): Promise<void> {
    const thread = this.store.thread(conv)
    if (thread.loading) return
    const turn = thread.ask(how)
    this.store.changed(`thread:${conv}`)
    try {
      const page = await this.api.messages(conv, spot, limit)
      if (this.store.threads.get(conv) !== thread || !thread.awaits(turn)) return // reset meanwhile
      for (const message of page.items) this.store.putMessage(message)
      thread.page(page.items, {
        ...(how === 'after' ? {} : { before: page.before }),
        ...(how === 'before' ? {} : { after: page.after }),
      })
      for (const event of thread.kept()) apply(this.store, '', event)
      for (const message of page.items) this.options.came(message)
      if (how === 'around') this.follow(conv)
    } catch (error) {
      if (!thread.awaits(turn)) return
      thread.loading = null
      thread.kept()
      thread.failed = !(error instanceof HttpError && error.status === 404)
    }
    this.store.changed(`thread:${conv}`)
  }
}
