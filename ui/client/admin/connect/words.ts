// The words of a login's steps, as its plugin named them, or plain ones of ours.

import type { Words } from '../../core/i18n'
import type { Ask, Field, Show } from '../wire'

export interface StepWords {
  title: string
  help: string
  /** What to do elsewhere, one thing after another. */
  taps: string[]
}

/** A way to connect that stands under a text as "<key>.way.<kind>.<flow>". */
export interface Way {
  kind: string
  flow: string
  key: string
}

const GROUP = 4 // characters, as one reads them off

/** "<step>.title" or "<step>", with "<step>.help" and "<step>.tap.1" … beside it; ours by what kind of step it is. */
export function stepWords(words: Words, step: Ask | Show, kind: string): StepWords {
  const ours = step.type === 'ask' ? 'admin.step.ask' : `admin.step.${step.kind}`
  const title = [`${step.step}.title`, step.step].find((key) => words.has(key))
  const help = `${step.step}.help`
  return {
    title: title ? words.t(title) : words.t(ours, { kind: words.or(`${kind}.title`, kind) }),
    help: words.has(help) ? words.t(help, { limit: '' }) : '',
    taps: tapsOf(words, step.step),
  }
}

function tapsOf(words: Words, step: string): string[] {
  const taps: string[] = []
  while (words.has(`${step}.tap.${taps.length + 1}`)) taps.push(words.t(`${step}.tap.${taps.length + 1}`))
  return taps
}

export function waysOf(words: Words, of: string): Way[] {
  const start = `${of}.way.`
  return words.under(start).map((key) => {
    const [kind = '', flow = ''] = key.slice(start.length).split('.')
    return { kind, flow, key }
  })
}

/** Characters in the groups they are read in, whatever stands between them. */
export function groups(text: string): string[][] {
  const signs = [...text].filter((sign) => !/[\s-]/.test(sign))
  return Array.from({ length: Math.ceil(signs.length / GROUP) }, (_, at) => signs.slice(at * GROUP, (at + 1) * GROUP))
}

export function fieldWords(words: Words, kind: string, field: Field): { label: string; help: string } {
  const key = `${kind}.field.${field.name}`
  return { label: words.or(key, field.name), help: words.has(`${key}.help`) ? words.t(`${key}.help`) : '' }
}

/** What a choice is called: a key of the catalogue, words of the provider's, or the choice itself. */
export function choiceWords(words: Words, field: Field, choice: string): string {
  const label = field.labels[choice] ?? choice
  return words.has(label) ? words.t(label) : label
}
