// Time, chance and timers, handed in so that tests can hold them still.

export interface Timer {
  cancel(): void
}

export interface Clock {
  now(): number
  random(): number
  after(ms: number, run: () => void): Timer
}

export const systemClock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  after(ms, run) {
    const id = setTimeout(run, ms)
    return { cancel: () => clearTimeout(id) }
  },
}
