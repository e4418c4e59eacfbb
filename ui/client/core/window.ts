// Which part of a long list is drawn: arithmetic only.

export interface Rows {
  from: number
  to: number
  /** Pixels above and below that stand for what is not drawn. */
  above: number
  below: number
}

/** Rows of one height: those in sight and `spare` more at each end. */
export function rowsInSight(top: number, height: number, row: number, total: number, spare = 8): Rows {
  const from = Math.max(0, Math.min(Math.floor(top / row) - spare, total))
  const to = Math.min(total, Math.max(from, Math.ceil((top + height) / row) + spare))
  return { from, to, above: from * row, below: (total - to) * row }
}

export const PAGE = 60
export const MOST_DRAWN = 120

/** A slice of a list of messages, in normal flow. */
export interface Slice {
  from: number
  to: number
}

export function around(index: number, total: number): Slice {
  const from = Math.max(0, Math.min(index - PAGE / 2, total - PAGE))
  return { from, to: Math.min(total, from + PAGE) }
}

export function atEnd(total: number): Slice {
  return { from: Math.max(0, total - PAGE), to: total }
}

export function earlier(slice: Slice): Slice {
  const from = Math.max(0, slice.from - PAGE)
  return { from, to: Math.min(slice.to, from + MOST_DRAWN) }
}

export function further(slice: Slice, total: number): Slice {
  const to = Math.min(total, slice.to + PAGE)
  return { from: Math.max(slice.from, to - MOST_DRAWN), to }
}

/** The list changed under the slice: keep the same messages in sight, and stay at the end if we were there. */
export function follow(slice: Slice, before: readonly string[], now: readonly string[]): Slice {
  if (slice.to >= before.length) {
    const anchor = keep(slice.from, before, now)
    return { from: Math.max(anchor, now.length - MOST_DRAWN), to: now.length }
  }
  const from = keep(slice.from, before, now)
  return { from, to: Math.min(now.length, from + (slice.to - slice.from)) }
}

function keep(from: number, before: readonly string[], now: readonly string[]): number {
  for (let i = from; i < before.length; i++) {
    const there = now.indexOf(before[i] ?? '')
    if (there >= 0) return Math.max(0, there - (i - from))
  }
  return Math.max(0, now.length - PAGE)
}
