//! The ids of APIs, by themselves and in ARNs.

use crate::iam::document::Arn;

/// Whether a text can be an API's id. One that cannot must not reach the scope of a scan: names are met
/// there, too.
pub(super) fn is_api_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The API's id in an ARN such as `arn:aws:apigateway:eu-west-1::/restapis/a1b2c3d4e5/stages/prod`.
///
/// Source: [ARNs of API Gateway](https://docs.aws.amazon.com/apigateway/latest/developerguide/arn-format-reference.html).
pub(super) fn api_of_arn(text: &str) -> Option<&str> {
    let arn = Arn::read(text).filter(|it| it.service == "apigateway")?;
    let mut steps = arn.resource.trim_start_matches('/').split('/');
    match steps.next() {
        Some("restapis" | "apis") => steps.next().filter(|id| is_api_id(id)),
        _ => None,
    }
}
