// What the page shows: the reports as they came, and the findings of all accounts in one list.

const SEVERITIES = ["critical", "high", "medium", "low", "informational"];

const EXPOSURES = [
  ["public", "Internet", "anyone on the internet"],
  ["unknown", "Not known", "it could not be told who reaches it; it counts as the internet"],
  ["network-limited", "Networks", "callers from certain networks, or with a client certificate"],
  ["private", "Private", "callers in a VPC, through a VPC endpoint"],
  ["closed", "Closed", "nobody for now"],
];

const PROTECTIONS = [
  ["open", "nothing asked (NONE)"],
  ["key-only", "API key only"],
  ["unknown", "not known"],
  ["authorizer", "authorizer or token"],
  ["iam", "AWS_IAM"],
];

/** Reads the data of the page. */
function read() {
  const page = JSON.parse(byId("data").textContent);
  const findings = page.accounts.flatMap(ofAccount);
  if (page.accounts.length > 1) findings.sort((one, other) => one.rank - other.rank);
  return { ...page, findings };
}

/** How many findings of each severity an account has: those of its report, or the numbers of one that has a page of its own. */
const countsOf = (account) => account.report?.counts ?? account.elsewhere?.open;

const exemptedOf = (account) => account.report?.counts.exempted ?? account.elsewhere?.open.exempt ?? 0;

/** How many gaps there are in what was read of an account. Null: nothing was read. */
const gapsOf = (account) => account.report?.coverage.gaps.length ?? account.elsewhere?.gaps ?? null;

/** Whether no report is in this page, but for those of other pages: that of an organization. */
const isOverview = (page) => page.accounts.some((it) => it.elsewhere) && !page.accounts.some((it) => it.report);

/** How many findings there are that this page does not list. */
const leftOutOf = (page) => page.accounts.reduce((sum, it) => sum + (it.report?.left_out?.findings ?? 0), 0);

/** Where the reports are that this page does not hold. */
const ELSEWHERE = "is in the page of each account, reports/ACCOUNT/latest.html. The table of accounts leads to it where it is an object of S3.";

const keyOf = (account, region, id) => `${account}/${region}/${id}`;

function ofAccount(account) {
  const report = account.report;
  if (!report) return [];
  const apis = new Map(account.apis.map((api) => [keyOf(account.account, api.region, api.id), api]));
  const fresh = new Set(account.new);
  const open = report.findings.map((finding) => [finding, fresh.has(finding.id) ? "new" : "open"]);
  const exempted = report.exempted.map((finding) => [finding, "exempt"]);
  return [...open, ...exempted].map(([finding, status]) => listed(account, apis, finding, status));
}

/** A finding as the list shows it. */
function listed(account, apis, finding, status) {
  const key = finding.api ? keyOf(finding.account, finding.region, finding.api.id) : "";
  const api = apis.get(key);
  const what = subject(finding);
  const where = [
    finding.api && (finding.api.name || finding.api.id), finding.stage && `stage ${finding.stage}`, finding.region,
  ].filter(Boolean).join(" · ") || `account ${finding.account}`;
  return {
    finding, account, api, key, status, what, where,
    owner: finding.owner ?? "",
    rank: SEVERITIES.indexOf(finding.severity),
    searched: null,
  };
}

/** What a finding is about: a method, a principal, an entry of the policy file, or nothing narrower than its API. */
function subject(finding) {
  if (finding.route_key) return finding.route_key;
  if (finding.verb && finding.path) return `${finding.verb} ${finding.path}`;
  if (finding.principal) return nameOf(finding.principal);
  if (finding.policy_line) return `policy file, line ${finding.policy_line}`;
  return finding.api ? finding.api.name || finding.api.id : `account ${finding.account}`;
}

/** A principal by the last part of its ARN, with its account where it is another one. */
function nameOf(arn) {
  const [, , , , account, ...resource] = arn.split(":");
  const name = resource.join(":");
  return name === "root" ? `account ${account}` : name.replace("/", " ") || arn;
}

/** All that a search looks at, in lower case. Made when it is first asked for. */
function searchedText(item) {
  item.searched ??= [
    item.what, item.where, item.finding.rule, item.finding.message, item.finding.id, item.finding.account,
    item.account.name, item.finding.principal, item.finding.api?.id, item.owner, ...item.finding.urls,
  ].filter(Boolean).join("\n").toLowerCase();
  return item.searched;
}

/** Makes the searched texts while there is nothing else to do, so that the first search need not. */
function prepareSearch(items) {
  let place = 0;
  const some = (idle) => {
    while (place < items.length && idle.timeRemaining() > 1) searchedText(items[place++]);
    if (place < items.length) requestIdleCallback(some);
  };
  // A browser without idle times makes them with the first search.
  if (typeof requestIdleCallback === "function") requestIdleCallback(some);
}
