//! A finding that says who may call what asks for AWS_IAM is not mended by a method that asks for nothing any more.

use gatewatch::ledger::{Kind, Standing};
use serde_json::{Value, json};

use crate::endings::after_at;

/// A method: its verb, its path, its authorization type.
pub(crate) type Method<'m> = (&'m str, &'m str, &'m str);

fn statement(resource: &str) -> Value {
    let resource = format!("arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/{resource}");
    json!({"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resource})
}

/// An account with one REST API and the role `ci`, which may call what the resource names.
pub(crate) fn account(methods: &[Method<'_>], may_call: &str) -> Value {
    let method = |(verb, path, authorization): &Method<'_>| json!({"verb": verb, "path": path, "authorization": authorization, "api_key_required": false});
    let deployed: Vec<Value> = methods.iter().map(method).collect();
    let mut draft = deployed.clone();
    for drafted in &mut draft {
        drafted["resource_id"] = json!("abc123");
        drafted["integration"] = json!("HTTP");
    }
    let policy = json!({"Version": "2012-10-17", "Statement": [statement(may_call)]});
    json!({
        "schema_version": 1, "account": "111122223333", "partition": "aws", "taken_at": "2026-06-15T06:00:00Z",
        "scope": {"regions": ["eu-west-1"]},
        "apis": [{
            "region": "eu-west-1", "id": "a1b2c3d4e5", "name": "PetStore", "kind": "REST",
            "endpoint_types": ["REGIONAL"], "default_endpoint_disabled": false, "resource_policy": null,
            "stages": [{"name": "prod", "deployment_id": "dep111"}],
            "deployments": [{"id": "dep111", "created_at": "2026-06-01T08:00:00Z", "methods": deployed}],
            "draft": draft,
        }],
        "domains": [], "gaps": [],
        "iam": {"groups": [], "users": [], "policies": [], "roles": [{
            "name": "ci", "arn": "arn:aws:iam::111122223333:role/ci", "attached": [],
            "inline": [{"name": "p", "document": {"json": policy}}],
        }]},
    })
}

const IAM: &[Method<'_>] = &[("GET", "/a", "AWS_IAM")];
const NONE: &[Method<'_>] = &[("GET", "/a", "NONE")];

pub(crate) const STRICT: &str =
    "version: 1\nrequire:\n  - authorization: [AWS_IAM]\ninvokers:\n  - roles: [nobody]\n";
pub(crate) const LAX: &str =
    "version: 1\nrequire:\n  - authorization: [AWS_IAM, NONE]\ninvokers:\n  - roles: [nobody]\n";

/// The same account, in which anyone can become the role.
fn with_guests(mut account: Value) -> Value {
    account["iam"]["roles"][0]["trust_policy"] = json!({"json": {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}],
    }});
    account
}

/// The same account, whose API lets a principal of others in, and in which the role may call nothing.
pub(crate) fn with_resource_policy(mut account: Value, principal: &str) -> Value {
    account["iam"]["roles"] = json!([]);
    account["apis"][0]["resource_policy"] = json!({"json": {
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": principal},
            "Action": "execute-api:Invoke", "Resource": "execute-api:/*",
        }],
    }});
    account
}

pub(crate) fn without_grant(mut account: Value) -> Value {
    account["iam"]["roles"][0]["inline"] = json!([]);
    account
}

#[tokio::test]
async fn who_may_call_a_method_is_not_mended_by_opening_it() {
    let role = |methods: &[Method<'_>]| account(methods, "*");
    let guest = |methods: &[Method<'_>]| with_guests(account(methods, "*"));
    let outside =
        |methods: &[Method<'_>]| with_resource_policy(account(methods, "*"), "999988887777");
    let partner = "arn:aws:iam::999988887777:role/partner";
    let partner = |methods: &[Method<'_>]| with_resource_policy(account(methods, "*"), partner);
    let anybody = |methods: &[Method<'_>]| with_resource_policy(account(methods, "*"), "*");
    let nobody = |methods: &[Method<'_>]| without_grant(account(methods, "*"));
    type Made<'m> = &'m dyn Fn(&[Method<'_>]) -> Value;
    for (rule, subject, made) in [
        ("unlisted-invoker", "role ci", &role as Made<'_>),
        ("guest-invoker", "role ci", &guest),
        ("unlisted-invoker", "account 999988887777", &outside),
        (
            "unlisted-invoker",
            "account 999988887777 (role/partner)",
            &partner,
        ),
        ("world-signed", "GET /a", &anybody),
        ("uncallable-method", "GET /a", &nobody),
    ] {
        let (before, opened) = (made(IAM), made(NONE));
        let said = after_at(&[(&before, STRICT)], rule, subject).await;
        assert_eq!(said.standing, Standing::Open, "{rule}");
        let said = after_at(&[(&before, STRICT), (&opened, STRICT)], rule, subject).await;
        let became = (Standing::Became, Some(Kind::Became));
        assert_eq!((said.standing, said.kind), became, "{rule}, {subject}");
        assert!(said.history.contains("open-method now, and not fixed"));
        assert!(!said.mail.contains("resolved"), "{}", said.mail);
        // The policy file accepts it at once.
        let said = after_at(&[(&before, STRICT), (&opened, LAX)], rule, subject).await;
        assert_eq!(said.standing, Standing::Accepted, "{rule}, {subject}");
        said.assert_reason(
            "GET /a asks for no authorization any more: line 3 of the policy file accepts it; it is not fixed",
        );
        // Once the method is protected, the finding is back.
        let runs = [(&before, STRICT), (&opened, STRICT), (&before, STRICT)];
        let said = after_at(&runs, rule, subject).await;
        let reopened = (Standing::Open, Some(Kind::Reopened));
        assert_eq!((said.standing, said.kind), reopened, "{rule}, {subject}");
    }
}

/// A policy file that has always accepted NONE, and one that accepts it by what the owner of the API can change.
#[tokio::test]
async fn a_policy_file_that_accepts_none_mends_nothing_either() {
    let (before, opened) = (account(IAM, "*"), account(NONE, "*"));
    let said = after_at(
        &[(&before, LAX), (&opened, LAX)],
        "unlisted-invoker",
        "role ci",
    )
    .await;
    assert_eq!(said.standing, Standing::Accepted);
    let by_name = format!("{STRICT}\nexemptions: []\n").replace(
        "invokers:",
        "  - match: {api: Pets}\n    authorization: [NONE, AWS_IAM]\ninvokers:",
    );
    let guest = with_guests(account(IAM, "*"));
    let mut renamed = guest.clone();
    renamed["apis"][0]["name"] = json!("Pets");
    let runs = [(&guest, by_name.as_str()), (&renamed, &by_name)];
    let said = after_at(&runs, "guest-invoker", "role ci").await;
    assert_eq!(said.standing, Standing::Accepted);
}

/// The method is opened, and a wider route that has long been open answers in the place of another.
#[tokio::test]
async fn an_open_route_in_the_place_of_a_method_mends_nothing() {
    let both = [("GET", "/a", "AWS_IAM"), ("ANY", "/{proxy+}", "NONE")];
    let (before, left) = (account(&both, "*"), account(&both[1..], "*"));
    let runs = [(&before, STRICT), (&left, STRICT)];
    let said = after_at(&runs, "unlisted-invoker", "role ci").await;
    assert_eq!(said.standing, Standing::Became);
    let (before, left) = (without_grant(before), without_grant(left));
    let runs = [(&before, STRICT), (&left, STRICT)];
    let said = after_at(&runs, "uncallable-method", "GET /a").await;
    assert_eq!(said.standing, Standing::Became);
}

/// The successor is the finding of a method that the role may call, not the worst that was opened.
#[tokio::test]
async fn it_becomes_the_finding_of_a_method_that_was_meant() {
    let before = [("GET", "/a", "AWS_IAM"), ("POST", "/b", "AWS_IAM")];
    let after = [("GET", "/a", "NONE"), ("POST", "/b", "NONE")];
    let (before, after) = (
        account(&before, "prod/GET/a"),
        account(&after, "prod/GET/a"),
    );
    let runs = [(&before, STRICT), (&after, STRICT)];
    let said = after_at(&runs, "unlisted-invoker", "role ci").await;
    assert_eq!(said.standing, Standing::Became);
    said.assert_reason("it is high open-method now, and not fixed");
}

#[tokio::test]
async fn what_is_mended_beside_open_methods_is_resolved() {
    let both = [("GET", "/a", "AWS_IAM"), ("GET", "/b", "NONE")];
    let before = account(&both, "*");
    let narrowed = account(&both, "prod/GET/c");
    let without_it = account(&both[1..], "*");
    let mut preflight = account(&[("GET", "/a", "CUSTOM"), ("OPTIONS", "/a", "NONE")], "*");
    preflight["apis"][0]["draft"][1]["integration"] = json!("MOCK");
    for (later, how) in [
        (&without_grant(before.clone()), "without a grant"),
        (&narrowed, "with a grant for something else"),
        (&without_it, "without the method"),
        (&preflight, "with another authorizer and a preflight"),
    ] {
        let runs = [(&before, STRICT), (later, STRICT)];
        let said = after_at(&runs, "unlisted-invoker", "role ci").await;
        assert_eq!(said.standing, Standing::Resolved, "{how}");
    }
    // Another method was opened at once, which the role cannot call.
    let opened = [("GET", "/a", "AWS_IAM"), ("GET", "/b", "NONE")];
    let protected = [("GET", "/a", "AWS_IAM"), ("GET", "/b", "AWS_IAM")];
    let before = account(&protected, "prod/GET/a");
    let later = without_grant(account(&opened, "*"));
    let runs = [(&before, STRICT), (&later, STRICT)];
    let said = after_at(&runs, "unlisted-invoker", "role ci").await;
    assert_eq!(said.standing, Standing::Resolved);
}

/// A run over the API alone finds the open method first, and the next run over everything misses the role's finding.
#[tokio::test]
async fn what_a_run_over_a_part_found_first_is_no_older_finding() {
    let (before, opened) = (account(IAM, "*"), account(NONE, "*"));
    let mut part = opened.clone();
    part["scope"]["apis"] = json!(["a1b2c3d4e5"]);
    part["iam"] = Value::Null;
    let runs = [(&before, STRICT), (&part, STRICT), (&opened, STRICT)];
    let said = after_at(&runs, "unlisted-invoker", "role ci").await;
    assert_eq!(said.standing, Standing::Became);
}
