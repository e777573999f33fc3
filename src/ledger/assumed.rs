//! What an entry of the ledger rests on, and whether a run that did not find it again knows that it is mended.

use super::entry::Entry;
use super::proof::Proof;
use crate::audit::Report;
use crate::audit::finding::{Finding, Place};
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
    assumptions.any(|it| hides(it, entry))
}

fn hides(assumption: &Assumption, entry: &Entry) -> bool {
    if !is_at_its_stage(assumption, entry) {
        return false;
    }
    let is_method = entry.place.route_key.is_some() || entry.place.path.is_some();
    match &assumption.about {
        About::Place => is_its_method(&assumption.place, entry),
        About::Types(methods) => {
            entry.rests_on() == Proof::Read && methods.iter().any(|it| is_its_method(it, entry))
        }
        About::Methods => entry.rests_on() == Proof::Read && is_method,
    }
}

fn is_at_its_stage(assumption: &Assumption, entry: &Entry) -> bool {
    let (assumed, place) = (&assumption.place, &entry.place);
    let api = assumed.api.as_ref().map(|api| &api.id);
    assumed.region == place.region
        && api == place.api.as_ref().map(|api| &api.id)
        && assumed.stage == place.stage
}

fn is_its_method(method: &Place, entry: &Entry) -> bool {
    let place = &entry.place;
    (&method.verb, &method.path) == (&place.verb, &place.path)
        && method.route_key == place.route_key
}
