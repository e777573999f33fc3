//! The report as people read it on a terminal: by API, the worst first, what is the same said once.
//!
//! - In: the report, and how the reader wants to see it.
//! - Out: lines that fit the terminal.
//! - Not decided here: what counts. A filter changes what is shown, never the counts or the outcome.

mod api;
mod filter;
mod fix;
mod group;
mod last;
mod paint;
mod subjects;
mod wrap;

use std::collections::BTreeSet;

use super::sections::sections;
use super::table::{detail, overview};
use crate::audit::Report;
use crate::audit::finding::Finding;
use crate::render::{plain, plural};
pub use filter::Filter;
use group::Group;
pub(in crate::render) use paint::Paint;
pub(in crate::render) use wrap::{columns, wrapped};

/// So many lines of APIs are shown in full before the others have a line each. The first API is always shown.
const IN_FULL: usize = 300;

/// So many lines name APIs that are not shown in full.
const IN_BRIEF: usize = 60;

/// Stands before what the last report did not have.
const NEW: &str = "NEW ";

/// How much of a report is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Detail {
    /// The last line alone.
    Quiet,
    /// A line a finding.
    Brief,
    /// By API, what is the same said once, at a length that can be read.
    #[default]
    Grouped,
    /// Every finding with all that is known of it.
    Verbose,
}

/// How a reader wants to see a report.
#[derive(Debug, Clone)]
pub struct View {
    /// How much of it.
    pub detail: Detail,
    /// Which findings.
    pub filter: Filter,
    /// The columns of the terminal.
    pub width: usize,
    /// Whether it is colored.
    pub color: bool,
    /// The ids of the findings that the last report did not have, where there is a ledger.
    pub new: BTreeSet<String>,
}

impl Default for View {
    fn default() -> Self {
        View {
            detail: Detail::default(),
            filter: Filter::default(),
            width: 120,
            color: false,
            new: BTreeSet::new(),
        }
    }
}

impl View {
    /// What stands before the severity of a finding that the last report did not have.
    fn mark(&self, finding: &Finding) -> &'static str {
        match self.new.contains(&finding.fingerprint().to_string()) {
            true => NEW,
            false => "",
        }
    }
}

/// The report for a terminal.
pub fn screen(report: &Report, view: &View) -> String {
    let mut screen = Screen {
        lines: Vec::new(),
        width: view.width,
        paint: Paint(view.color),
    };
    let groups = group::groups(report);
    let last = last::line(report, &groups);
    if view.detail != Detail::Quiet {
        let findings = report.evaluation.findings.iter();
        let shown: Vec<&Finding> = findings.filter(|it| view.filter.shows(it)).collect();
        match view.detail {
            Detail::Verbose => screen.verbose(&shown, view),
            Detail::Brief => screen.brief(&shown, view),
            _ => screen.grouped(group::shown(groups, &view.filter), view),
        }
        screen.besides(report, shown.len(), view);
    }
    screen.lines.push(screen.paint.strong(&plain(&last)));
    screen.lines.join("\n") + "\n"
}

/// A command. It is pasted: it stays one line, however long, and stands further in than any text that was broken, so
/// that no name from the account looks like one.
fn command_line(command: &str) -> String {
    format!("        {}", plain(command))
}

/// Lines in the making.
struct Screen {
    lines: Vec<String>,
    width: usize,
    paint: Paint,
}

impl Screen {
    /// A text of anybody's making, in as many lines as it needs.
    fn say(&mut self, text: &str, first: usize, hang: usize) {
        let lines = wrapped(&plain(text), self.width, first, hang);
        self.lines.extend(lines);
    }

    fn blank(&mut self) {
        self.lines.push(String::new());
    }

    fn verbose(&mut self, findings: &[&Finding], view: &View) {
        for finding in findings {
            let mut text = view.mark(finding).to_owned();
            // Writing into a String cannot fail.
            let _ = detail(&mut text, finding);
            let severity = finding.severity.as_str();
            for (at, line) in text.lines().enumerate() {
                let indent = line.len() - line.trim_start().len();
                if indent >= 4 {
                    self.lines.push(command_line(line.trim_start()));
                    continue;
                }
                let from = self.lines.len();
                let lines = wrapped(line.trim_start(), self.width, indent, 4);
                self.lines.extend(lines);
                if let (0, Some(line)) = (at, self.lines.get_mut(from)) {
                    let word = self.paint.severity(finding.severity, severity);
                    *line = line.replacen(severity, &word, 1);
                }
            }
        }
    }

    /// A line a finding, however long: it is searched and counted.
    fn brief(&mut self, findings: &[&Finding], view: &View) {
        if findings.is_empty() {
            return;
        }
        let table = overview(findings.iter().copied(), |it| view.mark(it));
        let severities = findings.iter().map(|it| Some(it.severity));
        let severities = std::iter::once(None).chain(severities);
        for (line, severity) in table.lines().zip(severities) {
            self.lines.push(match severity {
                None => self.paint.strong(line),
                Some(severity) => {
                    let word = severity.as_str();
                    line.replacen(word, &self.paint.severity(severity, word), 1)
                }
            });
        }
        self.blank();
    }

    /// API by API, in full as long as it can be read.
    fn grouped(&mut self, groups: Vec<Group<'_>>, view: &View) {
        let mut rest = groups.as_slice();
        while let [group, others @ ..] = rest {
            let before = self.lines.len();
            self.group(group, &view.new);
            if before > 0 && self.lines.len() > IN_FULL {
                self.lines.truncate(before);
                break;
            }
            rest = others;
        }
        if rest.is_empty() {
            return;
        }
        let title = format!(
            "{} more, in short (--show-api NAME shows one of them, --verbose everything):",
            plural(rest.len(), "API")
        );
        self.say(&title, 0, 2);
        let until = self.lines.len() + IN_BRIEF;
        let mut left = rest.len();
        let mut unnamed: Vec<&Finding> = Vec::new();
        for group in rest {
            if self.lines.len() >= until {
                unnamed.extend(&group.findings);
                continue;
            }
            left -= 1;
            self.in_short(group);
        }
        if left > 0 {
            let counts = group::counts_in_words(&unnamed);
            self.say(&format!("and {left} more: {counts}"), 2, 4);
        }
        self.blank();
    }

    /// What a report says besides its findings, and what is not shown of these.
    fn besides(&mut self, report: &Report, shown: usize, view: &View) {
        for section in sections(report) {
            let heading = self.paint.strong(section.heading);
            self.lines.push(heading);
            for line in &section.lines {
                self.say(line, 2, 4);
            }
            self.blank();
        }
        for warning in report.warnings() {
            self.say(&format!("warning: {warning}"), 0, 2);
        }
        let all = report.evaluation.findings.len();
        if shown < all {
            let hidden = format!(
                "not shown: {} of {} ({}); they count all the same",
                all - shown,
                plural(all, "finding"),
                view.filter.in_words()
            );
            self.say(&hidden, 0, 2);
        }
        for unmet in view.filter.unmet(report) {
            self.say(&unmet, 0, 2);
        }
        self.say(&last::read(report), 0, 2);
    }
}
