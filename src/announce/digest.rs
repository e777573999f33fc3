//! What one run has to announce.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::finding::{Finding, Severity};
use crate::ledger::{self, Book, Entry, Kind, Reminder, Standing, Told};
use crate::report::Report;

/// When to announce what has not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// When what was announced is announced again. `None`: never.
    pub reminder: Option<Reminder>,
    /// How long it may be silent before a digest says that gatewatch is at work. `None`: for ever.
    pub heartbeat: Option<SignedDuration>,
}

impl Settings {
    /// A reminder after so many days of what is high or critical, unless told otherwise.
    pub const REMIND_AFTER_DAYS: u32 = 7;

    /// Reminders of what is high or critical, and heartbeats, after so many days. 0 is never.
    pub fn after_days(reminder: u32, heartbeat: u32) -> Self {
        let days = |days: u32| (days > 0).then(|| SignedDuration::from_hours(24 * i64::from(days)));
        Settings {
            reminder: days(reminder).map(|after| Reminder {
                after,
                least: Severity::High,
            }),
            heartbeat: days(heartbeat),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Settings::after_days(Settings::REMIND_AFTER_DAYS, 0)
    }
}

/// Why there is a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Occasion {
    /// It is the first one of the account.
    Baseline,
    /// Something changed.
    Changes,
    /// Something is still there, and was announced long ago.
    Reminder,
    /// Something could not be read.
    Incomplete,
    /// It has been silent for long.
    Heartbeat,
}

impl Occasion {
    /// The names of several.
    pub fn names(all: &[Occasion]) -> Vec<&'static str> {
        all.iter().map(|it| it.as_str()).collect()
    }

    /// The name in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Occasion::Baseline => "baseline",
            Occasion::Changes => "changes",
            Occasion::Reminder => "reminder",
            Occasion::Incomplete => "incomplete",
            Occasion::Heartbeat => "heartbeat",
        }
    }
}

/// One thing to announce.
#[derive(Debug, Clone, Copy)]
pub struct News<'a> {
    /// What it is.
    pub kind: Kind,
    /// The finding, as the ledger has it.
    pub entry: &'a Entry,
    /// The finding, as this run made it. `None`: it did not.
    pub finding: Option<&'a Finding>,
    /// Of one that is resolved: the worst that is open at the same place. Then the place is not mended, it
    /// is wrong in another way.
    pub instead: Option<&'a Entry>,
}

/// What one run has to announce.
#[derive(Debug, Clone)]
pub struct Digest<'a> {
    /// The run.
    pub report: &'a Report,
    /// Why there is a digest: at least one reason, in order.
    pub occasions: Vec<Occasion>,
    /// What is announced: what somebody has to do something about first, worst first.
    pub news: Vec<News<'a>>,
    /// How many findings are open, by severity, in all books of the run.
    pub open: BTreeMap<Severity, usize>,
    /// How many are exempt.
    pub exempt: usize,
    /// Where the whole report is, in words. `None`: it is kept nowhere.
    pub whereabouts: Option<String>,
}

impl<'a> Digest<'a> {
    /// What a run has to announce. `None`: nothing, as nothing changed and everything was read.
    ///
    /// `books` are those of the run, with what it found.
    pub fn due(
        books: &'a [Book],
        report: &'a Report,
        settings: Settings,
        now: Timestamp,
    ) -> Option<Self> {
        let evaluation = &report.evaluation;
        let exempted = evaluation.exempted.iter().map(|it| &it.finding);
        let found = evaluation.findings.iter().chain(exempted);
        let found = found.map(|it| (it.fingerprint().to_string(), it));
        let found: BTreeMap<String, &Finding> = found.collect();
        let news = ledger::entries(books).filter_map(|entry| {
            let reminder = settings.reminder.filter(|it| entry.is_due(*it, now));
            let kind = entry.pending().or(reminder.map(|_| Kind::Reminder))?;
            Some(News {
                kind,
                entry,
                finding: found.get(&entry.id).copied(),
                instead: None,
            })
        });
        let mut news: Vec<News<'a>> = news.collect();
        news.sort_by(|one, other| one.order().cmp(&other.order()));
        let open = ledger::entries(books).filter(|it| it.standing == Standing::Open);
        let open = open.filter(|it| it.place.verb.is_some() || it.place.route_key.is_some());
        let mut at_place: BTreeMap<&str, &Entry> = BTreeMap::new();
        for entry in open {
            let worst = at_place.entry(&entry.place.words).or_insert(entry);
            if entry.severity > worst.severity {
                *worst = entry;
            }
        }
        for news in news.iter_mut().filter(|it| it.kind == Kind::Resolved) {
            news.instead = at_place.get(news.entry.place.words.as_str()).copied();
        }
        let last = books.iter().filter_map(|book| book.digest_at).max();
        let mut occasions = Vec::new();
        if last.is_none() {
            occasions.push(Occasion::Baseline);
        } else if news.iter().any(|it| it.kind != Kind::Reminder) {
            occasions.push(Occasion::Changes);
        }
        if news.iter().any(|it| it.kind == Kind::Reminder) {
            occasions.push(Occasion::Reminder);
        }
        if !evaluation.gaps.is_empty() {
            occasions.push(Occasion::Incomplete);
        }
        let silent = last.zip(settings.heartbeat);
        if silent.is_some_and(|(last, heartbeat)| now.duration_since(last) >= heartbeat) {
            occasions.push(Occasion::Heartbeat);
        }
        if occasions.is_empty() {
            return None;
        }
        Some(Digest {
            report,
            occasions,
            news,
            open: ledger::open(books),
            exempt: ledger::exempt(books),
            whereabouts: None,
        })
    }

    /// What each finding is said to be, once SNS has taken the message. `at`: when.
    pub fn told(&self, at: Timestamp) -> Vec<(String, Told)> {
        let told = self.news.iter().map(|News { entry, .. }| {
            let told = Told {
                at,
                standing: entry.standing,
                severity: entry.severity,
            };
            (entry.id.clone(), told)
        });
        told.collect()
    }

    /// How many there are of a kind.
    pub fn count(&self, kind: Kind) -> usize {
        self.news.iter().filter(|it| it.kind == kind).count()
    }

    /// The severity of the worst that somebody has to do something about.
    pub fn worst(&self) -> Option<Severity> {
        let alarming = self.news.iter().filter(|it| it.kind.alarms());
        alarming.map(|it| it.entry.severity).max()
    }

    /// What there is, in a few words, such as `2 new, 1 resolved`.
    pub fn news_in_words(&self) -> String {
        news_in_words(|kind| self.count(kind))
    }

    /// What is open, in a few words, such as `1 critical, 4 high`.
    pub fn open_in_words(&self) -> String {
        open_in_words(&self.open, self.exempt)
    }
}

impl News<'_> {
    /// What somebody has to do something about first, worst first, then by kind and place.
    fn order(&self) -> impl Ord {
        (
            !self.kind.alarms(),
            std::cmp::Reverse(self.entry.severity),
            self.kind,
            self.entry.rule.clone(),
            self.entry.place.words.clone(),
            self.entry.id.clone(),
        )
    }
}

/// What there is of each kind, in a few words.
pub(super) fn news_in_words(count: impl Fn(Kind) -> usize) -> String {
    let kinds = Kind::ALL.into_iter().filter_map(|kind| {
        let count = count(kind);
        (count > 0).then(|| format!("{count} {}", in_words(kind)))
    });
    let kinds: Vec<String> = kinds.collect();
    if kinds.is_empty() {
        "nothing new".to_owned()
    } else {
        kinds.join(", ")
    }
}

/// What is open and what is exempt, in a few words.
pub(super) fn open_in_words(open: &BTreeMap<Severity, usize>, exempt: usize) -> String {
    let counts = open.iter().rev();
    let counts: Vec<String> = counts.map(|(it, count)| format!("{count} {it}")).collect();
    let open = if counts.is_empty() {
        "nothing".to_owned()
    } else {
        counts.join(", ")
    };
    match exempt {
        0 => open,
        exempt => format!("{open}; {exempt} exempt"),
    }
}

/// A kind in headlines.
pub(super) fn in_words(kind: Kind) -> &'static str {
    match kind {
        Kind::New => "new",
        Kind::Reopened => "reopened",
        Kind::Worse => "worse",
        Kind::ExemptionExpired => "no longer exempt",
        Kind::Reminder => "still open",
        Kind::Better => "less severe",
        Kind::Exempted => "exempted",
        Kind::Resolved => "resolved",
    }
}
