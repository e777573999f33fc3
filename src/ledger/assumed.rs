//! What an entry of the ledger rests on, and whether a run that did not find it again knows that it is mended.

use super::entry::Entry;
use super::matter::may_be_of_verb;
use super::proof::Proof;
use crate::audit::Report;
use crate::audit::finding::{Finding, Place, RuleId};
use crate::audit::method::{About, Assumption};
use crate::inventory::ApiKind;

impl Entry {
    /// What it rests on. An older gatewatch did not write it down: of a WebSocket API nothing but the draft can be read,
    /// of the others it is taken for what was read.
    fn rests_on(&self) -> Proof {
        let api = self.place.api.as_ref();
        let by_kind = match api.and_then(|it| it.kind) {
            Some(ApiKind::WebSocket) => Proof::Inferred,
            _ => Proof::Read,
        };
        self.proof.unwrap_or(by_kind)
    }

    /// Takes over what the latest finding rests on. What was once read to be so stays read: only another reading says
    /// that it is mended.
    pub(super) fn prove(&mut self, finding: &Finding) {
        let is_new = self.events.is_empty() || !self.standing.is_there();
        let was_read = !is_new && self.rests_on() == Proof::Read;
        self.proof = Some(if was_read {
            Proof::Read
        } else {
            Proof::of(finding)
        });
    }
}

/// Whether a run accepted something without proof at the place of a finding: that it did not make it tells nothing
/// then.
pub(super) fn is_assumed(entry: &Entry, report: &Report) -> bool {
    let mut assumptions = report.evaluation.assumptions.iter();
    assumptions.any(|it| hides(it, entry, report))
}

fn hides(assumption: &Assumption, entry: &Entry, report: &Report) -> bool {
    if !is_at_its_stage(assumption, entry) {
        return false;
    }
    let is_method = entry.place.path_or_key().is_some();
    match &assumption.about {
        About::Place => is_its_method(&assumption.place, entry),
        About::Types(methods) => {
            let is_about_it = methods.iter().any(|it| may_answer(it, entry, report));
            entry.rests_on() == Proof::Read && (is_about_it || is_left_to_others(entry, report))
        }
        About::Methods => entry.rests_on() == Proof::Read && is_method,
    }
}

/// Whether a finding may rest on another method than its own: a canary that lacks the method leaves its requests to
/// whichever route of it answers, as long as there is a canary.
fn is_left_to_others(entry: &Entry, report: &Report) -> bool {
    let place = &entry.place;
    let (Some(region), Some(api), Some(stage)) = (&place.region, &place.api, &place.stage) else {
        return false;
    };
    let key = (region.to_string(), api.id.to_string(), stage.to_string());
    let served = report.deployments.get(&key);
    entry.rule == RuleId::OpenCanary.as_str() && served.is_some_and(|it| it.len() > 1)
}

fn is_at_its_stage(assumption: &Assumption, entry: &Entry) -> bool {
    let (assumed, place) = (&assumption.place, &entry.place);
    let api = assumed.api.as_ref().map(|api| api.id.as_str());
    assumed.region == place.region
        && api == place.api.as_ref().map(|api| api.id.as_str())
        && assumed.stage == place.stage
}

/// Whether a method may answer what an entry is about: an `ANY` of its path does, and the methods that took its place.
fn may_answer(method: &Place, entry: &Entry, report: &Report) -> bool {
    let place = &entry.place;
    method.path_or_key() == place.path_or_key()
        && may_be_of_verb(entry, method.verb.as_deref(), &report.evaluation.own_verbs)
}

fn is_its_method(method: &Place, entry: &Entry) -> bool {
    let place = &entry.place;
    (&method.verb, &method.path) == (&place.verb, &place.path)
        && method.route_key == place.route_key
}
