// The page's own client without a page: it works over a bad line, and in the end holds what it knows
// against what a fresh client reads. Told what to do, and heard, by tests/hostile_client.py.

import { createInterface } from 'node:readline'
import { argv, stdin, stdout } from 'node:process'
import { Hands } from './hands'
import { Line, quickClock, type Place } from './line'
import { differences, picture, whole } from './picture'
import { Session } from '../core/session'

interface Wish {
  url: string
  wire: string
  seed: number
  /** How much faster than a clock on the wall: silences and back-offs are as they are, and soon over. */
  haste: number
  people: { cookie: string; name: string }[]
}

const SETTLED_WITHIN = 60_000 // ms: on a busy machine one comparison takes seconds
const LOOK = 250

/** Numbers like chance, the same for the same seed. */
function chances(seed: number): () => number {
  let state = seed % 2147483647 || 1
  return () => (state = (state * 16807) % 2147483647) / 2147483647
}

async function fresh(place: Place): Promise<Session> {
  const line = new Line(place, () => 0, quickClock(1))
  line.calm()
  const session = new Session(await line.readBoot(), line.environment())
  await session.start()
  return session
}

async function until(done: () => boolean | Promise<boolean>, within: number): Promise<boolean> {
  const end = Date.now() + within
  while (!(await done())) {
    if (Date.now() > end) return false
    await new Promise((next) => setTimeout(next, LOOK))
  }
  return true
}

/** What is left to say is said, and then the two must be the same. */
async function settle(session: Session, place: Place): Promise<string[]> {
  let wrong: string[] = ['never compared']
  await until(async () => {
    for (const conv of session.store.conversations.keys()) {
      for (const one of session.outbox.of(conv)) if (one.code === 'no_answer') session.outbox.retry(one.cid)
    }
    session.connection.wake()
    if (!session.connection.live) return false
    const other = await fresh(place)
    try {
      if (!(await until(() => other.connection.live, 10_000))) return false
      await whole(other)
      await whole(session)
      wrong = differences(picture(session), picture(other))
      return wrong.length === 0
    } finally {
      other.connection.stop()
    }
  }, SETTLED_WITHIN)
  return wrong
}

async function main(): Promise<void> {
  const wish = JSON.parse(argv[2] ?? '{}') as Wish
  const clock = quickClock(wish.haste)
  const hands = await Promise.all(
    wish.people.map(async ({ cookie, name }, number) => {
      const place = { http: wish.url, socket: wish.wire, cookie }
      const line = new Line(place, chances(wish.seed * 31 + number), clock)
      const session = new Session(await line.readBoot(), line.environment())
      session.now = () => Date.now() // what is saved here and there is compared by the same clock
      await session.start()
      return { hands: new Hands(session, chances(wish.seed * 97 + number), name), place, line }
    }),
  )
  for (const one of hands) one.hands.work()
  stdout.write('working\n')
  for await (const said of createInterface({ input: stdin })) if (said === 'calm') break
  for (const one of hands) {
    one.hands.rest()
    one.line.calm()
  }
  const ends = await Promise.all(
    hands.map(async ({ hands: one, place, line }) => {
      const wrong = await settle(one.session, { ...place, socket: wish.url.replace('http', 'ws') })
      one.session.connection.stop()
      return { name: one.name, wrong, said: one.said, refused: one.refused, done: one.done, sockets: line.opened, boots: line.boots }
    }),
  )
  stdout.write(`${JSON.stringify({ ends })}\n`)
}

await main()
