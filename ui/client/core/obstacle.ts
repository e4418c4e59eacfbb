// What stands in the way on a line, so that whoever writes there knows it: the gravest thing only.

import type { ChannelView } from './wire'

export interface Obstacle {
  what: 'off' | 'state' | 'paused'
  /** Nothing goes out at all; else answers still do. */
  shut: boolean
  /** What helps: link or key anew, look at its protection, or look at the line. */
  step: 'again' | 'protection' | 'channel'
}

/** States in which a person has to do something. */
const SHUT: ReadonlySet<string> = new Set(['bad_credentials', 'logged_out', 'suspended', 'stopped'])

export function obstacleOf(channel: ChannelView | undefined): Obstacle | null {
  if (!channel) return null
  const state = channel.state ?? ''
  if (channel.enabled === false) return { what: 'off', shut: true, step: 'channel' }
  if (SHUT.has(state)) return { what: 'state', shut: true, step: state === 'logged_out' || state === 'bad_credentials' ? 'again' : 'channel' }
  if (channel.paused) return { what: 'paused', shut: false, step: 'protection' }
  return null
}
