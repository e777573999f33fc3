//! A deployment that a stage serves, as far as it was read.

use crate::inventory::{Api, Deployment, DeploymentSource, Stage};

/// A deployment that a stage serves: its own, or its canary's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServedDeployment<'a> {
    /// The deployment's id, as the stage names it.
    pub id: &'a str,
    /// What was read of it.
    pub known: Known<'a>,
}

/// What was read of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known<'a> {
    /// The deployment with its methods.
    Whole(&'a Deployment),
    /// The deployment without its methods: those of the draft stand in. So it is of every WebSocket API.
    WithoutMethods(&'a Deployment),
    /// Nothing, which is a gap: the methods of the draft stand in.
    Nothing,
}

impl<'a> ServedDeployment<'a> {
    /// The deployments of a stage: its own, and its canary's.
    pub(super) fn of_stage(api: &'a Api, stage: &'a Stage) -> [Option<Self>; 2] {
        let canary = stage.canary.as_ref().map(|it| &it.deployment_id);
        [stage.deployment_id.as_ref(), canary].map(|id| Some(Self::new(api, id?)))
    }

    fn new(api: &'a Api, id: &'a str) -> Self {
        let known = match api.deployment(id) {
            Some(deployment) if deployment.summary().is_some() => Known::Whole(deployment),
            Some(deployment) => Known::WithoutMethods(deployment),
            None => Known::Nothing,
        };
        ServedDeployment { id, known }
    }

    /// The deployment. `None`: it could not be read.
    pub fn read(self) -> Option<&'a Deployment> {
        match self.known {
            Known::Whole(deployment) | Known::WithoutMethods(deployment) => Some(deployment),
            Known::Nothing => None,
        }
    }

    /// Where its methods were read. For one that was not read, the draft stands in as for a summary: that the
    /// deployment is missing is a gap of its own.
    pub(super) fn source(self) -> DeploymentSource {
        match self.known {
            Known::Whole(deployment) | Known::WithoutMethods(deployment) => deployment.source,
            Known::Nothing => DeploymentSource::Summary,
        }
    }

    /// Whether it has its methods, and tells the authorization type of each.
    pub fn tells_everything(self) -> bool {
        let Known::Whole(deployment) = self.known else {
            return false;
        };
        let mut methods = deployment.summary().into_iter().flatten();
        methods.all(|it| it.authorization.is_some())
    }
}
