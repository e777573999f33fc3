"""Answers made of botocore's service models, on the wire: each has every member that the model knows."""

import json
import os
import sys
import urllib.parse
from xml.sax.saxutils import escape

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "testbed"))
sys.dont_write_bytecode = True

import answers  # noqa: E402

ACCOUNT = "111122223333"


def document(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


IDENTITY = urllib.parse.quote(document(Action="execute-api:Invoke", Resource="*"))
TRUST = urllib.parse.quote(document(Action="sts:AssumeRole", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}))

# What leads a scan on to every call that it can make: names that fit each other, and methods that are found fault with.
answers.VALUES.update({
    "id": "a1b2c3d4e5",
    "restApiId": "a1b2c3d4e5",
    "apiId": "f6g7h8i9j0",
    "authorizationType": "NONE",
    "policy": document(Action="execute-api:Invoke", Principal="*", Resource="execute-api:/*"),
    "accountId": ACCOUNT,
    "Account": ACCOUNT,
    "Arn": f"arn:aws:iam::{ACCOUNT}:user/a",
    "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/a",
    "PermissionsBoundaryArn": f"arn:aws:iam::{ACCOUNT}:policy/a",
    "PolicyDocument": IDENTITY,
    "AssumeRolePolicyDocument": TRUST,
    "Document": IDENTITY,
    "DefaultVersionId": "v1",
    "VersionId": "v1",
})
answers.VARIANTS.update({
    # Two stages of an HTTP API: one deploys its routes by itself, the other has to be exported.
    "__listOfStage": [{}, {"stageName": "by-hand", "autoDeploy": False, "deploymentId": "b"}],
    "groupDetailListType": [{"Arn": f"arn:aws:iam::{ACCOUNT}:group/a"}],
    "roleDetailListType": [{"Arn": f"arn:aws:iam::{ACCOUNT}:role/a"}],
    "ManagedPolicyDetailListType": [{"Arn": f"arn:aws:iam::{ACCOUNT}:policy/a"}],
    # Their documents are not among the details, so that they are asked for.
    "attachedPoliciesListType": [
        {"PolicyName": "theirs", "PolicyArn": "arn:aws:iam::aws:policy/job-function/Theirs"},
        {"PolicyName": "ours", "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/path/ours"}],
})


# The root elements of S3, which the model does not name.
ROOTS = {"ListObjectsV2": "ListBucketResult"}


def value_of(operation):
    """An answer as values, by the names on the wire."""
    value = answers.Maker().value(operation.output_shape, "", "") if operation.output_shape else {}
    methods = {"GetDeployment": lambda: value["apiSummary"]["/a"],
               "GetResources": lambda: value["item"][0]["resourceMethods"]}.get(operation.name)
    if methods:
        # A second method, for whose callers IAM decides.
        methods()["POST"] = {**methods()["GET"], "authorizationType": "AWS_IAM"}
    return value


def on_the_wire(model, operation, value):
    """An answer as text."""
    if model.protocol in ("json", "rest-json"):
        payload = operation.output_shape and operation.output_shape.serialization.get("payload")
        return json.dumps(value if payload is None else value.get(payload))
    shape = operation.output_shape
    members = xml_members(shape, value) if shape else ""
    if model.protocol == "rest-xml":
        name = ROOTS[operation.name]
        return f'<?xml version="1.0"?><{name}>{members}</{name}>'
    name, result = operation.name + "Response", shape and shape.serialization.get("resultWrapper")
    inner = f"<{result}>{members}</{result}>" if result else members
    return f"<{name}>{inner}<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{name}>"


def xml_members(shape, value):
    text = ""
    for name, member in shape.members.items():
        key = member.serialization.get("name", name)
        if key in value:
            text += xml(member, key, value[key])
    return text


def xml(shape, key, value):
    if shape.type_name == "structure":
        return f"<{key}>{xml_members(shape, value)}</{key}>"
    if shape.type_name == "list":
        if shape.serialization.get("flattened"):
            return "".join(xml(shape.member, key, item) for item in value)
        name = shape.member.serialization.get("name", "member")
        return f"<{key}>{''.join(xml(shape.member, name, item) for item in value)}</{key}>"
    if shape.type_name == "map":
        names = [shape.key.serialization.get("name", "key"), shape.value.serialization.get("name", "value")]
        entries = "".join(f"<entry>{xml(shape.key, names[0], name)}{xml(shape.value, names[1], item)}</entry>"
                          for name, item in value.items())
        return f"<{key}>{entries}</{key}>"
    if shape.type_name == "timestamp":
        value = "2025-06-15T15:06:40Z"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"<{key}>{escape(text)}</{key}>"
