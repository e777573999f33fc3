"""Answers that lack something: made of botocore's service models, for tests that play them.

    target/testbed/bin/python tests/contract/variants.py

Prints one JSON object: for each operation that is read or sent to, how its request is known, its whole answer (every member
that the model has), and the same answer without one member, with one that is empty, and with nothing but what the model
requires.
"""

import copy
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "testbed"))
sys.dont_write_bytecode = True

import answers  # noqa: E402
import generated  # noqa: E402
from coverage import OF_RUNS  # noqa: E402
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

# Objects are documents of our own, and an export is one of its author's.
LEFT_OUT = {"s3", "ExportApi"}


def request_of(model, operation):
    """What tells a request: method and path, the target, or the action of a form."""
    return f"Action={operation.name}" if model.protocol == "query" else answers.request(model, operation)


def places(value, at=()):
    """Everything in a value, as paths."""
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*at, key)
        if isinstance(item, (dict, list)):
            yield from places(item, (*at, key))


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


def variants(shape, whole):
    yield "nothing but what is required", required(shape, whole)
    for name, member in shape.members.items():
        key = member.serialization.get("name", name)
        if member.type_name == "list" and key in whole:
            yield f"/{key} has nothing but what is required", {**whole, key: required(member, whole[key])}
    for path in places(whole):
        at = "".join(f"/{key}" for key in path)
        yield f"{at} is missing", changed(whole, path, None)
        inner = whole
        for key in path:
            inner = inner[key]
        if (nothing := empty(inner)) is not None:
            yield f"{at} is empty", changed(whole, path, nothing)


def main():
    made = {}
    for service, names in OF_RUNS.items():
        model = service_model(service)
        for name in names:
            if {service, name} & LEFT_OUT:
                continue
            operation = model.operation_model(name)
            whole = TAKEN.get(name) or {**generated.value_of(operation), **FITTING.get(name, {})}
            made[f"{model.service_id} {name}"] = {
                "request": request_of(model, operation),
                "sends": name in TAKEN or name == "Publish",
                "whole": generated.on_the_wire(model, operation, whole),
                "variants": [[what, generated.on_the_wire(model, operation, value)]
                             for what, value in variants(operation.output_shape, whole)],
            }
    json.dump(made, sys.stdout)


if __name__ == "__main__":
    main()
