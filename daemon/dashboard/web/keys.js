import { manage, session } from "./api.js";
import { dialog, h, icon, pill, state } from "./dom.js";
import { t } from "./i18n.js";
import * as f from "./format.js";
import { attempt, cells, field, head, listing, showSecret, sure } from "./managed.js";

const scopes = () => [
  ["otp:send", t("Send codes")], ["otp:verify", t("Verify codes")], ["otp:read", t("Read the log")],
  ["stats:read", t("Read statistics and usage")],
  ...(session.role === "operator" ? [["pii:read", t("See whole phone numbers")]] : [])];
const states = () => ({ active: [t("Active"), "good"], expired: [t("Expired"), ""], revoked: [t("Revoked"), ""] });
const lifetimes = () => [["", t("Never")], ["30d", t("In 30 days")], ["90d", t("In 90 days")], ["365d", t("In a year")]];

export function mount(page) {
  const list = listing(() => manage("keys"), (keys) => draw(keys, list));
  page.append(h("div.head", null, h("h1", null, t("API keys")),
    h("button.button.primary", { type: "button", onclick: () => create(list) }, icon("plus"), t("New key"))),
  h("p.sub", null, t("Your backend sends a key with every call. Only its hash is kept; two keys may be active at once, so that rotation stops nothing.")),
  h("div.card.bare", null, h("div.table-wrap.alone", null, list.body)));
  return { refresh: list.refresh, unmount: list.stop };
}

function draw(keys, list) {
  if (!keys.length) return state("inbox", t("No keys yet"), t("Create one for your backend."));
  const order = { active: 0, expired: 1, revoked: 2 };
  const sorted = [...keys].sort((a, b) => order[a.state] - order[b.state] || b.createdAt.localeCompare(a.createdAt));
  const names = [t("Key"), t("State"), t("Scopes"), t("Networks"), t("Created"), t("Expires"), ""];
  return h("table.folds", null, head(...names), h("tbody", null, sorted.map((key) => {
    const [name, kind] = states()[key.state];
    const ends = key.expiresAt ?? key.revokedAt;
    const actions = key.state === "active" && [
      !key.hook && h("button.button.small", { type: "button", onclick: () => rotate(key, list) }, t("Rotate")),
      h("button.button.small.danger", { type: "button", onclick: () => revoke(key, list) }, t("Revoke"))];
    const lastUse = key.lastUsedAt ? t("used {when}", { when: f.ago(key.lastUsedAt) }) : t("not used yet");
    return h("tr", { "data-id": key.id }, cells(
      ["", [key.name && h("b.breaks", { dir: "auto" }, key.name), key.name && " ", h("span.mono", null, key.id), key.test && [" ", pill(t("Test"))],
        key.hook && [" ", pill(key.hook)],
        key.hook && h("div.muted.breaks", null, t("{server} signs its calls and calls {path}", { server: key.hook, path: key.path })),
        h("div.muted", null, lastUse)]],
      ["", pill(name, kind), "right"], ["", h("span.mono.muted.scopes", null, key.scopes.join(" ")), "full"],
      [t("Networks"), key.networks.join(", ") || t("From anywhere"), "full breaks"],
      [t("Created"), f.day(key.createdAt), "full nowrap"],
      [t("Expires"), ends ? f.day(ends) : t("Never"), "full nowrap"], ["", actions, "actions"]));
  })));
}

function create(list) {
  dialog(t("New key"), (close, title, cancel) => {
    const wrong = h("p.wrong", { role: "alert" });
    const boxes = scopes().map(([scope, name]) => h("label.check", null,
      h("input", { type: "checkbox", value: scope, checked: scope !== "pii:read" }), name, h("span.mono.muted", null, scope)));
    const name = h("input", { type: "text", maxlength: 40, autocomplete: "off", dir: "auto", placeholder: t("Such as: checkout, staging") });
    const test = h("input", { type: "checkbox", name: "test" });
    const ends = h("select", null, lifetimes().map(([value, name]) => h("option", { value }, name)));
    const networks = h("input", { type: "text", placeholder: "192.0.2.0/24", autocomplete: "off" });
    const button = h("button.button.primary", { type: "submit" }, t("Create key"));
    const submit = (event) => {
      event.preventDefault();
      const scope = boxes.map((box) => box.firstChild).filter((box) => box.checked).map((box) => box.value);
      if (!scope.length) return void (wrong.textContent = t("Choose at least one scope: a key without any could do nothing."));
      const network = networks.value.split(/[\s,]+/).filter(Boolean);
      attempt(button, wrong, async () => {
        const called = name.value.trim();
        const wish = {
          scope, test: test.checked, ...(called && { name: called }), ...(ends.value && { expires: ends.value }),
          ...(network.length && { network }) };
        const made = await manage("keys", wish);
        close();
        list.refresh();
        showSecret(t("Your new key"), t("It is shown this once. Keep it where your backend reads its secrets."), made.key);
      });
    };
    return h("form", { onsubmit: submit }, title, field(t("Name"), name, t("What it is for, so that you know it again")),
      h("fieldset", null, h("legend", null, t("Scopes")), boxes), field(t("Expires"), ends),
      field(t("Only from these networks"), networks, t("CIDR, separated by commas; empty: from anywhere")),
      h("label.check", null, test, t("A test key: never touches a carrier, a quota or a limit")), wrong,
      h("div.row", null, h("button.button", { type: "button", onclick: cancel }, t("Cancel")), button));
  });
}

function rotate(key, list) {
  const about = t("A new key with the same scopes is created. The old one works for another 24 hours, so that nothing stops.");
  sure(t("Rotate {id}?", { id: key.id }), about, t("Rotate"), async () => {
    const made = await manage(`keys/${key.id}/rotate`, {});
    list.refresh();
    const told = t("It is shown this once. The old one ends {when}.", { when: f.day(made.oldKeyEndsAt) });
    setTimeout(() => showSecret(t("Your new key"), told, made.key));
  }, false);
}
function revoke(key, list) {
  const about = t("Whoever uses it is refused from now on. This can't be undone.");
  sure(t("Revoke {id}?", { id: key.id }), about, t("Revoke"), async () => {
    await manage(`keys/${key.id}/revoke`, {});
    list.refresh();
  });
}
