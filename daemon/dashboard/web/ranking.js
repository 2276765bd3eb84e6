// A list of groups: the largest first, or the worst, or what changed most; each leads to the requests behind it.
import { changeOf } from "./compare.js";
import { h, icon, put, skeleton, state } from "./dom.js";
import { t } from "./i18n.js";
import * as f from "./format.js";

const most = 8, many_times = 4;

/** "▲ 12 %" or "▼ 3.1 pp", read out with what it is held against. `good`: up, down or none is what one wants. */
export function changeMark(change, { isRate, good = "none", before }) {
  if (change.is === "none") return null;
  if (change.is === "new") return h("span.change", null, t("new"));
  const title = t("{value} before", { value: before });
  if (change.is === "same") {
    return h("span.change", { title }, h("span", { "aria-hidden": "true" }, "="), h("span.sr", null, t("as before")));
  }
  const isUp = change.is === "up", part = Math.abs(change.by);
  const times = part >= many_times && isUp ? `${f.number(part + 1)} ×` : f.percent(part, part < 0.1 ? 1 : 0);
  const size = isRate ? t("{n} pp", { n: f.points(change.by) }) : times;
  const kind = good === "none" ? "" : isUp === (good === "up") ? "good" : "bad";
  return h("span.change", { class: kind, title }, h("span", { "aria-hidden": "true" }, isUp ? "▲ " : "▼ "),
    h("span.sr", null, isUp ? t("up by") : t("down by"), " "), size, h("span.sr", null, ", ", title));
}

/** How a list may be ordered. Of what has no rate, by number and by change. */
const orders = {
  most: { name: () => t("Most"), key: (item) => -item.size },
  rate: { name: () => t("Rate"), key: (item) => item.rate ?? 2 },
  change: { name: () => t("Change"), key: (item) => harmOf(item) },
};
/** What got worse comes first: how many more messages are lost than would have been; or how many more there are. */
function harmOf({ isBadBySize, size, rate, before }) {
  if (isBadBySize) return (before?.size ?? 0) - size;
  if (rate === null || (before?.rate ?? null) === null) return 1;
  return rate - before.rate;
}

function itemOf(item, top) {
  const hasRate = !item.isBadBySize;
  const change = hasRate ? changeOf(item.rate, item.before?.rate, true) : changeOf(item.size, item.before?.size ?? 0, false);
  const mark = changeMark(change, {
    isRate: hasRate, good: hasRate ? (item.isSure ? "up" : "none") : "down",
    before: hasRate ? f.percent(item.before?.rate) : f.number(item.before?.size ?? 0) });
  const label = [item.label, item.small && h("small", null, item.small)];
  return h("li", { "data-key": item.key },
    h("i", { "aria-hidden": "true", style: { width: `${Math.max(1.5, (item.size / top) * 100)}%` } }),
    item.href ? h("a.label", { href: item.href }, label) : h("span.label", null, label),
    h("span.number", null, f.number(item.size), " ", h("small", null, f.percent(hasRate ? item.rate : item.share, 0))),
    h("span.moved", null, mark));
}

/** draw(items, {about, none}): items are {key, label, small, href, size, rate | share with isBadBySize, before: {size, rate}, isSure}.
    A rate that may have moved by chance has no colour. */
export function ranking(id, title, columns, kind = "") {
  let order = "most", isWhole = false, drawn = null;
  const body = h("div", null, skeleton(3));
  const about = h("span.muted.columns", { "aria-hidden": "true" });
  const tools = h("div.segments.small", { role: "group", "aria-label": t("Order"), hidden: true });
  const card = h("section.card", { "aria-labelledby": id }, h("header", null, h("h2", { id }, title), tools), about, body);

  function redraw() {
    const { items, texts } = drawn;
    const names = Object.keys(orders).filter((name) => name !== "rate" || !items[0]?.isBadBySize);
    tools.hidden = items.length < 2;
    const choose = (name) => () => { order = name; redraw(); };
    const isChosen = (name) => String(name === order);
    put(tools, [order, names, title], () => names.map((name) => h("button", {
      type: "button", "aria-pressed": isChosen(name), "data-order": name, onclick: choose(name) }, orders[name].name())));
    about.textContent = items.length ? columns : "";
    const signs = items.map(({ label, ...rest }) => [rest, [label].flat().map((part) => part?.textContent ?? String(part))]);
    put(body, [signs, order, isWhole], () => (items.length ? listOf(items, texts)
      : state(texts.none ? "check" : "inbox", texts.none ?? t("Nothing yet"), null)));
  }
  function listOf(items, texts) {
    const top = Math.max(...items.map((item) => item.size)), { key } = orders[order];
    const sorted = items.map((item) => [key(item), item]).sort((a, b) => a[0] - b[0]).map(([, item]) => item);
    const shown = isWhole ? sorted : sorted.slice(0, most);
    const toggle = () => { isWhole = !isWhole; redraw(); };
    return [h("ul.rank", { class: kind, "aria-label": texts.about }, shown.map((item) => itemOf(item, top))),
      items.length > most && h("button.button.small.more", { type: "button", "aria-expanded": String(isWhole), onclick: toggle },
        isWhole ? t("Show fewer") : t("Show all {n}", { n: f.number(items.length) }))];
  }
  return { card, draw(items, texts) { drawn = { items, texts }; redraw(); } };
}
