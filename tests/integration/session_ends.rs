//! Credentials that stop being good in the middle of a run: each place that was not read is a gap that says what to do,
//! and nothing that was known of it is resolved.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::command::Shell;
use crate::support::testbed::{REGION, Testbed};

/// The standing of each finding that is remembered, by its id.
fn standings(shell: &Shell, state: &str) -> BTreeMap<String, String> {
    let run = shell.run(&["history", "--state", state, "--format", "json"]);
    let report = run.report();
    let findings = report["findings"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    findings
        .map(|it| (text(&it["id"]), text(&it["standing"])))
        .collect()
}

/// A rule of the proxy: whatever is asked of a service is answered with this error.
fn refused(service: &str, code: &str, status: u16) -> Value {
    json!({"service": service, "error": {"code": code, "status": status}})
}

#[test]
fn what_was_not_read_any_more_is_a_gap_that_says_what_to_do() {
    let mut aws = Testbed::start();
    let pets = aws.petstore();
    let mut faults = aws.behind_faults();
    let (calm, disturbed) = (aws.shell(), faults.shell());
    let state = calm.folder().join("state").display().to_string();
    assert_eq!(calm.scan(&state).status, 1);
    let before = standings(&calm, &state);
    assert_eq!(before.len(), 4);
    // What is mended now is not known to be.
    aws.set_authorization(&pets, "POST", "/pets", "AWS_IAM");
    aws.deploy(&pets, Some("prod"));
    for (code, status, of_iam, said, remedy) in [
        (
            "ExpiredTokenException",
            403,
            "ExpiredToken",
            "log in again",
            "log in again",
        ),
        (
            "UnauthorizedException",
            401,
            "AccessDenied",
            "allow the call",
            "allow the scanning role the call",
        ),
        (
            "UnrecognizedClientException",
            403,
            "InvalidClientTokenId",
            "the Region is not enabled",
            "enable the Region",
        ),
    ] {
        faults.set(
            &[
                refused("apigateway", code, status),
                refused("iam", of_iam, 403),
            ],
            1,
        );
        let run = disturbed.scan(&state);
        assert_eq!(run.status, 3, "{code}: {}", run.stderr);
        let report = run.report();
        let gaps = report["coverage"]["gaps"].as_array().unwrap();
        let of_gateway = gaps.iter().filter(|gap| {
            gap["operation"]
                .as_str()
                .unwrap()
                .starts_with("apigateway:")
        });
        let messages: Vec<&str> = of_gateway
            .map(|gap| gap["message"].as_str().unwrap())
            .collect();
        // Two lists of APIs, and the custom domain names.
        assert_eq!(messages.len(), 3, "{gaps:?}");
        for message in messages {
            assert!(
                message.contains(code) && message.contains(said),
                "{message}"
            );
        }
        let unread = report["findings"].as_array().unwrap().iter();
        let unread = unread.filter(|it| it["rule"] == "unread-api");
        let remedies: Vec<String> = unread.map(|it| it["remedy"].to_string()).collect();
        assert!(
            remedies.iter().any(|it| it.contains(remedy)),
            "{code}: {remedies:?}"
        );
        let after = standings(&calm, &state);
        for id in before.keys() {
            assert_eq!(after[id], "open", "{code}");
        }
    }
    assert_eq!(calm.scan(&state).status, 1);
    let resolved = standings(&calm, &state);
    let resolved = before.keys().filter(|id| resolved[*id] == "resolved");
    assert_eq!(resolved.count(), 1);
}

#[test]
fn a_message_that_a_session_was_too_old_for_is_not_announced() {
    let mut aws = Testbed::start();
    aws.petstore();
    let (topic, queue) = aws.topic("alerts");
    let mut faults = aws.behind_faults();
    let (calm, disturbed) = (aws.shell(), faults.shell());
    let state = calm.folder().join("state").display().to_string();
    let scan = |shell: &Shell| {
        shell.run(&[
            "scan",
            "--region",
            REGION,
            "--state",
            &state,
            "--publish",
            &topic,
        ])
    };
    faults.set(&[refused("sns", "ExpiredToken", 403)], 1);
    let run = scan(&disturbed);
    assert_eq!(run.status, 3, "{}", run.stderr);
    assert!(run.stderr.contains("log in again"), "{}", run.stderr);
    assert_eq!(aws.received(&queue), Vec::<Value>::new());
    assert_eq!(scan(&calm).status, 1);
    assert_eq!(aws.received(&queue).len(), 1);
}
