//! The ledger of one Region, or of what lies in none.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;

use jiff::Timestamp;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::entry::{Entry, Standing, Told};
use crate::audit::finding::{Severity, Texts};
use crate::inventory::json_text;

/// The version of the ledger's JSON. It grows when an older gatewatch would misread a newer ledger.
pub const SCHEMA_VERSION: u32 = 2;

/// A step from one version to the next.
type Migration = fn(&mut Value);

/// The steps from version 1 on, in order: the first leads to version 2.
const MIGRATIONS: [Migration; SCHEMA_VERSION as usize - 1] = [accepted_is_new];

/// Version 2 has findings that are `accepted`, which an older gatewatch would not understand. What version 1 holds
/// says the same in version 2.
fn accepted_is_new(_: &mut Value) {}

/// The ledger of one Region, or of what lies in none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Book {
    /// The account's id.
    pub account: String,
    /// The Region. `None`: what lies in none.
    pub region: Option<String>,
    /// When a digest about this book was last sent. `None`: never.
    pub digest_at: Option<Timestamp>,
    /// The Regions that the account is looked at in. Only the book of what lies in no Region has them.
    pub regions: BTreeSet<String>,
    /// When the inventory that is kept was read (same book), as long as no other run has read anything
    /// of the APIs since. `None`: it is out of date, or there is none.
    pub inventory_at: Option<Timestamp>,
    /// When a run over a part last read something of the APIs (same book).
    pub apis_read_at: Option<Timestamp>,
    /// The findings by their ids. Boxed, as the nodes of a large map are half empty.
    pub entries: BTreeMap<String, Box<Entry>>,
}

/// The book as it is written. Nothing is copied for it: a book may be large.
#[derive(Debug, Serialize)]
struct Written<'a> {
    schema_version: u32,
    account: &'a str,
    region: Option<&'a str>,
    digest_at: Option<Timestamp>,
    regions: &'a BTreeSet<String>,
    inventory_at: Option<Timestamp>,
    apis_read_at: Option<Timestamp>,
    findings: Vec<&'a Entry>,
}

/// The same as it is read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    // Read beforehand, by itself.
    #[serde(rename = "schema_version")]
    _schema_version: u32,
    account: String,
    region: Option<String>,
    digest_at: Option<Timestamp>,
    regions: BTreeSet<String>,
    inventory_at: Option<Timestamp>,
    apis_read_at: Option<Timestamp>,
    #[serde(deserialize_with = "shared")]
    findings: Entries,
}

/// The findings of a book that is read, each in the box that its map takes: a list of entries would be copied as it grows.
type Entries = Vec<Box<Entry>>;

/// Reads findings one after the other, each of which shares its texts with those before it: all of them apart would take
/// several times as much memory.
fn shared<'de, D: Deserializer<'de>>(findings: D) -> Result<Entries, D::Error> {
    struct List;
    impl<'de> Visitor<'de> for List {
        type Value = Entries;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of findings")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let (mut texts, mut entries) = (Texts::default(), Vec::new());
            while let Some(mut entry) = list.next_element::<Box<Entry>>()? {
                entry.share(&mut texts);
                entries.push(entry);
            }
            Ok(entries)
        }
    }
    findings.deserialize_seq(List)
}

/// Why a text is no book that this gatewatch can go on with.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// It is not JSON, or not of this shape.
    #[error("it is damaged")]
    Shape(#[from] serde_json::Error),
    /// It carries no version.
    #[error("it is damaged: it has no `schema_version`")]
    NoVersion,
    /// It was written by a newer gatewatch.
    #[error(
        "it has schema version {found}, and this gatewatch knows versions up to {SCHEMA_VERSION}: \
         use the gatewatch that wrote it, or a newer one"
    )]
    Version {
        /// The version found.
        found: u64,
    },
    /// It is another account's or another Region's.
    #[error("it is the ledger of {found}, not of {wanted}: was a file moved?")]
    Another {
        /// Whose it is.
        found: String,
        /// Whose it should be.
        wanted: String,
    },
    /// It has a finding twice.
    #[error("it is damaged: finding {0} is there twice")]
    Twice(String),
    /// It has a finding whose id is not that of its rule and place: one of them was changed.
    #[error("it is damaged: the id {id} is not that of {rule} at {place}")]
    Misplaced {
        /// The id.
        id: String,
        /// The rule.
        rule: String,
        /// The place, in words.
        place: String,
    },
}

/// How many findings are open in these books, by severity.
pub fn open(books: &[Book]) -> BTreeMap<Severity, usize> {
    let mut open = BTreeMap::new();
    for entry in entries(books).filter(|it| it.standing == Standing::Open) {
        *open.entry(entry.severity).or_insert(0) += 1;
    }
    open
}

/// How many findings are exempt in these books.
pub fn exempt(books: &[Book]) -> usize {
    let exempt = entries(books).filter(|it| it.standing == Standing::Exempt);
    exempt.count()
}

/// The findings of these books.
pub fn entries(books: &[Book]) -> impl Iterator<Item = &Entry> {
    books
        .iter()
        .flat_map(|book| book.entries.values().map(Box::as_ref))
}

impl Book {
    /// A book without an entry.
    pub fn new(account: &str, region: Option<&str>) -> Self {
        Book {
            account: account.to_owned(),
            region: region.map(str::to_owned),
            digest_at: None,
            regions: BTreeSet::new(),
            inventory_at: None,
            apis_read_at: None,
            entries: BTreeMap::new(),
        }
    }

    /// Where it is kept, below a store's root.
    ///
    /// ```
    /// use gatewatch::ledger::Book;
    ///
    /// let book = Book::new("111122223333", None);
    /// assert_eq!(book.key(), "ledger/111122223333/global.json");
    ///
    /// // A file that was moved is not read as the ledger of another Region.
    /// let text = book.to_json().unwrap();
    /// assert_eq!(Book::from_json(&text, "111122223333", None).unwrap(), book);
    /// let error = Book::from_json(&text, "111122223333", Some("eu-west-1")).unwrap_err();
    /// assert!(error.to_string().contains("was a file moved?"));
    /// ```
    pub fn key(&self) -> String {
        let region = self.region.as_deref().unwrap_or("global");
        format!("ledger/{}/{region}.json", self.account)
    }

    /// Reads the book of an account and Region.
    ///
    /// # Errors
    /// [`BookError`]. Nothing of a damaged book is used.
    pub fn from_json(text: &str, account: &str, region: Option<&str>) -> Result<Self, BookError> {
        Book::read(|| Ok(text.as_bytes()), account, region)
    }

    /// The same of a text that is never in memory as a whole, as [`read_any`](Self::read_any) reads it.
    ///
    /// # Errors
    /// [`BookError`]. Nothing of a damaged book is used.
    pub fn read<R: io::Read>(
        open: impl FnMut() -> io::Result<R>,
        account: &str,
        region: Option<&str>,
    ) -> Result<Self, BookError> {
        let book = Book::read_any(open)?;
        if (book.account.as_str(), book.region.as_deref()) != (account, region) {
            return Err(BookError::Another {
                found: owner(&book.account, book.region.as_deref()),
                wanted: owner(account, region),
            });
        }
        Ok(book)
    }

    /// Reads a book, whosever it is.
    ///
    /// # Errors
    /// [`BookError`].
    pub fn any_from_json(text: &str) -> Result<Self, BookError> {
        Book::read_any(|| Ok(text.as_bytes()))
    }

    /// The same of a text that is never in memory as a whole. `open` gives it from its beginning: it is read twice, first for its
    /// version.
    ///
    /// # Errors
    /// [`BookError`], which is [`BookError::Shape`] where it cannot be read, too.
    pub fn read_any<R: io::Read>(
        mut open: impl FnMut() -> io::Result<R>,
    ) -> Result<Self, BookError> {
        #[derive(Deserialize)]
        struct Versioned {
            schema_version: Option<u64>,
        }
        let mut open = || open().map_err(serde_json::Error::io);
        let versioned: Versioned = serde_json::from_reader(open()?)?;
        let version = versioned.schema_version.ok_or(BookError::NoVersion)?;
        let steps = usize::try_from(version)
            .ok()
            .and_then(|it| MIGRATIONS.get(it.checked_sub(1)?..));
        let written: Read = match steps {
            None => return Err(BookError::Version { found: version }),
            Some([]) => serde_json::from_reader(open()?)?,
            Some(steps) => {
                let mut value: Value = serde_json::from_reader(open()?)?;
                for step in steps {
                    step(&mut value);
                }
                serde_json::from_value(value)?
            }
        };
        let mut book = Book {
            account: written.account,
            region: written.region,
            digest_at: written.digest_at,
            regions: written.regions,
            inventory_at: written.inventory_at,
            apis_read_at: written.apis_read_at,
            entries: BTreeMap::new(),
        };
        for entry in written.findings {
            let id = entry.place.id(&entry.rule);
            if id.is_some_and(|id| id != entry.id) {
                return Err(BookError::Misplaced {
                    id: entry.id,
                    rule: entry.rule.into_owned(),
                    place: entry.place.words.into_owned(),
                });
            }
            if let Some(twice) = book.entries.insert(entry.id.clone(), entry) {
                return Err(BookError::Twice(twice.id));
            }
        }
        Ok(book)
    }

    /// The book as JSON, ending in a line break.
    ///
    /// # Errors
    /// None for the types of this crate; the signature is `serde_json`'s.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        json_text(&self.written(), false)
    }

    /// Writes the same text part by part: that of a large Region has tens of megabytes.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_json(&self, mut out: impl io::Write) -> io::Result<()> {
        serde_json::to_writer(&mut out, &self.written())?;
        out.write_all(b"\n")
    }

    fn written(&self) -> Written<'_> {
        Written {
            schema_version: SCHEMA_VERSION,
            account: self.account.as_str(),
            region: self.region.as_deref(),
            digest_at: self.digest_at,
            regions: &self.regions,
            inventory_at: self.inventory_at,
            apis_read_at: self.apis_read_at,
            findings: self.entries.values().map(Box::as_ref).collect(),
        }
    }

    /// The latest time that it knows.
    pub fn latest(&self) -> Option<Timestamp> {
        let entries = self.entries.values();
        let of_entries = entries.flat_map(|it| [Some(it.seen_until), it.told.map(|told| told.at)]);
        let own = [self.digest_at, self.inventory_at, self.apis_read_at];
        of_entries.chain(own).flatten().max()
    }

    /// Notes that SNS took a message that said this much of these findings.
    pub fn tell<'t>(&mut self, at: Timestamp, told: impl IntoIterator<Item = (&'t str, Told)>) {
        self.digest_at = self.digest_at.max(Some(at));
        for (id, told) in told {
            if let Some(entry) = self.entries.get_mut(id) {
                entry.tell(told);
            }
        }
    }

    /// Notes that the places besides the topic were sent this much of these findings.
    pub fn pass_on<'t>(&mut self, sent: impl IntoIterator<Item = (&'t str, Told)>) {
        for (id, sent) in sent {
            if let Some(entry) = self.entries.get_mut(id) {
                entry.passed_on = Some(sent);
            }
        }
    }
}

fn owner(account: &str, region: Option<&str>) -> String {
    format!("account {account}, {}", region.unwrap_or("no Region"))
}
