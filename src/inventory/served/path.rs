//! All that the deployments and the draft have on one path.

use super::{Answers, Authorization, Known, Presence, ServedDeployment, ServedMethod, Snapshot};
use crate::inventory::verbs::{ANY, Verbs};
use crate::inventory::{ApiKind, DeployedMethod, DeploymentSource, DraftMethod};

/// A method as a deployment or the draft has it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Found<'a> {
    Deployed(Which, &'a DeployedMethod),
    Drafted(&'a DraftMethod),
}

/// One of the deployments of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Own,
    Canary,
}

impl<'a> Found<'a> {
    /// The path and the verb.
    pub(super) fn key(self) -> (&'a str, &'a str) {
        match self {
            Found::Deployed(_, it) => (&it.path, &it.verb),
            Found::Drafted(it) => (&it.path, &it.verb),
        }
    }

    pub(super) fn route_key(self) -> Option<&'a str> {
        match self {
            Found::Deployed(_, it) => it.route_key.as_deref(),
            Found::Drafted(it) => it.route_key.as_deref(),
        }
    }
}

/// All that was found on one path of a stage: at most three for each verb, ordered by verb.
#[derive(Debug, Clone, Copy)]
pub(super) struct OnPath<'p, 'a> {
    pub(super) kind: ApiKind,
    pub(super) found: &'p [Found<'a>],
    pub(super) own: Option<ServedDeployment<'a>>,
    pub(super) canary: Option<ServedDeployment<'a>>,
}

impl<'p, 'a> OnPath<'p, 'a> {
    /// The methods of the path, each once.
    pub(super) fn methods(self) -> impl Iterator<Item = ServedMethod<'a>> + use<'p, 'a> {
        let taken = self.served_verbs();
        let by_verb = self.found.chunk_by(|one, other| one.key() == other.key());
        by_verb.filter_map(move |of_verb| self.method(of_verb, taken))
    }

    /// The verbs that the deployments have a method for.
    fn served_verbs(self) -> Verbs {
        let served = self.found.iter().filter(|it| self.is_served(**it));
        served.fold(Verbs::NONE, |all, it| all.or(Verbs::one(it.key().1)))
    }

    fn method(self, of_verb: &[Found<'a>], taken: Verbs) -> Option<ServedMethod<'a>> {
        let (path, verb) = of_verb.first()?.key();
        let is_served = of_verb.iter().any(|it| self.is_served(*it));
        let snapshot = |which, deployment: Option<_>| self.snapshot(which, deployment?, verb);
        Some(ServedMethod {
            verb,
            path,
            route_key: of_verb.iter().find_map(|it| it.route_key()),
            presence: if is_served {
                Presence::Served
            } else {
                Presence::DraftOnly
            },
            own: snapshot(Which::Own, self.own),
            canary: snapshot(Which::Canary, self.canary),
            draft: self.drafted(verb),
            left: match (self.kind, verb) {
                (ApiKind::WebSocket, _) => Answers::Connections,
                (_, ANY) => Answers::Verbs(Verbs::ALL.without(taken)),
                (_, verb) => Answers::of_verb(verb),
            },
        })
    }

    /// Whether callers can reach what was found. The draft's methods stand in for those of a deployment that was read
    /// without them, or not at all.
    fn is_served(self, found: Found<'a>) -> bool {
        let mut deployments = self.own.iter().chain(&self.canary);
        match found {
            Found::Deployed(..) => true,
            Found::Drafted(_) => deployments.any(|it| !matches!(it.known, Known::Whole(_))),
        }
    }

    /// What a deployment answers a verb with.
    fn snapshot(
        self,
        which: Which,
        deployment: ServedDeployment<'a>,
        verb: &str,
    ) -> Option<Snapshot<'a>> {
        let source = deployment.source();
        if !matches!(deployment.known, Known::Whole(_)) {
            let standing_in = self.drafted(verb)?;
            return Some(Snapshot {
                deployment,
                verb: &standing_in.verb,
                authorization: Authorization::of_draft(source, Some(standing_in)),
                api_key_required: standing_in.api_key_required,
                integration: None,
            });
        }
        let own = self.deployed(which, verb);
        let method = own.or_else(|| self.deployed(which, ANY))?;
        let inferred = || {
            // An export lists the routes as they are: the draft's ANY is a route beside this one.
            let drafted = match source {
                DeploymentSource::Export => self.drafted_itself(&method.verb),
                DeploymentSource::Summary | DeploymentSource::Routes => self.drafted(&method.verb),
            };
            Authorization::of_draft(source, drafted)
        };
        Some(Snapshot {
            deployment,
            verb: &method.verb,
            authorization: match &method.authorization {
                Some(told) => Authorization::Deployed(told),
                None => inferred(),
            },
            api_key_required: method.api_key_required,
            integration: method.integration.as_deref(),
        })
    }

    fn deployed(self, which: Which, verb: &str) -> Option<&'a DeployedMethod> {
        self.found.iter().find_map(|it| match it {
            Found::Deployed(by, method) if *by == which && method.verb == verb => Some(*method),
            _ => None,
        })
    }

    /// The draft's method of this verb, or else the path's `ANY`.
    fn drafted(self, verb: &str) -> Option<&'a DraftMethod> {
        let own = self.drafted_itself(verb);
        own.or_else(|| self.drafted_itself(ANY))
    }

    fn drafted_itself(self, verb: &str) -> Option<&'a DraftMethod> {
        self.found.iter().find_map(|it| match it {
            Found::Drafted(method) if method.verb == verb => Some(*method),
            _ => None,
        })
    }
}
