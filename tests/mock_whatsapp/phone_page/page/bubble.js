// One message as a bubble, by its kind.

import { h } from './dom.js'
import { clock, t } from './words.js'

const EMOJI = ['👍', '❤️', '😂', '😮', '😢', '🙏']
const TICKS = { sent: '✓', delivered: '✓✓', read: '✓✓' }

const SHOWN = {
  image: (said) => [h('img', { src: said.file, alt: said.text || t('kind.image') }), words(said)],
  sticker: (said) => h('img', { class: 'sticker', src: said.file, alt: t('kind.sticker') }),
  video: (said) => [h('video', { src: said.file, controls: true, 'aria-label': t('kind.video') }), words(said)],
  gif: (said) => [h('video', { src: said.file, loop: true, controls: true, 'aria-label': t('kind.gif') }), words(said)],
  voice: (said) => h('audio', { src: said.file, controls: true, 'aria-label': t('kind.voice') }),
  audio: (said) => h('audio', { src: said.file, controls: true, 'aria-label': t('kind.audio') }),
  document: (said) => [h('a', { href: said.file, download: said.name || 'file' }, said.name || t('kind.document')), words(said)],
  location: (said) => h('p', {}, '📍 ', said.text),
  contact: (said) => h('p', {}, '👤 ', said.text),
  call: () => h('p', {}, '📞 ', t('kind.call')),
  deleted: () => h('p', { class: 'quiet' }, t('kind.deleted')),
  other: (said) => h('p', { class: 'quiet' }, t('kind.other', { text: said.text })),
}

const words = (said) => (said.text ? h('p', {}, said.text) : null)

export function bubble(said, { group, open, does }) {
  const shown = SHOWN[said.kind] ?? words
  return h(
    'article',
    { class: 'bubble', 'data-testid': 'bubble', 'data-id': said.id, 'data-kind': said.kind, 'data-mine': String(said.mine), 'data-ticks': said.ticks },
    group && !said.mine ? h('b', { class: 'by' }, said.by) : null,
    said.reply_to ? h('blockquote', {}, h('b', {}, said.reply_to.by), ' ', said.reply_to.text) : null,
    shown(said),
    h(
      'footer',
      {},
      said.edited ? h('span', {}, t('edited')) : null,
      h('time', { datetime: new Date(said.at).toISOString() }, clock(said.at)),
      said.ticks ? h('span', { class: `ticks ${said.ticks}`, role: 'img', 'aria-label': t(`ticks.${said.ticks}`) }, TICKS[said.ticks]) : null,
      said.kind === 'deleted' ? null : h('button', { type: 'button', class: 'more', id: `more-${said.id}`, 'aria-label': t('more'), 'aria-expanded': String(open), onclick: () => does.more(said) }, '⋯'),
    ),
    said.reactions.length ? h('p', { class: 'reactions' }, said.reactions.map((one) => h('span', { title: one.by }, one.emoji))) : null,
    open ? choices(said, does) : null,
  )
}

function choices(said, does) {
  const button = (label, onclick, shown = label) => h('button', { type: 'button', class: 'plain', 'aria-label': label, onclick }, shown)
  return h(
    'div',
    { class: 'choices' },
    EMOJI.map((emoji) => button(t('react', { emoji }), () => does.react(said, emoji), emoji)),
    button(t('unreact'), () => does.react(said, ''), '✕'),
    button(t('reply'), () => does.reply(said)),
    said.mine && said.kind === 'text' ? button(t('edit'), () => does.edit(said)) : null,
    said.mine ? button(t('delete'), () => does.delete(said)) : null,
  )
}
