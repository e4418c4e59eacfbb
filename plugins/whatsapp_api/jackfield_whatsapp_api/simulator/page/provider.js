// The provider's desk: what goes wrong next, the clock, reviews of templates, and what became of the sends.

import * as api from "./api.js";
import { el } from "./dom.js";
import { fill, load, say } from "./words.js";

const FAULTS = {
  refuse: ["code"],
  fail_later: ["code"],
  late: ["seconds"],
  skip_delivered: [],
  hang: ["seconds"],
  break: [],
  duplicate: [],
  gather: [],
  expired_url: [],
};
const MORE = { gather: { size: 4, shape: "reversed", within: 2 } };
const STANDINGS = ["APPROVED", "REJECTED", "PAUSED", "DISABLED", "PENDING"];
const STEPS = [["minute", 60], ["fiveMinutes", 300], ["aDay", 86_400], ["aWeek", 604_800]];
const EVERY = 2000; // ms between two looks at what was sent
const $ = (id) => document.getElementById(id);
let numbers = [];

/** Do something, look at everything again, and say how it went. */
async function attempt(work) {
  try {
    $("alert").hidden = true;
    await work();
    await look();
    $("said").textContent = say("done");
  } catch (error) {
    complain(error);
  }
}

function complain(error) {
  $("alert").textContent = say("failed", { reason: error.message });
  $("alert").hidden = false;
}

async function look() {
  const [state, script, record] = await Promise.all([api.get("state"), api.get("script"), api.get("record")]);
  numbers = state.numbers;
  const form = $("fault-form").elements;
  options($("scenario-form").elements.name, script.scenarios.map((name) => [name, name]));
  options(form.number, [["", say("anyNumber")], ...numbers.map((one) => [one.id, `${one.name} · ${one.phone}`])]);
  const people = state.customers.map((one) => [one.phone, `${one.name} · +${one.phone}`]);
  options(form.user, [["", say("anyCustomer")], ...people]);
  const tell = $("tell-form").elements;
  options(tell.number, numbers.map((one) => [one.id, `${one.name} · ${one.phone}`]));
  options(tell.user, people);
  $("now").textContent = new Date(state.now).toLocaleString();
  draw("waiting", script.faults.length ? script.faults.map(waiting) : [el("li", { class: "none" }, say("noFaults"))]);
  draw("record", [recorded(record.numbers)]);
  drawTemplates(state.templates);
}

/** New content only where it differs: what has the focus keeps it. */
function draw(id, nodes) {
  const made = el("div", {}, ...nodes);
  if ($(id).innerHTML !== made.innerHTML) $(id).replaceChildren(...made.childNodes);
}

function options(select, items) {
  const before = select.value;
  const made = items.map(([value, text]) => el("option", { value }, text));
  if (made.length === select.options.length && made.every((one, at) => one.value === select.options[at].value)) return;
  select.replaceChildren(...made);
  if (items.some(([value]) => value === before)) select.value = before;
}

function waiting(fault) {
  const words = [say(`fault_${fault.type}`), fault.edge, fault.code, fault.seconds && `${fault.seconds} s`];
  words.push(fault.times ? `× ${fault.times}` : "∞", fault.chance < 1 && `${Math.round(fault.chance * 100)} %`);
  words.push(numbers.find((one) => one.id === fault.number)?.name, fault.user && `+${fault.user}`);
  return el("li", {}, words.filter((one) => one || one === 0).join(" · "));
}

function recorded(tallies) {
  if (!tallies.length) return el("p", {}, say("nothingSent"));
  const name = (one) => numbers.find((number) => number.id === one.number)?.name ?? one.number;
  const refused = (one) => Object.entries(one.refused).map(([code, count]) => `${code} × ${count}`).join(", ") || "0";
  const rows = [
    ["asked", (one) => one.asked],
    ["taken", (one) => one.taken],
    ["refused", refused],
    ["over", (one) => one.over],
    ["perSecond", (one) => one.per_second],
    ["perPair", (one) => one.per_pair],
  ];
  const cell = (key, one, of) => el("td", { class: key === "over" && one.over ? "bad" : "" }, String(of(one)));
  const body = rows.map(([key, of]) =>
    el("tr", {}, el("th", { scope: "row" }, say(key)), ...tallies.map((one) => cell(key, one, of))),
  );
  const heads = tallies.map((one) => el("th", { scope: "col" }, name(one)));
  const head = el("tr", {}, el("th", { scope: "col" }, say("ofNumber")), ...heads);
  return el("table", {}, el("thead", {}, head), el("tbody", {}, ...body));
}

function drawTemplates(templates) {
  const ids = templates.map((one) => `${one.id} ${one.status}`).join();
  if ($("templates").dataset.shown === ids) return;
  $("templates").dataset.shown = ids;
  const rows = templates.map((one) => {
    const label = `${one.name} ${say("becomes")}`;
    const select = el("select", { "aria-label": label }, ...standings(one.status));
    select.value = one.status;
    select.addEventListener("change", () => {
      const reason = select.value === "REJECTED" ? "INVALID_FORMAT" : null;
      void attempt(() => api.post("templates", { template: one.id, status: select.value, reason }));
    });
    const about = el("div", { dir: "auto" }, one.name, el("small", {}, `${one.language} · ${one.category.toLowerCase()}`));
    return el("div", { class: "template" }, about, select);
  });
  $("templates").replaceChildren(...(rows.length ? rows : [el("p", {}, say("noTemplates"))]));
}

function standings(now) {
  return [...new Set([now, ...STANDINGS])].map((one) => el("option", { value: one }, one));
}

// what is done

function addFault() {
  const form = $("fault-form").elements;
  const type = form.type.value;
  const fault = { type, times: Number(form.times.value), chance: Number(form.chance.value) / 100, ...MORE[type] };
  for (const name of FAULTS[type]) fault[name] = Number(form[name].value);
  for (const name of ["number", "user"]) if (form[name].value) fault[name] = form[name].value;
  return api.post("script", fault);
}

function playScenario() {
  const form = $("scenario-form").elements;
  return api.post("scenario", { name: form.name.value, seed: Number(form.seed.value) });
}

function tellKind() {
  const { number, user, kind } = $("tell-form").elements;
  return api.post("kinds", { number: number.value, user: user.value, kind: kind.value });
}

/** The kinds of messages and news there are, by the simulator's own names. */
async function listKinds() {
  const kinds = await api.get("kinds");
  const group = (name) =>
    el("optgroup", { label: say(`kinds_${name}`) }, ...kinds[name].map((kind) => el("option", { value: kind }, kind.replaceAll("_", " "))));
  $("tell-form").elements.kind.replaceChildren(group("messages"), group("news"));
}

async function addCustomer() {
  const form = $("customer-form");
  const { phone, name, username, hidden } = form.elements;
  const wish = { phone: phone.value, name: name.value, username: username.value, hidden: hidden.checked };
  await api.post("customers", wish);
  form.reset();
}

/** Only the fields that this kind of fault has. */
function showFields() {
  const type = $("fault-form").elements.type.value;
  for (const label of $("fault-form").querySelectorAll("[data-for]")) {
    label.hidden = !label.dataset.for.split(" ").includes(type);
  }
}

function submits(id, work) {
  $(id).addEventListener("submit", (event) => {
    event.preventDefault();
    void attempt(work);
  });
}

function wire() {
  const kinds = $("fault-form").elements.type;
  options(kinds, Object.keys(FAULTS).map((type) => [type, say(`fault_${type}`)]));
  kinds.addEventListener("change", showFields);
  showFields();
  submits("fault-form", addFault);
  submits("scenario-form", playScenario);
  submits("customer-form", addCustomer);
  submits("tell-form", tellKind);
  $("calm").addEventListener("click", () => void attempt(() => api.post("calm", {})));
  $("forget").addEventListener("click", () => void attempt(() => api.post("record/clear", {})));
  for (const [key, seconds] of STEPS) {
    const label = say("forwardBy", { time: say(key) });
    const button = el("button", { type: "button" }, label);
    button.addEventListener("click", () => void attempt(() => api.post("clock", { forward: seconds })));
    $("forward").append(button);
  }
}

async function start() {
  await load();
  fill(document);
  document.title = say("provider");
  wire();
  await Promise.all([look(), listKinds()]).catch(complain);
  setInterval(() => document.visibilityState === "visible" && void look().catch(complain), EVERY);
}

void start();
