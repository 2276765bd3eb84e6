import { manage } from "./api.js";
import { dialog, h, icon, pill, state, toast } from "./dom.js";
import { t } from "./i18n.js";
import * as f from "./format.js";
import { attempt, cells, field, head, listing, showSecret, sure } from "./managed.js";

const types = ["otp.created", "otp.submitted", "otp.delivered", "otp.undelivered", "otp.attempt_failed", "otp.verified", "otp.expired",
  "otp.locked", "otp.canceled", "otp.blocked", "usage.threshold", "fraud.alert", "route.down", "route.up",
  "alert.raised", "alert.resolved"];
const states = () => ({ pending: [t("Pending"), "info"], delivered: [t("Received"), "good"], failed: [t("Failed"), "bad"] });
const page_rows = 50, failed_at_once = 500;
const secretText = () => t("It is shown this once. Your backend checks the signature with it (Standard Webhooks).");

export function mount(page) {
  let open = null;
  const list = listing(() => manage("webhooks"), (hooks) => draw(hooks));
  const below = h("div");
  page.append(h("div.head", null, h("h1", null, t("Webhooks")),
    h("button.button.primary", { type: "button", onclick: () => add(list) }, icon("plus"), t("New webhook"))),
  h("p.sub", null, t("Signed events for your backend, tried again for four days until it answers 2xx.")),
  h("div.card.bare", null, h("div.table-wrap.alone", null, list.body)), below);

  function draw(hooks) {
    if (!hooks.length) return state("inbox", t("No webhooks yet"), t("Add the address where your backend listens."));
    const names = [t("Address"), t("State"), t("Last 24 hours"), t("Events"), ""];
    return h("table.folds", null, head(...names), h("tbody", null, hooks.map((hook) => hookRow(hook, list, { show, close }))));
  }
  function close(id) {
    if (id && open?.hook.id !== id) return;
    open?.list.stop();
    open = null;
    below.replaceChildren();
  }
  function show(hook) {
    close();
    open = deliveriesOf(hook, () => close());
    below.replaceChildren(open.card);
    setTimeout(() => open?.list.refresh(), 900);
    below.scrollIntoView({ block: "nearest" });
  }
  return {
    refresh: () => Promise.all([list.refresh(), open?.list.refresh()]),
    unmount() { list.stop(); open?.list.stop(); },
  };
}

function hookRow(hook, list, { show, close }) {
  const small = (name, act, kind = "") => h("button.button.small", { type: "button", class: kind, onclick: act }, name);
  const tried = (act) => (event) => attempt(event.currentTarget, null, act);
  const test = tried(async () => { await manage(`webhooks/${hook.id}/test`, {}); toast(t("A test event is on its way")); show(hook); });
  const enable = tried(async () => { await manage(`webhooks/${hook.id}/enable`, {}); list.refresh(); });
  const remove = () => sure(t("Remove this webhook?"), t("What waits for it is dropped."), t("Remove"), async () => {
    await manage(`webhooks/${hook.id}/remove`, {});
    close(hook.id);
    list.refresh();
  });
  return h("tr", { "data-id": hook.id }, cells(
    ["", [h("b.breaks", null, hook.url), h("div.mono.muted", null, hook.id), hook.callback && h("div.muted", null, t("Only for requests with a callbackUrl that begins so")),
      h("div.muted", null, t("since {when}", { when: f.day(hook.createdAt) }))], "full wide-cell"],
    ["", hook.state === "enabled" ? pill(t("On"), "good") : pill(t("Off"), "bad")],
    [t("Last 24 hours"), h("div", null, healthOf(hook)), "full health"],
    ["", hook.types.length ? hook.types.join(", ") : t("All events"), hook.types.length ? "full events-of breaks" : "full"],
    ["", [small(t("Deliveries"), () => show(hook)), small(t("Test"), test), hook.state !== "enabled" && small(t("Enable"), enable),
      small(t("New secret"), () => rotate(hook)), small(t("Remove"), remove, "danger")], "actions"]));
}

/** What became of the events of a day, and what the last call that failed was told. */
function healthOf(hook) {
  const last = [hook.lastErrorStatus && `HTTP ${hook.lastErrorStatus}`, hook.lastError].filter(Boolean);
  const told = hook.lastErrorStatus && hook.lastError?.includes(String(hook.lastErrorStatus)) ? hook.lastError : last.join(" · ");
  const lost = (hook.givenUp24h ?? 0) + (hook.dropped24h ?? 0);
  return [
    h("span", { class: hook.delivered24h > 0 ? "good" : "muted" }, t("{n} received", { n: f.number(hook.delivered24h) })),
    hook.waiting > 0 && h("span", null, " · ", t("{n} waiting", { n: f.number(hook.waiting) })),
    hook.failed24h > 0 && h("span.bad", null, " · ", t("failed tries: {n}", { n: f.number(hook.failed24h) })),
    lost > 0 && h("span.bad", null, " · ", t("{n} given up", { n: f.number(lost) })),
    told && h("div.muted.breaks", null, t("{when}: {what}", { when: f.day(hook.lastErrorAt), what: told }))];
}
const answerOf = (one) => (one.error?.includes(String(one.httpStatus)) ? one.error : [one.httpStatus && `HTTP ${one.httpStatus}`, one.error].filter(Boolean).join(" · "));

/** The deliveries of a webhook, newest first, page after page; of them only those that failed, where that is asked. */
function deliveriesOf(hook, close) {
  let pages = 1, isFailedOnly = false;
  const ask = (before) => manage(`webhooks/${hook.id}/deliveries`, {
    limit: page_rows, ...(isFailedOnly && { state: "failed" }), ...(before && { before }) });
  const read = async () => {
    const wasFailedOnly = isFailedOnly, all = [];
    let mayGoOn = true;
    for (let page = 0; page < pages && mayGoOn; ++page) {
      const some = await ask(all.at(-1)?.id);
      all.push(...some);
      mayGoOn = some.length === page_rows;
    }
    return { all, isFailedOnly: wasFailedOnly, mayGoOn };
  };
  const goOn = () => { ++pages; list.refresh(); };
  const list = listing(read, ({ all, isFailedOnly: ofFailed, mayGoOn }) => {
    if (!all.length) return ofFailed ? state("check", t("None of these failed"), null) : state("inbox", t("Nothing was sent yet"), t("“Test” sends an event."));
    const names = [t("Event"), t("State"), t("Answer"), [t("Attempts")], t("Created"), t("Next"), ""];
    return [h("table.folds", null, head(...names), h("tbody", null, all.map((one) => deliveryRow(one, list)))),
      mayGoOn && h("div.foot", null, h("button.button", { type: "button", onclick: goOn }, t("Show more")))];
  });
  const failedOnly = h("input", { type: "checkbox", onchange: (event) => { isFailedOnly = event.target.checked; pages = 1; list.refresh(); } });
  const replayAll = h("button.button.small", { type: "button", onclick: (event) => replayFailed(hook, event.currentTarget, list) }, t("Send all failed again"));
  const card = h("section.card", { "aria-labelledby": "deliveries-title" },
    h("header", null, h("h2.breaks", { id: "deliveries-title" }, t("Deliveries to {url}", { url: hook.url })),
      h("label.check", null, failedOnly, t("Failed only")), replayAll,
      h("button.icon-button", { type: "button", "aria-label": t("Close"), onclick: close }, icon("cross"))), h("div.table-wrap", null, list.body));
  return { hook, list, card };
}

function deliveryRow(one, list) {
  const [name, kind] = states()[one.state];
  const content = () => dialog(one.type, (end, title) => h("div.inner", null, title,
    h("pre.code", { tabindex: "0", dir: "auto" }, JSON.stringify(one.payload, null, 2)),
    h("div.row", null, h("button.button", { type: "button", onclick: end }, t("Close")))));
  const replay = (event) => attempt(event.currentTarget, null, async () => {
    await manage(`deliveries/${one.id}/replay`, {});
    toast(t("Queued again"));
    setTimeout(() => list.refresh(), 700);
  });
  return h("tr", { "data-id": one.id }, cells(
    ["", [h("b", null, one.type), h("div.mono.muted.breaks", null, one.id)], "full"], ["", pill(name, kind)], ["", answerOf(one), "right breaks"],
    [t("Attempts"), f.number(one.attempts), "full number-cell"], [t("Created"), f.moment(one.madeAt), "full nowrap"],
    [t("Next"), one.nextAt ? f.moment(one.nextAt) : f.nothing, "full nowrap"],
    ["", [h("button.button.small", { type: "button", onclick: content }, t("Content")),
      h("button.button.small", { type: "button", onclick: replay }, t("Replay"))], "actions"]));
}

/** One after the other: a backend that has just come back is not to be run over. */
async function replayFailed(hook, button, list) {
  await attempt(button, null, async () => {
    let count = 0, before;
    for (;;) {
      const failed = await manage(`webhooks/${hook.id}/deliveries`, { limit: failed_at_once, state: "failed", ...(before && { before }) });
      for (const one of failed) await manage(`deliveries/${one.id}/replay`, {});
      count += failed.length;
      if (failed.length < failed_at_once) break;
      before = failed.at(-1).id;
    }
    toast(count ? t("{n} queued again", { n: f.number(count) }) : t("None of these failed"));
    list.refresh();
  });
}

function add(list) {
  dialog(t("New webhook"), (end, title, cancel) => {
    const wrong = h("p.wrong", { role: "alert" });
    const url = h("input", { type: "url", required: true, placeholder: "https://example.com/hooks/otp", maxlength: 2048 });
    const boxes = types.map((type) => h("label.check", null, h("input", { type: "checkbox", value: type }), h("span.mono", null, type)));
    const button = h("button.button.primary", { type: "submit" }, t("Add"));
    const submit = (event) => {
      event.preventDefault();
      attempt(button, wrong, async () => {
        const type = boxes.map((box) => box.firstChild).filter((box) => box.checked).map((box) => box.value);
        const made = await manage("webhooks", { url: url.value, ...(type.length && { type }) });
        end();
        list.refresh();
        showSecret(t("The webhook's secret"), secretText(), made.secret);
      });
    };
    return h("form", { onsubmit: submit }, title, field(t("Address"), url),
      h("fieldset", null, h("legend", null, t("Events; none chosen: all")), h("div.cards.two.close", null, boxes)), wrong,
      h("div.row", null, h("button.button", { type: "button", onclick: cancel }, t("Cancel")), button));
  });
}
function rotate(hook) {
  sure(t("Make a new secret?"), t("The one before signs beside it for another day."), t("New secret"), async () => {
    const made = await manage(`webhooks/${hook.id}/rotate`, {});
    setTimeout(() => showSecret(t("The webhook's secret"), secretText(), made.secret));
  }, false);
}
