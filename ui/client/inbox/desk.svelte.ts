// What lies open on the desk of one conversation: what is answered or changed, and the dialog on top.

import { createContext } from 'svelte'
import type { ChoiceOffered, MessageView } from '../core/wire'

/** What can be put together for a message, each in a dialog of its own. */
export type Build = 'location' | 'contacts' | 'product' | 'carousel' | ChoiceOffered['style']

export type DeskDialog =
  | { name: 'template' | 'schedule' }
  | { name: 'build'; what: Build }
  | { name: 'info' | 'raw'; message: MessageView }

export class Desk {
  replyTo: MessageView | null = $state.raw(null)
  editing: MessageView | null = $state.raw(null)
  dialog: DeskDialog | null = $state.raw(null)
  /** Words to go on with, for the composer to take. */
  words: string | null = $state(null)

  constructor(
    /** Shows a message of this conversation, with these words marked in it. */
    readonly jump: (id: string, marks?: readonly string[]) => void,
  ) {}

  /** Closes the dialog of this name: it tells late that it was closed, another one may be open by then. */
  shut(name: DeskDialog['name']): void {
    if (this.dialog?.name === name) this.dialog = null
  }
}

export const [useDesk, provideDesk] = createContext<Desk>()
