// What was read, and first of all what was not.

function showCoverage(page) {
  const body = byId("coverage-body");
  body.append(...unreadAccounts(page), ...gaps(page), ...leftOut(page), figures(page), ...besides(page));
  if (page.accounts.length > 1 || isOverview(page)) body.append(accountsTable(page));
}

function unreadAccounts(page) {
  const unread = page.accounts.filter((it) => it.status === "not-read");
  if (unread.length === 0) return [];
  const line = (it) => [el("strong", {}, it.account), ` ${it.name}: ${it.not_read.message} (${it.not_read.reason})`];
  return [el("div", { class: "panel warn" },
    el("h3", {}, `${plural(unread.length, "account")} not read, and so not clean`), longList(unread, line))];
}

function gaps(page) {
  const all = page.accounts.flatMap((account) =>
    (account.report?.coverage.gaps ?? []).map((gap) => ({ gap, account })));
  const elsewhere = page.accounts.filter((it) => it.elsewhere?.gaps > 0);
  if (elsewhere.length > 0) {
    const count = elsewhere.reduce((sum, it) => sum + it.elsewhere.gaps, 0);
    return [el("div", { class: "panel warn", id: "gaps" },
      el("h3", {}, `${plural(count, "gap")} in ${plural(elsewhere.length, "account")}: not read or not decided, and so not clean`),
      el("p", {}, `What was not read ${ELSEWHERE}`))];
  }
  if (all.length === 0) {
    const complete = page.accounts.every((it) => it.status !== "not-read" && it.status !== "incomplete");
    return complete ? [el("p", { class: "quiet" }, "Everything that was asked for was read.")] : [];
  }
  const line = ({ gap, account }) => {
    const place = [gap.region, gap.api, gap.stage, gap.subject].filter(Boolean).join(" ") || "the account";
    const whose = page.accounts.length > 1 ? `${account.account} ` : "";
    return [el("strong", { class: "mono" }, whose + place), `: ${gap.message} `,
      el("span", { class: "quiet" }, `(${[gap.reason.replaceAll("-", " "), gap.operation].filter(Boolean).join(", ")})`)];
  };
  return [el("div", { class: "panel warn", id: "gaps" },
    el("h3", {}, `${plural(all.length, "gap")}: not read or not decided, and so not clean`), longList(all, line))];
}

/** What does not stand in this page, as there is too much of it. */
function leftOut(page) {
  const line = (account) => {
    const { findings = 0, exempted = 0 } = account.report?.left_out ?? {};
    const counts = [findings > 0 && plural(findings, "finding"), exempted > 0 && plural(exempted, "exempted finding")].filter(Boolean);
    return counts.length > 0 && [page.accounts.length > 1 && el("strong", {}, `${account.account} `), `${counts.join(" and ")}, the least severe.`];
  };
  const lines = page.accounts.map(line).filter(Boolean);
  return lines.length === 0 ? [] : [el("div", { class: "panel warn", id: "left-out" },
    el("h3", {}, "Left out of this page for its size, and counted above"), longList(lines, (it) => it),
    el("p", {}, "gatewatch check lists all of them, by the inventory that is kept beside this page."))];
}

/** How much was looked at. */
function figures(page) {
  const sum = (name) => page.accounts.reduce((total, it) => total + (it.report?.coverage[name] ?? it.elsewhere?.[name] ?? 0), 0);
  const facts = isOverview(page) ? [["apis", "APIs"], ["methods", "deployed methods"]] : [["apis", "APIs"], ["stages", "stages"], ["methods", "deployed methods"], ["groups", "IAM groups"],
    ["users", "users"], ["roles", "roles"]];
  const idle = [[sum("undeployed_apis"), "APIs without a stage"], [sum("undeployed_stages"), "stages without a deployment"]]
    .filter(([count]) => count > 0);
  return el("div", { class: "panel" },
    el("dl", { class: "facts" }, facts.map(([name, label]) =>
      el("div", {}, el("dt", {}, label), el("dd", {}, number.format(sum(name)))))),
    idle.length > 0 && el("p", { class: "quiet" },
      `Of these, nobody can call ${idle.map(([count, what]) => `${number.format(count)} ${what}`).join(", and ")}.`));
}

/** Warnings, what was accepted without proof, and what was not looked at. */
function besides(page) {
  const reports = page.accounts.filter((it) => it.report).map((it) => it.report);
  const unlooked = [...new Set(reports.flatMap((it) => it.coverage.not_looked_at))];
  const warnings = reports.flatMap((it) => it.warnings);
  const assumed = reports.flatMap((it) => it.coverage.assumptions);
  return [
    unlooked.length > 0 && el("p", { class: "panel warn" }, `Not looked at: ${unlooked.join(", ")}.`),
    warnings.length > 0 && el("div", { class: "panel" },
      el("h3", {}, plural(warnings.length, "warning")), longList(warnings, (it) => it, 5)),
    assumed.length > 0 && el("div", { class: "panel" },
      el("h3", {}, `Accepted without proof: ${number.format(assumed.length)}`),
      longList(assumed, (it) => [el("strong", { class: "mono" }, subject(it)),
        ` ${[it.api?.name, it.stage, it.region].filter(Boolean).join(" · ")}: ${it.says}`], 5)),
  ].filter(Boolean);
}

/** Whether an account comes before another: one that was not read, then the one with more of the worst findings. */
function worseFirst(one, other) {
  const unread = (other.status === "not-read") - (one.status === "not-read");
  const more = SEVERITIES.map((name) => (countsOf(other)?.[name] ?? -1) - (countsOf(one)?.[name] ?? -1));
  return unread || more.find((it) => it !== 0) || 0;
}

/** The accounts, the worst first. */
function accountsTable(page) {
  const overview = isOverview(page);
  const row = (it) => {
    const counts = countsOf(it), gapCount = gapsOf(it);
    const count = (name) => el("td", { class: "number" }, counts ? number.format(counts[name]) : "–");
    const named = it.elsewhere?.page ? link(it.elsewhere.page, it.account) : it.account;
    const read = it.elsewhere ? minute(it.elsewhere.taken_at) : "–";
    return el("tr", {}, el("th", { scope: "row" }, named), el("td", {}, it.name), el("td", {}, it.status.replaceAll("-", " ")),
      overview && el("td", {}, read),
      ["critical", "high", "medium", "low"].map(count),
      el("td", { class: "number" }, gapCount === null ? "–" : number.format(gapCount)));
  };
  const heads = ["Account", "Name", "Status", overview && "Read", "Critical", "High", "Medium", "Low", "Gaps"].filter(Boolean);
  const numbers = overview ? 4 : 3;
  return el("div", { class: "panel scroll", tabindex: "0", role: "region", "aria-label": "Accounts" }, el("table", {},
    el("thead", {}, el("tr", {}, heads.map((it, place) => el("th", { scope: "col", class: place >= numbers ? "number" : null }, it)))),
    el("tbody", {}, [...page.accounts].sort(worseFirst).map(row))),
    page.accounts.some((it) => it.elsewhere?.page) && el("p", { class: "quiet" },
      "An account's number leads to its own page in S3, which is that of its last run over everything."));
}
