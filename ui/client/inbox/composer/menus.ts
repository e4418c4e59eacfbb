// The menus of the composer: how to send what is written, and what can be put together instead.

import type { MenuItem } from '../../components/Menu.svelte'
import type { Desk } from '../desk.svelte'
import type { Live } from '../live.svelte'
import type { Addition } from './additions'

export function sendMenu(live: Live, desk: Desk, conv: string, template: boolean, send: () => void): MenuItem[] {
  const items: (MenuItem | false)[] = [
    { id: 'send', label: live.t('ui.send'), icon: 'send-horizontal', run: send },
    {
      id: 'close',
      label: live.t('ui.send_and_close'),
      icon: 'check',
      run: () => {
        send()
        void live.perform({ op: 'conv.close', conv })
      },
    },
    { id: 'later', label: live.t('ui.send_later'), icon: 'timer', run: () => (desk.dialog = { name: 'schedule' }) },
    template && { id: 'template', label: live.t('ui.choose_template'), icon: 'message-square-text', run: () => (desk.dialog = { name: 'template' }) },
  ]
  return items.filter((one): one is MenuItem => Boolean(one))
}

export function addMenu(live: Live, desk: Desk, additions: readonly Addition[]): MenuItem[] {
  return additions.map(({ what, icon }) => ({
    id: what,
    label: live.t(`ui.add.${what}`),
    icon,
    run: () => (desk.dialog = what === 'template' ? { name: 'template' } : { name: 'build', what }),
  }))
}
