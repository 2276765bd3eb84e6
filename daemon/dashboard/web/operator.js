// The operator's view: what `xionctl status`, `stats --by carrier`, `app list`, `usage` and `route list` say.
import { Offline, manage } from "./api.js";
import { chartOf } from "./charts.js";
import { changeOf, isSure, lessOf } from "./compare.js";
import { h, pill, put, replace, skeleton, state, tip, toast } from "./dom.js";
import { t } from "./i18n.js";
import * as f from "./format.js";
import { attempt, cells, head, sure } from "./managed.js";
import { hrefOf } from "./places.js";
import { changeMark } from "./ranking.js";
import { deliveryName, problemText } from "./words.js";

const kinds = { bound: "good", paused: "warn", draining: "warn", connecting: "info", binding: "info", down: "bad" };
const stateName = (name) => ({
  bound: t("Bound"), paused: t("Paused"), draining: t("Draining"), connecting: t("Connecting"), binding: t("Binding"), down: t("Down"),
})[name] ?? name;
const breakerName = (name) => ({
  closed: t("closed"), open: t("open"), half_open: t("half open"), "half-open": t("half open"),
})[name] ?? name;
const n = "number-cell";
const table = (names, rows) => h("table.folds", null, head(...names), h("tbody", null, rows));
const refresh_ms = 2000;

export function mount(page, { chooseApp }) {
  let stopped = false, isOld = false;
  const cards = h("div.cards.four", null, Array.from({ length: 4 }, () => h("div.card.skeleton.tall")));
  const trouble = h("div.trouble");
  page.append(h("div.head", null, h("h1", null, t("Operations"))), trouble, cards);
  const part = (id, name, more) => {
    const body = h("div.table-wrap", null, skeleton(3));
    page.append(h("section.card", { "aria-labelledby": id }, h("header", null, h("h2", { id }, name), more), body));
    return body;
  };
  const carriers = part("carriers-title", t("Carriers"));
  const delivery = [deliveryPart(part, ofCarriers()), deliveryPart(part, ofCountries())];
  const apps = part("apps-title", t("Apps")), routes = part("routes-title", t("Routes")), queue = part("queue-title", t("Queue"));
  const pace = paceOf();

  async function refresh() {
    try {
      const names = ["status", "usage", "routes", "queue", "apps"];
      const [status, usage, table, waiting, all] = await Promise.all(names.map((name) => manage(`operator/${name}`)));
      if (stopped) return;
      replace(trouble);
      isOld = false;
      drawFigures(cards, status);
      put(carriers, [status.carriers, pace(status.carriers)], () => drawCarriers(status.carriers, pace, refresh));
      put(apps, [usage, all], () => drawApps(usage, new Map(all.map((one) => [one.name, one])), chooseApp));
      put(routes, table, () => drawRoutes(table));
      put(queue, [waiting.waiting, f.zone()], () => drawQueue(waiting.waiting));
      page.dataset.ready = "true";
    } catch (failure) {
      if (stopped || failure instanceof Offline) return;
      if (!isOld) {
        isOld = true;
        const told = t("The numbers could not be read: {why}", { why: problemText(failure) });
        replace(trouble, h("div.notice.bad", { role: "alert" }, h("span", null, told, " ", t("Those below are of {when}.", { when: f.moment(f.serverNow()) }))));
      }
    } finally {
      if (!stopped) page.toggleAttribute("data-waits", isOld);
    }
  }
  refresh();
  const timer = setInterval(() => { if (!document.hidden) refresh(); }, refresh_ms);
  return { refresh, unmount() { stopped = true; clearInterval(timer); delivery.forEach((one) => one.stop()); } };
}

/** Messages that each carrier took in the last seconds, a second. */
function paceOf() {
  const seen = new Map();
  return (carriers) => {
    const now = performance.now();
    return carriers.map(({ name, accepted }) => {
      const list = [...(seen.get(name) ?? []).filter((one) => now - one.at < 15_000 && one.accepted <= accepted)];
      if (!list.length || now - list.at(-1).at > 500) list.push({ at: now, accepted });
      seen.set(name, list);
      const [first, last] = [list[0], list.at(-1)];
      return last.at - first.at < 1000 ? null : Math.round(((last.accepted - first.accepted) / (last.at - first.at)) * 10_000) / 10;
    });
  };
}

function drawFigures(cards, status) {
  const bound = status.carriers.filter((one) => one.state === "bound").length, all = status.carriers.length;
  const figure = (name, value, more, meaningOf, kind = "") => h("section.card.kpi", null,
    h("h2.name", null, h("span", null, name), meaningOf && tip(meaningOf, t("What is {name}?", { name }))),
    h("div.value", { class: kind }, value), h("div.more", null, more));
  const tenth = (ms) => f.latency(Math.round(ms * 10) / 10), { store } = status;
  const commits = { p50: tenth(store.commitP50Ms), p99: tenth(store.commitP99Ms) };
  put(cards, [bound, all, status.queue, store, Math.floor(status.uptimeSeconds / 60), status.version], () => [
    figure(t("Carriers bound"), `${f.number(bound)} / ${f.number(all)}`, bound === all ? t("All is well") : t("See below"), null, bound ? "" : "bad"),
    figure(t("Queue"), f.number(status.queue.size), t("of {n} at most", { n: f.number(status.queue.limit) }),
      t("Messages that wait for a carrier. Above its limit the API answers 503.")),
    figure(t("Store"), store.writable ? t("Writable") : t("Trouble"), store.trouble || t("commits p50 {p50}, p99 {p99}", commits), null,
      store.writable ? "" : "bad"),
    figure(t("Uptime"), uptime(status.uptimeSeconds), t("version {version}", { version: status.version }))]);
}
const uptime = (all) => f.seconds(all < 3600 ? Math.max(60, all - (all % 60)) : all - (all % 3600));

function drawCarriers(carriers, pace, refresh) {
  if (!carriers.length) return state("inbox", t("No carriers"), t("They stand in the configuration: [[carrier]]."));
  const paces = pace(carriers);
  const names = [t("Carrier"), t("State"), [t("Binds")], [t("In flight")], [t("Per second")], [t("Round trip")], [t("Accepted")],
    [t("Refused")], [t("Receipts")], ""];
  // What it did in the last seconds, of what it may.
  const paceOfOne = (one, at) => `${f.number(paces[at], 1)} / ${one.rate > 0 ? f.number(one.rate, 1) : "∞"}`;
  return table(names, carriers.map((one, at) => h("tr", { "data-carrier": one.name, "data-id": one.name }, cells(
    ["", [h("b.breaks", null, one.name), one.lastError && h("div.bad.breaks", null, one.lastError)], "full"],
    ["", [pill(stateName(one.state), kinds[one.state]), one.breaker !== "closed" && [" ", pill(t("Breaker {state}", { state: breakerName(one.breaker) }), "warn")]]],
    [t("Binds"), `${one.binds}/${one.bindsWanted}`, n], [t("In flight"), `${f.number(one.inFlight)}/${f.number(one.window)}`, n],
    [t("Per second"), h("span", { title: one.rate > 0 ? t("Limit a second") : t("Unlimited") }, paceOfOne(one, at)), n],
    [t("Round trip"), f.latency(one.rttP50Ms), n], [t("Accepted"), f.number(one.accepted), n], [t("Refused"), f.number(one.refused), n],
    [t("Receipts"), f.number(one.receipts), n], ["", carrierActs(one, refresh), "actions"]))));
}

/** Whatever moves traffic asks first, and says what it does. */
function carrierActs(one, refresh) {
  const run = async (verb, told) => {
    await manage(`operator/carriers/${encodeURIComponent(one.name)}/${verb}`, {});
    toast(told);
    refresh();
  };
  const ask = (name, title, text, verb, told) => h("button.button.small", {
    type: "button", onclick: () => sure(title, text, name, () => run(verb, told), verb !== "resume") }, name);
  const of = { name: one.name };
  if (one.state === "paused" || one.state === "draining") {
    return [h("button.button.small", { type: "button", onclick: (event) => attempt(event.currentTarget, null, () => run("resume", t("It is used again"))) }, t("Resume"))];
  }
  return [
    ask(t("Pause"), t("Pause {name}?", of), t("Nothing more is sent by it; its binds stay. Routes go on by their next carrier."), "pause", t("It is paused")),
    ask(t("Drain"), t("Drain {name}?", of), t("What is in flight is finished, then it unbinds and stays down until it is resumed."), "drain", t("It is being drained"))];
}

/** What messages of all apps are grouped by, and what an answer's row is called. */
const ofCarriers = () => ({ by: "carrier", id: "delivery-title", title: t("Delivery by carrier"), column: t("Carrier"), nameOf: (row) => row.carrier });
const ofCountries = () => ({ by: "country", id: "countries-title", title: t("Delivery by country"), column: t("Country"), nameOf: (row) => f.country(row.country) });
const groups_at_first = 10;

/** What is drawn of each carrier: [name, scale, of a row]. */
const measures = () => [[t("Delivery rate"), "rate", (row) => row.deliveryRate], ["p50", "latency", (row) => row.latencyP50Ms],
  ["p95", "latency", (row) => row.latencyP95Ms], [t("Undelivered"), "count", (row) => row.undelivered]];
const line_colors = ["bar", "line-warn", "bar-bad", "bar-open", "line-before"], lines_fresh_ms = 300_000;

/** Rows of carriers, by the moment at which their day or hour begins; those with the most messages. */
function seriesOf(rows, { hours, days }) {
  const step = hours ? 3_600_000 : 86_400_000, count = hours ?? days, last = Math.floor(f.serverNow() / step) * step;
  const times = Array.from({ length: count }, (_, at) => last - (count - 1 - at) * step), sent = new Map();
  for (const row of rows) sent.set(row.carrier, (sent.get(row.carrier) ?? 0) + row.sent);
  const names = [...sent].sort((a, b) => b[1] - a[1]).slice(0, line_colors.length).map(([name]) => name);
  const found = new Map(rows.map((row) => [`${Date.parse(row.hour ?? row.date)} ${row.carrier}`, row]));
  return { names, times, isHourly: Boolean(hours), rowsAt: (time) => names.map((name) => found.get(`${time} ${name}`)) };
}

/** A line for each carrier over the days or hours that were chosen: since when one is bad. */
function linesPart(holder) {
  let chart = null, kind = "", measure = 0, drawn = null, last = { asked: null, at: 0 }, stopped = false;
  const buttons = measures().map(([name], at) => h("button", { type: "button", onclick: () => { measure = at; draw(); } }, name));
  const legend = h("div.legend", { "aria-hidden": "true" }), place = h("div");
  holder.append(h("div.row.apart", null, h("div.segments.small", { role: "group", "aria-label": t("Figures") }, buttons), legend), place);
  function draw() {
    buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(at === measure)));
    holder.hidden = !drawn?.names.length;
    if (holder.hidden) return;
    const { names, times, isHourly, rowsAt } = drawn, [name, scale, valueOf] = measures()[measure];
    const series = names.map((each, at) => ({ name: each, color: line_colors[at], type: "line" }));
    const wanted = JSON.stringify([names, scale]);
    if (kind !== wanted) {
      kind = wanted;
      chart?.destroy();
      chart = chartOf(series, scale);
      place.replaceChildren(chart.element);
      legend.replaceChildren(...series.map((one) => h("span.line", null, h("i", { style: { background: `var(--${one.color})` } }), one.name)));
    }
    const labels = times.map((time) => (isHourly ? f.hour(time) : f.date(time))), titles = times.map((time) => (isHourly ? f.day(time) : f.date(time)));
    chart.draw({ name: `${t("Delivery by carrier")}: ${name}`, labels, titles, about: `${labels[0]} – ${labels.at(-1)}`,
      rows: times.map((time) => rowsAt(time).map((row) => (row ? valueOf(row) ?? null : null))) });
  }
  return {
    /** Of many apps it is more than what is told at once; then there are no lines. */
    async read(range) {
      if (last.asked === range && Date.now() - last.at < lines_fresh_ms) return;
      last = { asked: range, at: Date.now() };
      const rows = await manage("operator/stats", { by: "carrier", ...range, each: true, together: true }).catch((failure) => (failure instanceof Offline ? null : []));
      if (stopped || last.asked !== range || !rows) return;
      drawn = seriesOf(rows, range);
      draw();
    },
    stop() { stopped = true; chart?.destroy(); },
  };
}

/** Delivery over hours or days, of all apps: what is bad, where, and whether it is worse than before. */
function deliveryPart(part, of) {
  const spans = [[{ hours: 24 }, { hours: 48 }, t("24 hours")], [{ days: 7 }, { days: 14 }, t("7 days")], [{ days: 30 }, { days: 60 }, t("30 days")]];
  const opened = new Set(), whole = new Set();
  let chosen = 1, stopped = false, drawn = null;
  const buttons = spans.map(([, , name], at) => h("button", { type: "button", onclick: () => { chosen = at; mark(); read(); } }, name));
  const mark = () => {
    buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(at === chosen)));
    body.toggleAttribute("data-waits", drawn !== null && drawn.chosen !== chosen);
  };
  const body = part(of.id, of.title, h("div.segments.small", { role: "group", "aria-label": t("Period") }, buttons));
  const holder = h("div.stack.lines", { hidden: true }), lines = of.by === "carrier" ? linesPart(holder) : null;
  if (lines) body.before(holder);
  const flip = (set, name) => { if (!set.delete(name)) set.add(name); draw(); };
  const acts = {
    opened, whole, flip: (name) => flip(whole, name),
    open: (name) => { flip(opened, name); if (opened.has(name)) read(); },
  };
  const draw = () => put(body, [drawn, [...opened], [...whole]], () => drawDelivery(of, drawn, acts));
  async function read() {
    const asked = chosen, [now, both] = spans[asked];
    const ask = (by, range) => manage("operator/stats", { by, ...range, together: true });
    const isCarrier = of.by === "carrier", pairs = (range) => (isCarrier && opened.size ? ask("carrier-country", range) : null);
    try {
      const wholeOf = (range) => (isCarrier ? ask("app", range) : []);
      const [rows, rowsBoth, errors, errorsByCountry, [all], [allBoth], countries, countriesBoth] = await Promise.all([
        ask(of.by, now), ask(of.by, both), isCarrier ? ask("error", now) : [], ask("country-error", now), wholeOf(now), wholeOf(both),
        pairs(now), pairs(both), lines?.read(now)]);
      if (stopped || asked !== chosen) return;
      drawn = { chosen, rows, rowsBoth, errors, errorsByCountry, all, allBoth, countries, countriesBoth };
      draw();
      mark();
    } catch (failure) {
      if (stopped || asked !== chosen || failure instanceof Offline) return;
      drawn = null;
      mark();
      replace(body, h("p.wrong", null, problemText(failure)));
    }
  }
  mark();
  read();
  const timer = setInterval(() => { if (!document.hidden) read(); }, 30_000);
  return { stop() { stopped = true; clearInterval(timer); lines?.stop(); } };
}

const errors_told = 3;
/** What most of the messages failed by: "045: 123". Of all carriers, with whose error it is. */
function errorsOf(rows, isOfAll) {
  const sorted = [...rows].sort((a, b) => b.messages - a.messages);
  const nameOf = (one) => [isOfAll && one.carrier, one.error || deliveryName(one.delivery)].filter(Boolean).join(" ");
  const told = sorted.slice(0, errors_told).map((one) => t("{what}: {n}", { what: nameOf(one), n: f.number(one.messages) }));
  return told.length ? [told.join(", "), sorted.length > errors_told ? " …" : ""] : f.nothing;
}

/** The numbers of a row, after its name. `before`: null where it is not known. */
function deliveryCells(row, before, errors) {
  const mark = before && changeMark(changeOf(row.deliveryRate, before.deliveryRate, true), {
    isRate: true, good: isSure(row, before) ? "up" : "none", before: f.percent(before.deliveryRate) });
  return [[t("Sent"), f.number(row.sent), n], [t("Delivery rate"), f.percent(row.deliveryRate), n], [t("Change"), mark || f.nothing, n],
    ["p50", f.latency(row.latencyP50Ms), n], ["p95", f.latency(row.latencyP95Ms), n], [t("Undelivered"), f.number(row.undelivered), n],
    [t("Errors"), errors, "full errors-cell breaks"]];
}
const worstFirst = (a, b) => b.undelivered - a.undelivered || b.sent - a.sent;
const moreButton = (acts, name, count) => h("button.button.small", {
  type: "button", "aria-expanded": String(acts.whole.has(name)), onclick: () => acts.flip(name),
}, acts.whole.has(name) ? t("Show fewer") : t("Show all {n}", { n: f.number(count) }));
const shownOf = (acts, name, sorted) => (acts.whole.has(name) ? sorted : sorted.slice(0, groups_at_first));

function drawDelivery(of, drawn, acts) {
  if (!drawn) return skeleton(3);
  const sent = drawn.rows.filter((row) => row.sent > 0);
  if (!sent.length) return state("inbox", t("Nothing yet"), null);
  const isCarrier = of.by === "carrier", key = (row) => row[of.by], known = new Map(drawn.rowsBoth.map((row) => [key(row), row]));
  const sorted = sent.sort((a, b) => (isCarrier ? (a.deliveryRate ?? 2) - (b.deliveryRate ?? 2) : worstFirst(a, b)));
  const rows = shownOf(acts, "", sorted).map((row) => {
    const before = lessOf(known.get(key(row)) ?? row, row);
    const errors = isCarrier ? errorsOf(drawn.errors.filter((one) => one.carrier === row.carrier))
      : errorsOf(drawn.errorsByCountry.filter((one) => one.country === row.country), true);
    const name = h("b.breaks", null, of.nameOf(row)), isOpen = acts.opened.has(row.carrier);
    const opens = { type: "button", title: t("By country"), "aria-expanded": String(isOpen), onclick: () => acts.open(row.carrier) };
    const cell = isCarrier ? h("button.discloses", opens, name) : name;
    return [h("tr", { "data-id": key(row) }, cells(["", cell, "full"], ...deliveryCells(row, before, errors))),
      isCarrier && isOpen && drawCountries(row, drawn, acts)];
  });
  const names = [of.column, [t("Sent")], [t("Delivery rate")], [t("Change")], ["p50"], ["p95"], [t("Undelivered")], t("Errors")];
  return [table(names, [rows, drawn.all && wholeRow(drawn)]), sorted.length > groups_at_first && h("div.foot", null, moreButton(acts, "", sorted.length))];
}

/** The whole gateway, over all apps and carriers. */
function wholeRow({ all, allBoth, errors }) {
  const before = allBoth ? lessOf(allBoth, all) : null;
  return h("tr.whole", { "data-id": "(all)" }, cells(["", h("b", null, t("Whole gateway")), "full"], ...deliveryCells(all, before, errorsOf(errors, true))));
}

/** Rows under a carrier's: where its messages went. What was sent before the daemon counted that is told, and held against nothing. */
function drawCountries(carrier, { countries, countriesBoth, errorsByCountry }, acts) {
  if (!countries) return null;
  const mine = countries.filter((row) => row.carrier === carrier.carrier && row.sent > 0).sort(worstFirst);
  const known = new Map(countriesBoth.filter((row) => row.carrier === carrier.carrier).map((row) => [row.country, row]));
  const errorsIn = (country) => errorsOf(errorsByCountry.filter((one) => one.carrier === carrier.carrier && one.country === country));
  const idOf = (what) => `${carrier.carrier}/${what}`, since = countriesBoth[0]?.countedFrom;
  const rows = shownOf(acts, carrier.carrier, mine).map((row) => h("tr.within", { "data-id": idOf(row.country) }, cells(
    ["", [h("span.flag", { "aria-hidden": "true" }, row.country || "··"), f.country(row.country)], "full"],
    ...deliveryCells(row, since ? null : lessOf(known.get(row.country) ?? row, row), errorsIn(row.country)))));
  const line = (what, ...told) => h("tr.within", { "data-id": idOf(what) }, h("td.full", { colspan: "8" }, told));
  const missing = carrier.sent - mine.reduce((sum, row) => sum + row.sent, 0), of = { n: f.number(missing), all: f.number(carrier.sent) };
  const told = since ? t("Of {n} of {all} messages the country is not told: it is counted since {when}.", { ...of, when: f.moment(since) })
    : t("Of {n} of {all} messages the country is not told.", of);
  return [rows, mine.length > groups_at_first && line("#more", moreButton(acts, carrier.carrier, mine.length)),
    missing > 0 && line("#missing", h("span.muted", null, told))];
}

/** Who calls for it from outside, and where its sends may have it called. */
function doorsOf(app) {
  return [app?.hooks.map((one) => [" ", pill(one.hook)]),
    app?.callbacks.length > 0 && h("div.muted.breaks", null, t("callbackUrl: {urls}", { urls: app.callbacks.join(", ") }))];
}

function drawApps(usage, known, chooseApp) {
  if (!usage.length) return state("inbox", t("There is no app yet"), null);
  const names = [t("App"), t("Plan"), [t("Used")], [t("Included")], [t("Remaining")], [t("Requests")], [t("Resends")]];
  return table(names, usage.map((one) => h("tr", { "data-id": one.app }, cells(
    ["", [h("a.breaks", { href: hrefOf("", { app: one.app }), onclick: () => chooseApp(one.app) }, h("b.breaks", null, one.app)), doorsOf(known.get(one.app))]],
    ["", pill(one.plan), "right"], [t("Used"), f.number(one.used), n], [t("Included"), one.included ? f.number(one.included) : "∞", n],
    [t("Remaining"), one.remaining === undefined ? "∞" : f.number(one.remaining), n], [t("Requests"), f.number(one.requests), n],
    [t("Resends"), f.number(one.resends), n]))));
}

function drawRoutes(routes) {
  if (!routes.length) return state("inbox", t("No routes"), null);
  const matches = (one) => [one.prefix, one.country && f.country(one.country), one.network, one.app, one.purpose].filter(Boolean).join(" · ");
  return table([t("Route"), t("Matches"), t("Carriers"), t("Fails over after")], routes.map((one) => h("tr", { "data-id": one.name }, cells(
    ["", h("b.breaks", null, one.name)], ["", matches(one) || t("everything else"), "right breaks"], ["", one.carriers.join(" → "), "breaks"],
    [t("Fails over after"), f.seconds(one.failoverAfterSeconds)]))));
}

function drawQueue(waiting) {
  if (!waiting.length) return state("check", t("Nothing is waiting"), null);
  return table([t("Request"), t("Message"), t("Until")], waiting.map((one) => h("tr", { "data-id": `${one.requestId}.${one.send}` }, cells(
    ["", h("span.mono", null, one.requestId)], [t("Message"), f.number(one.send)], [t("Until"), f.moment(one.expiresAt)]))));
}
