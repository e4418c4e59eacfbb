// A phone in the browser: the state of all phones is read again whenever it changes, and drawn anew.

import { bubble } from './bubble.js'
import { h, keep, put } from './dom.js'
import { linking, faults } from './linking.js'
import { act, file, state, until } from './talk.js'
import { locale, loadWords, t, turn } from './words.js'

const EACH = 3000 // ms between two signs that one types
const FILES = { image: 'image/*', video: 'video/*', voice: 'audio/*', document: '', sticker: 'image/webp' }
const ASKED = ['location', 'contact']

let now = { phones: [], fault: '' }
let number = location.hash.slice(1)
let open = null // the chat's id
let screen = 'chats' // or 'devices'
let answering = null
let editing = null
let error = ''
let typed = 0
let menu = '' // whose message's, or 'attach'

const phone = () => now.phones.find((one) => one.number === number) ?? now.phones[0]
const chat = () => phone()?.chats.find((one) => one.id === open)

async function does(what, said = {}) {
  error = ''
  const answer = await act(number, what, said)
  if (answer) error = t(`error.${answer}`)
  draw()
  return !answer
}

function pick(other) {
  number = other
  history.replaceState(null, '', `#${number}`)
  open = answering = editing = null
  menu = ''
  screen = 'chats'
  draw()
}

function enter(id) {
  open = id
  answering = editing = null
  menu = ''
  draw()
  read()
}

function read() {
  if (chat()?.unread && document.visibilityState === 'visible') void does('read', { chat: open })
}

// -- the parts --------------------------------------------------------------------------------------------

function tabs() {
  const tab = (one) =>
    h(
      'button',
      {
        class: 'tab',
        type: 'button',
        'data-testid': 'phone-tab',
        'data-number': one.number,
        'aria-pressed': String(one.number === number),
        onclick: () => pick(one.number),
      },
      h('span', { class: `face ${one.owner ? 'shop' : ''}`, 'aria-hidden': 'true' }, one.name.slice(0, 1)),
      h('span', {}, h('b', {}, one.name), h('small', {}, t(one.owner ? 'business' : 'customer'), ' · +', one.number)),
    )
  return h('nav', { class: 'tabs', 'aria-label': t('phones') }, now.phones.map(tab))
}

function chatList(me) {
  const row = (one) => {
    const last = one.messages.at(-1)
    const said = one.typing ? t('typing', { name: one.typing }) : last ? (last.text || t(`kind.${last.kind}`)) : t('nothing_said')
    return h(
      'li',
      {},
      h(
        'button',
        {
          class: 'row',
          type: 'button',
          'data-testid': 'chat-row',
          'data-id': one.id,
          'aria-current': one.id === open ? 'true' : null,
          onclick: () => enter(one.id),
        },
        h('span', { class: 'face', 'aria-hidden': 'true' }, one.name.slice(0, 1)),
        h('span', { class: 'said' }, h('b', {}, one.name), h('small', {}, said)),
        one.unread ? h('span', { class: 'unread', 'aria-label': t('unread', { n: one.unread }) }, String(one.unread)) : null,
      ),
    )
  }
  return h('ul', { class: 'chats', 'aria-label': t('chats') }, me.chats.map(row))
}

function head(me) {
  const other = screen === 'devices' ? 'chats' : 'devices'
  return h(
    'header',
    { class: 'head' },
    h('h2', {}, me.name),
    me.owner
      ? h(
          'button',
          { type: 'button', class: 'plain', 'data-testid': screen === 'devices' ? 'chats' : 'link-open', onclick: () => ((screen = other), draw()) },
          t(other),
        )
      : null,
  )
}

function messages(one) {
  const does_ = {
    more: (said) => ((menu = menu === said.id ? '' : said.id), draw()),
    reply: (said) => ((answering = said), (editing = null), (menu = ''), draw(), focus()),
    edit: (said) => ((editing = said), (answering = null), (menu = ''), draw(), fill(said.text)),
    delete: (said) => ((menu = ''), does('delete', { chat: open, message: said.id })),
    react: (said, emoji) => ((menu = ''), does('react', { chat: open, message: said.id, emoji })),
  }
  return h(
    'ol',
    { class: 'messages', id: 'messages', tabindex: '0', 'aria-label': one.name },
    one.messages.map((said) => h('li', { class: said.mine ? 'mine' : '' }, bubble(said, { group: one.group, open: menu === said.id, does: does_ }))),
  )
}

function composer(one) {
  const about = answering ? t('answering', { name: answering.mine ? t('you') : answering.by }) : editing ? t('editing') : ''
  return h(
    'form',
    {
      class: 'composer',
      onsubmit: (event) => {
        event.preventDefault()
        void send()
      },
    },
    about
      ? h('p', { class: 'about' }, about, h('button', { type: 'button', class: 'plain', onclick: () => ((answering = editing = null), draw()) }, t('cancel')))
      : null,
    menu === 'attach' ? attachments() : null,
    h(
      'div',
      { class: 'line' },
      h('button', { type: 'button', class: 'round', 'data-testid': 'attach', 'aria-label': t('attach'), 'aria-expanded': String(menu === 'attach'), onclick: () => ((menu = menu === 'attach' ? '' : 'attach'), draw()) }, '+'),
      h('textarea', {
        id: 'composer',
        rows: '1',
        'data-testid': 'composer',
        'aria-label': t('message'),
        placeholder: t('message'),
        oninput: signs,
        onblur: () => quiet(),
        onkeydown: (event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
          event.preventDefault()
          void send()
        },
      }),
      h('button', { type: 'submit', class: 'round go', 'data-testid': 'send', 'aria-label': t('send') }, '➤'),
    ),
    Object.entries(FILES).map(([kind, accept]) =>
      h('input', { type: 'file', hidden: true, accept, id: `file-${kind}`, 'data-testid': 'file-input', 'data-kind': kind, 'aria-label': t(`kind.${kind}`), onchange: (event) => void upload(kind, event.target) }),
    ),
  )
}

function attachments() {
  const entry = (kind, onclick) => h('button', { type: 'button', class: 'plain', onclick }, t(`kind.${kind}`))
  return h('div', { class: 'attachments' }, [
    ...Object.keys(FILES).map((kind) => entry(kind, () => document.getElementById(`file-${kind}`).click())),
    ...ASKED.map((kind) => entry(kind, () => void place(kind))),
    entry('call', () => ((menu = ''), void does('write', { chat: open, kind: 'call' }))),
  ])
}

// -- what a thumb does ------------------------------------------------------------------------------------

const box = () => document.getElementById('composer')
const focus = () => box()?.focus()

function fill(text) {
  box().value = text
  focus()
}

async function send() {
  const text = box().value
  if (!text.trim()) return
  quiet()
  const done = editing
    ? await does('edit', { chat: open, message: editing.id, text })
    : await does('write', { chat: open, kind: 'text', text, reply_to: answering?.id ?? '' })
  if (!done) return
  answering = editing = null
  draw()
  fill('')
}

/** Its name is what was written: "Kärntner Straße 4", "Dr. Weber". */
async function place(kind) {
  const text = box().value.trim() || t(`kind.${kind}`)
  menu = ''
  if (await does('write', { chat: open, kind, text })) fill('')
}

async function upload(kind, input) {
  const [picked] = input.files
  input.value = ''
  menu = ''
  if (!picked) return
  const answer = await file(number, { chat: open, kind, caption: '' }, picked)
  error = answer ? t(`error.${answer}`) : ''
  draw()
}

function signs() {
  if (Date.now() - typed < EACH) return
  typed = Date.now()
  void act(number, 'typing', { chat: open, on: true })
}

function quiet() {
  if (!typed) return
  typed = 0
  void act(number, 'typing', { chat: open, on: false })
}

// -- drawing ----------------------------------------------------------------------------------------------

function inside(me) {
  const one = chat()
  if (screen === 'devices' && me.owner) return linking(me, does)
  if (!one) return [h('div', { class: 'pane list' }, chatList(me)), h('p', { class: 'pane none' }, t('no_chat'))]
  return [
    h('div', { class: 'pane list behind' }, chatList(me)),
    h(
      'section',
      { class: 'pane chat', 'aria-label': one.name },
      h(
        'header',
        {},
        h('button', { type: 'button', class: 'plain back', 'aria-label': t('back'), onclick: () => ((open = null), draw()) }, '‹'),
        h('h3', {}, one.name),
        h('p', { class: 'typing', 'data-testid': 'typing', role: 'status' }, one.typing ? t('typing', { name: one.typing }) : one.members.join(', ')),
      ),
      messages(one),
      composer(one),
    ),
  ]
}

function draw() {
  const me = phone()
  if (!me) return
  number = me.number
  document.title = `${me.name} · ${t('title')}`
  document.documentElement.lang = locale()
  keep(() =>
    put(
      document.body,
      h(
        'header',
        { class: 'top' },
        h('h1', {}, t('title')),
        h('p', {}, t('what')),
        h('button', { type: 'button', class: 'plain', 'data-testid': 'lang', onclick: () => (turn(), draw()) }, t('lang')),
      ),
      tabs(),
      h(
        'main',
        {},
        h('div', { class: 'phone' }, head(me), h('div', { class: 'inside' }, inside(me)), h('p', { class: 'error', role: 'alert', 'data-testid': 'error' }, error)),
        faults(now.fault, (answer) => ((error = answer ? t(`error.${answer}`) : ''), draw())),
      ),
    ),
  )
}

async function look() {
  now = await state()
  draw()
  read()
}

addEventListener('hashchange', () => pick(location.hash.slice(1)))
document.addEventListener('visibilitychange', read)
await loadWords()
await look()
until(
  () => void look(),
  () => ((error = t('gone')), draw()),
)
