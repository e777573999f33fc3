//! What somebody wants to be asked.

use std::collections::BTreeMap;

use crate::inventory::{Api, Stage};

/// What stands in a path for a parameter of which nobody said anything else. It names nothing that there is.
pub const DEFAULT_PARAMETER: &str = "gatewatch-probe";

/// What somebody wants to be asked of the deployed URLs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Questions {
    /// The ids or names of the APIs. Empty: all.
    pub apis: Vec<String>,
    /// The names of the stages. Empty: all.
    pub stages: Vec<String>,
    /// Verbs besides GET and HEAD, in upper case.
    pub verbs: Vec<String>,
    /// Whether a request with a writing verb may be sent although the method would execute it.
    pub executes: bool,
    /// The values of path parameters by their names, without braces and `+`.
    pub parameters: BTreeMap<String, String>,
    /// Whether methods that ask for a signature also get a signed request.
    pub signed: bool,
}

impl Questions {
    pub(super) fn takes_api(&self, api: &Api) -> bool {
        self.apis.is_empty() || self.apis.contains(&api.id) || self.apis.contains(&api.name)
    }

    pub(super) fn takes_stage(&self, stage: &Stage) -> bool {
        self.stages.is_empty() || self.stages.contains(&stage.name)
    }
}
