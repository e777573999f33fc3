//! What a run over an organization's accounts has to announce.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::part::{AccountChange, AccountGap};
use super::parts::Parts;
use super::row::AccountRow;
use crate::audit::Status;
use crate::audit::finding::Severity;
use crate::ledger::Kind;
use crate::ledger::Occasion;
use crate::ledger::organization::{self, Member, NotRead, Read};
use crate::render::digest::words::{news_in_words, open_in_words};
use crate::render::plural;

/// What a run over an organization's accounts has to announce.
#[derive(Debug, Clone)]
pub struct OrganizationDigest {
    /// The name of the run.
    pub run: String,
    /// When it began.
    pub begun_at: Timestamp,
    /// Why there is a digest, in order. Empty: there is nothing to announce.
    pub occasions: Vec<Occasion>,
    /// Where it is kept what became of each account, in words. `None`: nowhere.
    pub whereabouts: Option<String>,
    /// The address at which whoever may read it opens the page of the organization. `None`: there is none.
    pub page: Option<String>,
    /// Every account, the worst first.
    pub(super) rows: Vec<AccountRow>,
    /// How many changes, from the first on, earlier messages of this run have named.
    pub named: usize,
    /// How many messages of this run came before this one.
    pub messages: usize,
    /// What messages can name, over all accounts, in the order in which they name it.
    pub(super) changes: Vec<AccountChange>,
    /// What can be spelled out, over all accounts.
    pub(super) unread: Vec<AccountGap>,
}

impl OrganizationDigest {
    /// What a run has to announce. `None`: nothing, as no account has anything and all were read completely.
    pub fn due(
        run: &str,
        begun_at: Timestamp,
        accounts: Vec<(Member, organization::Result)>,
        parts: impl Into<Parts>,
    ) -> Option<Self> {
        let digest = OrganizationDigest::of(run, begun_at, accounts, parts);
        (!digest.occasions.is_empty()).then_some(digest)
    }

    /// What a run came to, whether or not that is to be announced.
    ///
    /// `accounts` is every account of the run with what became of it, `parts` what those have to announce that
    /// have something.
    pub fn of(
        run: &str,
        begun_at: Timestamp,
        accounts: Vec<(Member, organization::Result)>,
        parts: impl Into<Parts>,
    ) -> Self {
        let mut parts: Parts = parts.into();
        parts.order();
        let Parts {
            parts: mut by_account,
            changes,
            unread,
        } = parts;
        let rows = accounts.into_iter().map(|(member, result)| AccountRow {
            part: by_account.remove(&member.account),
            member,
            result,
        });
        let mut rows: Vec<AccountRow> = rows.collect();
        // A part of an account that is not in the list: its news are told, and it does not pass for read.
        rows.extend(by_account.into_values().map(|part| AccountRow {
            member: Member::unnamed(part.account.clone()),
            result: organization::Result::NotRead(NotRead::without_outcome()),
            part: Some(part),
        }));
        rows.sort_by(|one, other| one.order().cmp(&other.order()));
        OrganizationDigest {
            run: run.to_owned(),
            begun_at,
            occasions: occasions(&rows),
            whereabouts: None,
            page: None,
            named: 0,
            messages: 0,
            rows,
            changes,
            unread,
        }
    }

    /// The outcome in one word: incomplete as soon as one account was not read, or not completely.
    pub fn status(&self) -> Status {
        let active = self.rows.iter().filter(|it| !it.is_inactive());
        Status::of_all(active.map(AccountRow::status))
    }

    /// How many accounts there are, active or not.
    pub fn accounts(&self) -> usize {
        self.rows.len()
    }

    /// How many accounts were read, perhaps with gaps.
    pub fn read(&self) -> usize {
        self.reads().count()
    }

    /// How many active accounts were not read at all.
    pub fn not_read(&self) -> usize {
        self.accounts() - self.not_active() - self.read()
    }

    /// How many accounts are suspended or closed, or not active yet: there was nothing to be read.
    pub fn not_active(&self) -> usize {
        self.inactive().count()
    }

    /// How many gaps there are in those that were read.
    pub fn gaps(&self) -> usize {
        self.rows.iter().map(AccountRow::gaps).sum()
    }

    /// How many changes there are of a kind, over all accounts.
    pub fn count(&self, kind: Kind) -> usize {
        self.rows.iter().map(|it| it.count(kind)).sum()
    }

    /// How many changes there are, over all accounts.
    pub fn changes(&self) -> usize {
        self.rows.iter().map(AccountRow::changes).sum()
    }

    /// What no message of this run has named yet, in the order in which messages name it. With very many changes,
    /// those that no message of this run could name are missing.
    pub(super) fn rest(&self) -> &[AccountChange] {
        self.changes.get(self.named..).unwrap_or_default()
    }

    /// The accounts and the ids of the next `most` changes.
    pub fn next(&self, most: usize) -> impl Iterator<Item = (&str, &str)> {
        let next = self.rest().iter().take(most);
        next.map(|it| (it.account.as_str(), it.id.as_str()))
    }

    /// Whether there are changes that no message has named, and that one of this run could name.
    pub fn has_rest(&self) -> bool {
        !self.rest().is_empty()
    }

    /// Takes the next ones for named: a message has named so many.
    pub fn advance(&mut self, named: usize) {
        self.named = self.changes.len().min(self.named.saturating_add(named));
        self.messages += 1;
    }

    /// How many changes there are that no message has named.
    pub fn untold(&self) -> usize {
        self.changes().saturating_sub(self.named)
    }

    /// The severity of the worst that somebody has to do something about.
    pub fn worst(&self) -> Option<Severity> {
        self.rows.iter().filter_map(AccountRow::worst).max()
    }

    /// How many findings are open, by severity, over all accounts that were read.
    pub fn open(&self) -> BTreeMap<Severity, usize> {
        let mut open = BTreeMap::new();
        for (severity, count) in self.reads().flat_map(|it| &it.open) {
            if *count > 0 {
                *open.entry(*severity).or_insert(0) += count;
            }
        }
        open
    }

    /// How many findings are exempt, over all accounts that were read.
    pub fn exempt(&self) -> usize {
        self.reads().map(|it| it.exempt).sum()
    }

    /// The Regions that were read in any account.
    pub fn regions(&self) -> BTreeSet<&str> {
        let regions = self.reads().flat_map(|it| &it.regions);
        regions.map(String::as_str).collect()
    }

    /// What there is, in a few words, such as `2 new, 1 resolved`.
    pub fn news_in_words(&self) -> String {
        news_in_words(|kind| self.count(kind))
    }

    /// What is open, in a few words, such as `1 critical, 4 high`.
    pub fn open_in_words(&self) -> String {
        open_in_words(&self.open(), self.exempt())
    }

    /// How many active accounts it speaks of, such as `48 of 50 accounts`.
    pub fn subject_in_words(&self) -> String {
        let all = plural(self.accounts() - self.not_active(), "account");
        match self.not_read() {
            0 => all,
            _ => format!("{} of {all}", self.read()),
        }
    }

    pub(super) fn inactive(&self) -> impl Iterator<Item = &AccountRow> {
        self.rows.iter().filter(|it| it.is_inactive())
    }

    pub(super) fn reads(&self) -> impl Iterator<Item = &Read> {
        self.rows.iter().filter_map(AccountRow::read)
    }
}

/// Why there is a digest, if there is one.
fn occasions(rows: &[AccountRow]) -> Vec<Occasion> {
    let any = |occasion| rows.iter().any(|it| it.has(occasion));
    let mut parts = rows.iter().filter(|it| it.part.is_some()).peekable();
    // Of all that were read: one that joins is no beginning.
    let mut read = rows.iter().filter(|it| it.read().is_some());
    let is_first = parts.peek().is_some()
        && parts.all(|it| it.has(Occasion::Baseline))
        && read.all(|it| it.part.is_some());
    // The first digest of an account among others that had theirs is a change.
    let joined = |row: &AccountRow| row.has(Occasion::Baseline) && row.changes() > 0;
    let mut occasions = Vec::new();
    if is_first {
        occasions.push(Occasion::Baseline);
    } else if any(Occasion::Changes) || rows.iter().any(joined) {
        occasions.push(Occasion::Changes);
    }
    if any(Occasion::Reminder) {
        occasions.push(Occasion::Reminder);
    }
    let is_incomplete = |row: &AccountRow| !row.is_inactive() && row.status() == Status::Incomplete;
    if rows.iter().any(is_incomplete) || any(Occasion::Incomplete) {
        occasions.push(Occasion::Incomplete);
    }
    if any(Occasion::Heartbeat) {
        occasions.push(Occasion::Heartbeat);
    }
    occasions
}
