//! A report as CSV (RFC 4180): a line for each finding, and one for each thing that a reader must know before taking the
//! rest for all there is.

use std::borrow::Cow;
use std::io;

use strum::{IntoStaticStr, VariantArray};

use super::accounts::{AccountReport, accounts_in_words};
use super::tags::Tags;
use crate::audit::Report;
use crate::audit::finding::{Evidence, Finding, Place};
use crate::audit::rules::Exempted;
use crate::inventory::Gap;
use crate::render::cells::row;

/// The columns, in their order. New ones come last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
enum Column {
    /// `gap`, `warning`, `finding`, `exempted`, `assumption` or `report`; of several accounts also `not-active`.
    Kind,
    Id,
    Rule,
    Severity,
    Confidence,
    Account,
    Region,
    ApiId,
    ApiName,
    ApiKind,
    Stage,
    Verb,
    Path,
    RouteKey,
    /// The ARN of an IAM principal.
    Principal,
    Exposure,
    Message,
    Evidence,
    Urls,
    Fix,
    ExemptedBecause,
    ExemptedBy,
    /// The last day on which the exemption holds (UTC).
    ExemptedUntil,
    /// `FILE:LINE:COLUMN` in a template.
    Location,
    /// Whose the API is, as its tags say.
    Owner,
}

/// A line: what is not named is empty.
struct Line<'r>(Vec<(Column, Cow<'r, str>)>);

/// Writes the report: what was not read (`gap`), what to know of the whole (`warning`), the findings (`finding`), those
/// that an exemption covers (`exempted`), what was accepted without proof (`assumption`), and, last, what the report came
/// to (`report`). A reader that lacks the last line has not got all of it.
///
/// # Errors
/// Where it cannot be written.
pub fn write_csv(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    out.write_all(header().as_bytes())?;
    write_lines(report, out)?;
    out.flush()
}

/// The same of several accounts. One that was not read is a gap.
///
/// # Errors
/// Where it cannot be written.
pub fn write_accounts_csv(accounts: &[AccountReport], out: &mut impl io::Write) -> io::Result<()> {
    out.write_all(header().as_bytes())?;
    for AccountReport { member, result } in accounts {
        match result {
            Ok(report) => write_lines(report, out)?,
            Err(why) => {
                let kind = if why.is_inactive() {
                    "not-active"
                } else {
                    "gap"
                };
                let line =
                    Line::of(kind, &member.account).with(Column::Message, why.message.as_str());
                out.write_all(line.text().as_bytes())?;
            }
        }
    }
    let whole = Line::of("report", "").with(Column::Message, accounts_in_words(accounts));
    out.write_all(whole.text().as_bytes())?;
    out.flush()
}

fn header() -> String {
    row(Column::VARIANTS.iter().map(|it| it.into()))
}

fn write_lines(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    let evaluation = &report.evaluation;
    let gaps = evaluation.gaps.iter().map(|it| of_gap(report, it));
    let warnings = report.warnings().into_iter();
    let warnings =
        warnings.map(|it| Line::of("warning", &report.account).with(Column::Message, it));
    let tags = Tags::of(report);
    let findings = evaluation.findings.iter();
    let findings = findings.map(|it| of_finding("finding", report, it, &tags));
    let known = report.known.iter().flat_map(|it| &it.findings);
    let findings = findings.chain(known.map(|it| of_finding("known", report, it, &tags)));
    let exempted = evaluation.exempted.iter();
    let exempted = exempted.map(|it| of_exempted(report, it, &tags));
    let assumptions = evaluation
        .assumptions
        .iter()
        .map(|it| at("assumption", report, &it.place).with(Column::Message, it.says.as_str()));
    let whole = Line::of("report", &report.account).with(Column::Message, report.in_words());
    let lines = gaps.chain(warnings).chain(findings);
    for line in lines.chain(exempted).chain(assumptions).chain([whole]) {
        out.write_all(line.text().as_bytes())?;
    }
    Ok(())
}

impl<'r> Line<'r> {
    fn of(kind: &'static str, account: &'r str) -> Self {
        Line(vec![
            (Column::Kind, kind.into()),
            (Column::Account, account.into()),
        ])
    }

    fn with(mut self, column: Column, value: impl Into<Cow<'r, str>>) -> Self {
        self.0.push((column, value.into()));
        self
    }

    fn with_some(self, column: Column, value: Option<impl Into<Cow<'r, str>>>) -> Self {
        match value {
            Some(value) => self.with(column, value),
            None => self,
        }
    }

    fn text(&self) -> String {
        let cell = |column: &Column| {
            let mut named = self.0.iter();
            let named = named.find(|(it, _)| it == column);
            named.map_or("", |(_, value)| value)
        };
        row(Column::VARIANTS.iter().map(cell))
    }
}

fn of_gap<'r>(report: &'r Report, gap: &'r Gap) -> Line<'r> {
    Line::of("gap", &report.account)
        .with_some(Column::Region, gap.region.as_deref())
        .with_some(Column::ApiId, gap.api.as_deref())
        .with_some(Column::Stage, gap.stage.as_deref())
        .with(Column::Message, gap.in_words())
}

fn of_exempted<'r>(report: &'r Report, exempted: &'r Exempted, tags: &Tags<'r>) -> Line<'r> {
    of_finding("exempted", report, &exempted.finding, tags)
        .with(Column::ExemptedBecause, exempted.reason.as_str())
        .with(Column::ExemptedBy, exempted.owner.as_str())
        .with(Column::ExemptedUntil, exempted.expires.to_string())
}

fn of_finding<'r>(
    kind: &'static str,
    report: &'r Report,
    finding: &'r Finding,
    tags: &Tags<'r>,
) -> Line<'r> {
    let reach = finding.reach.as_ref();
    let evidence = finding.evidence.iter().map(Evidence::in_words);
    let evidence: Vec<String> = evidence.collect();
    at(kind, report, &finding.place)
        .with(Column::Id, finding.fingerprint().to_string())
        .with(Column::Rule, finding.rule.as_str())
        .with(Column::Severity, finding.severity.as_str())
        .with(Column::Confidence, finding.confidence.as_str())
        .with_some(Column::Exposure, reach.map(|it| it.exposure.as_str()))
        .with(Column::Message, finding.message.as_ref())
        .with(Column::Evidence, evidence.join("; "))
        .with_some(Column::Urls, reach.map(|it| it.urls.join(" ")))
        .with(Column::Fix, finding.remedy.summary.as_ref())
        .with_some(Column::Owner, tags.owner(&finding.place))
}

fn at<'r>(kind: &'static str, report: &'r Report, place: &'r Place) -> Line<'r> {
    let api = place.api.as_ref();
    let principal = place.principal.as_ref();
    let location = place.location.as_ref().map(ToString::to_string);
    Line::of(kind, &place.account)
        .with_some(Column::Region, place.region.as_deref())
        .with_some(Column::ApiId, api.map(|it| it.id.as_str()))
        .with_some(Column::ApiName, api.map(|it| it.name.as_str()))
        .with_some(
            Column::ApiKind,
            api.and_then(|it| it.kind).map(|it| it.as_str()),
        )
        .with_some(Column::Stage, place.stage.as_deref())
        .with_some(Column::Verb, place.verb.as_deref())
        .with_some(Column::Path, place.path.as_deref())
        .with_some(Column::RouteKey, place.route_key.as_deref())
        .with_some(
            Column::Principal,
            principal.map(|it| it.arn(&report.partition, &place.account)),
        )
        .with_some(Column::Location, location)
}
