//! What a template exempts itself, by comments on its resources, paths and methods.

use jiff::civil::Date;

use super::finding::{Evidence, Finding, Source, named_file};
use super::rules::{
    self, Covering, Evaluation, ExemptionUse, InComment, Subject, exempted_by, refusal,
};
use crate::inventory::{Inventory, Location};
use crate::policy_file::PolicyFile;
use crate::template::{Excused, Origins};

/// An exemption of a template, and what it is for.
pub(super) struct Comment {
    pub(super) entry: ExemptionUse,
    excused: Excused,
}

/// What a template exempts itself, of which nothing is known yet.
pub(super) fn comments(
    excused: Vec<Excused>,
    inventory: &Inventory,
    (policy, today): (&PolicyFile, Date),
) -> Vec<Comment> {
    let file = inventory.scope.template.as_deref().and_then(named_file);
    let comments = excused.into_iter().map(|excused| Comment {
        entry: ExemptionUse {
            comment: Some(Box::new(InComment {
                at: excused.at.clone(),
                path: excused.path.clone(),
                file: file.clone(),
            })),
            ..ExemptionUse::new(excused.exemption.clone(), policy, today)
        },
        excused,
    });
    comments.collect()
}

/// Takes out what the template exempts itself. The findings have their places.
pub(super) fn cover(evaluation: &mut Evaluation, comments: &mut [Comment], origins: &Origins) {
    for comment in comments {
        let covered = evaluation.findings.extract_if(.., |finding| {
            comment.has_place_of(finding) && comment.covers(finding, origins)
        });
        let covered: Vec<Finding> = covered.collect();
        for finding in covered {
            count(evaluation, &finding);
            evaluation
                .exempted
                .push(exempted_by(&comment.entry, finding));
        }
    }
}

/// Adds what is wrong with these exemptions, once it is known what each of them covers.
pub(super) fn finish(
    evaluation: &mut Evaluation,
    comments: Vec<Comment>,
    inventory: &Inventory,
    policy: &PolicyFile,
) {
    if comments.is_empty() {
        return;
    }
    let uses: Vec<ExemptionUse> = comments.into_iter().map(|it| it.entry).collect();
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

/// What each exemption that is for the place of a finding does to it. The finding has its place.
pub(super) fn verdicts(
    finding: &Finding,
    comments: &[Comment],
    origins: &Origins,
) -> Vec<Covering> {
    let meant = comments.iter();
    let meant = meant.filter(|it| it.has_place_of(finding) && it.means(finding));
    let verdicts = meant.map(|it| Covering {
        line: it.excused.at.line,
        comment: Some(it.excused.at.clone()),
        refusal: it.refusal(finding, origins),
    });
    verdicts.collect()
}

impl Comment {
    /// Whether it names the rule of a finding.
    fn means(&self, finding: &Finding) -> bool {
        finding.rule.can_be_exempted() && self.entry.exemption.rules.contains(&finding.rule)
    }

    /// Whether it is for this place.
    pub(super) fn has(&self, location: &Location) -> bool {
        let at = (location.line, location.column);
        let Excused { from, until, .. } = self.excused;
        location.file == self.excused.at.file && from <= at && at < until
    }

    fn has_place_of(&self, finding: &Finding) -> bool {
        let location = finding.place.location.as_ref();
        location.is_some_and(|it| self.has(it))
    }

    /// Why it does not cover what stands where it is for. `None`: it does.
    fn refusal(&self, finding: &Finding, origins: &Origins) -> Option<String> {
        let location = finding.place.location.as_ref()?;
        if (self.excused.aliased).contains(&(location.line, location.column)) {
            return Some(format!(
                "{} does not count: an alias (`*name`) repeats what it stands at elsewhere, and which of them is meant cannot be told. Write each of them out",
                self.entry.named()
            ));
        }
        let principal = finding.place.principal.as_ref();
        let arn = principal.and_then(|it| it.known_arn.as_deref());
        let others = arn.map(|it| origins.other_principals(it));
        let mut others = others.iter().flatten();
        if let Some(other) = others.find(|it| !self.has(it)) {
            return Some(format!(
                "{} does not count: {other} says of the same principal what it is not for",
                self.entry.named()
            ));
        }
        refusal(&self.entry, finding)
    }

    /// Whether it covers a finding that stands where it is for. Where it does not, the finding says why.
    fn covers(&mut self, finding: &mut Finding, origins: &Origins) -> bool {
        if !self.means(finding) {
            return false;
        }
        self.entry.meets += 1;
        match self.refusal(finding, origins) {
            Some(why) => {
                let too_severe = finding.severity > self.entry.exemption.severity;
                self.entry.too_severe += usize::from(too_severe);
                finding.evidence.add([Evidence::new(Source::Template, why)]);
                false
            }
            None => {
                self.entry.covers += 1;
                true
            }
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
