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

export const session = { role: "", app: "", apps: [], person: "" };
export const mode = { test: false };
const listeners = { signedOut: [], online: [] };
export const on = (event, act) => listeners[event].push(act);
const tell = (event, value) => listeners[event].forEach((act) => act(value));

function headers(more) {
  const all = { Accept: "application/json", ...more };
  if (session.role === "operator" && session.app) all["X-XionID-App"] = session.app;
  if (mode.test) all["X-XionID-Test"] = "true";
  return all;
}

async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(path, { credentials: "same-origin", cache: "no-store", ...options });
  } catch (failure) {
    if (failure.name === "AbortError") throw failure;
    tell("online", false);
    throw new Offline();
  }
  tell("online", true);
  const body = await answer.json().catch(() => null);
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
export const manage = (name, body) => (body === undefined ? get(`/dashboard/api/${name}`) : post(`/dashboard/api/${name}`, body)).then((answer) => answer.result);

export async function loadSession() {
  const told = await get("/dashboard/api/session");
  offset.ms = new Date(told.now) - Date.now();
  const kept = session.app;
  Object.assign(session, told);
  if (session.role === "operator") {
    let chosen = kept;
    try { chosen ||= sessionStorage.getItem("xionid.app") ?? ""; } catch { /* Storage may be forbidden. */ }
    session.app = session.apps.includes(chosen) ? chosen : session.apps[0] ?? "";
  }
  return session;
}

/** Live changes: by server-sent events; where they don't come through, the page asks every five seconds. */
export class Live {
  constructor(changed, told) {
    this.changed = changed;
    this.told = told;
    this.failures = 0;
  }
  start(app) {
    this.stop();
    if (this.failures > 2 || !globalThis.EventSource) return this.poll();
    const source = new EventSource(`/dashboard/api/events${app ? `?app=${encodeURIComponent(app)}` : ""}`);
    this.source = source;
    source.addEventListener("hello", () => { this.failures = 0; this.told("on"); this.changed(true); });
    source.addEventListener("change", () => { this.told("beat"); this.changed(); });
    source.addEventListener("end", () => { this.stop(); tell("signedOut"); });
    source.onerror = () => {
      this.told("off");
      ++this.failures;
      source.close();
      this.again = setTimeout(() => this.start(app), Math.min(10_000, 1000 * 2 ** this.failures));
    };
  }
  poll() {
    this.told("poll");
    this.timer = setInterval(() => this.changed(), 5000);
  }
  stop() {
    this.source?.close();
    clearInterval(this.timer);
    clearTimeout(this.again);
  }
}
