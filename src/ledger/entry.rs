//! One finding, as the ledger keeps it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use super::proof::Proof;
use super::spot::Spot;
use crate::audit::finding::{Confidence, Exposure, Finding, Severity, Source, Text, Texts};
use crate::audit::rules::Exempted;

/// As many events of an entry are kept, the latest.
const EVENTS: usize = 20;

/// As many URLs of an entry are kept.
const URLS: usize = 3;

/// One finding, as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The fingerprint: the same across scans.
    pub id: String,
    /// The rule's name.
    pub rule: Text,
    /// The severity, as last seen.
    pub severity: Severity,
    /// The confidence, as last seen.
    pub confidence: Confidence,
    /// Where.
    pub place: Spot,
    /// Who reaches it, where it is a method.
    pub exposure: Option<Exposure>,
    /// The first URLs of its stage.
    pub urls: Vec<Text>,
    /// What is wrong, in one line.
    pub message: Text,
    /// How to mend it, in one line.
    pub remedy: Text,
    /// What holds of it now.
    pub standing: Standing,
    /// When a scan first saw it.
    pub first_seen: Timestamp,
    /// When the scan that last saw it began.
    pub last_seen: Timestamp,
    /// When the reading of that scan was over. A scan that began before may have read the place earlier.
    pub seen_until: Timestamp,
    /// Since when it has been open, or was, before it was resolved. `None`: it was never open, but exempt
    /// from the first.
    pub open_since: Option<Timestamp>,
    /// When it was last resolved.
    pub resolved_at: Option<Timestamp>,
    /// When it last became exempt.
    pub exempt_since: Option<Timestamp>,
    /// What exempts it, while it is exempt.
    pub exemption: Option<Box<Allowed>>,
    /// The name of the policy file that last demanded otherwise. `None`: an older gatewatch wrote it.
    #[serde(default)]
    pub judged_by: Option<Text>,
    /// What it rests on. `None`: an older gatewatch wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// The deployment that served it when it was last seen. `None`: its evidence names none, or an older gatewatch wrote
    /// it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment: Option<Text>,
    /// Of an `ANY`: the verbs that it did not answer when it was last seen, as they had methods of their own. An older
    /// gatewatch did not write them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub own_verbs: Vec<Text>,
    /// How the policy file accepts it, and since when, while it is accepted.
    #[serde(default)]
    pub accepted: Option<Box<Acceptance>>,
    /// The finding that took its place, and since when, while one has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub became: Option<Box<Successor>>,
    /// How its API or its stage went, and since when, while it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone: Option<Box<Departure>>,
    /// What was last announced of it, and when. `None`: nothing yet.
    pub told: Option<Told>,
    /// What places besides the topic were last sent of it, as long as no message has named it since. `None`:
    /// nothing, or no more than was announced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed_on: Option<Told>,
    /// Whose it is, and what they were told of it, by their topics. Empty: it is nobody's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub owners: BTreeMap<String, Owned>,
    /// What became of it, the latest last.
    pub events: Vec<Event>,
}

/// What holds of a finding.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Standing {
    /// It is there.
    Open,
    /// It is there, and an exemption covers it.
    Exempt,
    /// It is there, and the policy file was edited so that it accepts it. That is not looked at again: it may be
    /// mended since.
    Accepted,
    /// Its place was read, and another rule describes what is wrong there now. Nothing was fixed.
    Became,
    /// Its API or its stage is no longer there. Nothing was mended: what it led to may be reached in another way.
    Gone,
    /// Its place was read, and it is not there any more.
    Resolved,
}

impl Standing {
    /// All of them.
    pub const ALL: [Standing; 6] = [
        Standing::Open,
        Standing::Exempt,
        Standing::Accepted,
        Standing::Became,
        Standing::Gone,
        Standing::Resolved,
    ];

    /// Whether a report would have it: as a finding, or as one that is exempt.
    pub fn is_there(self) -> bool {
        matches!(self, Standing::Open | Standing::Exempt)
    }

    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// What exempts a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowed {
    /// Who answers for it.
    pub owner: String,
    /// Why it is allowed.
    pub reason: String,
    /// The last day on which it holds (UTC).
    pub expires: Date,
}

/// How the policy file accepts a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// When the scan began that met the edited policy file.
    pub at: Timestamp,
    /// How, in words, such as `line 12 of the policy file accepts it`.
    pub how: String,
}

/// The finding of another rule that took the place of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Successor {
    /// When the scan began that found it.
    pub at: Timestamp,
    /// Its id.
    pub id: String,
    /// Its rule's name.
    pub rule: String,
    /// Its severity then.
    pub severity: Severity,
}

/// How a finding went with what it was about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Departure {
    /// When the scan began that no longer found the API, or the stage.
    pub at: Timestamp,
    /// How, in words, such as ``stage `prod` is no longer there``.
    pub how: String,
}

/// When a finding was there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Presence {
    /// Since when without a break. `None`: it is not there.
    since: Option<Timestamp>,
    last_seen: Timestamp,
}

impl Presence {
    /// Whether no run made another finding beside it, as far as is known.
    pub(super) fn is_apart_from(self, other: &Entry) -> bool {
        let appeared_later = |since: Timestamp| since > other.last_seen;
        self.since.is_none_or(appeared_later) || self.last_seen < other.last_seen
    }
}

/// What was announced of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// When: SNS had taken the message then.
    pub at: Timestamp,
    /// What it was said to be.
    pub standing: Standing,
    /// How severe it was said to be.
    pub severity: Severity,
}

/// What an owner has to do with a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owned {
    /// Whether it is theirs, as last seen. The tags of an API may change, and so may the policy file.
    pub theirs: bool,
    /// What they were last told. `None`: nothing yet.
    pub told: Option<Told>,
}

/// Something that became of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// When the scan that saw it began.
    pub at: Timestamp,
    /// What.
    pub what: EventKind,
    /// How severe it was then.
    pub severity: Severity,
}

/// What can become of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// Seen for the first time, or again after it was resolved.
    #[strum(serialize = "opened")]
    Opened,
    /// An exemption covers it.
    #[strum(serialize = "exempted")]
    Exempted,
    /// No exemption covers it any more.
    #[strum(serialize = "exemption ended")]
    ExemptionEnded,
    /// Its severity changed.
    #[strum(serialize = "severity changed")]
    SeverityChanged,
    /// The policy file was edited so that it accepts it.
    #[strum(serialize = "accepted")]
    Accepted,
    /// Another rule describes what is wrong at its place.
    #[strum(serialize = "became another finding")]
    Became,
    /// Its API or its stage is no longer there.
    #[strum(serialize = "gone with its API")]
    Gone,
    /// It is not there any more.
    #[strum(serialize = "resolved")]
    Resolved,
    /// Announced: SNS took the message.
    #[strum(serialize = "announced")]
    Announced,
}

impl EventKind {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl Entry {
    /// An entry for a finding that was not known, at its place. Whoever makes it describes it, and says what
    /// holds of it.
    pub(super) fn new(id: String, finding: &Finding, place: Spot, at: Timestamp) -> Self {
        Entry {
            id,
            rule: finding.rule.as_str().into(),
            severity: finding.severity,
            confidence: finding.confidence,
            place,
            exposure: None,
            urls: Vec::new(),
            message: Text::default(),
            remedy: Text::default(),
            standing: Standing::Resolved,
            first_seen: at,
            last_seen: at,
            seen_until: at,
            open_since: None,
            resolved_at: None,
            exempt_since: None,
            exemption: None,
            judged_by: None,
            proof: None,
            deployment: None,
            own_verbs: Vec::new(),
            accepted: None,
            became: None,
            gone: None,
            told: None,
            passed_on: None,
            owners: BTreeMap::new(),
            events: Vec::new(),
        }
    }

    /// Takes over what the latest scan says of it, but for its severity.
    pub(super) fn describe(&mut self, finding: &Finding, place: Spot) {
        let reach = finding.reach.as_ref();
        self.confidence = finding.confidence;
        self.place = place;
        self.exposure = reach.map(|it| it.exposure);
        self.urls = reach.map_or(Vec::new(), |it| {
            it.urls.iter().take(URLS).cloned().collect()
        });
        self.message = finding.message.clone();
        self.remedy = finding.remedy.summary.clone();
        let read = finding.evidence.iter();
        let mut deployed =
            read.filter(|it| matches!(it.source, Source::Deployment | Source::Canary));
        self.deployment = deployed.find_map(|it| it.reference.clone());
    }

    /// Since when it has been there without a break, open or exempt. `None`: it is not there.
    pub fn there_since(&self) -> Option<Timestamp> {
        use EventKind::{Accepted, Became, Gone, Resolved};
        if !self.standing.is_there() {
            return None;
        }
        let ends = |it: &&Event| !matches!(it.what, Accepted | Became | Gone | Resolved);
        self.events
            .iter()
            .rev()
            .take_while(ends)
            .last()
            .map(|it| it.at)
    }

    /// When it was there.
    pub(super) fn presence(&self) -> Presence {
        Presence {
            since: self.there_since(),
            last_seen: self.last_seen,
        }
    }

    /// Lets it share with other entries what they have in common.
    pub(super) fn share(&mut self, texts: &mut Texts) {
        let own = [&mut self.rule, &mut self.message, &mut self.remedy].into_iter();
        let own = own.chain(self.place.texts());
        let own = own.chain(&mut self.urls).chain(&mut self.own_verbs);
        let own = own.chain(&mut self.judged_by).chain(&mut self.deployment);
        own.for_each(|it| texts.keep(it));
    }

    /// When it was last accepted, became another finding, went with its API, and was resolved, as far as that still
    /// holds.
    pub(crate) fn ends(&self) -> [Option<Timestamp>; 4] {
        let accepted = self.accepted.as_ref().map(|it| it.at);
        let became = self.became.as_ref().map(|it| it.at);
        let gone = self.gone.as_ref().map(|it| it.at);
        [accepted, became, gone, self.resolved_at]
    }

    pub(super) fn log(&mut self, at: Timestamp, what: EventKind) {
        let severity = self.severity;
        self.events.push(Event { at, what, severity });
        let more = self.events.len().saturating_sub(EVENTS);
        self.events.drain(..more);
    }
}

impl From<&Exempted> for Allowed {
    fn from(exempted: &Exempted) -> Self {
        Allowed {
            owner: exempted.owner.clone(),
            reason: exempted.reason.clone(),
            expires: exempted.expires,
        }
    }
}
