//! The report as a person reads it in an e-mail: short lines, worst first.

use std::fmt::Write as _;

use super::exceptions;
use crate::audit::finding::Finding;
use crate::audit::{Report, Status};
use crate::render::{capitalized, minute, plain, plural};

/// The report as plain text, with at most `most` findings and as many gaps spelled out.
pub fn email(report: &Report, most: usize) -> String {
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _ = write(report, most, &mut text);
    text
}

fn write(report: &Report, most: usize, out: &mut String) -> std::fmt::Result {
    let evaluation = &report.evaluation;
    let headline = match report.status() {
        Status::Clean => "Nothing is wrong".to_owned(),
        Status::Findings => plural(evaluation.findings.len(), "finding"),
        Status::Incomplete => format!(
            "INCOMPLETE, {}",
            plural(evaluation.findings.len(), "finding")
        ),
    };
    writeln!(out, "{headline} in AWS {}", report.subject_in_words())?;
    writeln!(out, "{}", report.counts_in_words())?;
    writeln!(out, "Read on {}:", minute(report.taken_at))?;
    writeln!(out, "{}", plain(&report.coverage_in_words()))?;
    if let Some(warning) = report.emptiness_in_words() {
        writeln!(out, "{}", plain(&warning))?;
    }
    if !evaluation.gaps.is_empty() {
        writeln!(
            out,
            "\nNOT READ, AND SO NOT CLEAN ({})",
            plural(evaluation.gaps.len(), "gap")
        )?;
        for gap in evaluation.gaps.iter().take(most) {
            writeln!(out, "- {}", plain(&gap.in_words()))?;
        }
        left_out(out, evaluation.gaps.len(), most, "gap")?;
    }
    for (index, finding) in evaluation.findings.iter().take(most).enumerate() {
        write_finding(out, index + 1, finding)?;
    }
    left_out(out, evaluation.findings.len(), most, "finding")?;
    if !evaluation.exempted.is_empty() {
        writeln!(out, "\nEXEMPTED ({})", evaluation.exempted.len())?;
        for exempted in evaluation.exempted.iter().take(most) {
            writeln!(
                out,
                "- {} {}: {}, owner {}, until {}",
                exempted.finding.rule,
                plain(&exempted.finding.place.in_words()),
                plain(&exempted.reason),
                plain(&exempted.owner),
                exempted.expires
            )?;
        }
        left_out(out, evaluation.exempted.len(), most, "exempted finding")?;
    }
    if !evaluation.exemptions.is_empty() {
        writeln!(
            out,
            "\nEXEMPTIONS OF THE POLICY FILE ({})",
            evaluation.exemptions.len()
        )?;
        for entry in evaluation.exemptions.iter().take(most) {
            writeln!(out, "- {}", plain(&exceptions::in_words(entry)))?;
        }
        left_out(out, evaluation.exemptions.len(), most, "exemption")?;
    }
    if !evaluation.assumptions.is_empty() {
        writeln!(
            out,
            "\nACCEPTED WITHOUT PROOF ({})",
            evaluation.assumptions.len()
        )?;
        for assumption in evaluation.assumptions.iter().take(most) {
            let place = plain(&assumption.place.in_words());
            writeln!(out, "- {place}: {}", plain(&assumption.says))?;
        }
        left_out(out, evaluation.assumptions.len(), most, "assumption")?;
    }
    Ok(())
}

fn write_finding(out: &mut String, number: usize, finding: &Finding) -> std::fmt::Result {
    let severity = finding.severity.as_str().to_uppercase();
    writeln!(out, "\n{number}. {severity} {}", finding.rule)?;
    writeln!(out, "   {}", plain(&finding.place.in_words()))?;
    writeln!(out, "   {}.", capitalized(&plain(&finding.message)))?;
    for evidence in &finding.evidence {
        writeln!(out, "   - {}", plain(&evidence.in_words()))?;
    }
    if let Some(reach) = &finding.reach {
        writeln!(out, "   Exposure: {}", reach.exposure.as_str())?;
        for url in &reach.urls {
            writeln!(out, "     {}", plain(url))?;
        }
    }
    writeln!(out, "   Fix: {}.", plain(&finding.remedy.summary))?;
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
