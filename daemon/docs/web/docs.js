// Tabs of snippets, one language for all of them, remembered; and where one is in the page.
const kept = "xionid-docs-language";
const groups = [...document.querySelectorAll(".tabs")];

function choose(language) {
  for (const group of groups) {
    for (const tab of group.querySelectorAll("[role=tab]")) {
      const isIt = tab.dataset.language === language;
      tab.setAttribute("aria-selected", String(isIt));
      tab.tabIndex = isIt ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !isIt;
    }
  }
}

for (const group of groups) {
  group.classList.add("live");
  const list = group.querySelector("[role=tablist]");
  list.hidden = false;
  const tabs = [...list.querySelectorAll("[role=tab]")];
  const take = (tab) => {
    const before = list.getBoundingClientRect().top;
    choose(tab.dataset.language);
    window.scrollBy(0, list.getBoundingClientRect().top - before); // Others above may have changed their height.
    try { localStorage.setItem(kept, tab.dataset.language); } catch { /* Then it is asked again. */ }
    tab.focus({ preventScroll: true });
  };
  list.addEventListener("click", (event) => event.target.dataset.language && take(event.target));
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    take(tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length]);
  });
}

let language = "sh";
try { language = localStorage.getItem(kept) ?? language; } catch { /* The first one. */ }
if (groups.length) choose(document.querySelector(`[data-language="${CSS.escape(language)}"]`) ? language : "sh");

const links = new Map([...document.querySelectorAll(".contents a")].map((link) => [link.hash.slice(1), link]));
const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    for (const link of links.values()) link.classList.remove("here");
    links.get(entry.target.id).classList.add("here");
  }
}, { rootMargin: "-70px 0px -70% 0px" });
for (const name of links.keys()) {
  const target = document.getElementById(name);
  if (target) seen.observe(target);
}
