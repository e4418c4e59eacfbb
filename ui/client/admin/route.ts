// Where one is in the settings, as the address says it.

export type Route =
  | { page: 'channels'; filter: Filter }
  | { page: 'connect'; ws: string; kind: string; flow: string; again: string }
  | { page: 'channel'; id: string; section: string; item: string }

export interface Filter {
  ws: string
  kind: string
  /** "": any; "trouble": what needs a person; else a state's own name. */
  state: string
}

const HOME = '/settings/channels'

export function readRoute(address: string): Route {
  const [path = '', query = ''] = address.split('?', 2)
  const asked = new URLSearchParams(query)
  const get = (name: string): string => asked.get(name) ?? ''
  const [id = '', section = '', item = ''] = path
    .slice(HOME.length + 1)
    .split('/')
    .map(decoded)
  if (path.startsWith(`${HOME}/`) && id === 'new') return { page: 'connect', ws: get('ws'), kind: get('kind'), flow: get('flow'), again: get('again') }
  if (path.startsWith(`${HOME}/`) && id) return { page: 'channel', id, section: section || 'overview', item }
  return { page: 'channels', filter: { ws: get('ws'), kind: get('kind'), state: get('state') } }
}

export function writeRoute(route: Route): string {
  switch (route.page) {
    case 'channels':
      return HOME + queryOf({ ...route.filter })
    case 'connect': {
      const { ws, kind, flow, again } = route
      return `${HOME}/new${queryOf({ ws, kind, flow, again })}`
    }
    case 'channel':
      return [HOME, route.id, route.section === 'overview' && !route.item ? '' : route.section, route.item]
        .filter(Boolean)
        .map((part, at) => (at ? encodeURIComponent(part) : part))
        .join('/')
  }
}

/** A place of a channel. */
export function channelPath(id: string, section = 'overview', item = ''): string {
  return writeRoute({ page: 'channel', id, section, item })
}

function queryOf(values: Record<string, string>): string {
  const said = Object.entries(values).filter(([, value]) => value)
  return said.length ? `?${new URLSearchParams(said)}` : ''
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
