// Finds web and mail addresses in plain text. Only http, https and mailto ever become links.

export type Linked = { text: string } | { text: string; href: string }

const CANDIDATE = /https?:\/\/[^\s<>"'`]+|www\.[^\s<>"'`]+\.[^\s<>"'`]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+/giu
const TRAILING = /[.,:;!?…'"»”’*_~]+$/u

export function linkify(text: string): Linked[] {
  const found: Linked[] = []
  let done = 0
  for (const match of text.matchAll(CANDIDATE)) {
    const word = trim(match[0])
    const href = target(word)
    if (!href) continue
    if (match.index > done) found.push({ text: text.slice(done, match.index) })
    found.push({ text: word, href })
    done = match.index + word.length
  }
  if (done < text.length) found.push({ text: text.slice(done) })
  return found
}

/** The full stop after an address is not part of it, nor is a bracket that was opened before it. */
function trim(word: string): string {
  for (;;) {
    const bare = word.replace(TRAILING, '')
    const last = bare.at(-1)
    const open = last === ')' ? '(' : last === ']' ? '[' : ''
    if (!open || count(bare, open) >= count(bare, last ?? '')) return bare
    word = bare.slice(0, -1)
  }
}

function count(text: string, one: string): number {
  return text.split(one).length - 1
}

function target(word: string): string | null {
  const address = /^https?:/i.test(word) ? word : word.includes('@') && !/^www\./i.test(word) ? `mailto:${word}` : `https://${word}`
  return URL.canParse(address) ? address : null
}
