//! From an inventory and a policy file to everything that is wrong.

use jiff::civil::Date;

use super::reach::DomainNames;
use super::stage::StageView;
use super::view::Assumption;
use super::{AccessView, Context, Exempted, ExemptionUse, REGISTRY, blanket_grant, exempt};
use crate::access::{self, Estate};
use crate::config::PolicyFile;
use crate::finding::Finding;
use crate::model::{Gap, Inventory};

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
}

/// Judges an inventory. `today` is the day, in UTC, by which exemptions expire.
pub fn evaluate(inventory: &Inventory, policy: &PolicyFile, today: Date) -> Evaluation {
    let gaps = access::gaps(inventory);
    let access = Estate::new(inventory).map(AccessView::new);
    let names = DomainNames::new(inventory);
    let context = Context {
        access: access.as_ref(),
        names: &names,
        inventory,
        policy,
        gaps: &gaps,
    };
    let mut coverage = Coverage {
        apis: inventory.apis.len(),
        ..Coverage::default()
    };
    let mut findings = Vec::new();
    let mut assumptions = Vec::new();
    for api in &inventory.apis {
        let stages = api.stages.as_deref().unwrap_or_default();
        if api.stages.as_ref().is_some_and(Vec::is_empty) {
            coverage.undeployed_apis += 1;
        }
        coverage.stages += stages.len();
        let idle = stages
            .iter()
            .filter(|stage| stage.served().next().is_none());
        coverage.undeployed_stages += idle.count();
        for stage in stages {
            let stage = StageView::new(inventory, policy, &names, api, stage);
            assumptions.extend(stage.assumptions(inventory));
            for method in stage.methods() {
                coverage.methods += usize::from(method.frozen);
                assumptions.extend(method.assumption(inventory));
                findings.extend(
                    REGISTRY
                        .iter()
                        .filter_map(|rule| rule.method(context, &method)),
                );
            }
        }
    }
    if let Some(iam) = &inventory.iam {
        coverage.groups = iam.groups.len();
        coverage.users = iam.users.len();
        coverage.roles = iam.roles.len();
        for group in &iam.groups {
            findings.extend(
                REGISTRY
                    .iter()
                    .filter_map(|rule| rule.group(context, iam, group)),
            );
        }
    }
    findings.extend(REGISTRY.iter().flat_map(|rule| rule.inventory(context)));
    assumptions.extend(blanket_grant::assumption(context));
    // What the rules asked and could not be decided hides findings: it is a gap like what was not read.
    let mut gaps = gaps.clone();
    gaps.extend(access.iter().flat_map(|it| it.estate.undecided()));
    gaps.extend(names.policies.undecided());
    let context = Context {
        gaps: &gaps,
        ..context
    };
    findings.sort_by(Finding::order);
    let exempt::Divided {
        mut findings,
        exempted,
        exemptions,
    } = exempt::divide(findings, inventory, policy, today);
    for exemption in &exemptions {
        findings.extend(
            REGISTRY
                .iter()
                .filter_map(|rule| rule.exemption(context, exemption)),
        );
    }
    findings.sort_by(Finding::order);
    Evaluation {
        findings,
        exempted,
        exemptions,
        gaps: gaps.into_iter().collect(),
        assumptions,
        coverage,
    }
}
