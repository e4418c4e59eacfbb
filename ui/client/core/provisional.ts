// What is still on its way as a message: its bubble looks like the one it becomes.

import { ownFile } from './files'
import type { Pending, PendingState } from './outbox'
import type { ConversationView, MessageView, OperatorView, SendMessage } from './wire'

const STATUS: Record<PendingState, NonNullable<MessageView['st']>> = {
  queued: 'queued',
  sending: 'queued',
  accepted: 'sending',
  failed: 'failed',
}

export function provisional(pending: Pending, row: ConversationView, me: OperatorView): MessageView {
  const { command, cid, at } = pending
  const part = command.parts[0]
  const due = command.due_at ?? null
  return {
    id: cid,
    ws: row.ws,
    conv: row.id,
    rev: 0,
    pos: Number.MAX_SAFE_INTEGER,
    dir: command.mode === 'note' ? 'note' : 'out',
    kind: part?.type ?? 'text',
    author: { kind: 'operator', id: me.id, name: me.name },
    parts: command.parts,
    text: textOf(command),
    at,
    received_at: at,
    st: pending.state === 'accepted' && due ? 'scheduled' : STATUS[pending.state],
    due_at: due,
    media: command.parts.flatMap((one, n) => (one.type === 'media' ? (ownFile(one, n) ?? []) : [])),
    fail: pending.state === 'failed' ? { type: 'failure', code: pending.code ?? 'failed', text: pending.text ?? '' } : null,
    cid,
  }
}

export function textOf(command: SendMessage): string {
  const part = command.parts[0]
  if (part?.type === 'media') return part.caption ?? ''
  return part && 'body' in part ? (part.body ?? '') : ''
}
