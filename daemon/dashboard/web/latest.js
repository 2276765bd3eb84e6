// The latest request of the period: whose it is, where it went, and how long its code still lives.
import { h, pill, put, skeleton, state } from "./dom.js";
import { t } from "./i18n.js";
import * as f from "./format.js";
import { deliveryKind, deliveryName, reasonName, statusKind, statusName } from "./words.js";

/** A clock face that empties. Around it 100 of its `pathLength` are a whole turn. */
function ring() {
  const left = h("circle.left", { cx: 26, cy: 26, r: 23, pathLength: 100, "stroke-dasharray": "0 100" });
  const text = h("span.ring-text");
  const element = h("div.ring", null, h("svg", { viewBox: "0 0 52 52", "aria-hidden": "true" }, h("circle", { cx: 26, cy: 26, r: 23 }), left), text);
  return { element, set(share, label) { left.setAttribute("stroke-dasharray", `${share * 100} 100`); left.style.visibility = share > 0 ? "" : "hidden"; text.textContent = label; } };
}

export function latestCard() {
  const card = h("section.card", { "aria-labelledby": "latest-title" }, h("header", null, h("h2", { id: "latest-title" }, t("Latest request"))), skeleton());
  let tick = null;
  const ticking = setInterval(() => tick?.(), 1000);
  const title = (link) => h("header", null, h("h2", { id: "latest-title" }, t("Latest request")), link);

  function content(one) {
    if (!one) { tick = null; return [title(), state("inbox", t("No request in this period"), t("The first one shows up here by itself."), h("pre", null, "curl -X POST …/v1/otp/send -H 'Authorization: Bearer xk_…' -d '{\"phone\": \"+374…\"}'"))]; }
    const place = `/dashboard/requests/${one.requestId}`;
    const clock = ring(), left = h("span.muted"), made = h("span");
    const pairs = [[t("Request"), h("a.mono", { href: place }, one.requestId)], [t("Created"), made], [t("Country"), f.country(one.country)],
      [t("Route"), one.delivery.route || f.nothing, one.delivery.carrier && h("span.muted", null, ` · ${one.delivery.carrier}`)], [t("Delivery time"), f.latency(one.delivery.latencyMs)],
      one.reason ? [t("Reason"), reasonName(one.reason)] : [t("Purpose"), one.purpose]];
    tick = () => {
      const rest = Math.max(0, Math.ceil((new Date(one.expiresAt) - f.serverNow()) / 1000));
      const lives = one.status === "pending" && rest > 0;
      clock.set(lives ? Math.min(1, rest / one.ttlSeconds) : 0, lives ? f.countdown(rest) : f.nothing);
      left.textContent = lives ? t("{left} of {ttl} left", { left: f.seconds(rest), ttl: f.seconds(one.ttlSeconds) }) : one.ttlSeconds > 0 ? t("was valid for {ttl}", { ttl: f.seconds(one.ttlSeconds) }) : "";
      made.textContent = f.ago(one.createdAt);
    };
    tick();
    return [title(h("a.button.small", { href: place }, t("Timeline"))),
      h("div.latest-head", null, clock.element, h("div.stack.tight", null, h("div.row.snug", null, h("span.big", null, one.phone), pill(statusName(one.status), statusKind[one.status]), one.status !== "blocked" && pill(deliveryName(one.delivery.status), deliveryKind[one.delivery.status])), left)),
      h("dl.pair.two", null, pairs.map(([name, ...value]) => h("div", null, h("dt", null, name), h("dd", null, value))))];
  }
  return { card, draw: (one) => put(card, one, () => content(one)), stop: () => clearInterval(ticking) };
}
