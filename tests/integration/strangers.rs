//! Whom conditions leave of those who have nothing to do with an account, held against trying concrete requests of theirs
//! with a plain reading of the operators.

use std::collections::{BTreeMap, BTreeSet};

use gatewatch::iam::document::Policy;
use gatewatch::iam::{Admission, Admissions, Outsider, Template};
use proptest::collection;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::decisions::wild_text;

const OWN: &str = "111122223333";

/// The condition keys of a request, with their values.
type Request = BTreeMap<&'static str, Vec<&'static str>>;

/// How texts are compared: whether they are equal, by wildcards, or by the wildcards of the six parts of an ARN.
const COMPARISONS: [&str; 3] = ["Equals", "Like", "Arn"];

/// Keys with values that conditions ask for.
const ASKED: [(&str, &[&str]); 16] = [
    ("aws:PrincipalServiceName", &["events.amazonaws.com"]),
    (
        "aws:PrincipalServiceNamesList",
        &["events*", "events.amazonaws.com"],
    ),
    (
        "aws:PrincipalAccount",
        &["444455556666", "444455556666*", "4444*"],
    ),
    ("aws:PrincipalAccount", &["${aws:ResourceAccount}"]),
    (
        "aws:PrincipalArn",
        &[
            "arn:aws:iam::444455556666*",
            "arn:aws:iam::444455556666:role/*",
            "arn:aws:iam::${aws:ResourceAccount}:role/x",
        ],
    ),
    (
        "aws:PrincipalArn",
        &["arn:*:iam::444455556666:*", "arn:aws:iam::*:role/x", "*"],
    ),
    (
        "aws:PrincipalOrgID",
        &["o-one", "${aws:ResourceOrgID}", "o-o*"],
    ),
    (
        "aws:PrincipalOrgPaths",
        &["${aws:ResourceOrgID}/*", "o-one/r-1/*", "*/r-1/*", "o-o*"],
    ),
    ("aws:SourceAccount", &["444455556666", "4444*"]),
    (
        "aws:SourceArn",
        &[
            "arn:aws:events:*:444455556666:*",
            "arn:aws:events:eu-west-1:444455556666:rule/x",
            "arn:aws:events:eu-west-1:*:rule/x",
        ],
    ),
    (
        "aws:SourceArn",
        &["arn:aws:s3:::bucket", "arn:aws:s3:::buck*"],
    ),
    (
        "aws:SourceOrgPaths",
        &["o-one/*", "${aws:ResourceOrgID}/*", "*"],
    ),
    (
        "lambda:SourceFunctionArn",
        &["arn:aws:lambda:*:444455556666:function:*"],
    ),
    ("aws:SourceVpce", &["vpce-1", "vpce-9*"]),
    ("aws:SourceVpc", &["vpc-1"]),
    (
        "aws:SourceVpcArn",
        &[
            "arn:aws:ec2:eu-west-1:111122223333:*",
            "arn:aws:ec2:eu-west-1:*:vpc/vpc-9",
        ],
    ),
];

fn condition() -> impl Strategy<Value = Value> {
    let asked = select(ASKED.to_vec()).prop_flat_map(|(key, values)| (Just(key), select(values)));
    let qualifier = select(vec!["", "", "ForAnyValue:", "ForAllValues:"]);
    let suffix = select(vec!["", "", "IfExists"]);
    (
        asked,
        qualifier,
        select(COMPARISONS.to_vec()),
        any::<bool>(),
        suffix,
    )
        .prop_map(|((key, value), qualifier, comparison, negated, suffix)| {
            let not = if negated { "Not" } else { "" };
            let name = match comparison {
                "Arn" if value.starts_with("arn:") => format!("Arn{not}Like"),
                "Arn" => format!("String{not}Like"),
                comparison => format!("String{not}{comparison}"),
            };
            json!({format!("{qualifier}{name}{suffix}"): {key: value}})
        })
}

/// Whether a value of a request meets one of a condition.
fn meets(comparison: &str, wanted: &str, found: &str) -> bool {
    // The account of the API is in no organization that a stranger is of.
    let wanted = wanted
        .replace("${aws:ResourceAccount}", OWN)
        .replace("${aws:ResourceOrgID}", "o-ours");
    if comparison.starts_with("Arn") {
        let parts =
            |text: &str| -> Vec<String> { text.splitn(6, ':').map(str::to_owned).collect() };
        let (wanted, found) = (parts(&wanted), parts(found));
        return wanted.len() == 6
            && found.len() == 6
            && wanted
                .iter()
                .zip(&found)
                .all(|(wanted, found)| wild_text(wanted, found));
    }
    match comparison.trim_start_matches("String") {
        "Like" => wild_text(&wanted, found),
        _ => wanted == found,
    }
}

/// Whether a condition with one operator, one key and one value holds.
fn holds(condition: &Value, request: &Request) -> bool {
    let (operator, keys) = condition.as_object().unwrap().iter().next().unwrap();
    let (key, wanted) = keys.as_object().unwrap().iter().next().unwrap();
    let (wanted, found) = (wanted.as_str().unwrap(), request.get(key.as_str()));
    let (qualifier, name) = operator.split_once(':').unwrap_or(("", operator));
    let (name, if_exists) = match name.strip_suffix("IfExists") {
        Some(name) => (name, true),
        None => (name, false),
    };
    let negated = name.contains("Not");
    let name = name.replace("Not", "");
    let Some(found) = found else {
        return match qualifier {
            "ForAllValues" => true,
            "ForAnyValue" => if_exists,
            _ => negated || if_exists,
        };
    };
    let mut each = found.iter().map(|it| meets(&name, wanted, it) != negated);
    match qualifier {
        "ForAnyValue" => each.any(|it| it),
        "ForAllValues" => each.all(|it| it),
        // Of a value alone both are the same; of several, `Not…` asks all.
        _ if negated => each.all(|it| it),
        _ => each.any(|it| it),
    }
}

/// An endpoint that requests come through, its VPC, and the ARN of that.
type Endpoint = Option<[&'static str; 3]>;

const OURS: [Endpoint; 2] = [
    Some([
        "vpce-1",
        "vpc-1",
        "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1",
    ]),
    Some([
        "vpce-2",
        "vpc-2",
        "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-2",
    ]),
];

const THEIRS: [Endpoint; 2] = [
    Some([
        "vpce-8",
        "vpc-8",
        "arn:aws:ec2:eu-west-1:777788889999:vpc/vpc-8",
    ]),
    Some([
        "vpce-9",
        "vpc-9",
        "arn:aws:ec2:eu-west-1:777788889999:vpc/vpc-9",
    ]),
];

/// Each of the requests with each of these values of a key, or without it.
fn fork(all: &mut Vec<Request>, key: &'static str, values: &[Option<&'static str>]) {
    let forked = all.iter().flat_map(|request| {
        values.iter().map(|value| {
            let mut request = request.clone();
            request.extend(value.map(|it| (key, vec![it])));
            request
        })
    });
    *all = forked.collect();
}

/// Every request of somebody of an account that no condition names, or of nobody, through an endpoint, as far as these keys
/// tell requests apart.
fn requests(who: Outsider, endpoint: Endpoint, asked: &BTreeSet<String>) -> Vec<Request> {
    let mut all = vec![Request::new()];
    let mut fork = |key, values: &[Option<&'static str>]| {
        if asked.contains(key) {
            fork(&mut all, key, values);
        }
    };
    if let Some([endpoint, vpc, arn]) = endpoint {
        fork("aws:SourceVpce", &[Some(endpoint)]);
        fork("aws:SourceVpc", &[Some(vpc)]);
        fork("aws:SourceVpcArn", &[None, Some(arn)]);
    }
    if who == Outsider::Anonymous {
        return all;
    }
    fork(
        "aws:PrincipalAccount",
        &[Some("777788889999"), Some("444477778888")],
    );
    // The path of a role may have colons.
    fork(
        "aws:PrincipalArn",
        &[
            Some("arn:aws:iam::777788889999:role/x"),
            Some("arn:aws:iam::777788889999:user/y"),
            Some("arn:aws:iam::777788889999:role/y:iam::444455556666:role/x"),
        ],
    );
    fork(
        "aws:PrincipalOrgID",
        &[None, Some("o-other"), Some("o-xyz")],
    );
    fork(
        "aws:PrincipalOrgPaths",
        &[None, Some("o-other/r-1/ou-1/"), Some("o-xyz/r-2/")],
    );
    fork(
        "aws:SourceAccount",
        &[None, Some("777788889999"), Some("444477778888")],
    );
    fork(
        "aws:SourceArn",
        &[
            None,
            Some("arn:aws:events:eu-west-1:777788889999:rule/x"),
            Some("arn:aws:events:eu-west-1:777788889999:rule/x:444455556666:y"),
            Some("arn:aws:s3:::bucket-of-theirs"),
        ],
    );
    fork("aws:SourceOrgPaths", &[None, Some("o-other/r-1/")]);
    fork(
        "lambda:SourceFunctionArn",
        &[
            None,
            Some("arn:aws:lambda:eu-west-1:777788889999:function:f"),
            Some("arn:aws:lambda:eu-west-1:777788889999:function:444455556666:function:f"),
        ],
    );
    all
}

fn allowed(statements: &[Value], request: &Request) -> bool {
    let says = |effect: &str| {
        let mut own = statements.iter().filter(|it| it["Effect"] == effect);
        own.any(|it| it.get("Condition").is_none_or(|it| holds(it, request)))
    };
    says("Allow") && !says("Deny")
}

/// Whom the statements let in, by trying.
fn tried(statements: &[Value], who: Outsider, is_private: bool) -> Admission {
    let conditions = statements
        .iter()
        .filter_map(|it| it["Condition"].as_object());
    let keys = conditions.flat_map(|it| it.values().filter_map(Value::as_object));
    let asked: BTreeSet<String> = keys.flat_map(|it| it.keys().cloned()).collect();
    let from = |endpoint| {
        let mut requests = requests(who, endpoint, &asked).into_iter();
        requests.any(|it| allowed(statements, &it))
    };
    let anywhere: &[Endpoint] = if is_private { &THEIRS } else { &[None] };
    if anywhere.iter().copied().any(from) {
        Admission::FromAnywhere
    } else if OURS.into_iter().any(from) {
        Admission::FromNetworks
    } else {
        Admission::Refused
    }
}

/// What the library says of them.
fn answered(statements: &[Value], who: Outsider, is_private: bool) -> Admission {
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    let policy = Policy::from_value(&policy).unwrap();
    let admissions = match is_private {
        true => Admissions::of_private(&policy, who, OWN, "a1b2c3d4e5"),
        false => Admissions::new(&policy, who, OWN, "a1b2c3d4e5"),
    };
    let place = ["aws", "eu-west-1", OWN];
    admissions.of(&Template::of_method(
        place,
        ["a1b2c3d4e5", "prod"],
        &["GET"],
        "/x",
    ))
}

fn openness(admission: Admission) -> usize {
    match admission {
        Admission::Refused => 0,
        Admission::FromNetworks => 1,
        Admission::FromAnywhere => 2,
        Admission::Undecided => panic!("undecided"),
    }
}

fn statement(effect: &str, condition: Option<Value>) -> Value {
    let mut statement = json!({"Effect": effect, "Principal": "*", "Action": "execute-api:Invoke",
        "Resource": "execute-api:/*"});
    if let Some(condition) = condition {
        statement["Condition"] = condition;
    }
    statement
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// One condition says of strangers what trying says, and no more.
    #[test]
    fn one_condition_leaves_whom_trying_finds(condition in condition(), denied in any::<bool>(), is_private in any::<bool>()) {
        let statements = match denied {
            true => vec![statement("Allow", None), statement("Deny", Some(condition))],
            false => vec![statement("Allow", Some(condition))],
        };
        for who in [Outsider::Anonymous, Outsider::Stranger] {
            let (answer, tried) = (answered(&statements, who, is_private), tried(&statements, who, is_private));
prop_assert!(openness(answer) >= openness(tried), "{:?} {}", who, json!(statements));
            // Of our own endpoints it is not known which a request comes through.
            let from_anywhere = [answer, tried].map(|it| it == Admission::FromAnywhere);
            prop_assert_eq!(from_anywhere[0], from_anywhere[1], "{:?} {}", who, json!(statements));
        }
    }

    /// Where several come together, whoever gets in by trying is never called kept out.
    #[test]
    fn nobody_who_gets_in_is_called_kept_out(
        conditions in collection::vec((any::<bool>(), condition()), 1..4), is_private in any::<bool>(),
    ) {
        let conditions = conditions.into_iter();
        let mut statements: Vec<Value> = conditions
            .map(|(allow, it)| statement(if allow { "Allow" } else { "Deny" }, Some(it)))
            .collect();
        if statements.iter().all(|it| it["Effect"] == "Deny") {
            statements.push(statement("Allow", None));
        }
        for who in [Outsider::Anonymous, Outsider::Stranger] {
            let (answer, tried) = (answered(&statements, who, is_private), tried(&statements, who, is_private));
            prop_assert!(openness(answer) >= openness(tried), "{:?} {}", who, json!(statements));
        }
    }
}
