// Templates: which blanks they have, how they read once those are filled, and which of many are meant.

import type { CarouselCard, Media, Option, Template } from './wire'

export interface Where {
  area: 'header' | 'body' | 'button' | 'other'
  /** Of a carousel, from 0; null: outside of it. */
  card: number | null
  /** "1", "name"; of a button its number, from 0. */
  name: string
}

const AREAS = ['header', 'body', 'card', 'button', 'deadline']

/** "header.1", "body.name", "card.0.body.1", "button.0", "deadline": as the plugin names them, as they stand in the message. */
export function places(template: Template): string[] {
  const rank = (place: string): number => AREAS.indexOf(place.split('.')[0] ?? '')
  return Object.keys(template.parameters ?? {}).sort((a, b) => rank(a) - rank(b) || a.localeCompare(b, 'en', { numeric: true }))
}

export function whereIs(place: string): Where {
  const [, card, area = '', name = ''] = /^(?:card\.(\d+)\.)?(header|body|button)\.(.+)$/.exec(place) ?? []
  if (!area) return { area: 'other', card: null, name: place }
  return { area: area as Where['area'], card: card === undefined ? null : Number(card), name }
}

/** The template as it is sent: the words with their blanks filled, and what fills them. An empty one stays a blank. */
export function filled(template: Template, values: Record<string, string>): Template {
  const put = (text: string | undefined, where: string): string =>
    (text ?? '').replace(/\{\{\s*([\w.]+)\s*\}\}/g, (blank, name: string) => values[`${where}.${name}`] || blank)
  // The end of an address is the button's own value, whatever the blank in it is called.
  const button = (one: Option, where: string): Option =>
    one.url ? { ...one, url: one.url.replace(/\{\{\s*\w+\s*\}\}/g, (blank) => values[where] || blank) } : one
  const card = (one: CarouselCard, at: number): CarouselCard => ({
    ...one,
    body: put(one.body, `card.${at}.body`),
    ...(one.options ? { options: one.options.map((option, n) => button(option, `card.${at}.button.${n}`)) } : {}),
  })
  return {
    ...template,
    header: put(template.header, 'header'),
    body: put(template.body, 'body'),
    ...(template.buttons ? { buttons: template.buttons.map((one, at) => button(one, `button.${at}`)) } : {}),
    ...(template.cards ? { cards: template.cards.map(card) } : {}),
    parameters: Object.fromEntries(places(template).map((place) => [place, values[place] ?? ''])),
  }
}

/** A file that the template wants: in its header, or on a card (from 0). */
export interface Wanted {
  key: string
  card: number | null
  sort: Media['sort']
}

export function wantedFiles(template: Template): Wanted[] {
  const cards = (template.cards ?? []).flatMap((one, card) => (one.media ? [{ key: `card.${card}`, card, sort: one.media.sort }] : []))
  return template.header_media ? [{ key: 'header', card: null, sort: template.header_media.sort }, ...cards] : cards
}

export function withFiles(template: Template, files: Record<string, Media>): Template {
  return {
    ...template,
    ...(files.header ? { header_media: files.header } : {}),
    ...(template.cards ? { cards: template.cards.map((one, at) => ({ ...one, ...(files[`card.${at}`] ? { media: files[`card.${at}`] } : {}) })) } : {}),
  }
}

/** Those whose name or words hold all of what was typed, in one language and category where these are given. */
export function matching(all: readonly Template[], typed: string, language: string, category: string): Template[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
  return all.filter((one) => {
    const text = `${one.name.replaceAll('_', ' ')} ${one.name} ${one.header ?? ''} ${one.body ?? ''}`.toLowerCase()
    return (!language || one.language === language) && (!category || one.category === category) && words.every((word) => text.includes(word))
  })
}
