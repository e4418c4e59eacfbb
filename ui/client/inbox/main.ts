// The page begins: the boot and the words are in the document already.

import { mount } from 'svelte'
import { Session } from '../core/session'
import type { Catalogue } from '../core/i18n'
import type { Boot } from '../core/wire'
import { environment, readJson } from './browser'
import { Live, type Theme } from './live.svelte'
import Root from './Root.svelte'
import './page.css'
import './inbox.css'

async function begin(): Promise<void> {
  const boot = readJson('boot') as Boot
  const words = readJson('words') as Catalogue
  const env = await environment(
    boot,
    () => live.words.locale,
    () => session.csrf,
  )
  const session = new Session(boot, env)
  const live = new Live(session, document.documentElement.lang, words, (boot.theme ?? 'system') as Theme)
  const target = document.getElementById('app')
  if (!target) return
  target.textContent = ''
  mount(Root, { target, props: { live } })

  const wake = (): void => {
    if (!document.hidden) session.connection.wake()
  }
  addEventListener('online', wake)
  addEventListener('pageshow', wake)
  document.addEventListener('visibilitychange', wake)
  await session.start()
}

void begin()
