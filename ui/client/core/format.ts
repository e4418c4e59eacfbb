// WhatsApp's marks as nodes: *bold* _italic_ ~struck~ `code` ```block```, > quotes and lists. Never HTML.

import { linkify } from './links'

export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'link'; text: string; href: string }
  | { kind: 'code'; text: string }
  | { kind: 'bold' | 'italic' | 'strike'; nodes: Inline[] }

export type Block =
  | { kind: 'lines'; lines: Inline[][] }
  | { kind: 'quote'; lines: Inline[][] }
  | { kind: 'list'; ordered: boolean; start: number; items: Inline[][] }
  | { kind: 'pre'; text: string }

const MARKS: Record<string, 'bold' | 'italic' | 'strike'> = { '*': 'bold', _: 'italic', '~': 'strike' }
const DEEPEST = 4
const BULLET = /^\s*[*•-]\s+(.*)$/u
const NUMBER = /^\s*(\d{1,3})[.)]\s+(.*)$/u
const QUOTE = /^>\s?(.*)$/u

export function parse(text: string): Block[] {
  const blocks: Block[] = []
  let rest = text
  for (;;) {
    const open = rest.indexOf('```')
    const close = open < 0 ? -1 : rest.indexOf('```', open + 3)
    if (close < 0 || close === open + 3) break
    parseLines(rest.slice(0, open).replace(/\n$/, ''), blocks)
    blocks.push({ kind: 'pre', text: rest.slice(open + 3, close).replace(/^\n|\n$/g, '') })
    rest = rest.slice(close + 3).replace(/^\n/, '')
  }
  parseLines(rest, blocks)
  return blocks
}

function parseLines(text: string, blocks: Block[]): void {
  if (!text) return
  for (const line of text.split('\n')) {
    const last = blocks.at(-1)
    const quote = QUOTE.exec(line)
    if (quote) {
      const nodes = inline(quote[1] ?? '')
      if (last?.kind === 'quote') last.lines.push(nodes)
      else blocks.push({ kind: 'quote', lines: [nodes] })
      continue
    }
    const bullet = BULLET.exec(line)
    const number = bullet ? null : NUMBER.exec(line)
    if (bullet ?? number) {
      const ordered = number !== null
      const nodes = inline((bullet ? bullet[1] : number?.[2]) ?? '')
      if (last?.kind === 'list' && last.ordered === ordered) last.items.push(nodes)
      else blocks.push({ kind: 'list', ordered, start: Number(number?.[1] ?? 1), items: [nodes] })
      continue
    }
    if (last?.kind === 'lines') last.lines.push(inline(line))
    else blocks.push({ kind: 'lines', lines: [inline(line)] })
  }
}

export function inline(text: string, depth = 0): Inline[] {
  const nodes: Inline[] = []
  const noCloser = new Set<string>()
  let plain = 0
  let at = 0
  const flush = (upTo: number): void => {
    if (upTo > plain) nodes.push(...words(text.slice(plain, upTo)))
  }
  while (at < text.length) {
    const mark = text.charAt(at)
    const kind = MARKS[mark]
    if ((kind ?? mark === '`') && depth < DEEPEST && !noCloser.has(mark) && opens(text, at)) {
      const end = closer(text, at, mark)
      if (end > 0) {
        flush(at)
        const inner = text.slice(at + 1, end)
        nodes.push(kind ? { kind, nodes: inline(inner, depth + 1) } : { kind: 'code', text: inner })
        at = plain = end + 1
        continue
      }
      noCloser.add(mark) // there will be none further on either: the work stays linear
    }
    at += 1
  }
  flush(text.length)
  return nodes
}

function words(text: string): Inline[] {
  return linkify(text).map((one) =>
    'href' in one ? { kind: 'link', text: one.text, href: one.href } : { kind: 'text', text: one.text },
  )
}

const WORD = /[\p{L}\p{N}]/u

function opens(text: string, at: number): boolean {
  const before = text.charAt(at - 1)
  const after = text.charAt(at + 1)
  return (at === 0 || !WORD.test(before)) && after !== '' && !/\s/.test(after) && after !== text.charAt(at)
}

function closer(text: string, open: number, mark: string): number {
  for (let at = text.indexOf(mark, open + 2); at > 0; at = text.indexOf(mark, at + 1)) {
    const after = text.charAt(at + 1)
    if (!/\s/.test(text.charAt(at - 1)) && (after === '' || !WORD.test(after))) return at
  }
  return -1
}

/** The text without its marks: for the one line of a chat row. */
export function strip(text: string): string {
  return parse(text.slice(0, 400))
    .map((block) => {
      if (block.kind === 'pre') return block.text
      return (block.kind === 'list' ? block.items : block.lines).map(bare).join(' ')
    })
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim()
}

function bare(nodes: Inline[]): string {
  return nodes.map((node) => ('nodes' in node ? bare(node.nodes) : node.text)).join('')
}

const EMOJI = /^(?:\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\uFE0F|\u200D\p{Extended_Pictographic})*|\p{Regional_Indicator}{2}|\s)+$/u

/** One to three emoji and nothing else are drawn large. */
export function onlyEmoji(text: string): boolean {
  return text.length <= 40 && EMOJI.test(text) && [...new Intl.Segmenter().segment(text.replace(/\s/g, ''))].length <= 3
}
