// Two nodes of one gateway: whichever a browser is led to, it is the same dashboard.
import assert from "node:assert/strict";
import { api, check, given, goOn, invite, launch, ready, sumUp, visitor } from "./browser.mjs";

const browser = await launch();
const page = await visitor(browser);
page.mayAsk = [given.base, given.other];
const sent = async () => Number((await page.locator('[data-kpi="sent"] .value').innerText()).replace(/\D/g, ""));

await check("who was invited at one node signs in at the other", async () => {
  await page.goto(invite("--app", "shop", "--role", "owner", "--for", "Ani").replace(given.base, given.other));
  await page.getByRole("button", { name: "Sign in" }).click();
  await goOn(page);
  await ready(page);
  assert.equal(new URL(page.url()).origin, given.other);
});

await check("what is sent at one node shows up at the other by itself", async () => {
  await page.locator(".live.on").waitFor();
  const before = await sent();
  await api("/v1/otp/send", { phone: "+37499777123", ttlSeconds: 120 });
  await page.waitForFunction((count) => Number(document.querySelector('[data-kpi="sent"] .value').textContent.replace(/\D/g, "")) === count, before + 1);
  await page.locator("section", { hasText: "Latest request" }).first().getByText("+374•••••123").waitFor();
});

await check("a session that began at one node is good at the other, and ended at one it is over at both", async () => {
  const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  const bases = [given.base, given.other];
  const told = async (status) => {
    const asked = () => Promise.all(bases.map(async (base) => (await fetch(`${base}/dashboard/api/session`, { headers: { Cookie: cookie } })).status));
    while ((await asked()).some((each) => each !== status)) await page.waitForTimeout(50);   // Within a second, as all that nodes tell each other.
  };
  await told(200);
  await page.goto(`${given.base}/dashboard/`);
  await ready(page);
  page.expected.push("401");
  await page.getByRole("button", { name: "Account and settings" }).click();
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await told(401);
});

await browser.close();
sumUp();
