// What can be put together for a message in one conversation: what its channel takes, as lines of a menu.

import type { IconName } from '../../components/icons'
import type { CanSend } from '../../core/wire'
import type { Build } from '../desk.svelte'

export interface Addition {
  what: Build | 'template'
  icon: IconName
}

const STYLES: readonly Addition[] = [
  { what: 'buttons', icon: 'square-mouse-pointer' },
  { what: 'list', icon: 'list' },
  { what: 'link', icon: 'external-link' },
  { what: 'form', icon: 'clipboard-list' },
  { what: 'location_request', icon: 'map-pin' },
  { what: 'address', icon: 'house' },
  { what: 'contact_request', icon: 'contact' },
  { what: 'call', icon: 'phone' },
  { what: 'call_permission', icon: 'phone' },
]

/** Whether a choice, products or a carousel fit is said by their limits; the rest by name. */
export function additions(can: CanSend | undefined): Addition[] {
  const able = can?.can ?? []
  const styles = able.includes('choices') ? (can?.choices?.styles ?? ['buttons', 'list', 'link', 'location_request']) : []
  const found: (Addition | false)[] = [
    able.includes('template') && { what: 'template', icon: 'message-square-text' },
    able.includes('location') && { what: 'location', icon: 'map-pin' },
    able.includes('contacts') && { what: 'contacts', icon: 'contact' },
    ...STYLES.map((one) => styles.includes(one.what as (typeof styles)[number]) && one),
    able.includes('products') && { what: 'product', icon: 'shopping-cart' },
    able.includes('carousel') && { what: 'carousel', icon: 'gallery-horizontal' },
  ]
  return found.filter((one): one is Addition => Boolean(one))
}
