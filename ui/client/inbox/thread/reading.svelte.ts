// Where one reads in a conversation: the part of it that is drawn, what stays in its place, and whether that is the end.

import { tick, untrack } from 'svelte'
import { arrange } from '../../core/grouping'
import type { ConversationView } from '../../core/wire'
import { around, atEnd, earlier, follow, further, type Slice } from '../../core/window'
import type { Live } from '../live.svelte'
import { markIn } from '../search/highlight'
import { Anchor } from './anchor'

const NEAR = 50
const FLASH = 1500

export class Reading {
  box!: HTMLElement
  content!: HTMLElement
  topMark: HTMLElement | undefined = $state()
  endMark: HTMLElement | undefined = $state()

  /** It stands where it begins; before that it is not shown. */
  placed: boolean = $state(false)
  atBottom: boolean = $state(true)
  missed: number = $state(0)
  flashing: string = $state('')

  private slice: Slice = $state.raw({ from: 0, to: 0 })
  private unreadFrom: string | null = $state(null)
  /** The message to begin at: the linked one, or the one that is jumped to. */
  private aim: string | null = null
  private before: readonly string[] = []
  private placedLoaded = false
  private anchor = new Anchor(() => this)

  private readonly conv = $derived.by(() => this.row().id)
  private readonly thread = $derived.by(() => this.live.thread(this.conv))
  readonly keys: string[] = $derived.by(() => this.live.keys(this.conv))
  readonly drawn: string[] = $derived.by(() => this.keys.slice(this.slice.from, this.slice.to))
  private readonly messages = $derived.by(() => this.drawn.flatMap((key) => this.live.message(this.conv, key) ?? []))
  readonly spots = $derived.by(() => arrange(this.messages, (at) => this.live.times.dayKey(at), this.unreadFrom))

  /** While a component is made: its effects are the component's. */
  constructor(
    private live: Live,
    private row: () => ConversationView,
  ) {
    $effect.pre(() => {
      const { keys } = this
      const { loaded } = this.thread
      untrack(() => this.changed(keys, loaded))
    })
    $effect(() => {
      if (this.placed || !this.keys.length) return
      untrack(() => void this.begin())
    })
    $effect(() => {
      void this.drawn
      void this.spots
      this.restore()
      this.remember()
      return this.watchEnds()
    })
    $effect(() => {
      const resized = new ResizeObserver(() => this.restore())
      resized.observe(this.content)
      resized.observe(this.box)
      return () => resized.disconnect()
    })
    $effect(() => {
      void live.jumps
      const id = live.place.message
      untrack(() => this.linked(id))
    })
  }

  find(key: string): HTMLElement | null {
    return this.anchor.find(key)
  }

  /** It was scrolled, or is looked at again: what is in sight now is what stays. */
  remember(): void {
    if (!this.placed) return
    this.atBottom = this.anchor.fromEnd <= NEAR && this.slice.to >= this.keys.length && !this.thread.moreAfter
    if (this.atBottom) this.missed = 0
    this.anchor.take()
    if (this.atBottom && this.thread.loaded && document.hasFocus()) this.live.session.read(this.conv, this.row().last_pos ?? 0)
  }

  async toEnd(): Promise<void> {
    this.missed = 0
    if (this.thread.moreAfter) {
      this.placed = false
      this.atBottom = true
      await this.live.session.pages.newest(this.conv)
      return
    }
    this.slice = atEnd(this.keys.length)
    this.atBottom = true
    await tick()
    this.anchor.toEnd()
    this.remember()
  }

  /** Shows a message; what is not loaded is read. */
  async jump(id: string, marks: readonly string[] = []): Promise<void> {
    this.live.marks = marks
    if (this.loaded(id)) return this.reveal(id)
    this.aim = id
    await this.live.session.pages.load(this.conv, id)
  }

  private restore(): void {
    if (!this.placed) return
    if (this.atBottom) this.anchor.toEnd()
    else this.anchor.restore()
  }

  /** The list changed: keep the same part of it drawn. */
  private changed(now: readonly string[], loaded: boolean): void {
    const { before } = this
    if (this.placed && (!now.length || loaded !== this.placedLoaded)) this.placed = false
    if (this.placed) {
      const added = now.length - before.length
      const tail = before.at(-1)
      this.slice = follow(this.slice, before, now)
      if (!this.atBottom && added > 0 && tail && now.indexOf(tail) === before.length - 1) this.missed += added
      if (now.length && now.at(-1) !== tail) this.hear(now.at(-1) ?? '')
    }
    this.before = now
  }

  private hear(key: string): void {
    const message = this.live.message(this.conv, key)
    if (message?.dir === 'in') this.live.say(`${message.author.name || this.row().name}: ${message.text ?? ''}`)
  }

  /** First of all: at the linked message, at what is new, or at the end. */
  private async begin(): Promise<void> {
    const { session } = this.live
    this.placedLoaded = this.thread.loaded
    const linked = this.placedLoaded ? this.aim : null
    if (this.placedLoaded) this.aim = null
    this.unreadFrom = session.pages.unreadFrom(this.conv)
    const at = this.keys.findIndex((key) => session.store.idOf(key) === (linked ?? this.unreadFrom))
    this.slice = at >= 0 ? around(at, this.keys.length) : atEnd(this.keys.length)
    this.before = this.keys
    await tick()
    if (this.placedLoaded !== this.thread.loaded) return this.begin()
    this.placed = true
    const key = this.keys[at] ?? ''
    const there = at >= 0 ? this.find(key) : null
    if (there) {
      this.anchor.put(there, linked ? 0.5 : 0.3)
      if (linked) this.show(key)
    } else this.anchor.toEnd()
    this.remember()
  }

  /** More is drawn, or read, before an end comes in sight. */
  private watchEnds(): (() => void) | undefined {
    const { topMark, endMark } = this
    if (!topMark || !endMark) return undefined
    const eye = new IntersectionObserver(
      (seen) => {
        for (const one of seen) if (one.isIntersecting && this.placed) void (one.target === topMark ? this.up() : this.down())
      },
      { root: this.box, rootMargin: '800px 0px' },
    )
    eye.observe(topMark)
    eye.observe(endMark)
    return () => eye.disconnect()
  }

  private async up(): Promise<void> {
    if (this.slice.from > 0) this.slice = earlier(this.slice)
    else if (this.thread.moreBefore) {
      await this.live.session.pages.older(this.conv)
      this.slice = earlier(this.slice)
    }
  }

  private async down(): Promise<void> {
    if (this.slice.to < this.keys.length) this.slice = further(this.slice, this.keys.length)
    else if (this.thread.moreAfter) await this.live.session.pages.later(this.conv)
  }

  /** A link to a message, of the conversation that is open already too; the page reads what is not loaded. */
  private linked(id: string | null): void {
    this.aim = id
    if (id && this.placed && this.loaded(id)) {
      this.aim = null
      void this.reveal(id)
    }
  }

  private loaded(id: string): boolean {
    return this.live.session.store.threads.get(this.conv)?.ids.includes(id) ?? false
  }

  private async reveal(id: string): Promise<void> {
    const key = this.live.session.store.keyOf(id)
    const at = this.keys.indexOf(key)
    if (at < this.slice.from || at >= this.slice.to) this.slice = around(at, this.keys.length)
    this.atBottom = false
    await tick()
    this.find(key)?.scrollIntoView({ block: 'center' })
    this.show(key)
    this.remember()
  }

  private show(key: string): void {
    this.flashing = key
    markIn(this.find(key), this.live.marks)
    setTimeout(() => (this.flashing = ''), FLASH)
  }
}
