// How an app does, against how it did before: the figures, where they changed, and since when.
import { Offline } from "./api.js";
import { chartOf, spark } from "./charts.js";
import { changeOf, isSure, sumsOf, verdictOf, wholeOf } from "./compare.js";
import { h, icon, put, replace, tip } from "./dom.js";
import { t } from "./i18n.js";
import * as f from "./format.js";
import { latestCard } from "./latest.js";
import { alertNotices, linesOf, marksOf, readBeside } from "./marks.js";
import { nameOf, readBefore, readPeriod } from "./numbers.js";
import * as periods from "./periods.js";
import { hrefOf, push } from "./places.js";
import { changeMark, ranking } from "./ranking.js";
import { planNotice, readUsage, usageCard } from "./usage.js";
import { deliveryName, meaning, problemText, reasonName } from "./words.js";

const windowName = (name) => ({ "24h": t("24 hours"), "7d": t("7 days"), "30d": t("30 days"), "90d": t("90 days") })[name];
const months_back = 13;

/** What is told by which number; the same sentences as in the API's contract. */
const meanings = {
  sent: () => t("Messages handed to carriers or waiting for one, resends included, of the requests made in this period. Days and hours are those of UTC."),
  delivery: () => t("Delivered ÷ (delivered + undelivered) messages. Messages without a report yet count for neither."),
  verified: () => t("Verified ÷ (requests − still pending). A request is verified when its right code came in time."),
  blocked: () => t("Sends that a rule refused: limits, cooldowns, lists, countries, the plan, or the pumping guard. They cost nothing."),
  latency: () => t("From the acceptance of a message to the carrier's report that it was delivered. Half of the messages were as fast as p50 or faster, 95 % as p95."),
};

/** Buttons for what is usual, a list of months, and two days for all else. */
function periodTools(choose) {
  const today = f.today();
  const month = h("select.month", { "aria-label": t("A month"), onchange: (event) => choose(event.target.value || periods.standard) },
    h("option", { value: "" }, t("Month…")),
    periods.lastMonths(today, months_back).map((name) => h("option", { value: name }, f.month(`${name}-01`))));
  const buttons = periods.windows.map((name) => h("button", {
    type: "button", "data-period": name, onclick: () => choose(name) }, windowName(name)));
  const day = (label) => h("input", { type: "date", "aria-label": label, max: today, required: true });
  const from = day(t("First day (UTC)")), to = day(t("Last day (UTC)"));
  const range = h("form.range", { hidden: true, onsubmit: (event) => {
    event.preventDefault();
    const [first, last] = [from.value, to.value].sort();
    choose(`${first}..${last}`);
  } }, from, h("span", { "aria-hidden": "true" }, "–"), to, h("button.button.small", { type: "submit" }, t("Show")));
  const open = h("button.button", { type: "button", "data-period": "range", "aria-expanded": "false", onclick: () => {
    range.hidden = !range.hidden;
    open.setAttribute("aria-expanded", String(!range.hidden));
    if (!range.hidden) from.focus();
  } }, t("Days…"));
  const mark = (name) => {
    const days = periods.daysIn(name, today);
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.period === name));
    open.setAttribute("aria-pressed", String(days !== null));
    [from.value, to.value] = days ? [days.from, days.to] : [periods.shifted(today, -6), today];
    range.hidden = days === null;
    if (periods.isMonth(name) && ![...month.options].some((option) => option.value === name)) {
      month.append(h("option", { value: name }, f.month(`${name}-01`)));
    }
    month.value = periods.isMonth(name) ? name : "";
    month.classList.toggle("is-chosen", month.value !== "");
  };
  const element = h("div.periods", null, h("div.segments", { role: "group", "aria-label": t("Period") }, buttons), month, open, range);
  return { element, mark };
}

const legend = (kind, name) => h("span", { class: kind }, h("i"), name);
const legends = (...all) => h("div.legend", { "aria-hidden": "true" }, all.map(([kind, name]) => legend(kind, name)));
function figure(id, title, chart, more, help) {
  const name = h("span", null, title);
  const card = h("section.card", { "aria-labelledby": id }, h("header", null, h("h2", { id }, name, help && tip(help, t("What is this?"))), more),
    chart.element);
  return { card, rename: (text) => { if (name.textContent !== text) name.textContent = text; } };
}

function makeCharts() {
  const days = chartOf([
    { name: t("Delivered"), color: "bar", stack: "sent" }, { name: t("Undelivered"), color: "bar-bad", stack: "sent" },
    { name: t("No report yet"), color: "bar-open", stack: "sent" }, { name: t("Verified"), color: "line-strong", type: "line" },
    { name: t("Sent before"), color: "line-before", type: "line", isBefore: true }]);
  const rates = chartOf([
    { name: t("Delivery rate"), color: "bar", type: "line" }, { name: t("Verification rate"), color: "line-strong", type: "line" },
    { name: t("Delivery rate before"), color: "line-before", type: "line", isBefore: true }], "rate");
  const speed = chartOf([{ name: "p50", color: "bar", type: "line" }, { name: "p95", color: "line-warn", type: "line" },
    { name: t("p95 before"), color: "line-before", type: "line", isBefore: true }], "latency");
  const speedFigures = h("div.figures");
  const all = {
    days: figure("days-title", t("Messages by day"), days, legends(["delivered", t("Delivered")], ["undelivered", t("Undelivered")],
      ["open", t("No report yet")], ["line", t("Verified")], ["before", t("Sent before")])),
    rates: figure("rates-title", t("Rates by day"), rates, legends(["delivered", t("Delivery rate")], ["line", t("Verification rate")],
      ["before", t("Delivery rate before")])),
    speed: figure("speed-title", t("Delivery time"), speed, speedFigures, meanings.latency()),
  };

  function draw({ stats, rows }, before, isHourly, changes) {
    const labels = rows.map((row) => (isHourly ? f.hour(row.hour) : f.date(row.date)));
    const titles = rows.map((row) => (isHourly ? `${f.day(row.hour)} (${f.zoneName()})` : `${f.date(row.date, { weekday: "short", day: "numeric", month: "short" })}`));
    const span = isHourly ? 3_600_000 : 86_400_000;
    const links = (at) => {
      const begin = Date.parse(rows[at].hour ?? rows[at].date);
      return hrefOf("requests", { from: new Date(begin).toISOString().replace(".000", ""), to: new Date(begin + span).toISOString().replace(".000", "") });
    };
    const beside = before.beside ?? before.rows, was = (at, of) => (beside[at] ? of(beside[at]) : null);
    const marks = marksOf(changes, rows).map((some) => linesOf(some, isHourly));
    const shared = { labels, titles, links, marks, about: labels.length ? `${labels[0]} – ${labels.at(-1)}` : "" };
    const name = isHourly ? t("Messages by hour") : t("Messages by day");
    all.days.rename(name);
    days.draw({ ...shared, name, rows: rows.map((row, at) => [row.delivered, row.undelivered,
      Math.max(0, row.sent - row.delivered - row.undelivered), row.verified, was(at, (old) => old.sent)]) });
    const rateName = isHourly ? t("Rates by hour") : t("Rates by day");
    all.rates.rename(rateName);
    rates.draw({ ...shared, name: rateName, rows: rows.map((row, at) => [row.deliveryRate, row.verificationRate, was(at, (old) => old.deliveryRate)]) });
    put(speedFigures, [stats.latencyMs, before.stats.latencyMs], () => ["p50", "p95"].map((share) => h("div", { class: share },
      h("i", { "aria-hidden": "true" }), h("span", null, share), h("b", { "data-kpi": share }, f.latency(stats.latencyMs[share])),
      changeMark(changeOf(stats.latencyMs[share], before.stats.latencyMs?.[share]), { good: "down", before: f.latency(before.stats.latencyMs?.[share]) }))));
    const speedName = isHourly ? t("Delivery time by hour") : t("Delivery time by day");
    speed.draw({ ...shared, name: speedName, rows: rows.map((row, at) => [row.latencyMs.p50, row.latencyMs.p95, was(at, (old) => old.latencyMs.p95)]) });
  }
  return { ...all, draw, destroy: () => [days, rates, speed].forEach((one) => one.destroy()) };
}

function kpi(id, name, value, more, meaningOf, line, change) {
  return h("section.card.kpi", { "data-kpi": id }, h("h2.name", null, h("span", null, name), tip(meaningOf, t("What is {name}?", { name }))),
    h("div.value", null, value), h("div.more", null, more), h("div.against", null, change), line);
}
/** A day or an hour that is not over would make every number fall. */
const isOver = (row) => Date.parse(row.hour ?? row.date) + (row.hour ? 3_600_000 : 86_400_000) <= f.serverNow();
/** A day of which there are hours, against one of which there are none. */
function wholeDay(stats, before, name) {
  const of = (sums) => (name === "blocked" ? sums.blocked.total : sums[name]);
  return Date.parse(stats.to) <= f.serverNow() ? [of(stats), of(before)] : [null, null];
}
function drawKpis(kpis, { stats, rows }, { stats: before, rows: rowsBefore }) {
  const whole = wholeOf(rows, rowsBefore, isOver);
  put(kpis, [stats, before, rowsBefore, whole[0].length, rows.map((row) => [row.sent, row.deliveryRate, row.verified, row.blocked])], () => {
    const [first, ...others] = Object.entries(stats.blocked.byReason).sort((a, b) => b[1] - a[1]);
    const mostly = !first ? t("None") : others.length ? t("mostly: {reason}", { reason: reasonName(first[0]) }) : reasonName(first[0]);
    const count = (name, good) => {
      const [now, was] = rows[0]?.hour && rowsBefore[0]?.date ? wholeDay(stats, before, name) : sumsOf(whole, name);
      return changeMark(changeOf(now, was), { good, before: f.number(was) });
    };
    const delivery = changeMark(changeOf(stats.deliveryRate, before.deliveryRate, true), {
      isRate: true, good: isSure(stats, before) ? "up" : "none", before: f.percent(before.deliveryRate) });
    return [
      kpi("sent", t("SMS sent"), f.number(stats.sent), t("{n} a day on average", { n: f.number(stats.dailyAverage, 1) }), meanings.sent(),
        spark(rows.map((row) => row.sent)), count("sent")),
      kpi("delivery", t("Delivery rate"), f.percent(stats.deliveryRate), t("{n} undelivered", { n: f.number(stats.undelivered) }), meanings.delivery(),
        spark(rows.map((row) => row.deliveryRate), "is-good", true), delivery),
      kpi("verified", t("Verified"), f.number(stats.verified), t("{rate} verification rate", { rate: f.percent(stats.verificationRate) }), meanings.verified(),
        spark(rows.map((row) => row.verified), "is-good"), count("verified", "up")),
      kpi("blocked", t("Blocked attempts"), f.number(stats.blocked.total), mostly, meanings.blocked(),
        spark(rows.map((row) => row.blocked), "is-bad"), count("blocked", "down")),
    ];
  });
}

/** The lists, and where each of their rows leads. */
function makeLists() {
  const columns = t("sent · delivery rate · change");
  const lists = {
    countries: ranking("countries-title", t("By country"), columns), routes: ranking("routes-title", t("By route"), columns),
    carriers: ranking("carriers-title", t("By carrier"), columns),
    errors: ranking("errors-title", t("By error"), t("messages · share · change"), "is-bad"),
    blocked: ranking("blocked-title", t("Blocked by reason"), t("sends · share · change"), "is-warn"),
  };
  const labels = {
    countries: (row) => [h("span.flag", { "aria-hidden": "true" }, row.country || "··"), f.country(row.country)],
    routes: (row) => row.route ?? t("No route"), carriers: (row) => row.carrier,
  };
  const filters = {
    countries: (row) => ({ country: row.country }), routes: (row) => ({ route: row.route }), carriers: (row) => ({ carrier: row.carrier }),
    errors: (row) => ({ delivery: row.delivery, carrier: row.carrier, error: row.error }), blocked: (row) => ({ reason: row.code }),
  };

  function draw(now, before) {
    const range = { from: now.stats.from, to: now.stats.to };
    const hrefOfRow = (kind, row) => {
      const filter = Object.entries(filters[kind](row)).filter(([, value]) => value);
      return filter.length ? hrefOf("requests", { ...Object.fromEntries(filter), ...range }) : null;
    };
    for (const kind of ["countries", "routes", "carriers"]) {
      const was = new Map(before[kind].map((row) => [nameOf[kind](row), row]));
      const items = now[kind].filter((row) => row.sent > 0).map((row) => {
        const key = nameOf[kind](row), old = was.get(key);
        return { key, label: labels[kind](row), href: hrefOfRow(kind, row), size: row.sent, rate: row.deliveryRate,
          before: old && { size: old.sent, rate: old.deliveryRate }, isSure: old && isSure(row, old) };
      });
      lists[kind].draw(items, { about: t("Messages, and how many of them were delivered") });
    }
    lists.carriers.card.hidden = !now.carriers.length;
    drawReasons(now, before, hrefOfRow);
  }
  function drawReasons(now, before, hrefOfRow) {
    const was = new Map(before.errors.map((row) => [nameOf.errors(row), row.messages]));
    const share = (size, all) => (all ? size / all : null);
    // More of everything is no change: counts are held against as many sends as there are now.
    const sends = (stats) => stats.sent + (stats.blocked?.total ?? 0);
    const scale = sends(before.stats) ? sends(now.stats) / sends(before.stats) : 0;
    const scaled = (size) => ({ size: (size ?? 0) * scale });
    lists.errors.draw(now.errors.map((row) => ({
      key: nameOf.errors(row), size: row.messages, share: share(row.messages, now.stats.undelivered), isBadBySize: true,
      href: hrefOfRow("errors", row), before: scaled(was.get(nameOf.errors(row))),
      label: meaning(row.errorMeaning) || deliveryName(row.delivery),
      small: [row.errorMeaning && deliveryName(row.delivery), row.error, row.carrier].filter(Boolean).join(" · "),
    })), { about: t("Undelivered messages by what the carrier said"), none: t("No errors") });
    const { byReason, total } = now.stats.blocked, old = before.stats.blocked?.byReason ?? {};
    const reasons = Object.entries(byReason).sort((a, b) => b[1] - a[1]);
    lists.blocked.draw(reasons.map(([code, size]) => ({
      key: code, size, share: share(size, total), isBadBySize: true, before: scaled(old[code]),
      href: hrefOfRow("blocked", { code }), label: reasonName(code),
    })), { about: t("Blocked sends by the rule that refused them"), none: t("Nothing was blocked") });
  }
  return { element: h("div.cards.two", null, Object.values(lists).map((list) => list.card)), draw };
}

/** Whether it got worse, through what, and since when, in a sentence. */
function verdictNotice(now, before, isHourly) {
  const kinds = ["carriers", "routes", "countries"];
  const verdict = verdictOf({
    now: now.stats, before: before.stats, rows: [...before.rows, ...now.rows],
    lists: kinds.map((kind) => ({ kind, now: now[kind], before: before[kind], nameOf: nameOf[kind] })) });
  if (!verdict) return null;
  const { by, isWorse, culprit, since } = verdict;
  const count = Math.round(Math.abs(by) * 1000) / 10, rates = { n: f.points(by), before: f.percent(before.stats.deliveryRate), now: f.percent(now.stats.deliveryRate) };
  const told = isWorse ? t("Delivery fell by {n} point, from {before} to {now}.|Delivery fell by {n} points, from {before} to {now}.", rates, count)
    : t("Delivery rose by {n} point, from {before} to {now}.|Delivery rose by {n} points, from {before} to {now}.", rates, count);
  const when = since && t("Since {when}.", { when: isHourly ? f.day(since.hour) : f.date(since.date) });
  return h("div.notice.verdict", { class: isWorse ? "bad" : "good", role: "status" }, icon(isWorse ? "alert" : "check"),
    h("span", null, h("b", null, told), " ", when, " ", culprit && culpritText(culprit, now.stats)));
}
function culpritText({ kind, row, was }, { from, to }) {
  const names = { carriers: () => t("Mostly by the carrier"), routes: () => t("Mostly by the route"), countries: () => t("Mostly in") };
  const name = kind === "countries" ? f.country(row.country) : nameOf[kind](row) || t("No route");
  const filter = { carriers: { carrier: row.carrier }, routes: { route: row.route }, countries: { country: row.country } }[kind];
  const href = hrefOf("requests", { ...filter, delivery: "undelivered", from, to });
  const moved = was ? `${f.percent(was.deliveryRate)} → ${f.percent(row.deliveryRate)}` : f.percent(row.deliveryRate);
  return [names[kind](), " ", h("a.breaks", { href }, name), `: ${moved}.`];
}

/** The page: a period, what it was before, and what is drawn of both. */
class Overview {
  constructor(page, { query, kept }) {
    Object.assign(this, { page, stopped: false, drawnFor: null, numbers: null, run: 0 });
    this.period = periods.known(query.get("period") ?? "", f.today());
    this.tools = periodTools((name) => this.choose(name));
    this.kpis = h("div.cards.four", { role: "group", "aria-label": t("Figures") }, Array.from({ length: 4 }, () => h("div.card.skeleton.tall")));
    this.parts = { latest: latestCard(), usage: usageCard(), charts: makeCharts(), lists: makeLists() };
    Object.assign(this, { trouble: h("div.trouble"), verdict: h("div.finding"), note: h("span.sub", { role: "status" }) });
    const { latest, usage, charts, lists } = this.parts;
    this.ofTraffic = [h("div.cards.charts", null, charts.days.card, charts.rates.card), lists.element, charts.speed.card];
    this.figures = [this.verdict, this.kpis, h("div.cards.wide-left", null, latest.card, usage.card), ...this.ofTraffic];
    page.append(h("div.head", null, h("h1", null, t("Overview")), this.note, this.tools.element), this.trouble, ...this.figures);
    this.tools.mark(this.period);
    if (kept?.numbers?.asked === this.period) {
      this.numbers = kept.numbers;
      this.draw();
    }
    this.refresh();
    // Live events tell of requests, not of an hour that has gone.
    this.aging = setInterval(() => { if (this.period === "24h" && !document.hidden) this.refresh(); }, 60_000);
  }

  choose(name) {
    push(hrefOf("", { period: name === periods.standard ? "" : name }));
    this.take(name);
  }
  take(name) {
    this.period = periods.known(name, f.today());
    this.tools.mark(this.period);
    this.page.dataset.waits = "true";
    return this.refresh();
  }

  async refresh() {
    const asked = this.period, range = periods.periodOf(asked, f.today()), mine = ++this.run;
    const isOver = () => this.stopped || mine !== this.run;
    try {
      const [now, before, used, beside] = await Promise.all([
        readPeriod(range), readBefore(range), readUsage(asked), readBeside(range)]);
      if (isOver()) return;
      this.numbers = { asked, range, now, before, used, beside };
      this.draw();
    } catch (failure) {
      if (!isOver()) this.fail(failure, asked);
    } finally {
      if (mine === this.run) delete this.page.dataset.waits;
    }
  }

  draw() {
    const { asked, range, now, before, used, beside } = this.numbers, { latest, usage, charts, lists } = this.parts;
    replace(this.trouble);
    const note = noteOf(range, now.stats);
    if (this.note.textContent !== note) this.note.textContent = note;
    drawKpis(this.kpis, now, before);
    latest.draw(now.stats.latest);
    usage.draw(used);
    // Of nothing there is nothing to draw.
    const isEmpty = now.stats.requests === 0 && now.stats.blocked.total === 0;
    this.figures.forEach((part) => { part.hidden = isEmpty && this.ofTraffic.includes(part); });
    put(this.verdict, [isEmpty, now.stats, before.stats, used.plan, beside.alerts, f.zone()], () => [alertNotices(beside.alerts), planNotice(used),
      !isEmpty && !range.hasHours && verdictNotice(now, before, range.isHourly)]);
    if (!isEmpty) {
      charts.draw(now, range.hasHours ? { ...before, beside: [] } : before, range.isHourly || range.hasHours, beside.changes);
      lists.draw(now, before);
    }
    this.drawnFor = asked;
    this.page.dataset.ready = asked;
  }

  /** Figures of another period than the one that is named would be untrue; those of this one only grow old. */
  fail(failure, asked) {
    if (failure instanceof Offline && this.drawnFor === asked) return;
    if (this.drawnFor !== asked) {
      this.drawnFor = null;
      delete this.page.dataset.ready;
      this.note.textContent = "";
      this.figures.forEach((part) => { part.hidden = true; });
    }
    const retry = () => { this.page.dataset.waits = "true"; this.refresh(); };
    replace(this.trouble, h("div.notice.bad", { role: "alert" },
      h("span", null, t("The numbers could not be read: {why}", { why: problemText(failure) })),
      h("button.button.small", { type: "button", onclick: retry }, t("Try again"))));
  }

  stop() {
    this.stopped = true;
    clearInterval(this.aging);
    this.parts.latest.stop();
    this.parts.charts.destroy();
    return { numbers: this.numbers };
  }
}

/** Which days these are, whose, and what they are held against. */
function noteOf(range, stats) {
  const days = ({ from, to }) => (from === to ? f.date(from) : `${f.date(from)} – ${f.date(to)}`);
  const till = Math.min(f.serverNow(), new Date(stats.to));
  const told = range.isHourly ? `${f.day(stats.from)} – ${f.day(till)}, ${f.zoneName()}` : `${days(range)}, UTC`;
  return `${told} · ${range.isHourly ? t("against the 24 hours before") : t("against {days}", { days: days(range.before) })}`;
}

export function mount(page, given) {
  const overview = new Overview(page, given);
  return {
    refresh: () => overview.refresh(), state: () => ({ numbers: overview.numbers }),
    show: (query) => void overview.take(query.get("period") ?? ""), unmount: () => overview.stop(),
  };
}
