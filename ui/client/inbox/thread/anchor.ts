// The anchor of a scrolled list: the first message whole in sight, put back where it stood when heights changed.

export class Anchor {
  private key = ''
  private top = 0

  constructor(private parts: () => { box: HTMLElement; content: HTMLElement }) {}

  find(key: string): HTMLElement | null {
    return this.parts().content.querySelector(`[data-key="${CSS.escape(key)}"]`)
  }

  take(): void {
    const edge = this.parts().box.getBoundingClientRect().top
    this.key = ''
    for (const one of this.parts().content.querySelectorAll<HTMLElement>('[data-key]')) {
      const { top } = one.getBoundingClientRect()
      if (top < edge) continue
      this.key = one.dataset.key ?? ''
      this.top = top
      return
    }
  }

  restore(): void {
    const there = this.key ? this.find(this.key) : null
    if (there) this.parts().box.scrollTop += there.getBoundingClientRect().top - this.top
  }

  /** Puts a message at a share of the height, 0 being the top. */
  put(there: HTMLElement, share: number): void {
    const { box } = this.parts()
    box.scrollTop += there.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight * share
  }

  get fromEnd(): number {
    const { box } = this.parts()
    return box.scrollHeight - box.scrollTop - box.clientHeight
  }

  toEnd(): void {
    const { box } = this.parts()
    box.scrollTop = box.scrollHeight
  }
}
