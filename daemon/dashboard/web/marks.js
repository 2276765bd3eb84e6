// What may show in an app's figures, and what its owner is warned of: read seldom, told beside the numbers.
import { get, manage, session } from "./api.js";
import { h, icon } from "./dom.js";
import { t } from "./i18n.js";
import * as f from "./format.js";
import { hrefOf } from "./places.js";

const fresh_for_ms = 20_000;
let last = { key: "", at: 0, beside: null };
/** Neither is worth a page that does not come. */
export async function readBeside({ from }) {
  const key = JSON.stringify([session.app, from]);
  if (last.key === key && Date.now() - last.at < fresh_for_ms) return last.beside;
  const since = `${f.daysBetween(from, f.today()) + 1}d`;
  const [alerts, changes] = await Promise.all([get("/v1/alerts").then((told) => told.items).catch(() => []),
    manage("changes", { since }).catch(() => [])]);
  last = { key, at: Date.now(), beside: { alerts, changes } };
  return last.beside;
}

/** The changes that fall into each row of days or hours: a list for each row, oldest first. Pure. */
export function marksOf(changes, rows) {
  const marks = rows.map(() => []), begins = rows.map((row) => Date.parse(row.hour ?? row.date));
  const span = rows[0]?.hour ? 3_600_000 : 86_400_000;
  for (const one of [...changes].reverse()) {
    const at = Date.parse(one.at), row = begins.findLastIndex((begin) => begin <= at);
    if (row >= 0 && at < begins[row] + span) marks[row].push(one);
  }
  return marks;
}

const told = (one) => {
  const of = { name: one.locale ? `${one.name ?? "default"}/${one.locale}` : one.name ?? "default" };
  return ({
    "config apply": t("Configuration reloaded"), "carrier pause": t("{name} paused", of), "carrier drain": t("{name} drained", of),
    "carrier resume": t("{name} resumed", of), "template add": t("Text {name} changed", of),
    "template remove": t("Text {name} removed", of), "app set": t("Settings of the app changed"),
  })[one.command] ?? one.command;
};
/** Lines for one row of a chart; what was done again and again stands once, with how often. */
export function linesOf(marks, isHourly) {
  const lines = [];
  for (const one of marks) {
    const text = told(one), last = lines.at(-1);
    if (last?.text === text) ++last.count;
    else lines.push({ text, count: 1, at: isHourly ? f.clock(one.at) : f.day(one.at) });
  }
  return lines.map(({ text, count, at }) => `${at} ${text}${count > 1 ? ` (${f.number(count)} ×)` : ""}`);
}
/** The first of them, where there is little room. */
export const someOf = (lines, most) => (lines.length > most
  ? [...lines.slice(0, most), t("and {n} more", { n: f.number(lines.length - most) })] : lines);

const wordsOf = {
  delivery_rate: (one) => t("Of the last 24 hours' messages {now} were delivered, {before} in the week before.",
    { now: f.percent(one.rate), before: f.percent(one.rateBefore) }),
  verification_rate: (one) => t("Of the last 24 hours' requests {now} were verified, {before} in the week before.",
    { now: f.percent(one.rate), before: f.percent(one.rateBefore) }),
  spend: (one) => (one.period === "day" ? t("Today's messages cost {spent}; sends end at {cap}.", amounts(one))
    : t("This month's messages cost {spent}; sends end at {cap}.", amounts(one))),
  webhook_failing: (one) => t("The webhook {url} does not take its events.", one),
};
const amounts = ({ spent, cap, currency }) => ({ spent: f.money(spent, currency), cap: f.money(cap, currency) });
const places = {
  delivery_rate: (one) => hrefOf("requests", { delivery: "undelivered", from: dayBefore(one.since) }),
  verification_rate: (one) => hrefOf("requests", { status: "expired", from: dayBefore(one.since) }),
  webhook_failing: () => (session.role === "viewer" ? null : hrefOf("webhooks")),
};
const dayBefore = (moment) => new Date(Date.parse(moment) - 86_400_000).toISOString().replace(/\.\d+/, "");

/** What the plan says is told by its own notice. */
export function alertNotices(alerts) {
  return alerts.filter((one) => wordsOf[one.alert]).map((one) => {
    const href = places[one.alert]?.(one);
    return h("div.notice.bad", { role: "status", "data-alert": one.alert }, icon("alert"),
      h("span.breaks", null, h("b", null, wordsOf[one.alert](one)), " ", one.error && `${one.error}. `,
        h("span.muted", null, t("since {when}", { when: f.day(one.since) }))),
      href && h("a.button.small", { href }, t("Show")));
  });
}
