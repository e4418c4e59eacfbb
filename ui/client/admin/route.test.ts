import { describe, expect, it } from 'vitest'
import { channelPath, readRoute, writeRoute } from './route'

describe('a place in the settings', () => {
  const places = [
    '/settings/channels',
    '/settings/channels?ws=w_1&state=trouble',
    '/settings/channels/new?ws=w_1&kind=whatsapp_api&again=ch_1',
    '/settings/channels/ch_1',
    '/settings/channels/ch_1/templates',
    '/settings/channels/ch_1/templates/12345',
  ]
  it.each(places)('%s is read and written alike', (place) => {
    expect(writeRoute(readRoute(place))).toBe(place)
  })

  it('begins with the channels', () => {
    expect(readRoute('/settings')).toEqual({ page: 'channels', filter: { ws: '', kind: '', state: '' } })
    expect(readRoute('/settings/else')).toEqual({ page: 'channels', filter: { ws: '', kind: '', state: '' } })
  })

  it('keeps odd ids in one piece', () => {
    const path = channelPath('ch_1', 'templates', 'a/b ?')
    expect(path).toBe('/settings/channels/ch_1/templates/a%2Fb%20%3F')
    expect(readRoute(path)).toMatchObject({ item: 'a/b ?' })
    expect(readRoute('/settings/channels/%E0%A4%A')).toMatchObject({ id: '%E0%A4%A' })
  })
})
