//! What a stage serves: the rules, who can call and the gaps have one answer to it.

mod agreement;
mod mended;
mod types;

use gatewatch::audit::access::Estate;
use gatewatch::audit::rules::{Evaluation, evaluate};
use gatewatch::inventory::{GapKind, Inventory};
use gatewatch::policy_file::PolicyFile;
use jiff::civil::date;
use serde_json::{Value, json};

/// Verb, path and authorization type. `-`: no type is told.
type Method = (&'static str, &'static str, &'static str);

const ACCOUNT: &str = "111122223333";

fn authorization(kind: &str) -> Value {
    match kind {
        "-" => Value::Null,
        kind => json!(kind),
    }
}

/// Routes of HTTP and WebSocket APIs have keys.
fn method(api: &str, (verb, path, kind): Method) -> Value {
    let mut method = json!({"verb": verb, "path": path, "authorization": authorization(kind),
                            "api_key_required": false});
    if api != "REST" {
        let key = if path.starts_with('/') {
            format!("{verb} {path}")
        } else {
            path.to_owned()
        };
        method["route_key"] = json!(key);
    }
    method
}

fn deployment(api: &str, id: &str, source: &str, methods: Option<&[Method]>) -> Value {
    let methods = methods.map(|it| it.iter().map(|it| method(api, *it)).collect::<Vec<_>>());
    json!({"id": id, "created_at": null, "source": source, "methods": methods})
}

fn draft(api: &str, methods: &[Method]) -> Value {
    let methods = methods.iter().map(|it| {
        let mut method = method(api, *it);
        method["resource_id"] = json!("r1");
        method["integration"] = json!("AWS_PROXY");
        method
    });
    methods.collect()
}

/// An API whose stage `prod` serves deployment `d`, and whose canary, if any, serves `c`.
fn api(kind: &str, deployments: &[Value], draft: Value) -> Value {
    let mut stage = json!({"name": "prod", "deployment_id": "d"});
    if deployments.iter().any(|it| it["id"] == "c") {
        stage["canary"] = json!({"deployment_id": "c", "percent_traffic": 10.0});
    }
    json!({"region": "eu-west-1", "id": "a1b2c3d4e5", "name": "Pets", "kind": kind,
           "endpoint_types": ["REGIONAL"], "default_endpoint_disabled": false, "resource_policy": null,
           "stages": [stage], "deployments": deployments, "draft": draft})
}

fn inventory(api: Value) -> Inventory {
    let inventory = json!({"schema_version": 1, "account": ACCOUNT, "partition": "aws",
        "taken_at": "2026-06-15T06:00:00Z", "scope": {"regions": ["eu-west-1"]}, "apis": [api],
        "domains": [], "iam": {"groups": [], "users": [], "roles": [], "policies": []}, "gaps": []});
    Inventory::from_json(&inventory.to_string()).unwrap()
}

/// A REST API whose stage serves these methods.
fn rest(deployed: &[Method], drafted: &[Method]) -> Inventory {
    let deployment = deployment("REST", "d", "summary", Some(deployed));
    inventory(api("REST", &[deployment], draft("REST", drafted)))
}

/// The methods that callers are asked about, with their types, and `*` where one was inferred.
fn callable(inventory: &Inventory) -> Vec<String> {
    let estate = Estate::new(inventory).unwrap();
    let methods = estate.methods().iter().map(|it| {
        let types: Vec<&str> = it.authorizations.iter().map(|it| it.as_str()).collect();
        let inferred = if it.is_inferred() { "*" } else { "" };
        format!("{}: {}{inferred}", it.name(), types.join(" or "))
    });
    methods.collect()
}

fn evaluated(inventory: &Inventory) -> Evaluation {
    evaluate(inventory, &PolicyFile::default(), date(2026, 6, 15))
}

/// The rules that fire, with the methods.
fn fired(inventory: &Inventory) -> Vec<String> {
    let evaluation = evaluated(inventory);
    let found = evaluation.findings.iter().map(|it| {
        let place = &it.place;
        let verb_and_path = || Some(format!("{} {}", place.verb.as_ref()?, place.path.as_ref()?));
        let name = place
            .route_key
            .as_deref()
            .map(str::to_owned)
            .or_else(verb_and_path);
        format!("{}: {}", it.rule, name.unwrap_or_default())
    });
    let mut found: Vec<String> = found.collect();
    found.sort();
    found
}

/// The methods whose types are gaps.
fn unknown(inventory: &Inventory) -> Vec<String> {
    let evaluation = evaluated(inventory);
    let gaps = evaluation.gaps.iter();
    let gaps = gaps.filter(|it| it.kind == GapKind::Method);
    gaps.map(|it| it.subject.clone().unwrap()).collect()
}
