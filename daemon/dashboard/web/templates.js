import { manage } from "./api.js";
import { h, icon, pill, state, toast } from "./dom.js";
import { t } from "./i18n.js";
import * as f from "./format.js";
import { problemText } from "./words.js";
import { attempt, cells, field, head, listing, sure } from "./managed.js";

const encodingName = (name) => ({ gsm7: "GSM-7", ucs2: "UCS-2", latin1: "Latin-1" })[name] ?? name;

export function mount(page) {
  const list = listing(() => manage("templates"), draw);
  const name = h("input", { type: "text", value: "default", maxlength: 64, pattern: "[a-z0-9_.\\-]+", autocomplete: "off", spellcheck: "false" });
  const locale = h("input", { type: "text", placeholder: t("all languages"), maxlength: 35, autocomplete: "off", spellcheck: "false" });
  const text = h("textarea", { maxlength: 1000, rows: 4, "aria-describedby": "lint" }, "{code} is your {app} code.");
  const lint = h("div.stack.tight", { id: "lint", "aria-live": "polite" });
  const wrong = h("p.wrong", { role: "alert" });
  const save = h("button.button.primary", { type: "submit" }, t("Save"));
  let timer = 0, run = 0;

  const form = h("form.stack", { onsubmit: (event) => {
    event.preventDefault();
    attempt(save, wrong, async () => {
      await manage("templates", { name: name.value || "default", locale: locale.value.trim(), text: text.value });
      toast(t("Saved: it is used from now on"));
      list.refresh();
    });
  } }, h("div.cards.two", null, field(t("Name"), name), field(t("Language"), locale, t("such as en, hy, pt-BR"))), field(t("Text"), text, t("{code} and variables such as {name} are filled in for each message.", { code: "{code}, {app}, {minutes}", name: "{name}" })), wrong, h("div.row", null, save));
  text.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, 250); });

  async function look() {
    const mine = ++run;
    try {
      const said = await manage("templates/lint", { text: text.value });
      if (mine !== run) return;
      lint.dataset.right = String(said.right);
      lint.replaceChildren(h("div.bubble", { "data-preview": "" }, said.preview || "…"),
        h("div.row", null, pill(encodingName(said.encoding)), pill(t("{n} characters", { n: f.number(said.characters) })), pill(t("{n} SMS each", { n: f.number(said.segments) }), said.segments > 1 ? "warn" : "good"), h("span.muted", null, t("{n} characters left in it", { n: f.number(said.charactersLeft) }))),
        ...said.findings.map((one) => h("p.notice", { class: one.severity === "error" ? "bad" : "warn" }, icon("alert"), h("span", null, one.finding))),
        ...(said.findings.length ? [] : [h("p.good", null, t("Nothing is wrong with this text."))]));
      save.disabled = !said.right;
    } catch (failure) {
      if (mine === run) lint.replaceChildren(h("p.wrong", null, problemText(failure)));
    }
  }

  page.append(h("div.head", null, h("h1", null, t("Templates"))), h("p.sub", null, t("The text of your messages. Without a template your users get the built-in one in their own language.")),
    h("div.cards.wide-left", null, h("section.card", { "aria-labelledby": "edit-title" }, h("header", null, h("h2", { id: "edit-title" }, t("Text"))), form),
      h("section.card", { "aria-labelledby": "preview-title" }, h("header", null, h("h2", { id: "preview-title" }, t("On the phone"))), lint)),
    h("section.card", { "aria-labelledby": "list-title" }, h("header", null, h("h2", { id: "list-title" }, t("Saved templates")), h("button.button.small", { type: "button", onclick: previews }, t("All languages of “{name}”", { name: "default" }))), h("div.table-wrap", null, list.body)), h("div", { "data-previews": "" }));

  function draw(all) {
    if (!all.length) return state("inbox", t("No templates yet"), t("The built-in texts are used."));
    return h("table.folds", null, head(t("Name"), t("Language"), t("Text"), t("Encoding"), ""), h("tbody", null, all.map((one) => h("tr", null, cells(["", h("b", null, one.name)], ["", one.locale || t("all languages"), "right"], ["", one.text, "full"], ["", [pill(encodingName(one.encoding)), " ", pill(t("{n} SMS each", { n: f.number(one.segments) }))], "full"],
      ["", [h("button.button.small", { type: "button", onclick: () => { name.value = one.name; locale.value = one.locale; text.value = one.text; look(); text.focus(); } }, t("Edit")), h("button.button.small.danger", { type: "button", onclick: () => sure(t("Remove this text?"), t("Messages take the next best text from then on."), t("Remove"), async () => { await manage("templates/remove", { name: one.name, locale: one.locale }); list.refresh(); }) }, t("Remove"))], "actions"])))));
  }

  async function previews(event) {
    const where = page.querySelector("[data-previews]");
    await attempt(event.currentTarget, null, async () => {
      const all = await manage("templates/preview", { name: "default" });
      where.replaceChildren(h("section.card", { "aria-labelledby": "all-title" }, h("header", null, h("h2", { id: "all-title" }, t("Preview in each language"))), h("ul.stack", null, all.map((one) => h("li.stack.tight", null, h("div.row", null, h("b", null, one.locale || t("all languages")), pill(one.source === "template" ? t("Template") : t("Built-in")), pill(t("{n} SMS each", { n: f.number(one.segments) }))), h("div.bubble", { lang: one.locale || null }, one.preview))))));
      where.scrollIntoView({ block: "nearest" });
    });
  }
  look();
  return { refresh: list.refresh, unmount: list.stop };
}
