//! Why a call failed, in words that do not depend on the SDK.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};

use crate::inventory::{Gap, GapKind, KEYS_UNKNOWN, Reason, SESSION_EXPIRED};
use crate::ledger::organization::NotRead;

/// A call that failed, after the last attempt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{operation}: {reason}: {message}")]
pub struct Failure {
    /// The call, as IAM names its action, such as `apigateway:GetStages`.
    pub operation: &'static str,
    /// Why, for programs.
    pub reason: Reason,
    /// Why, for people.
    pub message: String,
}

impl Failure {
    /// An answer that could not be read, or is not what the service documents.
    pub(in crate::aws) fn malformed(operation: &'static str, message: impl Into<String>) -> Self {
        Failure {
            operation,
            reason: Reason::Malformed,
            message: message.into(),
        }
    }

    /// Whether the credentials were good once, and whoever they belong to has to log in again.
    ///
    /// Source: the codes of [common errors](https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html), and
    /// the words of the SDK about tokens of IAM Identity Center.
    pub fn is_expired_session(&self) -> bool {
        let known = [
            "ExpiredToken",
            "SSO token has expired",
            "failed to load the cached SSO token",
            "Session token not found or invalid",
        ];
        known.iter().any(|it| self.message.contains(it))
    }

    /// Whether the access key is known to nobody in this Region: it is no key, or the account has not enabled the Region.
    pub(super) fn is_unknown_key(&self) -> bool {
        let codes = ["InvalidClientTokenId", "UnrecognizedClientException"];
        codes.iter().any(|it| self.message.starts_with(it))
    }

    /// Whether it is a policy that denies the call, and not credentials that are refused for what they are.
    pub(in crate::aws) fn is_denial(&self) -> bool {
        let denials = ["AccessDenied", "AuthorizationError"];
        self.reason == Reason::AccessDenied && denials.iter().any(|it| self.message.starts_with(it))
    }

    /// The gap that this failure leaves, without its place.
    pub(in crate::aws) fn gap(self, kind: GapKind) -> Gap {
        Gap {
            kind,
            region: None,
            api: None,
            stage: None,
            subject: None,
            operation: Some(self.operation.to_owned()),
            reason: self.reason,
            message: format!("{} failed: {}", self.operation, self.message),
        }
    }
}

/// An account of which this failure leaves nothing to be read.
impl From<Failure> for NotRead {
    fn from(failure: Failure) -> Self {
        NotRead {
            reason: failure.reason,
            message: failure.to_string(),
        }
    }
}

/// Translates an error of the SDK.
pub(crate) fn failure<E>(operation: &'static str, error: SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let reason = match &error {
        error if lacks_credentials(error) => Reason::NoCredentials,
        SdkError::TimeoutError(_) => Reason::Timeout,
        SdkError::DispatchFailure(failure) if failure.is_timeout() => Reason::Timeout,
        SdkError::DispatchFailure(_) => Reason::Unreachable,
        SdkError::ServiceError(answer) if answer.raw().status().is_success() => Reason::Malformed,
        SdkError::ServiceError(answer) => {
            service_reason(answer.err().code(), answer.raw().status().as_u16())
        }
        _ => Reason::Malformed,
    };
    let message = match &error {
        SdkError::ServiceError(answer) => match (answer.err().code(), answer.err().message()) {
            (Some(code), Some(message)) => format!("{code}: {message}"),
            (Some(code), None) => code.to_owned(),
            (None, _) => without_code(answer.raw().status().as_u16(), answer.err()),
        },
        other => chain(other),
    };
    let code = match &error {
        SdkError::ServiceError(answer) => answer.err().code().unwrap_or_default(),
        _ => "",
    };
    let failure = Failure {
        operation,
        reason,
        message,
    };
    match advice(&failure, code) {
        None => failure,
        Some(advice) => Failure {
            message: format!("{}; {advice}", failure.message.trim_end_matches('.')),
            ..failure
        },
    }
}

/// What to do, where the code of an error tells what is wrong and its text does not say what to do about it.
///
/// Sources: the common errors of [STS](https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html) and of
/// [API Gateway](https://docs.aws.amazon.com/apigateway/latest/api/CommonErrors.html), and
/// [Regions and STS](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html).
fn advice(failure: &Failure, code: &str) -> Option<String> {
    let of_gateway = failure.operation.starts_with("apigateway:");
    Some(match code {
        _ if failure.is_expired_session() => format!(
            "{SESSION_EXPIRED}: log in again (with IAM Identity Center by `aws sso login`), or set new keys, and \
             start the run again"
        ),
        "UnrecognizedClientException" | "InvalidClientTokenId" | "InvalidAccessKeyId" => format!(
            "{KEYS_UNKNOWN}: the Region is not enabled for the account (enable it, or leave it out), or the keys \
             were deleted"
        ),
        "RegionDisabledException" => {
            "the account does not let STS answer in this Region: activate STS there (IAM, account settings), or leave \
             the Region out"
                .to_owned()
        }
        "UnauthorizedException" if of_gateway => {
            "this is how API Gateway denies access: allow the call (`apigateway:GET`; of routing rules \
             `apigateway:ListRoutingRules`), and look for a service control policy that denies it"
                .to_owned()
        }
        _ if failure.reason == Reason::Throttled && of_gateway => {
            "others use up the limit of the account and Region: run it again later, or with fewer requests a second \
             (`--requests-per-second`, `GATEWATCH_REQUESTS_PER_SECOND`)"
                .to_owned()
        }
        _ if failure.reason == Reason::Throttled => "run it again later".to_owned(),
        _ => return None,
    })
}

/// The words for an answer without an error code: a page of a proxy, JSON of another form, or a success that does not
/// parse. The SDK's own words for it, *unhandled error*, say nothing.
fn without_code(status: u16, error: &(dyn Error + 'static)) -> String {
    let cause = error.source().unwrap_or(error);
    if (200..300).contains(&status) {
        return format!("the answer does not parse: {}", chain(cause));
    }
    let metadata = cause.downcast_ref::<ErrorMetadata>();
    let told = match metadata.and_then(ErrorMetadata::message) {
        Some(told) => format!(": {told}"),
        None => String::new(),
    };
    format!(
        "HTTP status {status} without an error code of AWS, so that a proxy on the way may have answered{told}"
    )
}

fn lacks_credentials(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|cause| cause.is::<CredentialsError>())
}

fn service_reason(code: Option<&str>, status: u16) -> Reason {
    let code = code.unwrap_or_default();
    let has = |parts: &[&str]| parts.iter().any(|part| code.contains(part));
    if has(&["Throttl", "TooManyRequests", "RequestLimitExceeded"]) || status == 429 {
        Reason::Throttled
    } else if has(&["NotFound", "NoSuchEntity"]) || status == 404 {
        Reason::NotFound
    } else if has(&[
        "AccessDenied",
        "AuthorizationError",
        "Unauthorized",
        "Token",
        "Signature",
    ]) || matches!(status, 401 | 403)
    {
        Reason::AccessDenied
    } else {
        Reason::ServiceError
    }
}

/// The causes of an error in one line, the error itself first.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut parts: Vec<String> = causes(error).map(ToString::to_string).collect();
    parts.dedup();
    parts.join(": ")
}

/// An error with its causes, in one text.
pub fn in_full(error: &(dyn Error + 'static)) -> String {
    let causes: Vec<String> = causes(error).map(ToString::to_string).collect();
    causes.join(": ")
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}
