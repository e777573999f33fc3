//! What every run of the Lambda has, whatever it is asked for.

use std::time::Duration;

use gatewatch::aws::client::{Clients, Identity};
use gatewatch::aws::deliver::Outlets;
use gatewatch::aws::store::Store;
use gatewatch::inventory::unknown_region;
use gatewatch::policy_file::PolicyFile;
use gatewatch::run::{Announced, Event, Governed, Observer, Watched, scan};
use jiff::Timestamp;
use tokio::time::Instant;

use crate::clock::now;
use crate::error::RunError;
use crate::settings::Settings;

/// How much of its time a run keeps for what comes after the reading: to judge, to write the ledger, to send.
const LONGEST_END: Duration = Duration::from_secs(60);
const SHORTEST_END: Duration = Duration::from_secs(3);

/// What every run has.
pub(crate) struct Invocation<'r> {
    pub(crate) settings: &'r Settings,
    pub(crate) clients: &'r Clients,
    pub(crate) begun: Timestamp,
    pub(crate) policy: PolicyFile,
    /// What of an account is watched, and until when it is read.
    pub(crate) watched: Watched,
    pub(crate) store: Store,
    /// How many requests were sent, and how many of them throttled, before the run.
    before: (u64, u64),
}

impl<'r> Invocation<'r> {
    /// Reads the policy file and opens the store. `time`: how long Lambda lets the run go on.
    pub(crate) async fn begin(
        settings: &'r Settings,
        clients: &'r Clients,
        time: Duration,
    ) -> Result<Self, RunError> {
        let begun = now();
        let end = (time / 5).clamp(SHORTEST_END, LONGEST_END);
        let watched = Watched {
            excluded: settings.excluded_regions.clone(),
            requests_per_second: settings.requests_per_second,
            until: Instant::now().checked_add(time.saturating_sub(end)),
            grace: end / 3,
            ..Watched::new(settings.regions.clone())
        };
        for hint in watched.excluded.iter().filter_map(|it| unknown_region(it)) {
            tracing::warn!(hint, "GATEWATCH_EXCLUDED_REGIONS");
        }
        Ok(Invocation {
            settings,
            clients,
            begun,
            policy: settings.policy(clients, scan::day(begun)).await?,
            watched,
            store: Store::open(settings.state.clone(), clients),
            before: (clients.calls(), clients.throttles()),
        })
    }

    /// Whose credentials the function has. The log names them.
    pub(crate) async fn identity(&self) -> Result<Identity, RunError> {
        let identity = self.clients.identity().await?;
        tracing::info!(
            account = identity.account,
            arn = identity.arn,
            "whose credentials these are"
        );
        Ok(identity)
    }

    /// All that takes a digest, as the settings say.
    pub(crate) fn outlets(&self) -> Outlets<'r> {
        let settings = self.settings;
        let mut outlets = Outlets::new(self.clients, settings.topic.clone(), self.begun);
        outlets.message_per_finding = settings.message_per_finding;
        outlets.sinks = &settings.sinks;
        outlets
    }

    /// A run with the ledger in the function's state bucket.
    pub(crate) fn governed(&self, begun: Timestamp) -> Governed<'_, Store, fn() -> Timestamp> {
        Governed {
            memory: &self.store,
            policy: &self.policy,
            settings: self.settings.announce,
            megabytes: self.settings.megabytes,
            begun,
            clock: now,
            observer: Observer::new(&log_event),
        }
    }

    /// How many requests the run sent, and how many of them AWS throttled.
    pub(crate) fn calls(&self) -> (u64, u64) {
        let (calls, throttles) = self.before;
        let clients = self.clients;
        (clients.calls() - calls, clients.throttles() - throttles)
    }
}

/// Logs what is wrong with the subscriptions of the topic, if something is.
pub(crate) fn warn_of(announced: &Announced) {
    for warning in announced.warnings() {
        tracing::warn!(warning, untold = announced.untold, "the subscriptions");
    }
}

/// Logs what a run decides on its way. The steps themselves are no news.
fn log_event(event: &Event<'_>) {
    match event {
        Event::Reads { scope, reach } => tracing::info!(
            regions = scope.regions.join(","),
            apis = scope.apis.join(","),
            reach = ?reach,
            "the scan begins"
        ),
        Event::AlsoReads(regions) => tracing::info!(
            regions = regions.join(","),
            "the Regions could not be listed: those that the ledger knows are read, too"
        ),
        Event::IsFirst => tracing::info!("nothing is remembered yet: everything is read"),
        Event::HasNoInventory => {
            tracing::info!("there is no up-to-date inventory of these Regions: everything is read");
        }
        Event::GoesOn => {
            tracing::info!("an earlier run had no time for everything: this one goes on with it");
        }
        Event::ApiIsGone => tracing::info!("an API that changed is gone: its Regions are read"),
        Event::Begins(_) | Event::LeavesOut(_) => {}
    }
}
