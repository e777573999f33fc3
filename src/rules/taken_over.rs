//! The route that answers once a method is gone.
//!
//! API Gateway sends a request to the most specific route that there is. Where a method is taken out of the draft, the
//! next deployment may leave its requests to a wider one: `ANY /{proxy+}`, `GET /users/{id}`, `$default`.
//!
//! Source: [routing of HTTP APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html#http-api-develop-routes.evaluation)
//! and [proxy resources](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-set-up-simple-proxy.html).

use crate::model::{Api, ApiKind, AuthorizationType, DraftMethod};

/// A route of the draft that is open and may answer requests of a method that the draft no longer has. It may be
/// that another route, which is not open, answers before it: that is not looked at.
pub(super) fn open_route<'a>(api: &'a Api, verb: &str, path: &str) -> Option<&'a DraftMethod> {
    if api.kind == ApiKind::WebSocket {
        return None;
    }
    let mut drafted = api.draft.iter().flatten();
    drafted.find(|it| {
        it.authorization == Some(AuthorizationType::None)
            && (it.verb == verb || it.verb == "ANY" || verb == "ANY")
            && it.path != path
            && may_answer(&it.path, path)
    })
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
