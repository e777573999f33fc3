//! How a deployment authorizes a method, and how that is known.

use crate::inventory::{AuthorizationType, DeploymentSource, DraftMethod};

/// How a deployment authorizes a method, and how that is known.
///
/// A type that is not told is never NONE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authorization<'a> {
    /// The deployment says this.
    Deployed(&'a AuthorizationType),
    /// The deployment does not say. The draft says this, and may be newer.
    Inferred {
        /// The type that the draft says.
        kind: &'a AuthorizationType,
        /// The method of the draft that says it: of the same verb, or the path's `ANY`.
        from: &'a DraftMethod,
    },
    /// Neither the deployment nor the draft tells. That is a gap of the inventory.
    Unknown(Untold<'a>),
}

/// Why the draft does not tell a type that the deployment does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Untold<'a> {
    /// The draft was not read, or does not have the method.
    NotInDraft,
    /// The draft has the method and does not tell its type.
    ByDraft,
    /// The draft says this type, which may not be deployed: the export of a stage says nothing of an open route, and of
    /// a route that it does not understand.
    NotBelieved(&'a AuthorizationType),
}

impl<'a> Authorization<'a> {
    /// The type. `None`: it is not known, which is never NONE.
    pub fn kind(self) -> Option<&'a AuthorizationType> {
        match self {
            Authorization::Deployed(kind) | Authorization::Inferred { kind, .. } => Some(kind),
            Authorization::Unknown(_) => None,
        }
    }

    /// Whether this is known to be the type, by the deployment or by the draft.
    pub fn is(self, kind: &AuthorizationType) -> bool {
        self.kind() == Some(kind)
    }

    /// Whether the deployment itself says it.
    pub fn is_deployed(self) -> bool {
        matches!(self, Authorization::Deployed(_))
    }

    /// The method of the draft that the type was taken from. `None`: the deployment says it, or nothing does.
    pub fn inferred_from(self) -> Option<&'a DraftMethod> {
        match self {
            Authorization::Inferred { from, .. } => Some(from),
            Authorization::Deployed(_) | Authorization::Unknown(_) => None,
        }
    }

    /// What a method of the draft tells in place of a deployment that was read from `source`.
    pub(super) fn of_draft(source: DeploymentSource, drafted: Option<&'a DraftMethod>) -> Self {
        let Some(from) = drafted else {
            return Authorization::Unknown(Untold::NotInDraft);
        };
        match &from.authorization {
            None => Authorization::Unknown(Untold::ByDraft),
            Some(kind) if believes(source, kind) => Authorization::Inferred { kind, from },
            Some(kind) => Authorization::Unknown(Untold::NotBelieved(kind)),
        }
    }
}

/// Whether a type that the draft says may stand in for one that a deployment from this source does not tell.
///
/// An export is read where the draft may not be deployed, and may say nothing of an open route. Where the draft says
/// NONE as well, the route is open; any other type may be an undeployed one.
fn believes(source: DeploymentSource, drafted: &AuthorizationType) -> bool {
    source != DeploymentSource::Export || *drafted == AuthorizationType::None
}
