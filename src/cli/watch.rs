//! `gatewatch scan --state`: what changed since the last scan.

use std::convert::Infallible;
use std::error::Error;

use anyhow::anyhow;
use gatewatch::aws::deliver::{Outlets, TopicArn};
use gatewatch::aws::store::{Memory, Overlay, Store, StorePlace};
use gatewatch::ledger::Settings;
use gatewatch::policy_file::PolicyFile;
use gatewatch::run::{
    Asked, Cause, Done, Ended, Event, Extent, Governed, Keeps, LedgerError, NotDone, Observer,
};

use super::account::Connected;
use super::args::Judging;
use super::common::{Shown, Stop, now, show, status};
use super::history::remembered;
use super::notify::{everywhere, note_announced};
use super::output::{note, print};
use super::preview::Preview;
use super::resume::{interrupted, note_whole};
use super::resume_args::ResumeArgs;

/// What to do with what changed.
pub(super) struct Watch {
    pub(super) place: StorePlace,
    pub(super) topic: Option<TopicArn>,
    pub(super) dry_run: bool,
    pub(super) settings: Settings,
}

/// Scans an account with a ledger: shows the report, and announces what changed.
pub(super) async fn run(
    connected: Connected,
    policy: &PolicyFile,
    watch: Watch,
    judging: &Judging,
) -> Result<u8, Stop> {
    let clients = &connected.live.clients;
    let store = Store::open(watch.place, clients);
    if watch.dry_run {
        return dry_run(&connected, policy, store, watch.settings, judging).await;
    }
    let run = governed(&store, policy, watch.settings);
    let outlets = watch
        .topic
        .as_ref()
        .map(|topic| Outlets::new(clients, topic.clone(), run.begun));
    let account = connected.shown();
    let done = run.run(&account, asked(&connected), outlets.as_ref()).await;
    // The report is shown even if it could not be remembered, announced or kept.
    if let Err(Ended::NotWritten { report, .. }) = &done {
        show(Shown::of(report), judging)?;
    }
    let done = done.map_err(|it| ended(it, connected.resume.as_ref()))?;
    note_whole(connected.resume.as_ref());
    let found = &done.found;
    let shown = Shown {
        report: &found.report,
        inventory: Some(&found.inventory),
        new: found.new.clone(),
        books: remembered(&store, Some(&found.report.account), judging).await,
    };
    show(shown, judging)?;
    let (found, announced) = done.ended().map_err(not_done)?;
    match watch.topic.zip(announced) {
        Some((topic, announced)) => {
            note_announced(&topic, &announced);
            everywhere(&announced)?;
        }
        None => note(format_args!(
            "remembered in {}; nothing is announced without --publish",
            store.address("")
        )),
    }
    Ok(status(&found.report, judging))
}

/// Takes the same steps, but writes beside the ledger and shows the digest in place of sending it.
async fn dry_run(
    connected: &Connected,
    policy: &PolicyFile,
    store: Store,
    settings: Settings,
    judging: &Judging,
) -> Result<u8, Stop> {
    let store = Overlay::new(store);
    let preview = Preview::default();
    let run = governed(&store, policy, settings);
    let account = connected.shown();
    let done: Done<Infallible> = run
        .run(&account, asked(connected), Some(&preview))
        .await
        .map_err(|it| ended(it, connected.resume.as_ref()))?;
    let (found, _) = done.ended().map_err(not_done)?;
    print(&preview.text()).map_err(Stop::Incomplete)?;
    Ok(status(&found.report, judging))
}

fn governed<'r, M: Memory>(
    memory: &'r M,
    policy: &'r PolicyFile,
    settings: Settings,
) -> Governed<'r, M, fn() -> jiff::Timestamp> {
    Governed {
        memory,
        policy,
        settings,
        megabytes: None,
        begun: now(),
        clock: now,
        observer: Observer::new(&note_event),
    }
}

fn asked(connected: &Connected) -> Asked {
    Asked {
        watched: connected.watched.clone(),
        reading: connected.reading.clone(),
        extent: Extent::of_apis(connected.apis.clone()),
        cause: Cause::Hand,
        keeps: Keeps::IfWhole,
    }
}

/// Says on standard error which Regions the run reads that nobody named, and which it does not read.
fn note_event(event: &Event<'_>) {
    match event {
        Event::AlsoReads(regions) => note(format_args!(
            "also reading {}: the Regions could not be listed, and the ledger knows these",
            regions.join(", ")
        )),
        Event::LeavesOut(regions) => note(format_args!(
            "the ledger also knows {}: what depends on all Regions is not resolved by this scan",
            regions.join(", ")
        )),
        _ => {}
    }
}

/// Why a run ended before it found anything that can be shown.
fn ended(error: Ended, resume: Option<&ResumeArgs>) -> Stop {
    match error {
        Ended::Interrupted(inventory) => interrupted(resume, &inventory),
        error @ Ended::NotOpened(LedgerError::Later { .. }) => Stop::Usage(anyhow!(error)),
        // The configuration names a ledger that cannot be used. Nothing was read, and it is as it was.
        Ended::NotOpened(error @ (LedgerError::Unusable { .. } | LedgerError::Future { .. })) => {
            Stop::Usage(anyhow!(error))
        }
        Ended::NotOpened(error) => Stop::Incomplete(anyhow!(error).context("nothing was checked")),
        Ended::NotWritten { cause, .. } => {
            Stop::Incomplete(anyhow!(cause).context(
                "what was found could not be remembered as a whole, and was not announced",
            ))
        }
        error @ (Ended::NoEarlier(_) | Ended::NotKept(_) | Ended::NotSettled(_)) => {
            Stop::Incomplete(anyhow!(error))
        }
    }
}

fn not_done<E: Error + Send + Sync + 'static>(error: NotDone<E>) -> Stop {
    Stop::Incomplete(anyhow!(error))
}
