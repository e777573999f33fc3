//! Which open OPTIONS methods are accepted as CORS preflights.

use super::stage::StageView;
use crate::inventory::OPTIONS;
use crate::inventory::served::ServedMethod;
use crate::policy_file::{Preflight, Required};

/// The type of an integration that calls nothing.
const MOCK: &str = "MOCK";

/// Why an open OPTIONS method is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AcceptedPreflight {
    /// It is known to be a preflight, or the policy file accepts every OPTIONS method.
    Known,
    /// Its integration could not be read.
    Unread,
    /// Its integration is that of the draft, which has another method there than what is deployed.
    Changed,
}

impl AcceptedPreflight {
    /// What nothing shows of it. `None`: it is known to be a preflight.
    pub(super) fn unproven(self) -> Option<&'static str> {
        match self {
            AcceptedPreflight::Known => None,
            AcceptedPreflight::Unread => Some("though its integration could not be read"),
            AcceptedPreflight::Changed => Some(
                "though its integration is the draft's, whose method is another than the deployed one",
            ),
        }
    }
}

/// Why an open OPTIONS method is accepted. `None`: it is not, or the method answers other verbs.
///
/// Source of the criterion: a CORS preflight of API Gateway is an OPTIONS method with a MOCK integration
/// ([CORS for REST APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html)).
pub(super) fn accepted_preflight(
    stage: &StageView<'_>,
    demands: &[Required<'_>],
    verb: &str,
    path: &str,
) -> Option<AcceptedPreflight> {
    // A requirement that names OPTIONS holds for preflights, too.
    if verb != OPTIONS || demands.iter().any(|demand| demand.lists(OPTIONS)) {
        return None;
    }
    // The service answers preflights itself, before any route is looked for.
    if stage.api.cors {
        return Some(AcceptedPreflight::Known);
    }
    let options = stage.served.get(OPTIONS, path);
    let drafted = options.and_then(ServedMethod::drafted);
    // The summary has no integration: the draft's own OPTIONS method is the nearest reading. A plan tells that of a
    // deployment which it keeps.
    let told = options.into_iter().flat_map(ServedMethod::snapshots);
    let told: Vec<&str> = told.filter_map(|it| it.integration).collect();
    let answers_more = told.iter().any(|it| *it != MOCK);
    let drafted = drafted.and_then(|method| method.integration.as_deref());
    match (stage.preflight, drafted.or(told.first().copied())) {
        (Preflight::AcceptNone, _) => None,
        (Preflight::AcceptAll, _) => Some(AcceptedPreflight::Known),
        (Preflight::AcceptMock, _) if answers_more => None,
        (Preflight::AcceptMock, Some(MOCK)) => Some(match options {
            Some(method) if differs(method) => AcceptedPreflight::Changed,
            _ => AcceptedPreflight::Known,
        }),
        (Preflight::AcceptMock, Some(_)) => None,
        (Preflight::AcceptMock, None) => Some(AcceptedPreflight::Unread),
    }
}

/// Whether the draft has another method there than a deployment of the stage, as far as deployments tell: it was changed
/// since, and so its integration may have been.
fn differs(method: &ServedMethod<'_>) -> bool {
    method.drafted().is_some_and(|drafted| {
        let mut snapshots = method.snapshots();
        snapshots.any(|it| {
            it.api_key_required != drafted.api_key_required
                || it.authorization.kind() != drafted.authorization.as_ref()
        })
    })
}
