import { manage } from "./api.js";
import { h, icon, mayDrop, noteTyping, pill, put, replace, state, toast } from "./dom.js";
import { language, t } from "./i18n.js";
import * as f from "./format.js";
import { problemText } from "./words.js";
import { attempt, cells, field, head, listing, sure } from "./managed.js";

const encodingName = (name) => ({ gsm7: "GSM-7", ucs2: "UCS-2", latin1: "Latin-1" })[name] ?? name;
/** What people are likely to write in comes first; ISO 639-1 has the others. */
const usual = "en hy ru uk ka az tr de fr es it pt pt-BR pl nl ar fa he hi bn ur zh-Hans zh-Hant ja ko vi id th";
const others = "af am as be bg bs ca cs cy da el et eu fi fil ga gl gu ha hr hu ig is kk km kn ku ky lo lt lv mg mk ml mn mr ms mt my ne nb or pa ps ro rw sd si sk sl so sq sr sv sw ta te tg tk tl tt uz xh yo zu";
function languageName(tag) {
  let name = tag;
  try { name = new Intl.DisplayNames([language, "en"], { type: "language" }).of(tag) ?? tag; } catch { /* The tag, then. */ }
  return name === tag ? tag : `${name} (${tag})`;
}

export function mount(page) {
  const list = listing(() => manage("templates"), (all) => draw(all));
  const name = h("input", {
    type: "text", value: "default", required: true, maxlength: 64, pattern: "[a-z0-9_.\\-]+", autocomplete: "off", spellcheck: "false" });
  const optionOf = (tag) => h("option", { value: tag }, languageName(tag));
  const locale = h("select", null, h("option", { value: "" }, t("all languages")),
    h("optgroup", { label: t("Common") }, usual.split(" ").map(optionOf)), h("optgroup", { label: t("Others") }, others.split(" ").map(optionOf)));
  const text = h("textarea", { maxlength: 1000, rows: 4, required: true, dir: "auto", "aria-describedby": "lint", placeholder: "{code} is your {app} code." });
  const lint = h("div.stack.tight", { id: "lint", "aria-live": "polite" }), instead = h("p.hint", { role: "status" });
  const wrong = h("p.wrong", { role: "alert" });
  const save = h("button.button.primary", { type: "submit", disabled: true }, t("Save"));
  let timer = 0, run = 0;

  const form = noteTyping(h("form.stack", { onsubmit: (event) => {
    event.preventDefault();
    attempt(save, wrong, keep).then(() => { save.disabled = !("typed" in form.dataset) || lint.dataset.right !== "true"; });
  } }, h("div.cards.two", null, field(t("Name"), name), field(t("Language"), locale)), instead,
  field(t("Text"), text, t("{code} and variables such as {name} are filled in for each message.", { code: "{code}, {app}, {minutes}", name: "{name}" })),
  wrong, h("div.row", null, save)));
  form.addEventListener("input", (event) => {
    tellInstead();
    save.disabled = true;
    clearTimeout(timer);
    timer = setTimeout(look, event.target === text ? 250 : 0);
  });

  async function keep() {
    await manage("templates", { name: name.value, locale: locale.value, text: text.value });
    delete form.dataset.typed;
    toast(t("Saved: it is used from now on"));
    list.refresh();
  }
  /** Whose place the text will take. */
  function tellInstead() {
    const old = list.items().find((one) => one.name === name.value && (one.locale || "").toLowerCase() === locale.value.toLowerCase());
    instead.textContent = old ? t("This takes the place of: {text}", { text: old.text }) : "";
  }
  function edit(one) {
    if (!mayDrop(form)) return;
    delete form.dataset.typed;
    const known = [...locale.options].find((option) => option.value.toLowerCase() === one.locale);
    if (!known && one.locale) locale.append(optionOf(one.locale));
    name.value = one.name;
    locale.value = known?.value ?? one.locale;
    text.value = one.text;
    tellInstead();
    look();
    text.focus();
  }

  async function look() {
    const mine = ++run;
    save.disabled = true;
    if (!text.value.trim()) {
      delete lint.dataset.right;
      return replace(lint, h("p.muted", null, t("As you type, it is checked, and shown as a phone will show it.")));
    }
    try {
      const said = await manage("templates/lint", { text: text.value });
      if (mine !== run) return;
      lint.dataset.right = String(said.right);
      put(lint, said, () => drawLint(said));
      save.disabled = !said.right || !("typed" in form.dataset);
    } catch (failure) {
      if (mine !== run) return;
      delete lint.dataset.right;
      replace(lint, h("p.wrong", null, problemText(failure)));
    }
  }

  const previewButton = h("button.button.small", { type: "button", onclick: (event) => previews(event.currentTarget, page) },
    t("All languages of “{name}”", { name: "default" }));
  const section = (id, title, more, ...body) => h("section.card", { "aria-labelledby": id }, h("header", null, h("h2", { id }, title), more), body);
  page.append(h("div.head", null, h("h1", null, t("Templates"))),
    h("p.sub", null, t("The text of your messages. Without a template your users get the built-in one in their own language.")),
    h("div.cards.wide-left", null, section("edit-title", t("Text"), null, form), section("preview-title", t("On the phone"), null, lint)),
    section("list-title", t("Saved templates"), previewButton, h("div.table-wrap", null, list.body)), h("div", { "data-previews": "" }));

  function draw(all) {
    tellInstead();
    if (!all.length) return state("inbox", t("No templates yet"), t("The built-in texts are used."));
    return h("table.folds", null, head(t("Name"), t("Language"), t("Text"), t("Encoding"), ""), h("tbody", null, all.map((one) => rowOf(one, edit, list))));
  }
  look();
  return { refresh: list.refresh, unmount() { list.stop(); clearTimeout(timer); } };
}

const partsOf = (one) => pill(t("{n} SMS each", { n: f.number(one.segments) }), one.segments > 1 ? "warn" : "good");
function drawLint(said) {
  return [h("div.bubble", { "data-preview": "", dir: "auto" }, said.preview || "…"),
    h("div.row", null, pill(encodingName(said.encoding)), pill(t("{n} characters", { n: f.number(said.characters) })), partsOf(said),
      h("span.muted", null, t("{n} characters left in it", { n: f.number(said.charactersLeft) }))),
    said.findings.map((one) => h("p.notice", { class: one.severity === "error" ? "bad" : "warn" }, icon("alert"), h("span", null, one.finding))),
    said.findings.length === 0 && h("p.good", null, t("Nothing is wrong with this text."))];
}

function rowOf(one, edit, list) {
  const remove = () => sure(t("Remove this text?"), t("Messages take the next best text from then on."), t("Remove"), async () => {
    await manage("templates/remove", { name: one.name, locale: one.locale });
    list.refresh();
  });
  return h("tr", { "data-id": `${one.name}/${one.locale}` }, cells(
    ["", h("b", null, one.name)], ["", one.locale ? languageName(one.locale) : t("all languages"), "right"],
    ["", h("span", { dir: "auto" }, one.text), "full breaks"], ["", [pill(encodingName(one.encoding)), " ", partsOf(one)], "full"],
    ["", [h("button.button.small", { type: "button", onclick: () => edit(one) }, t("Edit")),
      h("button.button.small.danger", { type: "button", onclick: remove }, t("Remove"))], "actions"]));
}

async function previews(button, page) {
  const where = page.querySelector("[data-previews]");
  const itemOf = (one) => h("li.stack.tight", null,
    h("div.row", null, h("b", null, one.locale ? languageName(one.locale) : t("all languages")), pill(one.source === "template" ? t("Template") : t("Built-in")), partsOf(one)),
    h("div.bubble", { lang: one.locale || null, dir: "auto" }, one.preview));
  await attempt(button, null, async () => {
    const all = await manage("templates/preview", { name: "default" });
    where.replaceChildren(h("section.card", { "aria-labelledby": "all-title" },
      h("header", null, h("h2", { id: "all-title" }, t("Preview in each language"))), h("ul.stack", null, all.map(itemOf))));
    where.scrollIntoView({ block: "nearest" });
  });
}
