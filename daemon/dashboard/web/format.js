// Numbers, times and names in the language of the page.
import { language, local, t } from "./i18n.js";

const made = new Map();
function cached(kind, options, of = language) {
  const key = `${kind.name}${of}${JSON.stringify(options)}`;
  if (!made.has(key)) made.set(key, new kind(of, options));
  return made.get(key);
}
/** Browsers don't know every language: Chromium has no Armenian. Then its own table says how it writes. */
const isKnown = () => Intl.DateTimeFormat.supportedLocalesOf(language).length > 0;
const numbersOf = () => (isKnown() ? language : local.numbers ?? language);
export const nothing = "–";

export const number = (value, digits = 0) => value === null || value === undefined ? nothing : cached(Intl.NumberFormat, { maximumFractionDigits: digits }, numbersOf()).format(value);
/** A rate of the API, 0 to 1; null where there is nothing to divide by. */
export const percent = (rate, digits = 1) => rate === null || rate === undefined ? nothing : cached(Intl.NumberFormat, { style: "percent", maximumFractionDigits: digits }, numbersOf()).format(rate);

function written(value, options) {
  if (isKnown()) return cached(Intl.DateTimeFormat, options).format(new Date(value));
  const numeric = { ...options, ...(options.month && { month: "numeric" }) };
  const part = Object.fromEntries(cached(Intl.DateTimeFormat, numeric, "en").formatToParts(new Date(value)).map((each) => [each.type, each.value]));
  const form = options.month === "short" ? "monthsShort" : options.day ? "monthsOf" : "months";
  const day = [part.day, part.month && local[form][part.month - 1], part.year].filter(Boolean).join(" ");
  return [day, [part.hour, part.minute, part.second].filter(Boolean).join(":")].filter(Boolean).join(", ");
}
const clockTime = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const shortDay = { day: "numeric", month: "short" };
/** A day of UTC, as all days of the API are. */
export const date = (value, options = shortDay) => written(value, { timeZone: "UTC", ...options });
export const month = (value) => date(value, { month: "long", year: "numeric" });
/** Times of day are those of whoever looks. */
export const hour = (value) => written(value, clockTime);
export const clock = (value) => written(value, { ...clockTime, second: "2-digit" });
export const moment = (value) => written(value, { ...shortDay, ...clockTime, second: "2-digit" });
/** "Nov 27, 09:33"; with its year where it is another one. */
export const day = (value) => written(value, { ...shortDay, ...clockTime, ...(new Date(value).getFullYear() !== new Date(serverNow()).getFullYear() && { year: "numeric" }) });

/** A latency: "840 ms", "3.2 s", "2 min 5 s". */
export function latency(ms) {
  if (ms === null || ms === undefined) return nothing;
  if (ms < 1000) return t("{n} ms", { n: number(ms, ms < 10 ? 1 : 0) });
  if (ms < 60_000) return t("{n} s", { n: number(ms / 1000, ms < 10_000 ? 2 : 1) });
  return seconds(Math.round(ms / 1000));
}
export function seconds(count) {
  if (count < 60) return t("{n} s", { n: number(count) });
  const rest = count % 60;
  return rest ? t("{m} min {s} s", { m: number(Math.floor(count / 60)), s: number(rest) }) : t("{n} min", { n: number(count / 60) });
}
/** "4:05", for what counts down. */
export const countdown = (count) => `${Math.floor(count / 60)}:${String(count % 60).padStart(2, "0")}`;

export function ago(value) {
  const gone = Math.max(0, (serverNow() - new Date(value)) / 1000);
  if (gone < 60) return t("{n} s ago", { n: number(Math.floor(gone)) });
  if (gone < 3600) return t("{n} min ago", { n: number(Math.floor(gone / 60)) });
  if (gone < 86_400) return t("{n} h ago", { n: number(Math.floor(gone / 3600)) });
  return t("{n} d ago", { n: number(Math.floor(gone / 86_400)) });
}
/** What the daemon's clock is ahead of this browser's. */
export const offset = { ms: 0 };
export const serverNow = () => Date.now() + offset.ms;

export function country(code) {
  if (!code) return t("Unknown");
  const own = isKnown() ? null : local.countries?.[code];
  try { return own ?? cached(Intl.DisplayNames, { type: "region" }, isKnown() ? language : "en").of(code); } catch { return code; }
}
export const today = () => new Date(serverNow()).toISOString().slice(0, 10);
export const daysBefore = (text, count) => new Date(Date.parse(text) - count * 86_400_000).toISOString().slice(0, 10);
