//! A probe that is over: each request with what became of it.

use std::collections::BTreeMap;

use super::answer::Outcome;
use super::planned::{LeftOut, MethodPlace, Plan, Planned};
use super::verdict::Verdict;
use crate::audit::finding::Severity;
use crate::inventory::{Gap, GapKind, Reason, listed};

/// As many methods are named in a gap.
const NAMED: usize = 3;

/// A request, what became of it, and what that means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The request.
    pub planned: Planned,
    /// What became of it.
    pub outcome: Outcome,
    /// Whether that is what the configuration says.
    pub verdict: Verdict,
}

/// A probe that is over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Probed {
    /// Every request, in the order of the plan.
    pub requests: Vec<Judged>,
    /// The methods that nobody wanted to be asked.
    pub left_out: Vec<LeftOut>,
    /// What could not be asked or judged.
    pub gaps: Vec<Gap>,
    /// By method, its requests that disagree.
    disagreeing: BTreeMap<MethodPlace, Vec<usize>>,
}

impl Probed {
    /// Judges what became of the requests of a plan, which are in the same order. A request without an outcome was not
    /// sent, and is a gap.
    pub fn new(plan: Plan, outcomes: impl IntoIterator<Item = Outcome>) -> Self {
        let unsent = std::iter::repeat_with(|| Outcome::Failed {
            reason: Reason::NotReadYet,
            message: "it was not asked".to_owned(),
        });
        let outcomes = outcomes.into_iter().chain(unsent);
        let requests: Vec<Judged> = plan
            .requests
            .into_iter()
            .zip(outcomes)
            .map(|(planned, outcome)| Judged {
                verdict: Verdict::of(&planned, &outcome),
                planned,
                outcome,
            })
            .collect();
        let mut disagreeing: BTreeMap<MethodPlace, Vec<usize>> = BTreeMap::new();
        for (at, judged) in requests.iter().enumerate() {
            if matches!(judged.verdict, Verdict::Disagrees { .. }) {
                let method = judged.planned.method.clone();
                disagreeing.entry(method).or_default().push(at);
            }
        }
        let mut gaps = plan.gaps;
        gaps.extend(not_judged(&requests));
        gaps.extend(nothing_asked(&requests, &plan.left_out));
        Probed {
            requests,
            left_out: plan.left_out,
            gaps,
            disagreeing,
        }
    }

    /// The requests to a method whose answers disagree, the worst first.
    pub fn disagreements(&self, method: &MethodPlace) -> Vec<(&Judged, Severity, &'static str)> {
        let places = self.disagreeing.get(method).into_iter().flatten();
        let judged = places.filter_map(|at| self.requests.get(*at));
        let mut all: Vec<_> = judged
            .filter_map(|it| match it.verdict {
                Verdict::Disagrees { severity, why } => Some((it, severity, why)),
                Verdict::Agrees | Verdict::NotJudged { .. } => None,
            })
            .collect();
        all.sort_by_key(|(_, severity, _)| std::cmp::Reverse(*severity));
        all
    }

    /// How many requests have a verdict of this name.
    pub fn count(&self, verdict: &str) -> usize {
        let requests = self.requests.iter();
        requests.filter(|it| it.verdict.as_str() == verdict).count()
    }
}

/// A gap where there are methods, and nobody wanted any of them to be asked: such a probe shows nothing.
fn nothing_asked(requests: &[Judged], left_out: &[LeftOut]) -> Option<Gap> {
    let nothing = requests.is_empty() && !left_out.is_empty();
    let message = format!(
        "nothing was asked: {} left out",
        match left_out.len() {
            1 => "the only method is".to_owned(),
            count => format!("all {count} methods are"),
        }
    );
    nothing.then(|| Gap::malformed(GapKind::Probe, message))
}

/// A gap for each stage and each reason why something of it was not judged.
fn not_judged(requests: &[Judged]) -> Vec<Gap> {
    type Key<'a> = (&'a str, &'a str, &'a str, Reason, &'a str);
    let mut by_reason: BTreeMap<Key<'_>, Vec<String>> = BTreeMap::new();
    for judged in requests {
        if let Verdict::NotJudged { reason, why } = &judged.verdict {
            let method = &judged.planned.method;
            let key = (
                method.region.as_str(),
                method.api.as_str(),
                method.stage.as_str(),
                *reason,
                why.as_ref(),
            );
            by_reason
                .entry(key)
                .or_default()
                .push(judged.planned.in_words());
        }
    }
    let gaps = by_reason.into_iter();
    gaps.map(|((region, api, stage, reason, why), asked)| Gap {
        kind: GapKind::Probe,
        region: Some(region.to_owned()),
        api: Some(api.to_owned()),
        stage: Some(stage.to_owned()),
        subject: None,
        operation: None,
        reason,
        message: format!("{why}: {}", listed(asked.into_iter(), NAMED)),
    })
    .collect()
}
