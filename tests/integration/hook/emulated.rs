//! The function of the deployed template, with its role and no other right. The emulator has no hooks: it keeps them, and
//! asks nobody.

use serde_json::{Value, json};

use super::{event, message, outcome, template};
use crate::lambda::{Stack, deploy, invoke};
use crate::schemas::assert_fits;
use crate::support::testbed::{REGION, Testbed};

fn answer(aws: &mut Testbed, stack: &Stack, function: &str, event: &Value) -> Value {
    let stack = Stack {
        function: function.to_owned(),
        topic: stack.topic.clone(),
        role: stack.role.clone(),
        log_group: stack.log_group.clone(),
        queue: stack.queue.clone(),
    };
    let answer = invoke(aws, &stack, &event.to_string());
    assert!(!answer.failed, "{}", answer.payload);
    assert_fits("hook", &answer.payload);
    answer.payload
}

/// Puts what an event leads to into a bucket, and gives its pre-signed URL.
fn presigned(aws: &mut Testbed, payload: &Value) -> String {
    let object = json!({"Bucket": "hooks", "Key": "payload.json"});
    let mut put = object.clone();
    put["Body"] = json!(payload.to_string());
    aws.call("s3", "put_object", put);
    let signed = json!({"ClientMethod": "get_object", "Params": object});
    let url = aws.call("s3", "generate_presigned_url", signed);
    url.as_str().unwrap().to_owned()
}

#[test]
fn the_deployed_hook_needs_no_more_than_its_role() {
    let mut aws = Testbed::start();
    aws.call(
        "s3",
        "create_bucket",
        json!({"Bucket": "hooks", "CreateBucketConfiguration": {"LocationConstraint": REGION}}),
    );
    let policy = "version: 1\nrequire: [{authorization: [AWS_IAM]}, {match: {verb: PUT}, authorization: [NONE]}]\n";
    aws.call(
        "s3",
        "put_object",
        json!({"Bucket": "hooks", "Key": "gatewatch.yaml", "Body": policy}),
    );
    let parameters = json!({"Hook": "FAIL", "PolicyUri": "s3://hooks/gatewatch.yaml"});
    let stack = deploy(&mut aws, parameters, json!({}));
    let described = aws.call("cloudformation", "describe_stacks", json!({}));
    let outputs = described["Stacks"][0]["Outputs"]
        .as_array()
        .unwrap()
        .clone();
    let named = outputs
        .iter()
        .find(|it| it["OutputKey"] == "HookFunctionName");
    let function = named.unwrap()["OutputValue"].as_str().unwrap().to_owned();

    for (methods, wanted) in [
        ([("PUT", "NONE"), ("GET", "AWS_IAM")], ("SUCCESS", "-")),
        (
            [("PUT", "NONE"), ("GET", "NONE")],
            ("FAILED", "NonCompliant"),
        ),
    ] {
        let text = template(&methods);
        for (name, payload) in [
            (
                "hook-stack.json",
                json!({"template": text, "previousTemplate": ""}),
            ),
            ("hook-change-set.json", json!({"template": text})),
        ] {
            let mut event = event(name);
            event["requestData"]["payload"] = json!(presigned(&mut aws, &payload));
            let answer = answer(&mut aws, &stack, &function, &event);
            assert_eq!(outcome(&answer), wanted, "{name}: {answer}");
        }
    }
    for name in ["hook-resource.json", "hook-cloud-control.json"] {
        let answer = answer(&mut aws, &stack, &function, &event(name));
        assert_eq!(
            outcome(&answer),
            ("FAILED", "NonCompliant"),
            "{name}: {answer}"
        );
    }
    // The emulator does not look at signatures: what is not there stands in for what may not be read.
    let mut gone = event("hook-stack.json");
    let url = presigned(&mut aws, &json!({}));
    gone["requestData"]["payload"] = json!(url.replace("payload.json", "gone.json"));
    let refused = answer(&mut aws, &stack, &function, &gone);
    assert_eq!(outcome(&refused), ("SUCCESS", "-"), "{refused}");
    assert!(
        message(&refused).contains("answered with status 404"),
        "{refused}"
    );

    // It reads no account, whatever it is asked for.
    let scan = Stack { function, ..stack };
    let scanned = invoke(&mut aws, &scan, "{}");
    assert!(scanned.failed, "{}", scanned.payload);
    let log = aws.call(
        "gatewatch",
        "log_text",
        json!({"log_group": scan.log_group}),
    );
    let log = log.as_str().unwrap();
    for wanted in [
        r#""HookRefused":1"#,
        r#""HookFailures":1"#,
        r#""HookUndecided":0"#,
    ] {
        assert!(log.contains(wanted), "{wanted}: {log}");
    }
    assert!(!log.contains("X-Amz-Signature"), "{log}");
}
