//! Words that several formats share.

use std::io::{self, Write as _};

use jiff::Timestamp;
use serde::Serialize;
use serde::ser::Error as _;

use super::plain::{PlainJson, plain_json};
use crate::audit::finding::Severity;
use crate::audit::rules::Coverage;
use crate::audit::warnings::Warning;
use crate::audit::{CheckedFiles, Report, Status};

/// The most Regions that are named on a narrow screen.
const REGIONS: usize = 3;

/// So many warnings are in a message.
const WARNINGS: usize = 5;

impl Report {
    /// The findings by severity in words, worst first, such as `2 critical, 1 low`.
    pub fn counts_in_words(&self) -> String {
        let counts = by_severity(|severity| self.count(severity));
        match (&self.known, counts.is_empty()) {
            (None, true) => "no findings".to_owned(),
            (None, false) => counts,
            (Some(known), true) => format!("no new findings, {} known", known.findings.len()),
            (Some(known), false) => format!("new: {counts}; {} known", known.findings.len()),
        }
    }

    /// That findings are known from a baseline, where there is one.
    fn baseline_in_words(&self) -> Option<String> {
        let known = self.known.as_ref()?;
        let mut says = format!(
            "{} known from the baseline {} of {} are not counted",
            plural(known.findings.len(), "finding"),
            known.file,
            minute(known.taken_at),
        );
        if known.not_found > 0 {
            says += &format!(
                "; {} of its findings are not found, being mended or not looked at",
                known.not_found
            );
        }
        Some(says)
    }

    /// What the scan was narrowed to, where it was: such a report says nothing about the rest.
    fn narrowed_in_words(&self) -> String {
        match self.scope.apis.len() {
            0 => String::new(),
            _ => format!("; asked for {} only", self.scope.apis.join(", ")),
        }
    }

    /// Which Regions were left out on purpose, where some were.
    fn excluded_in_words(&self) -> String {
        match self.scope.excluded_regions.as_slice() {
            [] => String::new(),
            excluded => format!("; left out: {}", excluded.join(", ")),
        }
    }

    /// What the report speaks of: the account, or the APIs of it that were asked for.
    pub fn subject_in_words(&self) -> String {
        if let Some(template) = &self.scope.template {
            return template.clone();
        }
        let account = format!("account {}", self.account);
        match self.scope.apis.len() {
            0 => account,
            asked => format!("{} of {account}", plural(asked, "API")),
        }
    }

    /// A warning that nothing was there to be checked: the Region may be the wrong one.
    pub fn emptiness_in_words(&self) -> Option<String> {
        let evaluation = &self.evaluation;
        if !evaluation.gaps.is_empty() {
            return None;
        }
        let regions = || self.scope.regions.join(", ");
        let template = self.scope.template.as_ref();
        match (template, evaluation.coverage) {
            (Some(template), Coverage { apis: 0, .. }) => Some(format!(
                "there is no API in {template}: nothing was checked"
            )),
            (None, Coverage { apis: 0, .. }) => {
                let regions = regions();
                Some(format!(
                    "there is no API in {regions}: is it the right Region?"
                ))
            }
            (Some(template), Coverage { methods: 0, .. }) => Some(format!(
                "no API in {template} has a method: nothing was checked"
            )),
            (None, Coverage { methods: 0, .. }) => {
                Some(format!("no API in {} has a deployed method", regions()))
            }
            _ => None,
        }
    }

    /// What a reader should know before trusting the rest.
    pub fn warnings(&self) -> Vec<String> {
        let of_file = self.evaluation.warnings.iter().map(Warning::in_words);
        self.emptiness_in_words()
            .into_iter()
            .chain(self.baseline_in_words())
            .chain(of_file)
            .collect()
    }

    /// The same for messages: the first of them, and how many more there are.
    pub fn few_warnings(&self) -> Vec<String> {
        let mut warnings = self.warnings();
        let more = warnings.len().saturating_sub(WARNINGS);
        warnings.truncate(WARNINGS);
        if more > 0 {
            warnings.push(format!(
                "and {} more: see the report",
                plural(more, "warning")
            ));
        }
        warnings
    }

    /// The outcome for people.
    pub(super) fn outcome_in_words(&self) -> &'static str {
        match (self.status(), &self.files) {
            (Status::NoApi, Some(_)) => "no API in these files",
            (Status::NoMethod, Some(_)) => "no method in these files",
            (status, _) => status.in_words(),
        }
    }

    /// What the report came to, in one line: the outcome, and what it speaks of.
    pub fn in_words(&self) -> String {
        format!(
            "{}: {} ({}); read {}: {}",
            self.subject_in_words(),
            self.outcome_in_words(),
            self.counts_in_words(),
            minute(self.taken_at),
            self.coverage_in_words()
        )
    }

    /// What a template, or an inventory of an older version, does not hold, in words: whoever reads *clean* must know
    /// what it speaks of.
    pub fn not_looked_at(&self) -> &'static [&'static str] {
        match self.scope.template {
            Some(_) if self.evaluation.coverage.principals() == 0 => {
                &["IAM", "custom domain names", "what is deployed"]
            }
            Some(_) => &[
                "IAM principals that are not in the file",
                "custom domain names",
                "what is deployed",
            ],
            None if self.evaluation.coverage.lacks_trust_policies => &["trust policies of roles"],
            None => &[],
        }
    }

    /// The same, to be added to what was looked at.
    fn not_looked_at_in_words(&self) -> String {
        match self.not_looked_at() {
            [] => String::new(),
            what => format!("; not looked at: {}", what.join(", ")),
        }
    }

    /// What was looked at in words.
    pub fn coverage_in_words(&self) -> String {
        self.coverage_in(&self.scope.regions.join(", "))
    }

    /// The same on a narrow screen: many Regions are counted.
    pub(super) fn coverage_in_few_words(&self) -> String {
        let regions = &self.scope.regions;
        match regions.len() {
            0..=REGIONS => self.coverage_in_words(),
            more => self.coverage_in(&plural(more, "Region")),
        }
    }

    fn coverage_in(&self, regions: &str) -> String {
        let coverage = &self.evaluation.coverage;
        if self.scope.template.is_some() {
            let principals = match coverage.principals() {
                0 => String::new(),
                _ => format!(
                    ", {}, {}, {}",
                    plural(coverage.groups, "IAM group"),
                    plural(coverage.users, "user"),
                    plural(coverage.roles, "role")
                ),
            };
            return format!(
                "{}{}, {}, {}{principals}{}",
                self.files.as_ref().map_or(String::new(), files_in_words),
                plural(coverage.apis, "API"),
                plural(coverage.stages, "stage"),
                plural(coverage.methods, "method"),
                self.not_looked_at_in_words()
            ) + &self
                .files
                .as_ref()
                .map_or(String::new(), passed_over_in_words);
        }
        format!(
            "{}, {}, {}, {}, {} in {regions}",
            plural(coverage.apis, "API"),
            plural(coverage.stages, "stage"),
            plural(coverage.methods, "deployed method"),
            plural(coverage.groups, "IAM group"),
            plural(coverage.users, "user"),
        ) + &self.excluded_in_words()
            + &self.narrowed_in_words()
            + &self.not_looked_at_in_words()
    }
}

/// Such as `3 files (2 SAM templates, 1 Terraform plan), `.
fn files_in_words(files: &CheckedFiles) -> String {
    let kinds = files.by_kind().into_iter();
    let kinds = kinds.map(|(kind, count)| plural(count, kind.in_words()));
    let not_read = Some(files.not_read()).filter(|count| *count > 0);
    let not_read = not_read.map(|count| format!("{count} not read"));
    let all: Vec<String> = kinds.chain(not_read).collect();
    let count = plural(files.checked.len(), "file");
    format!("{count} ({}), ", all.join(", "))
}

/// Such as `; passed over: 12 by name, 3 by content`.
fn passed_over_in_words(files: &CheckedFiles) -> String {
    let counted = files.passed_over.iter();
    let counted = counted.map(|(why, count)| format!("{count} {}", why.in_words()));
    match counted.collect::<Vec<_>>() {
        none if none.is_empty() => String::new(),
        all => format!("; passed over: {}", all.join(", ")),
    }
}

impl Status {
    /// The outcome for people.
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Status::NoApi => "no API in this file",
            Status::NoMethod => "no method in this file",
            status => status.as_str(),
        }
    }
}

/// A time for people, to the minute.
pub(crate) fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// The text with a capital at its beginning, as a sentence.
pub(crate) fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// A document as compact JSON. Only a map whose keys are no texts cannot be written, and no document here has one:
/// the text would be empty, which is no JSON.
pub(crate) fn compact<T: Serialize>(document: &T) -> String {
    plain_json(&serde_json::to_string(document).unwrap_or_default())
}

/// A document as JSON for a person, in lines, the last of which ends.
///
/// # Errors
/// Where a map has keys that are no texts.
pub fn pretty<T: Serialize>(document: &T) -> serde_json::Result<String> {
    let mut text = Vec::new();
    // Made only once: the report of a large account is as large as all that is known of the account.
    write_pretty(document, &mut text).map_err(serde_json::Error::custom)?;
    String::from_utf8(text).map_err(serde_json::Error::custom)
}

/// The same, written while it is made.
///
/// # Errors
/// Where it cannot be written.
pub fn write_pretty<T: Serialize>(document: &T, out: impl io::Write) -> io::Result<()> {
    let mut out = PlainJson::new(out);
    serde_json::to_writer_pretty(&mut out, document)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// A severity as AWS spells it in findings of Security Hub and in annotations of hooks.
pub(in crate::render) fn severity_label(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "CRITICAL",
        Severity::High => "HIGH",
        Severity::Medium => "MEDIUM",
        Severity::Low => "LOW",
        Severity::Informational => "INFORMATIONAL",
    }
}

/// How many there are of each severity, worst first, such as `2 critical, 1 low`. Empty: there are none.
pub(super) fn by_severity(count: impl Fn(Severity) -> usize) -> String {
    let counts = Severity::WORST_FIRST.into_iter().filter_map(|severity| {
        let count = count(severity);
        (count > 0).then(|| format!("{count} {severity}"))
    });
    counts.collect::<Vec<_>>().join(", ")
}

/// `1 API`, `2 APIs`.
pub(crate) fn plural(count: usize, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}
