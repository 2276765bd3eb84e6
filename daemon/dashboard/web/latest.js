// The latest request of the period: whose it is, where it went, and how long its code still lives.
import { h, pill, put, skeleton, state } from "./dom.js";
import { t } from "./i18n.js";
import * as f from "./format.js";
import { hrefOf } from "./places.js";
import { deliveryKind, deliveryName, reasonName, statusKind, statusName } from "./words.js";

/** A clock face that empties. Around it 100 of its `pathLength` are a whole turn. */
const clockFace = () => h("div.ring", null, h("svg", { viewBox: "0 0 52 52", "aria-hidden": "true" }, h("circle", { cx: 26, cy: 26, r: 23 }),
  h("circle.left", { cx: 26, cy: 26, r: 23, pathLength: 100 })), h("span.ring-text"));

function pairsOf(one) {
  const place = hrefOf(`requests/${one.requestId}`);
  const { delivery } = one;
  return [
    [t("Request"), h("a.mono", { href: place }, one.requestId)], [t("Created"), h("span", { "data-made": "" })],
    [t("Country"), f.country(one.country)],
    [t("Route"), h("span.breaks", null, delivery.route || f.nothing, delivery.carrier && h("span.muted", null, ` · ${delivery.carrier}`))],
    [t("Delivery time"), f.latency(delivery.latencyMs)],
    one.reason ? [t("Reason"), reasonName(one.reason)] : [t("Purpose"), one.purpose]];
}
function content(one) {
  const title = (link) => h("header", null, h("h2", { id: "latest-title" }, t("Latest request")), link);
  if (!one) {
    return [title(), state("inbox", t("No request in this period"), t("The first one shows up here by itself."),
      h("pre", null, "curl -X POST …/v1/otp/send -H 'Authorization: Bearer xk_…' -d '{\"phone\": \"+374…\"}'"))];
  }
  const { delivery } = one;
  return [title(h("a.button.small", { href: hrefOf(`requests/${one.requestId}`) }, t("Timeline"))),
    h("div.latest-head", null, clockFace(), h("div.stack.tight", null,
      h("div.row.snug", null, h("span.big", null, one.phone), pill(statusName(one.status), statusKind[one.status]),
        one.status !== "blocked" && pill(deliveryName(delivery.status), deliveryKind[delivery.status])),
      h("span.muted", { "data-left": "" }))),
    h("dl.pair.two", null, pairsOf(one).map(([name, ...value]) => h("div", null, h("dt", null, name), h("dd", null, value))))];
}

/** Writes only what is another text than before: a screen reader hears of nothing else. */
const write = (element, text) => { if (element && element.textContent !== text) element.textContent = text; };
function tick(card, one) {
  const rest = Math.max(0, Math.ceil((new Date(one.expiresAt) - f.serverNow()) / 1000));
  const lives = one.status === "pending" && rest > 0;
  const left = card.querySelector(".ring .left");
  left?.setAttribute("stroke-dasharray", `${lives ? Math.min(1, rest / one.ttlSeconds) * 100 : 0} 100`);
  if (left) left.style.visibility = lives ? "" : "hidden";
  write(card.querySelector(".ring-text"), lives ? f.countdown(rest) : f.nothing);
  const ttl = f.seconds(one.ttlSeconds);
  const over = one.ttlSeconds > 0 ? t("was valid for {ttl}", { ttl }) : "";
  write(card.querySelector("[data-left]"), lives ? t("{left} of {ttl} left", { left: f.seconds(rest), ttl }) : over);
  write(card.querySelector("[data-made]"), f.ago(one.createdAt));
}

export function latestCard() {
  let shown = null;
  const card = h("section.card", { "aria-labelledby": "latest-title" },
    h("header", null, h("h2", { id: "latest-title" }, t("Latest request"))), skeleton());
  const ticking = setInterval(() => { if (shown) tick(card, shown); }, 1000);
  return {
    card,
    draw(one) {
      shown = one;
      put(card, one, () => content(one));
      if (one) tick(card, one);
    },
    stop: () => clearInterval(ticking),
  };
}
