//! What becomes of a finding where an `ANY` method takes the place of methods of single verbs, or these take its place.

use gatewatch::ledger::Standing::{self, Accepted, Became, Open, Resolved};
use serde_json::{Value, json};

use crate::endings::after_at;
use crate::opened::{LAX, Method, STRICT, account, with_resource_policy, without_grant};

/// How a finding stands after a run over the one, and another over the other.
async fn standing(
    before: &Value,
    after: (&Value, &str),
    (rule, subject): (&str, &str),
) -> Standing {
    let first = after_at(&[(before, STRICT)], rule, subject).await;
    assert_eq!(first.standing, Open, "{rule}, {subject}");
    let runs = [(before, STRICT), after];
    after_at(&runs, rule, subject).await.standing
}

/// The methods before and after, a finding's method, and how it stands where NONE is refused, and where it is accepted.
type Case<'c> = (
    &'c [Method<'c>],
    &'c [Method<'c>],
    &'c str,
    Standing,
    Standing,
);

#[tokio::test]
async fn an_open_method_is_resolved_where_no_method_answers_its_requests_openly() {
    let get = |kind| ("GET", "/a", kind);
    let post = |kind| ("POST", "/a", kind);
    let any = |kind| ("ANY", "/a", kind);
    let (none, iam) = ("NONE", "AWS_IAM");
    let cases: [Case<'_>; 9] = [
        // A new `ANY` does not answer what has its own method.
        (
            &[get(none)],
            &[get(iam), any(none)],
            "GET /a",
            Resolved,
            Resolved,
        ),
        (&[get(none)], &[any(none)], "GET /a", Became, Accepted),
        (&[get(none)], &[any(iam)], "GET /a", Resolved, Resolved),
        (
            &[get(none)],
            &[post(none), any(iam)],
            "GET /a",
            Resolved,
            Resolved,
        ),
        (
            &[any(none)],
            &[get(none), post(iam)],
            "ANY /a",
            Became,
            Accepted,
        ),
        (
            &[any(none)],
            &[get(none), any(iam)],
            "ANY /a",
            Became,
            Accepted,
        ),
        (
            &[any(none)],
            &[get(iam), post(iam)],
            "ANY /a",
            Resolved,
            Resolved,
        ),
        // What the `ANY` did not answer before is no part of it.
        (
            &[any(none), get(iam)],
            &[any(iam), get(none)],
            "ANY /a",
            Resolved,
            Resolved,
        ),
        (
            &[any(none), get(iam)],
            &[post(none), get(iam)],
            "ANY /a",
            Became,
            Accepted,
        ),
    ];
    for (before, after, subject, strict, lax) in cases {
        let (before, after) = (account(before, "*"), account(after, "*"));
        let of = ("open-method", subject);
        for (policy, expected) in [(STRICT, strict), (LAX, lax)] {
            let standing = standing(&before, (&after, policy), of).await;
            assert_eq!(standing, expected, "{after:#}");
        }
    }
}

/// A stage whose canary has the other methods.
fn with_canary(mut account: Value, canary: &[Method<'_>]) -> Value {
    let mut other = self::account(canary, "*")["apis"][0]["deployments"][0].clone();
    other["id"] = json!("dep222");
    let api = &mut account["apis"][0];
    api["deployments"].as_array_mut().unwrap().push(other);
    api["stages"][0]["canary"] = json!({"deployment_id": "dep222", "percent_traffic": 10.0});
    account
}

#[tokio::test]
async fn a_method_of_its_own_counts_where_every_deployment_has_it() {
    let before = account(&[("GET", "/a", "NONE")], "*");
    let both = [("GET", "/a", "AWS_IAM"), ("ANY", "/a", "AWS_IAM")];
    let of = ("open-method", "GET /a");
    for (canary, expected) in [
        (&[("ANY", "/a", "NONE")] as &[Method<'_>], Became),
        (&[("GET", "/a", "AWS_IAM"), ("ANY", "/a", "NONE")], Resolved),
    ] {
        let after = with_canary(account(&both, "*"), canary);
        assert_eq!(standing(&before, (&after, STRICT), of).await, expected);
    }
}

/// What was read to be open is not mended by what is inferred of the methods in its place.
#[tokio::test]
async fn inferred_methods_in_the_place_of_an_any_mend_nothing() {
    let untold = |methods: &[Method<'_>]| {
        let mut account = account(methods, "*");
        let deployed = &mut account["apis"][0]["deployments"][0];
        for method in deployed["methods"].as_array_mut().unwrap() {
            method["authorization"] = Value::Null;
        }
        account
    };
    for (before, after, subject) in [
        ("ANY", "GET", "ANY /a"),
        ("GET", "ANY", "GET /a"),
        ("GET", "GET", "GET /a"),
    ] {
        let before = account(&[(before, "/a", "NONE")], "*");
        let after = untold(&[(after, "/a", "AWS_IAM")]);
        let standing = standing(&before, (&after, STRICT), ("open-method", subject)).await;
        assert_eq!(standing, Open, "{subject}");
    }
}

#[tokio::test]
async fn a_rule_that_is_alone_with_what_it_says_follows_its_methods() {
    let any: &[Method<'_>] = &[("ANY", "/a", "AWS_IAM")];
    let verbs: &[Method<'_>] = &[("GET", "/a", "AWS_IAM"), ("POST", "/a", "AWS_IAM")];
    let custom: &[Method<'_>] = &[("GET", "/a", "CUSTOM"), ("POST", "/a", "CUSTOM")];
    let anybody = |methods: &[Method<'_>]| with_resource_policy(account(methods, "*"), "*");
    let nobody = |methods: &[Method<'_>]| without_grant(account(methods, "*"));
    type Made<'m> = &'m dyn Fn(&[Method<'_>]) -> Value;
    for (rule, made) in [
        ("world-signed", &anybody as Made<'_>),
        ("uncallable-method", &nobody),
    ] {
        for (before, after, subject, expected) in [
            (any, verbs, "ANY /a", Became),
            (verbs, any, "GET /a", Became),
            (any, custom, "ANY /a", Resolved),
        ] {
            let (before, mut after) = (made(before), made(after));
            after["apis"][0]["deployments"][0]["id"] = json!("dep222");
            after["apis"][0]["stages"][0]["deployment_id"] = json!("dep222");
            let standing = standing(&before, (&after, STRICT), (rule, subject)).await;
            assert_eq!(standing, expected, "{rule}, {subject}");
        }
    }
}
