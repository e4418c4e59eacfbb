// Colours that belong to people and clients, always readable.

const PALETTE = ['#b4402f', '#96580a', '#2f7d32', '#1d6fc0', '#7648c2', '#b5307a', '#00757a']

/** The same person has the same colour everywhere. */
export function colourOf(id: string): string {
  let sum = 0
  for (const one of id) sum = (sum * 31 + (one.codePointAt(0) ?? 0)) >>> 0
  return PALETTE[sum % PALETTE.length] ?? '#1d6fc0'
}

/** Black or white, whichever reads better on a colour (WCAG luminance). */
export function inkOn(hex: string): string {
  const channel = (at: number): number => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  const light = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
  return light > 0.179 ? '#000000' : '#ffffff'
}

export function initials(name: string): string {
  const words = name.replace(/[^\p{L}\p{N}\s]/gu, ' ').trim().split(/\s+/)
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]]
  return letters.map((word) => [...(word ?? '')][0] ?? '').join('').toLocaleUpperCase() || '#'
}
