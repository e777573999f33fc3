//! Which method of a stage answers a request.
//!
//! API Gateway sends a request to the method whose path is the most specific of those that the request fits: a segment as
//! it is before a parameter, a parameter before `{proxy+}`, and a route without a path, `$default`, last. Of the methods
//! of that path the one of the request's verb answers, or else `ANY`.
//!
//! An HTTP API looks at verb and path together: a path without a method for the verb is passed over, and a path without
//! `{proxy+}` comes before every path with one. A REST API looks at the path alone first. Where the documentation does not
//! say which of two answers, neither is chosen.
//!
//! Source: [routing of HTTP APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html#http-api-develop-routes.evaluation)
//! and [proxy resources](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-set-up-simple-proxy.html).

use super::{ServedMethod, ServedMethods, Snapshot};
use crate::inventory::ApiKind;
use crate::inventory::verbs::{ANY, Verbs};

/// What answers a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Routed<'s, 'a> {
    /// No method does.
    Nothing,
    /// This one; or one of the stage's own deployment and another one of its canary's.
    Methods(Vec<&'s ServedMethod<'a>>),
    /// One of these: which of them is not documented.
    OneOf(Vec<&'s ServedMethod<'a>>),
}

impl<'a> ServedMethods<'a> {
    /// The method that answers a request with this verb for this path, as callers write it below the stage.
    ///
    /// ```
    /// use gatewatch::inventory::served::{Routed, ServedMethods};
    /// use gatewatch::inventory::{Api, ApiKind};
    ///
    /// let api: Api = serde_json::from_str(
    ///     r#"{"region": "eu-west-1", "id": "a1b2c3d4e5", "name": "PetStore", "kind": "REST",
    ///         "endpoint_types": ["REGIONAL"], "default_endpoint_disabled": false, "resource_policy": null,
    ///         "stages": [{"name": "prod", "deployment_id": "dep123"}],
    ///         "deployments": [{"id": "dep123", "created_at": null, "methods": [
    ///             {"verb": "ANY", "path": "/{proxy+}", "authorization": "NONE", "api_key_required": false},
    ///             {"verb": "GET", "path": "/pets/{petId}", "authorization": "AWS_IAM", "api_key_required": false}]}],
    ///         "draft": []}"#,
    /// )
    /// .unwrap();
    /// let served = ServedMethods::of(&api, &api.stages.as_ref().unwrap()[0]);
    /// let Routed::Methods(methods) = served.routed(ApiKind::Rest, "GET", "/pets/42") else {
    ///     panic!("one method answers");
    /// };
    /// assert_eq!(methods[0].path, "/pets/{petId}");
    /// ```
    pub fn routed(&self, kind: ApiKind, verb: &str, path: &str) -> Routed<'_, 'a> {
        type Side<'a> = fn(&ServedMethod<'a>) -> Option<Snapshot<'a>>;
        let sides: [Side<'a>; 2] = [|it| it.own, |it| it.canary];
        let mut answering: Vec<&ServedMethod<'a>> = Vec::new();
        let mut is_certain = true;
        for side in sides {
            let of_side = self.iter().filter(|it| {
                // What stands for the `ANY` of a path in one deployment is that `ANY`.
                it.is_served() && side(it).is_some_and(|own| own.verb == it.verb)
            });
            let all: Vec<&ServedMethod<'a>> = of_side.filter(|it| fits(it.path, path)).collect();
            let found = most_specific(kind, &all, verb);
            is_certain &= found.len() < 2;
            answering.extend(found);
        }
        answering.sort_by_key(|it| (it.path, it.verb));
        answering.dedup();
        match (answering.is_empty(), is_certain) {
            (true, _) => Routed::Nothing,
            (false, true) => Routed::Methods(answering),
            (false, false) => Routed::OneOf(answering),
        }
    }
}

/// Those of the methods of one deployment, all of which fit the path of a request, that may answer it: one, where that
/// is certain.
fn most_specific<'s, 'a>(
    kind: ApiKind,
    all: &[&'s ServedMethod<'a>],
    verb: &str,
) -> Vec<&'s ServedMethod<'a>> {
    let with_verb = |path: &str| {
        let own = all.iter().find(|it| it.path == path && it.verb == verb);
        let is_verb = Verbs::one(verb) != Verbs::NONE;
        let any = || {
            all.iter()
                .find(|it| it.path == path && it.verb == ANY && is_verb)
        };
        own.or_else(any).copied()
    };
    let mut paths: Vec<&str> = all.iter().map(|it| it.path).collect();
    paths.dedup();
    if kind == ApiKind::Http {
        paths.retain(|it| with_verb(it).is_some());
        if paths.iter().any(|it| is_full(it)) {
            paths.retain(|it| is_full(it));
        }
    }
    let best: Vec<&str> = paths
        .iter()
        .filter(|one| !paths.iter().any(|other| is_narrower(other, one)))
        .copied()
        .collect();
    let answering: Vec<&ServedMethod<'_>> = best.iter().filter_map(|it| with_verb(it)).collect();
    if kind == ApiKind::Http || best.len() > 1 {
        return answering;
    }
    match answering.as_slice() {
        // The most specific path has no method for the verb: whether a wider one answers is not documented.
        [] => {
            let wider = paths.iter().filter_map(|it| with_verb(it));
            let wider: Vec<&ServedMethod<'_>> = wider.collect();
            let of_path = all.iter().filter(|it| best.contains(&it.path)).copied();
            match wider.as_slice() {
                [] => Vec::new(),
                _ => of_path.chain(wider).collect(),
            }
        }
        _ => answering,
    }
}

/// How a segment of a template is written, the narrowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Plain,
    Parameter,
    Greedy,
}

fn segment(text: &str) -> Segment {
    match (text.contains('{'), text.contains("+}")) {
        (false, _) => Segment::Plain,
        (true, false) => Segment::Parameter,
        (true, true) => Segment::Greedy,
    }
}

/// Whether a template has neither `{proxy+}` nor stands for whatever is left.
fn is_full(template: &str) -> bool {
    template.starts_with('/') && !template.contains("+}")
}

/// Whether a request for a path fits a template.
fn fits(template: &str, path: &str) -> bool {
    // A route without a path takes whatever is left.
    if !template.starts_with('/') {
        return true;
    }
    let mut asked = path.split('/');
    for own in template.split('/') {
        let Some(text) = asked.next() else {
            return false;
        };
        match segment(own) {
            Segment::Plain if own == text => {}
            Segment::Parameter if !text.is_empty() => {}
            Segment::Greedy => return !text.is_empty() || asked.next().is_some(),
            Segment::Plain | Segment::Parameter => return false,
        }
    }
    asked.next().is_none()
}

/// Whether one template is narrower than another in some segment and wider in none, so that it answers first. Both fit the
/// same path.
pub(crate) fn is_narrower(one: &str, other: &str) -> bool {
    match (one.starts_with('/'), other.starts_with('/')) {
        (true, false) => return true,
        (false, _) => return false,
        (true, true) => {}
    }
    let mut is_narrower = false;
    for (one, other) in one.split('/').zip(other.split('/')) {
        match segment(one).cmp(&segment(other)) {
            std::cmp::Ordering::Less => is_narrower = true,
            std::cmp::Ordering::Equal => {}
            std::cmp::Ordering::Greater => return false,
        }
    }
    is_narrower
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Api;
    use serde_json::json;

    fn routed(kind: &str, routes: &[&str], request: &str) -> String {
        let methods: Vec<_> = routes
            .iter()
            .map(|it| {
                let (verb, path) = it.split_once(' ').unwrap_or(("ANY", it));
                json!({"verb": verb, "path": path, "authorization": "AWS_IAM", "api_key_required": false})
            })
            .collect();
        let api: Api = serde_json::from_value(json!({
            "region": "eu-west-1", "id": "a1b2c3d4e5", "name": "PetStore", "kind": kind,
            "endpoint_types": ["REGIONAL"], "default_endpoint_disabled": false, "resource_policy": null,
            "stages": [{"name": "prod", "deployment_id": "dep123"}],
            "deployments": [{"id": "dep123", "created_at": null, "methods": methods}], "draft": []
        }))
        .unwrap();
        let served = ServedMethods::of(&api, &api.stages.as_ref().unwrap()[0]);
        let (verb, path) = request.split_once(' ').unwrap();
        let names = |all: Vec<&ServedMethod<'_>>| {
            let names = all.iter().map(|it| format!("{} {}", it.verb, it.path));
            names.collect::<Vec<_>>().join(", ")
        };
        match served.routed(api.kind, verb, path) {
            Routed::Nothing => "nothing".to_owned(),
            Routed::Methods(all) => names(all),
            Routed::OneOf(all) => format!("one of {}", names(all)),
        }
    }

    /// The example of the documentation.
    #[test]
    fn an_http_api_routes_as_it_is_documented() {
        let routes = [
            "GET /pets/dog/1",
            "GET /pets/dog/{id}",
            "GET /pets/{proxy+}",
            "ANY /{proxy+}",
            "$default",
        ];
        for (request, expected) in [
            ("GET /pets/dog/1", "GET /pets/dog/1"),
            ("GET /pets/dog/2", "GET /pets/dog/{id}"),
            ("GET /pets/cat/1", "GET /pets/{proxy+}"),
            ("POST /test/5", "ANY /{proxy+}"),
            ("POST /pets/dog/1", "ANY /{proxy+}"),
            ("GET /", "ANY $default"),
        ] {
            assert_eq!(routed("HTTP", &routes, request), expected, "{request}");
        }
        let full_first = ["GET /{a}/{b}", "GET /pets/{proxy+}"];
        assert_eq!(routed("HTTP", &full_first, "GET /pets/x"), "GET /{a}/{b}");
        let not_said = ["GET /{a}/x", "GET /pets/{b}"];
        let expected = "one of GET /pets/{b}, GET /{a}/x";
        assert_eq!(routed("HTTP", &not_said, "GET /pets/x"), expected);
    }

    #[test]
    fn a_rest_api_looks_at_the_path_first() {
        let routes = [
            "GET /",
            "GET /pets/{petId}",
            "ANY /pets/{petId}",
            "GET /pets/mine",
            "POST /orders/{proxy+}",
            "ANY /{proxy+}",
        ];
        for (request, expected) in [
            ("GET /", "GET /"),
            ("GET /pets/42", "GET /pets/{petId}"),
            ("PUT /pets/42", "ANY /pets/{petId}"),
            ("GET /pets/mine", "GET /pets/mine"),
            ("GET /pets", "ANY /{proxy+}"),
            ("GET /pets/42/photos", "ANY /{proxy+}"),
            ("POST /orders/a/b", "POST /orders/{proxy+}"),
            // Whether the wider path answers is not documented.
            (
                "PUT /pets/mine",
                "one of GET /pets/mine, ANY /pets/{petId}, ANY /{proxy+}",
            ),
            ("POST /", "nothing"),
            ("FETCH /pets/42", "nothing"),
        ] {
            assert_eq!(routed("REST", &routes, request), expected, "{request}");
        }
        assert_eq!(routed("REST", &["GET /pets/{id}"], "GET /pets/"), "nothing");
        assert_eq!(
            routed("REST", &["GET /pets/{id}"], "GET /Pets/1"),
            "nothing"
        );
        let crossing = ["GET /{a}/{b}", "GET /pets/{proxy+}"];
        let expected = "one of GET /pets/{proxy+}, GET /{a}/{b}";
        assert_eq!(routed("REST", &crossing, "GET /pets/x"), expected);
    }
}
