import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { apply } from './reduce'
import { Store } from './store'
import type { AnyStreamEvent, ChannelView, ContactView, ConversationView, MessageView } from './wire'

// Written by the server's own tests: state before, the events, state after.
interface Snapshot {
  channels?: Record<string, ChannelView>
  contacts?: Record<string, ContactView>
  conversations?: Record<string, ConversationView>
  counters?: Record<string, number>
  messages?: Record<string, MessageView>
}
interface Fixture {
  name: string
  before: Snapshot
  after: Snapshot
  events: { seq: number; d: AnyStreamEvent }[]
}

const folder = new URL('./fixtures/', import.meta.url)
const fixtures = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Fixture)
const WS = 'w_0000000000001'

function begin({ before, after }: Fixture): Store {
  const store = new Store()
  store.channels = new Map(Object.entries(before.channels ?? {}))
  for (const one of Object.values(before.contacts ?? {})) store.putContact(one)
  for (const one of Object.values(before.conversations ?? {})) store.putConversation(one)
  store.putCounters(WS, before.counters)
  const messages = Object.values(before.messages ?? {})
  for (const one of messages) store.putMessage(one)
  for (const conv of Object.keys({ ...before.conversations, ...after.conversations })) {
    store.thread(conv).page(messages.filter((one) => one.conv === conv), { before: false, after: false })
  }
  return store
}

function state(store: Store): Snapshot {
  return {
    channels: Object.fromEntries(store.channels),
    contacts: Object.fromEntries(store.contacts),
    conversations: Object.fromEntries(store.conversations),
    counters: store.counters.get(WS) ?? {},
    messages: Object.fromEntries([...store.threads.values()].flatMap((one) => one.ids.map((id) => [id, store.messages.get(id)]))),
  }
}

/** A thread that others were merged into is read again, so its messages are not a matter of events. */
function expected({ after, events }: Fixture): Snapshot {
  const merged = events.flatMap(({ d }) => (d.e === 'conv.merge' ? [d.into] : []))
  const messages = Object.entries(after.messages ?? {}).filter(([, one]) => !merged.includes(one.conv))
  return {
    channels: after.channels ?? {},
    contacts: after.contacts ?? {},
    conversations: after.conversations ?? {},
    counters: after.counters ?? {},
    messages: Object.fromEntries(messages),
  }
}

describe('state and events make state', () => {
  it('has stories to replay', () => expect(fixtures.length).toBeGreaterThan(10))

  it.each(fixtures)('$name', (fixture) => {
    const store = begin(fixture)
    for (const { d } of fixture.events) apply(store, WS, d)
    expect(state(store)).toEqual(expected(fixture))
  })

  it.each(fixtures)('$name, every event twice', (fixture) => {
    const store = begin(fixture)
    for (const { d } of fixture.events) {
      apply(store, WS, d)
      apply(store, WS, d)
    }
    expect(state(store)).toEqual(expected(fixture))
  })
})
