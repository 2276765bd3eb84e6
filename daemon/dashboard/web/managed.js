// What the pages of owners share: a list that is read, words for failures, secrets that are shown once, and being sure.
import { Offline } from "./api.js";
import { copyButton, dialog, h, icon, put, replace, skeleton, state, toast } from "./dom.js";
import { t } from "./i18n.js";
import * as f from "./format.js";
import { problemText } from "./words.js";

/** A card with a list in it: loading, empty, failed, or drawn. */
export function listing(read, draw) {
  const body = h("div", null, skeleton(4));
  let stopped = false, last = null, run = 0;
  async function refresh() {
    const mine = ++run;
    // An answer to what was asked before comes too late.
    const isOver = () => stopped || mine !== run;
    try {
      const items = await read();
      if (isOver()) return;
      last = items;
      put(body, [items, f.zone()], () => draw(items));
      body.closest(".page")?.setAttribute("data-ready", "true");
    } catch (failure) {
      if (isOver() || failure instanceof Offline) return;
      replace(body, state("alert", t("This could not be read"), problemText(failure),
        h("button.button", { type: "button", onclick: refresh }, t("Try again"))));
    }
  }
  refresh();
  return { body, refresh, items: () => last ?? [], stop: () => { stopped = true; } };
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
    const done = () => attempt(button, wrong, async () => { await act(); close(); });
    const button = h("button.button.solid", { class: isDanger ? "danger" : "primary", type: "button", onclick: done }, name);
    return h("div.inner", null, head, h("p", null, text), wrong,
      h("div.row", null, h("button.button", { type: "button", onclick: close }, t("Cancel")), button));
  });
}

/** A key or secret, this once. */
export function showSecret(title, text, secret, more) {
  dialog(title, (close, head) => {
    const code = h("code.code", { "data-secret": "" }, secret);
    const saved = h("button.button.primary", { type: "button", onclick: close }, t("I have saved it"));
    return h("div.inner", null, head, h("p.notice.warn", null, icon("alert"), h("span", null, text)),
      h("div.secret", null, code, copyButton(secret, t("Copy"), () => code)), more, h("div.row", null, saved));
  });
}

/** Cells: [name, value, class]. The name is said where rows fold to cards. */
export const cells = (...all) => all.map(([name, value, kind]) => h("td", { class: kind ?? "", "data-label": name }, value));
/** Names of columns; in brackets: of numbers. */
const column = (name) => h("th", { scope: "col", class: Array.isArray(name) ? "number-cell" : "" },
  name || h("span.sr", null, t("Actions")));
export const head = (...names) => h("thead", null, h("tr", null, names.map(column)));
export const field = (label, input, hint) => h("label.field", null, h("span", null, label), input, hint && h("span.hint", null, hint));
