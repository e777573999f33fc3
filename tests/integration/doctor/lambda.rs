//! The checkup of a function, with the template's role and no other right.

use gatewatch::aws::stack::TEMPLATE;
use serde_json::{Value, json};

use super::{Checkup, encrypted, mend, of_stack, settled};
use crate::governance::config;
use crate::lambda::{Answer, STACK, Stack, deploy, event, invoke, set_variables};
use crate::support::testbed::Testbed;

fn checkup(aws: &mut Testbed, stack: &Stack) -> Checkup {
    let Answer { payload, failed } = invoke(aws, stack, &event("doctor.json"));
    assert!(!failed, "{payload}");
    let checkup = Checkup {
        // A function has none: the one of the command line with this status.
        status: i32::from(payload["status"] == "failed"),
        document: payload,
    };
    checkup.has_valid_commands();
    checkup
}

#[test]
fn a_stack_as_it_is_deployed_is_in_order_once_it_has_run() {
    let mut aws = Testbed::start();
    aws.petstore();
    let parameters = json!({"ChatTopic": "true", "EventBus": "security"});
    let stack = deploy(&mut aws, parameters, json!({}));
    encrypted(&mut aws, &stack.topic);
    let first = checkup(&mut aws, &stack);
    assert_eq!(
        first.named("failed"),
        [
            "last-scan",
            "topic",
            "event-bus",
            "stack-iam-events",
            "stack-trail"
        ],
        "{:#}",
        first.document
    );
    first.assert_failed(
        "last-scan",
        "aws lambda invoke --region eu-west-1 --function-name",
    );
    assert!(!invoke(&mut aws, &stack, "{}").failed);
    aws.received(&stack.queue);
    first.assert_failed("topic", "aws sns list-subscriptions-by-topic");
    let chat = first.check("topic")["subject"].as_str().unwrap().to_owned();
    aws.queue_on(&chat);
    first.assert_failed("event-bus", "aws events create-event-bus");
    let shell = aws.shell();
    for step in ["event-bus", "stack-iam-events"] {
        mend(&mut aws, &shell, first.command(step));
    }
    settled(&mut aws);

    let checkup = checkup(&mut aws, &stack);
    assert_eq!(
        checkup.named("failed"),
        Vec::<&str>::new(),
        "{:#}",
        checkup.document
    );
    for name in [
        "settings",
        "function",
        "template",
        "identity",
        "regions",
        "read-rest-details",
        "read-principals",
        "read-policies",
        "policy-file",
        "state-list",
        "state-read",
        "state-write",
        "state-folders",
        "ledger",
        "last-scan",
        "topic-key",
        "topic-key-policy",
        "topic-publish",
        "event-bus",
        "stack-schedule",
        "stack-alarms",
        "stack-rules",
        "stack-iam-events",
        "stack-trail",
        "stack-concurrency",
    ] {
        assert_eq!(checkup.result(name), "ok", "{:#}", checkup.check(name));
    }
    // Nothing is left that could not be told, but reads that there is nothing to try on.
    let unknown = checkup.named("unknown");
    let reads = ["read-http-details", "read-mappings", "read-routing-rules"];
    assert_eq!(unknown, reads, "{:#}", checkup.document);
    let topics = checkup.checks().iter().filter(|it| it["name"] == "topic");
    let topics: Vec<&str> = topics.map(|it| it["result"].as_str().unwrap()).collect();
    assert_eq!(topics, ["ok", "ok"]);
    assert_eq!(
        aws.received(&stack.queue),
        Vec::<Value>::new(),
        "nothing is sent"
    );
}

#[test]
fn a_right_that_the_role_lacks_is_put_by_the_command() {
    let mut aws = Testbed::start();
    aws.petstore();
    let stack = deploy(&mut aws, json!({}), json!({}));
    let gone = json!({"RoleName": stack.role, "PolicyName": "state"});
    aws.call("iam", "delete_role_policy", gone);
    let denied = checkup(&mut aws, &stack);
    for step in ["state-list", "state-read"] {
        denied.assert_failed(
            step,
            &format!("aws iam put-role-policy --role-name {}", stack.role),
        );
    }
    let words = shlex::split(denied.command("state-read")).unwrap();
    let of = |flag: &str| words[words.iter().position(|it| it == flag).unwrap() + 1].clone();
    let put = json!({
        "RoleName": of("--role-name"),
        "PolicyName": of("--policy-name"),
        "PolicyDocument": of("--policy-document"),
    });
    aws.call("iam", "put_role_policy", put);
    let mended = checkup(&mut aws, &stack);
    let failed = mended.named("failed").into_iter();
    let failed: Vec<&str> = failed.filter(|it| !it.starts_with("stack-")).collect();
    assert_eq!(failed, ["last-scan"], "{:#}", mended.document);
}

/// The emulator knows no rules of Config and no PutEvaluations: what the role lacks is refused before that is told, and
/// another stands in for the call.
#[test]
fn config_is_told_something_for_a_test() {
    let mut aws = Testbed::start();
    let stack = deploy(&mut aws, json!({}), json!({}));
    let steps = |checkup: &Checkup| {
        checkup
            .checks()
            .iter()
            .any(|it| it["name"] == "config-rule")
    };
    assert!(!steps(&checkup(&mut aws, &stack)));
    set_variables(&mut aws, &stack, &[("GATEWATCH_CONFIG_RULE", "true")]);
    let denied = checkup(&mut aws, &stack);
    denied.assert_failed(
        "config-rule",
        "aws iam put-role-policy --role-name gatewatch-",
    );
    let shell = aws.shell();
    mend(&mut aws, &shell, denied.command("config-rule"));
    let allowed = checkup(&mut aws, &stack);
    assert_eq!(allowed.result("config-rule"), "unknown");
    let command = allowed.command("config-rule");
    assert!(
        command.starts_with("aws iam simulate-principal-policy"),
        "{command}"
    );

    let (endpoint, heard) = config();
    set_variables(
        &mut aws,
        &stack,
        &[("AWS_ENDPOINT_URL_CONFIG_SERVICE", &endpoint)],
    );
    let checkup = checkup(&mut aws, &stack);
    assert_eq!(
        checkup.result("config-rule"),
        "ok",
        "{:#}",
        checkup.document
    );
    let asked = heard.try_recv().unwrap();
    assert_eq!(asked["TestMode"], true);
    let evaluation = &asked["Evaluations"][0];
    assert_eq!(evaluation["ComplianceType"], "NOT_APPLICABLE");
}

#[test]
fn a_template_of_another_version_is_found_by_both_fronts() {
    let mut aws = Testbed::start();
    let stack = deploy(&mut aws, json!({}), json!({}));
    let shell = aws.user("operator", of_stack());
    let asked = ["--stack", STACK];
    assert_eq!(Checkup::of(&shell, &asked).result("template"), "ok");
    set_variables(&mut aws, &stack, &[(TEMPLATE, "0.0.1")]);
    let own = checkup(&mut aws, &stack);
    own.assert_failed("template", "");
    let message = own.check("template")["message"].as_str().unwrap();
    assert!(message.contains("that of gatewatch 0.0.1"), "{message}");
    // The command line cannot know of which version the function's binary is.
    assert_eq!(Checkup::of(&shell, &asked).result("template"), "unknown");
    set_variables(&mut aws, &stack, &[(TEMPLATE, "")]);
    assert_eq!(checkup(&mut aws, &stack).result("template"), "unknown");
}

#[test]
fn wrong_settings_are_a_step_and_fail_a_scan() {
    let mut aws = Testbed::start();
    let stack = deploy(&mut aws, json!({}), json!({}));
    set_variables(&mut aws, &stack, &[("GATEWATCH_REGIONS", "the moon")]);
    assert!(invoke(&mut aws, &stack, "{}").failed);
    let checkup = checkup(&mut aws, &stack);
    checkup.assert_failed("settings", "aws lambda get-function-configuration");
    assert_eq!(checkup.named("ok"), ["version"]);
    let refused = invoke(&mut aws, &stack, r#"{"doctor": false}"#);
    assert_eq!(refused.payload["errorType"], "BadEvent");
}
