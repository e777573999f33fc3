//! One method of one stage, seen from all sides: what callers get, what the canary's callers get, what
//! the next deployment will bring, and what the policy file demands.

use std::collections::BTreeSet;

use crate::config::{MethodPlace, PolicyFile, Preflight, Required};
use crate::finding::{ApiRef, Confidence, Evidence, Place, Severity, Source};
use crate::model::{Api, AuthorizationType, Deployment, DraftMethod, Inventory, Stage};

/// The verbs that an `ANY` method answers where the path has no method of their own. OPTIONS is left
/// out: whether an open one is a preflight is judged on a method of its own.
const VERBS_OF_ANY: [&str; 6] = ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"];

/// A method as one deployment serves it.
#[derive(Debug, Clone, Copy)]
pub struct Snapshot<'a> {
    /// The deployment.
    pub deployment: &'a Deployment,
    /// Its authorization type. `None`: neither the summary nor the editable tree tells.
    pub authorization: Option<&'a AuthorizationType>,
    /// Whether a request needs an API key.
    pub api_key_required: bool,
    /// Whether the type is the editable tree's, as the summary does not tell.
    pub inferred: bool,
}

/// One method of one stage. `ANY` stands for every verb that the path has no method for.
#[derive(Debug, Clone)]
pub struct MethodView<'a> {
    /// The API.
    pub api: &'a Api,
    /// The stage.
    pub stage: &'a Stage,
    /// The verb, or `ANY`.
    pub verb: &'a str,
    /// The path template.
    pub path: &'a str,
    /// What the stage's own deployment serves here. `None`: nothing, or it could not be read.
    pub deployed: Option<Snapshot<'a>>,
    /// What the canary's deployment serves here, where there is a canary.
    pub canary: Option<Snapshot<'a>>,
    /// What the editable tree says.
    pub draft: Option<&'a DraftMethod>,
    /// Whether a deployment of the stage has exactly this method. If not, the draft alone names it, and
    /// what is deployed is an `ANY` method's answer.
    pub frozen: bool,
    /// What the policy file demands: all of it must be met. More than one for `ANY`.
    demands: Vec<Required>,
    preflight: Option<AcceptedPreflight>,
}

/// Why an open OPTIONS method is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AcceptedPreflight {
    /// It is known to be a preflight, or the policy file accepts every OPTIONS method.
    Known,
    /// Its integration could not be read.
    Assumed,
}

/// Something that was accepted without proof. The report lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assumption {
    /// Where.
    pub place: Place,
    /// What was assumed, and why.
    pub says: String,
}

impl<'a> MethodView<'a> {
    /// Every method of a stage: those that its deployments froze, and those that only the draft names.
    pub fn of_stage(policy: &PolicyFile, api: &'a Api, stage: &'a Stage) -> Vec<MethodView<'a>> {
        let deployment = |id: Option<&str>| id.and_then(|id| api.deployment(id));
        let base = deployment(stage.deployment_id.as_deref());
        let canary = stage
            .canary
            .as_ref()
            .map(|canary| canary.deployment_id.as_str());
        let canary = deployment(canary);
        let frozen: BTreeSet<(&str, &str)> = [base, canary]
            .into_iter()
            .flatten()
            .flat_map(|deployment| keys(api, deployment))
            .collect();
        let drafted = api.draft.iter().flatten();
        let drafted = drafted.map(|method| (method.path.as_str(), method.verb.as_str()));
        let every: BTreeSet<(&str, &str)> = frozen.iter().copied().chain(drafted).collect();
        let mut views = Vec::with_capacity(every.len());
        for (path, verb) in &every {
            let served = |verb: &&str| !frozen.contains(&(*path, *verb));
            let verbs: Vec<&str> = match *verb {
                "ANY" => VERBS_OF_ANY.into_iter().filter(served).collect(),
                _ => Vec::new(),
            };
            views.push(MethodView {
                api,
                stage,
                verb,
                path,
                deployed: base.and_then(|base| snapshot(api, base, verb, path)),
                canary: canary.and_then(|canary| snapshot(api, canary, verb, path)),
                draft: api.draft_method(verb, path),
                frozen: frozen.contains(&(*path, *verb)),
                demands: demands(policy, api, stage, verb, path, &verbs),
                preflight: accepted_preflight(policy.preflight, api, verb, path),
            });
        }
        views
    }

    /// Whether a method of this type is as the policy file demands.
    pub fn accepts(&self, authorization: &AuthorizationType) -> bool {
        self.demands
            .iter()
            .all(|demand| demand.accepts(authorization))
    }

    /// Whether a snapshot lets anyone in where the policy file does not.
    pub fn is_open(&self, snapshot: Snapshot<'_>) -> bool {
        self.preflight.is_none() && self.is_unaccepted_none(snapshot.authorization)
    }

    /// Whether the draft opens the method where the policy file does not accept it.
    pub fn draft_is_open(&self) -> bool {
        let authorization = self.draft.and_then(|draft| draft.authorization.as_ref());
        self.preflight.is_none() && self.is_unaccepted_none(authorization)
    }

    /// Whether the draft is as the policy file demands.
    pub fn draft_is_fixed(&self) -> bool {
        let authorization = self.draft.and_then(|draft| draft.authorization.as_ref());
        authorization.is_some_and(|authorization| self.accepts(authorization))
    }

    /// What was accepted without proof here.
    pub fn assumption(&self, inventory: &Inventory) -> Option<Assumption> {
        let mut snapshots = self.deployed.into_iter().chain(self.canary);
        let open = snapshots.any(|snapshot| self.is_unaccepted_none(snapshot.authorization));
        if !(self.frozen && open && self.preflight == Some(AcceptedPreflight::Assumed)) {
            return None;
        }
        Some(Assumption {
            place: self.place(inventory),
            says: "accepted as a CORS preflight, though its integration could not be read"
                .to_owned(),
        })
    }

    fn is_unaccepted_none(&self, authorization: Option<&AuthorizationType>) -> bool {
        authorization == Some(&AuthorizationType::None) && !self.accepts(&AuthorizationType::None)
    }

    /// The place of a finding about this method.
    pub fn place(&self, inventory: &Inventory) -> Place {
        Place {
            account: inventory.account.clone(),
            region: Some(self.api.region.clone()),
            api: Some(ApiRef::from(self.api)),
            stage: Some(self.stage.name.clone()),
            path: Some(self.path.to_owned()),
            verb: Some(self.verb.to_owned()),
            ..Place::default()
        }
    }

    /// The severity of an open method: an OPTIONS method that is no preflight gives little away.
    pub fn severity(&self, of_others: Severity) -> Severity {
        if self.verb == "OPTIONS" {
            Severity::Low
        } else {
            of_others
        }
    }

    /// How sure a snapshot makes us that anyone can call the method. A resource policy may refuse them.
    pub fn confidence(&self, snapshot: Snapshot<'_>) -> Confidence {
        if snapshot.inferred || self.api.resource_policy.is_some() {
            Confidence::Medium
        } else {
            Confidence::High
        }
    }

    /// What the policy file demands here, as evidence.
    pub fn demanded(&self, of: &AuthorizationType) -> Evidence {
        let unmet = self.demands.iter().find(|demand| !demand.accepts(of));
        let says = unmet.or(self.demands.first()).map(Required::in_words);
        Evidence::new(Source::PolicyFile, says.unwrap_or_default())
    }

    /// What a snapshot says, as evidence.
    pub fn snapshot_evidence(&self, snapshot: Snapshot<'_>, source: Source) -> Evidence {
        let id = &snapshot.deployment.id;
        let authorization = snapshot
            .authorization
            .map_or("unknown", AuthorizationType::as_str);
        let key = if snapshot.api_key_required {
            ", an API key is required"
        } else {
            ""
        };
        let kind = if source == Source::Canary {
            "the canary's deployment"
        } else {
            "deployment"
        };
        let (source, says) = if snapshot.inferred {
            let says = format!(
                "{kind} {id} does not tell the authorization type; the editable tree says {authorization}{key}"
            );
            (Source::Inferred, says)
        } else {
            (
                source,
                format!("{kind} {id} serves authorization type {authorization}{key}"),
            )
        };
        Evidence {
            source,
            reference: Some(id.clone()),
            dated: snapshot.deployment.created_at,
            says,
        }
    }

    /// What the editable tree says, as evidence.
    pub fn draft_evidence(&self) -> Evidence {
        let says = match (self.draft, &self.api.draft) {
            (Some(draft), _) => {
                let authorization = draft.authorization.as_ref();
                let authorization = authorization.map_or("unknown", AuthorizationType::as_str);
                format!("the editable tree says {authorization}")
            }
            (None, Some(_)) => {
                "the editable tree no longer has this method: a deployment removes it".to_owned()
            }
            (None, None) => "the editable tree could not be read".to_owned(),
        };
        Evidence {
            reference: self.draft.map(|draft| draft.resource_id.clone()),
            ..Evidence::new(Source::Draft, says)
        }
    }

    /// What else bears on who reaches the method, as evidence. It is shown, and not weighed yet.
    pub fn reach_evidence(&self) -> Option<Evidence> {
        let mut says = Vec::new();
        if self.api.is_private() {
            says.push("the endpoint is PRIVATE");
        }
        if self.api.default_endpoint_disabled {
            says.push("the default endpoint is disabled");
        }
        if self.api.resource_policy.is_some() {
            says.push("the API has a resource policy, which is not weighed here");
        }
        (!says.is_empty()).then(|| Evidence::new(Source::Api, says.join("; ")))
    }
}

/// The methods of a deployment. Where its summary is missing, the editable tree's stand in.
fn keys<'a>(api: &'a Api, deployment: &'a Deployment) -> BTreeSet<(&'a str, &'a str)> {
    match &deployment.methods {
        Some(methods) => methods
            .iter()
            .map(|method| (method.path.as_str(), method.verb.as_str()))
            .collect(),
        None => (api.draft.iter().flatten())
            .map(|method| (method.path.as_str(), method.verb.as_str()))
            .collect(),
    }
}

fn snapshot<'a>(
    api: &'a Api,
    deployment: &'a Deployment,
    verb: &str,
    path: &str,
) -> Option<Snapshot<'a>> {
    let draft = || api.draft_method(verb, path);
    if deployment.methods.is_none() {
        let draft = draft()?;
        return Some(Snapshot {
            deployment,
            authorization: draft.authorization.as_ref(),
            api_key_required: draft.api_key_required,
            inferred: true,
        });
    }
    let method = deployment.method(verb, path)?;
    let inferred = method.authorization.is_none();
    Some(Snapshot {
        deployment,
        authorization: match &method.authorization {
            Some(authorization) => Some(authorization),
            None => draft().and_then(|draft| draft.authorization.as_ref()),
        },
        api_key_required: method.api_key_required,
        inferred,
    })
}

/// What the policy file demands of a method. An `ANY` method must meet what is demanded of every verb
/// that it answers, unless an entry speaks of `ANY` itself.
fn demands(
    policy: &PolicyFile,
    api: &Api,
    stage: &Stage,
    verb: &str,
    path: &str,
    answered: &[&str],
) -> Vec<Required> {
    let demand = |verb: &str| {
        policy.required(MethodPlace {
            region: &api.region,
            api_id: &api.id,
            api_name: &api.name,
            tags: &api.tags,
            stage: &stage.name,
            verb,
            path,
        })
    };
    let own = demand(verb);
    if own.names_the_verb || answered.is_empty() {
        return vec![own];
    }
    answered.iter().map(|verb| demand(verb)).collect()
}

/// Source of the criterion: a CORS preflight of API Gateway is an OPTIONS method with a MOCK integration
/// ([CORS for REST APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html)).
fn accepted_preflight(
    policy: Preflight,
    api: &Api,
    verb: &str,
    path: &str,
) -> Option<AcceptedPreflight> {
    if verb != "OPTIONS" {
        return None;
    }
    // The summary has no integration: the editable tree's own OPTIONS method is the nearest reading.
    let mut drafted = api.draft.iter().flatten();
    let drafted = drafted.find(|method| method.verb == "OPTIONS" && method.path == path);
    let integration = drafted.and_then(|method| method.integration.as_deref());
    match (policy, integration) {
        (Preflight::AcceptNone, _) => None,
        (Preflight::AcceptAll, _) | (Preflight::AcceptMock, Some("MOCK")) => {
            Some(AcceptedPreflight::Known)
        }
        (Preflight::AcceptMock, Some(_)) => None,
        (Preflight::AcceptMock, None) => Some(AcceptedPreflight::Assumed),
    }
}
