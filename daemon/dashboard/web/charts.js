// Chart.js, fetched when the first chart is drawn and never before the page is there.
import { h } from "./dom.js";
import { t } from "./i18n.js";

let loading = null;
const library = () => (loading ??= import("./chart.js").then(() => globalThis.Chart));
const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const drawn = new Set();

/** Charts take their colours from the theme; called when it changes. */
export function recolor() {
  for (const one of drawn) {
    if (!one.canvas.isConnected) { one.chart?.destroy(); drawn.delete(one); } else if (one.data) { one.chart?.destroy(); one.chart = null; one.draw(one.data); }
  }
}

/** A figure: the canvas, and the same numbers as a table for whoever wants to read them.
    `series`: [{name, color, type: "bar"|"line", stack}]; draw({name, labels, rows: [[…]]}), where `titles` say labels in full. */
export function chartOf(series, format) {
  const canvas = h("canvas", { role: "img" });
  const table = h("details.as-table", null, h("summary", null, t("Show as a table")));
  const one = { canvas, chart: null, data: null };
  drawn.add(one);
  one.draw = async (data) => {
    one.data = data;
    canvas.setAttribute("aria-label", data.name);
    tableOf(table, series, data, format);
    const Chart = await library();
    if (!canvas.isConnected || one.data !== data) return;
    const sets = series.map((each, at) => setOf(each, data.rows.map((row) => row[at])));
    if (one.chart) {
      one.chart.data.labels = data.labels;
      sets.forEach((set, at) => Object.assign(one.chart.data.datasets[at], { data: set.data, pointRadius: set.pointRadius }));
      one.chart.update("none");
      return;
    }
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    one.chart = new Chart(canvas, { type: "bar", data: { labels: data.labels, datasets: sets }, options: optionsOf(one, series, format) });
  };
  one.element = h("div", null, h("div.chart", null, canvas), table);
  return one;
}

/** A line of two points or fewer would not be seen. */
function setOf(each, values) {
  const isLine = each.type === "line", few = values.filter((value) => value !== null).length < 3;
  return {
    label: each.name, type: each.type ?? "bar", data: values, stack: each.stack, yAxisID: "y", order: isLine ? 0 : 1,
    backgroundColor: isLine ? "transparent" : color(each.color), hoverBackgroundColor: isLine ? "transparent" : color(each.color),
    borderColor: color(each.color), borderWidth: isLine ? 2 : 0, borderRadius: 3, maxBarThickness: 26, categoryPercentage: 0.82,
    pointRadius: isLine && few ? 4 : 0, pointHoverRadius: 4, pointBackgroundColor: color(each.color), pointBorderColor: color("surface"), borderJoinStyle: "round", spanGaps: true,
  };
}

function optionsOf(one, series, format) {
  return {
    responsive: true, maintainAspectRatio: false, animation: false, interaction: { mode: "index", intersect: false },
    plugins: {
      legend: { display: false },
      tooltip: {
        backgroundColor: color("text"), titleColor: color("bg"), bodyColor: color("bg"), padding: 10, cornerRadius: 8, boxPadding: 5, usePointStyle: true, caretSize: 0, titleMarginBottom: 8, bodySpacing: 4, itemSort: (a, b) => a.datasetIndex - b.datasetIndex,
        callbacks: {
          title: ([item]) => one.data.titles?.[item.dataIndex] ?? item.label, label: (item) => `${item.dataset.label}: ${format(item.raw)}`,
          // The strongest line has the colour of the box itself.
          labelColor: (item) => ({ borderColor: "transparent", backgroundColor: item.dataset.borderColor === color("line-strong") ? color("bg") : item.dataset.borderColor }), labelPointStyle: () => ({ pointStyle: "circle" }),
        },
      },
    },
    scales: {
      x: { stacked: true, grid: { display: false }, border: { display: false }, ticks: { color: color("muted"), maxRotation: 0, autoSkipPadding: 22, padding: 4 } },
      y: {
        stacked: series.some((each) => each.stack), beginAtZero: true, grid: { color: color("line-soft"), drawBorder: false, drawTicks: false }, border: { display: false },
        ticks: { color: color("muted"), padding: 8, maxTicksLimit: 5, precision: 0, callback: (value) => format(value) },
      },
    },
  };
}

function tableOf(details, series, data, format) {
  const was = details.querySelector(".table-holder");
  const holder = h("div.table-holder", { tabindex: "0", role: "group", "aria-label": t("Show as a table") }, h("table", null,
    h("thead", null, h("tr", null, h("th", { scope: "col" }, ""), series.map((each) => h("th.number-cell", { scope: "col" }, each.name)))),
    h("tbody", null, data.labels.map((label, at) => h("tr", null, h("th", { scope: "row" }, data.titles?.[at] ?? label), data.rows[at].map((value) => h("td.number-cell", null, format(value))))))));
  was ? was.replaceWith(holder) : details.append(holder);
}

/** A small line without axes, for a card; where a value is null, it goes on from the one before. */
export function spark(values, kind = "") {
  let last = 0;
  const known = values.map((value) => (last = value ?? last));
  const top = Math.max(...known, 1e-9), step = 100 / Math.max(1, known.length - 1);
  const points = known.map((value, at) => `${(at * step).toFixed(2)} ${(28 - (value / top) * 25).toFixed(2)}`);
  const line = known.length > 1 ? `M${points.join("L")}` : `M0 ${points[0]?.split(" ")[1] ?? 28}H100`;
  return h("svg.spark", { viewBox: "0 0 100 30", preserveAspectRatio: "none", "aria-hidden": "true", class: known.some((value) => value > 0) ? kind : "is-flat" },
    h("path.area", { d: `${line}L100 30L0 30Z` }), h("path", { d: line }));
}
