//! What one account adds to the digest of its organization.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::audit::finding::Severity;
use crate::inventory::Gap;
use crate::ledger::Kind;
use crate::ledger::{Digest, MESSAGES, News, Occasion, class};
use crate::render::digest::change_text::{line, numbered};
use crate::render::digest::glance::Glance;
use crate::render::digest::json::change;
use crate::render::digest::light::Light;
use crate::render::{LIMIT, inert};

/// The most that one change or gap may weigh, text and JSON together, in bytes: it must not push out those of all
/// other accounts. A change that weighs more is shortened, as it would never be announced otherwise. A gap that
/// weighs more is counted only.
const ENTRY: usize = LIMIT / 8;

/// What is kept for the messages of a run, in bytes. They name a change with commands or without, so that this is
/// about what they hold.
pub(super) const RUN: usize = 2 * MESSAGES * LIMIT;

/// What one account adds to the digest of its organization: owned, and never larger than what one message
/// can show.
#[derive(Debug, Clone)]
pub struct Part {
    /// The account's id.
    pub account: String,
    /// Why the account has something to announce.
    pub occasions: Vec<Occasion>,
    /// The severity of the worst that somebody has to do something about.
    pub worst: Option<Severity>,
    /// Where the whole report of the account is, in words. `None`: it is kept nowhere.
    pub whereabouts: Option<String>,
    /// The address at which whoever may read it opens the account's report as a page. `None`: there is none.
    pub page: Option<String>,
    /// How many changes there are of each kind. Kinds without one are missing.
    pub news: BTreeMap<Kind, usize>,
    /// The rules that the changes are about.
    pub(super) rules: BTreeSet<String>,
    /// How many gaps the report has.
    pub gaps: usize,
    /// The changes that can be spelled out, worst first: the first ones.
    pub(super) changes: Vec<AccountChange>,
    /// The gaps that can be spelled out: the first ones.
    pub(super) unread: Vec<AccountGap>,
}

/// A change, in words and for programs.
#[derive(Debug, Clone)]
pub(super) struct AccountChange {
    pub(super) account: String,
    /// The finding's id.
    pub(super) id: String,
    /// Its number among those of its account that are of the same class and severity, from 1 on.
    turn: usize,
    pub(super) kind: Kind,
    severity: Severity,
    /// At a glance, without its account.
    pub(super) glance: Glance,
    pub(super) words: Words,
    /// In one line, which ends in a line break, and for programs without the commands: a message names more of
    /// these.
    pub(super) line: Words,
}

/// A gap, in words and for programs.
#[derive(Debug, Clone)]
pub(super) struct AccountGap {
    pub(super) account: String,
    /// Its number among those of its account, from 1 on.
    number: usize,
    pub(super) words: Words,
}

/// The same for people and for programs.
#[derive(Debug, Clone)]
pub(super) struct Words {
    pub(super) text: String,
    pub(super) json: Box<RawValue>,
}

/// A gap for programs.
#[derive(Debug, Serialize)]
struct GapJson<'a> {
    account: &'a str,
    #[serde(flatten)]
    gap: &'a Gap,
}

impl Part {
    /// What an account has to announce, with at most `most` changes and as many gaps in words. The rest is counted.
    /// Fewer are in words where they would fill all messages of a run by themselves.
    pub fn of(digest: &Digest<'_>, most: usize) -> Part {
        let account = &digest.report.account;
        let gaps = &digest.report.evaluation.gaps;
        let news = Kind::ALL.map(|kind| (kind, digest.count(kind)));
        let mut turns: BTreeMap<(u8, Severity), usize> = BTreeMap::new();
        let changes = digest
            .news
            .iter()
            .take(most)
            .zip(1..)
            .filter_map(|(news, number)| {
                let class = (class(news.kind), news.entry.severity);
                let turn = turns.entry(class).or_insert(0);
                *turn += 1;
                AccountChange::of(account, number, *turn, news)
            });
        let unread = gaps
            .iter()
            .take(most)
            .zip(1..)
            .filter_map(|(gap, number)| AccountGap::of(account, number, gap));
        Part {
            account: account.clone(),
            occasions: digest.occasions.clone(),
            worst: digest.worst(),
            whereabouts: digest.whereabouts.clone().filter(|_| !digest.is_cut),
            page: digest.page.clone(),
            news: news.into_iter().filter(|(_, count)| *count > 0).collect(),
            rules: digest.rules().into_iter().map(str::to_owned).collect(),
            gaps: gaps.len(),
            changes: within(RUN, changes, AccountChange::weight),
            unread: within(LIMIT, unread, |it| it.words.weight()),
        }
    }

    /// How many changes there are.
    pub fn changes(&self) -> usize {
        self.news.values().sum()
    }
}

impl AccountChange {
    fn of(account: &str, number: usize, turn: usize, news: &News<'_>) -> Option<Self> {
        let (light, lightest) = (Light::of(news, ENTRY), Light::in_a_line(news, ENTRY));
        let (shown, in_a_line) = (light.shown(news), lightest.shown(news));
        Some(AccountChange {
            account: account.to_owned(),
            id: news.entry.id.clone(),
            turn,
            kind: news.kind,
            severity: news.entry.severity,
            glance: Glance::of(news),
            words: Words::of(numbered(&shown, number), &change(&shown))?,
            line: Words::of(line(&in_a_line), &change(&in_a_line))?,
        })
    }

    /// What its JSON weighs, with and without commands, in bytes.
    pub(super) fn weight(&self) -> usize {
        self.words.weight() + self.line.weight()
    }

    /// The order in which messages name them, as in the digest of one account. Among equals the first change of
    /// every account comes before the second one of any: one account does not push out the others.
    pub(super) fn order(&self) -> impl Ord {
        (
            class(self.kind),
            Reverse(self.severity),
            self.turn,
            self.account.as_str(),
        )
    }
}

impl AccountGap {
    fn of(account: &str, number: usize, gap: &Gap) -> Option<Self> {
        let words = Words::of(inert(&gap.in_words()), &GapJson { account, gap })?;
        words.fits().then(|| AccountGap {
            account: account.to_owned(),
            number,
            words,
        })
    }

    /// The first gap of every account comes before the second one of any.
    pub(super) fn order(&self) -> impl Ord {
        (self.number, self.account.as_str())
    }
}

impl Words {
    /// `None`: it cannot be written as JSON. This does not happen with the types of this crate.
    fn of<T: Serialize>(text: String, json: &T) -> Option<Self> {
        let json = to_raw_value(json).ok()?;
        Some(Words { text, json })
    }

    fn fits(&self) -> bool {
        self.text.len() + self.json.get().len() <= ENTRY
    }

    /// What it weighs in the JSON that a message holds all of, in bytes.
    pub(super) fn weight(&self) -> usize {
        self.json.get().len()
    }
}

/// The first ones, as many as so many bytes can hold: no message of this run shows what comes after them.
pub(super) fn within<T>(
    bytes: usize,
    all: impl IntoIterator<Item = T>,
    weight: impl Fn(&T) -> usize,
) -> Vec<T> {
    let mut weighed = 0;
    let mut kept = Vec::new();
    for one in all {
        if weighed >= bytes {
            break;
        }
        weighed += weight(&one);
        kept.push(one);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::digest::single::tests::{digest, entry, finding, news, report};

    #[test]
    fn a_change_that_weighs_too_much_loses_commands() {
        let (report, entry, finding) = (report(), entry(), finding(2_000));
        let heavy = News {
            finding: Some(&finding),
            ..news(Kind::New, &entry)
        };
        let part = Part::of(&digest(&report, vec![heavy]), usize::MAX);
        let [change] = part.changes.as_slice() else {
            panic!("{}", part.changes.len());
        };
        assert!(change.words.fits());
        // Each of these commands says it four times.
        let commands = change.words.text.matches("update-method").count() / 4;
        assert_eq!(commands, 10);
    }

    #[test]
    fn a_change_that_still_weighs_too_much_is_named_and_in_nobodys_way() {
        let (report, light) = (report(), entry());
        let mut heavy = entry();
        heavy.message = "m".repeat(ENTRY).into();
        let both = vec![news(Kind::New, &heavy), news(Kind::New, &light)];
        let part = Part::of(&digest(&report, both), usize::MAX);
        assert_eq!(part.changes(), 2);
        let [first, second] = part.changes.as_slice() else {
            panic!("{}", part.changes.len());
        };
        assert!(first.words.fits());
        assert!(first.words.text.contains(&heavy.id));
        assert!(first.words.text.contains("mmm…"));
        assert!(second.words.text.starts_with("\n2. CRITICAL"));
    }

    #[test]
    fn a_part_is_never_larger_than_the_messages_of_a_run() {
        let (report, entry) = (report(), entry());
        let all = digest(&report, vec![news(Kind::New, &entry); 50_000]);
        let part = Part::of(&all, usize::MAX);
        assert_eq!(part.changes(), 50_000);
        let weight: usize = part.changes.iter().map(AccountChange::weight).sum();
        assert!((RUN..RUN + 2 * ENTRY).contains(&weight), "{weight}");
        assert_eq!(Part::of(&all, 3).changes.len(), 3);
        assert_eq!(Part::of(&all, 3).changes(), 50_000);
    }
}
