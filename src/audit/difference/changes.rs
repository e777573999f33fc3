//! What changed, as data.

use std::cmp::{Ordering, Reverse};

use strum::IntoStaticStr;

use super::side::Side;
use crate::audit::access::HolderKind;
use crate::audit::finding::{Finding, Place, Severity};

/// What changed between two readings of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The account's id.
    pub account: String,
    /// The reading that is taken for the earlier one.
    pub before: Side,
    /// The other one.
    pub after: Side,
    /// What changed of APIs, stages and methods. Empty where two reports are compared, which do not list them.
    pub changes: Vec<Change>,
    /// Who gained and who lost access. Empty where two reports are compared.
    pub access: Vec<AccessChange>,
    /// The findings that came, went or changed.
    pub findings: Vec<FindingChange>,
    /// What cannot be compared.
    pub unknown: Vec<Unknown>,
}

/// What two readings come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Outcome {
    /// Both read everything that was asked for, and nothing changed.
    Unchanged,
    /// Both read everything, and something changed.
    Changed,
    /// Something could not be read on a side, whatever else changed.
    Unknown,
}

impl Outcome {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Something that changed of an API, a stage or a method.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// What happened.
    pub kind: ChangeKind,
    /// Where.
    pub place: Place,
    /// What was there before, in words. `None`: nothing.
    pub before: Option<String>,
    /// What is there after, in words. `None`: nothing.
    pub after: Option<String>,
}

/// What happened to an API, a stage or a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum ChangeKind {
    /// Its requests pass without authorization, which they did not.
    Opened,
    /// Its requests passed without authorization, and do not any more.
    Closed,
    /// It is authorized in another way.
    TypeChanged,
    /// It is new, and asks for authorization; or another method answered its requests in the same way.
    MethodAdded,
    /// It is gone.
    MethodRemoved,
    /// The stage is new.
    StageAdded,
    /// The stage is gone.
    StageRemoved,
    /// The API is new.
    ApiAdded,
    /// The API is gone.
    ApiRemoved,
    /// What the API is reached by, or by whom, was set otherwise.
    SettingsChanged,
    /// A custom domain name came, went, or leads elsewhere.
    DomainChanged,
}

impl ChangeKind {
    /// All of them, in the order of reports.
    pub const ALL: [ChangeKind; 11] = [
        ChangeKind::Opened,
        ChangeKind::Closed,
        ChangeKind::TypeChanged,
        ChangeKind::MethodAdded,
        ChangeKind::MethodRemoved,
        ChangeKind::StageAdded,
        ChangeKind::StageRemoved,
        ChangeKind::ApiAdded,
        ChangeKind::ApiRemoved,
        ChangeKind::SettingsChanged,
        ChangeKind::DomainChanged,
    ];

    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// One of the two readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Which {
    /// The earlier one.
    Before,
    /// The later one.
    After,
}

impl Which {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Something that cannot be compared, because one of the readings does not have it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unknown {
    /// The reading that does not have it.
    pub side: Which,
    /// What cannot be compared, in words.
    pub what: String,
    /// Why, in words.
    pub why: String,
}

/// What somebody may call of a stage's methods, which was otherwise before.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccessChange {
    /// Whether it is more.
    pub direction: Direction,
    /// Group, user or role; another account or an organization.
    pub kind: HolderKind,
    /// Its name, or id.
    pub name: String,
    /// The stage.
    pub place: Place,
    /// How many of a method's requests were allowed: `ALL`, `SOME` or `NONE`, with `*` where that depends on a condition.
    pub before: String,
    /// How many are.
    pub after: String,
    /// The methods, by verb and path or by route key.
    pub methods: Vec<String>,
}

/// Whether somebody may call more than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Direction {
    /// More requests are allowed, or what depended on a condition does not any more.
    Gained,
    /// Fewer, or they depend on a condition.
    Lost,
}

impl Direction {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A finding that came, went or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingChange {
    /// Its id.
    pub id: String,
    /// The rule.
    pub rule: String,
    /// The place in a few words.
    pub place: String,
    /// What is wrong, as the later side says it, where it does.
    pub message: String,
    /// How bad it was. `None`: it was not there.
    pub before: Option<Grade>,
    /// How bad it is. `None`: it is not there.
    pub after: Option<Grade>,
}

impl FindingChange {
    /// A finding that is on both sides, as severe.
    pub(in crate::audit) fn standing(id: String, finding: &Finding, severity: Severity) -> Self {
        let grade = Some(Grade {
            severity,
            exempted: false,
        });
        FindingChange {
            id,
            rule: finding.rule.as_str().to_owned(),
            place: finding.place.in_words(),
            message: finding.message.to_string(),
            before: grade,
            after: grade,
        }
    }

    /// What came first, then what changed, then what went; the worst first.
    pub(in crate::audit) fn order(&self, other: &Self) -> Ordering {
        let key = |it: &Self| {
            let kind = match (it.before, it.after) {
                (None, _) => 0,
                (Some(_), Some(_)) => 1,
                (Some(_), None) => 2,
            };
            let grade = it.after.or(it.before);
            (
                kind,
                Reverse(grade.map(|it| it.severity)),
                it.rule.clone(),
                it.place.clone(),
                it.id.clone(),
            )
        };
        key(self).cmp(&key(other))
    }
}

/// How bad a finding is, and whether an exemption covers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grade {
    /// Its severity.
    pub severity: Severity,
    /// Whether an exemption covers it.
    pub exempted: bool,
}

impl Difference {
    /// What it comes to. A gap on either side is never *unchanged*.
    pub fn outcome(&self) -> Outcome {
        let has_gap = !self.before.gaps.is_empty() || !self.after.gaps.is_empty();
        let is_same = self.changes.is_empty() && self.access.is_empty() && self.findings.is_empty();
        if has_gap || !self.unknown.is_empty() {
            Outcome::Unknown
        } else if is_same {
            Outcome::Unchanged
        } else {
            Outcome::Changed
        }
    }

    pub(super) fn side(&self, which: Which) -> &Side {
        match which {
            Which::Before => &self.before,
            Which::After => &self.after,
        }
    }

    pub(super) fn not_known(
        &mut self,
        side: Which,
        what: impl Into<String>,
        why: impl Into<String>,
    ) {
        self.unknown.push(Unknown {
            side,
            what: what.into(),
            why: why.into(),
        });
    }
}
