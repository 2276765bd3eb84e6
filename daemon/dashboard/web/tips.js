// The explanation behind a question mark (`tip` makes one), by hover, focus and touch; Escape closes it.
import { h } from "./dom.js";

/** The explanation that is open: one at a time, over whatever was drawn meanwhile, and gone with its button. */
let told = null;
function hideTip() {
  told?.box.remove();
  clearInterval(told?.watch);
  clearTimeout(told?.closing);
  told = null;
}
function place(button, box) {
  const at = button.getBoundingClientRect(), size = box.getBoundingClientRect();
  const isBelow = at.bottom + 6 + size.height < innerHeight;
  box.style.setProperty("left", `${Math.max(12, Math.min(at.left - 14, innerWidth - size.width - 12))}px`);
  box.style.setProperty("top", `${isBelow ? at.bottom + 6 : at.top - size.height - 6}px`);
}
function showTip(button) {
  clearTimeout(told?.closing);
  if (told?.button === button) return;
  hideTip();
  const box = h("span.tip-text", { role: "tooltip" }, button.getAttribute("aria-description"));
  (button.closest("dialog") ?? document.body).append(box);
  place(button, box);
  told = { button, box, closing: 0, watch: setInterval(() => { if (!button.isConnected) hideTip(); }, 500) };
}
const tipOf = (event) => event.target.closest?.("[data-tip]");

export function watchTips() {
  for (const type of ["mouseover", "focusin", "click"]) {
    document.addEventListener(type, (event) => {
      const button = tipOf(event);
      if (button) showTip(button);
      else if (told && event.target === told.box) clearTimeout(told.closing);
      else if (told && type === "click") hideTip();
    });
  }
  document.addEventListener("mouseout", (event) => {
    // The pointer may go over to the text.
    if (told && (tipOf(event) || event.target === told.box) && document.activeElement !== told.button) {
      clearTimeout(told.closing);
      told.closing = setTimeout(hideTip, 140);
    }
  });
  document.addEventListener("focusout", (event) => { if (tipOf(event)) hideTip(); });
  addEventListener("scroll", () => { if (told) place(told.button, told.box); }, { passive: true });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !told) return;
    hideTip();
    event.stopPropagation();
    event.preventDefault();
  }, true);
}
