// How many findings were open when, as the ledger remembers it.

function showTrend(page) {
  const points = page.trend;
  if (points.length === 0) return;
  byId("trend").hidden = false;
  const times = points.map((it) => Date.parse(it.at));
  const read = page.accounts.filter((it) => it.report).map((it) => Date.parse(it.report.taken_at));
  const from = times[0], until = Math.max(times.at(-1), ...read);
  const totals = points.map((it) => it.open.reduce((sum, count) => sum + count, 0));
  const last = points.at(-1);
  byId("trend-body").append(el("div", { class: "panel" },
    el("p", { class: "quiet" }, `Open findings since ${minute(points[0].at).slice(0, 10)}, as the ledger remembers them.`),
    chart(points, times, from, until, rounded(Math.max(...totals, 2))),
    el("div", { class: "legend" }, SEVERITIES.map((name, place) => el("span", {},
      svg("svg", { viewBox: "0 0 11 11", "aria-hidden": "true" },
        svg("rect", { width: 11, height: 11, rx: 2, class: "area", "data-severity": name })),
      `${number.format(last.open[place])} ${name}`))),
    trendTable(points)));
}

/** The next number that is even, and easy to read on an axis. */
function rounded(most) {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(most)) - 1);
  return Math.ceil(most / (2 * step)) * 2 * step;
}

function chart(points, times, from, until, most) {
  const width = 480, height = 170, left = 44, bottom = 22, top = 8;
  const x = (time) => left + (width - left - 4) * (until === from ? 1 : (time - from) / (until - from));
  const y = (count) => top + (height - top - bottom) * (1 - count / most);
  const base = points.map(() => 0);
  // The least severe are drawn first, on top of which the worse ones stand.
  const areas = SEVERITIES.map((name, place) => [name, place]).reverse().map(([name, place]) => {
    const lower = [...base];
    points.forEach((it, at) => { base[at] += it.open[place]; });
    return svg("path", { d: outline(times, lower, base, x, y, until), class: "area", "data-severity": name });
  });
  const label = (text, at, height_, anchor) => svg("text", { x: at, y: height_, class: "quiet", "text-anchor": anchor }, text);
  const day = (time) => new Date(time).toISOString().slice(0, 10);
  const last = points.at(-1).open.map((count, place) => `${count} ${SEVERITIES[place]}`).join(", ");
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "figure", role: "img",
    "aria-label": `Open findings over time, from ${day(from)} to ${day(until)}. At the end: ${last}` },
  [0, 0.5, 1].map((part) => [svg("line", { x1: left, x2: width - 4, y1: y(most * part), y2: y(most * part) }),
    label(number.format(Math.round(most * part)), left - 6, y(most * part) + 4, "end")]),
  areas, label(day(from), left, height - 5, "start"), label(day(until), width - 4, height - 5, "end"));
}

/** What lies between two lines that change in steps. */
function outline(times, lower, upper, x, y, until) {
  const steps = (values) => values.flatMap((value, at) => {
    const next = at + 1 < times.length ? times[at + 1] : until;
    return [[x(times[at]), y(value)], [x(next), y(value)]];
  });
  const corners = [...steps(upper), ...steps(lower).reverse()];
  return `M${corners.map(([one, other]) => `${one.toFixed(1)},${other.toFixed(1)}`).join("L")}Z`;
}

function trendTable(points) {
  const row = (it) => el("tr", {}, el("th", { scope: "row" }, minute(it.at)),
    it.open.map((count) => el("td", { class: "number" }, number.format(count))));
  return el("details", {}, el("summary", {}, "As a table"),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Trend as a table" }, el("table", {},
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "From"),
        SEVERITIES.map((name) => el("th", { scope: "col", class: "number" }, capitalized(name))))),
      el("tbody", {}, points.slice(-60).map(row)))));
}
