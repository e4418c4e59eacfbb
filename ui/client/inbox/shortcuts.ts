// What each line of the table does, by key or from the palette.

import { folderOf } from '../core/folders'
import { match, type Action } from '../core/keys'
import type { Live, Theme } from './live.svelte'

export function typingIn(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(TEXTAREA|INPUT|SELECT)$/.test(target.tagName))
}

/** Where a key means something to a component, it listens to this. */
export const ACTION = 'jackfield:action'

export function handleKey(event: KeyboardEvent, live: Live, typing: boolean): void {
  const found = match(event, typing)
  if (!found) return
  const onControl = event.target instanceof Element && event.target.closest('button, a, [role="menuitem"]')
  if (found.id === 'write' && event.key === 'Enter' && onControl) return
  if ((found.id === 'first' || found.id === 'last') && onControl) return
  if (run(found.id, live, found.digit)) event.preventDefault()
}

/** False: it means nothing here and now. */
export function run(id: Action, live: Live, digit?: number): boolean {
  const conv = live.place.conv
  switch (id) {
    case 'help':
    case 'palette':
    case 'start':
      live.sheet = { name: id }
      return true
    case 'search':
      return asked(id)
    case 'settings':
      live.visit('/settings/channels')
      return true
    case 'theme_system':
    case 'theme_light':
    case 'theme_dark':
      live.setTheme(id.slice('theme_'.length) as Theme)
      return true
    case 'locale_en':
    case 'locale_ru':
      void live.setLocale(id.slice('locale_'.length))
      return true
    case 'sign_out':
      void live.signOut()
      return true
    case 'next':
      return step(live, 1, false)
    case 'previous':
      return step(live, -1, false)
    case 'next_unread':
      return step(live, 1, true)
    case 'folder':
      return chooseFolder(live, digit ?? 1)
    case 'pane_next':
      return pane(1)
    case 'pane_previous':
      return pane(-1)
    case 'escape':
      return escape(live)
  }
  if (!conv) return false
  switch (id) {
    case 'close':
      void live.perform({ op: 'conv.close', conv })
      return true
    case 'close_next':
      void live.perform({ op: 'conv.close', conv })
      step(live, 1, false)
      return true
    case 'reopen':
      void live.perform({ op: 'conv.reopen', conv })
      return true
    case 'unread':
      void live.session.markUnread(conv).catch(() => undefined)
      live.go({ conv: null })
      return true
    case 'read':
      live.session.read(conv, live.session.store.conversations.get(conv)?.last_pos ?? 0)
      return true
    case 'contact':
      live.showPanel(!live.panel)
      return true
    case 'assign_me':
      void live.perform({ op: 'conv.assign', conv, to: live.me.id })
      return true
    default:
      return asked(id)
  }
}

/** The header, the list, the messages or the composer: whoever knows what to do takes it. */
function asked(id: Action): boolean {
  return !dispatchEvent(new CustomEvent(ACTION, { detail: id, cancelable: true }))
}

function step(live: Live, by: number, unread: boolean): boolean {
  const { conversations } = live.session.store
  const ids = live.session.store.list(folderOf(live.place)).ids
  const now = ids.indexOf(live.place.conv ?? '')
  for (let i = 1; i <= ids.length; i++) {
    const at = now < 0 ? (by > 0 ? i - 1 : ids.length - i) : now + by * i
    const row = conversations.get(ids[at] ?? '')
    if (!row) return false
    if (!unread || row.unread || row.marked_unread) {
      live.go({ conv: row.id })
      return true
    }
  }
  return false
}

function chooseFolder(live: Live, digit: number): boolean {
  const folders = ['all', 'mine', 'none', ...live.session.store.workspaces.keys()]
  const folder = folders[digit - 1]
  if (folder) live.go({ folder, conv: null })
  return folder !== undefined
}

function pane(by: number): boolean {
  const panes = [...document.querySelectorAll<HTMLElement>('[data-pane]')].filter((one) => one.offsetParent !== null || one.offsetWidth > 0)
  const now = panes.findIndex((one) => one.contains(document.activeElement))
  const next = panes[(now + by + panes.length) % panes.length]
  const inside = next?.querySelector<HTMLElement>('[aria-current], textarea, [tabindex="0"], a, button')
  ;(inside ?? next)?.focus()
  return next !== undefined
}

/** One layer at a time: first out of the composer, then out of the chat. */
function escape(live: Live): boolean {
  if (asked('escape')) return true
  if (typingIn(document.activeElement)) {
    document.querySelector<HTMLElement>('main')?.focus()
    return true
  }
  if (!live.place.conv) return false
  live.go({ conv: null })
  return true
}
