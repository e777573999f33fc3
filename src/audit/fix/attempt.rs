//! One attempt at a plan: the steps for some findings, and why there are none for others.

use std::collections::{BTreeMap, BTreeSet};

use crate::audit::access::{self, Estate};
use crate::audit::context::{AccessView, Context};
use crate::audit::exposure::DomainNames;
use crate::audit::finding::{Finding, Fingerprint, command};
use crate::audit::fix::callers::{MethodAfter, methods_after};
use crate::audit::fix::grants::grants;
use crate::audit::fix::projected;
use crate::audit::fix::refusal::{Refusal, Refused};
use crate::audit::fix::seal::described;
use crate::audit::fix::selection::{CanaryChoice, Options};
use crate::audit::fix::stage::{AtStage, Target, keys, left_to_the_remedy};
use crate::audit::fix::state::{CanaryState, State};
use crate::audit::fix::step::{Action, Step};
use crate::audit::method::{MethodView, StageView};
use crate::audit::remedy::calls::LastStage;
use crate::audit::remedy::commands::{deploy_to, set_at};
use crate::audit::remedy::draft_changes::{self, DraftChanges};
use crate::inventory::{Api, AuthorizationType, Gap, Inventory, Stage};
use crate::policy_file::PolicyFile;

/// What one attempt came to.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) steps: Vec<Step>,
    pub(super) methods: Vec<MethodAfter>,
    pub(super) notes: BTreeSet<String>,
    pub(super) refused: Vec<Refusal>,
    /// The inventory after the steps.
    pub(super) after: Inventory,
}

/// Tries to mend these findings.
pub(super) fn attempt<'a>(
    inventory: &'a Inventory,
    policy: &'a PolicyFile,
    findings: &[&'a Finding],
    options: &Options,
) -> Attempt {
    let gaps: BTreeSet<Gap> = access::gaps(inventory);
    let view = Estate::new(inventory).map(AccessView::new);
    let (names, calls) = (DomainNames::new(inventory), LastStage::default());
    let no_changes = DraftChanges::default();
    let context = Context {
        probed: None,
        calls: &calls,
        access: view.as_ref(),
        names: &names,
        changes: &no_changes,
        inventory,
        policy,
        gaps: &gaps,
    };
    let mut refused = Vec::new();
    let mut notes = BTreeSet::new();
    let mut stages = Vec::new();
    for api in &inventory.apis {
        let own = findings.iter().filter(|it| is_at(it, api)).copied();
        let own: Vec<&Finding> = own.collect();
        if !own.is_empty() {
            let (at_stages, mut no) = of_api(context, api, &own, options, &mut notes);
            stages.extend(at_stages);
            refused.append(&mut no);
        }
    }
    let apis = inventory.apis.iter();
    let elsewhere = findings
        .iter()
        .filter(|finding| !apis.clone().any(|it| is_at(finding, it)));
    refused.extend(elsewhere.map(|it| left_to_the_remedy(it).of(it)));
    let targets: Vec<&Target<'_>> = stages.iter().flat_map(|it| &it.targets).collect();
    notes.extend(targets.iter().flat_map(|it| it.notes.iter().cloned()));
    let mut steps = set_steps(&targets);
    steps.extend(deploy_steps(&stages, options));
    let ungranted = projected::after(inventory, &steps);
    let granted = grants(
        context,
        Estate::new(&ungranted).as_ref(),
        &targets,
        options.group.as_deref(),
    );
    notes.extend(granted.notes);
    // Who is to call the method is let in before it asks.
    let mut steps: Vec<Step> = granted.steps.into_iter().chain(steps).collect();
    let after = projected::after(inventory, &steps);
    for step in &mut steps {
        step.freezes = projected::frozen(&after, &step.action);
    }
    let methods = methods_after(&after, &targets);
    if !options.allow_lockout {
        refused.extend(lockouts(&targets, &methods, &granted.left_out));
    }
    Attempt {
        steps,
        methods,
        notes,
        refused,
        after,
    }
}

fn is_at(finding: &Finding, api: &Api) -> bool {
    let place = &finding.place;
    let id = place.api.as_ref().map(|it| it.id.as_str());
    place.region.as_deref() == Some(&api.region) && id == Some(&api.id) && place.principal.is_none()
}

/// The stages of an API, and the findings about it that no steps are made for.
fn of_api<'a>(
    context: Context<'a>,
    api: &'a Api,
    findings: &[&'a Finding],
    options: &Options,
    notes: &mut BTreeSet<String>,
) -> (Vec<AtStage<'a>>, Vec<Refusal>) {
    let (inventory, policy, names) = (context.inventory, context.policy, context.names);
    let at_once = draft_changes::at_once(inventory, policy, names, api);
    let mut left: Vec<&Finding> = findings.to_vec();
    let mut stages = Vec::new();
    for stage in api.stages.iter().flatten() {
        let is_own = |it: &&&Finding| it.place.stage.as_deref() == Some(&stage.name);
        let own: Vec<&Finding> = left.iter().filter(is_own).copied().collect();
        if own.is_empty() {
            continue;
        }
        left.retain(|it| it.place.stage.as_deref() != Some(&stage.name));
        let view = StageView::new(inventory, policy, names, api, stage);
        let changes = DraftChanges::at(&view, &MethodView::of_stage(&view), &at_once);
        stages.push(AtStage::new(context, &view, changes, &own, options));
    }
    let mut refused: Vec<Refusal> = left
        .into_iter()
        .map(|it| left_to_the_remedy(it).of(it))
        .collect();
    let set = keys(stages.iter().flat_map(|it| &it.targets));
    for stage in &mut stages {
        refused.append(&mut stage.refused);
        match stage.besides(&set, options) {
            Ok(said) => notes.extend(said),
            Err(why) => {
                let targets = stage.targets.drain(..);
                refused.extend(targets.map(|it| why.clone().of(it.finding)));
            }
        }
    }
    (stages, refused)
}

/// One step for each method of a draft that is set.
fn set_steps(targets: &[&Target<'_>]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for target in targets {
        let Some(draft) = target.set else { continue };
        let api = target.method.api;
        let action = Action::SetAuthorization {
            region: api.region.clone(),
            api: api.id.clone(),
            kind: api.kind,
            resource: draft.resource_id.as_str().to_owned(),
            path: draft.path.as_str().to_owned(),
            verb: draft.verb.as_str().to_owned(),
        };
        let finding = target.finding.fingerprint();
        if let Some(step) = steps.iter_mut().find(|it| it.action == action) {
            step.findings.push(finding);
            continue;
        }
        let iam = &AuthorizationType::AwsIam;
        let before = draft.authorization.as_ref();
        let before = before.map_or("an unknown type", AuthorizationType::as_str);
        steps.push(Step {
            what: action.in_words(),
            action,
            before: before.to_owned(),
            after: iam.as_str().to_owned(),
            command: set_at(api, draft, iam),
            findings: vec![finding],
            expects: State::Method {
                authorization: draft
                    .authorization
                    .as_ref()
                    .map(|it| it.as_str().to_owned()),
                authorizer: draft
                    .authorizer_id
                    .as_ref()
                    .map(|it| it.as_str().to_owned()),
                scopes: Vec::new(),
            },
            freezes: Vec::new(),
        });
    }
    steps
}

/// One step for each stage that does not deploy by itself.
fn deploy_steps(stages: &[AtStage<'_>], options: &Options) -> Vec<Step> {
    let steps = stages.iter().filter_map(|at| {
        let method = &at.targets.first()?.method;
        let (api, stage) = (method.api, method.stage);
        if stage.auto_deploy {
            return None;
        }
        let findings = at.targets.iter().map(|it| it.finding.fingerprint());
        let findings: Vec<Fingerprint> = findings.collect();
        let description = described(findings.iter().map(Fingerprint::to_string));
        let before = stage.deployment_id.as_deref().unwrap_or("none");
        let choice = stage.canary.as_ref().and(options.canary);
        let command = match choice {
            None => deploy_to(api, stage, Some(&description)),
            Some(choice) => deploy_beside_canary((api, stage), choice, &description),
        };
        let action = Action::Deploy {
            region: api.region.clone(),
            api: api.id.clone(),
            kind: api.kind,
            stage: stage.name.clone(),
            description,
            canary: choice,
        };
        Some(Step {
            what: action.in_words(),
            before: format!("the stage serves deployment {before}"),
            after: "the stage serves a new deployment".to_owned(),
            command,
            findings,
            expects: State::Stage {
                deployment: stage.deployment_id.clone(),
                canary: stage.canary.as_ref().map(|it| CanaryState {
                    deployment: Some(it.deployment_id.clone()),
                    percent: it.percent_traffic.to_string(),
                    has_variables: false,
                }),
            },
            freezes: Vec::new(),
            action,
        })
    });
    steps.collect()
}

/// The findings whose methods must not be left as they would be. `methods` are those of `targets`.
fn lockouts<'r>(
    targets: &'r [&Target<'_>],
    methods: &'r [MethodAfter],
    left_out: &'r BTreeMap<Fingerprint, String>,
) -> impl Iterator<Item = Refusal> + 'r {
    let both = targets.iter().zip(methods);
    let locked = both.filter(|(_, method)| !method.has_callers());
    locked.map(|(target, method)| {
        let ungranted = left_out.get(&method.finding);
        lockout(method, ungranted).of(target.finding)
    })
}

/// `ungranted`: why the group that should call the method is not granted it.
fn lockout(method: &MethodAfter, ungranted: Option<&String>) -> Refused {
    let why = match &method.callers {
        Some(callers) if callers.undecided.is_empty() => {
            "nobody could call it any more: no policy of a user or role allows it, and the resource policy lets in nobody \
             else"
        }
        Some(_) => "it could not be decided whether anybody could still call it",
        None => "it is not known who could still call it",
    };
    let ungranted = ungranted.map_or_else(String::new, |it| format!("; {it}"));
    Refused::unless("--allow-lockout", format!("{why}{ungranted}"))
}

/// The commands that deploy to a stage and its canary. A deployment to a stage that has one may go to the canary alone, so that it
/// is made for no stage first. `DEPLOYMENT_ID` is what the first command answers.
/// Source: [create a canary release deployment](https://docs.aws.amazon.com/apigateway/latest/developerguide/create-canary-deployment.html).
fn deploy_beside_canary(
    (api, stage): (&Api, &Stage),
    choice: CanaryChoice,
    description: &str,
) -> String {
    let to = ["--region", &api.region, "--rest-api-id", &api.id];
    let create = ["aws", "apigateway", "create-deployment"];
    let described = ["--description", description];
    let update = ["aws", "apigateway", "update-stage"];
    let mut edits = vec![
        "op=replace,path=/deploymentId,value=DEPLOYMENT_ID",
        "op=replace,path=/canarySettings/deploymentId,value=DEPLOYMENT_ID",
    ];
    if choice == CanaryChoice::Promote {
        edits.push("op=replace,path=/canarySettings/percentTraffic,value=0.0");
    }
    let at = ["--stage-name", &stage.name, "--patch-operations"];
    format!(
        "{} && {}",
        command(&[&create[..], &to, &described].concat()),
        command(&[&update[..], &to, &at, &edits].concat())
    )
}
