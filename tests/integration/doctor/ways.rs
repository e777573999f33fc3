//! Ways in which a stack is broken.

use serde_json::json;

use crate::lambda::{STACK, Stack};
use crate::support::testbed::{ACCOUNT, REGION, Testbed};

/// A way in which a stack is broken.
pub(super) struct Way {
    pub(super) step: &'static str,
    /// How the command begins that mends it.
    pub(super) begins: &'static str,
    pub(super) breaks: fn(&mut Testbed, &Stack),
}

pub(super) const WAYS: [Way; 12] = [
    Way {
        step: "stack-schedule",
        begins: "aws scheduler update-schedule",
        breaks: |aws, _| {
            let schedule = aws.call("scheduler", "get_schedule", json!({"Name": STACK}));
            let member = |name: &str| schedule[name].clone();
            let changed = json!({
                "Name": STACK, "State": "DISABLED", "ScheduleExpression": member("ScheduleExpression"),
                "FlexibleTimeWindow": member("FlexibleTimeWindow"), "Target": member("Target"),
            });
            aws.call("scheduler", "update_schedule", changed);
        },
    },
    Way {
        step: "stack-alarms",
        begins: "aws cloudwatch enable-alarm-actions",
        breaks: |aws, _| {
            let names = json!({"AlarmNames": ["gatewatch-scan-failed", "gatewatch-unannounced"]});
            aws.call("cloudwatch", "disable_alarm_actions", names);
        },
    },
    Way {
        step: "stack-rules",
        begins: "aws events enable-rule",
        breaks: |aws, _| {
            let name = rule(aws, REGION, "gatewatch-ChangedApis");
            aws.call("events", "disable_rule", json!({"Name": name}));
        },
    },
    Way {
        step: "stack-rules",
        begins: "aws events put-targets",
        breaks: |aws, _| {
            let name = rule(aws, REGION, "gatewatch-ChangedPrincipals");
            let targets = json!({"Rule": name, "Ids": ["changes"]});
            aws.call("events", "remove_targets", targets);
        },
    },
    Way {
        step: "stack-iam-events",
        begins: "aws events enable-rule --region us-east-1",
        breaks: |aws, _| {
            let name = rule(aws, "us-east-1", "gatewatch-iam-events");
            let params = json!({"Name": name});
            aws.call_in(ACCOUNT, "us-east-1", "events", "disable_rule", params);
        },
    },
    Way {
        step: "stack-trail",
        begins: "aws cloudtrail start-logging",
        breaks: |aws, _| {
            aws.call("cloudtrail", "stop_logging", json!({"Name": "all"}));
        },
    },
    Way {
        step: "stack-trail",
        begins: "aws cloudtrail put-event-selectors",
        breaks: |aws, _| {
            let reads = json!([{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": true}]);
            let params = json!({"TrailName": "all", "EventSelectors": reads});
            aws.call("cloudtrail", "put_event_selectors", params);
        },
    },
    Way {
        step: "stack-trail",
        begins: "aws cloudtrail put-event-selectors",
        breaks: |aws, _| {
            let fields = json!([{"Field": "eventCategory", "Equals": ["Data"]}]);
            let data = json!([{"Name": "data", "FieldSelectors": fields}]);
            let params = json!({"TrailName": "all", "AdvancedEventSelectors": data});
            aws.call("cloudtrail", "put_event_selectors", params);
        },
    },
    Way {
        step: "topic-key",
        begins: "aws kms enable-key",
        breaks: |aws, stack| {
            let topic = json!({"TopicArn": stack.topic});
            let topic = aws.call("sns", "get_topic_attributes", topic);
            let key = json!({"KeyId": topic["Attributes"]["KmsMasterKeyId"]});
            aws.call("kms", "disable_key", key);
        },
    },
    Way {
        step: "topic-key-policy",
        begins: "aws kms put-key-policy",
        breaks: |aws, stack| {
            let topic = json!({"TopicArn": stack.topic});
            let topic = aws.call("sns", "get_topic_attributes", topic);
            let key = &topic["Attributes"]["KmsMasterKeyId"];
            let root = json!({"AWS": "arn:aws:iam::111122223333:root"});
            let statement =
                json!({"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"});
            let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
            let params = json!({"KeyId": key, "PolicyName": "default", "Policy": policy});
            aws.call("kms", "put_key_policy", params);
        },
    },
    Way {
        step: "stack-concurrency",
        begins: "aws lambda delete-function-concurrency",
        breaks: |aws, stack| {
            let none = json!({"FunctionName": stack.function, "ReservedConcurrentExecutions": 0});
            aws.call("lambda", "put_function_concurrency", none);
        },
    },
    Way {
        step: "stack-function",
        begins: "aws lambda update-function-configuration",
        breaks: |aws, stack| {
            let short = json!({"FunctionName": stack.function, "Timeout": 60});
            aws.call("lambda", "update_function_configuration", short);
        },
    },
];

/// The name of a rule that begins like this.
fn rule(aws: &mut Testbed, region: &str, prefix: &str) -> String {
    let params = json!({"NamePrefix": prefix});
    let rules = aws.call_in(ACCOUNT, region, "events", "list_rules", params);
    rules["Rules"][0]["Name"].as_str().unwrap().to_owned()
}
