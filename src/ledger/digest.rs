//! What one run has to announce.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use strum::IntoStaticStr;

use super::book::{self, Book};
use super::change::{Kind, Reminder};
use super::entry::{Entry, Spot, Standing, Told};
use crate::audit::Report;
use crate::audit::finding::{Finding, Severity};

/// How long after reminders there are no others. Shorter than a day, as a daily run does not begin
/// at the same second every day.
const BETWEEN_REMINDERS: SignedDuration = SignedDuration::from_hours(20);

/// The most messages of one run. What they do not name is left to the next run.
pub const MESSAGES: usize = 10;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
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
        self.into()
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
    /// What is to be announced, in the order in which messages name it: what somebody has to do something
    /// about first, worst first, taken in turn from all APIs.
    pub news: Vec<News<'a>>,
    /// How many of them, from the first on, earlier messages of this run have named.
    pub named: usize,
    /// How many messages of this run came before this one.
    pub messages: usize,
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
        let found = report.evaluation.all_findings();
        let found = found.map(|it| (it.fingerprint().to_string(), it));
        let found: BTreeMap<String, &Finding> = found.collect();
        let news = book::entries(books).filter_map(|entry| {
            let reminder = settings.reminder.filter(|it| entry.is_due(*it, now));
            let kind = entry.pending().or(reminder.map(|_| Kind::Reminder))?;
            Some(News {
                kind,
                entry,
                finding: found.get(&entry.id).copied(),
                instead: None,
            })
        });
        let mut news = in_turn(news.collect());
        // There may be more reminders than the messages of a run name. The rest waits for the next day, and
        // does not send a digest after every change event in between.
        let reminded = book::entries(books).filter_map(Entry::reminded_at).max();
        if reminded.is_some_and(|it| now.duration_since(it) < BETWEEN_REMINDERS) {
            news.retain(|it| it.kind != Kind::Reminder);
        }
        let open = book::entries(books).filter(|it| it.standing == Standing::Open);
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
        if !report.evaluation.gaps.is_empty() {
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
            named: 0,
            messages: 0,
            open: book::open(books),
            exempt: book::exempt(books),
            whereabouts: None,
        })
    }

    /// What no message of this run has named yet, in the order in which messages name it.
    pub fn rest(&self) -> &[News<'a>] {
        self.news.get(self.named..).unwrap_or_default()
    }

    /// Takes the next ones for named: a message has named so many of the [`rest`](Self::rest).
    pub fn advance(&mut self, named: usize) {
        self.named = self.news.len().min(self.named.saturating_add(named));
        self.messages += 1;
    }

    /// What the first `named` of the [`rest`](Self::rest) are said to be, once SNS has taken the message that
    /// names them. `at`: when.
    pub fn told(&self, named: usize, at: Timestamp) -> Vec<(String, Told)> {
        says(self.rest().iter().take(named), at)
    }

    /// What the other places have not been sent yet, as far as the ledger knows.
    pub fn not_passed_on(&self) -> Digest<'a> {
        let news = self.news.iter().copied();
        Digest {
            news: news.filter(|it| !it.entry.is_passed_on()).collect(),
            named: 0,
            ..self.clone()
        }
    }

    /// What the other places are sent of each finding. `at`: when.
    pub fn passed_on(&self, at: Timestamp) -> Vec<(String, Told)> {
        says(self.news.iter(), at)
    }

    /// The same digest about the first `named` of the [`rest`](Self::rest) alone.
    pub fn only(&self, named: usize) -> Digest<'a> {
        let news = self.rest().iter().take(named).copied().collect();
        Digest {
            news,
            named: 0,
            ..self.clone()
        }
    }

    /// The next `most` changes, as a message shows them: worst first, those of one place together.
    pub(crate) fn shown(&self, most: usize) -> Vec<News<'a>> {
        let mut shown: Vec<News<'a>> = self.rest().iter().take(most).copied().collect();
        shown.sort_by(|one, other| one.order().cmp(&other.order()));
        shown
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
}

/// What is said of these findings.
fn says<'n, 'a: 'n>(
    news: impl Iterator<Item = &'n News<'a>>,
    at: Timestamp,
) -> Vec<(String, Told)> {
    let says = news.map(|News { entry, .. }| {
        let told = Told {
            at,
            standing: entry.standing,
            severity: entry.severity,
        };
        (entry.id.clone(), told)
    });
    says.collect()
}

/// In the order in which messages name them. What was never named comes before reminders, which were, so that
/// reminders keep nothing from being told; of reminders, those that have waited longest come first. Among
/// equals the first change of every API comes before the second one of any: no API crowds out another. All
/// principals count as one API here, and so does what is left, as there may be thousands of them.
fn in_turn(mut news: Vec<News<'_>>) -> Vec<News<'_>> {
    news.sort_by(|one, other| one.order().cmp(&other.order()));
    let mut turns = Turns::default();
    let mut turned: Vec<_> = news
        .into_iter()
        .map(|it| {
            let since = match it.kind {
                Kind::Reminder => it.entry.told.map(|told| told.at),
                _ => None,
            };
            let turn = turns.next(it.entry.severity, class(it.kind), it.entry);
            let severity = std::cmp::Reverse(it.entry.severity);
            ((class(it.kind), since, severity, turn), it)
        })
        .collect();
    // Stable: what is alike keeps the order of before.
    turned.sort_by_key(|(key, _)| *key);
    turned.into_iter().map(|(_, it)| it).collect()
}

/// What messages name first, second and last.
pub(crate) fn class(kind: Kind) -> u8 {
    match kind {
        Kind::Reminder => 2,
        kind if kind.alarms() => 0,
        _ => 1,
    }
}

/// The turns that each API has had, by class and severity.
#[derive(Default)]
struct Turns<'e> {
    had: BTreeMap<(u8, Severity, Subject<'e>), usize>,
}

/// What takes turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject<'e> {
    /// An API, by its Region and id.
    Api(Option<&'e str>, &'e str),
    /// All IAM principals.
    Principals,
    /// All that is neither.
    Others,
}

impl<'e> Subject<'e> {
    pub(crate) fn of(place: &'e Spot) -> Self {
        match (&place.api, &place.principal) {
            (Some(api), _) => Subject::Api(place.region.as_deref(), &api.id),
            (None, Some(_)) => Subject::Principals,
            (None, None) => Subject::Others,
        }
    }
}

impl<'e> Turns<'e> {
    fn next(&mut self, severity: Severity, class: u8, entry: &'e Entry) -> usize {
        let subject = Subject::of(&entry.place);
        let had = self.had.entry((class, severity, subject)).or_insert(0);
        *had += 1;
        *had
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
