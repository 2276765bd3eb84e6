import { get } from "./api.js";
import { h, pill, state } from "./dom.js";
import { t } from "./i18n.js";
import * as f from "./format.js";
import { cells, head, listing } from "./managed.js";
import { roleName } from "./words.js";

const rowOf = (one) => h("tr", { "data-id": one.id }, cells(
  ["", [h("b", { dir: "auto" }, one.person || one.id), one.isThisOne && [" ", pill(t("This session"), "good")]]],
  ["", roleName(one.role), "right"], [t("From"), one.address || f.nothing, "full"], [t("Since"), f.day(one.createdAt), "full"],
  [t("Until"), f.day(one.expiresAt), "full"]));

export function mount(page) {
  const read = () => get("/dashboard/api/sessions").then((answer) => answer.items);
  const list = listing(read, (all) => (all.length
    ? h("table.folds", null, head(t("Person"), t("Role"), t("From"), t("Since"), t("Until")), h("tbody", null, all.map(rowOf)))
    : state("inbox", t("No sessions"), null)));
  page.append(h("div.head", null, h("h1", null, t("Sessions"))),
    h("p.sub", null, t("Who is signed in. “Sign out everywhere” ends all of your own sessions; the operator ends any of them by xionctl dashboard revoke.")),
    h("div.card.bare", null, h("div.table-wrap.alone", null, list.body)));
  return { refresh: list.refresh, unmount: list.stop };
}
