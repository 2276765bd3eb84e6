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

const isNone = (value) => value === null || value === undefined;
export function number(value, digits = 0) {
  return isNone(value) ? nothing : cached(Intl.NumberFormat, { maximumFractionDigits: digits }, numbersOf()).format(value);
}
/** A text with the number `n` in it, in the form that goes with that. */
export const counted = (text, count, values, digits = 0) => t(text, { n: number(count, digits), ...values }, count);
/** A rate of the API, 0 to 1; null where there is nothing to divide by. */
export function percent(rate, digits = 1) {
  if (isNone(rate)) return nothing;
  return cached(Intl.NumberFormat, { style: "percent", maximumFractionDigits: digits }, numbersOf()).format(rate);
}
/** An amount of the API, which is text so that it is exact: with all its decimals. */
export const money = (amount, currency) => cached(Intl.NumberFormat,
  { style: "currency", currency, minimumFractionDigits: 2, maximumFractionDigits: 6 }, numbersOf()).format(amount);
/** The distance of two rates in percentage points, without its sign. */
export const points = (difference) => number(Math.abs(difference) * 100, Math.abs(difference) < 0.1 ? 1 : 0);

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
/** A day of UTC, as all days of the statistics are. */
export const date = (value, options = shortDay) => written(value, { timeZone: "UTC", ...options });
export const month = (value) => date(value, { month: "long", year: "numeric" });

/** Whether moments are told in UTC, or as the clock of whoever looks has it. */
let isUtc = false;
try { isUtc = localStorage.getItem("xionid.zone") === "utc"; } catch { /* Storage may be forbidden. */ }
export const zone = () => (isUtc ? "utc" : "local");
export function useZone(name) {
  isUtc = name === "utc";
  try { localStorage.setItem("xionid.zone", name); } catch { /* Storage may be forbidden. */ }
}
const localZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const zoned = () => ({ timeZone: isUtc ? "UTC" : localZone });
/** "UTC+4" at `value`: summers differ. */
function offsetName(value) {
  const minutes = -new Date(value).getTimezoneOffset();
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return minutes === 0 ? "UTC" : `UTC${minutes < 0 ? "−" : "+"}${hours}${rest ? `:${String(rest).padStart(2, "0")}` : ""}`;
}
/** Whose times these are: "UTC", "Asia/Yerevan, UTC+4". */
export function zoneName(of = zone()) {
  if (of === "utc") return "UTC";
  return localZone === "UTC" ? "UTC" : `${localZone.replaceAll("_", " ")}, ${offsetName(serverNow())}`;
}
export const hour = (value) => written(value, { ...clockTime, ...zoned() });
export const clock = (value) => written(value, { ...clockTime, ...zoned(), second: "2-digit" });
const yearOf = (value) => dayIn(value).slice(0, 4);
const yearIfOther = (value) => (yearOf(value) === yearOf(serverNow()) ? {} : { year: "numeric" });
/** "Nov 27, 09:33:05"; with its year where it is another one. */
export const moment = (value) => written(value, { ...shortDay, ...clockTime, ...zoned(), second: "2-digit", ...yearIfOther(value) });
/** "Nov 27, 09:33"; with its year where it is another one. */
export const day = (value) => written(value, { ...shortDay, ...clockTime, ...zoned(), ...yearIfOther(value) });

/** "2026-11-27", the day of a moment as it is told here. */
export function dayIn(value) {
  const parts = cached(Intl.DateTimeFormat, { year: "numeric", month: "2-digit", day: "2-digit", ...zoned() }, "en-CA");
  return parts.format(new Date(value));
}
/** The moment at which a day begins here, `later` days on, as the API takes it. */
export function beginOf(text, later = 0) {
  const [year, month, day] = text.split("-").map(Number);
  const begin = isUtc ? new Date(Date.UTC(year, month - 1, day + later)) : new Date(year, month - 1, day + later);
  return begin.toISOString().replace(".000", "");
}

/** A duration stays on one line, whatever it stands in. */
const span = (...of) => t(...of).replaceAll(" ", "\u00a0");
/** A latency: "840 ms", "3.2 s", "2 min 5 s". */
export function latency(ms) {
  if (isNone(ms)) return nothing;
  if (ms < 1000) return span("{n} ms", { n: number(ms, ms < 10 ? 1 : 0) });
  if (ms < 59_950) return span("{n} s", { n: number(ms / 1000, ms < 10_000 ? 2 : 1) });
  return seconds(Math.round(ms / 1000));
}
/** A duration by its two largest units: "45 s", "2 min 5 s", "13 h 1 min", "3 d 4 h". */
export function seconds(count) {
  if (count < 60) return span("{n} s", { n: number(count) });
  if (count < 3600) return two(count, 60, "{n} min", "{m} min {s} s", ["m", "s"]);
  const minutes = Math.round(count / 60);
  if (minutes < 1440) return two(minutes, 60, "{n} h", "{h} h {m} min", ["h", "m"]);
  return two(Math.round(count / 3600), 24, "{n} d", "{d} d {h} h", ["d", "h"]);
}
/* t("{n} ms") t("{n} s") t("{n} s ago") t("{n} min ago") t("{n} h ago") t("{n} d ago")
   t("{n} min") t("{m} min {s} s") t("{n} h") t("{h} h {m} min") t("{n} d") t("{d} d {h} h") */
function two(count, size, alone, both, [large, small]) {
  const whole = Math.floor(count / size), rest = count % size;
  return rest ? span(both, { [large]: number(whole), [small]: number(rest) }) : span(alone, { n: number(whole) });
}
/** "4:05", for what counts down. */
export const countdown = (count) => `${Math.floor(count / 60)}:${String(count % 60).padStart(2, "0")}`;

export function ago(value) {
  const gone = Math.max(0, (serverNow() - new Date(value)) / 1000);
  if (gone < 60) return span("{n} s ago", { n: number(Math.floor(gone)) });
  if (gone < 3600) return span("{n} min ago", { n: number(Math.floor(gone / 60)) });
  if (gone < 86_400) return span("{n} h ago", { n: number(Math.floor(gone / 3600)) });
  return span("{n} d ago", { n: number(Math.floor(gone / 86_400)) });
}
/** What the daemon's clock is ahead of this browser's. */
export const offset = { ms: 0 };
export const serverNow = () => Date.now() + offset.ms;

export function country(code) {
  if (!code) return t("Unknown");
  const own = isKnown() ? null : local.countries?.[code];
  try {
    return own ?? cached(Intl.DisplayNames, { type: "region" }, isKnown() ? language : "en").of(code);
  } catch {
    return code;
  }
}
export const today = () => new Date(serverNow()).toISOString().slice(0, 10);
export const daysBefore = (text, count) => new Date(Date.parse(text) - count * 86_400_000).toISOString().slice(0, 10);
export const dayOf = (value) => new Date(value).toISOString().slice(0, 10);
/** Whole days of UTC from one to another. */
export const daysBetween = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
