// Elements from values: never from markup, so that no text can become any.
import { t } from "./i18n.js";

/** What would act on the page rather than be seen, such as a mark that turns the direction of writing, shown as what it is. */
const active = /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const escaped = (character) => `\\u{${character.codePointAt(0).toString(16)}}`;
export const visible = (text) => String(text).replace(active, (one) => (one === "\n" || one === "\t" ? one : escaped(one)));

const svgNames = new Set(["svg", "path", "circle", "line", "rect", "polyline"]);

/** Listeners are looked up when their event comes, so that `morph` can hand new ones to an element that stays. */
function listen(element, type, act) {
  element.acts ??= {};
  if (!(type in element.acts)) element.addEventListener(type, (event) => element.acts[type]?.(event));
  element.acts[type] = act;
}

/** h("a.button", {href, onclick, "aria-label": …}, child, [children], "text") — null and false children are left out. */
export function h(name, attributes, ...children) {
  const [tag, ...classes] = name.split(".");
  const isSvg = svgNames.has(tag);
  const element = isSvg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  if (classes.length) element.setAttribute("class", classes.join(" "));
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) listen(element, key.slice(2), value);
    else if (key === "class") element.classList.add(...value.split(" ").filter(Boolean));
    else if (key === "style") for (const [name, size] of Object.entries(value)) element.style.setProperty(name, size);
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

const keyOf = (node) => (node.nodeType === 1 ? node.dataset.id ?? node.dataset.key ?? node.id : "");

/** Makes `was` look and act like `now`; what stays keeps focus, selection, scroll and whether it is open. */
function morph(was, now) {
  if (was.nodeType === 3 && now.nodeType === 3) {
    if (was.data !== now.data) was.data = now.data;
    return;
  }
  if (was.nodeName !== now.nodeName || keyOf(was) !== keyOf(now)) return void was.replaceWith(now);
  for (const { name } of [...was.attributes]) {
    if (!now.hasAttribute(name) && !(name === "open" && was.nodeName === "DETAILS")) was.removeAttribute(name);
  }
  for (const { name, value } of now.attributes) {
    // The policy allows styles by script, not by attribute.
    if (name === "style") was.style.cssText = now.style.cssText;
    else if (was.getAttribute(name) !== value) was.setAttribute(name, value);
  }
  for (const type of Object.keys(was.acts ?? {})) was.acts[type] = now.acts?.[type];
  for (const [type, act] of Object.entries(now.acts ?? {})) listen(was, type, act);
  morphChildren(was, now);
}

/** Children with a key (`data-id`, `data-key`, `id`) are found again by it, wherever they stood; the others by their place. */
function morphChildren(was, now) {
  const wanted = new Set([...now.childNodes].map(keyOf));
  for (const node of [...was.childNodes]) if (keyOf(node) && !wanted.has(keyOf(node))) node.remove();
  const keyed = new Map([...was.childNodes].filter(keyOf).map((node) => [keyOf(node), node]));
  let at = was.firstChild;
  for (const next of [...now.childNodes]) {
    const key = keyOf(next), same = key ? keyed.get(key) : at && !keyOf(at) ? at : null;
    if (!same) was.insertBefore(next, at);
    else {
      if (same === at) at = at.nextSibling;
      else was.insertBefore(same, at);
      morph(same, next);
    }
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

/** Draws `make()` into `parent` where `what` is another than last time, in place: see `morph`. */
export function put(parent, what, make) {
  const sign = JSON.stringify(what);
  if (parent.sign === sign) return;
  parent.sign = sign;
  const focused = document.activeElement;
  morphChildren(parent, append(document.createDocumentFragment(), [make()]));
  // Who was moved lost it on the way.
  if (focused !== document.activeElement && focused?.isConnected) focused.focus({ preventScroll: true });
}
/** Puts `children` in place of whatever stands there; the next `put` draws anew. */
export function replace(parent, ...children) {
  parent.sign = null;
  parent.replaceChildren();
  append(parent, children);
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

/** A question mark that explains, by hover, focus and touch. What it says is in its `aria-description`. */
export function tip(text, about) {
  const button = h("button", { type: "button", "aria-label": about, "aria-description": text, "data-tip": "" }, icon("info"));
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

/** Puts `text` on the clipboard, over plain HTTP by the old way too. False: neither works, and what is shown is marked. */
export async function copyText(text, shown) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch { /* Only a page that came by HTTPS, or from this machine, has the new way. */ }
  const area = h("textarea", { class: "sr", readonly: true, "aria-hidden": "true" }, text);
  const focused = document.activeElement;
  (focused?.closest("dialog") ?? document.body).append(area);
  area.select();
  let isDone = false;
  try { isDone = document.execCommand("copy"); } catch { /* Forbidden. */ }
  area.remove();
  focused?.focus({ preventScroll: true });
  if (!isDone && shown) getSelection().selectAllChildren(shown);
  return isDone;
}
const sayCopied = (isDone) => toast(isDone ? t("Copied") : t("This browser does not let the page copy: mark the text and press Ctrl+C."));

/** Copies `text`; says so by a check mark for a moment. `name`: what stands on the button, where it is not a picture. */
export function copyButton(text, name, shown) {
  const copy = async () => {
    const isDone = await copyText(text, shown?.());
    sayCopied(isDone);
    if (!isDone || name) return;
    button.replaceChildren(icon("check"));
    setTimeout(() => button.replaceChildren(icon("copy")), 1500);
  };
  const button = name
    ? h("button.button", { type: "button", onclick: copy }, icon("copy"), name)
    : h("button.icon-button", { type: "button", "aria-label": t("Copy"), title: t("Copy"), onclick: copy }, icon("copy"));
  return button;
}

let toasts = null;
export function toast(text) {
  toasts ??= h("div.toasts", { role: "status" });
  // Over a dialog only what is in it is seen.
  const over = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
  if (toasts.parentElement !== over) over.append(toasts);
  const one = h("div.toast", null, text);
  toasts.append(one);
  setTimeout(() => one.remove(), 4000);
}

/** What was typed and is kept nowhere: a form says so by `data-typed`, from the first key on until it is sent. */
export const noteTyping = (form) => {
  form.addEventListener("input", () => { form.dataset.typed = ""; });
  return form;
};
export const isTyped = (within = document) => within.matches?.("[data-typed]") || within.querySelector("[data-typed]") !== null;
export const mayDrop = (within = document) => !isTyped(within) || confirm(t("What you typed is not saved. Drop it?"));

let dialogs = 0;
/** A dialog of the browser's own: focus stays inside, Escape closes, focus goes back. Typed text is not dropped unasked. */
export function dialog(title, fill) {
  const id = `dialog-${++dialogs}`;
  const box = h("dialog", {
    "aria-labelledby": id, onclose: () => {
      // What is told of its work outlives it.
      if (toasts && box.contains(toasts)) document.body.append(toasts);
      box.remove();
    },
    oncancel: (event) => { if (event.target === box && !mayDrop(box)) event.preventDefault(); },
  });
  const close = () => box.close();
  append(box, [fill(close, h("h2", { id }, title), () => { if (mayDrop(box)) close(); })]);
  for (const form of box.querySelectorAll("form")) noteTyping(form);
  document.body.append(box);
  box.showModal();
  return box;
}

export function onReturn(element, act) {
  element.addEventListener("keydown", (event) => { if (event.key === "Enter") act(event); });
}
