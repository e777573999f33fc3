//! From an inventory and a policy file to everything that is wrong.

use crate::audit::method::MethodView;
use crate::audit::remedy::draft_changes::DraftChanges;
use jiff::civil::Date;

use crate::audit::access::{self, Estate};
use crate::audit::context::{AccessView, Context};
use crate::audit::exposure::DomainNames;
use crate::audit::finding::Finding;
use crate::audit::method::{Assumption, StageView};
use crate::audit::remedy::draft_changes;
use crate::audit::rules::principals::blanket_grant;
use crate::audit::rules::{Exempted, ExemptionUse, REGISTRY, exempt};
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
}

/// What an evaluation has found so far.
#[derive(Default)]
struct Found {
    findings: Vec<Finding>,
    assumptions: Vec<Assumption>,
    coverage: Coverage,
}

impl Found {
    /// Asks every rule about the methods of an API.
    fn in_api(&mut self, context: Context<'_>, api: &Api) {
        let (inventory, policy, names) = (context.inventory, context.policy, context.names);
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
            let stage = StageView::new(inventory, policy, names, api, stage);
            let methods = MethodView::of_stage(&stage);
            let of_stage = Assumption::of_stage(&stage, &methods);
            self.assumptions.extend(of_stage);
            let changes = DraftChanges::at(&stage, &methods, &at_once);
            let context = Context {
                changes: &changes,
                ..context
            };
            for method in methods {
                self.coverage.methods += usize::from(method.frozen);
                let of_method = Assumption::of_method(&method, inventory);
                self.assumptions.extend(of_method);
                let rules = REGISTRY.iter();
                let found = rules.filter_map(|rule| rule.method(context, &method));
                self.findings.extend(found);
            }
        }
    }

    /// Asks every rule about the groups.
    fn among_principals(&mut self, context: Context<'_>, iam: &Iam) {
        self.coverage.groups = iam.groups.len();
        self.coverage.users = iam.users.len();
        self.coverage.roles = iam.roles.len();
        for group in &iam.groups {
            let rules = REGISTRY.iter();
            let found = rules.filter_map(|rule| rule.group(context, iam, group));
            self.findings.extend(found);
        }
    }
}

/// Judges an inventory. `today` is the day, in UTC, by which exemptions expire.
pub fn evaluate(inventory: &Inventory, policy: &PolicyFile, today: Date) -> Evaluation {
    let gaps = access::gaps(inventory);
    let access = Estate::new(inventory).map(AccessView::new);
    let names = DomainNames::new(inventory);
    let no_changes = DraftChanges::default();
    let context = Context {
        access: access.as_ref(),
        names: &names,
        changes: &no_changes,
        inventory,
        policy,
        gaps: &gaps,
    };
    let mut found = Found::default();
    found.coverage.apis = inventory.apis.len();
    for api in &inventory.apis {
        found.in_api(context, api);
    }
    if let Some(iam) = &inventory.iam {
        found.among_principals(context, iam);
    }
    let of_all = REGISTRY.iter().flat_map(|rule| rule.inventory(context));
    found.findings.extend(of_all);
    found.assumptions.extend(blanket_grant::assumption(context));
    let Found {
        mut findings,
        assumptions,
        coverage,
    } = found;
    // What the rules asked and could not be decided hides findings: it is a gap like what was not read.
    let undecided = access.iter().flat_map(|it| it.estate.undecided(&gaps));
    let undecided: Vec<Gap> = undecided.chain(names.policies.undecided()).collect();
    let mut gaps = gaps.clone();
    gaps.extend(undecided);
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
