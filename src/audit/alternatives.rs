//! Methods that a template writes more than once, such as under opposite conditions. Only a deployment tells which of them is
//! made, so that each is judged: a place is clean only where all of them are.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::bound::Bound;
use super::comments::{self, Comment};
use super::finding::{Finding, Fingerprint, Place};
use super::located::{method_name, retell_all};
use super::report::Report;
use super::rules::{Evaluation, RuleTally};
use crate::inventory::{Gap, GapKind, Inventory, Reason};
use crate::policy_file::PolicyFile;
use crate::template::{Alternative, Origins};

/// So many methods at one place are judged beside the first: each takes a judgement of the file.
const MOST: usize = 20;

/// A template, and the methods that may be made in the place of others.
#[derive(Clone, Copy)]
pub(super) struct Beside<'f> {
    pub(super) inventory: &'f Inventory,
    pub(super) origins: &'f Origins,
    pub(super) alternatives: &'f [Alternative],
}

/// An API, and the route key or the verb and path of its method.
type At = (String, String);

/// Judges what may be made in the place of methods of which nothing is found, or all of it is exempted.
pub(super) fn judge(
    evaluation: &mut Evaluation,
    file: Beside<'_>,
    comments: &mut [Comment],
    (policy, today, bound): (&PolicyFile, Date, Bound),
) {
    if file.alternatives.is_empty() {
        return;
    }
    let asked = asked(evaluation, file, comments);
    let most = asked.values().map(Vec::len).max().unwrap_or_default();
    for number in 0..most.min(MOST) {
        let layer = asked.values().filter_map(|it| it.get(number).copied());
        let layer: Vec<&Alternative> = layer.collect();
        let (mut inventory, mut origins) = (file.inventory.clone(), file.origins.clone());
        for alternative in &layer {
            alternative.put_into(&mut inventory, &mut origins);
        }
        let places: BTreeSet<At> = layer.iter().map(|it| at(it)).collect();
        let mut other = Report::within(&inventory, policy, today, bound).evaluation;
        let is_meant = |it: &Finding| {
            it.place.principal.is_some()
                || place_of(&it.place).is_some_and(|it| places.contains(&it))
        };
        other.findings.retain(is_meant);
        other.exempted.retain(|it| is_meant(&it.finding));
        retell_all(&mut other, &origins);
        comments::cover(&mut other, comments, &origins);
        take(evaluation, other, comments);
    }
    for (place, alternatives) in asked.iter().filter(|(_, all)| all.len() > MOST) {
        let message = format!(
            "{}: {} is written {} times, of which {MOST} are judged beside the first",
            alternatives
                .first()
                .map_or_else(|| file.origins.start(), |it| it.location()),
            place.1,
            alternatives.len() + 1
        );
        let gap = Gap {
            api: Some(place.0.clone()),
            region: file.inventory.scope.regions.first().cloned(),
            reason: Reason::TooMuchWork,
            ..Gap::malformed(GapKind::Method, message)
        };
        evaluation.gaps.push(gap);
    }
    evaluation.findings.sort_by(Finding::order);
    evaluation
        .exempted
        .sort_by(|one, other| one.finding.order(&other.finding));
    evaluation.gaps.sort();
}

/// The alternatives that decide something: where what is judged first is no finding, or is exempted, and those that an
/// exemption of the template is for.
fn asked<'f>(
    evaluation: &Evaluation,
    file: Beside<'f>,
    comments: &[Comment],
) -> BTreeMap<At, Vec<&'f Alternative>> {
    let places = |findings: &mut dyn Iterator<Item = &Finding>| {
        let places = findings.filter_map(|it| place_of(&it.place));
        places.collect::<BTreeSet<At>>()
    };
    let open = places(&mut evaluation.findings.iter());
    let exempted = places(&mut evaluation.exempted.iter().map(|it| &it.finding));
    let mut asked: BTreeMap<At, Vec<&Alternative>> = BTreeMap::new();
    for alternative in file.alternatives {
        let place = at(alternative);
        let location = alternative.location();
        let is_undecided =
            !open.contains(&place) && (alternative.differs || exempted.contains(&place));
        if is_undecided || comments.iter().any(|it| it.has(&location)) {
            asked.entry(place).or_default().push(alternative);
        }
    }
    asked
}

fn at(alternative: &Alternative) -> At {
    (alternative.api.clone(), alternative.name())
}

fn place_of(place: &Place) -> Option<At> {
    Some((place.api.as_ref()?.id.clone(), method_name(place)?))
}

/// Adds what another judgement found. What it finds at a place where the first one's finding is exempted stays.
fn take(evaluation: &mut Evaluation, other: Evaluation, comments: &mut [Comment]) {
    let ids = evaluation.findings.iter().map(Finding::fingerprint);
    let mut open: BTreeSet<Fingerprint> = ids.collect();
    let ids = evaluation
        .exempted
        .iter()
        .map(|it| it.finding.fingerprint());
    let mut exempted: BTreeSet<Fingerprint> = ids.collect();
    for finding in other.findings {
        let id = finding.fingerprint();
        if !open.insert(id) {
            continue;
        }
        let tally = evaluation.rules.iter_mut();
        let tally = tally.filter(|it| it.rule == finding.rule);
        let is_exempted = exempted.remove(&id);
        tally.for_each(|it| match is_exempted {
            true => it.exempted = it.exempted.saturating_sub(1),
            false => it.passed = it.passed.saturating_sub(1),
        });
        for tally in tallies(evaluation, &finding) {
            tally.findings += 1;
        }
        if is_exempted {
            let is_it = |it: &Finding| it.fingerprint() == id;
            let place = evaluation.exempted.iter().position(|it| is_it(&it.finding));
            let gone = place.map(|it| evaluation.exempted.remove(it));
            let at = gone.and_then(|it| it.comment);
            let of = comments.iter_mut().find(|it| {
                let comment = it.entry.comment.as_ref();
                at.is_some() && comment.map(|it| &it.at) == at.as_ref()
            });
            if let Some(of) = of {
                of.entry.covers = of.entry.covers.saturating_sub(1);
            }
        }
        evaluation.findings.push(finding);
    }
    for one in other.exempted {
        let id = one.finding.fingerprint();
        if !open.contains(&id) && exempted.insert(id) {
            for tally in tallies(evaluation, &one.finding) {
                tally.passed = tally.passed.saturating_sub(1);
                tally.exempted += 1;
            }
            evaluation.exempted.push(one);
        }
    }
    for gap in other.gaps {
        if !evaluation.gaps.contains(&gap) {
            evaluation.gaps.push(gap);
        }
    }
}

fn tallies<'e>(
    evaluation: &'e mut Evaluation,
    finding: &Finding,
) -> impl Iterator<Item = &'e mut RuleTally> {
    let rule = finding.rule;
    evaluation
        .rules
        .iter_mut()
        .filter(move |it| it.rule == rule)
}
