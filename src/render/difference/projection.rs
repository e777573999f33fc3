//! What files change of an account: for a terminal, and for a comment on a pull request.

use super::sections::{Section, sections, summary, tally};
use crate::audit::difference::{Difference, Direction, FindingChange};
use crate::audit::overlay::Projection;
use crate::inventory::listed;
use crate::render::report::escape;
use crate::render::{minute, plain, plural};
use crate::template::{Identity, Laid, ToldBy};

/// As many bytes as whoever takes a comment takes.
const LIMIT: usize = 60_000;

/// As many files are named.
const NAMED: usize = 3;

/// As many methods are named in a row.
const METHODS: usize = 6;

/// What files change, as text.
pub fn projection_text(projection: &Projection) -> String {
    let mut text = String::new();
    let changes = sections(&projection.difference);
    let summary = summary(&changes);
    for section in changes.iter().chain(&beside(projection)) {
        text += &format!("{} ({})\n", section.heading, section.entries.len());
        for entry in &section.entries {
            text += &format!("  {}\n", plain(entry));
        }
    }
    text + &plain(&format!("{}: {summary}", subject(projection))) + "\n"
}

/// What is compared, in one line.
fn subject(projection: &Projection) -> String {
    let files = projection.files.checked.iter();
    let files = listed(files.map(|(name, _)| name.clone()), NAMED);
    let Difference {
        account, before, ..
    } = &projection.difference;
    format!(
        "{files} against account {account} of {}",
        minute(before.taken_at)
    )
}

/// What is said beside the changes.
fn beside(projection: &Projection) -> Vec<Section> {
    let standing = projection.standing.iter().map(finding_in_words);
    let stays = projection.stays.iter().map(|it| match &it.at {
        Some(at) => format!("{at}: {}", it.what),
        None => it.what.clone(),
    });
    let assumed = projection.assumed.iter();
    let assumed = assumed.map(|(says, at)| format!("{at}: {says}"));
    let all = [
        Section::new("findings that stay as they are", standing),
        Section::new("taken to stay: --was would tell", stays),
        Section::new("which APIs these are", projection.apis.iter().map(identity)),
        Section::new("accepted without proof", assumed),
    ];
    all.into_iter()
        .filter(|it| !it.entries.is_empty())
        .collect()
}

/// Which API of the account one of a file is, in a line.
fn identity(laid: &Laid) -> String {
    let Laid { name, at, .. } = laid;
    match &laid.identity {
        Identity::Known { id, by } => {
            let by = match by {
                ToldBy::User => "as --api says",
                ToldBy::Id => "by its id",
                ToldBy::Stack => "by the tags of its stack",
                ToldBy::Name => "by its name, which no other one of its kind has there",
            };
            format!("{name}, {at}: {id} in {}, {by}", laid.region)
        }
        Identity::New { doubt: Some(doubt) } => format!("{name}, {at}: {doubt}"),
        Identity::New { doubt: None } => format!("{name}, {at}: counts as new"),
    }
}

fn finding_in_words(finding: &FindingChange) -> String {
    let severity = finding
        .after
        .map_or(String::new(), |it| format!("{} ", it.severity));
    format!(
        "{severity}{}: {}: {}",
        finding.rule, finding.place, finding.message
    )
}

/// What files change, as Markdown: a table for a comment on a pull request. What does not fit is counted.
pub fn projection_markdown(projection: &Projection) -> String {
    let mut page = Page {
        text: format!("## gatewatch: {}\n\n", escape::text(&subject(projection))),
        left_out: 0,
    };
    let difference = &projection.difference;
    let changes = sections(difference);
    page.text += &format!("{}\n", escape::text(&summary(&changes)));
    // What is not known is said, whatever is left out.
    for section in changes.iter().filter(|it| it.is_unknown) {
        page.list(section);
    }
    page.table("| change | where | before | after |", rows(difference));
    let findings = difference.findings.iter().map(|it| {
        let grade = |grade: Option<_>| grade.map_or_else(|| "–".to_owned(), tally);
        let (before, after) = (grade(it.before), grade(it.after));
        [
            it.rule.clone(),
            format!("{}: {}", it.place, it.message),
            before,
            after,
        ]
    });
    page.table("| finding | where | before | after |", findings.collect());
    for section in &beside(projection) {
        page.list(section);
    }
    if page.left_out > 0 {
        let left_out = plural(page.left_out, "entry");
        page.text += &format!("\n{left_out} left out: `--format json` has all\n");
    }
    page.text
}

/// A row for each change: what, where, from what, to what.
fn rows(difference: &Difference) -> Vec<[String; 4]> {
    let words = |it: &Option<String>| it.clone().unwrap_or_else(|| "–".to_owned());
    let changes = difference.changes.iter().map(|it| {
        [
            it.kind.as_str().replace('-', " "),
            it.place.in_words(),
            words(&it.before),
            words(&it.after),
        ]
    });
    let access = difference.access.iter().map(|it| {
        let kind = match it.direction {
            Direction::Gained => "gained access",
            Direction::Lost => "lost access",
        };
        let methods = listed(it.methods.iter().cloned(), METHODS);
        let place = format!(
            "{} {}: {methods}, {}",
            it.kind.as_str(),
            it.name,
            it.place.in_words()
        );
        [kind.to_owned(), place, it.before.clone(), it.after.clone()]
    });
    changes.chain(access).collect()
}

/// A page in the making.
struct Page {
    text: String,
    left_out: usize,
}

impl Page {
    fn add(&mut self, head: &mut Option<String>, line: &str) {
        let heading = head.as_deref().unwrap_or_default();
        if self.text.len() + heading.len() + line.len() > LIMIT {
            self.left_out += 1;
            return;
        }
        self.text += heading;
        *head = None;
        self.text += line;
    }

    fn list(&mut self, section: &Section) {
        let count = section.entries.len();
        let mut head = Some(format!("\n### {} ({count})\n\n", section.heading));
        for entry in &section.entries {
            self.add(&mut head, &escape::item(entry));
        }
    }

    fn table(&mut self, columns: &str, rows: Vec<[String; 4]>) {
        let mut head = Some(format!("\n{columns}\n|---|---|---|---|\n"));
        for row in rows {
            let [what, place, before, after] = row.map(|it| escape::text(&it));
            self.add(
                &mut head,
                &format!("| **{what}** | {place} | {before} | {after} |\n"),
            );
        }
    }
}
