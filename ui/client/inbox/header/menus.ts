// The menus of a conversation: whose it is, its labels, until when it sleeps, and the rest.

import type { MenuItem } from '../../components/Menu.svelte'
import { isBlocked } from '../../core/person'
import type { ConversationView } from '../../core/wire'
import type { Live } from '../live.svelte'
import { snoozeChoices } from '../snooze'

export interface Opened {
  label: string
  items: MenuItem[]
}

export function assignMenu(live: Live, row: ConversationView): Opened {
  const give = (to: string | null) => (): void => void live.perform({ op: 'conv.assign', conv: row.id, to })
  const nobody: MenuItem = { id: '', label: live.t('ui.nobody'), checked: !row.assignee, run: give(null) }
  const people = live.operators(row.ws).map((one) => ({
    id: one.id,
    label: one.id === live.me.id ? live.t('ui.me', { name: one.name }) : one.name,
    checked: row.assignee === one.id,
    run: give(one.id),
  }))
  return { items: [nobody, ...people], label: live.t('ui.assign') }
}

export function labelMenu(live: Live, row: ConversationView): Opened {
  const items = live.labels(row.ws).map((one) => {
    const on = row.labels?.includes(one.id) ?? false
    const change = on ? { remove: [one.id] } : { add: [one.id] }
    return {
      id: one.id,
      label: one.name,
      colour: one.color,
      checked: on,
      run: () => void live.perform({ op: 'conv.label', conv: row.id, ...change }),
    }
  })
  const none: MenuItem = { id: '', label: live.t('ui.no_labels'), run: () => undefined }
  return { items: items.length ? items : [none], label: live.t('ui.labels') }
}

export function snoozeMenu(live: Live, row: ConversationView): Opened {
  const items = snoozeChoices(live.session.now()).map((one) => ({
    id: one.id,
    label: `${live.t(`ui.snooze.${one.id}`)} · ${live.times.moment(one.until)}`,
    run: () => void live.perform({ op: 'conv.snooze', conv: row.id, until: one.until }),
  }))
  return { items, label: live.t('ui.snooze') }
}

/** What has no button of its own, or none on a phone. `open`: another menu in the place of this one. */
export function moreMenu(live: Live, row: ConversationView, open: (menu: Opened) => void): Opened {
  const person = row.contact ? live.session.store.contacts.get(row.contact) : undefined
  const blocked = isBlocked(person, row.channel)
  const blocks = !row.group && row.contact && live.channel(row.channel)?.abilities?.includes('blocks')
  const items: (MenuItem | false)[] = [
    { id: 'contact', label: live.t('keys.contact'), icon: 'panel-right', run: () => live.showPanel(!live.panel) },
    { id: 'assign', label: live.t('ui.assign'), icon: 'user', run: () => open(assignMenu(live, row)) },
    { id: 'labels', label: live.t('ui.labels'), icon: 'tag', run: () => open(labelMenu(live, row)) },
    { id: 'snooze', label: live.t('ui.snooze'), icon: 'clock', run: () => open(snoozeMenu(live, row)) },
    Boolean(blocks) && {
      id: 'block',
      label: live.t(blocked ? 'ui.unblock' : 'ui.block'),
      icon: 'ban',
      danger: !blocked,
      run: () => void block(live, row, !blocked),
    },
  ]
  return { items: items.filter((one): one is MenuItem => Boolean(one)), label: live.t('ui.more') }
}

async function block(live: Live, row: ConversationView, blocked: boolean): Promise<void> {
  if (!(await live.block(row.id, blocked))) return
  live.say(live.t(blocked ? 'ui.is_blocked' : 'ui.is_unblocked', { name: row.name }))
  await live.session.lookups.askCanSend(row.id)
}
