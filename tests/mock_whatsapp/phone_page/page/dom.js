// Elements without markup: what others said is only ever text.

/** An element with attributes, listeners ("onclick": …) and children; null and undefined are left out. */
export function h(tag, about = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(about)) {
    if (value === null || value === undefined || value === false) continue
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value)
    else made.setAttribute(name, value === true ? '' : value)
  }
  made.append(...children.flat(3).filter((child) => child !== null && child !== undefined))
  return made
}

export function put(where, ...children) {
  where.replaceChildren(...children)
}

/** Draw anew and leave in peace what somebody is doing: the words in the making, the place in a list. */
export function keep(draw) {
  const active = document.activeElement
  const id = active?.id
  const [from, to] = id && active.tagName === 'TEXTAREA' ? [active.selectionStart, active.selectionEnd] : [0, 0]
  const values = new Map([...document.querySelectorAll('textarea, input[type=text]')].map((one) => [one.id, one.value]))
  const folds = new Map([...document.querySelectorAll('details')].map((one) => [one.id, one.open]))
  const list = document.getElementById('messages')
  const atEnd = !list || list.scrollHeight - list.scrollTop - list.clientHeight < 60
  const top = list?.scrollTop ?? 0
  draw()
  for (const [name, value] of values) {
    const there = name && document.getElementById(name)
    if (there) there.value = value
  }
  for (const [name, open] of folds) {
    const there = document.getElementById(name)
    if (there) there.open = open
  }
  const fresh = document.getElementById('messages')
  if (fresh) fresh.scrollTop = atEnd ? fresh.scrollHeight : top
  if (atEnd) for (const one of fresh?.querySelectorAll('img') ?? []) one.addEventListener('load', () => (fresh.scrollTop = fresh.scrollHeight))
  const again = id ? document.getElementById(id) : null
  again?.focus({ preventScroll: true })
  if (again?.tagName === 'TEXTAREA') again.setSelectionRange(from, to)
}
