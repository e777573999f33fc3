//! What a template exempts itself, by comments on its resources, paths and methods.

use jiff::civil::Date;

use super::finding::{Evidence, Finding, Source, named_file};
use super::rules::{self, Evaluation, ExemptionUse, InComment, Subject, exempted_by, refusal};
use crate::inventory::Inventory;
use crate::policy_file::PolicyFile;
use crate::template::Excused;

/// Takes out what the template exempts itself, and adds what is wrong with these exemptions. The findings have their places.
pub(super) fn apply(
    evaluation: &mut Evaluation,
    excused: Vec<Excused>,
    inventory: &Inventory,
    (policy, today): (&PolicyFile, Date),
) {
    if excused.is_empty() {
        return;
    }
    let mut uses = uses(excused, inventory, (policy, today));
    for entry in &mut uses {
        let covered = evaluation
            .findings
            .extract_if(.., |finding| covers(entry, finding));
        let covered: Vec<Finding> = covered.collect();
        for finding in covered {
            count(evaluation, &finding);
            evaluation.exempted.push(exempted_by(entry, finding));
        }
    }
    evaluation
        .exempted
        .sort_by(|one, other| one.finding.order(&other.finding));
    let own = rules::about_exemptions(inventory, policy, &evaluation.gaps, &uses);
    for tally in &mut evaluation.rules {
        if tally.subject == Subject::Exemptions {
            let found = own.iter().filter(|it| it.rule == tally.rule).count();
            tally.looked_at += uses.len();
            tally.findings += found;
            tally.passed += uses.len() - found;
        }
    }
    evaluation.findings.extend(own);
    evaluation.findings.sort_by(Finding::order);
    evaluation.exemptions.extend(uses);
}

/// The exemptions that a template says itself, of which nothing is known yet.
pub(super) fn uses(
    excused: Vec<Excused>,
    inventory: &Inventory,
    (policy, today): (&PolicyFile, Date),
) -> Vec<ExemptionUse> {
    let file = inventory.scope.template.as_deref().and_then(named_file);
    let uses = excused.into_iter().map(|excused| {
        let Excused {
            at,
            from,
            until,
            path,
            exemption,
        } = excused;
        ExemptionUse {
            comment: Some(Box::new(InComment {
                at,
                path,
                file: file.clone(),
                span: [from, until],
            })),
            ..ExemptionUse::new(exemption, policy, today)
        }
    });
    uses.collect()
}

/// Whether an exemption covers a finding that stands where it is for. Where it does not, the finding says why.
fn covers(entry: &mut ExemptionUse, finding: &mut Finding) -> bool {
    if !rules::is_for(entry, finding) {
        return false;
    }
    entry.meets += 1;
    match refusal(entry, finding) {
        Some(why) => {
            entry.too_severe += usize::from(finding.severity > entry.exemption.severity);
            finding.evidence.add([Evidence::new(Source::Template, why)]);
            false
        }
        None => {
            entry.covers += 1;
            true
        }
    }
}

/// Counts a finding among the exempted ones of its rule.
fn count(evaluation: &mut Evaluation, finding: &Finding) {
    let mut tallies = evaluation.rules.iter_mut();
    if let Some(tally) = tallies.find(|it| it.rule == finding.rule) {
        tally.findings = tally.findings.saturating_sub(1);
        tally.exempted += 1;
    }
}
