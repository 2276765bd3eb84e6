// One request: where it stands, all that happened to it, and what can be done about it.
import { Offline, Problem, get, manage, mode, session } from "./api.js";
import { copyButton, dialog, h, icon, pill, put, replace, skeleton, state, toast } from "./dom.js";
import { t } from "./i18n.js";
import * as f from "./format.js";
import { attempt, field, sure } from "./managed.js";
import { cameFrom, hrefOf } from "./places.js";
import { deliveryKind, deliveryName, errorText, eventName, limitName, problemText, reasonName, statusKind, statusName } from "./words.js";

const bad = new Set(["refused", "outcome_unknown", "attempt", "blocked", "locked", "failed"]);
const good = new Set(["submitted", "verified", "converted"]);

export function mount(page, { id }) {
  let stopped = false, ticking = 0;
  const body = h("div.stack", null, skeleton(8));
  const limits = limitsCard(id);
  // Whoever came from the list goes back to where they were in it.
  const isFromList = cameFrom("requests");
  const back = h("a.icon-button", { href: hrefOf("requests"), "aria-label": t("Back to the requests"), onclick: (event) => {
    if (!isFromList || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    history.back();
  } }, icon("back"));
  page.append(h("div.head", null, back, h("div.named", null, h("h1.mono", null, id), copyButton(id))), body, limits.card);

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
      put(body, [one, f.zone()], () => draw(one, refresh));
      limits.show(one);
      page.dataset.ready = one.status;
      clearInterval(ticking);
      const tick = () => {
        const left = body.querySelector("[data-left]");
        const rest = Math.max(0, Math.ceil((new Date(one.expiresAt) - f.serverNow()) / 1000));
        const text = one.status === "pending" && rest > 0 ? `· ${t("{left} left", { left: f.seconds(rest) })}` : "";
        if (left && left.textContent !== text) left.textContent = text;
      };
      tick();
      if (one.status === "pending") ticking = setInterval(tick, 1000);
    } catch (failure) {
      if (stopped || failure instanceof Offline) return;
      limits.card.hidden = true;
      const isUnknown = failure.status === 404 || failure.status === 400;
      replace(body, h("div.card", null, isUnknown
        ? state("search", t("There is no such request"), t("It may be older than the log is kept, or of another app."),
          h("a.button", { href: hrefOf("requests") }, t("Back to the requests")))
        : state("alert", t("The request could not be read"), problemText(failure),
          h("button.button", { type: "button", onclick: refresh }, t("Try again")))));
    }
  }
  refresh();
  return { refresh, unmount() { stopped = true; clearInterval(ticking); mode.test = false; } };
}
function pairsOf(one) {
  const wasSent = one.sends > 0, { delivery } = one;
  const sent = !wasSent ? [] : [[t("Carrier"), delivery.carrier ?? f.nothing], [t("Delivery time"), f.latency(delivery.latencyMs)],
    ...(one.price ? [[t("Price"), f.money(one.price, one.currency)]] : []),
    [t("Messages"), f.number(one.sends)], [t("Attempts left"), f.number(one.attemptsRemaining)]];
  return [
    [t("Phone"), one.phone], [t("Country"), f.country(one.country)], [t("Created"), f.moment(one.createdAt)],
    ...(wasSent ? [[t("Valid for"), f.seconds(one.ttlSeconds), h("span.muted", { "data-left": "" })]] : []),
    [t("Route"), delivery.route || f.nothing], ...sent, [t("Purpose"), one.purpose],
    ...(one.reference ? [[t("Reference"), one.reference]] : []), ...(one.userId ? [[t("User"), one.userId]] : []),
    ...Object.entries(one.metadata ?? {}),
    ...(delivery.messageIds?.length ? [[t("Carrier's message id"), h("span.mono", null, delivery.messageIds.join(", "))]] : [])];
}

function draw(one, refresh) {
  const pills = [pill(statusName(one.status), statusKind[one.status]),
    one.status !== "blocked" && pill(deliveryName(one.delivery.status), deliveryKind[one.delivery.status]), one.test && pill(t("Test"))];
  const zone = h("span.muted", null, f.zoneName());
  return [
    h("section.card", { "aria-labelledby": "way-title" }, h("header", null, h("h2", { id: "way-title" }, t("Timeline")), pills),
      steps(one), why(one), actions(one, refresh)),
    h("div.cards.wide-left", null,
      h("section.card", { "aria-labelledby": "events-title" }, h("header", null, h("h2", { id: "events-title" }, t("Events")), zone),
        h("ol.events", null, one.events.map((event, at) => eventRow(event, one.events[at - 1])))),
      h("section.card", { "aria-labelledby": "facts-title" }, h("header", null, h("h2", { id: "facts-title" }, t("Details"))),
        h("dl.pair", null, pairsOf(one).map(([name, ...value]) => [h("dt", { dir: "auto" }, name),
          h("dd", { dir: "auto" }, value.map((part) => [part, " "]))])))),
  ];
}

/** What somebody who has the customer on the phone wants next. */
function actions(one, refresh) {
  const others = h("a.button.small", { href: hrefOf("requests", { phoneOf: one.requestId, test: one.test ? "true" : "" }) },
    t("All requests of this phone"));
  const cancel = () => sure(t("Cancel this request?"), t("Its code stops working at once; the person may ask for a new one."), t("Cancel it"), async () => {
    await manage(`otp/${one.requestId}/cancel`, {});
    toast(t("Canceled"));
    refresh();
  });
  const again = () => sure(t("Send this code again?"), t("The same code, which ends when it would have; it counts as a message."), t("Send it"), async () => {
    await manage(`otp/${one.requestId}/resend`, {});
    toast(t("Sent again"));
    refresh();
  }, false);
  const mayAct = one.status === "pending" && !one.test && session.role !== "viewer";
  return h("div.row.acts", null, others,
    mayAct && h("button.button.small", { type: "button", onclick: again }, t("Send again")),
    mayAct && h("button.button.small.danger", { type: "button", onclick: cancel }, t("Cancel the request")));
}

/** How the phone stands with its limits; only whoever asks is told, since it costs the store a look. */
function limitsCard(id) {
  const body = h("div");
  const open = h("button.button.small", { type: "button", onclick: (event) => attempt(event.currentTarget, null, read) }, t("Look"));
  const card = h("section.card", { "aria-labelledby": "limits-title", hidden: true },
    h("header", null, h("h2", { id: "limits-title" }, t("Limits of this phone")), open), body);
  async function read() {
    const told = await manage(`otp/${id}/limits`);
    open.textContent = t("Look again");
    put(body, told, () => drawLimits(told));
  }
  const act = (path, text) => async () => { await manage(`otp/${id}/${path}`, {}); toast(text); await read(); };
  const mayAct = session.role !== "viewer";

  function drawLimits(told) {
    const used = told.limits.filter((one) => one.used > 0 || one.waitSeconds > 0);
    const ask = (name, title, text, button, path, done) => h("button.button.small", {
      type: "button", onclick: () => sure(title, text, button, act(path, done), false) }, name);
    const reset = () => ask(t("Reset limits"), t("Reset the limits of this phone?"),
      t("It may be sent to and tried again at once, as if it had never been."), t("Reset"), "limits/reset", t("Limits are reset"));
    const unblock = () => ask(t("Take off the block list"), t("Take this phone off the block list?"),
      t("Codes are sent to it again, for this app."), t("Take it off"), "unblock", t("It is off the list"));
    const table = () => h("div.table-wrap.inner-table", null, h("table", null, h("tbody", null, used.map(limitRow))));
    const blocked = t("This phone is on the block list: nothing is sent to it.");
    return h("div.stack", null, told.blocked && h("p.notice.warn", null, icon("alert"), h("span", null, blocked)),
      used.length ? table() : h("p.muted", null, t("Nothing is used up.")),
      mayAct && h("div.row", null, used.length > 0 && reset(), told.blocked ? unblock()
        : h("button.button.small.danger", { type: "button", onclick: () => block(act) }, t("Block this phone"))));
  }
  return { card, show: (one) => { card.hidden = one.test; } };
}
function limitRow(one) {
  const span = one.windowSeconds ? ` · ${t("in {time}", { time: f.seconds(one.windowSeconds) })}` : "";
  const until = one.waitSeconds > 0 ? t("until {when}", { when: f.day(f.serverNow() + one.waitSeconds * 1000) }) : t("free");
  return h("tr", null, h("th", { scope: "row" }, limitName(one.policy), h("small.muted", null, span)),
    h("td.number-cell", null, t("{n} of {most}", { n: f.number(one.used), most: f.number(one.limit) })),
    h("td.number-cell", { class: one.waitSeconds > 0 ? "bad" : "muted" }, until));
}
function block(act) {
  dialog(t("Block this phone?"), (close, title, cancel) => {
    const wrong = h("p.wrong", { role: "alert" });
    const reason = h("input", { type: "text", maxlength: 200, dir: "auto", placeholder: t("such as: asked to get no more") });
    const button = h("button.button.danger.solid", { type: "submit" }, t("Block"));
    return h("form", { onsubmit: (event) => {
      event.preventDefault();
      attempt(button, wrong, async () => { await act("block", t("It is on the block list"))(); close(); });
    } }, title, h("p", null, t("No code of this app is sent to it from then on.")), field(t("Reason"), reason), wrong,
    h("div.row", null, h("button.button", { type: "button", onclick: cancel }, t("Cancel")), button));
  });
}

/** How far two moments of the log are apart, which has whole seconds. */
const apart = (ms) => f.seconds(Math.max(0, Math.round(ms / 1000)));

/** created → queued → submitted → delivered → verified, as far as it came. */
function stepsOf(one) {
  const first = (...types) => one.events.find((event) => types.includes(event.type));
  const created = first("created"), taken = first("submitted"), refusedAll = !taken && first("refused", "outcome_unknown");
  const reports = one.events.filter((event) => event.type === "receipt");
  const arrived = reports.find((event) => event.detail === "delivered"), lost = !arrived && reports.at(-1);
  const over = ["expired", "locked", "canceled", "failed", "blocked"].includes(one.status);
  const isBlocked = one.status === "blocked", isOver = over && !isBlocked;
  const isRefused = ["rejected", "expired"].includes(one.delivery.status);
  const all = [
    { name: t("Created"), at: created },
    { name: t("Queued"), at: first("queued"), failed: isBlocked && first("blocked"), failedName: t("Blocked") },
    { name: t("Submitted"), at: taken, failed: isRefused && (refusedAll || null), failedName: t("Refused") },
    { name: t("Delivered"), at: arrived, failed: lost, failedName: lost ? deliveryName(lost.detail) : "" },
    { name: t("Verified"), at: first("verified", "converted"), failed: isOver && (first(one.status) ?? { at: one.expiresAt }),
      failedName: statusName(one.status) }];
  const nextAt = over || all[4].at ? -1 : all.findIndex((step) => !step.at && !step.failed);
  return all.map((step, at) => ({ ...step, created, kind: step.at ? "done" : step.failed ? "failed" : at === nextAt ? "now" : "" }));
}
function steps(one) {
  const knots = { done: "check", failed: "cross", now: "dots" };
  const read = { done: t("reached"), failed: t("failed"), now: t("waited for"), "": t("not reached") };
  return h("ol.steps", { "aria-label": t("Timeline") }, stepsOf(one).map((step, at) => {
    const { kind, created } = step, when = step.at || step.failed;
    const took = when && created && at > 0 ? new Date(when.at) - new Date(created.at) : 0;
    const told = when ? (at === 0 ? f.moment(when.at) : `+${apart(took)}`) : kind === "now" ? t("waiting") : "";
    return h("li", { class: kind, "aria-current": kind === "now" ? "step" : null },
      h("span.knot", { "aria-hidden": "true" }, knots[kind] ? icon(knots[kind]) : null),
      h("strong", null, step.at || !step.failed ? step.name : step.failedName), h("span.sr", null, read[kind]), h("small", null, told));
  }));
}

function why(one) {
  const event = one.events.findLast((each) => each.errorMeaning || each.error);
  const isLost = ["undelivered", "rejected", "expired"].includes(one.delivery.status);
  const words = one.reason ? reasonName(one.reason) : isLost && event ? errorText(event.errorMeaning, event.error) : "";
  if (!words) return null;
  const code = one.reason && event?.error && isLost ? ` · ${errorText(event.errorMeaning, event.error)}` : "";
  return h("p.notice.why", { class: isLost || one.status === "failed" ? "bad" : "warn" }, icon("alert"), h("span", null, words, code));
}

function eventRow(event, before) {
  const isReceipt = event.type === "receipt";
  const ofReceipt = event.detail === "delivered" ? "good" : "bad";
  const kind = isReceipt ? ofReceipt : bad.has(event.type) ? "bad" : good.has(event.type) ? "good" : "";
  const name = isReceipt ? `${eventName("receipt")}: ${deliveryName(event.detail)}` : eventName(event.type);
  const error = kind === "bad" && errorText(event.errorMeaning, event.error);
  const took = event.latencyMs !== undefined && f.latency(event.latencyMs), detail = !isReceipt && event.detail && reasonName(event.detail);
  const facts = [event.carrier, took, detail, error].filter(Boolean);
  const gone = before ? h("span", null, ` +${apart(new Date(event.at) - new Date(before.at))}`) : null;
  return h("li", { class: kind },
    h("div", null, h("b", null, name), facts.length > 0 && h("p", null, facts.join(" · ")), event.messageId && h("p.mono", null, event.messageId)),
    h("time", { datetime: event.at, title: event.at }, f.moment(event.at), gone));
}
