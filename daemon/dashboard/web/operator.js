// The operator's view: what `xionctl status`, `app list`, `usage` and `route list` say.
import { Offline, manage } from "./api.js";
import { h, pill, put, skeleton, state, tip } from "./dom.js";
import { t } from "./i18n.js";
import * as f from "./format.js";
import { cells, head } from "./managed.js";
import { problemText } from "./words.js";

const kinds = { bound: "good", paused: "warn", draining: "warn", connecting: "info", binding: "info", down: "bad" };
const stateName = (name) => ({ bound: t("Bound"), paused: t("Paused"), draining: t("Draining"), connecting: t("Connecting"), binding: t("Binding"), down: t("Down") })[name] ?? name;

const breakerName = (name) => ({ closed: t("closed"), open: t("open"), half_open: t("half open"), "half-open": t("half open") })[name] ?? name;
const n = "number-cell";

export function mount(page, { chooseApp }) {
  let stopped = false, timer = 0;
  const cards = h("div.cards.four", null, Array.from({ length: 4 }, () => h("div.card.skeleton.tall")));
  const part = (id, name) => { const body = h("div.table-wrap", null, skeleton(3)); page.append(h("section.card", { "aria-labelledby": id }, h("header", null, h("h2", { id }, name)), body)); return body; };
  const trouble = h("div.trouble");
  page.append(h("div.head", null, h("h1", null, t("Operations"))), trouble, cards);
  const carriers = part("carriers-title", t("Carriers")), apps = part("apps-title", t("Apps")), routes = part("routes-title", t("Routes")), queue = part("queue-title", t("Queue"));

  async function refresh() {
    try {
      const [status, usage, table, waiting] = await Promise.all(["status", "usage", "routes", "queue"].map((name) => manage(`operator/${name}`)));
      if (stopped) return;
      trouble.replaceChildren();
      draw(status, usage, table, waiting.waiting);
      page.dataset.ready = "true";
    } catch (failure) {
      if (stopped || failure instanceof Offline) return;
      trouble.replaceChildren(h("div.notice.bad", { role: "alert" }, t("The numbers could not be read: {why}", { why: problemText(failure) })));
    }
  }

  function draw(status, usage, table, waiting) {
    const bound = status.carriers.filter((one) => one.state === "bound").length;
    const figure = (name, value, more, meaning, kind = "") => h("section.card.kpi", null, h("h2.name", null, name, meaning && tip(meaning, t("What is {name}?", { name }))), h("div.value", { class: kind }, value), h("div.more", null, more));
    put(cards, [bound, status.carriers.length, status.queue, status.store, Math.floor(status.uptimeSeconds / 60), status.version], () => [
      figure(t("Carriers bound"), `${f.number(bound)} / ${f.number(status.carriers.length)}`, bound === status.carriers.length ? t("All is well") : t("See below"), null, bound ? "" : "bad"),
      figure(t("Queue"), f.number(status.queue.size), t("of {n} at most", { n: f.number(status.queue.limit) }), t("Messages that wait for a carrier. Above its limit the API answers 503.")),
      figure(t("Store"), status.store.writable ? t("Writable") : t("Trouble"), status.store.trouble || t("commits p50 {p50}, p99 {p99}", { p50: f.latency(Math.round(status.store.commitP50Ms * 10) / 10), p99: f.latency(Math.round(status.store.commitP99Ms * 10) / 10) }), null, status.store.writable ? "" : "bad"),
      figure(t("Uptime"), uptime(status.uptimeSeconds), t("version {version}", { version: status.version }))]);
    put(carriers, status.carriers, () => status.carriers.length ? h("table.folds", null, head(t("Carrier"), t("State"), [t("Binds")], [t("In flight")], [t("Per second")], [t("Round trip")], [t("Accepted")], [t("Refused")], [t("Receipts")], t("Breaker"), t("Last error")), h("tbody", null, status.carriers.map((one) => h("tr", { "data-carrier": one.name }, cells(
      ["", h("b", null, one.name)], ["", pill(stateName(one.state), kinds[one.state]), "right"], [t("Binds"), `${one.binds}/${one.bindsWanted}`, n], [t("In flight"), `${f.number(one.inFlight)}/${f.number(one.window)}`, n], [t("Per second"), f.number(one.rate, 1), n], [t("Round trip"), one.rttP50Ms === undefined ? f.nothing : f.latency(one.rttP50Ms), n],
      [t("Accepted"), f.number(one.accepted), n], [t("Refused"), f.number(one.refused), n], [t("Receipts"), f.number(one.receipts), n], [t("Breaker"), breakerName(one.breaker)], ["", one.lastError ? h("span.bad", null, one.lastError) : "", "full"]))))) : state("inbox", t("No carriers"), t("They stand in the configuration: [[carrier]].")));
    put(apps, usage, () => usage.length ? h("table.folds", null, head(t("App"), t("Plan"), [t("Used")], [t("Included")], [t("Remaining")], [t("Requests")], [t("Resends")]), h("tbody", null, usage.map((one) => h("tr", null, cells(["", h("a", { href: "/dashboard/", onclick: () => chooseApp(one.app) }, h("b", null, one.app))], ["", pill(one.plan), "right"], [t("Used"), f.number(one.used), n], [t("Included"), one.included ? f.number(one.included) : "∞", n], [t("Remaining"), one.remaining === undefined ? "∞" : f.number(one.remaining), n], [t("Requests"), f.number(one.requests), n], [t("Resends"), f.number(one.resends), n]))))) : state("inbox", t("There is no app yet"), null));
    put(routes, table, () => table.length ? h("table.folds", null, head(t("Route"), t("Matches"), t("Carriers"), t("Fails over after")), h("tbody", null, table.map((one) => h("tr", null, cells(["", h("b", null, one.name)], ["", [one.prefix, one.country && f.country(one.country), one.network, one.app, one.purpose].filter(Boolean).join(" · ") || t("everything else"), "right"], ["", one.carriers.join(" → ")], [t("Fails over after"), f.seconds(one.failoverAfterSeconds)]))))) : state("inbox", t("No routes"), null));
    put(queue, waiting, () => waiting.length ? h("table.folds", null, head(t("Request"), t("Message"), t("Until")), h("tbody", null, waiting.map((one) => h("tr", null, cells(["", h("span.mono", null, one.requestId)], [t("Message"), f.number(one.send)], [t("Until"), f.moment(one.expiresAt)]))))) : state("check", t("Nothing is waiting"), null));
  }
  const uptime = (all) => all < 3600 ? t("{n} min", { n: f.number(Math.floor(all / 60)) }) : all < 172_800 ? t("{n} h", { n: f.number(Math.floor(all / 3600)) }) : t("{n} d", { n: f.number(Math.floor(all / 86_400)) });

  refresh();
  timer = setInterval(() => { if (!document.hidden) refresh(); }, 2000);
  return { refresh, unmount() { stopped = true; clearInterval(timer); } };
}
