//! What a JSON text begins with: its writers put first what tells the kind of the file.

/// Whether a text is JSON whose first key is this one. By `schema_version`, an inventory is written, which may be large, and
/// whatever follows it is nothing else; by `format_version`, what Terraform prints.
pub(super) fn begins_with(text: &str, key: &str) -> bool {
    let inside = text.trim_start().strip_prefix('{');
    let value = inside
        .and_then(|it| it.trim_start().strip_prefix('"')?.strip_prefix(key))
        .and_then(|it| it.strip_prefix('"')?.trim_start().strip_prefix(':'));
    // `null` says as much as no version at all.
    value.is_some_and(|it| !it.trim_start().starts_with('n'))
}
