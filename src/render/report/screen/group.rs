//! Findings put together: by API, and within an API those that say the same.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::filter::Filter;
use super::fix::{Fix, fix_key};
use crate::audit::Report;
use crate::audit::finding::{Evidence, Exposure, Finding, Place, RuleId, Severity, Source};
use crate::render::words::by_severity;

/// The findings of an API, or of what belongs to none.
pub(super) struct Group<'f> {
    /// What the findings are about, such as `PetStore (a1b2c3d4e5), eu-west-1`. It may hold anything.
    pub(super) name: String,
    /// Those that are shown.
    pub(super) findings: Vec<&'f Finding>,
    /// How many there are of each severity, shown or not.
    pub(super) counts: String,
}

/// Findings that differ in nothing but the method or the principal.
pub(super) struct Block<'f> {
    pub(super) findings: Vec<&'f Finding>,
    /// Whether the last report had none of them.
    pub(super) is_new: bool,
    /// The places of their fixes among those of the API: one, or one a stage.
    pub(super) fixes: Vec<usize>,
}

/// The findings by API, the API with the worst and the most of them first.
pub(super) fn groups(report: &Report) -> Vec<Group<'_>> {
    let is_one_of_many = report.files.is_some();
    let mut by_name: BTreeMap<String, Vec<&Finding>> = BTreeMap::new();
    for finding in &report.evaluation.findings {
        let name = name(&finding.place, is_one_of_many);
        let found = by_name.entry(name).or_default();
        found.push(finding);
    }
    let groups = by_name.into_iter().map(|(name, findings)| Group {
        counts: counts_in_words(&findings),
        name,
        findings,
    });
    let mut groups: Vec<Group<'_>> = groups.collect();
    worst_first(&mut groups);
    groups
}

/// The same with what a filter shows, and nothing else.
pub(super) fn shown<'f>(mut groups: Vec<Group<'f>>, filter: &Filter) -> Vec<Group<'f>> {
    for group in &mut groups {
        group.findings.retain(|it| filter.shows(it));
    }
    groups.retain(|it| !it.findings.is_empty());
    // As if there were no others.
    groups.sort_by(|one, other| one.name.cmp(&other.name));
    worst_first(&mut groups);
    groups
}

fn worst_first(groups: &mut [Group<'_>]) {
    groups.sort_by_cached_key(|group| {
        Reverse(Severity::WORST_FIRST.map(|severity| count(&group.findings, severity)))
    });
}

fn count(findings: &[&Finding], severity: Severity) -> usize {
    let of_it = findings.iter().filter(|it| it.severity == severity);
    of_it.count()
}

fn name(place: &Place, is_one_of_many: bool) -> String {
    let Some(api) = &place.api else {
        return match (&place.exemption, &place.principal) {
            (Some(_), _) => "the policy file".to_owned(),
            (_, Some(_)) => format!("IAM of account {}", place.account),
            _ => match &place.region {
                Some(region) => format!("account {}, {region}", place.account),
                None => format!("account {}", place.account),
            },
        };
    };
    let region = place.region.iter().map(|region| format!(", {region}"));
    // Files may have APIs of the same name.
    let file = place.file.iter().filter(|_| is_one_of_many);
    let file = file.map(|file| format!(", {file}"));
    api.in_words() + &region.chain(file).collect::<String>()
}

/// Such as `1 critical, 3 high`.
pub(super) fn counts_in_words(findings: &[&Finding]) -> String {
    by_severity(|severity| count(findings, severity))
}

/// What the findings of a block have in common.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Same {
    severity: Reverse<Severity>,
    rule: RuleId,
    is_old: bool,
    exposure: Option<(Exposure, Exposure)>,
    confidence: &'static str,
    message: String,
    evidence: Vec<(&'static str, String)>,
}

/// The blocks of an API, worst first, and its fixes.
pub(super) fn blocks<'f>(
    group: &Group<'f>,
    new: &BTreeSet<String>,
) -> (Vec<Block<'f>>, Vec<Fix<'f>>) {
    let mut fixes: Vec<Fix<'_>> = Vec::new();
    let mut fix_of = BTreeMap::new();
    let mut of_one_fix: BTreeMap<(Same, usize), Vec<&Finding>> = BTreeMap::new();
    for &finding in &group.findings {
        let fix = *fix_of.entry(fix_key(finding)).or_insert(fixes.len());
        if fix == fixes.len() {
            fixes.push(Fix::default());
        }
        if let Some(fix) = fixes.get_mut(fix) {
            fix.findings.push(finding);
        }
        let found = of_one_fix.entry((same(finding, new), fix)).or_default();
        found.push(finding);
    }
    // The same methods in another stage have a fix of their own, and are named together all the same: no reader has to
    // ask which of the methods a fix is for.
    let mut blocks: BTreeMap<(Same, Vec<Place>), Block<'_>> = BTreeMap::new();
    for ((same, fix), findings) in of_one_fix {
        let is_new = !same.is_old;
        let block = blocks.entry((same, without_stages(&findings)));
        let block = block.or_insert(Block {
            findings: Vec::new(),
            is_new,
            fixes: Vec::new(),
        });
        block.findings.extend(findings);
        block.fixes.push(fix);
    }
    (blocks.into_values().collect(), fixes)
}

fn same(finding: &Finding, new: &BTreeSet<String>) -> Same {
    let evidence = finding.evidence.iter();
    Same {
        severity: Reverse(finding.severity),
        rule: finding.rule,
        is_old: !new.contains(&finding.fingerprint().to_string()),
        exposure: (finding.reach.as_ref()).map(|it| (it.exposure, it.widest)),
        confidence: finding.confidence.as_str(),
        message: finding.message.to_string(),
        evidence: evidence
            .map(|it| (it.source.as_str(), without_deployment(it)))
            .collect(),
    }
}

/// What a reading says, whichever deployment it is of: every stage has its own.
fn without_deployment(evidence: &Evidence) -> String {
    let is_of_deployment = matches!(evidence.source, Source::Deployment | Source::Canary);
    match &evidence.reference {
        Some(id) if is_of_deployment => evidence.says.replacen(&**id, "", 1),
        _ => evidence.in_words(),
    }
}

/// Where the findings are, whatever the stage.
fn without_stages(findings: &[&Finding]) -> Vec<Place> {
    let places = findings.iter().map(|it| Place {
        stage: None,
        ..it.place.clone()
    });
    let places: BTreeSet<Place> = places.collect();
    places.into_iter().collect()
}
