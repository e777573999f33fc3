//! The report as a person reads it in an e-mail: short lines, worst first.

use std::fmt::Write as _;

use super::exceptions;
use crate::audit::finding::Finding;
use crate::audit::rules::Exempted;
use crate::audit::{Report, Status};
use crate::render::{capitalized, inert, minute, plain, plural};

/// The report as plain text, with at most `most` findings and as many gaps spelled out.
pub fn email(report: &Report, most: usize) -> String {
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _ = write(report, most, &mut text);
    text
}

fn write(report: &Report, most: usize, out: &mut String) -> std::fmt::Result {
    write_head(out, report)?;
    let evaluation = &report.evaluation;
    let gaps = Section {
        heading: "NOT READ, AND SO NOT CLEAN",
        count: plural(evaluation.gaps.len(), "gap"),
        noun: "gap",
    };
    gaps.write(out, &evaluation.gaps, most, |it| inert(&it.in_words()))?;
    for (finding, number) in evaluation.findings.iter().take(most).zip(1..) {
        write_finding(out, number, finding)?;
    }
    left_out(out, evaluation.findings.len(), most, "finding")?;
    let exempted = Section {
        heading: "EXEMPTED",
        count: evaluation.exempted.len().to_string(),
        noun: "exempted finding",
    };
    exempted.write(out, &evaluation.exempted, most, exempted_in_words)?;
    let exemptions = Section {
        heading: "EXEMPTIONS OF THE POLICY FILE",
        count: evaluation.exemptions.len().to_string(),
        noun: "exemption",
    };
    exemptions.write(out, &evaluation.exemptions, most, |it| {
        inert(&exceptions::in_words(it))
    })?;
    let assumptions = Section {
        heading: "ACCEPTED WITHOUT PROOF",
        count: evaluation.assumptions.len().to_string(),
        noun: "assumption",
    };
    assumptions.write(out, &evaluation.assumptions, most, |it| {
        format!("{}: {}", inert(&it.place.in_words()), inert(&it.says))
    })
}

/// The outcome, and what was read when.
fn write_head(out: &mut String, report: &Report) -> std::fmt::Result {
    let findings = plural(report.evaluation.findings.len(), "finding");
    let headline = match report.status() {
        Status::Clean => "Nothing is wrong".to_owned(),
        Status::NoApi | Status::NoMethod => "Nothing was checked".to_owned(),
        Status::Findings => findings,
        Status::Incomplete => format!("INCOMPLETE, {findings}"),
    };
    writeln!(out, "{headline} in AWS {}", report.subject_in_words())?;
    writeln!(out, "{}", report.counts_in_words())?;
    writeln!(out, "Read on {}:", minute(report.taken_at))?;
    writeln!(out, "{}", inert(&report.coverage_in_words()))?;
    for warning in report.few_warnings() {
        writeln!(out, "{}", inert(&warning))?;
    }
    Ok(())
}

/// A list of the e-mail whose entries take a line each.
struct Section {
    heading: &'static str,
    /// How many entries there are, in words.
    count: String,
    /// What one entry is called.
    noun: &'static str,
}

impl Section {
    /// Writes at most `most` of the entries, and how many are left out. Without an entry, there is no section.
    fn write<T>(
        &self,
        out: &mut String,
        entries: &[T],
        most: usize,
        line: impl Fn(&T) -> String,
    ) -> std::fmt::Result {
        if entries.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n{} ({})", self.heading, self.count)?;
        for entry in entries.iter().take(most) {
            writeln!(out, "- {}", line(entry))?;
        }
        left_out(out, entries.len(), most, self.noun)
    }
}

fn exempted_in_words(exempted: &Exempted) -> String {
    format!(
        "{} {}: {}, owner {}, until {}",
        exempted.finding.rule,
        inert(&exempted.finding.place.in_words()),
        inert(&exempted.reason),
        inert(&exempted.owner),
        exempted.expires
    )
}

fn write_finding(out: &mut String, number: usize, finding: &Finding) -> std::fmt::Result {
    let severity = finding.severity.as_str().to_uppercase();
    writeln!(out, "\n{number}. {severity} {}", finding.rule)?;
    writeln!(out, "   {}", inert(&finding.place.in_words()))?;
    writeln!(out, "   {}.", capitalized(&inert(&finding.message)))?;
    for evidence in &finding.evidence {
        writeln!(out, "   - {}", inert(&evidence.in_words()))?;
    }
    if let Some(reach) = &finding.reach {
        writeln!(out, "   Exposure: {}", reach.exposure.as_str())?;
        for url in reach.urls.iter() {
            writeln!(out, "     {}", plain(url))?;
        }
    }
    writeln!(out, "   Fix: {}.", inert(&finding.remedy.summary))?;
    for command in &finding.remedy.commands {
        writeln!(out, "     {}", plain(command))?;
    }
    writeln!(out, "   Id: {}", finding.fingerprint())
}

fn left_out(out: &mut String, length: usize, most: usize, noun: &str) -> std::fmt::Result {
    let left = length.saturating_sub(most);
    if left == 0 {
        return Ok(());
    }
    writeln!(
        out,
        "\n... and {} more, left out here for size: `gatewatch scan` lists all of them.",
        plural(left, noun)
    )
}
