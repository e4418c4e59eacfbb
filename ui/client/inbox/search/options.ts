// The lines of a list of finds: what each is, in which group, and what choosing it does.

import { FROM, day, OPERATORS, start, type Choice, type Filter, type Operator } from '../../core/query'
import type { ContactView, ConversationView, Piece, SearchHit } from '../../core/wire'
import type { Live } from '../live.svelte'

export type Option =
  | { kind: 'operator'; key: string; op: Operator }
  | { kind: 'value'; key: string; op: Operator; value: string }
  | { kind: 'chat'; key: string; row: ConversationView; name: Piece[] }
  | { kind: 'person'; key: string; person: ContactView }
  | { kind: 'hit'; key: string; hit: SearchHit }

export interface Group {
  title: string
  options: Option[]
}

/** Kinds of message one can ask for, by the words of both languages. */
const HAS: readonly Choice[] = [
  { value: 'media', names: ['media', 'медиа'] },
  { value: 'photo', names: ['photo', 'image', 'фото'] },
  { value: 'video', names: ['video', 'видео'] },
  { value: 'voice', names: ['voice', 'голосовое'] },
  { value: 'audio', names: ['audio', 'аудио'] },
  { value: 'document', names: ['document', 'file', 'документ', 'файл'] },
  { value: 'link', names: ['link', 'ссылка'] },
  { value: 'location', names: ['location', 'место'] },
  { value: 'contacts', names: ['contact', 'контакт'] },
]
const DAYS = ['today', 'yesterday', 'week', 'month'] as const

/** What an operator may be given here. `typed`: a day is offered as it was typed. */
export function choicesFor(live: Live, filters: readonly Filter[], typed = ''): (op: Operator) => readonly Choice[] {
  const now = live.session.now()
  const client = filters.find((one) => one.op === 'client')?.value
  return (op) => {
    switch (op) {
      case 'from':
        return FROM
      case 'has':
        return HAS
      case 'client':
        return live.workspaces.map((ws) => ({ value: ws.id, names: [ws.name] }))
      case 'channel':
        return [...live.session.store.channels.values()].filter((one) => !client || one.ws === client).map((one) => ({ value: one.id, names: [one.name] }))
      case 'after':
      case 'before': {
        const exact = day(typed, now)
        if (exact) return [{ value: exact, names: [typed] }]
        return DAYS.map((name) => ({ value: day(name, now) ?? '', names: [name, live.t(`search.day.${name}`)] }))
      }
    }
  }
}

/** Operators that say something here: one client and one channel need no choosing. */
export function operatorsHere(live: Live, filters: readonly Filter[]): Operator[] {
  return OPERATORS.filter((op) => {
    if (filters.some((one) => one.op === op)) return false
    if (op === 'client') return live.workspaces.length > 1
    return op !== 'channel' || live.session.store.channels.size > 1
  })
}

/** A filter as its chip says it. */
export function valueName(live: Live, { op, value }: Filter): string {
  switch (op) {
    case 'from':
      return live.t(`search.from.${value}`)
    case 'has':
      return live.t(`search.has.${value}`)
    case 'client':
      return live.workspace(value)?.name ?? value
    case 'channel':
      return live.channel(value)?.name ?? value
    case 'after':
    case 'before':
      return live.times.day(start(value), live.now)
  }
}
