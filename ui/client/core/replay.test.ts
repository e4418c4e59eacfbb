import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { apply } from './reduce'
import { Store } from './store'
import { later } from './threads'
import type { AnyStreamEvent, ChannelView, ContactView, ConversationView, Draft, LabelView, MessageView, OperatorView } from './wire'

// Written by the server's own tests: state before, the events, state after.
interface Snapshot {
  channels?: Record<string, ChannelView>
  contacts?: Record<string, ContactView>
  conversations?: Record<string, ConversationView>
  counters?: Record<string, number>
  drafts?: Record<string, Draft>
  labels?: Record<string, LabelView>
  messages?: Record<string, MessageView>
  operators?: Record<string, OperatorView>
}
interface Fixture {
  name: string
  verbs?: string[]
  before: Snapshot
  after: Snapshot
  events: { seq: number; d: AnyStreamEvent }[]
}
type State = Required<Omit<Snapshot, 'messages'>> & { threads: Record<string, MessageView[]> }

const here = (name: string): URL => new URL(name, import.meta.url)
const fixtures = readdirSync(here('./fixtures/'))
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(here(`./fixtures/${name}`), 'utf8')) as Fixture)

/** The server's word lists, from the types made of them: the names of one closed union. */
function names(union: string, tag: string): string[] {
  const wire = readFileSync(here('./wire.ts'), 'utf8')
  const members = new RegExp(`export type ${union} =([^\\n]*(?:\\n  [^\\n]*)*)`).exec(wire)?.[1]?.match(/\w+/g) ?? []
  return members.map((one) => new RegExp(`interface ${one} {[^}]*?\\n  ${tag}: '([^']+)'`).exec(wire)?.[1] ?? `no ${one}`).sort()
}

const workspace = ({ before, after }: Fixture): string =>
  [...Object.values(before.channels ?? {}), ...Object.values(after.channels ?? {})][0]?.ws ?? 'w_none'

function begin(fixture: Fixture): Store {
  const { before, after } = fixture
  const store = new Store()
  store.channels = new Map(Object.entries(before.channels ?? {}))
  store.labels = new Map(Object.entries(before.labels ?? {}))
  store.operators = new Map([[workspace(fixture), new Map(Object.entries(before.operators ?? {}))]])
  for (const one of Object.values(before.drafts ?? {})) store.putDraft(one)
  for (const one of Object.values(before.contacts ?? {})) store.putContact(one)
  for (const one of Object.values(before.conversations ?? {})) store.putConversation(one)
  store.putCounters(workspace(fixture), before.counters)
  const messages = Object.values(before.messages ?? {})
  for (const one of messages) store.putMessage(one)
  for (const conv of Object.keys({ ...before.conversations, ...after.conversations })) {
    store.thread(conv).page(messages.filter((one) => one.conv === conv), { before: false, after: false })
  }
  return store
}

function state(fixture: Fixture, store: Store): State {
  const numbers = store.counters.get(workspace(fixture)) ?? {}
  const threads = [...store.threads].map(([conv, { ids }]) => [conv, ids.map((id) => store.messages.get(id))])
  return {
    channels: Object.fromEntries(store.channels),
    contacts: Object.fromEntries(store.contacts),
    conversations: Object.fromEntries(store.conversations),
    counters: Object.fromEntries(Object.entries(numbers).filter(([, n]) => n)),
    drafts: Object.fromEntries(store.drafts),
    labels: Object.fromEntries(store.labels),
    operators: Object.fromEntries(store.operators.get(workspace(fixture)) ?? []),
    threads: Object.fromEntries(threads),
  }
}

/** A thread that others were merged into is read again, so its messages are not a matter of events. */
function expected({ after, events }: Fixture): State {
  const merged = events.flatMap(({ d }) => (d.e === 'conv.merge' ? [d.into] : []))
  const said = Object.values(after.messages ?? {}).sort(later)
  const threads = Object.keys(after.conversations ?? {}).map((conv) => [
    conv,
    said.filter((one) => one.conv === conv && !merged.includes(conv)),
  ])
  return {
    channels: after.channels ?? {},
    contacts: after.contacts ?? {},
    conversations: after.conversations ?? {},
    counters: Object.fromEntries(Object.entries(after.counters ?? {}).filter(([, n]) => n)),
    drafts: after.drafts ?? {},
    labels: after.labels ?? {},
    operators: after.operators ?? {},
    threads: Object.fromEntries(threads),
  }
}

describe('state and events make state', () => {
  it('for every command there is', () => {
    const told = fixtures.filter((one) => one.events.length).flatMap((one) => one.verbs ?? [])
    expect([...new Set(told)].sort()).toEqual(names('AnyCommand', 'op'))
  })

  it('for every event there is', () => {
    const told = fixtures.flatMap((one) => one.events.map(({ d }) => d.e))
    expect([...new Set(told)].sort()).toEqual(names('AnyStreamEvent', 'e'))
  })

  it.each(fixtures)('$name', (fixture) => {
    const store = begin(fixture)
    for (const { d } of fixture.events) apply(store, workspace(fixture), d)
    expect(state(fixture, store)).toEqual(expected(fixture))
  })

  it.each(fixtures)('$name, every event twice', (fixture) => {
    const store = begin(fixture)
    for (const { d } of fixture.events) {
      apply(store, workspace(fixture), d)
      apply(store, workspace(fixture), d)
    }
    expect(state(fixture, store)).toEqual(expected(fixture))
  })

  it.each(fixtures)('$name, told again over the state it came to', (fixture) => {
    const store = begin(fixture)
    for (const { d } of [...fixture.events, ...fixture.events]) apply(store, workspace(fixture), d)
    expect(state(fixture, store)).toEqual(expected(fixture))
  })
})
