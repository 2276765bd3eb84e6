import { Problem, get, loadSession, post, session } from "./api.js";
import { append, h } from "./dom.js";
import { t } from "./i18n.js";
import { problemText } from "./words.js";

/** Why a provider's word let nobody in; the log says more to whoever may know. */
const refusals = () => ({
  provider: t("The provider did not let you in."), nobody: t("You are known, but none of your groups may look at this dashboard. Ask your operator."),
  unreachable: t("The provider can't be reached now. Try again in a minute."), store: t("The daemon can't let anybody in now. Try again in a minute."),
  again: t("That did not work. Try again."),
});

/** With a token: asks before it takes the invitation, since it works once and chats like to look at links beforehand. */
export function mount(frame, { token, why, entered }) {
  const body = h("div.stack");
  const say = (...children) => { body.replaceChildren(); append(body, children); };
  const brand = h("span.brand", null, h("span.mark", { "aria-hidden": "true" }), h("span", null, "XionID"));
  frame.replaceChildren(h("main.sign-in", { id: "main" }, h("div.card", null, brand, body)));
  document.title = `${t("Sign in")} · XionID`;
  const explain = () => [
    h("p.muted", null, t("The dashboard is opened by a link that works once. An owner of your app makes it, or your operator:")),
    h("pre.code", null, "xionctl dashboard invite --app APP")];

  async function enter() {
    try {
      await post("/dashboard/api/sign-in", { token });
      // The link is spent; nothing of it stays in the history.
      history.replaceState(null, "", "/dashboard/sign-in");
      if (!await offerPasskey()) await entered();
    } catch (failure) {
      const isOver = failure instanceof Problem && failure.code === "invite_over";
      if (isOver) history.replaceState(null, "", "/dashboard/sign-in");
      const why = failure instanceof Problem ? problemText(failure) : t("The daemon does not answer");
      say(h("h1", null, isOver ? t("This link is over") : t("That did not work")),
        h("p", { role: "alert" }, isOver ? t("It was used already, or its time has passed. Ask for a new one.") : why),
        isOver ? explain() : h("button.button.primary", { type: "button", onclick: enter }, t("Try again")));
    }
  }

  /** At the first visit, so that the next needs no link. False: there is nothing to offer. */
  async function offerPasskey() {
    const passkeys = await import("./passkeys.js");
    if (!passkeys.canBeHere()) return false;
    await loadSession();
    if (!session.mayEnrol) return false;
    const wrong = h("p.wrong", { role: "alert" });
    const make = h("button.button.primary", { type: "button", onclick: () => addPasskey(make, wrong, entered) }, t("Make a passkey"));
    say(h("h1", null, t("Next time without a link?")),
      h("p.muted", null, t("A passkey stays on this device, behind your finger, face or PIN, and signs you in by one touch.")), wrong,
      make, h("button.button", { type: "button", onclick: entered }, t("Not now")));
    make.focus();
    return true;
  }

  if (token) {
    const button = h("button.button.primary", { onclick: () => { button.disabled = true; enter(); } }, t("Sign in"));
    const welcome = token.startsWith("xw_")
      ? t("This link shows the dashboard on a screen. Whoever passes can read it; nobody can change anything.")
      : t("You were invited to this dashboard. The link works once; you stay signed in while you use it.");
    say(h("h1", null, t("Welcome")), h("p.muted", null, welcome), button);
    button.focus();
  } else {
    const refused = new URLSearchParams(location.search).get("refused");
    const told = why || (refused && (refusals()[refused] ?? refusals().again));
    const ways = h("div.stack");
    say(h("h1", null, t("Sign in")), told && h("p", { role: refused ? "alert" : "status" }, told), ways, explain());
    offerWays(ways, entered);
  }
}

/** Makes one and goes on; somebody who changes their mind is told nothing. */
export async function addPasskey(button, wrong, done) {
  button.disabled = true;
  wrong.textContent = "";
  try {
    await (await import("./passkeys.js")).add();
    await done();
  } catch (failure) {
    if (failure.name !== "NotAllowedError") wrong.textContent = failure instanceof Problem ? problemText(failure) : t("That did not work");
  } finally {
    button.disabled = false;
  }
}

/** Whoever has made a passkey here, or whom the operator's OpenID provider knows, needs no link. */
async function offerWays(place, entered) {
  const told = await get("/dashboard/api/sign-in").catch(() => null);
  if (told?.passkeys && place.isConnected) await offerPasskeys(place, entered);
  if (told?.provider === undefined || !place.isConnected) return;
  const name = told.provider || t("your organization");
  place.append(h("button.button.primary", { type: "button", "data-provider": "", onclick: () => location.assign("/dashboard/oidc/start") },
    t("Sign in with {name}", { name })));
}
async function offerPasskeys(place, entered) {
  const wrong = h("p.wrong", { role: "alert" });
  const passkeys = await import("./passkeys.js");
  if (!passkeys.canBeHere() || !place.isConnected) return;
  const enter = async () => {
    button.disabled = true;
    wrong.textContent = "";
    try {
      await passkeys.signIn();
      await entered();
    } catch (failure) {
      if (failure.name !== "NotAllowedError") wrong.textContent = failure instanceof Problem ? problemText(failure) : t("That did not work");
      button.disabled = false;
    }
  };
  const button = h("button.button.primary", { type: "button", "data-passkey": "", onclick: enter }, t("Sign in with a passkey"));
  place.append(wrong, button);
}
