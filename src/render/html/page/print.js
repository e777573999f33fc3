// What paper shows in place of the list: every finding that the filters leave.

/** Prepares the page for paper. `listed` gives what the filters leave. */
function makePrintable(page, listed) {
  const printed = byId("printed");
  addEventListener("beforeprint", () => {
    const items = listed();
    const count = `Listed here: ${number.format(items.length)} of ${plural(page.findings.length, "finding")}, exempt ones included`;
    const details = byId("print-details").checked;
    printed.replaceChildren(el("p", { class: "quiet" }, `${count}.`),
      details ? el("div", {}, items.map((it) => el("div", { class: "whole" }, el("div", { class: "detail" }, detailOf(it))))) : overview(items));
  });
  addEventListener("afterprint", () => printed.replaceChildren());
}

function overview(items) {
  const row = (it) => el("tr", {}, el("td", {}, el("span", { class: "sev", "data-severity": it.finding.severity }, it.finding.severity)),
    el("td", {}, it.finding.rule, marks(it)), el("td", { class: "mono" }, it.what), el("td", {}, it.where), el("td", {}, it.finding.message));
  return el("table", {}, el("thead", {}, el("tr", {}, ["Severity", "Rule", "What", "Where", "Why"].map((it) => el("th", { scope: "col" }, it)))),
    el("tbody", {}, items.map(row)));
}
