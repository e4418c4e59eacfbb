// Moments, spans and sizes in the words of a language. Everything by Intl; times are epoch milliseconds.

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export class Times {
  private format = new Map<string, Intl.DateTimeFormat>()
  private relative: Intl.RelativeTimeFormat

  constructor(
    readonly locale: string,
    readonly zone?: string,
  ) {
    this.relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  }

  clock(at: number): string {
    return this.with({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at)
  }

  full(at: number): string {
    return this.with({ dateStyle: 'full', timeStyle: 'medium' }).format(at)
  }

  moment(at: number): string {
    return this.with({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at)
  }

  /** In a chat row: the clock today, the weekday this week, else the date. */
  short(at: number, now: number): string {
    const days = this.daysBetween(at, now)
    if (days <= 0) return this.clock(at)
    if (days < 7) return this.with({ weekday: 'short' }).format(at)
    return this.with({ day: '2-digit', month: '2-digit', year: '2-digit' }).format(at)
  }

  /** Over a day's messages: today, yesterday, 5 March, 5 March 2024. */
  day(at: number, now: number): string {
    const days = this.daysBetween(at, now)
    if (days === 0 || days === 1) return capital(this.relative.format(-days, 'day'), this.locale)
    const same = this.with({ year: 'numeric' }).format(at) === this.with({ year: 'numeric' }).format(now)
    return this.with({ day: 'numeric', month: 'long', ...(same ? {} : { year: 'numeric' as const }) }).format(at)
  }

  /** One number per calendar day, to compare. */
  dayKey(at: number): string {
    return this.with({ year: 'numeric', month: '2-digit', day: '2-digit' }).format(at)
  }

  private daysBetween(at: number, now: number): number {
    return Math.round((this.midnight(now) - this.midnight(at)) / DAY)
  }

  private midnight(at: number): number {
    const parts = this.with({ year: 'numeric', month: 'numeric', day: 'numeric', numberingSystem: 'latn', calendar: 'gregory' })
    const of = Object.fromEntries(parts.formatToParts(at).map((part) => [part.type, Number(part.value)]))
    return Date.UTC(of.year ?? 0, (of.month ?? 1) - 1, of.day ?? 1)
  }

  private with(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    const key = JSON.stringify(options)
    let format = this.format.get(key)
    if (!format) {
      const zone = this.zone ? { timeZone: this.zone } : {}
      format = new Intl.DateTimeFormat(this.locale, { ...options, ...zone })
      this.format.set(key, format)
    }
    return format
  }
}

function capital(text: string, locale: string): string {
  return text.charAt(0).toLocaleUpperCase(locale) + text.slice(1)
}

/** 3:05, 1:02:03 */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const two = (n: number): string => String(n).padStart(2, '0')
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60]
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

/** A length of time in its largest whole unit: "90 days", "24 hours". */
export function lasting(seconds: number, locale: string): string {
  const units = [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ] as const
  const [unit, length] = units.find(([, length]) => seconds > length && seconds % length === 0) ?? (['second', 1] as const)
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(seconds / length)
}

/** What is left of a window, as hours and minutes: 3:12. Rounded down, but an open one never says 0:00. */
export function left(until: number, now: number): string {
  const minutes = until <= now ? 0 : Math.max(1, Math.floor((until - now) / MINUTE))
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`
}

export type WindowState = 'none' | 'open' | 'closing' | 'ending' | 'closed'

/** How a conversation's window for free text stands: under four hours it closes, under one it ends. */
export function windowState(windowed: boolean, until: number | null | undefined, now: number): WindowState {
  if (!windowed) return 'none'
  if (!until || until <= now) return 'closed'
  return until - now < HOUR ? 'ending' : until - now < 4 * HOUR ? 'closing' : 'open'
}

export function bytes(size: number, locale: string): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const
  let value = size
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: units[unit] ?? 'byte',
    unitDisplay: 'short',
    maximumFractionDigits: digits,
  }).format(value)
}
