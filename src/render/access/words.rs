//! Callers and answers in a few words.

use super::HolderAccess;
use crate::audit::access::Holder;
use crate::iam::Verdict;

/// `group callers`, or `role website (anyone)` for one that anyone can become.
pub(super) fn name(holder: &Holder) -> String {
    let mark = if holder.guests.is_empty() {
        ""
    } else {
        " (anyone)"
    };
    format!("{}{mark}", holder.label())
}

pub(super) fn verdict(caller: &HolderAccess<'_>) -> String {
    format!("{}{}", caller.cell.verdict.as_str(), marks(caller))
}

/// What the verdict depends on.
pub(super) fn marks(caller: &HolderAccess<'_>) -> &'static str {
    let may = matches!(caller.cell.verdict, Verdict::All | Verdict::Some);
    match (
        caller.cell.conditional,
        may && caller.holder.kind.is_outside(),
    ) {
        (false, false) => "",
        (true, false) => "*",
        (false, true) => " (admitted)",
        (true, true) => "* (admitted)",
    }
}
