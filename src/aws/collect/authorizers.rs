//! The authorizers behind the routes of an HTTP or WebSocket API.
//!
//! Their names are evidence for whoever reads a finding and decide nothing, so they are asked for only where the routes do not
//! tell enough: a JWT authorizer is one by the type of its route, and what an earlier run was told holds still.

use std::collections::BTreeSet;

use super::control_plane::ControlPlane;
use crate::aws::client::{Failure, failure, given, pages};
use crate::inventory::{Api, AuthorizationType, Authorizer, DraftMethod};

/// The authorizers that an API's routes name, as far as they are known. One request for each page, where a route names one
/// that is not: neither by the route's type nor by what an earlier run read.
///
/// # Errors
/// Where they had to be asked for and could not be read.
pub(super) async fn of_routes(
    plane: &ControlPlane<'_>,
    api: &Api,
) -> Result<Vec<Authorizer>, Failure> {
    let routes = api.draft.as_deref().unwrap_or_default();
    let named: BTreeSet<&str> = routes.iter().filter_map(authorizer_id).collect();
    let mut known = plane.known.authorizers(&api.id);
    known.retain(|it| named.contains(it.id.as_str()));
    let is_told = |route: &DraftMethod| {
        authorizer_id(route).is_none_or(|id| known.iter().any(|it| it.id == id))
            || route.authorization == Some(AuthorizationType::Jwt)
    };
    if routes.iter().all(is_told) {
        return Ok(known);
    }
    list(plane, &api.id).await
}

fn authorizer_id(route: &DraftMethod) -> Option<&str> {
    route.authorizer_id.as_deref()
}

async fn list(plane: &ControlPlane<'_>, api: &str) -> Result<Vec<Authorizer>, Failure> {
    const OPERATION: &str = "apigateway:GetAuthorizers";
    let page = async |token| {
        plane.pace.request().await;
        let request = plane.http.get_authorizers().api_id(api);
        let answer = request
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| failure(OPERATION, error))?;
        Ok((answer.items, answer.next_token))
    };
    let authorizers = pages(OPERATION, page).await?.into_iter().map(|it| {
        let kind = it.authorizer_type;
        Ok(Authorizer {
            id: given(it.authorizer_id).ok_or_else(|| {
                Failure::malformed(OPERATION, "the answer names an authorizer without an id")
            })?,
            name: it.name.unwrap_or_default(),
            kind: kind.map_or(String::new(), |kind| kind.as_str().to_owned()),
        })
    });
    authorizers.collect()
}
