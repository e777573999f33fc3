//! A probe of deployed URLs, against a server that answers as API Gateway does, and as nobody should.

mod remembered;
mod server;

use std::fs;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::command::{Run, Shell};
use crate::support::testbed::assert_script_passes;
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
        self.shell.run(&arguments)
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
fn a_writing_verb_is_sent_only_where_it_is_asked_for_and_known_to_be_refused() {
    let methods = [
        signed("POST", "/closed"),
        of_type("POST", "/open", "NONE"),
        of_type("GET", "/open", "NONE"),
        json!({"verb": "DELETE", "path": "/open", "authorization": null, "api_key_required": false}),
    ];
    let mut inventory = inventory(&methods);
    inventory["apis"][0]["draft"] = json!([]);
    let probing = Probing::of(&inventory);
    let verbs = |more: &[&str]| {
        let before = probing.server.asked().len();
        probing.run(more);
        let asked = probing.server.asked().split_off(before);
        let mut asked: Vec<String> = asked
            .iter()
            .map(|it| it.split(" HTTP").next().unwrap().to_owned())
            .collect();
        asked.sort();
        asked
    };
    assert_eq!(verbs(&[]), ["GET /prod/open"]);
    let wanted = ["--verb", "post", "--verb", "DELETE"];
    assert_eq!(verbs(&wanted), ["GET /prod/open", "POST /prod/closed"]);
    let executing = [&wanted[..], &["--i-know-it-executes"]].concat();
    assert_eq!(
        verbs(&executing),
        [
            "DELETE /prod/open",
            "GET /prod/open",
            "POST /prod/closed",
            "POST /prod/open"
        ]
    );
    let run = probing.run(&["--i-know-it-executes"]);
    assert_eq!(run.status, 2, "it goes with --verb");
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
fn a_websocket_api_is_asked_for_a_connection_which_is_closed_at_once() {
    let mut websocket = inventory(&[]);
    let api = &mut websocket["apis"][0];
    api["kind"] = json!("WEBSOCKET");
    api["stages"] = json!([{"name": "upgrade", "deployment_id": "dep111"}]);
    api["deployments"] = json!([{"id": "dep111", "created_at": null, "methods": null}]);
    api["draft"] = json!([{
        "verb": "ANY", "path": "$connect", "route_key": "$connect", "resource_id": "route1",
        "authorization": "AWS_IAM", "api_key_required": false, "integration": null}]);
    let probing = Probing::of(&websocket);
    let run = probing.run(&[]);
    assert_eq!(run.status, 1, "{}", run.stdout);
    assert_eq!(
        verdicts(&run),
        [(
            "$connect".to_owned(),
            "open".to_owned(),
            "disagrees".to_owned()
        )]
    );
    let until = Instant::now() + Duration::from_secs(4);
    while probing.server.asked().len() < 2 && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    let asked = probing.server.asked();
    assert_eq!(asked.get(1).map(String::as_str), Some("closed after []"));
    let head = asked[0].to_lowercase();
    assert!(head.starts_with("get /upgrade http/1.1\r\n"), "{head}");
    assert!(head.contains("\r\nupgrade: websocket\r\n"), "{head}");
    let report = run.report();
    let requests = &report["probe"]["requests"];
    assert_eq!(
        requests[0]["url"],
        "wss://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/upgrade"
    );
}

#[test]
fn a_signed_request_is_signed_for_the_host_that_is_meant() {
    let shell = Shell::bare()
        .with("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .with(
            "AWS_SECRET_ACCESS_KEY",
            "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        )
        .with("AWS_SESSION_TOKEN", "a-token");
    let probing = Probing::in_shell(shell, &inventory(&[signed("GET", "/signed")]));
    let run = probing.run(&["--signed", "--fail-on", "medium"]);
    assert_eq!(run.status, 0, "{}\n{}", run.stderr, run.stdout);
    let asked = probing.server.asked();
    assert_eq!(asked.len(), 2, "{asked:?}");
    let signed = asked
        .iter()
        .find(|it| it.contains("authorization: "))
        .unwrap();
    assert!(
        signed.contains("authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"),
        "{signed}"
    );
    assert!(
        signed.contains("/eu-west-1/execute-api/aws4_request, "),
        "{signed}"
    );
    assert!(
        signed.contains("SignedHeaders=host;x-amz-date;x-amz-security-token"),
        "{signed}"
    );
    // Nothing of the credentials is printed.
    for secret in ["wJalrXUtnFEMI", "a-token", "Signature="] {
        assert!(
            !run.stdout.contains(secret) && !run.stderr.contains(secret),
            "{secret}"
        );
    }
    let bare = Probing::of(&inventory(&[signed_method()]));
    let run = bare.run(&["--signed"]);
    assert_eq!(run.status, 2, "without credentials: {}", run.stderr);
    assert_eq!(bare.server.asked(), Vec::<String>::new());
}

fn signed_method() -> Value {
    signed("GET", "/signed")
}

#[test]
fn a_writing_verb_is_signed_only_where_its_execution_is_accepted() {
    let probing = Probing::of(&inventory(&[signed("POST", "/closed")]));
    for (more, requests, left_out) in [(None, 1, 1), (Some("--i-know-it-executes"), 2, 0)] {
        let mut arguments = vec!["--dry-run", "--signed", "--verb", "POST"];
        arguments.extend(more);
        let plan = probing.run(&arguments).report();
        assert_eq!(
            plan["requests"].as_array().unwrap().len(),
            requests,
            "{plan:#}"
        );
        assert_eq!(
            plan["left_out"].as_array().unwrap().len(),
            left_out,
            "{plan:#}"
        );
    }
}

#[test]
fn a_dry_run_lists_the_requests_and_sends_none() {
    let methods = [
        signed("GET", "/pets/{petId}"),
        of_type("POST", "/pets", "NONE"),
        of_type("GET", "/a b?c", "NONE"),
    ];
    let probing = Probing::of(&inventory(&methods));
    let run = probing.run(&["--dry-run", "--signed", "--param", "petId=4 2"]);
    assert_eq!(probing.server.asked(), Vec::<String>::new());
    let plan = run.report();
    let url = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod/pets/4%202";
    assert_eq!(plan["requests"][0]["url"], url, "{plan:#}");
    assert_eq!(plan["requests"].as_array().unwrap().len(), 2);
    assert_eq!(plan["left_out"][0]["method_verb"], "POST");
    let arn = "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/pets/4 2";
    assert_eq!(plan["policy"]["Statement"][0]["Resource"], json!([arn]));
    let table = probing.shell.run(&["probe", "inventory.json", "--dry-run"]);
    let last = table.stdout.lines().last().unwrap();
    assert_eq!(last, "1 request; nothing was sent");
    // A path that would be another one as a URL cannot be asked.
    assert_eq!(run.status, 3, "{plan:#}");
    assert_eq!(plan["gaps"].as_array().unwrap().len(), 1, "{plan:#}");
    let unknown = probing.run(&["--dry-run", "--param", "petID=42"]);
    assert_eq!(unknown.status, 2);
    assert!(
        unknown.stderr.contains("did you mean `petId`?"),
        "{}",
        unknown.stderr
    );
    let unknown = probing.run(&["--dry-run", "--api", "PetShop"]);
    assert!(
        unknown.stderr.contains("no API `PetShop`"),
        "{}",
        unknown.stderr
    );
}

#[test]
fn a_probe_that_asks_nothing_is_not_clean() {
    let probing = Probing::of(&inventory(&[signed("POST", "/closed")]));
    let run = probing.run(&["--fail-on", "medium"]);
    assert_eq!(run.status, 3, "{}", run.stdout);
    let gaps = run.report()["coverage"]["gaps"].to_string();
    assert!(
        gaps.contains("nothing was asked: the only method is left out"),
        "{gaps}"
    );
}

#[test]
fn what_the_service_answers_itself_is_not_asked() {
    let mut http = inventory(&[signed("OPTIONS", "/pets"), signed("GET", "/pets")]);
    let api = &mut http["apis"][0];
    api["kind"] = json!("HTTP");
    api["cors"] = json!(true);
    for place in ["/deployments/0/methods", "/draft"] {
        for method in api.pointer_mut(place).unwrap().as_array_mut().unwrap() {
            let key = format!("{} /pets", method["verb"].as_str().unwrap());
            method["route_key"] = json!(key);
        }
    }
    let plan = Probing::of(&http)
        .run(&["--dry-run", "--verb", "OPTIONS"])
        .report();
    assert_eq!(plan["requests"].as_array().unwrap().len(), 1, "{plan:#}");
    assert_eq!(plan["left_out"][0]["method_verb"], "OPTIONS");
}

#[test]
fn how_many_requests_are_executed_is_said_before_any_is_sent() {
    let methods = [signed("GET", "/closed"), of_type("GET", "/open", "NONE")];
    let probing = Probing::of(&inventory(&methods));
    let said = "2 requests, of which 1 may be executed, as nothing is known to keep the caller out";
    let listed = probing.shell.run(&["probe", "inventory.json", "--dry-run"]);
    assert_eq!(
        listed.stdout.lines().last().unwrap(),
        format!("{said}; nothing was sent")
    );
    let run = probing.run(&[]);
    assert!(
        run.stderr
            .contains(&format!("sending {said}; at most 200 a second")),
        "{}",
        run.stderr
    );
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
        !check.stdout.contains("unused-exemption"),
        "{}",
        check.stdout
    );
}

#[test]
fn over_tls_it_signs_as_aws_does_and_believes_no_strange_certificate() {
    let gatewatch = env!("CARGO_BIN_EXE_gatewatch");
    assert_script_passes("tests/probe/tls.py", &["--gatewatch", gatewatch]);
}
