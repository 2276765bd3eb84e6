// Over two months of which the last week went wrong by one carrier: what people want to know, and in how many clicks they do.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { api, check, cutIn, fits, launch, open, ready, signIn, sound, sumUp, visitor } from "./browser.mjs";

const browser = await launch();
const page = await visitor(browser);
await signIn(page, "--app", "shop", "--role", "owner", "--for", "Ani");
const choose = async (target, period) => {
  await target.locator(`[data-period="${period}"]`).click();
  await target.locator(`.page[data-ready="${period}"]`).waitFor();
};

await check("did it get worse, through what, since when: one click", async () => {
  await open(page, "");
  await choose(page, "7d");
  const told = await page.locator(".verdict").innerText();
  assert.match(told, /Delivery fell by [\d.]+ points/);
  assert.match(told, /Mostly by the carrier backup/);
  const begin = new Date(Date.now() - 7 * 86_400_000), day = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", timeZone: "UTC" });
  const about = [0, 1].map((later) => day.format(new Date(begin.getTime() + later * 86_400_000)));
  assert.ok(about.some((name) => told.includes(`Since ${name}`)), `${told}; expected ${about}`);
});

await check("every figure says how it was before, in points where it is a rate", async () => {
  await open(page, "?period=7d");
  for (const name of ["sent", "delivery", "verified", "blocked"]) assert.match(await page.locator(`[data-kpi="${name}"] .against`).innerText(), /[▲▼=]/, name);
  assert.match(await page.locator('[data-kpi="delivery"] .against').innerText(), /▼ [\d.]+ pp|down by/);
  const carriers = page.locator("section", { has: page.getByRole("heading", { name: "By carrier" }) });
  const countries = page.locator("section", { has: page.getByRole("heading", { name: "By country" }) });
  await countries.getByRole("button", { name: "Rate" }).click();
  const rates = await countries.locator("li .number small").evaluateAll((all) => all.map((each) => parseInt(each.textContent, 10)));
  assert.deepEqual(rates, [...rates].sort((a, b) => a - b), "the worst first");
  await carriers.getByRole("button", { name: "Change" }).click();
  assert.match(await carriers.locator("li").first().innerText(), /backup/);
  const [now, before] = await Promise.all([api("/v1/stats/carriers?window=7d"), api("/v1/stats/carriers?window=14d")]);
  const of = (answer, name) => answer.items.find((item) => item.carrier === name);
  const ended = (one) => one.delivered + one.undelivered;
  const rate = (one, other) => (other.delivered - one.delivered) / (ended(other) - ended(one));
  const points = Math.abs(of(now, "backup").deliveryRate - rate(of(now, "backup"), of(before, "backup"))) * 100;
  const said = Number((await carriers.locator("li").first().locator(".change").innerText()).match(/([\d.]+)\s*pp/)[1]);
  assert.ok(Math.abs(said - points) < 1, `${said} for ${points}`);
});

await check("from an error to the requests behind it, and back to where one was", async () => {
  await open(page, "?period=7d");
  const errors = page.locator("section", { has: page.getByRole("heading", { name: "By error" }) });
  const count = Number((await errors.locator("li", { hasText: "045" }).locator(".number").innerText()).replace(/\s.*|\D/g, ""));
  await errors.locator("li", { hasText: "045" }).getByRole("link").click();
  await page.waitForURL(/error=045/);
  await ready(page);
  assert.ok((await page.locator("tbody tr").count()) > 0 && count > 0);
  for (const row of (await page.locator("tbody tr").all()).slice(0, 5)) assert.match(await row.innerText(), /Undelivered/);
  await page.goBack();
  await page.locator('.page[data-ready="7d"]').waitFor();
  const leads = [["By country", "country=AM"], ["By route", "route=armenia"], ["By carrier", "carrier=primary"], ["Blocked by reason", "reason="]];
  for (const [heading, parameter] of leads) {
    const list = page.locator("section", { has: page.getByRole("heading", { name: heading }) });
    const wanted = parameter.split("=")[1];
    await (wanted ? list.locator(`li[data-key="${wanted}"]`) : list.locator("li").first()).getByRole("link").click();
    await page.waitForURL(new RegExp(parameter));
    await page.locator("tbody tr").first().waitFor();
    await page.goBack();
    await page.locator('.page[data-ready="7d"]').waitFor();
  }
});

await check("a carrier and an error are chosen, taken back one by one, and stand in the address", async () => {
  await open(page, "requests?error=045");
  await page.getByLabel("Carrier").selectOption("backup");
  await page.waitForURL(/carrier=backup/);
  await page.locator("tbody tr").first().waitFor();
  assert.match(page.url(), /error=045/);
  await page.getByRole("button", { name: "Without Error" }).click();
  await page.waitForFunction(() => !location.search.includes("error"));
  assert.match(page.url(), /carrier=backup/);
  await page.goBack();
  await page.waitForURL(/error=045/);
});

await check("of a day that was lately each hour is shown", async () => {
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  await open(page, `?period=${yesterday}..${yesterday}`);
  await page.getByRole("heading", { name: "Messages by hour" }).waitFor();
  await page.locator("details.as-table summary").first().click();
  const hours = await page.locator("details.as-table tbody").first().locator("tr").count();
  assert.ok(hours >= 23 && hours <= 24, `${hours}`);
  const sent = (await api(`/v1/stats?from=${yesterday}&to=${yesterday}`)).sent;
  assert.equal(await page.locator('[data-kpi="sent"] .value').innerText(), new Intl.NumberFormat("en").format(sent));
});

await check("a day of a chart leads to its requests", async () => {
  await open(page, "?period=7d");
  await page.locator("details.as-table summary").first().click();
  await page.locator("details.as-table tbody a").nth(3).click();
  await page.waitForURL(/requests\?from=/);
  await page.locator("tbody tr").first().waitFor();
  const from = new URL(page.url()).searchParams.get("from").slice(0, 10);
  const days = await page.locator("tbody tr time").evaluateAll((all) => all.map((each) => each.dateTime.slice(0, 10)));
  assert.ok(days.every((day) => day === from), `${from}: ${[...new Set(days)]}`);
});

await check("all countries can be seen", async () => {
  await open(page, "?period=30d");
  const countries = page.locator("section", { has: page.getByRole("heading", { name: "By country" }) });
  const known = (await api("/v1/stats/countries?window=30d")).items.filter((item) => item.sent > 0).length;
  assert.ok(known > 15, `${known}`);
  await countries.getByRole("button", { name: `Show all ${known}` }).click();
  assert.equal(await countries.locator("li").count(), known);
});

await check("any days can be looked at, and the address says which", async () => {
  await open(page, "");
  const day = (back) => new Date(Date.now() - back * 86_400_000).toISOString().slice(0, 10);
  await page.getByRole("button", { name: "Days…" }).click();
  await page.getByLabel("First day (UTC)").fill(day(20));
  await page.getByLabel("Last day (UTC)").fill(day(12));
  await page.getByRole("button", { name: "Show", exact: true }).click();
  const period = `${day(20)}..${day(12)}`;
  await page.locator(`.page[data-ready="${period}"]`).waitFor();
  const sent = (await api(`/v1/stats?from=${day(20)}&to=${day(12)}`)).sent;
  assert.equal(await page.locator('[data-kpi="sent"] .value').innerText(), new Intl.NumberFormat("en").format(sent));
  await page.reload();
  await page.locator(`.page[data-ready="${period}"]`).waitFor();
});

await check("latency is drawn by its magnitude, with its own marks", async () => {
  await open(page, "?period=30d");
  const marks = await page.evaluate(() => Object.values(globalThis.Chart.instances).map((chart) => chart.scales.y)
    .find((scale) => scale.type === "logarithmic").ticks.map((tick) => tick.label.replaceAll("\u00a0", " ")));
  assert.ok(marks.includes("1 s") && marks.includes("10 s") && marks.includes("1 min"), marks.join());
});

await check("a chart is saved as a picture, a filter and a month as a file of all there is", async () => {
  await open(page, "?period=30d");
  const picture = page.waitForEvent("download");
  await page.getByRole("button", { name: "PNG" }).first().click();
  assert.equal(readFileSync(await (await picture).path()).subarray(1, 4).toString(), "PNG");
  const usage = page.waitForEvent("download");
  await page.getByRole("button", { name: "CSV of the month" }).click();
  assert.match(readFileSync(await (await usage).path(), "utf8"), /^date,/);
  await open(page, "requests?country=GE");
  const shown = await page.locator("tbody tr").count();
  for (const [name, count] of [["CSV", (text) => text.split(/\r?\n/).length - 1], ["NDJSON", (text) => text.split("\n").length]]) {
    const loading = page.waitForEvent("download");
    await page.getByRole("button", { name, exact: true }).click();
    const found = count(readFileSync(await (await loading).path(), "utf8").trim());
    assert.ok(found > shown, `${name}: ${found} of more than ${shown}`);
  }
});

await check("a view is saved by a name and chosen again", async () => {
  await open(page, "requests?country=GE&delivery=delivered");
  await page.getByLabel("Saved views").selectOption("+");
  await page.getByRole("dialog").getByLabel("Name").fill("Georgia, arrived");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await open(page, "requests");
  await page.getByLabel("Saved views").focus();
  await page.getByLabel("Saved views").selectOption({ label: "Georgia, arrived" });
  await page.waitForURL(/country=GE/);
  assert.equal(await page.getByLabel(/^Delivery/).inputValue(), "delivered");
});

await check("a long list keeps a window of its rows", async () => {
  await open(page, "requests");
  const cut = page.getByRole("button", { name: "To the newest" });
  for (let rows = 0; !(await cut.isVisible());) {
    await page.locator(".foot").scrollIntoViewIfNeeded();
    await page.waitForFunction((count) => document.querySelectorAll("tbody tr").length !== count, rows);
    rows = await page.locator("tbody tr").count();
  }
  assert.ok((await page.locator("tbody tr").count()) <= 1000);
});

await check("support resets what keeps a customer out, and sees all of the phone's requests", async () => {
  const made = await api("/v1/otp/send", { phone: "+37499555001" });
  await open(page, `requests/${made.requestId}`);
  await page.getByRole("button", { name: "Look", exact: true }).click();
  await page.getByText("Wait between messages").waitFor();
  assert.match(await page.locator("tr", { hasText: "Wait between messages" }).innerText(), /1 of 1\s+until /);
  await page.getByRole("button", { name: "Reset limits" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Reset" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  const again = await api("/v1/otp/send", { phone: "+37499555001" });
  assert.ok(again.ok, JSON.stringify(again));
  await page.getByRole("button", { name: "Block this phone" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Block" }).click();
  // What is told of a dialog's work outlives the dialog: looked for in each frame, since it goes, too.
  await page.waitForFunction(() => !document.querySelector("dialog, [role=dialog]") &&
    [...document.querySelectorAll(".toast")].some((toast) => toast.checkVisibility() && toast.textContent.includes("It is on the block list")));
  await page.getByText("This phone is on the block list").waitFor();
  assert.equal((await api("/v1/otp/send", { phone: "+37499555001", purpose: "other" })).code, "phone_blocked");
  await page.getByRole("button", { name: "Take off the block list" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Take it off" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  // The code once more, which the page says so of and the log has.
  page.expected.push("422");
  await page.getByRole("button", { name: "Send again" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Send it" }).click();
  await page.getByRole("dialog").getByText(/Resent too soon · possible again in \d+\smin/).waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Look again" }).click();
  await page.getByRole("button", { name: "Reset limits" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Reset" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  const sends = async () => (await api(`/v1/otp/${made.requestId}`)).sends, were = await sends();
  await page.getByRole("button", { name: "Send again" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Send it" }).click();
  await page.getByText("Sent again").waitFor();
  page.expected = [];
  assert.equal(await sends(), were + 1);
  await page.getByRole("button", { name: "Cancel the request" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel it" }).click();
  await page.locator(".pill", { hasText: "Canceled" }).first().waitFor();
  await page.getByRole("link", { name: "All requests of this phone" }).click();
  await page.waitForURL(/phoneOf=/);
  await page.locator("tbody tr").nth(1).waitFor();
  for (const row of await page.locator("tbody tr").all()) assert.match(await row.innerText(), /•001/);
  // What refused a send names its limit, and who did what stands in the audit.
  const refused = (await api("/v1/otp?status=blocked&reason=cooldown_active")).items[0];
  await open(page, `requests/${refused.requestId}`);
  await page.locator(".notice.why", { hasText: "Resent too soon" }).waitFor();
  await open(page, "audit");
  const done = page.locator("tbody tr", { hasText: "Ani" });
  for (const command of ["limit reset", "block add", "block remove", "otp resend", "otp cancel"]) await done.filter({ hasText: command }).first().waitFor();
  const viewer = await visitor(browser);
  await signIn(viewer, "--app", "shop", "--for", "Davit");
  await open(viewer, `requests/${made.requestId}`);
  await viewer.getByRole("button", { name: "Look", exact: true }).click();
  await viewer.locator("#limits-title").waitFor();
  for (const name of ["Reset limits", "Block this phone", "Send again", "Cancel the request"])
    assert.equal(await viewer.getByRole("button", { name }).count(), 0, name);
  await viewer.context().close();
});

await check("names as long as may be, of carriers, routes and countries, push nothing out of sight", async () => {
  const long = (name) => `${name}_of_32_octets`.padEnd(32, "x");
  const chief = await visitor(browser);
  await signIn(chief, "--operator");
  for (const target of [page, chief]) await target.route(/\/(v1\/|dashboard\/api\/operator)/, async (route) => {
    const answer = await route.fetch(), text = await answer.text();
    await route.fulfill({ response: answer, body: text.replace(/"(armenia|primary|backup)"/g, (_, name) => `"${long(name)}"`) });
  });
  for (const language of ["en", "hy", "ru"]) {
    for (const target of [page, chief]) await target.evaluate((name) => localStorage.setItem("xionid.language", name), language);
    for (const width of [360, 768, 1440]) {
      for (const target of [page, chief]) await target.setViewportSize({ width, height: 900 });
      await open(page, "?period=7d");
      await page.locator(".verdict").waitFor();
      for (const more of await page.locator(".rank + .more").all()) await more.click();
      await page.evaluate(() => scrollTo(0, 0));
      await (language === "en" ? sound : fits)(page, `${language} at ${width}`);
      await open(chief, "operator");
      await chief.locator("tr.whole").waitFor();
      assert.deepEqual(await cutIn(chief), [], `${language} at ${width}`);
    }
  }
  await page.evaluate(() => localStorage.removeItem("xionid.language"));
  await page.unrouteAll({ behavior: "wait" });
  await page.setViewportSize({ width: 1440, height: 900 });
  await chief.context().close();
});

await check("an operator sees which carrier is bad, and takes it out of traffic and back", async () => {
  const chief = await visitor(browser);
  await signIn(chief, "--operator", "--for", "Root");
  await open(chief, "operator");
  const delivery = chief.locator("section", { has: chief.getByRole("heading", { name: "Delivery by carrier" }) });
  const first = delivery.locator(".table-wrap tbody tr").first();
  await first.getByText("backup").waitFor();
  assert.match(await first.innerText(), /▼|down by/);
  assert.match(await first.innerText(), /045: \d/);
  // Since when it is bad, in its line; and how the whole gateway does.
  const lines = delivery.locator(".lines");
  await lines.locator("summary").click();
  const drawn = async () => {
    const names = await lines.locator("thead th").allInnerTexts();
    const rows = await lines.locator("tbody tr").evaluateAll((all) => all.map((each) => [...each.cells].map((cell) => parseFloat(cell.textContent))));
    const of = (name) => rows.map((row) => row[names.indexOf(name)]).filter((value) => !Number.isNaN(value));
    return { bad: of("backup"), good: of("primary"), days: rows.length };
  };
  const rates = await drawn();
  assert.equal(rates.days, 7);
  assert.ok(Math.max(...rates.bad.slice(1, 6)) < Math.min(...rates.good.slice(0, 6)), JSON.stringify(rates));
  for (const name of ["p50", "p95", "Undelivered"]) {
    await lines.getByRole("button", { name }).click();
    await lines.locator("summary").click();
    assert.ok((await drawn()).bad.length > 4, name);
  }
  await lines.getByRole("button", { name: "Delivery rate" }).click();
  // Where it is bad: the countries of a carrier add up to it, worst first, and go again.
  const numbersOf = (rows) => rows.evaluateAll((all) => all.map((each) => Number(each.cells[1].textContent.replace(/\D/g, ""))));
  const sentIn = async (rows) => (await numbersOf(rows)).reduce((sum, each) => sum + each, 0);
  await first.getByRole("button", { name: "backup", expanded: false }).click();
  const within = delivery.locator('tr.within[data-id^="backup/"]:has(td:nth-child(2))');
  await within.nth(1).waitFor();
  const all = delivery.getByRole("button", { name: /^Show all/ });
  if (await all.count()) await all.click();
  assert.equal(await sentIn(within), await sentIn(delivery.locator('tr[data-id="backup"]')));
  assert.match(await within.first().innerText(), /Armenia|Russia|Georgia/);
  for (const row of (await within.all()).slice(0, 3)) assert.match(await row.innerText(), /045: \d/, "why, in each country");
  assert.equal(await sentIn(delivery.locator("tr.whole")), await sentIn(delivery.locator('tr:is([data-id="backup"], [data-id="primary"])')));
  assert.equal(await delivery.getByText("the country is not told").count(), 0);
  await first.getByRole("button", { name: "backup", expanded: true }).click();
  await within.first().waitFor({ state: "detached" });
  await delivery.getByRole("button", { name: "24 hours" }).click();
  await delivery.locator(".table-wrap:not([data-waits])").waitFor();
  await chief.waitForFunction(() => document.querySelectorAll(".lines tbody tr").length === 24);
  await delivery.getByRole("button", { name: "7 days" }).click();
  await delivery.locator(".table-wrap:not([data-waits])").waitFor();
  const row = chief.locator('tr[data-carrier="backup"]');
  await row.getByRole("button", { name: "Pause" }).click();
  await chief.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
  await row.getByText("Paused").waitFor();
  await row.getByRole("button", { name: "Resume" }).click();
  await row.getByText("Bound").waitFor();
  await row.getByRole("button", { name: "Drain" }).click();
  await chief.getByRole("dialog").getByRole("button", { name: "Drain" }).click();
  await row.getByText(/Draining|Down/).waitFor();
  await row.getByRole("button", { name: "Resume" }).click();
  await row.getByText("Bound").waitFor();
  // By country, over the same days; and over others.
  const byCountry = chief.locator("section", { has: chief.getByRole("heading", { name: "Delivery by country" }) });
  await byCountry.locator("tbody tr").first().getByText(/Russia|Georgia|Armenia/).waitFor();
  assert.match(await byCountry.locator("tbody tr").first().innerText(), /backup 045: \d/);
  const few = await byCountry.locator("tbody tr").count();
  await byCountry.getByRole("button", { name: /^Show all/ }).click();
  assert.ok((await byCountry.locator("tbody tr").count()) > few);
  const sent = async () => Number((await first.locator("td").nth(1).innerText()).replace(/\D/g, "")), ofWeek = await sent();
  await delivery.getByRole("button", { name: "30 days" }).click();
  await chief.waitForFunction((was) => {
    const cell = document.querySelector("#delivery-title").closest("section").querySelector(".table-wrap tbody tr td:nth-child(2)");
    return Number(cell.textContent.replace(/\D/g, "")) > was;
  }, ofWeek);
  await open(chief, "audit");
  await chief.locator("tbody tr", { hasText: "carrier drain" }).filter({ hasText: "Root" }).first().waitFor();
  await chief.context().close();
});

await browser.close();
sumUp();
