// Which findings are listed. What is not listed counts all the same.

/** The filters with a choice of one: how it is called, and what it asks of a finding. */
function choices() {
  const apiName = (it) => (it.api || it.finding.api
    ? `${it.finding.api.name || it.finding.api.id} (${it.finding.api.id})` : "no API");
  return [
    { name: "rule", label: "Rule", of: (it) => it.finding.rule, text: (it) => it.finding.rule },
    { name: "api", label: "API", of: (it) => it.key, text: apiName },
    { name: "exposure", label: "Reached by", of: (it) => it.finding.exposure ?? "", text: (it) => EXPOSURE_LABELS[it.finding.exposure] ?? "no method" },
    { name: "region", label: "Region", of: (it) => it.finding.region ?? "", text: (it) => it.finding.region ?? "no Region" },
    { name: "account", label: "Account", of: (it) => it.finding.account, text: (it) => `${it.finding.account} ${it.account.name}`.trim() },
    { name: "owner", label: "Owner", of: (it) => it.owner, text: (it) => it.owner || "no owner" },
  ];
}

/** Makes the filters. `show` is told what they leave. */
function makeFilters(page, show) {
  const wanted = { severity: new Set(), search: "" };
  const status = statusChoice(page);
  const offered = choices().map((choice) => ({ ...choice, options: optionsOf(page.findings, choice) }))
    .filter((choice) => choice.options.length > 1);
  const search = el("input", { type: "search", placeholder: "path, API, principal, id …", autocomplete: "off", spellcheck: "false" });
  const toggles = severityToggles(page, wanted, () => apply());
  const selects = offered.map((choice) => {
    const select = el("select", { name: choice.name }, el("option", { value: "*" }, "all"),
      choice.options.map(([value, text, count]) => el("option", { value }, `${text} (${number.format(count)})`)));
    select.addEventListener("change", () => apply());
    return { ...choice, select };
  });
  const result = el("span", { role: "status", id: "result" });
  const clear = el("button", { type: "button", class: "plain" }, "Clear the filters");

  const leftOut = leftOutOf(page);
  const passes = (item) => isOf(item.status, status.value)
    && (wanted.severity.size === 0 || wanted.severity.has(item.finding.severity))
    && selects.every(({ select, of }) => select.value === "*" || of(item) === select.value)
    && (wanted.search === "" || searchedText(item).includes(wanted.search));

  function apply() {
    wanted.search = search.value.trim().toLowerCase();
    const left = page.findings.filter(passes);
    selects.forEach(({ select }) => select.classList.toggle("set", select.value !== "*"));
    status.classList.toggle("set", status.value !== "open");
    toggles.forEach((it) => it.setAttribute("aria-pressed", String(wanted.severity.has(it.dataset.severity))));
    const all = page.findings.filter((it) => isOf(it.status, status.value)).length;
    clear.hidden = left.length === all && status.value === "open";
    result.textContent = (left.length < all ? `${number.format(left.length)} of ` : "")
      + plural(all, { open: "open finding", new: "new finding", exempt: "exempt finding", "*": "finding" }[status.value])
      + (leftOut > 0 ? ` listed, and ${number.format(leftOut)} left out of this page` : "");
    remember(wanted, [status, ...selects.map((it) => it.select)]);
    show(left);
  }

  clear.addEventListener("click", () => { reset(); apply(); });
  function reset() {
    search.value = "";
    wanted.severity.clear();
    selects.forEach(({ select }) => { select.value = "*"; });
    status.value = "open";
  }
  status.addEventListener("change", () => apply());
  search.addEventListener("input", () => apply());
  byId("filters").append(
    el("div", { class: "filters", role: "search", "aria-label": "Filter the findings" },
      el("label", { class: "wide" }, "Search", search),
      el("fieldset", {}, el("legend", {}, "Severity"), el("div", { class: "toggles" }, toggles)),
      el("label", {}, "Status", status), selects.map(({ label, select }) => el("label", {}, label, select))),
    el("div", { class: "shown" }, result, clear, el("label", { title: "Evidence and fix of each finding that is listed" },
      el("input", { type: "checkbox", id: "print-details" }), "print with evidence and fix")));
  recall(wanted, [status, ...selects.map((it) => it.select)], search);
  apply();
  return {
    /** Lists the findings of one API, rule, owner or account. One without any changes nothing. */
    only(name, value) {
      const choice = selects.find((it) => it.name === name);
      if (choice && !choice.options.some(([known]) => known === value)) return;
      reset();
      if (choice) choice.select.value = value;
      apply();
      byId("findings").scrollIntoView();
    },
  };
}

/** Open findings first: what is exempt is listed on request. */
function statusChoice(page) {
  const count = (value) => number.format(page.findings.filter((it) => isOf(it.status, value)).length);
  const has = (value) => page.findings.some((it) => it.status === value);
  const options = [["open", "open"], has("new") && ["new", "new since the last report"], has("exempt") && ["exempt", "exempt"],
    has("exempt") && ["*", "all"]].filter(Boolean);
  return el("select", { name: "status" }, options.map(([value, text]) => el("option", { value }, `${text} (${count(value)})`)));
}

/** Whether a finding of this status is asked for. What is new is open, too. */
const isOf = (status, asked) => asked === "*" || status === asked || (asked === "open" && status === "new");

/** What a filter can be set to: the value, how it is called, and how many findings have it. */
function optionsOf(findings, { of, text, name }) {
  const found = new Map();
  for (const item of findings) {
    const value = of(item);
    const known = found.get(value);
    if (known) known[2] += 1;
    else found.set(value, [value, text(item), 1]);
  }
  const options = [...found.values()];
  return name === "rule" ? options.sort((one, other) => other[2] - one[2])
    : options.sort((one, other) => one[1].localeCompare(other[1]));
}

function severityToggles(page, wanted, apply) {
  const counts = new Map();
  for (const { finding, status } of page.findings) if (status !== "exempt") counts.set(finding.severity, (counts.get(finding.severity) ?? 0) + 1);
  return SEVERITIES.filter((name) => page.findings.some((it) => it.finding.severity === name)).map((name) => {
    const toggle = el("button", { type: "button", "aria-pressed": "false", "data-severity": name }, name,
      el("small", {}, number.format(counts.get(name) ?? 0)));
    toggle.addEventListener("click", () => {
      if (!wanted.severity.delete(name)) wanted.severity.add(name);
      apply();
    });
    return toggle;
  });
}

/** Writes the filters into the page's address, so that a link to the page lists the same. */
function remember(wanted, selects) {
  const asked = new URLSearchParams();
  if (wanted.severity.size > 0) asked.set("severity", [...wanted.severity].join(","));
  if (wanted.search) asked.set("search", wanted.search);
  for (const select of selects) if (!select.options[0].selected) asked.set(select.name, select.value);
  const text = asked.toString();
  if (text || location.hash.startsWith("#f:")) history.replaceState(null, "", text ? `#f:${text}` : "#findings");
}

function recall(wanted, selects, search) {
  if (!location.hash.startsWith("#f:")) return;
  const asked = new URLSearchParams(location.hash.slice(3));
  for (const name of (asked.get("severity") ?? "").split(",")) if (SEVERITIES.includes(name)) wanted.severity.add(name);
  search.value = asked.get("search") ?? "";
  for (const select of selects) {
    const value = asked.get(select.name);
    if ([...select.options].some((it) => it.value === value)) select.value = value;
  }
}
