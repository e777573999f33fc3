//! What is asked for again beside what the SDK retries by itself.

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::orchestrator::OrchestratorError;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};

/// Retries a read whose answer broke off or does not parse: the SDK takes that for final.
#[derive(Debug)]
pub(super) struct RetryUnreadable;

impl ClassifyRetry for RetryUnreadable {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let failed = context
            .output_or_error()
            .is_some_and(|outcome| outcome.is_err());
        let answered = context
            .response()
            .is_some_and(|answer| answer.status().is_success());
        if failed && answered {
            RetryAction::transient_error()
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "retry answers that do not parse"
    }
}

/// Retries a publication that SNS throttled: its error code is not among those that the SDK knows.
#[derive(Debug)]
pub(super) struct RetryThrottledPublish;

impl ClassifyRetry for RetryThrottledPublish {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        use aws_sdk_sns::error::ProvideErrorMetadata as _;
        use aws_sdk_sns::operation::publish::PublishError;
        use aws_sdk_sns::operation::publish_batch::PublishBatchError;
        let error = context
            .output_or_error()
            .and_then(Result::err)
            .and_then(OrchestratorError::as_operation_error);
        let code = error.and_then(|error| {
            let one = error.downcast_ref().and_then(PublishError::code);
            one.or_else(|| error.downcast_ref().and_then(PublishBatchError::code))
        });
        match code {
            Some("Throttled") => RetryAction::throttling_error(),
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "retry throttled publications"
    }
}
