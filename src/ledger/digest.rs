//! What one run has to announce.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use strum::IntoStaticStr;

use super::book::{self, Book};
use super::change::{Kind, Reminder};
use super::entry::{Entry, Standing, Told};
use super::news::{News, in_turn};
use super::spot::MethodPlace;
use crate::audit::finding::{Finding, Severity};
use crate::audit::{Report, Status};

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

/// What one run has to announce.
///
/// ```
/// # use gatewatch::audit::Report;
/// # use gatewatch::inventory::Inventory;
/// # use gatewatch::policy_file::PolicyFile;
/// #
/// # const INVENTORY: &str = r#"{
/// #     "schema_version": 1, "account": "111122223333", "partition": "aws",
/// #     "taken_at": "2026-06-15T06:00:00Z", "scope": {"regions": ["eu-west-1"]},
/// #     "apis": [{
/// #         "region": "eu-west-1", "id": "a1b2c3d4e5", "name": "PetStore", "kind": "REST",
/// #         "endpoint_types": ["REGIONAL"], "default_endpoint_disabled": false, "resource_policy": null,
/// #         "stages": [{"name": "prod", "deployment_id": "dep111"}],
/// #         "deployments": [{"id": "dep111", "created_at": "2026-06-01T08:00:00Z", "methods": [
/// #             {"verb": "GET", "path": "/pets/{petId}", "authorization": "NONE", "api_key_required": false}
/// #         ]}],
/// #         "draft": [{"verb": "GET", "path": "/pets/{petId}", "resource_id": "res111",
/// #                    "authorization": "NONE", "api_key_required": false, "integration": "HTTP"}]
/// #     }],
/// #     "domains": [], "gaps": [],
/// #     "iam": {"users": [], "roles": [], "policies": [], "groups": []}
/// # }"#;
/// # /// A scan of that day.
/// # fn scan(inventory: &str, day: &str) -> Report {
/// #     let inventory = Inventory::from_json(&inventory.replace("2026-06-15", day)).unwrap();
/// #     Report::new(&inventory, &PolicyFile::default(), day.parse().unwrap())
/// # }
/// use gatewatch::ledger::{Book, Breadth, Digest, Kind, Occasion, Settings, compare};
///
/// let empty = Book::new("111122223333", Some("eu-west-1"));
/// let report = scan(INVENTORY, "2026-06-15");
/// let mut book = compare(&empty, &report, Breadth::Whole);
///
/// let now = report.taken_at;
/// let books = [book.clone()];
/// let digest = Digest::due(&books, &report, Settings::default(), now).unwrap();
/// assert_eq!(digest.occasions, [Occasion::Baseline]);
/// assert_eq!(digest.count(Kind::New), 1);
///
/// // Once SNS has taken a message that names it, nothing is due.
/// let told = digest.told(1, now);
/// book.tell(now, told.iter().map(|(id, told)| (id.as_str(), *told)));
/// assert!(Digest::due(&[book], &report, Settings::default(), now).is_none());
/// ```
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
    /// Where the report is, in words. `None`: it is kept nowhere.
    pub whereabouts: Option<String>,
    /// The address at which whoever may read it opens the report as a page. `None`: there is none.
    pub page: Option<String>,
    /// Whether the report there lacks findings, as there were too many to keep.
    pub is_cut: bool,
    /// Whether it is that of an owner, about what is theirs alone.
    pub for_owner: bool,
    /// In the digest of an owner: whether something could not be read that is not known to be theirs.
    pub unread_elsewhere: bool,
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
        let mut news = in_turn(news(books, report, settings, now));
        if has_just_reminded(books, now) {
            news.retain(|it| it.kind != Kind::Reminder);
        }
        add_what_is_wrong_instead(&mut news, books);
        let occasions = occasions(books, &news, report, settings, now);
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
            page: None,
            is_cut: false,
            for_owner: false,
            unread_elsewhere: false,
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

    /// The next `most` changes, as a message shows them: what asks for something first, worst first; then the others, kind
    /// by kind.
    pub(crate) fn shown(&self, most: usize) -> Vec<News<'a>> {
        let mut shown: Vec<News<'a>> = self.rest().iter().take(most).copied().collect();
        // What asks for nothing is told kind by kind, each under one heading.
        let section = |it: &News<'_>| (!it.kind.alarms()).then_some(it.kind);
        shown.sort_by(|one, other| {
            let order = (section(one), one.order());
            order.cmp(&(section(other), other.order()))
        });
        shown
    }

    /// The outcome in one word. That of an owner is incomplete as well where something else was not read.
    pub fn status(&self) -> Status {
        if self.unread_elsewhere {
            Status::Incomplete
        } else {
            self.report.status()
        }
    }

    /// How many there are of a kind.
    pub fn count(&self, kind: Kind) -> usize {
        self.news.iter().filter(|it| it.kind == kind).count()
    }

    /// The rules that its changes are about.
    pub fn rules(&self) -> BTreeSet<&str> {
        self.news.iter().map(|it| it.entry.rule.as_str()).collect()
    }

    /// The severity of the worst that somebody has to do something about.
    pub fn worst(&self) -> Option<Severity> {
        let alarming = self.news.iter().filter(|it| it.kind.alarms());
        alarming.map(|it| it.entry.severity).max()
    }
}

/// What is to be announced of the findings of these books, in their order.
fn news<'a>(
    books: &'a [Book],
    report: &'a Report,
    settings: Settings,
    now: Timestamp,
) -> Vec<News<'a>> {
    let findings = report.evaluation.all_findings();
    let found: BTreeMap<String, &Finding> = findings
        .map(|it| (it.fingerprint().to_string(), it))
        .collect();
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
    news.collect()
}

/// Whether a reminder was sent less than [`BETWEEN_REMINDERS`] ago. There may be more reminders than the messages of a
/// run name. The rest waits for the next day, and does not send a digest after every change event in between.
fn has_just_reminded(books: &[Book], now: Timestamp) -> bool {
    let reminded = book::entries(books).filter_map(Entry::reminded_at).max();
    reminded.is_some_and(|it| now.duration_since(it) < BETWEEN_REMINDERS)
}

/// Adds to what is resolved the worst that is open at the same method.
fn add_what_is_wrong_instead<'a>(news: &mut [News<'a>], books: &'a [Book]) {
    // A list of all that is open takes much room, and mostly nothing asks for it.
    if news.iter().all(|it| it.kind != Kind::Resolved) {
        return;
    }
    let is_method = |it: &Entry| it.place.verb.is_some() || it.place.route_key.is_some();
    let open = book::entries(books).filter(|it| it.standing == Standing::Open && is_method(it));
    let mut worst_at: BTreeMap<MethodPlace<'_>, &Entry> = BTreeMap::new();
    for entry in open {
        let worst = worst_at.entry(entry.place.method_place()).or_insert(entry);
        if entry.severity > worst.severity {
            *worst = entry;
        }
    }
    for news in news.iter_mut().filter(|it| it.kind == Kind::Resolved) {
        news.instead = worst_at.get(&news.entry.place.method_place()).copied();
    }
}

/// Why there is a digest. Empty: there is none.
fn occasions(
    books: &[Book],
    news: &[News<'_>],
    report: &Report,
    settings: Settings,
    now: Timestamp,
) -> Vec<Occasion> {
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
    occasions
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
