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
  sent: number
  resolve(answer: AnyAnswer): void
  reject(error: CommandError): void
}

const MOST_SENT = 5

export class Requests {
  private waiting = new Map<string, Waiting>()

  constructor(
    private send: (frame: ClientFrame) => boolean,
    private makeCid: () => string,
  ) {}

  /** Settles when the server has answered, however many connections that takes. */
  perform(command: AnyCommand, cid = this.makeCid()): Promise<AnyAnswer> {
    return new Promise((resolve, reject) => {
      const waiting = { command, sent: 0, resolve, reject }
      this.waiting.set(cid, waiting)
      this.push(cid, waiting)
    })
  }

  /** Ready or resumed: what has no answer yet goes out again, in order. */
  live(): void {
    for (const [cid, waiting] of [...this.waiting]) {
      // A command that ends every connection must not do so for ever.
      if (waiting.sent >= MOST_SENT) this.fail(cid, new CommandError('no_answer', '', false, {}))
      else this.push(cid, waiting)
    }
  }

  answered(frame: Ok | Err): void {
    if (frame.t === 'err') {
      this.fail(frame.cid, new CommandError(frame.code, frame.text ?? '', frame.retry ?? false, frame.d ?? {}))
      return
    }
    const waiting = this.waiting.get(frame.cid)
    this.waiting.delete(frame.cid)
    waiting?.resolve(frame.d)
  }

  private push(cid: string, waiting: Waiting): void {
    if (this.send({ t: 'cmd', cid, d: waiting.command })) waiting.sent += 1
  }

  private fail(cid: string, error: CommandError): void {
    const waiting = this.waiting.get(cid)
    this.waiting.delete(cid)
    waiting?.reject(error)
  }
}
