import { describe, expect, it } from 'vitest'
import { beginChoice, cardOf, carouselReady, choiceReady, coordinates, freshOption, productOf, trimmedChoice } from './build'
import { isBlocked, consents, kept, shortly } from './person'
import { filled, matching, places, wantedFiles, whereIs, withFiles } from './template'
import type { CarouselLimit, ChoiceLimit, ChoiceOffered, ContactView, ProductLimit, Template } from './wire'

const CHOICES: ChoiceLimit = { buttons: 3, button_title: 20, rows: 10, row_title: 24, row_description: 72, sections: 10, section_title: 24, opener: 20, body: 1024, list_body: 4096, header: 60, footer: 60, form_title: 20 }
const option = (title: string, more = {}) => ({ type: 'option' as const, id: title, title, ...more })
const choice = (style: ChoiceOffered['style'], more: Partial<ChoiceOffered>): ChoiceOffered => ({ ...beginChoice(style), body: 'text', ...more })

describe('a choice', () => {
  it.each<[string, ChoiceOffered, boolean]>([
    ['buttons', choice('buttons', { options: [option('a'), option('b')] }), true],
    ['the same button twice', choice('buttons', { options: [option('a'), option('a')] }), false],
    ['a button too many', choice('buttons', { options: ['a', 'b', 'c', 'd'].map((one) => option(one)) }), false],
    ['a long button', choice('buttons', { options: [option('a'.repeat(21))] }), false],
    ['a long header', choice('buttons', { options: [option('a')], header: 'h'.repeat(61) }), false],
    ['no words', choice('buttons', { options: [option('a')], body: ' ' }), false],
    ['a list', choice('list', { button: 'open', options: [option('a')] }), true],
    ['a list nobody can open', choice('list', { options: [option('a')] }), false],
    ['a list with long words', choice('list', { button: 'open', body: 'b'.repeat(2000), options: [option('a')] }), true],
    ['half of the headings', choice('list', { button: 'open', options: [option('a', { section: 's' }), option('b')] }), false],
    ['the same row under two headings', choice('list', { button: 'open', options: [option('a', { section: 's' }), option('a', { section: 't' })] }), true],
    ['a link', choice('link', { options: [option('a', { url: 'https://example.org/x' })] }), true],
    ['no link at all', choice('link', { options: [option('a', { url: 'javascript:alert(1)' })] }), false],
    ['a form', choice('form', { button: 'fill', data: { form: '7' } }), true],
    ['no form', choice('form', { button: 'fill', data: { form: ' ' } }), false],
    ['a country', choice('address', { data: { country: 'IN' } }), true],
    ['a place', choice('location_request', {}), true],
  ])('%s', (_, part, ready) => expect(choiceReady(part, CHOICES)).toBe(ready))

  it('is sent without what was left empty', () => {
    expect(trimmedChoice(choice('buttons', { body: ' text ', options: [option(' a ', { description: '', url: ' ' })], data: { form: '' } }))).toEqual({
      type: 'choice_offered',
      style: 'buttons',
      body: 'text',
      options: [{ type: 'option', id: ' a ', title: 'a' }],
    })
  })
  it('gives every option an id of its own', () => {
    const one = freshOption([])
    expect([one.id, freshOption([one, { ...one, id: '7' }]).id]).toEqual(['1', '8'])
  })
})

describe('products', () => {
  const limits: ProductLimit = { items: 3, sections: 2, section_title: 24, body: 1024, header: 60, footer: 60 }
  const words = { body: 'look', header: 'goods' }
  it.each<[string, ReturnType<typeof productOf>, unknown]>([
    ['one', productOf('c', [{ title: '', products: ['a'] }], {}, false, limits), { products: ['a'] }],
    ['several', productOf('c', [{ title: 'S', products: ['a', 'b'] }], words, false, limits), { header: 'goods', sections: [{ title: 'S' }] }],
    ['all', productOf('c', [], words, true, limits), { whole: true }],
  ])('%s', (_, part, shown) => expect(part).toMatchObject(shown as object))
  it.each([
    ['no heading', productOf('c', [{ title: '', products: ['a', 'b'] }], words, false, limits)],
    ['too many', productOf('c', [{ title: 'S', products: ['a', 'b', 'd', 'e'] }], words, false, limits)],
    ['no catalogue', productOf('', [{ title: '', products: ['a'] }], {}, false, limits)],
    ['nothing', productOf('c', [], words, false, limits)],
  ])('not with %s', (_, part) => expect(part).toBeNull())
})

describe('cards', () => {
  const limits: CarouselLimit = { least: 2, most: 3, body: 100, card_body: 10, buttons: 1, button_title: 5 }
  const media = { type: 'media' as const, sort: 'image' as const, ref: 'f_1' }
  const card = (more = {}) => ({ type: 'carousel_card' as const, media, options: [option('a')], ...more })
  it.each([
    [[card(), card()], true],
    [[card()], false],
    [[card(), card({ media: null })], false],
    [[card(), card({ options: [] })], false],
    [[card(), card({ body: 'b'.repeat(11) })], false],
    [[card(), card({ options: [option('a'), option('b')] })], false],
  ])('%#', (cards, ready) => expect(carouselReady({ type: 'carousel', body: 'b', cards }, limits)).toBe(ready))
})

it.each([
  ['59.93, 30.33', { latitude: 59.93, longitude: 30.33 }],
  ['-33.8;151.2', { latitude: -33.8, longitude: 151.2 }],
  ['91, 0', null],
  ['0, 181', null],
  ['here', null],
])('%s is a place, or not', (text, place) => expect(coordinates(text)).toEqual(place))

it('makes a card of a name and a number, not of less', () => {
  expect(cardOf('Anna', ['+7 999 1', ' '], '', '')?.phones).toHaveLength(1)
  expect(cardOf('', ['+7 999 123'], '', '')).toBeNull()
  expect(cardOf('Anna', ['12'], '', '')).toBeNull()
})

describe('a template', () => {
  const template: Template = {
    type: 'template',
    name: 'sale_cards',
    language: 'en',
    category: 'marketing',
    header_media: { type: 'media', sort: 'image', ref: '' },
    body: 'Hi {{name}}',
    buttons: [{ type: 'option', id: 'url', title: 'Go', url: 'https://example.org/{{1}}' }],
    cards: [{ type: 'carousel_card', media: { type: 'media', sort: 'video', ref: '' }, body: '{{1}} off', options: [{ type: 'option', id: 'url', title: 'See', url: 'https://example.org/{{1}}' }] }],
    parameters: { 'card.0.button.0': '', 'button.0': '', deadline: '', 'card.0.body.1': '', 'body.name': '' },
  }
  it('names its blanks in the order they stand', () => {
    expect(places(template)).toEqual(['body.name', 'card.0.body.1', 'card.0.button.0', 'button.0', 'deadline'])
    expect(whereIs('card.0.body.1')).toEqual({ area: 'body', card: 0, name: '1' })
    expect(whereIs('deadline')).toEqual({ area: 'other', card: null, name: 'deadline' })
  })
  it('reads as it will be sent', () => {
    const done = filled(template, { 'body.name': 'Anna', 'card.0.body.1': '5 %', 'card.0.button.0': 'x', 'button.0': 'y' })
    expect([done.body, done.cards?.[0]?.body, done.cards?.[0]?.options?.[0]?.url, done.buttons?.[0]?.url]).toEqual(['Hi Anna', '5 % off', 'https://example.org/x', 'https://example.org/y'])
  })
  it('says which files it wants and takes them', () => {
    expect(wantedFiles(template).map((one) => [one.key, one.sort])).toEqual([['header', 'image'], ['card.0', 'video']])
    const done = withFiles(template, { header: { type: 'media', sort: 'image', ref: 'f_1' } })
    expect([done.header_media?.ref, done.cards?.[0]?.media?.ref]).toEqual(['f_1', ''])
  })
  it('is found by its words, language and category', () => {
    const found = (typed: string, language = '', category = '') => matching([template], typed, language, category).length
    expect([found('cards hi'), found('CARDS'), found('nothing'), found('', 'ru'), found('', 'en', 'marketing')]).toEqual([1, 1, 0, 0, 1])
  })
})

describe('a person', () => {
  const person: ContactView = {
    id: 'p',
    ws: 'w',
    rev: 1,
    name: 'Ivan',
    attributes: { 'consent.marketing': 'stop', 'consent.marketing.at': '2026-11-22T12:00:00Z', 'consent.marketing.source': 'person', 'blocked.ch_1': '2026-11-22T12:00:00Z', username: 'ivan', City: 'Kazan' },
  }
  it('has wishes, a block, and what is kept beside', () => {
    expect(consents(person)).toEqual([{ what: 'marketing', stopped: true, at: Date.UTC(2026, 10, 22, 12), source: 'person' }])
    expect([isBlocked(person, 'ch_1'), isBlocked(person, 'ch_2'), isBlocked(undefined, 'ch_1')]).toEqual([true, false, false])
    expect(kept(person)).toEqual([['City', 'Kazan']])
  })
  it('is shown by a long id in short', () => {
    const identity = (kind: string, shown: string) => ({ id: 'i', address: { kind, value: shown }, shown, source: 'network', at: 1 })
    expect(shortly(identity('bsuid', 'RU.13491208655302741918'))).toBe('RU.134912…741918')
    expect(shortly(identity('email', 'a.very.long.name@example.org'))).toBe('a.very.long.name@example.org')
  })
})
