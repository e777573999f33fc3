//! The shape of a case.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::iam::Context;

/// One case. A key that is not known is an error: a misspelt boundary must not be left out in silence.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Case<'a> {
    #[serde(borrow)]
    pub(super) id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) identity_policies: Option<Vec<Object<Named<'a>>>>,
    #[serde(borrow)]
    pub(super) resource_policy: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) boundary: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) scps: Option<Vec<Vec<Object<Named<'a>>>>>,
    #[serde(borrow)]
    pub(super) session_policies: Option<Vec<Object<Named<'a>>>>,
    #[serde(borrow)]
    pub(super) vpc_endpoint_policy: Option<&'a RawValue>,
    /// What the answer should be.
    #[serde(borrow)]
    pub(super) expect: Option<Cow<'a, str>>,
    /// Notes of whoever wrote the case.
    #[serde(rename = "meta")]
    pub(super) _meta: Option<IgnoredAny>,
    #[serde(borrow)]
    pub(super) request: Object<Request<'a>>,
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
    #[serde(default, deserialize_with = "keys")]
    pub(super) context: BTreeMap<String, Value>,
}

/// A JSON object. Without this, serde also takes the values alone, in their order, as a list.
#[derive(Debug)]
pub(super) struct Object<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(Fields(PhantomData))
    }
}

/// Condition keys, each once, whatever its case.
fn keys<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, Value>, D::Error> {
    struct Keys;

    impl<'de> Visitor<'de> for Keys {
        type Value = BTreeMap<String, Value>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object of condition keys")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut seen = BTreeSet::new();
            let mut keys = BTreeMap::new();
            while let Some((key, value)) = map.next_entry::<String, Value>()? {
                if !seen.insert(key.to_lowercase()) {
                    return Err(A::Error::custom(format_args!("duplicate key `{key}`")));
                }
                keys.insert(key, value);
            }
            Ok(keys)
        }
    }

    deserializer.deserialize_map(Keys)
}

/// The condition keys of a request. What is not there is absent.
pub(super) fn context(keys: &BTreeMap<String, Value>) -> Result<Context, String> {
    let mut context = Context::complete();
    for (key, value) in keys {
        // A key without a value is a key that is not there.
        if !value.is_null() {
            let values = values(key, value)?.into_iter();
            context.set(key, values.map(Cow::into_owned).collect());
        }
    }
    Ok(context)
}

/// The values of a condition key.
pub(super) fn values<'v>(key: &str, value: &'v Value) -> Result<Vec<Cow<'v, str>>, String> {
    let text = |value: &'v Value| match value {
        Value::String(text) => Ok(Cow::Borrowed(text.as_str())),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string().into()),
        _ => Err(format!(
            "request.context.{key}: a text, a number, a boolean or a list of them is wanted"
        )),
    };
    match value {
        Value::Array(list) => list.iter().map(text).collect(),
        Value::Null => Ok(Vec::new()),
        single => Ok(vec![text(single)?]),
    }
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
