// What an open page costs while 60 requests a second go by: XION_SECONDS of it (60), on the overview and on the list, each in a browser
// of its own. A line a minute; the last line is one JSON object. That nodes, heap, focus and place stay as they are is checked; CPU is
// told, since a figure in seconds is of this machine.
import assert from "node:assert/strict";
import { api, ctl, given, launch, open, signIn, visitor } from "./browser.mjs";

const seconds = Number(process.env.XION_SECONDS ?? 60), rate = 60;
const most = { nodes: 600, listeners: 100, heap_mib: 4 };   // More than at the begin.
ctl("app", "set", "shop", "sms_per_month=none", "spend_per_day=none", "spend_per_month=none");
const answers = {};
let number = 0;
const count = (code) => { answers[code] = (answers[code] ?? 0) + 1; };
const phone = () => `+37494${String(number++).padStart(6, "0")}`;
const send = () => api("/v1/otp/send", { phone: phone() }).then((said) => count(said.code ?? "sent"), () => count("unanswered"));
let due = Date.now();
const sending = setInterval(() => { for (; due < Date.now(); due += 1000 / rate) send(); }, 50);

/** What is read is kept in sight and focused, further down. */
async function settle(page, path) {
  const read = path === "requests" ? page.locator("tbody tr a").nth(30) : page.locator('[data-period="7d"]');
  await read.scrollIntoViewIfNeeded();
  await read.focus();
}
const place = (page) => page.evaluate(() => [document.activeElement.textContent, Math.round(document.activeElement.getBoundingClientRect().top)]);

async function watch(name, path) {
  const browser = await launch();
  const system = await browser.newBrowserCDPSession();
  const page = await visitor(browser);
  await signIn(page, "--app", "shop");
  await open(page, path);
  const protocol = await page.context().newCDPSession(page);
  await protocol.send("Performance.enable");
  const look = async () => {
    await protocol.send("HeapProfiler.collectGarbage");
    const { metrics } = await protocol.send("Performance.getMetrics");
    const of = (what) => metrics.find((each) => each.name === what).value;
    // Of all of the browser's processes: who paints is another than who runs scripts.
    const all = (await system.send("SystemInfo.getProcessInfo")).processInfo.reduce((sum, each) => sum + each.cpuTime, 0);
    const heap_mib = Number((of("JSHeapUsedSize") / 1048576).toFixed(2));
    return { at: Date.now(), nodes: of("Nodes"), listeners: of("JSEventListeners"), heap_mib, page_cpu: of("TaskDuration"), all_cpu: all };
  };
  const a_minute = (what, from, to) => Number((((to[what] - from[what]) * 60_000) / (to.at - from.at)).toFixed(2));
  const cpu = (from, to) => Object.fromEntries(["page_cpu", "all_cpu"].map((what) => [`${what}_s_a_minute`, a_minute(what, from, to)]));
  await settle(page, path);
  await page.waitForTimeout(15_000);   // Until what comes first has come, and scripts are compiled.
  const was = await place(page), first = await look();
  let last = first, before = first;
  for (let left = seconds; left > 0; left -= 60) {
    await page.waitForTimeout(Math.min(left, 60) * 1000);
    before = last;
    last = await look();
    console.log(JSON.stringify({ page: name, nodes: last.nodes, listeners: last.listeners, heap_mib: last.heap_mib, ...cpu(before, last) }));
  }
  assert.deepEqual(await place(page), was, `${name}: focus and place`);
  await browser.close();
  for (const [what, more] of Object.entries(most)) assert.ok(last[what] <= first[what] + more, `${name}: ${what} ${first[what]}, then ${last[what]}`);
  const both = (what) => [first[what], last[what]];
  return [name, { ...cpu(first, last), nodes: both("nodes"), listeners: both("listeners"), heap_mib: both("heap_mib") }];
}

const figures = Object.fromEntries(await Promise.all([watch("overview", ""), watch("requests", "requests")]));
clearInterval(sending);
assert.ok((answers.sent ?? 0) > 0.9 * seconds * rate, JSON.stringify(answers));
console.log(JSON.stringify({ seconds, rate, answers, ...figures, base: given.base }));
