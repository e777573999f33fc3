//! Which requests are sent, and how they look.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Probing, inventory, of_type, signed, verdicts};
use crate::support::command::Shell;

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
