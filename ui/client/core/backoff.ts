// How long to wait before the next attempt: full jitter between half a second and twenty.

const LEAST = 500
const MOST = 20_000

export function backoff(attempt: number, random: number): number {
  const ceiling = Math.min(MOST, LEAST * 2 ** Math.min(attempt, 16))
  return Math.round(LEAST + (ceiling - LEAST) * random)
}
