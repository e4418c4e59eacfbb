// Where the stream of each workspace stands here, and the asking for what is missing in one.

import type { Clock, Timer } from './clock'
import { Position } from './position'
import type { Ev, StreamHead } from './wire'

const GAP_WAIT = 300
const DIFF_AGAIN = 10_000

type Heads = Record<string, StreamHead>

export class Streams {
  private positions = new Map<string, Position>()
  private gaps = new Map<string, Timer>()

  constructor(
    private clock: Clock,
    /** Ask for what came after `seq`. */
    private diff: (ws: string, seq: number) => void,
  ) {}

  heads(): Heads {
    return Object.fromEntries([...this.positions].map(([ws, position]) => [ws, position.head]))
  }

  /** Whether the server speaks of the very streams we follow. */
  same(heads: Heads): boolean {
    const known = [...this.positions.keys()].sort().join()
    const said = Object.keys(heads).sort().join()
    return known === said && Object.entries(heads).every(([ws, head]) => this.positions.get(ws)?.epoch === head.epoch)
  }

  /** The events that may be applied now, in order. What is missing before this one is waited for a little, then asked for. */
  take(ev: Ev): Ev[] {
    const position = this.positions.get(ev.ws)
    if (!position) return []
    const free = position.take(ev)
    if (!position.overflown) this.mind(ev.ws, position)
    return free
  }

  /** So much is held that asking for what is missing does not pay any more. */
  overflown(ws: string): boolean {
    return this.positions.get(ws)?.overflown ?? false
  }

  /** The head of a stream, said in a ping: if we are behind, something was lost in silence. */
  headSaid(ws: string, seq: number): void {
    const position = this.positions.get(ws)
    if (position && seq > position.last && !position.gap) this.ask(ws, position)
  }

  /** The state is being read again: keep what comes meanwhile. */
  hold(ev: Ev): void {
    this.positions.get(ev.ws)?.hold(ev)
  }

  /** What was held belongs to a state that is given up. */
  forget(): void {
    for (const position of this.positions.values()) position.forget()
  }

  /** The state was read at these heads: the events that waited and follow them. */
  restart(heads: Heads): Ev[] {
    const old = this.positions
    this.positions = new Map()
    return Object.entries(heads).flatMap(([ws, head]) => {
      const position = old.get(ws) ?? new Position(head)
      this.positions.set(ws, position)
      const free = position.restart(head)
      this.mind(ws, position) // the connection may have been another one when this was read
      return free
    })
  }

  /** Nobody is there to be asked. */
  lost(): void {
    for (const timer of this.gaps.values()) timer.cancel()
    this.gaps.clear()
  }

  private mind(ws: string, position: Position): void {
    if (!position.gap) {
      this.gaps.get(ws)?.cancel()
      this.gaps.delete(ws)
    } else if (!this.gaps.has(ws)) {
      this.gaps.set(ws, this.clock.after(GAP_WAIT, () => this.ask(ws, position)))
    }
  }

  private ask(ws: string, position: Position): void {
    this.diff(ws, position.last)
    this.gaps.get(ws)?.cancel()
    this.gaps.delete(ws)
    if (position.gap) this.gaps.set(ws, this.clock.after(DIFF_AGAIN, () => this.ask(ws, position)))
  }
}
