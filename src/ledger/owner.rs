//! What the owners of an API were told of its findings.
//!
//! What counts as announced is decided by the topic of the digests alone. Beside that, an entry notes for each owner
//! whether the finding is theirs and what they were told, so that one who was told of a finding hears how it ends, and a
//! message that was not sent is sent again.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::book::Book;
use super::digest::{Digest, Occasion, Settings};
use super::entry::{Entry, EventKind, Owned, Standing, Told};
use crate::audit::Report;

impl Entry {
    /// Notes whose the finding is now, by their topics. Of others only those stay who were told of it.
    pub(super) fn belong<'t>(&mut self, topics: impl Iterator<Item = &'t str>) {
        let topics: BTreeSet<&str> = topics.collect();
        for (topic, owned) in &mut self.owners {
            owned.theirs = topics.contains(topic.as_str());
        }
        self.owners.retain(|_, it| it.theirs || it.told.is_some());
        for topic in topics {
            let new = Owned {
                theirs: true,
                told: None,
            };
            self.owners.entry(topic.to_owned()).or_insert(new);
        }
    }

    /// The entry as an owner knows it: with what they were told in the place of what everybody was. `None`: it is nothing
    /// to them. To one who was never told of a finding only an open one is news. One whom it does not belong to any more
    /// still hears how it ends.
    fn as_known_to(&self, topic: &str) -> Option<Entry> {
        let owned = self.owners.get(topic)?;
        let is_due = match owned.told {
            None => owned.theirs && self.standing == Standing::Open,
            Some(_) => owned.theirs || !self.standing.is_there(),
        };
        if !is_due {
            return None;
        }
        let mut entry = self.clone();
        entry.told = owned.told;
        entry.passed_on = None;
        entry.owners.clear();
        // These are of what everybody was told.
        entry.events.retain(|it| it.what != EventKind::Announced);
        Some(entry)
    }
}

impl Book {
    /// The book as an owner knows it: their findings, with what they were told.
    fn as_known_to(&self, topic: &str) -> Book {
        let entries = self.entries.values().filter_map(|it| it.as_known_to(topic));
        let entries = entries.map(|it| (it.id.clone(), Box::new(it))).collect();
        let mut book = Book::new(&self.account, self.region.as_deref());
        book.entries = entries;
        let told = book.entries.values().filter_map(|it| it.told);
        book.digest_at = told.map(|it| it.at).max();
        book
    }

    /// Notes that the topic of an owner took a message that said this much of these findings.
    pub fn tell_owner<'t>(&mut self, topic: &str, told: impl IntoIterator<Item = (&'t str, Told)>) {
        for (id, told) in told {
            let entry = self.entries.get_mut(id);
            if let Some(owned) = entry.and_then(|it| it.owners.get_mut(topic)) {
                owned.told = Some(told);
            }
        }
    }
}

/// What an owner knows and is to be told, as [`Digest`]s borrow it.
#[derive(Debug)]
pub struct OwnersView {
    report: Report,
    books: Vec<Book>,
    /// Whether something could not be read that is not known to be theirs.
    unread: bool,
}

impl OwnersView {
    /// What is an owner's of a run and of its books.
    pub fn of(books: &[Book], report: &Report, topic: &str) -> Self {
        let theirs = report.of_owner(topic);
        OwnersView {
            books: books.iter().map(|it| it.as_known_to(topic)).collect(),
            unread: theirs.evaluation.gaps.len() < report.evaluation.gaps.len(),
            report: theirs,
        }
    }

    /// What there is to tell the owner. `None`: nothing. There are no heartbeats: an owner without a finding is told
    /// nothing.
    pub fn due(&self, settings: Settings, now: Timestamp) -> Option<Digest<'_>> {
        let settings = Settings {
            heartbeat: None,
            ..settings
        };
        let mut digest = Digest::due(&self.books, &self.report, settings, now)?;
        // The first digest of one who has no finding is no list of all findings.
        let is_empty = digest.news.is_empty();
        digest
            .occasions
            .retain(|it| *it != Occasion::Baseline || !is_empty);
        if digest.occasions.is_empty() {
            return None;
        }
        digest.for_owner = true;
        digest.unread_elsewhere = self.unread;
        Some(digest)
    }
}

/// Whether there is something to tell an owner.
pub fn owed(books: &[Book], report: &Report, settings: Settings, now: Timestamp) -> bool {
    let mut recipients = report.owners.recipients.iter();
    recipients.any(|it| {
        let view = OwnersView::of(books, report, &it.topic);
        view.due(settings, now).is_some()
    })
}
