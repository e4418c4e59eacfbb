// The questions to the server: what was said, who is known, and where one talks with somebody.

import { HttpError } from '../../core/api'
import type { Found } from '../../core/finder'
import { start, type Filter, type Operator } from '../../core/query'
import type { ContactView, ConversationView, SearchHit } from '../../core/wire'
import type { Live } from '../live.svelte'

export interface Asked {
  words: string
  filters: readonly Filter[]
  conv?: string
}

export const HITS = 30
/** Characters; the server takes no more. */
export const LONGEST = 200
export const PEOPLE = 8

export function valueOf(filters: readonly Filter[], op: Operator): string | undefined {
  return filters.find((one) => one.op === op)?.value
}

/** Messages, the newest first; their conversations are known afterwards. */
export async function askMessages(live: Live, asked: Asked, cursor: string | null, signal: AbortSignal): Promise<Found<SearchHit>> {
  const { filters } = asked
  const from = valueOf(filters, 'from')
  const [after, before] = [valueOf(filters, 'after'), valueOf(filters, 'before')]
  const page = await live.session.api.search(
    {
      q: asked.words,
      conversation: asked.conv,
      workspace: valueOf(filters, 'client'),
      channel: valueOf(filters, 'channel'),
      from: from && (from === 'us' ? 'out' : 'in'),
      has: valueOf(filters, 'has'),
      after: after && String(start(after)),
      before: before && String(start(before)),
      cursor: cursor ?? undefined,
      limit: String(HITS),
    },
    signal,
  )
  for (const hit of page.hits) live.session.store.putConversation(hit.conv)
  live.session.store.flush()
  return { items: page.hits, next: page.next ?? null }
}

export async function askPeople(live: Live, words: string, ws: string | undefined, signal: AbortSignal): Promise<Found<ContactView>> {
  return { items: await live.session.api.contacts(words, ws, PEOPLE, signal), next: null }
}

/** The newest conversation with somebody; null: there is none yet. */
export async function threadWith(live: Live, person: ContactView): Promise<ConversationView | null> {
  const { store, api } = live.session
  const known = [...store.conversations.values()].filter((row) => row.contact === person.id)
  const rows = known.length ? known : await api.threadsWith(person.id)
  for (const row of rows) store.putConversation(row)
  store.flush()
  return [...rows].sort((a, b) => b.last_at - a.last_at)[0] ?? null
}

/** Opens the chat with somebody; where there is none, the page asks how to begin one. */
export async function openPerson(live: Live, person: ContactView): Promise<void> {
  try {
    const row = await threadWith(live, person)
    if (row) live.go({ conv: row.id })
    else live.sheet = { name: 'start', ws: person.ws, phone: phoneOf(person), who: person.name }
  } catch (error) {
    live.alarm(wordsOf(live, error))
  }
}

export function phoneOf(person: ContactView): string {
  const phone = person.identities?.find((one) => one.address.kind === 'phone')
  return phone?.shown ?? phone?.address.value ?? ''
}

/** Why a question has no answer, in words. */
export function wordsOf(live: Live, error: unknown): string {
  if (!(error instanceof HttpError)) return live.t('search.offline')
  return error.text || live.words.or(`problem.${error.code}`, live.t('search.failed'))
}
