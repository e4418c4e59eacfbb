// The screen of linked devices, and what can go wrong around a phone.

import { h } from './dom.js'
import { goWrong } from './talk.js'
import { t } from './words.js'

const FAULTS = ['', 'ban', 'restrict', 'cut', 'outdated', 'logout']

/** `does(what, said)` asks the phone to do something. */
export function linking(me, does) {
  const field = (id, name, mark, said) =>
    h(
      'form',
      {
        class: 'line',
        onsubmit: (event) => {
          event.preventDefault()
          void does('link', { [said]: document.getElementById(id).value.trim() })
        },
      },
      h('label', { for: id }, t(name)),
      h('input', { type: 'text', id, autocomplete: 'off', spellcheck: 'false', 'data-testid': `${mark}-input` }),
      h('button', { type: 'submit', 'data-testid': `${mark}-link` }, t('link_do')),
    )
  return h(
    'section',
    { class: 'pane devices', 'aria-label': t('devices') },
    h('h3', {}, t('devices')),
    me.linked.length
      ? [
          h(
            'ul',
            {},
            me.linked.map((one) => h('li', { 'data-testid': 'linked', 'data-online': String(one.online) }, h('span', { class: `lamp ${one.online ? 'on' : ''}`, 'aria-hidden': 'true' }), t(one.online ? 'online' : 'offline'))),
          ),
          h('button', { type: 'button', class: 'plain danger', 'data-testid': 'unlink', onclick: () => void does('unlink') }, t('log_out')),
        ]
      : h('p', { class: 'quiet' }, t('none_linked')),
    h('h3', {}, t('link')),
    h('p', { class: 'quiet' }, t('link_what')),
    h('button', { type: 'button', class: 'main', 'data-testid': 'scan', onclick: () => void does('link') }, t('scan')),
    h('h4', {}, t('code')),
    field('characters', 'code_label', 'code', 'code'),
    h('details', { id: 'paste' }, h('summary', {}, t('paste')), field('text', 'paste_label', 'text', 'text')),
  )
}

export function faults(current, after) {
  const row = (fault) =>
    h(
      'li',
      {},
      h('button', { type: 'button', 'data-testid': 'fault', 'data-fault': fault, 'aria-pressed': String(current === fault), onclick: async () => after(await goWrong(fault)) }, t(`fault.${fault}`)),
      h('span', {}, t(`fault.${fault}.what`)),
    )
  return h('details', { class: 'faults', id: 'faults' }, h('summary', {}, t('faults')), h('ul', {}, FAULTS.map(row)))
}
