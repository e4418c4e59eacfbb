// What one can do with a message.

import type { MenuItem } from '../components/Menu.svelte'
import { writePlace } from '../core/folders'
import type { MessageView } from '../core/wire'
import type { Desk } from './desk.svelte'
import type { Live } from './live.svelte'

export const EMOJI = ['👍', '❤️', '😂', '😮', '😢', '🙏'] as const

const PINNED_DAYS = 7

export function messageMenu(live: Live, desk: Desk, message: MessageView): MenuItem[] {
  const { store, outbox } = live.session
  const can = live.canSend(message.conv)?.can ?? []
  const pending = outbox.get(message.id)
  const mine = message.dir === 'out' || message.dir === 'note'
  const there = !pending && !message.deleted_at
  const status = message.st ?? 'received'
  const own = message.reactions?.find((one) => one.by.kind === 'operator' || one.by.kind === 'phone')
  const pins = there && Boolean(message.external_id) && message.dir !== 'note' && can.includes('pin')
  const items: (MenuItem | false)[] = [
    there && message.dir !== 'note' && can.includes('reply') && { id: 'reply', label: live.t('ui.reply'), icon: 'reply', run: () => (desk.replyTo = message) },
    Boolean(message.text) && { id: 'copy', label: live.t('ui.copy'), icon: 'copy', run: () => void navigator.clipboard.writeText(message.text ?? '') },
    !pending && {
      id: 'link',
      label: live.t('ui.copy_link'),
      icon: 'external-link',
      run: () => {
        const place = writePlace({ folder: 'all', status: 'open', conv: message.conv, message: message.id })
        void navigator.clipboard.writeText(location.origin + place)
      },
    },
    there && mine && message.kind === 'text' && (message.dir === 'note' || can.includes('edit')) && {
      id: 'edit',
      label: live.t('ui.edit'),
      icon: 'pencil',
      run: () => (desk.editing = message),
    },
    there && own !== undefined && can.includes('react') && {
      id: 'unreact',
      label: live.t('ui.remove_reaction', { emoji: own.emoji }),
      icon: 'x',
      run: () => void live.perform({ op: 'message.react', message: store.idOf(message.id), emoji: '' }),
    },
    pins && {
      id: 'pin',
      label: live.t('ui.pin_for_a_week'),
      icon: 'pin',
      run: () => void live.perform({ op: 'message.pin', message: store.idOf(message.id), days: PINNED_DAYS }),
    },
    pins && {
      id: 'unpin',
      label: live.t('ui.unpin'),
      icon: 'pin-off',
      run: () => void live.perform({ op: 'message.pin', message: store.idOf(message.id), days: 0 }),
    },
    !pending && (status === 'failed' || status === 'held' || status === 'unknown') && {
      id: 'retry',
      label: live.t('ui.send_again'),
      icon: 'rotate-ccw',
      run: () => void live.perform({ op: 'message.retry', message: message.id }),
    },
    !pending && (status === 'scheduled' || status === 'queued' || status === 'held' || status === 'unknown') && mine && {
      id: 'cancel',
      label: live.t('ui.cancel_sending'),
      icon: 'x',
      run: () => void live.perform({ op: 'message.cancel', message: message.id }),
    },
    pending?.state === 'failed' && { id: 'retry', label: live.t('ui.send_again'), icon: 'rotate-ccw', run: () => outbox.retry(pending.cid) },
    pending?.state === 'failed' && { id: 'discard', label: live.t('ui.discard'), icon: 'trash-2', danger: true, run: () => void outbox.discard(pending.cid) },
    !pending && message.dir !== 'system' && { id: 'info', label: live.t('ui.message_info'), icon: 'info', run: () => (desk.dialog = { name: 'info', message }) },
    there && { id: 'raw', label: live.t('ui.view_raw'), icon: 'file-text', run: () => (desk.dialog = { name: 'raw', message }) },
    there && mine && (message.dir === 'note' || can.includes('delete')) && {
      id: 'delete',
      label: live.t('ui.delete'),
      icon: 'trash-2',
      danger: true,
      run: () => void live.perform({ op: 'message.delete', message: store.idOf(message.id) }),
    },
  ]
  return items.filter((one): one is MenuItem => Boolean(one))
}
