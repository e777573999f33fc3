//! From an inventory and a policy file to everything that is wrong.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::audit::OwnVerbs;
use crate::audit::access::{self, Estate};
use crate::audit::context::{AccessView, Context};
use crate::audit::exposure::DomainNames;
use crate::audit::finding::{Finding, Violation};
use crate::audit::method::{Assumption, MethodView, StageView};
use crate::audit::remedy::calls::LastStage;
use crate::audit::remedy::draft_changes::{self, DraftChanges};
use crate::audit::rules::principals::blanket_grant;
use crate::audit::rules::{Exempted, ExemptionUse, REGISTRY, Rule, exempt, not_asked};
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

/// What the rules have found so far.
#[derive(Default)]
struct Found {
    findings: Vec<Finding>,
    assumptions: Vec<Assumption>,
    coverage: Coverage,
    own_verbs: OwnVerbs,
    by_name: ByName,
    accepted_by_name: Vec<AcceptedByName>,
}

impl Found {
    /// Asks every rule about all that was read.
    fn of(context: Context<'_>) -> Self {
        let inventory = context.inventory;
        let mut found = Found {
            by_name: ByName::of(inventory, context.policy),
            ..Found::default()
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
                self.findings.push(violation.into_finding(rule.id()));
            }
        }
    }

    /// Asks every rule about the whole inventory.
    fn ask_about_all(&mut self, context: Context<'_>) {
        for rule in REGISTRY {
            let violations = rule.inventory(context);
            self.findings
                .extend(violations.map(|it| it.into_finding(rule.id())));
        }
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
        let at_once = draft_changes::at_once(inventory, policy, names, api);
        for stage in stages {
            let view = StageView::new(inventory, policy, names, api, stage);
            self.own_verbs.add(api, stage, &view.served);
            let methods = MethodView::of_stage(&view);
            let of_stage = Assumption::of_stage(&view, &methods);
            self.assumptions.extend(of_stage);
            let changes = DraftChanges::at(&view, &methods, &at_once);
            let context = Context {
                changes: &changes,
                ..context
            };
            for method in methods {
                self.coverage.methods += usize::from(method.frozen);
                let of_method = Assumption::of_method(&method, inventory);
                self.assumptions.extend(of_method);
                let accepted = self.by_name.accepted(inventory, &method);
                self.accepted_by_name.extend(accepted);
                self.ask(|rule| rule.method(context, &method));
            }
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
        policy,
        gaps: &known_gaps,
    };
    let mut found = Found::of(context);
    // What the rules asked and could not be decided hides findings: it is a gap like what was not read.
    let undecided = access
        .iter()
        .flat_map(|it| it.estate.undecided(&known_gaps))
        .chain(names.policies.undecided());
    let gaps: BTreeSet<Gap> = known_gaps.iter().cloned().chain(undecided).collect();
    let context = Context {
        gaps: &gaps,
        ..context
    };
    sort_large(&mut found.findings, Finding::order);
    let exempt::Divided {
        findings,
        exempted,
        exemptions,
    } = exempt::divide(found.findings, inventory, policy, today);
    found.findings = findings;
    for exemption in &exemptions {
        found.ask(|rule| rule.exemption(context, exemption));
    }
    found.findings.sort_by(Finding::order);
    let mut warnings = unmatched(inventory, policy, &gaps, access.as_ref());
    warnings.extend(found.by_name.warnings(inventory, policy));
    warnings.sort();
    Evaluation {
        warnings,
        accepted_by_name: found.accepted_by_name,
        findings: found.findings,
        exempted,
        exemptions,
        gaps: gaps.into_iter().collect(),
        assumptions: found.assumptions,
        coverage: found.coverage,
        own_verbs: found.own_verbs,
    }
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
