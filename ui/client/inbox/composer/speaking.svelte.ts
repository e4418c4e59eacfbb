// Whether one speaks instead of writing. A short press leaves the hands free, a long one records until it ends.

const HOLD = 350 // ms: a longer press on the microphone ends where it is let go

export class Speaking {
  on: boolean = $state(false)
  /** The microphone is held down. */
  held: boolean = $state(false)

  constructor(private may: () => boolean) {}

  begin(): void {
    if (this.may()) this.on = true
  }

  press(): void {
    const began = performance.now()
    this.held = true
    this.begin()
    const up = (): void => {
      if (performance.now() - began > HOLD) this.held = false
      removeEventListener('pointerup', up)
      removeEventListener('pointercancel', up)
    }
    addEventListener('pointerup', up)
    addEventListener('pointercancel', up)
  }

  end(): void {
    this.on = this.held = false
  }
}
