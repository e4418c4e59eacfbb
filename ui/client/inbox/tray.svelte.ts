// Files about to be sent: uploaded at once, with progress; checked against the channel's limits before.

import type { CanSend, Media } from '../core/wire'
import { limitFor, sortOf } from '../core/files'
import { upload, type Upload } from './browser'
import type { Live } from './live.svelte'

export interface Item {
  key: number
  name: string
  size: number
  mime: string
  preview: string
  share: number
  error: string
  id: string
}

let keys = 0

export class Tray {
  items: Item[] = $state([])
  private uploads = new Map<number, Upload>()

  constructor(
    private live: Live,
    private workspace: () => string,
  ) {}

  get ready(): boolean {
    return this.items.every((one) => one.id !== '')
  }

  add(files: Iterable<File>, can?: CanSend): void {
    for (const file of files) {
      const limit = limitFor(file.type, can?.media ?? {})
      const item: Item = {
        key: ++keys,
        name: file.name || 'file',
        size: file.size,
        mime: file.type,
        preview: file.type.startsWith('image/') ? URL.createObjectURL(file) : '',
        share: 0,
        error: limit !== null && file.size > limit ? 'too_large' : '',
        id: '',
      }
      this.items.push(item)
      if (!item.error) void this.start(item.key, file)
    }
  }

  remove(key: number): void {
    this.uploads.get(key)?.cancel()
    this.forget(key)
  }

  /** The parts to send; the tray is empty afterwards. Files with an error stay behind. */
  take(caption: string): Media[] {
    const ready = this.items.filter((one) => one.id)
    const parts = ready.map((one, at): Media => ({
      type: 'media',
      sort: sortOf(one.mime),
      ref: one.id,
      mime: one.mime,
      name: one.name,
      size: one.size,
      ...(at === 0 && caption ? { caption } : {}),
    }))
    for (const one of ready) this.forget(one.key)
    return parts
  }

  private async start(key: number, file: File): Promise<void> {
    const change = (what: Partial<Item>): void => {
      const item = this.items.find((one) => one.key === key)
      if (item) Object.assign(item, what)
    }
    const going = upload(file, this.workspace(), this.live.session.csrf, (share) => change({ share }))
    this.uploads.set(key, going)
    try {
      const done = await going.done
      change({ id: done.id, share: 1, mime: done.mime ?? file.type })
    } catch (error) {
      change({ error: (error as { code?: string }).code ?? 'failed' })
    } finally {
      this.uploads.delete(key)
    }
  }

  private forget(key: number): void {
    const at = this.items.findIndex((one) => one.key === key)
    const gone = at >= 0 ? this.items.splice(at, 1)[0] : undefined
    if (gone?.preview) URL.revokeObjectURL(gone.preview)
  }
}
