// One operator's session: boot, stream, commands, outbox, drafts and presence put together. No DOM.

import { Api, HttpError, type Http, type Spot } from './api'
import type { Clock, Timer } from './clock'
import { Connection, type LinkState, type Socket } from './connection'
import { Drafts, type DraftShelf } from './drafts'
import { listKey } from './folders'
import { firstUnread } from './grouping'
import { Outbox, type Shelf } from './outbox'
import { Position } from './position'
import { Presences } from './presence'
import { Progress } from './progress'
import { apply } from './reduce'
import { Requests } from './requests'
import { Store } from './store'
import type {
  AnyAnswer,
  AnyCommand,
  Boot,
  CanSend,
  Ev,
  Folder,
  MessageView,
  SendMessage,
  ServerFrame,
  StreamHead,
  Window,
} from './wire'
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

const GAP_WAIT = 300
const DIFF_AGAIN = 10_000
const TYPING_EVERY = 3_000
const MOST_AT_ONCE = 200

export class Session {
  readonly store = new Store()
  readonly connection: Connection
  readonly requests: Requests
  readonly outbox: Outbox
  readonly drafts: Drafts
  readonly presences: Presences
  readonly progress: Progress
  readonly api: Api
  readonly canSend = new Map<string, CanSend>()
  build: string
  /** The server runs another build than this page. */
  outdated = false
  csrf: string

  private positions = new Map<string, Position>()
  private gaps = new Map<string, Timer>()
  private resetting = false
  private skew = 0
  private open: string | null = null
  private typed = 0
  private readTo = new Map<string, number>()
  private meeting = new Set<string>()

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
        heads: () => this.heads(),
        frame: (frame) => this.frame(frame),
        changed: (state) => this.linkChanged(state),
      },
    })
    this.requests = new Requests((frame) => this.connection.send(frame), () => env.makeCid())
    this.outbox = new Outbox({
      clock,
      shelf: env.shelf,
      makeCid: () => env.makeCid(),
      perform: (command, cid) => this.requests.perform(command, cid),
      accepted: (cid, id) => this.accepted(cid, id),
      changed: (conv) => this.changed(`outbox:${conv}`),
    })
    this.drafts = new Drafts({
      store: this.store,
      clock,
      shelf: env.shelf,
      now: () => this.now(),
      perform: (command) => this.perform(command),
    })
    this.presences = new Presences(clock, () => this.store.me.id, (conv) => this.changed(`presence:${conv}`))
    this.progress = new Progress(clock, () => this.changed('progress'))
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

  /** How far this conversation is known here: whoever answers after that has not been seen. */
  seen(conv: string): number | null {
    const ids = this.store.threads.get(conv)?.ids ?? []
    return ids.reduce((most, id) => Math.max(most, this.store.messages.get(id)?.pos ?? 0), 0) || null
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
    void this.meet(conv)
    this.follow(conv)
    void this.askCanSend(conv)
    const thread = this.store.thread(conv)
    if (!thread.loaded || (message && !thread.ids.includes(message))) await this.load(conv, message)
  }

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
      this.env.clock.after(DIFF_AGAIN, () => this.meeting.delete(id))
      return
    }
    this.meeting.delete(id)
  }

  /** Read the page of messages to begin with: at a message, at the first unread one, or the newest. */
  async load(conv: string, message: string | null): Promise<void> {
    const row = this.store.conversations.get(conv)
    const limit = Math.min(MOST_AT_ONCE, Math.max(PAGE, (row?.unread ?? 0) + PAGE / 2))
    const thread = this.store.thread(conv)
    thread.clear()
    if (message) await this.page(conv, { around: message }, 'around')
    if (!thread.loaded) await this.page(conv, {}, 'around', limit) // no such message: the newest, then
  }

  async newest(conv: string): Promise<void> {
    this.store.thread(conv).clear()
    await this.page(conv, {}, 'around')
  }

  async older(conv: string): Promise<void> {
    const thread = this.store.thread(conv)
    const first = this.store.messages.get(thread.ids[0] ?? '')
    if (first && thread.moreBefore && !thread.loading) await this.page(conv, { before: first.id }, 'before')
  }

  async later(conv: string): Promise<void> {
    const thread = this.store.thread(conv)
    const last = this.store.messages.get(thread.ids.at(-1) ?? '')
    if (last && thread.moreAfter && !thread.loading) await this.page(conv, { after: last.id }, 'after')
  }

  /** The first or the next page of a list. */
  view(folder: Folder): void {
    const list = this.store.list(folder)
    if (list.loading || (list.loaded && list.next === null)) return
    const after = list.loaded ? list.next : null
    const key = listKey(folder)
    list.loading = this.connection.send({ t: 'view', id: key, list: folder, after, limit: PAGE })
    this.changed(`list:${key}`)
  }

  unreadFrom(conv: string): string | null {
    const row = this.store.conversations.get(conv)
    const thread = this.store.threads.get(conv)
    if (!row?.unread || !thread) return null
    const shown = thread.ids.flatMap((id) => this.store.messages.get(id) ?? [])
    return firstUnread(shown, row.read_pos ?? 0)
  }

  async askCanSend(conv: string): Promise<void> {
    try {
      this.canSend.set(conv, await this.api.canSend(conv))
      this.changed(`can:${conv}`)
    } catch {
      // Not known: the composer stays open, and the server says no where it has to.
    }
  }

  private async page(conv: string, spot: Spot, how: 'around' | 'before' | 'after', limit = PAGE): Promise<void> {
    const thread = this.store.thread(conv)
    if (thread.loading) return
    const turn = thread.ask(how)
    this.changed(`thread:${conv}`)
    try {
      const page = await this.api.messages(conv, spot, limit)
      if (this.store.threads.get(conv) !== thread || !thread.awaits(turn)) return // reset meanwhile
      for (const message of page.items) this.store.putMessage(message)
      thread.page(page.items, {
        ...(how === 'after' ? {} : { before: page.before }),
        ...(how === 'before' ? {} : { after: page.after }),
      })
      for (const event of thread.kept()) apply(this.store, '', event)
      for (const message of page.items) this.mine(message)
      if (how === 'around') this.follow(conv)
    } catch (error) {
      if (!thread.awaits(turn)) return
      thread.loading = null
      thread.kept()
      thread.failed = !(error instanceof HttpError && error.status === 404)
    }
    this.changed(`thread:${conv}`)
  }

  /** Say what is on screen and how far we have it: the answer brings what came after. */
  private follow(conv: string): void {
    const thread = this.store.threads.get(conv)
    const known = (thread?.ids ?? []).map((id) => this.store.messages.get(id)?.pos ?? 0)
    const have = thread?.loaded ? Math.max(0, ...known) : (this.store.conversations.get(conv)?.last_pos ?? 0)
    this.connection.send({ t: 'open', conv, have })
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
        this.window(frame)
        break
      case 'ping':
        for (const [ws, seq] of Object.entries(frame.seqs)) this.headSaid(ws, seq)
        break
    }
    this.store.flush()
  }

  private welcome(streams: Record<string, StreamHead>, now: number, build: string): void {
    this.skew = now - this.env.clock.now()
    this.outdated = build !== this.build
    const known = [...this.positions.keys()].sort().join()
    const said = Object.keys(streams).sort().join()
    const moved = Object.entries(streams).some(([ws, head]) => this.positions.get(ws)?.epoch !== head.epoch)
    if (known !== said || moved) {
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
      void this.meet(this.open)
      this.follow(this.open)
      this.readAgain(this.open)
    }
    this.changed('outdated')
  }

  private event(ev: Ev): void {
    const position = this.positions.get(ev.ws)
    if (!position) return
    if (this.resetting) {
      position.hold(ev)
      return
    }
    for (const free of position.take(ev)) this.applyOne(free)
    if (position.overflown) void this.reset()
    else this.minded(ev.ws, position)
  }

  private applyOne(ev: Ev): void {
    apply(this.store, ev.ws, ev.d)
    if (ev.d.e === 'message.new') {
      this.mine(ev.d.msg)
      if (ev.d.msg.conv === this.open) this.readAgain(this.open)
      if (ev.d.msg.dir === 'in') this.presences.said(ev.d.msg.conv)
      if (ev.d.msg.conv === this.open && ev.d.msg.dir === 'in') void this.askCanSend(this.open)
    }
    if (ev.d.e === 'conv.merge' && ev.d.into === this.open) void this.load(this.open, null)
  }

  /** What could not be read before, now that the server has spoken. */
  private readAgain(conv: string): void {
    if (this.store.thread(conv).failed) void this.load(conv, null)
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

  /** The head of a stream, said in a ping: if we are behind, something was lost in silence. */
  private headSaid(ws: string, seq: number): void {
    const position = this.positions.get(ws)
    if (position && seq > position.last && !position.gap) this.ask(ws, position)
  }

  private minded(ws: string, position: Position): void {
    if (!position.gap) {
      this.gaps.get(ws)?.cancel()
      this.gaps.delete(ws)
    } else if (!this.gaps.has(ws)) {
      this.gaps.set(ws, this.env.clock.after(GAP_WAIT, () => this.ask(ws, position)))
    }
  }

  private ask(ws: string, position: Position): void {
    this.connection.send({ t: 'diff', ws, seq: position.last })
    this.gaps.get(ws)?.cancel()
    this.gaps.delete(ws)
    if (position.gap) this.gaps.set(ws, this.env.clock.after(DIFF_AGAIN, () => this.ask(ws, position)))
  }

  private window(frame: Window): void {
    if (frame.conv) {
      const thread = this.store.threads.get(frame.conv)
      if (thread?.loaded && frame.more && !thread.moreAfter) {
        thread.moreAfter = true // more than one frame is missing: pages bring it
        this.store.touch(`thread:${frame.conv}`)
        return
      }
      for (const row of frame.rows ?? []) this.store.putConversation(row)
      for (const msg of frame.msgs ?? []) {
        apply(this.store, msg.ws, { e: 'message.patch', msg })
        this.mine(msg)
      }
      return
    }
    const list = this.store.lists.get(frame.id ?? '')
    if (!list) return
    const rows = frame.rows ?? []
    for (const row of rows) this.store.putConversation(row)
    list.page(rows, frame.next ?? null)
    this.changed(`list:${frame.id ?? ''}`)
  }

  /** Read everything again over HTTP. Drafts and the outbox are ours and stay. */
  private async reset(): Promise<void> {
    if (this.resetting) return
    this.resetting = true
    for (const position of this.positions.values()) position.forget()
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
      this.env.clock.after(DIFF_AGAIN, () => void this.reset()) // offline again: the next try will do
    } finally {
      this.resetting = false
    }
  }

  private adopt(boot: Boot): void {
    this.csrf = boot.csrf
    this.skew = boot.now - this.env.clock.now()
    const old = this.positions
    this.positions = new Map()
    this.store.load(boot, (conv) => this.drafts.unsaved(conv))
    for (const [ws, head] of Object.entries(boot.streams)) {
      const position = old.get(ws) ?? new Position(head)
      this.positions.set(ws, position)
      for (const ev of position.restart(head)) this.applyOne(ev)
      this.minded(ws, position) // the connection may have been another one when this was read
    }
    this.store.flush()
  }

  private heads(): Record<string, StreamHead> {
    return Object.fromEntries([...this.positions].map(([ws, position]) => [ws, position.head]))
  }

  private linkChanged(state: LinkState): void {
    if (state.name !== 'live') {
      this.requests.lost()
      for (const timer of this.gaps.values()) timer.cancel()
      this.gaps.clear()
      for (const list of this.store.lists.values()) list.loading = false
    }
    this.changed('connection')
  }

  private changed(topic: string): void {
    this.store.touch(topic)
    this.store.flush()
  }
}
