//! One stage with everything that its methods are looked up in.

use std::rc::Rc;

use foldhash::HashSet;

use super::draft_changes::DraftChanges;
use super::outsiders::Said;
use super::reach::{DomainNames, Reach, StageReach};
use super::view::{Assumption, MethodView, Snapshot};
use crate::config::{PolicyFile, Preflight, StagePlace, StageRequirements};
use crate::finding::{ApiRef, Place};
use crate::model::{
    Api, DeployedIndex, Deployment, DeploymentSource, DraftIndex, Inventory, Stage,
};
use crate::policy::{Admission, Outsider, Template};

/// One stage with everything that its methods are looked up in.
#[derive(Debug)]
pub(super) struct StageView<'a> {
    pub(super) api: &'a Api,
    pub(super) stage: &'a Stage,
    pub(super) draft: DraftIndex<'a>,
    pub(super) requirements: StageRequirements<'a>,
    pub(super) preflight: Preflight,
    pub(super) reach: Rc<StageReach>,
    /// Held by the methods until all of them are known, and with them what a deployment changes.
    pub(super) no_changes: Rc<DraftChanges<'a>>,
    inventory: &'a Inventory,
    base: Option<(&'a Deployment, DeployedIndex<'a>)>,
    canary: Option<(&'a Deployment, DeployedIndex<'a>)>,
}

impl<'a> StageView<'a> {
    pub(super) fn new(
        inventory: &'a Inventory,
        policy: &'a PolicyFile,
        names: &DomainNames<'_>,
        api: &'a Api,
        stage: &'a Stage,
    ) -> Self {
        let indexed = |id: &String| {
            let deployment = api.deployment(id)?;
            Some((deployment, DeployedIndex::new(deployment)))
        };
        let canary = stage.canary.as_ref().map(|canary| &canary.deployment_id);
        StageView {
            api,
            stage,
            draft: DraftIndex::new(api),
            requirements: policy.at_stage(StagePlace {
                region: &api.region,
                api_id: &api.id,
                api_name: &api.name,
                tags: &api.tags,
                stage: &stage.name,
            }),
            preflight: policy.preflight,
            reach: Rc::new(StageReach::new(inventory, names, api, stage)),
            no_changes: Rc::default(),
            inventory,
            base: stage.deployment_id.as_ref().and_then(indexed),
            canary: canary.and_then(indexed),
        }
    }

    /// Every method of the stage: those that its deployments froze, and those that only the draft names.
    pub(super) fn methods(&self) -> Vec<MethodView<'a>> {
        let served = self.base.iter().chain(&self.canary);
        let mut every: Vec<(&'a str, &'a str)> = served
            .flat_map(|(deployment, _)| self.keys(deployment))
            .collect();
        let frozen: HashSet<(&'a str, &'a str)> = every.iter().copied().collect();
        every.extend(self.drafted());
        every.sort();
        every.dedup();
        let mut methods: Vec<MethodView<'a>> = every
            .into_iter()
            .map(|(path, verb)| MethodView::new(self, &frozen, path, verb))
            .collect();
        let changes = Rc::new(DraftChanges::new(self, &methods));
        for method in &mut methods {
            method.draft_changes = Rc::clone(&changes);
        }
        methods
    }

    /// Whether every deployment that the stage serves could be read.
    pub(super) fn is_read(&self) -> bool {
        self.stage
            .served()
            .all(|id| self.api.deployment(id).is_some())
    }

    /// Who reaches a method of the stage. `frozen` are all methods that its deployments have.
    pub(super) fn reach(&self, frozen: &HashSet<(&str, &str)>, verb: &str, path: &str) -> Reach {
        let template = || self.template(frozen, verb, path);
        let name = || format!("{verb} {path}");
        Reach::new(self.api, &self.reach, name, template)
    }

    /// Whether a principal of any account, who is allowed to there, gets past the resource policy from anywhere.
    pub(super) fn admits_strangers(
        &self,
        frozen: &HashSet<(&str, &str)>,
        verb: &str,
        path: &str,
    ) -> bool {
        let template = || self.template(frozen, verb, path);
        let name = || format!("{verb} {path}");
        let outsiders = &self.reach.outsiders;
        let said = outsiders.said(Outsider::Stranger, name, template);
        said == Said::Admission(Admission::FromAnywhere)
    }

    /// The requests that a method answers: of `ANY`, those with a verb that the path has no method for.
    fn template(&self, frozen: &HashSet<(&str, &str)>, verb: &str, path: &str) -> Template {
        let place = [
            self.inventory.partition.as_str(),
            &self.api.region,
            &self.inventory.account,
        ];
        let of_stage = [self.api.id.as_str(), &self.stage.name];
        if !path.starts_with('/') {
            return Template::of_route(place, of_stage, path);
        }
        if verb != "ANY" {
            return Template::of_method(place, of_stage, &[verb], path);
        }
        let unserved = |verb: &&str| !frozen.contains(&(path, *verb));
        let verbs: Vec<&str> = Template::VERBS.into_iter().filter(unserved).collect();
        let verbs = if verbs.is_empty() {
            &Template::VERBS
        } else {
            verbs.as_slice()
        };
        Template::of_method(place, of_stage, verbs, path)
    }

    /// The key of the route that answers this verb on this path.
    pub(super) fn route_key(&self, verb: &str, path: &str) -> Option<&'a str> {
        let own = |index: &DeployedIndex<'a>| index.own(verb, path)?.route_key.as_deref();
        let mut deployed = self.base.iter().chain(&self.canary);
        let drafted = || self.draft.own(verb, path)?.route_key.as_deref();
        deployed.find_map(|(_, index)| own(index)).or_else(drafted)
    }

    /// What the stage's own deployment serves.
    pub(super) fn deployed(&self, verb: &str, path: &str) -> Option<Snapshot<'a>> {
        self.snapshot(self.base.as_ref()?, verb, path)
    }

    /// What the canary's deployment serves.
    pub(super) fn canary(&self, verb: &str, path: &str) -> Option<Snapshot<'a>> {
        self.snapshot(self.canary.as_ref()?, verb, path)
    }

    /// Deployments whose summary does not tell every type: what the editable tree said in its place may
    /// be newer than what is served.
    pub(super) fn assumptions(&self, inventory: &Inventory) -> Vec<Assumption> {
        let served = self.base.iter().chain(&self.canary);
        let untold = served.filter(|(deployment, _)| {
            let summary = deployment.summary();
            summary.is_none_or(|methods| methods.iter().any(|it| it.authorization.is_none()))
        });
        let place = Place {
            account: inventory.account.clone(),
            region: Some(self.api.region.clone()),
            api: Some(ApiRef::from(self.api)),
            stage: Some(self.stage.name.clone()),
            ..Place::default()
        };
        let assumptions = untold.map(|(deployment, _)| Assumption {
            place: place.clone(),
            says: match deployment.source {
                DeploymentSource::Export => format!(
                    "the export of stage {} does not tell every authorization type: where it does not, \
                     and the draft says NONE, it was taken for NONE",
                    self.stage.name
                ),
                DeploymentSource::Summary | DeploymentSource::Routes => format!(
                    "deployment {} does not tell every authorization type: where it does not, the \
                     editable tree was believed, which may be newer",
                    deployment.id
                ),
            },
        });
        assumptions.collect()
    }

    /// The methods of a deployment. Where its summary is missing, the editable tree's stand in.
    fn keys(&self, deployment: &'a Deployment) -> Vec<(&'a str, &'a str)> {
        match deployment.summary() {
            Some(methods) => methods
                .iter()
                .map(|method| (method.path.as_str(), method.verb.as_str()))
                .collect(),
            None => self.drafted().collect(),
        }
    }

    fn drafted(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let drafted = self.api.draft.iter().flatten();
        drafted.map(|method| (method.path.as_str(), method.verb.as_str()))
    }

    fn snapshot(
        &self,
        (deployment, index): &(&'a Deployment, DeployedIndex<'a>),
        verb: &str,
        path: &str,
    ) -> Option<Snapshot<'a>> {
        if deployment.summary().is_none() {
            let draft = self.draft.answering(verb, path)?;
            return Some(Snapshot {
                deployment,
                authorization: self.draft.standing_in(deployment, verb, path),
                api_key_required: draft.api_key_required,
                inferred: true,
            });
        }
        let method = index.answering(verb, path)?;
        Some(Snapshot {
            deployment,
            authorization: match &method.authorization {
                Some(authorization) => Some(authorization),
                None => self.draft.standing_in(deployment, verb, path),
            },
            api_key_required: method.api_key_required,
            inferred: method.authorization.is_none(),
        })
    }
}
