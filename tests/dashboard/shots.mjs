// Pictures of what a test has no reason to keep open: dialogs, empty places, other languages, a month of traffic. For eyes, not for asserts.
import { api, given, invite, signIn, visitor } from "./browser.mjs";

const widths = { 360: 740, 768: 1024, 1440: 900, 2560: 1440 };

async function shoot(page, name, sizes = Object.keys(widths), schemes = ["light", "dark"]) {
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const width of sizes) {
      await page.setViewportSize({ width: Number(width), height: widths[width] });
      await page.waitForTimeout(200);
      await page.screenshot({ path: `${given.shots}/${name}-${width}-${colorScheme}.png`, fullPage: true });
    }
  }
}

/** A month that a shop might have: weekdays, a bad day, growth. The log of a test has only this minute. */
function monthOf(days) {
  return Array.from({ length: days }, (_, at) => {
    const date = new Date(Date.now() - (days - 1 - at) * 86_400_000).toISOString().slice(0, 10);
    const weekend = [0, 6].includes(new Date(date).getUTCDay());
    const sent = Math.round((weekend ? 46 : 78) + 22 * Math.sin(at / 3) + at * 0.8 + ((at * 37) % 11));
    const bad = at === Math.floor(days * 0.6) ? Math.round(sent * 0.38) : Math.round(sent * 0.03 + (at % 3));
    const open = at === days - 1 ? 6 : 0;
    const delivered = sent - bad - open;
    return { date, requests: sent, sent, delivered, undelivered: bad, unknown: 0, deliveryRate: delivered / (delivered + bad), verified: Math.round(delivered * 0.87), pending: open, verificationRate: 0.87, blocked: (at * 7) % 5,
      latencyMs: { p50: 2300 + ((at * 191) % 700), p95: 6100 + ((at * 977) % 4100) } };
  });
}

async function fillMonth(page) {
  const items = monthOf(30);
  const sum = (name) => items.reduce((all, row) => all + row[name], 0);
  const sums = { ok: true, status: "ok", sent: sum("sent"), delivered: sum("delivered"), undelivered: sum("undelivered"), verified: sum("verified"), deliveryRate: sum("delivered") / (sum("delivered") + sum("undelivered")), verificationRate: 0.871,
    dailyAverage: sum("sent") / 30, blocked: { total: 63, byReason: { cooldown_active: 31, rate_limited: 17, fraud_suspected: 9, country_not_allowed: 4, phone_blocked: 2 } }, latencyMs: { p50: 2640, p95: 8120 } };
  const shares = (names, parts) => names.map((name, at) => ({ ...name, sent: Math.round(sums.sent * parts[at]), deliveryRate: 0.97 - at * 0.04 }));
  const answers = {
    "/v1/stats/daily": () => ({ items }), "/v1/stats/countries": () => ({ items: shares([{ country: "AM" }, { country: "RU" }, { country: "GE" }, { country: "US" }, { country: "FR" }], [0.71, 0.14, 0.08, 0.05, 0.02]) }),
    "/v1/stats/routes": () => ({ items: shares([{ route: "armenia" }, { route: "neighbours" }, { route: "world" }], [0.71, 0.22, 0.07]) }),
    "/v1/usage": (real) => ({ ...real, used: 2214, included: 3000, remaining: 786 }), "/v1/usage/daily": () => ({ items: items.slice(-8).map((row) => ({ date: row.date, used: row.sent })) }),
    "/v1/stats": (real) => ({ ...real, ...sums }),
  };
  for (const [path, make] of Object.entries(answers)) {
    await page.route((url) => url.pathname === path, async (route) => { const real = await route.fetch(); await route.fulfill({ response: real, json: { ...(await real.json()), ...make(await real.json()) } }); });
  }
}

export async function pictures(browser, page, chief) {
  const at = async (target, path) => { await target.goto(`${given.base}/dashboard/${path}`); await target.locator(".page[data-ready]").waitFor(); };
  const fresh = await visitor(browser);
  await fresh.goto(invite("--app", "shop"));
  await fresh.getByRole("button", { name: "Sign in" }).waitFor();
  await shoot(fresh, "sign-in");
  fresh.expected.push("401");
  await fresh.goto(`${given.base}/dashboard/sign-in#xi_${"0".repeat(40)}`);
  await fresh.getByRole("button", { name: "Sign in" }).click();
  await fresh.getByRole("heading", { name: "This link is over" }).waitFor();
  await shoot(fresh, "link-over");

  await signIn(fresh, "--app", "empty", "--role", "owner", "--for", "Nare");
  for (const path of ["", "requests", "keys", "templates", "webhooks"]) { await at(fresh, path); await shoot(fresh, `empty-${path || "overview"}`); }
  fresh.expected.push("404", "net::", "Failed to load");
  await fresh.goto(`${given.base}/dashboard/requests/OTP-0000000000000`);
  await fresh.getByText("There is no such request").waitFor();
  await shoot(fresh, "no-such-request");
  await at(fresh, "");
  await fresh.context().setOffline(true);
  await fresh.locator('[data-period="7d"]').click();
  await fresh.locator(".offline").waitFor();
  await shoot(fresh, "offline");
  await fresh.context().close();

  await at(page, "keys");
  await page.getByRole("button", { name: "New key" }).click();
  await shoot(page, "dialog-key");
  await page.keyboard.press("Escape");
  await at(page, "webhooks");
  await page.getByRole("button", { name: "Deliveries" }).click();
  await page.locator("section .actions").first().waitFor();
  await shoot(page, "deliveries");
  await page.getByRole("button", { name: "New webhook" }).click();
  await shoot(page, "dialog-webhook");
  await page.keyboard.press("Escape");
  await at(page, "templates");
  await page.getByRole("button", { name: /All languages/ }).click();
  await page.getByText("Preview in each language").waitFor();
  await shoot(page, "template-previews");
  await page.locator(".menu > button").click();
  await shoot(page, "menu");
  const [blocked] = (await api("/v1/otp?status=blocked")).items;
  await at(page, `requests/${blocked.requestId}`);
  await shoot(page, "request-blocked");

  const month = await visitor(browser);
  await signIn(month, "--app", "shop", "--role", "owner", "--for", "Ani");
  await fillMonth(month);
  await at(month, "");
  await month.waitForTimeout(300);
  await shoot(month, "month");
  await month.setViewportSize({ width: 1440, height: 900 });
  for (const [name, media] of [["forced", { forcedColors: "active" }], ["forced-dark", { forcedColors: "active", colorScheme: "dark" }], ["print", { media: "print" }]]) {
    await month.emulateMedia({ colorScheme: "light", reducedMotion: "reduce", ...media });
    await month.waitForTimeout(300);
    await month.screenshot({ path: `${given.shots}/month-${name}.png`, fullPage: true });
    await month.emulateMedia({ media: null, forcedColors: null });
  }
  await month.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await month.locator(".chart canvas").first().scrollIntoViewIfNeeded();
  const box = await month.locator(".chart canvas").first().boundingBox();
  await month.mouse.move(box.x + box.width * 0.62, box.y + box.height / 2);
  await month.waitForTimeout(300);
  await month.screenshot({ path: `${given.shots}/month-chart-1440-light.png` });
  await month.getByRole("button", { name: "What is Delivery rate?" }).focus();
  await month.locator(".as-table summary").first().click();
  await month.waitForTimeout(200);
  await month.getByRole("button", { name: "What is Delivery rate?" }).focus();
  await month.screenshot({ path: `${given.shots}/month-tip-1440-light.png` });
  for (const language of ["hy", "ru"]) {
    await month.locator(".menu > button").click();
    await month.locator(".menu-list select").first().selectOption(language);
    await month.waitForTimeout(300);
    for (const path of ["", "requests", "keys", "templates", "webhooks"]) { await at(month, path); await shoot(month, `${language}-${path || "overview"}`, undefined, ["light"]); }
    const [lost] = (await api("/v1/otp?delivery=undelivered")).items;
    await at(month, `requests/${lost.requestId}`);
    await shoot(month, `${language}-request`, undefined, ["dark"]);
  }
  await month.context().close();
}
