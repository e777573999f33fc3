//! Collection held against AWS's own wire format: what no emulator shows.
//!
//! Each folder of `tests/wire` has the exchanges that must take place, all of them and no other, and the
//! inventory that they must give. Shapes are those of AWS's API reference.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_smithy_http_client::test_util::infallible_client_fn;
use aws_smithy_types::body::SdkBody;
use gatewatch::aws::client::Clients;
use gatewatch::aws::collect::{self, Reading};
use gatewatch::inventory::Scope;
use http::{Request, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::blessed::{assert_blessed, folders};
use crate::support::package;

/// One request and its reply. Requests of the same form are answered in the order of the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exchange {
    /// `GET /path?query`, or for IAM, STS and SNS the action with the parameters that matter.
    request: String,
    #[serde(default = "ok")]
    status: u16,
    /// The body, as JSON or as the lines of a text.
    reply: Value,
}

fn ok() -> u16 {
    200
}

/// A script of exchanges, and the requests that were not in it.
#[derive(Debug, Default)]
pub(crate) struct Script {
    replies: BTreeMap<String, VecDeque<(u16, String)>>,
    unexpected: Vec<String>,
}

impl Script {
    pub(crate) fn read(folder: &Path) -> Self {
        let text = fs::read_to_string(folder.join("exchange.json")).unwrap();
        let exchanges: Vec<Exchange> = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut script = Script::default();
        for exchange in exchanges {
            let body = match exchange.reply {
                Value::Array(lines) => lines.iter().map(|line| line.as_str().unwrap()).collect(),
                body => body.to_string(),
            };
            let replies = script.replies.entry(exchange.request).or_default();
            replies.push_back((exchange.status, body));
        }
        script
    }

    fn reply(&mut self, request: &Request<SdkBody>) -> Response<SdkBody> {
        let form = form(request);
        let replies = self.replies.get_mut(&form).and_then(VecDeque::pop_front);
        let (status, body) = replies.unwrap_or_else(|| {
            self.unexpected.push(form);
            (400, json!({"message": "not in the script"}).to_string())
        });
        Response::builder()
            .status(status)
            .body(SdkBody::from(body))
            .unwrap()
    }

    /// What was asked too often, and what was not asked.
    pub(crate) fn leftovers(&self) -> Vec<String> {
        let unasked = self
            .replies
            .iter()
            .filter(|(_, replies)| !replies.is_empty());
        let unasked =
            unasked.map(|(form, replies)| format!("not asked {}x: {form}", replies.len()));
        unasked
            .chain(
                self.unexpected
                    .iter()
                    .map(|form| format!("unexpected: {form}")),
            )
            .collect()
    }
}

/// A request in the words of the script.
fn form(request: &Request<SdkBody>) -> String {
    let body = std::str::from_utf8(request.body().bytes().unwrap_or_default()).unwrap();
    if body.is_empty() {
        let uri = request.uri();
        let mut query: Vec<&str> = uri.query().unwrap_or_default().split('&').collect();
        query.sort_unstable();
        let target = [uri.path(), &query.join("&")].join("?");
        return format!("{} {}", request.method(), target.trim_end_matches('?'));
    }
    let parameters: BTreeMap<&str, &str> = body
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .collect();
    let telling = ["Marker", "PolicyArn", "VersionId"];
    let mut words = vec![parameters["Action"].to_owned()];
    for name in telling {
        words.extend(parameters.get(name).map(|value| format!("{name}={value}")));
    }
    words.join(" ")
}

/// Clients that are answered by a script.
pub(crate) async fn clients(script: Arc<Mutex<Script>>) -> Clients {
    let http = infallible_client_fn(move |request| script.lock().unwrap().reply(&request));
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("AKIDEXAMPLE", "fake", None, None, "test"))
        .load()
        .await;
    Clients::new(config)
}

// The clock is the test's: waits between attempts take no time.
#[tokio::test(start_paused = true)]
async fn every_exchange_takes_place_and_gives_the_inventory() {
    for folder in folders(&package("tests/wire")) {
        let script = Arc::new(Mutex::new(Script::read(&folder)));
        let clients = clients(Arc::clone(&script)).await;
        let scope = Scope::new(vec!["eu-west-1".to_owned()], Vec::new());
        let now = "2026-06-15T06:00:00Z".parse().unwrap();
        let actual = match clients.identity().await {
            Ok(identity) => {
                let reading = Reading::default();
                let inventory =
                    collect::inventory_of(&clients, identity, scope, &reading, now).await;
                serde_json::to_value(&inventory).unwrap()
            }
            Err(failure) => json!({"failure": failure.to_string()}),
        };
        let leftovers = script.lock().unwrap().leftovers();
        assert_eq!(leftovers, Vec::<String>::new(), "{}", folder.display());
        assert_blessed(&folder.join("expected.json"), &actual);
    }
}
