// One operator's session: its parts put together, and what the server says handed to them. No DOM.

import { Api, type Http } from './api'
import type { Clock } from './clock'
import { Connection, type LinkState, type Socket } from './connection'
import { Drafts, type DraftShelf } from './drafts'
import { listKey } from './folders'
import { Lookups } from './lookups'
import { Outbox, type Shelf } from './outbox'
import { Pages } from './pages'
import { Presences } from './presence'
import { Progress } from './progress'
import { apply } from './reduce'
import { Requests } from './requests'
import { Store } from './store'
import { Streams } from './streams'
import type { AnyAnswer, AnyCommand, Boot, Ev, Folder, MessageView, SendMessage, ServerFrame, StreamHead, Window } from './wire'
import { PAGE } from './window'

export interface Environment {
  clock: Clock
  http: Http
  shelf: Shelf & DraftShelf
  open(): Socket
  schedule(run: () => void): void
  readBoot(): Promise<Boot>
  makeCid(): string
  tab: string
  locale(): string
}

const RESET_AGAIN = 10_000
const TYPING_EVERY = 3_000

export class Session {
  readonly store = new Store()
  readonly connection: Connection
  readonly requests: Requests
  readonly outbox: Outbox
  readonly drafts: Drafts
  readonly presences: Presences
  readonly progress: Progress
  readonly api: Api
  readonly pages: Pages
  readonly lookups: Lookups
  build: string
  /** The server runs another build than this page. */
  outdated = false
  csrf: string

  private streams: Streams
  private resetting = false
  private skew = 0
  private open: string | null = null
  private typed = 0
  private readTo = new Map<string, number>()

  constructor(
    boot: Boot,
    private env: Environment,
  ) {
    const { clock } = env
    this.build = boot.build
    this.csrf = boot.csrf
    this.api = new Api(env.http)
    this.connection = new Connection({
      clock,
      open: () => env.open(),
      schedule: (run) => env.schedule(run),
      build: boot.build,
      tab: env.tab,
      locale: () => env.locale(),
      hooks: {
        heads: () => this.streams.heads(),
        frame: (frame) => this.frame(frame),
        changed: (state) => this.linkChanged(state),
      },
    })
    this.streams = new Streams(clock, (ws, seq) => this.connection.send({ t: 'diff', ws, seq }))
    this.pages = new Pages(this.store, this.api, {
      send: (frame) => this.connection.send(frame),
      came: (message) => this.mine(message),
    })
    this.lookups = new Lookups(this.store, this.api, clock)
    this.requests = new Requests((frame) => this.connection.send(frame), () => env.makeCid())
    this.outbox = new Outbox({
      clock,
      shelf: env.shelf,
      makeCid: () => env.makeCid(),
      perform: (command, cid) => this.requests.perform(command, cid),
      accepted: (cid, id) => this.accepted(cid, id),
      changed: (conv) => this.store.changed(`outbox:${conv}`),
    })
    this.drafts = new Drafts({
      store: this.store,
      clock,
      shelf: env.shelf,
      now: () => this.now(),
      perform: (command) => this.perform(command),
    })
    this.presences = new Presences(clock, () => this.store.me.id, (conv) => this.store.changed(`presence:${conv}`))
    this.progress = new Progress(clock, () => this.store.changed('progress'))
    this.adopt(boot)
  }

  async start(): Promise<void> {
    this.connection.start()
    await Promise.all([this.outbox.restore(), this.drafts.restore()])
  }

  /** The server's clock, as well as we know it. */
  now(): number {
    return this.env.clock.now() + this.skew
  }

  perform(command: AnyCommand): Promise<AnyAnswer> {
    return this.requests.perform(command)
  }

  send(command: Omit<SendMessage, 'op'>): string {
    this.typed = 0
    return this.outbox.add({ op: 'message.send', ...command })
  }

  /** At most one in three seconds; "stopped" goes out at once. */
  typing(conv: string, mode: 'reply' | 'note' | 'stopped'): void {
    const now = this.env.clock.now()
    if (mode === 'stopped' ? !this.typed : now - this.typed < TYPING_EVERY) return
    this.typed = mode === 'stopped' ? 0 : now
    this.connection.send({ t: 'typing', conv, mode })
  }

  /** Everything up to here was seen. */
  read(conv: string, pos: number): void {
    const row = this.store.conversations.get(conv)
    if (!row || (this.readTo.get(conv) ?? 0) >= pos) return
    if ((row.read_pos ?? 0) >= pos && !row.unread && !row.marked_unread) return
    this.readTo.set(conv, pos)
    this.perform({ op: 'conv.read', conv, pos }).catch(() => this.readTo.delete(conv))
  }

  markUnread(conv: string): Promise<AnyAnswer> {
    this.readTo.delete(conv)
    return this.perform({ op: 'conv.unread', conv })
  }

  /** This conversation is on screen now; null: none is. */
  async show(conv: string | null, message: string | null): Promise<void> {
    if (this.open && this.open !== conv) {
      this.drafts.hurry(this.open)
      this.typing(this.open, 'stopped')
      this.connection.send({ t: 'close', conv: this.open })
    }
    this.open = conv
    if (!conv) return
    void this.lookups.meet(conv)
    this.pages.follow(conv)
    void this.lookups.askCanSend(conv)
    const thread = this.store.thread(conv)
    if (!thread.loaded || (message && !thread.ids.includes(message))) await this.pages.load(conv, message)
  }

  /** The first or the next page of a list. */
  view(folder: Folder): void {
    const list = this.store.list(folder)
    if (list.loading || (list.loaded && list.next === null)) return
    const after = list.loaded ? list.next : null
    const key = listKey(folder)
    list.loading = this.connection.send({ t: 'view', id: key, list: folder, after, limit: PAGE })
    this.store.changed(`list:${key}`)
  }

  private frame(frame: ServerFrame): void {
    switch (frame.t) {
      case 'ready':
      case 'resumed':
        this.welcome(frame.streams, frame.now, frame.build)
        break
      case 'reset':
        void this.reset()
        break
      case 'ev':
        this.event(frame)
        break
      case 'eph':
        if (frame.e === 'progress') this.progress.take(frame)
        else this.presences.take(frame)
        break
      case 'ok':
      case 'err':
        this.requests.answered(frame)
        break
      case 'window':
        if (frame.conv) this.pages.followed(frame.conv, frame)
        else this.listed(frame)
        break
      case 'ping':
        for (const [ws, seq] of Object.entries(frame.seqs)) this.streams.headSaid(ws, seq)
        break
    }
    this.store.flush()
  }

  private welcome(streams: Record<string, StreamHead>, now: number, build: string): void {
    this.skew = now - this.env.clock.now()
    this.outdated = build !== this.build
    if (!this.streams.same(streams)) {
      void this.reset()
      return
    }
    this.presences.clear()
    this.requests.live()
    this.drafts.again()
    for (const list of this.store.lists.values()) {
      list.loading = false
      if (!list.loaded) this.view(list.folder)
    }
    if (this.open) {
      void this.lookups.meet(this.open)
      this.pages.follow(this.open)
      this.pages.again(this.open)
    }
    this.store.changed('outdated')
  }

  private event(ev: Ev): void {
    if (this.resetting) {
      this.streams.hold(ev)
      return
    }
    for (const free of this.streams.take(ev)) this.applyOne(free)
    if (this.streams.overflown(ev.ws)) void this.reset()
  }

  private applyOne(ev: Ev): void {
    apply(this.store, ev.ws, ev.d)
    if (ev.d.e === 'message.new') {
      this.mine(ev.d.msg)
      if (ev.d.msg.conv === this.open) this.pages.again(this.open)
      if (ev.d.msg.dir === 'in') this.presences.said(ev.d.msg.conv)
      if (ev.d.msg.conv === this.open && ev.d.msg.dir === 'in') void this.lookups.askCanSend(this.open)
    }
    if (ev.d.e === 'conv.merge' && ev.d.into === this.open) void this.pages.load(this.open, null)
  }

  private mine(message: MessageView): void {
    if (!message.cid) return
    const pending = this.outbox.get(message.cid)
    if (!pending) return
    this.store.rename(message.id, message.cid)
    this.outbox.settle(message.cid)
    this.store.touch(`thread:${message.conv}`)
  }

  /** The answer came after the message itself: nothing is left to wait for. */
  private accepted(cid: string, id: string): boolean {
    const message = this.store.messages.get(id)
    if (!message) return false
    this.store.rename(id, cid)
    this.store.touch(`thread:${message.conv}`)
    return true
  }

  private listed(frame: Window): void {
    const list = this.store.lists.get(frame.id ?? '')
    if (!list) return
    const rows = frame.rows ?? []
    for (const row of rows) this.store.putConversation(row)
    list.page(rows, frame.next ?? null)
    this.store.changed(`list:${frame.id ?? ''}`)
  }

  /** Read everything again over HTTP. Drafts and the outbox are ours and stay. */
  private async reset(): Promise<void> {
    if (this.resetting) return
    this.resetting = true
    this.streams.forget()
    try {
      const boot = await this.env.readBoot()
      this.adopt(boot)
      this.requests.live()
      this.drafts.again()
      for (const list of this.store.lists.values()) if (!list.loaded) this.view(list.folder)
      this.store.flush()
      if (this.open) {
        const conv = this.store.merged.get(this.open) ?? this.open
        await this.show(conv, null)
      }
    } catch {
      this.env.clock.after(RESET_AGAIN, () => void this.reset()) // offline again: the next try will do
    } finally {
      this.resetting = false
    }
  }

  private adopt(boot: Boot): void {
    this.csrf = boot.csrf
    this.skew = boot.now - this.env.clock.now()
    this.store.load(boot, (conv) => this.drafts.unsaved(conv))
    for (const ev of this.streams.restart(boot.streams)) this.applyOne(ev)
    this.store.flush()
  }

  private linkChanged(state: LinkState): void {
    if (state.name !== 'live') {
      this.requests.lost()
      this.streams.lost()
      for (const list of this.store.lists.values()) list.loading = false
    }
    this.store.changed('connection')
  }
}
