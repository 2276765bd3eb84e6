import { language, t } from "./i18n.js";

const made = new Map();
function cached(kind, options) {
  const key = `${kind.name}${language}${JSON.stringify(options)}`;
  if (!made.has(key)) made.set(key, new kind(language, options));
  return made.get(key);
}
export const nothing = "–";

export const number = (value, digits = 0) => value === null || value === undefined ? nothing : cached(Intl.NumberFormat, { maximumFractionDigits: digits }).format(value);
/** A rate of the API, 0 to 1; null where there is nothing to divide by. */
export const percent = (rate, digits = 1) => rate === null || rate === undefined ? nothing : cached(Intl.NumberFormat, { style: "percent", maximumFractionDigits: digits }).format(rate);
export const date = (value, options = { day: "numeric", month: "short" }) => cached(Intl.DateTimeFormat, { timeZone: "UTC", ...options }).format(new Date(value));
export const clock = (value) => cached(Intl.DateTimeFormat, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(new Date(value));
export const moment = (value) => cached(Intl.DateTimeFormat, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(new Date(value));
export const day = (value) => cached(Intl.DateTimeFormat, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(value));
export const month = (value) => date(value, { month: "long", year: "numeric" });

/** A latency: "840 ms", "3.2 s", "2 min 5 s". */
export function latency(ms) {
  if (ms === null || ms === undefined) return nothing;
  if (ms < 1000) return t("{n} ms", { n: number(ms) });
  if (ms < 60_000) return t("{n} s", { n: number(ms / 1000, ms < 10_000 ? 2 : 1) });
  return t("{m} min {s} s", { m: number(Math.floor(ms / 60_000)), s: number(Math.round((ms % 60_000) / 1000)) });
}
export const seconds = (count) => count < 60 ? t("{n} s", { n: number(count) }) : t("{m} min {s} s", { m: number(Math.floor(count / 60)), s: number(count % 60) });

export function ago(value) {
  const gone = (Date.now() + offset.ms - new Date(value)) / 1000;
  const units = [[60, "second", 1], [3600, "minute", 60], [86_400, "hour", 3600], [Infinity, "day", 86_400]];
  const [, unit, size] = units.find(([limit]) => gone < limit);
  return cached(Intl.RelativeTimeFormat, { numeric: "auto", style: "short" }).format(-Math.max(0, Math.floor(gone / size)), unit);
}
/** What the daemon's clock is ahead of this browser's. */
export const offset = { ms: 0 };
export const serverNow = () => Date.now() + offset.ms;

export function country(code) {
  if (!code) return t("Unknown");
  try { return cached(Intl.DisplayNames, { type: "region" }).of(code); } catch { return code; }
}
/** Letters of a country, as a small flag without a picture. */
export const today = () => new Date(serverNow()).toISOString().slice(0, 10);
export const daysBefore = (text, count) => new Date(Date.parse(text) - count * 86_400_000).toISOString().slice(0, 10);
