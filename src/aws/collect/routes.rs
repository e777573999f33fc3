//! The routes of an HTTP or WebSocket API.

use aws_sdk_apigatewayv2::Client;
use aws_sdk_apigatewayv2::types::Route;

use super::control_plane::ControlPlane;
use super::export;
use crate::aws::client::{Failure, Pace, failure, given, pages};
use crate::inventory::{Api, ApiKind, AuthorizationType, DraftMethod, Pool, without_slack};

/// The only route of a WebSocket API that carries authorization.
const CONNECT: &str = "$connect";

const OPERATION: &str = "apigateway:GetRoutes";

/// Reads the routes, as the methods that they make.
pub(super) async fn list(plane: &ControlPlane<'_>, api: &Api) -> Result<Vec<DraftMethod>, Failure> {
    let routes = read(&plane.http, &plane.pace, &api.id).await?;
    methods(routes, api.kind, &mut plane.texts())
}

/// The same, of an API that is known by its id.
pub(super) async fn of_api(
    client: &Client,
    pace: &Pace,
    (id, kind): (&str, ApiKind),
) -> Result<Vec<DraftMethod>, Failure> {
    let routes = read(client, pace, id).await?;
    methods(routes, kind, &mut Pool::default())
}

async fn read(client: &Client, pace: &Pace, id: &str) -> Result<Vec<Route>, Failure> {
    let page = async |token| {
        pace.request().await;
        let request = client.get_routes().api_id(id);
        let answer = request
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| failure(OPERATION, error))?;
        Ok((answer.items, answer.next_token))
    };
    pages(OPERATION, page).await
}

fn methods(
    routes: Vec<Route>,
    kind: ApiKind,
    texts: &mut Pool,
) -> Result<Vec<DraftMethod>, Failure> {
    let mut methods = Vec::new();
    let connects = routes
        .iter()
        .any(|route| route.route_key.as_deref() == Some(CONNECT));
    if kind == ApiKind::WebSocket && !routes.is_empty() && !connects {
        methods.push(unguarded_connect());
    }
    for route in routes {
        methods.extend(translate_route(kind, route, texts).ok_or_else(|| {
            Failure::malformed(OPERATION, "the answer names a route without its key or id")
        })?);
    }
    methods.sort_by(|one, other| (&one.path, &one.verb).cmp(&(&other.path, &other.verb)));
    Ok(without_slack(methods))
}

/// The method that stands for the `$connect` that a WebSocket API does not have. The route is optional; without it,
/// anyone can connect.
/// Source: [managing connections](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-route-keys-connect-disconnect.html).
fn unguarded_connect() -> DraftMethod {
    DraftMethod {
        verb: "ANY".into(),
        path: CONNECT.into(),
        route_key: Some(CONNECT.into()),
        // It has to be created first.
        resource_id: "ROUTE_ID".into(),
        authorization: Some(AuthorizationType::None),
        api_key_required: false,
        authorizer_id: None,
        integration: None,
    }
}

/// `None`: the route has no key or no id. Empty: it is a WebSocket route that carries no authorization.
fn translate_route(kind: ApiKind, route: Route, texts: &mut Pool) -> Option<Vec<DraftMethod>> {
    let key = given(route.route_key)?;
    let resource_id = given(route.route_id)?;
    if kind == ApiKind::WebSocket && key != CONNECT {
        return Some(Vec::new());
    }
    let (verb, path) = export::verb_and_path(&key);
    Some(vec![DraftMethod {
        verb: texts.text(verb),
        path: texts.text(path),
        route_key: Some(texts.text(&key)),
        resource_id: texts.text(&resource_id),
        authorization: route
            .authorization_type
            .map(|kind| AuthorizationType::from(kind.as_str())),
        api_key_required: route.api_key_required.unwrap_or(false),
        authorizer_id: route.authorizer_id.map(|id| texts.text(&id)),
        // An HTTP API has no MOCK: where there is a target, something answers.
        integration: given(route.target).map(|target| texts.text(&target)),
    }])
}
