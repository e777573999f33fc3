//! What one deployment froze, or would: for whoever deploys.

use aws_sdk_apigateway::Client;

use super::{rest, routes};
use crate::aws::client::{Failure, Pace};
use crate::inventory::{ApiKind, DeployedMethod, DraftMethod};

/// The methods that a deployment of a REST API froze. Empty: it was not told.
pub(in crate::aws) async fn frozen_by(
    client: &Client,
    api: &str,
    deployment: &str,
) -> Result<Vec<DeployedMethod>, Failure> {
    let deployment = rest::one_deployment(client, api, deployment).await?;
    Ok(deployment.methods.unwrap_or_default())
}

/// The routes of an HTTP API as they are now, which its next deployment freezes.
pub(in crate::aws) async fn routed(
    client: &aws_sdk_apigatewayv2::Client,
    api: (&str, ApiKind),
    pace: &Pace,
) -> Result<Vec<DraftMethod>, Failure> {
    routes::of_api(client, pace, api).await
}
