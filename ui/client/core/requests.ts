// Commands on their way: each has a cid, is sent only on a live connection, and again after a lost one.

import type { AnyAnswer, AnyCommand, ClientFrame, Err, Ok } from './wire'

export class CommandError extends Error {
  constructor(
    readonly code: string,
    readonly text: string,
    readonly retry: boolean,
    readonly data: Record<string, unknown>,
  ) {
    super(text || code)
  }
}

interface Waiting {
  command: AnyCommand
  /** Connections that ended while it was the first without an answer. */
  ended: number
  resolve(answer: AnyAnswer): void
  reject(error: CommandError): void
}

const MOST_ENDED = 5

export class Requests {
  private waiting = new Map<string, Waiting>()
  /** What was said on this connection; its answer will come on it. */
  private said = new Set<string>()

  constructor(
    private send: (frame: ClientFrame) => boolean,
    private makeCid: () => string,
  ) {}

  /** Settles when the server has answered, however many connections that takes. */
  perform(command: AnyCommand, cid = this.makeCid()): Promise<AnyAnswer> {
    return new Promise((resolve, reject) => {
      const waiting = { command, ended: 0, resolve, reject }
      this.waiting.set(cid, waiting)
      this.push(cid, waiting)
    })
  }

  /** The connection is gone, and with it the answers that were on their way. */
  lost(): void {
    // Commands are done in order: only the first can have been the reason.
    for (const [cid, waiting] of this.waiting) {
      if (!this.said.has(cid)) continue
      waiting.ended += 1
      break
    }
    this.said.clear()
  }

  /** Ready or resumed: what was said on an earlier connection and has no answer goes out again, in order. */
  live(): void {
    for (const [cid, waiting] of [...this.waiting]) {
      if (this.said.has(cid)) continue
      // A command that ends every connection must not do so for ever.
      if (waiting.ended >= MOST_ENDED) this.fail(cid, new CommandError('no_answer', '', false, {}))
      else this.push(cid, waiting)
    }
  }

  answered(frame: Ok | Err): void {
    if (frame.t === 'err') {
      this.fail(frame.cid, new CommandError(frame.code, frame.text ?? '', frame.retry ?? false, frame.d ?? {}))
      return
    }
    this.take(frame.cid)?.resolve(frame.d)
  }

  private push(cid: string, waiting: Waiting): void {
    if (this.send({ t: 'cmd', cid, d: waiting.command })) this.said.add(cid)
  }

  private fail(cid: string, error: CommandError): void {
    this.take(cid)?.reject(error)
  }

  private take(cid: string): Waiting | undefined {
    const waiting = this.waiting.get(cid)
    this.waiting.delete(cid)
    this.said.delete(cid)
    return waiting
  }
}
