// The limits of an account as they are typed: what may be typed, what is wrong with it, and what is to change.

import type { Ceilings, Limits, LimitsChange } from '../../../core/wire'

export const NAMES = ['reply_within_days', 'new_chats_per_day', 'same_text_chats', 'per_minute', 'per_hour', 'warm_up_days'] as const
export type Name = (typeof NAMES)[number]

/** What the server takes where the plugin names no end of its own. */
const RANGES: Record<Name, readonly [number, number]> = {
  reply_within_days: [1, 365],
  new_chats_per_day: [0, 1000],
  same_text_chats: [1, 1000],
  per_minute: [1, 600],
  per_hour: [1, 5000],
  warm_up_days: [0, 90],
}

export interface Typed {
  numbers: Record<Name, string>
  quiet: boolean
  from: string
  until: string
  zone: string
}

export function typed(limits: Limits): Typed {
  const { quiet_from: from = '', quiet_until: until = '', timezone: zone = 'UTC' } = limits
  const numbers = Object.fromEntries(NAMES.map((name) => [name, String(limits[name] ?? '')])) as Record<Name, string>
  return { numbers, quiet: from !== '', from: from || '22:00', until: until || '08:00', zone }
}

export function rangeOf(name: Name, ceilings: Ceilings): readonly [number, number] {
  const [least, most] = RANGES[name]
  const hard = name === 'warm_up_days' ? null : ceilings[name]
  return [least, Math.min(most, hard ?? most)]
}

export function fits(text: string, [least, most]: readonly [number, number]): boolean {
  return /^\d{1,5}$/.test(text.trim()) && Number(text) >= least && Number(text) <= most
}

/** Only what is other than it was, so that nobody's change beside ours is undone. */
export function changeOf(now: Typed, was: Limits): LimitsChange {
  const wanted: Limits = {
    ...Object.fromEntries(NAMES.map((name) => [name, Number(now.numbers[name])])),
    quiet_from: now.quiet ? now.from : '',
    quiet_until: now.quiet ? now.until : '',
    timezone: now.zone,
  }
  const other = Object.entries(wanted).filter(([name, value]) => value !== was[name as keyof Limits])
  return Object.fromEntries(other)
}

/** All zones the browser knows, with the one that is set. */
export function zones(set: string): string[] {
  return [...new Set([set, 'UTC', ...Intl.supportedValuesOf('timeZone')])].sort()
}
