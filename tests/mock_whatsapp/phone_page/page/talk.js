// What the page and its server say to each other.

export async function state() {
  return (await fetch('/api/state')).json()
}

/** Answers the code of what went wrong, or "". */
async function post(path, init) {
  try {
    const answer = await fetch(path, { method: 'POST', ...init })
    return answer.ok ? '' : ((await answer.json()).error ?? 'failed')
  } catch {
    return 'failed'
  }
}

const json = (said) => ({ headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(said) })

export const act = (number, what, said) => post(`/api/phones/${number}/${what}`, json(said))

export const goWrong = (fault) => post('/api/fault', json({ fault }))

export function file(number, said, picked) {
  const body = new FormData()
  for (const [name, value] of Object.entries(said)) body.append(name, value)
  body.append('file', picked)
  return post(`/api/phones/${number}/file`, { body })
}

/** Calls `changed` whenever something is other than before, a few times a second at most. */
export function until(changed, gone) {
  let waiting = 0
  const source = new EventSource('/api/events')
  source.onmessage = () => {
    waiting ||= setTimeout(() => {
      waiting = 0
      changed()
    }, 60)
  }
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) gone()
  }
}
