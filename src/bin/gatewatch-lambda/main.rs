//! The Lambda: one scan an invocation, and one digest of what changed. Only the steps of a run over an organization
//! are different: one lists the accounts, one reads an account, one sends the digest. A CloudFormation Hook is answered by a
//! function of its own with the same binary, which reads no account.
//!
//! Packaged as `bootstrap`. Its settings are environment variables, which `template.yaml` sets; [`settings`] has them
//! all. The most important ones are `GATEWATCH_TOPIC_ARN` (where digests go), `GATEWATCH_STATE` (where the ledger is,
//! such as `s3://BUCKET`), `GATEWATCH_REGIONS` (separated by commas, or `all`; without it, the function's own Region),
//! and the policy file: `GATEWATCH_POLICY_URI` (an object in S3), else `GATEWATCH_POLICY` (its text), else the
//! `gatewatch.yaml` beside the binary, else the defaults.

mod account;
mod answer;
mod clock;
mod doctor;
mod environment;
mod error;
mod hook;
mod invocation;
mod metrics;
mod organization;
mod run;
mod settings;
mod variables;

use std::time::{Duration, SystemTime};

use gatewatch::aws::client;
use lambda_runtime::{Context, LambdaEvent, service_fn};
use serde_json::Value;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use environment::variable;
use hook::Hook;
use settings::Settings;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    // Not `EnvFilter`, which brings a whole engine for regular expressions.
    let told = Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target("gatewatch", LevelFilter::INFO)
        .with_target("gatewatch_lambda", LevelFilter::INFO);
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true);
    tracing_subscriber::registry().with(told).with(lines).init();
    let settings = Settings::from_environment();
    // Connections and credentials outlive the invocation.
    let clients = client::connect_in_lambda(variable);
    let hook = Hook::default();
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| {
        let time = time_left(&event.context);
        let (settings, clients, hook) = (&settings, &clients, &hook);
        async move {
            let run = run::run(settings, clients, hook, event.payload, time).await;
            run.inspect_err(|error| {
                tracing::error!(
                    error = error.in_full(),
                    kind = error.kind(),
                    "the run failed"
                )
            })
        }
    }))
    .await
}

/// How long Lambda lets the run go on.
#[expect(
    clippy::disallowed_methods,
    reason = "a front reads the clock and passes the time in"
)]
fn time_left(context: &Context) -> Duration {
    let left = context.deadline().duration_since(SystemTime::now());
    left.unwrap_or_default()
}
