// The exemptions of the policy file with the days they have left, what ended, and the rules that were asked.

function showExemptions(page) {
  const all = page.accounts.flatMap((account) => (account.report?.exemptions ?? []).map((it) => ({ ...it, account })));
  const body = byId("exemptions-body");
  if (isOverview(page)) {
    body.append(el("p", { class: "panel quiet" }, `What is exempt ${ELSEWHERE}`));
    return 0;
  }
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

/** Every rule, with what it looked at. Only what was read and decided, and is as it should be, passed. */
function showRules(page) {
  const all = tallies(page);
  const count = (it, name) => el("td", { class: "number" }, all.has(it.rule) ? number.format(all.get(it.rule)[name]) : "–");
  const counted = (it) => el("td", { class: "number" }, all.has(it.rule)
    ? [number.format(all.get(it.rule).looked_at), el("div", { class: "quiet" }, all.get(it.rule).counted)] : "–");
  const row = (it) => el("tr", { id: `rule-${it.rule}` }, el("th", { scope: "row", class: "rule-name" }, it.rule),
    el("td", {}, `${capitalized(it.summary)}.`, !it.can_be_exempted && el("span", { class: "quiet" }, " No exemption covers it."), controlsOf(it),
      el("details", {}, el("summary", {}, "Why, examples, and how to fix it"), el("pre", { class: "manual" }, it.manual.slice(2).join("\n")))),
    counted(it), ["findings", "exempted", "undecided", "passed"].map((name) => count(it, name)));
  const heads = ["Rule", "What it means when it fires", "Looked at", "Findings", "Exempt", "Not decided", "Passed"];
  byId("rules-body").append(el("div", { class: "panel scroll", tabindex: "0", role: "region", "aria-label": "Rules, as a table" }, el("table", {},
    el("thead", {}, el("tr", {}, heads.map((it, place) => el("th", { scope: "col", class: place > 1 ? "number" : null }, it)))),
    el("tbody", {}, page.rules.map(row)))),
  el("p", { class: "quiet" }, "Not decided: something that the rule looks at was not read or not decided there, or one finding is about several together. " +
    "What was accepted without proof counts as passed, and is listed with the coverage."));
  addEventListener("hashchange", openTarget);
}

/** The controls of standards that are about the same. Addresses become links. */
function controlsOf(rule) {
  if (rule.controls.length === 0) return "";
  const line = (text) => text.split(/ \((https:[^)]+)\)/).map((part, place) => (place % 2 === 0 ? part : [" ", link(part, "(documentation)")]));
  return el("div", { class: "controls" }, el("h3", {}, "Related controls"), el("ul", { class: "lines" }, rule.controls.map((it) => el("li", {}, line(it)))));
}

/** Whoever follows a link to a rule wants to read it. */
function openTarget() {
  const target = location.hash.startsWith("#rule-") && byId(location.hash.slice(1));
  if (target) target.querySelector("details").open = true;
}
