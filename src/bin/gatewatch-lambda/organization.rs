//! The steps of a run over an organisation.

use gatewatch::announce::{OrganizationDigest, Parts, RunMetrics};
use gatewatch::collect::{self, Failure};
use gatewatch::model::{Inventory, Scope};
use gatewatch::organization::{Member, Outcome, Result as Became, Roll};
use gatewatch::report::Report;
use gatewatch::scan;
use gatewatch::store::StorePlace;
use gatewatch::trigger::Step;
use gatewatch::watch::Announced;
use gatewatch::watch::organization::{self as watch, Reader};

use crate::answer::{AccountAnswer, Answer, DigestAnswer, ListAnswer};
use crate::error::RunError;
use crate::now;
use crate::run::{Run, print, warn_of};

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
    settings.excluded_regions()?;
    settings.topic()?;
    let StorePlace::S3 { bucket, prefix } = settings.state()? else {
        let message = "GATEWATCH_STATE: the map over the accounts reads them from S3";
        return Err(RunError::BadSetting(message.to_owned()));
    };
    run.identity().await?;
    let named = settings.accounts()?;
    let (mut members, mut inactive) = if named.is_empty() {
        collect::accounts(run.clients)
            .await
            .map_err(RunError::NoAccounts)?
    } else {
        let members = named.into_iter().map(Member::unnamed);
        (members.collect(), Vec::new())
    };
    let excluded = settings.excluded_accounts()?;
    members.retain(|it| !excluded.contains(&it.account));
    inactive.retain(|(it, _)| !excluded.contains(&it.account));
    if members.is_empty() {
        let message = "GATEWATCH_EXCLUDED_ACCOUNTS leaves no active account to read";
        return Err(RunError::BadSetting(message.to_owned()));
    }
    let roll = Roll::new(name, run.begun, members, inactive);
    watch::begin(&run.store()?, &roll).await?;
    tracing::info!(
        run = roll.run,
        accounts = roll.members.len(),
        not_active = roll.unreadable.len(),
        excluded = excluded.len(),
        "the accounts are listed"
    );
    Ok(Answer::List(ListAnswer {
        key: prefix + &Roll::items_key(&roll.run),
        bucket,
        accounts: roll.members.len(),
        not_active: roll.unreadable.len(),
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
            (Became::NotRead(failure.into()), false)
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
    let own = run.identity().await?;
    let (clients, identity) = match run.clients.in_account(&own, account, &role).await {
        Ok(reader) => reader,
        Err(failure) => return Ok(Err(failure)),
    };
    let (regions, unlisted) = run.regions(&clients, &identity).await?;
    tracing::info!(
        account = identity.account,
        arn = identity.arn,
        "the account is read with these credentials"
    );
    let excluded = run.settings.excluded_regions()?;
    Ok(Ok(Reader {
        clients,
        identity,
        scope: Scope::new(regions, Vec::new()).without_regions(&excluded),
        reading: run.reading(unlisted)?,
    }))
}

async fn digest(run: &Run<'_>, name: &str) -> Result<Answer, RunError> {
    let store = run.store()?;
    let outlets = run.outlets()?.in_account(run.identity().await?.account);
    let roll = watch::roll(&store, name).await?;
    let accounts = watch::outcomes(&store, &roll).await;
    let read = OrganizationDigest::of(name, roll.begun_at, accounts.clone(), Parts::default());
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
    // What was read and is not kept is known by the digest alone.
    let digest = match &announced {
        Ok((Some(digest), _)) => digest,
        _ => &read,
    };
    let told = announced.as_ref().ok().map(|(_, it)| it);
    log_metrics(run, digest, told);
    let (status, accounts) = (digest.status().as_str(), digest.accounts());
    let (not_read, gaps) = (digest.not_read(), digest.gaps());
    let not_active = digest.not_active();
    let (_, announced) = announced?;
    tracing::info!(
        run = name,
        status,
        accounts,
        not_read,
        not_active,
        changes = announced.changes,
        untold = announced.untold,
        occasions = announced.occasions.join(","),
        "the run is over"
    );
    warn_of(&announced);
    let troubles = outlets.troubles();
    if !troubles.is_empty() {
        return Err(RunError::NotEverywhere(troubles));
    }
    Ok(Answer::Digest(DigestAnswer {
        run: name.to_owned(),
        status: status.to_owned(),
        accounts,
        not_read,
        not_active,
        gaps,
        untold: announced.untold,
        warnings: announced.audience.warning().into_iter().collect(),
        announced: announced.occasions,
        changes: announced.changes,
    }))
}

/// Logs the numbers of a run over all accounts. `told`: what was announced, where that went well.
fn log_metrics(run: &Run<'_>, digest: &OrganizationDigest, told: Option<&Announced>) {
    let at = now();
    let since = at.duration_since(digest.begun_at).unsigned_abs();
    let waiting = |since| at.duration_since(since).unsigned_abs().as_secs();
    // An account that is not active has nothing to be read.
    let accounts = digest.accounts() - digest.not_active();
    let not_read = digest.not_read();
    let (calls, throttles) = run.calls();
    let numbers = RunMetrics {
        function: run.settings.function().to_owned(),
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
        announced: told.map_or(0, |it| it.changes),
        untold: told.map_or(0, |it| it.untold),
        not_subscribed: told.is_some_and(|it| it.audience.is_nobody()),
        duration: since.as_millis().try_into().unwrap_or(u64::MAX),
        // Where nothing could be announced, no more is known here than that it is of this run at the latest.
        oldest_unannounced: told.map_or(since.as_secs(), |it| it.waiting_since.map_or(0, waiting)),
        calls,
        throttles,
    };
    print(&numbers, at);
}
