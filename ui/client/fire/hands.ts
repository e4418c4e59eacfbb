// One operator at work: he writes, reads, sorts and looks around, a few times a second.

import { CommandError } from '../core/requests'
import type { Session } from '../core/session'
import type { AnyCommand, Folder } from '../core/wire'

const EVERY = 120 // ms
const DAY = 86_400_000
const FOLDERS: Folder[] = [{ status: 'all' }, { status: 'closed' }, { status: 'snoozed' }, { assignee: 'me' }, { unread: true }]

export class Hands {
  /** The texts he sent, each once. */
  said: string[] = []
  /** Codes of the commands that were refused. */
  refused: Record<string, number> = {}
  done = 0
  private timer: NodeJS.Timeout | null = null

  constructor(
    readonly session: Session,
    private chance: () => number,
    readonly name: string,
  ) {}

  work(): void {
    this.timer = setTimeout(() => {
      this.one()
      this.work()
    }, EVERY * 2 * this.chance())
  }

  rest(): void {
    if (this.timer) clearTimeout(this.timer)
  }

  private one(): void {
    const { store } = this.session
    const row = this.pick([...store.conversations.values()])
    if (!row) return
    const conv = row.id
    const label = this.pick([...store.labels.values()].filter((one) => one.ws === row.ws))
    const people = [...(store.operators.get(row.ws)?.values() ?? [])]
    const acts: (() => void)[] = [
      () => this.say(conv),
      () => this.say(conv),
      () => this.note(conv),
      () => void this.session.show(conv, null),
      () => void this.session.show(conv, null),
      () => this.session.view(this.pick(FOLDERS) ?? {}),
      () => this.session.read(conv, row.last_pos ?? 0),
      () => this.session.drafts.change(conv, this.chance() < 0.3 ? '' : `draft ${this.chance()}`, null),
      () => this.session.typing(conv, 'reply'),
      () => this.perform({ op: 'conv.unread', conv }),
      () => this.perform({ op: 'conv.close', conv }),
      () => this.perform({ op: 'conv.reopen', conv }),
      () => this.perform({ op: 'conv.snooze', conv, until: Math.round(this.session.now() + DAY * 400) }),
      () => this.perform({ op: 'conv.assign', conv, to: this.pick([...people, null])?.id ?? null }),
      () => label && this.perform({ op: 'conv.label', conv, add: this.chance() < 0.5 ? [label.id] : [], remove: [label.id] }),
      () => this.perform({ op: 'label.save', ws: row.ws, name: `label ${this.chance()}`, color: '#00aa00', id: label?.id ?? null }),
      () => row.contact && this.perform({ op: 'contact.save', contact: row.contact, name: `name ${this.chance()}` }),
    ]
    this.pick(acts)?.()
  }

  private say(conv: string): void {
    const body = `${this.name} says ${this.said.length}`
    this.said.push(body)
    this.session.send({ conv, parts: [{ type: 'text', body }], anyway: true })
  }

  private note(conv: string): void {
    const body = `${this.name} notes ${this.said.length}`
    this.said.push(body)
    this.session.send({ conv, parts: [{ type: 'text', body }], mode: 'note' })
  }

  private perform(command: AnyCommand): void {
    this.session.perform(command).then(
      () => (this.done += 1),
      (error: unknown) => {
        const code = error instanceof CommandError ? error.code : String(error)
        this.refused[code] = (this.refused[code] ?? 0) + 1
      },
    )
  }

  private pick<T>(all: readonly T[]): T | undefined {
    return all[Math.floor(this.chance() * all.length)]
  }
}
