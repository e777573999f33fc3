//! The command line, the Lambda and a run over an organization take the same steps, in the same order.

use gatewatch::inventory::unknown_region;
use serde_json::{Value, json};

use crate::governance::{empty, output};
use crate::lambda::{Stack, deploy, invoke, set_variables};
use crate::reviewed::open_another;
use crate::support::command::{Run, Shell};
use crate::support::testbed::{ACCOUNT, REGION, Recorder, Testbed};

/// A Region that an account has to enable.
const OPT_IN: &str = "eu-south-1";

/// Everything that a scan reads, but for the list of the account's Regions.
fn without_regions(aws: &mut Testbed) -> Shell {
    let policy = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": ["apigateway:GET", "iam:Get*"], "Resource": "*",
    }});
    aws.user("scanner", policy)
}

/// The verbs of the methods that a report says are open in the Region that the account has enabled.
fn open_there(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let open = findings.filter(|it| it["region"] == OPT_IN && it["rule"] == "open-method");
    let verbs = open.filter_map(|it| it["verb"].as_str().map(str::to_owned));
    verbs.collect()
}

#[test]
fn a_region_of_the_ledger_is_read_on_the_command_line_while_the_regions_cannot_be_listed() {
    assert_eq!(unknown_region(OPT_IN), None);
    let mut aws = Testbed::start();
    aws.call("account", "enable_region", json!({"RegionName": OPT_IN}));
    let api = aws.call(
        "gatewatch",
        "create_petstore",
        json!({"region": OPT_IN, "name": "Southern"}),
    );
    let root = aws.shell();
    let state = root.folder().join("state").display().to_string();
    let all = ["scan", "--all-regions", "--state", &state];
    let run = root.run(&all);
    assert_eq!(run.status, 1, "{}", run.stderr);

    let scanner = without_regions(&mut aws);
    let scan = |more: &[&str]| -> Run {
        let run = scanner.run(&[&all[..], more].concat());
        assert_eq!(run.status, 3, "{more:?}: {}", run.stderr);
        run
    };
    // What changed there is shown by a dry run, by a scan of this API, and by a scan of everything.
    open_another(&mut aws, OPT_IN, &api, "DELETE");
    let dry = scan(&["--dry-run"]);
    assert!(dry.stdout.contains("DELETE /pets"), "{}", dry.stdout);
    let one = scan(&["--api", "Southern", "--format", "json"]).report();
    assert!(open_there(&one).contains(&"DELETE".to_owned()), "{one}");
    open_another(&mut aws, OPT_IN, &api, "PUT");
    let run = scan(&["--format", "json"]);
    let report = run.report();
    assert!(open_there(&report).contains(&"PUT".to_owned()), "{report}");
    let regions = report["scope"]["regions"].as_array().unwrap();
    assert!(regions.contains(&json!(OPT_IN)) && regions.contains(&json!(REGION)));
    assert!(
        run.stderr.contains(&format!("also reading {OPT_IN}")),
        "{}",
        run.stderr
    );
    // Nobody looks into a Region that is left out on purpose.
    let without = scan(&["--exclude-region", OPT_IN, "--format", "json"]).report();
    assert_eq!(open_there(&without), Vec::<String>::new());
    let history = root.run(&["history", "--state", &state, "--format", "json"]);
    let entries = history.report()["findings"].as_array().unwrap().clone();
    let resolved = entries.iter().find(|it| it["standing"] == "resolved");
    assert_eq!(resolved, None, "what was not read is not resolved");

    // A Region that the account has disabled since is not missing. A scan that leaves it out says so.
    let left_out = "what depends on all Regions is not resolved";
    let run = root.run(&[&all[..], &["--exclude-region", OPT_IN]].concat());
    assert!(run.stderr.contains(left_out), "{}", run.stderr);
    let disabled = json!({"RegionName": OPT_IN});
    aws.call("account", "disable_region", disabled);
    let run = root.run(&all);
    assert!(!run.stderr.contains(left_out), "{}", run.stderr);
}

/// What a run changed outside of itself since the last look, in order: what it wrote into its state, and sent.
fn effects(recorder: &Recorder) -> Vec<&'static str> {
    let mut effects = Vec::new();
    for request in recorder.requests() {
        let text = |field: &str| request[field].as_str().unwrap();
        let target = text("target");
        let effect = match (text("service"), text("operation")) {
            ("sns", "Publish") => "announce",
            ("s3", "PUT") if target.contains("/ledger/") && target.contains("/policies/") => {
                "keep the policy file"
            }
            ("s3", "PUT") if target.contains("/ledger/") && effects.contains(&"announce") => "note",
            ("s3", "PUT") if target.contains("/ledger/") => "write",
            // The page of an organization is besides.
            ("s3", "PUT") if target.contains("/reports/organization/") => continue,
            ("s3", "PUT") if target.contains("/reports/") => "keep the report",
            ("s3", "PUT") if target.contains("/inventory/") => "keep the inventory",
            // The list of an organization's run, and what became of each account.
            ("s3", "PUT") if target.contains("/organization/") => continue,
            ("s3", "PUT") => panic!("{request}"),
            _ => continue,
        };
        if effects.last() != Some(&effect) {
            effects.push(effect);
        }
    }
    recorder.reset();
    effects
}

/// Sends what the function keeps and announces through the recorder.
fn record(aws: &mut Testbed, stack: &Stack, recorder: &Recorder) {
    let endpoint = recorder.endpoint.as_str();
    let sent = [
        ("AWS_ENDPOINT_URL_S3", endpoint),
        ("AWS_ENDPOINT_URL_SNS", endpoint),
    ];
    set_variables(aws, stack, &sent);
}

#[test]
fn every_front_writes_before_it_sends_and_notes_after_it() {
    let mut aws = Testbed::start();
    aws.petstore();
    let parameters = json!({
        "Organization": "true", "ExternalId": "fake-external-id", "Accounts": ACCOUNT,
    });
    let stack = deploy(&mut aws, parameters, json!({}));
    let bucket = output(&mut aws, "StateBucket");
    let recorder = aws.recorded();
    record(&mut aws, &stack, &recorder);
    let order = [
        "keep the policy file",
        "write",
        "keep the report",
        "keep the inventory",
        "announce",
        "note",
    ];

    let shell = recorder.shell();
    let state = format!("s3://{bucket}/cli");
    let one = ["scan", "--state", &state, "--publish", &stack.topic];
    let state = format!("s3://{bucket}/clis");
    let several = [
        "scan",
        "--accounts",
        ACCOUNT,
        "--role-name",
        "gatewatch-member",
        "--state",
        &state,
        "--publish",
        &stack.topic,
    ];
    for command in [&one[..], &several] {
        let run = shell.run(command);
        assert_eq!(run.status, 1, "{}", run.stderr);
        assert_eq!(effects(&recorder), order, "{command:?}");
    }
    let mut invoked = |payload: Value| {
        let answer = invoke(&mut aws, &stack, &payload.to_string());
        assert!(!answer.failed, "{}", answer.payload);
    };
    invoked(json!({}));
    assert_eq!(effects(&recorder), order, "the Lambda");
    empty(&mut aws, &bucket);
    let mut invoked = |step: Value| {
        let payload = json!({"organization": step}).to_string();
        let answer = invoke(&mut aws, &stack, &payload);
        assert!(!answer.failed, "{}", answer.payload);
    };
    invoked(json!({"step": "list", "execution": "r1"}));
    invoked(json!({"step": "account", "run": "r1", "account": ACCOUNT}));
    invoked(json!({"step": "digest", "run": "r1"}));
    assert_eq!(effects(&recorder), order, "the organization's Lambda");
}
