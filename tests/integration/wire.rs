//! Collection held against AWS's own wire format: what no emulator shows.
//!
//! Each folder of `tests/wire` has the exchanges that must take place, all of them and no other, and the
//! inventory that they must give. Shapes are those of AWS's API reference; where a folder has a `note.md`, those of the
//! recorded answers that it names. With a `scan.json`, another Region's STS is asked first, or the account of a member of
//! the organization is read.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_smithy_http_client::test_util::infallible_client_fn;
use aws_smithy_types::body::SdkBody;
use gatewatch::aws::client::{Clients, Failure, Identity, MemberRole};
use gatewatch::aws::collect::{self, Reading};
use gatewatch::inventory::Scope;
use http::{Request, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::blessed::{assert_blessed, folders};
use crate::support::package;

/// The Region that is read, and whose STS is asked where nothing else is said.
const HOME: &str = "eu-west-1";

/// One request and its reply. Requests of the same form are answered in the order of the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exchange {
    /// `GET /path?query`, or for IAM, STS and SNS the action with the parameters that matter, and for STS of another
    /// Region than eu-west-1 its host.
    request: String,
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// The body, as JSON or as the lines of a text.
    reply: Value,
    /// How often it is asked and answered so.
    #[serde(default = "once")]
    times: usize,
}

fn ok() -> u16 {
    200
}

fn once() -> usize {
    1
}

/// Where a scan begins, and whose account it reads.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scan {
    /// The Region whose STS is asked.
    region: String,
    /// The account that a role leads to.
    member: Option<String>,
}

impl Scan {
    fn read(folder: &Path) -> Self {
        match fs::read_to_string(folder.join("scan.json")) {
            Ok(text) => serde_json::from_str(&text)
                .unwrap_or_else(|error| panic!("{}: {error}", folder.display())),
            Err(_) => Scan {
                region: HOME.to_owned(),
                member: None,
            },
        }
    }

    /// Whose clients read the account, and who they are there.
    async fn enter(&self, clients: Clients) -> Result<(Clients, Identity), Failure> {
        let identity = clients.identity().await?;
        let Some(member) = &self.member else {
            return Ok((clients, identity));
        };
        let role = MemberRole {
            name: "gatewatch-member".to_owned(),
            external_id: Some("secret".to_owned()),
        };
        clients.in_account(&identity, member, &role).await
    }
}

/// A reply: its status, headers and body.
type Reply = (u16, BTreeMap<String, String>, String);

/// A script of exchanges, and the requests that were not in it.
#[derive(Debug, Default)]
pub(crate) struct Script {
    replies: BTreeMap<String, VecDeque<Reply>>,
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
            let reply = (exchange.status, exchange.headers, body);
            replies.extend(std::iter::repeat_n(reply, exchange.times));
        }
        script
    }

    fn reply(&mut self, request: &Request<SdkBody>) -> Response<SdkBody> {
        let form = form(request);
        let replies = self.replies.get_mut(&form).and_then(VecDeque::pop_front);
        let (status, headers, body) = replies.unwrap_or_else(|| {
            self.unexpected.push(form);
            let body = json!({"message": "not in the script"});
            (400, BTreeMap::new(), body.to_string())
        });
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(name, value);
        }
        response.body(SdkBody::from(body)).unwrap()
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
    let telling = ["Marker", "PolicyArn", "VersionId", "RoleArn", "ExternalId"];
    let mut words = vec![parameters["Action"].to_owned()];
    for name in telling {
        words.extend(parameters.get(name).map(|value| format!("{name}={value}")));
    }
    let host = request.uri().host().unwrap_or_default();
    if host.starts_with("sts.") && host != format!("sts.{HOME}.amazonaws.com") {
        words.push(format!("at {host}"));
    }
    words.join(" ")
}

/// Clients that are answered by a script.
pub(crate) async fn clients(script: Arc<Mutex<Script>>) -> Clients {
    clients_in(HOME, script).await
}

async fn clients_in(region: &str, script: Arc<Mutex<Script>>) -> Clients {
    let http = infallible_client_fn(move |request| script.lock().unwrap().reply(&request));
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .region(Region::new(region.to_owned()))
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
        let scan = Scan::read(&folder);
        let clients = clients_in(&scan.region, Arc::clone(&script)).await;
        let scope = Scope::new(vec![HOME.to_owned()], Vec::new());
        let now = "2026-06-15T06:00:00Z".parse().unwrap();
        let actual = match scan.enter(clients).await {
            Ok((clients, identity)) => {
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
