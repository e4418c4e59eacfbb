// The HTTP side: pages of messages, what may be sent, templates, uploads. Everything else is a command.

import type { CanSend, ContactView, ConversationView, MessageView, SearchPage, Template } from './wire'

export class HttpError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly text: string,
  ) {
    super(text || code)
  }
}

export interface Http {
  /** Rejects with an HttpError where the server answered, with anything else where it did not. */
  get(path: string, signal?: AbortSignal): Promise<unknown>
  patch(path: string, body: unknown): Promise<unknown>
}

/** Oldest first. `before` and `after`: there is more on that side. */
export interface MessagePage {
  items: MessageView[]
  before: boolean
  after: boolean
}

/** The id of a message: what was said before it, after it or around it. Nothing: the newest. */
export interface Spot {
  before?: string
  after?: string
  around?: string
}

export class Api {
  constructor(private http: Http) {}

  async messages(conv: string, spot: Spot, limit: number): Promise<MessagePage> {
    const query = new URLSearchParams({ limit: String(limit) })
    for (const [name, value] of Object.entries(spot)) query.set(name, value)
    return (await this.http.get(`/api/v1/conversations/${conv}/messages?${query}`)) as MessagePage
  }

  async canSend(conv: string): Promise<CanSend> {
    return (await this.http.get(`/api/v1/conversations/${conv}/can_send`)) as CanSend
  }

  /** One conversation; the one it was merged into, if it was. */
  async conversation(conv: string): Promise<ConversationView> {
    return (await this.http.get(`/api/v1/conversations/${encodeURIComponent(conv)}`)) as ConversationView
  }

  /** Messages in which these words are, newest first. What is undefined is not asked for. */
  async search(asked: Record<string, string | undefined>, signal: AbortSignal): Promise<SearchPage> {
    const said = Object.entries(asked).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
    return (await this.http.get(`/api/v1/search?${new URLSearchParams(said)}`, signal)) as SearchPage
  }

  /** People whose name or number begins so, in one workspace or in all of mine. */
  async contacts(q: string, workspace: string | undefined, limit: number, signal: AbortSignal): Promise<ContactView[]> {
    const query = new URLSearchParams({ q, limit: String(limit), ...(workspace ? { workspace } : {}) })
    return ((await this.http.get(`/api/v1/contacts?${query}`, signal)) as { items: ContactView[] }).items
  }

  /** The conversations with somebody, newest first. */
  async threadsWith(contact: string): Promise<ConversationView[]> {
    return ((await this.http.get(`/api/v1/contacts/${encodeURIComponent(contact)}/conversations`)) as { items: ConversationView[] }).items
  }

  async templates(channel: string): Promise<Template[]> {
    const page = (await this.http.get(`/api/v1/templates?channel=${encodeURIComponent(channel)}`)) as {
      items: Template[]
    }
    return page.items
  }

  raw(message: string): Promise<unknown> {
    return this.http.get(`/api/v1/messages/${message}/raw`)
  }

  saveMe(change: { locale?: string; theme?: string }): Promise<unknown> {
    return this.http.patch('/api/v1/me', change)
  }
}
