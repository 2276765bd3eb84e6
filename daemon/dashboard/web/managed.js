// What the pages of owners share: a list that is read, words for failures, secrets that are shown once, and being sure.
import { Offline } from "./api.js";
import { dialog, h, icon, skeleton, state, toast } from "./dom.js";
import { t } from "./i18n.js";
import { problemText } from "./words.js";

/** A card with a list in it: loading, empty, failed, or drawn. */
export function listing(read, draw) {
  const body = h("div", null, skeleton(4));
  let stopped = false;
  async function refresh() {
    try {
      const items = await read();
      if (stopped) return;
      const sign = JSON.stringify(items);
      if (body.sign !== sign) { body.sign = sign; body.replaceChildren(draw(items)); }
      body.closest(".page")?.setAttribute("data-ready", "true");
    } catch (failure) {
      if (stopped || failure instanceof Offline) return;
      body.sign = null;
      body.replaceChildren(state("alert", t("This could not be read"), problemText(failure), h("button.button", { onclick: refresh }, t("Try again"))));
    }
  }
  refresh();
  return { body, refresh, stop: () => { stopped = true; } };
}

/** Runs what a button is for; what goes wrong is said where it happened, in words and with the daemon's hint. */
export async function attempt(button, wrong, act) {
  button.disabled = true;
  if (wrong) wrong.textContent = "";
  try {
    await act();
  } catch (failure) {
    if (wrong) wrong.textContent = problemText(failure);
    else toast(problemText(failure));
  } finally {
    button.disabled = false;
  }
}

export function sure(title, text, name, act, isDanger = true) {
  dialog(title, (close, head) => {
    const wrong = h("p.wrong", { role: "alert" });
    const button = h("button.button.solid", { class: isDanger ? "danger" : "primary", type: "button", onclick: () => attempt(button, wrong, async () => { await act(); close(); }) }, name);
    return h("div.inner", null, head, h("p", null, text), wrong, h("div.row", null, h("button.button", { type: "button", onclick: close }, t("Cancel")), button));
  });
}

/** A key or secret, this once. */
export function showSecret(title, text, secret, more) {
  dialog(title, (close, head) => {
    const copy = h("button.button", { type: "button", onclick: async () => { try { await navigator.clipboard.writeText(secret); toast(t("Copied")); } catch { getSelection().selectAllChildren(code); } } }, icon("copy"), t("Copy"));
    const code = h("code.code", { "data-secret": "" }, secret);
    return h("div.inner", null, head, h("p.notice.warn", null, icon("alert"), h("span", null, text)), h("div.secret", null, code, copy), more, h("div.row", null, h("button.button.primary", { type: "button", onclick: close }, t("I have saved it"))));
  });
}

/** Cells: [name, value, class]. The name is said where rows fold to cards. */
export const cells = (...all) => all.map(([name, value, kind]) => h("td", { class: kind ?? "", "data-label": name }, value));
/** Names of columns; in brackets: of numbers. */
export const head = (...names) => h("thead", null, h("tr", null, names.map((name) => h("th", { scope: "col", class: Array.isArray(name) ? "number-cell" : "" }, name || h("span.sr", null, t("Actions"))))));
export const field = (label, input, hint) => h("label.field", null, h("span", null, label), input, hint && h("span.hint", null, hint));
