//! What a file is, by its content.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::escapes;
use super::first_key::begins_with;
use super::resolve::written;
use super::terraform::form;
use crate::policy_file::MARK;
use crate::yaml::{self, Allowed, Document, Mistake, Mistakes, Node, Value};

/// The largest template or definition that is read, in bytes: API Gateway imports 6 MB, CloudFormation 1.
///
/// Source: [API Gateway quotas](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html).
pub const LARGEST: usize = 6 * 1024 * 1024;

/// The most mistakes that are said at once.
const MOST: usize = 20;

/// What a template may have. An inline definition needs about thirty levels.
pub(super) const ALLOWED: Allowed = Allowed {
    depth: 100,
    short_forms: true,
    repetition: true,
    comments: Some(MARK),
};

/// What is wanted, where something else is there.
const WANTED: &str = "neither an inventory (JSON with `schema_version`), nor a CloudFormation or SAM \
     template (with `Resources`), nor an API definition (with `openapi` or `swagger`), nor a plan or state as \
     `terraform show -json` prints it";

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It is something else.
    #[error("{WANTED}{0}")]
    Other(&'static str),
    /// It is something else, and does not even parse.
    #[error("{WANTED}")]
    Unknown(#[source] Mistakes),
    /// It is too large to be one.
    #[error("larger than any template: {found} bytes, and at most {LARGEST} are read")]
    Large {
        /// Its size in bytes.
        found: usize,
    },
    /// It does not parse, or contradicts itself.
    #[error(transparent)]
    Mistakes(#[from] Mistakes),
    /// It is of Terraform, and none that is read. The reason is in words that follow "the plan or state".
    #[error("the Terraform plan or state {0}")]
    Terraform(String),
    /// Parameters were given that it does not have.
    #[error("--parameter {}: {why}", names.join(", --parameter "))]
    Parameters {
        /// Their names.
        names: Vec<String>,
        /// What it has instead.
        why: &'static str,
    },
}

/// What a file is.
#[derive(Debug)]
pub(super) enum Source {
    Inventory,
    Template(Document),
    Definition(Document),
    /// A plan or a state, which is JSON and read from its text.
    Terraform,
}

/// Tells what a text is, and reads it unless it is an inventory.
pub(super) fn read(file: &str, text: &str) -> Result<Source, Problem> {
    let text = text.trim_start_matches('\u{feff}');
    let is_json = text.trim_start().starts_with('{');
    // What a text is, its words tell, however their letters are written.
    let plain = &*match is_json {
        true => escapes::written_out(text),
        false => Cow::Borrowed(text),
    };
    if is_json && begins_with(plain, "schema_version") && !looks_known(plain) {
        return Ok(Source::Inventory);
    }
    if is_json && form::is_terraform(plain) {
        return match text.len() <= form::LARGEST {
            true => Ok(Source::Terraform),
            false => Err(Problem::Terraform(format!(
                "has {} bytes, and at most {} are read",
                text.len(),
                form::LARGEST
            ))),
        };
    }
    if is_json && is_inventory(plain) {
        return Ok(Source::Inventory);
    }
    if is_json && let Some(why) = form::is_another_form(plain) {
        return Err(Problem::Terraform(why.to_owned()));
    }
    if text.len() > LARGEST {
        return Err(Problem::Large { found: text.len() });
    }
    let mut mistakes = Vec::new();
    let document = match yaml::parse(text, ALLOWED, &mut mistakes) {
        Ok(document) => document,
        // What looks like nothing that is known here is told what is: the grammar alone is no help.
        Err(fatal) if !looks_known(&escapes::written_out(text)) => {
            return Err(Problem::Unknown(Mistakes {
                file: file.to_owned(),
                mistakes: vec![fatal],
            }));
        }
        Err(fatal) => {
            mistakes.push(fatal);
            return Err(not_read(file, mistakes));
        }
    };
    let source = known(document, &mut mistakes)?;
    if mistakes.is_empty() {
        Ok(source)
    } else {
        Err(not_read(file, mistakes))
    }
}

/// Tells a template from an API definition.
fn known(document: Option<Document>, mistakes: &mut Vec<Mistake>) -> Result<Source, Problem> {
    let Some(document) = document else {
        return Err(Problem::Other("; it is empty"));
    };
    let root = &document.root;
    if !matches!(root.value, Value::Map(_)) {
        return Err(Problem::Other("; it is no mapping at all"));
    }
    if written(root, "openapi").is_some() || written(root, "swagger").is_some() {
        return Ok(Source::Definition(document));
    }
    let Some(resources) = written(root, "Resources") else {
        return Err(Problem::Other(""));
    };
    if !matches!(resources.value, Value::Map(_)) {
        mistakes.push(resources.mistake("`Resources` must be a mapping"));
    }
    Ok(Source::Template(document))
}

/// Whether a JSON text is an inventory. One that was cut off counts as one: its own reader says best what is wrong
/// with it. What is a template or a definition as well is judged as that: nothing else keeps it from being deployed.
fn is_inventory(text: &str) -> bool {
    #[derive(Deserialize)]
    struct Keys {
        schema_version: Option<IgnoredAny>,
        #[serde(rename = "Resources")]
        resources: Option<IgnoredAny>,
        openapi: Option<IgnoredAny>,
        swagger: Option<IgnoredAny>,
    }
    match serde_json::from_str::<Keys>(text) {
        Ok(keys) => {
            let others = [keys.resources, keys.openapi, keys.swagger];
            keys.schema_version.is_some() && others.iter().all(Option::is_none)
        }
        Err(_) => text.contains("\"schema_version\"") && !looks_known(text),
    }
}

/// Whether a text has one of the words that the known kinds of files begin with.
fn looks_known(text: &str) -> bool {
    let words = ["Resources", "openapi", "swagger"];
    words.iter().any(|word| text.contains(word))
}

fn not_read(file: &str, mut mistakes: Vec<Mistake>) -> Problem {
    mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
    let more = mistakes.len().saturating_sub(MOST);
    mistakes.truncate(MOST);
    // Whoever mends those that are named is not done.
    if let Some(last) = mistakes.last_mut().filter(|_| more > 0) {
        last.message += &format!("; and {more} more mistakes below");
    }
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
    let is_unknown = |name: &&String| declared.and_then(|it| written(it, name)).is_none();
    refused(
        given.keys().filter(is_unknown),
        "the template has no parameter of this name",
    )
}

/// API definitions have no parameters.
pub(super) fn no_parameters(given: &BTreeMap<String, String>) -> Result<(), Problem> {
    refused(given.keys(), "an API definition has no parameters")
}

pub(super) fn refused<'g>(
    names: impl Iterator<Item = &'g String>,
    why: &'static str,
) -> Result<(), Problem> {
    let names: Vec<String> = names.cloned().collect();
    match names.is_empty() {
        true => Ok(()),
        false => Err(Problem::Parameters { names, why }),
    }
}

impl Problem {
    /// The mistakes, each with its place in the text. `None`: what is wrong is at no place.
    pub fn mistakes(&self) -> Option<&Mistakes> {
        match self {
            Problem::Mistakes(mistakes) | Problem::Unknown(mistakes) => Some(mistakes),
            Problem::Other(_)
            | Problem::Large { .. }
            | Problem::Terraform(_)
            | Problem::Parameters { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            ("{\"schema_version\": 1, \"Resources\": {}}", "Template"),
            (
                "{\"schema_version\": 1, \"swagger\": \"2.0\"}",
                "Definition",
            ),
            ("{\"schema_version\": 1, Resources: {}}", "Template"),
            (
                "{\"format_version\": \"1\", \"openapi\": \"3.0.1\"}",
                "Definition",
            ),
            ("{\"form\\u0061t_version\": \"1\"}", "Terraform"),
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
