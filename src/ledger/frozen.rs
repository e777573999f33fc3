//! What only another deployment changes.
//!
//! A deployment of a REST API never changes, and it froze more than its summary tells: the integrations behind its
//! methods, and the resource policy. Rules that look at these have the draft's to look at. A finding of such a rule that
//! is gone while the stage serves the same deployment is mended in the draft alone.

use super::entry::Entry;
use super::read::is_by_integration;
use crate::audit::Report;
use crate::audit::finding::RuleId;
use crate::inventory::ApiKind;

/// Whether a finding rests on what a deployment froze and does not tell, and the stage still serves that deployment.
pub(super) fn is_still_deployed(entry: &Entry, report: &Report) -> bool {
    let place = &entry.place;
    let (Some(region), Some(api), Some(stage)) = (&place.region, &place.api, &place.stage) else {
        return false;
    };
    let by_its_policy = [RuleId::WorldSigned, RuleId::OpenToAllVpcs]
        .iter()
        .any(|rule| entry.rule == rule.as_str());
    if api.kind != Some(ApiKind::Rest) || !(is_by_integration(entry) || by_its_policy) {
        return false;
    }
    let key = (region.to_string(), api.id.to_string(), stage.to_string());
    let served = report.deployments.get(&key);
    let deployment = entry.deployment.as_ref();
    deployment.is_some_and(|it| served.is_some_and(|served| served.iter().any(|id| it == id)))
}
