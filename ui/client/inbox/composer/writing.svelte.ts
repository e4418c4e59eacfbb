// What is being written to one conversation: to the customer or as a note, whether it may be sent, and the sending of it.

import { untrack } from 'svelte'
import { limitFor } from '../../core/files'
import { windowState } from '../../core/time'
import type { ConversationView, MessageView, SendMessage } from '../../core/wire'
import type { Desk } from '../desk.svelte'
import type { Live } from '../live.svelte'
import { ACTION } from '../shortcuts'
import type { Tray } from '../tray.svelte'

const MOST = 4096 // letters, where the channel does not say

type Part = SendMessage['parts'][number]

export class Writing {
  text: string = $state('')
  mode: 'reply' | 'note' = $state('reply')

  private readonly row = $derived.by(() => this.of().row)
  private readonly tray = $derived.by(() => this.of().tray)
  readonly conv = $derived.by(() => this.row.id)
  readonly can = $derived.by(() => this.live.canSend(this.conv))
  readonly span = $derived.by(() => windowState(this.row.windowed ?? false, this.row.window_until, this.live.now))

  readonly viewer = $derived.by(() => this.live.workspace(this.row.ws)?.role === 'viewer')
  /** Nothing can be written to the customer now; the reason is one of those of `can_send`. */
  readonly closed = $derived.by(() => this.mode === 'reply' && (this.span === 'closed' || this.can?.ok === false))
  readonly reason = $derived.by(() => (this.can?.ok === false ? (this.can.reason ?? '') : 'window_closed'))
  /** A template can be sent. */
  readonly template = $derived.by(() => {
    const { can } = this
    if (can && !can.ok) return can.alternatives?.includes('template') ?? false
    return can?.can?.includes('template') ?? this.span === 'closed'
  })
  readonly voice = $derived.by(() => limitFor('audio/ogg', this.can?.media ?? {}) !== null)

  readonly empty = $derived.by(() => !this.text.trim() && !this.tray.items.length)
  /** How many letters more may be written. */
  readonly left = $derived.by(() => (this.can?.text_max ?? MOST) - this.text.length)
  readonly tooLong = $derived.by(() => this.left < 0)

  constructor(
    private live: Live,
    private desk: Desk,
    private of: () => { row: ConversationView; tray: Tray },
  ) {
    this.text = untrack(() => this.draft)
  }

  /** The words are other ones now. */
  input(): void {
    if (!this.desk.editing && this.mode === 'reply') this.live.session.drafts.change(this.conv, this.text, this.desk.replyTo?.id ?? null)
    this.live.session.typing(this.conv, this.text ? this.mode : 'stopped')
  }

  /** True: it is on its way, and the next can be written. */
  send(extra: Partial<SendMessage> = {}): boolean {
    const body = this.text.trim()
    const { live, desk, tray } = this
    if (desk.editing) {
      if (body) void live.perform({ op: 'message.edit', message: desk.editing.id, text: body })
      this.leave()
      return false
    }
    if (this.empty || this.closed || this.tooLong || this.viewer || (tray.items.length > 0 && !tray.ready)) return false
    const files = this.mode === 'reply' ? tray.take(body) : []
    const parts: Part[] = files.length ? files : [{ type: 'text', body }]
    for (const part of parts) this.say(part, extra)
    this.text = ''
    if (this.mode === 'reply') live.session.drafts.change(this.conv, '', null)
    live.session.typing(this.conv, 'stopped')
    return true
  }

  say(part: Part, extra: Partial<SendMessage> = {}): void {
    const { session } = this.live
    session.send({ conv: this.conv, mode: this.mode, reply_to: this.desk.replyTo?.id ?? null, seen_pos: session.pages.seen(this.conv), ...extra, parts: [part] })
    this.desk.replyTo = null
    dispatchEvent(new CustomEvent(ACTION, { detail: 'last', cancelable: true }))
  }

  /** What is answered or changed is left alone; the draft comes back. */
  leave(): void {
    if (this.desk.editing) this.text = this.draft
    this.desk.editing = null
    this.desk.replyTo = null
  }

  toggleNote(): void {
    this.mode = this.mode === 'note' ? 'reply' : 'note'
    this.live.session.typing(this.conv, 'stopped')
  }

  /** Our last message, if there is one that can be changed. */
  lastOwn(): MessageView | undefined {
    if (!this.can?.can?.includes('edit')) return undefined
    const { store } = this.live.session
    const newest = store.threads.get(this.conv)?.ids.toReversed().map((id) => store.messages.get(id))
    return newest?.find((one) => one?.dir === 'out' && one.kind === 'text' && !one.deleted_at)
  }

  private get draft(): string {
    return this.live.session.store.drafts.get(this.conv)?.text ?? ''
  }
}
