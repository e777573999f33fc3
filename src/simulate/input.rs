//! The shape of a case.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::policy::Context;

/// One case. A key that is not known is an error: a misspelt boundary must not be left out in silence.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Case<'a> {
    #[serde(borrow)]
    pub(super) id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) identity_policies: Option<Vec<Named<'a>>>,
    #[serde(borrow)]
    pub(super) resource_policy: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) boundary: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) scps: Option<Vec<Vec<Named<'a>>>>,
    #[serde(borrow)]
    pub(super) request: Request<'a>,
}

/// A policy with a name for messages.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Named<'a> {
    #[serde(borrow)]
    pub(super) name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) policy: &'a RawValue,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Request<'a> {
    #[serde(borrow)]
    pub(super) principal: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) action: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) resource: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) template: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) resource_account: Option<Cow<'a, str>>,
    #[serde(default)]
    pub(super) context: BTreeMap<String, Value>,
}

/// The condition keys of a request. What is not there is absent.
pub(super) fn context(keys: &BTreeMap<String, Value>) -> Result<Context, String> {
    let mut context = Context::complete();
    for (key, value) in keys {
        let text = |value: &Value| match value {
            Value::String(text) => Ok(text.clone()),
            Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
            _ => Err(format!(
                "request.context.{key}: a text, a number, a boolean or a list of them is wanted"
            )),
        };
        let values = match value {
            Value::Array(list) => list.iter().map(text).collect::<Result<_, _>>()?,
            // A key without a value is a key that is not there.
            Value::Null => continue,
            single => vec![text(single)?],
        };
        context.set(key, values);
    }
    Ok(context)
}

/// The id of a line that is no case, as JSON, where it can still be made out.
pub(super) fn id_of(line: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(line).ok()?;
    Some(value.get("id")?.to_string())
}

/// What is wrong with a line. It is one line: the column says where.
pub(super) fn said(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let said = said.strip_suffix(&place).unwrap_or(&said);
    format!("{said} (column {})", error.column())
}
