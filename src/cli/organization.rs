//! `gatewatch scan` over several accounts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::anyhow;
use futures_util::StreamExt as _;
use gatewatch::audit::{Report, Status};
use gatewatch::aws::client::{Clients, MemberRole};
use gatewatch::aws::collect::Interrupt;
use gatewatch::aws::deliver::{OrganizationOutlet, Outlets, TopicArn};
use gatewatch::aws::store::{Memory, Overlay, Store};
use gatewatch::inventory::{Inventory, Reason};
use gatewatch::ledger::organization::{Member, NotRead, Result as Became, Roll};
use gatewatch::ledger::{Book, Settings};
use gatewatch::policy_file::PolicyFile;
use gatewatch::render::{
    AccountReport, Judged, PageAccess, PageAccount, PageBound, accounts_document,
    accounts_markdown, accounts_table, write_accounts_csv, write_accounts_ocsf, write_github,
    write_gitlab, write_html, write_junit, write_pretty, write_sarif,
};
use gatewatch::run::organization::{self, Accounts, Announcer, Hub, NoMembers, unusable};
use gatewatch::run::{Announced, Ended, Governed, Observer, scan};

use super::account::{clients, read_so_far};
use super::args::{self, Judging, ReportFormat};
use super::common::{CLEAN, FINDINGS, INCOMPLETE, Stop, fails, now, say};
use super::history::remembered;
use super::notify::{everywhere, note_announced};
use super::output::{note, note_calls, print, write_report};
use super::preview::Preview;
use super::{interrupt, progress, terminal};

/// Reads the accounts, and shows, remembers and announces what they came to.
pub(super) async fn run(
    args: args::ScanArgs,
    (accounts, role): (Accounts, MemberRole),
    policy: PolicyFile,
    which: Option<&str>,
) -> Result<u8, Stop> {
    if args.publish.is_some() && args.state.is_none() {
        return Err(Stop::Usage(anyhow!(
            "--publish of several accounts needs --state: what is published is what changed"
        )));
    }
    let (clients, identity, watched) = clients(args.account).await?;
    say(which);
    let roll = roll(&clients, &accounts).await?;
    note(format_args!("reading {} account(s)", roll.members.len()));
    let run = OrganizationScan {
        hub: Hub {
            clients: &clients,
            identity: &identity,
            role: &role,
            watched: &watched,
        },
        policy: &policy,
        settings: Settings::after_days(args.remind_after_days, args.heartbeat_days),
        at_once: args.accounts.accounts_at_once.into(),
        quiet: args.judging.shown.quiet,
        shows_access: args.judging.writes(ReportFormat::Html) && !args.dry_run,
        roll,
    };
    let ended = match args.state {
        None => {
            let read = run.read::<Store>(None).await;
            let shown = show((&read.reports, &read.access), &args.judging, &Books::new());
            shown.and_then(|status| run.not_interrupted(&read.reports).map(|()| status))
        }
        Some(place) if args.dry_run => {
            let store = Store::open(place, &clients);
            run.dry(Overlay::new(store), &args.judging).await
        }
        Some(place) => {
            let store = Store::open(place, &clients);
            run.governed(&store, args.publish, &args.judging).await
        }
    };
    if args.stats {
        note_calls(&clients);
    }
    ended
}

/// The accounts to read, as a run that begins now.
async fn roll(clients: &Clients, accounts: &Accounts) -> Result<Roll, Stop> {
    let members = organization::members(clients, accounts).await;
    let (members, inactive) = members.map_err(no_members)?;
    let begun = now();
    let name = begun.strftime("scan-%Y%m%dT%H%M%SZ").to_string();
    Ok(Roll::new(name, begun, members, inactive))
}

fn no_members(error: NoMembers) -> Stop {
    match error {
        NoMembers::NotListed(_) => Stop::Incomplete(anyhow!(error)),
        NoMembers::Unknown(_) | NoMembers::NoneLeft { .. } => Stop::Usage(anyhow!(error)),
    }
}

/// An account that was read, or why it was not.
struct AccountOutcome {
    report: AccountReport,
    /// What became of it in the ledger, if there is one.
    became: Option<Became>,
    /// Who can call what, where that is to be shown.
    access: Option<PageAccess>,
}

/// What all accounts came to, each in the same place of these lists.
#[derive(Default)]
struct Outcomes {
    reports: Vec<AccountReport>,
    became: Vec<Option<Became>>,
    access: Vec<Option<PageAccess>>,
}

impl FromIterator<AccountOutcome> for Outcomes {
    fn from_iter<I: IntoIterator<Item = AccountOutcome>>(all: I) -> Self {
        let mut outcomes = Outcomes::default();
        for it in all {
            outcomes.reports.push(it.report);
            outcomes.became.push(it.became);
            outcomes.access.push(it.access);
        }
        outcomes
    }
}

/// A scan over several accounts.
struct OrganizationScan<'r> {
    hub: Hub<'r>,
    policy: &'r PolicyFile,
    settings: Settings,
    /// How many accounts are read at once.
    at_once: usize,
    /// Whether who can call what is shown.
    shows_access: bool,
    /// Whether nobody wants to see how far the reading is.
    quiet: bool,
    roll: Roll,
}

impl OrganizationScan<'_> {
    /// Reads all accounts, into the ledger if there is one.
    async fn read<M: Memory>(&self, memory: Option<&M>) -> Outcomes {
        let (over, all) = (AtomicUsize::new(0), self.roll.members.len());
        let each = self.roll.members.iter().map(async |member| {
            let account = self.account(member, memory).await;
            over.fetch_add(1, Ordering::Relaxed);
            account
        });
        let reads = futures_util::stream::iter(each)
            .buffer_unordered(self.at_once)
            .collect::<Vec<_>>();
        let progress = &self.hub.watched.progress;
        let accounts = || format!("APIs, {}/{all} accounts", over.load(Ordering::Relaxed));
        let so_far = || read_so_far(progress, accounts());
        let reads = progress::shown(self.quiet, so_far, reads);
        let mut read: Vec<AccountOutcome> = interrupt::during(self.interrupt(), reads).await;
        let unreadable = self.roll.unreadable.iter();
        read.extend(unreadable.map(|(member, why)| not_read(member, why.clone())));
        read.sort_by(|one, other| one.report.member.cmp(&other.report.member));
        read.into_iter().collect()
    }

    async fn account<M: Memory>(&self, member: &Member, memory: Option<&M>) -> AccountOutcome {
        let assumed = self.interrupt().or(self.hub.account(&member.account));
        let (live, watched, reading) = match assumed.await {
            Some(Ok(account)) => account,
            Some(Err(why)) => return not_read(member, why),
            None => return not_read(member, interrupted()),
        };
        let Some(memory) = memory else {
            let scan = scan::scan(&live, watched, &reading, self.policy, now());
            let scan = scan.await;
            if self.interrupt().is_raised() && scan.inventory.is_unfinished() {
                return not_read(member, interrupted());
            }
            return self.was_read(member, (scan.report, Some(&scan.inventory)), None);
        };
        let run = Governed {
            memory,
            policy: self.policy,
            settings: self.settings,
            megabytes: None,
            begun: now(),
            clock: now,
            observer: Observer::nobody(),
        };
        // The ledger of one account keeps no other from being read.
        match run.read_member(&live, watched, reading).await {
            Ok(taken) => {
                let became = Some(Became::Read(taken.read));
                self.was_read(member, (taken.report, Some(&taken.inventory)), became)
            }
            // The report is shown though it could not be remembered. The digest lacks the account.
            Err(Ended::NotWritten { report, cause }) => {
                let why = unusable(&cause);
                note(format_args!(
                    "account {} could not be remembered, and is not announced: {}",
                    member.account, why.message
                ));
                self.was_read(member, (*report, None), Some(Became::NotRead(why)))
            }
            Err(Ended::Interrupted(_)) => not_read(member, interrupted()),
            Err(ended) => not_read(member, unusable(&ended.into())),
        }
    }

    /// What ends the reading.
    fn interrupt(&self) -> &Interrupt {
        &self.hub.watched.interrupt
    }

    /// Whether all accounts had their turn. What one had begun when the reading was interrupted says nothing, so that
    /// it is read as a whole by the next run.
    fn not_interrupted(&self, reports: &[AccountReport]) -> Result<(), Stop> {
        if !self.interrupt().is_raised() {
            return Ok(());
        }
        let is_left = |it: &&AccountReport| it.result.as_ref().is_err_and(is_interrupted);
        let left = reports.iter().filter(is_left);
        let left: Vec<&str> = left.map(|it| it.member.account.as_str()).collect();
        if left.is_empty() {
            return Ok(());
        }
        Err(Stop::Incomplete(anyhow!(
            "interrupted: {} of {} accounts were not read, and nothing was announced\nto read them, add --accounts {} to the \
             same command",
            left.len(),
            reports.len(),
            left.join(",")
        )))
    }

    /// What an account came to. Who can call what is told while what was read is at hand: not all that was read of all
    /// accounts fits into memory.
    fn was_read(
        &self,
        member: &Member,
        (report, inventory): (Report, Option<&Inventory>),
        became: Option<Became>,
    ) -> AccountOutcome {
        let bound = PageBound::default().shared_by(self.roll.members.len());
        let inventory = inventory.filter(|_| self.shows_access);
        AccountOutcome {
            report: AccountReport {
                member: member.clone(),
                result: Ok(report),
            },
            became,
            access: inventory.map(|it| PageAccess::of(it, bound)),
        }
    }

    /// Reads all accounts into their ledgers, and announces to the topic, if there is one.
    async fn governed(
        &self,
        store: &Store,
        topic: Option<TopicArn>,
        judging: &Judging,
    ) -> Result<u8, Stop> {
        let Outcomes {
            reports,
            became,
            access,
        } = self.read(Some(store)).await;
        // The reports are shown even if they cannot be announced.
        let books = by_account(remembered(store, None, judging).await);
        let mut shown = show((&reports, &access), judging, &books)?;
        let is_remembered = |(report, became): (&AccountReport, &Option<Became>)| {
            report.result.is_err() || matches!(became, Some(Became::Read(_)))
        };
        if !reports.iter().zip(&became).all(is_remembered) {
            shown = INCOMPLETE;
        }
        // What was found is remembered, and the next run announces it.
        self.not_interrupted(&reports)?;
        match topic {
            None => note(format_args!(
                "remembered in {}; nothing is announced without --publish",
                store.address("")
            )),
            Some(topic) => {
                let account = self.hub.identity.account.clone();
                let outlets = Outlets::new(self.hub.clients, topic.clone(), self.roll.begun_at)
                    .in_account(account);
                let announced = self.announce(store, (&reports, became), &outlets).await?;
                note_announced(&topic, &announced);
                everywhere(&announced)?;
            }
        }
        Ok(shown)
    }

    /// The same, but writes beside the ledgers and shows the digest in place of sending it.
    async fn dry(&self, store: Overlay<Store>, judging: &Judging) -> Result<u8, Stop> {
        let Outcomes {
            reports, became, ..
        } = self.read(Some(&store)).await;
        self.not_interrupted(&reports)?;
        let preview = Preview::default();
        self.announce(&store, (&reports, became), &preview).await?;
        print(&preview.text()).map_err(Stop::Incomplete)?;
        Ok(status(&reports, judging))
    }

    async fn announce<M: Memory, O: OrganizationOutlet>(
        &self,
        memory: &M,
        (reports, became): (&[AccountReport], Vec<Option<Became>>),
        outlet: &O,
    ) -> Result<Announced, Stop> {
        let accounts = reports
            .iter()
            .zip(became)
            .filter_map(|(it, became)| Some((it.member.clone(), became?)));
        let judge = |inventory: &Inventory| scan::judge(inventory, self.policy, self.roll.begun_at);
        let announcer = Announcer {
            memory,
            outlet,
            judge: &judge,
            settings: self.settings,
            now: now(),
            observer: Observer::nobody(),
        };
        let announced = announcer.announce(&self.roll, accounts.collect()).await;
        let (_, announced) = announced.map_err(|error| Stop::Incomplete(anyhow!(error)))?;
        Ok(announced)
    }
}

/// Why an account was not read, where somebody interrupted the run.
fn interrupted() -> NotRead {
    NotRead {
        reason: Reason::NotReadYet,
        message: "the run was interrupted before it was read".to_owned(),
    }
}

fn is_interrupted(why: &NotRead) -> bool {
    why.reason == Reason::NotReadYet
}

fn not_read(member: &Member, why: NotRead) -> AccountOutcome {
    AccountOutcome {
        report: AccountReport {
            member: member.clone(),
            result: Err(why.clone()),
        },
        became: Some(Became::NotRead(why)),
        access: None,
    }
}

/// What the ledgers remember, by account.
type Books = BTreeMap<String, Vec<Book>>;

fn by_account(books: Vec<Book>) -> Books {
    let mut by_account = Books::new();
    for book in books {
        let own = by_account.entry(book.account.clone()).or_default();
        own.push(book);
    }
    by_account
}

fn show(
    (reports, access): (&[AccountReport], &[Option<PageAccess>]),
    judging: &Judging,
    books: &Books,
) -> Result<u8, Stop> {
    let view = || terminal::view(&judging.shown, BTreeSet::new());
    let judged = || Judged::accounts(reports);
    let printed = write_report(judging, |format, mut out| match format {
        ReportFormat::Table => out.write_all(accounts_table(reports, &view()).as_bytes()),
        ReportFormat::Markdown => out.write_all(accounts_markdown(reports).as_bytes()),
        ReportFormat::Json => write_pretty(&accounts_document(reports), out),
        ReportFormat::Csv => write_accounts_csv(reports, &mut out),
        ReportFormat::Ocsf => write_accounts_ocsf(reports, now(), &mut out),
        ReportFormat::Sarif => write_sarif(&judged(), out),
        ReportFormat::Junit => write_junit(&judged(), &mut out),
        ReportFormat::Gitlab => write_gitlab(&judged(), out),
        ReportFormat::Github => write_github(&judged(), &mut out),
        ReportFormat::Html => {
            let pages = reports.iter().zip(access);
            let pages = pages.map(|(it, access)| page(it, access.as_ref(), books));
            write_html(&pages.collect::<Vec<_>>(), out)
        }
    });
    printed.map_err(Stop::Incomplete)?;
    Ok(status(reports, judging))
}

fn page<'a>(
    account: &'a AccountReport,
    access: Option<&'a PageAccess>,
    books: &'a Books,
) -> PageAccount<'a> {
    let own = books.get(&account.member.account);
    PageAccount {
        name: &account.member.name,
        access,
        books: own.map(Vec::as_slice).unwrap_or_default(),
        ..PageAccount::with(&account.member.account, account.result.as_ref().into())
    }
}

fn status(reports: &[AccountReport], judging: &Judging) -> u8 {
    let mut read = reports.iter().filter_map(|it| it.result.as_ref().ok());
    match Status::of_all(reports.iter().filter_map(AccountReport::status)) {
        Status::Incomplete => INCOMPLETE,
        Status::Findings if read.any(|report| fails(report, judging)) => FINDINGS,
        Status::Findings | Status::NoApi | Status::NoMethod | Status::Clean => CLEAN,
    }
}
