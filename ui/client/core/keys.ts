// What one can do, as one table: it drives the keyboard, the palette, the help sheet and aria-keyshortcuts.

export interface Pressed {
  key: string
  code: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  shiftKey: boolean
  isComposing?: boolean
}

export type KeyGroup = 'chats' | 'chat' | 'writing' | 'page'

export interface Binding {
  id: string
  group: KeyGroup
  /** None: the palette alone has it. */
  keys: readonly string[]
  /** Also while a person is typing in a field. */
  typing?: boolean
  /** Means something at the place of the cursor only: no command of the palette. */
  local?: boolean
}

/** Their words are "keys.<id>"; their groups' "keys.group.<group>". */
export const BINDINGS = [
  { id: 'next', group: 'chats', keys: ['j', 'Alt+ArrowDown'] },
  { id: 'previous', group: 'chats', keys: ['k', 'Alt+ArrowUp'] },
  { id: 'next_unread', group: 'chats', keys: ['n'] },
  { id: 'search', group: 'chats', keys: ['/'] },
  { id: 'start', group: 'chats', keys: ['c'] },
  { id: 'folder', group: 'chats', keys: ['Ctrl+1…9'], typing: true, local: true },
  { id: 'close', group: 'chat', keys: ['e'] },
  { id: 'close_next', group: 'chat', keys: ['Shift+e'] },
  { id: 'reopen', group: 'chat', keys: [] },
  { id: 'snooze', group: 'chat', keys: ['z'] },
  { id: 'unread', group: 'chat', keys: ['u'] },
  { id: 'read', group: 'chat', keys: ['Shift+u'] },
  { id: 'assign', group: 'chat', keys: ['a'] },
  { id: 'assign_me', group: 'chat', keys: ['Shift+a'] },
  { id: 'labels', group: 'chat', keys: ['l'] },
  { id: 'contact', group: 'chat', keys: ['i'] },
  { id: 'find', group: 'chat', keys: ['Ctrl+f'], typing: true },
  { id: 'first', group: 'chat', keys: ['Home'] },
  { id: 'last', group: 'chat', keys: ['End'] },
  { id: 'write', group: 'writing', keys: ['Enter', 'r'] },
  { id: 'note', group: 'writing', keys: ['Ctrl+Shift+n'], typing: true },
  { id: 'attach', group: 'writing', keys: ['Ctrl+o'], typing: true },
  { id: 'template', group: 'writing', keys: ['Ctrl+/'], typing: true },
  { id: 'voice', group: 'writing', keys: ['Alt+v'], typing: true },
  { id: 'bold', group: 'writing', keys: ['Ctrl+b'], typing: true, local: true },
  { id: 'italic', group: 'writing', keys: ['Ctrl+i'], typing: true, local: true },
  { id: 'strike', group: 'writing', keys: ['Ctrl+Shift+x'], typing: true, local: true },
  { id: 'mono', group: 'writing', keys: ['Ctrl+Shift+m'], typing: true, local: true },
  { id: 'send_menu', group: 'writing', keys: ['Alt+Enter'], typing: true },
  { id: 'palette', group: 'page', keys: ['Ctrl+k', 'Ctrl+p'], typing: true, local: true },
  { id: 'escape', group: 'page', keys: ['Escape'], typing: true, local: true },
  { id: 'pane_next', group: 'page', keys: ['F6'], typing: true, local: true },
  { id: 'pane_previous', group: 'page', keys: ['Shift+F6'], typing: true, local: true },
  { id: 'help', group: 'page', keys: ['?'] },
  { id: 'settings', group: 'page', keys: ['Ctrl+,'], typing: true },
  { id: 'theme_system', group: 'page', keys: [] },
  { id: 'theme_light', group: 'page', keys: [] },
  { id: 'theme_dark', group: 'page', keys: [] },
  { id: 'locale_en', group: 'page', keys: [] },
  { id: 'locale_ru', group: 'page', keys: [] },
  { id: 'sign_out', group: 'page', keys: [] },
] as const satisfies readonly Binding[]

export type Action = (typeof BINDINGS)[number]['id']

export interface Match {
  id: Action
  digit?: number
}

/** What a key press means, or null. On another layout the key's place stands for its letter. */
export function match(pressed: Pressed, typing: boolean, singleLetters = true): Match | null {
  if (pressed.isComposing) return null
  const name = nameOf(pressed)
  const digit = /^Ctrl\+([1-9])$/.exec(name)
  if (digit) return { id: 'folder', digit: Number(digit[1]) }
  for (const binding of BINDINGS as readonly Binding[]) {
    if (!binding.keys.includes(name)) continue
    if (typing && !binding.typing) continue
    if (!singleLetters && name.replace('Shift+', '').length === 1 && name !== '?') continue
    return { id: binding.id as Action }
  }
  return null
}

/** "Ctrl+Shift+n"; Command counts as Ctrl, Caps Lock changes nothing. */
export function nameOf(pressed: Pressed): string {
  let key = pressed.key
  if (key.length === 1 && !/^[\x20-\x7e]$/.test(key)) key = fromCode(pressed.code, pressed.shiftKey) ?? key
  else if (key.length === 1 && pressed.code === 'Slash' && pressed.shiftKey) key = '?' // "," on a Russian layout
  if (/^[A-Z]$/.test(key)) key = key.toLowerCase()
  const shift = pressed.shiftKey && (key.length > 1 || /^[a-z0-9]$/.test(key))
  return [pressed.ctrlKey || pressed.metaKey ? 'Ctrl' : '', pressed.altKey ? 'Alt' : '', shift ? 'Shift' : '', key]
    .filter(Boolean)
    .join('+')
}

function fromCode(code: string, shifted: boolean): string | null {
  const letter = /^Key([A-Z])$/.exec(code)
  if (letter) return letter[1]?.toLowerCase() ?? null
  const digit = /^Digit([0-9])$/.exec(code)
  if (digit) return digit[1] ?? null
  if (code === 'Slash') return shifted ? '?' : '/'
  return null
}

/** For aria-keyshortcuts: "J Alt+ArrowDown". */
export function shortcuts(id: Action): string {
  const binding = (BINDINGS as readonly Binding[]).find((one) => one.id === id)
  return (binding?.keys ?? []).map((key) => key.replace('Ctrl', 'Control')).join(' ')
}
