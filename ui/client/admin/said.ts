// How the server's words for channels are shown: states, kinds, what a provider says of an account.

import type { ChannelView } from '../core/wire'
import type { Live } from '../inbox/live.svelte'

export function stateWords(live: Live, channel: ChannelView): string {
  if (channel.enabled === false) return live.t('admin.state.off')
  return stateName(live, channel.state ?? 'connecting')
}

export function stateName(live: Live, state: string): string {
  return live.words.or(`admin.state.${state}`, state)
}

/** What a person can do about it; "" where there is nothing to do. */
export function stateAdvice(live: Live, channel: ChannelView): string {
  if (channel.enabled === false) return live.t('admin.advice.off')
  const own = `${channel.kind}.advice.${channel.state_code ?? ''}`
  if (live.words.has(own)) return live.t(own)
  const common = `admin.advice.${channel.state ?? ''}`
  return live.words.has(common) ? live.t(common) : ''
}

export function kindName(live: Live, kind: string): string {
  return live.words.or(`${kind}.title`, kind)
}

/** "quality" of a plugin's account in words. */
export function aboutName(live: Live, kind: string, about: string): string {
  return live.words.or(`${kind}.limit.${about}`, live.words.or(`admin.about.${about}`, about))
}
