// What the overview is made of: /v1/stats with its groupings, of a period and of the one before it, and nothing else.
import { Problem, get, session } from "./api.js";
import { lessOf } from "./compare.js";
import { shifted } from "./periods.js";

/** Carriers are counted since the daemon counts them. */
const perhaps = (asked) => asked.catch((failure) => {
  if (failure instanceof Problem && failure.status === 404) return { items: [] };
  throw failure;
});

async function read(query, isHourly, ofRows = query) {
  const group = (name) => get(`/v1/stats/${name}`, query);
  const [stats, rows, countries, routes, carriers, errors] = await Promise.all([
    get("/v1/stats", query), get(`/v1/stats/${isHourly ? "hourly" : "daily"}`, ofRows), group("countries"), group("routes"),
    perhaps(group("carriers")), group("errors")]);
  return { stats, rows: rows.items, countries: countries.items, routes: routes.items, carriers: carriers.items, errors: errors.items };
}
/** The numbers of a period; of one of the last two days, by the hour. */
export async function readPeriod(period) {
  if (!period.hasHours) return read(period.query, period.isHourly);
  const [numbers, hours] = await Promise.all([read(period.query, false), get("/v1/stats/hourly", { window: "48h" })]);
  return { ...numbers, rows: hours.items.filter((row) => row.hour.startsWith(period.from)) };
}

/** Names of groups, by which those of two periods find each other. */
export const nameOf = {
  countries: (row) => row.country, routes: (row) => row.route ?? "", carriers: (row) => row.carrier,
  errors: (row) => `${row.delivery}/${row.carrier ?? ""}/${row.error ?? ""}`,
};

/** Of the hours before: 48 hours less the last 24 of them. */
async function readHoursBefore() {
  const [all, part] = await Promise.all([read({ window: "48h" }, true), read({ window: "24h" }, true)]);
  const less = (kind) => {
    const known = new Map(part[kind].map((row) => [nameOf[kind](row), row]));
    return all[kind].map((row) => ({ ...row, ...lessOf(row, known.get(nameOf[kind](row))) }))
      .filter((row) => (row.sent ?? row.messages) > 0);
  };
  return {
    stats: lessOf(all.stats, part.stats), rows: all.rows.slice(0, 24), countries: less("countries"), routes: less("routes"),
    carriers: less("carriers"), errors: less("errors"),
  };
}

/** `beside`: rows to draw under those of the period, weekday under weekday. */
async function readDaysBefore({ before, pad }) {
  const numbers = await read(before, false, { from: shifted(before.from, -pad), to: before.to });
  return { ...numbers, rows: numbers.rows.slice(pad), beside: numbers.rows.slice(0, numbers.rows.length - pad) };
}

const fresh_for_ms = 60_000;
let last = { key: "", at: 0, numbers: null };
/** The numbers before a period. They change little, so they are asked for once a minute. */
export async function readBefore(period) {
  const key = JSON.stringify([session.app, period.from, period.to, period.isHourly]);
  if (last.key === key && Date.now() - last.at < fresh_for_ms) return last.numbers;
  const numbers = await (period.isHourly ? readHoursBefore() : readDaysBefore(period));
  last = { key, at: Date.now(), numbers };
  return numbers;
}
