// Files by their MIME type: what sort of part they make, how large they may be.

import type { Media, MediaView } from './wire'

export function sortOf(mime: string): Media['sort'] {
  const kind = mime.split('/')[0]
  return kind === 'image' && mime !== 'image/svg+xml' ? 'image' : kind === 'video' ? 'video' : kind === 'audio' ? 'audio' : 'document'
}

/** The most bytes for a type: an exact pattern first, then "image/*", then any. Null: no limit is known. */
export function limitFor(mime: string, limits: Record<string, number>): number | null {
  return limits[mime] ?? limits[`${mime.split('/')[0] ?? ''}/*`] ?? limits['*/*'] ?? null
}

/** The file of a medium: by its id; of what came from outside by its place among the message's files. */
export function fileOf(media: Media | null | undefined, files: readonly MediaView[], at = 0): MediaView | undefined {
  return files.find((one) => one.id === media?.ref) ?? files[at] ?? (media ? ownFile(media) : undefined)
}

/** A file we brought up ourselves, before the server has said anything of it. */
export function ownFile(media: Media, part = 0): MediaView | undefined {
  if (!media.ref.startsWith('f_')) return undefined
  const { ref, mime = '', name = '', size = null, duration = null } = media
  return { id: ref, part, state: 'ready', url: `/media/${ref}`, mime, name, size, duration }
}
