// How well what was typed fits a name, and which letters of the name it met.

import type { Piece } from './wire'

export interface Fit {
  /** More is better; whole names beat beginnings, beginnings of words beat their middles. */
  score: number
  /** Pairs of positions in the name: from, to. */
  ranges: readonly (readonly [number, number])[]
}

/** Case, ё and Latin accents make no difference. One unit stays one unit, so positions stay true. */
export function fold(text: string): string {
  let folded = ''
  for (let at = 0; at < text.length; at++) {
    const letter = text.charAt(at)
    const plain = /[\u00c0-\u024f]/.test(letter) ? letter.normalize('NFD').charAt(0) : letter
    const lower = plain.toLowerCase()
    folded += lower === 'ё' ? 'е' : lower.length === 1 ? lower : plain
  }
  return folded
}

/** Every word typed must be found: at the start of a word, inside one, or as the first letters of words. */
export function fit(typed: string, name: string): Fit | null {
  const wanted = fold(typed).split(/\s+/).filter(Boolean)
  if (!wanted.length) return { score: 0, ranges: [] }
  const folded = fold(name)
  const taken: [number, number][] = []
  let score = folded === wanted.join(' ') ? 200 : 0
  for (const word of wanted) {
    const found = place(word, folded, taken)
    if (!found) return initials(wanted, folded)
    score += found.score
    taken.push([found.at, found.at + word.length])
  }
  taken.sort((a, b) => a[0] - b[0])
  return { score: score / wanted.length - folded.length / 100, ranges: taken }
}

function place(word: string, name: string, taken: readonly (readonly [number, number])[]): { at: number; score: number } | null {
  let best: { at: number; score: number } | null = null
  for (let at = name.indexOf(word); at >= 0; at = name.indexOf(word, at + 1)) {
    if (taken.some(([from, to]) => at < to && at + word.length > from)) continue
    const starts = at === 0 || !/[\p{L}\p{N}]/u.test(name.charAt(at - 1))
    const score = at === 0 ? 100 : starts ? 80 : 40
    if (!best || score > best.score) best = { at, score }
  }
  return best
}

/** "мс" finds "Мария Соколова". */
function initials(wanted: readonly string[], name: string): Fit | null {
  const letters = wanted.length === 1 ? (wanted[0] ?? '') : ''
  if (letters.length < 2) return null
  const starts = [...name.matchAll(/[\p{L}\p{N}]+/gu)].map((word) => word.index)
  if (!starts.map((at) => name.charAt(at)).join('').startsWith(letters)) return null
  return { score: 30 - name.length / 100, ranges: starts.slice(0, letters.length).map((at) => [at, at + 1] as const) }
}

/** A phone number may be typed with any signs between its figures. */
export function fitNumber(typed: string, number: string): boolean {
  const digits = typed.replace(/[\s+().-]/g, '')
  return /^\d{3,}$/.test(digits) && number.replace(/\D/g, '').includes(digits)
}

/** The name in pieces, with what was met marked. */
export function pieces(name: string, ranges: Fit['ranges']): Piece[] {
  const all: Piece[] = []
  let done = 0
  for (const [from, to] of ranges) {
    if (from > done) all.push({ text: name.slice(done, from), hit: false })
    all.push({ text: name.slice(from, to), hit: true })
    done = to
  }
  if (done < name.length) all.push({ text: name.slice(done), hit: false })
  return all
}

const STYLED = /(?<![\p{L}\p{N}])([*_~`])(?=\S)([^\n]*?\S)\1(?![\p{L}\p{N}])/gu

/** A snippet without the signs of bold, italic, struck through and code, wherever its pieces part. */
export function unstyled(snippet: readonly Piece[]): Piece[] {
  const text = snippet.map((one) => one.text).join('')
  const signs = new Set([...text.matchAll(STYLED)].flatMap((met) => [met.index, met.index + met[0].length - 1]))
  if (!signs.size) return [...snippet]
  let done = 0
  return snippet.map((one) => {
    const from = done
    done += one.text.length
    const kept = Array.from({ length: one.text.length }, (_, at) => (signs.has(from + at) ? '' : one.text.charAt(at)))
    return { ...one, text: kept.join('') }
  })
}

/** The best of many, best first; equals keep the order they came in. */
export function best<T>(typed: string, all: Iterable<T>, name: (one: T) => string, most: number): { one: T; fit: Fit }[] {
  const found: { one: T; fit: Fit }[] = []
  for (const one of all) {
    const how = fit(typed, name(one))
    if (how) found.push({ one, fit: how })
  }
  return found.sort((a, b) => b.fit.score - a.fit.score).slice(0, most)
}
