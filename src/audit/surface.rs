//! What an API offers to whom, in numbers: how many of its methods who reaches, and what they ask of a caller.

use std::collections::BTreeMap;
use std::sync::Arc;

use strum::IntoStaticStr;

use super::exposure::may_be_wider;
use super::finding::Exposure;
use super::method::{MethodView, Snapshot};
use crate::inventory::{Api, ApiKind, AuthorizationType};

/// What a deployed method asks of its callers, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Protection {
    /// Nothing: type NONE.
    Open,
    /// An API key, which is no authentication.
    KeyOnly,
    /// It is not known.
    Unknown,
    /// An authorizer, a user pool or a token.
    Authorizer,
    /// A signed request that IAM allows.
    Iam,
}

impl Protection {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// What the deployments of the stage ask for, that which asks for less where there are two.
    fn of(method: &MethodView<'_>) -> Self {
        let snapshots = method.deployed.into_iter().chain(method.canary);
        let asked = snapshots.map(Protection::asked_by);
        asked.min().unwrap_or(Protection::Unknown)
    }

    /// What one deployment asks for.
    pub(super) fn asked_by(snapshot: Snapshot<'_>) -> Self {
        match snapshot.authorization.kind() {
            None => Protection::Unknown,
            Some(AuthorizationType::None) if snapshot.api_key_required => Protection::KeyOnly,
            Some(AuthorizationType::None) => Protection::Open,
            Some(AuthorizationType::AwsIam) => Protection::Iam,
            Some(AuthorizationType::Other(_)) => Protection::Unknown,
            Some(_) => Protection::Authorizer,
        }
    }
}

/// What some methods of an API have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Offered {
    /// Who reaches them, by what the API's settings say.
    pub exposure: Exposure,
    /// Whether more callers may reach them, as it is not known that the stage serves these settings.
    pub may_be_wider: bool,
    /// What they ask for.
    pub protection: Protection,
}

/// The deployed methods of an API in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surface {
    /// The file that was checked before its deployment. `None`: it is deployed.
    pub file: Option<Arc<str>>,
    /// The Region.
    pub region: String,
    /// The API's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// REST, HTTP or WebSocket.
    pub kind: ApiKind,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// How many methods there are of each sort, counted once a stage.
    pub methods: BTreeMap<Offered, usize>,
}

impl Surface {
    /// An API of which no method was looked at yet.
    pub(super) fn of(api: &Api, file: Option<Arc<str>>) -> Self {
        Surface {
            file,
            region: api.region.clone(),
            id: api.id.clone(),
            name: api.name.clone(),
            kind: api.kind,
            tags: api.tags.clone(),
            methods: BTreeMap::new(),
        }
    }

    /// Counts a method, if callers can reach just this one.
    pub(super) fn add(&mut self, method: &MethodView<'_>) {
        if !method.frozen {
            return;
        }
        let offered = Offered {
            exposure: method.reach.exposure,
            may_be_wider: may_be_wider(method.reach.exposure, method.reach.widest),
            protection: Protection::of(method),
        };
        *self.methods.entry(offered).or_insert(0) += 1;
    }
}
