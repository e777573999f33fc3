//! The Lambda: one scan an invocation, one message to the topic.
//!
//! Packaged as `bootstrap`. Its settings are environment variables, which `template.yaml` sets:
//! `GATEWATCH_TOPIC_ARN` (where the report goes), `GATEWATCH_REGIONS` (separated by commas; without it,
//! the function's own Region), `GATEWATCH_POLICY` (the text of the policy file; without it, the
//! `gatewatch.yaml` beside the binary, and without that, the defaults).

mod answer;
mod error;
mod event;
mod settings;

use gatewatch::collect::{self, Clients, Connection};
use gatewatch::deliver;
use gatewatch::report::{LIMIT, Notice};
use gatewatch::scan;
use jiff::Timestamp;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;
use tracing_subscriber::EnvFilter;

use answer::Answer;
use error::RunError;
use settings::Settings;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_env_filter(EnvFilter::new("gatewatch=info,gatewatch_lambda=info,warn"))
        .init();
    let settings = Settings::from_environment();
    // Connections and credentials outlive the invocation.
    let clients = collect::connect(Connection::default()).await;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| async {
        let run = run(&settings, &clients, event.payload).await;
        run.inspect_err(|error| {
            tracing::error!(
                error = error.in_full(),
                kind = error.kind(),
                "the run failed"
            )
        })
    }))
    .await
}

/// One run. Whatever is wrong with the event, the settings or the policy file is found before anything
/// is read or sent.
async fn run(settings: &Settings, clients: &Clients, payload: Value) -> Result<Answer, RunError> {
    let request = event::request(payload)?;
    let topic = settings.topic()?;
    let now = now();
    let policy = settings.policy(scan::day(now))?;
    let scope = request.scope(settings.regions()?);
    tracing::info!(
        regions = scope.regions.join(","),
        apis = scope.apis.join(","),
        "the scan begins"
    );
    let scan = scan::scan(clients, scope, &policy, now).await?;
    let notice = Notice::of(&scan.report, LIMIT);
    let message_id = deliver::publish(clients, &topic, &notice).await?;
    let answer = Answer::new(&scan.report, &notice, message_id);
    tracing::info!(
        status = scan.report.status().as_str(),
        findings = scan.report.evaluation.findings.len(),
        gaps = scan.report.evaluation.gaps.len(),
        message_id = answer.message_id(),
        "the report was published"
    );
    for gap in &scan.report.evaluation.gaps {
        tracing::warn!(gap = gap.in_words(), "not read");
    }
    Ok(answer)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a front reads the clock and passes the time in"
)]
fn now() -> Timestamp {
    Timestamp::now()
}
