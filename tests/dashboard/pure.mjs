// What the page decides without a browser: periods, comparisons, what a search may mean.
import assert from "node:assert/strict";
import { check, sumUp } from "./browser.mjs";

const web = new URL("../../daemon/dashboard/web/", import.meta.url);
const load = (name) => import(new URL(name, web));
globalThis.addEventListener ??= () => {};   // Pages listen to their window, which there is none of here.

await check("a period is held against as many days of the same weekdays", async () => {
  const { periodOf, known } = await load("periods.js");
  const days = (name, today = "2026-11-29") => { const { from, to, before } = periodOf(name, today); return [from, to, before.from, before.to]; };
  assert.deepEqual(days("7d"), ["2026-11-23", "2026-11-29", "2026-11-16", "2026-11-22"]);
  assert.deepEqual(days("30d"), ["2026-10-31", "2026-11-29", "2026-10-01", "2026-10-30"]);
  assert.deepEqual(days("2026-11-20..2026-11-20"), ["2026-11-20", "2026-11-20", "2026-11-13", "2026-11-13"]);
  assert.equal(periodOf("30d", "2026-11-29").pad, 5);   // Thirty-five days further back it is the same weekday.
  // A month that goes on: so many days of the one before; a whole one: the whole one.
  assert.deepEqual(days("2026-11", "2026-11-10"), ["2026-11-01", "2026-11-10", "2026-10-01", "2026-10-10"]);
  assert.deepEqual(days("2026-11", "2026-12-05"), ["2026-11-01", "2026-11-30", "2026-10-01", "2026-10-31"]);
  assert.deepEqual(days("2026-03", "2026-03-31"), ["2026-03-01", "2026-03-31", "2026-02-01", "2026-02-28"]);
  for (const wrong of ["", "31x", "2026-13", "2026-02-30..2026-03-01", "2026-03-05..2026-03-01", "2027-01-01..2027-01-02", "2020-01-01..2026-01-01"]) {
    assert.equal(known(wrong, "2026-11-29"), "30d", wrong);
  }
});

await check("a change is told in points or per cent, and only where there is one", async () => {
  const { changeOf } = await load("compare.js");
  assert.deepEqual(changeOf(0.92, 0.95, true).is, "down");
  assert.deepEqual(changeOf(0.9201, 0.9204, true).is, "same");
  assert.deepEqual(changeOf(null, 0.9, true), { is: "none" });
  assert.deepEqual(changeOf(120, 100).by.toFixed(2), "0.20");
  assert.deepEqual(changeOf(5, 0), { is: "new" });
  assert.deepEqual(changeOf(0, 0), { is: "same" });
});

await check("hours before are two days less the last one, rates anew", async () => {
  const { lessOf } = await load("compare.js");
  const all = { sent: 30, requests: 28, pending: 2, delivered: 20, undelivered: 10, verified: 13, blocked: { total: 4, byReason: { a: 3, b: 1 } } };
  const part = { sent: 10, requests: 9, pending: 2, delivered: 8, undelivered: 2, verified: 6, blocked: { total: 3, byReason: { a: 3 } } };
  const before = lessOf(all, part);
  assert.deepEqual([before.sent, before.deliveryRate, before.verificationRate], [20, 12 / 20, 7 / 19]);
  assert.deepEqual(before.blocked, { total: 1, byReason: { b: 1 } });
});

await check("what got worse is found: by how much, through what, since when", async () => {
  const { verdictOf } = await load("compare.js");
  const row = (delivered, undelivered, more) => ({ delivered, undelivered, ...more });
  const nameOf = (one) => one.carrier;
  const days = [...Array.from({ length: 10 }, () => row(97, 3)), ...Array.from({ length: 4 }, () => row(80, 20))].map((one, at) => ({ ...one, date: at }));
  const of = (carrier, delivered, undelivered) => row(delivered, undelivered, { carrier });
  const lists = [{ kind: "carriers", nameOf, before: [of("a", 485, 15), of("b", 194, 6)], now: [of("a", 484, 16), of("b", 127, 73)] }];
  const verdict = verdictOf({ now: row(611, 89), before: row(679, 21), rows: days, lists });
  assert.ok(verdict.isWorse && verdict.by < -0.08, JSON.stringify(verdict));
  assert.equal(verdict.culprit.row.carrier, "b");
  assert.equal(verdict.since.date, 10);
  // Chance alone says nothing.
  assert.equal(verdictOf({ now: row(18, 2), before: row(19, 1), rows: days, lists }), null);
  assert.equal(verdictOf({ now: row(960, 40), before: row(965, 35), rows: days, lists }), null);
});

await check("what is typed into the search may be a phone in any spelling, a reference, a user", async () => {
  const { digitsOf, meaningsOf } = await load("search.js");
  assert.equal(digitsOf("+374 (99) 12-34-56"), "+37499123456");
  assert.equal(digitsOf("٠٩٩١٢٣٤٥٦"), "099123456");
  assert.equal(digitsOf("０９９ 123"), "099123");
  assert.equal(digitsOf("order-13"), "");
  assert.deepEqual(meaningsOf("0037499123456", [])[0], ["phone", { phone: "+37499123456" }]);
  assert.ok(meaningsOf("099123456", ["AM"]).some(([way, params]) => way === "phone" && params.country === "AM"));
  assert.deepEqual(meaningsOf("500000123", []).map(([way]) => way), ["phone", "reference", "userId"]);
});

await check("a change stands at the day or the hour in which it was made", async () => {
  const { marksOf } = await load("marks.js");
  const changes = ["2026-11-29T10:59:59Z", "2026-11-29T10:00:00Z", "2026-11-27T23:59:59Z", "2026-11-20T00:00:00Z"].map((at) => ({ at }));
  const days = ["2026-11-27", "2026-11-28", "2026-11-29"].map((date) => ({ date }));
  assert.deepEqual(marksOf(changes, days).map((some) => some.map(({ at }) => at.slice(8, 13))), [["27T23"], [], ["29T10", "29T10"]]);
  const hours = ["2026-11-29T09:00:00Z", "2026-11-29T10:00:00Z"].map((hour) => ({ hour }));
  assert.deepEqual(marksOf(changes, hours).map((some) => some.length), [0, 2]);
  assert.deepEqual(marksOf(changes, []), []);
});

await check("a number stands beside the plural that it has in each language", async () => {
  globalThis.document ??= {};
  globalThis.document.documentElement ??= {};
  globalThis.localStorage ??= { getItem: () => null, setItem() {} };
  const { t, useLanguage } = await load("i18n.js");
  const said = async (language, text, counts) => {
    await useLanguage(language);
    return counts.map((n) => t(text, { n }, n));
  };
  const left = "{n} character left in it|{n} characters left in it", of = "of {n} message|of {n} messages";
  assert.deepEqual(await said("en", left, [0, 1, 2, 21]),
    ["0 characters left in it", "1 character left in it", "2 characters left in it", "21 characters left in it"]);
  assert.deepEqual(await said("ru", left, [0, 1, 2, 5, 11, 21, 112, 1003]),
    ["ещё 0 знаков", "ещё 1 знак", "ещё 2 знака", "ещё 5 знаков", "ещё 11 знаков", "ещё 21 знак", "ещё 112 знаков", "ещё 1003 знака"]);
  assert.deepEqual(await said("ru", of, [1, 1000, 1001]), ["из 1 сообщения", "из 1000 сообщений", "из 1001 сообщения"]);
  assert.deepEqual(await said("hy", left, [1, 5]), ["մնաց 1 նիշ", "մնաց 5 նիշ"]);
  await useLanguage("ru");
  assert.deepEqual([t("Since {when}.", { when: "23 нояб." }), t("Since {when}.", { when: "3 мая" })], ["С 23 нояб.", "С 3 мая."]);
  const fell = "Delivery fell by {n} point, from {before} to {now}.|Delivery fell by {n} points, from {before} to {now}.";
  assert.deepEqual((await said("en", fell, [1, 1.5])).map((text) => text.slice(0, 24)), ["Delivery fell by 1 point", "Delivery fell by 1.5 poi"]);
  await useLanguage("en");
});

await check("what is wrong with a text is told in each language, with its figures", async () => {
  globalThis.location ??= new URL("http://127.0.0.1/dashboard/");
  const [{ useLanguage }, { findingText }] = await Promise.all([load("i18n.js"), load("words.js")]);
  await useLanguage("ru");
  assert.equal(findingText("2 parts: the app may send 1 at most (segments_max)"),
    "Частей: 2, приложению можно не больше 1 (segments_max)");
  assert.equal(findingText("{b$&d} is no place: expected letters, digits and _, such as {code}"),
    "{b$&d} — не место для подстановки: нужны буквы, цифры и _, например {code}");
  assert.equal(findingText("{} is no place: expected letters, digits and _, such as {code}"),
    "{} — не место для подстановки: нужны буквы, цифры и _, например {code}");
  assert.equal(findingText("something newer"), "Something newer");
  await useLanguage("en");
  assert.equal(findingText("the text has no {code}"), "The text has no {code}");
});

await check("an error is told once, in words with its code, or by its code alone", async () => {
  const { errorText } = await load("words.js");
  assert.deepEqual([errorText("254", "254"), errorText("", "254"), errorText(undefined, "254"), errorText("number not in use", "001"), errorText("", "")],
    ["254", "254", "254", "Number not in use (001)", ""]);
});

await check("every limit and every rule that may refuse a send has a name", async () => {
  const { limitName, reasonName } = await load("words.js");
  for (const policy of ["sends_per_phone", "sends_per_phone_overall", "cooldown", "locks_per_phone", "guesses_in_a_row"]) {
    assert.notEqual(limitName(policy).toLowerCase(), policy.replaceAll("_", " "), policy);
  }
  for (const rule of ["phone", "phone_overall", "user_ip", "user_net", "user_id"]) {
    assert.ok(!reasonName(`rate_limited: sends_per_${rule}`).includes("sends per"), rule);
    if (rule.startsWith("user")) assert.ok(!reasonName(`rate_limited: phones_per_${rule}`).includes("phones per"), rule);
  }
});

await check("a duration is told by its two largest units", async () => {
  const f = await load("format.js"), tied = (text) => text.replaceAll(" ", "\u00a0");   // It is on one line.
  assert.deepEqual([45, 125, 120, 46_801, 3600, 90_000, 172_800].map(f.seconds), ["45 s", "2 min 5 s", "2 min", "13 h", "1 h", "1 d 1 h", "2 d"].map(tied));
  assert.deepEqual([59_990, 840, 46_861_000].map(f.latency), ["1 min", "840 ms", "13 h 1 min"].map(tied));
});

await check("latencies of nothing have a scale, too", async () => {
  globalThis.matchMedia ??= () => ({ addEventListener() {} });
  const { scales } = await load("charts.js");
  for (const values of [[], [3], [40, 5000], [90_000_000]]) {
    const { min, max } = scales.latency.of(values);
    assert.ok(min < max && values.every((value) => value >= min || min === 10), `${values}: ${min} to ${max}`);
  }
});

await check("a small line begins where there is something, and shows a point of a rate", async () => {
  // Its arithmetic alone: elements are made by a stand-in.
  Object.assign(globalThis.document ??= {}, { createElementNS: () => element(), createElement: () => element(), createTextNode: String });
  globalThis.matchMedia ??= () => ({ addEventListener() {} });
  globalThis.addEventListener ??= () => {};
  globalThis.Node ??= class Node {};
  const { spark } = await load("charts.js");
  const line = spark([null, null, 0.97, 0.98, null, 0.95], "", true).children[1].attributes.d;
  assert.match(line, /^M40\.00 \S+L60\.00 \S+M100\.00 \S+h\.01$/);
  const flat = spark([0.99, 0.98], "", true).children[1].attributes.d.match(/ ([\d.]+)/g).map(Number);
  assert.ok(flat[1] - flat[0] > 10, "a point of a hundred is seen");
});
function element() {
  const one = Object.assign(Object.create(globalThis.Node.prototype), { attributes: {}, children: [], style: {}, classList: { add() {} } });
  one.setAttribute = (name, value) => { one.attributes[name] = value; };
  one.append = (...all) => one.children.push(...all);
  return one;
}

sumUp();
