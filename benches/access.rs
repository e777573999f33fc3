//! How long the exact decisions take, on one core.
//!
//! `make bench` runs it. Measured on one of two virtual cores (x86-64, 2026-11), Rust 1.95, profile `bench`.
//! *Hard* patterns have wildcards between letters, such as `*/*pets/??*`.
//!
//! | what | time |
//! |---|---|
//! | 10,000 method templates × 2,000 resource patterns, 33 % hard | 1.9 s |
//! | matrix of 5,000 methods × 300 groups and 5,000 users with 10 groups each, 5 % hard | 1.1 s |
//! | the same, 33 % hard | 1.3 s |
//! | one request with three policies: `simulate` | 270,000 a second |
//!
//! Before the patterns that a method does not tell apart were looked at once, and what a path comes to was
//! kept, the first and the third took 5.2 s and 3.5 s; before a request was matched without making its
//! patterns ready, `simulate` answered 90,000 a second.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark that fails should panic; criterion's macros write no docs"
)]

mod support;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gatewatch::audit::access::Estate;
use gatewatch::iam::document::Policy;
use gatewatch::iam::{Attached, Caller, Context, Question, Survey, Template};
use gatewatch::inventory::Inventory;
use gatewatch::run::simulate::Simulator;
use serde_json::{Value, json};
use support::Dice;

const ACCOUNT: &str = "111122223333";

const VERBS: [&str; 4] = ["GET", "POST", "DELETE", "ANY"];
const WORDS: [&str; 8] = [
    "pets", "orders", "users", "admin", "reports", "v1", "items", "search",
];

fn path(dice: &mut Dice) -> String {
    let mut path = String::new();
    for _ in 0..=dice.below(3) {
        path.push('/');
        path.push_str(dice.of(&WORDS));
        if dice.below(3) == 0 {
            path.push_str("/{id}");
        }
    }
    if dice.below(12) == 0 {
        path.push_str("/{proxy+}");
    }
    path
}

/// As policies are written: whole APIs, stages, verbs, paths that end in a wildcard or have one for a
/// parameter; and, in so many of a hundred, wildcards between letters, which are the hard ones.
fn pattern(dice: &mut Dice, apis: usize, hard: usize) -> String {
    let head = format!(
        "arn:aws:execute-api:{}:{ACCOUNT}:",
        dice.of(&["eu-west-1", "*", "us-east-1"])
    );
    let api = if dice.below(4) == 0 {
        "*".to_owned()
    } else {
        format!("api{:07}", dice.below(apis))
    };
    let stage = dice.of(&["prod", "*", "dev"]);
    let verb = dice.of(&["GET", "*", "POST", "P*"]);
    let (one, two) = (dice.of(&WORDS), dice.of(&WORDS));
    if dice.below(100) < hard {
        return match dice.below(2) {
            0 => format!("{head}{api}/{stage}/*/{one}/*/{two}*"),
            _ => format!("{head}{api}/*/{verb}/*{two}/??*"),
        };
    }
    match dice.below(4) {
        0 => format!("{head}{api}/*"),
        1 => format!("{head}{api}/{stage}/{verb}/{one}"),
        2 => format!("{head}{api}/{stage}/{verb}/{one}/*"),
        _ => format!("{head}{api}/{stage}/{verb}/{one}/*/{two}"),
    }
}

fn pairs(criterion: &mut Criterion) {
    let mut dice = Dice::new(1);
    let templates: Vec<Template> = (0..10_000)
        .map(|number| {
            let (api, verb, path) = (number / 50, dice.of(&VERBS), path(&mut dice));
            let arn =
                format!("arn:aws:execute-api:eu-west-1:{ACCOUNT}:api{api:07}/prod/{verb}{path}");
            Template::read(&arn).unwrap()
        })
        .collect();
    let patterns: Vec<Policy> = (0..2_000)
        .map(|_| {
            let statement = json!({"Effect": "Allow", "Action": "execute-api:Invoke",
                                   "Resource": pattern(&mut dice, 200, 33)});
            Policy::from_value(&json!({"Statement": statement})).unwrap()
        })
        .collect();
    let caller = Caller::read(&format!("arn:aws:iam::{ACCOUNT}:user/alice")).unwrap();
    let context = Context::open();
    let question = Question {
        caller: &caller,
        action: "execute-api:Invoke",
        resource_account: ACCOUNT,
        api: "",
        context: &context,
    };
    let mut group = criterion.benchmark_group("access");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(20_000_000));
    group.bench_function("10,000 templates x 2,000 patterns", |bencher| {
        bencher.iter(|| {
            let mut survey = Survey::default();
            for policy in &patterns {
                survey.add(policy, question, Attached::ToCaller);
            }
            for template in &templates {
                black_box(survey.of(template).touched().count());
            }
        });
    });
    group.finish();
}

fn account(hard: usize) -> Inventory {
    let mut dice = Dice::new(2);
    let apis: Vec<Value> = (0..100)
        .map(|number| {
            let mut methods = std::collections::BTreeSet::new();
            while methods.len() < 50 {
                methods.insert((path(&mut dice), dice.of(&VERBS)));
            }
            let methods: Vec<Value> = methods
                .iter()
                .map(|(path, verb)| {
                    json!({"verb": verb, "path": path, "authorization": "AWS_IAM", "api_key_required": false})
                })
                .collect();
            json!({"region": "eu-west-1", "id": format!("api{number:07}"), "name": format!("api {number}"),
                   "kind": "REST", "endpoint_types": ["REGIONAL"], "default_endpoint_disabled": false,
                   "resource_policy": null, "stages": [{"name": "prod", "deployment_id": "d"}],
                   "deployments": [{"id": "d", "created_at": null, "methods": methods}], "draft": []})
        })
        .collect();
    let groups: Vec<Value> = (0..300)
        .map(|number| {
            let statements: Vec<Value> = (0..=dice.below(3))
                .map(|_| {
                    let effect = if dice.below(10) == 0 { "Deny" } else { "Allow" };
                    let patterns: Vec<String> =
                        (0..=dice.below(3)).map(|_| pattern(&mut dice, 100, hard)).collect();
                    json!({"Effect": effect, "Action": "execute-api:Invoke", "Resource": patterns})
                })
                .collect();
            json!({"name": format!("g{number}"), "arn": format!("arn:aws:iam::{ACCOUNT}:group/g{number}"),
                   "inline": [{"name": "p", "document": {"json": {"Version": "2012-10-17", "Statement": statements}}}],
                   "attached": []})
        })
        .collect();
    let users: Vec<Value> = (0..5_000)
        .map(|number| {
            let groups: Vec<String> = (0..10).map(|_| format!("g{}", dice.below(300))).collect();
            json!({"name": format!("u{number}"), "arn": format!("arn:aws:iam::{ACCOUNT}:user/u{number}"),
                   "inline": [], "attached": [], "groups": groups})
        })
        .collect();
    let inventory = json!({"schema_version": 1, "account": ACCOUNT, "partition": "aws",
        "taken_at": "2026-06-15T06:00:00Z", "scope": {"regions": ["eu-west-1"]}, "apis": apis, "domains": [],
        "iam": {"groups": groups, "users": users, "roles": [], "policies": []}, "gaps": []});
    Inventory::from_json(&inventory.to_string()).unwrap()
}

fn matrix(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("access");
    group.sample_size(10);
    for hard in [5, 33] {
        let inventory = account(hard);
        group.bench_function(
            format!("5,000 methods x 5,300 holders, {hard} % hard"),
            |bencher| {
                bencher.iter(|| {
                    let estate = Estate::new(&inventory).unwrap();
                    assert_eq!(estate.methods().len(), 5_000);
                    black_box(estate.matrix(estate.holders()).len())
                });
            },
        );
    }
    group.finish();
}

fn simulate(criterion: &mut Criterion) {
    let mut dice = Dice::new(3);
    let lines: Vec<String> = (0..10_000)
        .map(|number| {
            let policies: Vec<Value> = (0..3)
                .map(|index| {
                    // A few hundred policies in all, as one account has them.
                    let mut own = Dice::new(u64::try_from(dice.below(300)).unwrap());
                    json!({"name": format!("p{index}"), "policy": {"Version": "2012-10-17", "Statement": [
                        {"Effect": "Allow", "Action": ["execute-api:Invoke"],
                         "Resource": [pattern(&mut own, 20, 33), pattern(&mut own, 20, 33)],
                         "Condition": {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "198.51.100.0/24"]}}}]}})
                })
                .collect();
            let path = path(&mut dice).replace("{id}", "42").replace("{proxy+}", "a/b");
            json!({"id": number, "identityPolicies": policies, "request": {
                "principal": format!("arn:aws:iam::{ACCOUNT}:user/alice"), "action": "execute-api:Invoke",
                "resource": format!("arn:aws:execute-api:eu-west-1:{ACCOUNT}:api{:07}/prod/GET{path}", dice.below(20)),
                "resourceAccount": ACCOUNT, "context": {"aws:SourceIp": "203.0.113.7"}}})
            .to_string()
        })
        .collect();
    let mut group = criterion.benchmark_group("simulate");
    group.throughput(Throughput::Elements(10_000));
    group.bench_function("10,000 cases", |bencher| {
        bencher.iter(|| {
            let mut simulator = Simulator::default();
            for line in &lines {
                black_box(simulator.answer(line.as_bytes()));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, pairs, matrix, simulate);
criterion_main!(benches);
