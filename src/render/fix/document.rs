//! A plan for programs.

use serde::Serialize;

use crate::audit::finding::{Finding, Severity};
use crate::audit::fix::{Action, Bound, Callers, CanaryChoice, MethodAfter, Plan, Refusal, Step};
use crate::inventory::Gap;
use crate::render::report::finding_json::{PlaceJson, place};

/// The version of the document. It grows when a reader would misread a newer one.
const SCHEMA_VERSION: u32 = 1;

/// A plan for programs.
#[derive(Debug, Serialize)]
pub struct PlanDocument<'a> {
    schema_version: u32,
    account: &'a str,
    partition: &'a str,
    taken_at: String,
    judged_by: &'a str,
    asked: AskedJson<'a>,
    selected: usize,
    steps: Vec<StepJson<'a>>,
    methods: Vec<MethodJson<'a>>,
    refused: Vec<RefusalJson<'a>>,
    brings: Vec<BroughtJson<'a>>,
    notes: &'a [String],
    bound_to: Vec<BoundJson<'a>>,
    gaps: Vec<String>,
}

/// What the plan may do besides.
#[derive(Debug, Serialize)]
struct AskedJson<'a> {
    deploy_everything: bool,
    even_if_managed: bool,
    allow_lockout: bool,
    group: Option<&'a str>,
    canary: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct StepJson<'a> {
    action: &'static str,
    #[serde(flatten)]
    to: ToJson<'a>,
    what: &'a str,
    before: &'a str,
    after: &'a str,
    command: &'a str,
    findings: Vec<String>,
}

/// What a step changes.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum ToJson<'a> {
    Policy {
        group: &'a str,
        policy: &'a str,
        document: &'a str,
    },
    Managed {
        group: &'a str,
        policy_arn: &'a str,
    },
    Method {
        region: &'a str,
        api_id: &'a str,
        verb: &'a str,
        path: &'a str,
    },
    Stage {
        region: &'a str,
        api_id: &'a str,
        stage: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        canary: Option<&'static str>,
    },
}

#[derive(Debug, Serialize)]
struct MethodJson<'a> {
    finding: String,
    #[serde(flatten)]
    place: PlaceJson<'a>,
    authorization_before: Option<&'a str>,
    authorization_after: Option<&'a str>,
    callers_after: Option<CallersJson<'a>>,
}

#[derive(Debug, Serialize)]
struct CallersJson<'a> {
    all: &'a [String],
    some: &'a [String],
    undecided: &'a [String],
    none: &'a [String],
}

#[derive(Debug, Serialize)]
struct RefusalJson<'a> {
    #[serde(flatten)]
    finding: BroughtJson<'a>,
    why: &'a str,
    lifted_by: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct BroughtJson<'a> {
    id: String,
    rule: &'static str,
    severity: Severity,
    #[serde(flatten)]
    place: PlaceJson<'a>,
    message: &'a str,
}

#[derive(Debug, Serialize)]
struct BoundJson<'a> {
    what: &'a str,
    sha256: &'a str,
}

/// The plan for programs.
pub fn plan_document(plan: &Plan) -> PlanDocument<'_> {
    let partition = &plan.partition;
    let gaps = plan.gaps.iter().map(Gap::in_words);
    PlanDocument {
        schema_version: SCHEMA_VERSION,
        account: &plan.account,
        partition,
        taken_at: plan.taken_at.to_string(),
        judged_by: &plan.judged_by,
        asked: AskedJson {
            deploy_everything: plan.options.deploy_everything,
            even_if_managed: plan.options.even_if_managed,
            allow_lockout: plan.options.allow_lockout,
            group: plan.options.group.as_deref(),
            canary: plan.options.canary.map(CanaryChoice::as_str),
        },
        selected: plan.selected,
        steps: plan.steps.iter().map(step).collect(),
        methods: plan
            .methods
            .iter()
            .map(|it| method(partition, it))
            .collect(),
        refused: plan
            .refused
            .iter()
            .map(|it| refusal(partition, it))
            .collect(),
        brings: plan
            .brings
            .iter()
            .map(|it| brought(partition, it))
            .collect(),
        notes: &plan.notes,
        bound_to: plan.bound_to.iter().map(bound).collect(),
        gaps: gaps.collect(),
    }
}

fn step(step: &Step) -> StepJson<'_> {
    StepJson {
        action: step.action.as_str(),
        to: match &step.action {
            Action::PutGroupPolicy {
                group,
                policy,
                document,
            } => ToJson::Policy {
                group,
                policy,
                document,
            },
            Action::AttachGroupPolicy { group, arn } => ToJson::Managed {
                group,
                policy_arn: arn,
            },
            Action::SetAuthorization {
                region,
                api,
                path,
                verb,
                ..
            } => ToJson::Method {
                region,
                api_id: api,
                verb,
                path,
            },
            Action::Deploy {
                region,
                api,
                stage,
                canary,
                ..
            } => ToJson::Stage {
                region,
                api_id: api,
                stage,
                canary: canary.map(CanaryChoice::as_str),
            },
        },
        what: &step.what,
        before: &step.before,
        after: &step.after,
        command: &step.command,
        findings: step.findings.iter().map(ToString::to_string).collect(),
    }
}

fn method<'a>(partition: &str, method: &'a MethodAfter) -> MethodJson<'a> {
    MethodJson {
        finding: method.finding.to_string(),
        place: place(partition, &method.place),
        authorization_before: method.before.as_deref(),
        authorization_after: method.after.as_deref(),
        callers_after: method.callers.as_ref().map(callers),
    }
}

fn callers(callers: &Callers) -> CallersJson<'_> {
    CallersJson {
        all: &callers.all,
        some: &callers.some,
        undecided: &callers.undecided,
        none: &callers.none,
    }
}

fn refusal<'a>(partition: &str, refusal: &'a Refusal) -> RefusalJson<'a> {
    RefusalJson {
        finding: brought(partition, &refusal.finding),
        why: &refusal.why,
        lifted_by: refusal.lifted_by,
    }
}

fn brought<'a>(partition: &str, finding: &'a Finding) -> BroughtJson<'a> {
    BroughtJson {
        id: finding.fingerprint().to_string(),
        rule: finding.rule.as_str(),
        severity: finding.severity,
        place: place(partition, &finding.place),
        message: &finding.message,
    }
}

fn bound(bound: &Bound) -> BoundJson<'_> {
    BoundJson {
        what: &bound.what,
        sha256: &bound.sha256,
    }
}
