//! Servers that answer as nobody should, hosts that must not be asked, and inventories that lead there.

use std::time::Instant;

use serde_json::{Value, json};

use super::{LONGEST, Probing, inventory, signed};
use crate::support::testbed::assert_script_passes;

/// Each of them ends in time, and none of them makes a protected method look protected.
#[test]
fn a_hostile_server_is_neither_waited_for_nor_believed() {
    for (name, verdict, failed) in [
        ("silent", "not-judged", "timeout"),
        ("hang-up", "not-judged", "unreachable"),
        ("garbage", "not-judged", "malformed"),
        ("endless-head", "not-judged", "malformed"),
        ("endless-interim", "not-judged", "timeout"),
        ("trickle", "not-judged", "timeout"),
        ("elsewhere", "not-judged", "none"),
        ("own-404", "not-judged", "none"),
        ("waf", "not-judged", "none"),
        ("slow-body", "agrees", "none"),
        ("customized", "agrees", "none"),
        ("endless-body", "disagrees", "none"),
        ("bomb", "disagrees", "none"),
    ] {
        let path = format!("/{name}");
        let probing = Probing::of(&inventory(&[signed("GET", &path)]));
        let begun = Instant::now();
        let run = probing.run(&["--fail-on", "medium"]);
        assert!(begun.elapsed() < LONGEST, "{name}: {:?}", begun.elapsed());
        let report = run.report();
        let asked = &report["probe"]["requests"][0];
        assert_eq!(asked["verdict"], verdict, "{name}: {asked}");
        let reason = asked["failed"].as_str().unwrap_or("none");
        assert_eq!(reason, failed, "{name}: {asked}");
        let status = match verdict {
            "agrees" => 0,
            "disagrees" => 1,
            _ => 3,
        };
        assert_eq!(run.status, status, "{name}: {}", run.stdout);
        let bytes = asked["answer"]["body_bytes"].as_u64().unwrap_or(0);
        assert!(bytes <= 64 * 1024, "{name}: {bytes}");
        // A redirect is not followed, and nothing is asked again.
        assert_eq!(probing.server.asked().len(), 1, "{name}");
    }
}

#[test]
fn a_host_that_does_not_answer_is_given_up() {
    let methods: Vec<Value> = (0..300)
        .map(|it| signed("GET", &format!("/{it}/silent")))
        .collect();
    let probing = Probing::of(&inventory(&methods));
    let begun = Instant::now();
    let run = probing.run(&["--fail-on", "medium"]);
    assert!(begun.elapsed() < LONGEST, "{:?}", begun.elapsed());
    assert_eq!(run.status, 3);
    assert!(
        probing.server.asked().len() < 30,
        "{}",
        probing.server.asked().len()
    );
    assert_eq!(run.report()["probe"]["counts"]["not-judged"], 300);
}

#[test]
fn an_unreachable_host_is_a_gap() {
    let probing = Probing::of(&inventory(&[signed("GET", "/closed")]));
    // Nobody listens there: the port is reserved.
    let shell = &probing.shell;
    let run = shell.run(&[
        "probe",
        "inventory.json",
        "--endpoint-override",
        "http://127.0.0.1:1",
        "--allow-loopback",
        "--format",
        "json",
    ]);
    assert_eq!(run.status, 3, "{}", run.stdout);
    let gaps = &run.report()["coverage"]["gaps"];
    assert_eq!(gaps[0]["kind"], "probe", "{gaps}");
    assert_eq!(gaps[0]["reason"], "unreachable", "{gaps}");
}

#[test]
fn what_only_this_host_reaches_is_not_asked() {
    let probing = Probing::of(&inventory(&[signed("GET", "/open")]));
    let url = probing.server.url();
    for (endpoint, more) in [
        (url.as_str(), None),
        ("https://127.0.0.1", None),
        ("https://169.254.169.254", Some("--allow-loopback")),
        ("https://0.0.0.0", Some("--allow-loopback")),
        ("http://10.0.0.7", Some("--allow-loopback")),
    ] {
        let mut arguments = vec!["probe", "inventory.json", "--endpoint-override", endpoint];
        arguments.extend(["--timeout", "2s", "--format", "json"]);
        arguments.extend(more);
        let run = probing.shell.run(&arguments);
        assert_eq!(run.status, 3, "{endpoint}: {}", run.stdout);
        let gaps = run.report()["coverage"]["gaps"].to_string();
        assert!(
            gaps.contains("not asked") || gaps.contains("only this host"),
            "{gaps}"
        );
    }
    assert_eq!(probing.server.asked(), Vec::<String>::new());
}

#[test]
fn a_hostile_inventory_leads_no_request_elsewhere() {
    for (name, change) in [
        ("an address", json!({"name": "169.254.169.254"})),
        ("a port", json!({"name": "api.example.com:22"})),
        (
            "another host",
            json!({"name": "evil.example/x#.example.com"}),
        ),
        ("a wildcard", json!({"name": "*.example.com"})),
        (
            "a certificate",
            json!({"name": "api.example.com", "mutual_tls": true}),
        ),
    ] {
        let mut inventory = inventory(&[signed("GET", "/closed")]);
        let mut domain = json!({
            "region": "eu-west-1", "endpoint_types": ["REGIONAL"], "mutual_tls": false,
            "mappings": [{"base_path": "", "api_id": "a1b2c3d4e5", "stage": "prod"}]});
        domain
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        inventory["domains"] = json!([domain]);
        let run = Probing::of(&inventory).run(&["--dry-run"]);
        let plan = run.report();
        assert_eq!(
            plan["requests"].as_array().unwrap().len(),
            1,
            "{name}: {plan:#}"
        );
        assert_eq!(run.status, 3, "{name}");
    }
    for (name, path, value) in [
        ("an id", "/apis/0/id", "evil.example/"),
        ("a stage", "/apis/0/stages/0/name", "../x"),
    ] {
        let mut inventory = inventory(&[signed("GET", "/closed")]);
        *inventory.pointer_mut(path).unwrap() = json!(value);
        let run = Probing::of(&inventory).run(&["--dry-run"]);
        assert_eq!(run.report()["requests"], json!([]), "{name}");
        assert_eq!(run.status, 3, "{name}");
    }
}

#[test]
fn over_tls_it_signs_as_aws_does_and_believes_no_strange_certificate() {
    let gatewatch = env!("CARGO_BIN_EXE_gatewatch");
    assert_script_passes("tests/probe/tls.py", &["--gatewatch", gatewatch]);
}
