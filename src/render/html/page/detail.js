// One finding with all that is known of it.

const EXPOSURE_WORDS = Object.fromEntries(EXPOSURES.map(([name, , words]) => [name, words]));

/** The parts of a finding, for the panel beside the list and for paper. */
function detailOf(item) {
  const { finding, account, api } = item;
  return [
    el("p", {}, el("span", { class: "sev", "data-severity": finding.severity }, finding.severity), " ",
      el("a", { href: `#rule-${finding.rule}`, class: "rule-name" }, finding.rule), marks(item)),
    el("h3", {}, `${capitalized(finding.message)}.`),
    el("p", { class: "whole" }, item.what),
    facts(item),
    exemption(finding),
    finding.exposure && [el("h4", {}, "Who reaches it"), el("p", {}, `${capitalized(EXPOSURE_WORDS[finding.exposure])}.`),
      finding.urls.length > 0 && el("ul", { class: "lines mono" }, finding.urls.map((url) => el("li", {}, url)))],
    el("h4", {}, "Evidence"),
    el("ul", { class: "lines" }, finding.evidence.map((it) => el("li", { class: "sourced" }, el("span", { class: "source" }, it.source.replaceAll("-", " ")),
      el("span", {}, it.says, it.dated && el("span", { class: "quiet" }, ` (made ${minute(it.dated)})`))))),
    fix(finding.remedy),
    el("p", { class: "quiet" }, links(account, api, finding)),
  ];
}

function marks(item) {
  if (item.status === "new") return el("span", { class: "mark" }, "NEW");
  return item.status === "exempt" && el("span", { class: "mark exempt" }, "EXEMPT");
}

function facts(item) {
  const { finding, account } = item;
  const source = finding.location && `${finding.location.file}, line ${finding.location.line}`;
  const rows = [
    ["API", finding.api && `${finding.api.name} (${finding.api.id})${finding.api.kind ? `, ${finding.api.kind}` : ""}`],
    ["Stage", finding.stage],
    ["Region", finding.region],
    ["Account", `${finding.account}${account.name ? ` ${account.name}` : ""}`],
    ["Principal", finding.principal],
    ["Owner", item.owner],
    ["Policy file", finding.policy_line && `line ${finding.policy_line}`],
    ["Template", source],
    ["Since", account.since[finding.id]],
    ["Confidence", finding.confidence],
    ["Id", el("span", { class: "mono" }, finding.id)],
  ];
  return el("dl", {}, rows.filter(([, value]) => value).map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

function exemption(finding) {
  const it = finding.exemption;
  return it && [el("h4", {}, "Exempt"), el("p", {},
    `${it.reason} (owner ${it.owner}, until ${it.expires}, ${plural(it.days_left, "day")} left, line ${it.policy_line} of the policy file)`)];
}

function fix(remedy) {
  return [el("h4", {}, "Fix"), el("p", {}, `${capitalized(remedy.summary)}.`),
    remedy.commands.map((command, place) => el("div", { class: "command" }, el("pre", {}, command),
      copyButton(command, remedy.commands.length > 1 ? `command ${place + 1}` : "the command"))),
    remedy.infrastructure_as_code && el("p", { class: "sourced" }, el("span", { class: "source" }, "as code"), el("span", {}, remedy.infrastructure_as_code))];
}

/** Where to look on: the API or the principal in the console, the rule, and what AWS says of it. */
function links(account, api, finding) {
  const console_ = (Object.hasOwn(account.consoles, finding.principal) && account.consoles[finding.principal]) || api?.console;
  const pages = finding.remedy.references.map((it) => link(it, `AWS: ${lastPart(it)}`));
  const all = [console_ && link(console_, finding.principal ? "Principal in the console" : "API in the console"),
    el("a", { href: `#rule-${finding.rule}` }, "About the rule"), ...pages].filter(Boolean);
  return all.flatMap((it, place) => (place === 0 ? [it] : [" · ", it]));
}

const lastPart = (address) => address.split("#")[0].split("/").pop().replace(".html", "");
