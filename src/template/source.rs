//! What a file is, by its content.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::resolve::written;
use crate::yaml::{self, Allowed, Mistake, Mistakes, Node, Value};

/// The largest template or definition that is read, in bytes: API Gateway imports 6 MB, CloudFormation 1.
///
/// Source: [API Gateway quotas](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html).
const LARGEST: usize = 6 * 1024 * 1024;

/// The most mistakes that are said at once.
const MOST: usize = 20;

/// What a template may have. An inline definition needs about thirty levels.
const ALLOWED: Allowed = Allowed {
    depth: 100,
    short_forms: true,
};

/// What is wanted, where something else is there.
const WANTED: &str = "neither an inventory (JSON with `schema_version`), nor a CloudFormation or SAM \
     template (with `Resources`), nor an API definition (with `openapi` or `swagger`)";

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It is something else.
    #[error("{WANTED}{0}")]
    Other(String),
    /// It is too large to be one.
    #[error("larger than any template: {found} bytes, and at most {LARGEST} are read")]
    Large {
        /// Its size in bytes.
        found: usize,
    },
    /// It does not parse, or contradicts itself.
    #[error(transparent)]
    Mistakes(#[from] Mistakes),
    /// A parameter was given that it does not have.
    #[error("--parameter {0}: {1}")]
    Parameter(String, &'static str),
}

/// What a file is.
#[derive(Debug)]
pub(super) enum Source {
    Inventory,
    Template(Node),
    Definition(Node),
}

/// Tells what a text is, and reads it unless it is an inventory.
pub(super) fn read(file: &str, text: &str) -> Result<Source, Problem> {
    let text = text.trim_start_matches('\u{feff}');
    let is_json = text.trim_start().starts_with('{');
    if is_json && is_inventory(text) {
        return Ok(Source::Inventory);
    }
    if text.len() > LARGEST {
        return Err(Problem::Large { found: text.len() });
    }
    let mut mistakes = Vec::new();
    let paired = if is_json {
        join_surrogates(text)
    } else {
        text.to_owned()
    };
    let root = match yaml::parse(&paired, ALLOWED, &mut mistakes) {
        Ok(root) => root,
        // What looks like nothing that is known here is told what is: the grammar alone is no help.
        Err(fatal) if !looks_known(text) => {
            let (line, column) = (fatal.line, fatal.column);
            let why = fatal.message;
            return Err(Problem::Other(format!("; {line}:{column}: {why}")));
        }
        Err(fatal) => {
            mistakes.push(fatal);
            return Err(not_read(file, mistakes));
        }
    };
    let source = known(root, &mut mistakes)?;
    if mistakes.is_empty() {
        Ok(source)
    } else {
        Err(not_read(file, mistakes))
    }
}

/// Tells a template from an API definition.
fn known(root: Option<Node>, mistakes: &mut Vec<Mistake>) -> Result<Source, Problem> {
    let Some(root) = root else {
        return Err(Problem::Other("; it is empty".to_owned()));
    };
    if !matches!(root.value, Value::Map(_)) {
        return Err(Problem::Other("; it is no mapping at all".to_owned()));
    }
    if written(&root, "openapi").is_some() || written(&root, "swagger").is_some() {
        return Ok(Source::Definition(root));
    }
    let Some(resources) = written(&root, "Resources") else {
        return Err(Problem::Other(String::new()));
    };
    if !matches!(resources.value, Value::Map(_)) {
        mistakes.push(resources.mistake("`Resources` must be a mapping"));
    }
    Ok(Source::Template(root))
}

/// Whether a JSON text is an inventory. One that was cut off counts as one: its own reader says best what is wrong
/// with it.
fn is_inventory(text: &str) -> bool {
    #[derive(Deserialize)]
    struct Versioned {
        schema_version: Option<IgnoredAny>,
    }
    if begins_with_version(text) {
        return true;
    }
    match serde_json::from_str::<Versioned>(text) {
        Ok(versioned) => versioned.schema_version.is_some(),
        Err(_) => text.contains("\"schema_version\""),
    }
}

/// Whether a text is JSON whose first key is `schema_version`: so an inventory is written, which may be
/// large, and whatever follows it is nothing else.
fn begins_with_version(text: &str) -> bool {
    let inside = text.trim_start().strip_prefix('{');
    let value = inside
        .and_then(|it| it.trim_start().strip_prefix("\"schema_version\""))
        .and_then(|it| it.trim_start().strip_prefix(':'));
    // `null` says as much as no version at all.
    value.is_some_and(|it| !it.trim_start().starts_with('n'))
}

/// Whether a text has one of the words that the known kinds of files begin with.
fn looks_known(text: &str) -> bool {
    let words = ["Resources", "openapi", "swagger"];
    words.iter().any(|word| text.contains(word))
}

fn not_read(file: &str, mut mistakes: Vec<Mistake>) -> Problem {
    mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
    mistakes.truncate(MOST);
    Problem::Mistakes(Mistakes {
        file: file.to_owned(),
        mistakes,
    })
}

/// A parameter that is given must be there: a mistyped one would leave the default in force.
pub(super) fn known_parameters(
    root: &Node,
    given: &BTreeMap<String, String>,
) -> Result<(), Problem> {
    let declared = written(root, "Parameters");
    let unknown = given
        .keys()
        .find(|name| declared.and_then(|it| written(it, name)).is_none());
    match unknown {
        Some(name) => Err(Problem::Parameter(
            name.clone(),
            "the template has no parameter of this name",
        )),
        None => Ok(()),
    }
}

/// API definitions have no parameters.
pub(super) fn no_parameters(given: &BTreeMap<String, String>) -> Result<(), Problem> {
    match given.keys().next() {
        Some(name) => Err(Problem::Parameter(
            name.clone(),
            "an API definition has no parameters",
        )),
        None => Ok(()),
    }
}

/// JSON writes a character beyond the first 65,536 as two escapes, which YAML does not know. They become
/// YAML's one, which is two columns shorter.
fn join_surrogates(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        joined.push_str(before);
        if let Some((letter, left)) = surrogates(after) {
            joined.push_str(&format!("\\U{:08X}", u32::from(letter)));
            rest = left;
            continue;
        }
        // Whatever follows the backslash belongs to it: another backslash begins nothing.
        joined.push('\\');
        let mut letters = after.chars();
        joined.extend(letters.next());
        rest = letters.as_str();
    }
    joined.push_str(rest);
    joined
}

/// The character of two escapes, without the first one's backslash, and what follows them.
fn surrogates(after: &str) -> Option<(char, &str)> {
    let unit = |text: &str| {
        let digits = text.strip_prefix('u')?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let high = unit(after)?;
    let second = after.get(5..)?.strip_prefix('\\')?;
    let low = unit(second)?;
    let letter = char::decode_utf16([high, low]).next()?.ok()?;
    // Two escapes that are a character each are left alone.
    (u32::from(letter) > 0xffff).then_some(())?;
    Some((letter, second.get(5..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_json_become_escapes_of_yaml() {
        for (json, yaml) in [
            (r#"{"a": "\ud83d\ude00!"}"#, r#"{"a": "\U0001F600!"}"#),
            (r#"{"a": "\\ud83d\\ude00"}"#, r#"{"a": "\\ud83d\\ude00"}"#),
            (r#"{"a": "\u00e9\u00e9\""}"#, r#"{"a": "\u00e9\u00e9\""}"#),
            (r#"{"a": "\ud83d"}"#, r#"{"a": "\ud83d"}"#),
            ("\\", "\\"),
        ] {
            assert_eq!(join_surrogates(json), yaml);
        }
    }

    #[test]
    fn the_content_tells_what_a_file_is() {
        for (text, wanted) in [
            ("{\"schema_version\": 1}", "Inventory"),
            ("{\"schema_version\": 1, ", "Inventory"),
            (
                " {\n\"account\": \"1\", \"schema_version\" : 1}",
                "Inventory",
            ),
            ("{\"schema_version\": null, \"Resources\": {}}", "Template"),
            ("Resources: {}", "Template"),
            ("{\"Resources\": {}}", "Template"),
            ("openapi: 3.0.1", "Definition"),
            (
                "{\"swagger\": \"2.0\", \"x\": \"\\ud83d\\ude00\"}",
                "Definition",
            ),
        ] {
            let source = format!("{:?}", read("f", text).unwrap());
            assert!(source.starts_with(wanted), "{text}: {source}");
        }
        for text in [
            "",
            "# only a word\n",
            "a: 1",
            "[1]",
            "{}",
            "\u{0}",
            "Resources: [1]",
            "Resources",
        ] {
            assert!(read("f", text).is_err(), "{text}");
        }
    }
}
