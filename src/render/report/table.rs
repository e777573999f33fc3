//! The report for a terminal.

use std::fmt::Write as _;

use comfy_table::{ContentArrangement, Table, presets};

use super::exceptions;
use crate::audit::finding::{Finding, Place};
use crate::audit::{Report, Status};
use crate::render::{minute, plain, plural};

/// The report as text: one line a finding, then each with its proof and its remedy.
pub fn table(report: &Report) -> String {
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _ = write(report, &mut text);
    text
}

fn write(report: &Report, out: &mut String) -> std::fmt::Result {
    let evaluation = &report.evaluation;
    if !evaluation.findings.is_empty() {
        writeln!(out, "{}\n", overview(&evaluation.findings))?;
        for finding in &evaluation.findings {
            detail(out, finding)?;
        }
    }
    if !evaluation.exempted.is_empty() {
        writeln!(out, "exempted:")?;
        for exempted in &evaluation.exempted {
            let finding = &exempted.finding;
            writeln!(
                out,
                "  {} {}: {} (owner {}, {} left, until {})",
                finding.rule,
                plain(&finding.place.in_words()),
                plain(&exempted.reason),
                plain(&exempted.owner),
                plural(usize::try_from(exempted.days_left).unwrap_or(0), "day"),
                exempted.expires
            )?;
        }
        writeln!(out)?;
    }
    if !evaluation.exemptions.is_empty() {
        writeln!(out, "exemptions of the policy file:")?;
        for entry in &evaluation.exemptions {
            writeln!(out, "  {}", plain(&exceptions::in_words(entry)))?;
        }
        writeln!(out)?;
    }
    if !evaluation.assumptions.is_empty() {
        writeln!(out, "accepted without proof:")?;
        for assumption in &evaluation.assumptions {
            let place = plain(&assumption.place.in_words());
            writeln!(out, "  {place}: {}", plain(&assumption.says))?;
        }
        writeln!(out)?;
    }
    if !evaluation.gaps.is_empty() {
        writeln!(out, "not read, and so not clean:")?;
        for gap in &evaluation.gaps {
            writeln!(out, "  {}", plain(&gap.in_words()))?;
        }
        writeln!(out)?;
    }
    for warning in report.warnings() {
        writeln!(out, "warning: {}", plain(&warning))?;
    }
    writeln!(
        out,
        "{}: {} ({}); read {}: {}",
        plain(&report.subject_in_words()),
        match report.status() {
            Status::NoApi => "no API in this file",
            status => status.as_str(),
        },
        report.counts_in_words(),
        minute(report.taken_at),
        plain(&report.coverage_in_words())
    )
}

fn overview(findings: &[Finding]) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(["SEVERITY", "RULE", "METHOD", "API", "STAGE", "REGION"]);
    for finding in findings {
        let place = &finding.place;
        let text = |part: &Option<String>| plain(part.as_deref().unwrap_or("-"));
        table.add_row([
            finding.severity.to_string(),
            finding.rule.to_string(),
            plain(&subject(place)),
            (place.api.as_ref()).map_or("-".to_owned(), |api| plain(&api.in_words())),
            text(&place.stage),
            text(&place.region),
        ]);
    }
    table.trim_fmt()
}

/// What the finding is about: a method, a principal, an exemption, or nothing narrower than its API.
fn subject(place: &Place) -> String {
    let Place {
        verb,
        path,
        route_key,
        principal,
        exemption,
        ..
    } = place;
    match (verb, path, route_key, principal, exemption) {
        (Some(verb), Some(path), ..) => format!("{verb} {path}"),
        (_, _, Some(key), ..) => key.clone(),
        (_, _, _, Some(principal), _) => format!("{} {}", principal.kind.as_str(), principal.name),
        (.., Some(exemption)) => format!("exemption on line {}", exemption.line),
        _ => "-".to_owned(),
    }
}

fn detail(out: &mut String, finding: &Finding) -> std::fmt::Result {
    writeln!(
        out,
        "{} {}: {}",
        finding.severity,
        finding.rule,
        plain(&finding.place.in_words())
    )?;
    writeln!(out, "  {}", plain(&finding.message))?;
    for evidence in &finding.evidence {
        let says = plain(&evidence.in_words());
        writeln!(out, "  {}: {says}", evidence.source.as_str())?;
    }
    if let Some(reach) = &finding.reach {
        write!(out, "  exposure: {}", reach.exposure.as_str())?;
        if !reach.urls.is_empty() {
            write!(out, " {}", plain(&reach.urls.join(", ")))?;
        }
        writeln!(out)?;
    }
    writeln!(out, "  fix: {}", plain(&finding.remedy.summary))?;
    for command in &finding.remedy.commands {
        writeln!(out, "    {}", plain(command))?;
    }
    writeln!(
        out,
        "  confidence {}, id {}\n",
        finding.confidence.as_str(),
        finding.fingerprint()
    )
}
