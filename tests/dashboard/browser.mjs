// A browser that notices everything: what pages say in the console, what the policy stops, and whom they ask.
import { execFileSync } from "node:child_process";
import { chromium } from "playwright-core";

export const given = JSON.parse(process.env.XION_DASHBOARD);
export const ctl = (...words) => JSON.parse(execFileSync(given.ctl[0], [...given.ctl.slice(1), ...words], { encoding: "utf8" }));
export const api = async (path, body) => (await fetch(given.base + path, { method: body ? "POST" : "GET", headers: { Authorization: `Bearer ${given.key}`, "Content-Type": "application/json" }, body: body && JSON.stringify(body) })).json();
export const invite = (...words) => ctl("dashboard", "invite", ...words).link;

export const complaints = [];
export const launch = () => chromium.launch({ executablePath: given.chromium, args: ["--no-sandbox", "--disable-gpu"] });

export async function visitor(browser, options = {}) {
  const context = await browser.newContext({ locale: "en-GB", timezoneId: "Asia/Yerevan", viewport: { width: 1440, height: 900 }, acceptDownloads: true, ...options });
  context.setDefaultTimeout(600_000);   // Which only a hang meets.
  await context.addInitScript(() => addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`)));
  const page = await context.newPage();
  page.expected = [];
  page.on("console", (message) => {
    if ((message.type() === "error" || message.type() === "warning") && !page.expected.some((known) => message.text().includes(known))) complaints.push(`${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error.stack}`));
  page.on("request", (request) => { if (!request.url().startsWith(given.base) && !/^(blob|data):/.test(request.url())) complaints.push(`asks another host: ${request.url()}`); });
  return page;
}

export async function signIn(page, ...words) {
  await page.goto(invite(...words));
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.locator("nav.tabs").waitFor();
}
