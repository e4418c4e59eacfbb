// Templates: which blanks they have, and how they read once those are filled.

import type { Template } from './wire'

/** "header.1", "body.1", "body.name", "button.0": as the plugin names them, headers first. */
export function places(template: Template): string[] {
  const order = ['header', 'body', 'button']
  const rank = (place: string): number => order.indexOf(place.split('.')[0] ?? '')
  return Object.keys(template.parameters ?? {}).sort((a, b) => rank(a) - rank(b) || a.localeCompare(b, 'en', { numeric: true }))
}

export function filled(template: Template, values: Record<string, string>): Template {
  const put = (text: string | undefined, where: string): string =>
    (text ?? '').replace(/\{\{\s*([\w.]+)\s*\}\}/g, (blank, name: string) => values[`${where}.${name}`] || blank)
  return {
    ...template,
    header: put(template.header, 'header'),
    body: put(template.body, 'body'),
    parameters: Object.fromEntries(places(template).map((place) => [place, values[place] ?? ''])),
  }
}
