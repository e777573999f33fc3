//! An inventory as it would be after the steps of a plan.

use crate::audit::fix::frozen::Frozen;
use crate::audit::fix::selection::CanaryChoice;
use crate::audit::fix::step::{Action, Step};
use crate::iam::parse_document;
use crate::inventory::{
    Api, AttachedPolicy, AuthorizationType, DeployedMethod, Deployment, DeploymentSource,
    DraftMethod, Group, InlinePolicy, Inventory,
};

/// The id of a deployment that a plan makes. No id of AWS's has a space.
const NEW: &str = "new deployment of";

/// The inventory after these steps.
pub(super) fn after<'s>(
    inventory: &Inventory,
    steps: impl IntoIterator<Item = &'s Step>,
) -> Inventory {
    let mut after = inventory.clone();
    for step in steps {
        take(&mut after, &step.action);
    }
    after
}

/// The methods that a step's deployment freezes, in an inventory as it would be after the steps. None, where it deploys nothing.
pub(super) fn frozen(after: &Inventory, action: &Action) -> Vec<Frozen> {
    let Action::Deploy { region, api, .. } = action else {
        return Vec::new();
    };
    let mut apis = after.apis.iter();
    let api = apis.find(|it| it.region == *region && it.id == *api);
    let draft = api.and_then(|it| it.draft.as_ref());
    draft.into_iter().flatten().map(Frozen::of_draft).collect()
}

fn take(inventory: &mut Inventory, action: &Action) {
    match action {
        Action::PutGroupPolicy {
            group,
            policy,
            document,
        } => {
            if let Some(group) = group_of(inventory, group) {
                group.inline.push(InlinePolicy {
                    name: policy.clone(),
                    document: parse_document(document),
                });
            }
        }
        Action::AttachGroupPolicy { group, arn } => {
            if let Some(group) = group_of(inventory, group) {
                let name = arn.rsplit('/').next().unwrap_or(arn);
                group.attached.push(AttachedPolicy {
                    name: name.to_owned(),
                    arn: arn.clone(),
                });
            }
        }
        Action::SetAuthorization {
            region,
            api,
            path,
            verb,
            ..
        } => {
            if let Some(api) = api_of(inventory, region, api) {
                set(api, path, verb);
            }
        }
        Action::Deploy {
            region,
            api,
            stage,
            canary,
            ..
        } => {
            if let Some(api) = api_of(inventory, region, api) {
                deploy(api, &|name| name == stage);
                let stages = api.stages.iter_mut().flatten();
                for it in stages.filter(|it| it.name == *stage) {
                    let own = it.deployment_id.clone();
                    if let (Some(choice), Some(canary), Some(own)) = (canary, &mut it.canary, own) {
                        canary.deployment_id = own;
                        if *choice == CanaryChoice::Promote {
                            canary.percent_traffic = 0.0;
                        }
                    }
                }
            }
        }
    }
}

fn group_of<'i>(inventory: &'i mut Inventory, name: &str) -> Option<&'i mut Group> {
    let groups = &mut inventory.iam.as_mut()?.groups;
    groups.iter_mut().find(|it| it.name == name)
}

fn api_of<'i>(inventory: &'i mut Inventory, region: &str, id: &str) -> Option<&'i mut Api> {
    let mut apis = inventory.apis.iter_mut();
    apis.find(|it| it.region == region && it.id == id)
}

fn set(api: &mut Api, path: &str, verb: &str) {
    let methods = api.draft.iter_mut().flatten();
    for method in methods.filter(|it| it.path == path && it.verb == verb) {
        method.authorization = Some(AuthorizationType::AwsIam);
        method.authorizer_id = None;
    }
    let stages = api.stages.iter().flatten();
    let at_once = stages.filter(|it| it.takes_edits_at_once());
    let at_once: Vec<String> = at_once.map(|it| it.name.clone()).collect();
    deploy(api, &|name| at_once.iter().any(|it| it == name));
}

/// Has these stages serve the draft.
fn deploy(api: &mut Api, is_meant: &dyn Fn(&str) -> bool) {
    let Some(draft) = &api.draft else { return };
    let methods = draft.iter().map(DraftMethod::as_deployed);
    let methods: Vec<DeployedMethod> = methods.collect();
    let mut made = Vec::new();
    for stage in api.stages.iter_mut().flatten() {
        if !is_meant(&stage.name) {
            continue;
        }
        let id = format!("{NEW} {}", stage.name);
        stage.deployment_id = Some(id.clone());
        made.push(Deployment {
            id,
            created_at: None,
            source: DeploymentSource::default(),
            methods: Some(methods.clone()),
        });
    }
    api.deployments
        .retain(|old| made.iter().all(|it| it.id != old.id));
    api.deployments.append(&mut made);
}
