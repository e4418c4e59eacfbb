// What was looked for, marked in a message on the page: painted by the browser, nothing is put into the text.

const NAME = 'found'

/** Marks these texts in an element, and nothing anywhere else; no texts: nothing at all. */
export function markIn(element: Element | null, texts: readonly string[]): void {
  if (!('highlights' in CSS)) return // an older browser: the message itself lights up all the same
  const wanted = new Set(texts.map((one) => one.toLocaleLowerCase()))
  const ranges = element && wanted.size ? found(element, wanted) : []
  if (ranges.length) CSS.highlights.set(NAME, new Highlight(...ranges))
  else CSS.highlights.delete(NAME)
}

function found(element: Element, wanted: ReadonlySet<string>): Range[] {
  const ranges: Range[] = []
  const nodes = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
  for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
    const text = (node.textContent ?? '').toLocaleLowerCase()
    for (const one of wanted) {
      for (let at = text.indexOf(one); at >= 0 && one; at = text.indexOf(one, at + one.length)) {
        const range = new Range()
        range.setStart(node, at)
        range.setEnd(node, Math.min(at + one.length, node.textContent?.length ?? 0))
        ranges.push(range)
      }
    }
  }
  return ranges
}
