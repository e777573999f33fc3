// Who reaches the methods of each API, and what these ask for: a picture, and the same as a table.

const APIS_AT_FIRST = 12;

function showExposure(page, filterApi) {
  const apis = page.accounts.flatMap((account) => account.apis.map((api) => exposed(account, api)))
    .filter((it) => it.total > 0);
  const body = byId("exposure-body");
  if (isOverview(page)) {
    body.append(el("p", { class: "panel quiet" }, `Who reaches the methods ${ELSEWHERE}`));
    return;
  }
  if (apis.length === 0) {
    body.append(el("p", { class: "panel quiet" }, "No deployed method was read."));
    return;
  }
  apis.sort((one, other) => other.danger - one.danger || other.total - one.total || one.name.localeCompare(other.name));
  const all = { name: "All APIs", cells: new Map(), total: 0 };
  apis.forEach((api) => add(all, api));
  const frame = el("div", {});
  const draw = (some) => frame.replaceChildren(
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Exposure as a picture" }, picture([all, ...some], filterApi)),
    legend(), ...tableOf([all, ...some]));
  const more = apis.length > APIS_AT_FIRST
    && el("button", { type: "button", class: "plain" }, `Show all ${number.format(apis.length)} APIs`);
  if (more) more.addEventListener("click", () => { draw(apis); more.remove(); });
  draw(apis.slice(0, APIS_AT_FIRST));
  body.append(el("div", { class: "panel" }, el("p", { class: "quiet" },
    "Deployed methods by who reaches them, and by what they ask of a caller. Hatched: more callers may reach them, " +
    "as it is not known that the settings are deployed."), frame, more));
}

/** An API with its methods by exposure: for each of them, how many there are of each protection. */
function exposed(account, api) {
  const own = { name: api.name || api.id, id: api.id, region: api.region, key: keyOf(account.account, api.region, api.id),
    cells: new Map(), total: 0, danger: 0 };
  for (const { exposure, protection, may_be_wider: wider, count } of api.methods) {
    count_in(own, exposure, protection, count, wider ? count : 0);
    const reached = 5 - EXPOSURES.findIndex(([name]) => name === exposure);
    if (protection === "open" || protection === "key-only" || protection === "unknown") own.danger += count * reached ** 3;
  }
  return own;
}

function count_in(row, exposure, protection, count, wider) {
  const cell = row.cells.get(exposure) ?? { total: 0, wider: 0, of: new Map() };
  cell.total += count;
  cell.wider += wider;
  cell.of.set(protection, (cell.of.get(protection) ?? 0) + count);
  row.cells.set(exposure, cell);
  row.total += count;
}

function add(all, row) {
  for (const [exposure, cell] of row.cells) {
    let wider = cell.wider;
    for (const [protection, count] of cell.of) {
      count_in(all, exposure, protection, count, wider);
      wider = 0;
    }
  }
}

const LEFT = 190, LANE = 116, LINE = 27, TOP = 30;

/** A lane for each exposure, the internet first; in each a bar for each API, as long as it has methods there. */
function picture(rows, filterApi) {
  const width = LEFT + LANE * EXPOSURES.length, height = TOP + rows.length * LINE + 6;
  const longest = Math.max(...rows.slice(1).flatMap((row) => [...row.cells.values()].map((it) => it.total)), 1);
  const ofAll = Math.max(...[...rows[0].cells.values()].map((it) => it.total), 1);
  const lanes = EXPOSURES.map(([, label, meaning], place) => {
    const x = LEFT + place * LANE;
    return [svg("line", { x1: x - 8, x2: x - 8, y1: 4, y2: height }),
      svg("text", { x, y: 17, class: "heading" }, label, svg("title", {}, meaning))];
  });
  const lines = rows.map((row, place) => {
    const y = TOP + place * LINE;
    const name = svg("text", { x: 0, y: y + 15, class: place === 0 ? "heading" : null }, shortened(row.name, 27),
      svg("title", {}, row.id ? `${row.name} (${row.id}), ${row.region}` : row.name));
    const bars = EXPOSURES.map(([exposure], lane) =>
      bar(row.cells.get(exposure), LEFT + lane * LANE, y, place === 0 ? ofAll : longest));
    if (place > 0) name.addEventListener("click", () => filterApi(row.key));
    return svg("g", {}, name, bars);
  });
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "figure", role: "img", "aria-label": inWords(rows[0]) },
    hatch(), lanes, lines);
}

/** What asks for less comes first, so that it stands at the lane's edge. */
function bar(cell, x, y, longest) {
  if (!cell) return null;
  const room = LANE - 54, length = Math.max(3, room * cell.total / longest);
  let from = x;
  const parts = PROTECTIONS.filter(([name]) => cell.of.has(name)).map(([name, label]) => {
    const width = length * cell.of.get(name) / cell.total;
    const part = svg("rect", { x: from, y: y + 4, width, height: 15, class: name },
      svg("title", {}, `${plural(cell.of.get(name), "method")}: ${label}`));
    from += width;
    return part;
  });
  const unproven = cell.wider > 0
    && svg("rect", { x, y: y + 4, width: length, height: 15, fill: "url(#hatch)" },
      svg("title", {}, `more callers may reach ${plural(cell.wider, "method")}`));
  return [parts, unproven, svg("text", { x: x + length + 5, y: y + 16, class: "quiet" }, number.format(cell.total))];
}

function hatch() {
  return svg("defs", {}, svg("pattern", { id: "hatch", width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    svg("rect", { width: 2, height: 5, fill: "#ffffff", "fill-opacity": 0.55 })));
}

function shortened(text, most) {
  const letters = [...text];
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : text;
}

function inWords(row) {
  const parts = EXPOSURES.filter(([name]) => row.cells.has(name)).map(([name, label]) => {
    const cell = row.cells.get(name);
    const open = cell.of.get("open") ?? 0;
    return `${label}: ${plural(cell.total, "method")}, ${number.format(open)} of them open`;
  });
  return parts.join("; ");
}

function legend() {
  const samples = PROTECTIONS.map(([name, label]) => el("span", {},
    svg("svg", { viewBox: "0 0 11 11", "aria-hidden": "true" }, svg("rect", { width: 11, height: 11, rx: 2, class: name })),
    label));
  return el("div", { class: "legend" }, samples);
}

/** The same for those who do not see the picture. */
function tableOf(rows) {
  const cellText = (cell) => cell
    ? `${number.format(cell.total)} (${PROTECTIONS.filter(([name]) => cell.of.has(name))
        .map(([name, label]) => `${number.format(cell.of.get(name))} ${label}`).join(", ")})${cell.wider ? ", may be wider" : ""}`
    : "–";
  return [el("details", {}, el("summary", {}, "As a table"),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Exposure as a table" }, el("table", {},
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "API"), EXPOSURES.map(([, label]) => el("th", { scope: "col" }, label)))),
      el("tbody", {}, rows.map((row) => el("tr", {}, el("th", { scope: "row" }, row.name),
        EXPOSURES.map(([name]) => el("td", {}, cellText(row.cells.get(name))))))))))];
}
