//! The answer to a CloudFormation Hook. It has settings of its own: its function reads no account and sends nothing.

use std::str::FromStr as _;
use std::time::Duration;

use gatewatch::audit::operation::Verdict;
use gatewatch::aws::client::Clients;
use gatewatch::aws::presigned::Fetcher;
use gatewatch::inventory::region_name;
use gatewatch::render::{HookAnswer, HookMetrics};
use gatewatch::run::events::HookAsk;
use gatewatch::run::hook::{Found, NotJudged, OnError, answer, judge};
use gatewatch::run::scan;
use jiff::Timestamp;
use tokio::sync::OnceCell;
use tokio::time::timeout;

use crate::clock::now;
use crate::environment::variable;
use crate::metrics;
use crate::settings::{PolicyFileSource, package};
use crate::variables::Variables;

/// How much of its time an answer keeps for itself: without one, CloudFormation waits, asks again, and tells nobody why.
const FOR_THE_ANSWER: Duration = Duration::from_secs(3);

/// What says what becomes of an operation that cannot be judged.
const ON_ERROR: &str = "GATEWATCH_HOOK_ON_ERROR";

/// What outlives an invocation: the certificates to trust take a while to be read.
#[derive(Debug, Default)]
pub(crate) struct Hook {
    fetcher: OnceCell<Fetcher>,
}

impl Hook {
    /// The answer to an event. `time`: how long Lambda lets the invocation go on.
    pub(crate) async fn answer(
        &self,
        clients: &Clients,
        ask: &HookAsk,
        time: Duration,
    ) -> HookAnswer {
        let begun = now();
        let variables = Variables(&set);
        let on_error = variables.parsed(ON_ERROR, |it| {
            OnError::from_str(it).map_err(|_| format!("`{it}` is neither PASS nor FAIL"))
        });
        let limit = time.saturating_sub(FOR_THE_ANSWER);
        let (on_error, found) = match on_error {
            Ok(on_error) => {
                let found = timeout(limit, self.judged(clients, ask, begun)).await;
                (
                    on_error.unwrap_or_default(),
                    found.unwrap_or_else(|_| Err(late(limit))),
                )
            }
            // What it should say is not known: the stricter way.
            Err(error) => (OnError::Fail, Err(NotJudged(error))),
        };
        let answer = answer(ask, &found, on_error);
        log(&found, &answer, begun);
        answer
    }

    async fn judged(
        &self,
        clients: &Clients,
        ask: &HookAsk,
        begun: Timestamp,
    ) -> Result<Found, NotJudged> {
        let variables = Variables(&set);
        let region = variables.required::<Region>("AWS_REGION");
        let region = region.map_err(NotJudged)?.0;
        let source = PolicyFileSource::named_by(&variables, package());
        let policy = source.read(clients, scan::day(begun)).await;
        let policy = policy.map_err(|error| NotJudged(error.in_full()))?;
        let fetcher = self.fetcher.get_or_init(async || {
            let own = variables.get("AWS_ENDPOINT_URL_S3");
            let endpoint = own.or_else(|| variables.get("AWS_ENDPOINT_URL"));
            Fetcher::new(&region, endpoint)
        });
        judge(ask, policy, &region, fetcher.await, begun).await
    }
}

/// A variable. A template cannot leave one out, so an empty one counts as unset.
fn set(name: &str) -> Option<String> {
    variable(name).filter(|it| !it.trim().is_empty())
}

struct Region(String);

impl std::str::FromStr for Region {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        region_name(text).map(Region)
    }
}

fn late(limit: Duration) -> NotJudged {
    NotJudged(format!("it took longer than {} s", limit.as_secs()))
}

/// Logs what an answer came to, and its figures.
fn log(found: &Result<Found, NotJudged>, answer: &HookAnswer, begun: Timestamp) {
    let verdict = match found {
        Ok(Found::Judged(operation)) => Some(operation.verdict()),
        Ok(Found::Nothing) | Err(_) => None,
    };
    // CloudFormation has read the template before it asks: one that cannot be read here is a fault of gatewatch's, too.
    let failed = found.is_err();
    let message = answer.message.as_str();
    match failed {
        true => tracing::error!(
            message,
            status = answer.hook_status,
            "the hook could not judge"
        ),
        false => tracing::info!(
            message,
            status = answer.hook_status,
            "the hook was answered"
        ),
    }
    metrics::log_hook(&HookMetrics {
        function: set("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_else(|| "gatewatch".to_owned()),
        refused: verdict == Some(Verdict::Refused),
        undecided: verdict == Some(Verdict::Undecided),
        failed,
        duration: metrics::milliseconds(begun, now()),
    });
}
