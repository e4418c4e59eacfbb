// What a session needs from the browser: socket, HTTP, uploads, timers, ids.

import { HttpError, type Http } from '../core/api'
import { systemClock } from '../core/clock'
import type { Socket } from '../core/connection'
import type { Environment } from '../core/session'
import { LocalShelf, NoShelf } from '../core/shelf'
import type { Boot } from '../core/wire'

export function makeId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function openSocket(): Socket {
  const ws = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/realtime?lang=${document.documentElement.lang}`)
  const socket: Socket = {
    send: (text) => {
      if (ws.readyState === WebSocket.OPEN) ws.send(text)
    },
    close: (code, reason) => ws.close(code, reason),
    onopen: null,
    onmessage: null,
    onclose: null,
  }
  ws.onopen = () => socket.onopen?.()
  ws.onmessage = (event) => socket.onmessage?.(String(event.data))
  ws.onclose = (event) => socket.onclose?.(event.code)
  return socket
}

/** Once per frame; in a hidden tab, where frames stop, once a second. */
function schedule(run: () => void): void {
  if (document.hidden) setTimeout(run, 1000)
  else requestAnimationFrame(() => run())
}

const WITHIN = 20_000

export type Method = 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface FullHttp extends Http {
  /** Any change. `within`: how long to wait for its answer, in milliseconds. */
  send(method: Method, path: string, body?: unknown, within?: number): Promise<unknown>
}

export function makeHttp(csrf: () => string): FullHttp {
  async function ask(method: string, path: string, body?: unknown, signal?: AbortSignal, within = WITHIN): Promise<unknown> {
    const headers: Record<string, string> = { accept: 'application/json' }
    if (body !== undefined) headers['content-type'] = 'application/json'
    if (method !== 'GET') headers['x-csrf-token'] = csrf()
    const response = await fetch(path, {
      method,
      headers,
      signal: AbortSignal.any([AbortSignal.timeout(within), ...(signal ? [signal] : [])]),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const said = (await response.json().catch(() => null)) as Record<string, unknown> | null
    if (!response.ok) throw problem(response.status, said)
    return said
  }
  return {
    get: (path, signal) => ask('GET', path, undefined, signal),
    send: (method, path, body, within) => ask(method, path, body, undefined, within),
  }
}

function problem(status: number, said: Record<string, unknown> | null): HttpError {
  const [title, data] = [String(said?.title ?? ''), (said?.data ?? {}) as Record<string, unknown>]
  return new HttpError(status, String(said?.code ?? status), String(said?.detail ?? title), title, data)
}

export interface Upload {
  done: Promise<{ id: string; mime?: string }>
  cancel(): void
}

/** The raw body goes up as it is; `progress` hears a share from 0 to 1. */
export function upload(file: File, workspace: string, csrf: string, progress: (share: number) => void): Upload {
  const request = new XMLHttpRequest()
  const done = new Promise<{ id: string; mime?: string }>((resolve, reject) => {
    request.open('POST', `/api/v1/media?${new URLSearchParams({ workspace, name: file.name })}`)
    request.responseType = 'json'
    request.setRequestHeader('content-type', file.type || 'application/octet-stream')
    request.setRequestHeader('x-csrf-token', csrf)
    request.upload.onprogress = (event) => progress(event.lengthComputable ? event.loaded / event.total : 0)
    request.onload = () => {
      const said = request.response as Record<string, unknown> | null
      if (request.status < 300 && said?.id) resolve(said as { id: string; mime?: string })
      else reject(problem(request.status, said))
    }
    request.onerror = () => reject(new HttpError(0, 'offline', ''))
    request.onabort = () => reject(new HttpError(0, 'aborted', ''))
    request.send(file)
  })
  return { done, cancel: () => request.abort() }
}

export async function environment(boot: Boot, locale: () => string, csrf: () => string): Promise<Environment> {
  const shelf = await LocalShelf.open(boot.operator.id).catch(() => new NoShelf())
  const http = makeHttp(csrf)
  return {
    clock: systemClock,
    http,
    shelf,
    open: openSocket,
    schedule,
    readBoot: async () => (await http.get('/boot.json')) as Boot,
    makeCid: makeId,
    tab: makeId().slice(0, 8),
    locale,
  }
}

export function readJson(id: string): unknown {
  return JSON.parse(document.getElementById(id)?.textContent ?? 'null')
}
