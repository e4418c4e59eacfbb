// Putting a mark around what is selected, or taking it away again.

export function wrap(text: string, from: number, to: number, mark: string): { text: string; from: number; to: number } {
  const inner = text.slice(from, to)
  const before = text.slice(0, from)
  const after = text.slice(to)
  if (before.endsWith(mark) && after.startsWith(mark)) {
    return { text: before.slice(0, -mark.length) + inner + after.slice(mark.length), from: from - mark.length, to: to - mark.length }
  }
  return { text: before + mark + inner + mark + after, from: from + mark.length, to: to + mark.length }
}
