// State and events make state: what each stream event does to the store. Twice, or late, does no harm.

import type { Store } from './store'
import type { AnyStreamEvent, MessageView } from './wire'

export function apply(store: Store, ws: string, event: AnyStreamEvent): void {
  switch (event.e) {
    case 'message.new':
    case 'message.patch':
      store.threads.get(event.msg.conv)?.keep(event)
      putMessage(store, event.msg)
      return
    case 'message.status': {
      store.threads.get(event.conv)?.keep(event)
      const known = store.messages.get(event.id)
      if (known) store.putMessage({ ...known, st: event.st, rev: event.rev })
      return
    }
    case 'conv.new':
    case 'conv.patch':
      store.putConversation(event.row)
      store.putCounters(ws, event.counters)
      return
    case 'conv.merge':
      store.merged.set(event.gone, event.into)
      store.dropConversation(event.gone)
      store.threads.get(event.into)?.clear()
      store.putCounters(ws, event.counters)
      store.touch(`thread:${event.into}`)
      store.touch('merged')
      return
    case 'contact.patch':
      store.putContact(event.contact)
      return
    case 'contact.merge':
      store.contacts.delete(event.gone)
      store.touch(`contact:${event.gone}`)
      return
    case 'draft':
      store.putDraft(event.draft)
      return
    case 'channel.state': {
      const known = store.channels.get(event.channel.id)
      if (known && known.rev > event.channel.rev) return
      store.channels.set(event.channel.id, event.channel)
      store.touch('directory')
      return
    }
    case 'channel.gone':
      store.channels.delete(event.id)
      store.touch('directory')
      return
    case 'label.patch': {
      const known = store.labels.get(event.label.id)
      if (known && known.rev > event.label.rev) return
      if (event.label.deleted) store.labels.delete(event.label.id)
      else store.labels.set(event.label.id, event.label)
      store.touch('directory')
      return
    }
    case 'user.patch': {
      const people = store.operators.get(ws) ?? new Map()
      if (event.operator.role) people.set(event.operator.id, event.operator)
      else people.delete(event.operator.id)
      store.operators.set(ws, people)
      store.touch('directory')
      return
    }
    case 'notice':
      store.notices = [...store.notices, event]
      store.touch('notices')
      return
    default:
      unknown(event)
  }
}

function putMessage(store: Store, message: MessageView): void {
  const thread = store.threads.get(message.conv)
  if (!thread?.loaded) return
  const before = thread.ids.indexOf(message.id)
  store.putMessage(message)
  const current = store.messages.get(message.id) ?? message
  if (!thread.insert(current)) store.messages.delete(message.id)
  if (thread.ids.indexOf(message.id) !== before) store.touch(`thread:${message.conv}`)
}

/** The types say there is none; a newer server may still send one. It changes nothing we know of. */
function unknown(_event: never): void {}
