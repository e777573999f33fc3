// Who can call what: a grid of methods and groups that keys walk, with the reasons beside it.

const LINE_OF_GRID = 26;

const ANSWERS = {
  a: ["A", "All requests are allowed"],
  s: ["S", "Some requests are allowed, and others not"],
  n: ["", "No request is allowed"],
  u: ["?", "Not decided: a policy could not be read, or deciding takes too much work"],
};

const WITHOUT_ACCESS = {
  "not-given": "Who can call what is not part of this page: it was made of reports alone. The page of one account has it: gatewatch check INVENTORY --format html.",
  "no-principals": "Nobody can say who can call what: the IAM principals were not read, or a template has none.",
  "too-many": "There are more answers than fit into a page: gatewatch access answers for one API, one method or one principal.",
};

/** Shows the matrix of each account. Returns how many methods have answers. */
function showAccess(page) {
  const body = byId("access-body");
  const several = page.accounts.length > 1;
  if (isOverview(page)) {
    body.append(el("p", { class: "panel quiet" }, `Who can call what ${ELSEWHERE}`));
    return 0;
  }
  let methods = 0;
  for (const account of page.accounts.filter((it) => it.report)) {
    if (account.access) {
      methods += account.access.rows.length;
      body.append(several ? el("h3", {}, `Account ${account.account} ${account.name}`) : "", matrixOf(account));
    } else if (!several) body.append(el("p", { class: "panel quiet" }, WITHOUT_ACCESS[account.without_access]));
  }
  if (several) body.append(...withoutAccess(page));
  return methods;
}

/** Of several accounts, those without an answer, by the reason. */
function withoutAccess(page) {
  return Object.entries(WITHOUT_ACCESS).flatMap(([reason, says]) => {
    const those = page.accounts.filter((it) => it.report && it.without_access === reason);
    return those.length === 0 ? [] : [el("div", { class: "panel quiet" },
      el("p", {}, `${plural(those.length, "account")} without an answer here: ${says}`), longList(those, (it) => `${it.account} ${it.name}`, 5))];
  });
}

function matrixOf(account) {
  const { access } = account;
  const others = Object.entries(access.not_decided_by_iam).map(([type, count]) => `${number.format(count)} ${type || "of no known type"}${type === "NONE" ? " (open to whoever reaches them)" : ""}`);
  const undecided = access.rows.reduce((sum, row) => sum + [...row.cells].filter((it) => it.toLowerCase() === "u").length, 0);
  const notes = el("div", {},
    el("p", { class: "quiet" }, `${plural(access.rows.length, "method")} that IAM decides about, and ${plural(access.holders.length, "column")}: ` +
      "what each group gives to its members, and callers of other accounts that a resource policy lets in." +
      (others.length > 0 ? ` Not decided by IAM: ${others.join(", ")}.` : "")),
    undecided > 0 && el("p", { class: "panel warn" }, `${plural(undecided, "answer")} not decided: gatewatch access says why.`),
    access.gaps.length > 0 && el("details", {}, el("summary", {}, `${plural(access.gaps.length, "gap")} in what this rests on`),
      longList(access.gaps, (it) => `${[it.region, it.api, it.stage, it.subject].filter(Boolean).join(" ")}: ${it.message}`)));
  if (access.rows.length === 0 || access.holders.length === 0) {
    const what = access.rows.length === 0 ? "No deployed method leaves the decision to IAM." : "There is no group, and no resource policy lets another account in.";
    return el("div", {}, notes, el("p", { class: "panel quiet" }, what));
  }
  const why = el("aside", { class: "why", "aria-live": "polite", "aria-label": `Why, account ${account.account}` },
    el("p", { class: "quiet" }, "Point at a cell, or walk the grid with the arrow keys."), answersLegend());
  const grid = makeGrid(account, (row, place) => why.replaceChildren(...reasons(access, row, place), answersLegend()));
  return el("div", {}, notes, access.apis.length > 1 && jump(access, grid.go),
    el("div", { class: "access" }, grid.frame, why), onPaper(access));
}

/** The same as lists, as a grid may be wider than a sheet. */
function onPaper(access) {
  const place = el("div", { class: "printed" });
  const who = (row, wanted) => access.holders.flatMap((holder, at) => {
    const letter = row.cells[at];
    return letter.toLowerCase() === wanted ? [`${holder.name}${letter === wanted ? "" : "*"}`] : [];
  }).join(", ") || "–";
  const line = ({ heading, row }) => (heading
    ? el("tr", {}, el("th", { colspan: 4, scope: "rowgroup" }, heading))
    : el("tr", {}, el("td", { class: "mono" }, row.method), ["a", "s", "u"].map((it) => el("td", {}, who(row, it)))));
  addEventListener("beforeprint", () => place.replaceChildren(
    el("p", { class: "quiet" }, "An asterisk: it depends on a condition. Who is not named can make no request."),
    el("table", {}, el("thead", {}, el("tr", {}, ["Method", "All requests", "Some requests", "Not decided"].map((it) => el("th", { scope: "col" }, it)))),
      el("tbody", {}, linesOf(access).map(line)))));
  addEventListener("afterprint", () => place.replaceChildren());
  return place;
}

/** Goes to the methods of an API. */
function jump(access, go) {
  const lines = linesOf(access);
  const headings = lines.flatMap((line, place) => (line.heading ? [[place, line.heading]] : []));
  const select = el("select", {}, headings.map(([place, heading]) => el("option", { value: place }, heading)));
  select.addEventListener("change", () => go(Number(select.value)));
  return el("div", { class: "filters" }, el("label", {}, "Go to", select));
}

function answersLegend() {
  const sample = (answer, text) => el("div", {}, el("span", { class: "cell sample", "data-answer": answer, "aria-hidden": "true" }), text);
  return el("div", { class: "quiet" }, el("h4", {}, "Cells"), sample("a", "A: all requests"), sample("s", "S: some requests"),
    sample("n", "empty: no request"), sample("u", "?: not decided"), el("div", {}, "Dot: it depends on a condition"));
}

/** Why a holder can call a method, in words. */
function reasons(access, row, place) {
  const holder = access.holders[place], letter = row.cells[place], api = access.apis[row.api];
  const why = row.why[place], conditional = letter !== letter.toLowerCase();
  return [
    el("h3", {}, `${holder.kind} ${holder.name}`),
    el("p", { class: "mono" }, row.method),
    el("p", { class: "quiet" }, `${api.name} (${api.id}), stage ${row.stage}, ${api.region}${row.authorization.length ? `, ${row.authorization.join(" or ")}` : ""}`),
    el("p", {}, el("strong", {}, `${ANSWERS[letter.toLowerCase()][1]}.`), conditional ? " It depends on a condition that is not known here." : "",
      holder.outside && letter !== "n" ? " The other account must allow the call, too." : ""),
    why && el("ul", { class: "lines" }, [...why.statements, ...why.not_read.map((it) => `not read: ${it}`)].map((it) => el("li", {}, it))),
    why && el("dl", {}, why.allowed && [el("dt", {}, "Allowed, for example"), el("dd", { class: "mono" }, why.allowed)],
      why.denied && [el("dt", {}, "Not allowed, for example"), el("dd", { class: "mono" }, why.denied)]),
    !why && letter !== "n" && el("p", { class: "quiet" }, "Which statements decide is not part of this page: ", el("code", {}, "gatewatch access --why"), " names them."),
  ].flat(Infinity).filter(Boolean);
}

/** The lines of the grid: each API stage, then its methods. */
function linesOf(access) {
  const lines = [];
  let last = null;
  for (const row of access.rows) {
    const api = access.apis[row.api], stage = `${row.api} ${row.stage}`;
    if (stage !== last) lines.push({ heading: `${api.name || api.id} · ${row.stage} · ${api.region}`, id: api.id });
    last = stage;
    lines.push({ row });
  }
  return lines;
}

/** A grid of which as many lines are drawn as are seen. One cell has the focus, and keys move it. */
function makeGrid({ access, account }, explain) {
  const lines = linesOf(access), columns = access.holders.length;
  const at = { line: lines.findIndex((it) => it.row), column: 0 };
  const names = access.holders.map((it) => it.name);
  const heads = names.map((name, place) => el("div", { role: "columnheader", "aria-colindex": place + 2, title: `${access.holders[place].kind} ${name}` }, name));
  const methods = el("div", { class: "methods", role: "rowgroup" });
  const grid = el("div", { class: "grid", role: "grid", "aria-label": `Methods and groups, account ${account}`, "aria-readonly": "true", "aria-rowcount": lines.length + 1, "aria-colcount": columns + 1 },
    el("div", { class: "columns", role: "rowgroup" }, el("div", { role: "row", "aria-rowindex": 1 },
      el("div", { class: "corner", role: "columnheader", "aria-colindex": 1 }, "Method"), heads)), methods);
  const frame = el("div", { class: "grid-frame" }, grid);
  let drawn = "";

  function draw(always = false) {
    const from = Math.max(0, Math.floor(frame.scrollTop / LINE_OF_GRID) - 8);
    const until = Math.min(lines.length, from + Math.ceil((frame.clientHeight || 700) / LINE_OF_GRID) + 16);
    if (!always && drawn === `${from}-${until}`) return;
    drawn = `${from}-${until}`;
    const places = new Set([at.line]);
    for (let place = from; place < until; place += 1) places.add(place);
    const had = methods.contains(document.activeElement);
    const some = [...places].sort((one, other) => one - other).map((place) => lineOf(lines[place], place, at));
    methods.replaceChildren(...some);
    some.forEach((line) => { line.style.top = `${(line.getAttribute("aria-rowindex") - 2) * LINE_OF_GRID}px`; });
    if (had) focused()?.focus({ preventScroll: true });
  }

  const focused = () => methods.querySelector('[tabindex="0"]');

  function move(line, column) {
    const step = line < at.line ? -1 : 1;
    let to = Math.min(Math.max(line, 0), lines.length - 1);
    while (lines[to] && !lines[to].row) to += step;
    // Above the first method, there is only the heading of its API.
    at.line = lines[to] ? to : lines.findIndex((it) => it.row);
    at.column = Math.min(Math.max(column, 0), columns - 1);
    heads.forEach((head, place) => head.classList.toggle("cross", place === at.column));
    reveal(frame, at);
    draw(true);
    focused()?.focus({ preventScroll: true });
    explain(lines[at.line].row, at.column);
  }

  methods.style.height = `${lines.length * LINE_OF_GRID}px`;
  frame.addEventListener("scroll", () => draw());
  new ResizeObserver(() => draw(true)).observe(frame);
  const cellOf = (event) => event.target.closest(".cell");
  let pointer = "";
  methods.addEventListener("mousemove", (event) => {
    // What slides below a pointer that rests, while keys walk the grid, is not pointed at.
    const moved = `${event.screenX},${event.screenY}`, cell = cellOf(event);
    if (moved === pointer) return;
    pointer = moved;
    if (cell) explain(lines[cell.dataset.line].row, Number(cell.dataset.column));
  });
  methods.addEventListener("click", (event) => {
    const cell = cellOf(event);
    if (cell) move(Number(cell.dataset.line), Number(cell.dataset.column));
  });
  methods.addEventListener("focusin", () => explain(lines[at.line].row, at.column));
  grid.addEventListener("keydown", (event) => {
    const page = Math.max(1, Math.floor(frame.clientHeight / LINE_OF_GRID) - 8);
    const to = {
      ArrowDown: [at.line + 1, at.column], ArrowUp: [at.line - 1, at.column], ArrowRight: [at.line, at.column + 1], ArrowLeft: [at.line, at.column - 1],
      PageDown: [at.line + page, at.column], PageUp: [at.line - page, at.column],
      Home: [event.ctrlKey ? 0 : at.line, 0], End: [event.ctrlKey ? lines.length - 1 : at.line, columns - 1],
    }[event.key];
    if (!to) return;
    event.preventDefault();
    move(...to);
  });
  return {
    frame,
    /** Shows a line and those below it. */
    go(line) {
      frame.scrollTop = line * LINE_OF_GRID;
      draw(true);
    },
  };
}

/** Scrolls so that the chosen cell is seen beside the headings. */
function reveal(frame, { line, column }) {
  const head = frame.querySelector(".columns").offsetHeight, side = frame.querySelector(".corner").offsetWidth;
  const top = line * LINE_OF_GRID, left = column * 28;
  if (top < frame.scrollTop) frame.scrollTop = top;
  if (top + LINE_OF_GRID + head > frame.scrollTop + frame.clientHeight) frame.scrollTop = top + LINE_OF_GRID + head - frame.clientHeight;
  if (left < frame.scrollLeft) frame.scrollLeft = left;
  if (left + 28 + side > frame.scrollLeft + frame.clientWidth) frame.scrollLeft = left + 28 + side - frame.clientWidth;
}

function lineOf(line, place, at) {
  const index = place + 2;
  if (!line.row) {
    return el("div", { role: "row", class: "api", "aria-rowindex": index }, el("div", { role: "rowheader", "aria-colindex": 1, title: `${line.heading} (${line.id})` }, line.heading));
  }
  const chosen = place === at.line;
  const cells = [...line.row.cells].map((letter, column) => {
    const [sign, meaning] = ANSWERS[letter.toLowerCase()];
    const conditional = letter !== letter.toLowerCase();
    return el("div", { role: "gridcell", class: `cell${conditional ? " conditional" : ""}`, "data-answer": letter.toLowerCase(), "data-line": place,
      "data-column": column, "aria-colindex": column + 2, "aria-label": meaning + (conditional ? ", under a condition" : ""),
      tabindex: chosen && column === at.column ? "0" : "-1" }, sign);
  });
  return el("div", { role: "row", "aria-rowindex": index },
    el("div", { role: "rowheader", "aria-colindex": 1, class: chosen ? "cross" : null, title: line.row.method }, line.row.method), cells);
}
