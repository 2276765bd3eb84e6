// The frame round every page: who is signed in, where one is, what is live; and which page a path is.
import { Offline, get, isAttended, loadSession, mode, on, post, seesAll, session } from "./api.js";
import { recolor } from "./charts.js";
import { dialog, h, icon, isTyped, mayDrop, state } from "./dom.js";
import { language, languages, t, useLanguage } from "./i18n.js";
import * as f from "./format.js";
import { Live } from "./live.js";
import * as overview from "./overview.js";
import { arrive, completed, forget, hrefOf, keep, keptAt, noteWanted, push, rename, root, shownEntry, takeWanted } from "./places.js";
import * as signIn from "./sign-in.js";
import { watchTips } from "./tips.js";
import { roleName } from "./words.js";

/** What everybody opens is there at once; the others are fetched when they are, or when the browser has nothing else to do. */
const pages = [
  { path: "", page: overview, name: () => t("Overview"), key: "o" },
  { path: "requests", load: () => import("./requests.js"), name: () => t("Requests"), key: "r" },
  { path: "keys", load: () => import("./keys.js"), name: () => t("API keys"), key: "k", least: "owner" },
  { path: "templates", load: () => import("./templates.js"), name: () => t("Templates"), key: "t", least: "owner" },
  { path: "webhooks", load: () => import("./webhooks.js"), name: () => t("Webhooks"), key: "w", least: "owner" },
  { path: "operator", load: () => import("./operator.js"), name: () => t("Operations"), key: "p", least: "operator" },
  { path: "audit", load: () => import("./audit.js"), name: () => t("Audit"), key: "a", least: "owner" },
];
const requestPage = { path: "requests", load: () => import("./request.js") };
const sessionsPage = { path: "sessions", load: () => import("./sessions.js"), name: () => t("Sessions") };
async function fetched(place) {
  return (place.page ??= await place.load());
}
function fetchWhenIdle() {
  const wanted = [...pages.filter((one) => may(one.least)), requestPage, sessionsPage].filter((one) => !one.page);
  const next = () => {
    const one = wanted.shift();
    if (one) (globalThis.requestIdleCallback ?? setTimeout)(() => fetched(one).then(next, () => {}));
  };
  setTimeout(next, 3000);
}
const ranks = ["viewer", "owner", "operator"];
const may = (least) => ranks.indexOf(session.role) >= ranks.indexOf(least ?? "viewer");

const stored = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
function store(name, value) {
  try {
    value === null ? localStorage.removeItem(name) : localStorage.setItem(name, value);
  } catch { /* Storage may be forbidden. */ }
}

const frame = document.getElementById("app");
let main, liveSign, offlineSign, current = null, here = null;
const live = new Live((again) => refresh(again), sayLive);
history.scrollRestoration = "manual";

/** Leaves what is shown, which finds itself again by Back. False: somebody stays with what is typed. */
function mayLeave() {
  if (!mayDrop()) return false;
  for (const box of document.querySelectorAll("dialog")) box.remove();
  return true;
}
function unmount() {
  if (current) keep(shownEntry(), { scroll: scrollY, what: current.unmount?.() });
  current = null;
}
/** `first` is done before; false: somebody stays with what is typed. */
function go(path, query, first) {
  if (!mayLeave()) return false;
  unmount();
  first?.();
  push(completed(hrefOf(path, query)));
  show(true);
  return true;
}

/** Links within the page don't load it anew. */
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  const isOther = event.metaKey || event.ctrlKey || event.shiftKey || link?.target || link?.hasAttribute("download");
  if (!link || event.defaultPrevented || event.button !== 0 || isOther) return;
  const url = new URL(link.href);
  if (url.origin !== location.origin || !url.pathname.startsWith(root)) return;
  event.preventDefault();
  go(url.pathname.slice(root.length), Object.fromEntries(url.searchParams));
});
addEventListener("popstate", () => {
  if (!session.role) return;
  if (!mayLeave()) return push(completed(here.href));
  followApp();
  // A page that only shows something else stays: focus and scroll stay with it.
  const place = find(pathHere());
  if (current?.show && here && place?.page === here.page && place.id === here.id) {
    keep(shownEntry(), { scroll: scrollY, what: current.state?.() });
    arrive();
    here.href = location.href;
    const kept = keptAt(shownEntry());
    current.show(new URLSearchParams(location.search), kept?.what);
    follow();
    if (kept) scrollTo(0, kept.scroll);
    return;
  }
  unmount();
  arrive();
  show(false);
});

const areKeysOn = () => stored("xionid.keys") !== "off";
function keysHelp() {
  const ofOwners = may("owner") ? [["g k", t("API keys")], ["g t", t("Templates")], ["g w", t("Webhooks")], ["g a", t("Audit")]] : [];
  return [["/", t("Search requests")], ["g o", t("Overview")], ["g r", t("Requests")], ...ofOwners, ["d", t("Light or dark")],
    ["?", t("This help")]];
}
function helpDialog() {
  const rowOf = ([keys, what]) => [h("dt", null, keys.split(" ").map((key) => h("kbd", null, key))), h("dd", null, what)];
  dialog(t("Keyboard"), (close, title) => h("div.inner", null, title, h("dl.pair", null, keysHelp().map(rowOf)),
    h("p.hint", null, t("They can be switched off in the menu.")),
    h("div.row", null, h("button.button", { type: "button", onclick: close }, t("Close")))));
}
let before = "";
document.addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey || event.target.closest?.("input, textarea, select, dialog")) return;
  if (!session.role || !areKeysOn()) return;
  const isSecond = before === "g";
  before = event.key === "g" && !isSecond ? "g" : "";
  const page = isSecond && pages.find((one) => one.key === event.key && may(one.least));
  if (page) return event.preventDefault(), go(page.path);
  if (event.key === "/") {
    event.preventDefault();
    search();
  }
  if (event.key === "d") useTheme(isDark() ? "light" : "dark");
  if (event.key === "?") helpDialog();
});
/** The page of requests may have to be fetched first. */
function search() {
  const field = () => document.querySelector(".search input");
  if (field()) return field().focus();
  go("requests");
  fetched(pages[1]).then(() => setTimeout(() => field()?.focus()), () => {});
}

const prefersDark = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (document.documentElement.dataset.theme ?? (prefersDark.matches ? "dark" : "light")) === "dark";
function useTheme(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  store("xionid.theme", theme === "system" ? null : theme);
  recolor();
}
prefersDark.addEventListener("change", recolor);

function settings(redraw) {
  const theme = document.documentElement.dataset.theme ?? "system";
  const pick = (label, value, options, change) => h("label", null, label, h("select", { onchange: (event) => change(event.target.value) },
    options.map(([key, name]) => h("option", { value: key, selected: key === value }, name))));
  const zones = [["local", f.zoneName("local")], ["utc", f.zoneName("utc")]];
  return [
    pick(t("Language"), language, Object.entries(languages), async (value) => { await useLanguage(value); redraw(); }),
    pick(t("Colours"), theme, [["system", t("As the system")], ["light", t("Light")], ["dark", t("Dark")]], useTheme),
    zones[0][1] === "UTC" ? null : pick(t("Times"), f.zone(), zones, (value) => { f.useZone(value); redraw(); }),
    h("label.check", null, t("Keyboard shortcuts"), h("input", {
      type: "checkbox", checked: areKeysOn(), onchange: (event) => store("xionid.keys", event.target.checked ? null : "off") })),
  ];
}

function menu() {
  const list = h("div.menu-list", { hidden: true, id: "menu" });
  const toggle = (open) => {
    list.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) fill();
  };
  const button = h("button.icon-button", {
    "aria-label": t("Account and settings"), "aria-expanded": "false", "aria-controls": "menu", onclick: () => toggle(list.hidden),
  }, icon("person"));
  const fill = () => list.replaceChildren(
    h("div.who", null, h("b", { dir: "auto" }, session.person || t("Signed in")), roleName(session.role),
      session.app && session.role !== "operator" ? ` · ${session.app}` : ""),
    ...settings(() => { if (mayLeave()) build(); }).filter(Boolean),
    h("a", { href: hrefOf("sessions"), onclick: () => toggle(false) }, t("Sessions")),
    h("button", { type: "button", onclick: () => leave("sign-out") }, t("Sign out")),
    h("button", { type: "button", onclick: () => leave("sign-out-everywhere") }, t("Sign out everywhere")));
  const closeBy = (event) => { if (event.key === "Escape" && !list.hidden) { toggle(false); button.focus(); } };
  return Object.assign(h("div.menu", { onkeydown: closeBy }, button, list), { close: () => toggle(false) });
}
document.addEventListener("click", (event) => {
  const box = frame.querySelector(".menu");
  if (box && !box.contains(event.target) && event.target.isConnected) box.close();
});

/** What somebody chose for this browser outlives the session, which the daemon has the browser forget all of. */
const own_choices = ["xionid.language", "xionid.theme", "xionid.zone", "xionid.keys", "xionid.views"];
async function leave(how) {
  if (!mayLeave()) return;
  const choices = own_choices.map((name) => [name, stored(name)]);
  await post(`/dashboard/api/${how}`).catch(() => {});
  for (const [name, value] of choices) if (value !== null) store(name, value);
  signedOut(t("You are signed out."), true);
}

addEventListener("beforeunload", (event) => { if (isTyped()) event.preventDefault(); });

/** `isOwnWish`: nobody wants to come back to where they were. */
function signedOut(why, isOwnWish) {
  live.stop();
  session.role = "";
  if (!isOwnWish && current) noteWanted();
  if (!isOwnWish && isTyped()) return sayOver(why);
  current?.unmount?.();
  current = null;
  forget();
  for (const box of document.querySelectorAll("dialog")) box.remove();
  if (isOwnWish) history.replaceState(null, "", `${root}sign-in`);
  signIn.mount(frame, { why, entered: start });
}
/** What is typed can still be read and copied; figures can't. */
function sayOver(why) {
  frame.classList.add("is-over");
  dialog(why, (close, title) => h("div.inner", null, title,
    h("p", null, t("What you typed is still here, behind this. Open a new link in another tab, then go on here.")),
    h("div.row", null, h("button.button", { type: "button", onclick: close }, t("Back to what I typed")),
      h("button.button.primary", { type: "button", onclick: () => comeBack(close) }, t("I have signed in")))));
}
async function comeBack(close) {
  try {
    await loadSession();
  } catch {
    return;
  }
  frame.classList.remove("is-over");
  close?.();
  follow();
}

/** Signed in in another tab: this one goes on where it was. */
async function lookForSession() {
  if (session.role || isInvited() || document.hidden) return;
  if (frame.classList.contains("is-over")) return;
  try {
    await loadSession();
  } catch {
    return;
  }
  enter();
}
addEventListener("storage", (event) => { if (event.key === "xionid.entered" && event.newValue) lookForSession(); });

const beat_ms = 300;
function sayLive(how) {
  if (!liveSign) return;
  const names = { on: t("Live"), beat: t("Live"), poll: t("Every 5 s"), off: t("Reconnecting") };
  liveSign.className = `live ${how === "beat" ? "on" : how}`;
  if (liveSign.lastChild.textContent !== names[how]) liveSign.lastChild.textContent = names[how];
  if (how !== "beat") return;
  const beating = liveSign;
  beating.classList.add("beat");
  setTimeout(() => beating.classList.remove("beat"), beat_ms);
}

/** An operator looks at one app after the other. */
function chooseApp(name) {
  session.app = name;
  const pick = frame.querySelector("select.app-pick");
  if (pick) pick.value = name;
  try { sessionStorage.setItem("xionid.app", name); } catch { /* Storage may be forbidden. */ }
}
function appName() {
  if (!seesAll()) return h("span.app-name", { title: session.app, dir: "auto" }, session.app);
  const choose = (event) => {
    const query = Object.fromEntries(new URLSearchParams(location.search)), app = event.target.value;
    // A request is one app's. Whoever stays with what is typed stays with its app: it would be saved to the other one.
    const isThere = go(here?.id ? "requests" : pathHere(), here?.id ? {} : { ...query, app }, () => chooseApp(app));
    if (!isThere) event.target.value = session.app;
  };
  return h("select.app-pick", { "aria-label": t("App"), onchange: choose },
    session.apps.map((name) => h("option", { value: name, selected: name === session.app }, name)));
}
/** The address says whose app it is. */
function followApp() {
  const named = new URLSearchParams(location.search).get("app");
  if (seesAll() && session.apps.includes(named) && named !== session.app) chooseApp(named);
}

function build() {
  const places = pages.filter((one) => may(one.least));
  liveSign = h("span.live", { role: "status", "aria-live": "off" }, h("span.dot", { "aria-hidden": "true" }), h("span", null, ""));
  offlineSign = h("div.notice.bad.offline", { role: "alert", hidden: true },
    t("No connection to the daemon. What you see may be old; it goes on by itself."));
  main = h("main", { id: "main", tabindex: "-1" });
  const skip = h("a.skip", { href: "#main", onclick: (event) => { event.preventDefault(); main.focus(); } }, t("To the content"));
  const brand = h("a.brand", { href: hrefOf(""), "aria-label": "XionID" }, h("span.mark", { "aria-hidden": "true" }),
    h("span", null, "XionID"));
  const tabs = h("nav.tabs", { "aria-label": t("Pages") },
    places.map((one) => h("a", { href: hrefOf(one.path), "data-path": one.path }, one.name())));
  frame.replaceChildren(skip, h("header.top", null,
    h("div.top-in", null, brand, appName(), tabs, h("span.gap"), liveSign, menu()), offlineSign), main,
  h("footer.whose-times", null, t("Times are those of {zone}.", { zone: f.zoneName() })));
  sayLive(live.how);
  unmount();
  show(false);
}

const pathHere = () => location.pathname.slice(root.length).replace(/\/$/, "");
function find(path) {
  if (path === "sessions") return sessionsPage;
  if (!path.startsWith("requests/")) return pages.find((one) => one.path === path);
  let id = path.slice(9);
  try { id = decodeURIComponent(id); } catch { /* Not one of ours, then. */ }
  return Object.assign(Object.create(requestPage), { name: () => id, id });
}

/** The pages' names have a line of their own where the header has no room for them; where that is too short, the current one is in the
    middle. */
const bringCurrent = () => {
  const link = frame.querySelector("nav.tabs [aria-current]"), tabs = frame.querySelector("nav.tabs"), top = tabs?.closest(".top");
  top?.classList.remove("two-lines");
  top?.classList.toggle("two-lines", tabs.scrollWidth > tabs.clientWidth + 1);
  if (link) tabs.scrollLeft = link.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - link.offsetWidth) / 2;
};
addEventListener("resize", bringCurrent);

const shortest_gap_ms = 1500, longest_gap_ms = 5000;
let nextRefresh = 0, waiting = 0, running = null, gap = shortest_gap_ms;
/** One look at a time, and not more often than twice in three seconds; where changes never end, less and less often. */
function refresh(atOnce) {
  if (!current?.refresh || document.hidden && !atOnce || waiting || running) return;
  const wait = Math.max(0, nextRefresh - Date.now());
  gap = wait > 0 && !atOnce ? Math.min(longest_gap_ms, gap * 1.25) : shortest_gap_ms;
  waiting = setTimeout(() => {
    waiting = 0;
    nextRefresh = Date.now() + gap;
    running = Promise.resolve(current?.refresh?.()).finally(() => { running = null; });
  }, wait);
}
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  if (session.role) refresh(true);
  else lookForSession();
});

function mark(place) {
  for (const link of frame.querySelectorAll("nav.tabs a")) {
    link.href = hrefOf(link.dataset.path);
    if (place && link.dataset.path === place.path) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  bringCurrent();
}

function show(moved) {
  followApp();
  if (pathHere() === "sign-in" && !location.hash) rename(hrefOf(""));
  else rename(completed(location.href));
  const place = find(pathHere());
  here = { ...place, page: place?.page, id: place?.id, href: location.href };
  mark(place);
  document.title = place ? `${place.name()} · XionID` : "XionID";
  const page = h("div.page");
  // Paper has no header that says whose figures these are.
  main.dataset.app = place?.path === "operator" ? "" : session.app;
  main.replaceChildren(page);
  main.removeAttribute("aria-busy");
  mode.test = false;
  follow();
  const refusal = refusalOf(place);
  if (refusal) page.append(h("h1.sr", null, "XionID"), h("div.card", null, refusal));
  else if (place.page) mount(place, page, moved);
  else fetchThen(place, page, moved);
  if (moved) scrollTo(0, 0);
}
/** Why there is no page; null: there is one. */
function refusalOf(place) {
  const home = () => h("a.button", { href: hrefOf("") }, t("Overview"));
  if (!place) return state("alert", t("There is no such page"), null, home());
  if (!may(place.least)) {
    const roles = { role: roleName(place.least), mine: roleName(session.role) };
    return state("alert", t("This page is not for your role"), t("It needs the role {role}; yours is {mine}.", roles), home());
  }
  const needsApp = !["operator", "audit", "sessions"].includes(place.path);
  if (!seesAll() || session.app || !needsApp) return null;
  return state("inbox", t("There is no app yet"), t("Make one on the daemon's machine:"), h("pre", null, "xionctl app add shop"));
}

function mount(place, page, moved) {
  nextRefresh = Date.now() + shortest_gap_ms;   // It looks by itself at first.
  const kept = moved ? undefined : keptAt(shownEntry());
  here.page = place.page;
  current = place.page.mount(page, { id: place.id, go, chooseApp, query: new URLSearchParams(location.search), kept: kept?.what });
  if (kept) scrollTo(0, kept.scroll);
  if (!moved) return;
  const title = page.querySelector("h1");
  title?.setAttribute("tabindex", "-1");
  title?.focus({ preventScroll: true });
}

/** Somebody may have gone on meanwhile. */
async function fetchThen(place, page, moved) {
  page.append(h("h1", null, place.name()), h("div.card.skeleton.huge"));
  try {
    place.page = await fetched(Object.getPrototypeOf(place) === Object.prototype ? place : Object.getPrototypeOf(place));
  } catch {
    const again = h("button.button", { type: "button", onclick: () => show(moved) }, t("Try again"));
    const told = h("div.card", null, state("cloud", t("No connection to the daemon"), null, again));
    if (page.isConnected) page.replaceChildren(h("h1", null, place.name()), told);
    return;
  }
  if (!page.isConnected) return;
  page.replaceChildren();
  mount(place, page, moved);
}

/** An operator's page of operations is told of everything; every other of its app. */
function follow() {
  const app = seesAll() && pathHere() !== "operator" ? session.app : "";
  if (live.source === undefined || live.app !== app || live.how === "off") live.start(app);
}

on("signedOut", () => { if (session.role) signedOut(t("Your session is over. Ask for a new link.")); });
const probe_ms = 2000;
let probing = 0;
const probe = () => get("/dashboard/api/session").catch(() => {});
addEventListener("online", probe);
// A session lives while it is used, and its cookie with it.
const keep_ms = 300_000;
setInterval(() => { if (session.role && isAttended()) probe(); }, keep_ms);
on("online", (isOnline) => {
  clearTimeout(probing);
  if (!isOnline && session.role) {
    probing = setTimeout(probe, probe_ms);
    live.doubt();
  }
  if (!offlineSign || offlineSign.hidden === isOnline) return;
  offlineSign.hidden = isOnline;
  if (isOnline && session.role) refresh(true);
});

async function start() {
  try {
    await loadSession();
  } catch (failure) {
    if (failure instanceof Offline) {
      frame.replaceChildren(h("div.sign-in", null, h("div.card", null,
        state("cloud", t("The daemon does not answer"), t("It may be restarting. This page tries again by itself.")))));
      return setTimeout(start, 2000);
    }
    noteWanted();
    return signedOut("");
  }
  store("xionid.entered", String(Date.now()));
  enter();
}
function enter() {
  if (location.pathname === `${root}sign-in`) rename(takeWanted());
  followApp();
  build();
  fetchWhenIdle();
}

const isInvited = () => location.pathname === `${root}sign-in` && location.hash.length > 1;
const welcome = () => signIn.mount(frame, { token: location.hash.slice(1), entered: start });
// A new link in the place of one that is over changes only what stands behind the #.
addEventListener("hashchange", () => { if (isInvited()) welcome(); });

watchTips();
await useLanguage();
if (isInvited()) welcome();
else start();
