//! One account in the digest of its organization.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::part::Part;
use crate::audit::Status;
use crate::audit::finding::Severity;
use crate::ledger::Kind;
use crate::ledger::Occasion;
use crate::ledger::organization::{self, Member, NotRead, Read};
use crate::render::digest::cut::cut;
use crate::render::{inert, plain};

/// The most characters of an account's name.
const NAME: usize = 20;

/// One account: what became of it, and what it has to announce.
#[derive(Debug, Clone)]
pub(super) struct AccountRow {
    pub(super) member: Member,
    pub(super) result: organization::Result,
    pub(super) part: Option<Part>,
}

impl AccountRow {
    /// What it came to, where it was read.
    pub(super) fn read(&self) -> Option<&Read> {
        match &self.result {
            organization::Result::Read(read) => Some(read),
            organization::Result::NotRead(_) => None,
        }
    }

    /// Why it was not read, where it was not.
    pub(super) fn not_read(&self) -> Option<&NotRead> {
        match &self.result {
            organization::Result::Read(_) => None,
            organization::Result::NotRead(why) => Some(why),
        }
    }

    /// Whether the account is not active, so that there was nothing to be read. It is no gap then.
    pub(super) fn is_inactive(&self) -> bool {
        self.part.is_none() && self.not_read().is_some_and(NotRead::is_inactive)
    }

    /// How many changes there are of a kind.
    pub(super) fn count(&self, kind: Kind) -> usize {
        let part = self.part.as_ref();
        part.and_then(|it| it.news.get(&kind).copied()).unwrap_or(0)
    }

    /// How many changes there are.
    pub(super) fn changes(&self) -> usize {
        self.part.as_ref().map_or(0, Part::changes)
    }

    /// How many gaps there are. An account that was not read at all has none of its own.
    pub(super) fn gaps(&self) -> usize {
        let part = self.part.as_ref().map_or(0, |it| it.gaps);
        self.read().map_or(0, |it| it.gaps).max(part)
    }

    /// How many findings of a severity are open.
    pub(super) fn open(&self, severity: Severity) -> usize {
        let read = self.read();
        let count = read.and_then(|it| it.open.get(&severity).copied());
        count.unwrap_or(0)
    }

    /// The severity of the worst that somebody has to do something about.
    pub(super) fn worst(&self) -> Option<Severity> {
        self.part.as_ref()?.worst
    }

    pub(super) fn has(&self, occasion: Occasion) -> bool {
        let part = self.part.as_ref();
        part.is_some_and(|it| it.occasions.contains(&occasion))
    }

    /// The outcome in one word, of an account that is active. What says neither that it is clean nor that it has findings is incomplete.
    pub(super) fn status(&self) -> Status {
        let Some(read) = self.read().filter(|_| self.gaps() == 0) else {
            return Status::Incomplete;
        };
        let open: usize = read.open.values().sum();
        match read.status.as_str() {
            "clean" if open == 0 => Status::Clean,
            "clean" | "findings" => Status::Findings,
            _ => Status::Incomplete,
        }
    }

    /// The same word, but for an account of which nothing was read.
    pub(super) fn status_word(&self) -> &'static str {
        match self.result {
            organization::Result::Read(_) => self.status().as_str(),
            organization::Result::NotRead(_) if self.is_inactive() => "not-active",
            organization::Result::NotRead(_) => "not-read",
        }
    }

    /// Whether there is nothing to say of it: it is clean, and was so before.
    pub(super) fn is_quiet(&self) -> bool {
        self.status() == Status::Clean && self.changes() == 0
    }

    /// The worst news first, then the worst that is open.
    pub(super) fn order(&self) -> impl Ord {
        let open = Severity::WORST_FIRST.map(|severity| self.open(severity));
        (
            Reverse(self.worst()),
            Reverse(open),
            Reverse(self.gaps()),
            Reverse(self.changes()),
            self.member.account.as_str(),
        )
    }

    /// Its changes by kind, those that there are.
    pub(super) fn news(&self) -> BTreeMap<&'static str, usize> {
        let news = self.part.iter().flat_map(|it| &it.news);
        news.map(|(kind, count)| (kind.as_str(), *count)).collect()
    }

    /// Where its whole report is.
    pub(super) fn whereabouts(&self) -> Option<&str> {
        self.part.as_ref()?.whereabouts.as_deref()
    }

    /// Where its report is opened as a page.
    pub(super) fn page(&self) -> Option<&str> {
        self.part.as_ref()?.page.as_deref()
    }

    /// Its name, fit to be shown. `None`: it is not known.
    pub(super) fn name(&self) -> Option<String> {
        let name = &self.member.name;
        (!name.is_empty()).then(|| cut(&inert(name), NAME))
    }

    /// Its id, and its name where it is known.
    pub(super) fn label(&self) -> String {
        let account = plain(&self.member.account);
        match self.name() {
            Some(name) => format!("{account} ({name})"),
            None => account,
        }
    }
}
