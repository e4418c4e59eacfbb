// Answers that are put together for these pages alone.

import type { ChannelView } from '../core/wire'

export type Line = ChannelView

/** What the provider said of one thing of the account. */
export interface Said {
  about: string
  value: string
  severity: 'info' | 'warning' | 'critical'
  text: string
  at: number
}

/** How much of the messaging limit is used: people written to first in the last day. */
export interface LimitUse {
  used: number
  limit: number | null
}

export interface StandingView {
  current: Said[]
  history: Said[]
  use: LimitUse | null
}

export interface StateSaid {
  state: string
  code: string
  text: string
  at: number
}

export interface FigureView {
  report: string
  start: number
  end: number
  by: Record<string, string>
  values: Record<string, number>
  currency: string
}

export interface FiguresView {
  figures: FigureView[]
  pulled_at: number | null
}
