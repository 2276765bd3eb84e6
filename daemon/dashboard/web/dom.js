// Elements from values: never from markup, so that no text can become any.
import { t } from "./i18n.js";

/** What would act on the page rather than be seen, such as a mark that turns the direction of writing, shown as what it is. */
const active = /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const spelt = (character) => ("\n\t".includes(character) ? character : `\\u{${character.codePointAt(0).toString(16)}}`);
export const visible = (text) => String(text).replace(active, spelt);

const svgNames = new Set(["svg", "path", "circle", "line", "rect", "polyline"]);

/** h("a.button", {href, onclick, "aria-label": …}, child, [children], "text") — null and false children are left out. */
export function h(name, attributes, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = svgNames.has(tag) ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  if (classes.length) element.setAttribute("class", classes.join(" "));
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "class") element.classList.add(...value.split(" ").filter(Boolean));
    else if (key === "style") for (const [property, size] of Object.entries(value)) element.style.setProperty(property, size);
    else if (key === "value" || key === "checked" || key === "indeterminate") element[key] = value;
    else element.setAttribute(key, value === true ? "" : visible(value));
  }
  append(element, children);
  return element;
}

export function append(parent, children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    parent.append(child instanceof Node ? child : visible(child));
  }
  return parent;
}

/** Puts new children in place of old ones, where `what` is another than last time: what has not changed keeps focus and hover. */
export function put(parent, what, make) {
  const sign = JSON.stringify(what);
  if (parent.sign === sign) return;
  parent.sign = sign;
  parent.replaceChildren();
  append(parent, [make()]);
}

const drawings = {
  info: "M12 16v-5M12 8h.01M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
  search: "M21 21l-4.3-4.3M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14z",
  download: "M12 4v11m0 0l-4-4m4 4l4-4M5 20h14",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM5 20c.8-3.5 3.6-5 7-5s6.2 1.500 7 5",
  check: "M5 12.500l4.500 4.500L19 7.500",
  cross: "M6 6l12 12M18 6L6 18",
  back: "M15 5l-7 7 7 7",
  copy: "M9 9h10v11H9zM5 15V4h10",
  plus: "M12 5v14M5 12h14",
  inbox: "M4 13l3-8h10l3 8v6H4zM4 13h5l1.500 3h3L15 13h5",
  cloud: "M4 4l16 16M8 7.500A6 6 0 0 1 18 11a4 4 0 0 1 2.500 7M16 19H7a4.500 4.500 0 0 1-1.500-8.700",
  alert: "M12 9v5M12 17.500h.01M12 3.500L2.500 20h19z",
  dots: "M12 12h.01",
};
export function icon(name) {
  return h("svg.icon", { viewBox: "0 0 24 24", "aria-hidden": "true" }, h("path", { d: drawings[name] }));
}

let tips = 0;
/** A question mark that explains: by hover, focus and touch; Escape closes it, and the pointer may go over it. */
export function tip(text, about) {
  const id = `tip-${++tips}`;
  let shown = null, closing = 0;
  const hide = () => { shown?.remove(); shown = null; };
  const hideSoon = () => { closing = setTimeout(hide, 140); };
  const show = () => {
    clearTimeout(closing);
    if (shown) return;
    shown = h("span.tip-text", { id, role: "tooltip", onmouseenter: () => clearTimeout(closing), onmouseleave: hideSoon }, text);
    document.body.append(shown);
    const at = button.getBoundingClientRect(), size = shown.getBoundingClientRect();
    const below = at.bottom + 6 + size.height < innerHeight;
    shown.style.setProperty("left", `${Math.max(12, Math.min(at.left - 14, innerWidth - size.width - 12))}px`);
    shown.style.setProperty("top", `${below ? at.bottom + 6 : at.top - size.height - 6}px`);
  };
  const button = h("button", { type: "button", "aria-label": about, "aria-description": text, onmouseenter: show, onmouseleave: hideSoon, onfocus: show, onblur: hide, onclick: show,
    onkeydown: (event) => { if (event.key === "Escape" && shown) { hide(); event.stopPropagation(); } } }, icon("info"));
  return h("span.tip", null, button);
}

export function pill(text, kind) {
  return h("span.pill", { class: kind ?? "" }, text);
}

/** What a page says where there is nothing, or nothing yet. */
export function state(drawing, title, text, more) {
  return h("div.state", null, icon(drawing), h("strong", null, title), text && h("p", null, text), more);
}

export function skeleton(lines = 4) {
  return h("div", { "aria-hidden": "true" }, Array.from({ length: lines }, () => h("div.skeleton.line")));
}

/** Copies `text`; says so by a check mark for a moment. */
export function copyButton(text) {
  const button = h("button.icon-button", { type: "button", "aria-label": t("Copy"), title: t("Copy"), onclick: async () => {
    try { await navigator.clipboard.writeText(text); } catch { return; }
    button.replaceChildren(icon("check"));
    toast(t("Copied"));
    setTimeout(() => button.replaceChildren(icon("copy")), 1500);
  } }, icon("copy"));
  return button;
}

let toasts = null;
export function toast(text) {
  if (!toasts) document.body.append((toasts = h("div.toasts", { role: "status" })));
  const one = h("div.toast", null, text);
  toasts.append(one);
  setTimeout(() => one.remove(), 4000);
}

/** A dialog of the browser's own: focus stays inside, Escape closes, focus goes back. */
export function dialog(title, fill) {
  const box = h("dialog", { "aria-labelledby": "dialog-title", onclose: () => box.remove() });
  const close = () => box.close();
  append(box, [fill(close, h("h2", { id: "dialog-title" }, title))]);
  document.body.append(box);
  box.showModal();
  return box;
}

export function onReturn(element, act) {
  element.addEventListener("keydown", (event) => { if (event.key === "Enter") act(event); });
}
