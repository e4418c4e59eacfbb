// Everything the page knows: plain maps, and topics one can listen to for changes.

import { listKey } from './folders'
import { ChatList } from './lists'
import { Thread } from './threads'
import type {
  Boot,
  ChannelView,
  ContactView,
  ConversationView,
  Draft,
  Folder,
  LabelView,
  MessageView,
  Notice,
  OperatorView,
  WorkspaceView,
} from './wire'

export const MOST_THREADS = 30

export class Store {
  me: OperatorView = { id: '', name: '' }
  workspaces = new Map<string, WorkspaceView>()
  channels = new Map<string, ChannelView>()
  labels = new Map<string, LabelView>()
  operators = new Map<string, Map<string, OperatorView>>()
  counters = new Map<string, Record<string, number>>()
  conversations = new Map<string, ConversationView>()
  contacts = new Map<string, ContactView>()
  messages = new Map<string, MessageView>()
  threads = new Map<string, Thread>()
  drafts = new Map<string, Draft>()
  private drafted = new Map<string, number>()
  notices: Notice[] = []
  /** Conversations that became part of another one. */
  merged = new Map<string, string>()
  /** Conversations that were asked for and are not there for us. */
  nowhere = new Set<string>()
  lists = new Map<string, ChatList>()
  /** Bubbles that began here keep their first key for life. */
  private keys = new Map<string, string>()
  private idsByKey = new Map<string, string>()

  private listeners = new Map<string, Set<() => void>>()
  private dirty = new Set<string>()

  subscribe(topic: string, listener: () => void): () => void {
    const all = this.listeners.get(topic) ?? new Set()
    this.listeners.set(topic, all.add(listener))
    return () => {
      all.delete(listener)
      if (!all.size && this.listeners.get(topic) === all) this.listeners.delete(topic)
    }
  }

  touch(topic: string): void {
    this.dirty.add(topic)
  }

  /** Touch, and tell at once. */
  changed(topic: string): void {
    this.touch(topic)
    this.flush()
  }

  /** Tell the listeners what was touched since the last time. */
  flush(): void {
    while (this.dirty.size) {
      const topics = [...this.dirty]
      this.dirty.clear()
      for (const topic of topics) for (const listener of [...(this.listeners.get(topic) ?? [])]) listener()
    }
  }

  /** Start over from what the server says. `typed`: whose draft the server does not have yet; it stays. */
  load(boot: Boot, typed: (conv: string) => boolean = () => false): void {
    this.me = boot.operator
    this.workspaces = new Map(boot.workspaces.map((one) => [one.id, one]))
    this.channels = new Map(boot.channels.map((one) => [one.id, one]))
    this.labels = new Map(boot.labels.map((one) => [one.id, one]))
    this.operators = new Map(
      Object.entries(boot.operators).map(([ws, all]) => [ws, new Map(all.map((one) => [one.id, one]))]),
    )
    this.counters = new Map(Object.entries(boot.counters))
    this.conversations.clear()
    this.contacts.clear()
    this.messages.clear()
    this.merged.clear()
    this.nowhere.clear()
    for (const thread of this.threads.values()) thread.clear()
    const drafts = boot.drafts ?? []
    const saved = new Set(drafts.map((one) => one.conv))
    for (const conv of [...this.drafts.keys()]) if (!saved.has(conv) && !typed(conv)) this.dropDraft(conv)
    for (const draft of drafts) this.putDraft(draft)
    const folders = [...this.lists.values()].map((list) => list.folder)
    this.lists.clear()
    for (const folder of folders) this.list(folder)
    const open = this.list({ status: 'open' })
    for (const row of boot.conversations) this.putConversation(row)
    open.page(boot.conversations, boot.next ?? null)
    for (const topic of this.listeners.keys()) this.touch(topic)
  }

  list(folder: Folder): ChatList {
    const key = listKey(folder)
    let list = this.lists.get(key)
    if (!list) {
      list = new ChatList(folder, this.me.id)
      for (const row of this.conversations.values()) list.place(row)
      this.lists.set(key, list)
    }
    return list
  }

  thread(conv: string): Thread {
    let thread = this.threads.get(conv)
    if (!thread) thread = new Thread(this.messages)
    this.threads.delete(conv) // the last used one is the last of the map
    this.threads.set(conv, thread)
    for (const old of this.threads.keys()) {
      if (this.threads.size <= MOST_THREADS) break
      for (const id of this.threads.get(old)?.ids ?? []) this.messages.delete(id)
      this.threads.delete(old)
    }
    return thread
  }

  putConversation(row: ConversationView): void {
    if (this.merged.has(row.id)) return
    const known = this.conversations.get(row.id)
    if (known && known.rev >= row.rev) return
    this.conversations.set(row.id, row)
    this.nowhere.delete(row.id)
    for (const [key, list] of this.lists) if (list.place(row)) this.touch(`list:${key}`)
    this.touch(`conv:${row.id}`)
  }

  dropConversation(id: string): void {
    this.conversations.delete(id)
    for (const [key, list] of this.lists) if (list.drop(id)) this.touch(`list:${key}`)
    for (const message of this.threads.get(id)?.ids ?? []) this.messages.delete(message)
    this.threads.delete(id)
    this.touch(`conv:${id}`)
    this.touch(`thread:${id}`)
  }

  /** Newer than what we have? Then keep it; it is shown once its thread has it. */
  putMessage(message: MessageView): void {
    const known = this.messages.get(message.id)
    if (known && known.rev >= message.rev) return
    this.messages.set(message.id, message)
    this.touch(`msg:${message.id}`)
  }

  putContact(contact: ContactView): void {
    const known = this.contacts.get(contact.id)
    if (known && known.rev >= contact.rev) return
    this.contacts.set(contact.id, contact)
    this.touch(`contact:${contact.id}`)
  }

  /** The time of a draft that is gone counts too: an older one that comes late does not bring it back. */
  putDraft(draft: Draft): void {
    if ((this.drafted.get(draft.conv) ?? 0) >= draft.at) return
    this.drafted.set(draft.conv, draft.at)
    if (draft.text) this.drafts.set(draft.conv, draft)
    else this.drafts.delete(draft.conv)
    this.touch(`draft:${draft.conv}`)
  }

  private dropDraft(conv: string): void {
    this.drafts.delete(conv)
    this.touch(`draft:${conv}`)
  }

  putCounters(ws: string, moved: Record<string, number> | undefined): void {
    if (!moved || !Object.keys(moved).length) return
    this.counters.set(ws, { ...this.counters.get(ws), ...moved })
    this.touch('counters')
  }

  /** The key of a message's bubble: the cid where it began on this page. */
  keyOf(id: string): string {
    return this.keys.get(id) ?? id
  }

  idOf(key: string): string {
    return this.idsByKey.get(key) ?? key
  }

  rename(id: string, key: string): void {
    this.keys.set(id, key)
    this.idsByKey.set(key, id)
  }
}
