// The words of a login's steps, as its plugin named them, or plain ones of ours.

import type { Words } from '../../core/i18n'
import type { Ask, Field, Show } from '../wire'

export interface StepWords {
  title: string
  help: string
}

/** "<step>.title" or "<step>", with "<step>.help" beside it; ours by what kind of step it is. */
export function stepWords(words: Words, step: Ask | Show, kind: string): StepWords {
  const ours = step.type === 'ask' ? 'admin.step.ask' : `admin.step.${step.kind}`
  const title = [`${step.step}.title`, step.step].find((key) => words.has(key))
  const help = `${step.step}.help`
  return {
    title: title ? words.t(title) : words.t(ours, { kind: words.or(`${kind}.title`, kind) }),
    help: words.has(help) ? words.t(help, { limit: '' }) : '',
  }
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
