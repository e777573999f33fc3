//! The route that answers once a method is gone.
//!
//! API Gateway sends a request to the most specific route that there is. Where a method is taken out of the draft, the
//! next deployment may leave its requests to a wider one: `ANY /{proxy+}`, `GET /users/{id}`, `$default`.
//!
//! Source: [routing of HTTP APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html#http-api-develop-routes.evaluation)
//! and [proxy resources](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-set-up-simple-proxy.html).

use crate::inventory::served::{ServedMethod, ServedMethods, Snapshot};
use crate::inventory::{ANY, Api, ApiKind, AuthorizationType, DeployedMethod, DraftMethod};

/// A route of the draft that is open and may answer requests of a method that the draft no longer has. It may be
/// that another route, which is not open, answers before it: that is not looked at.
pub(in crate::audit) fn open_route<'a>(
    api: &'a Api,
    verb: &str,
    path: &str,
) -> Option<&'a DraftMethod> {
    if api.kind == ApiKind::WebSocket {
        return None;
    }
    let mut drafted = api.draft.iter().flatten();
    drafted.find(|it| {
        it.authorization == Some(AuthorizationType::None) && takes((&it.verb, &it.path), verb, path)
    })
}

/// The same of a deployment that does not have the method: an open one of it that may answer.
pub(in crate::audit) fn open_method<'a>(
    served: &'a [DeployedMethod],
    verb: &str,
    path: &str,
) -> Option<&'a DeployedMethod> {
    served.iter().find(|it| {
        it.authorization == Some(AuthorizationType::None) && takes((&it.verb, &it.path), verb, path)
    })
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
    open.copied().collect()
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

/// Whether some request for one path template is also one for another, wider one.
fn may_answer(wider: &str, path: &str) -> bool {
    // A route without a path, `$default`, takes whatever is left.
    if !wider.starts_with('/') {
        return true;
    }
    let mut segments = path.split('/');
    for wider in wider.split('/') {
        let is_greedy = |it: &str| it.starts_with('{') && it.ends_with("+}");
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
}
