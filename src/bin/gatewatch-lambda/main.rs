//! The Lambda: one scan an invocation, and one digest of what changed.
//!
//! Packaged as `bootstrap`. Its settings are environment variables, which `template.yaml` sets:
//! `GATEWATCH_TOPIC_ARN` (where digests go), `GATEWATCH_STATE` (where the ledger is, such as
//! `s3://BUCKET`), `GATEWATCH_REGIONS` (separated by commas; without it, the function's own Region),
//! `GATEWATCH_POLICY_URI` (the policy file as an object of S3), `GATEWATCH_POLICY` (its text; without
//! either, the `gatewatch.yaml` beside the binary, and without that, the defaults). What else there is,
//! [`settings`] says.

mod answer;
mod error;
mod plan;
mod run;
mod settings;

use gatewatch::collect::{self, Connection};
use jiff::Timestamp;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;
use tracing_subscriber::EnvFilter;

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
        let run = run::run(&settings, &clients, event.payload).await;
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

#[expect(
    clippy::disallowed_methods,
    reason = "a front reads the clock and passes the time in"
)]
fn now() -> Timestamp {
    Timestamp::now()
}
