// The words for templates: how they stand, their categories and languages, why one was refused.

import type { Live } from '../../inbox/live.svelte'

/** `word`: the provider's own, for a standing we do not know. */
export function standingName(live: Live, standing: string, word = ''): string {
  return standing === 'unknown' && word ? word : live.words.or(`admin.standing.${standing}`, standing)
}

export function standingHelp(live: Live, standing: string): string {
  const key = `admin.standing_help.${standing}`
  return live.words.has(key) ? live.t(key) : ''
}

export function categoryName(live: Live, category: string): string {
  const name = category.toLowerCase()
  return live.words.or(`ui.category.${name}`, live.words.or(`admin.category.${name}`, category))
}

export function reasonWords(live: Live, reason: string): string {
  if (live.words.has(reason)) return live.t(reason)
  return live.words.or(`admin.reason.${reason.toLowerCase()}`, reason)
}

export function languageName(live: Live, code: string): string {
  try {
    const name = new Intl.DisplayNames(live.words.locale, { type: 'language' }).of(code.replace('_', '-'))
    return name && name !== code ? `${name} (${code})` : code
  } catch {
    return code // not of the list of languages
  }
}
