//! The first screen of a digest: what changed, API by API, before anything is spelled out. Somebody reads it on a phone,
//! and may read no further.

use std::fmt::Write as _;

use super::cut::cut;
use super::place::api_label;
use super::words::in_words;
use crate::audit::finding::Severity;
use crate::ledger::{Kind, News};
use crate::render::{inert, plural};

/// The most lines: with the head of a digest, they are what a phone shows at once.
const LINES: usize = 18;

/// The most characters of a line.
const WIDTH: usize = 60;

/// A change at a glance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::render) struct Glance {
    /// The API, or what there is instead of one.
    heading: String,
    kind: Kind,
    severity: Severity,
    rule: String,
    /// The method or the principal, with its stage.
    subject: String,
}

impl Glance {
    pub(in crate::render) fn of(news: &News<'_>) -> Self {
        let place = &news.entry.place;
        let subject = match (place.subject(), &place.stage) {
            (Some(subject), Some(stage)) => format!("{subject} ({stage})"),
            (Some(subject), None) => subject,
            (None, Some(stage)) => format!("stage {stage}"),
            (None, None) => String::new(),
        };
        Glance {
            heading: cut(&api_label(place), WIDTH),
            kind: news.kind,
            severity: news.entry.severity,
            rule: news.entry.rule.to_string(),
            subject: cut(&inert(&subject), WIDTH),
        }
    }

    /// The same under the name of its account, where there are several.
    pub(in crate::render) fn in_account(self, account: &str) -> Self {
        Glance {
            heading: format!("{account}\n{}", self.heading),
            ..self
        }
    }

    /// Whether two changes share a line.
    fn is_like(&self, other: &Glance) -> bool {
        let key = |it: &Glance| (it.kind, it.severity);
        key(self) == key(other) && self.rule == other.rule
    }
}

/// As many changes are looked at: far more than fit.
pub(super) const LOOKED_AT: usize = 1_000;

/// The first of so many changes at a glance, in the order in which they come, API by API. Empty where there is only one:
/// it is its own first screen.
pub(in crate::render) fn overview(total: usize, changes: impl Iterator<Item = Glance>) -> String {
    let changes: Vec<Glance> = changes.take(LOOKED_AT).collect();
    if changes.len() < 2 {
        return String::new();
    }
    let (mut text, mut lines, mut named) = (String::new(), 0, 0);
    for api in grouped(changes.iter(), |one, other| one.heading == other.heading) {
        let mut of_api = String::new();
        // Where there are several accounts, the name of the account is a line of the heading.
        let mut own = api.first().map_or(1, |it| it.heading.lines().count());
        for alike in grouped(api.iter().copied(), |one, other| one.is_like(other)) {
            if lines + own + 2 > LINES {
                break;
            }
            write_alike(&mut of_api, &alike);
            own += 2;
            named += alike.len();
        }
        if of_api.is_empty() {
            break;
        }
        if let Some(first) = api.first() {
            // Writing into a String cannot fail.
            let _ = writeln!(text, "\n{}", first.heading);
        }
        text.push_str(&of_api);
        lines += own + 1;
    }
    let left = total.saturating_sub(named);
    if left > 0 {
        let _ = writeln!(text, "\n... and {} more, below.", plural(left, "change"));
    }
    text
}

/// Changes of one API that share a line, and the methods or principals in another.
fn write_alike(out: &mut String, alike: &[&Glance]) {
    let Some(first) = alike.first() else {
        return;
    };
    let kind = in_words(first.kind).to_uppercase();
    let count = match alike.len() {
        1 => String::new(),
        count => format!("{count} "),
    };
    let (severity, rule) = (first.severity, &first.rule);
    let _ = writeln!(out, "  {count}{kind}: {severity} {rule}");
    let subjects: Vec<&str> = alike.iter().map(|it| it.subject.as_str()).collect();
    let _ = writeln!(out, "    {}", listed(&subjects));
}

/// As many of them as fit into a line, and how many more there are.
fn listed(subjects: &[&str]) -> String {
    let mut line = String::new();
    for (number, subject) in subjects.iter().enumerate() {
        let longer = line.chars().count() + subject.chars().count() + 2;
        // All but the last leave room for how many more there are.
        let room = match number + 1 == subjects.len() {
            true => WIDTH,
            false => WIDTH - 12,
        };
        if number > 0 && longer > room {
            let _ = write!(line, ", and {} more", subjects.len() - number);
            break;
        }
        if number > 0 {
            line.push_str(", ");
        }
        line.push_str(subject);
    }
    line
}

/// Groups what belongs together, in the order in which the first of each group comes.
fn grouped<'g>(
    all: impl Iterator<Item = &'g Glance>,
    belong: impl Fn(&Glance, &Glance) -> bool,
) -> Vec<Vec<&'g Glance>> {
    let mut groups: Vec<Vec<&Glance>> = Vec::new();
    for one in all {
        let own = |it: &&mut Vec<&Glance>| it.first().is_some_and(|first| belong(first, one));
        match groups.iter_mut().find(own) {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glance(heading: &str, kind: Kind, subject: &str) -> Glance {
        Glance {
            heading: heading.to_owned(),
            kind,
            severity: Severity::High,
            rule: "open-method".to_owned(),
            subject: subject.to_owned(),
        }
    }

    #[test]
    fn one_change_is_its_own_first_screen() {
        assert_eq!(
            overview(1, [glance("Shop", Kind::New, "GET /")].into_iter()),
            ""
        );
    }

    #[test]
    fn changes_stand_by_api_and_alike_ones_share_a_line() {
        let changes = [
            glance("Shop", Kind::New, "GET / (prod)"),
            glance("Pets", Kind::New, "GET /pets (prod)"),
            glance("Shop", Kind::New, "GET /cart (prod)"),
            glance("Shop", Kind::Resolved, "GET /old (prod)"),
        ];
        assert_eq!(
            overview(4, changes.into_iter()),
            "\nShop\n  2 NEW: high open-method\n    GET / (prod), GET /cart (prod)\n  \
             RESOLVED: high open-method\n    GET /old (prod)\n\nPets\n  NEW: high open-method\n    \
             GET /pets (prod)\n"
        );
    }

    #[test]
    fn it_is_one_screen_however_many_changes_there_are_and_counts_the_rest() {
        let changes: Vec<Glance> = (0..500)
            .map(|number| {
                let (heading, subject) =
                    (format!("api {}", number % 9), "GET /a/long/path".repeat(3));
                glance(&heading, Kind::New, &subject)
            })
            .collect();
        let text = overview(700, changes.into_iter());
        assert!(text.lines().count() <= LINES + 3, "{text}");
        assert!(
            text.lines().all(|it| it.chars().count() <= WIDTH + 12),
            "{text}"
        );
        let told: usize = text.matches("NEW").count();
        assert!(told >= 4, "{text}");
        assert!(text.ends_with("more, below.\n"), "{text}");
    }
}
