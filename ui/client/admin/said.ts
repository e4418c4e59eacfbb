// How the server's words for channels are shown: states, kinds, what a provider says of an account.

import { bytes } from '../core/time'
import type { ChannelView } from '../core/wire'
import type { Live } from '../inbox/live.svelte'
import type { Vital } from './wire'

export function stateWords(live: Live, channel: ChannelView): string {
  if (channel.enabled === false) return live.t('admin.state.off')
  if (channel.state === 'connected' && channel.paused && !channel.state_code) return live.t('admin.state.paused')
  return stateName(live, channel.state ?? 'connecting', channel.kind, channel.state_code)
}

/** A state in words; the kind's own for its code, where it has them. */
export function stateName(live: Live, state: string, kind = '', code = ''): string {
  const plain = live.words.or(`admin.state.${code}`, live.words.or(`admin.state.${state}`, state))
  return live.words.or(`${kind}.state.${code}`, plain)
}

/** What a person can do about it; "" where there is nothing to do. */
export function stateAdvice(live: Live, channel: ChannelView): string {
  if (channel.enabled === false) return live.t('admin.advice.off')
  const own = `${channel.kind}.advice.${channel.state_code ?? ''}`
  if (live.words.has(own)) return live.t(own)
  const common = `admin.advice.${channel.state ?? ''}`
  if (live.words.has(common)) return live.t(common)
  return channel.paused ? live.words.or(`protection.reason.paused_${channel.paused}`, live.t('admin.advice.paused')) : ''
}

export function kindName(live: Live, kind: string): string {
  return live.words.or(`${kind}.title`, kind)
}

/** "quality" of a plugin's account in words. */
export function aboutName(live: Live, kind: string, about: string): string {
  return live.words.or(`${kind}.limit.${about}`, live.words.or(`admin.about.${about}`, about))
}

const UNITS: Record<string, string> = { ms: 'millisecond', s: 'second', minutes: 'minute', hours: 'hour', days: 'day' }

/** A value with its unit, as one writes it: "184 ms", "75 MB", "91 days". */
export function measured(live: Live, { value, unit }: Vital): string {
  if (typeof value === 'string') return value || '—'
  if (unit === 'bytes') return bytes(value, live.words.locale)
  if (unit === 's' && value >= 120) return value >= 7200 ? measuredIn(live, value / 3600, 'hours') : measuredIn(live, value / 60, 'minutes')
  return measuredIn(live, value, unit)
}

function measuredIn(live: Live, value: number, unit: string): string {
  const style = UNITS[unit] ? ({ style: 'unit', unit: UNITS[unit], unitDisplay: unit === 'days' ? 'long' : 'short' } as const) : {}
  const said = new Intl.NumberFormat(live.words.locale, { maximumFractionDigits: value < 10 ? 1 : 0, ...style }).format(value)
  return unit && !UNITS[unit] ? `${said} ${unit}` : said
}
