// Before the first paint, so that nobody in the dark sees a white flash.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem("xionid.theme");
  } catch { /* Storage may be forbidden. */ }
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();
