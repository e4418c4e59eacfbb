// What is known of the channels beside their state: asked for a few at a time, kept, and asked again when it changed.

import { createContext } from 'svelte'
import type { ConversationView } from '../core/wire'
import type { AdminApi, Page } from './api'
import type { FiguresView, StandingView } from './wire'

export interface Glance {
  standing: StandingView | null
  last: ConversationView | null
  figures: FiguresView | null
}

export const [useGlances, provideGlances] = createContext<Glances>()

const AT_ONCE = 4
const DAYS = 30

export class Glances {
  private known = new Map<string, Promise<Glance>>()
  private running = 0
  private waiting: (() => void)[] = []

  constructor(private api: AdminApi) {}

  of(channel: string, rev: number): Promise<Glance> {
    const key = `${channel} ${rev}`
    let found = this.known.get(key)
    if (!found) {
      found = this.turn(() => this.look(channel))
      this.known.set(key, found)
    }
    return found
  }

  /** What a role may not see, or a channel does not have, is null. */
  private async look(channel: string): Promise<Glance> {
    const since = new Date(Date.now() - DAYS * 86_400_000)
    since.setUTCHours(0, 0, 0, 0)
    const last = this.api.get<Page<ConversationView>>('/conversations', { channel, status: 'all', limit: '1' })
    const [standing, rows, figures] = await Promise.allSettled([this.api.standing(channel), last, this.api.figures(channel, since.getTime(), Date.now(), 'pricing')])
    return {
      standing: standing.status === 'fulfilled' ? standing.value : null,
      last: rows.status === 'fulfilled' ? (rows.value.items[0] ?? null) : null,
      figures: figures.status === 'fulfilled' ? figures.value : null,
    }
  }

  private async turn<T>(run: () => Promise<T>): Promise<T> {
    while (this.running >= AT_ONCE) await new Promise<void>((go) => this.waiting.push(go))
    this.running += 1
    try {
      return await run()
    } finally {
      this.running -= 1
      this.waiting.shift()?.()
    }
  }
}
