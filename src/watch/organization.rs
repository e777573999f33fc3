//! A run over an organisation's accounts: each is read by itself, and one digest speaks for all.
//!
//! What became of an account is written down where it was read. The last step knows nothing but that: an
//! account of which nothing is written was not read. It opens the books of those accounts only that have
//! something to announce, a few at once, and keeps of all no more than fits into some messages.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use futures_util::StreamExt as _;
use jiff::Timestamp;

use super::part::{kept, part_key};
use super::{Announced, Ledger, LedgerError, earlier, inventory_key, settle, unfinished};
use crate::announce::{Audience, Digest, MESSAGES, OrganizationDigest, Part, Parts, Settings};
use crate::collect::{Clients, Identity, Reading, in_full};
use crate::config::PolicyFile;
use crate::ledger::{Told, exempt, open};
use crate::model::{Inventory, Reason, Scope};
use crate::organization::{Member, NotRead, Outcome, Read, Result as Became, Roll};
use crate::report::Report;
use crate::scan::{self, Scan};
use crate::store::{Memory, StoreError};

/// Accounts whose state is read or written at once.
const AT_ONCE: usize = 16;

/// Accounts judged at once: what was read of one may be large.
const JUDGED_AT_ONCE: usize = 4;

/// Takes an organisation's digest to those who must know.
pub trait OrganizationOutlet: Sync {
    /// Why it could not be sent.
    type Error: Error + Send + Sync + 'static;
    /// Whether anybody gets what is sent.
    fn audience(&self) -> impl Future<Output = Audience> + Send;
    /// Sends the next message of the digest, and says how many changes it names.
    fn send_all(
        &self,
        digest: &OrganizationDigest,
    ) -> impl Future<Output = Result<usize, Self::Error>> + Send;
    /// Sends a message for each change of an account that the digest named. They count as announced with it.
    fn send_single(
        &self,
        digest: &Digest<'_>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;
    /// Whether there are such messages.
    fn has_single(&self) -> bool;
    /// Tells the other places what changed in an account, once the digest was sent.
    fn send_elsewhere(&self, digest: &Digest<'_>) -> impl Future<Output = ()> + Send;
    /// Whether there are such places.
    fn has_elsewhere(&self) -> bool;
}

/// Why an organisation's run ended.
#[derive(Debug, thiserror::Error)]
pub enum OrganizationError<E: Error + 'static> {
    /// What is kept of the run or of an account could not be read or written.
    #[error("what is kept of the organisation could not be read or written")]
    Store(#[from] StoreError),
    /// There is no such run.
    #[error("there is no run {0}: its accounts were never listed")]
    NoRun(String),
    /// What is kept is not to be used.
    #[error("what is kept of the run cannot be used: {0}")]
    Unusable(String),
    /// The ledger of an account could not be used.
    #[error("the ledger of account {account} could not be used")]
    Ledger {
        /// The account.
        account: String,
        /// Why.
        #[source]
        cause: LedgerError,
    },
    /// The digest was not sent, and the next run will announce what it told.
    #[error("what was found was not announced; the next run will announce it")]
    NotSent(#[source] E),
}

/// Writes down which accounts a run is about: for the map over them, and for the last step.
///
/// # Errors
/// [`StoreError`].
pub async fn begin<M: Memory>(memory: &M, roll: &Roll) -> Result<(), StoreError> {
    // Only maps with keys that are no texts fail, and there are none.
    let items = serde_json::to_string(&roll.members).unwrap_or_default();
    let text = serde_json::to_string_pretty(roll).unwrap_or_default();
    memory.replace(&Roll::key(&roll.run), &text).await?;
    memory.replace(&Roll::items_key(&roll.run), &items).await
}

/// The accounts of a run.
///
/// # Errors
/// [`OrganizationError`], where there is no such run.
pub async fn roll<M: Memory, E: Error + 'static>(
    memory: &M,
    run: &str,
) -> Result<Roll, OrganizationError<E>> {
    let kept = memory.read(&Roll::key(run)).await?;
    let kept = kept.ok_or_else(|| OrganizationError::NoRun(run.to_owned()))?;
    Roll::from_json(&kept.text).map_err(|error| OrganizationError::Unusable(error.to_string()))
}

/// Writes down what became of an account.
///
/// # Errors
/// [`StoreError`].
pub async fn became<M: Memory>(memory: &M, outcome: &Outcome) -> Result<(), StoreError> {
    let key = Outcome::key(&outcome.run, &outcome.account);
    let text = serde_json::to_string_pretty(outcome).unwrap_or_default();
    memory.replace(&key, &text).await
}

/// An account, and whoever reads it.
#[derive(Debug)]
pub struct Reader {
    /// Acts in the account.
    pub clients: Clients,
    /// Whose account it is.
    pub identity: Identity,
    /// What is read.
    pub scope: Scope,
    /// How. What earlier runs read is added.
    pub reading: Reading,
}

/// An account that was read into its ledger.
#[derive(Debug)]
pub struct Taken {
    /// What it came to.
    pub report: Report,
    /// The same in numbers.
    pub read: Read,
    /// Whether there was no time for everything. The next run goes on.
    pub unfinished: bool,
}

/// Reads an account and takes what was found into its ledger, without announcing it.
///
/// # Errors
/// [`LedgerError`]. What cannot be read of the account is a gap.
pub async fn take<M: Memory>(
    memory: &M,
    reader: Reader,
    policy: &PolicyFile,
    settings: Settings,
    clock: &(dyn Fn() -> Timestamp + Sync),
) -> Result<Taken, LedgerError> {
    let Reader {
        clients,
        identity,
        mut scope,
        mut reading,
    } = reader;
    let now = clock();
    let account = identity.account.clone();
    let mut ledger = Ledger::open(memory, &account, &scope).await?;
    ledger.check_clock(now)?;
    // Where the Regions could not be listed, those that were watched before are read all the same.
    if !reading.gaps.is_empty() {
        scope = scope.widened(&ledger.regions());
    }
    reading.earlier = earlier(memory, &account).await?;
    let earlier = reading.earlier.as_ref();
    reading.part = unfinished(memory, &account, &scope, earlier, now).await?;
    let mut scan = scan::scan_of(&clients, identity, scope, &reading, policy, now).await;
    scan.report.begun_at = now;
    scan.report.read_until = clock();
    let Scan { report, inventory } = scan;
    let more = inventory.is_unfinished();
    let is_everywhere = reading.is_everywhere();
    let accepted = ledger.accepted(&report, &inventory, policy).await?;
    ledger.keep_policy(&account, policy).await?;
    let reach = ledger.reach_of(&inventory, is_everywhere);
    ledger.found(&report, &accepted, reach).await?;
    if !more {
        ledger.keep(&report, &inventory).await?;
    }
    settle(memory, &inventory, reading.part.is_some()).await?;
    let read = summary(&ledger, &report, settings, now);
    Ok(Taken {
        report,
        read,
        unfinished: more,
    })
}

/// What an account came to that was read and whose ledger has taken it in.
fn summary<M: Memory>(
    ledger: &Ledger<'_, M>,
    report: &Report,
    settings: Settings,
    now: Timestamp,
) -> Read {
    let coverage = &report.evaluation.coverage;
    Read {
        status: report.status().as_str().to_owned(),
        taken_at: report.taken_at,
        regions: report.scope.regions.clone(),
        apis: coverage.apis,
        methods: coverage.methods,
        gaps: report.evaluation.gaps.len(),
        open: open(ledger.books()),
        exempt: exempt(ledger.books()),
        due: ledger.due(ledger.books(), report, settings, now).is_some(),
    }
}

/// What became of every account of a run, as it was written down. What is not there, cannot be read, or cannot
/// be understood, was not read; neither was what an earlier run of the same name left.
pub async fn outcomes<M: Memory>(memory: &M, roll: &Roll) -> Vec<(Member, Became)> {
    let reads = roll.members.iter().map(async |member| {
        let (run, account) = (&roll.run, &member.account);
        match memory.read(&Outcome::key(run, account)).await {
            Ok(kept) => {
                let kept = kept.and_then(|it| Outcome::from_json(&it.text, run, account).ok());
                Some(kept.filter(|it| it.at >= roll.begun_at)?.result)
            }
            Err(error) => Some(Became::NotRead(lost(&error))),
        }
    });
    let reads = futures_util::stream::iter(reads).buffered(AT_ONCE);
    let read: Vec<Option<Became>> = reads.collect().await;
    let mut read = read.into_iter();
    roll.with_outcomes(|_| read.next().flatten())
}

/// What an account has to announce, to be noted in its books.
struct Note {
    account: String,
    taken_at: Timestamp,
    /// What was read.
    scope: Scope,
    /// What is said of each change.
    told: Vec<(String, Told)>,
    /// Since when something of it has been waiting.
    waiting_since: Option<Timestamp>,
}

/// Announces what became of all accounts, and notes in their books what the messages named. `judge` is the policy
/// file's word on an inventory.
///
/// # Errors
/// [`OrganizationError`]. What no message named does not count as announced; where a book could not be written
/// afterwards, the next run may announce the account's changes again.
pub async fn announce<M: Memory, O: OrganizationOutlet>(
    memory: &M,
    roll: &Roll,
    accounts: Vec<(Member, Became)>,
    outlet: &O,
    judge: &(dyn Fn(&Inventory) -> Report + Sync),
    settings: Settings,
    now: Timestamp,
) -> Result<(Option<OrganizationDigest>, Announced), OrganizationError<O::Error>> {
    let all = accounts.into_iter();
    let all = all.map(async |(member, became)| {
        let due = match &became {
            Became::Read(read) if read.due => {
                part(memory, &member, read.taken_at, judge, settings, now).await
            }
            _ => Due::Nothing,
        };
        (member, became, due)
    });
    let mut all = futures_util::stream::iter(all).buffered(JUDGED_AT_ONCE);
    let (mut accounts, mut parts) = (Vec::new(), Parts::default());
    let mut due = Vec::new();
    // Each part is taken in as it comes: of thousands of accounts no more is kept than the messages show.
    while let Some((member, mut became, of_it)) = all.next().await {
        match of_it {
            Due::Nothing => {}
            Due::Part(part, note) => {
                parts.add(*part);
                due.push(note);
            }
            Due::Lost(why) => became = Became::NotRead(why),
        }
        accounts.push((member, became));
    }
    let digest = OrganizationDigest::due(&roll.run, roll.begun_at, accounts, parts);
    let Some(mut digest) = digest else {
        return Ok((None, Announced::default()));
    };
    let kept = format!("organization/{}/", roll.run);
    digest.whereabouts = Some(memory.address(&kept));
    // Asked before anything is sent: a subscription that is confirmed later does not get it.
    let audience = outlet.audience().await;
    let counts = audience.counts();
    let (named, failed) = send(outlet, &mut digest, counts).await;
    let failed = match failed {
        Some(error) if digest.messages == 0 => return Err(OrganizationError::NotSent(error)),
        other => other,
    };
    let run = Notes {
        memory,
        outlet,
        judge,
        settings,
        counts,
        now,
    };
    let nothing = BTreeSet::new();
    let notes = due.into_iter().map(|it| {
        let named = named.get(&it.account).unwrap_or(&nothing);
        run.note(it, named)
    });
    // One that cannot be noted keeps no other from being.
    let notes = futures_util::stream::iter(notes).buffer_unordered(AT_ONCE);
    let notes: Vec<Result<Noted, _>> = notes.collect().await;
    let notes = notes.into_iter().collect::<Result<Vec<Noted>, _>>()?;
    if let Some(error) = failed {
        return Err(OrganizationError::NotSent(error));
    }
    let announced = Announced {
        occasions: super::occasions(&digest.occasions, counts),
        changes: notes.iter().map(|it| it.told).sum(),
        untold: notes.iter().map(|it| it.untold).sum(),
        audience,
        waiting_since: notes.iter().filter_map(|it| it.waiting_since).min(),
    };
    // As it was before the first message: whoever gets it asks what there was to announce.
    (digest.named, digest.messages) = (0, 0);
    Ok((Some(digest), announced))
}

/// The ids of what messages named, by account.
type Named = BTreeMap<String, BTreeSet<String>>;

/// Sends the messages of a digest. Returns what they named, and why one could not be sent, if one could not.
async fn send<O: OrganizationOutlet>(
    outlet: &O,
    digest: &mut OrganizationDigest,
    counts: bool,
) -> (Named, Option<O::Error>) {
    let mut named = Named::new();
    loop {
        let count = match outlet.send_all(digest).await {
            Ok(count) => count,
            Err(error) => return (named, Some(error)),
        };
        for (account, id) in digest.next(count).filter(|_| counts) {
            let ids = named.entry(account.to_owned()).or_default();
            ids.insert(id.to_owned());
        }
        digest.advance(count);
        let is_over = count == 0 || !digest.has_rest() || digest.messages >= MESSAGES;
        if is_over || !counts {
            return (named, None);
        }
    }
}

/// What an account has to announce.
enum Due {
    Nothing,
    Part(Box<Part>, Note),
    /// It was read, and what is kept of it cannot be used.
    Lost(NotRead),
}

async fn part<M: Memory>(
    memory: &M,
    member: &Member,
    taken_at: Timestamp,
    judge: &(dyn Fn(&Inventory) -> Report + Sync),
    settings: Settings,
    now: Timestamp,
) -> Due {
    let account = &member.account;
    let report = match kept_report(memory, account, taken_at, judge).await {
        Ok(Some(report)) => report,
        Ok(None) => {
            return Due::Lost(NotRead {
                reason: Reason::NotFound,
                message: "it was read, and what was read is not kept".to_owned(),
            });
        }
        Err(error) => return Due::Lost(lost(&error)),
    };
    // The ledger of one account takes the word from no other.
    let ledger = match opened(memory, account, &report.scope).await {
        Ok(ledger) => ledger,
        Err(cause) => return Due::Lost(unusable(&cause)),
    };
    let Some(digest) = ledger.due(ledger.books(), &report, settings, now) else {
        return Due::Nothing;
    };
    let note = Note {
        account: account.clone(),
        taken_at,
        scope: report.scope.clone(),
        told: digest.told(usize::MAX, now),
        waiting_since: ledger.waiting_since(),
    };
    Due::Part(Box::new(Part::of(&digest, usize::MAX)), note)
}

fn lost(error: &StoreError) -> NotRead {
    NotRead {
        reason: Reason::ServiceError,
        message: in_full(error),
    }
}

/// What becomes of an account whose ledger cannot be used.
pub fn unusable(cause: &LedgerError) -> NotRead {
    NotRead {
        reason: match cause {
            LedgerError::Store(_) => Reason::ServiceError,
            _ => Reason::Malformed,
        },
        message: in_full(cause),
    }
}

/// What notes in the books of the accounts what was announced.
struct Notes<'n, M, O> {
    memory: &'n M,
    outlet: &'n O,
    judge: &'n (dyn Fn(&Inventory) -> Report + Sync),
    settings: Settings,
    /// Whether what was named counts as announced.
    counts: bool,
    now: Timestamp,
}

/// What was noted of an account.
struct Noted {
    told: usize,
    untold: usize,
    waiting_since: Option<Timestamp>,
}

impl<M: Memory, O: OrganizationOutlet> Notes<'_, M, O> {
    /// Sends what goes with the digest of an account, and notes what was sent. `named`: the ids of what messages
    /// named.
    async fn note(
        &self,
        due: Note,
        named: &BTreeSet<String>,
    ) -> Result<Noted, OrganizationError<O::Error>> {
        let account = &due.account;
        let (all, told) = (due.told.len(), due.told.into_iter());
        let told: Vec<(String, Told)> = told.filter(|(id, _)| named.contains(id)).collect();
        let noted = |waiting_since| Noted {
            told: told.len(),
            untold: all - told.len(),
            waiting_since,
        };
        if !self.counts && !self.outlet.has_elsewhere() {
            return Ok(noted(due.waiting_since));
        }
        let failed = |cause| OrganizationError::Ledger {
            account: account.clone(),
            cause,
        };
        let ledger = opened(self.memory, account, &due.scope).await;
        let mut ledger = ledger.map_err(failed)?;
        let mut passed_on = Vec::new();
        // Judged again only for whom more is told than that it was said.
        let sends_single = self.outlet.has_single() && !named.is_empty();
        if (sends_single || self.outlet.has_elsewhere())
            && let Some(report) =
                kept_report(self.memory, account, due.taken_at, self.judge).await?
            && let Some(digest) = ledger.due(ledger.books(), &report, self.settings, self.now)
        {
            if sends_single {
                let mut single = digest.clone();
                single.news.retain(|it| named.contains(&it.entry.id));
                let sent = self.outlet.send_single(&single).await;
                sent.map_err(OrganizationError::NotSent)?;
            }
            passed_on = self.elsewhere(&digest).await;
        }
        let at = self.counts.then_some(self.now);
        ledger.note(&told, &passed_on, at).await.map_err(failed)?;
        Ok(noted(ledger.waiting_since()))
    }

    /// Tells the other places what they were not told yet. Returns what they were sent.
    async fn elsewhere(&self, digest: &Digest<'_>) -> Vec<(String, Told)> {
        let fresh = super::for_elsewhere(digest, self.counts);
        let Some(fresh) = fresh.filter(|_| self.outlet.has_elsewhere()) else {
            return Vec::new();
        };
        self.outlet.send_elsewhere(&fresh).await;
        fresh.passed_on(self.now)
    }
}

async fn opened<'m, M: Memory>(
    memory: &'m M,
    account: &str,
    scope: &Scope,
) -> Result<Ledger<'m, M>, LedgerError> {
    let mut ledger = Ledger::open(memory, account, scope).await?;
    ledger.keeps = true;
    Ok(ledger)
}

/// The report of what was read of an account then, or later: of the whole inventory, or of an unfinished one.
/// `None`: neither is kept.
async fn kept_report<M: Memory>(
    memory: &M,
    account: &str,
    taken_at: Timestamp,
    judge: &(dyn Fn(&Inventory) -> Report + Sync),
) -> Result<Option<Report>, StoreError> {
    for key in [inventory_key(account), part_key(account)] {
        let kept = kept(memory, &key, account).await?;
        if let Some(inventory) = kept.filter(|it| it.taken_at >= taken_at) {
            return Ok(Some(judge(&inventory)));
        }
    }
    Ok(None)
}
