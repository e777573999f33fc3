//! Nulls inside the maps and lists of an answer.
//!
//! API Gateway sends them (`"responseTemplates":{"application/json":null}` is what the console makes of every
//! mocked OPTIONS), and the SDK refuses the whole answer then. An entry whose value is null says nothing, so
//! it is cut out before the SDK reads the answer.
//!
//! What gatewatch counts is never cut out, as it would be missed silently: an element of such a list becomes
//! an empty object, in which the reader misses the id and says so; of such a map, it stays as it is, and the
//! SDK refuses the answer.

use aws_smithy_json::deserialize::error::DeserializeError;
use aws_smithy_json::deserialize::{Token, json_token_iter};

/// The lists whose elements are counted, by the name of the member that holds them.
///
/// Source: the answers of the operations that are read, in AWS's API references.
const COUNTED_LISTS: [&str; 7] = [
    "item",         // all lists of API Gateway's first version
    "items",        // all lists of its second version, but for the routing rules
    "routingRules", // ListRoutingRules, with the next two
    "actions",
    "anyOf",
    "Accounts", // organizations:ListAccounts
    "Regions",  // account:ListRegions
];

/// The maps whose entries are counted, with all that is below them as far as it is a map of their kind.
const COUNTED_MAPS: [&str; 2] = [
    "apiSummary",      // GetDeployment: a map of paths to maps of verbs
    "resourceMethods", // GetResources: a map of verbs
];

/// How deep `apiSummary` counts: its paths, and the verbs of each.
const SUMMARY_LEVELS: usize = 2;

const NULL: &[u8] = b"null";

/// An object or a list that is being read.
struct Container {
    is_list: bool,
    /// How many levels of entries, from this one on, are counted.
    counted: usize,
    /// Where the key of the entry begins that is being read, and how many levels below it are counted.
    key: Option<(usize, usize)>,
    /// Whether an entry before the current one stays.
    has_entry: bool,
}

/// The same answer without the nulls in its maps and lists. `None`: there is nothing to change, or it is not
/// JSON.
///
/// Everything else stays as it was, byte by byte.
pub(super) fn without(body: &[u8]) -> Option<Vec<u8>> {
    // Most answers have none: they cost one look.
    if !body.windows(NULL.len()).any(|it| it == NULL) {
        return None;
    }
    let cuts = cuts(body).ok()?.filter(|it| !it.is_empty())?;
    let mut changed = Vec::with_capacity(body.len());
    let mut from = 0;
    for (start, end, instead) in cuts {
        changed.extend_from_slice(body.get(from..start)?);
        changed.extend_from_slice(instead);
        from = end;
    }
    changed.extend_from_slice(body.get(from..)?);
    Some(changed)
}

/// What to replace: where it begins, where it ends, and by what.
type Cut = (usize, usize, &'static [u8]);

/// `None`: the text ends before it is complete.
fn cuts(body: &[u8]) -> Result<Option<Vec<Cut>>, DeserializeError> {
    let mut cuts = Vec::new();
    let mut open: Vec<Container> = Vec::new();
    for token in json_token_iter(body) {
        let token = token?;
        let at = token.offset().0;
        match token {
            Token::ObjectKey { key, .. } => {
                if let Some(object) = open.last_mut() {
                    let below = object.counted.saturating_sub(1);
                    let named = counted_below(key.as_escaped_str());
                    object.key = Some((at, below.max(named)));
                }
            }
            Token::StartObject { .. } | Token::StartArray { .. } => {
                let is_list = matches!(token, Token::StartArray { .. });
                let counted = counted_in(open.last_mut());
                open.push(Container {
                    is_list,
                    counted,
                    key: None,
                    has_entry: false,
                });
            }
            Token::EndObject { .. } | Token::EndArray { .. } => {
                open.pop();
            }
            Token::ValueNull { .. } => {
                cuts.extend(open.last_mut().and_then(|it| null(body, it, at)))
            }
            Token::ValueBool { .. } | Token::ValueNumber { .. } | Token::ValueString { .. } => {
                if let Some(container) = open.last_mut() {
                    container.has_entry = true;
                }
            }
        }
    }
    Ok(open.is_empty().then_some(cuts))
}

/// How many levels below a member are counted by its name. A list counts its elements, one level.
fn counted_below(name: &str) -> usize {
    match name {
        "apiSummary" => SUMMARY_LEVELS,
        name if COUNTED_MAPS.contains(&name) || COUNTED_LISTS.contains(&name) => 1,
        _ => 0,
    }
}

/// How many levels of a container are counted that stands in this one.
fn counted_in(around: Option<&mut Container>) -> usize {
    let Some(around) = around else {
        return 0;
    };
    around.has_entry = true;
    // An element of a list has no name by which it could be counted.
    around.key.map_or(0, |(_, levels)| levels)
}

/// What becomes of a null. `None`: it stays.
fn null(body: &[u8], container: &mut Container, at: usize) -> Option<Cut> {
    let end = at + NULL.len();
    if container.counted > 0 {
        container.has_entry = true;
        return container.is_list.then_some((at, end, b"{}"));
    }
    let start = match container.key {
        Some((key, _)) if !container.is_list => key,
        _ => at,
    };
    let is_comma = |byte: &u8| *byte == b',';
    if container.has_entry {
        // With the comma before it.
        let before = body.get(..start)?.iter().rposition(is_comma)?;
        return Some((before, end, b""));
    }
    // With the comma after it, where there is one.
    let after = body.get(end..)?;
    let blank = after
        .iter()
        .take_while(|it| it.is_ascii_whitespace())
        .count();
    let end = match after.get(blank) {
        Some(byte) if is_comma(byte) => end + blank + 1,
        _ => end,
    };
    Some((start, end, b""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(text: &str) -> String {
        let changed = without(text.as_bytes());
        changed.map_or_else(|| text.to_owned(), |it| String::from_utf8(it).unwrap())
    }

    #[test]
    fn entries_without_a_value_are_cut_out_wherever_they_stand() {
        for (text, expected) in [
            (r#"{"a":null}"#, "{}"),
            (r#"{"a":null,"b":null}"#, "{}"),
            (r#"{"a":null,"b":1}"#, r#"{"b":1}"#),
            (r#"{"a":1,"b":null}"#, r#"{"a":1}"#),
            (r#"{"a":1,"b":null,"c":null,"d":2}"#, r#"{"a":1,"d":2}"#),
            (r#"{"a":null,"b":{"c":null},"d":null}"#, r#"{"b":{}}"#),
            ("[null]", "[]"),
            ("[null,null]", "[]"),
            ("[1,null]", "[1]"),
            ("[null,1,null,2,null]", "[1,2]"),
            ("[[null],[1,null]]", "[[],[1]]"),
            (
                "{ \"a\" : null , \"b\" : [ 1 , null ] }",
                "{  \"b\" : [ 1  ] }",
            ),
            // Values that say something stay as they are.
            (
                r#"{"a":"null","null":1,"a":1.50,"b":12345678901234567890123,"d":null}"#,
                r#"{"a":"null","null":1,"a":1.50,"b":12345678901234567890123}"#,
            ),
            (r#"{"x\"null":",null","y":null}"#, r#"{"x\"null":",null"}"#),
        ] {
            assert_eq!(changed(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_counted_does_not_vanish() {
        for (text, expected) in [
            (
                r#"{"item":[null,{"id":"a","tags":{"b":null}}]}"#,
                r#"{"item":[{},{"id":"a","tags":{}}]}"#,
            ),
            (
                r#"{"items":[{"a":[null]},null]}"#,
                r#"{"items":[{"a":[]},{}]}"#,
            ),
            (
                r#"{"Accounts":[null],"Regions":[null],"x":[null]}"#,
                r#"{"Accounts":[{}],"Regions":[{}],"x":[]}"#,
            ),
            (
                r#"{"routingRules":[{"actions":[null],"conditions":[{"matchBasePaths":{"anyOf":[null]}},null]}]}"#,
                r#"{"routingRules":[{"actions":[{}],"conditions":[{"matchBasePaths":{"anyOf":[{}]}}]}]}"#,
            ),
            // A path, a verb: they stay. What a verb holds is not counted.
            (
                r#"{"apiSummary":{"/a":null,"/b":{"GET":null,"PUT":{"authorizationType":null}}}}"#,
                r#"{"apiSummary":{"/a":null,"/b":{"GET":null,"PUT":{}}}}"#,
            ),
            (
                r#"{"item":[{"resourceMethods":{"GET":null,"PUT":{"requestParameters":{"a":null}}}}]}"#,
                r#"{"item":[{"resourceMethods":{"GET":null,"PUT":{"requestParameters":{}}}}]}"#,
            ),
            // No list and no map at all.
            (r#"{"item":null,"apiSummary":null}"#, "{}"),
        ] {
            assert_eq!(changed(text), expected, "{text}");
        }
    }

    #[test]
    fn what_has_no_null_or_is_no_json_is_left_alone() {
        for text in [
            "",
            "null",
            "{}",
            r#"{"a":"null"}"#,
            "<a>null</a>",
            r#"{"a":null"#,
            r#"{"a":null,}x"#,
            r#"[null"#,
        ] {
            assert_eq!(without(text.as_bytes()), None, "{text}");
        }
    }

    /// The same by a tree of values, which keeps neither order nor doubles.
    fn plainly(value: serde_json::Value) -> serde_json::Value {
        use serde_json::Value;
        match value {
            Value::Object(entries) => {
                let entries = entries.into_iter().filter(|(_, it)| !it.is_null());
                Value::Object(entries.map(|(key, it)| (key, plainly(it))).collect())
            }
            Value::Array(items) => {
                let items = items.into_iter().filter(|it| !it.is_null());
                Value::Array(items.map(plainly).collect())
            }
            other => other,
        }
    }

    fn any_value() -> impl proptest::strategy::Strategy<Value = serde_json::Value> {
        use proptest::prelude::*;
        use serde_json::Value;
        let leaf = prop_oneof![
            3 => Just(Value::Null),
            1 => any::<bool>().prop_map(Value::from),
            1 => any::<i64>().prop_map(Value::from),
            1 => "[a-c,\"\\\\ ]{0,3}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map("[a-c,\"\\\\ ]{0,3}", inner, 0..5)
                    .prop_map(|it| Value::Object(it.into_iter().collect())),
            ]
        })
    }

    proptest::proptest! {
        #[test]
        fn it_is_what_a_tree_of_values_gives(value in any_value(), pretty: bool) {
            let text = if pretty {
                serde_json::to_string_pretty(&value).unwrap()
            } else {
                value.to_string()
            };
            let read: serde_json::Value = serde_json::from_str(&changed(&text)).unwrap();
            let expected = if value.is_null() { value } else { plainly(value) };
            proptest::prop_assert_eq!(read, expected, "{}", text);
        }
    }
}
