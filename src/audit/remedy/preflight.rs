//! What AWS_IAM does to the preflight requests of browsers, which are never signed.

use crate::inventory::{ANY, Api, ApiKind, DraftMethod, OPTIONS};

/// Why a method of the draft must not be set to AWS_IAM. `None`: it answers more than preflight requests.
pub(in crate::audit) fn only_preflights(draft: &DraftMethod) -> Option<&'static str> {
    (draft.verb == OPTIONS).then_some(
        "browsers do not sign the preflight requests that it answers, and all of them would be refused: answer OPTIONS \
         by a MOCK integration, or say in the policy file how preflights are judged",
    )
}

/// What browsers lose with a method of the draft that answers all verbs, once it is set to AWS_IAM. `None`: nothing.
pub(in crate::audit) fn lost(api: &Api, draft: &DraftMethod) -> Option<&'static str> {
    // The draft is walked for those methods alone that a large API has few of.
    if draft.verb != ANY || api.kind == ApiKind::WebSocket || api.cors {
        return None;
    }
    let mut of_path = api.draft.iter().flatten();
    let has_options = of_path.any(|it| it.verb == OPTIONS && it.path == draft.path);
    (!has_options).then_some(
        "it answers OPTIONS as well, and the preflight requests of browsers, which are never signed, would be refused: \
         give OPTIONS a method of its own first where browsers call it",
    )
}
