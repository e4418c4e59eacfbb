// Messages being put together: what they are at first, and what still keeps them from being sent.

import type { Card, Carousel, CarouselCard, CarouselLimit, ChoiceLimit, ChoiceOffered, Location, Option, Product, ProductLimit } from './wire'

export type Style = ChoiceOffered['style']

/** Styles whose words stand between a header and a footer. */
export const FRAMED: readonly Style[] = ['buttons', 'list', 'link', 'form']

export function beginChoice(style: Style): ChoiceOffered {
  const options = style === 'buttons' || style === 'list' || style === 'link' ? [freshOption([])] : []
  return { type: 'choice_offered', style, body: '', options, header: '', footer: '', button: '', data: {} }
}

/** An id that none of these has. */
export function freshOption(all: readonly Option[]): Option {
  const most = all.reduce((found, one) => Math.max(found, Number(one.id) || 0), 0)
  return { type: 'option', id: String(most + 1), title: '', description: '', section: all.at(-1)?.section ?? '', url: '' }
}

/** A text is there, and not longer than `most` characters; 0: as long as one likes. */
export function fits(text: string | undefined, most: number | undefined): boolean {
  const length = (text ?? '').trim().length
  return length > 0 && within(text, most)
}
const within = (text: string | undefined, most: number | undefined): boolean => !most || (text ?? '').trim().length <= most
const isWeb = (url: string | undefined): boolean => /^https?:\/\/[^\s/]+\.[^\s/]+/.test(url ?? '')

export function choiceReady(part: ChoiceOffered, limits: ChoiceLimit): boolean {
  const bodyMost = part.style === 'list' ? limits.list_body || limits.body : limits.body
  if (!fits(part.body, bodyMost) || !within(part.header, limits.header) || !within(part.footer, limits.footer)) return false
  const options = part.options ?? []
  const data = part.data ?? {}
  switch (part.style) {
    case 'buttons':
      return options.length <= (limits.buttons ?? 0) && options.every((one) => fits(one.title, limits.button_title)) && distinct(options)
    case 'list':
      return fits(part.button, limits.opener) && options.length <= (limits.rows ?? 0) && options.every((one) => rowReady(one, options, limits)) && distinct(options)
    case 'link':
      return options.every((one) => fits(one.title, limits.button_title) && isWeb(one.url))
    case 'form':
      return fits(part.button, limits.form_title) && Boolean(data.form?.trim())
    case 'call':
      return fits(part.button, limits.button_title)
    case 'address':
      return /^[A-Z]{2}$/.test(data.country ?? '')
    case 'location_request':
    case 'contact_request':
    case 'call_permission':
      return true
  }
}

/** Several sections have each a title; the titles of buttons and rows differ. */
function rowReady(row: Option, all: readonly Option[], limits: ChoiceLimit): boolean {
  const sections = new Set(all.map((one) => one.section ?? ''))
  const section = sections.size > 1 ? fits(row.section, limits.section_title) : within(row.section, limits.section_title)
  return section && sections.size <= (limits.sections || 1) && fits(row.title, limits.row_title) && within(row.description, limits.row_description)
}
const distinct = (all: readonly Option[]): boolean => new Set(all.map((one) => `${one.section ?? ''} ${one.title.trim()}`)).size === all.length

/** Without what was left empty. */
export function trimmedChoice(part: ChoiceOffered): ChoiceOffered {
  const { header, footer, button, data, options, ...rest } = part
  const said = Object.fromEntries(Object.entries(data ?? {}).filter(([, value]) => value.trim()))
  const kept = (options ?? []).map((one) => ({
    type: one.type,
    id: one.id,
    title: one.title.trim(),
    ...(one.description?.trim() ? { description: one.description.trim() } : {}),
    ...(one.section?.trim() ? { section: one.section.trim() } : {}),
    ...(one.url?.trim() ? { url: one.url.trim() } : {}),
  }))
  return {
    ...rest,
    body: rest.body.trim(),
    ...(kept.length ? { options: kept } : {}),
    ...(header?.trim() ? { header: header.trim() } : {}),
    ...(footer?.trim() ? { footer: footer.trim() } : {}),
    ...(button?.trim() ? { button: button.trim() } : {}),
    ...(Object.keys(said).length ? { data: said } : {}),
  }
}

export interface Shelf {
  title: string
  products: string[]
}

/** One product, several under headings, or the whole catalogue; null while something is missing. */
export function productOf(catalog: string, shelves: readonly Shelf[], words: Pick<Product, 'body' | 'header' | 'footer'>, whole: boolean, limits: ProductLimit): Product | null {
  const filled = shelves.filter((one) => one.products.length)
  const all = filled.flatMap((one) => one.products)
  const base: Product = { type: 'product', catalog, body: (words.body ?? '').trim(), footer: (words.footer ?? '').trim() }
  if (!catalog || !within(words.body, limits.body) || !within(words.footer, limits.footer) || !within(words.header, limits.header)) return null
  if (whole) return fits(words.body, limits.body) ? { ...base, whole: true, products: all.slice(0, 1) } : null
  if (all.length === 1) return { ...base, products: all }
  if (!all.length || all.length > (limits.items ?? 1) || filled.length > (limits.sections || 1)) return null
  const titled = filled.every((one) => fits(one.title, limits.section_title))
  if (!titled || !fits(words.body, limits.body) || !fits(words.header, limits.header)) return null
  return { ...base, header: (words.header ?? '').trim(), sections: filled.map((one) => ({ type: 'product_section', title: one.title.trim(), products: one.products })) }
}

export function carouselReady(part: Carousel, limits: CarouselLimit): boolean {
  const count = part.cards.length
  if (!fits(part.body, limits.body) || count < (limits.least ?? 1) || count > (limits.most ?? 0)) return false
  return part.cards.every((one) => (one.product ? Boolean(part.catalog) : cardReady(one, limits)))
}

function cardReady(card: CarouselCard, limits: CarouselLimit): boolean {
  const options = card.options ?? []
  const answers = options.filter((one) => !one.url)
  const buttons = options.length > 0 && options.every((one) => fits(one.title, limits.button_title) && (!one.url || isWeb(one.url)))
  return Boolean(card.media) && within(card.body, limits.card_body) && buttons && answers.length <= (limits.buttons ?? 0)
}

/** "59.93, 30.33" as one pastes it from a map; null: it is no place on earth. */
export function coordinates(text: string): Pick<Location, 'latitude' | 'longitude'> | null {
  const found = /^\s*(-?\d{1,2}(?:\.\d+)?)\s*[,;\s]\s*(-?\d{1,3}(?:\.\d+)?)\s*$/.exec(text)
  const [latitude, longitude] = [Number(found?.[1]), Number(found?.[2])]
  return found && Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? { latitude, longitude } : null
}

export function cardOf(name: string, phones: readonly string[], organisation: string, email: string): Card | null {
  const numbers = phones.map((one) => one.trim()).filter((one) => one.replace(/\D/g, '').length > 4)
  if (!name.trim() || !numbers.length) return null
  return {
    type: 'card',
    name: name.trim(),
    phones: numbers.map((value) => ({ type: 'labelled', value })),
    ...(email.trim() ? { emails: [{ type: 'labelled' as const, value: email.trim() }] } : {}),
    ...(organisation.trim() ? { organisation: organisation.trim() } : {}),
  }
}
