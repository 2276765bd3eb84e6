// Usage against plan, and where it leads.
import { download, get } from "./api.js";
import { h, icon, pill, put, skeleton, tip, toast } from "./dom.js";
import { t } from "./i18n.js";
import * as f from "./format.js";
import { problemText } from "./words.js";

const about = () => t("Messages of this calendar month (UTC) as the plan counts them. The forecast adds the average of the last seven whole days for each day that is left; before a first whole day has passed there is none.");
const aboutPast = () => t("Messages of that calendar month (UTC) as the plan counts them. What the plan included then is not kept.");
const day_ms = 86_400_000;

/** The usage of this month; of another one, where that is looked at. */
export async function readUsage(period) {
  const month = /^\d{4}-\d\d$/.test(period) && period !== f.today().slice(0, 7) ? period : null;
  if (!month) {
    const days = { from: f.daysBefore(f.today(), 7), to: f.today() };
    const [plan, used] = await Promise.all([get("/v1/usage"), get("/v1/usage/daily", days)]);
    return { plan, days: used.items };
  }
  const [year, number] = month.split("-").map(Number);
  const days = { from: `${month}-01`, to: f.dayOf(Date.UTC(year, number, 0)) };
  const [plan, used] = await Promise.all([get("/v1/usage"), get("/v1/usage/daily", days)]);
  return { plan, days: used.items, month };
}

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

const share_told = 0.8;
/** What an owner should hear before sends are refused; null: there is enough. */
export function planNotice({ plan, days, month }) {
  if (month || plan.included === null || plan.used < plan.included * share_told) return null;
  const isOver = plan.used >= plan.included, now = f.serverNow();
  const aDay = (forecastOf(plan, days, now) - plan.used) / Math.max(1, (new Date(plan.resetsAt) - now) / day_ms);
  const end = aDay > 0 ? now + ((plan.included - plan.used) / aDay) * day_ms : Infinity;
  const told = isOver ? t("The plan of this month is used up.") : t("{n} of this month's plan are used.", { n: f.percent(plan.used / plan.included, 0) });
  const when = !isOver && end < new Date(plan.resetsAt) ? t("At this pace it is used up on {day}.", { day: f.date(end) }) : "";
  return h("div.notice", { class: isOver ? "bad" : "warn", role: "status" }, icon("alert"), h("span", null, h("b", null, told), " ", when));
}

function bar(plan, share, expected) {
  const kind = share >= 1 ? "bad" : share >= 0.8 ? "warn" : "";
  return h("div.bar", {
    role: "meter", "aria-label": t("Plan used"), "aria-valuenow": plan.used, "aria-valuemin": 0, "aria-valuemax": plan.included,
    "aria-valuetext": f.percent(share, 0) },
  expected !== null && expected > share && h("u", { style: { width: `${Math.min(100, expected * 100)}%` } }),
  h("i", { class: kind, style: { width: `${Math.min(100, share * 100)}%` } }));
}
const pairs = (rows) => h("dl.pair", null, rows.map(([name, ...value]) => [h("dt", null, name), h("dd", null, value)]));
const title = (text, help, plan) => h("header", null, h("h2", { id: "usage-title" }, text, tip(help, t("What is this?"))), plan);
const saveLink = (days) => h("button.button.small", {
  type: "button", onclick: () => download("/v1/exports/usage.csv", days, `usage-${days.from.slice(0, 7)}.csv`).catch((failure) => toast(problemText(failure))) },
icon("download"), t("CSV of the month"));

/** What the month's messages cost, where they cost anything, beside what they may. */
function costRows({ price, priceToday, currency, spendPerDay, spendPerMonth }) {
  if (!currency) return [];
  const row = (name, amount, cap) => [name, f.money(amount, currency), cap && h("span.muted", null, ` · ${t("of {amount} at most", { amount: f.money(cap, currency) })}`)];
  return [row(t("Cost this month"), price, spendPerMonth), row(t("Cost today"), priceToday, spendPerDay)];
}

function thisMonth(plan, forecast) {
  const isOpen = plan.included === null;
  const share = isOpen ? 0 : plan.used / plan.included, expected = isOpen || forecast === null ? null : forecast / plan.included;
  const over = expected > 1 ? t("{n} over the plan", { n: f.number(forecast - plan.included) }) : t("within the plan");
  const word = isOpen || forecast === null ? "" : over;
  const rows = [
    [t("Used"), f.number(plan.used), !isOpen && h("span.muted", null, ` · ${f.percent(share, 1)}`)],
    [t("Remaining"), isOpen ? t("Unlimited") : f.number(plan.remaining)],
    [t("Forecast"), forecast === null ? h("span.muted", null, t("after the first whole day")) : f.number(forecast),
      word && h("span", { class: expected > 1 ? "bad" : "muted" }, ` · ${word}`)],
    ...costRows(plan),
    [t("Resets"), f.date(plan.resetsAt, { day: "numeric", month: "long" })]];
  const of = isOpen ? t("messages this month") : f.counted("of {n} message|of {n} messages", plan.included);
  return [title(t("Usage against plan"), about(), pill(plan.plan)), h("div.stack", null,
    h("div", null, h("span.big", null, f.number(plan.used)), h("span.muted", null, ` ${of}`)),
    !isOpen && bar(plan, share, expected), pairs(rows),
    h("div.row", null, saveLink({ from: `${f.today().slice(0, 7)}-01`, to: f.today() })))];
}
function pastMonth(plan, days, month) {
  const used = days.reduce((sum, day) => sum + day.used, 0);
  return [title(t("Usage in {month}", { month: f.month(`${month}-01`) }), aboutPast(), pill(plan.plan)), h("div.stack", null,
    h("div", null, h("span.big", null, f.number(used)), h("span.muted", null, ` ${t("messages")}`)),
    pairs([[t("A day"), f.number(used / days.length, 1)],
      [t("The plan today"), plan.included === null ? t("Unlimited") : t("{n} a month", { n: f.number(plan.included) })]]),
    h("div.row", null, saveLink({ from: days[0].date, to: days.at(-1).date })))];
}

export function usageCard() {
  const card = h("section.card", { "aria-labelledby": "usage-title" }, title(t("Usage against plan"), about()), skeleton());
  return {
    card,
    draw({ plan, days, month }) {
      const forecast = month ? null : forecastOf(plan, days, f.serverNow());
      put(card, [plan, forecast, month, month && days], () => (month ? pastMonth(plan, days, month) : thisMonth(plan, forecast)));
    },
  };
}
