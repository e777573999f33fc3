//! What makes a finding go away is called by its name: *resolved* is said of what was mended and of nothing else.

use gatewatch::inventory::Inventory;
use gatewatch::ledger::Standing;
use serde_json::{Value, json};

use crate::crash::World;
use crate::unmended::standings;

/// A verb, a path, an authorization type.
type Method = (&'static str, &'static str, &'static str);

const STRICT: &str = "version: 1\nrequire:\n  - authorization: [AWS_IAM]\n";
const LAX: &str = "version: 1\nrequire:\n  - authorization: [NONE, AWS_IAM]\n";
/// The proxy may be open, and nothing else.
const PROXY: &str = "version: 1\nrequire:\n  - authorization: [AWS_IAM]\n  - match: {path: '/{proxy+}'}\n    authorization: [NONE, AWS_IAM]\n";

/// An account with one REST API, as one run reads it.
#[derive(Clone)]
struct Account {
    name: &'static str,
    deployment: &'static str,
    deployed: Vec<Method>,
    draft: Option<Vec<Method>>,
    integration: &'static str,
    resource_policy: Option<Value>,
}

fn account(deployed: &[Method], draft: &[Method]) -> Account {
    Account {
        name: "PetStore",
        deployment: "dep111",
        deployed: deployed.to_vec(),
        draft: Some(draft.to_vec()),
        integration: "HTTP",
        resource_policy: None,
    }
}

/// An open `ANY`, and the same as two methods.
fn any_and_split() -> (Account, Account) {
    let any: [Method; 1] = [("ANY", "/a", "NONE")];
    let split: [Method; 2] = [("GET", "/a", "NONE"), ("POST", "/a", "NONE")];
    (account(&any, &any), account(&split, &split).redeployed())
}

impl Account {
    /// The same, served by another deployment.
    fn redeployed(self) -> Self {
        Account {
            deployment: "dep222",
            ..self
        }
    }

    /// The same under another name.
    fn renamed(self) -> Self {
        Account {
            name: "Pets",
            ..self
        }
    }

    fn inventory(&self) -> Inventory {
        let method = |(verb, path, kind): &Method| json!({"verb": verb, "path": path, "authorization": kind, "api_key_required": false});
        let drafted = |it: &Method| {
            let mut drafted = method(it);
            drafted["resource_id"] = json!("abc123");
            drafted["integration"] = json!(self.integration);
            drafted
        };
        let draft: Option<Vec<Value>> = self
            .draft
            .as_ref()
            .map(|it| it.iter().map(drafted).collect());
        let deployed: Vec<Value> = self.deployed.iter().map(method).collect();
        let inventory = json!({
            "schema_version": 1, "account": "111122223333", "partition": "aws", "taken_at": "2026-06-15T06:00:00Z",
            "scope": {"regions": ["eu-west-1"], "without_drafts": self.draft.is_none()},
            "apis": [{
                "region": "eu-west-1", "id": "a1b2c3d4e5", "name": self.name, "kind": "REST",
                "endpoint_types": ["REGIONAL"], "default_endpoint_disabled": false,
                "resource_policy": self.resource_policy.as_ref().map(|it| json!({"json": it})),
                "stages": [{"name": "prod", "deployment_id": self.deployment}],
                "deployments": [{"id": self.deployment, "created_at": "2026-06-01T08:00:00Z", "methods": deployed}],
                "draft": draft,
            }],
            "domains": [], "iam": {"groups": [], "users": [], "roles": [], "policies": []}, "gaps": [],
        });
        Inventory::from_json(&inventory.to_string()).unwrap()
    }
}

fn everybody(condition: &Value) -> Option<Value> {
    Some(json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*",
        "Condition": condition,
    }]}))
}

/// How a finding stands after these runs.
async fn after(runs: &[(&Account, &str)], rule: &str, place: &str) -> Option<Standing> {
    let world = World::default();
    let mut last = Vec::new();
    for (day, (account, policy)) in (0..).zip(runs) {
        last = standings(&world, &account.inventory(), policy, day).await;
    }
    let mut found = last
        .into_iter()
        .filter(|(a_rule, subject, _)| a_rule == rule && subject == place);
    found.next().map(|(_, _, standing)| standing)
}

#[tokio::test]
async fn a_method_that_is_still_open_became_another_finding() {
    let open = account(&[("GET", "/a", "NONE")], &[("GET", "/a", "NONE")]);
    let fixed = account(&[("GET", "/a", "NONE")], &[("GET", "/a", "AWS_IAM")]);
    let renamed = fixed.clone().renamed();
    let pending = account(&[("GET", "/a", "AWS_IAM")], &[("GET", "/a", "NONE")]);
    let deployed = open.clone().renamed().redeployed();
    let without_drafts = Account {
        draft: None,
        ..deployed.clone()
    };
    let (any, split) = any_and_split();
    for (runs, rule, place) in [
        (
            vec![(&open, STRICT), (&renamed, STRICT)],
            "open-method",
            "GET /a",
        ),
        (
            vec![(&pending, STRICT), (&deployed, STRICT)],
            "pending-opening",
            "GET /a",
        ),
        (
            vec![
                (&pending, STRICT),
                (&without_drafts, STRICT),
                (&deployed, STRICT),
            ],
            "pending-opening",
            "GET /a",
        ),
        (
            vec![(&any, STRICT), (&split, STRICT)],
            "open-method",
            "ANY /a",
        ),
        (
            vec![(&split, STRICT), (&any, STRICT)],
            "open-method",
            "POST /a",
        ),
    ] {
        assert_eq!(
            after(&runs, rule, place).await,
            Some(Standing::Became),
            "{rule} {place}"
        );
    }
}

#[tokio::test]
async fn an_edit_of_the_policy_file_accepts_whatever_else_changes() {
    let open = account(&[("GET", "/a", "NONE")], &[("GET", "/a", "NONE")]);
    let renamed = account(&[("GET", "/a", "NONE")], &[("GET", "/a", "AWS_IAM")]).renamed();
    let pending = account(&[("GET", "/a", "AWS_IAM")], &[("GET", "/a", "NONE")]);
    let foreign = account(&[("GET", "/a", "CUSTOM")], &[("GET", "/a", "CUSTOM")]);
    let deployed = open.clone().redeployed();
    let (any, split) = any_and_split();
    for (runs, rule, place) in [
        (
            vec![(&open, STRICT), (&renamed, LAX)],
            "open-method",
            "GET /a",
        ),
        (
            vec![(&pending, STRICT), (&deployed, LAX)],
            "pending-opening",
            "GET /a",
        ),
        (
            vec![(&foreign, STRICT), (&deployed, LAX)],
            "foreign-authorizer",
            "GET /a",
        ),
        (vec![(&any, STRICT), (&split, LAX)], "open-method", "ANY /a"),
    ] {
        assert_eq!(
            after(&runs, rule, place).await,
            Some(Standing::Accepted),
            "{rule} {place}"
        );
    }
}

/// Nobody opened the method: it went, and an open route answers in its place.
#[tokio::test]
async fn a_method_whose_requests_are_left_to_an_open_route_is_not_resolved() {
    let both: [Method; 2] = [("GET", "/admin", "AWS_IAM"), ("ANY", "/{proxy+}", "NONE")];
    let proxy = [both[1]];
    let served = account(&both, &both);
    let pending = account(&both, &proxy);
    let gone = account(&proxy, &proxy).redeployed();
    let runs = [(&served, PROXY), (&pending, PROXY), (&gone, PROXY)];
    assert_eq!(
        after(&runs, "pending-opening", "GET /admin").await,
        Some(Standing::Accepted)
    );
    // Where the open route is a finding itself, that is what became of it.
    let runs = [(&served, STRICT), (&pending, STRICT), (&gone, STRICT)];
    assert_eq!(
        after(&runs, "pending-opening", "GET /admin").await,
        Some(Standing::Became)
    );
    // Where nothing open may answer, it is mended.
    let closed = account(
        &[("ANY", "/{proxy+}", "AWS_IAM")],
        &[("ANY", "/{proxy+}", "AWS_IAM")],
    )
    .redeployed();
    let runs = [(&served, PROXY), (&pending, PROXY), (&closed, PROXY)];
    assert_eq!(
        after(&runs, "pending-opening", "GET /admin").await,
        Some(Standing::Resolved)
    );
}

/// A deployment of a REST API does not tell its integrations and its resource policy, and never changes.
#[tokio::test]
async fn what_only_the_draft_says_mends_nothing_that_is_deployed() {
    let options: [Method; 1] = [("OPTIONS", "/a", "NONE")];
    let open = account(&options, &options);
    let mock = Account {
        integration: "MOCK",
        ..open.clone()
    };
    let deployed = mock.clone().redeployed();
    let place = "OPTIONS /a";
    assert_eq!(
        after(
            &[(&open, "version: 1\n"), (&mock, "version: 1\n")],
            "open-method",
            place
        )
        .await,
        Some(Standing::Open)
    );
    let runs = [
        (&open, "version: 1\n"),
        (&mock, "version: 1\n"),
        (&deployed, "version: 1\n"),
    ];
    assert_eq!(
        after(&runs, "open-method", place).await,
        Some(Standing::Resolved)
    );

    let signed: [Method; 1] = [("GET", "/a", "AWS_IAM")];
    let world = Account {
        resource_policy: everybody(&json!({})),
        ..account(&signed, &signed)
    };
    let own = json!({"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}});
    let narrowed = Account {
        resource_policy: everybody(&own),
        ..world.clone()
    };
    let deployed = narrowed.clone().redeployed();
    let runs = [(&world, STRICT), (&narrowed, STRICT)];
    assert_eq!(
        after(&runs, "world-signed", "GET /a").await,
        Some(Standing::Open)
    );
    let runs = [(&world, STRICT), (&narrowed, STRICT), (&deployed, STRICT)];
    assert_eq!(
        after(&runs, "world-signed", "GET /a").await,
        Some(Standing::Resolved)
    );
}

/// What was described by two rules at once, and is mended as the one says, is resolved, whatever the other says still.
#[tokio::test]
async fn a_fix_is_resolved_beside_what_was_wrong_before() {
    let both = account(&[("GET", "/a", "CUSTOM")], &[("GET", "/a", "NONE")]);
    let fixed = account(&[("GET", "/a", "AWS_IAM")], &[("GET", "/a", "NONE")]).redeployed();
    let edited = format!("{STRICT}# edited\n");
    for later in [STRICT, &edited] {
        let runs = [(&both, STRICT), (&fixed, later)];
        assert_eq!(
            after(&runs, "foreign-authorizer", "GET /a").await,
            Some(Standing::Resolved)
        );
        assert_eq!(
            after(&runs, "pending-opening", "GET /a").await,
            Some(Standing::Open)
        );
    }
}

/// A finding that a run could not make does not resolve one that it made in its stead, though it is known longer.
#[tokio::test]
async fn a_run_without_drafts_in_between_resolves_no_open_method() {
    let fixed = account(&[("GET", "/a", "NONE")], &[("GET", "/a", "AWS_IAM")]);
    let without_drafts = Account {
        draft: None,
        ..fixed.clone()
    };
    let exempting = format!(
        "{STRICT}exemptions:\n  - rule: undeployed-fix\n    match: {{path: /a}}\n    severity: high\n    reason: it is on \
         its way\n    owner: the team\n    expires: 2026-07-01\n"
    );
    let runs = [
        (&fixed, exempting.as_str()),
        (&without_drafts, &exempting),
        (&fixed, &exempting),
    ];
    let standing = after(&runs, "open-method", "GET /a").await;
    assert_eq!(standing, Some(Standing::Became));
}

/// Only the integration behind an open `OPTIONS` is not told: what the draft alone says ends with the draft.
#[tokio::test]
async fn what_is_about_the_draft_ends_with_it() {
    let place = "OPTIONS /a";
    let signed: [Method; 1] = [("OPTIONS", "/a", "AWS_IAM")];
    let open: [Method; 1] = [("OPTIONS", "/a", "NONE")];
    let (pending, reverted) = (account(&signed, &open), account(&signed, &signed));
    let runs = [(&pending, "version: 1\n"), (&reverted, "version: 1\n")];
    let standing = after(&runs, "pending-opening", place).await;
    assert_eq!(standing, Some(Standing::Resolved));
    let (open, fixed) = (account(&open, &open), account(&open, &signed));
    let runs = [(&open, "version: 1\n"), (&fixed, "version: 1\n")];
    let standing = after(&runs, "open-method", place).await;
    assert_eq!(standing, Some(Standing::Became));
}
