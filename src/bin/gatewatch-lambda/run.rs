//! One run: trigger, scan, ledger, digest.

use std::io::Write as _;
use std::time::Duration;

use gatewatch::announce::{
    RunMetrics, Settings as Announce, coverage_percent, evaluations, metrics, not_applicable,
};
use gatewatch::collect::{Clients, Identity, Reading, enabled_regions};
use gatewatch::config::PolicyFile;
use gatewatch::deliver::{Outlets, put_evaluations};
use gatewatch::ledger::{Reach, exempt, open};
use gatewatch::model::{Gap, GapKind, Inventory, Reason, Scope, unknown_region};
use gatewatch::scan::{self, Scan};
use gatewatch::store::Store;
use gatewatch::trigger::{ConfigAsk, Trigger, trigger};
use gatewatch::watch::{Announced, Ledger, earlier, settle, unfinished};
use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

use crate::answer::Answer;
use crate::error::RunError;
use crate::plan::{self, Plan};
use crate::settings::{Regions, Settings};
use crate::{now, organization};

/// What a run keeps of its time for what comes after the reading: to judge, to write the ledger, to send.
const LONGEST_END: Duration = Duration::from_secs(60);
const SHORTEST_END: Duration = Duration::from_secs(3);

/// One run. Whatever is wrong with the event, the settings, the policy file or the ledger is found before
/// any API is read or anything sent. `time`: what Lambda leaves the run.
pub(crate) async fn run(
    settings: &Settings,
    clients: &Clients,
    payload: Value,
    time: Duration,
) -> Result<Answer, RunError> {
    let asked = trigger(payload).map_err(RunError::BadEvent)?;
    let scheduled = matches!(asked, Trigger::Scan(_));
    let run = Run::begin(settings, clients, time, scheduled).await?;
    if let Trigger::Organization(step) = asked {
        return organization::take(&run, step).await;
    }
    let outlets = run.outlets()?;
    let store = run.store()?;
    let identity = run.identity().await?;
    let (regions, unlisted) = run.regions(clients, &identity).await?;
    let excluded = settings.excluded_regions()?;
    let (plan, config) = match asked {
        Trigger::Scan(by) => {
            if let Some(both) = by.regions.iter().find(|it| excluded.contains(it)) {
                let message = format!("Region {both} is left out by GATEWATCH_EXCLUDED_REGIONS");
                return Err(RunError::BadEvent(message));
            }
            (plan::narrowed(by, &regions), None)
        }
        Trigger::Changed(changes) => {
            tracing::info!(
                events = changes.events,
                ignored = changes.ignored,
                unreadable = changes.unreadable,
                "changes were reported"
            );
            // Of all Regions, that of a change is one.
            let all = settings.regions()? == Regions::Enabled;
            let watched = (!all).then_some(regions.as_slice());
            (plan::changed(&changes, watched, &excluded), None)
        }
        Trigger::Config(ask) => (plan::config(&ask, &regions), Some(ask)),
        Trigger::Organization(_) => (Plan::Nothing, None),
    };
    let around = Around {
        outlets: &outlets,
        store: &store,
        identity,
        regions,
        excluded,
        unlisted,
    };
    run.with(plan, around, config.as_deref()).await
}

/// Whether a gap says that an API that was asked for is in none of the Regions.
fn is_gone(gap: &Gap) -> bool {
    gap.kind == GapKind::Api && gap.reason == Reason::NotFound && gap.operation.is_none()
}

/// What every run has.
pub(crate) struct Run<'r> {
    pub(crate) settings: &'r Settings,
    pub(crate) clients: &'r Clients,
    pub(crate) begun: Timestamp,
    pub(crate) announce: Announce,
    pub(crate) policy: PolicyFile,
    /// When the reading ends.
    until: Option<Instant>,
    /// How much longer what is begun by then may take.
    grace: Duration,
    requests_per_second: Option<f64>,
    before: (u64, u64),
    /// Whether it was begun by the schedule or by hand, and by no change.
    scheduled: bool,
}

/// Where a run takes place.
struct Around<'a, 'r> {
    outlets: &'a Outlets<'r>,
    store: &'a Store,
    identity: Identity,
    /// The Regions that are watched.
    regions: Vec<String>,
    /// Those that are left out on purpose.
    excluded: Vec<String>,
    /// That they could not be listed.
    unlisted: Vec<Gap>,
}

/// What is read.
struct Asked {
    identity: Identity,
    scope: Scope,
    reach: Reach,
    /// When the inventory that is kept was read, if it may be used.
    inventory_at: Option<Timestamp>,
    unlisted: Vec<Gap>,
}

/// What was read.
struct Got {
    scan: Scan,
    reach: Reach,
    /// Whether it went on with what an earlier run began.
    went_on: bool,
    /// Whether it has all Regions that the account has enabled.
    is_everywhere: bool,
}

impl<'r> Run<'r> {
    async fn begin(
        settings: &'r Settings,
        clients: &'r Clients,
        time: Duration,
        scheduled: bool,
    ) -> Result<Self, RunError> {
        let begun = now();
        let end = (time / 5).clamp(SHORTEST_END, LONGEST_END);
        Ok(Run {
            settings,
            clients,
            begun,
            announce: settings.announce()?,
            policy: settings.policy(clients, scan::day(begun)).await?,
            until: Instant::now().checked_add(time.saturating_sub(end)),
            grace: end / 3,
            requests_per_second: settings.requests_per_second()?,
            before: (clients.calls(), clients.throttles()),
            scheduled,
        })
    }

    pub(crate) fn store(&self) -> Result<Store, RunError> {
        Ok(Store::open(self.settings.state()?, self.clients))
    }

    /// The Regions of an account that are watched, and what could not be told of them.
    pub(crate) async fn regions(
        &self,
        clients: &Clients,
        identity: &Identity,
    ) -> Result<(Vec<String>, Vec<Gap>), RunError> {
        let (mut regions, gaps) = match self.settings.regions()? {
            Regions::Listed(regions) => (regions, Vec::new()),
            Regions::Enabled => enabled_regions(clients, identity).await,
        };
        let excluded = self.settings.excluded_regions()?;
        for hint in excluded.iter().filter_map(|it| unknown_region(it)) {
            tracing::warn!(hint, "GATEWATCH_EXCLUDED_REGIONS");
        }
        regions.retain(|it| !excluded.contains(it));
        if regions.is_empty() {
            let message = "GATEWATCH_EXCLUDED_REGIONS leaves no Region to read";
            return Err(RunError::BadSetting(message.to_owned()));
        }
        Ok((regions, gaps))
    }

    /// Whose credentials the function has. The log says it.
    pub(crate) async fn identity(&self) -> Result<Identity, RunError> {
        let identity = self.clients.identity().await?;
        tracing::info!(
            account = identity.account,
            arn = identity.arn,
            "whose credentials these are"
        );
        Ok(identity)
    }

    /// How an account is read: not beyond the time.
    pub(crate) fn reading(&self, unlisted: Vec<Gap>) -> Result<Reading, RunError> {
        Ok(Reading {
            all_regions: self.settings.regions()? == Regions::Enabled,
            until: self.until,
            grace: self.grace,
            requests_per_second: self.requests_per_second,
            gaps: unlisted,
            ..Reading::default()
        })
    }

    async fn with(
        &self,
        plan: Plan,
        around: Around<'_, '_>,
        config: Option<&ConfigAsk>,
    ) -> Result<Answer, RunError> {
        let Around {
            outlets,
            store,
            identity,
            regions,
            excluded,
            unlisted,
        } = around;
        let mut everything = Scope::new(regions, Vec::new()).without_regions(&excluded);
        let (mut scope, reach) = match &plan {
            Plan::Everything => (everything.clone(), Reach::Whole),
            Plan::Part(scope) => (scope.clone(), Reach::Part),
            Plan::Principals => (everything.clone(), Reach::Principals),
            Plan::Nothing => {
                if let Some(ask) = config {
                    self.tell_config(ask, None).await?;
                }
                tracing::info!("nothing is to be checked");
                return Ok(Answer::nothing(&identity.account));
            }
        };
        // All that is watched, so that what another run left unsaid is announced, and counts are whole.
        let watched = everything.regions.iter().chain(&scope.regions).cloned();
        let watched = Scope::new(watched.collect(), Vec::new());
        let mut ledger = Ledger::open(store, &identity.account, &watched).await?;
        ledger.check_clock(self.begun)?;
        // Where the Regions could not be listed, those that were watched before are read all the same.
        if !unlisted.is_empty() {
            let known = ledger.regions();
            everything = everything.widened(&known);
            if reach != Reach::Part {
                scope = scope.widened(&known);
            }
        }
        // The first digest says all that there is, whatever changed first.
        let (scope, reach) = if ledger.regions().is_empty() && !self.scheduled {
            tracing::info!("nothing is remembered yet: everything is read");
            (everything, Reach::Whole)
        } else {
            (scope, reach)
        };
        tracing::info!(
            regions = scope.regions.join(","),
            apis = scope.apis.join(","),
            reach = ?reach,
            "the scan begins"
        );
        let asked = Asked {
            identity,
            scope,
            reach,
            inventory_at: ledger.inventory_at(),
            unlisted,
        };
        let Got {
            mut scan,
            reach,
            went_on,
            is_everywhere,
        } = self.scan(store, asked).await?;
        scan.report.begun_at = self.begun;
        scan.report.read_until = now();
        let everything_was_due = reach == Reach::Whole;
        let unfinished = everything_was_due && scan.inventory.is_unfinished();
        // What a change began proves nothing of the schedule.
        let full = everything_was_due && self.scheduled && !unfinished;
        // What the ledger knows besides was not read by a run over everything that is configured.
        let reach = match reach {
            Reach::Whole => ledger.reach_of(&scan.inventory, is_everywhere),
            narrower => narrower,
        };
        let report = &scan.report;
        let accepted = ledger
            .accepted(report, &scan.inventory, &self.policy)
            .await?;
        ledger.keep_policy(&report.account, &self.policy).await?;
        ledger.found(report, &accepted, reach).await?;
        let kept = match reach {
            Reach::Whole => ledger.keep(report, &scan.inventory).await,
            Reach::Part | Reach::Principals => Ok(()),
        };
        let part = if everything_was_due {
            settle(store, &scan.inventory, went_on).await
        } else {
            Ok(())
        };
        let announced = ledger
            .announce(outlets, report, self.announce, self.begun)
            .await;
        // The numbers show what was not announced, too.
        self.log_metrics(&scan, full, &ledger, announced.as_ref().ok());
        let announced = announced?;
        kept.map_err(RunError::NotKept)?;
        part?;
        tracing::info!(
            status = report.status().as_str(),
            findings = report.evaluation.findings.len(),
            gaps = report.evaluation.gaps.len(),
            changes = announced.changes,
            untold = announced.untold,
            occasions = announced.occasions.join(","),
            unfinished,
            "the run is over"
        );
        for gap in &report.evaluation.gaps {
            tracing::warn!(gap = gap.in_words(), "not read");
        }
        warn_of(&announced);
        if let Some(ask) = config {
            self.tell_config(ask, Some(&scan)).await?;
        }
        let troubles = outlets.troubles();
        if !troubles.is_empty() {
            return Err(RunError::NotEverywhere(troubles));
        }
        Ok(Answer::new(report, &announced, unfinished))
    }

    pub(crate) fn outlets(&self) -> Result<Outlets<'r>, RunError> {
        let settings = self.settings;
        let mut outlets = Outlets::new(self.clients, settings.topic()?, self.begun);
        outlets.message_per_finding = settings.message_per_finding()?;
        outlets.chat = settings.chat_topic()?;
        outlets.security_hub = settings.security_hub()?;
        outlets.event_bus = settings.event_bus();
        Ok(outlets)
    }

    /// Reads and judges. Where only the principals are to be read again, the APIs are those of the last run
    /// over everything, if nothing of them was read since; otherwise this is one.
    async fn scan(&self, store: &Store, asked: Asked) -> Result<Got, RunError> {
        let Asked {
            identity,
            scope,
            reach,
            inventory_at,
            unlisted,
        } = asked;
        let earlier = earlier(store, &identity.account).await?;
        let up_to_date = |it: &Inventory| it.scope == scope && Some(it.taken_at) == inventory_at;
        let earlier = match (reach, earlier) {
            (Reach::Principals, Some(earlier)) if up_to_date(&earlier) => {
                let (policy, begun) = (&self.policy, self.begun);
                let scan = scan::principals_of(self.clients, earlier, policy, begun);
                return Ok(Got {
                    scan: scan.await,
                    reach,
                    went_on: false,
                    is_everywhere: false,
                });
            }
            (_, earlier) => earlier,
        };
        let reach = match reach {
            Reach::Principals => {
                tracing::info!(
                    "there is no up-to-date inventory of these Regions: everything is read"
                );
                Reach::Whole
            }
            other => other,
        };
        // What changed may lie in what an unfinished run has read already: a change begins anew.
        let part = match reach {
            Reach::Whole if self.scheduled => {
                let account = &identity.account;
                unfinished(store, account, &scope, earlier.as_ref(), self.begun).await?
            }
            _ => None,
        };
        let went_on = part.is_some();
        if went_on {
            tracing::info!("an earlier run had no time for everything: this one goes on with it");
        }
        let reading = Reading {
            earlier,
            part,
            ..self.reading(unlisted)?
        };
        let mut scan = self.read(identity.clone(), scope.clone(), &reading).await;
        if !self.scheduled && scan.report.evaluation.gaps.iter().any(is_gone) {
            // What changed is not there any more. Only the lists of its Regions prove that it is gone.
            tracing::info!("an API that changed is gone: its Regions are read");
            let scope = Scope::new(scope.regions, Vec::new());
            scan = self.read(identity, scope, &reading).await;
        }
        Ok(Got {
            scan,
            reach,
            went_on,
            is_everywhere: reading.is_everywhere(),
        })
    }

    async fn read(&self, identity: Identity, scope: Scope, reading: &Reading) -> Scan {
        let (policy, begun) = (&self.policy, self.begun);
        scan::scan_of(self.clients, identity, scope, reading, policy, begun).await
    }

    async fn tell_config(&self, ask: &ConfigAsk, scan: Option<&Scan>) -> Result<(), RunError> {
        let evaluations = match scan {
            Some(scan) => evaluations(ask, &scan.report, &scan.inventory.apis),
            None => Ok(not_applicable(ask).into_iter().collect()),
        };
        let evaluations = evaluations.map_err(RunError::NotEvaluated)?;
        put_evaluations(self.clients, ask, &evaluations).await?;
        Ok(())
    }

    fn log_metrics(
        &self,
        scan: &Scan,
        full_scan: bool,
        ledger: &Ledger<'_, Store>,
        announced: Option<&Announced>,
    ) {
        let at = now();
        let seconds = |since: Timestamp| {
            let seconds = at.duration_since(since).as_secs();
            u64::try_from(seconds).unwrap_or_default()
        };
        let report = &scan.report;
        let gaps = &report.evaluation.gaps;
        let (calls, throttles) = self.calls();
        let numbers = RunMetrics {
            function: self.settings.function().to_owned(),
            open: open(ledger.books()),
            exempt: exempt(ledger.books()),
            gaps: gaps.len(),
            coverage: coverage_percent(report),
            incomplete: !gaps.is_empty(),
            full_scan,
            announced: announced.map_or(0, |it| it.changes),
            untold: announced.map_or(0, |it| it.untold),
            not_subscribed: announced.is_some_and(|it| it.audience.is_nobody()),
            duration: at
                .duration_since(self.begun)
                .as_millis()
                .max(0)
                .try_into()
                .unwrap_or(u64::MAX),
            oldest_unannounced: ledger.waiting_since().map_or(0, seconds),
            calls,
            throttles,
        };
        print(&numbers, at);
    }

    /// Requests sent and throttled in this run.
    pub(crate) fn calls(&self) -> (u64, u64) {
        let (calls, throttles) = self.before;
        let clients = self.clients;
        (clients.calls() - calls, clients.throttles() - throttles)
    }
}

/// Says in the log what is wrong with the subscriptions of the topic, if something is.
pub(crate) fn warn_of(announced: &Announced) {
    if let Some(warning) = announced.audience.warning() {
        tracing::warn!(warning, untold = announced.untold, "the subscriptions");
    }
}

/// Prints the numbers of a run, a line of their own: CloudWatch takes them out of it.
pub(crate) fn print(numbers: &RunMetrics, at: Timestamp) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{}", metrics(numbers, at));
}
