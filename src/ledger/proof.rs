//! What a finding rests on: what is deployed, or what the draft said in its place.

use serde::{Deserialize, Serialize};

use crate::audit::finding::{Finding, Source};

/// What a finding rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// What was read.
    Read,
    /// The draft, as the deployment does not tell.
    Inferred,
}

impl Proof {
    /// What a finding rests on, by its evidence.
    pub(super) fn of(finding: &Finding) -> Self {
        let has = |source| finding.evidence.iter().any(|it| it.source == source);
        let is_deployed = has(Source::Deployment) || has(Source::Canary);
        if has(Source::Inferred) && !is_deployed {
            Proof::Inferred
        } else {
            Proof::Read
        }
    }
}
