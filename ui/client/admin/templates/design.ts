// A template being designed: its places and their examples, what is left out before it goes, how it differs.

import type { TemplateButton, TemplateCard, TemplateDesign, TemplateHeader, TemplateRules } from '../wire'

export type HeaderForm = TemplateHeader['form']
export type ButtonForm = TemplateButton['form']

/** One blank to give an example for: `key` as the design keeps it, `where` picks its words. */
export interface Blank {
  key: string
  where: 'header' | 'body' | 'button'
  place: string
  card: number | null
}

const PLACE = /\{\{\s*([A-Za-z0-9_]+)\s*\}\}/g

export function empty(language: string): TemplateDesign {
  return {
    name: '',
    language,
    category: 'utility',
    body: '',
    places: 'numbered',
    header: { form: 'none', text: '', file: '' },
    footer: '',
    limited: '',
    buttons: [],
    cards: [],
    examples: {},
    ttl: null,
    data: {},
  }
}

export function emptyCard(): TemplateCard {
  return { header: { form: 'image', text: '', file: '' }, body: '', buttons: [] }
}

/** The places of a text in the order in which they stand, each once. */
export function placesIn(text: string): string[] {
  return [...new Set([...text.matchAll(PLACE)].map((found) => found[1] ?? ''))]
}

/** All blanks of a design, those of the cards after its own. */
export function blanks(design: TemplateDesign): Blank[] {
  const { header, body, buttons, cards } = design
  const text = (where: 'header' | 'body', said: string, card: number | null): Blank[] =>
    placesIn(said).map((place) => ({ key: `${prefix(card)}${where}.${place}`, where, place, card }))
  const links = (all: readonly TemplateButton[], card: number | null): Blank[] =>
    all.flatMap((one, at) => (one.form === 'url' && placesIn(one.value).length ? [{ key: `${prefix(card)}button.${at}`, where: 'button' as const, place: one.title, card }] : []))
  return [
    ...(header.form === 'text' ? text('header', header.text, null) : []),
    ...text('body', body, null),
    ...links(buttons, null),
    ...cards.flatMap((card, at) => [...text('body', card.body, at), ...links(card.buttons, at)]),
  ]
}

function prefix(card: number | null): string {
  return card === null ? '' : `card.${card}.`
}

/** As it goes out: examples of blanks that are gone are left out, so is what the kind of header does not have. */
export function settled(design: TemplateDesign): TemplateDesign {
  const keys = new Set(blanks(design).map((one) => one.key))
  const head = (header: TemplateHeader): TemplateHeader => ({
    form: header.form,
    text: header.form === 'text' ? header.text : '',
    file: FILES.includes(header.form) ? header.file : '',
  })
  return {
    ...design,
    name: design.name.trim(),
    header: head(design.header),
    cards: design.cards.map((card) => ({ ...card, header: head(card.header) })),
    examples: Object.fromEntries(Object.entries(design.examples).filter(([key]) => keys.has(key))),
  }
}

export const FILES: readonly string[] = ['image', 'video', 'document']

/** The next place to put into a text. */
export function nextPlace(text: string, named: boolean): string {
  const known = placesIn(text)
  let number = 1
  while (known.includes(named ? `name_${number}` : String(number))) number += 1
  return named ? `{{name_${number}}}` : `{{${number}}}`
}

/** A name as providers take it: small letters, digits and underscores. */
export function plainName(typed: string): string {
  return typed
    .toLowerCase()
    .replace(/[\s-]+/g, '_')
    .replace(/[^a-z0-9_]/g, '')
}

/** Which buttons may still be added, by the limits of their kind and of all together. */
export function addable(rules: TemplateRules, buttons: readonly TemplateButton[]): ButtonForm[] {
  if (buttons.length >= rules.buttons) return []
  return (Object.entries(rules.forms) as [ButtonForm, number][])
    .filter(([form, most]) => form !== 'other' && buttons.filter((one) => one.form === form).length < most)
    .map(([form]) => form)
}

export function emptyButton(form: ButtonForm): TemplateButton {
  return { form, title: '', value: '', data: form === 'otp' ? { otp_type: 'copy_code' } : {} }
}

/** Forms whose value a person fills in. */
export const WITH_VALUE: readonly string[] = ['url', 'phone', 'copy_code', 'flow']
/** Forms whose words are the provider's. */
export const WITHOUT_TITLE: readonly string[] = ['copy_code', 'contact_request']

/** Whether nothing stands in the way that can be seen from here; the server and the provider look closer. */
export function complete(design: TemplateDesign, rules: TemplateRules): boolean {
  const short = (text: string, most: number): boolean => !most || [...text].length <= most
  return (
    design.name !== '' &&
    design.language !== '' &&
    short(design.name, rules.name) &&
    (design.category === 'authentication' || design.body.trim() !== '') &&
    short(design.body, rules.body) &&
    short(design.footer, rules.footer) &&
    blanks(design).every((one) => design.examples[one.key]?.trim())
  )
}
