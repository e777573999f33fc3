// The exemptions of the policy file with the days they have left, what ended, and the rules that were asked.

function showExemptions(page) {
  const all = page.accounts.flatMap((account) => (account.report?.exemptions ?? []).map((it) => ({ ...it, account })));
  const body = byId("exemptions-body");
  if (all.length === 0) {
    body.append(el("p", { class: "panel quiet" }, "The policy file has no exemption."));
    return 0;
  }
  all.sort((one, other) => one.days_left - other.days_left);
  const several = page.accounts.length > 1;
  const heads = [several && "Account", "Left", "Speaks of", "Reason", "Owner", "Covers"].filter(Boolean);
  const row = (it) => el("tr", {}, several && el("td", {}, it.account.account), el("td", {}, daysLeft(it)),
    el("th", { scope: "row" }, it.says, el("div", { class: "quiet" }, `line ${it.policy_line}, ${it.severity} at most`)),
    el("td", {}, it.reason), el("td", {}, it.owner), el("td", {}, covered(it)));
  body.append(el("div", { class: "panel scroll", tabindex: "0", role: "region", "aria-label": "Exemptions, as a table" }, el("table", {},
    el("thead", {}, el("tr", {}, heads.map((it) => el("th", { scope: "col" }, it)))), el("tbody", {}, all.map(row)))));
  return all.length;
}

function daysLeft(it) {
  if (it.standing === "expired") return el("strong", {}, `expired ${plural(-it.days_left, "day")} ago`);
  const share = Math.max(2, Math.min(100, it.days_left * 100 / 365));
  const bar = svg("svg", { class: `days${it.days_left <= 30 ? " soon" : ""}`, viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { width: share, height: 8 }));
  const left = `${plural(it.days_left, "day")}, until ${it.expires}`;
  return it.standing === "in-force" ? [bar, left] : `longer than allowed, until ${it.expires}`;
}

function covered(it) {
  const worse = it.too_severe > 0 ? `; not ${number.format(it.too_severe)} worse than ${it.severity}` : "";
  return it.standing === "in-force" ? plural(it.covers, "finding") + worse : "nothing";
}

/** What the ledger remembers, and is not there any more. */
function showEnded(page) {
  const count = page.accounts.reduce((sum, account) => sum + account.ended_in_all, 0);
  if (count === 0) return 0;
  // Times are written so that they sort as texts.
  const all = page.accounts.flatMap((account) => account.ended).sort((one, other) => other.ended.localeCompare(one.ended));
  const shown = all.slice(0, 200);
  byId("ended").hidden = false;
  const row = (it) => el("tr", {}, el("td", {}, it.ended), el("td", {}, it.standing === "became" ? "became another finding" : it.standing),
    el("td", {}, el("span", { class: "sev", "data-severity": it.severity }, it.severity)), el("td", { class: "rule-name" }, it.rule),
    el("th", { scope: "row" }, it.place), el("td", {}, it.why ?? "its place was read, and it is not there any more"));
  const heads = ["When", "How", "Severity", "Rule", "Where", "Why"];
  byId("ended-body").append(el("div", { class: "panel scroll", tabindex: "0", role: "region", "aria-label": "Not there any more, as a table" },
    el("table", {}, el("thead", {}, el("tr", {}, heads.map((it) => el("th", { scope: "col" }, it)))), el("tbody", {}, shown.map(row)))));
  if (count > shown.length) {
    byId("ended-body").append(el("p", { class: "quiet" }, `The latest ${shown.length} of ${number.format(count)}.`));
  }
  return count;
}

/** Every rule, with how many findings it has. A rule without one found nothing in what was read. */
function showRules(page) {
  const counts = new Map(), exempt = new Map();
  for (const { finding, status } of page.findings) {
    const of = status === "exempt" ? exempt : counts;
    of.set(finding.rule, (of.get(finding.rule) ?? 0) + 1);
  }
  const row = (it) => el("tr", { id: `rule-${it.rule}` }, el("th", { scope: "row", class: "rule-name" }, it.rule),
    el("td", {}, `${capitalized(it.summary)}.`, !it.can_be_exempted && el("span", { class: "quiet" }, " No exemption covers it."),
      el("details", {}, el("summary", {}, "Why, examples, and how to fix it"), el("pre", { class: "manual" }, it.manual.slice(2).join("\n")))),
    el("td", { class: "number" }, number.format(counts.get(it.rule) ?? 0)), el("td", { class: "number" }, number.format(exempt.get(it.rule) ?? 0)));
  byId("rules-body").append(el("div", { class: "panel scroll", tabindex: "0", role: "region", "aria-label": "Rules, as a table" }, el("table", {},
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Rule"), el("th", { scope: "col" }, "What it means when it fires"),
      el("th", { scope: "col", class: "number" }, "Findings"), el("th", { scope: "col", class: "number" }, "Exempt"))),
    el("tbody", {}, page.rules.map(row)))));
  addEventListener("hashchange", openTarget);
}

/** Whoever follows a link to a rule wants to read it. */
function openTarget() {
  const target = location.hash.startsWith("#rule-") && byId(location.hash.slice(1));
  if (target) target.querySelector("details").open = true;
}
