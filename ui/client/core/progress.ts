// How far the past of each line has come, right now. Nothing here lasts: a line that says no more is done, or was lost.

import type { Clock } from './clock'
import type { ChannelView, Eph } from './wire'

const SAID = 60_000 // ms that something said is true, if nothing follows

export class Progress {
  private all = new Map<string, { percent: number | null; until: number }>()

  constructor(
    private clock: Clock,
    private changed: () => void,
  ) {}

  take({ d = {}, ttl }: Eph): void {
    const channel = String(d.channel ?? '')
    if (!channel) return
    const lasts = ttl ?? SAID
    if (d.done === true) this.all.delete(channel)
    else this.all.set(channel, { percent: typeof d.progress === 'number' ? share(d.progress) : null, until: this.clock.now() + lasts })
    this.changed()
    this.clock.after(lasts + 50, this.changed)
  }

  /** Whether the past is coming now. */
  comes(channel: ChannelView): boolean {
    if (channel.enabled === false) return false
    return channel.state === 'backfilling' || (this.all.get(channel.id)?.until ?? 0) > this.clock.now()
  }

  /** Per cent; null: it is not said. */
  of(channel: ChannelView): number | null {
    const known = this.all.get(channel.id)?.percent ?? channel.progress ?? null
    if (known !== null) return share(known)
    const said = channel.state === 'backfilling' ? /(\d{1,3})\s*%/.exec(channel.state_text ?? '') : null
    return said ? share(Number(said[1])) : null
  }
}

function share(percent: number): number {
  return Math.max(0, Math.min(100, Math.round(percent)))
}
