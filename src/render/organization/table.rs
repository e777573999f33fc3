//! The accounts of an organization's digest as a table.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::row::AccountRow;
use crate::audit::finding::Severity;
use crate::ledger::Kind;
use crate::render::plain;

/// The accounts with their figures, one line each.
pub(super) fn table(rows: &[&AccountRow]) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header([
            "ACCOUNT", "NAME", "STATUS", "CRIT", "HIGH", "MED", "LOW", "NEW", "GAPS",
        ]);
    for row in rows {
        let count = |count: usize| match count {
            0 => "-".to_owned(),
            count => count.to_string(),
        };
        table.add_row([
            plain(&row.member.account),
            row.name().unwrap_or_else(|| "-".to_owned()),
            row.status_word().to_owned(),
            count(row.open(Severity::Critical)),
            count(row.open(Severity::High)),
            count(row.open(Severity::Medium)),
            count(row.open(Severity::Low)),
            count(row.count(Kind::New)),
            count(row.gaps()),
        ]);
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        if index == 0 {
            column.set_padding((0, 1));
        }
        if index > 2 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}
