// Files by their MIME type: what sort of part they make, how large they may be.

import type { Media } from './wire'

export function sortOf(mime: string): Media['sort'] {
  const kind = mime.split('/')[0]
  return kind === 'image' && mime !== 'image/svg+xml' ? 'image' : kind === 'video' ? 'video' : kind === 'audio' ? 'audio' : 'document'
}

/** The most bytes for a type: an exact pattern first, then "image/*", then any. Null: no limit is known. */
export function limitFor(mime: string, limits: Record<string, number>): number | null {
  return limits[mime] ?? limits[`${mime.split('/')[0] ?? ''}/*`] ?? limits['*/*'] ?? null
}
