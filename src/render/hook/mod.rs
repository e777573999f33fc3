//! What a CloudFormation Hook is answered.
//!
//! Sources: [functions for Lambda Hooks](https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/lambda-hooks-create-lambda-function.html),
//! [Annotation](https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Annotation.html).

mod annotation;
mod message;
mod metrics;
mod result;

use serde::Serialize;

pub use annotation::HookAnnotation;
pub use metrics::{HookMetrics, hook_metrics};
pub use result::{HookResult, HookStatus};

/// The answer to a hook.
///
/// ```
/// use gatewatch::render::{HookResult, HookStatus, hook_answer};
///
/// let answer = hook_answer(HookStatus::InternalFailure, HookResult::NotJudged("no network"), Some("token"), false);
/// assert_eq!(answer.hook_status, "FAILED");
/// assert_eq!(answer.error_code, Some("InternalFailure"));
/// assert_eq!(answer.message, "gatewatch could not judge this: no network");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HookAnswer {
    /// `SUCCESS` or `FAILED`.
    pub hook_status: &'static str,
    /// `NonCompliant` or `InternalFailure`. `None`: it did not fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<&'static str>,
    /// Why, for whoever started the operation.
    pub message: String,
    /// The token of the event. `None`: it had none.
    pub client_request_token: Option<String>,
    /// The same by rule, as `GetHookResult` tells it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub annotations: Vec<HookAnnotation>,
}

/// The answer to a hook. `token`: that of the event. `cloud_control`: whether the caller is the Cloud Control API, which
/// shows less of a message.
pub fn hook_answer(
    status: HookStatus,
    result: HookResult<'_>,
    token: Option<&str>,
    cloud_control: bool,
) -> HookAnswer {
    let (hook_status, error_code) = match status {
        HookStatus::Success => ("SUCCESS", None),
        HookStatus::NonCompliant => ("FAILED", Some("NonCompliant")),
        HookStatus::InternalFailure => ("FAILED", Some("InternalFailure")),
    };
    HookAnswer {
        hook_status,
        error_code,
        message: message::message(status, result, message::limit(cloud_control)),
        client_request_token: token.map(str::to_owned),
        annotations: annotation::annotations(result),
    }
}
