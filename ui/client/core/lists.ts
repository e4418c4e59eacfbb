// One chat list: the ids of the rows of a folder, newest first, kept in order as rows change.

import { belongs } from './folders'
import type { ConversationView, Folder } from './wire'

interface Place {
  at: number
  id: string
}

/** Newest first; the id breaks the tie, as the server's pages do. */
export function newer(a: Place, b: Place): number {
  return b.at - a.at || (a.id.length === b.id.length ? (a.id < b.id ? 1 : a.id > b.id ? -1 : 0) : b.id.length - a.id.length)
}

export class ChatList {
  private order: Place[] = []
  private where = new Map<string, Place>()
  /** The oldest row of the pages read so far; rows below it wait for their page. Null: all are here. */
  private floor: Place | null = { at: Infinity, id: '' }
  next: string | null = null
  loading = false
  loaded = false

  constructor(
    readonly folder: Folder,
    private me: string,
  ) {}

  get ids(): string[] {
    const shown: string[] = []
    for (const place of this.order) {
      if (this.floor && newer(place, this.floor) > 0) break
      shown.push(place.id)
    }
    return shown
  }

  /** True: the list looks different now. */
  place(row: ConversationView): boolean {
    const before = this.where.get(row.id)
    if (!belongs(this.folder, row, this.me)) return this.drop(row.id)
    if (before?.at === row.last_at) return false
    if (before) this.drop(row.id)
    const place = { at: row.last_at, id: row.id }
    this.order.splice(this.find(place), 0, place)
    this.where.set(row.id, place)
    return true
  }

  drop(id: string): boolean {
    const place = this.where.get(id)
    if (!place) return false
    this.where.delete(id)
    this.order.splice(this.find(place), 1)
    return true
  }

  /** A page was read; its rows are placed already. `next` null: that was the last one. */
  page(rows: readonly ConversationView[], next: string | null): void {
    const last = rows.at(-1)
    this.loaded = true
    this.loading = false
    this.next = next
    if (next === null) this.floor = null
    else if (last) this.floor = { at: last.last_at, id: last.id }
  }

  forget(): void {
    this.loaded = false
    this.loading = false
    this.next = null
  }

  private find(place: Place): number {
    let low = 0
    let high = this.order.length
    while (low < high) {
      const middle = (low + high) >> 1
      const there = this.order[middle]
      if (there && newer(there, place) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}
