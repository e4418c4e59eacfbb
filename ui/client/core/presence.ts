// Who is looking at a conversation and who is typing in it, right now. Nothing here lasts.

import type { Clock } from './clock'
import type { Eph } from './wire'

export interface Typist {
  who: string
  name: string
  mode: 'reply' | 'note'
  until: number
}

export interface Presence {
  viewing: string[]
  typing: Typist[]
  /** The customer is typing, until then. */
  customer: number
}

const NOBODY: Presence = { viewing: [], typing: [], customer: 0 }

export class Presences {
  private all = new Map<string, Presence>()

  constructor(
    private clock: Clock,
    private me: () => string,
    private changed: (conv: string) => void,
  ) {}

  of(conv: string): Presence {
    const now = this.clock.now()
    const known = this.all.get(conv) ?? NOBODY
    return { ...known, typing: known.typing.filter((one) => one.until > now), customer: known.customer > now ? known.customer : 0 }
  }

  take(eph: Eph): void {
    const conv = eph.conv
    if (!conv) return
    const known = this.of(conv)
    const until = this.clock.now() + (eph.ttl ?? 6000)
    const said = eph.d ?? {}
    if (eph.e === 'viewing') {
      const who = Array.isArray(said.who) ? said.who.map(String) : []
      this.all.set(conv, { ...known, viewing: who.filter((one) => one !== this.me()) })
    } else if (eph.e === 'typing' && 'contact' in said) {
      this.all.set(conv, { ...known, customer: said.mode === 'stopped' ? 0 : until })
    } else if (eph.e === 'typing') {
      const who = String(said.who ?? '')
      if (!who || who === this.me()) return
      const others = known.typing.filter((one) => one.who !== who)
      const mode = said.mode === 'note' ? 'note' : 'reply'
      const typing = said.mode === 'stopped' ? others : [...others, { who, name: String(said.name ?? ''), mode, until } as Typist]
      this.all.set(conv, { ...known, typing })
    } else return
    this.changed(conv)
    this.clock.after(until - this.clock.now() + 50, () => this.changed(conv))
  }

  /** Their message is here: they are not typing any more. */
  said(conv: string): void {
    const known = this.all.get(conv)
    if (known?.customer) this.all.set(conv, { ...known, customer: 0 })
    this.changed(conv)
  }

  clear(): void {
    const convs = [...this.all.keys()]
    this.all.clear()
    for (const conv of convs) this.changed(conv)
  }
}
