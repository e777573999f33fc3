//! The whole report as text: nothing put together, nothing left out.

use std::fmt::Write as _;

use comfy_table::{ContentArrangement, Table, presets};

use super::sections::sections;
use crate::audit::Report;
use crate::audit::finding::{Finding, Place, Text};
use crate::render::plain;

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
        writeln!(out, "{}\n", overview(&evaluation.findings, |_| ""))?;
        for finding in &evaluation.findings {
            detail(out, finding)?;
        }
    }
    for section in sections(report) {
        writeln!(out, "{}", section.heading)?;
        for line in section.lines {
            writeln!(out, "  {line}")?;
        }
        writeln!(out)?;
    }
    for warning in report.warnings() {
        writeln!(out, "warning: {}", plain(&warning))?;
    }
    writeln!(out, "{}", plain(&report.in_words()))
}

/// One line a finding, in columns. What `mark` says of a finding stands before its severity.
pub(super) fn overview<'f>(
    findings: impl IntoIterator<Item = &'f Finding>,
    mark: impl Fn(&Finding) -> &'static str,
) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(["SEVERITY", "RULE", "METHOD", "API", "STAGE", "REGION"]);
    for finding in findings {
        let place = &finding.place;
        let text = |part: &Option<Text>| plain(part.as_deref().unwrap_or("-"));
        table.add_row([
            format!("{}{}", mark(finding), finding.severity),
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
        (_, _, Some(key), ..) => key.as_str().to_owned(),
        (_, _, _, Some(principal), _) => format!("{} {}", principal.kind.as_str(), principal.name),
        (.., Some(exemption)) => format!("exemption on line {}", exemption.line),
        _ => "-".to_owned(),
    }
}

/// A finding with all that is known of it. Its commands, and nothing else, are indented by four.
pub(in crate::render) fn detail(out: &mut String, finding: &Finding) -> std::fmt::Result {
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
