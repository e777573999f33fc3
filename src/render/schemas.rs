//! The JSON Schemas of what gatewatch writes, as they are published in `docs/schemas`.
//!
//! They are written by hand, so that their words help. Tests hold every document against them: an object of gatewatch's own
//! has no field that its schema does not name.

/// The schemas of documents, by name.
const SCHEMAS: [(&str, &str); 15] = [
    ("access", include_str!("../../docs/schemas/access.json")),
    ("accounts", include_str!("../../docs/schemas/accounts.json")),
    ("change", include_str!("../../docs/schemas/change.json")),
    ("chat", include_str!("../../docs/schemas/chat.json")),
    ("diff", include_str!("../../docs/schemas/diff.json")),
    ("digest", include_str!("../../docs/schemas/digest.json")),
    ("doctor", include_str!("../../docs/schemas/doctor.json")),
    (
        "explanation",
        include_str!("../../docs/schemas/explanation.json"),
    ),
    ("fix", include_str!("../../docs/schemas/fix.json")),
    ("history", include_str!("../../docs/schemas/history.json")),
    ("hook", include_str!("../../docs/schemas/hook.json")),
    (
        "inventory",
        include_str!("../../docs/schemas/inventory.json"),
    ),
    (
        "organization-digest",
        include_str!("../../docs/schemas/organization-digest.json"),
    ),
    (
        "probe-plan",
        include_str!("../../docs/schemas/probe-plan.json"),
    ),
    ("report", include_str!("../../docs/schemas/report.json")),
];

/// The names of the documents that have a schema.
pub fn schema_names() -> impl Iterator<Item = &'static str> {
    SCHEMAS.iter().map(|(name, _)| *name)
}

/// The schema of a document, draft 2020-12, as indented JSON that ends in a line break. `None`: no document is called so.
///
/// ```
/// use gatewatch::render::document_schema;
///
/// assert!(document_schema("report").unwrap().contains("draft/2020-12"));
/// assert_eq!(document_schema("no-such-document"), None);
/// ```
pub fn document_schema(name: &str) -> Option<&'static str> {
    let mut schemas = SCHEMAS.iter();
    schemas.find(|it| it.0 == name).map(|(_, schema)| *schema)
}
