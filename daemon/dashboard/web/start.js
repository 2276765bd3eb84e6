// In the page itself: the colours before the first paint, so that nobody in the dark sees a white flash, and the rest right after it.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem("xionid.theme");
  } catch { /* Storage may be forbidden. */ }
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;

  let isBegun = false;
  const begin = () => {
    if (isBegun) return;
    isBegun = true;
    // Modules are fetched side by side, not one after the other as they name each other.
    for (const href of [@MODULES@]) document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href }));
    import("@ASSETS@/app.js");
  };
  // Once the page stands there: scripts that come sooner take the processor from what paints it. One that nobody sees is never painted.
  new PerformanceObserver((paints) => { if (paints.getEntriesByName("first-contentful-paint").length > 0) begin(); }).observe({ type: "paint", buffered: true });
  setTimeout(begin, document.visibilityState === "visible" ? 500 : 0);
})();
