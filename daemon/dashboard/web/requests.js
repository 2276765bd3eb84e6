// The log: GET /v1/otp by its own filters and cursor.
import { get, mode } from "./api.js";
import { h, icon, onReturn, pill, state, skeleton } from "./dom.js";
import { t } from "./i18n.js";
import * as f from "./format.js";
import { deliveryKind, deliveryName, problemText, reasonName, statusKind, statusName } from "./words.js";

const page_size = 50;
const statuses = ["pending", "verified", "expired", "locked", "canceled", "blocked", "failed"];
const deliveries = ["queued", "submitted", "delivered", "undelivered", "expired", "rejected", "unknown"];

export function mount(page, { go, query }) {
  const filter = { q: "", status: "", delivery: "", country: "", from: "", to: "", ...Object.fromEntries(query) };
  mode.test = query.get("test") === "true";
  let rows = [], next = null, busy = false, stopped = false, run = 0, timer = 0;

  const body = h("tbody");
  const table = h("table.folds.requests", null, h("thead", null, h("tr", null, [t("Created"), t("Phone"), t("State"), t("Delivery"), t("Country"), t("Route"), t("Delivery time"), t("Request")].map((name, at) => h("th", { scope: "col", class: at === 6 ? "number-cell" : "" }, name)))), body);
  const foot = h("div.foot");
  const list = h("div.card", { style: { padding: "0" } }, h("div.table-wrap.alone", null, table), foot);
  const count = h("span.sub", { role: "status" });
  const change = (name) => (event) => { filter[name] = event.target.value; load(); };
  const select = (name, label, options, nameOf) => h("label.field", null, h("span", null, label), h("select", { onchange: change(name) }, h("option", { value: "" }, t("All")), options.map((value) => h("option", { value, selected: filter[name] === value }, nameOf(value)))));
  const countrySelect = select("country", t("Country"), filter.country ? [filter.country] : [], f.country);
  const search = h("input", { type: "search", placeholder: t("Phone, OTP-… or reference"), value: filter.q, maxlength: 128, autocomplete: "off", spellcheck: "false",
    oninput: (event) => { clearTimeout(timer); timer = setTimeout(() => { filter.q = event.target.value.trim(); load(); }, 300); } });
  onReturn(search, () => { clearTimeout(timer); filter.q = search.value.trim(); load(); });
  const day = (name, label) => h("label.field", null, h("span", null, label), h("input", { type: "date", class: filter[name] ? "" : "is-empty", value: filter[name], max: f.today(), onchange: (event) => { event.target.classList.toggle("is-empty", !event.target.value); change(name)(event); } }));

  page.append(
    h("div.head", null, h("h1", null, t("Requests")), count,
      h("div.row", null, h("label.check", null, h("input", { type: "checkbox", checked: mode.test, onchange: (event) => { mode.test = event.target.checked; load(); } }), t("Test keys")),
        h("button.button", { type: "button", onclick: save }, icon("download"), t("CSV")))),
    h("form.filters", { role: "search", onsubmit: (event) => event.preventDefault() },
      h("label.field.search", null, h("span", null, t("Search")), search, icon("search")),
      select("status", t("State"), statuses, statusName), select("delivery", t("Delivery"), deliveries, deliveryName), countrySelect, day("from", t("From")), day("to", t("To"))),
    list);

  function asQuery() {
    const asked = { limit: page_size, status: filter.status, delivery: filter.delivery, country: filter.country };
    if (filter.from) asked.from = `${filter.from}T00:00:00Z`;
    if (filter.to) asked.to = new Date(Date.parse(filter.to) + 86_400_000).toISOString().replace(".000", "");
    if (/^[+\d][\d\s()-]{5,}$/.test(filter.q)) asked.phone = filter.q.startsWith("+") ? filter.q : `+${filter.q.replace(/^00/, "")}`;
    else if (filter.q) asked.reference = filter.q;
    return asked;
  }
  function keepInAddress() {
    const kept = Object.entries({ ...filter, test: mode.test ? "true" : "" }).filter(([, value]) => value);
    history.replaceState(null, "", `/dashboard/requests${kept.length ? `?${new URLSearchParams(kept)}` : ""}`);
  }

  async function load() {
    if (/^OTP-[0-9A-Z]{13,16}$/i.test(filter.q)) return go(`requests/${filter.q.toUpperCase()}`);
    keepInAddress();
    const mine = ++run;
    rows = [];
    next = null;
    body.replaceChildren();
    foot.replaceChildren(skeleton(6));
    foot.firstChild.style.setProperty("width", "100%");
    count.textContent = "";
    await more(mine);
  }

  async function more(mine = run) {
    if (busy && mine === run) return;
    busy = true;
    try {
      const answer = await get("/v1/otp", { ...asQuery(), cursor: next ?? "" });
      if (stopped || mine !== run) return;
      rows.push(...answer.items);
      next = answer.nextCursor ?? null;
      body.append(...answer.items.map((item) => rowOf(item)));
      told();
    } catch (failure) {
      if (stopped || mine !== run) return;
      foot.replaceChildren(h("div.notice.bad", { role: "alert" }, h("span", null, problemText(failure)), h("button.button.small", { type: "button", onclick: () => more(mine) }, t("Try again"))));
    } finally {
      if (mine === run) busy = false;
    }
  }

  function told() {
    page.dataset.ready = String(rows.length);
    count.textContent = rows.length ? t("{n} shown", { n: f.number(rows.length) }) : "";
    const isFiltered = Object.values(filter).some(Boolean);
    if (!rows.length && !next) foot.replaceChildren(isFiltered ? state("search", t("Nothing fits"), t("No request matches what you look for."), h("button.button", { type: "button", onclick: () => go("requests") }, t("Show all"))) : state("inbox", t("No requests yet"), t("The first one shows up here by itself."), h("pre", null, "curl -X POST …/v1/otp/send -H 'Authorization: Bearer xk_…' -d '{\"phone\": \"+374…\"}'")));
    else if (next) foot.replaceChildren(h("button.button", { type: "button", onclick: () => more() }, t("Show more")));
    else foot.replaceChildren(t("End of the list"));
  }

  /** Where there is no room, a row is a card of three lines: `aside` says there what has no cell. */
  function rowOf(item, isFresh = false) {
    const open = () => go(`requests/${item.requestId}`);
    const { delivery } = item;
    const took = delivery.latencyMs === undefined ? "" : f.latency(delivery.latencyMs);
    return h("tr.opens", { class: isFresh ? "fresh" : "", "data-id": item.requestId, onclick: (event) => { if (!event.target.closest("a") && !getSelection()?.toString()) open(); } },
      h("td.when", null, h("time", { datetime: item.createdAt }, f.moment(item.createdAt))),
      h("td.phone", null, h("b", null, item.phone)),
      h("td.how", null, pill(statusName(item.status), statusKind[item.status])),
      h("td.came", null, item.status === "blocked" ? h("span.muted", null, reasonName(item.reason ?? "")) : pill(deliveryName(delivery.status), deliveryKind[delivery.status]), item.status === "failed" && item.reason ? h("span.muted", null, ` ${reasonName(item.reason)}`) : null),
      h("td.wide-only", null, h("span", { title: f.country(item.country) }, item.country || f.nothing)),
      h("td.wide-only", null, delivery.route || ""),
      h("td.wide-only.number-cell", null, took),
      h("td.id", null, h("a.mono", { href: `/dashboard/requests/${item.requestId}` }, item.requestId)),
      h("td.aside", { "aria-hidden": "true" }, [item.country, took].filter(Boolean).join(" · ")));
  }

  /** Looks at the newest page again: what is new comes on top, what changed is drawn anew, where it stands. */
  async function refresh() {
    if (busy || !rows.length && foot.querySelector(".skeleton")) return;
    const mine = run;
    try {
      const answer = await get("/v1/otp", asQuery());
      if (stopped || mine !== run || busy) return;
      const known = new Map(rows.map((item, at) => [item.requestId, at]));
      const fresh = answer.items.filter((item) => !known.has(item.requestId));
      // A whole page of new ones: what lies between is not known any more.
      if (fresh.length === page_size && rows.length) return load();
      for (const item of answer.items) {
        const at = known.get(item.requestId);
        if (at === undefined || JSON.stringify(rows[at]) === JSON.stringify(item)) continue;
        rows[at] = item;
        body.querySelector(`[data-id="${item.requestId}"]`)?.replaceWith(rowOf(item));
      }
      if (fresh.length) {
        rows.unshift(...fresh);
        body.prepend(...fresh.map((item) => rowOf(item, true)));
        told();
      }
    } catch { /* The next look tells. */ }
  }

  /** What is shown, as a file. Cells that a spreadsheet would take for a formula are quoted as text. */
  function save() {
    const cell = (value) => {
      const text = String(value ?? "");
      const safe = /^[=@\t\r]|^[+-](?!\d)/.test(text) ? `'${text}` : text;
      return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
    };
    const names = ["createdAt", "requestId", "phone", "country", "status", "reason", "delivery", "route", "carrier", "error", "latencyMs", "sends", "reference"];
    const lines = rows.map((item) => [item.createdAt, item.requestId, item.phone, item.country, item.status, item.reason, item.delivery.status, item.delivery.route, item.delivery.carrier, item.delivery.error, item.delivery.latencyMs, item.sends, item.reference].map(cell).join(","));
    const url = URL.createObjectURL(new Blob(["\ufeff", [names.join(","), ...lines].join("\r\n"), "\r\n"], { type: "text/csv;charset=utf-8" }));
    h("a", { href: url, download: `requests-${f.today()}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  const watch = new IntersectionObserver((seen) => { if (seen.some((one) => one.isIntersecting) && next && !busy && rows.length < 2000) more(); }, { rootMargin: "400px" });
  watch.observe(foot);
  load();
  get("/v1/stats/countries", { window: "90d" }).then(({ items }) => {
    const known = items.map((item) => item.country).filter((code) => code && code !== filter.country);
    countrySelect.querySelector("select").append(...known.map((value) => h("option", { value }, f.country(value))));
  }).catch(() => {});
  return { refresh, unmount() { stopped = true; watch.disconnect(); clearTimeout(timer); mode.test = false; } };
}
