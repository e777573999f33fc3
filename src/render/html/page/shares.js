// Where the open findings are: by rule, and by owner where APIs have one.

const MOST_SHARES = 7;

function showShares(page, only) {
  const open = page.findings.filter((it) => it.status !== "exempt");
  if (open.length === 0) return;
  const lists = [["By rule", "rule", (it) => it.finding.rule],
    open.some((it) => it.owner) && ["By owner", "owner", (it) => it.owner],
    page.accounts.length > 1 && ["By account", "account", (it) => it.finding.account]].filter(Boolean);
  byId("shares").hidden = false;
  byId("shares-body").append(el("div", { class: "panel shares" },
    lists.map(([title, name, of]) => sharesOf(open, title, of, (value) => only(name, value)))),
  leftOutOf(page) > 0 ? el("p", { class: "quiet" }, "Of the findings that are listed here.") : "");
}

function sharesOf(findings, title, of, choose) {
  const counts = new Map();
  for (const it of findings) counts.set(of(it), (counts.get(of(it)) ?? 0) + 1);
  const sorted = [...counts].sort((one, other) => other[1] - one[1] || one[0].localeCompare(other[0]));
  const most = sorted[0][1], left = sorted.slice(MOST_SHARES).reduce((sum, [, count]) => sum + count, 0);
  const line = ([value, count]) => el("li", {}, el("button", { type: "button", onclick: () => choose(value) },
    el("span", {}, value || "no owner"), el("span", { class: "quiet" }, number.format(count)),
    svg("svg", { viewBox: "0 0 100 5", preserveAspectRatio: "none", "aria-hidden": "true" },
      svg("rect", { width: 100 * count / most, height: 5, class: "share" }))));
  return el("div", {}, el("h3", {}, title), el("ul", {}, sorted.slice(0, MOST_SHARES).map(line)),
    left > 0 && el("p", { class: "quiet" }, `${number.format(left)} more, elsewhere`));
}
