//! A report as Markdown, for an issue, a wiki or a comment on a pull request.

pub(in crate::render) mod escape;
mod finding;
mod proof;

use std::cmp::Reverse;

use super::accounts::{AccountReport, accounts_in_words};
use crate::audit::finding::Finding;
use crate::audit::rules::Exempted;
use crate::audit::{Report, Status};
use crate::render::{by_severity, capitalized, minute, plural};
use escape::{code, item, text};

/// As many characters. GitHub takes 65,536 in a comment or the description of an issue, GitLab a million.
const LIMIT: usize = 60_000;

/// As many characters of a list that is no list of findings, so that one does not take the place of all others.
const SHARE: usize = 10_000;

/// Without so many characters left, no further report is begun.
const LEAST: usize = 4_000;

/// The report in at most 60,000 characters, or little more: how much is left out is always said. What could not be read
/// comes first, then the findings, worst first.
pub fn markdown(report: &Report) -> String {
    let mut page = Page::new();
    page.report(report);
    page.text
}

/// The same of several accounts: what they came to, which were not read, and then the reports, the worst first, each within
/// what those before it left.
pub fn accounts_markdown(accounts: &[AccountReport]) -> String {
    let mut page = Page::new();
    let outcome = text(&capitalized(&accounts_in_words(accounts)));
    page.add(&format!("## gatewatch: {outcome}\n\n"));
    let not_read = accounts.iter().filter_map(|it| {
        let why = it.result.as_ref().err().filter(|it| !it.is_inactive())?;
        Some(item(&format!("{}: {}", it.member.account, why.message)))
    });
    page.list("Accounts that were not read", not_read.collect());
    let reports = accounts.iter().filter_map(|it| it.result.as_ref().ok());
    let mut reports: Vec<&Report> = reports.filter(|it| it.status() != Status::Clean).collect();
    reports.sort_by_key(|it| (Reverse(it.worst()), it.account.as_str()));
    for (at, report) in reports.iter().enumerate() {
        if page.left < LEAST {
            let rest = plural(reports.len() - at, "account");
            page.add(&format!("The reports of {rest} are left out for size.\n"));
            break;
        }
        page.report(report);
    }
    page.text
}

/// A page in the making.
struct Page {
    text: String,
    /// How many characters may still be written.
    left: usize,
}

impl Page {
    fn new() -> Self {
        Page {
            text: String::new(),
            left: LIMIT,
        }
    }

    fn add(&mut self, text: &str) {
        self.text.push_str(text);
        self.left = self.left.saturating_sub(text.chars().count());
    }

    fn report(&mut self, report: &Report) {
        let evaluation = &report.evaluation;
        self.add(&format!(
            "## gatewatch: {}\n\n**{}** ({})\n\n",
            text(&report.subject_in_words()),
            capitalized(report.outcome_in_words()),
            report.counts_in_words()
        ));
        let gaps = evaluation.gaps.iter().map(|it| item(&it.in_words()));
        self.list("Not read, and so not clean", gaps.collect());
        let warnings = report.warnings();
        self.list("Warnings", warnings.iter().map(|it| item(it)).collect());
        let known = report.known.iter().flat_map(|it| &it.findings);
        let known = known.map(|it| {
            let place = code(&it.place.in_words());
            format!("- {} `{}` {place}\n", it.severity, it.rule)
        });
        let known: Vec<String> = known.collect();
        let exempted: Vec<String> = evaluation.exempted.iter().map(exempted).collect();
        let assumptions = evaluation.assumptions.iter();
        let assumptions =
            assumptions.map(|it| item(&format!("{}: {}", it.place.in_words(), it.says)));
        let assumptions: Vec<String> = assumptions.collect();
        // What comes after the findings keeps its room.
        let after = [&known, &exempted, &assumptions].map(|it| length(it).min(SHARE) + 200);
        self.findings(&evaluation.findings, after.iter().sum());
        self.list("Known from the baseline, and not counted", known);
        self.list("Exempted", exempted);
        self.list("Accepted without proof", assumptions);
        let read = format!(
            "Read {}: {}",
            minute(report.taken_at),
            report.coverage_in_words()
        );
        self.add(&format!("{}\n\n", text(&read)));
        self.proof(report);
    }

    /// By what it was judged, and what each rule looked at, to be unfolded.
    fn proof(&mut self, report: &Report) {
        let judged = proof::judged(report);
        let table = proof::rules(report);
        let all = format!("{judged}{table}");
        if all.chars().count() > self.left {
            self.add(
                "By what it was judged, and what each rule looked at, is left out for size.\n\n",
            );
        } else {
            self.add(&all);
        }
    }

    /// A list below a heading. Without an entry, there is none.
    fn list(&mut self, heading: &str, entries: Vec<String>) {
        if entries.is_empty() {
            return;
        }
        self.add(&format!("### {heading}\n\n"));
        let shown = fitting(&entries, self.left.min(SHARE));
        for entry in entries.iter().take(shown) {
            self.add(entry);
        }
        if shown < entries.len() {
            let rest = entries.len() - shown;
            self.add(&format!("- and {rest} more, left out for size\n"));
        }
        self.add("\n");
    }

    /// A line a finding in a table, then each with its evidence and its fix, to be unfolded. So many characters are left for
    /// what comes after.
    fn findings(&mut self, findings: &[Finding], after: usize) {
        if findings.is_empty() {
            return;
        }
        self.add("### Findings\n\n| severity | rule | where | reached by |\n|---|---|---|---|\n");
        let room = self.left.saturating_sub(after);
        let lines: Vec<String> = findings.iter().map(finding::line).collect();
        let shown = fitting(&lines, room / 2);
        for line in lines.iter().take(shown) {
            self.add(line);
        }
        self.add("\n");
        let rest = findings.get(shown..).unwrap_or_default();
        if !rest.is_empty() {
            let counts = by_severity(|it| rest.iter().filter(|of| of.severity == it).count());
            let rest = plural(rest.len(), "finding");
            self.add(&format!("Left out for size: {rest} ({counts}).\n\n"));
        }
        for (at, it) in findings.iter().take(shown).enumerate() {
            let details = finding::details(it);
            if details.chars().count() + after > self.left {
                let rest = plural(shown - at, "finding");
                self.add(&format!(
                    "Evidence and fix of {rest} are left out for size.\n\n"
                ));
                break;
            }
            self.add(&details);
        }
    }
}

/// How many of the first entries have so many characters together at most.
fn fitting(entries: &[String], room: usize) -> usize {
    let mut taken = 0;
    let fits = entries.iter().take_while(|it| {
        taken += it.chars().count();
        taken <= room
    });
    fits.count()
}

fn length(entries: &[String]) -> usize {
    entries.iter().map(|it| it.chars().count()).sum()
}

fn exempted(exempted: &Exempted) -> String {
    let finding = &exempted.finding;
    let (reason, owner) = (&exempted.reason, &exempted.owner);
    let says = format!("{reason} (owner {owner}, until {})", exempted.expires);
    let place = code(&finding.place.in_words());
    format!("- `{}` {place}: {}\n", finding.rule, text(&says))
}
