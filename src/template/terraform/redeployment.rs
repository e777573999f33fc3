//! Stages that keep the deployment they serve. A deployment is a snapshot that is made once: where a plan changes a method and
//! makes no new deployment, callers get what was there before.
//!
//! Source: [`triggers`](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/api_gateway_deployment#triggers-1).

use super::attributes::Attributes;
use super::changes::Changes;
use super::instances::Instance;
use super::links::{Link, Links, Wanted};
use super::types::{DEPLOYMENT, STAGE, V2_STAGE};
use crate::template::draft::{ApiDraft, CanaryDraft, StageDraft};
use crate::template::options::STAGE as UNNAMED;
use crate::template::reading::Reading;
use crate::template::tree::{Kind, Tree, Unknown};

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
            draft.keeps |= stage.keeps();
            draft.canary = draft.canary.take().or_else(|| stage.canary());
        }
    }
    let mut earlier = before.apis;
    for api in reading.apis.values_mut() {
        if let Some(earlier) = earlier.remove(&api.id)
            && api.stages.iter().any(StageDraft::serves_what_was_before)
        {
            serves(api, earlier);
        }
    }
    for (at, address) in before.addresses {
        reading.addresses.entry(at).or_insert(address);
    }
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

fn serves(api: &mut ApiDraft, mut earlier: ApiDraft) {
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
    api.kept = Some(earlier.methods);
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

    /// Whether the plan leaves it with the deployment that it has.
    fn keeps(&self) -> bool {
        if self.instance.kind == DEPLOYMENT {
            return !self.changes.is_made(&self.instance.address);
        }
        let deploys_at_once = self.known.tree("auto_deploy");
        if deploys_at_once.is_some_and(|it| matches!(it.flag(), Ok(true))) {
            return false;
        }
        self.is_kept(
            &self
                .links
                .link(self.index, "deployment_id", Wanted::Deployment),
        )
    }

    fn is_kept(&self, deployment: &Link) -> bool {
        match deployment {
            Link::Here(address) => !self.changes.is_made(address),
            // One that has an id already was made before.
            Link::Id(_) => true,
            Link::Root(_) | Link::Elsewhere(_) | Link::Unknown(_) => false,
        }
    }

    /// The deployment that a share of the traffic goes to.
    fn canary(&self) -> Option<CanaryDraft> {
        let settings = self.known.block("canary_settings")?;
        let Kind::Map(_) = &settings.kind else {
            return None;
        };
        let percent = settings.get("percent_traffic").map(Tree::text);
        let deployment = self.links.link_in_block(
            self.index,
            ("canary_settings", "deployment_id"),
            Wanted::Deployment,
        );
        Some(CanaryDraft {
            keeps: self.is_kept(&deployment),
            percent: match percent {
                None => 0.0,
                Some(text) => text.ok().and_then(|it| it.parse().ok()).unwrap_or(100.0),
            },
        })
    }
}
