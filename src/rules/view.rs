//! One method of one stage, seen from all sides: what callers get, what the canary's callers get, what
//! the next deployment will bring, and what the policy file demands.

use std::rc::Rc;

use foldhash::HashSet;

use super::draft_changes::DraftChanges;
use super::reach::{Reach, StageReach};
use super::stage::StageView;
use super::taken_over::open_route;
use crate::config::{Preflight, Required};
use crate::finding::{ApiRef, Confidence, Evidence, Exposure, Place, ReachedBy, Severity, Source};
use crate::model::{
    Api, ApiKind, AuthorizationType, Deployment, DeploymentSource, DraftMethod, Inventory, Stage,
};

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

/// How the stage's own deployment leaves a method open, where it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// To anyone.
    Plain,
    /// To anyone with an API key.
    KeyOnly,
    /// To anyone, though the editable tree is as demanded.
    Undeployed,
}

/// How the next deployment would open a method that the stage's own deployment does not leave as open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pending {
    /// It is authorized, and the draft says NONE.
    Unauthorized,
    /// It asks for an API key, and the draft does not.
    WithoutKey,
    /// The stage's own deployment does not have it.
    New,
    /// The draft no longer has it, and an open route of the draft may answer in its place.
    LeftToAnOpenRoute,
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
    /// The key of an HTTP or WebSocket API's route.
    pub route_key: Option<&'a str>,
    /// What the stage's own deployment serves here. `None`: nothing, or it could not be read.
    pub deployed: Option<Snapshot<'a>>,
    /// What the canary's deployment serves here, where there is a canary.
    pub canary: Option<Snapshot<'a>>,
    /// What the editable tree says.
    pub draft: Option<&'a DraftMethod>,
    /// Where the draft no longer has the method: a route of the draft that is open and may answer in its place.
    pub(super) taken_over: Option<&'a DraftMethod>,
    /// Whether a deployment of the stage has exactly this method. If not, the draft alone names it, and
    /// what is deployed is an `ANY` method's answer.
    pub frozen: bool,
    /// Whether the editable tree is as demanded, for every verb that this method answers.
    pub draft_is_fixed: bool,
    /// Who reaches it.
    pub reach: Reach,
    /// How its stage is reached: what a caller meets who gets past the resource policy.
    pub(super) at_stage: Rc<StageReach>,
    /// Whether AWS_IAM is deployed, and a principal of any account gets past the resource policy from anywhere.
    pub admits_strangers: bool,
    /// What the policy file demands: all of it must be met. More than one for `ANY`.
    demands: Vec<Required<'a>>,
    /// The verbs of which that is demanded.
    pub judged_as: Vec<&'a str>,
    /// Whether it answers nothing but OPTIONS.
    options_only: bool,
    preflight: Option<AcceptedPreflight>,
    /// What a deployment of the draft would change at the stage.
    pub(super) draft_changes: Rc<DraftChanges<'a>>,
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
    /// The method of a stage that has this verb and path. `frozen` are all that its deployments have.
    pub(super) fn new(
        stage: &StageView<'a>,
        frozen: &HashSet<(&str, &str)>,
        path: &'a str,
        verb: &'a str,
    ) -> Self {
        let unserved = |verb: &&str| !frozen.contains(&(path, *verb));
        let answered: Vec<&str> = match verb {
            // The route of a connection answers no verb.
            "ANY" if stage.api.kind != ApiKind::WebSocket => {
                VERBS_OF_ANY.into_iter().filter(unserved).collect()
            }
            _ => Vec::new(),
        };
        let reach = stage.reach(frozen, verb, path);
        let deployed = stage.deployed(verb, path);
        let signed = |it: &Snapshot<'_>| it.authorization == Some(&AuthorizationType::AwsIam);

        let draft = stage.draft.answering(verb, path);
        let (judged_as, demands) = demands(stage, verb, path, &reach, &answered);
        MethodView {
            api: stage.api,
            stage: stage.stage,
            verb,
            path,
            route_key: stage.route_key(verb, path),
            deployed,
            admits_strangers: deployed.as_ref().is_some_and(signed)
                && stage.admits_strangers(frozen, verb, path),
            canary: stage.canary(verb, path),
            draft,
            taken_over: draft.map_or_else(|| open_route(stage.api, verb, path), |_| None),
            frozen: frozen.contains(&(path, verb)),
            draft_is_fixed: draft_is_fixed(stage, &demands, verb, path, &answered),
            reach,
            at_stage: Rc::clone(&stage.reach),
            preflight: accepted_preflight(stage, &demands, verb, path),
            options_only: verb == "OPTIONS"
                || (verb == "ANY" && answered.is_empty() && stage.api.kind != ApiKind::WebSocket),
            demands,
            judged_as,
            draft_changes: Rc::clone(&stage.no_changes),
        }
    }

    /// Whether a method of this type is as the policy file demands.
    pub fn accepts(&self, authorization: &AuthorizationType) -> bool {
        meets(&self.demands, authorization)
    }

    /// The demand that a type does not meet.
    pub fn unmet(&self, authorization: &AuthorizationType) -> Option<Required<'a>> {
        let mut demands = self.demands.iter();
        demands
            .find(|demand| !demand.accepts(authorization))
            .copied()
    }

    /// The line of the entry of the policy file that says what is demanded here. `None`: no entry speaks of the
    /// method.
    pub fn deciding_line(&self) -> Option<usize> {
        self.demands.iter().find_map(|demand| demand.line())
    }

    /// How the stage's own deployment leaves the method open. Each opening is the finding of one rule.
    fn opening(&self) -> Option<(Opening, Snapshot<'a>)> {
        let deployed = self.deployed.filter(|_| self.frozen)?;
        if !self.is_open(deployed) {
            return None;
        }
        let opening = if self.draft_is_fixed {
            Opening::Undeployed
        } else if deployed.api_key_required {
            Opening::KeyOnly
        } else {
            Opening::Plain
        };
        Some((opening, deployed))
    }

    /// What the stage's own deployment serves, where it leaves the method open in just this way.
    pub fn opened(&self, wanted: Opening) -> Option<Snapshot<'a>> {
        let (opening, deployed) = self.opening()?;
        (opening == wanted).then_some(deployed)
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

    /// Whether the draft no longer has the method and may leave its requests to an open route, where the policy file
    /// does not accept that.
    pub(super) fn is_left_to_an_open_route(&self) -> bool {
        self.taken_over.is_some()
            && self.preflight.is_none()
            && !self.accepts(&AuthorizationType::None)
    }

    /// How the next deployment would open the method, where it would. `None` also where it cannot be told,
    /// which the report's gaps say.
    pub fn pending(&self) -> Option<Pending> {
        if self.is_left_to_an_open_route() {
            let authorization = self.deployed.and_then(|it| it.authorization)?;
            let is_authorized = *authorization != AuthorizationType::None;
            return is_authorized.then_some(Pending::LeftToAnOpenRoute);
        }
        let draft = self.draft.filter(|_| self.draft_is_open())?;
        let Some(deployed) = self.deployed else {
            let id = self.stage.deployment_id.as_ref();
            let is_read = id.is_none_or(|id| self.api.deployment(id).is_some());
            return is_read.then_some(Pending::New);
        };
        match deployed.authorization? {
            AuthorizationType::None => {
                let drops_key = deployed.api_key_required && !draft.api_key_required;
                drops_key.then_some(Pending::WithoutKey)
            }
            _ => Some(Pending::Unauthorized),
        }
    }

    fn is_unaccepted_none(&self, authorization: Option<&AuthorizationType>) -> bool {
        authorization == Some(&AuthorizationType::None) && !self.accepts(&AuthorizationType::None)
    }

    /// Why the method may be open whatever the policy file demands, where it may.
    pub fn accepted_preflight(&self) -> Option<&'static str> {
        self.preflight.map(|preflight| match preflight {
            AcceptedPreflight::Known => "a CORS preflight may be open (`preflight`)",
            AcceptedPreflight::Assumed => {
                "it may be open as a CORS preflight (`preflight`), though its integration could not be \
                 read"
            }
        })
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

    /// The place of a finding about this method.
    pub fn place(&self, inventory: &Inventory) -> Place {
        Place {
            account: inventory.account.clone(),
            region: Some(self.api.region.clone()),
            api: Some(ApiRef::from(self.api)),
            stage: Some(self.stage.name.clone()),
            // A route such as `$default` has neither.
            path: self.path.starts_with('/').then(|| self.path.to_owned()),
            verb: self.path.starts_with('/').then(|| self.verb.to_owned()),
            route_key: self.route_key.map(str::to_owned),
            ..Place::default()
        }
    }

    /// The severity of a finding about this method. One that answers OPTIONS alone, and is no preflight,
    /// gives little away; one that only some can reach gives less.
    pub fn severity(&self, of_others: Severity) -> Severity {
        let severity = if self.options_only {
            Severity::Low
        } else {
            of_others
        };
        self.reach.widest.lowers(severity)
    }

    /// Who can call the method, in words that go before "can call this method". Settings that may not be
    /// deployed keep nobody out.
    pub fn callers(&self) -> &'static str {
        self.reach.widest.callers()
    }

    /// How sure a snapshot makes us. A resource policy and a disabled default endpoint are read as they
    /// stand in the API's settings: both take a deployment to hold, and what it froze of them cannot be
    /// read.
    pub fn confidence(&self, snapshot: Snapshot<'_>) -> Confidence {
        let settings = self.api.resource_policy.is_some() || self.api.default_endpoint_disabled;
        let confidence = if snapshot.inferred || settings {
            Confidence::Medium
        } else {
            Confidence::High
        };
        self.reach.exposure.shakes(confidence)
    }

    /// What the policy file demands here, as evidence.
    pub fn demanded(&self, of: &AuthorizationType) -> Evidence {
        let demand = self.unmet(of).or(self.demands.first().copied());
        Evidence::new(
            Source::PolicyFile,
            demand.map(Required::in_words).unwrap_or_default(),
        )
    }

    /// What a snapshot says, as evidence.
    pub fn snapshot_evidence(&self, snapshot: Snapshot<'_>, source: Source) -> Evidence {
        let id = &snapshot.deployment.id;
        let stage = &self.stage.name;
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
            let says = match snapshot.deployment.source {
                DeploymentSource::Summary => {
                    format!("{kind} {id} serves authorization type {authorization}{key}")
                }
                DeploymentSource::Routes => format!(
                    "stage {stage} deploys routes at once, and this one has authorization type {authorization}"
                ),
                DeploymentSource::Export => {
                    format!("the export of stage {stage} shows authorization type {authorization}")
                }
            };
            (source, says)
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
                let authorizer = self.authorizer(draft);
                format!("the editable tree says {authorization}{authorizer}")
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

    /// The authorizer that a drafted method names, in words.
    fn authorizer(&self, draft: &DraftMethod) -> String {
        let Some(id) = &draft.authorizer_id else {
            return String::new();
        };
        match self.api.authorizers.iter().find(|it| it.id == *id) {
            Some(it) => format!(", by authorizer {} ({}, {id})", it.name, it.kind),
            None => format!(", by authorizer {id}"),
        }
    }

    /// Who reaches the method and by which URLs, for a finding.
    pub fn reached_by(&self) -> Option<ReachedBy> {
        self.reached_as(self.reach.exposure, self.reach.widest)
    }

    /// The same, for callers whom the resource policy treats otherwise than anonymous ones.
    pub(super) fn reached_as(&self, exposure: Exposure, widest: Exposure) -> Option<ReachedBy> {
        Some(ReachedBy {
            exposure,
            widest,
            urls: self.at_stage.urls.clone(),
        })
    }
}

fn meets(demands: &[Required<'_>], authorization: &AuthorizationType) -> bool {
    demands.iter().all(|demand| demand.accepts(authorization))
}

/// What the policy file demands of a method. An `ANY` method must meet what is demanded of every verb
/// that it answers, unless an entry speaks of `ANY` itself. Where the exposure rests on settings that may not
/// be deployed, the method must meet what is demanded without them as well.
fn demands<'a>(
    stage: &StageView<'a>,
    verb: &'a str,
    path: &str,
    reach: &Reach,
    answered: &[&'a str],
) -> (Vec<&'a str>, Vec<Required<'a>>) {
    let own = stage.requirements.required(verb, path, reach.exposure);
    let judged_as = if own.lists(verb) || answered.is_empty() {
        vec![verb]
    } else {
        answered.to_vec()
    };
    let verbs = judged_as.iter();
    let demands = verbs.flat_map(|verb| {
        let exposures = reach.exposures();
        exposures.map(|exposure| stage.requirements.required(verb, path, exposure))
    });
    let demands = demands.collect();
    (judged_as, demands)
}

/// Whether the editable tree is as demanded. A deployment of it replaces an `ANY` method by whatever
/// methods the path then has: all of them count.
fn draft_is_fixed(
    stage: &StageView<'_>,
    demands: &[Required<'_>],
    verb: &str,
    path: &str,
    answered: &[&str],
) -> bool {
    let fixed = |method: &DraftMethod| {
        let authorization = method.authorization.as_ref();
        authorization.is_some_and(|authorization| meets(demands, authorization))
    };
    let Some(own) = stage.draft.answering(verb, path) else {
        return false;
    };
    let mut others = answered
        .iter()
        .filter_map(|verb| stage.draft.own(verb, path));
    fixed(own) && others.all(fixed)
}

/// Source of the criterion: a CORS preflight of API Gateway is an OPTIONS method with a MOCK integration
/// ([CORS for REST APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html)).
fn accepted_preflight(
    stage: &StageView<'_>,
    demands: &[Required<'_>],
    verb: &str,
    path: &str,
) -> Option<AcceptedPreflight> {
    // Whoever writes OPTIONS into a requirement means it.
    if verb != "OPTIONS" || demands.iter().any(|demand| demand.lists("OPTIONS")) {
        return None;
    }
    // The service answers preflights itself, before any route is looked for.
    if stage.api.cors {
        return Some(AcceptedPreflight::Known);
    }
    // The summary has no integration: the editable tree's own OPTIONS method is the nearest reading.
    let drafted = stage.draft.own("OPTIONS", path);
    let integration = drafted.and_then(|method| method.integration.as_deref());
    match (stage.preflight, integration) {
        (Preflight::AcceptNone, _) => None,
        (Preflight::AcceptAll, _) | (Preflight::AcceptMock, Some("MOCK")) => {
            Some(AcceptedPreflight::Known)
        }
        (Preflight::AcceptMock, Some(_)) => None,
        (Preflight::AcceptMock, None) => Some(AcceptedPreflight::Assumed),
    }
}
