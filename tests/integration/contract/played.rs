//! An AWS that answers with what `tests/contract/variants.py` makes of botocore's service models.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_smithy_http_client::test_util::infallible_client_fn;
use aws_smithy_types::body::SdkBody;
use gatewatch::aws::client::Clients;
use http::{Request, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::digest::REGION;
use crate::support::package;
use crate::support::testbed::python;

/// An operation's answers.
#[derive(Debug, Deserialize)]
pub(super) struct Answers {
    /// What tells a request: the method and the path, a target, or the action of a form.
    request: String,
    /// Whether it is one that something is sent to.
    pub(super) sends: bool,
    whole: String,
    /// What one lacks, and its text.
    pub(super) variants: Vec<(String, String)>,
}

/// By operation.
pub(super) type Operations = BTreeMap<String, Answers>;

pub(super) fn operations() -> Operations {
    made(&[])
}

/// Those of an account and of a stack in order; variants of what only a checkup asks.
pub(super) fn operations_of_checkups() -> Operations {
    made(&["--checkups"])
}

fn made(arguments: &[&str]) -> Operations {
    let made = python()
        .arg(package("tests/contract/variants.py"))
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    serde_json::from_slice(&made.stdout).unwrap()
}

/// Whether a request is the one that this form tells.
fn is_it(request: &Request<SdkBody>, form: &str) -> bool {
    let body = std::str::from_utf8(request.body().bytes().unwrap_or_default()).unwrap();
    if form.starts_with("Action=") {
        return body.split('&').any(|it| it == form);
    }
    let Some((verb, template)) = form.split_once(' ') else {
        let target = request.headers().get("x-amz-target");
        return target.is_some_and(|it| it.to_str().unwrap() == form);
    };
    let asked: Vec<&str> = request.uri().path().split('/').collect();
    let known: Vec<&str> = template.split('/').collect();
    let same = |(asked, known): (&&str, &&str)| asked == known || known.starts_with('{');
    verb == request.method().as_str()
        && asked.len() == known.len()
        && asked.iter().zip(&known).all(same)
}

/// Clients that get the whole answers, but for one operation.
pub(super) async fn clients(
    operations: &Arc<Operations>,
    changed: Option<(String, String)>,
) -> Clients {
    noted(operations, changed, Arc::default()).await
}

/// The same, with what is sent. Without operations, each request is answered by an empty object.
pub(super) async fn noted(
    operations: &Arc<Operations>,
    changed: Option<(String, String)>,
    log: Arc<Mutex<Vec<Value>>>,
) -> Clients {
    let operations = Arc::clone(operations);
    let http = infallible_client_fn(move |request: Request<SdkBody>| {
        log.lock().unwrap().push(as_sent(&request));
        let found = operations
            .iter()
            .find(|(_, it)| is_it(&request, &it.request));
        let body = match (found, &changed) {
            (Some((operation, _)), Some((of, text))) if operation == of => text.clone(),
            (Some((_, it)), _) => it.whole.clone(),
            // Nobody has said how it is answered.
            (None, _) if operations.is_empty() => "{}".to_owned(),
            // A document of its author's, and not of the service's.
            (None, _) => {
                assert!(request.uri().path().contains("/exports/"), "{request:?}");
                EXPORT.to_owned()
            }
        };
        Response::builder().body(SdkBody::from(body)).unwrap()
    });
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .region(Region::new(REGION))
        .credentials_provider(Credentials::new("AKIDEXAMPLE", "fake", None, None, "test"));
    Clients::new(config.load().await)
}

fn as_sent(request: &Request<SdkBody>) -> Value {
    let text = |value: &http::HeaderValue| value.to_str().unwrap().to_owned();
    let headers = request.headers().iter();
    let headers: BTreeMap<&str, String> = headers
        .map(|(name, it)| (name.as_str(), text(it)))
        .collect();
    let body = request.body().bytes().unwrap_or_default();
    json!({
        "method": request.method().as_str(),
        "host": request.uri().host().unwrap(),
        "target": request.uri().path_and_query().unwrap().as_str(),
        "headers": headers,
        "body": std::str::from_utf8(body).unwrap(),
    })
}

const EXPORT: &str = r#"{"openapi": "3.0.1", "paths": {"/a": {"get": {"responses": {}}}}}"#;
