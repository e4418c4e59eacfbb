// The HTTP side: pages of messages, what may be sent, templates, uploads. Everything else is a command.

import type { CanSend, ContactView, ConversationView, MemberView, MessageView, ProtectionView, SearchPage, Template } from './wire'

export class HttpError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly text: string,
    /** The sentence for a person, in his language. */
    readonly title: string = text,
    readonly data: Readonly<Record<string, unknown>> = {},
  ) {
    super(text || code)
  }
}

export interface Http {
  /** Rejects with an HttpError where the server answered, with anything else where it did not. */
  get(path: string, signal?: AbortSignal): Promise<unknown>
  send(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<unknown>
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

export interface CatalogItem {
  /** The seller's own, as messages name it. */
  id: string
  name: string
  price?: string
  picture?: string
  description?: string
  available?: boolean
}

/** `after`: what to ask with for more; nothing: this was the end. */
export interface CatalogPage {
  items: CatalogItem[]
  after?: string
}

/** `detail`: what the provider said of it besides, as it came. */
export interface ReceiptView {
  level: string
  at: number
  person: string
  detail: unknown
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

  /** Who is in a group; nobody in a conversation with one person. */
  async members(conv: string): Promise<MemberView[]> {
    return ((await this.http.get(`/api/v1/conversations/${encodeURIComponent(conv)}/members`)) as { items: MemberView[] }).items
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

  contact(id: string): Promise<ContactView> {
    return this.http.get(`/api/v1/contacts/${encodeURIComponent(id)}`) as Promise<ContactView>
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

  /** The catalogue of a channel; "" where none is connected. */
  async catalogOf(channel: string): Promise<string> {
    const shop = (await this.http.get(`/api/v1/channels/${encodeURIComponent(channel)}/shop`)) as { catalog?: string }
    return shop.catalog ?? ''
  }

  /** What a channel sells, for a message to show. `after`: of the page before. */
  catalogue(channel: string, query: string, after: string): Promise<CatalogPage> {
    const asked = new URLSearchParams({ ...(query ? { query } : {}), ...(after ? { after } : {}) })
    return this.http.get(`/api/v1/channels/${encodeURIComponent(channel)}/catalogue?${asked}`) as Promise<CatalogPage>
  }

  /** Whether this person may write to us on this channel. */
  block(conv: string, blocked: boolean): Promise<unknown> {
    return this.http.send(blocked ? 'POST' : 'DELETE', `/api/v1/conversations/${encodeURIComponent(conv)}/block`)
  }

  /** How far a message got, step by step. */
  async receipts(message: string): Promise<ReceiptView[]> {
    return ((await this.http.get(`/api/v1/messages/${encodeURIComponent(message)}/receipts`)) as { items: ReceiptView[] }).items
  }

  /** How carefully a line is used, and whether it is paused. */
  protection(channel: string): Promise<ProtectionView> {
    return this.http.get(`/api/v1/channels/${encodeURIComponent(channel)}/protection`) as Promise<ProtectionView>
  }

  raw(message: string): Promise<unknown> {
    return this.http.get(`/api/v1/messages/${message}/raw`)
  }

  saveMe(change: { locale?: string; theme?: string }): Promise<unknown> {
    return this.http.send('PATCH', '/api/v1/me', change)
  }
}
