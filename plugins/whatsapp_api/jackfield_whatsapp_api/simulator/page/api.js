// The control API of the simulator.

async function answer(response) {
  const found = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(found.error ?? response.statusText);
  return found;
}

export async function get(path) {
  return answer(await fetch(`/control/${path}`));
}

export async function post(path, body) {
  const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  return answer(await fetch(`/control/${path}`, options));
}

export async function upload(number, file) {
  const form = new FormData();
  form.append("number", number);
  form.append("file", file, file.name);
  return answer(await fetch("/control/media", { method: "POST", body: form }));
}

/** Hear of everything that happens; `changed` is told whether the simulator answers. */
export function listen(heard, changed) {
  const source = new EventSource("/control/events");
  source.addEventListener("open", () => changed(true));
  source.addEventListener("error", () => changed(false));
  source.addEventListener("message", (event) => heard(JSON.parse(event.data)));
}
