//! A difference in sections, each with a line for each entry.

use crate::audit::difference::{
    AccessChange, Change, ChangeKind, Difference, Direction, FindingChange, Grade, Side,
};
use crate::inventory::Gap;
use crate::render::minute;

/// So many methods are named in a line.
const METHODS: usize = 6;

/// A heading, and its entries in words. Names are not yet fit for where they are shown.
pub(super) struct Section {
    pub(super) heading: &'static str,
    /// The same in the summary.
    short: &'static str,
    /// Whether it says what is not known.
    pub(super) is_unknown: bool,
    pub(super) entries: Vec<String>,
}

impl Section {
    /// A section of what is known, which no summary counts.
    pub(super) fn new(heading: &'static str, entries: impl Iterator<Item = String>) -> Self {
        section((heading, heading), entries)
    }
}

/// How severe a finding is, and whether it is exempted.
pub(super) fn tally(grade: Grade) -> String {
    let exempted = if grade.exempted { " (exempted)" } else { "" };
    format!("{}{exempted}", grade.severity)
}

/// What there is to say, without the sections that have nothing.
pub(super) fn sections(difference: &Difference) -> Vec<Section> {
    let of_changes = ChangeKind::ALL.into_iter().map(|kind| {
        let own = difference.changes.iter().filter(|it| it.kind == kind);
        section(heading(kind), own.map(change))
    });
    let of_access = [
        (Direction::Gained, ("can call more", "gained access")),
        (Direction::Lost, ("can call less", "lost access")),
    ];
    let of_access = of_access.into_iter().map(|(direction, heading)| {
        let own = difference
            .access
            .iter()
            .filter(|it| it.direction == direction);
        section(heading, own.map(access))
    });
    let findings = difference.findings.iter();
    let of_findings = [
        (("findings that are new", "new findings"), (false, true)),
        (("findings that changed", "changed findings"), (true, true)),
        (("findings that are gone", "findings gone"), (true, false)),
    ];
    let of_findings = of_findings.into_iter().map(move |(heading, has)| {
        let is_so = |it: &&FindingChange| (it.before.is_some(), it.after.is_some()) == has;
        section(heading, findings.clone().filter(is_so).map(finding))
    });
    let unknown = difference.unknown.iter();
    let unknown = unknown.map(|it| format!("{}: {}: {}", it.side.as_str(), it.what, it.why));
    let unknown = Section {
        is_unknown: true,
        ..section(
            ("unknown, and not to be taken for unchanged", "unknown"),
            unknown,
        )
    };
    let gaps = [
        (&difference.before, ("not read before", "gaps before")),
        (&difference.after, ("not read after", "gaps after")),
    ];
    let gaps = gaps.map(|(side, heading)| Section {
        is_unknown: true,
        ..section(heading, side.gaps.iter().map(Gap::in_words))
    });
    let all = of_changes.chain(of_access).chain(of_findings);
    let all = all.chain([unknown]).chain(gaps);
    all.filter(|it| !it.entries.is_empty()).collect()
}

fn section(
    (heading, short): (&'static str, &'static str),
    entries: impl Iterator<Item = String>,
) -> Section {
    Section {
        heading,
        short,
        is_unknown: false,
        entries: entries.collect(),
    }
}

/// What is compared, in one line.
pub(super) fn subject(difference: &Difference) -> String {
    let at = |side: &Side| minute(side.taken_at);
    format!(
        "account {}, from {} to {}",
        difference.account,
        at(&difference.before),
        at(&difference.after)
    )
}

/// What it came to, in one line.
pub(super) fn summary(sections: &[Section]) -> String {
    let counted: Vec<String> = sections
        .iter()
        .map(|it| format!("{}: {}", it.short, it.entries.len()))
        .collect();
    match counted.is_empty() {
        true => "nothing changed".to_owned(),
        false => counted.join(", "),
    }
}

fn heading(kind: ChangeKind) -> (&'static str, &'static str) {
    match kind {
        ChangeKind::Opened => ("opened: anyone can call them", "opened"),
        ChangeKind::Closed => ("closed: they ask for authorization", "closed"),
        ChangeKind::TypeChanged => ("methods authorized in another way", "authorized otherwise"),
        ChangeKind::MethodAdded => ("methods that are new", "new methods"),
        ChangeKind::MethodRemoved => ("methods that are gone", "methods gone"),
        ChangeKind::StageAdded => ("stages that are new", "new stages"),
        ChangeKind::StageRemoved => ("stages that are gone", "stages gone"),
        ChangeKind::ApiAdded => ("APIs that are new", "new APIs"),
        ChangeKind::ApiRemoved => ("APIs that are gone", "APIs gone"),
        ChangeKind::SettingsChanged => ("settings that changed", "changed settings"),
        ChangeKind::DomainChanged => ("custom domain names that changed", "changed domain names"),
    }
}

fn change(change: &Change) -> String {
    let place = change.place.in_words();
    match (change.kind, &change.before, &change.after) {
        (
            ChangeKind::ApiAdded
            | ChangeKind::ApiRemoved
            | ChangeKind::StageAdded
            | ChangeKind::StageRemoved,
            ..,
        ) => place,
        (_, before, after) => format!("{place}: {}", from_to(before.as_deref(), after.as_deref())),
    }
}

fn from_to(before: Option<&str>, after: Option<&str>) -> String {
    let words = |it: Option<&str>| it.unwrap_or("nothing").to_owned();
    format!("{} → {}", words(before), words(after))
}

fn access(change: &AccessChange) -> String {
    let more = change.methods.len().saturating_sub(METHODS);
    let mut named: Vec<&str> = change
        .methods
        .iter()
        .take(METHODS)
        .map(String::as_str)
        .collect();
    let more = format!("and {more} more");
    if change.methods.len() > METHODS {
        named.push(&more);
    }
    format!(
        "{} {}, {}: {} → {}: {}",
        change.kind.as_str(),
        change.name,
        change.place.in_words(),
        change.before,
        change.after,
        named.join(", ")
    )
}

fn finding(change: &FindingChange) -> String {
    let graded = match (change.before, change.after) {
        (Some(before), Some(after)) => format!("{} → {}", tally(before), tally(after)),
        (before, after) => after.or(before).map(tally).unwrap_or_default(),
    };
    format!(
        "{graded} {}: {}: {}",
        change.rule, change.place, change.message
    )
}
