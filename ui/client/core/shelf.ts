// The outbox and unsent drafts in IndexedDB: a closed tab or a lost network loses no word.

import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import type { Pending, Shelf } from './outbox'
import type { Draft } from './wire'

interface Schema extends DBSchema {
  outbox: { key: string; value: Pending }
  drafts: { key: string; value: Draft }
}

/** One database per operator: two people at one machine never see each other's words. */
export class LocalShelf implements Shelf {
  private constructor(private db: IDBPDatabase<Schema>) {}

  static async open(operator: string): Promise<LocalShelf> {
    const db = await openDB<Schema>(`jackfield-${operator}`, 1, {
      upgrade(fresh) {
        fresh.createObjectStore('outbox', { keyPath: 'cid' })
        fresh.createObjectStore('drafts', { keyPath: 'conv' })
      },
    })
    return new LocalShelf(db)
  }

  load(): Promise<Pending[]> {
    return this.db.getAll('outbox')
  }

  async put(pending: Pending): Promise<void> {
    await this.db.put('outbox', pending)
  }

  async remove(cid: string): Promise<void> {
    await this.db.delete('outbox', cid)
  }

  drafts(): Promise<Draft[]> {
    return this.db.getAll('drafts')
  }

  async keepDraft(draft: Draft): Promise<void> {
    await (draft.text ? this.db.put('drafts', draft) : this.db.delete('drafts', draft.conv))
  }
}

/** Where IndexedDB is not to be had (private windows of some browsers): nothing outlives the tab. */
export class NoShelf {
  load(): Promise<Pending[]> {
    return Promise.resolve([])
  }
  put(): Promise<void> {
    return Promise.resolve()
  }
  remove(): Promise<void> {
    return Promise.resolve()
  }
  drafts(): Promise<Draft[]> {
    return Promise.resolve([])
  }
  keepDraft(): Promise<void> {
    return Promise.resolve()
  }
}
