//! `gatewatch scan` over several accounts.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, anyhow};
use futures_util::StreamExt as _;
use gatewatch::announce::{Audience, Digest, OrganizationDigest, Settings, organization_text};
use gatewatch::collect::{self, Clients, Identity, MemberRole, Progress};
use gatewatch::config::PolicyFile;
use gatewatch::deliver::Outlets;
use gatewatch::model::Inventory;
use gatewatch::organization::{Member, NotRead, Result as Became, Roll};
use gatewatch::report::{AccountReport, Report, Status, accounts_document, accounts_table};
use gatewatch::scan;
use gatewatch::store::{Memory, Overlay, Store};
use gatewatch::watch::Announced;
use gatewatch::watch::organization as watch;
use gatewatch::watch::organization::{OrganizationError, OrganizationOutlet, Reader, Taken};

use super::account::{How, clients};
use super::args::{self, Accounts, Format, Judging};
use super::notify::note_announced;
use super::output::{note, note_calls, print};
use super::{CLEAN, FINDINGS, INCOMPLETE, Stop, fails, now, progress, say};

/// Reads the accounts, and shows, remembers and announces what they came to.
pub(super) async fn run(
    args: args::Scan,
    policy: PolicyFile,
    which: Option<&str>,
) -> Result<u8, Stop> {
    if args.publish.is_some() && args.state.is_none() {
        return Err(Stop::Usage(anyhow!(
            "--publish of several accounts needs --state: what is published is what changed"
        )));
    }
    let (clients, identity, how) = clients(args.account).await?;
    say(which);
    let (members, inactive) = members(&clients, &args.accounts).await?;
    note(format_args!("reading {} account(s)", members.len()));
    let begun = now();
    let name = begun.strftime("scan-%Y%m%dT%H%M%SZ").to_string();
    let run = Run {
        clients: &clients,
        identity,
        how,
        role: MemberRole {
            name: args.accounts.role_name.unwrap_or_default(),
            external_id: args.accounts.external_id,
        },
        policy: &policy,
        settings: Settings::after_days(args.remind_after_days, args.heartbeat_days),
        at_once: args.accounts.accounts_at_once.into(),
        roll: Roll::new(name, begun, members, inactive),
        progress: Progress::default(),
    };
    let ended = match args.state {
        None => {
            let (reports, _) = run.read::<Store>(None).await;
            show(&reports, &args.judging)
        }
        Some(place) if args.dry_run => {
            let store = Overlay::new(Store::open(place, &clients));
            let (reports, became) = run.read(Some(&store)).await;
            let (digest, _) = run.announce(&store, (&reports, became), &Nowhere).await?;
            let text = match &digest {
                Some(digest) => organization_text(digest, usize::MAX, usize::MAX),
                None => "nothing would be announced\n".to_owned(),
            };
            print(&text).map_err(Stop::Incomplete)?;
            Ok(status(&reports, &args.judging))
        }
        Some(place) => {
            let store = Store::open(place, &clients);
            let (reports, became) = run.read(Some(&store)).await;
            // What is shown does not wait for a topic that is gone.
            let shown = show(&reports, &args.judging)?;
            match args.publish {
                None => note(format_args!(
                    "remembered in {}; nothing is announced without --publish",
                    store.address("")
                )),
                Some(topic) => {
                    let account = run.identity.account.clone();
                    let outlets = Outlets::new(&clients, topic.clone(), begun).in_account(account);
                    let announced = run.announce(&store, (&reports, became), &outlets).await?;
                    note_announced(&topic, &announced.1);
                }
            }
            Ok(shown)
        }
    };
    if args.stats {
        note_calls(&clients);
    }
    ended
}

/// The accounts to read, and those that are not active.
async fn members(
    clients: &Clients,
    asked: &Accounts,
) -> Result<(Vec<Member>, Vec<(Member, NotRead)>), Stop> {
    let is_excluded = |it: &Member| asked.exclude_account.contains(&it.account);
    let is_named = |it: &Member| asked.accounts.is_empty() || asked.accounts.contains(&it.account);
    let (mut members, mut inactive) = if asked.organization {
        let listed = collect::accounts(clients).await;
        listed.map_err(|failure| {
            Stop::Incomplete(anyhow!(failure).context(
                "the accounts of the organisation could not be listed, and nothing was checked",
            ))
        })?
    } else {
        let named = asked.accounts.iter().cloned().map(Member::unnamed);
        (named.collect(), Vec::new())
    };
    let known = members.iter().chain(inactive.iter().map(|(it, _)| it));
    let known: BTreeSet<&str> = known.map(|it| it.account.as_str()).collect();
    let unknown = asked
        .accounts
        .iter()
        .find(|it| !known.contains(it.as_str()));
    if let Some(unknown) = unknown {
        return Err(Stop::Usage(anyhow!(
            "account {unknown} is not in the organisation"
        )));
    }
    members.retain(|it| is_named(it) && !is_excluded(it));
    inactive.retain(|(it, _)| is_named(it) && !is_excluded(it));
    if members.is_empty() {
        return Err(Stop::Usage(anyhow!(match inactive.len() {
            0 => "no account is left to read",
            _ => "no account is left to read: none of those that were asked for is active",
        })));
    }
    Ok((members, inactive))
}

/// An account with its report, and what became of it in the ledger, where there is one.
type Account = (AccountReport, Option<Became>);
/// The same of all.
type All = (Vec<AccountReport>, Vec<Option<Became>>);

struct Run<'r> {
    clients: &'r Clients,
    identity: Identity,
    how: How,
    role: MemberRole,
    policy: &'r PolicyFile,
    settings: Settings,
    at_once: usize,
    roll: Roll,
    progress: Progress,
}

impl Run<'_> {
    /// Reads all accounts, into the ledger where there is one.
    async fn read<M: Memory>(&self, memory: Option<&M>) -> All {
        let (over, all) = (AtomicUsize::new(0), self.roll.members.len());
        let reads = self.roll.members.iter().map(async |member| {
            let account = self.account(member, memory).await;
            over.fetch_add(1, Ordering::Relaxed);
            account
        });
        let reads = futures_util::stream::iter(reads).buffer_unordered(self.at_once);
        let reads = reads.collect::<Vec<_>>();
        let so_far = || Some((over.load(Ordering::Relaxed), all));
        let mut read: Vec<Account> = progress::shown(&self.progress, so_far, reads).await;
        let unreadable = self.roll.unreadable.iter();
        read.extend(unreadable.map(|(member, why)| not_read(member, why.clone())));
        read.sort_by(|one, other| one.0.member.cmp(&other.0.member));
        read.into_iter().unzip()
    }

    async fn account<M: Memory>(&self, member: &Member, memory: Option<&M>) -> Account {
        let (own, account) = (&self.identity, &member.account);
        let (clients, identity) = match self.clients.in_account(own, account, &self.role).await {
            Ok(reader) => reader,
            Err(failure) => return not_read(member, failure.into()),
        };
        let (scope, mut reading) = self.how.plan(&clients, &identity).await;
        reading.progress = self.progress.clone();
        let Some(memory) = memory else {
            let scan = scan::scan_of(&clients, identity, scope, &reading, self.policy, now());
            return read(member, scan.await.report, None);
        };
        let reader = Reader {
            clients,
            identity,
            scope,
            reading,
        };
        let taken = watch::take(memory, reader, self.policy, self.settings, &now).await;
        // The ledger of one account keeps no other from being read.
        match taken {
            Ok(Taken {
                report, read: came, ..
            }) => read(member, report, Some(Became::Read(came))),
            Err(error) => not_read(member, watch::unusable(&error)),
        }
    }

    async fn announce<M: Memory, O: OrganizationOutlet>(
        &self,
        memory: &M,
        (reports, became): (&[AccountReport], Vec<Option<Became>>),
        outlet: &O,
    ) -> Result<(Option<OrganizationDigest>, Announced), Stop> {
        let accounts = reports.iter().zip(became);
        let accounts = accounts.filter_map(|(it, became)| Some((it.member.clone(), became?)));
        let judge = |inventory: &Inventory| scan::judge(inventory, self.policy, self.roll.begun_at);
        let announced = watch::announce(
            memory,
            &self.roll,
            accounts.collect(),
            outlet,
            &judge,
            self.settings,
            now(),
        );
        let announced = announced.await;
        announced.map_err(|error: OrganizationError<_>| Stop::Incomplete(anyhow!(error)))
    }
}

fn not_read(member: &Member, why: NotRead) -> Account {
    let report = AccountReport {
        member: member.clone(),
        result: Err(why.clone()),
    };
    (report, Some(Became::NotRead(why)))
}

fn read(member: &Member, report: Report, became: Option<Became>) -> Account {
    let report = AccountReport {
        member: member.clone(),
        result: Ok(report),
    };
    (report, became)
}

fn show(reports: &[AccountReport], judging: &Judging) -> Result<u8, Stop> {
    let text = match judging.format {
        Format::Table => accounts_table(reports),
        Format::Json => {
            let json = serde_json::to_string_pretty(&accounts_document(reports));
            json.context("the reports could not be written as JSON")? + "\n"
        }
    };
    print(&text).map_err(Stop::Incomplete)?;
    Ok(status(reports, judging))
}

fn status(reports: &[AccountReport], judging: &Judging) -> u8 {
    let mut read = reports.iter().filter_map(|it| it.result.as_ref().ok());
    match Status::of_all(reports.iter().filter_map(AccountReport::status)) {
        Status::Incomplete => INCOMPLETE,
        Status::Findings if read.any(|report| fails(report, judging)) => FINDINGS,
        Status::Findings | Status::Clean => CLEAN,
    }
}

/// Sends nothing: what would be sent is shown.
struct Nowhere;

impl OrganizationOutlet for Nowhere {
    type Error = std::convert::Infallible;

    async fn audience(&self) -> Audience {
        Audience::Confirmed
    }

    async fn send_all(&self, _: &OrganizationDigest) -> Result<usize, Self::Error> {
        Ok(0)
    }

    async fn send_single(&self, _: &Digest<'_>) -> Result<(), Self::Error> {
        Ok(())
    }

    fn has_single(&self) -> bool {
        false
    }

    async fn send_elsewhere(&self, _: &Digest<'_>) {}

    fn has_elsewhere(&self) -> bool {
        false
    }
}
