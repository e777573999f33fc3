// The list of findings: as many rows as are seen, whatever there is.

const ROW = 54;

/** A list that shows `choose` what is chosen. Keys move, Enter goes to the detail. */
function makeList(frame, choose, open) {
  let items = [], active = 0, drawn = [-1, -1];
  const rows = el("div", { class: "rows", role: "presentation" });
  const list = el("div", { class: "list", role: "listbox", tabindex: "0", id: "list", "aria-label": "Findings" }, rows);
  const nothing = el("p", { class: "nothing", hidden: true });
  frame.append(list, nothing);

  function draw(always = false) {
    const seen = Math.ceil(list.clientHeight / ROW);
    const from = Math.max(0, Math.floor(list.scrollTop / ROW) - 6), until = Math.min(items.length, from + seen + 12);
    if (!always && from === drawn[0] && until === drawn[1]) return;
    drawn = [from, until];
    const some = [];
    for (let place = from; place < until; place += 1) some.push(rowOf(items[place], place, items.length, place === active));
    rows.replaceChildren(...some);
    some.forEach((row, at) => { row.style.top = `${(from + at) * ROW}px`; });
    list.setAttribute("aria-activedescendant", items.length > 0 ? `row-${active}` : "");
  }

  function activate(place, { scroll = true } = {}) {
    if (items.length === 0) return;
    active = Math.min(Math.max(place, 0), items.length - 1);
    const top = active * ROW;
    if (scroll && top < list.scrollTop) list.scrollTop = top;
    if (scroll && top + ROW > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW - list.clientHeight;
    draw(true);
    choose(items[active]);
  }

  list.addEventListener("scroll", () => draw());
  new ResizeObserver(() => draw(true)).observe(list);
  rows.addEventListener("click", (event) => {
    const row = event.target.closest(".row");
    if (row) { activate(Number(row.dataset.place), { scroll: false }); open(false); }
  });
  list.addEventListener("keydown", (event) => {
    const page = Math.max(1, Math.floor(list.clientHeight / ROW) - 1);
    const to = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + page, PageUp: active - page, Home: 0, End: items.length - 1 };
    if (event.key in to) activate(to[event.key]);
    else if (event.key === "Enter") open(true);
    else return;
    event.preventDefault();
  });

  return {
    /** Shows these, and chooses the first. */
    show(some, emptiness) {
      items = some;
      active = 0;
      rows.style.height = `${items.length * ROW}px`;
      list.scrollTop = 0;
      list.hidden = items.length === 0;
      nothing.hidden = items.length > 0;
      nothing.textContent = emptiness;
      draw(true);
      choose(items[0] ?? null);
    },
    focus: () => list.focus(),
  };
}

function rowOf(item, place, count, chosen) {
  const { finding } = item;
  return el("div", { class: "row", role: "option", id: `row-${place}`, "data-place": place, "aria-selected": String(chosen),
    "aria-posinset": place + 1, "aria-setsize": count },
  el("div", {}, el("span", { class: "sev", "data-severity": finding.severity }, finding.severity)),
  el("div", {}, el("div", { class: "line what" }, item.what), el("div", { class: "line where" }, item.where)),
  el("div", { class: "rule" }, el("div", { class: "line" }, finding.rule),
    el("div", { class: "line" }, finding.exposure ? EXPOSURE_LABELS[finding.exposure] : "", marks(item))));
}

const EXPOSURE_LABELS = Object.fromEntries(EXPOSURES.map(([name, label]) => [name, label]));
