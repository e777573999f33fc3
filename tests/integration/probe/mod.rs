//! A probe of deployed URLs, against a server that answers as API Gateway does, and as nobody should.

mod asked;
mod hostile;
mod remembered;
mod server;

use std::fs;
use std::time::Duration;

use serde_json::{Value, json};

use crate::schemas::assert_fits;
use crate::support::command::{Run, Shell};
use server::Server;

/// The longest that a probe with a time limit of a second may take on a machine that has much else to do. Servers that do
/// not answer keep silent for twice as long.
const LONGEST: Duration = Duration::from_secs(30);

/// A method of type AWS_IAM.
fn signed(verb: &str, path: &str) -> Value {
    of_type(verb, path, "AWS_IAM")
}

fn of_type(verb: &str, path: &str, authorization: &str) -> Value {
    json!({"verb": verb, "path": path, "authorization": authorization, "api_key_required": false})
}

/// An inventory with one REST API, which has these methods.
fn inventory(methods: &[Value]) -> Value {
    let drafted = methods.iter().enumerate().map(|(at, method)| {
        let mut method = method.clone();
        method["resource_id"] = json!(format!("res{at}"));
        method["integration"] = json!("AWS_PROXY");
        method
    });
    json!({
        "schema_version": 1, "account": "111122223333", "partition": "aws", "taken_at": "2026-06-15T06:00:00Z",
        "scope": {"regions": ["eu-west-1"]},
        "apis": [{
            "region": "eu-west-1", "id": "a1b2c3d4e5", "name": "PetStore", "kind": "REST",
            "endpoint_types": ["REGIONAL"], "default_endpoint_disabled": false, "resource_policy": null,
            "stages": [{"name": "prod", "deployment_id": "dep111"}],
            "deployments": [{"id": "dep111", "created_at": "2026-06-01T08:00:00Z", "methods": methods}],
            "draft": drafted.collect::<Vec<_>>(),
        }],
        "domains": [], "gaps": [], "iam": {"groups": [], "users": [], "roles": [], "policies": []},
    })
}

/// A folder with an inventory, in which the command runs.
struct Probing {
    shell: Shell,
    server: Server,
}

impl Probing {
    fn of(inventory: &Value) -> Self {
        Probing::in_shell(Shell::bare(), inventory)
    }

    fn in_shell(shell: Shell, inventory: &Value) -> Self {
        let file = shell.folder().join("inventory.json");
        fs::write(file, inventory.to_string()).unwrap();
        Probing {
            shell,
            server: Server::start(),
        }
    }

    /// Asks the server, and reports as JSON.
    fn run(&self, more: &[&str]) -> Run {
        let url = self.server.url();
        let mut arguments = vec!["probe", "inventory.json", "--endpoint-override", &url];
        arguments.extend(["--allow-loopback", "--rate", "200", "--format", "json"]);
        arguments.extend(["--timeout", "1s"]);
        arguments.extend(more);
        let run = self.shell.run(&arguments);
        if let Ok(document) = serde_json::from_str::<Value>(&run.stdout) {
            let is_plan = more.contains(&"--dry-run");
            assert_fits(if is_plan { "probe-plan" } else { "report" }, &document);
        }
        run
    }
}

/// The verdict on each path, with what was answered.
fn verdicts(run: &Run) -> Vec<(String, String, String)> {
    let report = run.report();
    let requests = report["probe"]["requests"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap_or("none").to_owned();
    requests
        .map(|it| {
            let shows = text(&it["answer"]["shows"]);
            (text(&it["path"]), shows, text(&it["verdict"]))
        })
        .collect()
}

/// The findings of the rule, by severity and path.
fn disagreements(run: &Run) -> Vec<(String, String)> {
    let report = run.report();
    let findings = report["findings"].as_array().unwrap().iter();
    let own = findings.filter(|it| it["rule"] == "probe-disagrees");
    own.map(|it| {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&it["severity"]), text(&it["path"]))
    })
    .collect()
}

#[test]
fn what_demands_a_signature_agrees_and_what_lets_in_is_found() {
    let probing = Probing::of(&inventory(&[
        signed("GET", "/closed"),
        signed("GET", "/open"),
    ]));
    let run = probing.run(&[]);
    assert_eq!(run.status, 1, "{}", run.stderr);
    let expected = [
        ("/closed", "signature-demanded", "agrees"),
        ("/open", "open", "disagrees"),
    ];
    let expected = expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned()));
    assert_eq!(verdicts(&run), expected);
    assert_eq!(
        disagreements(&run),
        [("high".to_owned(), "/open".to_owned())]
    );
    // Nothing of a body is kept.
    assert!(!run.stdout.contains("secret things"));
    let asked = probing.server.asked();
    assert_eq!(asked.len(), 2);
    for head in asked {
        let head = head.to_lowercase();
        assert!(head.contains("\r\nhost: a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com\r\n"));
        assert!(
            !head.contains("authorization") && !head.contains("accept-encoding"),
            "{head}"
        );
    }
}

#[test]
fn everything_as_the_configuration_says_is_clean() {
    let probing = Probing::of(&inventory(&[
        signed("GET", "/closed"),
        signed("HEAD", "/closed"),
    ]));
    // Nobody may call it: that is a finding of its own, and not the probe's.
    let run = probing.run(&["--fail-on", "medium"]);
    assert_eq!(run.status, 0, "{}", run.stdout);
    assert_eq!(disagreements(&run), []);
    let report = run.report();
    assert_eq!(
        report["probe"]["counts"],
        json!({"agrees": 2, "disagrees": 0, "not-judged": 0})
    );
}

#[test]
fn settings_that_were_never_deployed_are_found() {
    let refusing = json!({"json": {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
        "Action": "execute-api:Invoke", "Resource": "*"}]}});
    let mut by_policy = inventory(&[
        of_type("GET", "/open", "NONE"),
        of_type("GET", "/refused", "NONE"),
    ]);
    by_policy["apis"][0]["resource_policy"] = refusing;
    let run = Probing::of(&by_policy).run(&[]);
    assert_eq!(
        disagreements(&run),
        [("high".to_owned(), "/open".to_owned())],
        "{}",
        run.stdout
    );

    let mut disabled = inventory(&[signed("GET", "/closed"), signed("GET", "/waf")]);
    disabled["apis"][0]["default_endpoint_disabled"] = json!(true);
    let run = Probing::of(&disabled).run(&[]);
    assert_eq!(
        disagreements(&run),
        [("medium".to_owned(), "/closed".to_owned())],
        "{}",
        run.stdout
    );
}

#[test]
fn what_was_thought_open_and_refuses_is_low() {
    let methods = [
        of_type("GET", "/closed", "NONE"),
        of_type("GET", "/refused", "NONE"),
    ];
    let run = Probing::of(&inventory(&methods)).run(&[]);
    let low = |path: &str| ("low".to_owned(), path.to_owned());
    assert_eq!(disagreements(&run), [low("/closed"), low("/refused")]);
}

#[test]
fn an_exemption_covers_a_disagreement_and_is_not_unused_in_a_check() {
    let probing = Probing::of(&inventory(&[signed("GET", "/open")]));
    let soon = jiff::Zoned::now()
        .date()
        .saturating_add(jiff::Span::new().days(30));
    let policy = format!(
        "version: 1\nexemptions:\n  - rule: probe-disagrees\n    match: {{path: /open}}\n    severity: high\n    \
                  reason: a cache in front\n    owner: a@example.com\n    expires: {soon}\n"
    );
    fs::write(probing.shell.folder().join("gatewatch.yaml"), policy).unwrap();
    let run = probing.run(&[]);
    assert_eq!(disagreements(&run), []);
    assert_eq!(
        run.report()["exempted"][0]["rule"],
        "probe-disagrees",
        "{}",
        run.stdout
    );
    let check = probing
        .shell
        .run(&["check", "inventory.json", "--format", "json"]);
    assert!(
        !check
            .stdout
            .contains(r#""rule_summary": "an exemption speaks of nothing"#),
        "{}",
        check.stdout
    );
}
