// Chart.js, fetched when the first chart is drawn and never before the page is there.
import { saveAs } from "./api.js";
import { h, icon } from "./dom.js";
import { t } from "./i18n.js";
import * as f from "./format.js";
import { someOf } from "./marks.js";

let loading = null;
const library = () => (loading ??= import("./chart.js").then(() => globalThis.Chart));
const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const drawn = new Set();

/** Charts take their colours from the theme; called when it changes. */
export function recolor() {
  for (const one of drawn) {
    one.chart?.destroy();
    one.chart = null;
    if (one.data) one.draw(one.data);
  }
}
for (const medium of ["(forced-colors: active)", "print"]) matchMedia(medium).addEventListener("change", recolor);
// Paper is as wide as it is, whatever the window was.
addEventListener("beforeprint", () => drawn.forEach((one) => one.chart?.resize()));
addEventListener("afterprint", () => drawn.forEach((one) => one.chart?.resize()));

/** How the values of a chart are spread: counts from nothing, rates near their own range, latencies by their magnitude. */
const marks_ms = [10, 100, 1000, 10_000, 60_000, 600_000, 3_600_000, 86_400_000];
export const scales = {
  count: { format: (value) => f.number(value), of: () => ({ beginAtZero: true, min: 0 }) },
  rate: {
    format: (value) => f.percent(value),
    of: (values) => ({ min: Math.max(0, Math.floor((Math.min(...values, 0.995) - 0.005) * 20) / 20), max: 1 }),
  },
  latency: {
    format: (value) => f.latency(value),
    of: (values) => ({
      min: marks_ms.findLast((mark) => mark <= Math.min(...values, 100)) ?? marks_ms[0],
      max: marks_ms.find((mark) => mark >= Math.max(...values, 1000)) ?? marks_ms.at(-1),
    }),
  },
};

/** A figure: the canvas, and the same numbers as a table for whoever wants to read them.
    `series`: [{name, color, type: "bar"|"line", stack, isBefore}]; `scale`: count, rate or latency.
    draw({name, labels, rows: [[…]], titles, links, marks}), where `titles` say labels in full, `links(at, series)` leads to what
    is behind a point, and `marks[at]` are lines of what happened then. */
export function chartOf(series, scale = "count") {
  const canvas = h("canvas", { role: "img" });
  const table = h("details.as-table", null, h("summary", null, t("Show as a table")));
  const one = { canvas, chart: null, data: null, scale: scales[scale], isLog: scale === "latency" };
  const save = h("button.button.small.plain", { type: "button", onclick: () => saveChart(one) }, icon("download"), "PNG");
  drawn.add(one);
  one.draw = async (data) => {
    one.data = data;
    canvas.setAttribute("aria-label", data.name);
    tableOf(table, series, one);
    const Chart = await library();
    if (one.isGone || one.data !== data) return;
    const sets = series.map((each, at) => setOf(each, data.rows.map((row) => row[at])));
    if (one.chart) {
      one.chart.data.labels = data.labels;
      sets.forEach((set, at) => Object.assign(one.chart.data.datasets[at], { data: set.data, pointRadius: set.pointRadius }));
      Object.assign(one.chart.options.scales.y, spread(one));
      one.chart.update("none");
      return;
    }
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    const options = optionsOf(one, series);
    const drawn = { labels: data.labels, datasets: sets };
    one.chart = new Chart(canvas, { type: "bar", data: drawn, options, plugins: [markerOf(one)] });
  };
  one.destroy = () => {
    one.isGone = true;
    one.chart?.destroy();
    drawn.delete(one);
  };
  one.element = h("div", null, h("div.chart", null, canvas), h("div.row.apart.under-chart", null, table, save));
  return one;
}

const spread = (one) => one.scale.of(one.data.rows.flat().filter((value) => value !== null && value > 0));

/** A line of two points or fewer would not be seen. */
function setOf(each, values) {
  const isLine = each.type === "line", few = values.filter((value) => value !== null).length < 3;
  const paint = color(each.color), fill = isLine ? "transparent" : paint;
  return {
    label: each.name, type: each.type ?? "bar", data: values, stack: each.stack ?? each.name, yAxisID: "y", order: isLine ? 0 : 1,
    backgroundColor: fill, hoverBackgroundColor: fill, borderColor: paint, borderWidth: isLine ? (each.isBefore ? 1.5 : 2) : 0,
    borderDash: each.isBefore ? [4, 4] : [], borderRadius: 3, maxBarThickness: 26, categoryPercentage: 0.82,
    pointRadius: isLine && few && !each.isBefore ? 4 : 0, pointHoverRadius: 4, pointBackgroundColor: paint,
    pointBorderColor: color("surface"), borderJoinStyle: "round", spanGaps: false,
  };
}

/** A thin line through each point of time at which something happened, with a flag above it. */
const markerOf = (one) => ({ id: "marks", afterDatasetsDraw(chart) {
  const { ctx: pen, chartArea: { top, bottom }, scales: { x } } = chart;
  pen.save();
  pen.strokeStyle = pen.fillStyle = color("accent");
  pen.setLineDash([2, 3]);
  for (const [at, lines] of (one.data.marks ?? []).entries()) {
    if (!lines.length) continue;
    const place = Math.round(x.getPixelForValue(at)) + 0.5;
    pen.beginPath();
    pen.moveTo(place, top);
    pen.lineTo(place, bottom);
    pen.stroke();
    pen.beginPath();
    pen.moveTo(place - 5, top - 1);
    pen.lineTo(place + 5, top - 1);
    pen.lineTo(place, top + 6);
    pen.fill();
  }
  pen.restore();
} });

function tooltipOf(one) {
  return {
    backgroundColor: color("text"), titleColor: color("bg"), bodyColor: color("bg"), footerColor: color("bg"), footerMarginTop: 8,
    footerFont: { weight: "normal" }, padding: 10, cornerRadius: 8, boxPadding: 5,
    usePointStyle: true, caretSize: 0, titleMarginBottom: 8, bodySpacing: 4,
    itemSort: (a, b) => a.datasetIndex - b.datasetIndex, filter: (item) => item.raw !== null,
    callbacks: {
      title: ([item]) => item && (one.data.titles?.[item.dataIndex] ?? item.label),
      footer: ([item]) => someOf((item && one.data.marks?.[item.dataIndex]) ?? [], 3),
      label: (item) => `${item.dataset.label}: ${one.scale.format(item.raw)}`,
      // The strongest line has the colour of the box itself.
      labelColor: ({ dataset }) => {
        const isOfTheBox = dataset.borderColor === color("line-strong");
        return { borderColor: "transparent", backgroundColor: isOfTheBox ? color("bg") : dataset.borderColor };
      },
      labelPointStyle: () => ({ pointStyle: "circle" }),
    },
  };
}

function optionsOf(one, series) {
  const linkAt = (elements) => one.data.links?.(elements[0].index, elements[0].datasetIndex);
  const quiet = { color: color("muted"), padding: 8 };
  return {
    responsive: true, maintainAspectRatio: false, animation: false, interaction: { mode: "index", intersect: false },
    onClick: (event, found, chart) => {
      const hit = chart.getElementsAtEventForMode(event, "nearest", { intersect: true }, true);
      const href = (hit.length || found.length) && linkAt(hit.length ? hit : found);
      // As any link, so that it takes the way of links.
      if (href) h("a", { href, hidden: true }).click();
    },
    onHover: (event, found) => {
      event.native.target.style.cursor = found.length && one.data.links ? "pointer" : "";
    },
    plugins: { legend: { display: false }, tooltip: tooltipOf(one) },
    scales: {
      x: { stacked: true, grid: { display: false }, border: { display: false },
        ticks: { ...quiet, maxRotation: 0, autoSkipPadding: 22, padding: 4 } },
      y: {
        type: one.isLog ? "logarithmic" : "linear", stacked: series.some((each) => each.stack), ...spread(one),
        afterBuildTicks: (axis) => {
          if (one.isLog) axis.ticks = marks_ms.filter((mark) => mark >= axis.min && mark <= axis.max).map((value) => ({ value }));
        },
        grid: { color: color("line-soft"), drawBorder: false, drawTicks: false }, border: { display: false },
        ticks: { ...quiet, maxTicksLimit: one.isLog ? 12 : 5, ...(one.scale === scales.count && { precision: 0 }),
          callback: (value) => one.scale.format(value) },
      },
    },
  };
}

/** As a picture that stands on its own: with its name, what is what, and the ground it is drawn on. */
function saveChart(one) {
  if (!one.chart) return;
  const ratio = one.canvas.width / one.canvas.clientWidth, band = 56 * ratio;
  const sheet = h("canvas", { width: one.canvas.width, height: one.canvas.height + band });
  const pen = sheet.getContext("2d");
  pen.fillStyle = color("surface");
  pen.fillRect(0, 0, sheet.width, sheet.height);
  pen.fillStyle = color("text");
  pen.font = `600 ${15 * ratio}px ${getComputedStyle(document.body).fontFamily}`;
  pen.fillText(`${one.data.name} · ${one.data.about ?? ""}`, 10 * ratio, 22 * ratio);
  pen.font = `${12 * ratio}px ${getComputedStyle(document.body).fontFamily}`;
  let at = 10 * ratio;
  for (const { label, borderColor } of one.chart.data.datasets) {
    pen.fillStyle = borderColor;
    pen.fillRect(at, 37 * ratio, 10 * ratio, 10 * ratio);
    pen.fillStyle = color("muted");
    pen.fillText(label, at + 15 * ratio, 46 * ratio);
    at += pen.measureText(label).width + 32 * ratio;
  }
  pen.drawImage(one.canvas, 0, band);
  sheet.toBlob((blob) => blob && saveAs(blob, `${one.data.name.replaceAll(/[^\p{L}\p{N}]+/gu, "-").toLowerCase()}.png`));
}

function tableOf(details, series, { data, scale }) {
  const was = details.querySelector(".table-holder");
  // Those of other days have no place in rows of these.
  const own = series.filter((each) => !each.isBefore);
  const name = (at) => data.titles?.[at] ?? data.labels[at];
  const rowOf = (at) => {
    const href = data.links?.(at);
    return h("tr", null, h("th", { scope: "row" }, href ? h("a", { href }, name(at)) : name(at),
      someOf(data.marks?.[at] ?? [], 20).map((line) => h("div.muted.mark-line", null, line))),
      own.map((_, of) => h("td.number-cell", null, scale.format(data.rows[at][of]))));
  };
  const holder = h("div.table-holder", { tabindex: "0", role: "group", "aria-label": data.name }, h("table", null,
    h("thead", null, h("tr", null, h("th", { scope: "col" }, h("span.sr", null, t("Time"))),
      own.map((each) => h("th.number-cell", { scope: "col" }, each.name)))),
    h("tbody", null, data.labels.map((_, at) => rowOf(at)))));
  was ? was.replaceWith(holder) : details.append(holder);
}

/** A small line without axes, for a card. Counts are drawn from nothing; a rate within its own range, so that a point of it can
    be seen. Where a value is null, there is no line. */
export function spark(values, kind = "", isRate = false) {
  const known = values.filter((value) => value !== null);
  const low = isRate ? Math.min(...known, 1) : 0;
  const span = Math.max(...known.map((value) => value - low), isRate ? 0.02 : 1e-9), step = 100 / Math.max(1, values.length - 1);
  const place = (value, at) => `${(at * step).toFixed(2)} ${(27 - ((value - low) / span) * 24).toFixed(2)}`;
  let line = "", area = "";
  for (let at = 0; at < values.length; ++at) {
    if (values[at] === null) continue;
    let end = at;
    while (end + 1 < values.length && values[end + 1] !== null) ++end;
    const part = values.slice(at, end + 1).map((value, more) => place(value, at + more)).join("L");
    line += `M${part}${end === at ? "h.01" : ""}`;
    area += `M${(at * step).toFixed(2)} 30L${part}L${(end * step).toFixed(2)} 30Z`;
    at = end;
  }
  const isFlat = !known.some((value) => value > 0);
  return h("svg.spark", { viewBox: "0 0 100 30", preserveAspectRatio: "none", "aria-hidden": "true", class: isFlat ? "is-flat" : kind },
    h("path.area", { d: area }), h("path", { d: line }));
}
