//! From an inventory and a policy file to everything that is wrong.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;

use crate::audit::OwnVerbs;
use crate::audit::access::{self, Estate};
use crate::audit::bound::Bound;
use crate::audit::context::{AccessView, Context};
use crate::audit::exposure::DomainNames;
use crate::audit::finding::{Finding, Violation, named_file};
use crate::audit::method::{Assumption, MethodView, StageView};
use crate::audit::probe::Probed;
use crate::audit::remedy::calls::LastStage;
use crate::audit::remedy::draft_changes::{self, DraftChanges};
use crate::audit::rules::exempt::{Divided, Exemptions};
use crate::audit::rules::principals::blanket_grant;
use crate::audit::rules::requirement_use::Decided;
use crate::audit::rules::share::{self, Shares};
use crate::audit::rules::tally::AskedMethods;
use crate::audit::rules::{
    Exempted, ExemptionUse, REGISTRY, RequirementUse, Rule, RuleTally, not_asked,
};
use crate::audit::surface::Surface;
use crate::audit::warnings::{AcceptedByName, ByName, Warning, unmatched};
use crate::inventory::{Api, Gap, Iam, Inventory};
use crate::policy_file::PolicyFile;

/// Everything that one inventory shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// The findings that no exemption covers, worst first.
    pub findings: Vec<Finding>,
    /// The findings that an exemption covers, worst first.
    pub exempted: Vec<Exempted>,
    /// Every exemption of the policy file, in its order, whether it covers anything or not.
    pub exemptions: Vec<ExemptionUse>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// What was accepted without proof.
    pub assumptions: Vec<Assumption>,
    /// How much was looked at.
    pub coverage: Coverage,
    /// What each rule looked at, in the order of the registry.
    pub rules: Vec<RuleTally>,
    /// Every entry of `require` of the policy file, in its order.
    pub requirements: Vec<RequirementUse>,
    /// How many open methods are accepted as CORS preflights.
    pub preflights: usize,
    /// What each API offers to whom, in the order of the inventory.
    pub surfaces: Vec<Surface>,
    /// The verbs that the `ANY` methods do not answer.
    pub own_verbs: OwnVerbs,
    /// What a reader should know of the policy file.
    pub warnings: Vec<Warning>,
    /// The open methods that are accepted by the name or the tags of their APIs.
    pub accepted_by_name: Vec<AcceptedByName>,
}

impl Evaluation {
    /// Every finding, whether an exemption covers it or not: those that none covers first.
    pub fn all_findings(&self) -> impl Iterator<Item = &Finding> + Clone {
        let exempted = self.exempted.iter().map(|it| &it.finding);
        self.findings.iter().chain(exempted)
    }
}

/// How much was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    /// APIs that the lists named.
    pub apis: usize,
    /// APIs without a stage: not deployed, so that nobody can call them.
    pub undeployed_apis: usize,
    /// Stages.
    pub stages: usize,
    /// Stages that serve no deployment: nobody can call what they would serve.
    pub undeployed_stages: usize,
    /// Deployed methods, counted once a stage.
    pub methods: usize,
    /// IAM groups.
    pub groups: usize,
    /// IAM users.
    pub users: usize,
    /// IAM roles.
    pub roles: usize,
    /// Whether no role came with its trust policy, as in an inventory of an older version: who can become a role was
    /// not looked at.
    pub lacks_trust_policies: bool,
}

impl Coverage {
    /// Groups, users and roles.
    pub fn principals(&self) -> usize {
        self.groups + self.users + self.roles
    }
}

/// What the rules have found so far.
struct Found<'k> {
    findings: Shares<'k>,
    /// Which findings are wanted. Others are not kept.
    is_wanted: &'k dyn Fn(&Finding) -> bool,
    assumptions: Vec<Assumption>,
    coverage: Coverage,
    asked: AskedMethods,
    decided: Decided,
    surfaces: Vec<Surface>,
    own_verbs: OwnVerbs,
    by_name: ByName,
    accepted_by_name: Vec<AcceptedByName>,
    /// How many assumptions and accepted methods there may be, each.
    most_notes: usize,
    /// The APIs that have more.
    not_noted: Vec<Gap>,
    /// The file that is judged in place of an account.
    file: Option<Arc<str>>,
}

impl<'k> Found<'k> {
    /// Asks every rule about all that was read.
    fn of(
        context: Context<'_>,
        findings: Shares<'k>,
        is_wanted: &'k dyn Fn(&Finding) -> bool,
    ) -> Self {
        let inventory = context.inventory;
        let mut found = Found {
            most_notes: findings.bound().findings,
            not_noted: Vec::new(),
            file: file_of(inventory),
            findings,
            is_wanted,
            assumptions: Vec::new(),
            coverage: Coverage::default(),
            asked: AskedMethods::default(),
            decided: Decided::default(),
            surfaces: Vec::new(),
            own_verbs: OwnVerbs::default(),
            by_name: ByName::of(inventory, context.policy),
            accepted_by_name: Vec::new(),
        };
        found.coverage.apis = inventory.apis.len();
        for api in &inventory.apis {
            found.in_api(context, api);
        }
        if let Some(iam) = &inventory.iam {
            found.among_principals(context, iam);
        }
        found.ask_about_all(context);
        found.assumptions.extend(blanket_grant::assumption(context));
        found.assumptions.extend(not_asked::assumptions(context));
        found
    }

    /// Asks every rule the same question, and keeps the answers under the rule's name.
    fn ask(&mut self, question: impl Fn(&dyn Rule) -> Option<Violation>) {
        for rule in REGISTRY {
            // Nearly all answer nothing, and are asked very often.
            if let Some(violation) = question(*rule) {
                let finding = in_file(violation.into_finding(rule.id()), self.file.as_ref());
                self.findings.add(Some(finding).filter(self.is_wanted));
            }
        }
    }

    /// Asks every rule about the whole inventory.
    fn ask_about_all(&mut self, context: Context<'_>) {
        let findings = ask_all(|rule| rule.inventory(context));
        let file = self.file.clone();
        let findings = findings.map(|it| in_file(it, file.as_ref()));
        self.findings.add(findings.filter(self.is_wanted));
    }

    /// Asks every rule about the methods of an API.
    fn in_api(&mut self, context: Context<'_>, api: &Api) {
        let (inventory, policy, names) = (context.inventory, context.policy, context.names);
        // Stages that could not be read are a gap of the inventory.
        let stages = api.stages.as_deref().unwrap_or_default();
        if api.stages.as_ref().is_some_and(Vec::is_empty) {
            self.coverage.undeployed_apis += 1;
        }
        self.coverage.stages += stages.len();
        let idle = stages
            .iter()
            .filter(|stage| stage.served().next().is_none());
        self.coverage.undeployed_stages += idle.count();
        let mut not_noted = 0;
        let at_once = draft_changes::at_once(inventory, policy, names, api);
        let mut surface = Surface::of(api, self.file.clone());
        for stage in stages {
            let view = StageView::new(inventory, policy, names, api, stage);
            self.own_verbs.add(api, stage, &view.served);
            let methods = MethodView::of_stage(&view);
            let of_stage = Assumption::of_stage(&view, &methods);
            not_noted += note(&mut self.assumptions, of_stage, self.most_notes);
            let changes = DraftChanges::at(&view, &methods, &at_once);
            let context = Context {
                changes: &changes,
                ..context
            };
            for method in methods {
                self.coverage.methods += usize::from(method.frozen);
                surface.add(&method);
                self.asked.add(&method);
                self.decided.add(&method);
                let of_method = Assumption::of_method(&method, inventory);
                not_noted += note(&mut self.assumptions, of_method, self.most_notes);
                let accepted = self.by_name.accepted(inventory, &method);
                not_noted += note(&mut self.accepted_by_name, accepted, self.most_notes);
                self.ask(|rule| rule.method(context, &method));
            }
        }
        self.surfaces.push(surface);
        if not_noted > 0 {
            self.not_noted.push(share::not_noted(api, not_noted));
        }
    }

    /// Asks every rule about the groups.
    fn among_principals(&mut self, context: Context<'_>, iam: &Iam) {
        self.coverage.groups = iam.groups.len();
        self.coverage.users = iam.users.len();
        self.coverage.roles = iam.roles.len();
        self.coverage.lacks_trust_policies = iam.lacks_trust_policies();
        for group in &iam.groups {
            self.ask(|rule| rule.group(context, iam, group));
        }
    }
}

/// The file that is judged in place of an account.
fn file_of(inventory: &Inventory) -> Option<Arc<str>> {
    named_file(inventory.scope.template.as_ref()?)
}

/// A finding of a file.
fn in_file(mut finding: Finding, file: Option<&Arc<str>>) -> Finding {
    finding.place.file = file.cloned();
    finding
}

/// Sorts what is large: the places are sorted, and each item is moved about once. What is equal keeps its order.
fn sort_large<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut order: Vec<(usize, &T)> = items.iter().enumerate().collect();
    order.sort_by(|(_, one), (_, other)| compare(one, other));
    let order: Vec<usize> = order.into_iter().map(|(place, _)| place).collect();
    for (place, own) in order.iter().enumerate() {
        // What stood there may have been moved since, to the place whose own came from there.
        let mut from = *own;
        while from < place {
            let Some(next) = order.get(from) else { break };
            from = *next;
        }
        items.swap(place, from);
    }
}

/// Judges an inventory. `today` is the day, in UTC, by which exemptions expire.
pub fn evaluate(inventory: &Inventory, policy: &PolicyFile, today: Date) -> Evaluation {
    evaluate_within(inventory, policy, today, Bound::default())
}

/// The same, and keeps as many findings as the bound allows.
pub fn evaluate_within(
    inventory: &Inventory,
    policy: &PolicyFile,
    today: Date,
    bound: Bound,
) -> Evaluation {
    evaluation((inventory, None), policy, today, (bound, &|_| true))
}

/// The same for what deployed URLs answered, beside the inventory.
pub fn evaluate_probed(
    inventory: &Inventory,
    probed: &Probed,
    policy: &PolicyFile,
    today: Date,
) -> Evaluation {
    let asked = (inventory, Some(probed));
    evaluation(asked, policy, today, (Bound::default(), &|_| true))
}

/// The same, and keeps those findings alone that are wanted, whatever their number.
pub fn findings_where(
    inventory: &Inventory,
    policy: &PolicyFile,
    today: Date,
    is_wanted: &dyn Fn(&Finding) -> bool,
) -> Evaluation {
    let bound = Bound {
        findings: usize::MAX,
    };
    evaluation((inventory, None), policy, today, (bound, is_wanted))
}

fn evaluation(
    (inventory, probed): (&Inventory, Option<&Probed>),
    policy: &PolicyFile,
    today: Date,
    (bound, is_wanted): (Bound, &dyn Fn(&Finding) -> bool),
) -> Evaluation {
    let known_gaps = access::gaps(inventory);
    let access = Estate::new(inventory).map(AccessView::new);
    let names = DomainNames::new(inventory);
    let no_changes = DraftChanges::default();
    let calls = LastStage::default();
    let context = Context {
        calls: &calls,
        access: access.as_ref(),
        names: &names,
        changes: &no_changes,
        inventory,
        probed,
        policy,
        gaps: &known_gaps,
    };
    let exemptions = Exemptions::new(inventory, policy, today);
    let is_covered = |it: &Finding| exemptions.cover(it);
    let found = Found::of(context, Shares::new(bound, &is_covered), is_wanted);
    let Found {
        findings,
        assumptions,
        coverage,
        asked,
        decided,
        surfaces,
        own_verbs,
        by_name,
        accepted_by_name,
        not_noted,
        ..
    } = found;
    let (mut findings, left_out) = findings.end(inventory);
    let left_out = left_out.into_iter().chain(not_noted);
    // What the rules asked and could not be decided hides findings: it is a gap like what was not read.
    let undecided = access
        .iter()
        .flat_map(|it| it.estate.undecided(&known_gaps))
        .chain(names.policies.undecided());
    let not_judged = probed.into_iter().flat_map(|it| it.gaps.iter().cloned());
    let gaps = known_gaps.iter().cloned().chain(undecided).chain(left_out);
    let gaps: BTreeSet<Gap> = gaps.chain(not_judged).collect();
    let context = Context {
        gaps: &gaps,
        ..context
    };
    sort_large(&mut findings, Finding::order);
    let Divided {
        mut findings,
        exempted,
        exemptions,
    } = exemptions.divide(findings);
    for exemption in &exemptions {
        let violations = ask_all(|rule| rule.exemption(context, exemption));
        findings.extend(violations.filter(is_wanted));
    }
    sort_large(&mut findings, Finding::order);
    let covered: Vec<&Finding> = exempted.iter().map(|it| &it.finding).collect();
    let rules = asked.tallies(context, (&findings, &covered), &exemptions);
    let mut warnings = unmatched(inventory, policy, &gaps, access.as_ref());
    warnings.extend(by_name.warnings(inventory, policy));
    warnings.sort();
    Evaluation {
        warnings,
        accepted_by_name,
        findings,
        exempted,
        exemptions,
        gaps: gaps.into_iter().collect(),
        assumptions,
        coverage,
        rules,
        requirements: decided.uses(policy),
        preflights: decided.preflights,
        surfaces,
        own_verbs,
    }
}

/// What the rules find of the exemptions themselves, by what these came to and by what was not read.
pub fn about_exemptions(
    inventory: &Inventory,
    policy: &PolicyFile,
    gaps: &[Gap],
    exemptions: &[ExemptionUse],
) -> Vec<Finding> {
    let (names, changes) = (DomainNames::new(inventory), DraftChanges::default());
    let (calls, gaps) = (LastStage::default(), gaps.iter().cloned().collect());
    let context = Context {
        inventory,
        policy,
        gaps: &gaps,
        probed: None,
        access: None,
        names: &names,
        changes: &changes,
        calls: &calls,
    };
    let entries = exemptions.iter();
    let findings = entries.flat_map(|entry| ask_all(|rule| rule.exemption(context, entry)));
    findings.collect()
}

/// Adds what was accepted, as far as there is room. Returns how much was left out.
fn note<T>(all: &mut Vec<T>, notes: impl IntoIterator<Item = T>, most: usize) -> usize {
    let mut left_out = 0;
    for it in notes {
        if all.len() < most {
            all.push(it);
        } else {
            left_out += 1;
        }
    }
    left_out
}

/// Asks every rule the same question. The answers are under the rules' names.
fn ask_all<V: IntoIterator<Item = Violation>>(
    question: impl Fn(&dyn Rule) -> V,
) -> impl Iterator<Item = Finding> {
    REGISTRY.iter().flat_map(move |rule| {
        let violations = question(*rule).into_iter();
        violations.map(|it| it.into_finding(rule.id()))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::sort_large;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn large_items_are_sorted_as_others_are(keys in prop::collection::vec(0..20_u8, 0..60)) {
            let mut items: Vec<(u8, usize)> = keys.into_iter().zip(0..).collect();
            let mut expected = items.clone();
            expected.sort_by_key(|(key, _)| *key);
            sort_large(&mut items, |(one, _), (other, _)| one.cmp(other));
            prop_assert_eq!(items, expected);
        }
    }
}
