// Making elements without ever parsing text as HTML.

export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((one) => one !== null && one !== undefined && one !== ""));
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

export function icon(path, box = "0 0 24 24") {
  const made = document.createElementNS(SVG, "svg");
  made.setAttribute("viewBox", box);
  made.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  made.append(line);
  return made;
}

export const ICONS = {
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  place: "M12 21c4-5 6-8 6-11a6 6 0 1 0-12 0c0 3 2 6 6 11zM12 8.5v3",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-4 3.5-6.5 8-6.5s8 2.5 8 6.5",
  cart: "M3 4h2l2.5 11h10L20 7H6M9 19.5v.5M16 19.5v.5",
  smile: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8.5 14.5c2 2.4 5 2.4 7 0M9 9.5v.5M15 9.5v.5",
  one: "M1 6l4 4 9-9",
  two: "M1 6l4 4 8-9M9 10l9-9",
};

/** Text with its web addresses as links, and nothing else. */
export function linked(text) {
  const made = el("div", { class: "words", dir: "auto" });
  for (const piece of text.split(/(https?:\/\/[^\s<>"]+)/)) {
    if (/^https?:\/\//.test(piece)) made.append(link(piece, {}, piece));
    else made.append(piece);
  }
  return made;
}

export function link(url, attributes, ...children) {
  const safe = /^(https?:|tel:)/i.test(url) ? url : undefined;
  return el("a", { href: safe, target: "_blank", rel: "noreferrer noopener", ...attributes }, ...children);
}
