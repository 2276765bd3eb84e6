import { manage } from "./api.js";
import { dialog, h, icon, pill, state, toast } from "./dom.js";
import { t } from "./i18n.js";
import * as f from "./format.js";
import { attempt, cells, field, head, listing, showSecret, sure } from "./managed.js";

const types = ["otp.created", "otp.submitted", "otp.delivered", "otp.undelivered", "otp.attempt_failed", "otp.verified", "otp.expired", "otp.locked", "otp.canceled", "otp.blocked", "usage.threshold", "fraud.alert", "route.down", "route.up"];
const states = () => ({ pending: [t("Pending"), "info"], delivered: [t("Received"), "good"], failed: [t("Failed"), "bad"] });

export function mount(page) {
  let chosen = null, deliveries = null;
  const list = listing(() => manage("webhooks"), draw);
  const below = h("div");
  page.append(h("div.head", null, h("h1", null, t("Webhooks")), h("button.button.primary", { type: "button", onclick: add }, icon("plus"), t("New webhook"))),
    h("p.sub", null, t("Signed events for your backend, tried again for four days until it answers 2xx.")),
    h("div.card", { style: { padding: "0" } }, h("div.table-wrap.alone", null, list.body)), below);

  function draw(hooks) {
    if (!hooks.length) return state("inbox", t("No webhooks yet"), t("Add the address where your backend listens."));
    return h("table.folds", null, head(t("Address"), t("State"), t("Events"), t("Created"), ""), h("tbody", null, hooks.map((hook) => h("tr", { "data-id": hook.id }, cells(
      ["", [h("b", { style: { "overflow-wrap": "anywhere" } }, hook.url), h("div.mono.muted", null, hook.id)], "full"], ["", hook.state === "enabled" ? pill(t("On"), "good") : pill(t("Off"), "bad")],
      ["", hook.types.length ? hook.types.join(", ") : t("All events"), "right events-of"], [t("Created"), f.day(hook.createdAt), "full nowrap"],
      ["", [
        h("button.button.small", { type: "button", onclick: () => open(hook) }, t("Deliveries")),
        h("button.button.small", { type: "button", onclick: (event) => attempt(event.currentTarget, null, async () => { await manage(`webhooks/${hook.id}/test`, {}); toast(t("A test event is on its way")); open(hook); }) }, t("Test")),
        hook.state !== "enabled" && [h("button.button.small", { type: "button", onclick: (event) => attempt(event.currentTarget, null, async () => { await manage(`webhooks/${hook.id}/enable`, {}); list.refresh(); }) }, t("Enable"))],
        h("button.button.small", { type: "button", onclick: () => rotate(hook) }, t("New secret")),
        h("button.button.small.danger", { type: "button", onclick: () => sure(t("Remove this webhook?"), t("What waits for it is dropped."), t("Remove"), async () => { await manage(`webhooks/${hook.id}/remove`, {}); if (chosen === hook.id) close(); list.refresh(); }) }, t("Remove"))], "actions"])))));
  }
  function close() { deliveries?.stop(); deliveries = null; chosen = null; below.replaceChildren(); }

  function open(hook) {
    deliveries?.stop();
    chosen = hook.id;
    deliveries = listing(() => manage(`webhooks/${hook.id}/deliveries`), (all) => {
      if (!all.length) return state("inbox", t("Nothing was sent yet"), t("“Test” sends an event."));
      return h("table.folds", null, head(t("Event"), t("State"), t("Answer"), t("Attempts"), t("Created"), t("Next"), ""), h("tbody", null, all.map((one) => {
        const [name, kind] = states()[one.state];
        return h("tr", { "data-id": one.id }, cells(["", [h("b", null, one.type), h("div.mono.muted", null, one.id)], "full"], ["", pill(name, kind)], ["", [one.httpStatus ? `HTTP ${one.httpStatus}` : "", one.error ? ` ${one.error}` : ""].join(""), "right"],
          [t("Attempts"), f.number(one.attempts), "full"], [t("Created"), f.moment(one.madeAt), "full nowrap"], [t("Next"), one.nextAt ? f.moment(one.nextAt) : f.nothing, "full nowrap"],
          ["", [h("button.button.small", { type: "button", onclick: () => dialog(one.type, (end, title) => h("div.inner", null, title, h("pre.code", { tabindex: "0" }, JSON.stringify(one.payload, null, 2)), h("div.row", null, h("button.button", { type: "button", onclick: end }, t("Close"))))) }, t("Content")),
            h("button.button.small", { type: "button", onclick: (event) => attempt(event.currentTarget, null, async () => { await manage(`deliveries/${one.id}/replay`, {}); toast(t("Queued again")); setTimeout(() => deliveries?.refresh(), 700); }) }, t("Replay"))], "actions"]));
      })));
    });
    below.replaceChildren(h("section.card", { "aria-labelledby": "deliveries-title" }, h("header.one-line", null, h("h2", { id: "deliveries-title" }, t("Deliveries to {url}", { url: hook.url })), h("button.icon-button", { type: "button", "aria-label": t("Close"), onclick: close }, icon("cross"))), h("div.table-wrap", null, deliveries.body)));
    setTimeout(() => deliveries?.refresh(), 900);
  }

  function add() {
    dialog(t("New webhook"), (end, title) => {
      const wrong = h("p.wrong", { role: "alert" });
      const url = h("input", { type: "url", required: true, placeholder: "https://example.com/hooks/otp", maxlength: 2048 });
      const boxes = types.map((type) => h("label.check", null, h("input", { type: "checkbox", value: type }), h("span.mono", null, type)));
      const button = h("button.button.primary", { type: "submit" }, t("Add"));
      return h("form", { onsubmit: (event) => {
        event.preventDefault();
        attempt(button, wrong, async () => {
          const wanted = boxes.map((box) => box.firstChild).filter((box) => box.checked).map((box) => box.value);
          const made = await manage("webhooks", wanted.length ? { url: url.value, type: wanted } : { url: url.value });
          end();
          list.refresh();
          showSecret(t("The webhook's secret"), t("It is shown this once. Your backend checks the signature with it (Standard Webhooks)."), made.secret);
        });
      } }, title, field(t("Address"), url), h("fieldset", null, h("legend", null, t("Events; none chosen: all")), h("div.cards.two", { style: { gap: "0 12px" } }, boxes)), wrong, h("div.row", null, h("button.button", { type: "button", onclick: end }, t("Cancel")), button));
    });
  }
  function rotate(hook) {
    sure(t("Make a new secret?"), t("The one before signs beside it for another day."), t("New secret"), async () => {
      const made = await manage(`webhooks/${hook.id}/rotate`, {});
      setTimeout(() => showSecret(t("The webhook's secret"), t("It is shown this once. Your backend checks the signature with it (Standard Webhooks)."), made.secret));
    }, false);
  }
  return { refresh: () => { list.refresh(); deliveries?.refresh(); }, unmount() { list.stop(); deliveries?.stop(); } };
}
