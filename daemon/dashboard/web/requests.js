// The log: GET /v1/otp by its own filters and cursor.
import { download, get, mode } from "./api.js";
import { h, icon, isTyped, onReturn, pill, put, replace, skeleton, state, toast } from "./dom.js";
import { t } from "./i18n.js";
import * as f from "./format.js";
import { hrefOf, keep, push, rename, shownEntry } from "./places.js";
import { paramsOf, resolve } from "./search.js";
import { deliveryKind, deliveryName, problemText, reasonName, statusKind, statusName } from "./words.js";

const page_size = 50, shown_at_most = 1000, dropped_at_once = 500, live_at_most = 200, empty_pages_at_most = 20;
const statuses = ["pending", "verified", "expired", "locked", "canceled", "blocked", "failed"];
const deliveries = ["queued", "submitted", "delivered", "undelivered", "expired", "rejected", "unknown"];
const filters = ["q", "status", "delivery", "country", "route", "carrier", "error", "reason", "phoneOf", "from", "to"];

/** What an address asks for; what is no filter of ours changes nothing. */
function filterOf(query) {
  const filter = Object.fromEntries(filters.map((name) => [name, query.get(name) ?? ""]));
  if (!statuses.includes(filter.status)) filter.status = "";
  if (!deliveries.includes(filter.delivery)) filter.delivery = "";
  if (!/^[A-Z]{2}$/.test(filter.country)) filter.country = "";
  for (const name of ["from", "to"]) if (Number.isNaN(Date.parse(filter[name]))) filter[name] = "";
  return filter;
}
const isDay = (text) => /^\d{4}-\d\d-\d\d$/.test(text);

/** Where there is no room, a row is a card of three lines: `aside` says there what has no cell. */
function rowOf(item, go, isFresh) {
  const { delivery } = item, href = hrefOf(`requests/${item.requestId}`);
  const took = delivery.latencyMs === undefined ? "" : f.latency(delivery.latencyMs);
  const open = (event) => { if (!event.target.closest("a") && !getSelection()?.toString()) go(`requests/${item.requestId}`); };
  const came = item.status === "blocked" ? h("span.muted", null, reasonName(item.reason ?? ""))
    : [pill(deliveryName(delivery.status), deliveryKind[delivery.status]),
      item.status === "failed" && item.reason ? h("span.muted", null, ` ${reasonName(item.reason)}`) : null];
  return h("tr.opens", { class: isFresh ? "fresh" : "", "data-id": item.requestId, onclick: open },
    h("td.when", null, h("time", { datetime: item.createdAt }, f.moment(item.createdAt))),
    h("td.phone", null, h("b", null, item.phone)),
    h("td.how", null, pill(statusName(item.status), statusKind[item.status])),
    h("td.came", null, came),
    h("td.wide-only", null, h("span", { title: f.country(item.country) }, item.country || f.nothing)),
    h("td.wide-only.breaks", null, delivery.route || ""),
    h("td.wide-only.number-cell", null, took),
    h("td.id", null, h("a.mono", { href }, item.requestId)),
    h("td.aside", { "aria-hidden": "true" }, [item.country, took].filter(Boolean).join(" · ")));
}

/** The rows that are shown, in the order of the log, and what is known of those that are not. */
class Rows {
  constructor(go) {
    this.go = go;
    this.body = h("tbody");
    this.clear();
  }
  clear() {
    this.items = [];
    this.next = null;
    this.isCut = false;   // Newer ones were dropped at the top.
    this.waiting = 0;     // Newer ones that are not shown yet; a page or more.
    this.body.replaceChildren();
  }
  add(items, next) {
    this.items.push(...items);
    this.next = next;
    this.body.append(...items.map((item) => rowOf(item, this.go)));
    if (this.items.length <= shown_at_most) return;
    const gone = [...this.body.children].slice(0, dropped_at_once);
    const height = gone.at(-1).getBoundingClientRect().bottom - gone[0].getBoundingClientRect().top, was = scrollY;
    gone.forEach((row) => row.remove());
    this.items.splice(0, dropped_at_once);
    this.isCut = true;
    // Where the browser has kept what is read in its place already, there is nothing left to do.
    if (scrollY === was) scrollBy(0, -height);
  }
  /** What changed is drawn anew where it stands. Those that are new come on top, if `mayMove`; else they are counted. */
  update(items, mayMove) {
    const known = new Map(this.items.map((item, at) => [item.requestId, at]));
    const fresh = items.filter((item) => !known.has(item.requestId));
    for (const item of items) {
      const at = known.get(item.requestId);
      if (at === undefined || JSON.stringify(this.items[at]) === JSON.stringify(item)) continue;
      this.items[at] = item;
      put(this.body.children[at], item, () => [...rowOf(item, this.go).children]);
    }
    this.waiting = this.isCut ? Math.max(this.waiting, fresh.length) : fresh.length;
    if (!fresh.length || !mayMove || this.isCut) return;
    if (fresh.length >= page_size) return void this.restart(items);
    this.waiting = 0;
    this.items.unshift(...fresh);
    this.body.prepend(...fresh.map((item) => rowOf(item, this.go, true)));
    while (this.items.length > live_at_most) {
      this.items.pop();
      this.body.lastChild.remove();
      this.next = this.items.at(-1).requestId.slice(4);
    }
  }
  /** A whole page of new ones: what lies between is not known any more. */
  restart(items) {
    this.clear();
    this.add(items, items.at(-1).requestId.slice(4));
  }
}

export function mount(page, { go, query, kept }) {
  let filter = filterOf(query), params = null, busy = false, stopped = false, run = 0, timer = 0, isTyping = false, way = "";
  mode.test = query.get("test") === "true";
  const rows = new Rows(go);
  const zone = h("span.muted", null, ` (${f.zoneName()})`);
  const titles = [[t("Created"), zone], t("Phone"), t("State"), t("Delivery"), t("Country"), t("Route"), t("Delivery time"), t("Request")];
  const table = h("table.folds.requests", null, h("thead", null, h("tr", null, titles.map((name, at) => h("th", { scope: "col", class: at === 6 ? "number-cell" : "" }, name)))), rows.body);
  const foot = h("div.foot"), fresh = h("button.button.small.primary.fresh-rows", { type: "button", hidden: true, onclick: () => { scrollTo(0, 0); load(); } });
  const list = h("div.card.bare", null, h("div.fresh-holder", null, fresh), h("div.table-wrap.alone", null, table), foot);
  const count = h("span.sub", { role: "status" });
  const tools = filterTools(() => filter, change, typed);
  page.append(h("div.head", null, h("h1", null, t("Requests")), count, headTools()), tools.element, list);

  function headTools() {
    const test = h("input", { type: "checkbox", checked: mode.test, onchange: (event) => { mode.test = event.target.checked; change({}); } });
    const save = (kind, name) => h("button.button", { type: "button", onclick: (event) => saveAll(kind, event.currentTarget) }, icon("download"), name);
    return h("div.row", null, h("label.check", null, test, t("Test keys")), save("csv", t("CSV")), save("ndjson", t("NDJSON")));
  }
  /** The whole of what is filtered, not what happens to be shown. */
  async function saveAll(kind, button) {
    button.disabled = true;
    toast(t("Collecting all that fits …"));
    try {
      const { limit, ...all } = await asked();
      await download(`/v1/exports/otp.${kind}`, all, `requests-${f.today()}.${kind}`);
    } catch (failure) {
      toast(problemText(failure));
    } finally {
      button.disabled = false;
    }
  }

  const address = () => hrefOf("requests", { ...filter, test: mode.test ? "true" : "" });
  const snapshot = () => ({ address: address(), items: rows.items, next: rows.next, isCut: rows.isCut, params, way });
  /** Every choice is a step that Back undoes; what is typed in one go is one. */
  function change(wish) {
    keep(shownEntry(), { scroll: scrollY, what: snapshot() });
    Object.assign(filter, wish);
    isTyping = false;
    push(address());
    tools.mark();
    load();
  }
  function typed(text, isDone) {
    clearTimeout(timer);
    const take = () => {
      if (text === filter.q && !isDone) return;
      if (!isTyping) keep(shownEntry(), { scroll: scrollY, what: snapshot() });
      filter.q = text;
      isTyping ? rename(address()) : push(address());
      isTyping = !isDone;
      tools.mark();
      load();
    };
    if (isDone) take();
    else timer = setTimeout(take, 300);
  }

  /** What the API is asked: `params` once it is known what the search means. */
  async function asked() {
    const fixed = { limit: page_size, ...paramsOf(filter) };
    if (filter.q && !params) {
      const found = await resolve(filter.q, fixed);
      if (found.id) return { id: found.id };
      params = found.params;
      way = found.way;
    }
    return { ...fixed, ...params };
  }

  async function load() {
    const mine = ++run;
    busy = false;
    params = null;
    way = "";
    rows.clear();
    replace(foot, h("div.wide", null, skeleton(6)));
    count.textContent = "";
    await more(mine);
  }

  async function more(mine = run) {
    if (busy && mine === run) return;
    busy = true;
    try {
      for (let left = empty_pages_at_most; left > 0; --left) {
        const query = await asked();
        if (stopped || mine !== run) return;
        if (query.id) return open(query.id);
        const answer = await get("/v1/otp", { ...query, cursor: rows.next ?? "" });
        if (stopped || mine !== run) return;
        rows.add(answer.items, answer.nextCursor ?? null);
        told();
        const isFull = answer.items.length > 0 && foot.getBoundingClientRect().top > innerHeight + 400;
        if (!rows.next || isFull || answer.items.length === page_size) break;
      }
    } catch (failure) {
      if (stopped || mine !== run) return;
      const again = h("button.button.small", { type: "button", onclick: () => more(mine) }, t("Try again"));
      replace(foot, h("div.notice.bad", { role: "alert" }, h("span", null, problemText(failure)), again));
    } finally {
      if (mine === run) busy = false;
    }
  }

  /** Back leads to the list, not to the search that leads here again. */
  function open(id) {
    filter.q = "";
    rename(address());
    go(`requests/${id}`);
  }

  function told() {
    page.dataset.ready = String(rows.items.length);
    const ways = { reference: t("by reference"), phone: t("by phone"), userId: t("by user"), phoneEnds: t("by the phone's last digits") };
    const shown = t("{n} shown", { n: f.number(rows.items.length) });
    count.textContent = rows.items.length ? [shown, ways[way]].filter(Boolean).join(" · ") : "";
    const isMany = rows.waiting >= page_size;
    fresh.hidden = !rows.waiting && !rows.isCut;
    const text = !rows.waiting ? t("To the newest") : isMany ? t("{n} or more new", { n: f.number(rows.waiting) }) : t("{n} new", { n: f.number(rows.waiting) });
    if (fresh.textContent !== text) fresh.textContent = text;
    const isFiltered = Object.values(filter).some(Boolean);
    put(foot, [rows.items.length > 0, rows.next !== null, isFiltered], () => {
      if (rows.items.length && !rows.next) return t("End of the list");
      if (rows.next) return h("button.button", { type: "button", onclick: () => more() }, rows.items.length ? t("Show more") : t("Look further back"));
      if (isFiltered) return state("search", t("Nothing fits"), t("No request matches what you look for."), h("button.button", { type: "button", onclick: () => go("requests") }, t("Show all")));
      return state("inbox", t("No requests yet"), t("The first one shows up here by itself."), h("pre", null, "curl -X POST …/v1/otp/send -H 'Authorization: Bearer xk_…' -d '{\"phone\": \"+374…\"}'"));
    });
  }

  /** Nobody reads further down, is at a row by keyboard, or has marked something. */
  const mayMove = () => scrollY < 60 && !rows.body.contains(document.activeElement) && !getSelection()?.toString() && !isTyped();
  async function refresh() {
    if (busy || !rows.items.length && foot.querySelector(".skeleton")) return;
    const mine = run;
    try {
      const query = await asked();
      if (query.id) return;
      const answer = await get("/v1/otp", query);
      if (stopped || mine !== run || busy) return;
      rows.update(answer.items, mayMove());
      told();
    } catch { /* The next look tells. */ }
  }

  /** As it was when it was left; what happened since comes by the next look. */
  function restore(was) {
    ++run;
    busy = false;
    rows.clear();
    ({ params, way } = was);
    rows.add(was.items, was.next);
    rows.isCut = was.isCut;
    told();
    refresh();
  }
  const watch = new IntersectionObserver((seen) => { if (seen.some((one) => one.isIntersecting) && rows.next && !busy) more(); }, { rootMargin: "400px" });
  watch.observe(foot);
  kept?.address === address() ? restore(kept) : load();
  return {
    refresh, state: snapshot,
    show(query, was) {
      filter = filterOf(query);
      mode.test = query.get("test") === "true";
      page.querySelector(".head input").checked = mode.test;
      isTyping = false;
      tools.mark();
      was?.address === address() ? restore(was) : load();
    },
    unmount() {
      const last = snapshot();
      stopped = true;
      watch.disconnect();
      clearTimeout(timer);
      mode.test = false;
      return last;
    },
  };
}

/** The search, the lists to choose from, and what else an address asked for, to be taken back one by one. */
function filterTools(filterNow, change, typed) {
  const search = h("input", { type: "search", placeholder: t("Phone, id, reference or user"), maxlength: 128, autocomplete: "off", spellcheck: "false", dir: "auto",
    oninput: (event) => typed(event.target.value.trim(), false) });
  onReturn(search, () => typed(search.value.trim(), true));
  const selects = {};
  const select = (name, label, options, nameOf) => {
    const option = (value) => h("option", { value }, nameOf(value));
    const element = h("select", { onchange: (event) => change({ [name]: event.target.value }) }, h("option", { value: "" }, t("All")), options.map(option));
    selects[name] = { element, add: (value) => { if (value && ![...element.options].some((one) => one.value === value)) element.append(option(value)); } };
    return h("label.field", null, h("span", null, label), element);
  };
  const dates = {};
  const day = (name, label) => {
    dates[name] = h("input", { type: "date", max: f.dayIn(f.serverNow()), onchange: (event) => change({ [name]: event.target.value }) });
    return h("label.field", null, h("span", null, label), dates[name]);
  };
  const chips = h("div.chips", { role: "group", "aria-label": t("Also asked for") });
  const element = h("form.filters", { role: "search", onsubmit: (event) => event.preventDefault() },
    h("label.field.search", null, h("span", null, t("Search")), search, icon("search")),
    select("status", t("State"), statuses, statusName), select("delivery", t("Delivery"), deliveries, deliveryName), select("country", t("Country"), [], f.country),
    select("route", t("Route"), [], String), select("carrier", t("Carrier"), [], String), day("from", t("From")), day("to", t("To")), chips);

  function mark() {
    const filter = filterNow();
    if (document.activeElement !== search) search.value = filter.q;
    for (const [name, { element, add }] of Object.entries(selects)) {
      add(filter[name]);
      element.value = filter[name];
    }
    for (const [name, input] of Object.entries(dates)) {
      // An hour within a day is not the day; what ends at midnight has the day before as its last.
      input.value = isDay(filter[name]) || !filter[name] ? filter[name] : f.dayIn(Date.parse(filter[name]) - (name === "to" ? 1 : 0));
      input.classList.toggle("is-empty", !filter[name]);
    }
    const exact = (name, text) => filter[name] && !isDay(filter[name]) && [name, text, f.day(filter[name])];
    const all = [exact("from", t("From")), exact("to", t("Before")), filter.error && ["error", t("Error"), filter.error],
      filter.reason && ["reason", t("Reason"), reasonName(filter.reason)], filter.phoneOf && ["phoneOf", t("Phone of"), filter.phoneOf]].filter(Boolean);
    put(chips, all, () => all.map(([name, label, value]) => h("span.chip", { "data-key": name }, `${label}: ${value}`,
      h("button", { type: "button", "aria-label": t("Without {what}", { what: label }), onclick: () => change({ [name]: "" }) }, icon("cross")))));
    chips.hidden = !all.length;
  }
  mark();
  const offer = (kind, name, key) => get(`/v1/stats/${kind}`, { window: "90d" }).then(({ items }) => {
    items.forEach((item) => selects[name].add(item[key]));
    mark();
  }).catch(() => {});
  offer("countries", "country", "country");
  offer("routes", "route", "route");
  offer("carriers", "carrier", "carrier");
  return { element, mark };
}
