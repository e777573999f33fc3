//! The route that answers once a method is gone.
//!
//! API Gateway sends a request to the most specific route that there is. Where a method is taken out of the draft, the
//! next deployment may leave its requests to a wider one: `ANY /{proxy+}`, `GET /users/{id}`, `$default`.
//!
//! Source: [routing of HTTP APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html#http-api-develop-routes.evaluation)
//! and [proxy resources](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-set-up-simple-proxy.html).

use crate::inventory::served::{ServedMethod, ServedMethods, Snapshot, is_narrower};
use crate::inventory::{ANY, Api, ApiKind, AuthorizationType, DeployedMethod, DraftMethod};

/// A route of the draft that is open and may answer requests of a method that the draft no longer has.
pub(in crate::audit) fn open_route<'a>(
    api: &'a Api,
    verb: &str,
    path: &str,
) -> Option<&'a DraftMethod> {
    if api.kind == ApiKind::WebSocket {
        return None;
    }
    let drafted = api.draft.as_deref().unwrap_or_default();
    let route = |it: &'a DraftMethod| Route {
        verb: &it.verb,
        path: &it.path,
        authorization: it.authorization.as_ref(),
    };
    first_open(drafted, route, verb, path)
}

/// The same of a deployment that does not have the method: an open one of it that may answer.
pub(in crate::audit) fn open_method<'a>(
    served: &'a [DeployedMethod],
    verb: &str,
    path: &str,
) -> Option<&'a DeployedMethod> {
    let route = |it: &'a DeployedMethod| Route {
        verb: &it.verb,
        path: &it.path,
        authorization: it.authorization.as_ref(),
    };
    first_open(served, route, verb, path)
}

/// The open methods of a stage that may answer the requests of a method that no deployment of the stage has. None, where
/// a deployment has it, or an `ANY` of its path.
pub fn answers_for<'a>(
    served: &ServedMethods<'a>,
    verb: &str,
    path: &str,
) -> Vec<ServedMethod<'a>> {
    let own = [verb, ANY].map(|it| served.get(it, path));
    if own.into_iter().flatten().any(ServedMethod::is_served) {
        return Vec::new();
    }
    let is_open = |it: Snapshot<'_>| it.is(&AuthorizationType::None);
    let open = served.iter().filter(|it| {
        it.is_served() && it.snapshots().any(is_open) && takes((it.verb, it.path), verb, path)
    });
    // With a canary there are two deployments, and a closed route of the one takes nothing from the other.
    let closed = closed_alone(served, verb, path);
    let left = open.filter(|open| !closed.iter().any(|it| is_narrower(it, open.path)));
    left.copied().collect()
}

/// The paths of the closed methods of a stage without a canary that take every request of a method, as its deployment says.
fn closed_alone<'a>(served: &ServedMethods<'a>, verb: &str, path: &str) -> Vec<&'a str> {
    if served.canary.is_some() {
        return Vec::new();
    }
    let is_closed =
        |it: Snapshot<'_>| it.authorization.is_deployed() && !it.is(&AuthorizationType::None);
    let closed = served.iter().filter(|it| {
        it.is_served() && it.snapshots().all(is_closed) && takes_all((it.verb, it.path), verb, path)
    });
    closed.map(|it| it.path).collect()
}

/// A method or route, as requests find it.
#[derive(Clone, Copy)]
struct Route<'a> {
    verb: &'a str,
    path: &'a str,
    /// `None`: it is not told.
    authorization: Option<&'a AuthorizationType>,
}

/// The first open one that may answer requests of a method that is not there, and that no closed one answers before it.
fn first_open<'a, T>(
    all: &'a [T],
    route: impl Fn(&'a T) -> Route<'a>,
    verb: &str,
    path: &str,
) -> Option<&'a T> {
    let is_open = |it: Route<'_>| it.authorization == Some(&AuthorizationType::None);
    let closed = all.iter().map(&route);
    let closed = closed.filter(|it| it.authorization.is_some() && !is_open(*it));
    let closed: Vec<&str> = closed
        .filter(|it| takes_all((it.verb, it.path), verb, path))
        .map(|it| it.path)
        .collect();
    all.iter().find(|it| {
        let open = route(it);
        let place = (open.verb, open.path);
        is_open(open)
            && takes(place, verb, path)
            && !closed.iter().any(|it| is_narrower(it, open.path))
    })
}

/// A method of the canary that is open, by its deployment or as it is inferred, and may answer requests that the canary
/// has no method for.
pub(in crate::audit) fn open_at_the_canary<'a>(
    served: &ServedMethods<'a>,
    verb: &str,
    path: &str,
) -> Option<ServedMethod<'a>> {
    // Most stages have none, and a method is looked up among all.
    served.canary?;
    let mut methods = served.iter().filter(|it| it.is_served());
    let open = methods.find(|it| {
        let canary = it.canary.filter(|snapshot| snapshot.verb == it.verb);
        canary.is_some_and(|it| it.is(&AuthorizationType::None))
            && takes((it.verb, it.path), verb, path)
    });
    open.copied()
}

/// Whether another method may answer requests for this one.
fn takes((other, wider): (&str, &str), verb: &str, path: &str) -> bool {
    (other == verb || other == ANY || verb == ANY) && wider != path && may_answer(wider, path)
}

/// Whether another method takes every request for this one, where no other is before it.
fn takes_all((other, wider): (&str, &str), verb: &str, path: &str) -> bool {
    (other == verb || other == ANY) && wider != path && covers(wider, path)
}

fn is_greedy(segment: &str) -> bool {
    segment.starts_with('{') && segment.ends_with("+}")
}

fn is_parameter(segment: &str) -> bool {
    segment.starts_with('{')
}

/// Whether every request for one path template is also one for another, wider one.
fn covers(wider: &str, path: &str) -> bool {
    if !wider.starts_with('/') || !path.starts_with('/') {
        return !wider.starts_with('/');
    }
    let mut segments = path.split('/');
    for wider in wider.split('/') {
        match segments.next() {
            None => return false,
            Some(_) if is_greedy(wider) => return true,
            Some(own) if is_greedy(own) => return false,
            Some(own) if wider == own || is_parameter(wider) => {}
            Some(_) => return false,
        }
    }
    segments.next().is_none()
}

/// Whether some request for one path template is also one for another, wider one.
fn may_answer(wider: &str, path: &str) -> bool {
    // A route without a path, `$default`, takes whatever is left.
    if !wider.starts_with('/') {
        return true;
    }
    let mut segments = path.split('/');
    for wider in wider.split('/') {
        match segments.next() {
            None => return false,
            Some(own) if is_greedy(wider) || is_greedy(own) => return true,
            Some(own) if wider == own || wider.starts_with('{') || own.starts_with('{') => {}
            Some(_) => return false,
        }
    }
    segments.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wider_template_may_answer() {
        for (wider, path, expected) in [
            ("/{proxy+}", "/admin", true),
            ("/{proxy+}", "/a/b/c", true),
            ("/u/{id}", "/u/admin", true),
            ("/u/{id}", "/u/{name}", true),
            ("/u/me", "/u/{id}", true),
            ("$default", "/admin", true),
            ("/u/{id}", "/u", false),
            ("/u/{id}", "/u/a/b", false),
            ("/u/{proxy+}", "/v/a", false),
            ("/admin", "/pets", false),
            ("/{a}/{b}", "/{proxy+}", true),
        ] {
            assert_eq!(may_answer(wider, path), expected, "{wider} {path}");
        }
    }

    #[test]
    fn a_closed_route_takes_all_where_every_request_is_one_of_its_own() {
        for (wider, path, expected) in [
            ("/a/{proxy+}", "/a/b", true),
            ("/a/{id}", "/a/b", true),
            ("/a/{id}", "/a/{name}", true),
            ("/a/{proxy+}", "/a/{id}/c", true),
            ("/{proxy+}", "/{all+}", true),
            ("$default", "/a", true),
            ("/a/b", "/a/{id}", false),
            ("/a/{id}", "/a/{proxy+}", false),
            ("/a/{proxy+}", "/a", false),
            ("/a/{id}", "/a/b/c", false),
            ("/{proxy+}", "$default", false),
        ] {
            assert_eq!(covers(wider, path), expected, "{wider} {path}");
        }
    }

    #[test]
    fn an_open_route_behind_a_closed_one_gets_nothing() {
        let method = |path: &str, kind: Option<AuthorizationType>| DeployedMethod {
            verb: ANY.into(),
            path: path.into(),
            route_key: None,
            authorization: kind,
            api_key_required: false,
            integration: None,
        };
        let is_left = |path: &str, kind| {
            let open = method("/{proxy+}", Some(AuthorizationType::None));
            let served = [open, method(path, kind)];
            open_method(&served, "GET", "/a/b").is_some()
        };
        let iam = || Some(AuthorizationType::AwsIam);
        for (path, kind, expected) in [
            ("/a/{proxy+}", iam(), false),
            ("/a/{id}", iam(), false),
            // What is not told may be open as well.
            ("/a/{proxy+}", None, true),
            ("/c/{proxy+}", iam(), true),
            // Nobody knows which of the two is before the other.
            ("/{all+}", iam(), true),
        ] {
            assert_eq!(is_left(path, kind), expected, "{path}");
        }
    }
}
