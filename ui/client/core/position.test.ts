import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MOST_HELD, Position } from './position'
import { ev } from './testing'
import type { AnyStreamEvent } from './wire'

const gone: AnyStreamEvent = { e: 'channel.gone', id: 'ch' }
const draft: AnyStreamEvent = { e: 'draft', draft: { conv: 'c', text: 'x', at: 1 } }
const seqs = (all: { seq: number }[]): number[] => all.map((one) => one.seq)

describe('a position in a stream', () => {
  it('applies what follows and ignores what it has', () => {
    const position = new Position({ epoch: 'e', seq: 5 })
    expect(seqs(position.take(ev(6, gone)))).toEqual([6])
    expect(position.take(ev(6, gone))).toEqual([])
    expect(position.take(ev(5, gone))).toEqual([])
  })

  it('counts what this audience was sent, not every number', () => {
    const position = new Position({ epoch: 'e', seq: 5 })
    expect(seqs(position.take(ev(9, gone, 5)))).toEqual([9])
    expect(position.gap).toBe(false)
  })

  it('keeps what came too early and gives it out in order', () => {
    const position = new Position({ epoch: 'e', seq: 5 })
    expect(position.take(ev(8, gone))).toEqual([])
    expect(position.take(ev(7, gone))).toEqual([])
    expect(position.gap).toBe(true)
    expect(seqs(position.take(ev(6, gone)))).toEqual([6, 7, 8])
    expect(position.gap).toBe(false)
  })

  it('takes a draft that comes behind a newer public event', () => {
    const position = new Position({ epoch: 'e', seq: 5 })
    position.take(ev(7, gone, 5))
    expect(seqs(position.take(ev(6, draft, 5)))).toEqual([6])
    expect(position.last).toBe(7)
  })

  it('starts again at a new head with what followed it', () => {
    const position = new Position({ epoch: 'e', seq: 5 })
    position.hold(ev(20, gone))
    position.hold(ev(21, gone))
    expect(seqs(position.restart({ epoch: 'f', seq: 20 }))).toEqual([21])
    expect(position.head).toEqual({ epoch: 'f', seq: 21 })
  })

  it('says when too much is waiting', () => {
    const position = new Position({ epoch: 'e', seq: 0 })
    for (let seq = 2; seq < MOST_HELD + 3; seq++) position.take(ev(seq, gone))
    expect(position.overflown).toBe(true)
  })

  it('ends with all events, each once, whatever their order', () => {
    const order = fc.shuffledSubarray(Array.from({ length: 30 }, (_, n) => n + 1), { minLength: 30 })
    fc.assert(
      fc.property(order, fc.array(fc.nat(29)), (all, again) => {
        const position = new Position({ epoch: 'e', seq: 0 })
        const applied = [...all, ...again.map((n) => n + 1)].flatMap((seq) => seqs(position.take(ev(seq, gone))))
        expect(applied).toEqual(Array.from({ length: 30 }, (_, n) => n + 1))
      }),
    )
  })
})
