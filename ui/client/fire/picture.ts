// What a client knows, as plain values, and where two of them differ.

import { listKey } from '../core/folders'
import type { Session } from '../core/session'
import type { Folder } from '../core/wire'

const USUAL: Record<string, unknown> = { status: 'open', st: 'received', named_by: 'network' }
const ALL: Folder = { status: 'all' }
const OPEN: Folder = { status: 'open' }

interface Picture {
  [part: string]: Record<string, unknown>
}

/** Read all that can be read: every row, and every message of every thread that was looked at. */
export async function whole(session: Session): Promise<void> {
  const { store } = session
  for (const folder of [ALL, OPEN]) {
    while (store.list(folder).next !== null || !store.list(folder).loaded) {
      if (!store.list(folder).loading) session.view(folder)
      await new Promise((next) => setTimeout(next, 5))
      if (!session.connection.live) return
    }
  }
  for (const conv of store.conversations.keys()) {
    const thread = store.thread(conv)
    if (!thread.loaded) await session.pages.load(conv, null)
    for (let turn = 0; turn < 100 && (thread.moreBefore || thread.moreAfter); turn++) {
      await session.pages.older(conv)
      await session.pages.later(conv)
    }
  }
}

export function picture(session: Session): Picture {
  const { store } = session
  const threads = [...store.threads].map(([conv, { ids }]) => [conv, ids.map((id) => store.messages.get(id) ?? id)])
  const unsaid = [...store.conversations.keys()].flatMap((conv) => session.outbox.of(conv)).filter((one) => one.code !== 'not_found')
  return {
    rows: Object.fromEntries(store.conversations),
    lists: Object.fromEntries([ALL, OPEN].map((folder) => [listKey(folder), store.list(folder).ids])),
    threads: Object.fromEntries(threads),
    counters: Object.fromEntries([...store.counters].map(([ws, all]) => [ws, Object.fromEntries(Object.entries(all).filter(([, n]) => n))])),
    drafts: Object.fromEntries([...store.drafts].map(([conv, { text }]) => [conv, text])),
    labels: Object.fromEntries(store.labels),
    channels: Object.fromEntries(store.channels),
    operators: Object.fromEntries([...store.operators].map(([ws, all]) => [ws, Object.fromEntries(all)])),
    workspaces: Object.fromEntries(store.workspaces),
    unsaid: Object.fromEntries(unsaid.map((one) => [one.cid, one])),
  }
}

export function differences(ours: Picture, theirs: Picture): string[] {
  return Object.keys({ ...ours, ...theirs }).flatMap((part) => {
    const [mine, fresh] = [ours[part] ?? {}, theirs[part] ?? {}]
    return Object.keys({ ...mine, ...fresh }).flatMap((key) => {
      const [one, other] = [said(mine[key]), said(fresh[key])]
      return one === other ? [] : [`${part} ${key}: ${one.slice(0, 1500)} is not ${other.slice(0, 1500)}`]
    })
  })
}

/** As JSON, whatever the order in which a thing was put together, and without what is usual: it may be left out. */
function said(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => {
    if (!one || typeof one !== 'object' || Array.isArray(one)) return one
    return Object.fromEntries(Object.entries(one).filter(([key, each]) => !usual(key, each)).sort())
  }) ?? 'nothing'
}

function usual(key: string, value: unknown): boolean {
  if (value === USUAL[key]) return true
  return value === null || value === '' || value === 0 || value === false || (Array.isArray(value) && !value.length)
}
