//! Evaluations for a custom rule of AWS Config.

use aws_sdk_config::Client;
use aws_sdk_config::error::BuildError;
use aws_sdk_config::types;
use aws_smithy_types::DateTime;
use jiff::Timestamp;

use crate::aws::client::{Clients, Failure, failure};
use crate::render::{ConfigAsk, Evaluation};

/// The most evaluations of one call.
///
/// Source: [PutEvaluations](https://docs.aws.amazon.com/config/latest/APIReference/API_PutEvaluations.html).
const BATCH: usize = 100;

/// Why AWS Config was not told.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Config refused the call, or could not be reached.
    #[error("the evaluations were not put into AWS Config")]
    Refused(#[source] Failure),
    /// Config took the call, and twice did not take some of the evaluations.
    #[error("AWS Config did not take {count} of the evaluations, that of {first} among them")]
    NotTaken {
        /// How many.
        count: usize,
        /// The type and the id of the first one's resource.
        first: String,
    },
    /// An evaluation could not be made. This does not happen with an [`Evaluation`].
    #[error("an evaluation could not be made")]
    Unsound(#[from] BuildError),
}

/// Answers a custom rule of AWS Config. Without an evaluation there is no call.
///
/// What Config does not take of an answer is put once more. In test mode, it keeps nothing.
///
/// # Errors
/// [`ConfigError`], where Config did not take everything. What it took before stays.
pub async fn put_evaluations(
    clients: &Clients,
    ask: &ConfigAsk,
    evaluations: &[Evaluation],
) -> Result<(), ConfigError> {
    let client = clients.config_rules();
    let mut lost = Vec::new();
    for batch in evaluations.chunks(BATCH) {
        let batch: Result<Vec<_>, _> = batch.iter().map(translated).collect();
        let failed = put(&client, &ask.result_token, ask.test_mode, batch?).await;
        let failed = failed.map_err(ConfigError::Refused)?;
        if !failed.is_empty() {
            // They come back as they were sent.
            let again = put(&client, &ask.result_token, ask.test_mode, failed).await;
            lost.extend(again.map_err(ConfigError::Refused)?);
        }
    }
    match lost.first() {
        None => Ok(()),
        Some(first) => Err(ConfigError::NotTaken {
            count: lost.len(),
            first: format!(
                "{} {}",
                first.compliance_resource_type, first.compliance_resource_id
            ),
        }),
    }
}

/// Puts one evaluation of an account in test mode: Config checks the call and keeps nothing of it, and any token will do.
///
/// # Errors
/// Where Config refuses the call, does not take the evaluation, or cannot be reached.
///
/// Source: [PutEvaluations](https://docs.aws.amazon.com/config/latest/APIReference/API_PutEvaluations.html).
pub async fn try_evaluation(
    clients: &Clients,
    account: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    let evaluation = Evaluation {
        resource_type: "AWS::::Account".to_owned(),
        resource_id: account.to_owned(),
        compliant: None,
        annotation: "a checkup of gatewatch".to_owned(),
        ordering: now,
    };
    let evaluation = translated(&evaluation);
    let evaluation =
        evaluation.map_err(|error| Failure::malformed(OPERATION, error.to_string()))?;
    let lost = put(&clients.config_rules(), "checkup", true, vec![evaluation]).await?;
    match lost.is_empty() {
        true => Ok(()),
        false => Err(Failure::malformed(
            OPERATION,
            "it did not take the evaluation",
        )),
    }
}

const OPERATION: &str = "config:PutEvaluations";

/// Puts one batch. Returns what was not taken.
async fn put(
    client: &Client,
    token: &str,
    test_mode: bool,
    batch: Vec<types::Evaluation>,
) -> Result<Vec<types::Evaluation>, Failure> {
    let answer = client
        .put_evaluations()
        .set_evaluations(Some(batch))
        .result_token(token)
        .test_mode(test_mode)
        .send()
        .await;
    let answer = answer.map_err(|error| failure(OPERATION, error))?;
    Ok(answer.failed_evaluations.unwrap_or_default())
}

fn translated(evaluation: &Evaluation) -> Result<types::Evaluation, BuildError> {
    let compliance = match evaluation.compliant {
        Some(true) => types::ComplianceType::Compliant,
        Some(false) => types::ComplianceType::NonCompliant,
        None => types::ComplianceType::NotApplicable,
    };
    // Config asks for at least one character.
    let annotation = Some(&evaluation.annotation).filter(|it| !it.is_empty());
    types::Evaluation::builder()
        .compliance_resource_type(&evaluation.resource_type)
        .compliance_resource_id(&evaluation.resource_id)
        .compliance_type(compliance)
        .set_annotation(annotation.cloned())
        // Milliseconds, as in Config's events: it tells two changes within a second apart by them.
        .ordering_timestamp(DateTime::from_millis(evaluation.ordering.as_millisecond()))
        .build()
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use aws_config::{BehaviorVersion, Region};
    use aws_credential_types::Credentials;
    use aws_smithy_http_client::test_util::infallible_client_fn;
    use aws_smithy_types::body::SdkBody;
    use serde_json::{Value, json};

    use super::*;
    use crate::render::About;

    const FAKE: &str = "fake-result-token";

    /// Clients of a Config that does not take the first evaluation of the first `refusals` calls, and the
    /// calls.
    async fn refusing(refusals: usize) -> (Clients, Arc<Mutex<Vec<Value>>>) {
        let calls = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&calls);
        let refusals = Mutex::new(refusals);
        let http = infallible_client_fn(move |request: http::Request<SdkBody>| {
            let call: Value =
                serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap();
            let mut left = refusals.lock().unwrap();
            let reply = match *left {
                0 => json!({}),
                _ => json!({"FailedEvaluations": [call["Evaluations"][0]]}),
            };
            *left = left.saturating_sub(1);
            log.lock().unwrap().push(call);
            http::Response::builder()
                .status(200)
                .body(SdkBody::from(reply.to_string()))
                .unwrap()
        });
        let config = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http)
            .region(Region::new("eu-west-1"))
            .credentials_provider(Credentials::new("AKIDEXAMPLE", "fake", None, None, "test"))
            .load()
            .await;
        (Clients::new(config), calls)
    }

    fn ask() -> ConfigAsk {
        ConfigAsk {
            result_token: FAKE.to_owned(),
            test_mode: true,
            about: About::Everything,
            region: "eu-west-1".to_owned(),
            left_scope: false,
            ordering: "2026-11-22T08:16:04.043Z".parse().unwrap(),
        }
    }

    fn evaluations(count: usize) -> Vec<Evaluation> {
        let each = (0..count).map(|number| Evaluation {
            resource_type: "AWS::ApiGateway::RestApi".to_owned(),
            resource_id: format!("api{number}"),
            compliant: Some(false),
            annotation: "1 high".to_owned(),
            ordering: ask().ordering,
        });
        each.collect()
    }

    fn sizes(calls: &Mutex<Vec<Value>>) -> Vec<usize> {
        let calls = calls.lock().unwrap();
        let sizes = calls
            .iter()
            .map(|call| call["Evaluations"].as_array().unwrap().len());
        sizes.collect()
    }

    #[tokio::test]
    async fn an_answer_is_put_in_batches() {
        let (clients, calls) = refusing(0).await;
        let put = put_evaluations(&clients, &ask(), &evaluations(250)).await;
        put.unwrap();
        assert_eq!(sizes(&calls), [100, 100, 50]);
        let call = calls.lock().unwrap()[0].clone();
        assert_eq!(call["ResultToken"], FAKE);
        assert_eq!(call["TestMode"], true);
        let first = json!({
            "ComplianceResourceType": "AWS::ApiGateway::RestApi",
            "ComplianceResourceId": "api0",
            "ComplianceType": "NON_COMPLIANT",
            "Annotation": "1 high",
            "OrderingTimestamp": 1_795_335_364.043,
        });
        assert_eq!(call["Evaluations"][0], first);
    }

    #[tokio::test]
    async fn what_is_not_taken_is_put_once_more() {
        let (clients, calls) = refusing(1).await;
        put_evaluations(&clients, &ask(), &evaluations(3))
            .await
            .unwrap();
        assert_eq!(sizes(&calls), [3, 1]);

        let (clients, calls) = refusing(2).await;
        let error = put_evaluations(&clients, &ask(), &evaluations(3)).await;
        let error = error.unwrap_err().to_string();
        assert!(error.contains("1 of the evaluations"), "{error}");
        assert!(error.contains("AWS::ApiGateway::RestApi api0"), "{error}");
        assert_eq!(sizes(&calls), [3, 1]);
    }
}
