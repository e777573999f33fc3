//! What stands in for a deployment that is still to come, and what is known of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::around::Around;
use crate::inventory::partition_of;

/// The account that stands in for the one that a template will be deployed to: no account has this id.
pub const ACCOUNT: &str = "000000000000";

/// The Region that stands in for the one that a template will be deployed to, where none is given.
pub const REGION: &str = "us-east-1";

/// The stage, and the deployment, that stand in for those that a template does not name.
pub const STAGE: &str = "template";

/// The deployment that stands in for the one which a stage has already and keeps.
pub const KEPT: &str = "kept";

/// What is known of the deployment to come.
#[derive(Debug, Clone)]
pub struct Options {
    /// The Region.
    pub region: String,
    /// Whether somebody gave the Region, or it is [`REGION`].
    pub region_is_known: bool,
    /// The values of parameters.
    pub parameters: BTreeMap<String, String>,
    /// The account that the file is laid over. `None`: nothing is known of it, and [`ACCOUNT`] stands in for it.
    pub around: Option<Arc<Around>>,
}

impl Options {
    /// The partition of the Region.
    pub fn partition(&self) -> &'static str {
        partition_of(&self.region)
    }

    /// The account's id, or what stands in for it.
    pub fn account(&self) -> &str {
        let around = self.around.as_ref();
        around.map_or(ACCOUNT, |it| &it.inventory.account)
    }
}

/// What the types of parameters begin with whose values Systems Manager keeps.
pub(super) const KEPT_BY_SSM: &str = "AWS::SSM::Parameter::Value";
