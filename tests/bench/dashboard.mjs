// How long the dashboard takes in Chromium, and how many octets it is: called by tests/bench/dashboard, which says what each figure means.
import { given, launch, signIn, visitor, weigh } from "../dashboard/browser.mjs";

const loads = Number(process.env.XION_LOADS);
const browser = await launch();
const first = await visitor(browser);
await signIn(first, "--app", "shop", "--role", "owner");
const storageState = await first.context().storageState();
await first.context().close();

const share = (all, of) => [...all].sort((a, b) => a - b)[Math.min(all.length - 1, Math.ceil(all.length * of) - 1)];

/** One load by a browser that has nothing of it yet, or, again, by one that has. Milliseconds from the start of the navigation; octets only where they
    are counted, which takes time itself. */
async function load(path, again, isCounted, locale = "en-GB") {
  const page = await visitor(browser, { storageState, locale });
  await page.addInitScript(() => {
    new MutationObserver(() => { if (!globalThis.shownAt && document.querySelector(".page[data-ready]")) globalThis.shownAt = performance.now(); }).observe(document, { subtree: true, attributes: true, childList: true });
  });
  const weight = isCounted ? await weigh(page) : { octets: 0, files: 0 };
  const whole = async () => {
    await page.goto(`${given.base}/dashboard/${path}`);
    await page.locator(".page[data-ready]").waitFor();
    await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length > 0);
    if (isCounted || again) await page.waitForTimeout(1500);   // The charts' library comes after the numbers.
  };
  await whole();
  if (again) { Object.assign(weight, { octets: 0, files: 0 }); await whole(); }
  const [paint, shown] = await page.evaluate(() => [performance.getEntriesByName("first-contentful-paint")[0].startTime, globalThis.shownAt]);
  await page.context().close();
  return { paint, shown, ...weight };
}

/** What a page of one line takes here: the rest is ours. */
async function bare() {
  const page = await visitor(browser, { storageState });
  page.expected.push("404");
  await page.goto(`${given.base}/dashboard/assets/none`);
  await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length > 0);
  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime);
  await page.context().close();
  return paint;
}

const figures = {}, kib = (octets) => Math.round(octets / 102.4) / 10;
const bares = [];
for (let at = 0; at < loads; ++at) bares.push(await bare());
Object.assign(figures, { bare_first_paint_p50_ms: Math.round(share(bares, 0.5)), bare_first_paint_p95_ms: Math.round(share(bares, 0.95)) });
for (const [name, path, again] of [["overview", "", false], ["overview_again", "", true], ["requests", "requests", false]]) {
  const { octets, files } = await load(path, again, true);
  const all = [];
  for (let at = 0; at < loads; ++at) all.push(await load(path, again, false));
  const of = (member, part) => Math.round(share(all.map((one) => one[member]), part));
  Object.assign(figures, { [`${name}_first_paint_p50_ms`]: of("paint", 0.5), [`${name}_first_paint_p95_ms`]: of("paint", 0.95), [`${name}_shown_p50_ms`]: of("shown", 0.5), [`${name}_shown_p95_ms`]: of("shown", 0.95),
    [`${name}_kib`]: kib(octets), [`${name}_files`]: files });
}
for (const language of ["hy", "ru"]) figures[`overview_${language}_kib`] = kib((await load("", false, true, language)).octets);
await browser.close();
console.log(JSON.stringify(figures));
