// Words: one catalogue of the active language, in the i18next v4 shape (key_one, key_few, key_other).

export type Catalogue = Record<string, string>
export type Params = Record<string, string | number>

export class Words {
  private plurals: Intl.PluralRules
  private numbers: Intl.NumberFormat

  constructor(
    readonly locale: string,
    private catalogue: Catalogue,
  ) {
    this.plurals = new Intl.PluralRules(locale)
    this.numbers = new Intl.NumberFormat(locale)
  }

  has(key: string): boolean {
    return key in this.catalogue
  }

  /** The keys that begin so. */
  under(start: string): string[] {
    return Object.keys(this.catalogue).filter((key) => key.startsWith(start))
  }

  /** The words of a key; `count` picks the plural form. A key without words shows itself. */
  t(key: string, params: Params = {}): string {
    const form = typeof params.count === 'number' ? this.catalogue[`${key}_${this.plurals.select(params.count)}`] : undefined
    const text = form ?? this.catalogue[key] ?? key
    return text.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => {
      const value = params[name]
      return value === undefined ? whole : typeof value === 'number' ? this.numbers.format(value) : value
    })
  }

  /** The words of a key, or what the other side said where we have none. */
  or(key: string, fallback: string, params: Params = {}): string {
    return this.has(key) ? this.t(key, params) : fallback || key
  }
}
