//! From JSON to a policy: tolerant where AWS is (a statement without its list, one value in place of a
//! list, numbers and booleans in conditions), strict where it is.

use serde_json::{Map, Value};

use super::json;
use super::{
    Comparison, Condition, Effect, Named, Operator, Patterns, Policy, Principals, Statement,
    Version,
};
use crate::iam::document::values::{address, date, number};

/// The most bytes of a document that are looked at: a thousand times what AWS takes for any policy.
pub const LARGEST: usize = 10_485_760;

/// The most statements that are read. AWS's limit on a document's size leaves no room for a tenth of
/// them.
pub const MOST_STATEMENTS: usize = 20_000;

/// What is wrong with a document, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {problem}")]
pub struct ParseError {
    /// The element, such as `Statement[2].Condition.StringEquals`, or the line and column of the text.
    pub at: String,
    /// What is wrong, and what is wanted.
    pub problem: String,
}

type Read<T> = Result<T, ParseError>;

fn error<T>(at: &str, problem: impl Into<String>) -> Read<T> {
    let at = if at.is_empty() { "the document" } else { at };
    Err(ParseError {
        at: at.to_owned(),
        problem: problem.into(),
    })
}

impl Policy {
    /// Reads a policy document from its text.
    ///
    /// # Errors
    /// The first thing that is not as the policy language has it, with its place.
    pub fn from_json(text: &str) -> Read<Self> {
        if text.len() > LARGEST {
            return error(
                "",
                format!("it has {} bytes, more than any policy", text.len()),
            );
        }
        match json::parse(text) {
            Ok(json) => Self::from_value(&json),
            Err(wrong) => Err(ParseError {
                at: format!("line {}, column {}", wrong.line(), wrong.column()),
                problem: if wrong.is_data() {
                    "an object has a key twice, which AWS refuses".to_owned()
                } else {
                    "it is not JSON".to_owned()
                },
            }),
        }
    }

    /// Reads a policy document.
    ///
    /// # Errors
    /// The first thing that is not as the policy language has it, with its place.
    pub fn from_value(json: &Value) -> Read<Self> {
        let Value::Object(document) = json else {
            return error("", "a policy is a JSON object");
        };
        for key in document.keys() {
            if !matches!(key.as_str(), "Version" | "Id" | "Statement") {
                return error(key, "a policy has Version, Id and Statement");
            }
        }
        let version = match document.get("Version") {
            None => Version::V2008,
            Some(Value::String(text)) if text == "2012-10-17" => Version::V2012,
            Some(Value::String(text)) if text == "2008-10-17" => Version::V2008,
            Some(_) => return error("Version", "it is 2012-10-17 or 2008-10-17"),
        };
        let statements = match document.get("Statement") {
            None => return error("Statement", "it is missing"),
            Some(Value::Array(list)) if list.len() > MOST_STATEMENTS => {
                return error("Statement", format!("more than {MOST_STATEMENTS} of them"));
            }
            Some(Value::Array(list)) => {
                let list = list.iter().enumerate();
                list.map(|(index, it)| statement(&format!("Statement[{index}]"), it))
                    .collect::<Read<_>>()?
            }
            Some(single) => vec![statement("Statement", single)?],
        };
        Ok(Policy {
            version,
            statements,
        })
    }
}

fn statement(at: &str, json: &Value) -> Read<Statement> {
    let Value::Object(json) = json else {
        return error(at, "a statement is a JSON object");
    };
    for key in json.keys() {
        let known = [
            "Sid",
            "Effect",
            "Principal",
            "NotPrincipal",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition",
        ];
        if !known.contains(&key.as_str()) {
            return error(
                &format!("{at}.{key}"),
                format!("a statement has {}", known.join(", ")),
            );
        }
    }
    let sid = match json.get("Sid") {
        None => None,
        Some(Value::String(sid)) => Some(sid.clone()),
        Some(_) => return error(&format!("{at}.Sid"), "it is a text"),
    };
    let effect = match json.get("Effect").and_then(Value::as_str) {
        Some("Allow") => Effect::Allow,
        Some("Deny") => Effect::Deny,
        _ => return error(&format!("{at}.Effect"), "it is Allow or Deny"),
    };
    let Some(actions) = patterns(at, json, "Action", "NotAction")? else {
        return error(at, "it needs either Action or NotAction");
    };
    Ok(Statement {
        sid,
        effect,
        principals: principals(at, json)?,
        actions,
        resources: patterns(at, json, "Resource", "NotResource")?,
        conditions: match json.get("Condition") {
            None => Vec::new(),
            Some(json) => conditions(&format!("{at}.Condition"), json)?,
        },
    })
}

fn patterns(at: &str, json: &Map<String, Value>, plain: &str, not: &str) -> Read<Option<Patterns>> {
    let (element, value, negated) = match (json.get(plain), json.get(not)) {
        (None, None) => return Ok(None),
        (Some(value), None) => (plain, value, false),
        (None, Some(value)) => (not, value, true),
        (Some(_), Some(_)) => return error(at, format!("it has {plain} and {not}")),
    };
    let at = format!("{at}.{element}");
    Ok(Some(Patterns {
        negated,
        patterns: texts(&at, value)?,
    }))
}

fn texts(at: &str, value: &Value) -> Read<Vec<String>> {
    let text = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        _ => error(at, "it is a text, or a list of texts"),
    };
    match value {
        Value::Array(list) => list.iter().map(text).collect(),
        single => Ok(vec![text(single)?]),
    }
}

fn principals(at: &str, json: &Map<String, Value>) -> Read<Option<Principals>> {
    let (element, value, negated) = match (json.get("Principal"), json.get("NotPrincipal")) {
        (None, None) => return Ok(None),
        (Some(value), None) => ("Principal", value, false),
        (None, Some(value)) => ("NotPrincipal", value, true),
        (Some(_), Some(_)) => return error(at, "it has Principal and NotPrincipal"),
    };
    let at = format!("{at}.{element}");
    let mut named = Vec::new();
    match value {
        Value::String(text) if text == "*" => named.push(Named::Everybody),
        Value::Object(kinds) => {
            for (kind, value) in kinds {
                let at = format!("{at}.{kind}");
                for text in texts(&at, value)? {
                    named.push(match kind.as_str() {
                        "AWS" if text == "*" => Named::Everybody,
                        "AWS" => Named::Aws(text),
                        "Federated" => Named::Federated(text),
                        "Service" => Named::Service(text),
                        "CanonicalUser" => Named::CanonicalUser(text),
                        _ => {
                            return error(&at, "it is AWS, Service, Federated or CanonicalUser");
                        }
                    });
                }
            }
        }
        _ => return error(&at, "it is \"*\", or an object such as {\"AWS\": …}"),
    }
    Ok(Some(Principals { negated, named }))
}

fn conditions(at: &str, json: &Value) -> Read<Vec<Condition>> {
    let Value::Object(operators) = json else {
        return error(at, "it is an object of operators");
    };
    let mut conditions = Vec::new();
    for (name, keys) in operators {
        let at = format!("{at}.{name}");
        let Some(operator) = Operator::read(name) else {
            return error(&at, "there is no such operator");
        };
        let Value::Object(keys) = keys else {
            return error(&at, "it is an object of condition keys");
        };
        for (key, values) in keys {
            let at = format!("{at}.{key}");
            let values = condition_values(&at, values)?;
            sound(&at, operator.comparison, &values)?;
            conditions.push(Condition {
                operator,
                key: key.to_lowercase(),
                values,
            });
        }
    }
    Ok(conditions)
}

/// Refuses values that the operator cannot compare with, and conditions without a value. Neither is documented: a
/// condition that is read as never met would make an API look closed to everybody.
fn sound(at: &str, comparison: Comparison, values: &[String]) -> Read<()> {
    if values.is_empty() {
        return error(at, "it has no value, and what that means is not documented");
    }
    match values
        .iter()
        .find_map(|it| Some((it, wanted(comparison, it)?)))
    {
        Some((value, wanted)) => error(at, format!("`{value}` is not {wanted}")),
        None => Ok(()),
    }
}

/// What an operator wants in place of a value that it cannot compare with. `None`: it can compare with it.
pub(crate) fn wanted(comparison: Comparison, value: &str) -> Option<&'static str> {
    let is_one_of = |texts: &[&str]| texts.iter().any(|it| it.eq_ignore_ascii_case(value));
    let wanted = match comparison {
        Comparison::NumericEquals
        | Comparison::NumericLessThan
        | Comparison::NumericLessThanEquals
        | Comparison::NumericGreaterThan
        | Comparison::NumericGreaterThanEquals
            if number::Decimal::read(value).is_none() =>
        {
            "a number"
        }
        Comparison::DateEquals
        | Comparison::DateLessThan
        | Comparison::DateLessThanEquals
        | Comparison::DateGreaterThan
        | Comparison::DateGreaterThanEquals
            if date::read(value).is_none() =>
        {
            "a date (ISO 8601, or seconds since 1970)"
        }
        Comparison::Bool | Comparison::Null if !is_one_of(&["true", "false"]) => {
            "`true` or `false`"
        }
        Comparison::IpAddress if address::range(value).is_none() => {
            "an IP address, or a range such as 203.0.113.0/24"
        }
        _ => return None,
    };
    Some(wanted)
}

fn condition_values(at: &str, json: &Value) -> Read<Vec<String>> {
    let text = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        _ => error(at, "it is a text, a number, a boolean, or a list of them"),
    };
    match json {
        Value::Array(list) => list.iter().map(text).collect(),
        single => Ok(vec![text(single)?]),
    }
}
