//! One method that a stage serves.

use super::{Authorization, ServedDeployment};
use crate::inventory::verbs::Verbs;
use crate::inventory::{AuthorizationType, DraftMethod};

/// A method of a stage: a verb of a path, or a route of an HTTP or WebSocket API.
///
/// `ANY` stands for every verb that no deployment of the stage has a method for, see [`left`](Self::left).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServedMethod<'a> {
    /// The verb, or `ANY`.
    pub verb: &'a str,
    /// The path template, such as `/pets/{petId}`; of a route without a path, its key.
    pub path: &'a str,
    /// The key of an HTTP or WebSocket API's route.
    pub route_key: Option<&'a str>,
    /// Whether callers can reach it.
    pub presence: Presence,
    /// What the stage's own deployment answers here: its method of this verb, or else the path's `ANY`. `None`: nothing.
    pub own: Option<Snapshot<'a>>,
    /// What the canary's deployment answers here. `None`: nothing, or there is no canary.
    pub canary: Option<Snapshot<'a>>,
    /// What the draft has here: its method of this verb, or else the path's `ANY`. `None`: nothing, or the draft was not
    /// read.
    pub draft: Option<&'a DraftMethod>,
    /// The requests that are left to it. An `ANY` is left the verbs that no deployment of the stage has a method for on
    /// the path, which may be none.
    pub left: Answers,
}

/// The requests that a method answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answers {
    /// Those with these verbs.
    Verbs(Verbs),
    /// Those with the method's own verb, which is none of [`VERBS`](crate::inventory::VERBS).
    OwnVerb,
    /// Those that open a connection: of a WebSocket API's route.
    Connections,
}

impl Answers {
    /// The requests that a method of an API with verbs answers by its own verb, which is not `ANY`.
    pub fn of_verb(verb: &str) -> Self {
        match Verbs::one(verb) {
            Verbs::NONE => Answers::OwnVerb,
            one => Answers::Verbs(one),
        }
    }

    /// The verbs, as far as they are known ones. None, where connections are opened.
    pub fn verbs(self) -> Verbs {
        match self {
            Answers::Verbs(verbs) => verbs,
            Answers::OwnVerb | Answers::Connections => Verbs::NONE,
        }
    }
}

/// Whether callers can reach a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// A deployment of the stage has exactly this method, or the draft has it and stands in for the deployment.
    Served,
    /// The draft alone has it. What the deployments answer here, if anything, is their `ANY`.
    DraftOnly,
}

/// What one deployment answers in the place of a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Snapshot<'a> {
    /// The deployment.
    pub deployment: ServedDeployment<'a>,
    /// The verb of the method that answers: the method's own, or `ANY`.
    pub verb: &'a str,
    /// Its authorization.
    pub authorization: Authorization<'a>,
    /// Whether a request needs an API key (which is no authentication).
    pub api_key_required: bool,
    /// The integration's type, where the deployment tells it.
    pub integration: Option<&'a str>,
}

impl<'a> ServedMethod<'a> {
    /// Whether callers can reach exactly this method.
    pub fn is_served(&self) -> bool {
        self.presence == Presence::Served
    }

    /// What the stage's deployments answer here: its own first, then the canary's.
    pub fn snapshots(&self) -> impl Iterator<Item = Snapshot<'a>> + use<'a> {
        self.own.into_iter().chain(self.canary)
    }

    /// The method of the draft that has exactly this verb.
    pub fn drafted(&self) -> Option<&'a DraftMethod> {
        self.draft.filter(|it| it.verb == self.verb)
    }

    /// The requests that policies are asked about. An `ANY` that is left nothing is asked about as if it answered all,
    /// so that it is not passed over.
    pub fn asked(&self) -> Answers {
        match self.left {
            Answers::Verbs(Verbs::NONE) => Answers::Verbs(Verbs::ALL),
            left => left,
        }
    }
}

impl Snapshot<'_> {
    /// Whether it is known to be of this type, by the deployment or by the draft.
    pub fn is(&self, kind: &AuthorizationType) -> bool {
        self.authorization.is(kind)
    }
}
