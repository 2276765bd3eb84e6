// Ways in: an OpenID provider at another site, an owner's invitations and sessions, a link for a wall.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { check, ctl, given, goOn, invite, launch, open, ready, signIn, sound, soundAt, sumUp, visitor } from "./browser.mjs";

const browser = await launch();
if (given.shots) mkdirSync(given.shots, { recursive: true });
const signInPage = `${given.base}/dashboard/sign-in`;
const widths = { 360: 740, 768: 1024, 1440: 900, 2560: 1440 };
async function soundEverywhere(page, name) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const [width, height] of Object.entries(widths)) {
      await page.setViewportSize({ width: Number(width), height });
      if (given.shots) {
        await page.waitForTimeout(150);
        await page.screenshot({ path: `${given.shots}/${name}-${width}-${colorScheme}.png`, fullPage: true });
      }
      if ((width < 1000) === (colorScheme === "light")) await soundAt(page, `${name} ${colorScheme}`, Number(width));
    }
  }
}
/** Somebody in front of a browser that has nothing yet. */
async function stranger(options) {
  const page = await visitor(browser, options);
  page.mayAsk.push(given.provider);
  page.expected.push("401");
  return page;
}
const provided = (page) => page.getByRole("button", { name: "Sign in with Example" });

await check("whom the provider knows comes in by one button, to where they wanted to go", async () => {
  const page = await stranger();
  await page.goto(`${given.base}/dashboard/requests?status=verified`);
  await provided(page).waitFor();
  await soundEverywhere(page, "provider");
  await provided(page).click();
  await page.locator("nav.tabs").waitFor();
  assert.equal(page.url(), `${given.base}/dashboard/requests?status=verified`);
  await ready(page);
  await page.getByRole("button", { name: "Account and settings" }).click();
  await page.getByText("ani@example.am").waitFor();
  const kept = await page.context().cookies(given.base);
  assert.deepEqual(kept.map(({ name, httpOnly, sameSite }) => [name, httpOnly, sameSite]), [["xionid_session", true, "Strict"]], "the try is over");
  // Back is not the way through the provider again.
  await page.reload();
  await ready(page);
  await page.getByRole("button", { name: "Account and settings" }).click();
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.getByText("You are signed out.").waitFor();
  await provided(page).waitFor();
  await page.context().close();
});

await check("the button is reached and pressed by the keyboard", async () => {
  const page = await stranger();
  await page.goto(signInPage);
  await provided(page).waitFor();
  for (let steps = 0; steps < 10 && !(await provided(page).evaluate((one) => one === document.activeElement)); steps += 1) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.locator("nav.tabs").waitFor();
  await page.context().close();
});

await check("who does not come in reads why, in each language", async () => {
  const words = {
    provider: "The provider did not let you in.", nobody: "You are known, but none of your groups", unreachable: "can't be reached now",
    store: "can't let anybody in", again: "That did not work",
  };
  for (const [locale, language] of [["en-GB", "en"], ["hy-AM", "hy"], ["ru-RU", "ru"]]) {
    const page = await stranger({ locale });
    const seen = new Set();
    for (const told of Object.keys(words)) {
      await page.goto(`${signInPage}?refused=${told}`);
      const text = await page.locator("p[role=alert]:not(.wrong)").innerText();
      if (language === "en") assert.ok(text.includes(words[told]), text);
      else assert.ok(/[\u0400-\u058f]/.test(text), text);
      seen.add(text);
    }
    assert.equal(seen.size, 5);
    await page.locator("[data-provider]").waitFor();
    await sound(page, language);
    if (given.shots) await page.screenshot({ path: `${given.shots}/refused-${language}.png`, fullPage: true });
    await page.goto(`${signInPage}?refused=<b>x`);
    assert.equal(await page.locator("[role=alert] b").count(), 0);
    await page.context().close();
  }
});

await check("an owner lets somebody in, sees them, and ends their session", async () => {
  const page = await visitor(browser);
  await signIn(page, "--app", "shop", "--role", "owner", "--name", "ani@example.am");
  await open(page, "sessions");
  await page.getByRole("button", { name: "Invite" }).click();
  await page.getByLabel("Name or e-mail").fill("ժամանակավոր.աշխատակից@a-very-long-name-of-a-company.example.am");
  await page.getByLabel("The link works for").selectOption("3d");
  await soundEverywhere(page, "dialog-invite");
  await page.getByRole("button", { name: "Make a link" }).click();
  const link = await page.locator("[data-secret]").innerText();
  assert.match(link, new RegExp(`^${given.base}/dashboard/sign-in#xi_[0-9a-z]{40}$`));
  await soundEverywhere(page, "dialog-invitation");
  await page.getByRole("button", { name: "I have saved it" }).click();
  const guest = await visitor(browser);
  guest.expected.push("401");
  await guest.goto(link);
  await guest.getByRole("button", { name: "Sign in" }).click();
  await goOn(guest);
  assert.equal(await guest.locator("nav.tabs a").count(), 2, "a viewer");
  await page.reload();
  const row = page.locator("tbody tr", { hasText: "ժամանակավոր" });
  await row.getByText("example.am").waitFor();
  await page.setViewportSize({ width: 360, height: 740 });
  const [name, role] = await Promise.all([row.locator("b").boundingBox(), row.getByText("Viewer").boundingBox()]);
  assert.ok(name.x + name.width <= role.x, "a long name stands beside the role, not over it");
  const own = page.locator("tbody tr", { hasText: "This session" }).locator("b");
  assert.equal(await own.evaluate((element) => element.getClientRects().length), 1, "a name that has room stands in one line");
  await soundEverywhere(page, "sessions-some");
  await page.setViewportSize({ width: 1440, height: 900 });
  assert.equal(await page.locator("tbody tr", { hasText: "This session" }).getByRole("button", { name: "End" }).count(), 0);
  await row.getByRole("button", { name: "End" }).click();
  await page.getByRole("button", { name: "End it" }).click();
  await row.waitFor({ state: "detached" });
  await guest.getByText("Your session is over").waitFor();
  await guest.context().close();
  await page.context().close();
});

await check("a wall's screen shows figures to whoever passes, live, and nothing can be changed there", async () => {
  const owner = await visitor(browser);
  await signIn(owner, "--app", "shop", "--role", "owner", "--name", "Ani");
  await open(owner, "sessions");
  await owner.getByRole("button", { name: "Link for a screen" }).click();
  await owner.getByLabel("Which screen").fill("lobby");
  await soundEverywhere(owner, "dialog-wall");
  await owner.getByRole("button", { name: "Make a link" }).click();
  const link = await owner.locator("[data-secret]").innerText();
  await owner.getByRole("button", { name: "I have saved it" }).click();
  const screens = [await visitor(browser), await visitor(browser)];
  for (const screen of screens) {
    screen.expected.push("401");
    await screen.goto(link);
    await screen.getByText("Whoever passes can read it").waitFor();
    if (screen === screens[0]) await soundEverywhere(screen, "wall-welcome");
    await screen.getByRole("button", { name: "Sign in" }).click();
    await ready(screen);
    assert.equal(await screen.locator("nav.tabs a").count(), 2);
  }
  await soundEverywhere(screens[0], "wall");
  // A screen is switched off and on: what is kept is the cookie.
  await screens[0].reload();
  await ready(screens[0]);
  await owner.reload();
  const row = owner.locator("tbody tr", { hasText: "lobby" });
  await row.getByText("Screen", { exact: true }).waitFor();
  await row.getByRole("button", { name: "End" }).click();
  await owner.getByText("Take this screen's link back?").waitFor();
  await owner.getByRole("button", { name: "End it" }).click();
  await row.waitFor({ state: "detached" });
  for (const screen of screens) {
    await screen.getByText("Your session is over").waitFor();
    await screen.context().close();
  }
  await owner.context().close();
});

await check("a wall of every app shows one app after the other, and nothing of operators", async () => {
  const screen = await visitor(browser);
  const { pathname, hash } = new URL(ctl("dashboard", "wall", "--all", "--name", "office").link);
  await screen.goto(given.base + pathname + hash);
  await screen.getByRole("button", { name: "Sign in" }).click();
  await ready(screen);
  assert.equal(await screen.locator("nav.tabs a").count(), 2);
  await screen.locator("select.app-pick").selectOption("empty");
  await screen.waitForURL(/app=empty/);
  await ready(screen);
  await soundEverywhere(screen, "wall-all");
  await screen.goto(`${given.base}/dashboard/operator`);
  await screen.getByText("This page is not for your role").waitFor();
  await screen.context().close();
});

await check("an invitation still lets in where there is a provider", async () => {
  const page = await stranger();
  await page.goto(invite("--app", "shop", "--name", "Nare"));
  assert.equal(await provided(page).count(), 0, "who has a link needs nothing else");
  await page.getByRole("button", { name: "Sign in" }).click();
  await goOn(page);
  await page.context().close();
});

/** A phone's or laptop's own authenticator, as Chromium plays it. */
async function withAuthenticator(page, options) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", { options: {
    protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
    automaticPresenceSimulation: true, ...options } });
  return { send: (what, more) => devtools.send(`WebAuthn.${what}`, { authenticatorId, ...more }) };
}
const byPasskey = (page) => page.getByRole("button", { name: "Sign in with a passkey" });
async function signOut(page) {
  await page.getByRole("button", { name: "Account and settings" }).click();
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.getByText("You are signed out.").waitFor();
}

await check("a passkey is made at the first visit, and signs in by one touch from then on", async () => {
  const page = await visitor(browser);
  page.expected.push("401", "422");
  const device = await withAuthenticator(page);
  await page.goto(invite("--app", "shop", "--role", "owner", "--name", "Ani"));
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Next time without a link?" }).waitFor();
  await soundEverywhere(page, "passkey-offer");
  await page.getByRole("button", { name: "Make a passkey" }).click();
  await page.locator("nav.tabs").waitFor();
  const { credentials } = await device.send("getCredentials");
  assert.equal(credentials.length, 1);
  assert.ok(credentials[0].isResidentCredential);
  await signOut(page);
  await byPasskey(page).waitFor();
  await soundEverywhere(page, "passkey-sign-in");
  await byPasskey(page).click();
  await page.locator("nav.tabs").waitFor();
  await open(page, "sessions");
  const row = page.locator("tbody tr", { has: page.locator(".pill", { hasText: /^Passkey$/ }) });
  await row.first().waitFor();
  await soundEverywhere(page, "sessions-passkey");
  // Whoever does not touch it stays out, and is told nothing of it.
  await page.setViewportSize({ width: 1440, height: 900 });
  await signOut(page);
  await device.send("setUserVerified", { isUserVerified: false });
  await byPasskey(page).click();
  await page.waitForFunction(() => !document.querySelector("[data-passkey]").disabled);
  assert.equal(await page.locator(".wrong").innerText(), "");
  assert.equal(await page.locator("nav.tabs").count(), 0);
  await device.send("setUserVerified", { isUserVerified: true });
  // A copy of it that was used elsewhere: this one counts less.
  const { credentials: [kept] } = await device.send("getCredentials");
  await device.send("removeCredential", { credentialId: kept.credentialId });
  await device.send("addCredential", { credential: { ...kept, signCount: 0 } });
  await byPasskey(page).click();
  await page.getByText("This passkey is not taken").waitFor();
  await device.send("removeCredential", { credentialId: kept.credentialId });
  await device.send("addCredential", { credential: { ...kept, signCount: kept.signCount + 10 } });
  await byPasskey(page).click();
  await page.locator("nav.tabs").waitFor();
  await page.context().close();
});

await check("a passkey that was ended opens nothing", async () => {
  const page = await visitor(browser);
  page.expected.push("401");
  await withAuthenticator(page);
  await page.goto(invite("--app", "shop", "--role", "owner", "--name", "Nare"));
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Not now" }).click();
  await page.locator("nav.tabs").waitFor();
  await open(page, "sessions");
  await page.getByRole("button", { name: "Make a passkey" }).click();
  await soundEverywhere(page, "dialog-passkey");
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole("dialog").getByRole("button", { name: "Make a passkey" }).click();
  const row = page.locator("tbody tr", { hasText: "Nare" }).filter({ has: page.locator(".pill", { hasText: /^Passkey$/ }) });
  await row.getByRole("button", { name: "End" }).click();
  await page.getByRole("button", { name: "End it" }).click();
  await row.waitFor({ state: "detached" });
  await signOut(page);
  await byPasskey(page).click();
  await page.getByText("This passkey is not taken").waitFor();
  await page.context().close();
});

await browser.close();
sumUp();
