// What the dashboard must do, in Debian's Chromium over the real daemon: each check is a sentence that is printed when it holds.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import { api, check, given, invite, launch, open, ready, signIn, sound, soundAt, sumUp, visitor } from "./browser.mjs";
import { pictures } from "./shots.mjs";

const web = new URL("../../daemon/dashboard/web/", import.meta.url);
const { forms } = await import(new URL("i18n.js", web));

/** What the daemon says in English: carriers' errors in words, and the codes of its refusals. */
const source = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const spoken = {
  meanings: [...source("proto-smpp/status_meaning.cpp").matchAll(/\{(?:0x\w+|"\d+"), "([^"]+)"\}/g)].map((match) => match[1]),
  findings: ["text_lint", "text_pattern", "submit_tlvs"].flatMap((name) => [...source(`daemon/core/texts/${name}.cpp`).matchAll(/\{(?:true|false), (?:fmt::format\()?"([^"]+)"/g)])
    .map((match) => match[1].replaceAll("{{", "{").replaceAll("}}", "}")),
  problems: [...source("daemon/api/call/problem.cpp").matchAll(/^ +\{\w+, "(\w+)", \d{3}, /gm), ...["dashboard", "management", "answers"].flatMap((name) => [...source(`daemon/dashboard/${name}.cpp`).matchAll(/problem\(\d{3}, "(\w+)"/g)])].map((match) => match[1]),
};

await check("every sentence of the page is there in Armenian and Russian", async () => {
  const said = new Set();
  for (const file of readdirSync(web).filter((name) => name.endsWith(".js"))) {
    for (const [, text] of readFileSync(new URL(file, web), "utf8").matchAll(/\b(?:t|counted)\("((?:[^"\\]|\\.)*)"/g)) said.add(text);
  }
  assert.ok(said.size > 200, `${said.size}`);
  assert.ok(spoken.meanings.length > 40 && spoken.problems.length > 40 && spoken.findings.length >= 15, JSON.stringify(spoken));
  for (const language of ["hy", "ru"]) {
    const words = (await import(new URL(`languages/${language}.js`, web))).default;
    assert.deepEqual([...said].filter((text) => !words[text]), [], `missing in ${language}`);
    assert.deepEqual(Object.keys(words).filter((text) => !said.has(text)), [], `not said any more: ${language}`);
    const errors = await import(new URL(`languages/${language}-errors.js`, web));
    assert.deepEqual(spoken.meanings.filter((text) => !errors.meanings[text]), [], `meanings in ${language}`);
    assert.deepEqual(spoken.problems.filter((code) => !errors.problems[code]), [], `problems in ${language}`);
    assert.deepEqual(spoken.findings.filter((text) => !errors.findings[text]), [], `findings in ${language}`);
    const holes = (text) => [...new Set([...text.matchAll(/\{\w+\}/g)].map(String))].sort().join();
    const counts = (text) => text.split("|").length;
    assert.deepEqual(Object.entries(words).filter(([text, other]) => ![1, counts(text) > 1 ? forms[language].length : 1].includes(counts(other))).map(([text]) => text), [], `plurals in ${language}`);
    assert.deepEqual(Object.entries(words).filter(([text, other]) => holes(text) !== holes(other)).map(([text]) => text), [], `holes differ in ${language}`);
  }
});

await check("a forecast goes on as whole days went, and says nothing before the first", async () => {
  globalThis.addEventListener ??= () => {};   // Pages listen to their window, which there is none of here.
  const { forecastOf } = await import(new URL("usage.js", web));
  const now = Date.parse("2026-11-27T12:00:00Z"), plan = { used: 500, resetsAt: "2026-12-01T00:00:00Z" };
  const days = (...used) => used.map((each, at) => ({ date: `2026-11-${20 + at}`, used: each }));
  assert.equal(forecastOf(plan, days(10, 10, 10, 10, 10, 10, 10, 400), now), 535);   // Three days and a half are left; today is not one of the whole ones.
  assert.equal(forecastOf(plan, days(0, 0, 0, 0, 0, 20, 40, 440), now), 605);        // Days before the first message say nothing of the app.
  assert.equal(forecastOf(plan, days(0, 0, 0, 0, 0, 0, 0, 500), now), null);
  assert.equal(forecastOf({ ...plan, used: 0 }, days(0, 0, 0, 0, 0, 0, 0, 0), now), 0);
});

const browser = await launch();
const page = await visitor(browser);
const shown = (target, kpi) => target.locator(`[data-kpi="${kpi}"] .value, b[data-kpi="${kpi}"]`).first().innerText();

await check("a link that is over says so, and how to get another", async () => {
  page.expected.push("401");
  await page.goto(`${given.base}/dashboard/sign-in#xi_${"0".repeat(40)}`);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "This link is over" }).waitFor();
  await sound(page, "link over");
  page.expected = [];
});

await check("an owner signs in by a link that works once and leaves no trace in the address", async () => {
  const link = invite("--app", "shop", "--role", "owner", "--for", "Ani");
  await page.goto(link);
  await page.getByRole("button", { name: "Sign in" }).click();
  await ready(page);
  assert.equal(page.url(), `${given.base}/dashboard/`);
  const [cookie] = await page.context().cookies();
  assert.ok(cookie.httpOnly && cookie.sameSite === "Strict", JSON.stringify(cookie));
  assert.equal(await page.evaluate(() => document.cookie), "");
  const second = await visitor(browser);
  second.expected.push("401");
  await second.goto(link);
  await second.getByRole("button", { name: "Sign in" }).click();
  await second.getByRole("heading", { name: "This link is over" }).waitFor();
  await second.context().close();
});

await check("the overview's numbers are the API's", async () => {
  for (const period of ["24h", "7d", "30d", "90d"]) {
    await page.locator(`[data-period="${period}"]`).click();
    await page.locator(`.page[data-ready="${period}"]`).waitFor();
    const stats = await api(`/v1/stats?window=${period}`);
    const number = new Intl.NumberFormat("en"), percent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });
    assert.equal(await shown(page, "sent"), number.format(stats.sent));
    assert.equal(await shown(page, "delivery"), percent.format(stats.deliveryRate));
    assert.equal(await shown(page, "verified"), number.format(stats.verified));
    assert.equal(await shown(page, "blocked"), number.format(stats.blocked.total));
    const text = await page.locator("main").innerText();
    for (const part of [`${number.format(stats.undelivered)} undelivered`, `${percent.format(stats.verificationRate)} verification rate`, `${new Intl.NumberFormat("en", { maximumFractionDigits: 1 }).format(stats.dailyAverage)} a day`]) assert.ok(text.includes(part), part);
    for (const share of ["p50", "p95"]) {
      const ms = stats.latencyMs[share];
      assert.equal((await shown(page, share)).replaceAll("\u00a0", " "), ms < 1000 ? `${ms} ms` : `${new Intl.NumberFormat("en", { maximumFractionDigits: ms < 10_000 ? 2 : 1 }).format(ms / 1000)} s`);
    }
    for (const { country, sent } of (await api(`/v1/stats/countries?window=${period}`)).items.filter((item) => item.sent)) assert.match(text, new RegExp(`${country}\\s*${new Intl.DisplayNames("en", { type: "region" }).of(country)}\\s*${sent}\\b`));
  }
  // 24 hours are drawn by the hour.
  await page.locator('[data-period="24h"]').click();
  await page.getByRole("heading", { name: "Messages by hour" }).waitFor();
  await page.locator("details.as-table summary").first().click();
  const rows = await page.locator("details.as-table tbody").first().locator("tr").evaluateAll((all) => all.map((row) => [...row.querySelectorAll("td")].map((cell) => Number(cell.textContent))));
  assert.equal(rows.length, 24);
  assert.deepEqual(rows, (await api("/v1/stats/hourly")).items.map((hour) => [hour.delivered, hour.undelivered, hour.sent - hour.delivered - hour.undelivered, hour.verified]));
  // A month that is over, by its name.
  const last = new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() - 1, 1)).toISOString().slice(0, 7);
  await page.getByLabel("A month").selectOption(last);
  await page.locator(`.page[data-ready="${last}"]`).waitFor();
  const lastDay = new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth(), 0)).toISOString().slice(0, 10);
  assert.equal(await shown(page, "sent"), String((await api(`/v1/stats?from=${last}-01&to=${lastDay}`)).sent));   // None, but where it ended just now.
  assert.match(page.url(), new RegExp(`period=${last}`));
  await page.locator('[data-period="30d"]').click();
  await page.locator('.page[data-ready="30d"]').waitFor();
  const plan = await api("/v1/usage");
  const usage = await page.locator("section", { hasText: "Usage against plan" }).innerText();
  const today = new Date().toISOString().slice(0, 10), weekAgo = new Date(Date.now() - 7 * 86_400_000).toISOString().slice(0, 10);
  const whole = (await api(`/v1/usage/daily?from=${weekAgo}`)).items.filter((day) => day.date < today && day.used > 0);
  if (!whole.length) assert.ok(usage.includes("after the first whole day"), "no forecast of a first day");
  for (const value of [plan.used, plan.included, plan.remaining]) assert.ok(usage.includes(new Intl.NumberFormat("en").format(value)), `${value} in ${usage}`);
  assert.ok(await page.locator(".chart canvas").first().evaluate((canvas) => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((octet) => octet)), "the chart is drawn");
});

await check("a tooltip tells what a number means, by keyboard, and Escape closes it", async () => {
  await page.getByRole("button", { name: "What is Delivery rate?" }).focus();
  await page.getByRole("tooltip").getByText("Delivered ÷ (delivered + undelivered)").waitFor();
  await page.keyboard.press("Escape");
  assert.equal(await page.getByRole("tooltip").count(), 0);
});

await check("a new request shows up by itself, and its time runs", async () => {
  const before = Number((await shown(page, "sent")).replace(/\D/g, ""));
  await page.locator(".live.on").waitFor();
  await api("/v1/otp/send", { phone: "+37499777123", ttlSeconds: 120 });
  await page.waitForFunction((count) => Number(document.querySelector('[data-kpi="sent"] .value').textContent.replace(/\D/g, "")) === count + 1, before);
  const latest = page.locator("section", { hasText: "Latest request" }).first();
  await latest.getByText("+374•••••123").waitFor();
  const first = await latest.getByText(/left$/).innerText();
  await page.waitForFunction((text) => !document.querySelector(".latest-head").innerText.includes(text), first);
});

await check("requests are searched, filtered, listed to the end and saved as they are shown", async () => {
  await open(page, "requests");
  assert.ok((await page.locator("tbody tr").count()) >= 50);
  await page.locator(".foot").scrollIntoViewIfNeeded();
  await page.getByText("End of the list").waitFor();
  const all = await page.locator("tbody tr").count();
  assert.ok(all > 80, `${all}`);
  // The file has all that fits, whatever is shown.
  const loading = page.waitForEvent("download");
  await page.getByRole("button", { name: "CSV", exact: true }).click();
  const lines = readFileSync(await (await loading).path(), "utf8").trim().split(/\r?\n/);
  assert.equal(lines.length, all + 1);
  const ids = await page.locator("tbody tr").evaluateAll((rows) => rows.map((row) => row.dataset.id));
  const column = lines[0].split(",").indexOf("requestId");
  assert.deepEqual(lines.slice(1).map((line) => line.split(",")[column]), ids);
  await page.getByLabel(/^State/).selectOption("blocked");
  await page.waitForURL(/status=blocked/);
  await page.locator('.page[data-ready="1"]').waitFor();
  assert.deepEqual((await api("/v1/otp?status=blocked")).items.map((item) => item.requestId), await page.locator("tbody tr").evaluateAll((rows) => rows.map((row) => row.dataset.id)));
  await page.getByLabel(/^State/).selectOption("");
  await page.getByRole("searchbox").fill("+37499100012");
  await page.waitForURL(/37499100012/);
  await page.locator('.page[data-ready="1"]').waitFor();
  await page.getByRole("searchbox").fill("order-13");
  await page.waitForURL(/order-13/);
  await page.locator('.page[data-ready="1"]').waitFor();
  await page.getByRole("searchbox").fill("no such thing");
  await page.getByText("Nothing fits").waitFor();
  await page.getByRole("button", { name: "Show all" }).click();
  await page.locator("tbody tr").nth(49).waitFor();
  const [fresh] = [await api("/v1/otp/send", { phone: "+37499777124" })];
  await page.locator(`tr[data-id="${fresh.requestId}"]`).waitFor();
});

await check("a request's way is drawn, with its error in words", async () => {
  const [lost] = (await api("/v1/otp?delivery=undelivered")).items;
  await open(page, `requests/${lost.requestId}`);
  assert.deepEqual((await page.locator(".steps strong").allInnerTexts()).slice(0, 4), ["Created", "Queued", "Submitted", "Undelivered"]);
  const told = (await api(`/v1/otp/${lost.requestId}`)).events.find((event) => event.type === "receipt");
  if (told.errorMeaning) await page.locator(".notice").getByText(told.errorMeaning).waitFor();
  const [good] = (await api("/v1/otp?status=verified&delivery=delivered")).items;
  await open(page, `requests/${good.requestId}`);
  assert.equal(await page.locator(".steps li.done").count(), 5);
});

await check("an owner makes a key, which works, and revokes it, which ends it", async () => {
  await open(page, "keys");
  await page.getByRole("button", { name: "New key" }).click();
  await sound(page, "new key");
  await page.getByRole("button", { name: "Create key" }).click();
  const key = await page.locator("[data-secret]").innerText();
  const call = () => fetch(`${given.base}/v1/usage`, { headers: { Authorization: `Bearer ${key}` } }).then((answer) => answer.status);
  assert.equal(await call(), 200);
  await page.getByRole("button", { name: "I have saved it" }).click();
  await page.locator("tbody tr").nth(1).waitFor();
  await page.locator("tbody tr").first().getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.equal(await call(), 401);
});

await check("a template is linted as it is typed, seen on a phone, and kept", async () => {
  await open(page, "templates");
  await page.getByLabel("Text", { exact: false }).last().fill("no end of {code");
  await page.locator('#lint[data-right="false"] .notice.bad').waitFor();
  assert.ok(await page.getByRole("button", { name: "Save" }).isDisabled());
  await page.locator("textarea").fill("{code} opens {app}");
  await page.locator('#lint[data-right="true"]').waitFor();
  assert.match(await page.locator("[data-preview]").innerText(), /^\d+ opens shop$/);
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator("tbody tr").getByText("{code} opens {app}").waitFor();
  await page.getByRole("button", { name: /All languages/ }).click();
  await page.getByText("Preview in each language").waitFor();
});

const heard = [];
const backend = createServer((request, answer) => { request.resume(); heard.push(request.headers["webhook-id"]); answer.end("ok"); });
await new Promise((go) => backend.listen(0, "127.0.0.1", go));
await check("a webhook is added, tested, and its delivery sent again", async () => {
  await open(page, "webhooks");
  await page.getByRole("button", { name: "New webhook" }).click();
  await page.getByLabel("Address").fill(`http://127.0.0.1:${backend.address().port}/hook`);
  await page.getByLabel("usage.threshold").check();
  await page.getByRole("button", { name: "Add" }).click();
  assert.match(await page.locator("[data-secret]").innerText(), /^whsec_/);
  await page.getByRole("button", { name: "I have saved it" }).click();
  await page.getByRole("button", { name: "Test", exact: true }).click();
  await page.getByText("HTTP 200").waitFor();
  await page.getByRole("button", { name: "Replay" }).click();
  while (heard.length < 2) await new Promise((go) => backend.once("request", go));
  assert.equal(heard[0], heard[1]);
});

await check("the keyboard reaches pages, search, help and the menu", async () => {
  await page.keyboard.press("g");
  await page.keyboard.press("o");
  await page.waitForURL(`${given.base}/dashboard/`);
  await page.keyboard.press("/");
  await page.waitForURL(/requests/);
  assert.ok(await page.getByRole("searchbox").evaluate((element) => element === document.activeElement));
  await page.getByRole("searchbox").blur();
  await page.keyboard.press("?");
  await page.getByRole("dialog").getByText("This help").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Account and settings" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Sign out everywhere" }).waitFor();
  await page.keyboard.press("Escape");
});

await check("without a connection the page says so, and recovers", async () => {
  await open(page, "");
  page.expected.push("ERR_INTERNET_DISCONNECTED", "Failed to load resource", "ERR_FAILED", "net::");
  await page.context().setOffline(true);
  await page.locator('[data-period="7d"]').click();
  await page.locator(".offline").waitFor();
  await page.context().setOffline(false);
  await page.locator('[data-period="30d"]').click();
  await page.locator(".offline").waitFor({ state: "hidden" });
  page.expected = [];
});

await check("without server-sent events the page asks every five seconds", async () => {
  const poller = await visitor(browser);
  await poller.addInitScript(() => { delete globalThis.EventSource; });
  await signIn(poller, "--app", "shop");
  await poller.locator(".live.poll").waitFor();
  await ready(poller);
  const made = await api("/v1/otp/send", { phone: "+37499777125" });
  await poller.getByText(made.requestId).waitFor();
  await poller.context().close();
});

const viewer = await visitor(browser);
await check("a viewer sees numbers, and is refused what owners do", async () => {
  await signIn(viewer, "--app", "shop", "--for", "Davit");
  assert.deepEqual(await viewer.locator("nav.tabs a").allInnerTexts(), ["Overview", "Requests"]);
  await viewer.goto(`${given.base}/dashboard/keys`);
  await viewer.getByText("This page is not for your role").waitFor();
  viewer.expected.push("403");
  const refused = await viewer.evaluate(() => fetch("/dashboard/api/keys", { method: "POST", headers: { "Content-Type": "application/json", "X-Requested-With": "XionID" }, body: "{}" }).then((answer) => answer.json()));
  assert.equal(refused.code, "insufficient_role");
  await sound(viewer, "refused");
});

const chief = await visitor(browser);
await check("an operator sees every app, carriers and routes", async () => {
  await signIn(chief, "--operator", "--for", "Root");
  await open(chief, "operator");
  await chief.locator('tr[data-carrier="primary"]').getByText("Bound").waitFor();
  await chief.locator('tr[data-carrier="backup"]').getByText("Bound").waitFor();
  const text = await chief.locator("main").innerText();
  for (const part of ["shop", "armenia", "world", "primary → backup"]) assert.ok(text.includes(part), part);
  await open(chief, "");
});

await check("every page is sound in light and dark, from 360 to 2560 px", async () => {
  const [good] = (await api("/v1/otp?status=verified")).items, [lost] = (await api("/v1/otp?delivery=undelivered")).items;
  const places = [[page, "overview", ""], [page, "overview-24h", "?period=24h"], [page, "requests", "requests"], [page, "request", `requests/${good.requestId}`], [page, "request-undelivered", `requests/${lost.requestId}`], [page, "keys", "keys"], [page, "templates", "templates"], [page, "webhooks", "webhooks"], [page, "sessions", "sessions"], [chief, "operator", "operator"]];
  if (given.shots) mkdirSync(given.shots, { recursive: true });
  for (const [target, name, path] of places) {
    await open(target, path);
    for (const colorScheme of ["light", "dark"]) {
      await target.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      for (const width of [360, 768, 1440, 2560]) {
        await target.setViewportSize({ width, height: width === 360 ? 740 : 900 });
        if (given.shots) { await target.waitForTimeout(150); await target.screenshot({ path: `${given.shots}/${name}-${width}-${colorScheme}.png`, fullPage: true }); }
        if ((width < 1000) === (colorScheme === "light")) await soundAt(target, `${name} ${colorScheme}`, width);
      }
    }
  }
});

if (given.shots) await check("everything else has its picture", () => pictures(browser, page, chief));

await check("the page speaks Armenian and Russian", async () => {
  await page.setViewportSize({ width: 360, height: 740 });
  for (const [language, heading] of [["hy", "Ընդհանուր պատկեր"], ["ru", "Обзор"]]) {
    await open(page, "");
    await page.locator(".menu > button").click();
    await page.locator(".menu-list select").first().selectOption(language);
    await page.getByRole("heading", { name: heading }).waitFor();
    await ready(page);
    assert.equal(await page.evaluate(() => document.documentElement.lang), language);
    await sound(page, language);
    if (given.shots) await page.screenshot({ path: `${given.shots}/overview-360-${language}.png`, fullPage: true });
  }
  // What the API refuses is told by its code; what has no words in the language, as the daemon says it.
  for (const [code, detail, told] of [["store_unavailable", "The store can't be read; try again", "Хранилище недоступно; попробуйте снова."], ["brand_new", "Something new", "Something new"]]) {
    page.expected.push("503");
    await page.route("**/v1/stats/routes*", (route) => route.fulfill({ status: 503, contentType: "application/problem+json", body: JSON.stringify({ ok: false, code, detail }) }));
    await page.locator('[data-period="7d"]').click();
    await page.getByRole("alert").getByText(told).waitFor();
    await page.unrouteAll();
    await page.locator('[data-period="30d"]').click();
    await page.locator(".trouble:empty").waitFor({ state: "attached" });
  }
  page.expected = [];
  await page.locator(".menu > button").click();
  await page.locator(".menu-list select").first().selectOption("en");
});

await check("signing out everywhere ends the other sessions too, at once", async () => {
  const other = await visitor(browser);
  await signIn(other, "--app", "shop", "--role", "owner", "--for", "Ani");
  other.expected.push("401"); // Before it is told, which may be at once.
  await page.getByRole("button", { name: "Account and settings" }).click();
  await page.getByRole("button", { name: "Sign out everywhere" }).click();
  await page.getByText("You are signed out.").waitFor();
  await other.getByText("Your session is over").waitFor();
  await other.context().close();
});

await check("the developer's guide is sound in any width and light", async () => {
  const guide = await visitor(browser);
  for (const path of ["", "errors/", "reference/"]) {
    await guide.goto(`${given.base}/docs/${path}`);
    for (const colorScheme of ["light", "dark"]) {
      await guide.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      for (const width of [360, 1440]) {
        await guide.setViewportSize({ width, height: 900 });
        if ((width < 1000) === (colorScheme === "light")) await sound(guide, `docs/${path} ${width} ${colorScheme}`, colorScheme === "dark");
        if (given.shots) await guide.screenshot({ path: `${given.shots}/docs-${path.slice(0, -1) || "guide"}-${width}-${colorScheme}.png`, fullPage: true });
      }
    }
  }
  await guide.goto(`${given.base}/`);
  assert.equal(guide.url(), `${given.base}/docs/`);
  await guide.getByRole("tab", { name: "Go" }).first().click();
  await guide.getByRole("tabpanel", { name: "Go" }).first().getByText("package main").waitFor();
  await guide.reload();
  assert.equal(await guide.getByRole("tab", { name: "Go" }).first().getAttribute("aria-selected"), "true");
  await guide.context().close();
});

await browser.close();
backend.close();
sumUp();
