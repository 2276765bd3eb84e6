// Who changed what, newest first: what `xionctl audit` says; to an owner, of the own app alone.
import { manage, saveAs, session } from "./api.js";
import { h, icon, onReturn, pill, state } from "./dom.js";
import { t } from "./i18n.js";
import * as f from "./format.js";
import { attempt, cells, field, head, listing } from "./managed.js";
import { push, hrefOf } from "./places.js";

const page_rows = 50, rows_at_most = 5000, saved_at_most = 100_000;
const spans = () => [["", t("All that is kept")], ["24h", t("24 hours")], ["7d", t("7 days")], ["30d", t("30 days")], ["90d", t("90 days")]];
const outcomes = () => ({ done: [t("Done"), "good"], refused: [t("Refused"), "bad"], begun: [t("Not known"), "warn"] });
/** `of`: an operator asks for the changes of the app that is looked at alone. */
const names = ["by", "what", "since", "of"];
const isOfAll = () => session.role === "operator";
/** Owners are not told which of the operators it was. */
const whoOf = ({ by }) => (by === "operator" ? t("Operator") : by);

/** A cell that no spreadsheet takes for a formula. */
function csvCell(value) {
  const text = String(value ?? ""), safe = /^[=@\t\r+-]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
const columns = ["at", "by", "from", "command", "arguments", "before", "after", "outcome", "reason"];
function saveCsv(rows) {
  const lines = [columns, ...rows.map((row) => columns.map((name) => row[name]))].map((line) => line.map(csvCell).join(","));
  saveAs(new Blob([`${lines.join("\r\n")}\r\n`], { type: "text/csv;charset=utf-8" }), `audit-${f.today()}.csv`);
}

function rowOf(one) {
  const [name, kind] = outcomes()[one.outcome] ?? [one.outcome, ""];
  const moved = one.before || one.after;
  return h("tr", { "data-id": `${one.at} ${one.by} ${one.command} ${one.arguments}` }, cells(
    ["", h("time", { datetime: one.at }, f.moment(one.at)), "nowrap"],
    ["", [h("b", { dir: "auto" }, whoOf(one)), h("div.muted", null, one.from)], "breaks"],
    ["", [h("span.mono", null, one.command), h("div.mono.muted.breaks", null, one.arguments)], "full breaks"],
    ["", [moved && h("details", null, h("summary", null, t("Old and new")), h("pre.code", null, `${one.before || "–"}\n→ ${one.after || "–"}`)),
      one.reason && h("div.bad.breaks", null, one.reason)], "full breaks"], ["", pill(name, kind), "full"]));
}

export function mount(page, { query }) {
  let limit = page_rows, timer = 0;
  const filter = Object.fromEntries(names.map((name) => [name, query.get(name) ?? ""]));
  const read = (most) => {
    const { of, ...others } = filter, wish = Object.entries(others).filter(([, value]) => value);
    return manage(isOfAll() && of !== "app" ? "operator/audit" : "audit", { limit: most, ...Object.fromEntries(wish) });
  };
  /** The whole of what is filtered, not what happens to be shown. */
  const save = async () => saveCsv(await read(saved_at_most));
  const list = listing(() => read(limit), (rows) => {
    const more = rows.length === limit && limit < rows_at_most;
    const goOn = () => { limit = Math.min(rows_at_most, limit * 2); list.refresh(); };
    if (!rows.length) return state("search", t("Nothing fits"), null);
    return [h("table.folds", null, head(t("When"), t("Who"), t("What"), t("Change"), t("Outcome")), h("tbody", null, rows.map(rowOf))),
      more && h("div.foot", null, h("button.button", { type: "button", onclick: goOn }, t("Show more")))];
  });
  const change = (name, value) => {
    if (filter[name] === value) return;
    filter[name] = value;
    limit = page_rows;
    push(hrefOf("audit", filter));
    list.refresh();
  };
  const text = (name, label, placeholder) => {
    const typed = (event) => { clearTimeout(timer); timer = setTimeout(() => change(name, event.target.value.trim()), 300); };
    const input = h("input", { type: "search", value: filter[name], placeholder, maxlength: 100, autocomplete: "off", dir: "auto", oninput: typed });
    onReturn(input, () => change(name, input.value.trim()));
    return field(label, input);
  };
  const select = (name, options) => h("select", { onchange: (event) => change(name, event.target.value) },
    options.map(([value, text]) => h("option", { value, selected: value === filter[name] }, text)));
  const apps = () => [["", t("All")], ["app", session.app]];
  page.append(h("div.head", null, h("h1", null, t("Audit")),
    h("button.button", { type: "button", onclick: (event) => attempt(event.currentTarget, null, save) }, icon("download"), t("CSV"))),
  h("p.sub", null, isOfAll()
    ? t("Every change that was made by xionctl or here, kept for a year. Secrets and phone numbers are never in it whole.")
    : t("Every change to this app, by you, your colleagues, your keys or the operator, kept for a year. Secrets and phone numbers are never in it whole.")),
  h("form.filters.wide-fields", { role: "search", onsubmit: (event) => event.preventDefault() },
    text("by", t("Who"), t("a user or a person")),
    text("what", t("What"), isOfAll() ? "carrier, key revoke" : "template, key revoke"), field(t("Since"), select("since", spans())),
    isOfAll() && session.app && field(t("App"), select("of", apps()))),
  h("div.card.bare", null, h("div.table-wrap.alone", null, list.body)));
  return { refresh: list.refresh, unmount() { list.stop(); clearTimeout(timer); } };
}
