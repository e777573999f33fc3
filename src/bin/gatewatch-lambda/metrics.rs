//! The numbers of a run, in a line of the log that CloudWatch turns into metrics.

use std::error::Error;
use std::io::Write as _;

use gatewatch::render::{
    HookMetrics, OrganizationDigest, RunMetrics, coverage_percent, hook_metrics, metrics,
};
use gatewatch::run::{Announced, Done};
use jiff::Timestamp;

use crate::clock::now;
use crate::invocation::Invocation;

/// Logs the numbers of a run over one account. `scheduled`: whether the schedule started it, or somebody by hand.
pub(crate) fn log<E: Error + 'static>(run: &Invocation<'_>, done: &Done<E>, scheduled: bool) {
    let at = now();
    let found = &done.found;
    let gaps = found.report.evaluation.gaps.len();
    let announced = done.announced.as_ref().ok().and_then(Option::as_ref);
    let (calls, throttles) = run.calls();
    let numbers = RunMetrics {
        function: run.settings.function.clone(),
        open: found.open.clone(),
        exempt: found.exempt,
        gaps,
        coverage: coverage_percent(&found.report),
        incomplete: gaps > 0,
        full_scan: scheduled && found.full,
        announced: announced.map_or(0, |it| it.changes),
        untold: announced.map_or(0, |it| it.untold),
        not_subscribed: announced.is_some_and(|it| it.audience.is_nobody()),
        duration: milliseconds(run.begun, at),
        oldest_unannounced: done.waiting_since.map_or(0, |since| seconds(since, at)),
        calls,
        throttles,
    };
    print(&metrics(&numbers, at));
}

/// Logs the numbers of a run over all accounts. `announced`: `None` if the digest could not be announced.
pub(crate) fn log_organization(
    run: &Invocation<'_>,
    digest: &OrganizationDigest,
    announced: Option<&Announced>,
) {
    let at = now();
    // An account that is not active has nothing to be read.
    let accounts = digest.accounts() - digest.not_active();
    let not_read = digest.not_read();
    let (calls, throttles) = run.calls();
    let numbers = RunMetrics {
        function: run.settings.function.clone(),
        open: digest.open(),
        exempt: digest.exempt(),
        gaps: digest.gaps() + not_read,
        #[expect(clippy::cast_precision_loss, reason = "there are no 2^52 accounts")]
        coverage: if accounts == 0 {
            0.0
        } else {
            100.0 * digest.read() as f64 / accounts as f64
        },
        incomplete: digest.gaps() + not_read > 0,
        full_scan: true,
        announced: announced.map_or(0, |it| it.changes),
        untold: announced.map_or(0, |it| it.untold),
        not_subscribed: announced.is_some_and(|it| it.audience.is_nobody()),
        duration: milliseconds(digest.begun_at, at),
        // If nothing could be announced, the age is not known: it is at least that of this run.
        oldest_unannounced: match announced {
            Some(announced) => announced
                .waiting_since
                .map_or(0, |since| seconds(since, at)),
            None => seconds(digest.begun_at, at),
        },
        calls,
        throttles,
    };
    print(&metrics(&numbers, at));
}

/// The seconds from one time to another; 0 if the clocks disagree.
fn seconds(since: Timestamp, at: Timestamp) -> u64 {
    at.duration_since(since).as_secs().try_into().unwrap_or(0)
}

/// The milliseconds from one time to another; 0 if the clocks disagree.
pub(crate) fn milliseconds(since: Timestamp, at: Timestamp) -> u64 {
    at.duration_since(since).as_millis().try_into().unwrap_or(0)
}

/// Logs the numbers of an answer to a CloudFormation Hook.
pub(crate) fn log_hook(numbers: &HookMetrics) {
    print(&hook_metrics(numbers, now()));
}

/// Prints the numbers as a line of their own.
fn print(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}");
}
