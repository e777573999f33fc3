//! The parts of a policy statement, as far as several questions need them.

use serde_json::Value;

use super::pattern::matches_ignoring_case;

/// The action that calls a method.
const INVOKE: &str = "execute-api:invoke";

/// The statements of a document. One may stand alone, without its list.
pub(super) fn statements(document: &Value) -> impl Iterator<Item = &Value> {
    one_or_more(document.get("Statement"))
}

/// The texts of an element that may be one text or a list of them.
pub(super) fn texts<'a>(statement: &'a Value, element: &str) -> impl Iterator<Item = &'a str> {
    one_or_more(statement.get(element)).filter_map(Value::as_str)
}

/// The values of an element that may be one value or a list of them.
pub(super) fn one_or_more(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let (list, single) = match value {
        Some(Value::Array(list)) => (list.as_slice(), None),
        other => (&[][..], other),
    };
    list.iter().chain(single)
}

/// Whether the statement's actions take in `execute-api:Invoke`.
pub(super) fn covers_invoke(statement: &Value) -> bool {
    let invoke = |pattern| matches_ignoring_case(pattern, INVOKE);
    if statement.get("NotAction").is_some() {
        !texts(statement, "NotAction").any(invoke)
    } else {
        texts(statement, "Action").any(invoke)
    }
}
