// Who is signed in; owners let others in, and end their sessions.
import { get, manage, session } from "./api.js";
import { dialog, h, icon, pill, state } from "./dom.js";
import { t } from "./i18n.js";
import * as f from "./format.js";
import { attempt, cells, field, head, listing, showSecret, sure } from "./managed.js";
import { canBeHere } from "./passkeys.js";
import { addPasskey } from "./sign-in.js";
import { roleName } from "./words.js";

const lives = () => [["10m", t("10 minutes")], ["1d", t("1 day")], ["3d", t("3 days")], ["7d", t("7 days")]];
const wallLives = () => [["30d", t("30 days")], ["90d", t("90 days")], ["366d", t("1 year")]];
const mayManage = () => session.role === "owner" || (session.role === "operator" && session.app);

function rowOf(one, list) {
  const titles = () => ({ wall: t("Take this screen's link back?"), passkey: t("Forget this passkey?") });
  const title = () => titles()[one.kind] ?? t("End this session?");
  const what = () => (one.kind === "passkey" ? t("It signs nobody in any more; who is signed in stays so.") : t("Whoever has it open is signed out at once."));
  const end = () => sure(title(), what(), t("End it"), async () => {
    await manage(`sessions/${one.id}/revoke`, {});
    list.refresh();
  });
  const action = mayManage() && !one.isThisOne && one.role !== "operator" &&
    h("button.button.small.danger", { type: "button", onclick: end }, t("End"));
  return h("tr", { "data-id": one.id }, cells(
    ["", [h("b.breaks", { dir: "auto" }, one.person || one.id), one.isThisOne && [" ", pill(t("This session"), "good")],
      one.kind === "wall" && [" ", pill(t("Screen"), "info")], one.kind === "passkey" && [" ", pill(t("Passkey"), "info")]]],
    ["", roleName(one.role), "right"], [t("Where from"), one.address || f.nothing, "full"], [t("Since"), f.day(one.createdAt), "full"],
    [t("Until"), f.day(one.expiresAt), "full"], ["", action, "actions"]));
}

function invite() {
  dialog(t("Invite somebody"), (close, title, cancel) => {
    const wrong = h("p.wrong", { role: "alert" });
    const name = h("input", { type: "text", maxlength: 100, required: true, autocomplete: "off", dir: "auto" });
    const role = h("select", null, ["viewer", "owner"].map((value) => h("option", { value }, roleName(value))));
    const life = h("select", null, lives().map(([value, text]) => h("option", { value }, text)));
    const button = h("button.button.primary", { type: "submit" }, t("Make a link"));
    const submit = (event) => {
      event.preventDefault();
      attempt(button, wrong, async () => {
        const made = await manage("sessions/invite", { name: name.value.trim(), role: role.value, for: life.value });
        close();
        const link = `${location.origin}${new URL(made.link).pathname}${new URL(made.link).hash}`;
        const told = t("It works once, until {when}. Send it to nobody but whom it is for.", { when: f.day(made.expiresAt) });
        showSecret(t("The invitation"), told, link);
      });
    };
    return h("form", { onsubmit: submit }, title, field(t("Name or e-mail"), name),
      field(t("Role"), role, t("Owners also manage keys, templates, webhooks and who may look.")), field(t("The link works for"), life), wrong,
      h("div.row", null, h("button.button", { type: "button", onclick: cancel }, t("Cancel")), button));
  });
}

/** A link for a screen that everybody sees. */
function hang() {
  dialog(t("Link for a screen"), (close, title, cancel) => {
    const wrong = h("p.wrong", { role: "alert" });
    const name = h("input", { type: "text", maxlength: 100, required: true, autocomplete: "off", dir: "auto" });
    const life = h("select", null, wallLives().map(([value, text]) => h("option", { value, selected: value === "90d" }, text)));
    const button = h("button.button.primary", { type: "submit" }, t("Make a link"));
    const submit = (event) => {
      event.preventDefault();
      attempt(button, wrong, async () => {
        const made = await manage("sessions/wall", { name: name.value.trim(), for: life.value });
        close();
        const link = `${location.origin}${new URL(made.link).pathname}${new URL(made.link).hash}`;
        showSecret(t("Link for a screen"), t("Whoever has it sees this app's figures and requests until {when}, or until you end it here.",
          { when: f.day(made.expiresAt) }), link);
      });
    };
    return h("form", { onsubmit: submit }, title, field(t("Which screen"), name), field(t("The link works for"), life), wrong,
      h("div.row", null, h("button.button", { type: "button", onclick: cancel }, t("Cancel")), button));
  });
}

function newPasskey(list) {
  dialog(t("Make a passkey"), (close, title, cancel) => {
    const wrong = h("p.wrong", { role: "alert" });
    const button = h("button.button.primary", { type: "button" }, t("Make a passkey"));
    button.onclick = () => addPasskey(button, wrong, () => { close(); list.refresh(); });
    return h("div.inner", null, title,
      h("p", null, t("A passkey stays on this device, behind your finger, face or PIN, and signs you in by one touch.")), wrong,
      h("div.row", null, h("button.button", { type: "button", onclick: cancel }, t("Cancel")), button));
  });
}

export function mount(page) {
  const read = () => get("/dashboard/api/sessions").then((answer) => answer.items);
  const names = [t("Person"), t("Role"), t("Where from"), t("Since"), t("Until"), ""];
  const list = listing(read, (all) => (all.length
    ? h("table.folds", null, head(...names), h("tbody", null, all.map((one) => rowOf(one, list))))
    : state("inbox", t("No sessions"), null)));
  page.append(h("div.head", null, h("h1", null, t("Sessions")),
    session.mayEnrol && canBeHere() && h("button.button", { type: "button", onclick: () => newPasskey(list) }, t("Make a passkey")),
    mayManage() && h("div.row", null, h("button.button", { type: "button", onclick: hang }, t("Link for a screen")),
      h("button.button.primary", { type: "button", onclick: invite }, icon("plus"), t("Invite")))),
  h("p.sub", null, t("Who is signed in. “Sign out everywhere” ends all of your own sessions; owners end those of their app.")),
  h("div.card.bare", null, h("div.table-wrap.alone", null, list.body)));
  return { refresh: list.refresh, unmount: list.stop };
}
