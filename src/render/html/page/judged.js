// How it was judged: by which policy file, when, and what its entries accept. What each rule looked at stands with the rules.

function showJudged(page) {
  const body = byId("judged-body");
  if (isOverview(page)) {
    body.append(el("p", { class: "panel quiet" }, `By which policy file it was judged, and when, ${ELSEWHERE}`));
    return;
  }
  const accounts = page.accounts.filter((it) => it.report);
  body.append(asTable("When it was read and judged, and by what", ["Account", "Read from", "Read until", "Judged", "Policy file", "SHA-256", "Version in S3"],
    accounts.map(({ account, report }) => [account, minute(report.taken_at), report.read_until ? minute(report.read_until) : "not known",
      report.judged_at ? minute(report.judged_at) : "not known", report.policy_file?.source ?? "none: the defaults",
      el("span", { class: "mono hash" }, report.policy_file?.sha256 ?? "–"), el("span", { class: "mono hash" }, report.policy_file?.version_id ?? "–")])));
  body.append(...requirements(accounts), preflights(accounts));
}

/** What the entries of `require` decide. Accounts that were judged by the same file are counted together. */
function requirements(accounts) {
  const entries = new Map();
  for (const { report } of accounts) {
    for (const it of report.requirements) {
      const key = `${report.policy_file?.sha256}/${it.policy_line}`;
      const known = entries.get(key) ?? { ...it, decides: 0, accepts_open: 0 };
      entries.set(key, { ...known, decides: known.decides + it.decides, accepts_open: known.accepts_open + it.accepts_open });
    }
  }
  const left = accounts.reduce((sum, it) => sum + (it.report.left_out?.requirements ?? 0), 0);
  if (entries.size === 0) {
    return [el("p", { class: "panel quiet" }, "No policy file says which authorization is required: every type but NONE is accepted.")];
  }
  const rows = [...entries.values()].map((it) => [`line ${it.policy_line}`, it.says, it.accepts.join(" or "),
    number.format(it.decides), number.format(it.accepts_open)]);
  return [asTable("What the policy file requires and accepts", ["Entry", "Speaks of", "Accepts", "Decides about methods", "Accepts open"], rows, 3),
    left > 0 && el("p", { class: "panel warn" }, `${plural(left, "entry", "entries")} left out for size.`)].filter(Boolean);
}

function preflights(accounts) {
  const count = accounts.reduce((sum, it) => sum + it.report.preflights_accepted, 0);
  return count > 0 ? el("p", { class: "quiet" }, `Open, and accepted as CORS preflights: ${plural(count, "OPTIONS method")}.`) : "";
}

/** A table in a panel. The cells from the column `numbers` on are numbers. */
function asTable(label, heads, rows, numbers = heads.length) {
  const kind = (place) => (place >= numbers ? "number" : null);
  const row = (cells) => el("tr", {}, cells.map((cell, place) => el(place === 0 ? "th" : "td", { scope: place === 0 ? "row" : null, class: kind(place) }, cell)));
  return el("div", { class: "panel scroll", tabindex: "0", role: "region", "aria-label": label }, el("table", {},
    el("thead", {}, el("tr", {}, heads.map((it, place) => el("th", { scope: "col", class: kind(place) }, it)))), el("tbody", {}, rows.map(row))));
}

/** What each rule came to in all accounts, by its name. */
function tallies(page) {
  const all = new Map();
  for (const { report } of page.accounts.filter((it) => it.report)) {
    for (const it of report.rules) {
      const known = all.get(it.rule);
      const sum = (name) => (known?.[name] ?? 0) + it[name];
      all.set(it.rule, { counted: it.counted.replaceAll("-", " "), looked_at: sum("looked_at"), findings: sum("findings"),
        exempted: sum("exempted"), undecided: sum("undecided"), passed: sum("passed") });
    }
  }
  return all;
}
