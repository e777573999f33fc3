//! How the judgement of a saved inventory grows with the account, on one core.
//!
//! `make bench` runs it. The aim: 10,000 APIs with 50 methods each below 3 s and 600 MB, and a time that
//! grows in proportion from 100 APIs on, so that the methods a second stay the same.
//!
//! - `check` is what `gatewatch check inventory.json` does before it prints: tell what the file is, read it,
//!   judge it.
//! - `judge` is the judgement alone.
//! - `report` makes the JSON report of it.
//! - `bombs` judges an account in which ten roles have policies that are made to take work: five of 100 patterns
//!   of a `*`, a letter and many `?`, and five of which it cannot be decided what they come to.
//!
//! Measured on one of two virtual cores (x86-64, AMD EPYC, 2026-11), Rust 1.95, profile `bench`:
//!
//! | APIs | JSON | check | of it judge | most resident |
//! |---|---|---|---|---|
//! | 100 | 2 MB | 32 ms | 28 ms | 17 MB |
//! | 1,000 | 25 MB | 0.21 s | 0.17 s | 74 MB |
//! | 10,000 | 248 MB | 1.9 s | 1.5 s | 534 MB |
//!
//! The bombs take 4.0 s. What there was before the one engine stands in benches/README.md.
//!
//! Before one yes was enough to know a method callable, methods that no pattern tells apart were asked about
//! once, and templates were made when they are asked for, 1,000 APIs took 192 MB.
//!
//! Each size is also checked once in a process of its own, which says on standard error the most memory
//! that was resident. The file is as large as `gatewatch collect` writes it: two thirds REST APIs, one third
//! HTTP APIs, in six Regions, one custom domain name for every ten of them, and the same 200 groups, users
//! and roles at every size.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a benchmark that fails should panic, and says its figures; criterion's macros write no docs"
)]

mod support;

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group};
use gatewatch::audit::{Report, Status};
use gatewatch::inventory::Inventory;
use gatewatch::policy_file::PolicyFile;
use gatewatch::render::json as report_json;
use gatewatch::run::scan;
use gatewatch::template;
use jiff::Timestamp;
use serde_json::{Value, json};
use support::Dice;
use tempfile::NamedTempFile;

/// That of the command line.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ACCOUNT: &str = "111122223333";

/// The methods of each API.
const METHODS: usize = 50;

const GROUPS: usize = 40;
const USERS: usize = 120;
const ROLES: usize = 40;
const POLICIES: usize = 60;

/// Every so many APIs, one has two deployments and two stages.
const TWICE: usize = 10;

const REGIONS: [&str; 6] = [
    "eu-west-1",
    "eu-central-1",
    "us-east-1",
    "us-west-2",
    "ap-southeast-2",
    "sa-east-1",
];

const VERBS: [&str; 6] = ["GET", "POST", "PUT", "DELETE", "ANY", "OPTIONS"];

const WORDS: [&str; 8] = [
    "pets", "orders", "users", "admin", "reports", "v1", "items", "search",
];

const INVOKE_POLICY: &str = "arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess";

const POLICY_FILE: &str = r#"
version: 1
require:
  - authorization: [AWS_IAM, CUSTOM, COGNITO_USER_POOLS, JWT]
  - match: {tags: {audience: customers}}
    authorization: [COGNITO_USER_POOLS, CUSTOM, JWT, AWS_IAM]
  - match: {tags: {audience: customers}, path: "/admin/*"}
    authorization: [AWS_IAM]
  - match: {path: [/search, /v1/search], verb: GET}
    authorization: [NONE, AWS_IAM, CUSTOM, COGNITO_USER_POOLS, JWT]
  - match: {exposure: private}
    authorization: [AWS_IAM, CUSTOM, NONE]
groups:
  - name: api-callers
    policies: [AmazonAPIGatewayInvokeFullAccess]
    blanket: accepted
  - name: group-01
    policies: [AmazonAPIGatewayInvokeFullAccess]
  - name: group-02
    invoke: [{api: "service 00001*", path: "/pets*", verb: GET}]
  - name: group-03
    invoke: [{tags: {team: team-3}, path: /orders}]
invokers:
  - match: {path: "/admin*"}
    groups: [api-callers, "group-0*"]
    roles: ["role-1*"]
exemptions:
  - rule: open-method
    match: {path: "/reports/*", verb: GET, tags: {team: team-4}}
    reason: the partner cannot sign requests yet
    owner: team-4@example.com
    severity: high
    expires: 2027-03-31
  - rule: [open-method, api-key-only]
    match: {region: us-west-2, stage: dev}
    reason: a playground
    owner: team-1@example.com
    severity: critical
    expires: 2026-12-31
  - rule: pending-opening
    match: {api: "service *7", path: "/v1/*"}
    reason: is taken back before the next release
    owner: team-7@example.com
    severity: medium
    expires: 2026-08-31
  - rule: empty-group
    principal: "group-3*"
    reason: filled again every autumn
    owner: iam@example.com
    severity: low
    expires: 2026-10-31
"#;

/// The account as `gatewatch collect` saves it. The APIs of a smaller account begin those of a larger one.
fn inventory(apis: usize) -> Inventory {
    let mut dice = Dice::new(4);
    let list: Vec<String> = (0..apis)
        .map(|number| api(&mut dice, number).to_string())
        .collect();
    let rest = json!({"schema_version": 1, "account": ACCOUNT, "partition": "aws",
        "taken_at": "2026-06-15T06:00:00Z", "scope": {"regions": REGIONS}, "domains": domains(apis),
        "iam": iam(apis), "gaps": []})
    .to_string();
    let list = list.join(",");
    // One value for all of it would be many times as large as the text.
    let text = format!("{{\"apis\":[{list}],{}", &rest[1..]);
    Inventory::from_json(&text).unwrap()
}

fn id(number: usize) -> String {
    format!("a{number:09}")
}

fn region(number: usize) -> &'static str {
    REGIONS[number % REGIONS.len()]
}

struct Method {
    verb: &'static str,
    path: String,
    deployed: Option<&'static str>,
    drafted: &'static str,
    key: bool,
}

fn api(dice: &mut Dice, number: usize) -> Value {
    let is_rest = number % 3 != 2;
    let methods = methods(dice, number, is_rest);
    let older = number.is_multiple_of(TWICE);
    let mut deployments = vec![deployment("d2", is_rest, &methods)];
    let mut stages = vec![json!({"name": "prod", "deployment_id": "d2"})];
    if older {
        // One method was added since.
        deployments.push(deployment("d1", is_rest, &methods[1..]));
        stages.push(json!({"name": "dev", "deployment_id": "d1"}));
        if is_rest && number.is_multiple_of(2 * TWICE) {
            stages[0]["canary"] = json!({"deployment_id": "d1", "percent_traffic": 10.0});
        }
    }
    let draft: Vec<Value> = methods
        .iter()
        .enumerate()
        .map(|(place, it)| drafted(place, is_rest, it))
        .collect();
    let kinds: &[&str] = if is_rest {
        &["TOKEN", "COGNITO_USER_POOLS"]
    } else {
        &["REQUEST", "JWT"]
    };
    let authorizers = kinds
        .iter()
        .map(|kind| json!({"id": authorizer(kind), "name": format!("our {kind}"), "kind": kind}));
    let authorizers: Vec<Value> = authorizers.collect();
    let audience = if number.is_multiple_of(8) {
        "customers"
    } else {
        "us"
    };
    let policy = (number.is_multiple_of(12)).then(|| json!({"json": resource_policy(number)}));
    let endpoint = if number.is_multiple_of(24) {
        "PRIVATE"
    } else {
        "REGIONAL"
    };
    json!({"region": region(number), "id": id(number), "name": format!("service {number:06}"),
           "kind": if is_rest { "REST" } else { "HTTP" },
           "tags": {"team": format!("team-{}", number % 12), "audience": audience},
           "endpoint_types": [endpoint], "default_endpoint_disabled": number % 15 == 1,
           "resource_policy": policy, "cors": number % 6 == 2, "authorizers": authorizers,
           "stages": stages, "deployments": deployments, "draft": draft})
}

/// Nearly all are as they should be: about one in a hundred is open, or will be.
fn methods(dice: &mut Dice, number: usize, is_rest: bool) -> Vec<Method> {
    let mut names = BTreeSet::new();
    while names.len() < METHODS {
        names.insert((path(dice), dice.of(&VERBS)));
    }
    let others = if is_rest {
        ["CUSTOM", "COGNITO_USER_POOLS"]
    } else {
        ["CUSTOM", "JWT"]
    };
    let of_names = names.into_iter().map(|(path, verb)| {
        let is_preflight = is_rest && verb == "OPTIONS";
        let told = match dice.below(100) {
            _ if is_preflight => "NONE",
            0 => "NONE",
            1..=10 => dice.of(&others),
            _ => "AWS_IAM",
        };
        let drafted = match dice.below(200) {
            _ if is_preflight => told,
            0 => "NONE",
            1 => "AWS_IAM",
            _ => told,
        };
        // Some summaries leave a type out.
        let is_told = !(is_rest && number % 50 == 3 && dice.below(10) == 0);
        Method {
            verb,
            path,
            deployed: is_told.then_some(told),
            drafted,
            key: is_rest && !is_preflight && dice.below(20) == 0,
        }
    });
    of_names.collect()
}

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

fn deployment(id: &str, is_rest: bool, methods: &[Method]) -> Value {
    let frozen = methods.iter().map(|it| {
        let mut frozen = json!({"verb": it.verb, "path": it.path, "authorization": it.deployed,
                                "api_key_required": it.key});
        if !is_rest {
            frozen["route_key"] = json!(format!("{} {}", it.verb, it.path));
        }
        frozen
    });
    let frozen: Vec<Value> = frozen.collect();
    let source = if is_rest { "summary" } else { "export" };
    json!({"id": id, "created_at": "2026-06-01T08:00:00Z", "source": source, "methods": frozen})
}

fn drafted(place: usize, is_rest: bool, method: &Method) -> Value {
    let Method {
        verb,
        path,
        drafted,
        key,
        ..
    } = method;
    let integration = match (is_rest, *verb) {
        (true, "OPTIONS") => "MOCK",
        (true, _) => "AWS_PROXY",
        (false, _) => "integrations/a1b2c3d",
    };
    let mut draft = json!({"verb": verb, "path": path, "resource_id": format!("r{place:05}"),
        "authorization": drafted, "api_key_required": key, "integration": integration});
    if !is_rest {
        draft["route_key"] = json!(format!("{verb} {path}"));
    }
    let kind = match (is_rest, *drafted) {
        (true, "CUSTOM") => Some("TOKEN"),
        (false, "CUSTOM") => Some("REQUEST"),
        (_, kind @ ("COGNITO_USER_POOLS" | "JWT")) => Some(kind),
        _ => None,
    };
    if let Some(kind) = kind {
        draft["authorizer_id"] = json!(authorizer(kind));
    }
    draft
}

fn authorizer(kind: &str) -> String {
    kind.to_ascii_lowercase().chars().take(6).collect()
}

/// For networks, for a VPC endpoint, for the account, or for one role.
fn resource_policy(number: usize) -> Value {
    let allow = |principal: Value| {
        json!({"Effect": "Allow", "Principal": principal, "Action": "execute-api:Invoke",
               "Resource": "execute-api:/*"})
    };
    let deny = |condition: Value| {
        json!({"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke",
               "Resource": "execute-api:/*", "Condition": condition})
    };
    let statements = match number / 12 % 4 {
        0 => vec![
            allow(json!("*")),
            deny(json!({"StringNotEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}})),
        ],
        1 => vec![
            allow(json!("*")),
            deny(json!({"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24", "198.51.100.0/24"]}})),
        ],
        2 => vec![allow(
            json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}),
        )],
        _ => vec![allow(
            json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:role/role-{:02}", number % ROLES)}),
        )],
    };
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// One name for ten APIs of a Region.
fn domains(apis: usize) -> Vec<Value> {
    let all: Vec<usize> = (0..apis).collect();
    let blocks = all.chunks(10 * REGIONS.len()).enumerate();
    let domains = blocks.flat_map(|(block, numbers)| {
        (0..REGIONS.len()).filter_map(move |at| {
            let own = numbers.iter().filter(|it| *it % REGIONS.len() == at);
            let mappings: Vec<Value> = own
                .map(|it| json!({"base_path": format!("service{it}"), "api_id": id(*it), "stage": "prod"}))
                .collect();
            let name = format!("apis{block}.{}.example.com", REGIONS[at]);
            (!mappings.is_empty()).then(|| {
                json!({"region": REGIONS[at], "name": name, "endpoint_types": ["REGIONAL"],
                       "mutual_tls": block % 10 == 9, "mappings": mappings})
            })
        })
    });
    domains.collect()
}

fn iam(apis: usize) -> Value {
    let mut dice = Dice::new(5);
    let own = |number: usize| format!("arn:aws:iam::{ACCOUNT}:policy/invoke-{number:02}");
    let mut policies: Vec<Value> = (0..POLICIES)
        .map(|number| {
            json!({"name": format!("invoke-{number:02}"), "arn": own(number), "version": "v1",
                   "document": document(&mut dice, apis)})
        })
        .collect();
    let every = |name: &str, arn: &str, action: &str| {
        let statement =
            json!({"Effect": "Allow", "Action": action, "Resource": "arn:aws:execute-api:*:*:*"});
        json!({"name": name, "arn": arn, "version": "v2",
               "document": {"json": {"Version": "2012-10-17", "Statement": [statement]}}})
    };
    let boundary = format!("arn:aws:iam::{ACCOUNT}:policy/boundary");
    policies.push(every("boundary", &boundary, "execute-api:*"));
    policies.push(every(
        "AmazonAPIGatewayInvokeFullAccess",
        INVOKE_POLICY,
        "execute-api:Invoke",
    ));
    let attached = |dice: &mut Dice, count: usize| -> Vec<Value> {
        let numbers: BTreeSet<usize> = (0..count).map(|_| dice.below(POLICIES)).collect();
        let numbers = numbers.into_iter();
        numbers
            .map(|it| json!({"name": format!("invoke-{it:02}"), "arn": own(it)}))
            .collect()
    };
    let full = || vec![json!({"name": "AmazonAPIGatewayInvokeFullAccess", "arn": INVOKE_POLICY})];
    let group_name = |number: usize| match number {
        0 => "api-callers".to_owned(),
        _ => format!("group-{number:02}"),
    };
    let groups: Vec<Value> = (0..GROUPS)
        .map(|number| {
            let name = group_name(number);
            let attached = if number == 0 {
                full()
            } else {
                attached(&mut dice, 2)
            };
            json!({"arn": format!("arn:aws:iam::{ACCOUNT}:group/{name}"), "name": name,
                   "inline": [], "attached": attached})
        })
        .collect();
    let users: Vec<Value> = (0..USERS)
        .map(|number| {
            let member_of: BTreeSet<usize> =
                (0..=dice.below(4)).map(|_| dice.below(GROUPS)).collect();
            let member_of: Vec<String> = member_of.into_iter().map(group_name).collect();
            let inline: Vec<Value> = (0..usize::from(number.is_multiple_of(10)))
                .map(|_| json!({"name": "own", "document": document(&mut dice, apis)}))
                .collect();
            let mut user = json!({"name": format!("user-{number:03}"), "inline": inline, "attached": [],
                "arn": format!("arn:aws:iam::{ACCOUNT}:user/user-{number:03}"), "groups": member_of});
            if number.is_multiple_of(15) {
                user["permissions_boundary"] = json!(boundary);
            }
            user
        })
        .collect();
    let roles: Vec<Value> = (0..ROLES)
        .map(|number| {
            let attached = if number.is_multiple_of(8) {
                full()
            } else {
                attached(&mut dice, 2)
            };
            json!({"name": format!("role-{number:02}"), "attached": attached,
                   "arn": format!("arn:aws:iam::{ACCOUNT}:role/role-{number:02}"),
                   "inline": [{"name": "own", "document": document(&mut dice, apis)}]})
        })
        .collect();
    json!({"groups": groups, "users": users, "roles": roles, "policies": policies})
}

/// A policy of one to four statements. Some have a condition.
fn document(dice: &mut Dice, apis: usize) -> Value {
    let statements = (0..=dice.below(4)).map(|_| {
        let effect = if dice.below(10) == 0 { "Deny" } else { "Allow" };
        let patterns: Vec<String> = (0..=dice.below(3)).map(|_| pattern(dice, apis)).collect();
        let mut statement =
            json!({"Effect": effect, "Action": "execute-api:Invoke", "Resource": patterns});
        if dice.below(8) == 0 {
            statement["Condition"] = json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}});
        }
        statement
    });
    let statements: Vec<Value> = statements.collect();
    json!({"json": {"Version": "2012-10-17", "Statement": statements}})
}

/// Whole APIs, stages, verbs, paths that end in a wildcard or have one for a parameter.
fn pattern(dice: &mut Dice, apis: usize) -> String {
    let number = dice.below(apis);
    let (region, api) = match dice.below(4) {
        0 => (dice.of(&REGIONS), "*".to_owned()),
        _ => (region(number), id(number)),
    };
    let head = format!("arn:aws:execute-api:{region}:{ACCOUNT}:{api}");
    let stage = dice.of(&["prod", "*", "dev"]);
    let verb = dice.of(&["GET", "*", "POST"]);
    let (one, two) = (dice.of(&WORDS), dice.of(&WORDS));
    match dice.below(5) {
        0 => format!("{head}/*"),
        1 => format!("{head}/{stage}/{verb}/{one}"),
        2 => format!("{head}/{stage}/{verb}/{one}/*"),
        3 => format!("{head}/{stage}/{verb}/users/${{aws:username}}/*"),
        _ => format!("{head}/{stage}/{verb}/{one}/*/{two}"),
    }
}

/// The account with roles whose policies are made to take work.
fn with_bombs(apis: usize) -> Inventory {
    const ORDERS: [&str; 8] = [
        "abcdefgh", "hgfedcba", "badcfehg", "ghefcdab", "cadbgehf", "fhegbdac", "daebhcgf",
        "fgchbead",
    ];
    let head = format!("arn:aws:execute-api:*:{ACCOUNT}:*/*/");
    let statement = |effect: &str, element: &str, patterns: Vec<String>| json!({"Effect": effect, "Action": "execute-api:Invoke", element: patterns});
    let many = |from: usize| -> Vec<String> {
        let numbers = from..from + 50;
        let pattern = |it| format!("{head}*{}{}", ["a", "b"][it % 2], "?".repeat(10 + it));
        numbers.map(pattern).collect()
    };
    let mut json: Value = serde_json::from_str(&inventory(apis).to_json().unwrap()).unwrap();
    let roles = json["iam"]["roles"].as_array_mut().unwrap();
    for number in 0..10 {
        let statements = if number % 2 == 0 {
            vec![
                statement("Allow", "Resource", many(number)),
                statement("Deny", "Resource", many(50 + number)),
            ]
        } else {
            let all = ORDERS.iter().map(|order| {
                let letters: String = order.chars().map(|it| format!("*{it}")).collect();
                statement("Deny", "NotResource", vec![format!("{head}{letters}*")])
            });
            let longest = format!("{head}{}*", "?".repeat(40 + number));
            let others = [
                statement("Allow", "Resource", vec![format!("{head}*")]),
                statement("Deny", "Resource", vec![longest]),
            ];
            all.chain(others).collect()
        };
        let name = format!("bomb-{number}");
        roles.push(json!({"name": name, "arn": format!("arn:aws:iam::{ACCOUNT}:role/{name}"), "attached": [],
            "inline": [{"name": "bomb", "document": {"json": {"Version": "2012-10-17", "Statement": statements}}}]}));
    }
    Inventory::from_json(&json.to_string()).unwrap()
}

fn now() -> Timestamp {
    "2026-06-15T06:00:00Z".parse().unwrap()
}

fn policy_file() -> PolicyFile {
    PolicyFile::from_yaml_on("gatewatch.yaml", POLICY_FILE, scan::day(now())).unwrap()
}

/// What `gatewatch check` does with a file. The text lives as long as there, for the memory's sake.
fn check(file: &Path, policy: &PolicyFile) -> Report {
    let text = fs::read_to_string(file).unwrap();
    let options = template::Options {
        region: template::REGION.to_owned(),
        region_is_known: false,
        parameters: BTreeMap::new(),
        around: None,
    };
    let template = template::read(&file.display().to_string(), &text, &options, now());
    assert!(template.unwrap().is_none());
    let inventory = Inventory::from_json(&text).unwrap();
    // As the command line does: it is two thirds as large as what was read from it.
    drop(text);
    scan::judge(&inventory, policy, now())
}

fn rendered(report: &Report) -> String {
    serde_json::to_string_pretty(&report_json::document(report)).unwrap()
}

/// Saves an account of so many APIs, and has it checked in a process of its own.
fn saved(apis: usize) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    fs::write(file.path(), inventory(apis).to_json().unwrap()).unwrap();
    let mut own = Command::new(std::env::current_exe().unwrap());
    let checked = own.arg(RESIDENT).arg(file.path()).status().unwrap();
    assert!(checked.success());
    file
}

/// The argument that makes this program check one file, and say what memory that took.
const RESIDENT: &str = "--resident-of";

fn resident(file: &Path) {
    let report = check(file, &policy_file());
    let judged = peak();
    // Neither is anything unread, nor does all of it go by unlooked at.
    assert_eq!(report.status(), Status::Findings);
    let coverage = report.evaluation.coverage;
    assert!(coverage.methods >= coverage.apis * METHODS);
    let text = rendered(&report);
    eprintln!(
        "{} APIs, {} methods of stages, {} MB of JSON: {judged} resident when judged, {} with the report of \
         {} MB, {} findings",
        coverage.apis,
        coverage.methods,
        fs::metadata(file).unwrap().len() / 1_000_000,
        peak(),
        text.len() / 1_000_000,
        report.evaluation.findings.len()
    );
}

/// The most memory of this process that was resident so far. Only Linux tells it.
fn peak() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|it| it.strip_prefix("VmHWM:"));
    let kibibytes = peak.and_then(|it| it.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    match kibibytes {
        Some(kibibytes) => format!("{} MB", kibibytes * 1024 / 1_000_000),
        None => "an unknown part".to_owned(),
    }
}

fn scale(criterion: &mut Criterion) {
    let policy = policy_file();
    let mut group = criterion.benchmark_group("scale");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    for apis in [100, 1_000, 10_000] {
        group.throughput(Throughput::Elements((apis * METHODS) as u64));
        // Made when the first benchmark that was asked for needs it.
        let file = LazyCell::new(|| saved(apis));
        let inventory = || Inventory::from_json(&fs::read_to_string(file.path()).unwrap()).unwrap();
        group.bench_function(BenchmarkId::new("check", apis), |bencher| {
            let path = file.path();
            bencher.iter(|| black_box(check(path, &policy)).evaluation.findings.len());
        });
        group.bench_function(BenchmarkId::new("judge", apis), |bencher| {
            let inventory = inventory();
            bencher.iter(|| black_box(scan::judge(&inventory, &policy, now())).status());
        });
        group.bench_function(BenchmarkId::new("report", apis), |bencher| {
            let report = scan::judge(&inventory(), &policy, now());
            bencher.iter(|| black_box(rendered(&report)).len());
        });
    }
    group.throughput(Throughput::Elements((100 * METHODS) as u64));
    group.bench_function(BenchmarkId::new("bombs", 100), |bencher| {
        let inventory = with_bombs(100);
        bencher.iter(|| black_box(scan::judge(&inventory, &policy, now())).status());
    });
    group.finish();
}

criterion_group!(benches, scale);

fn main() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some(RESIDENT) {
        resident(Path::new(&arguments.next().unwrap()));
        return;
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
