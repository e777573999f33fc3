//! The steps of a run over an organisation.

use std::time::Duration;

use gatewatch::announce::RunMetrics;
use gatewatch::collect::{self, Failure, Reading};
use gatewatch::finding::Severity;
use gatewatch::model::{Inventory, Scope};
use gatewatch::organization::{Member, NotRead, Outcome, Result as Became, Roll};
use gatewatch::report::Report;
use gatewatch::scan;
use gatewatch::store::StorePlace;
use gatewatch::trigger::Step;
use gatewatch::watch::organization::{self as watch, Reader};
use jiff::Timestamp;

use crate::answer::{AccountAnswer, Answer, DigestAnswer, ListAnswer};
use crate::error::RunError;
use crate::now;
use crate::run::{Run, print};
use crate::settings::Regions;

/// Takes a step.
pub(crate) async fn take(run: &Run<'_>, step: Step) -> Result<Answer, RunError> {
    match step {
        Step::List { execution } => list(run, execution).await,
        Step::Account { run: name, account } => read(run, &name, &account).await,
        Step::Digest { run: name } => digest(run, &name).await,
    }
}

async fn list(run: &Run<'_>, name: String) -> Result<Answer, RunError> {
    let settings = run.settings;
    // What is wrong with the settings is found before any account is read.
    settings.member_role()?;
    settings.regions()?;
    settings.topic()?;
    let StorePlace::S3 { bucket, prefix } = settings.state()? else {
        let message = "GATEWATCH_STATE: the map over the accounts reads them from S3";
        return Err(RunError::BadSetting(message.to_owned()));
    };
    let named = settings.accounts()?;
    let (mut members, mut unreadable) = if named.is_empty() {
        collect::accounts(run.clients)
            .await
            .map_err(RunError::NoAccounts)?
    } else {
        let members = named.into_iter().map(|account| Member {
            account,
            name: String::new(),
        });
        (members.collect(), Vec::new())
    };
    let excluded = settings.excluded_accounts()?;
    members.retain(|it| !excluded.contains(&it.account));
    unreadable.retain(|(it, _)| !excluded.contains(&it.account));
    if members.is_empty() && unreadable.is_empty() {
        let message = "GATEWATCH_EXCLUDED_ACCOUNTS leaves no account to read";
        return Err(RunError::BadSetting(message.to_owned()));
    }
    let roll = Roll::new(name, run.begun, members, unreadable);
    watch::begin(&run.store()?, &roll).await?;
    tracing::info!(
        run = roll.run,
        accounts = roll.members.len(),
        unreadable = roll.unreadable.len(),
        excluded = excluded.len(),
        "the accounts are listed"
    );
    Ok(Answer::List(ListAnswer {
        key: prefix + &Roll::items_key(&roll.run),
        bucket,
        accounts: roll.members.len(),
        not_read: roll.unreadable.len(),
        run: roll.run,
    }))
}

async fn read(run: &Run<'_>, name: &str, account: &str) -> Result<Answer, RunError> {
    let store = run.store()?;
    let roll = watch::roll(&store, name).await?;
    if roll.member(account).is_none() {
        let message = format!("account {account} is none of the run {name}");
        return Err(RunError::BadEvent(message));
    }
    let (became, unfinished) = match reader(run, account).await? {
        Ok(reader) => {
            let taken = watch::take(&store, reader, &run.policy, run.announce, &now).await;
            match taken {
                Ok(taken) => {
                    log(&taken.report, taken.unfinished);
                    (Became::Read(taken.read), taken.unfinished)
                }
                Err(error) => {
                    // The digest says why, and so does the failure.
                    let became = Became::NotRead(watch::unusable(&error));
                    watch::became(&store, &Outcome::new(name, account, now(), became)).await?;
                    return Err(error.into());
                }
            }
        }
        Err(failure) => {
            tracing::warn!(
                account,
                error = failure.to_string(),
                "the account is not read"
            );
            let not_read = NotRead {
                reason: failure.reason,
                message: failure.to_string(),
            };
            (Became::NotRead(not_read), false)
        }
    };
    let status = match &became {
        Became::Read(read) => read.status.clone(),
        Became::NotRead(_) => "not-read".to_owned(),
    };
    let outcome = Outcome::new(name, account, now(), became);
    watch::became(&store, &outcome).await?;
    Ok(Answer::Account(AccountAnswer {
        account: account.to_owned(),
        status,
        unfinished,
    }))
}

fn log(report: &Report, unfinished: bool) {
    let account = &report.account;
    for gap in &report.evaluation.gaps {
        tracing::warn!(account, gap = gap.in_words(), "not read");
    }
    tracing::info!(
        account,
        status = report.status().as_str(),
        findings = report.evaluation.findings.len(),
        gaps = report.evaluation.gaps.len(),
        unfinished,
        "the account is read"
    );
}

/// Whoever reads an account: the function's own role in its own account, the member role in any other.
async fn reader(run: &Run<'_>, account: &str) -> Result<Result<Reader, Failure>, RunError> {
    let role = run.settings.member_role()?;
    let own = run.clients.identity().await?;
    let (clients, identity) = if own.account == account {
        (run.clients.clone(), own)
    } else {
        match run.clients.in_account(&own, account, &role).await {
            Ok(assumed) => assumed,
            Err(failure) => return Ok(Err(failure)),
        }
    };
    let (regions, unlisted) = run.regions(&clients, &identity).await?;
    Ok(Ok(Reader {
        clients,
        identity,
        scope: Scope::new(regions, Vec::new()),
        reading: Reading {
            all_regions: run.settings.regions()? == Regions::Enabled,
            ..run.reading(unlisted)
        },
    }))
}

async fn digest(run: &Run<'_>, name: &str) -> Result<Answer, RunError> {
    let store = run.store()?;
    let outlets = run
        .outlets()?
        .in_account(run.clients.identity().await?.account);
    let roll = watch::roll(&store, name).await?;
    let accounts = watch::outcomes(&store, &roll).await;
    let mut numbers = Numbers::of(&accounts);
    let judge = |inventory: &Inventory| scan::judge(inventory, &run.policy, run.begun);
    let announced = watch::announce(
        &store,
        &roll,
        accounts,
        &outlets,
        &judge,
        run.announce,
        run.begun,
    )
    .await;
    let changes = announced.as_ref().ok().map(|(_, it)| it.changes);
    // What was read and is not kept is known only now.
    if let Ok((Some(digest), _)) = &announced {
        (numbers.not_read, numbers.gaps) = (digest.not_read(), digest.gaps());
    }
    numbers.print(run, &roll, changes);
    let (digest, announced) = announced?;
    let status = digest.as_ref().map_or("clean", |it| it.status().as_str());
    let status = if digest.is_none() && numbers.open.values().any(|count| *count > 0) {
        "findings"
    } else {
        status
    };
    tracing::info!(
        run = name,
        status,
        accounts = numbers.accounts,
        not_read = numbers.not_read,
        changes = announced.changes,
        occasions = announced.occasions.join(","),
        "the run is over"
    );
    let troubles = outlets.troubles();
    if !troubles.is_empty() {
        return Err(RunError::NotEverywhere(troubles));
    }
    Ok(Answer::Digest(DigestAnswer {
        run: name.to_owned(),
        status: status.to_owned(),
        accounts: numbers.accounts,
        not_read: numbers.not_read,
        gaps: numbers.gaps,
        announced: announced.occasions,
        changes: announced.changes,
    }))
}

/// A run over all accounts in numbers.
struct Numbers {
    accounts: usize,
    not_read: usize,
    gaps: usize,
    exempt: usize,
    open: std::collections::BTreeMap<Severity, usize>,
}

impl Numbers {
    fn of(accounts: &[(Member, Became)]) -> Self {
        let mut numbers = Numbers {
            accounts: accounts.len(),
            not_read: 0,
            gaps: 0,
            exempt: 0,
            open: Default::default(),
        };
        for (_, became) in accounts {
            match became {
                Became::NotRead(_) => numbers.not_read += 1,
                Became::Read(read) => {
                    numbers.gaps += read.gaps;
                    numbers.exempt += read.exempt;
                    for (severity, count) in &read.open {
                        *numbers.open.entry(*severity).or_default() += count;
                    }
                }
            }
        }
        numbers
    }

    fn print(&self, run: &Run<'_>, roll: &Roll, changes: Option<usize>) {
        let at = now();
        let of = |severity| self.open.get(&severity).copied().unwrap_or_default();
        let since = since(roll.begun_at, at);
        let read = self.accounts - self.not_read;
        let (calls, throttles) = run.calls();
        let numbers = RunMetrics {
            function: run.settings.function().to_owned(),
            critical: of(Severity::Critical),
            high: of(Severity::High),
            medium: of(Severity::Medium),
            low: of(Severity::Low),
            informational: of(Severity::Informational),
            exempt: self.exempt,
            gaps: self.gaps + self.not_read,
            #[expect(clippy::cast_precision_loss, reason = "there are no 2^52 accounts")]
            coverage: if self.accounts == 0 {
                0.0
            } else {
                100.0 * read as f64 / self.accounts as f64
            },
            incomplete: self.gaps + self.not_read > 0,
            full_scan: true,
            announced: changes.unwrap_or_default(),
            duration: since.as_millis().try_into().unwrap_or(u64::MAX),
            // Of what was not announced, no more is known here than that it is of this run at the latest.
            oldest_unannounced: changes.map_or(since.as_secs(), |_| 0),
            calls,
            throttles,
        };
        print(&numbers, at);
    }
}

fn since(begun: Timestamp, at: Timestamp) -> Duration {
    at.duration_since(begun).unsigned_abs()
}
