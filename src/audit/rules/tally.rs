//! What each rule looked at, counted: how much of it is wrong, how much is not, and how much could not be told.

use std::collections::{BTreeMap, BTreeSet};

use super::principals::uncallable_method::is_asked_about;
use super::{ExemptionUse, Look, REGISTRY, Rule, Subject};
use crate::audit::context::Context;
use crate::audit::finding::{Finding, Place, RuleId};
use crate::audit::method::MethodView;
use crate::inventory::{Gap, GapKind, Iam};

/// What one rule looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleTally {
    /// The rule.
    pub rule: RuleId,
    /// What is counted.
    pub subject: Subject,
    /// How many of them the rule looked at. 0: it had nothing to look at, or was not asked.
    pub looked_at: usize,
    /// How many findings it made that no exemption covers.
    pub findings: usize,
    /// How many it made that one covers.
    pub exempted: usize,
    /// Of how many nothing can be said: something that the rule looks at was not read or not decided there, or a finding is
    /// about several of them together.
    pub undecided: usize,
    /// How many were read, and are as they should be.
    pub passed: usize,
}

/// The methods of a stage that rules were asked about.
#[derive(Debug)]
struct OfStage {
    region: String,
    api: String,
    stage: String,
    /// How many of them each rule of the registry looks at.
    asked: Vec<usize>,
}

/// The methods that rules were asked about so far.
#[derive(Debug, Default)]
pub(super) struct AskedMethods(Vec<OfStage>);

impl AskedMethods {
    /// Counts a method.
    pub(super) fn add(&mut self, method: &MethodView<'_>) {
        let (api, stage) = (method.api, &method.stage.name);
        let is_here =
            |it: &OfStage| it.stage == *stage && it.api == api.id && it.region == api.region;
        if !self.0.last().is_some_and(is_here) {
            self.0.push(OfStage {
                region: api.region.clone(),
                api: api.id.clone(),
                stage: stage.clone(),
                asked: vec![0; REGISTRY.len()],
            });
        }
        let counts = self.0.last_mut().map(|it| &mut it.asked);
        for (count, rule) in counts.into_iter().flatten().zip(REGISTRY) {
            *count += usize::from(rule.subject() == Subject::Methods && rule.is_about(method));
        }
    }

    /// What each rule came to, in the order of the registry.
    pub(super) fn tallies(
        &self,
        context: Context<'_>,
        (findings, exempted): (&[Finding], &[&Finding]),
        exemptions: &[ExemptionUse],
    ) -> Vec<RuleTally> {
        let mut found: BTreeMap<RuleId, Found<'_>> = BTreeMap::new();
        for finding in findings {
            let of = found.entry(finding.rule).or_default();
            of.findings += 1;
            of.places.push(&finding.place);
        }
        for finding in exempted {
            let of = found.entry(finding.rule).or_default();
            of.exempted += 1;
            of.places.push(&finding.place);
        }
        let gaps = Gaps::of(context.gaps);
        let each = REGISTRY.iter().enumerate().map(|(number, rule)| {
            let found = found.remove(&rule.id()).unwrap_or_default();
            let (looked_at, wrong, undecided) = match rule.subject() {
                Subject::Methods => {
                    methods(*rule, (context, &gaps), &found.places, self.of(number))
                }
                Subject::IamMethods => {
                    methods(*rule, (context, &gaps), &found.places, asking_iam(context))
                }
                Subject::Apis => apis(*rule, (context, &gaps), &found.places),
                other => others(other, *rule, context, (&found.places, exemptions)),
            };
            RuleTally {
                rule: rule.id(),
                subject: rule.subject(),
                looked_at,
                findings: found.findings,
                exempted: found.exempted,
                undecided,
                passed: looked_at.saturating_sub(wrong + undecided),
            }
        });
        each.collect()
    }

    /// How many methods of each stage the rule of this number looks at.
    fn of(&self, number: usize) -> OfStages<'_> {
        let each = self.0.iter().map(|it| {
            let asked = it.asked.get(number).copied().unwrap_or(0);
            (
                (it.region.as_str(), it.api.as_str(), it.stage.as_str()),
                asked,
            )
        });
        each.collect()
    }
}

/// How many methods there are, by Region, API and stage.
type OfStages<'s> = BTreeMap<(&'s str, &'s str, &'s str), usize>;

/// How many methods of each stage only the policies of principals decide about.
fn asking_iam(context: Context<'_>) -> OfStages<'_> {
    let mut stages = OfStages::new();
    let Some(access) = context.access else {
        return stages;
    };
    for method in access
        .estate
        .methods()
        .iter()
        .filter(|it| is_asked_about(it))
    {
        let (api, stage) = (method.api, &method.stage.name);
        let key = (api.region.as_str(), api.id.as_str(), stage.as_str());
        *stages.entry(key).or_default() += 1;
    }
    stages
}

/// How many methods a rule looked at, of how many it has a finding, and of how many others nothing can be said. `stages`: how
/// many it looks at in each.
fn methods(
    rule: &dyn Rule,
    (context, gaps): (Context<'_>, &Gaps<'_>),
    places: &[&Place],
    stages: OfStages<'_>,
) -> (usize, usize, usize) {
    if !was_asked(rule, context) {
        return (0, 0, 0);
    }
    let mut wrong = OfStages::new();
    for place in places {
        let stage = place.stage.as_deref().unwrap_or_default();
        let (region, api) = api_of(place);
        *wrong.entry((region, api, stage)).or_default() += 1;
    }
    let (mut looked_at, mut all_wrong, mut undecided) = (0, 0, 0);
    for ((region, api, stage), asked) in stages {
        let wrong = wrong.get(&(region, api, stage)).copied();
        let wrong = wrong.unwrap_or(0).min(asked);
        looked_at += asked;
        all_wrong += wrong;
        if gaps.may_hide(rule, (region, api, Some(stage))) {
            undecided += asked - wrong;
        }
    }
    (looked_at, all_wrong, undecided)
}

/// What a rule found.
#[derive(Default)]
struct Found<'f> {
    findings: usize,
    exempted: usize,
    places: Vec<&'f Place>,
}

/// The gaps by the API that they lie in: there may be as many as APIs.
struct Gaps<'g> {
    wide: Vec<&'g Gap>,
    of_api: BTreeMap<(&'g str, &'g str), Vec<&'g Gap>>,
}

impl<'g> Gaps<'g> {
    fn of(gaps: &'g BTreeSet<Gap>) -> Self {
        let (mut wide, mut of_api) = (Vec::new(), BTreeMap::<_, Vec<_>>::new());
        for gap in gaps {
            match (&gap.region, &gap.api) {
                (Some(region), Some(api)) => {
                    let own = of_api.entry((region.as_str(), api.as_str())).or_default();
                    own.push(gap);
                }
                _ => wide.push(gap),
            }
        }
        Gaps { wide, of_api }
    }

    /// Whether something that a rule looks at may be hidden there.
    fn may_hide(&self, rule: &dyn Rule, (region, api, stage): (&str, &str, Option<&str>)) -> bool {
        let own = self.of_api.get(&(region, api)).into_iter().flatten();
        let mut gaps = self.wide.iter().chain(own);
        gaps.any(|it| may_hide(it, rule.looks_at()) && it.lies_at(region, Some(api), stage))
    }
}

/// The Region and the id of the API that a place lies in.
fn api_of(place: &Place) -> (&str, &str) {
    let api = place.api.as_ref().map_or("", |it| it.id.as_str());
    (place.region.as_deref().unwrap_or_default(), api)
}

/// The same of APIs.
fn apis(
    rule: &dyn Rule,
    (context, gaps): (Context<'_>, &Gaps<'_>),
    places: &[&Place],
) -> (usize, usize, usize) {
    let wrong: BTreeSet<(&str, &str)> = places.iter().map(|it| api_of(it)).collect();
    let apis = &context.inventory.apis;
    let (mut all_wrong, mut undecided) = (0, 0);
    for api in apis {
        if wrong.contains(&(api.region.as_str(), api.id.as_str())) {
            all_wrong += 1;
        } else if gaps.may_hide(rule, (&api.region, &api.id, None)) {
            undecided += 1;
        }
    }
    (apis.len(), all_wrong, undecided)
}

/// The same of what lies in no API. It depends on everything that its rule looks at.
fn others(
    subject: Subject,
    rule: &dyn Rule,
    context: Context<'_>,
    (places, exemptions): (&[&Place], &[ExemptionUse]),
) -> (usize, usize, usize) {
    if !was_asked(rule, context) {
        return (0, 0, 0);
    }
    let iam = context.inventory.iam.as_ref();
    let count = |of: fn(&Iam) -> usize| iam.map_or(0, of);
    let outside = || context.access.map_or(0, |it| it.estate.outside().len());
    let all = |it: &Iam| it.groups.len() + it.users.len() + it.roles.len();
    let looked_at = match subject {
        Subject::Groups => count(|it| it.groups.len()),
        Subject::Users => count(|it| it.users.len()),
        Subject::Roles => count(|it| it.roles.len()),
        Subject::Principals => count(all),
        Subject::Callers if context.policy.invokers.is_empty() => 0,
        Subject::Callers => count(all) + outside(),
        Subject::GroupEntries if iam.is_none() => 0,
        Subject::GroupEntries => context.policy.groups.len(),
        Subject::Exemptions => exemptions.len(),
        Subject::Methods | Subject::IamMethods | Subject::Apis => 0,
    };
    let wrong: BTreeSet<&Place> = places.iter().copied().collect();
    // A finding about several together does not say which of the others are as they should be.
    let is_of_several =
        subject != Subject::Exemptions && wrong.iter().any(|it| it.principal.is_none());
    let wrong = wrong.len().min(looked_at);
    let is_hidden = context.gaps.iter().any(|it| may_hide(it, rule.looks_at()));
    let undecided = if is_hidden || is_of_several {
        looked_at - wrong
    } else {
        0
    };
    (looked_at, wrong, undecided)
}

/// Whether a rule could say anything: one that goes by the draft says nothing without it.
fn was_asked(rule: &dyn Rule, context: Context<'_>) -> bool {
    let without = context.inventory.scope.without_drafts;
    !(without && rule.looks_at().contains(&Look::Draft))
}

/// Whether a gap may hide something that a rule looks at.
fn may_hide(gap: &Gap, looks: &[Look]) -> bool {
    match gap.kind {
        // Which other Regions there are says nothing of those that were read.
        GapKind::Regions => false,
        GapKind::Iam | GapKind::PolicyDocument | GapKind::Access => {
            looks.contains(&Look::Principals)
        }
        // Those of the principals lie in no API.
        GapKind::Findings if gap.api.is_none() => looks.contains(&Look::Principals),
        _ => looks
            .iter()
            .any(|it| !matches!(it, Look::Principals | Look::PolicyFile)),
    }
}
