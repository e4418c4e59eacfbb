// The page itself: its language, what it says aloud, and its calls. The link is the only key it has.

import type { Speech } from '../admin/connect/speech'
import type { WalkView } from '../admin/wire'
import { HttpError } from '../core/api'
import { Words, type Catalogue, type Params } from '../core/i18n'

const WITHIN = 40_000 // ms: a wait is answered after 25 s at the latest

export class Page implements Speech {
  words: Words = $state.raw(new Words('en', {}))
  /** What is read out. */
  said: string = $state('')

  constructor(locale: string, catalogue: Catalogue) {
    this.words = new Words(locale, catalogue)
  }

  t = (key: string, params?: Params): string => this.words.t(key, params)

  say(text: string): void {
    this.said = text
  }

  alarm(text: string): void {
    this.said = text
  }

  /** Another language; the address remembers it. */
  async speak(locale: string): Promise<void> {
    const response = await fetch(`/locales/${locale}.json`)
    if (!response.ok) return
    this.words = new Words(locale, (await response.json()) as Catalogue)
    document.documentElement.lang = locale
    history.replaceState(null, '', `?lang=${locale}`)
  }

  /** Why something failed, in words. */
  trouble(error: unknown): string {
    if (!(error instanceof HttpError)) return this.t('admin.no_answer')
    return this.words.or(`problem.${error.code}`, error.title || this.t('ui.failed'))
  }

  begin = (flow: string): Promise<WalkView> => this.ask('POST', '', { flow })
  submit = (login: string, values: Record<string, string>): Promise<WalkView> => this.ask('POST', `/${login}/submit`, { values })
  wait = (login: string, seen: number): Promise<WalkView> => this.ask('POST', `/${login}/wait`, { seen })

  async cancel(login: string): Promise<void> {
    await this.ask('DELETE', `/${login}`).catch(() => undefined) // it ends by itself all the same
  }

  /** Rejects with an HttpError where the server answered, with anything else where it did not. */
  private async ask(method: string, path: string, body?: unknown): Promise<WalkView> {
    const response = await fetch(`${location.pathname}/logins${path}`, {
      method,
      headers: { 'accept-language': this.words.locale, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      signal: AbortSignal.timeout(WITHIN),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const said = (await response.json().catch(() => null)) as Record<string, unknown> | null
    if (response.ok) return said as unknown as WalkView
    throw new HttpError(response.status, String(said?.code ?? response.status), String(said?.detail ?? ''), String(said?.title ?? ''))
  }
}
