//! The steps of a run over an organization, each an invocation of its own.

use gatewatch::audit::Report;
use gatewatch::aws::store::StorePlace;
use gatewatch::inventory::Inventory;
use gatewatch::ledger::organization::{Outcome, Result as Became, Roll};
use gatewatch::render::{OrganizationDigest, Parts};
use gatewatch::run::events::Step;
use gatewatch::run::organization::{self as organization, Announcer, Hub, NoMembers, unusable};
use gatewatch::run::{Announced, LedgerError, Observer, scan};

use crate::answer::{AccountAnswer, Answer, DigestAnswer, ListAnswer};
use crate::clock::now;
use crate::error::RunError;
use crate::invocation::{Invocation, warn_of};
use crate::metrics;

/// Takes a step.
pub(crate) async fn take(run: &Invocation<'_>, step: Step) -> Result<Answer, RunError> {
    match step {
        Step::List { execution } => list(run, execution).await,
        Step::Account { run: name, account } => read(run, &name, &account).await,
        Step::Digest { run: name } => digest(run, &name).await,
    }
}

async fn list(run: &Invocation<'_>, name: String) -> Result<Answer, RunError> {
    let settings = run.settings;
    // A missing role is found before any account is read.
    settings.member_role()?;
    let StorePlace::S3 { bucket, prefix } = settings.state.clone() else {
        let message = "GATEWATCH_STATE: the map over the accounts reads them from S3";
        return Err(RunError::BadSetting(message.to_owned()));
    };
    run.identity().await?;
    let members = organization::members(run.clients, &settings.accounts).await;
    let (members, inactive) = members.map_err(|error| match error {
        NoMembers::NotListed(failure) => RunError::NoAccounts(failure),
        NoMembers::Unknown(_) => RunError::BadSetting(format!("GATEWATCH_ACCOUNTS: {error}")),
        NoMembers::NoneLeft { .. } => {
            let message = "GATEWATCH_EXCLUDED_ACCOUNTS leaves no active account to read";
            RunError::BadSetting(message.to_owned())
        }
    })?;
    let roll = Roll::new(name, run.begun, members, inactive);
    organization::begin(&run.store, &roll).await?;
    tracing::info!(
        run = roll.run,
        accounts = roll.members.len(),
        not_active = roll.unreadable.len(),
        excluded = settings.accounts.excluded.len(),
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

async fn read(run: &Invocation<'_>, name: &str, account: &str) -> Result<Answer, RunError> {
    let roll = organization::roll(&run.store, name).await?;
    if roll.member(account).is_none() {
        let message = format!("account {account} is none of the run {name}");
        return Err(RunError::BadEvent(message));
    }
    let (became, unfinished) = match taken(run, account).await? {
        Ok((became, unfinished)) => (became, unfinished),
        Err(error) => {
            // The digest says why the account was not read, and so does the failed invocation.
            let became = Became::NotRead(unusable(&error));
            let outcome = Outcome::new(name, account, now(), became);
            organization::became(&run.store, &outcome).await?;
            return Err(error.into());
        }
    };
    let status = match &became {
        Became::Read(read) => read.status.clone(),
        Became::NotRead(_) => "not-read".to_owned(),
    };
    let outcome = Outcome::new(name, account, now(), became);
    organization::became(&run.store, &outcome).await?;
    Ok(Answer::Account(AccountAnswer {
        account: account.to_owned(),
        status,
        unfinished,
    }))
}

/// Reads an account into its ledger. What became of it, and whether there is more to read; or why its ledger could
/// not be used.
async fn taken(
    run: &Invocation<'_>,
    account: &str,
) -> Result<Result<(Became, bool), LedgerError>, RunError> {
    let identity = run.identity().await?;
    let hub = Hub {
        clients: run.clients,
        identity: &identity,
        role: run.settings.member_role()?,
        watched: &run.watched,
    };
    let (live, watched, reading) = match hub.account(account).await {
        Ok(account) => account,
        Err(why) => {
            tracing::warn!(account, error = why.message, "the account is not read");
            return Ok(Ok((Became::NotRead(why), false)));
        }
    };
    tracing::info!(
        account = live.identity.account,
        arn = live.identity.arn,
        "the account is read with these credentials"
    );
    let governed = run.governed(now());
    let taken = governed.read_member(&live, watched, reading).await;
    Ok(match taken {
        Ok(taken) => {
            log(&taken.report, taken.unfinished);
            Ok((Became::Read(taken.read), taken.unfinished))
        }
        Err(ended) => Err(LedgerError::from(ended)),
    })
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

async fn digest(run: &Invocation<'_>, name: &str) -> Result<Answer, RunError> {
    let outlets = run.outlets().in_account(run.identity().await?.account);
    let roll = organization::roll(&run.store, name).await?;
    let accounts = organization::outcomes(&run.store, &roll).await;
    let read = OrganizationDigest::of(name, roll.begun_at, accounts.clone(), Parts::default());
    let megabytes = run.settings.megabytes;
    let each = megabytes.map(|it| it / organization::JUDGED_AT_ONCE);
    let judge = |inventory: &Inventory| scan::judge_in(each, inventory, &run.policy, run.begun);
    let announcer = Announcer {
        memory: &run.store,
        outlet: &outlets,
        judge: &judge,
        settings: run.settings.announce,
        now: run.begun,
        observer: Observer::nobody(),
    };
    let announced = announcer.announce(&roll, accounts).await;
    // Only the digest knows of accounts that were read and whose inventory is not kept.
    let digest = match &announced {
        Ok((Some(digest), _)) => digest,
        _ => &read,
    };
    let told = announced.as_ref().ok().map(|(_, it)| it);
    metrics::log_organization(run, digest, told);
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
    let mut troubles = outlets.troubles();
    troubles.extend(announced.troubles());
    if !troubles.is_empty() {
        return Err(RunError::NotEverywhere(troubles));
    }
    let counts = (accounts, not_read, not_active, gaps);
    Ok(answer(name, status, counts, announced))
}

/// The answer of the last step. `counts`: how many accounts there are, how many were not read, how many are not
/// active, and how many gaps the others have.
fn answer(
    run: &str,
    status: &str,
    (accounts, not_read, not_active, gaps): (usize, usize, usize, usize),
    announced: Announced,
) -> Answer {
    Answer::Digest(DigestAnswer {
        run: run.to_owned(),
        status: status.to_owned(),
        accounts,
        not_read,
        not_active,
        gaps,
        untold: announced.untold,
        warnings: announced.warnings(),
        announced: announced.occasions,
        changes: announced.changes,
    })
}
