//! The ledger of an account during a run: read when the run begins, compared with what it found, written back.

use std::collections::BTreeSet;
use std::io;

use jiff::{SignedDuration, Timestamp};

use super::keys::{page_key, report_key};
use super::most_kept::is_kept_whole;
use super::observer::Observer;
use super::page::page_link;
use crate::audit::Report;
use crate::aws::store::{Content, Hash, Memory, StoreError, Tag};
use crate::inventory::{Inventory, Scope};
use crate::ledger::{self, Accepted, Book, BookError, Breadth, Digest, Entry, Settings};

/// How often a run compares a book again because another run wrote it meanwhile.
const TRIES: usize = 20;

/// How far the clocks of two runs may differ.
const AHEAD: SignedDuration = SignedDuration::from_hours(1);

/// Why the ledger could not be used.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// It must not be used, and is left as it is.
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
    /// The ledger knows of something that was read later than what the run was to go on with.
    #[error(
        "the ledger was written at {latest}, and what this run was to go on with was read before, at {taken_at}: read \
         everything anew"
    )]
    Later {
        /// The latest time in the ledger.
        latest: Timestamp,
        /// When the interrupted run began.
        taken_at: Timestamp,
    },
    /// The run was interrupted, and wrote nothing.
    #[error("the run was interrupted while it read")]
    Interrupted,
    /// It could not be read or written.
    #[error("the ledger could not be kept")]
    Store(#[from] StoreError),
    /// It could not be written as JSON. This does not happen with the types of this crate.
    #[error("the ledger could not be written as JSON")]
    Json(#[from] serde_json::Error),
}

/// What is remembered of a book as it was read or written: another copy of it would take much memory.
#[derive(Debug)]
struct Version {
    /// The store's tag of it.
    tag: Tag,
    /// The SHA-256 of its text.
    hash: [u8; 32],
}

/// The books of an account that a run is about: one for each Region, and one for what lies in no Region.
#[derive(Debug)]
pub struct Ledger<'m, M> {
    pub(super) memory: &'m M,
    pub(super) books: Vec<Book>,
    /// Each book as it was read or written. `None`: it does not exist yet.
    versions: Vec<Option<Version>>,
    /// Whether this run keeps its report.
    pub(super) keeps: bool,
    /// Whether this run keeps its report as a page, too.
    pub(super) has_page: bool,
    pub(super) observer: Observer<'m>,
}

impl<'m, M: Memory> Ledger<'m, M> {
    /// Opens the books of the Regions in scope, and those of Regions that an earlier run looked at: what that run
    /// did not announce of them is announced, too. Nothing may be read or sent with a ledger that cannot be used, so
    /// a run does this first.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn open(memory: &'m M, account: &str, scope: &Scope) -> Result<Self, LedgerError> {
        let (mut global, version) = read(memory, account, None).await?;
        let mut ledger = Ledger {
            memory,
            books: Vec::new(),
            versions: Vec::new(),
            keeps: false,
            has_page: false,
            observer: Observer::nobody(),
        };
        let scope = Scope::new(scope.regions.clone(), Vec::new());
        let regions = scope.clone().widened(&global.regions).regions;
        let reads = regions
            .iter()
            .map(|region| read(memory, account, Some(region)));
        let books = futures_util::future::try_join_all(reads).await?;
        for (region, (book, version)) in regions.iter().zip(books) {
            if version.is_some() || scope.regions.contains(region) {
                ledger.books.push(book);
                ledger.versions.push(version);
            } else {
                // Somebody moved the book away: the Region is not looked at any more.
                global.regions.remove(region);
            }
        }
        ledger.books.push(global);
        ledger.versions.push(version);
        Ok(ledger)
    }

    /// The same ledger, whose steps are told to whoever watches.
    pub(super) fn watched_by(self, observer: Observer<'m>) -> Self {
        Ledger { observer, ..self }
    }

    /// Refuses a ledger from the future. If a clock that was far ahead had written the ledger, nothing would ever
    /// be new again.
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

    /// Refuses to go on with what an interrupted run read, once the ledger has taken in something later: what was true
    /// then would take the place of what is known now.
    ///
    /// # Errors
    /// [`LedgerError::Later`].
    pub fn check_part(&self, part: &Inventory) -> Result<(), LedgerError> {
        let taken_at = part.taken_at;
        let latest = self.books.iter().filter_map(Book::latest).max();
        match latest.filter(|it| *it > taken_at) {
            Some(latest) => Err(LedgerError::Later { latest, taken_at }),
            None => Ok(()),
        }
    }

    /// The Regions in which earlier runs looked at the account.
    pub fn regions(&self) -> BTreeSet<String> {
        let regions = self.books.iter().flat_map(|it| &it.regions);
        regions.cloned().collect()
    }

    /// When the kept inventory was read. `None`: there is none, or a run has read some of the APIs since, so that
    /// the inventory must not stand for them.
    pub fn inventory_at(&self) -> Option<Timestamp> {
        self.books.iter().find_map(|it| it.inventory_at)
    }

    /// How much of what the ledger knows of the account a run over this scope reads. `is_everywhere`: whether the
    /// scope has all Regions that the account has enabled, except those that are left out on purpose. A Region that
    /// the account has disabled since does not count as missing then, and its findings stay as they are. A Region
    /// that is left out does count as missing.
    pub fn reach(&self, scope: &Scope, is_everywhere: bool) -> Breadth {
        let is_excluded = |it: &String| scope.excluded_regions.contains(it);
        let is_read = |it: &String| scope.regions.contains(it) || is_everywhere && !is_excluded(it);
        let mut known = self.books.iter().flat_map(|it| &it.regions);
        if scope.apis.is_empty() && known.all(is_read) {
            Breadth::Whole
        } else {
            Breadth::Part
        }
    }

    /// The same for a run that meant to read everything in its scope, by how far it came.
    pub fn reach_of(&self, inventory: &Inventory, is_everywhere: bool) -> Breadth {
        if inventory.is_unfinished() {
            Breadth::Part
        } else {
            self.reach(&inventory.scope, is_everywhere)
        }
    }

    /// The books, as they are now.
    pub fn books(&self) -> &[Book] {
        &self.books
    }

    /// Writes down what a run found. `accepted` comes from [`accepted`](Self::accepted).
    ///
    /// # Errors
    /// [`LedgerError`]; some of the books may have been written.
    pub async fn found(
        &mut self,
        report: &Report,
        accepted: &Accepted,
        reach: Breadth,
    ) -> Result<(), LedgerError> {
        self.write(|book| next(book, report, accepted, reach)).await
    }

    /// What there is to announce, with the place of the whole report.
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
        digest.is_cut = self.keeps && !is_kept_whole(report);
        // A run that did not read everything leaves the page of an earlier one, which does not say what this one found.
        let is_shown = self.has_page && !report.is_unfinished();
        let key = page_key(&report.account);
        digest.page = is_shown.then(|| page_link(self.memory, &key)).flatten();
        Some(digest)
    }

    /// The time since which something has been waiting to be announced. `None`: nothing waits.
    pub fn waiting_since(&self) -> Option<Timestamp> {
        ledger::entries(&self.books)
            .filter_map(Entry::waiting_since)
            .min()
    }

    /// Writes what a change makes of each book, after which the book is as it was to be written. If another run wrote a book in between, the change is made to the
    /// book that the other run left.
    pub(super) async fn write(&mut self, change: impl Fn(Book) -> Book) -> Result<(), LedgerError> {
        for (book, version) in self.books.iter_mut().zip(&mut self.versions) {
            let mut tries = TRIES;
            loop {
                let empty = Book::new(&book.account, book.region.as_deref());
                *book = change(std::mem::replace(book, empty));
                // A book that stays the same needs no writing. A book that does not exist yet does: without it,
                // the next run would take its Region for one that is not looked at.
                let text = |out: &mut dyn io::Write| book.write_json(out);
                let hash = hash_of(&text)?;
                if version.as_ref().is_some_and(|it| it.hash == hash) {
                    break;
                }
                let tag = version.as_ref().map(|it| &it.tag);
                match self.memory.write(&book.key(), &text, tag).await {
                    Ok(tag) => {
                        *version = Some(Version { tag, hash });
                        break;
                    }
                    Err(StoreError::Conflict(_)) if tries > 0 => {
                        tries -= 1;
                        let (account, region) = (&book.account, book.region.as_deref());
                        (*book, *version) = read(self.memory, account, region).await?;
                    }
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(())
    }
}

/// The book after a run, with what the book of no Region notes about the kept inventory.
fn next(book: Book, report: &Report, accepted: &Accepted, reach: Breadth) -> Book {
    let mut book = ledger::next(book, report, reach, accepted);
    if book.region.is_some() {
        return book;
    }
    let at = report.taken_at;
    if reach != Breadth::Principals {
        book.regions.extend(report.scope.regions.iter().cloned());
    }
    match reach {
        Breadth::Whole if book.apis_read_at.is_none_or(|it| it <= at) => {
            book.inventory_at = book.inventory_at.max(Some(at));
        }
        Breadth::Part => {
            book.apis_read_at = book.apis_read_at.max(Some(at));
            book.inventory_at = None;
        }
        Breadth::Whole | Breadth::Principals => {}
    }
    book
}

async fn read<M: Memory>(
    memory: &M,
    account: &str,
    region: Option<&str>,
) -> Result<(Book, Option<Version>), LedgerError> {
    let empty = Book::new(account, region);
    let Some(kept) = memory.read(&empty.key()).await? else {
        return Ok((empty, None));
    };
    let open = || kept.stored.reader();
    let read = hashed(open).and_then(|hash| Ok((Book::read(open, account, region)?, hash)));
    let (book, hash) = read.map_err(|cause| LedgerError::Unusable {
        address: memory.address(&empty.key()),
        cause,
    })?;
    let tag = kept.tag;
    Ok((book, Some(Version { tag, hash })))
}

/// The hash of a text that is read.
fn hashed<R: io::Read>(open: impl FnOnce() -> io::Result<R>) -> Result<[u8; 32], BookError> {
    let mut hash = Hash::default();
    let read = open().and_then(|mut text| io::copy(&mut text, &mut hash));
    read.map_err(serde_json::Error::io)?;
    Ok(hash.finish())
}

/// The hash of a text that is written.
fn hash_of(text: &impl Content) -> Result<[u8; 32], serde_json::Error> {
    let mut hash = Hash::default();
    text.write_to(&mut hash).map_err(serde_json::Error::io)?;
    Ok(hash.finish())
}
