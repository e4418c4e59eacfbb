// What the steps of a login say their words with: in the settings the session, on a client's page the page itself.

import { createContext } from 'svelte'
import type { Params, Words } from '../../core/i18n'

export interface Speech {
  readonly words: Words
  t(key: string, params?: Params): string
  /** For whoever hears the page. */
  say(text: string): void
  alarm(text: string): void
}

export const [useSpeech, provideSpeech] = createContext<Speech>()
