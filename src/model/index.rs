//! Methods by path and verb, for one look each: an API has up to a few thousand.

use foldhash::HashMap;

use super::{Api, AuthorizationType, DeployedMethod, Deployment, DeploymentSource, DraftMethod};

/// The frozen methods of one deployment.
#[derive(Debug, Clone, Default)]
pub(crate) struct DeployedIndex<'a>(HashMap<(&'a str, &'a str), &'a DeployedMethod>);

impl<'a> DeployedIndex<'a> {
    pub(crate) fn new(deployment: &'a Deployment) -> Self {
        let methods = deployment.summary().unwrap_or_default().iter();
        DeployedIndex(
            methods
                .map(|it| ((it.path.as_str(), it.verb.as_str()), it))
                .collect(),
        )
    }

    /// The method of exactly this verb.
    pub(crate) fn own(&self, verb: &str, path: &str) -> Option<&'a DeployedMethod> {
        self.0.get(&(path, verb)).copied()
    }

    /// The method that answers this verb on this path: its own, or the path's `ANY`.
    pub(crate) fn answering(&self, verb: &str, path: &str) -> Option<&'a DeployedMethod> {
        self.own(verb, path).or_else(|| self.own("ANY", path))
    }
}

/// The methods of an API's editable tree.
#[derive(Debug, Clone, Default)]
pub(crate) struct DraftIndex<'a>(HashMap<(&'a str, &'a str), &'a DraftMethod>);

impl<'a> DraftIndex<'a> {
    pub(crate) fn new(api: &'a Api) -> Self {
        let methods = api.draft.iter().flatten();
        DraftIndex(
            methods
                .map(|it| ((it.path.as_str(), it.verb.as_str()), it))
                .collect(),
        )
    }

    /// The method of exactly this verb.
    pub(crate) fn own(&self, verb: &str, path: &str) -> Option<&'a DraftMethod> {
        self.0.get(&(path, verb)).copied()
    }

    /// The method that answers this verb on this path: its own, or the path's `ANY`.
    pub(crate) fn answering(&self, verb: &str, path: &str) -> Option<&'a DraftMethod> {
        self.own(verb, path).or_else(|| self.own("ANY", path))
    }
    /// What the draft says in place of an authorization type that a deployment does not tell. `None`: it
    /// says none that may stand in for it.
    pub(crate) fn standing_in(
        &self,
        deployment: &Deployment,
        verb: &str,
        path: &str,
    ) -> Option<&'a AuthorizationType> {
        let source = deployment.source;
        let drafted = match source {
            DeploymentSource::Export => self.own(verb, path),
            DeploymentSource::Summary | DeploymentSource::Routes => self.answering(verb, path),
        };
        let authorization = drafted?.authorization.as_ref();
        authorization.filter(|drafted| source.believes(drafted))
    }
}
