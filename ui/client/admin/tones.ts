// How good or bad something is, by the words the server uses for it.

export type Tone = 'good' | 'warn' | 'bad' | 'busy' | 'plain'

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

/** A channel that needs a person. */
export function inTrouble(state: string, enabled = true): boolean {
  const tone = toneOfState(state, enabled)
  return tone === 'bad' || tone === 'warn'
}
