//! Where it is tried.

use crate::aws::client::Pace;

/// How many APIs of a family, and how many names, are tried in a Region.
pub(super) const MOST: usize = 3;

/// One Region's control plane, and how fast it is asked.
pub(super) struct Plane<'a> {
    pub(super) region: &'a str,
    pub(super) rest: aws_sdk_apigateway::Client,
    pub(super) http: aws_sdk_apigatewayv2::Client,
    pub(super) pace: Pace,
}
