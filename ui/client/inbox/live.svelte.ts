// The bridge between the session and the components: what they read here, they are told about.

import { createContext } from 'svelte'
import { createSubscriber } from 'svelte/reactivity'
import { HttpError } from '../core/api'
import { folderOf, listKey, readPlace, unreadIn, writePlace, type Place } from '../core/folders'
import { Words, type Catalogue, type Params } from '../core/i18n'
import type { Pending } from '../core/outbox'
import { provisional } from '../core/provisional'
import type { Session } from '../core/session'
import { Times } from '../core/time'
import type { CanSend, ChannelView, ContactView, ConversationView, LabelView, MessageView, OperatorView, WorkspaceView } from '../core/wire'

export type Theme = 'system' | 'light' | 'dark'
/** What lies over the page. `start`: whom to write to first, as far as it is known. */
export type Sheet = { name: 'help' } | { name: 'palette' } | { name: 'start'; ws?: string; phone?: string; who?: string }
export const [useLive, provideLive] = createContext<Live>()

const SURELY = 50 // ms: a timer may be early
const HALF_MINUTE = 30_000

export class Live {
  place: Place = $state(readPlace(location.pathname, location.search))
  /** The path the browser is at: the pages beside the inbox read their own place in it. */
  address: string = $state(location.pathname + location.search)
  theme: Theme = $state('system')
  words: Words = $state.raw(new Words('en', {}))
  times: Times = $state.raw(new Times('en'))
  sheet: Sheet | null = $state.raw(null)
  /** Asked before the browser's own way back: true where one stays, since something would be lost. */
  held: () => boolean = () => false
  /** Moves with every wish to see a message: the same one may be wished for again. */
  jumps: number = $state(0)
  /** Whether the person one talks with is shown beside the conversation. */
  panel: boolean = $state(localStorage.getItem('panel') === 'open' && matchMedia('(width >= 1275px)').matches)
  /** What is marked in the message one jumps to. */
  marks: readonly string[] = []
  /** Moves twice a minute: for what is shown as "left" and "today". */
  now: number = $state(Date.now())
  /** What a screen reader is told: politely, or at once. */
  polite: string = $state('')
  urgent: string = $state('')

  private subscribers = new Map<string, () => void>()
  private catalogues = new Map<string, Catalogue>()

  constructor(
    readonly session: Session,
    locale: string,
    catalogue: Catalogue,
    theme: Theme,
  ) {
    this.theme = theme
    this.catalogues.set(locale, catalogue)
    this.speak(locale, catalogue)
    setInterval(() => (this.now = session.now()), HALF_MINUTE)
    addEventListener('popstate', () => this.held() || this.arrived())
  }

  t = (key: string, params?: Params): string => this.words.t(key, params)

  /** Makes the caller run again when the topic changes. */
  watch(topic: string): void {
    let subscriber = this.subscribers.get(topic)
    if (!subscriber) {
      subscriber = createSubscriber((update) => {
        const stop = this.session.store.subscribe(topic, update)
        return () => {
          stop()
          this.subscribers.delete(topic)
        }
      })
      this.subscribers.set(topic, subscriber)
    }
    subscriber()
  }

  get me(): OperatorView {
    return this.session.store.me
  }

  // What the components read.

  get workspaces(): WorkspaceView[] {
    this.watch('directory')
    return [...this.session.store.workspaces.values()]
  }

  workspace(id: string): WorkspaceView | undefined {
    this.watch('directory')
    return this.session.store.workspaces.get(id)
  }

  channel(id: string): ChannelView | undefined {
    this.watch('directory')
    return this.session.store.channels.get(id)
  }

  /** Moves `now` at that moment too: what ends then is not shown for half a minute more. */
  wakeAt(moment: number): (() => void) | undefined {
    const left = moment - this.session.now()
    if (left <= 0) return
    const timer = setTimeout(() => (this.now = this.session.now()), left + SURELY)
    return () => clearTimeout(timer)
  }

  /** Lines whose past is coming now. */
  get arriving(): ChannelView[] {
    this.watch('directory')
    this.watch('progress')
    return [...this.session.store.channels.values()].filter((one) => this.session.progress.comes(one))
  }

  /** How much of a line's past is here, per cent; null: it is not said. */
  progress(channel: ChannelView): number | null {
    this.watch('progress')
    return this.session.progress.of(channel)
  }

  labels(ws: string): LabelView[] {
    this.watch('directory')
    return [...this.session.store.labels.values()].filter((one) => one.ws === ws)
  }

  label(id: string): LabelView | undefined {
    this.watch('directory')
    return this.session.store.labels.get(id)
  }

  operators(ws: string): OperatorView[] {
    this.watch('directory')
    return [...(this.session.store.operators.get(ws)?.values() ?? [])]
  }

  operator(ws: string, id: string): OperatorView | undefined {
    return this.operators(ws).find((one) => one.id === id)
  }

  conversation(id: string): ConversationView | undefined {
    this.watch(`conv:${id}`)
    return this.session.store.conversations.get(id)
  }

  /** Asked for and not there, or not for us. */
  nowhere(id: string): boolean {
    this.watch(`conv:${id}`)
    return this.session.store.nowhere.has(id)
  }

  unread(folder: string): number {
    this.watch('counters')
    return unreadIn(folder, this.session.store.counters, this.me.id)
  }

  list(place: Pick<Place, 'folder' | 'status'>): { ids: string[]; loading: boolean; more: boolean; loaded: boolean } {
    const folder = folderOf(place)
    this.watch(`list:${listKey(folder)}`)
    const list = this.session.store.list(folder)
    return { ids: list.ids, loading: list.loading, more: !list.loaded || list.next !== null, loaded: list.loaded }
  }

  thread(conv: string): { loaded: boolean; loading: boolean; failed: boolean; moreBefore: boolean; moreAfter: boolean } {
    this.watch(`thread:${conv}`)
    const thread = this.session.store.threads.get(conv)
    return {
      loaded: thread?.loaded ?? false,
      loading: Boolean(thread?.loading),
      failed: thread?.failed ?? false,
      moreBefore: thread?.moreBefore ?? true,
      moreAfter: thread?.moreAfter ?? false,
    }
  }

  /** The keys of all bubbles loaded, oldest first; what is still on its way comes last, and before anything is loaded. */
  keys(conv: string): string[] {
    this.watch(`thread:${conv}`)
    this.watch(`outbox:${conv}`)
    const { store, outbox } = this.session
    const thread = store.threads.get(conv)
    const shown = thread?.loaded ? thread.ids.map((id) => store.keyOf(id)) : []
    return thread?.loaded && thread.moreAfter ? shown : [...shown, ...outbox.of(conv).map((one) => one.cid)]
  }

  message(conv: string, key: string): MessageView | undefined {
    const { store, outbox } = this.session
    const id = store.idOf(key)
    this.watch(`msg:${id}`)
    const known = store.messages.get(id)
    if (known) return known
    this.watch(`outbox:${conv}`)
    const pending = outbox.get(key)
    const row = store.conversations.get(conv)
    return pending && row ? provisional(pending, row, store.me) : undefined
  }

  pending(conv: string): Pending[] {
    this.watch(`outbox:${conv}`)
    return this.session.outbox.of(conv)
  }

  /** A person; asked for where he is not known yet. */
  contact(id: string): ContactView | undefined {
    this.watch(`contact:${id}`)
    const known = this.session.store.contacts.get(id)
    if (!known) void this.session.lookups.meetContact(id)
    return known
  }

  canSend(conv: string): CanSend | undefined {
    this.watch(`can:${conv}`)
    return this.session.lookups.canSend.get(conv)
  }

  presence(conv: string): ReturnType<Session['presences']['of']> {
    this.watch(`presence:${conv}`)
    return this.session.presences.of(conv)
  }

  draft(conv: string): string {
    this.watch(`draft:${conv}`)
    return this.session.store.drafts.get(conv)?.text ?? ''
  }

  get link(): Session['connection']['state'] {
    this.watch('connection')
    return this.session.connection.state
  }

  get outdated(): boolean {
    this.watch('outdated')
    return this.session.outdated
  }

  // What they do.

  go(change: Partial<Place>): void {
    const next = { ...this.place, message: null, ...change }
    const address = writePlace(next)
    if (next.message) this.jumps += 1
    if (address === location.pathname + location.search) return
    this.place = next
    history.pushState(null, '', address)
    this.address = address
  }

  /** To any page of ours. */
  visit(address: string): void {
    if (address !== location.pathname + location.search) history.pushState(null, '', address)
    this.arrived()
  }

  private arrived(): void {
    this.address = location.pathname + location.search
    this.place = readPlace(location.pathname, location.search)
  }

  /** To a message, with these words marked in it. */
  reach(message: MessageView, marks: readonly string[]): void {
    this.marks = marks
    this.go({ conv: message.conv, message: message.id })
  }

  showPanel(open: boolean): void {
    this.panel = open
    localStorage.setItem('panel', open ? 'open' : 'shut')
  }

  say(text: string): void {
    this.polite = text
  }

  alarm(text: string): void {
    this.urgent = text
  }

  /** Run a command; where it fails, say so in words. */
  async perform(command: Parameters<Session['perform']>[0]): Promise<boolean> {
    try {
      await this.session.perform(command)
      return true
    } catch (error) {
      const { code = 'failed', text = '' } = error as { code?: string; text?: string }
      this.alarm(text || this.words.or(`problem.${code}`, this.t('ui.failed')))
      return false
    }
  }

  /** Let nothing more through from a person on this channel, or let it through again. */
  async block(conv: string, blocked: boolean): Promise<boolean> {
    try {
      await this.session.api.block(conv, blocked)
      return true
    } catch (error) {
      this.alarm(reasonOf(this, error))
      return false
    }
  }

  setTheme(theme: Theme): void {
    this.theme = theme
    document.documentElement.dataset.theme = theme
    void this.session.api.saveMe({ theme }).catch(() => undefined) // kept by the next change that gets through
  }

  async setLocale(locale: string): Promise<void> {
    let catalogue = this.catalogues.get(locale)
    if (!catalogue) {
      const response = await fetch(`/locales/${locale}.json`)
      if (!response.ok) return
      catalogue = (await response.json()) as Catalogue
      this.catalogues.set(locale, catalogue)
    }
    this.speak(locale, catalogue)
    void this.session.api.saveMe({ locale }).catch(() => undefined)
  }

  async signOut(): Promise<void> {
    const headers = { 'x-csrf-token': this.session.csrf }
    const response = await fetch('/logout', { method: 'POST', headers }).catch(() => null)
    if (!response?.ok) return this.alarm(this.t('ui.failed'))
    this.session.connection.stop()
    location.assign('/login')
  }

  private speak(locale: string, catalogue: Catalogue): void {
    this.words = new Words(locale, catalogue)
    this.times = new Times(locale)
    document.documentElement.lang = locale
  }
}

/** Why a question over HTTP was refused, in words; an error of the network is our failing. */
export function reasonOf(live: Live, error: unknown): string {
  if (!(error instanceof HttpError)) return live.t('ui.failed')
  return error.text || live.words.or(`problem.${error.code}`, live.t('ui.failed'))
}
