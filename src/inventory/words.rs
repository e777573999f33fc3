//! Names in messages.

/// A name from the account in a sentence: in quotes, because it may read like a part of the sentence, and letter for
/// letter, also at the beginning of one.
pub(crate) fn quoted(name: &str) -> String {
    format!("`{name}`")
}

/// Such names, one behind the other.
pub(crate) fn all_quoted<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(quoted).collect();
    quoted.join(", ")
}

/// The first of some names, and how many more there are: `a, b and 3 more`.
pub(crate) fn listed(names: impl ExactSizeIterator<Item = String>, most: usize) -> String {
    let more = names.len().saturating_sub(most);
    let named: Vec<String> = names.take(most).collect();
    match more {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}
