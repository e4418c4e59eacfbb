import { describe, expect, it } from 'vitest'
import type { TemplateDesign, TemplateRules } from '../wire'
import { addable, blanks, complete, empty, emptyButton, emptyCard, nextPlace, placesIn, plainName, settled } from './design'

const RULES: TemplateRules = {
  name: 20,
  header: 60,
  body: 40,
  footer: 60,
  buttons: 3,
  button_title: 25,
  forms: { reply: 3, url: 2, phone: 1 },
  header_files: {},
  languages: ['en'],
  cards: 10,
  card_body: 160,
  limited: 16,
  ttl: {},
}

function design(change: Partial<TemplateDesign>): TemplateDesign {
  return { ...empty('en'), name: 'hello', body: 'Hello', ...change }
}

describe('the places of a text', () => {
  it.each([
    ['Hello {{1}}, {{2}} and {{1}}', ['1', '2']],
    ['{{ name }} {{last_name}}', ['name', 'last_name']],
    ['{{}} {1} {{a b}}', []],
  ])('%s', (text, found) => {
    expect(placesIn(text)).toEqual(found)
  })

  it('are given by the next number, or the next name', () => {
    expect(nextPlace('{{1}} {{3}}', false)).toBe('{{2}}')
    expect(nextPlace('{{name_1}}', true)).toBe('{{name_2}}')
  })
})

describe('the blanks of a design', () => {
  const whole = design({
    header: { form: 'text', text: 'Order {{1}}', file: '' },
    body: 'For {{1}}',
    buttons: [{ ...emptyButton('reply'), title: 'Yes' }, { ...emptyButton('url'), title: 'Track', value: 'https://example.org/{{1}}' }],
    cards: [{ ...emptyCard(), body: 'Now {{1}}', buttons: [{ ...emptyButton('url'), title: 'Buy', value: 'https://example.org/{{1}}' }] }],
  })

  it('are named by where they stand', () => {
    expect(blanks(whole).map((one) => one.key)).toEqual(['header.1', 'body.1', 'button.1', 'card.0.body.1', 'card.0.button.0'])
  })

  it('lose their examples with themselves', () => {
    const examples = { 'header.1': '7', 'body.1': 'Anna', 'body.2': 'gone' }
    const out = settled({ ...whole, header: { form: 'image', text: 'Order {{1}}', file: 'f_1' }, examples })
    expect(out.examples).toEqual({ 'body.1': 'Anna' })
    expect(out.header).toEqual({ form: 'image', text: '', file: 'f_1' })
  })

  it('all want an example', () => {
    expect(complete(design({ body: 'Hi {{1}}' }), RULES)).toBe(false)
    expect(complete(design({ body: 'Hi {{1}}', examples: { 'body.1': 'Anna' } }), RULES)).toBe(true)
    expect(complete(design({ body: 'x'.repeat(41) }), RULES)).toBe(false)
    expect(complete(design({ body: '', category: 'authentication' }), RULES)).toBe(true)
  })
})

describe('buttons', () => {
  it('are offered up to the limit of their kind', () => {
    expect(addable(RULES, [])).toEqual(['reply', 'url', 'phone'])
    expect(addable(RULES, [emptyButton('phone')])).toEqual(['reply', 'url'])
    expect(addable(RULES, [emptyButton('phone'), emptyButton('url'), emptyButton('url')])).toEqual([])
  })
})

it('a name is made of what providers take', () => {
  expect(plainName('Order-Ready 2!')).toBe('order_ready_2')
})
