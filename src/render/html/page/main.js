// Puts the page together.

function begin() {
  const page = read();
  showCounts(page);
  showCoverage(page);
  let listed = [];
  const detail = byId("detail");
  const show = (item) => detail.replaceChildren(
    el("button", { type: "button", class: "back", onclick: () => list.focus() }, "Back to the list"), ...(item ? shown(item) : []));
  const list = makeList(byId("list-frame"), show, (focus) => {
    if (focus) detail.focus();
    if (matchMedia("(max-width: 1000px)").matches) detail.scrollIntoView();
  });
  const filters = makeFilters(page, (items) => {
    listed = items;
    list.show(items, nothing(page));
  });
  detail.addEventListener("keydown", (event) => { if (event.key === "Escape") list.focus(); });
  // Of findings that stand elsewhere, a filter would count none.
  byId("filters").hidden = isOverview(page);
  showExposure(page, (key) => filters.only("api", key));
  showTrend(page);
  showShares(page, filters.only);
  const answers = showAccess(page);
  const exemptions = showExemptions(page), ended = showEnded(page);
  showJudged(page);
  showRules(page);
  if (!isOverview(page)) makePrintable(page, () => listed);
  showNavigation(page, { answers, exemptions, ended });
  prepareSearch(page.findings);
  document.documentElement.dataset.ready = "true";
}

/** What an empty list says. */
function nothing(page) {
  if (isOverview(page)) return `What was found ${ELSEWHERE}`;
  return page.findings.length === 0 ? "Nothing was found in what was read." : "No finding passes the filters.";
}

/** The parts of a finding, without what is empty. */
const shown = (item) => detailOf(item).flat(Infinity).filter((it) => it !== false && it != null && it !== "");

function showCounts(page) {
  const sum = (name) => page.accounts.reduce((total, it) => total + (countsOf(it)?.[name] ?? 0), 0);
  const tile = (name, count) => el("li", { "data-severity": name, class: count === 0 ? "none" : null },
    el("b", {}, number.format(count)), el("span", {}, name));
  const exempted = page.accounts.reduce((total, it) => total + exemptedOf(it), 0);
  byId("counts").append(...SEVERITIES.map((name) => tile(name, sum(name))), ...(exempted > 0 ? [tile("exempt", exempted)] : []));
}

function showNavigation(page, { answers, exemptions, ended }) {
  const gaps = page.accounts.reduce((total, it) => total + (gapsOf(it) ?? 0), 0);
  const places = [["coverage", "Coverage", gaps && plural(gaps, "gap")], ["exposure", "Exposure"], page.trend.length > 0 && ["trend", "Trend"],
    ["findings", "Findings", number.format(page.accounts.reduce((total, it) => total + (countsOf(it)?.total ?? 0), 0))], ["access", "Access", answers && plural(answers, "method")],
    ["exemptions", "Exemptions", exemptions], ended > 0 && ["ended", "Not there any more", ended], ["judged", "How it was judged"], ["rules", "Rules", page.rules.length]];
  byId("nav-links").append(...places.filter(Boolean).map(([id, label, count]) =>
    el("a", { href: `#${id}` }, label, count ? el("small", {}, String(count)) : null)));
}

/** A page that cannot be shown says so, and does not look clean. */
function tryToBegin() {
  try {
    begin();
  } catch (error) {
    const failed = byId("failed");
    failed.textContent = `This page could not be shown, and says nothing about what was found: ${error.message}`;
    failed.hidden = false;
    throw error;
  }
}

// The head is painted first; the data may take a moment.
requestAnimationFrame(() => setTimeout(tryToBegin));
