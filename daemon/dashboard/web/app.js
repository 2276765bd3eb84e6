// The frame round every page: who is signed in, where one is, what is live; and which page a path is.
import { Live, Offline, loadSession, on, post, session, mode } from "./api.js";
import { recolor } from "./charts.js";
import { dialog, h, icon, state } from "./dom.js";
import { language, languages, t, useLanguage } from "./i18n.js";
import * as overview from "./overview.js";
import * as request from "./request.js";
import * as requests from "./requests.js";
import * as signIn from "./sign-in.js";
import { roleName } from "./words.js";

const root = "/dashboard/";
/** What everybody opens is there at once; the others are fetched when they are, or when the browser has nothing else to do. */
const pages = [
  { path: "", page: overview, name: () => t("Overview"), key: "o" },
  { path: "requests", page: requests, name: () => t("Requests"), key: "r" },
  { path: "keys", load: () => import("./keys.js"), name: () => t("API keys"), key: "k", least: "owner" },
  { path: "templates", load: () => import("./templates.js"), name: () => t("Templates"), key: "t", least: "owner" },
  { path: "webhooks", load: () => import("./webhooks.js"), name: () => t("Webhooks"), key: "w", least: "owner" },
  { path: "operator", load: () => import("./operator.js"), name: () => t("Operations"), key: "p", least: "operator" },
];
const sessionsPage = { path: "sessions", load: () => import("./sessions.js"), name: () => t("Sessions") };
async function fetched(place) {
  return (place.page ??= await place.load());
}
function fetchWhenIdle() {
  const wanted = [...pages.filter((one) => may(one.least)), sessionsPage].filter((one) => !one.page);
  const next = () => { const one = wanted.shift(); if (one) (globalThis.requestIdleCallback ?? setTimeout)(() => fetched(one).then(next, () => {})); };
  setTimeout(next, 3000);
}
const ranks = ["viewer", "owner", "operator"];
const may = (least) => ranks.indexOf(session.role) >= ranks.indexOf(least ?? "viewer");

const frame = document.getElementById("app");
let main, liveSign, offlineSign, current = null, live = null;

function go(path, replace = false) {
  history[replace ? "replaceState" : "pushState"](null, "", root + path);
  show(true);
}

/** Links within the page don't load it anew. */
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || link.target || link.hasAttribute("download")) return;
  const url = new URL(link.href);
  if (url.origin !== location.origin || !url.pathname.startsWith(root)) return;
  event.preventDefault();
  go(url.pathname.slice(root.length) + url.search);
});
addEventListener("popstate", () => { if (session.role) show(true); });

const keysHelp = () => [["/", t("Search requests")], ["g o", t("Overview")], ["g r", t("Requests")], ...(may("owner") ? [["g k", t("API keys")], ["g t", t("Templates")], ["g w", t("Webhooks")]] : []), ["d", t("Light or dark")], ["?", t("This help")]];
let before = "";
document.addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey || event.target.closest?.("input, textarea, select, dialog") || !session.role) return;
  if (before === "g") {
    const page = pages.find((one) => one.key === event.key && may(one.least));
    before = "";
    if (page) return event.preventDefault(), go(page.path);
  }
  before = event.key === "g" ? "g" : "";
  if (event.key === "/") {
    event.preventDefault();
    if (!document.querySelector(".search input")) go("requests");
    document.querySelector(".search input")?.focus();
  }
  if (event.key === "d") useTheme(isDark() ? "light" : "dark");
  if (event.key === "?") {
    dialog(t("Keyboard"), (close, title) => h("div.inner", null, title, h("dl.pair", null, keysHelp().map(([keys, what]) => [h("dt", null, keys.split(" ").map((key) => h("kbd", null, key))), h("dd", null, what)])), h("div.row", null, h("button.button", { onclick: close }, t("Close")))));
  }
});

const isDark = () => (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
function useTheme(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try { theme === "system" ? localStorage.removeItem("xionid.theme") : localStorage.setItem("xionid.theme", theme); } catch { /* Storage may be forbidden. */ }
  recolor();
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolor);

function menu() {
  const list = h("div.menu-list", { hidden: true, id: "menu" });
  const button = h("button.icon-button", { "aria-label": t("Account and settings"), "aria-expanded": "false", "aria-controls": "menu", onclick: () => toggle(list.hidden) }, icon("person"));
  const toggle = (open) => {
    list.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) fill();
  };
  const fill = () => {
    const theme = document.documentElement.dataset.theme ?? "system";
    const pick = (label, value, options, change) => h("label", null, label, h("select", { value, onchange: (event) => change(event.target.value) }, options.map(([key, name]) => h("option", { value: key, selected: key === value }, name))));
    list.replaceChildren(
      h("div.who", null, h("b", null, session.person || t("Signed in")), roleName(session.role), session.app && session.role !== "operator" ? ` · ${session.app}` : ""),
      pick(t("Language"), language, Object.entries(languages), async (value) => { await useLanguage(value); build(); }),
      pick(t("Colours"), theme, [["system", t("As the system")], ["light", t("Light")], ["dark", t("Dark")]], useTheme),
      h("a", { href: `${root}sessions`, onclick: () => toggle(false) }, t("Sessions")),
      h("button", { onclick: () => leave("sign-out") }, t("Sign out")),
      h("button", { onclick: () => leave("sign-out-everywhere") }, t("Sign out everywhere")));
  };
  const box = h("div.menu", { onkeydown: (event) => { if (event.key === "Escape" && !list.hidden) { toggle(false); button.focus(); } } }, button, list);
  document.addEventListener("click", (event) => { if (!list.hidden && !box.contains(event.target)) toggle(false); });
  return box;
}

async function leave(how) {
  await post(`/dashboard/api/${how}`).catch(() => {});
  signedOut(t("You are signed out."));
}
function signedOut(why) {
  live?.stop();
  session.role = "";
  current?.unmount?.();
  current = null;
  history.replaceState(null, "", `${root}sign-in`);
  signIn.mount(frame, { why, entered: start });
}

function sayLive(how) {
  if (!liveSign) return;
  const names = { on: t("Live"), beat: t("Live"), poll: t("Every 5 s"), off: t("Reconnecting") };
  liveSign.className = `live ${how === "beat" ? "on" : how}`;
  liveSign.lastChild.textContent = names[how];
  if (how === "beat") { void liveSign.offsetWidth; liveSign.classList.add("beat"); }
}

/** An operator looks at one app after the other. */
function chooseApp(name) {
  session.app = name;
  const pick = frame.querySelector("select.app-pick");
  if (pick) pick.value = name;
  try { sessionStorage.setItem("xionid.app", name); } catch { /* Storage may be forbidden. */ }
  follow();
}

function appName() {
  if (session.role !== "operator") return h("span.app-name", { title: session.app }, session.app);
  return h("select.app-pick", { "aria-label": t("App"), value: session.app, onchange: (event) => {
    chooseApp(event.target.value);
    show(false);
  } }, session.apps.map((name) => h("option", { value: name, selected: name === session.app }, name)));
}

function build() {
  const places = pages.filter((one) => may(one.least));
  liveSign = h("span.live", { role: "status", "aria-live": "off" }, h("span.dot", { "aria-hidden": "true" }), h("span", null, ""));
  offlineSign = h("div.notice.bad.offline", { role: "alert", hidden: true }, t("No connection to the daemon. What you see may be old; it goes on by itself."));
  main = h("main", { id: "main", tabindex: "-1" });
  frame.replaceChildren(
    h("a.skip", { href: "#main", onclick: (event) => { event.preventDefault(); main.focus(); } }, t("To the content")),
    h("header.top", null,
      h("div.top-in", null, h("a.brand", { href: root, "aria-label": "XionID" }, h("span.mark", { "aria-hidden": "true" }), h("span", null, "XionID")), appName(),
        h("nav.tabs", { "aria-label": t("Pages") }, places.map((one) => h("a", { href: root + one.path, "data-path": one.path }, one.name()))), h("span.gap"), liveSign, menu())),
    offlineSign, main);
  sayLive(live?.source ? "on" : "off");
  show(false);
}

function find(path) {
  if (path === "sessions") return sessionsPage;
  if (path.startsWith("requests/")) return { page: request, name: () => path.slice(9), path: "requests", id: decodeURIComponent(path.slice(9)) };
  return pages.find((one) => one.path === path);
}

/** Where the pages' names don't fit, the current one is in the middle. */
const bringCurrent = () => {
  const link = frame.querySelector("nav.tabs [aria-current]"), tabs = link?.parentElement;
  if (tabs) tabs.scrollLeft = link.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - link.offsetWidth) / 2;
};
addEventListener("resize", bringCurrent);

let nextRefresh = 0, waiting = 0;
/** One look at a time, and not more often than twice in three seconds. */
function refresh(atOnce) {
  if (!current?.refresh || document.hidden && !atOnce) return;
  clearTimeout(waiting);
  const wait = Math.max(0, nextRefresh - Date.now());
  waiting = setTimeout(() => {
    nextRefresh = Date.now() + 1500;
    current?.refresh?.();
  }, wait);
}
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(true); });

function show(moved) {
  const path = location.pathname.slice(root.length).replace(/\/$/, "");
  if (path === "sign-in" && !location.hash) return go("", true);
  const place = find(path);
  current?.unmount?.();
  current = null;
  for (const link of frame.querySelectorAll("nav.tabs a")) {
    if (place && link.dataset.path === place.path) { link.setAttribute("aria-current", "page"); bringCurrent(); } else link.removeAttribute("aria-current");
  }
  document.title = place ? `${place.name()} · XionID` : "XionID";
  const page = h("div.page");
  main.replaceChildren(page);
  main.removeAttribute("aria-busy");
  mode.test = false;
  if (!place) page.append(h("h1.sr", null, "XionID"), h("div.card", null, state("alert", t("There is no such page"), null, h("a.button", { href: root }, t("Overview")))));
  else if (!may(place.least)) page.append(h("h1.sr", null, "XionID"), h("div.card", null, state("alert", t("This page is not for your role"), t("It needs the role {role}; yours is {mine}.", { role: roleName(place.least), mine: roleName(session.role) }), h("a.button", { href: root }, t("Overview")))));
  else if (session.role === "operator" && !session.app && place.path !== "operator" && place.path !== "sessions") page.append(h("h1.sr", null, "XionID"), h("div.card", null, state("inbox", t("There is no app yet"), t("Make one on the daemon's machine:"), h("pre", null, "xionctl app add shop"))));
  else if (place.page) mount(place, page, moved);
  else fetchThen(place, page, moved);
  if (moved) scrollTo(0, 0);
}

function mount(place, page, moved) {
  current = place.page.mount(page, { id: place.id, go, chooseApp, query: new URLSearchParams(location.search) });
  if (!moved) return;
  const title = page.querySelector("h1");
  title?.setAttribute("tabindex", "-1");
  title?.focus({ preventScroll: true });
}

/** Somebody may have gone on meanwhile. */
async function fetchThen(place, page, moved) {
  page.append(h("h1", null, place.name()), h("div.card.skeleton.huge"));
  try {
    await fetched(place);
  } catch {
    if (page.isConnected) page.replaceChildren(h("h1", null, place.name()), h("div.card", null, state("cloud", t("No connection to the daemon"), null, h("button.button", { type: "button", onclick: () => show(moved) }, t("Try again")))));
    return;
  }
  if (!page.isConnected) return;
  page.replaceChildren();
  mount(place, page, moved);
}

function follow() {
  live ??= new Live((again) => refresh(again), sayLive);
  live.start(session.role === "operator" && !location.pathname.startsWith(`${root}operator`) ? session.app : "");
}

on("signedOut", () => { if (session.role) signedOut(t("Your session is over. Ask for a new link.")); });
on("online", (isOnline) => {
  if (offlineSign && offlineSign.hidden !== isOnline) { offlineSign.hidden = isOnline; if (isOnline) refresh(true); }
});

async function start() {
  try {
    await loadSession();
  } catch (failure) {
    if (failure instanceof Offline) {
      frame.replaceChildren(h("div.sign-in", null, h("div.card", null, state("cloud", t("The daemon does not answer"), t("It may be restarting. This page tries again by itself.")))));
      return setTimeout(start, 2000);
    }
    return signedOut("");
  }
  if (location.pathname === `${root}sign-in`) history.replaceState(null, "", root);
  build();
  follow();
  fetchWhenIdle();
}

const isInvited = () => location.pathname === `${root}sign-in` && location.hash.length > 1;
const welcome = () => signIn.mount(frame, { token: location.hash.slice(1), entered: start });
// A new link in the place of one that is over changes only what stands behind the #.
addEventListener("hashchange", () => { if (isInvited()) welcome(); });

await useLanguage();
if (isInvited()) welcome();
else start();
