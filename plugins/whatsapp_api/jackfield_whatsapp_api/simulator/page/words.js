// The page's own words: one small catalogue for each language.

const known = ["en", "ru"];
let words = {};

export const language = choose();
const locale = navigator.languages.find((one) => one.startsWith(language)) ?? language;

function choose() {
  const asked = new URLSearchParams(location.search).get("lang");
  const wanted = [asked, ...navigator.languages].filter(Boolean).map((one) => one.slice(0, 2).toLowerCase());
  return wanted.find((one) => known.includes(one)) ?? "en";
}

export async function load() {
  const answer = await fetch(`/phone/${language}.json`);
  words = await answer.json();
  document.documentElement.lang = language;
}

export function say(key, values = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Fill in what the HTML leaves open: texts, labels and hints. */
export function fill(root) {
  for (const one of root.querySelectorAll("[data-text]")) one.textContent = say(one.dataset.text);
  for (const one of root.querySelectorAll("[data-label]")) one.setAttribute("aria-label", say(one.dataset.label));
  for (const one of root.querySelectorAll("[data-hint]")) one.placeholder = say(one.dataset.hint);
}

export function clock(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" });
}

export function day(seconds) {
  const at = new Date(seconds * 1000);
  const start = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  const ago = Math.round((start(new Date()) - start(at)) / 86_400_000);
  if (ago === 0) return say("today");
  if (ago === 1) return say("yesterday");
  return at.toLocaleDateString(locale, { day: "numeric", month: "long" });
}
