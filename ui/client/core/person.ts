// What is known of a person: the addresses and wishes worth showing, and what an operator keeps.

import type { ContactView, IdentityView } from './wire'

const LONG = 18

/** As one would read it out: a long id is cut in the middle. */
export function shortly(identity: IdentityView): string {
  const { shown } = identity
  return shown.length <= LONG || identity.address.kind === 'email' ? shown : `${shown.slice(0, 9)}…${shown.slice(-6)}`
}

/** Whether he may not write to us on this channel. */
export function isBlocked(person: ContactView | undefined, channel: string): boolean {
  const said = person?.attributes?.[`blocked.${channel}`]
  return said !== undefined && said !== '' && said !== 'no'
}

export interface Consent {
  /** "marketing", "messages" … */
  what: string
  stopped: boolean
  /** When he said so, in ms; null: not known. */
  at: number | null
  source: string
}

export function consents(person: ContactView): Consent[] {
  const said = person.attributes ?? {}
  return Object.entries(said).flatMap(([name, value]) => {
    const what = /^consent\.(\w+)$/.exec(name)?.[1]
    if (!what) return []
    const at = said[`consent.${what}.at`] ?? said[`${name}_at`] ?? ''
    const when = Number(at) || Date.parse(at)
    return [{ what, stopped: value === 'stop', at: when || null, source: said[`consent.${what}.source`] ?? '' }]
  })
}

const OURS = /^(consent|blocked|username)\b/

/** What else is kept about him, in the order of its names. */
export function kept(person: ContactView): [string, string][] {
  return Object.entries(person.attributes ?? {})
    .filter(([name, value]) => !OURS.test(name) && value)
    .sort(([a], [b]) => a.localeCompare(b))
}
