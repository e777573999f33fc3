//! One Region's control plane.

use super::Clients;
use super::pace::Pace;

/// One Region's control plane, in both families of operations, and how fast it is asked: the two share
/// the account's limit.
pub(super) struct Source {
    pub(super) region: String,
    pub(super) rest: aws_sdk_apigateway::Client,
    pub(super) http: aws_sdk_apigatewayv2::Client,
    pub(super) pace: Pace,
}

impl Source {
    pub(super) fn new(clients: &Clients, region: &str) -> Self {
        Source {
            region: region.to_owned(),
            rest: clients.api_gateway(region),
            http: clients.api_gateway_v2(region),
            pace: Pace::new(),
        }
    }
}
