//! What the ledger remembers, for people and for programs.

use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use crate::ledger::{self, Book, Entry, Standing};
use crate::render::json::SCHEMA_VERSION;
use crate::render::plain;

/// What the ledger remembers.
#[derive(Debug, Serialize)]
pub struct HistoryDocument<'a> {
    schema_version: u32,
    findings: Vec<&'a Entry>,
}

/// The entries of the books with one of these standings (all, where none is named), open ones first,
/// worst first.
fn entries<'a>(books: &'a [Book], standings: &[Standing]) -> Vec<&'a Entry> {
    let wanted = |entry: &&Entry| standings.is_empty() || standings.contains(&entry.standing);
    let mut entries: Vec<&Entry> = ledger::entries(books).filter(wanted).collect();
    entries.sort_by(|one, other| {
        let key = |it: &Entry| (it.standing, std::cmp::Reverse(it.severity));
        let place = |it: &Entry| (it.rule.clone(), it.place.words.clone(), it.id.clone());
        key(one)
            .cmp(&key(other))
            .then_with(|| place(one).cmp(&place(other)))
    });
    entries
}

/// What the ledger remembers, for programs.
pub fn history_document<'a>(books: &'a [Book], standings: &[Standing]) -> HistoryDocument<'a> {
    HistoryDocument {
        schema_version: SCHEMA_VERSION,
        findings: entries(books, standings),
    }
}

/// What the ledger remembers, for people.
pub fn history_text(books: &[Book], standings: &[Standing]) -> String {
    let entries = entries(books, standings);
    if entries.is_empty() {
        return "the ledger remembers no such finding\n".to_owned();
    }
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    table.set_header([
        "STANDING",
        "SEVERITY",
        "RULE",
        "WHERE",
        "FIRST SEEN",
        "LAST SEEN",
        "ANNOUNCED",
        "WHY",
    ]);
    for entry in entries {
        let minute = |at: jiff::Timestamp| at.strftime("%Y-%m-%d %H:%M").to_string();
        let announced = match entry.told {
            None if entry.pending().is_some() => "not yet".to_owned(),
            None => "no need".to_owned(),
            Some(told) => format!("{} as {}", minute(told.at), told.standing.as_str()),
        };
        table.add_row([
            entry.standing.as_str().to_owned(),
            entry.severity.to_string(),
            entry.rule.to_string(),
            plain(&format!(
                "{}, account {}",
                entry.place.words, entry.place.account
            )),
            minute(entry.first_seen),
            minute(
                entry
                    .resolved_at
                    .filter(|_| entry.standing == Standing::Resolved)
                    .unwrap_or(entry.last_seen),
            ),
            announced,
            plain(&entry.reason().unwrap_or_default()),
        ]);
    }
    table.to_string() + "\n"
}
