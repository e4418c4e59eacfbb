// How one message looks on the phone: pure, from what the control API says of it to an element.

import { ICONS, el, icon, link, linked } from "./dom.js";
import { clock, say } from "./words.js";

const NAMES = { image: "photo", voice: "voice", interactive: "choose", template: "choose", button: "choose" };

/** One line of text for quotations. */
export function summary(message) {
  const { type, content, shown } = message;
  if (message.revoked) return say("revoked");
  if (type === "text") return content.body;
  if (type === "template") return shown.body ?? "";
  if (type === "interactive") return content.body?.text ?? chosen(content)?.title ?? say("choose");
  if (type === "button") return content.text;
  return content?.caption || content?.name || say(NAMES[type] ?? type);
}

function chosen(content) {
  return content.button_reply ?? content.list_reply;
}

/** `act` has press(message, choice), choose(message), locate(message), and find(id). */
export function bubble(message, act) {
  const inside = message.revoked ? [el("p", { class: "gone" }, say("revoked"))] : body(message);
  const quoted = message.reply_to && act.find(message.reply_to);
  return el(
    "div",
    { class: "stack" },
    el("div", { class: "bubble" }, quoted ? quote(quoted, act) : null, ...inside, stamp(message)),
    reactions(message),
    message.revoked ? null : options(message, act),
  );
}

function quote(message, act) {
  const who = message.by === "customer" ? say("you") : act.business();
  return el("div", { class: "quote" }, el("b", { dir: "auto" }, who), el("span", { dir: "auto" }, summary(message)));
}

function stamp(message) {
  const parts = [message.edited ? say("edited") : "", el("time", {}, clock(message.at))];
  if (message.by === "customer") {
    const seen = message.status === "read";
    const ticks = el("span", { class: seen ? "seen" : "", role: "img", "aria-label": say(seen ? "read" : "sent") });
    ticks.append(icon(ICONS.two, "0 0 19 12"));
    parts.push(ticks);
  }
  return el("div", { class: "stamp" }, ...parts);
}

function reactions(message) {
  const all = Object.values(message.reactions);
  return all.length ? el("div", { class: "reactions" }, all.join(" ")) : null;
}

function body({ type, content, shown }) {
  switch (type) {
    case "text":
      return [linked(content.body)];
    case "image":
    case "video":
    case "audio":
    case "document":
    case "sticker":
      return [media(type, content), content.caption ? linked(content.caption) : null];
    case "location":
      return [place(content)];
    case "contacts":
      return content.map(card);
    case "order":
      return [order(content)];
    case "button":
      return [el("p", { class: "words", dir: "auto" }, content.text)];
    case "interactive":
      return chosen(content) ? reply(chosen(content)) : offered(content);
    case "template":
      return page(shown.header, shown.media, shown.body, shown.footer);
    default:
      return [el("p", { class: "gone" }, say("unknown", { kind: type }))];
  }
}

function reply({ title, description }) {
  return [
    el("p", { class: "words", dir: "auto" }, title),
    description ? el("p", { class: "sub", dir: "auto" }, description) : null,
  ];
}

function offered(content) {
  const header = content.header ?? {};
  const file = header.type && header.type !== "text" ? { type: header.type, ...header[header.type] } : null;
  if (content.nfm_reply) return [el("p", { class: "words" }, say("form"))];
  return page(header.text, file, content.body?.text ?? say("product"), content.footer?.text);
}

function page(header, file, words, footer) {
  return [
    header ? el("p", { class: "head", dir: "auto" }, header) : null,
    file ? media(file.type, file) : null,
    linked(words ?? ""),
    footer ? el("p", { class: "foot", dir: "auto" }, footer) : null,
  ];
}

function media(type, node) {
  const name = say(NAMES[type] ?? type);
  if (!node.id) return link(node.link ?? "", { class: "file" }, icon(ICONS.file), el("span", {}, node.filename ?? name));
  const src = `/control/media/${encodeURIComponent(node.id)}`;
  if (type === "image") return el("img", { src, alt: node.caption || name, loading: "lazy" });
  if (type === "sticker") return el("img", { src, alt: name, class: "sticker" });
  if (type === "video") return el("video", { src, controls: true, "aria-label": name });
  if (type === "audio") return el("audio", { src, controls: true, "aria-label": say(node.voice ? "voice" : "audio") });
  const title = el("span", { dir: "auto" }, node.filename ?? name);
  return el("a", { class: "file", href: src, download: node.filename ?? "" }, icon(ICONS.file), title);
}

function place({ latitude, longitude, name, address }) {
  const lines = el("span", { dir: "auto" }, name || say("location"));
  if (address) lines.append(el("span", { class: "sub" }, ` ${address}`));
  const url = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`;
  return link(url, { class: "file" }, icon(ICONS.place), lines);
}

function card({ name, phones = [] }) {
  const lines = el("span", { dir: "auto" }, name.formatted_name);
  for (const { phone } of phones) lines.append(el("span", { class: "sub" }, ` ${phone}`));
  return el("div", { class: "file" }, icon(ICONS.person), lines);
}

function order({ product_items: items, text }) {
  const count = items.reduce((sum, one) => sum + Number(one.quantity), 0);
  const lines = el("span", { dir: "auto" }, say("order"));
  lines.append(el("span", { class: "sub" }, ` ${say("items", { count })}`));
  const box = el("div", { class: "file" }, icon(ICONS.cart), lines);
  return text ? el("div", {}, box, linked(text)) : box;
}

/** What can be pressed below a message of the business. */
function options(message, act) {
  if (message.by !== "business") return null;
  const made = message.type === "template" ? ofTemplate(message, act) : ofInteractive(message, act);
  return made.length ? el("div", { class: "options" }, ...made) : null;
}

function press(title, onclick) {
  return el("button", { type: "button", class: "option", dir: "auto", onclick, "data-testid": "phone-option" }, title);
}

function ofTemplate(message, act) {
  return (message.shown.buttons ?? []).map((one) => {
    if (one.kind === "quick_reply") return press(one.title, () => act.press(message, one.title));
    if (one.kind === "url") return link(one.url, { class: "option" }, one.title);
    if (one.kind === "phone_number") return link(`tel:${one.phone}`, { class: "option" }, one.title);
    return press(one.title, () => act.note(say("copy")));
  });
}

function ofInteractive(message, act) {
  if (message.type !== "interactive") return [];
  const { type, action = {} } = message.content;
  switch (type) {
    case "button":
      return action.buttons.map(({ reply: one }) => press(one.title, () => act.press(message, one.id)));
    case "list":
      return [press(action.button, () => act.choose(message))];
    case "cta_url":
      return [link(action.parameters.url, { class: "option" }, action.parameters.display_text)];
    case "location_request_message":
      return [press(say("shareLocation"), () => act.locate(message))];
    default:
      return [];
  }
}
