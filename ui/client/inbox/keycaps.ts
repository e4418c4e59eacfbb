// How the keys of the table are written on this machine's keyboard.

const MAC = /Mac|iPhone|iPad/.test(navigator.platform)
const NAMES: Record<string, string> = { ArrowDown: '↓', ArrowUp: '↑', Escape: 'Esc', ...(MAC ? { Ctrl: '⌘', Alt: '⌥', Shift: '⇧' } : {}) }

/** "Ctrl+Shift+n" as what is printed on three keys. */
export function shownKeys(key: string): string[] {
  return key.split('+').map((one) => NAMES[one] ?? (one.length === 1 ? one.toUpperCase() : one))
}
