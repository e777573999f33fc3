//! Stacks: what their templates would bring.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::bucket::Bucket;
use super::{annotations, event, many, message, outcome, template};

const FAIL: (&str, &str) = ("GATEWATCH_HOOK_ON_ERROR", "FAIL");
const EXEMPTION: &str = "version: 1\nexemptions:\n  - {rule: open-method, match: {path: /pets, verb: GET}, reason: a catalog, \
     owner: shop@example.com, severity: high, expires: EXPIRES}\n";

/// A policy file with an exemption that ends in a month.
fn exempting() -> String {
    let month = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * 30);
    EXEMPTION.replace("EXPIRES", &month.strftime("%Y-%m-%d").to_string())
}

#[test]
fn a_stack_that_would_open_a_method_is_refused_with_the_words_of_the_finding() {
    let bucket = Bucket::start();
    let function = bucket.function(&[]);
    let answer =
        function.answer(bucket.stack(&template(&[("GET", "NONE"), ("PUT", "AWS_IAM")]), ""));
    assert_eq!(outcome(&answer), ("FAILED", "NonCompliant"));
    assert_eq!(
        answer["clientRequestToken"],
        "f8da6d11-b23f-48f4-814c-0fb6a667f50e"
    );
    assert_eq!(annotations(&answer), ["open-method FAILED HIGH"]);
    insta::assert_snapshot!(message(&answer), @"gatewatch: this would bring 1 finding (1 high). High open-method: GET /pets, shop (Shop), stage template, eu-west-1, template:8:3: anyone can call this method: its authorization type is NONE. Fix: change it at template:8:3, then check the file again (CloudFormation: AuthorizationType: AWS_IAM on the AWS::ApiGateway::Method; SAM: Auth: {DefaultAuthorizer: AWS_IAM}; OpenAPI: a security scheme with x-amazon-apigateway-authtype: awsSigv4).");
    let annotation = &answer["annotations"][0];
    insta::assert_snapshot!(annotation["statusMessage"].as_str().unwrap(), @"GET /pets, shop (Shop), stage template, eu-west-1, template:8:3: anyone can call this method: its authorization type is NONE.");
    insta::assert_snapshot!(annotation["remediationMessage"].as_str().unwrap(), @"change it at template:8:3, then check the file again (CloudFormation: AuthorizationType: AWS_IAM on the AWS::ApiGateway::Method; SAM: Auth: {DefaultAuthorizer: AWS_IAM}; OpenAPI: a security scheme with x-amazon-apigateway-authtype: awsSigv4)");

    let answer = function.answer(bucket.stack(&template(&[("GET", "AWS_IAM")]), ""));
    assert_eq!(outcome(&answer), ("SUCCESS", "-"));
    assert_eq!(
        message(&answer),
        "gatewatch: 1 method judged, and nothing new that refuses this"
    );
    assert_eq!(annotations(&answer), [""; 0]);
}

#[test]
fn only_what_is_new_or_worse_refuses_an_update() {
    let bucket = Bucket::start();
    let function = bucket.function(&[FAIL]);
    let open = template(&[("GET", "NONE")]);
    let answer = function.answer(bucket.stack(&open, &open));
    assert_eq!(outcome(&answer), ("SUCCESS", "-"));
    assert_eq!(annotations(&answer), ["open-method FAILED HIGH"]);
    assert!(
        message(&answer).contains("there already, and still to be mended: 1 finding (1 high)"),
        "{answer}"
    );

    let more = template(&[("GET", "NONE"), ("POST", "NONE")]);
    let answer = function.answer(bucket.stack(&more, &open));
    assert_eq!(outcome(&answer), ("FAILED", "NonCompliant"));
    assert_eq!(
        annotations(&answer),
        ["open-method FAILED CRITICAL", "open-method FAILED HIGH"]
    );
    assert!(
        message(&answer).starts_with("gatewatch: this would bring 1 finding (1 critical). "),
        "{answer}"
    );
    assert!(!message(&answer).contains("GET /pets"), "{answer}");

    // What was deployed and cannot be read excuses nothing.
    let answer = function.answer(bucket.stack(&open, "Resources: ["));
    assert_eq!(outcome(&answer), ("FAILED", "NonCompliant"));
}

#[test]
fn an_exemption_lets_it_pass() {
    let bucket = Bucket::start();
    let policy = exempting();
    let function = bucket.function(&[("GATEWATCH_POLICY", policy.as_str()), FAIL]);
    let answer = function.answer(bucket.stack(&template(&[("GET", "NONE")]), ""));
    assert_eq!(outcome(&answer), ("SUCCESS", "-"));
    assert_eq!(annotations(&answer), ["open-method SKIPPED HIGH"]);
    assert!(message(&answer).ends_with("; 1 exempted"), "{answer}");
    // It speaks of GET alone.
    let answer = function.answer(bucket.stack(&template(&[("GET", "NONE"), ("PUT", "NONE")]), ""));
    assert_eq!(outcome(&answer), ("FAILED", "NonCompliant"));
}

#[test]
fn what_cannot_be_judged_passes_or_is_refused_as_the_setting_says_and_is_never_called_sound() {
    let bucket = Bucket::start();
    let (pass, fail) = (bucket.function(&[]), bucket.function(&[FAIL]));
    let undecided =
        "Parameters: {Type: {Type: String}}\n".to_owned() + &template(&[("GET", "!Ref Type")]);
    for template in [
        undecided.as_str(),
        "Resources: [",
        "neither",
        "openapi: [",
        "Resources: {}\n\u{0}",
    ] {
        let event = bucket.stack(template, "");
        let answer = pass.answer(event.clone());
        assert_eq!(outcome(&answer), ("SUCCESS", "-"), "{template}");
        assert!(
            message(&answer).starts_with("gatewatch could not judge "),
            "{answer}"
        );
        assert!(
            message(&answer).contains(", and lets it pass unjudged, as HookOnError says: "),
            "{answer}"
        );
        assert_eq!(annotations(&answer), ["not-read SKIPPED HIGH"], "{answer}");
        let answer = fail.answer(event);
        assert_eq!(
            outcome(&answer),
            ("FAILED", "InternalFailure"),
            "{template}"
        );
        assert!(!message(&answer).contains("HookOnError"), "{answer}");
    }
    // What is known to be wrong is refused, whatever cannot be told besides.
    let both = "Parameters: {Type: {Type: String}}\n".to_owned()
        + &template(&[("GET", "!Ref Type"), ("PUT", "NONE")]);
    let answer = pass.answer(bucket.stack(&both, ""));
    assert_eq!(outcome(&answer), ("FAILED", "NonCompliant"), "{answer}");
    assert_eq!(
        annotations(&answer),
        ["open-method FAILED CRITICAL", "not-read SKIPPED HIGH"]
    );
}

#[test]
fn a_template_without_apis_and_a_deletion_are_nothing_to_judge() {
    let bucket = Bucket::start();
    let function = bucket.function(&[FAIL]);
    let says = "gatewatch: it makes no method of an API, so there is nothing to judge";
    let answer = function.answer(bucket.stack("Resources: {Q: {Type: 'AWS::SQS::Queue'}}", ""));
    assert_eq!(
        (outcome(&answer), message(&answer)),
        (("SUCCESS", "-"), says)
    );
    let mut deleted = event("hook-stack.json");
    deleted["actionInvocationPoint"] = json!("DELETE_PRE_PROVISION");
    deleted["requestData"]["payload"] = Value::Null;
    let answer = function.answer(deleted);
    assert_eq!(
        (outcome(&answer), message(&answer)),
        (("SUCCESS", "-"), says)
    );
}

/// CloudFormation takes no larger template, and no more than 500 resources: most of it is words.
#[test]
fn a_template_of_a_megabyte_is_judged_in_time() {
    let bucket = Bucket::start();
    let function = bucket.function(&[]);
    let mut text = many(247, "AWS_IAM")
        + "  Last:\n    Type: AWS::ApiGateway::Method\n    Properties: {RestApiId: !Ref Shop, ResourceId: !Ref Pets, HttpMethod: GET, AuthorizationType: NONE}\nMetadata:\n";
    let mut line = 0;
    while text.len() < 1_048_000 {
        text += &format!("  Key{line}: {{words: [a, 'b', \"c\"], more: {{of: them}}}}\n");
        line += 1;
    }
    assert!(text.len() <= 1024 * 1024);
    let event = bucket.stack(
        &text,
        &text.replace("AuthorizationType: NONE", "AuthorizationType: AWS_IAM"),
    );
    let begun = Instant::now();
    let answer = function.answer(event);
    assert_eq!(outcome(&answer), ("FAILED", "NonCompliant"), "{answer}");
    assert!(
        begun.elapsed() < Duration::from_secs(25),
        "{:?}",
        begun.elapsed()
    );
    println!(
        "a template of 1 MB with the one before: {:?}",
        begun.elapsed()
    );

    let answer = function.answer(bucket.stack(&(text + &"# more\n".repeat(200)), ""));
    assert_eq!(outcome(&answer), ("SUCCESS", "-"));
    assert!(
        message(&answer).contains("CloudFormation takes 1048576 at most"),
        "{answer}"
    );
}

#[test]
fn a_long_message_stays_within_its_limit() {
    let bucket = Bucket::start();
    let function = bucket.function(&[]);
    let answer = function.answer(bucket.stack(&many(80, "NONE"), ""));
    let length = message(&answer).chars().count();
    assert!((3000..=4096).contains(&length), "{length}");
    assert!(message(&answer).ends_with(" more."), "{answer}");
}

/// A policy file that cannot be used is never replaced by the defaults.
#[test]
fn a_broken_policy_file_judges_nothing() {
    let bucket = Bucket::start();
    let event = bucket.stack(&template(&[("GET", "NONE")]), "");
    let broken = ("GATEWATCH_POLICY", "version: 1\nrequires: []\n");
    let answer = bucket.function(&[broken]).answer(event.clone());
    assert_eq!(outcome(&answer), ("SUCCESS", "-"));
    assert!(
        message(&answer).contains("GATEWATCH_POLICY:2:1"),
        "{answer}"
    );
    let answer = bucket.function(&[broken, FAIL]).answer(event.clone());
    assert_eq!(outcome(&answer), ("FAILED", "InternalFailure"));
    // What the setting should say is not known: the stricter way.
    let answer = bucket
        .function(&[("GATEWATCH_HOOK_ON_ERROR", "MAYBE")])
        .answer(event);
    assert_eq!(outcome(&answer), ("FAILED", "InternalFailure"));
    assert!(
        message(&answer).contains("GATEWATCH_HOOK_ON_ERROR: `MAYBE` is neither PASS nor FAIL"),
        "{answer}"
    );
}

/// A nested stack is an operation of its own: that its template is not in this one is no gap, and is said. Stacks in other accounts
/// are none of this one.
#[test]
fn a_nested_stack_is_an_operation_of_its_own() {
    let bucket = Bucket::start();
    let function = bucket.function(&[FAIL]);
    let with = |resource: &str| {
        let text = format!(
            "{}  Other: {{{resource}}}\n",
            template(&[("GET", "AWS_IAM")])
        );
        function.answer(bucket.stack(&text, ""))
    };
    let nested = "Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: 'https://b.s3.amazonaws.com/a.yaml'}";
    let answer = with(nested);
    assert_eq!(outcome(&answer), ("SUCCESS", "-"));
    assert!(answer.to_string().contains("the template at"), "{answer}");
    let set = "Type: AWS::CloudFormation::StackSet, Properties: {TemplateBody: '{}'}";
    assert_eq!(outcome(&with(set)), ("FAILED", "InternalFailure"));
}
