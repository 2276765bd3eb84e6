// What an owner has of the app beside its figures: who changed what, what needs one, what changed when, keys, texts, webhooks.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { api, check, ctl, fits, given, launch, open, ready, signIn, sound, sumUp, visitor } from "./browser.mjs";

const browser = await launch();
const page = await visitor(browser);
await signIn(page, "--app", "shop", "--role", "owner", "--for", "Ani");
const sizes = async (target, name) => {
  for (const width of [360, 768, 1440, 2560]) {
    await target.setViewportSize({ width, height: 900 });
    await (width === 360 || width === 1440 ? sound : fits)(target, `${name} ${width}`);
    if (!given.shots) continue;
    for (const colorScheme of ["light", "dark"]) {
      await target.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await target.waitForTimeout(150);
      await target.screenshot({ path: `${given.shots}/owners-${name}-${width}-${colorScheme}.png`, fullPage: true });
    }
    await target.emulateMedia({ colorScheme: "light" });
  }
  await target.setViewportSize({ width: 1440, height: 900 });
};

await check("an owner sees who changed what of the app, and finds it by person and by command", async () => {
  ctl("app", "set", "shop", "ttl_seconds=600");
  ctl("carrier", "pause", "backup");
  ctl("carrier", "resume", "backup");
  const made = ctl("key", "create", "shop", "--name", "audited");
  await open(page, "audit");
  const rows = page.locator("tbody tr");
  await rows.filter({ hasText: "key create" }).first().waitFor();
  assert.match(await rows.filter({ hasText: "app set" }).first().innerText(), /Operator/);
  assert.equal(await rows.filter({ hasText: "carrier" }).count(), 0, "what is not about the app");
  assert.equal(await page.getByText("pid ").count(), 0);
  await sizes(page, "audit");
  await page.getByLabel("What").fill("key revoke");
  await page.waitForURL(/what=key\+revoke/);
  ctl("key", "revoke", made.id);
  await page.reload();
  await ready(page);
  await rows.first().waitFor();
  for (const text of await rows.allInnerTexts()) assert.match(text, /key revoke/);
  await page.getByLabel("Who").fill("nobody-of-this-name");
  await page.getByText("Nothing fits").waitFor();
  const saved = page.waitForEvent("download");
  await page.goBack();
  await rows.first().waitFor();
  await page.getByRole("button", { name: "CSV" }).click();
  assert.match((await saved).suggestedFilename(), /^audit-.*\.csv$/);
  // The file has all that fits, whatever is shown.
  for (let n = 0; n < 60; ++n) ctl("app", "set", "shop", `ttl_seconds=${600 + (n % 2)}`);
  await open(page, "audit?what=app+set");
  assert.equal(await rows.count(), 50);
  const whole = page.waitForEvent("download");
  await page.getByRole("button", { name: "CSV" }).click();
  const lines = readFileSync(await (await whole).path(), "utf8").trim().split("\r\n");
  assert.ok(lines.length > 60, `${lines.length}`);
  // An answer that comes late is not that of the newer question.
  await page.route("**/dashboard/api/audit", async (route) => {
    if (route.request().postDataJSON().by) await new Promise((go) => setTimeout(go, 1500));
    await route.continue();
  });
  await page.getByLabel("Who").fill("nobody-of-this-name");
  await page.waitForURL(/by=nobody/);
  await page.getByLabel("Who").fill("");
  await page.waitForURL((url) => !url.searchParams.has("by"));
  await page.waitForTimeout(2000);
  assert.equal(await rows.count(), 50);
  await page.unrouteAll({ behavior: "wait" });
  const chief = await visitor(browser);
  await signIn(chief, "--operator", "--for", "Root");
  ctl("app", "set", "empty", "ttl_seconds=700");
  await open(chief, "audit?app=empty");
  await chief.locator("form.filters").getByLabel("App").selectOption({ label: "empty" });
  await chief.waitForURL(/of=app/);
  await chief.locator("tbody tr").nth(5).waitFor({ state: "detached" });
  for (const text of await chief.locator("tbody tr").allInnerTexts()) assert.match(text, /empty/);
  await sizes(chief, "audit-operator");
  await chief.context().close();
  const viewer = await visitor(browser);
  await signIn(viewer, "--app", "shop", "--for", "Davit");
  assert.equal(await viewer.getByRole("link", { name: "Audit" }).count(), 0);
  await viewer.goto(`${given.base}/dashboard/audit`);
  await viewer.getByText("This page is not for your role").waitFor();
  await viewer.context().close();
});

await check("what needs the owner stands on top while it lasts", async () => {
  await open(page, "");
  assert.equal(await page.locator("[data-alert]").count(), 0);
  ctl("app", "set", "shop", "spend_per_day=1");
  const alert = page.locator('[data-alert="spend"]');
  const look = async (isThere) => {
    for (let tries = 0; (await alert.count() > 0) !== isThere && tries < 200; ++tries) {
      await page.waitForTimeout(1000);
      await open(page, "");
    }
    assert.equal(await alert.count() > 0, isThere);
  };
  await look(true);
  assert.match(await alert.innerText(), /sends end at €1\.00\.\s+since /);
  await sizes(page, "alert");
  ctl("app", "set", "shop", "spend_per_day=");
  await look(false);
});

await check("a reload, a paused carrier and a changed text are marked where they happened", async () => {
  ctl("config", "apply");
  ctl("template", "add", "shop", "marked", "--text", "{code} is marked");
  ctl("carrier", "pause", "backup", "--reason", "not-told");
  ctl("carrier", "resume", "backup");
  for (const period of ["24h", "7d"]) {
    await page.goto(`${given.base}/dashboard/?period=${period}`);
    await page.locator(`.page[data-ready="${period}"]`).waitFor();
    await page.locator("details.as-table summary").first().click();
    const lines = page.locator("details.as-table").first().locator(".mark-line");
    await lines.first().waitFor();
    const told = (await lines.allInnerTexts()).join("\n");
    assert.match(told, /\d Settings of the app changed/, period);
    assert.match(told, /Configuration reloaded/, period);
    assert.ok(!told.includes("not-told"), told);
  }
  await sizes(page, "marks");
  const box = await page.locator(".chart canvas").first().boundingBox();
  await page.mouse.move(box.x + box.width - 30, box.y + box.height / 2);
  if (given.shots) await page.screenshot({ path: `${given.shots}/owners-marks-tip.png` });
});

await check("a key has a name, and says when it was last used", async () => {
  await open(page, "keys");
  await page.getByRole("button", { name: "New key" }).click();
  await page.getByLabel("Name").fill("checkout <b>");
  await sizes(page, "new-key");
  await page.getByRole("button", { name: "Create key" }).click();
  const key = await page.locator("[data-secret]").innerText();
  await page.getByRole("button", { name: "I have saved it" }).click();
  const row = page.locator("tbody tr", { hasText: "checkout <b>" });
  await row.getByText("not used yet").waitFor();
  await fetch(`${given.base}/v1/usage`, { headers: { Authorization: `Bearer ${key}` } });
  await open(page, "keys");
  await row.getByText(/used \d+\s\S+\sago/).waitFor();
  ctl("key", "create", "shop", "--hook", "supabase", "--name", "codes of the auth server");
  await open(page, "keys");
  await page.locator("tbody tr", { hasText: "supabase signs its calls" }).waitFor();
  await sizes(page, "keys");
});

await check("a text says what it costs, and keeps its ids of DLT", async () => {
  await open(page, "templates");
  await page.locator("form.stack input").first().fill("login");
  await page.getByLabel("Language").selectOption("hi");
  await page.locator("textarea").fill("{code} आपका कोड है");
  await page.getByText("Ids of Indian DLT").click();
  await page.getByLabel("Entity id (0x1400)").fill("1101234567890123456");
  await page.getByLabel("Template id (0x1401)").fill("1107160000000000123");
  await page.locator('#lint[data-right="true"] [data-price]').waitFor();
  assert.match(await page.locator("#lint [data-price]").innerText(), /^€0\.031 – €0\.0618$/);
  await page.getByRole("button", { name: "Save" }).click();
  const row = page.locator("tbody tr", { hasText: "आपका" });
  await row.getByText("0x1401: 1107160000000000123").waitFor();
  await row.locator("[data-price]").waitFor();
  // Another text under the same name keeps them, whether it was begun from it …
  await open(page, "templates");
  await row.getByRole("button", { name: "Edit" }).click();
  assert.equal(await page.getByLabel("Entity id (0x1400)").inputValue(), "1101234567890123456");
  await page.locator("textarea").fill("{code} कोड");
  await page.locator('#lint[data-right="true"]').waitFor();
  await page.getByText("This takes the place of").waitFor();
  await sizes(page, "templates");
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator("tbody tr", { hasText: "{code} कोड" }).getByText("0x1400: 1101234567890123456").waitFor();
  // … or its name was typed; of another name they are not, and what is typed into their fields is nobody else's.
  await open(page, "templates");
  const [entity, name] = [page.getByLabel("Entity id (0x1400)"), page.locator("form.stack input").first()];
  await page.getByLabel("Language").selectOption("hi");
  await name.fill("login");
  await page.getByText("This takes the place of").waitFor();
  assert.equal(await entity.inputValue(), "1101234567890123456");
  await name.fill("login2");
  assert.equal(await entity.inputValue(), "");
  await name.fill("login");
  await page.locator("textarea").fill("{code} नया कोड");
  await page.locator('#lint[data-right="true"]').waitFor();
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator("tbody tr", { hasText: "नया" }).getByText("0x1400: 1101234567890123456").waitFor();
  await entity.fill("1101234567890123499");
  await name.fill("login2");
  assert.equal(await entity.inputValue(), "1101234567890123499");
  await page.evaluate(() => { delete document.querySelector("form.stack").dataset.typed; });
  await page.getByRole("button", { name: /All languages/ }).click();
  await page.getByText("Preview in each language").waitFor();
  // Each language has its price; how many there are is up to the texts that other parts have left.
  await page.locator("[data-previews] [data-price]").first().waitFor();
  assert.equal(await page.locator("[data-previews] [data-price]").count(), await page.locator("[data-previews] li").count());
});

await check("failed deliveries are found among all, and all of them sent again", async () => {
  const heard = [];
  let status = 410;
  const backend = createServer((request, answer) => { request.resume(); heard.push(request.headers["webhook-id"]); answer.writeHead(status).end(); });
  await new Promise((go) => backend.listen(0, "127.0.0.1", go));
  const url = `http://127.0.0.1:${backend.address().port}/hooks/${"a-long-path/".repeat(8)}end`;
  const hook = ctl("webhook", "add", "shop", url, "--type", "alert.raised", "alert.resolved").id;
  ctl("webhook", "add", "shop", "https://example.com/orders", "--callback");
  const failed = ctl("webhook", "test", hook).id;
  await open(page, "webhooks");
  const row = page.locator(`tr[data-id="${hook}"]`);
  await row.getByText("Off", { exact: true }).waitFor();
  await row.getByRole("button", { name: "Enable" }).click();
  await row.getByText("On", { exact: true }).waitFor();
  status = 200;
  for (let n = 0; n < 60; ++n) ctl("webhook", "test", hook);
  while (new Set(heard).size < 61) await page.waitForTimeout(200);
  await open(page, "webhooks");
  await row.getByRole("button", { name: "Deliveries" }).click();
  const list = page.locator("section", { has: page.locator("#deliveries-title") });
  await list.locator("tbody tr").nth(49).waitFor();
  assert.equal(await list.locator("tbody tr").count(), 50);
  await list.getByRole("button", { name: "Show more" }).click();
  await list.locator(`tr[data-id="${failed}"]`).waitFor();
  assert.equal(await list.locator("tbody tr").count(), 61);
  await list.getByLabel("Failed only").check();
  await list.locator("tbody tr").nth(1).waitFor({ state: "detached" });
  assert.equal(await list.locator("tbody tr").count(), 1);
  await list.getByText("Failed", { exact: true }).waitFor();
  await sizes(page, "webhooks");
  await list.getByRole("button", { name: "Send all failed again" }).click();
  await page.getByText("1 queued again").waitFor();
  while (heard.filter((id) => id === failed).length < 2) await page.waitForTimeout(200);
  backend.close();
  backend.closeAllConnections();
});

for (const [language, name] of [["hy", "Armenian"], ["ru", "Russian"]]) {
  await check(`what owners have is sound in ${name}`, async () => {
    await open(page, "");
    await page.locator(".menu > button").click();
    await page.locator(".menu-list select").first().selectOption(language);
    await ready(page);
    for (const path of ["audit", "keys", "templates", "webhooks", ""]) {
      await open(page, path);
      await sizes(page, `${language}-${path || "overview"}`);
    }
  });
}
assert.ok((await api("/v1/alerts")).ok);
for (const one of ctl("webhook", "list", "shop")) ctl("webhook", "remove", one.id, "--yes");

await browser.close();
sumUp();
