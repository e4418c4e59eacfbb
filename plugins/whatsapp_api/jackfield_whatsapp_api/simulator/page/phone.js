// The customer's phone: who writes to whom, the chat, and what one does in it.

import * as api from "./api.js";
import { bubble, summary } from "./bubble.js";
import { ICONS, el, icon } from "./dom.js";
import { day, fill, load, say } from "./words.js";

const EMOJIS = ["👍", "❤️", "😂", "😮", "😢", "🙏"];
const PLACE = { latitude: 59.9343, longitude: 30.3351 };
const $ = (id) => document.getElementById(id);

const state = { numbers: [], customers: [], messages: new Map(), quoting: null, menu: null, typing: 0, open: "" };
const here = () => ({ number: $("number").value, user: $("customer").value });
const isHere = ({ number, user }) => number === here().number && user === here().user;

/** Do something that may fail, and say so if it does. */
async function attempt(work) {
  try {
    $("alert").hidden = true;
    return await work();
  } catch (error) {
    note(say("failed", { reason: error.message }));
    return undefined;
  }
}

function note(text) {
  $("alert").textContent = text;
  $("alert").hidden = false;
}

const act = {
  find: (id) => state.messages.get(id),
  business: () => state.numbers.find((one) => one.id === here().number)?.name ?? "",
  note,
  press: (message, choice) => attempt(() => api.post("press", { ...here(), message: message.id, choice })),
  locate: (message) => attempt(() => write("location", PLACE, message.id)),
  choose,
};

function write(type, content, reply_to = "") {
  return api.post("messages", { ...here(), type, content, reply_to });
}

// the chat

function draw() {
  const rows = [];
  let last = null;
  for (const message of state.messages.values()) {
    rows.push(...rowsOf(message, last));
    last = message;
  }
  if (!rows.length) rows.push(el("li", { class: "empty" }, say(state.customers.length ? "empty" : "nobody")));
  $("messages").replaceChildren(...rows);
  toEnd();
}

function toEnd() {
  $("scroll").scrollTop = $("scroll").scrollHeight;
}

function atEnd() {
  const { scrollHeight, scrollTop, clientHeight } = $("scroll");
  return scrollHeight - scrollTop - clientHeight < 80;
}

/** Pictures grow when they are there: whoever was at the end stays at the end. */
function keepEnd() {
  let follows = true;
  $("scroll").addEventListener("scroll", () => (follows = atEnd()));
  const grown = () => follows && toEnd();
  $("scroll").addEventListener("load", grown, true);
  $("scroll").addEventListener("loadedmetadata", grown, true);
}

function rowsOf(message, last, fresh = false) {
  const date = day(message.at);
  const newDay = !last || day(last.at) !== date;
  const made = row(message, newDay || last.by !== message.by, fresh);
  return newDay ? [el("li", { class: "day" }, date), made] : [made];
}

/** A new message goes below the others; the list follows if its end is in sight, or if it is one's own. */
function append(message, last) {
  const list = $("messages");
  const follows = atEnd() || message.by === "customer";
  list.querySelector(".empty")?.remove();
  list.append(...rowsOf(message, last, true));
  if (follows) toEnd();
}

function replace(message) {
  const old = $("messages").querySelector(`[data-id="${CSS.escape(message.id)}"]`);
  old?.replaceWith(row(message, old.classList.contains("turn"), false));
}

function row(message, turn, fresh) {
  const more = el(
    "button",
    { type: "button", class: "more", "aria-label": say("openMenu"), "data-testid": "phone-more" },
    icon(ICONS.smile),
  );
  more.addEventListener("click", () => openMenu(message, more));
  const classes = ["row", message.by === "customer" ? "mine" : "", turn ? "turn" : "", fresh ? "fresh" : ""];
  const attributes = { class: classes.filter(Boolean).join(" "), "data-id": message.id, "data-by": message.by };
  return el("li", attributes, bubble(message, act), message.revoked ? null : more);
}

async function open() {
  const { number, user } = here();
  if (state.open !== `${number}/${user}`) {
    stopQuoting();
    setTyping(false);
  }
  state.open = `${number}/${user}`;
  const name = act.business();
  $("name").textContent = name;
  $("face").textContent = [...name][0]?.toUpperCase() ?? "";
  const url = new URL(location.href);
  url.searchParams.set("number", number);
  url.searchParams.set("user", user);
  history.replaceState(null, "", url);
  state.messages.clear();
  if (number && user) {
    const found = await attempt(() => api.get(`chats/${encodeURIComponent(number)}/${encodeURIComponent(user)}`));
    if (!isHere({ number, user })) return;
    for (const message of found?.messages ?? []) state.messages.set(message.id, message);
  }
  draw();
  await read();
}

/** What is on the screen has been read. */
async function read() {
  const unread = [...state.messages.values()].some((one) => one.by === "business" && one.status !== "read");
  if (unread && document.visibilityState === "visible") await attempt(() => api.post("read", here()));
}

function heard(event) {
  if (event.event === "customers") void refresh();
  else if (event.event === "typing" && isHere(event)) setTyping(true);
  else if (event.event === "message" && isHere(event.message)) take(event.message);
}

function take(message) {
  const known = state.messages.has(message.id);
  const waits = message.by === "business" && (message.status === "accepted" || message.status === "failed");
  if (message.type === "reaction" || (!known && waits)) return;
  if (!known && message.by === "business" && message.status === "sent" && !message.arrived) return;
  const last = [...state.messages.values()].at(-1);
  state.messages.set(message.id, message);
  if (message.by === "business") setTyping(false);
  if (known) replace(message);
  else append(message, last);
  void read();
}

/** The business is typing: shown until it writes, or for 25 seconds. */
function setTyping(on) {
  clearTimeout(state.typing);
  $("presence").textContent = say(on ? "typing" : "online");
  if (on) state.typing = setTimeout(() => setTyping(false), 25_000);
}

// above the chat

function openMenu(message, button) {
  state.menu = message;
  const menu = $("menu");
  menu.showPopover();
  const at = button.getBoundingClientRect();
  const phone = $("phone").getBoundingClientRect();
  const inline = Math.max(phone.left + 16, Math.min(at.left, phone.right - 16 - menu.offsetWidth));
  const block = Math.max(phone.top + 16, at.top - menu.offsetHeight - 6);
  menu.style.left = `${inline}px`;
  menu.style.top = `${block}px`;
  menu.querySelector("button").focus();
  button.setAttribute("aria-expanded", "true");
  menu.addEventListener("toggle", () => button.removeAttribute("aria-expanded"), { once: true });
}

async function react(emoji) {
  const message = state.menu;
  $("menu").hidePopover();
  const same = message.reactions.customer === emoji;
  await attempt(() => api.post("reactions", { ...here(), message: message.id, emoji: same ? "" : emoji }));
}

function quote(message) {
  state.quoting = message.id;
  $("quoted").textContent = summary(message);
  $("quoting").hidden = false;
  $("input").focus();
}

function stopQuoting() {
  state.quoting = null;
  $("quoting").hidden = true;
}

function choose(message) {
  const { action } = message.content;
  $("chooser-title").textContent = action.button;
  const rows = action.sections.flatMap((section) => [
    section.title ? el("h3", { dir: "auto" }, section.title) : null,
    ...section.rows.map((one) =>
      el("button", { value: one.id, dir: "auto" }, one.title, one.description ? el("small", {}, one.description) : null),
    ),
  ]);
  $("chooser-rows").replaceChildren(...rows.filter(Boolean));
  const dialog = $("chooser");
  dialog.returnValue = "";
  dialog.addEventListener("close", () => dialog.returnValue && act.press(message, dialog.returnValue), { once: true });
  dialog.showModal();
}

// what is written

async function send() {
  const input = $("input");
  const text = input.value.trim();
  if (!text) return;
  const quoting = state.quoting ?? "";
  if (await attempt(() => write("text", { body: text }, quoting))) {
    input.value = "";
    stopQuoting();
  }
}

async function sendFile(file) {
  const media = await attempt(() => api.upload(here().number, file));
  if (!media) return;
  const kind = /^image\/(jpeg|png)$/.test(file.type) ? "image" : file.type.startsWith("video/") ? "video" : "document";
  const caption = $("input").value.trim();
  const content = { id: media.id, ...(caption && { caption }), ...(kind === "document" && { filename: file.name }) };
  if (await attempt(() => write(kind, content, state.quoting ?? ""))) {
    $("input").value = "";
    stopQuoting();
  }
}

let typedAt = 0;

function typed() {
  if (Date.now() - typedAt < 5000) return;
  typedAt = Date.now();
  void attempt(() => api.post("typing", here()));
}

// who writes to whom

function options(select, items, wanted) {
  const before = wanted ?? select.value;
  select.replaceChildren(...items.map(([value, text]) => el("option", { value }, text)));
  if (items.some(([value]) => value === before)) select.value = before;
}

async function refresh(wanted = {}) {
  const found = await attempt(() => api.get("state"));
  if (!found) return;
  state.numbers = found.numbers;
  const number = wanted.number ?? $("number").value;
  options($("number"), found.numbers.map((one) => [one.id, `${one.name} · ${one.phone}`]), number);
  const mine = new Set(found.chats.filter((one) => one.number === here().number).map((one) => one.user));
  const order = [...found.customers].sort((a, b) => mine.has(b.phone) - mine.has(a.phone));
  state.customers = order;
  const label = (one) => (one.hidden ? `${one.name} · @${one.username}` : `${one.name} · +${one.phone}`);
  options($("customer"), order.map((one) => [one.phone, label(one)]), wanted.user);
  await open();
}

function wire() {
  $("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    void send();
  });
  $("input").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      void send();
    }
    if (event.key === "Escape") stopQuoting();
  });
  $("input").addEventListener("input", typed);
  $("attach").addEventListener("click", () => $("file").click());
  $("file").addEventListener("change", () => {
    const [file] = $("file").files;
    $("file").value = "";
    if (file) void sendFile(file);
  });
  $("unquote").addEventListener("click", stopQuoting);
  $("reply").addEventListener("click", () => {
    $("menu").hidePopover();
    quote(state.menu);
  });
  $("customer").addEventListener("change", () => void open());
  $("number").addEventListener("change", () => void refresh());
  keepEnd();
  document.addEventListener("visibilitychange", () => void read());
  for (const emoji of EMOJIS) {
    const label = say("reactWith", { emoji });
    $("emojis").append(el("button", { type: "button", "aria-label": label, onclick: () => void react(emoji) }, emoji));
  }
}

async function start() {
  await load();
  fill(document);
  document.title = say("title");
  wire();
  const query = new URLSearchParams(location.search);
  let wanted = { number: query.get("number") ?? undefined, user: query.get("user") ?? undefined };
  api.listen(heard, (connected) => {
    $("offline").hidden = connected;
    if (!connected) return;
    void refresh(wanted); // at first, and for whatever was missed while the simulator was away
    wanted = {};
  });
}

void start();
