// The page behind a link for a client: who asks and the words are in the document already.

import { mount } from 'svelte'
import type { LinkView } from '../admin/wire'
import type { Catalogue } from '../core/i18n'
import Link from './Link.svelte'
import { Page } from './page.svelte'
import '../inbox/page.css'
import '../admin/admin.css'

function read(id: string): unknown {
  return JSON.parse(document.getElementById(id)?.textContent ?? 'null')
}

const target = document.getElementById('app')
if (target) {
  target.textContent = ''
  const page = new Page(document.documentElement.lang, read('words') as Catalogue)
  mount(Link, { target, props: { page, view: read('link') as LinkView } })
}
