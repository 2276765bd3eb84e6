// What is looked at: the last hours or days, a month, any range of days; and what it is held against. Pure.
export const windows = ["24h", "7d", "30d", "90d"];
export const standard = "30d";
const day_ms = 86_400_000, longest_days = 366;

const parsed = (date) => Date.parse(`${date}T00:00:00Z`);
const isDate = (text) => /^20\d\d-\d\d-\d\d$/.test(text) && !Number.isNaN(parsed(text)) && dateOf(parsed(text)) === text;
const dateOf = (ms) => new Date(ms).toISOString().slice(0, 10);
export const shifted = (date, days) => dateOf(parsed(date) + days * day_ms);
export const daysOf = ({ from, to }) => Math.round((parsed(to) - parsed(from)) / day_ms) + 1;
const lastOfMonth = (month) => dateOf(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)), 0));
export const monthBefore = (month) => shifted(`${month}-01`, -1).slice(0, 7);
export const isMonth = (name) => /^20\d\d-(0[1-9]|1[0-2])$/.test(name);

/** The two days of "2026-11-01..2026-11-15"; null where it is no range. */
export function daysIn(name, today) {
  const [from, to, ...more] = name.split("..");
  if (more.length || !isDate(from) || !isDate(to) || from > to || from > today) return null;
  const range = { from, to: to < today ? to : today };
  return daysOf(range) <= longest_days ? range : null;
}
/** A period of an address: what can't be one is the standard. */
export const known = (name, today) => windows.includes(name) || isMonth(name) || daysIn(name, today) ? name : standard;

/** The days of a period, both included, of UTC; and those before it. Held against a week are weekdays of the same name, also
    where it is shorter; against this month, so many days of the one before. Of 24 hours the hours before are the 24 before. */
export function periodOf(name, today) {
  if (name === "24h") return { isHourly: true, query: { window: "24h" }, from: shifted(today, -1), to: today, before: null };
  const range = windows.includes(name) ? { from: shifted(today, 1 - parseInt(name, 10)), to: today } : rangeOf(name, today);
  const count = daysOf(range);
  const back = count < 7 ? 7 : count;
  const before = isMonth(name) ? sameDays(name, range) : { from: shifted(range.from, -back), to: shifted(range.to, -back) };
  // Hours are kept for two days.
  const hasHours = count === 1 && range.from >= shifted(today, -1);
  // So many days further back the same weekdays lie under each other.
  const pad = isMonth(name) || count < 7 ? 0 : (7 - (count % 7)) % 7;
  return { isHourly: false, hasHours, pad, query: windows.includes(name) ? { window: name } : range, ...range, before };
}
function rangeOf(name, today) {
  if (!isMonth(name)) return daysIn(name, today);
  const last = lastOfMonth(name);
  return { from: `${name}-01`, to: last < today ? last : today };
}
function sameDays(month, range) {
  const earlier = monthBefore(month), last = lastOfMonth(earlier);
  const isWhole = range.to === lastOfMonth(month), to = `${earlier}-${range.to.slice(8)}`;
  return { from: `${earlier}-01`, to: isWhole || to > last ? last : to };
}

/** "2026-11" and those before it. */
export function lastMonths(today, count) {
  const months = [today.slice(0, 7)];
  while (months.length < count) months.push(monthBefore(months.at(-1)));
  return months;
}
