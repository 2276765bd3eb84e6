// Addresses of the page: what stands in one is enough to come back to it, or to send somebody there.
import { seesAll, session } from "./api.js";

export const root = "/dashboard/";

/** Where `path` is, with what is given of `query`. An operator's address names the app that is looked at. */
export function hrefOf(path, query) {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  if (seesAll() && session.app && !given.some(([name]) => name === "app")) given.push(["app", session.app]);
  return `${root}${path}${given.length ? `?${new URLSearchParams(given)}` : ""}`;
}
/** The same for an address that is whole already. */
export function completed(href) {
  const url = new URL(href, location.href);
  return hrefOf(url.pathname.slice(root.length), Object.fromEntries(url.searchParams)) + url.hash;
}

/** Every entry of the history has a number, by which a page finds again what it showed there. */
let last = Date.now(), shown = 0;
export function push(href) {
  shown = ++last;
  history.pushState({ entry: shown, from: location.pathname }, "", href);
}
export function rename(href) {
  shown = history.state?.entry ?? ++last;
  history.replaceState({ ...history.state, entry: shown }, "", href);
}
/** Whether Back leads to that page. */
export const cameFrom = (path) => history.state?.from === root + path;
/** The entry that is on the screen; after Back it is another one than the history's until `arrive`. */
export const shownEntry = () => shown;
export const arrive = () => rename(location.href);

const kept = new Map(), kept_at_most = 12;
/** Keeps what a page showed, for whoever comes back to this entry of the history. */
export function keep(number, what) {
  kept.delete(number);
  kept.set(number, what);
  while (kept.size > kept_at_most) kept.delete(kept.keys().next().value);
}
export const keptAt = (number) => kept.get(number);
export const forget = () => kept.clear();

/** Where somebody wanted to go who was signed out: the link that lets them in may open in another tab. */
const wanted_for_ms = 3_600_000;
export function noteWanted() {
  if (location.pathname.startsWith(`${root}sign-in`)) return;
  try {
    localStorage.setItem("xionid.wanted", JSON.stringify({ at: Date.now(), path: location.pathname + location.search }));
  } catch { /* Storage may be forbidden. */ }
}
/** Takes it back out; only a place of this page is one. */
export function takeWanted() {
  try {
    const { at, path } = JSON.parse(localStorage.getItem("xionid.wanted"));
    localStorage.removeItem("xionid.wanted");
    const url = new URL(path, location.origin);
    const isOurs = url.origin === location.origin && url.pathname.startsWith(root) && !url.pathname.startsWith(`${root}sign-in`);
    return isOurs && Date.now() - at < wanted_for_ms ? url.pathname + url.search : root;
  } catch {
    return root;
  }
}
