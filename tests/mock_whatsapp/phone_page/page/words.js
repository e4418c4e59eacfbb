// Words in the language of whoever looks.

const asked = new URLSearchParams(location.search).get('lang')
let language = (asked ?? navigator.language).startsWith('ru') ? 'ru' : 'en'
let all = { en: {}, ru: {} }

export async function loadWords() {
  all = await (await fetch('/words.json')).json()
}

export const locale = () => language

export function turn() {
  language = language === 'ru' ? 'en' : 'ru'
}

export function t(key, values = {}) {
  const found = all[language][key] ?? all.en[key] ?? key
  return found.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''))
}

export const clock = (ms) => new Date(ms).toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit' })
