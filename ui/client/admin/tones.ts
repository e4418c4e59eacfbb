// How good or bad something is, by the words the server uses for it.

import type { ChannelView } from '../core/wire'

export type Tone = 'good' | 'warn' | 'bad' | 'busy' | 'plain'

type Shown = Pick<ChannelView, 'state' | 'state_code' | 'enabled' | 'paused'>

const STATES: Record<string, Tone> = {
  connected: 'good',
  connecting: 'busy',
  backfilling: 'busy',
  transient: 'warn',
}

/** Of a channel: what is neither fine nor mends itself is bad, since a person has to look. */
export function toneOfState(state: string, enabled = true): Tone {
  return enabled ? (STATES[state] ?? 'bad') : 'plain'
}

const STANDINGS: Record<string, Tone> = {
  approved: 'good',
  pending: 'busy',
  in_appeal: 'busy',
  pending_deletion: 'busy',
  paused: 'warn',
  limit_exceeded: 'warn',
  rejected: 'bad',
  disabled: 'bad',
}

export function toneOfStanding(standing: string): Tone {
  return STANDINGS[standing] ?? 'plain'
}

const SEVERITIES: Record<string, Tone> = { info: 'plain', warning: 'warn', critical: 'bad' }
const QUALITIES: Record<string, Tone> = { high: 'good', green: 'good', medium: 'warn', yellow: 'warn', low: 'bad', red: 'bad' }

/** Of what the provider says of an account: a quality has its own colours. */
export function toneOf(about: string, value: string, severity: string): Tone {
  return (about === 'quality' ? QUALITIES[value.toLowerCase()] : undefined) ?? SEVERITIES[severity] ?? 'plain'
}

/** Of a channel as it is: one that is connected may still be barred from something. */
export function toneOfChannel(channel: Shown): Tone {
  const tone = toneOfState(channel.state ?? 'connecting', channel.enabled !== false)
  return tone === 'good' && (channel.paused || channel.state_code) ? 'warn' : tone
}

/** A channel that needs a person. */
export function inTrouble(channel: Shown): boolean {
  const tone = toneOfChannel(channel)
  return tone === 'bad' || tone === 'warn'
}

const LEVELS: Record<string, Tone> = { calm: 'good', near: 'warn', full: 'warn', paused: 'bad' }
const VITALS: Record<string, Tone> = { good: 'good', warn: 'warn', bad: 'bad' }

/** Of an account that is used with care: how near it is to its limits. */
export function toneOfLevel(level: string): Tone {
  return LEVELS[level] ?? 'plain'
}

/** Of what a connection measures of itself. */
export function toneOfVital(level: string): Tone {
  return VITALS[level] ?? 'plain'
}
