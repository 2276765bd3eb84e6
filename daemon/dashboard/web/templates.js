import { manage } from "./api.js";
import { h, icon, mayDrop, noteTyping, pill, put, replace, state, toast } from "./dom.js";
import { language, t } from "./i18n.js";
import * as f from "./format.js";
import { findingText, problemText } from "./words.js";
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

const none = {};
/** The form, and beside it what it would be like on a phone. */
class Editor {
  constructor(list) {
    this.list = list;
    const optionOf = (tag) => h("option", { value: tag }, languageName(tag));
    const group = (label, tags) => h("optgroup", { label }, tags.split(" ").map(optionOf));
    this.addLanguage = (tag) => this.locale.append(optionOf(tag));
    this.name = h("input", {
      type: "text", value: "default", required: true, maxlength: 64, pattern: "[a-z0-9_.\\-]+", autocomplete: "off", spellcheck: "false" });
    this.locale = h("select", null, h("option", { value: "" }, t("all languages")), group(t("Common"), usual), group(t("Others"), others));
    this.text = h("textarea", {
      maxlength: 1000, rows: 4, required: true, dir: "auto", "aria-describedby": "lint", placeholder: "{code} is your {app} code." });
    this.lint = h("div.stack.tight", { id: "lint", "aria-live": "polite" });
    this.instead = h("p.hint", { role: "status" });
    this.wrong = h("p.wrong", { role: "alert" });
    this.save = h("button.button.primary", { type: "submit", disabled: true }, t("Save"));
    const names = { code: "{code}, {app}, {minutes}", name: "{name}" };
    const id = (tag, label) => {
      const input = h("input", { type: "text", inputmode: "numeric", maxlength: 30, autocomplete: "off", spellcheck: "false", "data-tlv": tag });
      return [tag, input, field(label, input)];
    };
    const ids = [id("0x1400", t("Entity id (0x1400)")), id("0x1401", t("Template id (0x1401)"))];
    this.ids = ids.map(([tag, input]) => [tag, input]);
    this.dlt = h("details.dlt", null, h("summary", null, t("Ids of Indian DLT")), h("div.cards.two", null, ids.map(([, , element]) => element)));
    this.form = noteTyping(h("form.stack", { onsubmit: (event) => { event.preventDefault(); this.keep(); } },
      h("div.cards.two", null, field(t("Name"), this.name), field(t("Language"), this.locale)), this.instead,
      field(t("Text"), this.text, t("{code} and variables such as {name} are filled in for each message.", names)), this.dlt,
      this.wrong, h("div.row", null, this.save)));
    /** Ids beside the text: `begun` with, until those of a saved text take their place; `areTyped`: then they are nobody else's. */
    this.tlvs = this.begun = none;
    this.areTyped = false;
    this.timer = this.run = 0;
    this.form.addEventListener("input", ({ target }) => {
      if (this.ids.some(([, input]) => input === target)) this.areTyped = true;
      this.typed(target === this.text);
    });
    this.look();
  }

  typed(isText) {
    this.tellInstead();
    this.save.disabled = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), isText ? 250 : 0);
  }
  async keep() {
    await attempt(this.save, this.wrong, async () => {
      await manage("templates", { name: this.name.value, locale: this.locale.value, text: this.text.value, tlv: this.tlvsNow() });
      delete this.form.dataset.typed;
      this.begun = this.tlvsNow();
      this.areTyped = false;
      toast(t("Saved: it is used from now on"));
      this.list.refresh();
    });
    this.maySave();
  }
  /** Those that have no field here stay as they are. */
  tlvsNow() {
    const typed = this.ids.map(([tag, input]) => [tag, input.value.trim()]);
    const others = Object.entries(this.tlvs).filter(([tag]) => !this.ids.some(([known]) => known === tag));
    return Object.fromEntries([...others, ...typed.filter(([, value]) => value)]);
  }
  maySave() { this.save.disabled = this.lint.dataset.right !== "true" || !("typed" in this.form.dataset); }
  showIds(tlvs) {
    if (tlvs === this.tlvs) return;
    this.tlvs = tlvs;
    for (const [tag, input] of this.ids) input.value = tlvs[tag] ?? "";
    this.dlt.open ||= this.ids.some(([, input]) => input.value);
  }
  /** Whose place the text will take, and the ids that it had, which are not lost by writing another text. */
  tellInstead() {
    const isSame = (one) => one.name === this.name.value && (one.locale || "").toLowerCase() === this.locale.value.toLowerCase();
    const old = this.list.items().find(isSame);
    this.instead.textContent = old ? t("This takes the place of: {text}", { text: old.text }) : "";
    if (!this.areTyped) this.showIds(old ? old.tlvs ?? none : this.begun);
  }
  edit(one) {
    if (!mayDrop(this.form)) return;
    delete this.form.dataset.typed;
    const known = [...this.locale.options].find((option) => option.value.toLowerCase() === one.locale);
    if (!known && one.locale) this.addLanguage(one.locale);
    this.name.value = one.name;
    this.locale.value = known?.value ?? one.locale;
    this.text.value = one.text;
    this.begun = one.tlvs ?? none;
    this.areTyped = false;
    this.showIds(this.begun);
    this.tellInstead();
    this.look();
    this.text.focus();
  }

  async look() {
    const mine = ++this.run;
    delete this.lint.dataset.right;
    this.maySave();
    if (!this.text.value.trim()) {
      return replace(this.lint, h("p.muted", null, t("As you type, it is checked, and shown as a phone will show it.")));
    }
    try {
      const said = await manage("templates/lint", { text: this.text.value, tlv: this.tlvsNow() });
      if (mine !== this.run) return;
      this.lint.dataset.right = String(said.right);
      put(this.lint, said, () => drawLint(said));
      this.maySave();
    } catch (failure) {
      if (mine === this.run) replace(this.lint, h("p.wrong", null, problemText(failure)));
    }
  }
}

export function mount(page) {
  const draw = (all) => {
    editor.tellInstead();
    if (!all.length) return state("inbox", t("No templates yet"), t("The built-in texts are used."));
    return h("table.folds", null, head(t("Name"), t("Language"), t("Text"), t("Encoding"), ""),
      h("tbody", null, all.map((one) => rowOf(one, editor, list))));
  };
  const list = listing(() => manage("templates"), draw), editor = new Editor(list);
  const previewButton = h("button.button.small", { type: "button", onclick: (event) => previews(event.currentTarget, page) },
    t("All languages of “{name}”", { name: "default" }));
  const section = (id, title, more, ...body) => h("section.card", { "aria-labelledby": id }, h("header", null, h("h2", { id }, title), more), body);
  page.append(h("div.head", null, h("h1", null, t("Templates"))),
    h("p.sub", null, t("The text of your messages. Without a template your users get the built-in one in their own language.")),
    h("div.cards.wide-left", null, section("edit-title", t("Text"), null, editor.form), section("preview-title", t("On the phone"), null, editor.lint)),
    section("list-title", t("Saved templates"), previewButton, h("div.table-wrap", null, list.body)), h("div", { "data-previews": "" }));
  return { refresh: list.refresh, unmount() { list.stop(); clearTimeout(editor.timer); } };
}

const partsOf = (one) => pill(t("{n} SMS each", { n: f.number(one.segments) }), one.segments > 1 ? "warn" : "good");
/** What one message costs; by where it goes, from the least to the most. */
function priceOf({ price }) {
  if (!price) return null;
  const [least, most] = [price.least, price.most].map((amount) => f.money(amount, price.currency));
  return h("span.muted.nowrap", { "data-price": "" }, least === most ? least : `${least} – ${most}`);
}
const idsOf = ({ tlvs }) => Object.entries(tlvs ?? {}).map(([tag, value]) => h("div.mono.muted.breaks", null, `${tag}: ${value}`));
function drawLint(said) {
  return [h("div.bubble", { "data-preview": "", dir: "auto" }, said.preview || "…"),
    h("div.row", null, pill(encodingName(said.encoding)), pill(f.counted("{n} character|{n} characters", said.characters)), partsOf(said), priceOf(said),
      h("span.muted", null, f.counted("{n} character left in it|{n} characters left in it", said.charactersLeft))),
    said.findings.map((one) => h("p.notice", { class: one.severity === "error" ? "bad" : "warn" }, icon("alert"), h("span", null, findingText(one.finding)))),
    said.findings.length === 0 && h("p.good", null, t("Nothing is wrong with this text."))];
}

function rowOf(one, editor, list) {
  const remove = () => sure(t("Remove this text?"), t("Messages take the next best text from then on."), t("Remove"), async () => {
    await manage("templates/remove", { name: one.name, locale: one.locale });
    list.refresh();
  });
  return h("tr", { "data-id": `${one.name}/${one.locale}` }, cells(
    ["", h("b.breaks", null, one.name)], ["", one.locale ? languageName(one.locale) : t("all languages"), "right"],
    ["", [h("span", { dir: "auto" }, one.text), idsOf(one)], "full breaks"],
    ["", [pill(encodingName(one.encoding)), " ", partsOf(one), " ", priceOf(one)], "full"],
    ["", [h("button.button.small", { type: "button", onclick: () => editor.edit(one) }, t("Edit")),
      h("button.button.small.danger", { type: "button", onclick: remove }, t("Remove"))], "actions"]));
}

async function previews(button, page) {
  const where = page.querySelector("[data-previews]");
  const itemOf = (one) => h("li.stack.tight", null,
    h("div.row", null, h("b", null, one.locale ? languageName(one.locale) : t("all languages")), pill(one.source === "template" ? t("Template") : t("Built-in")), partsOf(one), priceOf(one)),
    h("div.bubble", { lang: one.locale || null, dir: "auto" }, one.preview));
  await attempt(button, null, async () => {
    const all = await manage("templates/preview", { name: "default" });
    where.replaceChildren(h("section.card", { "aria-labelledby": "all-title" },
      h("header", null, h("h2", { id: "all-title" }, t("Preview in each language"))), h("ul.stack", null, all.map(itemOf))));
    where.scrollIntoView({ block: "nearest" });
  });
}
