"""Answers that lack something: made of botocore's service models, for tests that play them.

    target/testbed/bin/python tests/contract/variants.py

Prints one JSON object: for each operation that is read or sent to, how its request is known, its whole answer (every member
that the model has), and the same answer without one member, with one that is empty, and with nothing but what the model
requires. With `--checkups`, the same of what only a checkup asks.
"""

import copy
import json
import os
import pathlib
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "testbed"))
sys.dont_write_bytecode = True

import answers  # noqa: E402
import generated  # noqa: E402
from coverage import OF_CHECKUPS, OF_RUNS  # noqa: E402
from wire import service_model  # noqa: E402

# Answers that say that everything was taken.
TAKEN = {
    "PutEvaluations": {"FailedEvaluations": []},
    "PutEvents": {"FailedEntryCount": 0, "Entries": [{"EventId": "a"}]},
    "BatchImportFindings": {"FailedCount": 0, "SuccessCount": 1, "FailedFindings": []},
    "GetTopicAttributes": {"Attributes": {"SubscriptionsConfirmed": "1", "SubscriptionsPending": "0"}},
    "PublishBatch": {"Successful": [{"Id": "a", "MessageId": "m", "SequenceNumber": "1"}], "Failed": []},
}

# Members of whole answers that a model alone does not give: the last page of a list, a role of the account that was named.
FITTING = {
    "GetAccountAuthorizationDetails": {"IsTruncated": False},
    "AssumeRole": {"AssumedRoleUser": {"AssumedRoleId": "a", "Arn": "arn:aws:sts::222233334444:assumed-role/r/gatewatch"}},
}

def policy(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


ARN, FUNCTION = "arn:aws:{}:eu-west-1:111122223333:{}".format, "gatewatch-Function-a"
RUN = [{"message": json.dumps({"type": it, "record": {"requestId": "a"}})} for it in ("platform.start", "platform.report")]
ALARMS = ["scan-failed", "scan-incomplete", "scan-missing", "unannounced", "not-subscribed", "scan-undelivered"]

MANIFEST = pathlib.Path(__file__).resolve().parents[2] / "Cargo.toml"
VERSION = re.search(r'^version = "(.+)"$', MANIFEST.read_text(encoding="utf-8"), re.MULTILINE)[1]

# Answers about a topic and a stack in order.
IN_ORDER = {
    "GetTopicAttributes": {"Attributes": {
        "SubscriptionsConfirmed": "1", "SubscriptionsPending": "0", "KmsMasterKeyId": ARN("kms", "key/k"),
        "Policy": '{"Statement": []}'}},
    "DescribeTrails": {"trailList": [{"Name": "t", "TrailARN": ARN("cloudtrail", "trail/t"), "IsMultiRegionTrail": True}]},
    "GetEventSelectors": {"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}]},
    "GetTrailStatus": {"IsLogging": True},
    "DescribeAlarms": {"MetricAlarms": [{
        "AlarmName": f"gatewatch-{it}", "StateValue": "OK", "ActionsEnabled": True, "AlarmActions": [ARN("sns", "alerts")],
        "Dimensions": [{"Name": "FunctionName", "Value": FUNCTION}]} for it in ALARMS]},
    "DescribeEventBus": {"Name": "security"},
    "DescribeRule": {"Name": "iam-events", "State": "ENABLED", "EventPattern": '{"source": ["aws.iam"]}'},
    "ListRuleNamesByTarget": {"RuleNames": ["iam-events"]},
    "ListRules": {"Rules": [{"Name": f"gatewatch-Changed{it}-a", "State": "ENABLED", "EventPattern": "{}"}
                            for it in ("Apis", "Principals")]},
    "ListTargetsByRule": {"Targets": [{"Id": "changes", "Arn": ARN("sqs", "changes")}]},
    "SimulatePrincipalPolicy": {"EvaluationResults": [{"EvalActionName": "a:B", "EvalDecision": "allowed"}]},
    "Decrypt": {"KeyId": ARN("kms", "key/k"), "Plaintext": "YQ=="},
    "GenerateDataKey": {"KeyId": ARN("kms", "key/k"), "Plaintext": "YQ==", "CiphertextBlob": "YQ=="},
    "GetKeyPolicy": {"Policy": policy(Principal={"Service": "cloudwatch.amazonaws.com"}, Action="kms:*", Resource="*")},
    "GetAccountSettings": {"AccountLimit": {"ConcurrentExecutions": 10, "UnreservedConcurrentExecutions": 9}},
    "GetFunctionConcurrency": {"ReservedConcurrentExecutions": 1},
    "GetFunctionConfiguration": {
        "FunctionName": FUNCTION, "Architectures": ["arm64"], "MemorySize": 512, "Timeout": 900, "State": "Active",
        "LastUpdateStatus": "Successful", "LastModified": "2026-06-15T06:00:00.000+0000",
        "LoggingConfig": {"LogGroup": "/gatewatch/gatewatch"}, "Environment": {"Variables": {"GATEWATCH_TEMPLATE": VERSION}}},
    "FilterLogEvents": {"events": RUN},
    "GetSchedule": {"State": "ENABLED", "ScheduleExpression": "cron(0 6 * * ? *)", "ScheduleExpressionTimezone": "UTC",
                    "Target": {"Arn": ARN("lambda", f"function:{FUNCTION}")}},
    "DescribeHub": {"HubArn": ARN("securityhub", "hub/default")},
}

EVERY = 1000

# Objects are documents of our own, and an export is one of its author's.
LEFT_OUT = {"s3", "ExportApi"}


def request_of(model, operation):
    """What tells a request: method and path, the target, or the action of a form."""
    return f"Action={operation.name}" if model.protocol == "query" else answers.request(model, operation)


def places(value, most, at=()):
    """Everything in a value, as paths. `most`: so many entries of a list."""
    for key, item in value.items() if isinstance(value, dict) else enumerate(value[:most]):
        yield (*at, key)
        if isinstance(item, (dict, list)):
            yield from places(item, most, (*at, key))


def empty(value):
    """The same kind of value with nothing in it. None: there is no such thing, or it is the same."""
    for kind in (str, list, dict):
        if isinstance(value, kind):
            return kind() if value else None
    return None


def changed(value, path, change):
    """A copy in which something else stands at a place; None: nothing stands there."""
    value = copy.deepcopy(value)
    inner = value
    for key in path[:-1]:
        inner = inner[key]
    if change is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = change
    return value


def required(shape, value):
    """The same answer with what the model requires, and nothing else. A list keeps its first entry."""
    if shape.type_name == "structure":
        members = {name: member.serialization.get("name", name) for name, member in shape.members.items()}
        return {members[name]: required(shape.members[name], value[members[name]])
                for name in shape.required_members if members[name] in value}
    if shape.type_name == "list":
        return [required(shape.member, item) for item in value[:1]]
    return value


def variants(shape, whole, most):
    yield "nothing but what is required", required(shape, whole)
    for name, member in shape.members.items():
        key = member.serialization.get("name", name)
        if member.type_name == "list" and key in whole:
            yield f"/{key} has nothing but what is required", {**whole, key: required(member, whole[key])}
    for path in places(whole, most):
        at = "".join(f"/{key}" for key in path)
        yield f"{at} is missing", changed(whole, path, None)
        inner = whole
        for key in path:
            inner = inner[key]
        if (nothing := empty(inner)) is not None:
            yield f"{at} is empty", changed(whole, path, nothing)


def main():
    of_checkups = "--checkups" in sys.argv
    whole = {**TAKEN, **(IN_ORDER if of_checkups else {})}
    made = answers_of(OF_RUNS, whole, 0 if of_checkups else EVERY)
    if of_checkups:
        # Alarms are six, and read alike.
        made.update(answers_of(OF_CHECKUPS, whole, 1))
    json.dump(made, sys.stdout)


def answers_of(operations, known, most):
    made = {}
    for service, names in operations.items():
        model = service_model(service)
        for name in names:
            if {service, name} & LEFT_OUT:
                continue
            operation = model.operation_model(name)
            whole = known.get(name) or {**generated.value_of(operation), **FITTING.get(name, {})}
            made[f"{model.service_id} {name}"] = {
                "request": request_of(model, operation),
                "sends": name in TAKEN or name == "Publish",
                "whole": generated.on_the_wire(model, operation, whole),
                "variants": [[what, generated.on_the_wire(model, operation, value)]
                             for what, value in variants(operation.output_shape, whole, most) if most],
            }
    return made


if __name__ == "__main__":
    main()
