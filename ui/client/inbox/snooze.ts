// When a snoozed chat comes back: an hour, this evening, tomorrow morning, next Monday; local time.

export interface SnoozeChoice {
  id: 'hour' | 'evening' | 'tomorrow' | 'monday'
  until: number
}

const HOUR = 3_600_000

export function snoozeChoices(now: number): SnoozeChoice[] {
  const at = (days: number, hour: number): number => {
    const day = new Date(now)
    return new Date(day.getFullYear(), day.getMonth(), day.getDate() + days, hour).getTime()
  }
  const toMonday = ((8 - new Date(now).getDay()) % 7) || 7
  const all: SnoozeChoice[] = [
    { id: 'hour', until: now + HOUR },
    { id: 'evening', until: at(0, 18) },
    { id: 'tomorrow', until: at(1, 9) },
    { id: 'monday', until: at(toMonday, 9) },
  ]
  return all.filter((one) => one.until > now + HOUR / 2)
}
