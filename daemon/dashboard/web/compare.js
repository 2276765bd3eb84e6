// What became of the numbers since the period before, and what it lies at. Pure.

const counted = (row) => (row?.delivered ?? 0) + (row?.undelivered ?? 0);
const rateOf = (row) => (counted(row) ? row.delivered / counted(row) : null);

/** How `now` stands to `before`: a share for counts, points for rates. `is`: up, down, same, new, or none where nothing can be said. */
export function changeOf(now, before, isRate) {
  const isKnown = (value) => value !== null && value !== undefined;
  if (!isKnown(now) || !isKnown(before)) return { is: "none" };
  if (isRate) return { is: Math.abs(now - before) < 0.0005 ? "same" : now > before ? "up" : "down", by: now - before };
  if (before === 0) return { is: now === 0 ? "same" : "new" };
  const by = now / before - 1;
  return { is: Math.abs(by) < 0.005 ? "same" : by > 0 ? "up" : "down", by };
}

/** Of two periods what can be held against each other: their rows but the last, where that one is not over yet. */
export function wholeOf(rows, before, isOver) {
  const count = Math.min(rows.length, before.length) - (rows.length && !isOver(rows.at(-1)) ? 1 : 0);
  return [rows.slice(0, Math.max(0, count)), before.slice(0, Math.max(0, count))];
}
/** Sums of one number of rows, now and before; nothing where there are no rows. */
export function sumsOf([rows, before], name) {
  const sum = (all) => (all.length ? all.reduce((total, row) => total + row[name], 0) : null);
  return [sum(rows), sum(before)];
}

/** Sums of the hours before: those of 48 hours less those of the last 24. Latencies can't be taken apart. */
export function lessOf(all, part) {
  const sums = {};
  for (const [name, value] of Object.entries(all)) {
    if (typeof value === "number" && name !== "dailyAverage") sums[name] = value - (part?.[name] ?? 0);
  }
  sums.deliveryRate = rateOf(sums);
  const ended = (sums.requests ?? 0) - (sums.pending ?? 0);
  sums.verificationRate = ended > 0 ? sums.verified / ended : null;
  sums.latencyMs = { p50: null, p95: null };
  if (!all.blocked || typeof all.blocked === "number") return sums;
  const reasons = Object.entries(all.blocked.byReason).map(([name, count]) => [name, count - (part.blocked.byReason[name] ?? 0)]);
  sums.blocked = { total: all.blocked.total - part.blocked.total, byReason: Object.fromEntries(reasons.filter(([, count]) => count > 0)) };
  return sums;
}

/** Whether two rates differ by more than chance would: the two-proportion test, at four standard errors. */
export function isSure(now, before) {
  const [n, m] = [counted(now), counted(before)];
  if (n < 20 || m < 20) return false;
  const pooled = (now.delivered + before.delivered) / (n + m);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
  return error > 0 && Math.abs(rateOf(now) - rateOf(before)) > 4 * error;
}

/** From which row on the rate is another one: where two rates instead of one explain the rows best; -1: nowhere that counts. */
export function changedAt(rows) {
  const fit = (good, bad) => (good ? good * Math.log(good / (good + bad)) : 0) + (bad ? bad * Math.log(bad / (good + bad)) : 0);
  const all = rows.reduce((sum, row) => [sum[0] + row.delivered, sum[1] + row.undelivered], [0, 0]);
  let best = -1, gain = 0, good = 0, bad = 0;
  for (let at = 1; at < rows.length; ++at) {
    good += rows[at - 1].delivered;
    bad += rows[at - 1].undelivered;
    const more = fit(good, bad) + fit(all[0] - good, all[1] - bad) - fit(...all);
    if (more > gain) [best, gain] = [at, more];
  }
  return gain > 8 ? best : -1;
}

/** Of which group most of the messages are that would have been delivered as before. `lists`: [{kind, now, before, nameOf}]; the
    first list with one that bears at least half of them tells it. */
export function culpritOf(lists) {
  for (const { kind, now, before, nameOf } of lists) {
    const known = new Map(before.map((row) => [nameOf(row), row]));
    const all = before.reduce((sum, row) => [sum[0] + row.undelivered, sum[1] + counted(row)], [0, 0]);
    const usual = all[1] ? all[0] / all[1] : 0;
    const excess = now.map((row) => {
      const was = known.get(nameOf(row));
      const share = counted(was) ? was.undelivered / counted(was) : usual;
      return { kind, row, was, more: row.undelivered - share * counted(row) };
    }).sort((a, b) => b.more - a.more);
    const total = excess.reduce((sum, one) => sum + Math.max(0, one.more), 0);
    // Of one group alone nothing is learned.
    if (now.length > 1 && excess[0]?.more > 0 && excess[0].more >= total / 2) return excess[0];
  }
  return null;
}

/** What an owner should hear first: delivery got worse or better, by how much, through what, since when. Null: it did not, or
    nobody can tell. `rows`: the days of both periods, the oldest first. */
export function verdictOf({ now, before, rows, lists }) {
  if (!before || !isSure(now, before)) return null;
  const by = rateOf(now) - rateOf(before);
  if (Math.abs(by) < 0.005) return null;
  const at = changedAt(rows);
  return { by, isWorse: by < 0, culprit: by < 0 ? culpritOf(lists) : null, since: at > 0 ? rows[at] : null };
}
