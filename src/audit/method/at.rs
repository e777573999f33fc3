//! A method by its place, and the selectors of the policy file that speak of it.

use crate::audit::access::CallableMethod;
use crate::audit::finding::Exposure;
use crate::inventory::{ANY, Api, ApiKind, Stage, Verbs};
use crate::policy_file::{Selector, Specificity, StagePlace};

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

/// A selector that speaks of some methods of a stage, or may.
#[derive(Debug, Clone, Copy)]
pub(in crate::audit) struct AtStage<'s> {
    pub(in crate::audit) selector: &'s Selector,
    narrowness: Specificity,
}

impl<'s> AtStage<'s> {
    /// `None`: it speaks of no method of the stage.
    pub(in crate::audit) fn new(selector: &'s Selector, api: &Api, stage: &Stage) -> Option<Self> {
        let narrowness = selector.at_stage(stage_place(api, &stage.name))?;
        Some(AtStage {
            selector,
            narrowness,
        })
    }

    /// Those of some selectors that speak of a stage.
    pub(in crate::audit) fn all(
        selectors: impl IntoIterator<Item = &'s Selector>,
        api: &Api,
        stage: &Stage,
    ) -> Vec<Self> {
        let selectors = selectors.into_iter();
        let own = selectors.filter_map(|it| AtStage::new(it, api, stage));
        own.collect()
    }

    /// Whether it speaks of a method of the stage that has this exposure, or of a part of it: of `ANY`, of the requests with
    /// one verb.
    pub(in crate::audit) fn selects(
        self,
        method: MethodAt<'_>,
        exposure: Option<Exposure>,
    ) -> bool {
        // What asks for no verb speaks of all parts or of none.
        if self.selector.verb.is_empty() {
            return self.selects_just(method, exposure);
        }
        let mut parts = method.parts();
        parts.any(|part| self.selects_part(method, part, exposure))
    }

    /// Whether it speaks of one of the [parts](MethodAt::parts) of a method of the stage, or of all of the method.
    pub(in crate::audit) fn selects_part(
        self,
        method: MethodAt<'_>,
        part: MethodAt<'_>,
        exposure: Option<Exposure>,
    ) -> bool {
        self.selects_just(part, exposure) || self.selects_just(method, exposure)
    }

    /// Whether it speaks of a method of the stage with just this verb, which has this exposure.
    pub(in crate::audit) fn selects_just(
        self,
        method: MethodAt<'_>,
        exposure: Option<Exposure>,
    ) -> bool {
        let AtStage {
            selector,
            narrowness,
        } = self;
        let met = selector.at_method(narrowness, method.verb, method.path, exposure);
        met.is_some()
    }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const API: &str = r#"{
        "region": "eu-west-1", "id": "a1b2c3d4e5", "name": "PetStore", "kind": "REST",
        "endpoint_types": ["REGIONAL"], "default_endpoint_disabled": false, "resource_policy": null,
        "stages": [{"name": "prod", "deployment_id": null}], "deployments": [], "draft": []
    }"#;

    fn few(pattern: &'static str) -> impl Strategy<Value = Vec<String>> {
        prop::collection::vec(pattern, 0..3)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_selector_speaks_of_a_method_where_it_meets_one_of_its_parts_or_all_of_it(
            api in few("(PetStore|Pet\\*|Other)"),
            stage in few("(prod|dev)"),
            verb in few("(GET|P\\*|ANY)"),
            path in few("(/pets|/\\*|/orders)"),
            asked in "(GET|PUT|ANY)",
        ) {
            let selector = Selector { api, stage, verb, path, ..Selector::default() };
            let api: Api = serde_json::from_str(API).unwrap();
            let stage = &api.stages.as_ref().unwrap()[0];
            let method = MethodAt { api: &api, stage, verb: &asked, path: "/pets" };
            let place = stage_place(&api, "prod");
            let mut all = method.parts().chain([method]);
            let meets = all.any(|it| selector.meets(place, it.verb, it.path, None).is_some());
            let at_stage = AtStage::new(&selector, &api, stage);
            prop_assert_eq!(at_stage.is_some_and(|it| it.selects(method, None)), meets);
        }
    }
}
