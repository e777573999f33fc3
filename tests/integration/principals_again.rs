//! Principals that are read again, by a change of IAM and by a run that goes on with an older scan, which ran out of time
//! before it had read any: nothing that was seen since that scan began is resolved by it.

use gatewatch::audit::Report;
use gatewatch::inventory::Inventory;
use gatewatch::ledger::{Breadth, Standing, entries};
use gatewatch::policy_file::PolicyFile;
use gatewatch::run::Ledger;
use jiff::civil::date;
use serde_json::{Value, json};

use crate::crash::World;
use crate::digest::day;

const POLICY: &str = "version: 1\ninvokers:\n  - groups: [callers]\n";

/// An account with one signed method, and these users, each with a grant of their own. `None`: the principals were not
/// read, as there was no time.
fn account(users: Option<&[&str]>) -> Inventory {
    let arn = "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/a";
    let grant = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": arn}});
    let method =
        json!({"verb": "GET", "path": "/a", "authorization": "AWS_IAM", "api_key_required": false});
    let mut draft = method.clone();
    draft["resource_id"] = json!("abc123");
    draft["integration"] = json!("HTTP");
    let user = |name: &&str| {
        json!({"name": name, "arn": format!("arn:aws:iam::111122223333:user/{name}"), "groups": [], "attached": [],
               "inline": [{"name": "own", "document": {"json": grant}}]})
    };
    let iam = users.map(|it| {
        let users: Vec<Value> = it.iter().map(user).collect();
        json!({"groups": [], "users": users, "roles": [], "policies": []})
    });
    let gap = json!({"kind": "iam", "region": null, "api": null, "stage": null, "subject": null, "operation": null,
                     "reason": "not-read-yet", "message": "there was no time"});
    let gaps = if users.is_some() { vec![] } else { vec![gap] };
    let inventory = json!({
        "schema_version": 1, "account": "111122223333", "partition": "aws", "taken_at": "2026-06-15T06:00:00Z",
        "scope": {"regions": ["eu-west-1"]},
        "apis": [{
            "region": "eu-west-1", "id": "a1b2c3d4e5", "name": "PetStore", "kind": "REST",
            "endpoint_types": ["REGIONAL"], "default_endpoint_disabled": false, "resource_policy": null,
            "stages": [{"name": "prod", "deployment_id": "dep111"}],
            "deployments": [{"id": "dep111", "created_at": "2026-06-01T08:00:00Z", "methods": [method]}],
            "draft": [draft],
        }],
        "domains": [], "iam": iam, "gaps": gaps,
    });
    Inventory::from_json(&inventory.to_string()).unwrap()
}

/// A run whose scan began on one day, that began itself on another, and was over on the same. Gives the findings about
/// users that are open then, each as `RULE NAME`.
async fn run(
    world: &World,
    inventory: &Inventory,
    (taken, begun): (i64, i64),
    breadth: Breadth,
) -> Vec<String> {
    let policy = PolicyFile::from_yaml("gatewatch.yaml", POLICY).unwrap();
    let mut report = Report::new(inventory, &policy, date(2026, 6, 15));
    (report.taken_at, report.begun_at, report.read_until) = (day(taken), day(begun), day(begun));
    let ledger = Ledger::open(world, &inventory.account, &inventory.scope);
    let mut ledger = ledger.await.unwrap();
    let accepted = ledger.accepted(&report, inventory, &policy).await.unwrap();
    ledger.found(&report, &accepted, breadth).await.unwrap();
    let open = entries(ledger.books()).filter(|it| it.standing == Standing::Open);
    let mut open: Vec<String> = open
        .filter_map(|it| {
            let user = it.place.principal.as_ref()?;
            Some(format!("{} {}", it.rule, user.name))
        })
        .collect();
    open.sort();
    open
}

fn both(name: &str) -> Vec<String> {
    ["direct-user-grant", "unlisted-invoker"]
        .map(|it| format!("{it} {name}"))
        .to_vec()
}

#[tokio::test]
async fn a_run_that_goes_on_with_an_older_scan_resolves_no_principal_that_was_seen_since() {
    let world = World::default();
    let whole = Breadth::Whole;
    let mallory = account(Some(&["mallory"]));
    assert_eq!(run(&world, &mallory, (0, 0), whole).await, both("mallory"));
    // The scan that runs out of time.
    let unfinished = account(None);
    let open = run(&world, &unfinished, (1, 1), whole).await;
    assert_eq!(open, both("mallory"));
    // A change of IAM: the principals alone are read again, and nothing is resolved by it.
    let eve = account(Some(&["eve"]));
    let mut expected = [both("eve"), both("mallory")].concat();
    expected.sort();
    let open = run(&world, &eve, (2, 2), Breadth::Principals).await;
    assert_eq!(open, expected);
    // The run that goes on reads principals at last, without either of them. What was seen after its scan began stays:
    // nobody knows which of the two read the principals first.
    let nobody = account(Some(&[]));
    assert_eq!(run(&world, &nobody, (1, 3), whole).await, both("eve"));
    // The next scan began later.
    let none: Vec<String> = Vec::new();
    assert_eq!(run(&world, &nobody, (4, 4), whole).await, none);
}

#[tokio::test]
async fn a_run_that_goes_on_and_still_lacks_the_principals_resolves_none() {
    let world = World::default();
    let mallory = account(Some(&["mallory"]));
    run(&world, &mallory, (0, 0), Breadth::Whole).await;
    let unfinished = account(None);
    for begun in [1, 2] {
        let open = run(&world, &unfinished, (1, begun), Breadth::Whole).await;
        assert_eq!(open, both("mallory"));
    }
    // Read again with the same grant: it is the same finding, and it has been open since.
    let open = run(&world, &mallory, (1, 3), Breadth::Whole).await;
    assert_eq!(open, both("mallory"));
}
