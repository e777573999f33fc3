//! A report and the ledger: what is new is announced, and noted as announced.
//!
//! The order keeps the two promises. What a run found is written before anything is sent, so that nothing is
//! lost; and a finding counts as announced only when SNS has taken a message that names it, for a topic that
//! somebody has confirmed a subscription to. So a run that ends anywhere in between, or has more to say than its
//! messages name, is followed by one that announces the rest. At worst something is said twice.

pub mod organization;
mod part;

pub use part::{earlier, keep_unfinished, settle, unfinished};

use std::collections::BTreeSet;
use std::error::Error;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::announce::{Audience, Digest, MESSAGES, Occasion, Settings};
use crate::config::PolicyFile;
use crate::ledger::{
    self, Accepted, Book, BookError, Entry, Reach, Spot, Told, compare_judged, is_opening,
    judged_otherwise, openings,
};
use crate::model::{Inventory, Scope};
use crate::report::Report;
use crate::report::json;
use crate::rules::{MethodKey, acceptances, evaluate};
pub use crate::store::Memory;
use crate::store::{StoreError, Tag};

/// How often a book is compared anew when other runs write it meanwhile.
const TRIES: usize = 20;

/// How far the clocks of two runs may be apart.
const AHEAD: SignedDuration = SignedDuration::from_hours(1);

/// Takes digests to those who must know.
pub trait Outlet: Sync {
    /// Why it could not be sent.
    type Error: Error + Send + Sync + 'static;
    /// Whether anybody gets what is sent.
    fn audience(&self) -> impl Future<Output = Audience> + Send;
    /// Sends the next message of a digest, and says how many of its [`rest`](Digest::rest) the message names.
    fn send(&self, digest: &Digest<'_>) -> impl Future<Output = Result<usize, Self::Error>> + Send;
    /// Tells the other places what changed, once a message was sent.
    fn send_elsewhere(&self, digest: &Digest<'_>) -> impl Future<Output = ()> + Send;
    /// Whether there are such places.
    fn has_elsewhere(&self) -> bool;
}

/// Why the ledger could not be used.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// It is not to be used: it is left as it is.
    #[error(
        "the ledger {address} cannot be used, and is left as it is: restore an earlier version of it, or \
         move it away to begin anew"
    )]
    Unusable {
        /// Where it is.
        address: String,
        /// Why.
        #[source]
        cause: BookError,
    },
    /// A clock was wrong.
    #[error(
        "the ledger was written at {latest}, and it is {now} now: set the clock right, or restore an earlier \
         version of the ledger"
    )]
    Future {
        /// The latest time in the ledger.
        latest: Timestamp,
        /// The time of the run.
        now: Timestamp,
    },
    /// It could not be read or written.
    #[error("the ledger could not be kept")]
    Store(#[from] StoreError),
    /// It could not be written as JSON. This does not happen with the types of this crate.
    #[error("the ledger could not be written as JSON")]
    Json(#[from] serde_json::Error),
}

/// The ledger of an account, as far as a run is about it.
#[derive(Debug)]
pub struct Ledger<'m, M> {
    memory: &'m M,
    books: Vec<Book>,
    /// The tag that each book had when it was read or written. `None`: it is not there yet.
    tags: Vec<Option<Tag>>,
    /// Whether this run keeps its whole report.
    keeps: bool,
}

/// What a run announced.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Announced {
    /// Why there was a digest, such as `changes`. Empty: nothing was announced.
    pub occasions: Vec<&'static str>,
    /// How many changes it named.
    pub changes: usize,
    /// How many changes are left to the next run: no message named them, or nobody gets the messages.
    pub untold: usize,
    /// Whether anybody gets the messages. Not asked where there is nothing to announce.
    pub audience: Audience,
    /// Since when the oldest change that is left has been waiting, of a run over an organization.
    pub waiting_since: Option<Timestamp>,
}

impl<'m, M: Memory> Ledger<'m, M> {
    /// Opens the books that a run is about, before anything else is done: with a ledger that cannot be used
    /// nothing is read and nothing sent.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn open(memory: &'m M, account: &str, scope: &Scope) -> Result<Self, LedgerError> {
        let (mut global, tag) = read(memory, account, None).await?;
        let mut ledger = Ledger {
            memory,
            books: Vec::new(),
            tags: Vec::new(),
            keeps: false,
        };
        // What an earlier run left unsaid of another Region is announced, too. One whose book was moved away
        // is not looked at any more.
        let scope = Scope::new(scope.regions.clone(), Vec::new());
        let regions = scope.clone().widened(&global.regions).regions;
        let books = regions.iter();
        let books = books.map(|region| read(memory, account, Some(region)));
        let books = futures_util::future::try_join_all(books).await?;
        for (region, (book, tag)) in regions.iter().zip(books) {
            if tag.is_some() || scope.regions.contains(region) {
                ledger.books.push(book);
                ledger.tags.push(tag);
            } else {
                global.regions.remove(region);
            }
        }
        ledger.books.push(global);
        ledger.tags.push(tag);
        Ok(ledger)
    }

    /// Refuses a ledger from the future: against one that a clock far ahead has written, nothing would ever be
    /// new again.
    ///
    /// # Errors
    /// [`LedgerError::Future`].
    pub fn check_clock(&self, now: Timestamp) -> Result<(), LedgerError> {
        let latest = self.books.iter().filter_map(Book::latest).max();
        match latest.filter(|it| it.duration_since(now) > AHEAD) {
            Some(latest) => Err(LedgerError::Future { latest, now }),
            None => Ok(()),
        }
    }

    /// The Regions that the account was looked at in before.
    pub fn regions(&self) -> BTreeSet<String> {
        let regions = self.books.iter().flat_map(|it| &it.regions);
        regions.cloned().collect()
    }

    /// When the inventory that is kept was read. `None`: it is not to be used, as something of the APIs was
    /// read again since, or there is none.
    pub fn inventory_at(&self) -> Option<Timestamp> {
        self.books.iter().find_map(|it| it.inventory_at)
    }

    /// What a run over this scope is about, by what the ledger knows of the account. `is_everywhere`: whether
    /// the scope has all Regions that the account has enabled, but for those that are left out on purpose. One
    /// that it had enabled before is not missing then; what was found there stays as it is. One that is left out
    /// is.
    pub fn reach(&self, scope: &Scope, is_everywhere: bool) -> Reach {
        let is_excluded = |it: &String| scope.excluded_regions.contains(it);
        let is_read = |it: &String| scope.regions.contains(it) || is_everywhere && !is_excluded(it);
        let mut known = self.books.iter().flat_map(|it| &it.regions);
        if scope.apis.is_empty() && known.all(is_read) {
            Reach::Whole
        } else {
            Reach::Part
        }
    }

    /// What a run that meant to read everything in its scope is about, by how far it came.
    pub fn reach_of(&self, inventory: &Inventory, is_everywhere: bool) -> Reach {
        if inventory.is_unfinished() {
            Reach::Part
        } else {
            self.reach(&inventory.scope, is_everywhere)
        }
    }

    /// The books, as they are now.
    pub fn books(&self) -> &[Book] {
        &self.books
    }

    /// The findings that a run did not make because the policy file was edited: the policy files by which they
    /// were last made still make them of what the run read.
    ///
    /// # Errors
    /// [`LedgerError`], where a policy file that is kept could not be read.
    pub async fn accepted(
        &self,
        report: &Report,
        inventory: &Inventory,
        policy: &PolicyFile,
    ) -> Result<Accepted, LedgerError> {
        let today = report.taken_at.to_zoned(TimeZone::UTC).date();
        let judged = judged_otherwise(&self.books, report);
        let ids = judged.values().flatten().map(|it| it.id.clone());
        let mut accepted = Accepted::among(ids);
        if judged.is_empty() {
            return Ok(accepted);
        }
        let how = acceptances(inventory, policy);
        let open_now = openings(&report.evaluation, &report.partition);

        for (name, entries) in judged {
            let earlier = match name {
                Some(name) => self.policy_file(&report.account, name).await?,
                // What is wrong by no policy file at all is wrong by most.
                None => Some(PolicyFile::default()),
            };
            let still = earlier.map(|earlier| {
                let evaluation = evaluate(inventory, &earlier, today);
                let exempted = evaluation.exempted.iter().map(|it| &it.finding);
                let found = evaluation.findings.iter().chain(exempted);
                let ids = found.map(|it| it.fingerprint().to_string());
                let ids: BTreeSet<String> = ids.collect();
                (ids, openings(&evaluation, &report.partition))
            });
            for entry in entries {
                let place = &entry.place.words;
                let is_opening = is_opening(&entry.rule);
                // Another rule says it now, by the policy file as it is: that is told instead.
                if is_opening && open_now.contains(place) {
                    continue;
                }
                let is_still = |(ids, open): &(BTreeSet<String>, BTreeSet<String>)| {
                    ids.contains(&entry.id) || (is_opening && open.contains(place))
                };
                let words = match &still {
                    Some(still) if !is_still(still) => continue,
                    Some(_) => method_key(&entry.place)
                        .and_then(|key| how.get(&key).cloned())
                        .unwrap_or_else(|| {
                            "the policy file no longer demands otherwise".to_owned()
                        }),
                    None => "the policy file has been edited, and what it said before is not known"
                        .to_owned(),
                };
                accepted.add(entry.id.clone(), words, still.is_some());
            }
        }
        Ok(accepted)
    }

    /// A policy file by which findings were made. `None`: it is not kept, or this gatewatch does not understand it.
    async fn policy_file(
        &self,
        account: &str,
        name: &str,
    ) -> Result<Option<PolicyFile>, LedgerError> {
        let kept = self.memory.read(&policy_key(account, name)).await?;
        Ok(kept.and_then(|it| PolicyFile::from_yaml("the earlier policy file", &it.text).ok()))
    }

    /// Keeps the policy file by which a run judged, for the run that meets another one.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn keep_policy(&self, account: &str, policy: &PolicyFile) -> Result<(), LedgerError> {
        let key = policy_key(account, &policy.name());
        // There was no text: the one of an empty file is not valid, and this one says the same.
        let text = match policy.text.as_str() {
            "" => "version: 1\n",
            text => text,
        };
        if self.memory.read(&key).await?.is_none() {
            self.memory.replace(&key, text).await?;
        }
        Ok(())
    }

    /// Takes in what a run found, without writing it. `accepted` is what
    /// [`accepted`](Self::accepted) tells.
    pub fn compared(&self, report: &Report, accepted: &Accepted, reach: Reach) -> Vec<Book> {
        let books = self.books.iter();
        books.map(|it| next(it, report, accepted, reach)).collect()
    }

    /// Writes down what a run found. `accepted` is what [`accepted`](Self::accepted) tells.
    ///
    /// # Errors
    /// [`LedgerError`]; books may have been written before it.
    pub async fn found(
        &mut self,
        report: &Report,
        accepted: &Accepted,
        reach: Reach,
    ) -> Result<(), LedgerError> {
        self.write(|book| next(book, report, accepted, reach)).await
    }

    /// Keeps the whole report, where the digest says that it is, and the inventory, for runs over the
    /// principals alone. Neither is needed to announce anything: whoever calls this announces first, or
    /// whatever comes of it.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn keep(
        &mut self,
        report: &Report,
        inventory: &Inventory,
    ) -> Result<(), LedgerError> {
        // Another run, which began later, has kept its own.
        if self.inventory_at().is_some_and(|it| it > report.taken_at) {
            return Ok(());
        }
        let text = serde_json::to_string_pretty(&json::document(report))? + "\n";
        let account = &report.account;
        self.memory.replace(&report_key(account), &text).await?;
        self.keeps = true;
        let text = inventory.to_json()?;
        self.memory.replace(&inventory_key(account), &text).await?;
        Ok(())
    }

    /// What there is to announce.
    pub fn due<'a>(
        &self,
        books: &'a [Book],
        report: &'a Report,
        settings: Settings,
        now: Timestamp,
    ) -> Option<Digest<'a>> {
        let mut digest = Digest::due(books, report, settings, now)?;
        let key = if self.keeps {
            report_key(&report.account)
        } else {
            format!("ledger/{}/", report.account)
        };
        digest.whereabouts = Some(self.memory.address(&key));
        Some(digest)
    }

    /// Announces what there is to announce, in one message or several, and notes what they named.
    ///
    /// # Errors
    /// [`AnnounceError`]. What no message named does not count as announced.
    pub async fn announce<O: Outlet>(
        &mut self,
        outlet: &O,
        report: &Report,
        settings: Settings,
        now: Timestamp,
    ) -> Result<Announced, AnnounceError<O::Error>> {
        let Some(mut digest) = self.due(&self.books, report, settings, now) else {
            return Ok(Announced::default());
        };
        // Asked before anything is sent: a subscription that is confirmed later does not get it.
        let audience = outlet.audience().await;
        let counts = audience.counts();
        let (mut told, mut failed) = (Vec::new(), None);
        loop {
            let named = match outlet.send(&digest).await {
                Ok(named) => named,
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            };
            if counts {
                told.extend(digest.told(named, now));
            }
            digest.advance(named);
            let is_over = named == 0 || digest.rest().is_empty() || digest.messages >= MESSAGES;
            if is_over || !counts {
                break;
            }
        }
        if let Some(error) = failed.take_if(|_| digest.messages == 0) {
            return Err(AnnounceError::NotSent(error));
        }
        let fresh = for_elsewhere(&digest, counts).filter(|_| outlet.has_elsewhere());
        let passed_on = match &fresh {
            Some(fresh) => {
                outlet.send_elsewhere(fresh).await;
                fresh.passed_on(now)
            }
            None => Vec::new(),
        };
        let announced = Announced {
            occasions: occasions(&digest.occasions, counts),
            changes: told.len(),
            untold: digest.news.len().saturating_sub(told.len()),
            audience,
            waiting_since: None,
        };
        let noted = self.note(&told, &passed_on, counts.then_some(now)).await;
        noted.map_err(AnnounceError::NotNoted)?;
        match failed {
            Some(error) => Err(AnnounceError::NotSent(error)),
            None => Ok(announced),
        }
    }

    /// Notes what was announced, what the other places were sent, and when a digest was. `at` is `None`: none
    /// was that counts.
    ///
    /// # Errors
    /// [`LedgerError`]; books may have been written before it.
    pub async fn note(
        &mut self,
        told: &[(String, Told)],
        passed_on: &[(String, Told)],
        at: Option<Timestamp>,
    ) -> Result<(), LedgerError> {
        if at.is_none() && passed_on.is_empty() {
            return Ok(());
        }
        self.write(|book| {
            let mut book = book.clone();
            // First: what is told besides needs no note of its own.
            book.pass_on(passed_on.iter().map(|(id, sent)| (id.as_str(), *sent)));
            if let Some(at) = at {
                book.tell(at, told.iter().map(|(id, told)| (id.as_str(), *told)));
            }
            book
        })
        .await
    }

    /// The time since which something has been waiting to be announced.
    pub fn waiting_since(&self) -> Option<Timestamp> {
        ledger::entries(&self.books)
            .filter_map(Entry::waiting_since)
            .min()
    }

    /// Writes what a change makes of each book; of the book that another run left, where one wrote in
    /// between.
    async fn write(&mut self, change: impl Fn(&Book) -> Book) -> Result<(), LedgerError> {
        for (book, tag) in self.books.iter_mut().zip(&mut self.tags) {
            let mut tries = TRIES;
            loop {
                let changed = change(book);
                // What is the same needs no writing; a book that is not there yet does, as its absence says
                // that its Region is not looked at.
                if changed == *book && tag.is_some() {
                    break;
                }
                let text = changed.to_json()?;
                match self.memory.write(&book.key(), &text, tag.as_ref()).await {
                    Ok(written) => {
                        (*book, *tag) = (changed, Some(written));
                        break;
                    }
                    Err(StoreError::Conflict(_)) if tries > 0 => {
                        tries -= 1;
                        let (account, region) = (&changed.account, changed.region.as_deref());
                        (*book, *tag) = read(self.memory, account, region).await?;
                    }
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(())
    }
}

/// What the other places are to be told: what they were not told yet, whether or not a message named it. What
/// waits for a message is not kept from them, and is not sent there run after run. `None`: nothing.
fn for_elsewhere<'a>(digest: &Digest<'a>, counts: bool) -> Option<Digest<'a>> {
    let fresh = digest.not_passed_on();
    // Without a change, what is to be said is that something could not be read, or that all is as it was. The
    // latter is not said run after run while nobody gets the messages.
    let is_quiet = counts && digest.news.is_empty();
    let is_incomplete = !digest.report.evaluation.gaps.is_empty();
    (!fresh.news.is_empty() || is_quiet || is_incomplete).then_some(fresh)
}

/// The occasions of what was announced. What nobody gets has none.
fn occasions(all: &[Occasion], counts: bool) -> Vec<&'static str> {
    if counts {
        Occasion::names(all)
    } else {
        Vec::new()
    }
}

/// Why something was not announced, or not noted as announced.
#[derive(Debug, thiserror::Error)]
pub enum AnnounceError<E: Error + 'static> {
    /// It was not sent, or not all of it, and will be announced by the next run.
    #[error("what was found was not announced; the next run will announce it")]
    NotSent(#[source] E),
    /// It was sent; the next run may announce it again.
    #[error("what was announced could not be noted; the next run may announce it again")]
    NotNoted(#[source] LedgerError),
}

/// Where the whole report of the latest run over everything is kept.
fn report_key(account: &str) -> String {
    format!("reports/{account}/latest.json")
}

/// Where the inventory of the latest run over everything is kept.
pub fn inventory_key(account: &str) -> String {
    format!("inventory/{account}.json")
}

/// Where a policy file by which findings of an account were made is kept.
fn policy_key(account: &str, name: &str) -> String {
    format!("ledger/{account}/policies/{name}.yaml")
}

/// The place of a method, as the policy file is asked about it.
fn method_key(place: &Spot) -> Option<MethodKey<'_>> {
    let api = place.api.as_ref()?;
    let (verb, path) = match (&place.verb, &place.path, &place.route_key) {
        (Some(verb), Some(path), _) => (verb.as_str(), path.as_str()),
        (_, _, Some(route)) => ("ANY", route.as_str()),
        _ => return None,
    };
    let region = place.region.as_deref()?;
    Some((region, &api.id, place.stage.as_deref()?, verb, path))
}

fn next(book: &Book, report: &Report, accepted: &Accepted, reach: Reach) -> Book {
    let mut book = compare_judged(book, report, reach, accepted);
    if book.region.is_some() {
        return book;
    }
    let at = report.taken_at;
    if reach != Reach::Principals {
        book.regions.extend(report.scope.regions.iter().cloned());
    }
    match reach {
        Reach::Whole if book.apis_read_at.is_none_or(|it| it <= at) => {
            book.inventory_at = book.inventory_at.max(Some(at));
        }
        Reach::Part => {
            book.apis_read_at = book.apis_read_at.max(Some(at));
            book.inventory_at = None;
        }
        Reach::Whole | Reach::Principals => {}
    }
    book
}

async fn read<M: Memory>(
    memory: &M,
    account: &str,
    region: Option<&str>,
) -> Result<(Book, Option<Tag>), LedgerError> {
    let empty = Book::new(account, region);
    let Some(kept) = memory.read(&empty.key()).await? else {
        return Ok((empty, None));
    };
    let book = Book::from_json(&kept.text, account, region);
    let book = book.map_err(|cause| LedgerError::Unusable {
        address: memory.address(&empty.key()),
        cause,
    })?;
    Ok((book, Some(kept.tag)))
}
