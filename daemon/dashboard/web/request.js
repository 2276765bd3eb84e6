// One request: where it stands, and all that happened to it.
import { Offline, Problem, get, mode } from "./api.js";
import { copyButton, h, icon, pill, put, skeleton, state } from "./dom.js";
import { t } from "./i18n.js";
import * as f from "./format.js";
import { deliveryKind, deliveryName, eventName, meaning, problemText, reasonName, statusKind, statusName } from "./words.js";

const bad = new Set(["refused", "outcome_unknown", "attempt", "blocked", "locked", "failed"]);
const good = new Set(["submitted", "verified", "converted"]);

export function mount(page, { id }) {
  let stopped = false, ticking = 0;
  const body = h("div.stack", null, skeleton(8));
  page.append(h("div.head", null, h("a.icon-button", { href: "/dashboard/requests", "aria-label": t("Back to the requests") }, icon("back")), h("div.named", null, h("h1.mono", null, id), copyButton(id))), body);

  async function read() {
    try {
      return await get(`/v1/otp/${encodeURIComponent(id)}`);
    } catch (failure) {
      // A request of a test key is asked for as one.
      if (!(failure instanceof Problem) || failure.status !== 404 || mode.test) throw failure;
      mode.test = true;
      return get(`/v1/otp/${encodeURIComponent(id)}`);
    }
  }

  async function refresh() {
    try {
      const one = await read();
      if (stopped) return;
      put(body, one, () => draw(one));
      page.dataset.ready = one.status;
      clearInterval(ticking);
      const left = body.querySelector("[data-left]");
      const tick = () => {
        const rest = Math.max(0, Math.ceil((new Date(one.expiresAt) - f.serverNow()) / 1000));
        if (left) left.textContent = one.status === "pending" && rest > 0 ? `· ${t("{left} left", { left: f.seconds(rest) })}` : "";
      };
      tick();
      if (one.status === "pending") ticking = setInterval(tick, 1000);
    } catch (failure) {
      if (stopped || failure instanceof Offline) return;
      body.replaceChildren(h("div.card", null, failure.status === 404 || failure.status === 400
        ? state("search", t("There is no such request"), t("It may be older than the log is kept, or of another app."), h("a.button", { href: "/dashboard/requests" }, t("Back to the requests")))
        : state("alert", t("The request could not be read"), problemText(failure), h("button.button", { onclick: refresh }, t("Try again")))));
      body.sign = null;
    }
  }
  refresh();
  return { refresh, unmount() { stopped = true; clearInterval(ticking); mode.test = false; } };
}

function draw(one) {
  const wasSent = one.sends > 0;
  const pairs = [
    [t("Phone"), one.phone], [t("Country"), f.country(one.country)], [t("Created"), f.moment(one.createdAt)], ...(wasSent ? [[t("Valid for"), f.seconds(one.ttlSeconds), h("span.muted", { "data-left": "" })]] : []),
    [t("Route"), one.delivery.route || f.nothing], ...(wasSent ? [[t("Carrier"), one.delivery.carrier ?? f.nothing], [t("Delivery time"), f.latency(one.delivery.latencyMs)], [t("Messages"), f.number(one.sends)],
      [t("Attempts left"), f.number(one.attemptsRemaining)]] : []), [t("Purpose"), one.purpose], ...(one.reference ? [[t("Reference"), one.reference]] : []), ...(one.userId ? [[t("User"), one.userId]] : []),
    ...Object.entries(one.metadata ?? {}), ...(one.delivery.messageIds?.length ? [[t("Carrier's message id"), h("span.mono", null, one.delivery.messageIds.join(", "))]] : [])];
  return [
    h("section.card", { "aria-labelledby": "way-title" }, h("header", null, h("h2", { id: "way-title" }, t("Timeline")), pill(statusName(one.status), statusKind[one.status]), one.status !== "blocked" && pill(deliveryName(one.delivery.status), deliveryKind[one.delivery.status]), one.test && pill(t("Test"))),
      steps(one), why(one)),
    h("div.cards.wide-left", null,
      h("section.card", { "aria-labelledby": "events-title" }, h("header", null, h("h2", { id: "events-title" }, t("Events"))), h("ol.events", null, one.events.map((event, at) => eventRow(event, one.events[at - 1])))),
      h("section.card", { "aria-labelledby": "facts-title" }, h("header", null, h("h2", { id: "facts-title" }, t("Details"))), h("dl.pair", null, pairs.map(([name, ...value]) => [h("dt", null, name), h("dd", null, value.map((part) => [part, " "]))])))),
  ];
}

/** created → queued → submitted → delivered → verified, as far as it came. */
function steps(one) {
  const first = (...types) => one.events.find((event) => types.includes(event.type));
  const created = first("created"), queued = first("queued"), taken = first("submitted"), refusedAll = !taken && first("refused", "outcome_unknown");
  const reports = one.events.filter((event) => event.type === "receipt");
  const arrived = reports.find((event) => event.detail === "delivered"), lost = !arrived && reports.at(-1);
  const verified = first("verified", "converted");
  const over = ["expired", "locked", "canceled", "failed", "blocked"].includes(one.status);
  const all = [
    { name: t("Created"), at: created }, { name: t("Queued"), at: queued, failed: one.status === "blocked" && first("blocked"), failedName: t("Blocked") },
    { name: t("Submitted"), at: taken, failed: ["rejected", "expired"].includes(one.delivery.status) && (refusedAll || null), failedName: t("Refused") },
    { name: t("Delivered"), at: arrived, failed: lost, failedName: lost ? deliveryName(lost.detail) : "" },
    { name: t("Verified"), at: verified, failed: over && one.status !== "blocked" && (first(one.status) ?? { at: one.expiresAt }), failedName: statusName(one.status) }];
  const nextAt = over || verified ? -1 : all.findIndex((step) => !step.at && !step.failed);
  return h("ol.steps", { "aria-label": t("Timeline") }, all.map((step, at) => {
    const when = step.at ?? step.failed;
    const kind = step.at ? "done" : step.failed ? "failed" : at === nextAt ? "now" : "";
    const took = when && created && at > 0 ? new Date(when.at) - new Date(created.at) : null;
    return h("li", { class: kind, "aria-current": kind === "now" ? "step" : null },
      h("span.knot", { "aria-hidden": "true" }, kind === "done" ? icon("check") : kind === "failed" ? icon("cross") : kind === "now" ? icon("dots") : null),
      h("strong", null, step.at || !step.failed ? step.name : step.failedName), h("small", null, when ? (at === 0 ? f.clock(when.at) : `+${f.latency(Math.max(0, took))}`) : kind === "now" ? t("waiting") : ""));
  }));
}

function why(one) {
  const event = one.events.findLast((each) => each.errorMeaning || each.error);
  const isLost = ["undelivered", "rejected", "expired"].includes(one.delivery.status);
  const words = one.reason ? reasonName(one.reason) : isLost && event ? meaning(event.errorMeaning) || event.error : "";
  if (!words) return null;
  return h("p.notice.why", { class: isLost || one.status === "failed" ? "bad" : "warn" }, icon("alert"), h("span", null, words, event?.error && isLost ? h("span.mono", null, ` (${event.error})`) : null));
}

function eventRow(event, before) {
  const kind = event.type === "receipt" ? (event.detail === "delivered" ? "good" : "bad") : bad.has(event.type) ? "bad" : good.has(event.type) ? "good" : "";
  const name = event.type === "receipt" ? `${eventName("receipt")}: ${deliveryName(event.detail)}` : eventName(event.type);
  const error = kind === "bad" && (event.errorMeaning ? `${meaning(event.errorMeaning)} (${event.error})` : event.error);
  const facts = [event.carrier, event.latencyMs !== undefined && f.latency(event.latencyMs), event.type !== "receipt" && event.detail && reasonName(event.detail), error].filter(Boolean);
  return h("li", { class: kind }, h("div", null, h("b", null, name), facts.length ? h("p", null, facts.join(" · ")) : null, event.messageId ? h("p.mono", null, event.messageId) : null),
    h("time", { datetime: event.at, title: event.at }, f.clock(event.at), before ? h("span", null, ` +${f.latency(Math.max(0, new Date(event.at) - new Date(before.at)))}`) : null));
}
