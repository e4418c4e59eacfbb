// The search over the chat list: what is typed, the filters, what was found, and which line is chosen.

import { systemClock } from '../../core/clock'
import { Finder } from '../../core/finder'
import { otherLayout } from '../../core/layout'
import { added, lastToken, offered, read, readAll, withoutLast, type Filter, type Operator } from '../../core/query'
import { best, fitNumber, pieces } from '../../core/score'
import type { ContactView, ConversationView, SearchHit } from '../../core/wire'
import type { Live } from '../live.svelte'
import { askMessages, askPeople, openPerson, valueOf, type Asked } from './ask'
import { markIn } from './highlight'
import { choicesFor, operatorsHere, type Group, type Option } from './options'

const CHATS = 6

export class ListSearch {
  text: string = $state('')
  filters: readonly Filter[] = $state.raw([])
  /** Its results lie over the list. */
  shown: boolean = $state(false)
  chosen: number = $state(0)

  /** Moves when an answer has come. */
  private version: number = $state(0)
  private hits: Finder<Asked, SearchHit>
  private people: Finder<Asked, ContactView>

  constructor(private live: Live) {
    const changed = (): void => void (this.version += 1)
    const instead = (asked: Asked): Asked | null => {
      const words = otherLayout(asked.words)
      return words === null ? null : { ...asked, words }
    }
    this.hits = new Finder({ clock: systemClock, changed, instead, ask: (asked, cursor, signal) => askMessages(live, asked, cursor, signal) })
    this.people = new Finder({
      clock: systemClock,
      changed,
      instead,
      ask: (asked, _, signal) => askPeople(live, asked.words, valueOf(asked.filters, 'client'), signal),
    })
  }

  // What is shown.

  /** The words as they are asked for, without the operators. */
  readonly asked: Asked = $derived.by(() => {
    const { words, filters } = readAll(this.text, this.choices, this.live.session.now())
    return { words, filters: filters.reduce(added, this.filters) }
  })

  /** An operator whose value is being typed. */
  readonly offer = $derived.by(() => offered(this.text, this.choices))

  readonly groups: Group[] = $derived.by(() => {
    const { live } = this
    const groups: Group[] = []
    const add = (title: string, options: Option[]): void => void (options.length && groups.push({ title, options }))
    if (this.offer) {
      const { op, choices } = this.offer
      add(live.t(`search.op.${op}`), choices.slice(0, 12).map(({ value }) => ({ kind: 'value', key: `${op}:${value}`, op, value })))
      return groups
    }
    if (!this.asked.words) {
      add(live.t('search.narrow'), operatorsHere(live, this.filters).map((op) => ({ kind: 'operator', key: op, op })))
      return groups
    }
    const chats = this.chats
    add(live.t('search.chats'), chats)
    const there = new Set(chats.map((one) => one.kind === 'chat' && one.row.contact))
    add(live.t('search.people'), this.found.people.filter((one) => !there.has(one.id)).map((person) => ({ kind: 'person', key: person.id, person })))
    add(live.t('search.messages'), this.found.hits.map((hit) => ({ kind: 'hit', key: hit.msg.id, hit })))
    return groups
  })
  readonly options: Option[] = $derived(this.groups.flatMap((one) => one.options))

  get found(): { hits: readonly SearchHit[]; people: readonly ContactView[]; more: boolean; state: string; error: unknown; loading: boolean; instead: string } {
    void this.version
    const { hits, people } = this
    const answered = hits.answered?.words ?? ''
    return {
      hits: hits.items,
      people: people.items,
      more: hits.more,
      state: hits.state,
      error: hits.error,
      loading: hits.state === 'waiting' || hits.loadingMore,
      instead: hits.items.length && answered !== this.asked.words && otherLayout(this.asked.words) === answered ? answered : '',
    }
  }

  /** Loaded conversations by name and number. Filters that only messages have leave none. */
  private get chats(): Option[] {
    const { words, filters } = this.asked
    if (filters.some((one) => one.op !== 'client' && one.op !== 'channel')) return []
    const [ws, channel] = [valueOf(filters, 'client'), valueOf(filters, 'channel')]
    const rows = [...this.live.session.store.conversations.values()].filter((row) => (!ws || row.ws === ws) && (!channel || row.channel === channel))
    rows.sort((a, b) => b.last_at - a.last_at)
    const named = (typed: string): Option[] =>
      best(typed, rows, (row) => row.name, CHATS).map(({ one, fit }) => ({ kind: 'chat', key: one.id, row: one, name: pieces(one.name, fit.ranges) }))
    const chat = (row: ConversationView): Option => ({ kind: 'chat', key: row.id, row, name: pieces(row.name, []) })
    const numbered = rows.filter((row) => fitNumber(words, row.peer ?? '')).slice(0, CHATS)
    const found = [...named(words), ...numbered.map(chat)]
    const other = found.length ? null : otherLayout(words)
    const all = other ? named(other) : found
    return all.filter((one, at) => all.findIndex((same) => same.key === one.key) === at).slice(0, CHATS)
  }

  private get choices(): ReturnType<typeof choicesFor> {
    return choicesFor(this.live, this.filters, lastToken(this.text).replace(/^[^:]*:/, ''))
  }

  // What one does.

  /** Shows the results; in a client's folder only his are looked through, until one takes that back. */
  begin(): void {
    if (this.shown) return
    this.shown = true
    this.chosen = 0
    const { folder } = this.live.place
    this.filters = this.live.workspace(folder) && this.live.workspaces.length > 1 ? [{ op: 'client', value: folder }] : []
  }

  type(text: string): void {
    this.begin()
    const { words, filters } = read(text, choicesFor(this.live, this.filters), this.live.session.now())
    this.text = words
    this.filters = filters.reduce(added, this.filters)
    this.ask()
  }

  remove(op: Operator): void {
    this.filters = this.filters.filter((one) => one.op !== op)
    this.ask()
  }

  end(): void {
    this.shown = false
    this.text = ''
    this.filters = []
    this.hits.want(null)
    this.people.want(null)
    markIn(null, [])
  }

  retry(): void {
    this.hits.hurry()
    this.people.hurry()
  }

  further(): void {
    void this.hits.further()
  }

  move(by: number): void {
    const last = this.options.length - 1
    this.chosen = Math.max(0, Math.min(last, this.chosen + by))
  }

  choose(clicked?: Option): void {
    const option = clicked ?? this.options[this.chosen]
    // What is shown still answers an older question: Enter does not mean that.
    if (!clicked && option?.kind === 'hit' && this.hits.state === 'waiting') return this.retry()
    switch (option?.kind) {
      case undefined:
        return this.retry()
      case 'operator':
        return this.type(`${this.text}${this.live.t(`search.typed.${option.op}`)}:`)
      case 'value':
        this.text = withoutLast(this.text)
        this.filters = added(this.filters, { op: option.op, value: option.value })
        return this.ask()
      case 'chat':
        return this.live.go({ conv: option.row.id })
      case 'person':
        return void openPerson(this.live, option.person)
      case 'hit':
        return this.live.reach(option.hit.msg, option.hit.snippet.flatMap((one) => (one.hit ? [one.text] : [])))
    }
  }

  private ask(): void {
    this.chosen = 0
    const { words, filters } = this.asked
    const asked = /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(words) && !this.offer ? this.asked : null
    this.hits.want(asked)
    this.people.want(filters.some((one) => one.op !== 'client') ? null : asked)
  }
}
