//! What earlier runs read and what holds still, so that no call is made twice.

use std::collections::{BTreeMap, BTreeSet};

use super::reading::Reading;
use crate::inventory::{
    Api, ApiKind, Authorizer, CustomDomain, Deployment, DeploymentSource, Gap, Inventory, Reason,
    Stage,
};

/// The id of a deployment here that AWS gives none for: what a stage that deploys by itself serves.
pub(super) fn stand_in_id(stage: &str) -> String {
    format!("auto-deployed-{stage}")
}

/// What earlier runs read of one Region.
pub(super) struct EarlierReads<'a> {
    earlier: BTreeMap<&'a str, &'a Api>,
    /// The APIs of which something could not be read then.
    earlier_gaps: BTreeSet<&'a str>,
    part: BTreeMap<&'a str, &'a Api>,
    /// What the unfinished run could not read, by API.
    part_gaps: BTreeMap<&'a str, Vec<&'a Gap>>,
    part_domains: Option<Vec<CustomDomain>>,
}

impl<'a> EarlierReads<'a> {
    pub(super) fn new(reading: &'a Reading, region: &str) -> Self {
        let (earlier, part) = (reading.earlier.as_ref(), reading.part.as_ref());
        let apis_of = |inventory: Option<&'a Inventory>| -> BTreeMap<&'a str, &'a Api> {
            (inventory.into_iter().flat_map(|it| &it.apis))
                .filter(|api| api.region == region)
                .map(|api| (api.id.as_str(), api))
                .collect()
        };
        // The gaps of the Region that lie in an API, with its id.
        let gaps_of = |inventory: Option<&'a Inventory>| {
            (inventory.into_iter().flat_map(|it| &it.gaps))
                .filter(|gap| gap.region.as_deref() == Some(region))
                .filter_map(|gap| Some((gap.api.as_deref()?, gap)))
        };
        let mut part_gaps: BTreeMap<&str, Vec<&Gap>> = BTreeMap::new();
        for (api, gap) in gaps_of(part) {
            part_gaps.entry(api).or_default().push(gap);
        }
        // Only where all of the Region's were read: the others are asked for again.
        let part_domains = part
            .filter(|it| it.lacks_no_domain_of(region))
            .and_then(|it| it.domains.as_ref())
            .map(|domains| {
                let own = domains.iter().filter(|it| it.region == region);
                own.cloned().collect()
            });
        EarlierReads {
            earlier: apis_of(earlier),
            earlier_gaps: gaps_of(earlier).map(|(api, _)| api).collect(),
            part: apis_of(part),
            part_gaps,
            part_domains,
        }
    }

    /// The custom domain names that an unfinished run read.
    pub(super) fn domains(&self) -> Option<Vec<CustomDomain>> {
        self.part_domains.clone()
    }

    /// What an unfinished run read of APIs of these kinds, and could not read: what there is of a Region whose list could not
    /// be read again.
    pub(super) fn unlisted(&self, kinds: &[ApiKind]) -> Vec<(Api, Vec<Gap>)> {
        let apis = self.part.values().filter(|it| kinds.contains(&it.kind));
        apis.filter_map(|api| self.so_far(api)).collect()
    }

    /// A listed API, with what an unfinished run read of it and could not read, though it is all that it read of it.
    pub(super) fn so_far(&self, listed: &Api) -> Option<(Api, Vec<Gap>)> {
        let id = listed.id.as_str();
        let read = *self.part.get(id)?;
        let gaps = self.part_gaps.get(id).map_or(&[][..], Vec::as_slice);
        let api = Api {
            stages: read.stages.clone(),
            deployments: read.deployments.clone(),
            draft: read.draft.clone(),
            authorizers: read.authorizers.clone(),
            ..listed.clone()
        };
        Some((api, gaps.iter().map(|gap| (*gap).clone()).collect()))
    }

    /// A listed API, with what an unfinished run read of it and could not read. `None`: it is still to be read, at least in part:
    /// what a draft is compared with may have been deployed anew since.
    pub(super) fn begun(&self, listed: &Api) -> Option<(Api, Vec<Gap>)> {
        let gaps = self.part_gaps.get(listed.id.as_str());
        let mut gaps = gaps.map_or(&[][..], Vec::as_slice).iter();
        if gaps.any(|gap| gap.reason == Reason::NotReadYet) {
            return None;
        }
        self.so_far(listed)
    }

    /// The summary of a REST API's deployment, which never changes.
    pub(super) fn summary(&self, api: &str, id: &str) -> Option<&'a Deployment> {
        let mut known = [&self.earlier, &self.part].into_iter();
        let known = known.find_map(|it| it.get(api)?.deployment(id))?;
        let mut methods = known.summary()?.iter();
        let is_whole = known.source == DeploymentSource::Summary
            && methods.all(|it| it.authorization.is_some());
        is_whole.then_some(known)
    }

    /// The authorizers of an API, as they were. A route that still names one of them needs no more.
    pub(super) fn authorizers(&self, api: &str) -> Vec<Authorizer> {
        let reads = [&self.part, &self.earlier].into_iter();
        let mut known = reads.filter_map(|it| Some(&it.get(api)?.authorizers));
        let known = known.find(|it| !it.is_empty());
        known.cloned().unwrap_or_default()
    }

    /// What a stage of an HTTP API serves, if the stage is as it was.
    ///
    /// The time of its last change tells a deployment that was exchanged and came back, so that what was
    /// read in between may be the other one's.
    pub(super) fn served(&self, api: &str, stage: &Stage) -> Option<&'a Deployment> {
        let known = *self.earlier.get(api)?;
        let id = stage.deployment_id.as_ref()?;
        if *id == stand_in_id(&stage.name) {
            return None;
        }
        let mut stages = known.stages.iter().flatten();
        stage.updated_at?;
        stages.find(|it| is_same(it, stage))?;
        let deployment = known.deployment(id)?;
        let is_read = match deployment.source {
            DeploymentSource::Routes => stage.auto_deploy,
            DeploymentSource::Export => true,
            DeploymentSource::Summary => false,
        };
        (is_read && deployment.methods.is_some()).then_some(deployment)
    }

    /// The routes of an HTTP API, if all its stages deploy them at once and are as they were: the routes
    /// are what the stages serve, then. The API is as it was read, with its authorizers.
    pub(super) fn routes(&self, api: &str, stages: &[Stage]) -> Option<&'a Api> {
        let known = *self.earlier.get(api)?;
        // What was missing then is asked for again.
        if self.earlier_gaps.contains(api) {
            return None;
        }
        let is_settled = |stage: &Stage| stage.auto_deploy && self.served(api, stage).is_some();
        (known.draft.is_some() && stages.iter().all(is_settled)).then_some(known)
    }
}

fn is_same(one: &Stage, other: &Stage) -> bool {
    one.name == other.name
        && one.deployment_id == other.deployment_id
        && one.auto_deploy == other.auto_deploy
        && one.updated_at == other.updated_at
}
