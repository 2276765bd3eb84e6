// The daemon, as the page asks it. Reads are the public API's own calls; the session's cookie goes along by itself.
import { offset } from "./format.js";

export class Problem extends Error {
  constructor(status, body) {
    super(body?.detail ?? `HTTP ${status}`);
    this.status = status;
    this.code = body?.code ?? "unknown";
    this.hint = body?.hint;
  }
}
/** No answer at all: the network, or a daemon that is restarting. */
export class Offline extends Error {}

export const session = { role: "", kind: "", app: "", apps: [], person: "", isOfAll: false };
/** Who may choose among apps: operators, and a wall's screen for all of them. */
export const seesAll = () => session.role === "operator" || (session.kind === "wall" && session.isOfAll);
export const mode = { test: false };
const listeners = { signedOut: [], online: [] };
export const on = (event, act) => listeners[event].push(act);
const tell = (event, value) => listeners[event].forEach((act) => act(value));

let online = true;
/** Whether the last call had an answer. */
export const isOnline = () => online;
function sayOnline(is) {
  online = is;
  tell("online", is);
}

/** Whether somebody has touched the page lately; what it asks by itself does not keep a session open. */
const attended_ms = 300_000;
let touchedAt = Date.now();
for (const event of ["pointerdown", "keydown", "wheel", "touchstart"])
  addEventListener(event, () => { touchedAt = Date.now(); }, { passive: true, capture: true });
export const isAttended = () => Date.now() - touchedAt < attended_ms;

function headers(more) {
  const all = { Accept: "application/json", ...more };
  if (!isAttended()) all["X-XionID-Unattended"] = "true";
  if (seesAll() && session.app) all["X-XionID-App"] = session.app;
  if (mode.test) all["X-XionID-Test"] = "true";
  return all;
}

/** Who is silent for so long is not there: a daemon that hangs, or a network that swallows all, refuses nothing. */
const answered_within_ms = 20_000;
async function ask(path, { within = answered_within_ms, ...options }) {
  let answer, body;
  try {
    answer = await fetch(path, { credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(within), ...options });
    body = await answer.json().catch((failure) => { if (failure.name === "TimeoutError") throw failure; return null; });
  } catch (failure) {
    if (failure.name === "AbortError") throw failure;
    sayOnline(false);
    throw new Offline();
  }
  sayOnline(true);
  if (answer.ok) return body;
  if (answer.status === 401 && !path.endsWith("/sign-in")) tell("signedOut");
  if (answer.status === 429) {
    // Ours alone, and short: once more when the daemon says so.
    if (!options.isAgain) {
      await new Promise((go) => setTimeout(go, 1000 * Number(answer.headers.get("Retry-After") ?? 1)));
      return ask(path, { ...options, isAgain: true });
    }
  }
  throw new Problem(answer.status, body);
}

export const get = (path, query, options = {}) => {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return ask(given.length ? `${path}?${new URLSearchParams(given)}` : path, { ...options, headers: headers() });
};
export const post = (path, body) => ask(path, {
  method: "POST", headers: headers({ "Content-Type": "application/json", "X-Requested-With": "XionID" }), body: JSON.stringify(body ?? {}),
});
/** A file of the API, saved under `name`. Headers say whose it is, so that no plain link would do. */
export async function download(path, query, name) {
  const given = Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  let answer, blob;
  try {
    answer = await fetch(`${path}?${new URLSearchParams(given)}`, { credentials: "same-origin", headers: headers() });
    if (answer.ok) blob = await answer.blob();
  } catch {
    sayOnline(false);
    throw new Offline();
  }
  if (!answer.ok) throw new Problem(answer.status, await answer.json().catch(() => null));
  saveAs(blob, name);
}
export function saveAs(blob, name) {
  const url = URL.createObjectURL(blob);
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

export const manage = (name, body) => (body === undefined ? get(`/dashboard/api/${name}`) : post(`/dashboard/api/${name}`, body)).then((answer) => answer.result);

export async function loadSession() {
  const told = await get("/dashboard/api/session");
  offset.ms = new Date(told.now) - Date.now();
  const kept = session.app;
  Object.assign(session, told, { isOfAll: told.app === "" });
  if (seesAll()) {
    let last = "";
    try { last = sessionStorage.getItem("xionid.app") ?? ""; } catch { /* Storage may be forbidden. */ }
    const named = new URLSearchParams(location.search).get("app");
    session.app = [named, kept, last].find((name) => session.apps.includes(name)) ?? session.apps[0] ?? "";
  }
  return session;
}
