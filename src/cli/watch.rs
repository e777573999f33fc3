//! `gatewatch scan --state`: what changed since the last scan.

use anyhow::anyhow;
use gatewatch::announce::{Settings, digest_text};
use gatewatch::config::PolicyFile;
use gatewatch::deliver::{Outlets, TopicArn};
use gatewatch::ledger::Reach;
use gatewatch::store::{Memory as _, Store, StorePlace};
use gatewatch::watch::{self, AnnounceError, Ledger, LedgerError};

use super::account::Connected;
use super::args::Judging;
use super::notify::note_announced;
use super::output::{note, print};
use super::{Stop, now, read_now, show, status};

/// What to do with what changed.
pub(super) struct Watch {
    pub(super) place: StorePlace,
    pub(super) topic: Option<TopicArn>,
    pub(super) dry_run: bool,
    pub(super) settings: Settings,
}

/// Everything that is shown and remembered of one scan.
pub(super) async fn run(
    connected: Connected,
    policy: &PolicyFile,
    watch: Watch,
    judging: &Judging,
) -> Result<u8, Stop> {
    let now = self::now();
    let clients = connected.clients.clone();
    let (account, scope) = (connected.identity.account.clone(), connected.scope.clone());
    let store = Store::open(watch.place, &clients);
    let ledger = Ledger::open(&store, &account, &scope).await;
    let mut ledger = ledger.map_err(unusable)?;
    ledger.check_clock(now).map_err(unusable)?;
    let reach = ledger.reach(&scope, connected.reading.is_everywhere());
    let unread = ledger.regions().into_iter();
    let unread: Vec<String> = unread.filter(|it| !scope.regions.contains(it)).collect();
    if !unread.is_empty() && scope.apis.is_empty() {
        note(format_args!(
            "the ledger also knows {}: what depends on all Regions is not resolved by this scan",
            unread.join(", ")
        ));
    }
    let mut connected = connected;
    let earlier = watch::earlier(&store, &account).await;
    connected.reading.earlier = earlier.map_err(|error| Stop::Incomplete(anyhow!(error)))?;
    let mut scan = read_now(connected, policy, now).await;
    scan.report.read_until = self::now();
    let report = &scan.report;
    let accepted = ledger.accepted(report, &scan.inventory, policy).await;
    let accepted = accepted.map_err(not_kept)?;
    if watch.dry_run {
        let books = ledger.compared(report, &accepted, reach);
        let digest = ledger.due(&books, report, watch.settings, now);
        let text = match &digest {
            Some(digest) => digest_text(digest, usize::MAX),
            None => "nothing would be announced\n".to_owned(),
        };
        print(&text).map_err(Stop::Incomplete)?;
        return Ok(status(report, judging));
    }
    let kept_policy = ledger.keep_policy(&account, policy).await;
    kept_policy.map_err(not_kept)?;
    let found = ledger.found(report, &accepted, reach).await;
    found.map_err(not_kept)?;
    let kept = match reach {
        Reach::Whole => ledger.keep(report, &scan.inventory).await,
        Reach::Part | Reach::Principals => Ok(()),
    };
    // Neither a full disk nor a topic that is gone keeps the other from being told.
    let announced = match watch.topic {
        Some(topic) => {
            let outlets = Outlets::new(&clients, topic.clone(), now);
            let announced = ledger.announce(&outlets, report, watch.settings, now).await;
            announced.map(|it| Some((topic, it)))
        }
        None => Ok(None),
    };
    show(report, judging)?;
    let announced = announced.map_err(not_announced)?;
    kept.map_err(|error| Stop::Incomplete(anyhow!(error)))?;
    match announced {
        Some((topic, it)) => note_announced(&topic, &it),
        None => note(format_args!(
            "remembered in {}; nothing is announced without --publish",
            store.address("")
        )),
    }
    Ok(status(report, judging))
}

/// A ledger that cannot be used is a matter of configuration: nothing was read, and it is as it was.
fn unusable(error: LedgerError) -> Stop {
    match error {
        error @ (LedgerError::Unusable { .. } | LedgerError::Future { .. }) => {
            Stop::Usage(anyhow!(error))
        }
        error => Stop::Incomplete(anyhow!(error).context("nothing was checked")),
    }
}

fn not_kept(error: LedgerError) -> Stop {
    Stop::Incomplete(
        anyhow!(error)
            .context("what was found could not be remembered as a whole, and was not announced"),
    )
}

fn not_announced<E: std::error::Error + Send + Sync + 'static>(error: AnnounceError<E>) -> Stop {
    Stop::Incomplete(anyhow!(error))
}
