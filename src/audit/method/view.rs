//! One method of one stage, seen from all sides: what callers get, what the canary's callers get, what
//! the next deployment will bring, and what the policy file demands.

use std::rc::Rc;

use super::preflight::{AcceptedPreflight, accepted_preflight};
use super::stage::StageView;
use super::taken_over::{open_at_the_canary, open_route};
use crate::audit::exposure::{Reach, StageReach};
use crate::audit::finding::Source;
use crate::inventory::served::ServedMethod;
pub use crate::inventory::served::Snapshot;
use crate::inventory::{ANY, Api, ApiKind, AuthorizationType, DraftMethod, OPTIONS, Stage, Verbs};
use crate::policy_file::Required;

/// How the stage's own deployment leaves a method open, where it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// To anyone.
    Plain,
    /// To anyone with an API key.
    KeyOnly,
    /// To anyone, though the draft is as demanded.
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
    /// What the draft says.
    pub draft: Option<&'a DraftMethod>,
    /// Where the draft no longer has the method: a route of the draft that is open and may answer in its place.
    pub(in crate::audit) taken_over: Option<&'a DraftMethod>,
    /// Where the canary's deployment does not have the method, and the stage's own does: a method of the canary that is
    /// open and may answer in its place.
    pub(in crate::audit) canary_taken_over: Option<ServedMethod<'a>>,
    /// Whether callers can reach exactly this method. If not, the draft alone names it, and
    /// what is deployed is an `ANY` method's answer.
    pub frozen: bool,
    /// Whether the draft is as demanded, for every verb that this method answers.
    pub draft_is_fixed: bool,
    /// Who reaches it.
    pub reach: Reach,
    /// How its stage is reached: what a caller meets who gets past the resource policy.
    pub(in crate::audit) at_stage: Rc<StageReach>,
    /// Whether a deployment of the stage asks for AWS_IAM, and a principal of any account gets past the resource policy from anywhere.
    pub admits_strangers: bool,
    /// The stage's own deployment of a private API, or else its canary's, where the callers whom it is for get past the
    /// resource policy from the VPCs of every account.
    pub(in crate::audit) every_vpc: Option<(Snapshot<'a>, Source)>,
    /// What the policy file demands: all of it must be met. More than one for `ANY`.
    pub(super) demands: Vec<Required<'a>>,
    /// The verbs of which that is demanded.
    pub judged_as: Vec<&'a str>,
    /// Whether it was read in a template, which is not deployed yet.
    pub(in crate::audit) is_in_a_file: bool,
    /// Whether it answers nothing but OPTIONS.
    pub(super) options_only: bool,
    preflight: Option<AcceptedPreflight>,
}

impl<'a> MethodView<'a> {
    /// Every method of a stage: those that callers can reach, and those that only the draft has.
    pub(in crate::audit) fn of_stage(stage: &StageView<'a>) -> Vec<Self> {
        let served = stage.served.iter();
        served.map(|it| MethodView::new(stage, it)).collect()
    }

    /// A method of a stage, with what is demanded of it.
    pub(in crate::audit) fn new(stage: &StageView<'a>, served: &ServedMethod<'a>) -> Self {
        let (verb, path) = (served.verb, served.path);
        // Whether an open OPTIONS is a preflight is judged on a method of its own.
        let answered: Vec<&str> = match verb {
            ANY => {
                let left = served.left.verbs();
                left.without(Verbs::one(OPTIONS)).iter().collect()
            }
            _ => Vec::new(),
        };
        let reach = stage.reach(served);
        let deployed = served.own;
        let (judged_as, demands) = demands(stage, verb, path, &reach, &answered);
        let preflight = accepted_preflight(stage, &demands, verb, path);
        MethodView {
            api: stage.api,
            stage: stage.stage,
            verb,
            path,
            route_key: served.route_key,
            deployed,
            admits_strangers: served
                .snapshots()
                .any(|it| it.is(&AuthorizationType::AwsIam))
                && stage.admits_strangers(served),
            canary: served.canary,
            draft: served.draft,
            taken_over: match served.draft {
                Some(_) => None,
                None => open_route(stage.api, verb, path),
            },
            canary_taken_over: match (served.own, served.canary) {
                (Some(_), None) => open_at_the_canary(&stage.served, verb, path),
                _ => None,
            },
            frozen: served.is_served(),
            draft_is_fixed: draft_is_fixed(stage, &demands, served, &answered),
            reach,
            at_stage: Rc::clone(&stage.reach),
            every_vpc: match preflight {
                Some(_) => None,
                None => stage.open_to_every_vpc(served),
            },
            preflight,
            is_in_a_file: stage.is_in_a_file(),
            options_only: verb == OPTIONS
                || (verb == ANY && answered.is_empty() && stage.api.kind != ApiKind::WebSocket),
            demands,
            judged_as,
        }
    }

    /// Whether a method of this type is as the policy file demands.
    pub fn accepts(&self, authorization: &AuthorizationType) -> bool {
        meets(&self.demands, authorization)
    }

    /// Whether a method of this type asks its callers for no less than the policy file demands.
    pub(in crate::audit) fn is_met_by(&self, authorization: &AuthorizationType) -> bool {
        self.demands.iter().all(|it| it.is_met_by(authorization))
    }

    /// Whether a method of this type is no finding: as the policy file demands, or an open preflight.
    pub(in crate::audit) fn tolerates(&self, authorization: &AuthorizationType) -> bool {
        let is_open = *authorization == AuthorizationType::None;
        self.accepts(authorization) || (is_open && self.preflight.is_some())
    }

    /// Whether each of the verbs that are judged by themselves tolerates a type. Empty, where the method is judged as one.
    pub(in crate::audit) fn tolerating_verbs(
        &self,
        authorization: &AuthorizationType,
    ) -> Vec<(&'a str, bool)> {
        let count = self.judged_as.len();
        if count < 2 {
            return Vec::new();
        }
        // Of each verb there are as many demands: one for each exposure that the method may have.
        let each = (self.demands.len() / count).max(1);
        let demands = self.demands.chunks(each);
        let verbs = self.judged_as.iter().zip(demands);
        verbs
            .map(|(verb, demands)| (*verb, meets(demands, authorization)))
            .collect()
    }

    /// The demand that a type does not meet.
    pub fn unmet(&self, authorization: &AuthorizationType) -> Option<Required<'a>> {
        let mut demands = self.demands.iter();
        demands
            .find(|demand| !demand.is_met_by(authorization))
            .copied()
    }

    /// The line of the entry of the policy file that says what is demanded here. `None`: no entry speaks of the
    /// method.
    pub fn deciding_line(&self) -> Option<usize> {
        self.demands.iter().find_map(|demand| demand.line())
    }

    /// The lines of the entries of the policy file that accept it open.
    pub(in crate::audit) fn lines_that_open(&self) -> impl Iterator<Item = usize> {
        let opening = self
            .demands
            .iter()
            .filter(|it| it.accepts(&AuthorizationType::None));
        opening.filter_map(|it| it.line())
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
        self.preflight.is_none() && self.is_unaccepted_none(snapshot.authorization.kind())
    }

    /// Whether the draft opens the method where the policy file does not accept it.
    pub fn draft_is_open(&self) -> bool {
        let authorization = self.draft.and_then(|draft| draft.authorization.as_ref());
        self.preflight.is_none() && self.is_unaccepted_none(authorization)
    }

    /// Whether the draft no longer has the method and may leave its requests to an open route, where the policy file
    /// does not accept that.
    pub(in crate::audit) fn is_left_to_an_open_route(&self) -> bool {
        self.taken_over.is_some()
            && self.preflight.is_none()
            && !self.accepts(&AuthorizationType::None)
    }

    /// How the next deployment would open the method, where it would. `None` also where it cannot be told,
    /// which the report's gaps say.
    pub fn pending(&self) -> Option<Pending> {
        if self.is_left_to_an_open_route() {
            let authorization = self.deployed.and_then(|it| it.authorization.kind())?;
            let is_authorized = *authorization != AuthorizationType::None;
            return is_authorized.then_some(Pending::LeftToAnOpenRoute);
        }
        let draft = self.draft.filter(|_| self.draft_is_open())?;
        let Some(deployed) = self.deployed else {
            return Some(Pending::New);
        };
        match deployed.authorization.kind()? {
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
    pub fn accepted_preflight(&self) -> Option<String> {
        self.preflight.map(|preflight| match preflight.unproven() {
            None => "a CORS preflight may be open (`preflight`)".to_owned(),
            Some(unproven) => {
                format!("it may be open as a CORS preflight (`preflight`), {unproven}")
            }
        })
    }

    /// The open method of the canary that may answer in place of this one, where the stage's own deployment protects it
    /// and the policy file does not accept that.
    pub(in crate::audit) fn is_left_open_by_the_canary(&self) -> Option<ServedMethod<'a>> {
        let route = self.canary_taken_over?;
        let own = self.deployed.filter(|_| self.frozen)?;
        let is_protected = own.authorization.kind() != Some(&AuthorizationType::None);
        let tolerated = self.tolerates(&AuthorizationType::None);
        (is_protected && !tolerated).then_some(route)
    }

    /// What nothing shows of it, where it is open and accepted as a preflight all the same.
    pub(in crate::audit) fn open_without_proof(&self) -> Option<&'static str> {
        let mut snapshots = self.deployed.into_iter().chain(self.canary);
        let open = snapshots.any(|it| self.is_unaccepted_none(it.authorization.kind()));
        let unproven = self.preflight.and_then(AcceptedPreflight::unproven);
        unproven.filter(|_| self.frozen && open)
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

/// Whether the draft is as demanded. A deployment of it replaces an `ANY` method by whatever
/// methods the path then has: all of them count.
fn draft_is_fixed(
    stage: &StageView<'_>,
    demands: &[Required<'_>],
    method: &ServedMethod<'_>,
    answered: &[&str],
) -> bool {
    let fixed = |method: &DraftMethod| {
        let authorization = method.authorization.as_ref();
        authorization.is_some_and(|authorization| meets(demands, authorization))
    };
    let Some(own) = method.draft else {
        return false;
    };
    let others = answered.iter();
    let mut others = others.filter_map(|verb| stage.served.get(verb, method.path)?.drafted());
    fixed(own) && others.all(fixed)
}
