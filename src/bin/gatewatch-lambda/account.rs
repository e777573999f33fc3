//! A run over one account: a scan, a re-check of what changed, or an answer to AWS Config.

use gatewatch::aws::deliver::put_evaluations;
use gatewatch::render::{ConfigAsk, evaluations, not_applicable};
use gatewatch::run::events::{Changed, Narrowed};
use gatewatch::run::{self, Announced, Asked, Cause, Extent, Found, Keeps, Live, Regions};

use crate::answer::Answer;
use crate::error::RunError;
use crate::invocation::{Invocation, warn_of};
use crate::metrics;

/// What an event asks a run to do. `extent` is `None` if nothing needs to be read.
struct Plan {
    extent: Option<Extent>,
    cause: Cause,
    config: Option<Box<ConfigAsk>>,
}

/// Scans what the event names, or everything that is watched.
pub(crate) async fn scan(run: &Invocation<'_>, by: Narrowed) -> Result<Answer, RunError> {
    let excluded = &run.settings.excluded_regions;
    if let Some(both) = by.regions.iter().find(|it| excluded.contains(it)) {
        let message = format!("Region {both} is left out by GATEWATCH_EXCLUDED_REGIONS");
        return Err(RunError::BadEvent(message));
    }
    let plan = Plan {
        extent: Some(run::narrowed(by)),
        cause: Cause::Schedule,
        config: None,
    };
    over_account(run, plan).await
}

/// Checks again what calls to AWS changed.
pub(crate) async fn recheck(run: &Invocation<'_>, changes: Changed) -> Result<Answer, RunError> {
    tracing::info!(
        events = changes.events,
        ignored = changes.ignored,
        unreadable = changes.unreadable,
        "changes were reported"
    );
    let settings = run.settings;
    let watched = match &settings.regions {
        Regions::Listed(regions) => Some(regions.as_slice()),
        Regions::Enabled => None,
    };
    let plan = Plan {
        extent: run::of_changes(&changes, watched, &settings.excluded_regions),
        cause: Cause::Change,
        config: None,
    };
    over_account(run, plan).await
}

/// Evaluates what a custom rule of AWS Config asks about.
pub(crate) async fn evaluate(
    run: &Invocation<'_>,
    ask: Box<ConfigAsk>,
) -> Result<Answer, RunError> {
    let plan = Plan {
        extent: run::config(&ask),
        cause: Cause::Change,
        config: Some(ask),
    };
    over_account(run, plan).await
}

async fn over_account(run: &Invocation<'_>, plan: Plan) -> Result<Answer, RunError> {
    let outlets = run.outlets();
    let identity = run.identity().await?;
    let Some(extent) = plan.extent else {
        if let Some(ask) = &plan.config {
            tell_config(run, ask, None).await?;
        }
        tracing::info!("nothing is to be checked");
        return Ok(Answer::nothing(&identity.account));
    };
    let watched = run.watched.of(run.clients, &identity).await;
    let (watched, reading) = watched.map_err(|_| {
        let message = "GATEWATCH_EXCLUDED_REGIONS leaves no Region to read";
        RunError::BadSetting(message.to_owned())
    })?;
    let account = Live {
        clients: run.clients.clone(),
        identity,
    };
    let asked = Asked {
        watched,
        reading,
        extent,
        cause: plan.cause,
        keeps: Keeps::IfWhole,
    };
    let done = run
        .governed(run.begun)
        .run(&account, asked, Some(&outlets))
        .await?;
    // The numbers also show what was not announced. A run after a change proves nothing about the schedule.
    metrics::log(run, &done, plan.cause == Cause::Schedule);
    let (found, announced) = done.ended()?;
    let announced = announced.unwrap_or_default();
    log(&found, &announced);
    if let Some(ask) = &plan.config {
        tell_config(run, ask, Some(&found)).await?;
    }
    let mut troubles = outlets.troubles();
    troubles.extend(announced.troubles());
    if !troubles.is_empty() {
        return Err(RunError::NotEverywhere(troubles));
    }
    Ok(Answer::new(&found.report, &announced, found.unfinished))
}

/// Tells AWS Config what was found, or that nothing needs to be read.
async fn tell_config(
    run: &Invocation<'_>,
    ask: &ConfigAsk,
    found: Option<&Found>,
) -> Result<(), RunError> {
    let evaluations = match found {
        Some(found) => evaluations(ask, &found.report, &found.inventory.apis),
        None => Ok(not_applicable(ask).into_iter().collect()),
    };
    let evaluations = evaluations.map_err(RunError::NotEvaluated)?;
    put_evaluations(run.clients, ask, &evaluations).await?;
    Ok(())
}

/// Logs what a run came to.
fn log(found: &Found, announced: &Announced) {
    let report = &found.report;
    tracing::info!(
        status = report.status().as_str(),
        findings = report.evaluation.findings.len(),
        gaps = report.evaluation.gaps.len(),
        changes = announced.changes,
        untold = announced.untold,
        occasions = announced.occasions.join(","),
        unfinished = found.unfinished,
        "the run is over"
    );
    for gap in &report.evaluation.gaps {
        tracing::warn!(gap = gap.in_words(), "not read");
    }
    warn_of(announced);
}
