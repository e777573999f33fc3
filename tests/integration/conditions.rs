//! Conditions: every operator, and answers that stay right whatever turns out.

use gatewatch::iam::document::Policy;
use gatewatch::iam::{Context, Truth, holds};
use proptest::prelude::*;
use serde_json::{Value, json};

fn answer(condition: &Value, context: &Context) -> Truth {
    let document = json!({"Version": "2012-10-17", "Statement":
        {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}});
    let policy = Policy::from_value(&document).unwrap();
    let conditions = &policy.statements[0].conditions;
    let all = conditions
        .iter()
        .map(|it| holds(it, policy.version, context));
    all.min().unwrap_or(Truth::True)
}

fn with(keys: &Value) -> Context {
    let mut context = Context::complete();
    for (key, value) in keys.as_object().unwrap() {
        let values = match value {
            Value::Array(list) => list
                .iter()
                .map(|it| it.as_str().unwrap().to_owned())
                .collect(),
            other => vec![other.as_str().unwrap().to_owned()],
        };
        context.set(key, values);
    }
    context
}

#[test]
fn every_operator_compares_as_documented() {
    let none = json!({});
    for (condition, context, expected) in [
        (
            json!({"StringEquals": {"k": ["a", "b"]}}),
            json!({"K": "b"}),
            true,
        ),
        (
            json!({"StringEquals": {"k": "A"}}),
            json!({"k": "a"}),
            false,
        ),
        (
            json!({"StringEquals": {"k": "a*"}}),
            json!({"k": "ab"}),
            false,
        ),
        (json!({"StringEquals": {"k": "a"}}), none.clone(), false),
        (
            json!({"StringNotEquals": {"k": ["a", "b"]}}),
            json!({"k": "b"}),
            false,
        ),
        (
            json!({"StringNotEquals": {"k": ["a", "b"]}}),
            json!({"k": "c"}),
            true,
        ),
        (json!({"StringNotEquals": {"k": "a"}}), none.clone(), true),
        (
            json!({"StringEqualsIgnoreCase": {"k": "É"}}),
            json!({"k": "é"}),
            true,
        ),
        (
            json!({"StringNotEqualsIgnoreCase": {"k": "A"}}),
            json!({"k": "a"}),
            false,
        ),
        (
            json!({"StringLike": {"k": "a?c*"}}),
            json!({"k": "abcd"}),
            true,
        ),
        (
            json!({"StringLike": {"k": "a${*}"}}),
            json!({"k": "ab"}),
            false,
        ),
        (
            json!({"StringLike": {"k": "a${*}"}}),
            json!({"k": "a*"}),
            true,
        ),
        (
            json!({"StringNotLike": {"k": "a*"}}),
            json!({"k": "b"}),
            true,
        ),
        (
            json!({"StringEquals": {"k": "${other}"}}),
            json!({"k": "x", "other": "x"}),
            true,
        ),
        (
            json!({"StringLike": {"k": "${other}"}}),
            json!({"k": "xyz", "other": "x*"}),
            false,
        ),
        (
            json!({"StringEquals": {"k": "${other, 'd'}"}}),
            json!({"k": "d"}),
            true,
        ),
        (
            json!({"StringEquals": {"k": "${other}"}}),
            json!({"k": ""}),
            false,
        ),
        (
            json!({"StringNotEquals": {"k": "${other}"}}),
            json!({"k": "x"}),
            true,
        ),
        (
            json!({"NumericEquals": {"k": 5}}),
            json!({"k": "5.0"}),
            true,
        ),
        (
            json!({"NumericNotEquals": {"k": "5"}}),
            json!({"k": "x"}),
            true,
        ),
        (
            json!({"NumericLessThan": {"k": "10"}}),
            json!({"k": "9"}),
            true,
        ),
        (
            json!({"NumericLessThanEquals": {"k": "-1"}}),
            json!({"k": "-1.5"}),
            true,
        ),
        (
            json!({"NumericGreaterThan": {"k": "9007199254740992"}}),
            json!({"k": "9007199254740993"}),
            true,
        ),
        (
            json!({"NumericGreaterThanEquals": {"k": "0"}}),
            json!({"k": "-0"}),
            true,
        ),
        (
            json!({"DateLessThan": {"k": "2026-06-01T00:00:00Z"}}),
            json!({"k": "2026-05-31"}),
            true,
        ),
        (
            json!({"DateGreaterThan": {"k": "0"}}),
            json!({"k": "2026-05-31T10:00:00+02:00"}),
            true,
        ),
        (
            json!({"DateEquals": {"k": "1970-01-01T01:00:00+01:00"}}),
            json!({"k": "0"}),
            true,
        ),
        (json!({"Bool": {"k": true}}), json!({"k": "TRUE"}), true),
        (json!({"Bool": {"k": "false"}}), none.clone(), false),
        (json!({"BoolIfExists": {"k": "false"}}), none.clone(), true),
        (
            json!({"BinaryEquals": {"k": "QmluYXJ5"}}),
            json!({"k": "QmluYXJ5"}),
            true,
        ),
        (
            json!({"IpAddress": {"k": "203.0.113.0/24"}}),
            json!({"k": "203.0.113.7"}),
            true,
        ),
        (
            json!({"IpAddress": {"k": "203.0.113.5"}}),
            json!({"k": "203.0.113.7"}),
            false,
        ),
        (
            json!({"IpAddress": {"k": "0.0.0.0/0"}}),
            json!({"k": "2001:db8::1"}),
            false,
        ),
        (
            json!({"IpAddress": {"k": "2001:db8::/32"}}),
            json!({"k": "2001:0db8:0::1"}),
            true,
        ),
        (
            json!({"NotIpAddress": {"k": "203.0.113.0/24"}}),
            json!({"k": "198.51.100.1"}),
            true,
        ),
        (
            json!({"ArnEquals": {"k": "arn:aws:iam::*:role/a*"}}),
            json!({"k": "arn:aws:iam::1:role/a/b:c"}),
            true,
        ),
        (
            json!({"ArnLike": {"k": "arn:*:role/a"}}),
            json!({"k": "arn:aws:iam::1:role/a"}),
            false,
        ),
        (
            json!({"ArnNotLike": {"k": "arn:aws:iam::1:role/a"}}),
            json!({"k": "no arn"}),
            true,
        ),
        (json!({"Null": {"k": "true"}}), none.clone(), true),
        (json!({"Null": {"k": "true"}}), json!({"k": []}), true),
        (json!({"Null": {"k": false}}), json!({"k": ""}), true),
        (
            json!({"ForAllValues:StringEquals": {"k": ["a", "b"]}}),
            json!({"k": ["a", "b", "a"]}),
            true,
        ),
        (
            json!({"ForAllValues:StringEquals": {"k": ["a"]}}),
            json!({"k": ["a", "c"]}),
            false,
        ),
        (
            json!({"ForAllValues:StringEquals": {"k": ["a"]}}),
            none.clone(),
            true,
        ),
        (
            json!({"ForAllValues:StringNotEquals": {"k": ["a"]}}),
            json!({"k": ["b", "a"]}),
            false,
        ),
        (
            json!({"ForAnyValue:StringEquals": {"k": ["a"]}}),
            json!({"k": ["c", "a"]}),
            true,
        ),
        (
            json!({"ForAnyValue:StringEquals": {"k": ["a"]}}),
            none.clone(),
            false,
        ),
        (
            json!({"ForAnyValue:StringNotEquals": {"k": ["a"]}}),
            json!({"k": ["b", "a"]}),
            true,
        ),
        (
            json!({"ForAnyValue:StringNotEquals": {"k": ["a"]}}),
            none.clone(),
            false,
        ),
        (
            json!({"stringequals": {"k": "a"}, "Bool": {"l": "true"}}),
            json!({"k": "a", "l": "true"}),
            true,
        ),
        (
            json!({"StringEquals": {"k": "a", "l": "b"}}),
            json!({"k": "a", "l": "c"}),
            false,
        ),
    ] {
        let found = answer(&condition, &with(&context));
        assert_eq!(found, Truth::from(expected), "{condition} with {context}");
    }
}

#[test]
fn variables_are_plain_text_in_the_older_version() {
    let document = json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": {"StringEquals": {"k": "${other}"}}}});
    let policy = Policy::from_value(&document).unwrap();
    let condition = &policy.statements[0].conditions[0];
    let context = with(&json!({"k": "${other}", "other": "x"}));
    assert_eq!(holds(condition, policy.version, &context), Truth::True);
}

#[test]
fn what_is_not_known_is_neither_yes_nor_no() {
    let mut context = Context::open();
    context.set_present("here");
    for (condition, expected) in [
        (json!({"StringEquals": {"here": "a"}}), Truth::Unknown),
        (json!({"StringLike": {"here": "*"}}), Truth::True),
        (json!({"StringNotLike": {"here": "*"}}), Truth::False),
        (json!({"StringLike": {"perhaps": "*"}}), Truth::Unknown),
        (json!({"StringLikeIfExists": {"perhaps": "*"}}), Truth::True),
        (json!({"Null": {"here": "true"}}), Truth::False),
        (json!({"Null": {"perhaps": "true"}}), Truth::Unknown),
    ] {
        assert_eq!(answer(&condition, &context), expected, "{condition}");
    }
}

/// Operators with values that each can compare with.
fn operators() -> impl Strategy<Value = (&'static str, Vec<&'static str>)> {
    let of = |names: &[&'static str], values: &[&'static str]| {
        let values = prop::sample::select(values.to_vec());
        (
            prop::sample::select(names.to_vec()),
            prop::collection::vec(values, 1..3),
        )
    };
    let texts = [
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringNotLike",
        "StringEqualsIgnoreCase",
        "ArnLike",
        "ArnNotEquals",
    ];
    let values = [
        "a",
        "*",
        "**",
        "?",
        "",
        "1",
        "true",
        "10.0.0.0/8",
        "${v}",
        "${v, 'a'}",
    ];
    prop_oneof![
        5 => of(&texts, &values),
        1 => of(&["NumericLessThan"], &["1", "0.5", "-3"]),
        1 => of(&["DateGreaterThan"], &["1", "2026-06-15", "2026-06-15T06:00:00Z"]),
        1 => of(&["Bool"], &["true", "False"]),
        1 => of(&["IpAddress", "NotIpAddress"], &["10.0.0.0/8", "10.1.2.3", "2001:db8::/32"]),
    ]
}

/// A condition that is read as never met would make an API look closed.
#[test]
fn values_that_an_operator_cannot_compare_with_are_refused() {
    for (operator, value, wanted) in [
        ("IpAddress", json!("10.0.0.0/99"), "an IP address"),
        (
            "NotIpAddress",
            json!(["10.0.0.0/8", "vpc-1"]),
            "an IP address",
        ),
        ("NumericEqualsIfExists", json!("one"), "a number"),
        (
            "NumericLessThan",
            json!("${aws:MultiFactorAuthAge}"),
            "a number",
        ),
        ("DateGreaterThanEquals", json!("tomorrow"), "a date"),
        ("Bool", json!("yes"), "`true` or `false`"),
        ("Null", json!("1"), "`true` or `false`"),
        ("StringEquals", json!([]), "it has no value"),
        ("ForAllValues:StringLike", json!([]), "it has no value"),
    ] {
        let document = json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {operator: {"k": value}}}});
        let error = Policy::from_value(&document).unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
        assert!(
            error.contains(&format!("Statement.Condition.{operator}.k")),
            "{error}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// A definite answer with an unknown key is the answer whatever the key turns out to be.
    #[test]
    fn definite_answers_stay_whatever_turns_out(
        qualifier in prop::sample::select(vec!["", "ForAllValues:", "ForAnyValue:"]),
        (name, wanted) in operators(),
        if_exists in any::<bool>(),
        values in prop::collection::vec(prop::sample::select(vec!["a", "b", "", "0", "true", "10.1.2.3"]), 0..3),
        variable in prop::option::of(prop::sample::select(vec!["a", "x"])),
    ) {
        let operator = format!("{qualifier}{name}{}", if if_exists { "IfExists" } else { "" });
        let condition = json!({operator: {"k": wanted}});
        let open = answer(&condition, &Context::open());
        let mut present = Context::open();
        present.set_present("k");
        let present = answer(&condition, &present);
        let mut complete = Context::complete();
        if let Some(variable) = variable {
            complete.set("v", vec![variable.to_owned()]);
        }
        let absent = answer(&condition, &complete);
        prop_assert_ne!(absent, Truth::Unknown);
        if open != Truth::Unknown {
            prop_assert_eq!(open, absent);
        }
        complete.set("k", values.iter().map(|it| (*it).to_owned()).collect());
        let known = answer(&condition, &complete);
        prop_assert_ne!(known, Truth::Unknown);
        if open != Truth::Unknown {
            prop_assert_eq!(open, known);
        }
        if present != Truth::Unknown && !values.is_empty() {
            prop_assert_eq!(present, known);
        }
    }
}
