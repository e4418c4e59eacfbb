// What every settings page has at hand: the session's words and rows, the REST calls, and who may leave when.

import { createContext, untrack } from 'svelte'
import { HttpError } from '../core/api'
import type { ChannelView } from '../core/wire'
import { makeHttp } from '../inbox/browser'
import type { Live } from '../inbox/live.svelte'
import { AdminApi } from './api'

export const [useDesk, provideDesk] = createContext<Desk>()

/** Something with changes that would be lost. */
export interface Unsaved {
  readonly dirty: boolean
}

export interface Trouble {
  /** A sentence about the whole. */
  said: string
  /** What is wrong with a field, by its path. */
  fields: Record<string, string>
}

export class Desk {
  readonly api: AdminApi
  /** Where one wanted to go while something was not saved. */
  leaving: string | null = $state(null)
  private forms = new Set<Unsaved>()
  private landed: string

  constructor(readonly live: Live) {
    this.api = new AdminApi(makeHttp(() => live.session.csrf))
    this.landed = pathOf(live.address)
  }

  /** Of a heading: who listens to the page hears where he came. The first visit begins at the top. */
  land = (heading: HTMLElement): void => {
    const path = untrack(() => pathOf(this.live.address))
    if (path === this.landed) return
    this.landed = path
    heading.focus()
  }

  get dirty(): boolean {
    return [...this.forms].some((one) => one.dirty)
  }

  /** Until what it answers is called, a page is not left while this has changes. */
  watch(form: Unsaved): () => void {
    this.forms.add(form)
    return () => this.forms.delete(form)
  }

  go(address: string): void {
    if (this.dirty) this.leaving = address
    else this.live.visit(address)
  }

  /** Leave, whatever is lost. */
  leave(): void {
    const to = this.leaving
    this.forms.clear()
    this.leaving = null
    if (to !== null) this.live.visit(to)
  }

  /** Whether one may change things in this workspace. */
  admin(ws: string): boolean {
    const role = this.live.workspace(ws)?.role
    return role === 'admin' || role === 'owner'
  }

  get channels(): ChannelView[] {
    this.live.watch('directory')
    return [...this.live.session.store.channels.values()]
  }

  /** An error in words, with what belongs to single fields apart. */
  trouble(error: unknown): Trouble {
    const { live } = this
    if (!(error instanceof HttpError)) return { said: live.t('admin.no_answer'), fields: {} }
    const said = error.title || live.words.or(`problem.${error.code}`, live.t('ui.failed'))
    const wrong = Object.entries((error.data.fields ?? {}) as Record<string, unknown>)
    // The title is about the one field where the provider's plugin named what is wrong with it.
    const about = error.data.words && wrong.length === 1 ? said : ''
    const fields = Object.fromEntries(wrong.map(([path, what]) => [path, about || this.words(String(what)) || live.t('admin.wrong_value')]))
    return { said: about ? live.t('problem.invalid') : said, fields }
  }

  /** A key of the catalogue in words; a sentence as it is; a bare code as nothing. */
  words(text: string): string {
    if (this.live.words.has(text)) return this.live.t(text)
    return /\s/.test(text) ? text : ''
  }
}

function pathOf(address: string): string {
  return address.split('?')[0] ?? ''
}
