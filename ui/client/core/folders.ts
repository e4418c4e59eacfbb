// Folders: what a chat list shows, how it is named in the address, which row belongs to it.

import type { ConversationView, Folder } from './wire'

export type ListStatus = 'open' | 'snoozed' | 'closed'
export const STATUSES: readonly ListStatus[] = ['open', 'snoozed', 'closed']

export interface Place {
  /** "all", "mine", "none" (unassigned) or the id of a workspace. */
  folder: string
  status: ListStatus
  conv: string | null
  message: string | null
}

export const HOME: Place = { folder: 'all', status: 'open', conv: null, message: null }

export function folderOf(place: Pick<Place, 'folder' | 'status'>): Folder {
  const { folder, status } = place
  if (folder === 'all') return { status }
  if (folder === 'mine') return { status, assignee: 'me' }
  if (folder === 'none') return { status, assignee: 'none' }
  return { status, ws: folder }
}

export function listKey(folder: Folder): string {
  return [folder.ws, folder.channel, folder.status ?? 'open', folder.assignee, folder.label, folder.unread]
    .map((value) => value ?? '')
    .join('|')
}

export function belongs(folder: Folder, row: ConversationView, me: string): boolean {
  const status = folder.status ?? 'open'
  if (status !== 'all' && (row.status ?? 'open') !== status) return false
  if (folder.ws && row.ws !== folder.ws) return false
  if (folder.channel && row.channel !== folder.channel) return false
  if (folder.label && !row.labels?.includes(folder.label)) return false
  if (folder.unread && !row.unread && !row.marked_unread) return false
  const assignee = row.assignee ?? null
  if (folder.assignee === 'me') return assignee === me
  if (folder.assignee === 'none') return assignee === null
  return !folder.assignee || assignee === folder.assignee
}

/** The number on a folder: conversations with something unread in it. */
export function unreadIn(folder: string, counters: ReadonlyMap<string, Record<string, number>>, me: string): number {
  const key = folder === 'mine' ? `unread:${me}` : folder === 'none' ? 'unread:none' : 'unread'
  let sum = 0
  for (const [ws, numbers] of counters) {
    if (folder === ws || folder === 'all' || folder === 'mine' || folder === 'none') sum += numbers[key] ?? 0
  }
  return sum
}

/** /i/{folder}/c/{conversation}?s={status}&m={message} */
export function readPlace(path: string, query: string): Place {
  const found = /^\/i\/([^/]+)(?:\/c\/([^/]+))?\/?$/.exec(path)
  const params = new URLSearchParams(query)
  const status = STATUSES.find((one) => one === params.get('s')) ?? 'open'
  if (!found) return { ...HOME, status }
  const conv = found[2] ? decodeURIComponent(found[2]) : null
  return { folder: decodeURIComponent(found[1] ?? 'all'), status, conv, message: params.get('m') }
}

export function writePlace(place: Place): string {
  const params = new URLSearchParams()
  if (place.status !== 'open') params.set('s', place.status)
  if (place.conv && place.message) params.set('m', place.message)
  const query = params.size ? `?${params}` : ''
  const conv = place.conv ? `/c/${encodeURIComponent(place.conv)}` : ''
  return `/i/${encodeURIComponent(place.folder)}${conv}${query}`
}
