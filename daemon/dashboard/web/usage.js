// Usage against plan, and where it leads.
import { h, pill, put, skeleton, tip } from "./dom.js";
import { t } from "./i18n.js";
import * as f from "./format.js";

const about = () => t("Messages of this calendar month (UTC) as the plan counts them. The forecast adds the average of the last seven whole days for each day that is left; before a first whole day has passed there is none.");
const day_ms = 86_400_000;

/** What the month will come to; null: it is too early to say. Only whole days count, from the first on that anything was sent: today is not over, and days
    before an app began say nothing of it. */
export function forecastOf(plan, items, now) {
  const today = new Date(now).toISOString().slice(0, 10);
  const whole = items.filter((item) => item.date < today);
  const first = whole.findIndex((item) => item.used > 0);
  if (first < 0) return plan.used > 0 ? null : 0;
  const counted = whole.slice(first);
  const aDay = counted.reduce((sum, item) => sum + item.used, 0) / counted.length;
  return Math.round(plan.used + aDay * Math.max(0, (new Date(plan.resetsAt) - now) / day_ms));
}

export function usageCard() {
  const title = (plan) => h("header", null, h("h2", { id: "usage-title" }, t("Usage against plan"), tip(about(), t("What is this?"))), plan);
  const card = h("section.card", { "aria-labelledby": "usage-title" }, title(), skeleton());

  function bar(plan, share, expected) {
    const fill = h("i", { class: share >= 1 ? "bad" : share >= 0.8 ? "warn" : "", style: { width: `${Math.min(100, share * 100)}%` } });
    return h("div.bar", { role: "meter", "aria-label": t("Plan used"), "aria-valuenow": plan.used, "aria-valuemin": 0, "aria-valuemax": plan.included, "aria-valuetext": f.percent(share, 0) },
      expected !== null && expected > share && h("u", { style: { width: `${Math.min(100, expected * 100)}%` } }), fill);
  }
  function content(plan, forecast) {
    const isOpen = plan.included === null;
    const share = isOpen ? 0 : plan.used / plan.included, expected = isOpen || forecast === null ? null : forecast / plan.included;
    const word = isOpen || forecast === null ? "" : expected > 1 ? t("{n} over the plan", { n: f.number(forecast - plan.included) }) : t("within the plan");
    const rows = [
      [t("Used"), f.number(plan.used), !isOpen && h("span.muted", null, ` · ${f.percent(share, 1)}`)], [t("Remaining"), isOpen ? t("Unlimited") : f.number(plan.remaining)],
      [t("Forecast"), forecast === null ? h("span.muted", null, t("after the first whole day")) : f.number(forecast), word && h("span", { class: expected > 1 ? "bad" : "muted" }, ` · ${word}`)],
      [t("Resets"), f.date(plan.resetsAt, { day: "numeric", month: "long" })]];
    return [title(pill(plan.plan)), h("div.stack", null,
      h("div", null, h("span.big", null, f.number(plan.used)), h("span.muted", null, ` ${isOpen ? t("messages this month") : t("of {n} messages", { n: f.number(plan.included) })}`)),
      !isOpen && bar(plan, share, expected),
      h("dl.pair", null, rows.map(([name, ...value]) => [h("dt", null, name), h("dd", null, value)])))];
  }
  return { card, draw(plan, items) { const forecast = forecastOf(plan, items, f.serverNow()); put(card, [plan, forecast], () => content(plan, forecast)); } };
}
