//! A report and the ledger: what is new is announced, and noted as announced.
//!
//! The order keeps the two promises. What a run found is written before anything is sent, so that nothing is
//! lost; and a finding counts as announced only when SNS has taken the message, so that a run that ends
//! anywhere in between is followed by one that announces the rest. At worst something is said twice.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use jiff::{SignedDuration, Timestamp};

use crate::announce::{Digest, Settings};
use crate::finding::Severity;
use crate::ledger::{Book, BookError, Entry, Reach, Standing, compare};
use crate::model::{Inventory, Scope};
use crate::report::Report;
use crate::report::json;
use crate::store::{Kept, Store, StoreError, Tag};

/// How often a book is compared anew when other runs write it meanwhile.
const TRIES: usize = 20;

/// How far the clocks of two runs may be apart.
const AHEAD: SignedDuration = SignedDuration::from_hours(1);

/// Keeps texts by key, and writes only what nobody else has written in between. See [`Store`].
pub trait Memory: Sync {
    /// The text of a key.
    fn read(&self, key: &str) -> impl Future<Output = Result<Option<Kept>, StoreError>> + Send;
    /// Writes a text, if the key still has this tag.
    fn write(
        &self,
        key: &str,
        text: &str,
        was: Option<&Tag>,
    ) -> impl Future<Output = Result<Tag, StoreError>> + Send;
    /// Writes a text, whatever the key had.
    fn replace(&self, key: &str, text: &str)
    -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Where a key is, in words.
    fn address(&self, key: &str) -> String;
}

/// Takes a digest to those who must know. It has been announced when this ends well.
pub trait Outlet: Sync {
    /// Why it could not be sent.
    type Error: Error + Send + Sync + 'static;
    /// Sends a digest.
    fn send(&self, digest: &Digest<'_>) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

impl Memory for Store {
    async fn read(&self, key: &str) -> Result<Option<Kept>, StoreError> {
        Store::read(self, key).await
    }

    async fn write(&self, key: &str, text: &str, was: Option<&Tag>) -> Result<Tag, StoreError> {
        Store::write(self, key, text, was).await
    }

    async fn replace(&self, key: &str, text: &str) -> Result<(), StoreError> {
        Store::replace(self, key, text).await
    }

    fn address(&self, key: &str) -> String {
        Store::address(self, key)
    }
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
    books: Vec<Shelved>,
    /// Whether this run keeps its whole report.
    keeps: bool,
}

#[derive(Debug)]
struct Shelved {
    book: Book,
    tag: Option<Tag>,
}

/// What a run announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announced {
    /// Why there was a digest, such as `changes`. Empty: there was none.
    pub occasions: Vec<&'static str>,
    /// How many changes it told.
    pub changes: usize,
}

impl<'m, M: Memory> Ledger<'m, M> {
    /// Opens the books that a run is about, before anything else is done: with a ledger that cannot be used
    /// nothing is read and nothing sent.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn open(memory: &'m M, account: &str, scope: &Scope) -> Result<Self, LedgerError> {
        let mut global = shelved(memory, account, None).await?;
        let mut books = Vec::new();
        for region in &scope.regions {
            books.push(shelved(memory, account, Some(region)).await?);
        }
        // What an earlier run left unsaid of another Region is announced, too. One whose book was moved away
        // is not looked at any more.
        for region in global.book.regions.clone() {
            if scope.regions.contains(&region) {
                continue;
            }
            let other = shelved(memory, account, Some(&region)).await?;
            if other.tag.is_some() {
                books.push(other);
            } else {
                global.book.regions.remove(&region);
            }
        }
        books.push(global);
        Ok(Ledger {
            memory,
            books,
            keeps: false,
        })
    }

    /// Refuses a ledger from the future: against one that a clock far ahead has written, nothing would ever be
    /// new again.
    ///
    /// # Errors
    /// [`LedgerError::Future`].
    pub fn check_clock(&self, now: Timestamp) -> Result<(), LedgerError> {
        let latest = self.books.iter().filter_map(|it| it.book.latest()).max();
        match latest.filter(|it| it.duration_since(now) > AHEAD) {
            Some(latest) => Err(LedgerError::Future { latest, now }),
            None => Ok(()),
        }
    }

    /// The Regions that the account was looked at in before.
    pub fn regions(&self) -> BTreeSet<String> {
        let regions = self.books.iter().flat_map(|it| &it.book.regions);
        regions.cloned().collect()
    }

    /// When the inventory that is kept was read. `None`: it is not to be used, as something of the APIs was
    /// read again since, or there is none.
    pub fn inventory_at(&self) -> Option<Timestamp> {
        self.books.iter().find_map(|it| it.book.inventory_at)
    }

    /// What a run over this scope is about, by what the ledger knows of the account.
    pub fn reach(&self, scope: &Scope) -> Reach {
        let mut known = self.books.iter().flat_map(|it| &it.book.regions);
        if scope.apis.is_empty() && known.all(|it| scope.regions.contains(it)) {
            Reach::Whole
        } else {
            Reach::Part
        }
    }

    /// The books, as they are now.
    pub fn books(&self) -> Vec<Book> {
        self.books.iter().map(|it| it.book.clone()).collect()
    }

    /// Takes in what a run found, without writing it.
    pub fn compared(&self, report: &Report, reach: Reach) -> Vec<Book> {
        let books = self.books.iter();
        books.map(|it| next(&it.book, report, reach)).collect()
    }

    /// Writes down what a run found.
    ///
    /// # Errors
    /// [`LedgerError`]; books may have been written before it.
    pub async fn found(&mut self, report: &Report, reach: Reach) -> Result<(), LedgerError> {
        for shelved in &mut self.books {
            write(self.memory, shelved, |book| next(book, report, reach)).await?;
        }
        Ok(())
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

    /// Announces what there is to announce, and notes it.
    ///
    /// # Errors
    /// [`AnnounceError`]. Unless the digest was sent, nothing counts as announced.
    pub async fn announce<O: Outlet>(
        &mut self,
        outlet: &O,
        report: &Report,
        settings: Settings,
        now: Timestamp,
    ) -> Result<Announced, AnnounceError<O::Error>> {
        let books = self.books();
        let mut announced = Announced {
            occasions: Vec::new(),
            changes: 0,
        };
        let Some(digest) = self.due(&books, report, settings, now) else {
            return Ok(announced);
        };
        outlet.send(&digest).await.map_err(AnnounceError::NotSent)?;
        let told = digest.told(now);
        for shelved in &mut self.books {
            write(self.memory, shelved, |book| {
                let mut book = book.clone();
                book.tell(now, told.iter().map(|(id, told)| (id.as_str(), *told)));
                book
            })
            .await
            .map_err(AnnounceError::NotNoted)?;
        }
        announced.occasions = digest.occasions.iter().map(|it| it.as_str()).collect();
        announced.changes = digest.news.len();
        Ok(announced)
    }

    /// The time since which something has been waiting to be announced.
    pub fn waiting_since(&self) -> Option<Timestamp> {
        let entries = self.books.iter().flat_map(|it| it.book.entries.values());
        entries.filter_map(Entry::waiting_since).min()
    }
}

/// Why something was not announced, or not noted as announced.
#[derive(Debug, thiserror::Error)]
pub enum AnnounceError<E: Error + 'static> {
    /// It was not sent, and will be announced by the next run.
    #[error("what was found was not announced; the next run will announce it")]
    NotSent(#[source] E),
    /// It was sent; the next run may announce it again.
    #[error("what was announced could not be noted; the next run may announce it again")]
    NotNoted(#[source] LedgerError),
}

/// Where the whole report of the latest run over everything is kept.
pub fn report_key(account: &str) -> String {
    format!("reports/{account}/latest.json")
}

/// Where the inventory of the latest run over everything is kept.
pub fn inventory_key(account: &str) -> String {
    format!("inventory/{account}.json")
}

fn next(book: &Book, report: &Report, reach: Reach) -> Book {
    let mut book = compare(book, report, reach);
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

async fn shelved<M: Memory>(
    memory: &M,
    account: &str,
    region: Option<&str>,
) -> Result<Shelved, LedgerError> {
    let empty = Book::new(account, region);
    let Some(kept) = memory.read(&empty.key()).await? else {
        return Ok(Shelved {
            book: empty,
            tag: None,
        });
    };
    let book = Book::from_json(&kept.text, account, region);
    let book = book.map_err(|cause| LedgerError::Unusable {
        address: memory.address(&empty.key()),
        cause,
    })?;
    Ok(Shelved {
        book,
        tag: Some(kept.tag),
    })
}

/// Writes what a change makes of a book; of the book that another run left, where one wrote in between.
async fn write<M: Memory>(
    memory: &M,
    shelved: &mut Shelved,
    change: impl Fn(&Book) -> Book,
) -> Result<(), LedgerError> {
    let mut tries = TRIES;
    loop {
        let book = change(&shelved.book);
        // What is the same needs no writing; a book that is not there yet does, as its absence says that its
        // Region is not looked at.
        if book == shelved.book && shelved.tag.is_some() {
            return Ok(());
        }
        let written = memory
            .write(&book.key(), &book.to_json()?, shelved.tag.as_ref())
            .await;
        match written {
            Ok(tag) => {
                *shelved = Shelved {
                    book,
                    tag: Some(tag),
                };
                return Ok(());
            }
            Err(StoreError::Conflict(_)) if tries > 0 => {
                tries -= 1;
                let (account, region) = (book.account, book.region);
                *shelved = self::shelved(memory, &account, region.as_deref()).await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// How many findings are open in these books, by severity.
pub fn open(books: &[Book]) -> BTreeMap<Severity, usize> {
    let entries = books.iter().flat_map(|book| book.entries.values());
    let mut open = BTreeMap::new();
    for entry in entries.filter(|it| it.standing == Standing::Open) {
        *open.entry(entry.severity).or_insert(0) += 1;
    }
    open
}

/// How many findings are exempt in these books.
pub fn exempt(books: &[Book]) -> usize {
    let entries = books.iter().flat_map(|book| book.entries.values());
    entries.filter(|it| it.standing == Standing::Exempt).count()
}
