// Filters that somebody wants again, by a name of theirs; kept in this browser, for each app.
import { session } from "./api.js";
import { dialog, h } from "./dom.js";
import { t } from "./i18n.js";
import { field } from "./managed.js";

const kept_as = "xionid.views", most = 30;

function all() {
  try {
    const views = JSON.parse(localStorage.getItem(kept_as) ?? "[]");
    return Array.isArray(views) ? views.filter((one) => one && typeof one.name === "string" && typeof one.query === "string") : [];
  } catch {
    return [];
  }
}
function keepAll(views) {
  try { localStorage.setItem(kept_as, JSON.stringify(views.slice(-most))); } catch { /* Storage may be forbidden. */ }
}
const isOfApp = (one) => one.app === session.app;
const mine = () => all().filter(isOfApp);

/** A list to choose from, to add to and to take from. `queryNow()`: what is asked for now; `take(query)`: asks for it again. */
export function viewPick(queryNow, take) {
  const pick = h("select.views", { "aria-label": t("Saved views"), onchange: (event) => choose(event.target.value) });
  const fill = () => {
    const isHere = mine().some((one) => one.query === queryNow());
    pick.replaceChildren(h("option", { value: "" }, t("Saved views")),
      ...mine().map((one) => h("option", { value: `=${one.name}` }, one.name)), h("option", { value: "+" }, t("Save this view…")),
      ...(isHere ? [h("option", { value: "-" }, t("Remove this view"))] : []));
    pick.value = "";
  };
  function choose(what) {
    if (what === "+") save(queryNow(), fill);
    if (what === "-") keepAll(all().filter((one) => !isOfApp(one) || one.query !== queryNow()));
    const view = mine().find((one) => `=${one.name}` === what);
    if (view) take(view.query);
    fill();
  }
  pick.addEventListener("focus", fill);
  fill();
  return pick;
}

function save(query, done) {
  dialog(t("Save this view"), (close, title, cancel) => {
    const name = h("input", { type: "text", maxlength: 60, required: true, autocomplete: "off", dir: "auto" });
    const submit = (event) => {
      event.preventDefault();
      const wanted = name.value.trim();
      keepAll([...all().filter((one) => !isOfApp(one) || one.name !== wanted), { app: session.app, name: wanted, query }]);
      close();
      done();
    };
    return h("form", { onsubmit: submit }, title, field(t("Name"), name), h("p.hint", null, t("It is kept in this browser.")),
      h("div.row", null, h("button.button", { type: "button", onclick: cancel }, t("Cancel")),
        h("button.button.primary", { type: "submit" }, t("Save"))));
  });
}
