// The numbers of an app: /v1/stats with its groupings, /v1/usage and /v1/usage/daily, and nothing else.
import { Offline, get } from "./api.js";
import { chartOf, spark } from "./charts.js";
import { h, put, skeleton, state, tip } from "./dom.js";
import { t } from "./i18n.js";
import * as f from "./format.js";
import { latestCard } from "./latest.js";
import { usageCard } from "./usage.js";
import { deliveryName, meaning, problemText, reasonName } from "./words.js";

const windows = ["24h", "7d", "30d", "90d"];
const windowName = (name) => ({ "24h": t("24 hours"), "7d": t("7 days"), "30d": t("30 days"), "90d": t("90 days") })[name];
const months_back = 13;
const standard = "30d";

/** "2026-11" and those before it. */
function lastMonths() {
  const [year, month] = f.today().split("-").map(Number);
  return Array.from({ length: months_back }, (_, back) => new Date(Date.UTC(year, month - 1 - back, 1)).toISOString().slice(0, 7));
}

function rangeOf(period) {
  if (windows.includes(period)) return { window: period };
  const [year, month] = period.split("-").map(Number);
  const last = new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
  return { from: `${period}-01`, to: last < f.today() ? last : f.today() };
}

/** What is told by which number; the same sentences as in the API's contract. */
const meanings = {
  sent: () => t("Messages handed to carriers or waiting for one, resends included, of the requests made in this period. Days and hours are those of UTC."),
  delivery: () => t("Delivered ÷ (delivered + undelivered) messages. Messages without a report yet count for neither."),
  verified: () => t("Verified ÷ (requests − still pending). A request is verified when its right code came in time."),
  blocked: () => t("Sends that a rule refused: limits, cooldowns, lists, countries, the plan, or the pumping guard. They cost nothing."),
  latency: () => t("From the acceptance of a message to the carrier's report that it was delivered. Half of the messages were as fast as p50 or faster, 95 % as p95."),
};

export function mount(page, { query }) {
  let period = query.get("period") ?? standard;
  if (!windows.includes(period) && !/^20\d\d-(0[1-9]|1[0-2])$/.test(period)) period = standard;
  let stopped = false, drawnFor = null;

  const months = lastMonths();
  if (!windows.includes(period) && !months.includes(period)) months.push(period);
  const monthPick = h("select.month", { "aria-label": t("A month"), onchange: (event) => choose(event.target.value || standard) },
    h("option", { value: "" }, t("Month…")), months.map((name) => h("option", { value: name, selected: name === period }, f.month(`${name}-01`))));
  const buttons = windows.map((name) => h("button", { type: "button", "data-period": name, onclick: () => choose(name) }, windowName(name)));
  const kpis = h("div.cards.four", { role: "group", "aria-label": t("Figures") }, Array.from({ length: 4 }, () => h("div.card.skeleton.tall")));
  const latest = latestCard(), usage = usageCard();
  const days = chartOf([
    { name: t("Delivered"), color: "bar", stack: "sent" }, { name: t("Undelivered"), color: "bar-bad", stack: "sent" },
    { name: t("No report yet"), color: "bar-open", stack: "sent" }, { name: t("Verified"), color: "line-strong", type: "line" }], (value) => f.number(value));
  const speed = chartOf([{ name: "p50", color: "bar", type: "line" }, { name: "p95", color: "line-warn", type: "line" }], (value) => f.latency(value));
  const daysTitle = h("h2", { id: "days-title" }, t("Messages by day"));
  const daysCard = h("section.card", { "aria-labelledby": "days-title" }, h("header", null, daysTitle,
    h("div.legend", { "aria-hidden": "true" }, legend("delivered", t("Delivered")), legend("undelivered", t("Undelivered")), legend("open", t("No report yet")), legend("line", t("Verified")))), days.element);
  const speedFigures = h("div.figures");
  const speedCard = h("section.card", { "aria-labelledby": "speed-title" }, h("header", null, h("h2", { id: "speed-title" }, t("Delivery time"), tip(meanings.latency(), t("What is this?"))), speedFigures), speed.element);
  const countries = ranking(t("By country"), t("sent · delivery rate")), routes = ranking(t("By route"), t("sent · delivery rate"));
  const errors = ranking(t("By error"), t("messages · share"), "is-bad"), blocked = ranking(t("Blocked by reason"), t("sends · share"), "is-warn");
  const trouble = h("div.trouble");
  const note = h("span.sub", { role: "status" });

  const breakdowns = h("div.cards.two", null, countries.card, routes.card, errors.card, blocked.card);

  page.append(
    h("div.head", null, h("h1", null, t("Overview")), note, h("div.periods", null, h("div.segments", { role: "group", "aria-label": t("Period") }, buttons), monthPick)),
    trouble, kpis, h("div.cards.wide-left", null, latest.card, usage.card), daysCard,
    breakdowns, speedCard);

  function choose(name) {
    period = name;
    history.replaceState(null, "", `/dashboard/${period === standard ? "" : `?period=${period}`}`);
    mark();
    page.dataset.waits = "true";
    refresh();
  }
  function mark() {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.period === period));
    monthPick.value = windows.includes(period) ? "" : period;
    monthPick.classList.toggle("is-chosen", monthPick.value !== "");
  }

  async function refresh() {
    const asked = period, range = rangeOf(period), isHourly = period === "24h";
    try {
      const [stats, rows, byCountry, byRoute, byError, plan, used] = await Promise.all([
        get("/v1/stats", range), isHourly ? get("/v1/stats/hourly", range) : get("/v1/stats/daily", range), get("/v1/stats/countries", range), get("/v1/stats/routes", range),
        get("/v1/stats/errors", range), get("/v1/usage"), get("/v1/usage/daily", { from: f.daysBefore(f.today(), 7), to: f.today() })]);
      if (stopped || asked !== period) return;
      trouble.replaceChildren();
      note.textContent = isHourly ? `${f.day(stats.from)} – ${f.day(Math.min(f.serverNow(), new Date(stats.to)))}` : `${f.date(stats.from)} – ${f.date(new Date(stats.to) - 1)}`;
      drawKpis(stats, rows.items);
      latest.draw(stats.latest);
      usage.draw(plan, used.items);
      // Of nothing there is nothing to draw.
      const isEmpty = stats.requests === 0 && stats.blocked.total === 0;
      for (const part of [daysCard, breakdowns, speedCard]) part.hidden = isEmpty;
      if (!isEmpty) {
        drawCharts(stats, rows.items, isHourly);
        drawRanks(stats, byCountry.items, byRoute.items, byError.items);
      }
      drawnFor = asked;
      page.dataset.ready = asked;
    } catch (failure) {
      if (stopped || failure instanceof Offline) return;
      trouble.replaceChildren(h("div.notice.bad", { role: "alert" }, h("span", null, t("The numbers could not be read: {why}", { why: problemText(failure) })), h("button.button.small", { onclick: refresh }, t("Try again"))));
      if (!drawnFor) kpis.replaceChildren();
    } finally {
      if (asked === period) delete page.dataset.waits;
    }
  }

  function drawKpis(stats, rows) {
    put(kpis, [stats, rows.map((row) => [row.sent, row.deliveryRate, row.verified, row.blocked])], () => {
      const [first, ...others] = Object.entries(stats.blocked.byReason).sort((a, b) => b[1] - a[1]);
      const mostly = first ? others.length ? t("mostly: {reason}", { reason: reasonName(first[0]) }) : reasonName(first[0]) : t("None");
      return [
        kpi("sent", t("SMS sent"), f.number(stats.sent), t("{n} a day on average", { n: f.number(stats.dailyAverage, 1) }), meanings.sent(), spark(rows.map((row) => row.sent))),
        kpi("delivery", t("Delivery rate"), f.percent(stats.deliveryRate), t("{n} undelivered", { n: f.number(stats.undelivered) }), meanings.delivery(), spark(rows.map((row) => row.deliveryRate), "is-good")),
        kpi("verified", t("Verified"), f.number(stats.verified), t("{rate} verification rate", { rate: f.percent(stats.verificationRate) }), meanings.verified(), spark(rows.map((row) => row.verified), "is-good")),
        kpi("blocked", t("Blocked attempts"), f.number(stats.blocked.total), mostly, meanings.blocked(), spark(rows.map((row) => row.blocked), "is-bad")),
      ];
    });
  }

  function drawCharts(stats, rows, isHourly) {
    const name = isHourly ? t("Messages by hour") : t("Messages by day");
    daysTitle.textContent = name;
    const labels = rows.map((row) => (isHourly ? f.hour(row.hour) : f.date(row.date)));
    const titles = isHourly ? rows.map((row) => f.day(row.hour)) : undefined;
    days.draw({ name, labels, titles, rows: rows.map((row) => [row.delivered, row.undelivered, Math.max(0, row.sent - row.delivered - row.undelivered), row.verified]) });
    put(speedFigures, stats.latencyMs, () => ["p50", "p95"].map((share) => h("div", { class: share }, h("i", { "aria-hidden": "true" }), h("span", null, share), h("b", { "data-kpi": share }, f.latency(stats.latencyMs[share])))));
    speed.draw({ name: isHourly ? t("Delivery time by hour") : t("Delivery time by day"), labels, titles, rows: rows.map((row) => [row.latencyMs.p50, row.latencyMs.p95]) });
  }

  function drawRanks(stats, byCountry, byRoute, byError) {
    const sent = (row) => ({ size: row.sent, first: f.number(row.sent), second: f.percent(row.deliveryRate, 0) });
    const messages = t("Messages, and how many of them were delivered");
    countries.draw(byCountry.filter((row) => row.sent > 0).map((row) => ({ ...sent(row), label: [h("span.flag", { "aria-hidden": "true" }, row.country || "··"), f.country(row.country)] })), messages);
    routes.draw(byRoute.filter((row) => row.sent > 0).map((row) => ({ ...sent(row), label: row.route ?? t("No route") })), messages);
    errors.draw(byError.map((row) => ({
      size: row.messages, first: f.number(row.messages), second: f.percent(stats.undelivered ? row.messages / stats.undelivered : null, 0), label: meaning(row.errorMeaning) || deliveryName(row.delivery),
      small: [row.errorMeaning && deliveryName(row.delivery), row.error, row.carrier].filter(Boolean).join(" · "),
    })), t("Undelivered messages by what the carrier said"), t("No errors"));
    blocked.draw(Object.entries(stats.blocked.byReason).sort((a, b) => b[1] - a[1]).map(([code, sends]) => ({
      size: sends, first: f.number(sends), second: f.percent(sends / stats.blocked.total, 0), label: reasonName(code),
    })), t("Blocked sends by the rule that refused them"), t("Nothing was blocked"));
  }

  mark();
  refresh();
  // Live events tell of requests, not of an hour that has gone.
  const aging = setInterval(() => { if (period === "24h" && !document.hidden) refresh(); }, 60_000);
  return { refresh, unmount() { stopped = true; clearInterval(aging); latest.stop(); } };
}

const legend = (kind, name) => h("span", { class: kind }, h("i"), name);

function kpi(id, name, value, more, meaningOf, line) {
  return h("section.card.kpi", { "data-kpi": id }, h("h2.name", null, h("span", null, name), tip(meaningOf, t("What is {name}?", { name }))), h("div.value", null, value), h("div.more", null, more), line);
}

/** The largest first, with bars as long as their share of the largest. */
function ranking(title, columns, kind = "") {
  const most = 8;
  const body = h("div", null, skeleton(3));
  const more = h("span.muted.columns", { "aria-hidden": "true" });
  const card = h("section.card", null, h("header", null, h("h2", null, title), more), body);
  const draw = (items, about, none) => put(body, items.map(({ label, ...rest }) => [rest, String([label].flat().map((part) => part.textContent ?? part))]), () => {
    more.textContent = [items.length > most && t("8 of {n}", { n: f.number(items.length) }), items.length && columns].filter(Boolean).join(" · ");
    if (!items.length) return state(none ? "check" : "inbox", none ?? t("Nothing yet"), null);
    const top = Math.max(...items.map((item) => item.size));
    return h("ul.rank", { class: kind, "aria-label": about }, items.slice(0, most).map((item) => h("li", null,
      h("i", { "aria-hidden": "true", style: { width: `${Math.max(1.5, (item.size / top) * 100)}%` } }),
      h("span.label", null, item.label, item.small && h("small", null, item.small)), h("span.number", null, item.first, " ", h("small", null, item.second)))));
  });
  return { card, draw };
}
