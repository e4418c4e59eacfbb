// The words of a message: who said it, why it did not arrive, what a screen reader is told.

import type { Params } from '../../core/i18n'
import type { Failure, MessageView, Waiting } from '../../core/wire'
import { kindWords } from '../kinds'
import type { Live } from '../live.svelte'

export function authorName(live: Live, { author }: MessageView): string {
  const { kind, name } = author
  if (kind === 'phone' || kind === 'api' || kind === 'bot') return name || live.t(`ui.author.${kind}`)
  return name ?? ''
}

/** `about`: what the words leave blank. What it says itself first, then ours of its class; the provider's sentence where we have none. */
export function failWords(live: Live, fail: Failure, about: Params = {}): string {
  const keys = [fail.words, ...['error', 'problem', 'can_send'].map((area) => `${area}.${fail.code}`)]
  const known = keys.find((key) => key && live.words.has(key))
  return known ? live.t(known, about) : fail.text || live.t('ui.not_sent')
}

/** What to do about it; "" where nothing is known to help. */
export function adviceOf(live: Live, fail: Failure): string {
  const known = [fail.words, `error.${fail.code}`].find((key) => key && live.words.has(`${key}.advice`))
  return known ? live.t(`${known}.advice`) : ''
}

/** Why it has not left yet, and when it is tried. */
export function waitWords(live: Live, waiting: Waiting): string {
  const why = live.words.or(`waiting.${waiting.reason}`, live.words.or(`error.${waiting.reason}`, live.t('status.queued')))
  return waiting.until > live.now ? `${why} ${live.t('ui.tried_at', { at: live.times.moment(waiting.until) })}` : why
}

export function spoken(live: Live, message: MessageView): string {
  const said = message.deleted_at ? live.t('ui.deleted') : message.text || kindWords(live, message.kind)
  const status = message.dir === 'out' ? live.t(`status.${message.st ?? 'received'}`) : ''
  const why = message.fail ? failWords(live, message.fail) : ''
  return [authorName(live, message), said, live.times.clock(message.at), status, why].filter(Boolean).join(', ')
}
