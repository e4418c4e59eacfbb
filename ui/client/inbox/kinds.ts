// Icons and words for what has no text of its own.

import type { IconName } from '../components/icons'
import type { Live } from './live.svelte'

const ICONS: Record<string, IconName> = {
  media: 'image',
  image: 'image',
  gif: 'image',
  video: 'video',
  round: 'video',
  audio: 'mic',
  voice: 'mic',
  document: 'file-text',
  sticker: 'sticker',
  location: 'map-pin',
  contacts: 'contact',
  choice_offered: 'list',
  choice_made: 'reply',
  template: 'message-square-text',
  product: 'package',
  carousel: 'gallery-horizontal',
  order: 'shopping-cart',
  form_reply: 'clipboard-list',
  poll: 'list',
  call: 'phone',
  unsupported: 'circle-help',
}

export function iconOf(kind: string): IconName | null {
  return ICONS[kind] ?? null
}

export function kindWords(live: Live, kind: string): string {
  return kind === 'text' ? '' : live.words.or(`kind.${kind}`, live.t('kind.unsupported'))
}
