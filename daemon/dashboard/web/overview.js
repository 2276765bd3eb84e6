// The numbers of an app: /v1/stats, /v1/stats/{daily,countries,routes,errors}, /v1/usage and /v1/usage/daily, and nothing else.
import { Offline, get } from "./api.js";
import { chartOf, spark } from "./charts.js";
import { h, icon, pill, put, skeleton, state, tip } from "./dom.js";
import { t } from "./i18n.js";
import * as f from "./format.js";
import { deliveryKind, deliveryName, reasonName, statusKind, statusName } from "./words.js";

const windows = ["1d", "7d", "30d", "90d"];
const windowName = (name) => ({ "1d": t("Today"), "7d": t("7 days"), "30d": t("30 days"), "90d": t("90 days") })[name];
const thisMonth = () => f.today().slice(0, 7);

function rangeOf(period) {
  if (windows.includes(period)) return { window: period };
  const [year, month] = period.split("-").map(Number);
  const last = new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
  return { from: `${period}-01`, to: last < f.today() ? last : f.today() };
}

/** What is told by which number; the same sentences as in the API's contract. */
const meanings = {
  sent: () => t("Messages handed to carriers or waiting for one, sent again ones included, in this period. Days are those of UTC."),
  delivery: () => t("Delivered ÷ (delivered + undelivered) messages. Messages without a report yet count for neither."),
  verified: () => t("Verified ÷ (requests − still pending). A request is verified when its right code came in time."),
  blocked: () => t("Sends that a rule refused: limits, cooldowns, lists, countries, the plan, or the pumping guard. They cost nothing."),
  latency: () => t("From the acceptance of a message to the carrier's report that it was delivered. Half of the messages were as fast as p50 or faster, 95 % as p95."),
  usage: () => t("Messages of this calendar month (UTC) as the plan counts them. The forecast goes on as the last seven whole days did."),
};

export function mount(page, { go, query }) {
  let period = query.get("period") ?? "30d";
  if (!windows.includes(period) && !/^20\d\d-(0[1-9]|1[0-2])$/.test(period)) period = "30d";
  let stopped = false, drawnFor = null, ticking = 0;

  const monthPick = h("input", { type: "month", "aria-label": t("A month"), max: thisMonth(), min: "2020-01", value: windows.includes(period) ? "" : period, onchange: (event) => { if (event.target.value) choose(event.target.value); } });
  const buttons = windows.map((name) => h("button", { type: "button", "data-period": name, onclick: () => choose(name) }, windowName(name)));
  const kpis = h("div.cards.four", { role: "group", "aria-label": t("Figures") }, Array.from({ length: 4 }, () => h("div.card.skeleton.tall")));
  const latest = h("section.card", { "aria-labelledby": "latest-title" }, h("header", null, h("h2", { id: "latest-title" }, t("Latest request"))), skeleton());
  const usage = h("section.card", { "aria-labelledby": "usage-title" }, h("header", null, h("h2", { id: "usage-title" }, t("Usage against plan"), tip(meanings.usage(), t("What is this?")))), skeleton());
  const days = chartOf(t("Messages by day"), [
    { name: t("Delivered"), color: "good", stack: "sent" }, { name: t("Undelivered"), color: "bad", stack: "sent" },
    { name: t("No report yet"), color: "faint", stack: "sent" }, { name: t("Verified"), color: "accent", type: "line" }], (value) => f.number(value));
  const speed = chartOf(t("Delivery time by day"), [{ name: "p50", color: "accent", type: "line" }, { name: "p95", color: "warn", type: "line" }], (value) => f.latency(value));
  const daysNote = h("span.muted");
  const daysCard = h("section.card", { "aria-labelledby": "days-title" }, h("header", null, h("h2", { id: "days-title" }, t("Messages by day")), daysNote,
    h("div.legend", { "aria-hidden": "true" }, legend("delivered", t("Delivered")), legend("undelivered", t("Undelivered")), legend("open", t("No report yet")), legend("line", t("Verified")))), days.element);
  const speedFigures = h("div.figures");
  const speedCard = h("section.card", { "aria-labelledby": "speed-title" }, h("header", null, h("h2", { id: "speed-title" }, t("Delivery time"), tip(meanings.latency(), t("What is this?"))),
    h("div.legend", { "aria-hidden": "true" }, legend("line", "p50"), legend("line p95", "p95"))), speedFigures, speed.element);
  const countries = ranking(t("By country"));
  const routes = ranking(t("By route"));
  const errors = ranking(t("By error"));
  const trouble = h("div");
  const note = h("span.sub");

  page.append(
    h("div.head", null, h("h1", null, t("Overview")), note,
      h("div.row", null, h("div.segments", { role: "group", "aria-label": t("Period") }, buttons), h("label.month", null, monthPick))),
    trouble, kpis, h("div.cards.wide-left", null, latest, usage), daysCard,
    h("div.cards.three", null, countries.card, routes.card, errors.card), speedCard);

  function choose(name) {
    period = name;
    history.replaceState(null, "", `/dashboard/${period === "30d" ? "" : `?period=${period}`}`);
    mark();
    refresh();
  }
  function mark() {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.period === period));
    if (windows.includes(period)) monthPick.value = "";
  }

  async function refresh() {
    const asked = period, range = rangeOf(period);
    // One day alone says little of its neighbours: the charts show the week that ends with it.
    const chartRange = period === "1d" ? { window: "7d" } : range;
    try {
      const [stats, daily, byCountry, byRoute, byError, plan, used] = await Promise.all([
        get("/v1/stats", range), get("/v1/stats/daily", chartRange), get("/v1/stats/countries", range), get("/v1/stats/routes", range),
        get("/v1/stats/errors", range), get("/v1/usage"), get("/v1/usage/daily", { from: f.daysBefore(f.today(), 7), to: f.today() })]);
      if (stopped || asked !== period) return;
      trouble.replaceChildren();
      note.textContent = `${f.date(stats.from)} – ${f.date(new Date(stats.to) - 1)}`;
      drawKpis(stats, daily.items);
      drawLatest(stats.latest);
      drawUsage(plan, used.items);
      drawDays(daily.items);
      drawSpeed(stats, daily.items);
      drawRanks(stats, byCountry.items, byRoute.items, byError.items);
      drawnFor = asked;
      page.dataset.ready = asked;
    } catch (failure) {
      if (stopped || failure instanceof Offline) return;
      trouble.replaceChildren(h("div.notice.bad", { role: "alert" }, t("The numbers could not be read: {why}", { why: failure.message }), " ", h("button.button.small", { onclick: refresh }, t("Try again"))));
      if (!drawnFor) kpis.replaceChildren();
    }
  }

  function drawKpis(stats, items) {
    put(kpis, [stats, items.map((item) => [item.sent, item.deliveryRate, item.verified, item.blocked])], () => {
      const byReason = Object.entries(stats.blocked.byReason).sort((a, b) => b[1] - a[1]);
      return [
        kpi("sent", t("SMS sent"), f.number(stats.sent), t("{n} a day on average", { n: f.number(stats.dailyAverage, 1) }), meanings.sent(), spark(items.map((item) => item.sent))),
        kpi("delivery", t("Delivery rate"), f.percent(stats.deliveryRate), t("{n} undelivered", { n: f.number(stats.undelivered) }), meanings.delivery(), spark(items.map((item) => item.delivered), "is-good")),
        kpi("verified", t("Verified"), f.number(stats.verified), t("{rate} verification rate", { rate: f.percent(stats.verificationRate) }), meanings.verified(), spark(items.map((item) => item.verified), "is-good")),
        kpi("blocked", t("Blocked attempts"), f.number(stats.blocked.total), byReason.length ? byReason.slice(0, 3).map(([code, n]) => `${reasonName(code)}: ${f.number(n)}`).join(" · ") : t("None"), `${meanings.blocked()} ${byReason.map(([code, n]) => `${reasonName(code)}: ${f.number(n)}.`).join(" ")}`, spark(items.map((item) => item.blocked), "is-bad")),
      ];
    });
  }

  function drawLatest(one) {
    clearInterval(ticking);
    const body = h("div.stack");
    put(latest, one, () => [h("header", null, h("h2", { id: "latest-title" }, t("Latest request")), one && h("a.button.small", { href: `/dashboard/requests/${one.requestId}` }, t("Its way"))), body]);
    if (!one) {
      if (body.isConnected) body.append(state("inbox", t("No request in this period"), t("The first one shows up here by itself.")));
      return;
    }
    if (body.isConnected) {
      const ring = h("svg.ring", { viewBox: "0 0 44 44", "aria-hidden": "true" }, h("circle", { cx: 22, cy: 22, r: 19 }), h("circle.left", { cx: 22, cy: 22, r: 19, pathLength: 100, "stroke-dasharray": "100 100" }));
      const left = h("span");
      body.append(
        h("div.latest-head", null, ring, h("div", null, h("div.big", null, one.phone), h("div.row", null, pill(statusName(one.status), statusKind[one.status]), pill(deliveryName(one.delivery.status), deliveryKind[one.delivery.status]), left))),
        h("dl.pair", null, h("dt", null, t("Request")), h("dd", null, h("a.mono", { href: `/dashboard/requests/${one.requestId}` }, one.requestId)),
          h("dt", null, t("Country")), h("dd", null, f.country(one.country)), h("dt", null, t("Route")), h("dd", null, one.delivery.route || f.nothing, one.delivery.carrier ? h("span.muted", null, ` · ${one.delivery.carrier}`) : null),
          h("dt", null, t("Delivery time")), h("dd", null, f.latency(one.delivery.latencyMs)), h("dt", null, t("Made")), h("dd", { "data-ago": one.createdAt }, "")));
      if (one.reason) body.append(h("p.muted", null, reasonName(one.reason)));
      latest.tick = () => {
        const ttl = one.ttlSeconds, rest = Math.max(0, Math.ceil((new Date(one.expiresAt) - f.serverNow()) / 1000));
        const lives = one.status === "pending" && rest > 0;
        ring.lastChild.setAttribute("stroke-dasharray", `${lives ? Math.min(100, (rest / ttl) * 100) : 0} 100`);
        left.textContent = lives ? t("{left} of {ttl} left", { left: f.seconds(rest), ttl: f.seconds(ttl) }) : ttl > 0 ? t("Valid for {ttl}", { ttl: f.seconds(ttl) }) : "";
        body.querySelector("[data-ago]").textContent = f.ago(one.createdAt);
      };
    }
    latest.tick?.();
    ticking = setInterval(() => latest.tick?.(), 1000);
  }

  function drawUsage(plan, items) {
    // The last seven whole days, today left out: it is not over.
    const whole = items.filter((item) => item.date < f.today());
    const aDay = whole.length ? whole.reduce((sum, item) => sum + item.used, 0) / whole.length : 0;
    const daysLeft = Math.max(0, (new Date(plan.resetsAt) - f.serverNow()) / 86_400_000);
    const forecast = Math.round(plan.used + aDay * daysLeft);
    put(usage, [plan, forecast], () => {
      const share = plan.included ? plan.used / plan.included : 0;
      const expected = plan.included ? forecast / plan.included : 0;
      const fill = h("i", { class: share >= 1 ? "bad" : share >= 0.8 ? "warn" : "", style: { width: `${Math.min(100, share * 100)}%` } });
      const word = plan.included === null ? t("Without an end") : expected > 1 ? t("More than the plan by {n}", { n: f.number(forecast - plan.included) }) : t("Within the plan");
      return [
        h("header", null, h("h2", { id: "usage-title" }, t("Usage against plan"), tip(meanings.usage(), t("What is this?"))), pill(plan.plan)),
        h("div.stack", null,
          h("div", null, h("span.big", null, f.number(plan.used)), h("span.muted", null, ` ${plan.included === null ? t("messages this month") : t("of {n} messages", { n: f.number(plan.included) })}`)),
          plan.included !== null && h("div.bar", { role: "meter", "aria-label": t("Used of the plan"), "aria-valuenow": plan.used, "aria-valuemin": 0, "aria-valuemax": plan.included, "aria-valuetext": f.percent(share, 0) }, fill, expected < 1 && h("b", { style: { width: `${expected * 100}%` } })),
          h("dl.pair", null, h("dt", null, t("Remaining")), h("dd", null, plan.remaining === null ? t("Without an end") : f.number(plan.remaining)),
            h("dt", null, t("Forecast")), h("dd", null, f.number(forecast), " ", h("span", { class: plan.included !== null && expected > 1 ? "bad" : "muted" }, `· ${word}`)),
            h("dt", null, t("Starts anew")), h("dd", null, f.date(plan.resetsAt, { day: "numeric", month: "long" })))),
      ];
    });
  }

  function drawDays(items) {
    daysNote.textContent = period === "1d" ? t("Last 7 days") : "";
    days.draw({ labels: items.map((item) => f.date(item.date)), rows: items.map((item) => [item.delivered, item.undelivered, Math.max(0, item.sent - item.delivered - item.undelivered), item.verified]) });
  }
  function drawSpeed(stats, items) {
    put(speedFigures, stats.latencyMs, () => [h("div", null, h("span", null, "p50"), h("b.big", { "data-kpi": "p50" }, f.latency(stats.latencyMs.p50))), h("div", null, h("span", null, "p95"), h("b.big", { "data-kpi": "p95" }, f.latency(stats.latencyMs.p95)))]);
    speed.draw({ labels: items.map((item) => f.date(item.date)), rows: items.map((item) => [item.latencyMs.p50, item.latencyMs.p95]) });
  }

  function drawRanks(stats, byCountry, byRoute, byError) {
    const sentOf = (item) => [f.number(item.sent), f.percent(item.deliveryRate, 0)];
    countries.draw(byCountry.filter((item) => item.sent > 0), (item) => [h("span.flag", { "aria-hidden": "true" }, item.country || "··"), " ", f.country(item.country)], (item) => item.sent, sentOf, t("Messages, and how many of them were delivered"));
    routes.draw(byRoute.filter((item) => item.sent > 0), (item) => item.route ?? t("No route"), (item) => item.sent, sentOf, t("Messages, and how many of them were delivered"));
    errors.draw(byError, (item) => [errorName(item), item.carrier ? h("small", null, ` ${item.carrier}`) : ""], (item) => item.messages, (item) => [f.number(item.messages), f.percent(stats.undelivered ? item.messages / stats.undelivered : null, 0)], t("Undelivered messages by what the carrier said"), true);
  }

  mark();
  refresh();
  return { refresh, unmount() { stopped = true; clearInterval(ticking); } };
}

export const errorName = (item) => item.error ? `${item.error.replaceAll("_", " ")} · ${deliveryName(item.delivery)}` : deliveryName(item.delivery);
const legend = (kind, name) => h("span", { class: kind }, h("i"), name);

function kpi(id, name, value, more, meaning, line) {
  return h("section.card.kpi", { "data-kpi": id }, h("h2.name", null, name, tip(meaning, t("What is {name}?", { name }))), h("div.value", null, value), h("div.more", null, more), line);
}

/** The largest first, with bars as long as their share of the largest. */
function ranking(title) {
  const body = h("div", null, skeleton(3));
  const more = h("span.muted");
  const card = h("section.card", null, h("header", null, h("h2", null, title), more), body);
  const draw = (items, label, size, numbers, meaning, isBad = false) => put(body, items, () => {
    if (!items.length) return state(isBad ? "check" : "inbox", isBad ? t("No errors") : t("Nothing yet"), null);
    const top = Math.max(...items.map(size));
    more.textContent = items.length > 8 ? t("8 of {n}", { n: f.number(items.length) }) : "";
    return h("ul.rank", { class: isBad ? "is-bad" : "", "aria-label": meaning }, items.slice(0, 8).map((item) => {
      const [first, second] = numbers(item);
      return h("li", null, h("i", { "aria-hidden": "true", style: { width: `${Math.max(1.5, (size(item) / top) * 100)}%` } }), h("span.label", null, label(item)), h("span.number", null, first, " ", h("small", null, second)));
    }));
  });
  return { card, draw };
}
