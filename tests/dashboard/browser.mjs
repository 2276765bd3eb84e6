// A browser that notices everything: what pages say in the console, what the policy stops, and whom they ask.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

export const given = JSON.parse(process.env.XION_DASHBOARD);
export const ctl = (...words) => JSON.parse(execFileSync(given.ctl[0], [...given.ctl.slice(1), ...words], { encoding: "utf8" }));
export const api = async (path, body) => (await fetch(given.base + path, { method: body ? "POST" : "GET", headers: { Authorization: `Bearer ${given.key}`, "Content-Type": "application/json" }, body: body && JSON.stringify(body) })).json();
/** An invitation, to the address that is tested. */
export const invite = (...words) => {
  const { pathname, hash } = new URL(ctl("dashboard", "invite", ...words).link);
  return given.base + pathname + hash;
};

export const complaints = [];
/** Debian's, as it is without a window: it computes two thirds of what the whole one does. */
export const program = "/usr/bin/chromium-headless-shell";
export const launch = () => chromium.launch({ executablePath: program, args: ["--no-sandbox", "--disable-gpu"] });

export async function visitor(browser, options = {}) {
  const context = await browser.newContext({ locale: "en-GB", timezoneId: "Asia/Yerevan", viewport: { width: 1440, height: 900 }, acceptDownloads: true, ...options });
  context.setDefaultTimeout(Number(process.env.XION_LIMIT_MS ?? 600_000));   // Which only a hang meets.
  await context.addInitScript(() => addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`)));
  const page = await context.newPage();
  page.expected = [];
  page.mayAsk = [given.base];
  page.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    // Pages that were left a moment ago may still be told of their ends: the next one asks until there is room.
    const hasNoRoom = message.location().url.includes("/api/events") && message.text().includes("503");
    if (hasNoRoom || page.expected.some((known) => message.text().includes(known))) return;
    complaints.push(`${page.url()}: ${message.text()} ${message.location().url}`);
  });
  page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error.stack}`));
  page.on("request", (request) => { if (!page.mayAsk.some((base) => request.url().startsWith(base)) && !/^(blob|data):/.test(request.url())) complaints.push(`asks another host: ${request.url()}`); });
  return page;
}

/** Past the offer of a passkey, where there is one. */
export async function goOn(page) {
  const notNow = page.getByRole("button", { name: "Not now" });
  await page.locator("nav.tabs").or(notNow).first().waitFor();
  if (await notNow.isVisible()) await notNow.click();
  await page.locator("nav.tabs").waitFor();
}

export async function signIn(page, ...words) {
  await page.goto(invite(...words));
  await page.getByRole("button", { name: "Sign in" }).click();
  await goOn(page);
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const began = Date.now();
const failures = [];
/** XION_DASHBOARD_ONLY: a regular expression; signing in is always needed. */
const only = new RegExp(process.env.XION_DASHBOARD_ONLY ?? "");
/** Each check is a sentence that is printed when it holds. */
export async function check(sentence, act) {
  if (!only.test(sentence)) return;
  const at = Date.now();
  try {
    await act();
    console.log(`${sentence} (${Date.now() - at} ms)`);
  } catch (failure) {
    failures.push(sentence);
    const where = failure.stack.split("\n").findLast((line) => /(e2e|kinds|owners|decide|pure|enter|nodes)\.mjs/.test(line)) ?? "";
    console.error(`NOT: ${sentence}\n${failure.message.slice(0, 1500)}\n${where}`);
  }
}
export function sumUp() {
  assert.deepEqual(failures, []);
  assert.deepEqual(complaints, [], "the console, the policy, or another host");
  console.log(`all of it: ${Math.round((Date.now() - began) / 1000)} s`);
}

export const ready = (target) => target.locator(".page[data-ready]").waitFor();
export const open = async (target, path) => { await target.goto(`${given.base}/dashboard/${path}`); await ready(target); };

/** What comes over the wire from now on: octets, headers among them, and files. Live events don't count, which go on. */
export async function weigh(target) {
  const devtools = await target.context().newCDPSession(target);
  await devtools.send("Network.enable");
  const weight = { octets: 0, files: 0 }, asked = new Map(), known = new Set();
  devtools.on("Network.requestWillBeSent", ({ requestId, request }) => asked.set(requestId, request.url));
  devtools.on("Network.loadingFinished", (event) => {
    // What a page asks for once more, by and by, is no part of its weight: on a slow machine there would be more of it.
    const address = asked.get(event.requestId);
    if (address.includes("/api/events") || known.has(address)) return;
    known.add(address);
    weight.octets += event.encodedDataLength;
    ++weight.files;
  });
  return weight;
}

/** Words of scripts with spaces, and durations, that a line's end falls into; what people wrote themselves may be broken anywhere.
    The first letter after a soft hyphen is told as on both lines, where one ends there. */
const brokenWords = (target) => target.evaluate(() => {
  const broken = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange();
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement;
    if (!parent.checkVisibility() || parent.closest(".breaks, .mono, .sr, [dir=auto], code, pre, script, style, svg, canvas, option")) continue;
    for (const word of node.data.matchAll(/\d+(?:\u00a0[\p{L}\d]+)+|(?<!\u00ad)[\p{Script=Latin}\p{Script=Armenian}\p{Script=Cyrillic}\p{M}]{2,}/gu)) {
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const tops = new Set([...range.getClientRects()].filter((box) => box.width > 0).map((box) => Math.round(box.top)));
      if (tops.size > 1) broken.push(`${word[0]} in ${parent.outerHTML.slice(0, 100)}`);
    }
  }
  return broken;
});

/** Tables of which a part is out of sight. */
export const cutIn = (target) => target.evaluate(() => [...document.querySelectorAll(".table-wrap")]
  .filter((each) => each.scrollWidth > each.clientWidth + 1).map((each) => each.innerText.slice(0, 60)));

/** No axe violation, which widths and languages hardly change, and it fits. Of other colours only the contrast is new. */
export async function sound(target, name, isOfColours = false) {
  if (!(await target.evaluate(() => "axe" in globalThis))) await target.evaluate(axe + ";0").catch(() => {});
  const runOnly = isOfColours ? { type: "rule", values: ["color-contrast"] } : ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const found = await target.evaluate((runOnly) => globalThis.axe.run(document, { runOnly, resultTypes: ["violations"], selectors: false, ancestry: false,
    xpath: false, iframes: false }), runOnly);
  assert.deepEqual(found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 140)).join(" | ")}`), [], name);
  await fits(target, name);
}

/** Of several widths, in pixels: it is sound at two of them, and fits at the others. */
export const soundAt = (target, name, width) => (width === 360 || width === 1440 ? sound : fits)(target, `${name} at ${width}`);

/** Nothing wider than the window, no word and no duration in two lines. */
export async function fits(target, name) {
  const [wide, room] = await target.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.deepEqual(await brokenWords(target), [], `${name}: words in two lines`);
  const culprits = () => target.evaluate((limit) => [...document.querySelectorAll("body *")]
    .filter((each) => each.getBoundingClientRect().right > limit && getComputedStyle(each).position !== "fixed")
    .filter((each) => { for (let at = each.parentElement; at; at = at.parentElement) if (getComputedStyle(at).overflowX !== "visible") return false; return true; })
    .map((each) => each.outerHTML.slice(0, 120)), room);
  assert.ok(wide <= room, `${name}: ${wide} px wide in ${room}: ${wide > room ? (await culprits()).join(" | ") : ""}`);
}
