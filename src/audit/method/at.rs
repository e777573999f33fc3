//! A method by its place, and the selectors of the policy file that speak of it.

use crate::audit::access::CallableMethod;
use crate::audit::finding::Exposure;
use crate::inventory::{ANY, Api, ApiKind, Stage, Verbs};
use crate::policy_file::{Selector, StagePlace};

/// A method by its place.
#[derive(Debug, Clone, Copy)]
pub(in crate::audit) struct MethodAt<'a> {
    pub(in crate::audit) api: &'a Api,
    pub(in crate::audit) stage: &'a Stage,
    pub(in crate::audit) verb: &'a str,
    pub(in crate::audit) path: &'a str,
}

impl<'a> MethodAt<'a> {
    /// The method for each verb that it answers, or may: many of `ANY`, one of all others.
    pub(in crate::audit) fn parts(self) -> impl Iterator<Item = MethodAt<'a>> {
        // A connection has no verb.
        let is_any = self.verb == ANY && self.api.kind != ApiKind::WebSocket;
        let verbs = if is_any { Verbs::ALL } else { Verbs::NONE };
        let itself = (!is_any).then_some(self);
        let each = verbs.iter().map(move |verb| MethodAt { verb, ..self });
        itself.into_iter().chain(each)
    }

    /// Its verb and path, or the key of a route without a path.
    pub(in crate::audit) fn name(&self) -> String {
        match self.path.starts_with('/') {
            true => format!("{} {}", self.verb, self.path),
            false => self.path.to_owned(),
        }
    }
}

impl<'a> From<&CallableMethod<'a>> for MethodAt<'a> {
    fn from(method: &CallableMethod<'a>) -> Self {
        MethodAt {
            api: method.api,
            stage: method.stage,
            verb: method.verb,
            path: method.path,
        }
    }
}

/// Whether a selector speaks of a method that has this exposure, or of a part of it: of `ANY`, of the requests with one
/// verb.
pub(in crate::audit) fn selects_at(
    selector: &Selector,
    method: MethodAt<'_>,
    exposure: Option<Exposure>,
) -> bool {
    let mut parts = method.parts();
    parts.any(|part| selects_part(selector, method, part, exposure))
}

/// Whether a selector speaks of one of the [parts](MethodAt::parts) of a method, or of all of the method.
pub(in crate::audit) fn selects_part(
    selector: &Selector,
    method: MethodAt<'_>,
    part: MethodAt<'_>,
    exposure: Option<Exposure>,
) -> bool {
    selects_just(selector, part, exposure) || selects_just(selector, method, exposure)
}

/// Where a stage of an API is, as selectors ask.
pub(in crate::audit) fn stage_place<'a>(api: &'a Api, stage: &'a str) -> StagePlace<'a> {
    StagePlace {
        region: &api.region,
        api_id: &api.id,
        api_name: &api.name,
        tags: &api.tags,
        stage,
    }
}

/// Whether a selector speaks of a method with just this verb, which has this exposure.
pub(in crate::audit) fn selects_just(
    selector: &Selector,
    method: MethodAt<'_>,
    exposure: Option<Exposure>,
) -> bool {
    let place = stage_place(method.api, &method.stage.name);
    let Some(narrowness) = selector.at_stage(place) else {
        return false;
    };
    let met = selector.at_method(narrowness, method.verb, method.path, exposure);
    met.is_some()
}
