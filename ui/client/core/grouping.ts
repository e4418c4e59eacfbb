// How messages stand together: days, groups of one author, and the line above what is new.

import type { MessageView } from './wire'

const SAME_GROUP = 600_000

export interface Spot {
  /** Starts a new day: its moment, for the separator. */
  day: number | null
  /** The unread line stands above it. */
  unread: boolean
  first: boolean
  last: boolean
}

export function arrange(
  messages: readonly MessageView[],
  dayKey: (at: number) => string,
  unreadBefore: string | null,
): Map<string, Spot> {
  const spots = new Map<string, Spot>()
  let before: MessageView | null = null
  let spotBefore: Spot | null = null
  let day = ''
  let latest = -Infinity
  for (const message of messages) {
    // One that still waits to be sent stands last, however old it is: days only go on.
    latest = Math.max(latest, message.at)
    const newDay = dayKey(latest) !== day
    day = dayKey(latest)
    const unread = message.id === unreadBefore
    const first: boolean = newDay || unread || !before || !together(before, message)
    if (first && spotBefore) spotBefore.last = true
    const spot: Spot = { day: newDay ? latest : null, unread, first, last: false }
    spots.set(message.id, spot)
    before = message
    spotBefore = spot
  }
  if (spotBefore) spotBefore.last = true
  return spots
}

function together(a: MessageView, b: MessageView): boolean {
  return (
    a.dir === b.dir &&
    a.dir !== 'system' &&
    a.author.kind === b.author.kind &&
    (a.author.id ?? a.author.name) === (b.author.id ?? b.author.name) &&
    b.at - a.at < SAME_GROUP
  )
}

export interface Day {
  /** The moment its separator names. */
  day: number
  keys: string[]
}

/** The bubbles of each day. `dayOf`: the moment of a day that begins with this bubble; one of which nothing is
 * known yet joins the one before. */
export function byDay(keys: readonly string[], dayOf: (key: string) => number | null): Day[] {
  const found: Day[] = []
  for (const key of keys) {
    const day = dayOf(key)
    const open = found.at(-1)
    if (open && day === null) open.keys.push(key)
    else found.push({ day: day ?? 0, keys: [key] })
  }
  return found
}

/** The first message from them that nobody has read. */
export function firstUnread(messages: readonly MessageView[], readPos: number): string | null {
  return messages.find((one) => one.pos > readPos && one.dir === 'in' && !one.history)?.id ?? null
}
