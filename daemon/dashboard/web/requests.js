// The log: GET /v1/otp by its own filters and cursor.
import { download, get, mode } from "./api.js";
import { h, icon, onReturn, pill, put, replace, skeleton, state, toast } from "./dom.js";
import { t } from "./i18n.js";
import * as f from "./format.js";
import { hrefOf, keep, push, rename, shownEntry } from "./places.js";
import { paramsOf, resolve } from "./search.js";
import { viewPick } from "./views.js";
import { deliveryKind, deliveryName, problemText, reasonName, statusKind, statusName } from "./words.js";

const page_size = 50, shown_at_most = 1000, dropped_at_once = 500, live_at_most = 200, empty_pages_at_most = 20, typing_ms = 300, fresh_for_ms = 1600;
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
    const rows = fresh.map((item) => rowOf(item, this.go, true));
    this.body.prepend(...rows);
    setTimeout(() => rows.forEach((row) => row.classList.remove("fresh")), fresh_for_ms);
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

/** The page: what is asked for, what is shown of it, and how one leads to the other. */
class RequestList {
  constructor(page, { go, query, kept }) {
    Object.assign(this, { page, go, filter: filterOf(query), params: null, way: "", busy: false, stopped: false, run: 0, timer: 0, isTyping: false });
    mode.test = query.get("test") === "true";
    this.rows = new Rows(go);
    this.foot = h("div.foot");
    this.fresh = h("button.button.small.primary.fresh-rows", { type: "button", hidden: true, onclick: () => { scrollTo(0, 0); this.load(); } });
    this.count = h("span.sub", { role: "status" });
    this.tools = filterTools(() => this.filter, (wish) => this.change(wish), (text, isDone) => this.typed(text, isDone));
    page.append(h("div.head", null, h("h1", null, t("Requests")), this.count, this.headTools()), this.tools.element,
      h("div.card.bare", null, h("div.fresh-holder", null, this.fresh), h("div.table-wrap.alone", null, tableOf(this.rows.body)), this.foot));
    const isNear = (seen) => seen.some((one) => one.isIntersecting) && this.rows.next && !this.busy;
    this.watch = new IntersectionObserver((seen) => { if (isNear(seen)) this.more(); }, { rootMargin: "400px" });
    this.watch.observe(this.foot);
    this.show(kept);
  }

  headTools() {
    const save = (kind, name) => h("button.button", { type: "button", onclick: (event) => this.save(kind, event.currentTarget) }, icon("download"), name);
    const choose = (event) => { mode.test = event.target.checked; this.change({}); };
    this.test = h("input", { type: "checkbox", checked: mode.test, onchange: choose });
    // An operator's app is no part of it.
    const queryNow = () => new URLSearchParams(Object.entries(this.filter).filter(([, value]) => value)).toString();
    const views = viewPick(queryNow, (query) => this.change(filterOf(new URLSearchParams(query))));
    return h("div.row", null, views, h("label.check", null, this.test, t("Test keys")), save("csv", t("CSV")), save("ndjson", t("NDJSON")));
  }
  /** The whole of what is filtered, not what happens to be shown. */
  async save(kind, button) {
    button.disabled = true;
    toast(t("Collecting all that fits …"));
    try {
      const { limit, ...all } = await this.asked();
      await download(`/v1/exports/otp.${kind}`, all, `requests-${f.today()}.${kind}`);
    } catch (failure) {
      toast(problemText(failure));
    } finally {
      button.disabled = false;
    }
  }

  address() { return hrefOf("requests", { ...this.filter, test: mode.test ? "true" : "" }); }
  /** What Back finds again. */
  snapshot() {
    const { items, next, isCut } = this.rows;
    return { address: this.address(), items, next, isCut, params: this.params, way: this.way };
  }
  keep() { keep(shownEntry(), { scroll: scrollY, what: this.snapshot() }); }

  /** Every choice is a step that Back undoes; what is typed in one go is one. */
  change(wish) {
    this.keep();
    Object.assign(this.filter, wish);
    this.isTyping = false;
    push(this.address());
    this.tools.mark();
    this.load();
  }
  typed(text, isDone) {
    clearTimeout(this.timer);
    const take = () => {
      if (text === this.filter.q && !isDone) return;
      if (!this.isTyping) this.keep();
      this.filter.q = text;
      this.isTyping ? rename(this.address()) : push(this.address());
      this.isTyping = !isDone;
      this.tools.mark();
      this.load();
    };
    if (isDone) take();
    else this.timer = setTimeout(take, typing_ms);
  }

  /** What the API is asked: `params` once it is known what the search means. */
  async asked() {
    const fixed = { limit: page_size, ...paramsOf(this.filter) };
    if (this.filter.q && !this.params) {
      const mine = this.run, found = await resolve(this.filter.q, fixed);
      if (found.id) return { id: found.id };
      if (mine === this.run) Object.assign(this, { params: found.params, way: found.way });
    }
    return { ...fixed, ...this.params };
  }

  async load() {
    const mine = ++this.run;
    Object.assign(this, { busy: false, params: null, way: "" });
    this.rows.clear();
    replace(this.foot, h("div.wide", null, skeleton(6)));
    this.count.textContent = "";
    await this.more(mine);
  }

  async more(mine = this.run) {
    if (this.busy && mine === this.run) return;
    this.busy = true;
    const isOver = () => this.stopped || mine !== this.run;
    try {
      for (let left = empty_pages_at_most; left > 0; --left) {
        const query = await this.asked();
        if (isOver()) return;
        if (query.id) return this.open(query.id);
        const answer = await get("/v1/otp", { ...query, cursor: this.rows.next ?? "" });
        if (isOver()) return;
        this.rows.add(answer.items, answer.nextCursor ?? null);
        this.tell();
        // A page that the filter left nearly empty is followed by the next.
        const isFull = answer.items.length > 0 && this.foot.getBoundingClientRect().top > innerHeight + 400;
        if (!this.rows.next || isFull || answer.items.length === page_size) break;
      }
      // Whoever has gone to the end meanwhile is there still: only a new look says so.
      this.watch.unobserve(this.foot);
      this.watch.observe(this.foot);
    } catch (failure) {
      if (isOver()) return;
      const again = h("button.button.small", { type: "button", onclick: () => this.more(mine) }, t("Try again"));
      replace(this.foot, h("div.notice.bad", { role: "alert" }, h("span", null, problemText(failure)), again));
    } finally {
      if (mine === this.run) this.busy = false;
    }
  }

  /** Back leads to the list, not to the search that leads here again. */
  open(id) {
    this.filter.q = "";
    rename(this.address());
    this.go(`requests/${id}`);
  }

  tell() {
    const { items, next, waiting, isCut } = this.rows;
    this.page.dataset.ready = String(items.length);
    const ways = {
      reference: t("by reference"), phone: t("by phone"), userId: t("by user"), phoneEnds: t("by the phone's last digits") };
    const shown = t("{n} shown", { n: f.number(items.length) });
    this.count.textContent = items.length ? [shown, ways[this.way]].filter(Boolean).join(" · ") : "";
    this.fresh.hidden = !waiting && !isCut;
    const n = f.number(waiting);
    const text = !waiting ? t("To the newest") : waiting >= page_size ? t("{n} or more new", { n }) : t("{n} new", { n });
    if (this.fresh.textContent !== text) this.fresh.textContent = text;
    const isFiltered = Object.values(this.filter).some(Boolean);
    put(this.foot, [items.length > 0, next !== null, isFiltered], () => this.endOf(items.length > 0, next !== null, isFiltered));
  }
  endOf(hasRows, hasMore, isFiltered) {
    if (hasRows && !hasMore) return t("End of the list");
    if (hasMore) return h("button.button", { type: "button", onclick: () => this.more() }, hasRows ? t("Show more") : t("Look further back"));
    if (!isFiltered) {
      return state("inbox", t("No requests yet"), t("The first one shows up here by itself."),
        h("pre", null, "curl -X POST …/v1/otp/send -H 'Authorization: Bearer xk_…' -d '{\"phone\": \"+374…\"}'"));
    }
    const all = h("button.button", { type: "button", onclick: () => this.go("requests") }, t("Show all"));
    return state("search", t("Nothing fits"), t("No request matches what you look for."), all);
  }

  /** Nobody reads further down, is at a row by keyboard, or has marked something. */
  mayMove() { return scrollY < 60 && !this.rows.body.contains(document.activeElement) && !getSelection()?.toString(); }
  async refresh() {
    if (this.busy || !this.rows.items.length && this.foot.querySelector(".skeleton")) return;
    const mine = this.run;
    try {
      const query = await this.asked();
      if (query.id) return;
      const answer = await get("/v1/otp", query);
      if (this.stopped || mine !== this.run || this.busy) return;
      this.rows.update(answer.items, this.mayMove());
      this.tell();
    } catch { /* The next look tells. */ }
  }

  /** As it was when it was left, where that is known; what happened since comes by the next look. */
  show(was) {
    if (was?.address !== this.address()) return void this.load();
    ++this.run;
    this.busy = false;
    this.rows.clear();
    Object.assign(this, { params: was.params, way: was.way });
    this.rows.add(was.items, was.next);
    this.rows.isCut = was.isCut;
    this.tell();
    this.refresh();
  }
  take(query, was) {
    this.filter = filterOf(query);
    this.test.checked = mode.test = query.get("test") === "true";
    this.isTyping = false;
    this.tools.mark();
    this.show(was);
  }
  stop() {
    const last = this.snapshot();
    this.stopped = true;
    this.watch.disconnect();
    clearTimeout(this.timer);
    mode.test = false;
    return last;
  }
}

function tableOf(body) {
  const zone = h("span.muted", null, ` (${f.zoneName()})`);
  const titles = [[t("Created"), zone], t("Phone"), t("State"), t("Delivery"), t("Country"), t("Route"), t("Delivery time"), t("Request")];
  const column = (name, at) => h("th", { scope: "col", class: at === 6 ? "number-cell" : "" }, name);
  return h("table.folds.requests", null, h("thead", null, h("tr", null, titles.map(column))), body);
}

export function mount(page, given) {
  const list = new RequestList(page, given);
  return {
    refresh: () => list.refresh(), state: () => list.snapshot(), show: (query, was) => list.take(query, was), unmount: () => list.stop(),
  };
}

/** The search, the lists to choose from, and what else an address asked for, to be taken back one by one. */
function filterTools(filterNow, change, typed) {
  const search = h("input", {
    type: "search", placeholder: t("Phone, id, reference or user"), maxlength: 128, autocomplete: "off", spellcheck: "false", dir: "auto",
    oninput: (event) => typed(event.target.value.trim(), false) });
  onReturn(search, () => typed(search.value.trim(), true));
  const selects = {}, dates = {};
  const select = (name, label, options, nameOf) => {
    const option = (value) => h("option", { value }, nameOf(value));
    const element = h("select", { onchange: (event) => change({ [name]: event.target.value }) },
      h("option", { value: "" }, t("All")), options.map(option));
    const isThere = (value) => [...element.options].some((one) => one.value === value);
    selects[name] = { element, add: (value) => { if (value && !isThere(value)) element.append(option(value)); } };
    return h("label.field", null, h("span", null, label), element);
  };
  const day = (name, label) => {
    const choose = (event) => change({ [name]: event.target.value });
    dates[name] = h("input", { type: "date", max: f.dayIn(f.serverNow()), onchange: choose });
    return h("label.field", null, h("span", null, label), dates[name]);
  };
  const chips = h("div.chips", { role: "group", "aria-label": t("Also asked for") });
  const element = h("form.filters", { role: "search", onsubmit: (event) => event.preventDefault() },
    h("label.field.search", null, h("span", null, t("Search")), search, icon("search")),
    select("status", t("State"), statuses, statusName), select("delivery", t("Delivery"), deliveries, deliveryName),
    select("country", t("Country"), [], f.country), select("route", t("Route"), [], String), select("carrier", t("Carrier"), [], String),
    day("from", t("From")), day("to", t("To")), chips);

  function mark() {
    const filter = filterNow();
    if (document.activeElement !== search) search.value = filter.q;
    for (const [name, { element, add }] of Object.entries(selects)) {
      add(filter[name]);
      element.value = filter[name];
    }
    for (const [name, input] of Object.entries(dates)) {
      // An hour within a day is not the day; what ends at midnight has the day before as its last.
      const isExact = filter[name] && !isDay(filter[name]);
      input.value = isExact ? f.dayIn(Date.parse(filter[name]) - (name === "to" ? 1 : 0)) : filter[name];
      input.classList.toggle("is-empty", !filter[name]);
    }
    const all = alsoAsked(filter);
    put(chips, all, () => all.map(([name, label, value]) => h("span.chip", { "data-key": name }, `${label}: ${value}`,
      h("button", { type: "button", "aria-label": t("Without {what}", { what: label }), onclick: () => change({ [name]: "" }) }, icon("cross")))));
    chips.hidden = !all.length;
  }
  mark();
  offerKnown(selects, mark);
  return { element, mark };
}
/** What no field shows: [name, label, value]. */
function alsoAsked({ from, to, error, reason, phoneOf }) {
  const exact = (name, label, value) => value && !isDay(value) && [name, label, f.day(value)];
  return [exact("from", t("From"), from), exact("to", t("Before"), to), error && ["error", t("Error"), error],
    reason && ["reason", t("Reason"), reasonName(reason)], phoneOf && ["phoneOf", t("Phone of"), phoneOf]].filter(Boolean);
}
/** Countries, routes and carriers are those that there was traffic by. */
function offerKnown(selects, mark) {
  const offer = (kind, name) => get(`/v1/stats/${kind}`, { window: "90d" }).then(({ items }) => {
    items.forEach((item) => selects[name].add(item[name]));
    mark();
  }).catch(() => {});
  offer("countries", "country");
  offer("routes", "route");
  offer("carriers", "carrier");
}
