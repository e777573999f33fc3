//! One run: what is asked for, what is found, what is announced.

use std::io::Write as _;

use gatewatch::announce::{
    RunMetrics, Settings as Announce, coverage_percent, evaluations, metrics, not_applicable,
};
use gatewatch::collect::{Clients, Identity};
use gatewatch::config::PolicyFile;
use gatewatch::deliver::{Outlets, put_evaluations};
use gatewatch::finding::Severity;
use gatewatch::ledger::{Reach, exempt, open};
use gatewatch::model::{Gap, GapKind, Inventory, Reason, Scope};
use gatewatch::scan::{self, Scan};
use gatewatch::store::{Memory as _, Store};
use gatewatch::trigger::{ConfigAsk, Trigger, trigger};
use gatewatch::watch::{Announced, Ledger, inventory_key};
use jiff::Timestamp;
use serde_json::Value;

use crate::answer::Answer;
use crate::error::RunError;
use crate::now;
use crate::plan::{self, Plan};
use crate::settings::Settings;

/// One run. Whatever is wrong with the event, the settings, the policy file or the ledger is found before
/// anything is read or sent.
pub(crate) async fn run(
    settings: &Settings,
    clients: &Clients,
    payload: Value,
) -> Result<Answer, RunError> {
    let asked = trigger(payload).map_err(RunError::BadEvent)?;
    let begun = now();
    let regions = settings.regions()?;
    let scheduled = matches!(asked, Trigger::Scan(_));
    let (plan, config) = match asked {
        Trigger::Scan(by) => (plan::narrowed(by, &regions), None),
        Trigger::Changed(changes) => {
            tracing::info!(
                events = changes.events,
                ignored = changes.ignored,
                unreadable = changes.unreadable,
                "changes were reported"
            );
            (plan::changed(&changes, &regions), None)
        }
        Trigger::Config(ask) => (plan::config(&ask, &regions), Some(ask)),
    };
    let run = Run {
        settings,
        clients,
        begun,
        announce: settings.announce()?,
        policy: settings.policy(clients, scan::day(begun)).await?,
        before: (clients.calls(), clients.throttles()),
        scheduled,
    };
    run.with(plan, regions, config.as_deref()).await
}

/// Whether a gap says that an API that was asked for is in none of the Regions.
fn is_gone(gap: &Gap) -> bool {
    gap.kind == GapKind::Api && gap.reason == Reason::NotFound && gap.operation.is_none()
}

struct Run<'r> {
    settings: &'r Settings,
    clients: &'r Clients,
    begun: Timestamp,
    announce: Announce,
    policy: PolicyFile,
    before: (u64, u64),
    /// Whether it was begun by the schedule or by hand, and by no change.
    scheduled: bool,
}

impl Run<'_> {
    async fn with(
        &self,
        plan: Plan,
        regions: Vec<String>,
        config: Option<&ConfigAsk>,
    ) -> Result<Answer, RunError> {
        let outlets = self.outlets()?;
        let store = Store::open(self.settings.state()?, self.clients);
        let identity = self.clients.identity().await?;
        let everything = Scope::new(regions, Vec::new());
        let (scope, reach) = match &plan {
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
        let mut ledger = Ledger::open(&store, &identity.account, &watched).await?;
        ledger.check_clock(self.begun)?;
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
        let (mut scan, reach) = self
            .scan(&store, identity, scope, (reach, ledger.inventory_at()))
            .await?;
        scan.report.read_until = now();
        // What a change began proves nothing of the schedule.
        let full = reach == Reach::Whole && self.scheduled;
        // What the ledger knows besides was not read by a run over everything that is configured.
        let reach = match reach {
            Reach::Whole => ledger.reach(&scan.inventory.scope),
            narrower => narrower,
        };
        let report = &scan.report;
        ledger.found(report, reach).await?;
        let kept = match reach {
            Reach::Whole => ledger.keep(report, &scan.inventory).await,
            Reach::Part | Reach::Principals => Ok(()),
        };
        let announced = ledger
            .announce(&outlets, report, self.announce, self.begun)
            .await;
        // The numbers show what was not announced, too.
        self.log_metrics(&scan, full, &ledger, announced.as_ref().ok());
        let announced = announced?;
        kept.map_err(RunError::NotKept)?;
        tracing::info!(
            status = report.status().as_str(),
            findings = report.evaluation.findings.len(),
            gaps = report.evaluation.gaps.len(),
            changes = announced.changes,
            occasions = announced.occasions.join(","),
            "the run is over"
        );
        for gap in &report.evaluation.gaps {
            tracing::warn!(gap = gap.in_words(), "not read");
        }
        if let Some(ask) = config {
            self.tell_config(ask, Some(&scan)).await?;
        }
        let troubles = outlets.troubles();
        if !troubles.is_empty() {
            return Err(RunError::NotEverywhere(troubles));
        }
        Ok(Answer::new(report, &announced))
    }

    fn outlets(&self) -> Result<Outlets<'_>, RunError> {
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
    async fn scan(
        &self,
        store: &Store,
        identity: Identity,
        scope: Scope,
        (reach, inventory_at): (Reach, Option<Timestamp>),
    ) -> Result<(Scan, Reach), RunError> {
        if reach == Reach::Principals {
            let kept = store.read(&inventory_key(&identity.account)).await?;
            let earlier = kept.and_then(|it| Inventory::from_json(&it.text).ok());
            let earlier = earlier.filter(|it| it.scope == scope);
            if let Some(earlier) = earlier.filter(|it| Some(it.taken_at) == inventory_at) {
                let scan = scan::principals_of(self.clients, earlier, &self.policy, self.begun);
                return Ok((scan.await, reach));
            }
            tracing::info!("there is no up-to-date inventory of these Regions: everything is read");
        }
        let reach = match reach {
            Reach::Principals => Reach::Whole,
            other => other,
        };
        let again = (identity.clone(), scope.regions.clone());
        let scan = scan::scan_of(self.clients, identity, scope, &self.policy, self.begun).await;
        if self.scheduled || !scan.report.evaluation.gaps.iter().any(is_gone) {
            return Ok((scan, reach));
        }
        // What changed is not there any more. Only the lists of its Regions prove that it is gone.
        tracing::info!("an API that changed is gone: its Regions are read");
        let (identity, regions) = again;
        let scope = Scope::new(regions, Vec::new());
        let scan = scan::scan_of(self.clients, identity, scope, &self.policy, self.begun);
        Ok((scan.await, reach))
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
        let open = open(ledger.books());
        let report = &scan.report;
        let gaps = &report.evaluation.gaps;
        let of = |severity| open.get(&severity).copied().unwrap_or_default();
        let (calls, throttles) = self.before;
        let numbers = RunMetrics {
            function: self.settings.function().to_owned(),
            critical: of(Severity::Critical),
            high: of(Severity::High),
            medium: of(Severity::Medium),
            low: of(Severity::Low),
            informational: of(Severity::Informational),
            exempt: exempt(ledger.books()),
            gaps: gaps.len(),
            coverage: coverage_percent(report),
            incomplete: !gaps.is_empty(),
            full_scan,
            announced: announced.map_or(0, |it| it.changes),
            duration: at
                .duration_since(self.begun)
                .as_millis()
                .max(0)
                .try_into()
                .unwrap_or(u64::MAX),
            oldest_unannounced: ledger.waiting_since().map_or(0, seconds),
            calls: self.clients.calls() - calls,
            throttles: self.clients.throttles() - throttles,
        };
        // A line of its own: CloudWatch takes the numbers out of it.
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "{}", metrics(&numbers, at));
    }
}
