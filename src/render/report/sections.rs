//! What a report says besides its findings, for people: exemptions, assumptions and gaps.

use super::exceptions;
use crate::audit::Report;
use crate::render::probe::{asked, left_out};
use crate::render::{plain, plural};

/// A heading with what stands below it. Every line is [plain].
pub(super) struct Section {
    pub(super) heading: &'static str,
    pub(super) lines: Vec<String>,
}

/// The sections that have something to say, what was not read last.
pub(super) fn sections(report: &Report) -> Vec<Section> {
    let evaluation = &report.evaluation;
    let exempted = evaluation.exempted.iter().map(|exempted| {
        let finding = &exempted.finding;
        format!(
            "{} {}: {} (owner {}, {} left, until {})",
            finding.rule,
            finding.place.in_words(),
            exempted.reason,
            exempted.owner,
            plural(usize::try_from(exempted.days_left).unwrap_or(0), "day"),
            exempted.expires
        )
    });
    let known = report.known.iter().flat_map(|it| &it.findings);
    let known = known.map(|it| format!("{} {}: {}", it.severity, it.rule, it.place.in_words()));
    let exemptions = evaluation.exemptions.iter().map(exceptions::in_words);
    let assumptions = evaluation.assumptions.iter();
    let assumptions = assumptions.map(|it| format!("{}: {}", it.place.in_words(), it.says));
    let gaps = evaluation.gaps.iter().map(|gap| gap.in_words());
    let probed = report.probed.iter();
    let probed = probed.flat_map(|it| [vec![asked(it)], left_out(&it.left_out)].concat());
    let sections = [
        section("asked of the deployed URLs:", probed),
        section("known from the baseline, and not counted:", known),
        section("exempted:", exempted),
        section("exemptions of the policy file:", exemptions),
        section("accepted without proof:", assumptions),
        section("not read, and so not clean:", gaps),
    ];
    let said = sections.into_iter().filter(|it| !it.lines.is_empty());
    said.collect()
}

fn section(heading: &'static str, lines: impl Iterator<Item = String>) -> Section {
    let lines = lines.map(|line| plain(&line)).collect();
    Section { heading, lines }
}
