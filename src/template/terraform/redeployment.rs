//! Stages that keep the deployment they serve. A deployment is a snapshot that is made once: where a plan changes a method and
//! makes no new deployment, callers get what was there before.
//!
//! Source: [`triggers`](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/api_gateway_deployment#triggers-1).

use super::attributes::Attributes;
use super::changes::Changes;
use super::instances::Instance;
use super::links::{Link, Links, Wanted};
use super::types::{DEPLOYMENT, STAGE, V2_STAGE};
use crate::iam::Document;
use crate::template::draft::{ApiDraft, CanaryDraft, StageDraft};
use crate::template::options::STAGE as UNNAMED;
use crate::template::reading::Reading;
use crate::template::tree::{Kind, Spot, Tree, Unknown};

/// The attribute by which a stage names what it serves.
const DEPLOYMENT_ID: &str = "deployment_id";

/// The block that makes a canary of a stage.
const CANARY: &str = "canary_settings";

/// Says of each stage whether it keeps its deployment, and of its API what that serves. `before` is what was there before the
/// plan.
pub(super) fn kept(
    reading: &mut Reading,
    before: Reading,
    links: &Links<'_, '_>,
    changes: &Changes<'_, '_>,
) {
    for (index, instance, known) in links.estate.all() {
        let Some(stage) = StageOf::new(links, changes, index, instance, known) else {
            continue;
        };
        let api = reading.apis.get_mut(&stage.api);
        let stages = api.map(|api| api.stages.iter_mut());
        let mut stages = stages.into_iter().flatten();
        if let Some(draft) = stages.find(|it| it.name == stage.name) {
            draft.keeps |= stage.serves() == Serves::Before;
            draft.canary = draft.canary.take().or_else(|| stage.canary());
        }
    }
    let mut earlier = before.apis;
    for api in reading.apis.values_mut() {
        if let Some(earlier) = earlier.remove(&api.id)
            && api.stages.iter().any(StageDraft::serves_what_was_before)
        {
            let known = links.estate.instances.index_of(&api.id);
            let known = known.and_then(|index| links.estate.attributes.get(index));
            let policy_is_told = known.is_none_or(|it| !it.is_unknown("policy"));
            serves(api, earlier, policy_is_told);
        }
    }
    for (at, address) in before.addresses {
        reading.addresses.entry(at).or_insert(address);
    }
}

/// What the deployments are that the stages of a plan's APIs come to serve, with where each stands. `None`: one that cannot be
/// told.
pub(super) fn made<'i>(
    links: &Links<'i, '_>,
    changes: &Changes<'_, '_>,
) -> Vec<(String, Option<usize>, Spot)> {
    let mut made = Vec::new();
    for (index, instance, known) in links.estate.all() {
        let Some(stage) = StageOf::new(links, changes, index, instance, known) else {
            continue;
        };
        for serves in [Some(stage.serves()), stage.canary_serves()] {
            let deployment = match serves {
                Some(Serves::Made(address)) => links.estate.instances.index_of(&address),
                Some(Serves::Untold) => None,
                Some(Serves::AtOnce | Serves::Before) | None => continue,
            };
            made.push((stage.api.clone(), deployment, instance.at));
        }
    }
    made
}

/// A deployment may make its stage a canary. The provider has given that up for the stage's own settings.
pub(super) fn canaries_of_deployments(reading: &mut Reading, links: &Links<'_, '_>) {
    for (index, instance, known) in links.estate.all() {
        let is_canary = |known: &Attributes| {
            let settings = known.block("canary_settings");
            settings.is_some_and(|it| !it.is_null())
        };
        if instance.kind != DEPLOYMENT || !is_canary(known) {
            continue;
        }
        let link = links.link(index, "rest_api_id", Wanted::RestApi);
        let (Link::Here(api) | Link::Id(api)) = link else {
            continue;
        };
        if let Some(api) = reading.apis.get_mut(&api) {
            api.misses_methods(Unknown {
                why: "makes a canary, which is read of a stage alone: write its `canary_settings` there"
                    .to_owned(),
                at: instance.at,
            });
        }
    }
}

/// A stage may get a canary by settings that are known only later, or that the plan does not show.
pub(super) fn canaries_that_cannot_be_told(reading: &mut Reading, links: &Links<'_, '_>) {
    for (index, instance, known) in links.estate.all() {
        let settings = known.block("canary_settings");
        let is_hidden = settings.is_some_and(|it| matches!(it.kind, Kind::Unknown(_)));
        if instance.kind != STAGE || !(is_hidden || known.is_unknown("canary_settings")) {
            continue;
        }
        let link = links.link(index, "rest_api_id", Wanted::RestApi);
        let (Link::Here(api) | Link::Id(api)) = link else {
            continue;
        };
        if let Some(api) = reading.apis.get_mut(&api) {
            api.misses_methods(Unknown {
                why: "may have a canary, whose `canary_settings` cannot be told".to_owned(),
                at: instance.at,
            });
        }
    }
}

fn serves(api: &mut ApiDraft, mut earlier: ApiDraft, policy_is_told: bool) {
    // A WebSocket API that had no `$connect` was open.
    earlier.complete();
    for unknown in earlier.gaps {
        api.misses_methods(Unknown {
            why: format!(
                "what the deployment serves that the plan keeps cannot be told: it {}",
                unknown.why
            ),
            at: api.at,
        });
    }
    // Of one that is not understood, its effect is a gap already.
    let is_understood = !matches!(api.resource_policy, Some(Document::Unparsed { .. }));
    if policy_is_told && is_understood && api.resource_policy != earlier.resource_policy {
        api.misses_methods(Unknown {
            why: "changes its resource policy, which counts only once it is deployed, and keeps a deployment that has the \
                  earlier one: deploy it again"
                .to_owned(),
            at: api.at,
        });
    }
    // These settings wait for a deployment, too: the one counts by which more can call it.
    api.default_endpoint_disabled &= earlier.default_endpoint_disabled;
    let is_private = |types: &[String]| types.iter().all(|it| it == "PRIVATE");
    if is_private(&api.endpoint_types) && !is_private(&earlier.endpoint_types) {
        api.endpoint_types = earlier.endpoint_types;
    }
    api.kept = Some(earlier.methods);
}

/// What a stage serves once a plan is applied.
#[derive(Debug, PartialEq, Eq)]
enum Serves {
    /// Whatever the API has.
    AtOnce,
    /// A deployment that the plan makes, by its address.
    Made(String),
    /// A deployment that was there before.
    Before,
    /// It cannot be told.
    Untold,
}

/// A stage of an API of the file, or a deployment that makes one.
struct StageOf<'s, 'i, 'a> {
    links: &'s Links<'i, 'a>,
    changes: &'s Changes<'s, 'a>,
    index: usize,
    instance: &'i Instance<'a>,
    known: &'i Attributes,
    api: String,
    name: String,
}

impl<'s, 'i, 'a> StageOf<'s, 'i, 'a> {
    fn new(
        links: &'s Links<'i, 'a>,
        changes: &'s Changes<'s, 'a>,
        index: usize,
        instance: &'i Instance<'a>,
        known: &'i Attributes,
    ) -> Option<Self> {
        let (api, wanted, name) = match instance.kind.as_str() {
            STAGE | DEPLOYMENT => ("rest_api_id", Wanted::RestApi, "stage_name"),
            V2_STAGE => ("api_id", Wanted::V2Api, "name"),
            _ => return None,
        };
        // As an API's draft calls a stage whose name cannot be told.
        let name = known.tree(name).filter(|name| !name.is_null())?;
        let name = name.text().unwrap_or(UNNAMED).to_owned();
        let (Link::Here(api) | Link::Id(api)) = links.link(index, api, wanted) else {
            return None;
        };
        Some(StageOf {
            links,
            changes,
            index,
            instance,
            known,
            api,
            name,
        })
    }

    fn serves(&self) -> Serves {
        if self.instance.kind == DEPLOYMENT {
            let address = self.instance.address.clone();
            return match self.changes.is_made(&address) {
                true => Serves::Made(address),
                false => Serves::Before,
            };
        }
        let deploys_at_once = self.known.tree("auto_deploy");
        if deploys_at_once.is_some_and(|it| matches!(it.flag(), Ok(true))) {
            return Serves::AtOnce;
        }
        // A stage without a deployment serves nothing.
        let is_named = self
            .known
            .tree(DEPLOYMENT_ID)
            .is_some_and(|it| !it.is_null());
        match is_named {
            true => self.served_by(
                &self
                    .links
                    .link(self.index, DEPLOYMENT_ID, Wanted::Deployment),
            ),
            false => Serves::AtOnce,
        }
    }

    fn served_by(&self, deployment: &Link) -> Serves {
        match deployment {
            Link::Here(address) if self.changes.is_made(address) => Serves::Made(address.clone()),
            // One that has an id already was made before.
            Link::Here(_) | Link::Id(_) => Serves::Before,
            Link::Root(_) | Link::Elsewhere(_) | Link::Unknown(_) => Serves::Untold,
        }
    }

    /// What the canary serves, if there is one.
    fn canary_serves(&self) -> Option<Serves> {
        let settings = self.known.block(CANARY)?;
        matches!(settings.kind, Kind::Map(_)).then(|| {
            let deployment = (CANARY, DEPLOYMENT_ID);
            self.served_by(
                &self
                    .links
                    .link_in_block(self.index, deployment, Wanted::Deployment),
            )
        })
    }

    /// The deployment that a share of the traffic goes to.
    fn canary(&self) -> Option<CanaryDraft> {
        let percent = self.known.block(CANARY)?;
        let percent = percent.get("percent_traffic").map(Tree::text);
        Some(CanaryDraft {
            keeps: self.canary_serves()? == Serves::Before,
            percent: match percent {
                None => 0.0,
                Some(text) => text.ok().and_then(|it| it.parse().ok()).unwrap_or(100.0),
            },
        })
    }
}
