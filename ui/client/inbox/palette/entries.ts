// What the palette offers: chats, people, folders, labels and commands, each with what it does.

import type { IconName } from '../../components/icons'
import { BINDINGS, type Action, type Binding } from '../../core/keys'
import { otherLayout } from '../../core/layout'
import { fit, fitNumber, pieces, type Fit } from '../../core/score'
import type { ContactView, Piece } from '../../core/wire'
import type { Live } from '../live.svelte'
import { openPerson, phoneOf } from '../search/ask'
import { run } from '../shortcuts'

export type Kind = 'chats' | 'people' | 'folders' | 'labels' | 'commands'

export interface Entry {
  id: string
  kind: Kind
  name: string
  detail?: string
  face?: { id: string; file?: string | null; group?: boolean; colour?: string }
  icon?: IconName
  colour?: string
  checked?: boolean
  keys?: readonly string[]
  run(): void
}

export interface Shown extends Entry {
  pieces: Piece[]
}

/** A sign at the beginning narrows it down. The same keys on a Russian layout are understood too. */
const SIGNS: Record<string, Kind> = { '>': 'commands', '@': 'people', '"': 'people', '#': 'labels', '№': 'labels' }
const MOST: Record<Kind, number> = { chats: 6, people: 5, folders: 5, labels: 8, commands: 8 }
const ORDER: readonly Kind[] = ['chats', 'people', 'folders', 'labels', 'commands']

export function scopeOf(typed: string): { kind: Kind | null; words: string } {
  const kind = SIGNS[typed.charAt(0)] ?? null
  return { kind, words: (kind ? typed.slice(1) : typed).trim() }
}

/** The groups to show, the best first in each. `people`: whom the server found. */
export function shown(live: Live, typed: string, people: readonly ContactView[]): { kind: Kind; entries: Shown[] }[] {
  const { kind, words } = scopeOf(typed)
  const all = entries(live, kind, people)
  const first = ranked(all, words, kind)
  const other = first.length ? null : otherLayout(words)
  const found = other ? ranked(all, other, kind) : first
  return ORDER.map((one) => ({ kind: one, entries: found.filter((entry) => entry.kind === one) })).filter((group) => group.entries.length)
}

function ranked(all: readonly Entry[], words: string, scope: Kind | null): Shown[] {
  const met = all.flatMap((entry) => {
    const how = fits(entry, words)
    return how ? [{ entry, how }] : []
  })
  if (words) met.sort((a, b) => b.how.score - a.how.score)
  const left = new Map<Kind, number>()
  return met.flatMap(({ entry, how }) => {
    const before = left.get(entry.kind) ?? 0
    const most = scope ? 50 : words ? MOST[entry.kind] : Math.min(5, MOST[entry.kind])
    left.set(entry.kind, before + 1)
    return before < most ? [{ ...entry, pieces: pieces(entry.name, how.ranges) }] : []
  })
}

function fits(entry: Entry, words: string): Fit | null {
  const byName = fit(words, entry.name)
  if (byName) return byName
  const known = entry.kind === 'people' || (entry.kind === 'chats' && fitNumber(words, entry.detail ?? ''))
  return known ? { score: 10, ranges: [] } : null // the server found the person, by whatever it was
}

function entries(live: Live, scope: Kind | null, people: readonly ContactView[]): Entry[] {
  const all: Entry[] = []
  if (!scope || scope === 'people') all.push(...chats(live), ...persons(live, people))
  if (!scope) all.push(...folders(live))
  if (scope === 'labels') all.push(...labels(live))
  if (!scope || scope === 'commands') all.push(...commands(live))
  return all
}

function chats(live: Live): Entry[] {
  const rows = [...live.session.store.conversations.values()].sort((a, b) => b.last_at - a.last_at)
  const several = live.workspaces.length > 1
  return rows.map((row) => ({
    id: row.id,
    kind: 'chats',
    name: row.name,
    detail: [row.peer === row.name ? '' : row.peer, several ? live.workspace(row.ws)?.name : ''].filter(Boolean).join(' · '),
    face: { id: row.contact ?? row.id, file: row.avatar ?? null, group: row.group ?? false },
    run: () => live.go({ conv: row.id }),
  }))
}

function persons(live: Live, people: readonly ContactView[]): Entry[] {
  const talking = new Set([...live.session.store.conversations.values()].map((row) => row.contact))
  return people
    .filter((one) => !talking.has(one.id))
    .map((person) => ({
      id: person.id,
      kind: 'people',
      name: person.name || phoneOf(person),
      detail: [person.name ? phoneOf(person) : '', live.workspaces.length > 1 ? live.workspace(person.ws)?.name : ''].filter(Boolean).join(' · '),
      face: { id: person.id, file: person.avatar ?? null },
      run: () => void openPerson(live, person),
    }))
}

function folders(live: Live): Entry[] {
  const own: readonly [string, IconName][] = [['all', 'inbox'], ['mine', 'user'], ['none', 'user-x']]
  const open = (folder: string) => () => live.go({ folder, status: 'open', conv: null })
  return [
    ...own.map(([id, icon], at): Entry => ({ id: `folder-${id}`, kind: 'folders', name: live.t(`ui.folder.${id}`), icon, keys: [`Ctrl+${at + 1}`], run: open(id) })),
    ...live.workspaces.map(
      (ws, at): Entry => ({
        id: `folder-${ws.id}`,
        kind: 'folders',
        name: ws.name,
        face: { id: ws.id, colour: ws.color ?? '' },
        keys: at < 6 ? [`Ctrl+${at + 4}`] : [],
        run: open(ws.id),
      }),
    ),
  ]
}

/** The labels of the open chat; choosing puts one on or takes it off. */
function labels(live: Live): Entry[] {
  const row = live.place.conv ? live.conversation(live.place.conv) : undefined
  if (!row) return []
  return live.labels(row.ws).map((label) => {
    const on = row.labels?.includes(label.id) ?? false
    const change = on ? { remove: [label.id] } : { add: [label.id] }
    return {
      id: label.id,
      kind: 'labels',
      name: label.name,
      colour: label.color,
      checked: on,
      run: () => void live.perform({ op: 'conv.label', conv: row.id, ...change }),
    }
  })
}

function commands(live: Live): Entry[] {
  const row = live.place.conv ? live.conversation(live.place.conv) : undefined
  const idle: Partial<Record<Action, boolean>> = {
    close: row?.status === 'closed',
    close_next: row?.status === 'closed',
    reopen: (row?.status ?? 'open') === 'open',
    assign_me: row?.assignee === live.me.id,
    unread: Boolean(row?.unread || row?.marked_unread),
    read: !row?.unread && !row?.marked_unread,
    theme_system: live.theme === 'system',
    theme_light: live.theme === 'light',
    theme_dark: live.theme === 'dark',
    locale_en: live.words.locale === 'en',
    locale_ru: live.words.locale === 'ru',
  }
  const about = (one: Binding): boolean => one.group === 'chat' || one.group === 'writing'
  return (BINDINGS as readonly Binding[])
    .filter((one) => !one.local && !idle[one.id as Action] && (row || !about(one)))
    .sort((a, b) => Number(about(b)) - Number(about(a)))
    .map((one) => ({ id: `do-${one.id}`, kind: 'commands', name: live.t(`keys.${one.id}`), icon: 'command', keys: one.keys.slice(0, 1), run: () => void run(one.id as Action, live) }))
}
