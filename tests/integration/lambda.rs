//! The real Lambda binary, deployed from the template into an emulated account that enforces IAM: with
//! the template's role and no other right.

use std::fs;

use assert_cmd::cargo::cargo_bin;
use serde_json::{Value, json};

use crate::governance::{empty, output};
use crate::support::command::findings;
use crate::support::package;
use crate::support::testbed::{REGION, Testbed};

pub(crate) const STACK: &str = "gatewatch";

/// The outputs of the stack that a test reads.
pub(crate) struct Stack {
    pub(crate) function: String,
    pub(crate) topic: String,
    pub(crate) role: String,
    pub(crate) log_group: String,
    pub(crate) queue: String,
}

/// The answer to an invocation: what it returned, and the error, if it failed.
pub(crate) struct Answer {
    pub(crate) payload: Value,
    pub(crate) failed: bool,
}

/// Sets variables of the function, and leaves the others as they are.
pub(crate) fn set_variables(aws: &mut Testbed, stack: &Stack, values: &[(&str, &str)]) {
    let function = json!({"FunctionName": stack.function});
    let configuration = aws.call("lambda", "get_function_configuration", function);
    let mut variables = configuration["Environment"]["Variables"].clone();
    for (name, value) in values {
        variables[*name] = json!(value);
    }
    let changed = json!({"FunctionName": stack.function, "Environment": {"Variables": variables}});
    aws.call("lambda", "update_function_configuration", changed);
}

pub(crate) fn deploy(aws: &mut Testbed, mut parameters: Value, extra_files: Value) -> Stack {
    // The emulator speaks plain HTTP, which the topic's policy refuses otherwise.
    parameters["RequireTls"] = json!("false");
    // One Region is quicker to read than all of them.
    if parameters["Regions"].is_null() {
        parameters["Regions"] = json!(REGION);
    }
    let outputs = aws.call(
        "gatewatch",
        "deploy_template",
        json!({
            "stack_name": STACK,
            "bootstrap": cargo_bin("gatewatch-lambda"),
            "template": package("template.yaml"),
            "parameters": parameters,
            "extra_files": extra_files,
        }),
    );
    let output = |name: &str| outputs[name].as_str().unwrap().to_owned();
    Stack {
        queue: aws.queue_on(&output("TopicArn")),
        function: output("FunctionName"),
        topic: output("TopicArn"),
        role: output("RoleArn").rsplit('/').next().unwrap().to_owned(),
        log_group: output("LogGroup"),
    }
}

pub(crate) fn invoke(aws: &mut Testbed, stack: &Stack, payload: &str) -> Answer {
    let params = json!({"FunctionName": stack.function, "Payload": payload});
    let answer = aws.call("lambda", "invoke", params);
    Answer {
        payload: serde_json::from_str(answer["Payload"].as_str().unwrap()).unwrap(),
        failed: answer["FunctionError"].is_string(),
    }
}

pub(crate) fn event(name: &str) -> String {
    fs::read_to_string(package("events").join(name)).unwrap()
}

/// The digest that the topic got.
pub(crate) fn published(aws: &mut Testbed, stack: &Stack) -> Value {
    let mut received = aws.received(&stack.queue);
    assert_eq!(received.len(), 1, "{received:?}");
    serde_json::from_str(received.remove(0)["Message"].as_str().unwrap()).unwrap()
}

/// The messages of one run as one: the first, with the changes that the others name.
pub(crate) fn published_in_parts(aws: &mut Testbed, stack: &Stack) -> Value {
    let received = aws.received(&stack.queue);
    let parse = |it: &Value| serde_json::from_str(it["Message"].as_str().unwrap()).unwrap();
    let mut parts: Vec<Value> = received.iter().map(parse).collect();
    parts.sort_by_key(|it| it["part"].as_u64());
    let mut whole = parts.remove(0);
    for mut part in parts {
        let changes = part["changes"].as_array_mut().unwrap();
        whole["changes"].as_array_mut().unwrap().append(changes);
        whole["left_out"] = part["left_out"].take();
    }
    whole
}

#[test]
fn a_scheduled_run_needs_no_more_than_the_templates_role() {
    let mut aws = Testbed::start();
    aws.petstore();
    let policy = "version: 1\nrequire: [{authorization: [AWS_IAM]}]\n\
                  groups: [{name: callers, policies: AmazonAPIGatewayInvokeFullAccess}]\n";
    aws.call("iam", "create_group", json!({"GroupName": "callers"}));
    // Its document is fetched by GetPolicy and GetPolicyVersion.
    let invoke_policy = "arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess";
    let attach = json!({"GroupName": "callers", "PolicyArn": invoke_policy});
    aws.call("iam", "attach_group_policy", attach);
    let stack = deploy(&mut aws, json!({"PolicyFile": policy}), json!({}));
    for (number, schedule) in ["scheduled.json", "scheduled-rule.json"].iter().enumerate() {
        let answer = invoke(&mut aws, &stack, &event(schedule));
        assert!(!answer.failed, "{}", answer.payload);
        assert_eq!(answer.payload["status"], "findings");
        assert_eq!(
            answer.payload["coverage"]["complete"], true,
            "{}",
            answer.payload
        );
        assert_eq!(answer.payload["counts"]["total"], 5);
        assert_eq!(answer.payload["regions"], json!([REGION]));
        if number > 0 {
            // Nothing has changed since.
            assert_eq!(answer.payload["announced"], json!([]));
            assert_eq!(aws.received(&stack.queue), Vec::<Value>::new());
            continue;
        }
        assert_eq!(answer.payload["announced"], json!(["baseline"]));
        let digest = published(&mut aws, &stack);
        assert_eq!(
            findings(&digest),
            [
                "open-method POST /pets",
                "open-method GET /",
                "open-method GET /pets",
                "open-method GET /pets/{petId}",
                "empty-group arn:aws:iam::111122223333:group/callers",
            ]
        );
    }
    let log = aws.call(
        "gatewatch",
        "log_text",
        json!({"log_group": stack.log_group}),
    );
    let lines: Vec<Value> = (log.as_str().unwrap().lines())
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let told = lines
        .iter()
        .any(|line| line["message"] == "the run is over");
    assert!(told, "{log}");
}

/// One thing of each kind that a scan reads with a right of its own.
fn one_of_each(aws: &mut Testbed) {
    let api = aws.petstore();
    let authorizer = aws.call(
        "apigateway",
        "create_authorizer",
        json!({"restApiId": api.id, "name": "gate", "type": "REQUEST", "authorizerUri": "arn:aws:apigateway:none"}),
    );
    aws.call(
        "apigateway",
        "put_method",
        json!({"restApiId": api.id, "resourceId": api.resources["/"], "httpMethod": "PUT",
               "authorizationType": "CUSTOM", "authorizerId": authorizer["id"]}),
    );
    aws.call("iam", "create_group", json!({"GroupName": "callers"}));
    let attached = "arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess";
    let attach = json!({"GroupName": "callers", "PolicyArn": attached});
    aws.call("iam", "attach_group_policy", attach);
    aws.call(
        "gatewatch",
        "create_mixed_account",
        json!({"rest_apis": 0, "http_apis": 1}),
    );
    let certificate = "arn:aws:acm:us-east-1:111122223333:certificate/fake";
    for kind in ["EDGE", "REGIONAL"] {
        aws.call(
            "apigateway",
            "create_domain_name",
            json!({"domainName": format!("{}.example.com", kind.to_lowercase()),
                   "certificateArn": certificate, "endpointConfiguration": {"types": [kind]}}),
        );
    }
}

/// Rights that nothing in the emulator calls for: it has no export, no routing rules, and lists
/// customer-managed policies with the account's details.
fn is_spare(taken: &Value) -> bool {
    let taken = taken.to_string();
    ["/exports/", ":iam::111122223333:", "ListRoutingRules"]
        .iter()
        .any(|it| taken.contains(it))
}

#[test]
fn each_right_of_the_role_is_needed() {
    let mut aws = Testbed::start();
    one_of_each(&mut aws);
    let stack = deploy(&mut aws, json!({"Regions": "all"}), json!({}));
    let all = role_policy(&mut aws, &stack, "scan");
    let answer = invoke(&mut aws, &stack, "{}");
    assert_eq!(answer.payload["status"], "findings");
    assert!(answer.payload["regions"].as_array().unwrap().len() > 10);
    // What was read once need not be read again: each run is to be the first.
    let bucket = output(&mut aws, "StateBucket");
    let mut tried = 0;
    for (index, statement) in all["Statement"].as_array().unwrap().iter().enumerate() {
        for (taken, narrowed) in one_less(statement) {
            let mut policy = all.clone();
            policy["Statement"][index] = narrowed.clone();
            put_role_policy(&mut aws, &stack, "scan", &policy);
            empty(&mut aws, &bucket);
            let answer = invoke(&mut aws, &stack, "{}");
            assert!(!answer.failed, "{}", answer.payload);
            let incomplete = answer.payload["status"] == "incomplete";
            assert_eq!(incomplete, !is_spare(&taken), "without {taken}");
            tried += 1;
        }
    }
    assert!(tried >= 16, "only {tried} rights were tried");
}

/// A statement with each of its actions, or each of its resources, taken away in turn, and what was
/// taken. One that has a single one of both is denied as a whole.
pub(crate) fn one_less(statement: &Value) -> Vec<(Value, Value)> {
    let mut narrowed = Vec::new();
    for element in ["Action", "Resource"] {
        if let Some(list) = statement[element].as_array() {
            for (index, taken) in list.iter().enumerate() {
                let mut less = statement.clone();
                less[element].as_array_mut().unwrap().remove(index);
                narrowed.push((taken.clone(), less));
            }
        }
    }
    if narrowed.is_empty() {
        let mut denied = statement.clone();
        denied["Effect"] = json!("Deny");
        narrowed.push((statement["Action"].clone(), denied));
    }
    narrowed
}

pub(crate) fn role_policy(aws: &mut Testbed, stack: &Stack, name: &str) -> Value {
    let params = json!({"RoleName": stack.role, "PolicyName": name});
    aws.call("iam", "get_role_policy", params)["PolicyDocument"].clone()
}

pub(crate) fn put_role_policy(aws: &mut Testbed, stack: &Stack, name: &str, policy: &Value) {
    let document = policy.to_string();
    let params = json!({"RoleName": stack.role, "PolicyName": name, "PolicyDocument": document});
    aws.call("iam", "put_role_policy", params);
}

#[test]
fn a_direct_invocation_narrows_the_scan() {
    let mut aws = Testbed::start();
    aws.petstore_named("one");
    let two = aws.petstore_named("two");
    let stack = deploy(&mut aws, json!({}), json!({}));
    // The sample event, with the id of an API that exists here.
    let mut direct: Value = serde_json::from_str(&event("direct.json")).unwrap();
    let unknown = invoke(&mut aws, &stack, &direct.to_string());
    assert_eq!(
        unknown.payload["status"], "incomplete",
        "{}",
        unknown.payload
    );
    published(&mut aws, &stack);
    direct["apis"] = json!([two.id]);
    let answer = invoke(&mut aws, &stack, &direct.to_string());
    assert_eq!(answer.payload["coverage"]["apis"], 1, "{}", answer.payload);
    assert_eq!(
        published(&mut aws, &stack)["changes"][0]["api"]["name"],
        "two"
    );
}

#[test]
fn a_bad_event_is_refused_and_nothing_is_sent() {
    let mut aws = Testbed::start();
    let stack = deploy(&mut aws, json!({}), json!({}));
    let answer = invoke(&mut aws, &stack, &event("bad.json"));
    assert!(answer.failed);
    assert_eq!(
        answer.payload["errorType"], "BadEvent",
        "{}",
        answer.payload
    );
    assert!(
        answer.payload["errorMessage"]
            .as_str()
            .unwrap()
            .starts_with("bad event: ")
    );
    assert_eq!(aws.received(&stack.queue), Vec::<Value>::new());
}

#[test]
fn a_broken_policy_file_stops_the_run_and_a_packaged_one_counts() {
    let mut aws = Testbed::start();
    aws.petstore();
    let packaged = json!({"gatewatch.yaml": "version: 1\nrequire: [{authorization: [NONE]}]\n"});
    let stack = deploy(&mut aws, json!({}), packaged.clone());
    let answer = invoke(&mut aws, &stack, "{}");
    assert_eq!(answer.payload["status"], "clean", "{}", answer.payload);
    assert_eq!(published(&mut aws, &stack)["changes"], json!([]));
    let stack = deploy(
        &mut aws,
        json!({"PolicyFile": "version: 1\nrequires: []\n"}),
        packaged,
    );
    let answer = invoke(&mut aws, &stack, "{}");
    assert!(answer.failed);
    assert_eq!(
        answer.payload["errorType"], "BadPolicy",
        "{}",
        answer.payload
    );
    let message = answer.payload["errorMessage"].as_str().unwrap();
    assert!(
        message.contains("GATEWATCH_POLICY:2:1: unknown key `requires`"),
        "{message}"
    );
    assert_eq!(aws.received(&stack.queue), Vec::<Value>::new());
}

#[test]
fn a_topic_that_is_gone_fails_the_run() {
    let mut aws = Testbed::start();
    let stack = deploy(&mut aws, json!({}), json!({}));
    aws.call("sns", "delete_topic", json!({"TopicArn": stack.topic}));
    let answer = invoke(&mut aws, &stack, "{}");
    assert!(answer.failed, "{}", answer.payload);
    assert_eq!(
        answer.payload["errorType"], "NotAnnounced",
        "{}",
        answer.payload
    );
}

#[test]
fn without_the_right_to_publish_the_run_fails() {
    let mut aws = Testbed::start();
    let stack = deploy(&mut aws, json!({}), json!({}));
    let mut policy = role_policy(&mut aws, &stack, "report");
    policy["Statement"]
        .as_array_mut()
        .unwrap()
        .retain(|it| it["Sid"] != "SendFindings");
    put_role_policy(&mut aws, &stack, "report", &policy);
    let answer = invoke(&mut aws, &stack, "{}");
    assert!(answer.failed, "{}", answer.payload);
    let message = answer.payload["errorMessage"].as_str().unwrap();
    assert!(message.contains("sns:Publish: access denied"), "{message}");
}

#[test]
fn the_schedule_starts_the_function() {
    let mut aws = Testbed::start();
    let stack = deploy(&mut aws, json!({}), json!({}));
    let schedule = aws.call("scheduler", "get_schedule", json!({"Name": STACK}));
    let target = &schedule["Target"];
    assert!(target["DeadLetterConfig"]["Arn"].is_string(), "{schedule}");
    // A time of the day: a rate would begin with the deployment, before anybody can have confirmed the mail.
    assert_eq!(schedule["ScheduleExpression"], "cron(0 6 * * ? *)");
    assert_eq!(schedule["ScheduleExpressionTimezone"], "UTC");
    assert_eq!(target["Input"], "{}");
    aws.call(
        "scheduler",
        "update_schedule",
        json!({
            "Name": STACK,
            "ScheduleExpression": "at(2020-01-01T00:00:00)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {"Arn": target["Arn"], "RoleArn": target["RoleArn"], "Input": target["Input"]},
        }),
    );
    // Each look waits for two seconds: the schedule has to come due, and the function to run.
    let message = (0..60).find_map(|_| aws.received(&stack.queue).pop());
    let message = message.unwrap();
    let report: Value = serde_json::from_str(message["Message"].as_str().unwrap()).unwrap();
    assert_eq!(report["status"], "clean", "{report}");
}
