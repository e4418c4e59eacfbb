// What was last filled into a template: kept while this tab is open, for the same operator alone.

import { places } from '../../core/template'
import type { Template } from '../../core/wire'

const keyOf = (operator: string, template: Template): string => `template ${operator} ${template.name} ${template.language}`

export function lastValues(operator: string, template: Template): Record<string, string> {
  const kept = JSON.parse(sessionStorage.getItem(keyOf(operator, template)) ?? '{}') as Record<string, string>
  return Object.fromEntries(places(template).map((place) => [place, kept[place] ?? '']))
}

export function rememberValues(operator: string, template: Template): void {
  try {
    sessionStorage.setItem(keyOf(operator, template), JSON.stringify(template.parameters ?? {}))
  } catch {
    // The store is full or closed: they are typed again.
  }
}
