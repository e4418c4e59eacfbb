import 'fake-indexeddb/auto'
import { beforeEach, describe, expect, it } from 'vitest'
import { Outbox } from './outbox'
import { CommandError, Requests } from './requests'
import { LocalShelf, NoShelf } from './shelf'
import { HeldClock } from './testing'
import type { Cmd, SendMessage } from './wire'

const say = (body: string, conv = 'c_1'): SendMessage => ({ op: 'message.send', conv, parts: [{ type: 'text', body }] })
const settled = (): Promise<void> => new Promise((done) => setTimeout(done, 0))

let clock: HeldClock
let online: boolean
let sent: Cmd[]
let requests: Requests
let outbox: Outbox
let here: Set<string>
let count = 0

function make(shelf: LocalShelf | NoShelf = new NoShelf()): Outbox {
  return new Outbox({
    clock,
    shelf,
    makeCid: () => `cid_${++count}`,
    perform: (command, cid) => requests.perform(command, cid),
    accepted: (_cid, id) => here.has(id),
    changed: () => undefined,
  })
}

beforeEach(() => {
  clock = new HeldClock()
  online = true
  sent = []
  here = new Set()
  requests = new Requests(
    (frame) => {
      if (online && frame.t === 'cmd') sent.push(frame)
      return online
    },
    () => `cid_${++count}`,
  )
  outbox = make()
})

describe('the outbox', () => {
  it('sends one at a time in a conversation, and beside it in another', async () => {
    outbox.add(say('one'))
    outbox.add(say('two'))
    outbox.add(say('other', 'c_2'))
    expect(sent.map((one) => one.d)).toEqual([say('one'), say('other', 'c_2')])
    requests.answered({ t: 'ok', cid: sent[0]?.cid ?? '', d: { type: 'sent', seq: 1, messages: ['m_1'] } })
    await settled()
    expect(sent.at(-1)?.d).toEqual(say('two'))
  })

  it('sends again with the same key after a lost connection, and only what has no answer', async () => {
    const cid = outbox.add(say('one'))
    requests.lost()
    requests.live()
    expect(sent.map((one) => one.cid)).toEqual([cid, cid])
    requests.answered({ t: 'ok', cid, d: { type: 'sent', seq: 1, messages: ['m_1'] } })
    await settled()
    requests.lost()
    requests.live()
    expect(sent.length).toBe(2)
    expect(outbox.get(cid)).toMatchObject({ state: 'accepted', id: 'm_1' })
  })

  it('waits while there is no connection', () => {
    online = false
    outbox.add(say('one'))
    expect(sent).toEqual([])
    online = true
    requests.lost()
    requests.live()
    expect(sent.length).toBe(1)
  })

  it('is done when its own message comes first, and when the answer does', async () => {
    const first = outbox.add(say('one'))
    expect(outbox.settle(first)).toBe(true)
    const second = outbox.add(say('two', 'c_2'))
    here.add('m_2')
    requests.answered({ t: 'ok', cid: second, d: { type: 'sent', seq: 1, messages: ['m_2'] } })
    await settled()
    expect(outbox.get(first)).toBeUndefined()
    expect(outbox.get(second)).toBeUndefined()
  })

  it('keeps what was refused, with the reason, and goes on with the next', async () => {
    const cid = outbox.add(say('one'))
    outbox.add(say('two'))
    requests.answered({ t: 'err', cid, code: 'window_closed', d: { alternatives: ['template'] } })
    await settled()
    expect(outbox.get(cid)).toMatchObject({ state: 'failed', code: 'window_closed' })
    expect(sent.at(-1)?.d).toEqual(say('two'))
  })

  it('can be told to send anyway', async () => {
    const cid = outbox.add(say('one'))
    requests.answered({ t: 'err', cid, code: 'collision' })
    await settled()
    outbox.retry(cid, { anyway: true })
    expect(sent.at(-1)).toMatchObject({ cid, d: { anyway: true } })
  })

  it('gives the words back of what is discarded', async () => {
    const cid = outbox.add(say('one'))
    requests.answered({ t: 'err', cid, code: 'collision' })
    await settled()
    expect(outbox.discard(cid)).toEqual(say('one'))
    expect(outbox.of('c_1')).toEqual([])
  })

  it('tries again by itself, in its place, where the server says so', async () => {
    const cid = outbox.add(say('one'))
    outbox.add(say('two'))
    requests.answered({ t: 'err', cid, code: 'too_many', retry: true, d: { after: 2 } })
    await settled()
    expect(sent.length).toBe(1)
    clock.pass(2100)
    await settled()
    expect(sent.map((one) => one.cid)).toEqual([cid, cid])
  })

  it('gives up a command that ends every connection', async () => {
    const said = requests.perform({ op: 'conv.close', conv: 'c_1' }).catch((error: CommandError) => error.code)
    for (let n = 0; n < 10; n++) {
      requests.lost()
      requests.live()
    }
    expect(await said).toBe('no_answer')
  })

  it('outlives the page', async () => {
    const shelf = await LocalShelf.open('o_1')
    online = false
    const before = make(shelf)
    before.add(say('one'))
    before.add(say('two'))
    await settled()
    await settled()
    online = true
    const after = make(await LocalShelf.open('o_1'))
    await after.restore()
    expect(after.of('c_1').map((one) => one.command.parts)).toEqual([say('one').parts, say('two').parts])
    expect(sent.map((one) => one.d)).toEqual([say('one')])
  })
})
