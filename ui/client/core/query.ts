// What is typed into the search: words, and operators that become filters ("has:photo", "до:5.11").

export const OPERATORS = ['from', 'client', 'channel', 'has', 'after', 'before'] as const
export type Operator = (typeof OPERATORS)[number]

/** `value`: them/us, a workspace, a channel, a kind of message, or a day as 2026-11-05. */
export interface Filter {
  op: Operator
  value: string
}

/** Values an operator takes, by the names a person knows them by. */
export interface Choice {
  value: string
  names: readonly string[]
}
export type Choices = (op: Operator) => readonly Choice[]

/** Understood whatever language the page speaks. */
const NAMES: Record<Operator, readonly string[]> = {
  from: ['from', 'от'],
  client: ['client', 'клиент'],
  channel: ['channel', 'канал'],
  has: ['has', 'есть'],
  after: ['after', 'с', 'после'],
  before: ['before', 'до'],
}

export const FROM: readonly Choice[] = [
  { value: 'them', names: ['them', 'customer', 'клиента', 'них'] },
  { value: 'us', names: ['us', 'me', 'нас', 'меня'] },
]

/** Operator and value of one typed token, or null: it is a word. */
function split(token: string): { op: Operator; typed: string } | null {
  const colon = token.indexOf(':')
  const name = token.slice(0, colon).toLowerCase()
  const op = colon > 0 && OPERATORS.find((one) => NAMES[one].includes(name))
  return op ? { op, typed: token.slice(colon + 1).replace(/^"|"$/g, '') } : null
}

const TOKENS = /[^\s":]+:"[^"]*"?|\S+/gu

/** The filters that are typed out, and the words without them. What is still being typed stays in the words. */
export function read(text: string, choices: Choices, now: number): { words: string; filters: Filter[] } {
  const filters: Filter[] = []
  const words = text.replace(TOKENS, (token: string, at: number) => {
    const found = split(token)
    const typing = at + token.length === text.length && !/:".*"$/.test(token)
    if (!found?.typed || typing) return token
    const filter = understood(found.op, found.typed, choices, now)
    if (!filter) return token
    filters.push(filter)
    return ''
  })
  return { words: filters.length ? words.replace(/\s+/g, ' ').trimStart() : words, filters }
}

/** All of it, the last token too: what is asked for when nobody types on. */
export function readAll(text: string, choices: Choices, now: number): { words: string; filters: Filter[] } {
  const { words, filters } = read(`${text} `, choices, now)
  return { words: words.trim(), filters }
}

function understood(op: Operator, typed: string, choices: Choices, now: number): Filter | null {
  if (op === 'before' || op === 'after') {
    const value = day(typed, now)
    return value ? { op, value } : null
  }
  const met = meant(typed, choices(op))
  const exact = met.filter((one) => one.names.some((name) => name.toLowerCase() === typed.toLowerCase()))
  const one = exact[0] ?? (met.length === 1 ? met[0] : undefined)
  return one ? { op, value: one.value } : null
}

function meant(typed: string, choices: readonly Choice[]): Choice[] {
  const start = typed.toLowerCase()
  return choices.filter((one) => one.names.some((name) => name.toLowerCase().startsWith(start) || name.toLowerCase().includes(` ${start}`)))
}

/** What the last token may become: an operator is named, and these of its values fit. */
export function offered(text: string, choices: Choices): { op: Operator; choices: Choice[] } | null {
  const last = lastToken(text)
  const found = split(last)
  return found ? { op: found.op, choices: meant(found.typed, choices(found.op)) } : null
}

export function lastToken(text: string): string {
  const tokens = [...text.matchAll(TOKENS)].at(-1)
  return tokens && tokens.index + tokens[0].length === text.length ? tokens[0] : ''
}

export function withoutLast(text: string): string {
  return text.slice(0, text.length - lastToken(text).length)
}

const DAY = 86_400_000
const WORDS: Record<string, number> = { today: 0, сегодня: 0, yesterday: 1, вчера: 1, week: 7, неделя: 7, month: 30, месяц: 30 }

/** A day as 2026-11-05, from 2026-11-05, 5.11.2026, 5.11, "yesterday"; local time. Null: that is no day. */
export function day(typed: string, now: number): string | null {
  const word = WORDS[typed.toLowerCase()]
  if (word !== undefined) return written(new Date(now - word * DAY))
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(typed)
  if (iso) return valid(Number(iso[1]), Number(iso[2]), Number(iso[3]))
  const dotted = /^(\d{1,2})\.(\d{1,2})(?:\.(\d{4}|\d{2})?)?$/.exec(typed)
  if (!dotted) return null
  const [, d = '', m = '', y] = dotted
  if (y) return valid(y.length === 2 ? 2000 + Number(y) : Number(y), Number(m), Number(d))
  const year = new Date(now).getFullYear()
  const here = valid(year, Number(m), Number(d))
  return here && start(here) > now ? valid(year - 1, Number(m), Number(d)) : here // the last one there was
}

function valid(year: number, month: number, date: number): string | null {
  const at = new Date(year, month - 1, date)
  return at.getFullYear() === year && at.getMonth() === month - 1 && at.getDate() === date ? written(at) : null
}

function written(at: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}

/** Where a day begins, in local time. */
export function start(iso: string): number {
  const [year = 0, month = 1, date = 1] = iso.split('-').map(Number)
  return new Date(year, month - 1, date).getTime()
}

/** Filters with one more; it replaces what was said with the same operator before. */
export function added(filters: readonly Filter[], filter: Filter): Filter[] {
  return [...filters.filter((one) => one.op !== filter.op), filter]
}
