"""SAM templates at random, translated by SAM itself: `check` says the same of a template and of what SAM makes of it.

    target/testbed/bin/python tests/sam/differential.py --gatewatch target/debug/gatewatch [--seeds 500] [--first N]
    target/testbed/bin/python tests/sam/differential.py --gatewatch target/debug/gatewatch --seed N

A seed is one template. SAM's translator writes the CloudFormation template that is deployed, in which every method
says itself what it asks of its callers. The methods that gatewatch reads of both, with their authorization types and who
reaches them by the resource policy, must be the same, unless it says of the template that something is not known (a gap). Templates that SAM refuses are left out.
"""

import argparse
import collections
import contextlib
import copy
import json
import logging
import os
import pathlib
import random
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

# Templates that were judged otherwise than what SAM makes of them, each for a reason of its own.
CASES = pathlib.Path(__file__).with_name("cases")

# No method of these templates has this type, so that each is a finding whose evidence names its type.
POLICY = "version: 1\nrequire:\n  - authorization: [COGNITO_USER_POOLS]\n"

# A seed whose template SAM refuses is tried again so many times with other dice.
TRIES = 40

STATEMENTS = [
    {"Effect": effect, "Principal": "*", "Action": "execute-api:Invoke", "Resource": resource}
    for effect in ("Allow", "Deny") for resource in ("execute-api:/*", "execute-api:/prod/GET/pets")
]

FUNCTION = {"Fn::GetAtt": ["Check", "Arn"]}


class Policies:
    """Stands in for IAM: no managed policy has a part in these templates."""

    def load(self):
        return {}


class Writer:
    """Writes one template at random."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.conditions = {}
        self.parameters = {}
        self.apis = {}
        self.globals = {}
        self.places = set()

    def some(self, odds):
        return self.dice.random() < odds

    def of(self, *choices):
        return copy.deepcopy(self.dice.choice(choices))

    def template(self):
        template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": {}}
        resources = template["Resources"]
        if self.some(0.6):
            template["Globals"] = self.globals
            if self.some(0.8):
                template["Globals"]["Api"] = self.api_globals()
            if self.some(0.5):
                template["Globals"]["HttpApi"] = self.http_globals()
        if self.some(0.7):
            self.apis["Rest"] = resources["Rest"] = self.rest()
        if self.some(0.6):
            self.apis["Http"] = resources["Http"] = self.http()
        if self.some(0.04):
            resources["ServerlessRestApi"] = self.rest()
        if self.some(0.04):
            resources["ServerlessHttpApi"] = self.http()
        if self.some(0.1):
            resources["Chat"] = self.websocket()
        for number in range(self.dice.randint(1, 2)):
            resources[f"Function{number}"] = self.function(number)
        resources["Check"] = self.plain_function()
        if self.parameters:
            template["Parameters"] = self.parameters
        if self.conditions:
            template["Conditions"] = self.conditions
        return template

    # What may stand in the place of a plain value.

    def condition(self):
        """A condition whose answer the template tells."""
        name = self.of("Yes", "No")
        self.conditions[name] = {"Fn::Equals": ["a", "a" if name == "Yes" else "b"]}
        return name

    def parameter(self, value):
        name = "P" + "".join(letter for letter in str(value) if letter.isalnum())
        self.parameters[name] = {"Type": "String", "Default": value}
        return {"Ref": name}

    def maybe_made(self, value):
        """A value, or something that a deployment makes of it."""
        roll = self.dice.random()
        if roll < 0.75:
            return value
        if roll < 0.83:
            return self.parameter(value) if isinstance(value, str) else value
        if roll < 0.91:
            return {"Fn::If": [self.condition(), value, self.of({"Ref": "AWS::NoValue"}, "NONE")]}
        if roll < 0.95:
            return None
        return self.of(f"{value} ", {"Ref": "AWS::NoValue"}, {"Fn::Sub": "AWS_IAM"}, {"Fn::FindInMap": ["a", "b", "c"]})

    # The APIs.

    def authorizers(self, http):
        kinds = {"Lambda": {"FunctionArn": FUNCTION}}
        if http:
            kinds["Lambda"]["AuthorizerPayloadFormatVersion"] = "2.0"
            kinds["Token"] = {
                "JwtConfiguration": {"issuer": "https://example.com", "audience": ["a"]},
                "IdentitySource": "$request.header.Authorization",
            }
        else:
            kinds["Other"] = {"FunctionArn": FUNCTION, "FunctionPayloadType": "REQUEST", "Identity": {"Headers": ["A"]}}
        chosen = {name: kinds[name] for name in kinds if self.some(0.7)}
        return chosen

    def rest_auth(self):
        auth = {}
        if self.some(0.4):
            auth["Authorizers"] = self.authorizers(False)
        if self.some(0.65):
            auth["DefaultAuthorizer"] = self.maybe_made(self.of("AWS_IAM", "AWS_IAM", *auth.get("Authorizers", {})))
        if self.some(0.3):
            auth["AddDefaultAuthorizerToCorsPreflight"] = self.of(True, False, None, {"Fn::If": [self.condition(), True, False]})
        if self.some(0.25):
            auth["ApiKeyRequired"] = self.of(True, True, False, {"Fn::If": [self.condition(), True, False]})
        if self.some(0.15):
            auth["AddApiKeyRequiredToCorsPreflight"] = self.of(True, False)
        if self.some(0.12):
            auth["ResourcePolicy"] = self.resource_policy()
        return auth

    def resource_policy(self):
        """Statements of SAM's own, and others beside them."""
        policy = {}
        lists = {
            "IpRangeWhitelist": self.of(["203.0.113.0/24"], "203.0.113.7", ["0.0.0.0/0"], []),
            "IpRangeBlacklist": self.of(["203.0.113.0/24"], ["0.0.0.0/1", "128.0.0.0/1"]),
            "AwsAccountWhitelist": self.of(["111122223333"], "111122223333", ["*"]),
            "AwsAccountBlacklist": self.of(["111122223333"], ["*"]),
            "SourceVpcWhitelist": self.of(["vpc-1", "vpce-1"], ["vpce-1"], ["somewhere"]),
            "SourceVpcBlacklist": ["vpce-1"],
            "IntrinsicVpcWhitelist": self.of([{"Ref": "Network"}], ["vpc-1"]),
            "IntrinsicVpceBlacklist": [{"Ref": "Network"}],
            "CustomStatements": self.of(*([it] for it in STATEMENTS), STATEMENTS[0]),
        }
        for name in self.dice.sample(sorted(lists), self.dice.randint(1, 2)):
            policy[name] = lists[name]
        return policy

    def http_auth(self):
        auth = {}
        if self.some(0.6):
            auth["EnableIamAuthorizer"] = self.of(True, True, True, True, False, "true", {"Fn::If": [self.condition(), True, False]})
        if self.some(0.5):
            auth["Authorizers"] = self.authorizers(True)
        names = [*auth.get("Authorizers", {}), *(["AWS_IAM"] if auth.get("EnableIamAuthorizer") else [])]
        if names and self.some(0.6):
            auth["DefaultAuthorizer"] = self.maybe_made(self.of(*names))
        return auth

    def api_globals(self):
        section = {}
        if self.some(0.7):
            section["Auth"] = self.of(None, self.rest_auth(), self.rest_auth(), self.rest_auth())
        if self.some(0.2):
            section["Cors"] = "'*'"
        return section

    def http_globals(self):
        section = {}
        if self.some(0.7):
            section["Auth"] = self.of(self.http_auth(), self.http_auth())
        if self.some(0.2):
            section["CorsConfiguration"] = {"AllowOrigins": ["https://example.com"]}
        return section

    def rest(self):
        properties = {"StageName": "prod"}
        if self.some(0.7):
            properties["Auth"] = self.of(self.rest_auth(), self.rest_auth(), self.rest_auth(), None, {"Ref": "AWS::NoValue"})
        if self.some(0.25):
            properties["Cors"] = self.of("'*'", {"AllowOrigin": "'*'"})
        if self.some(0.35):
            properties["DefinitionBody"] = self.body(False)
            if self.some(0.5):
                properties["MergeDefinitions"] = self.of(True, True, False)
        return {"Type": "AWS::Serverless::Api", "Properties": properties} | self.made_under()

    def http(self):
        properties = {}
        if self.some(0.75):
            properties["Auth"] = self.http_auth()
        if self.some(0.2):
            properties["CorsConfiguration"] = self.of(True, {"AllowOrigins": ["https://example.com"]})
        if self.some(0.35):
            properties["DefinitionBody"] = self.body(True)
        return {"Type": "AWS::Serverless::HttpApi", "Properties": properties} | self.made_under()

    def websocket(self):
        auth = self.of(None, {"AuthType": "NONE"}, {"AuthType": "AWS_IAM"}, {"AuthType": "CUSTOM", "AuthArn": FUNCTION})
        routes = {"$default": {"FunctionArn": FUNCTION}}
        if self.some(0.8):
            routes["$connect"] = {"FunctionArn": FUNCTION}
        properties = {"RouteSelectionExpression": "$request.body.action", "Routes": routes}
        if auth is not None:
            properties["Auth"] = auth
        return {"Type": "AWS::Serverless::WebSocketApi", "Properties": properties}

    def made_under(self):
        return {"Condition": self.condition()} if self.some(0.12) else {}

    def body(self, http):
        paths = {}
        for _ in range(self.dice.randint(1, 3)):
            path = self.path(http)
            operations = {}
            for _ in range(self.dice.randint(1, 2)):
                verb = self.of("get", "post", "options", "x-amazon-apigateway-any-method", *([] if http else ["POST"]))
                operations[verb] = self.maybe_there(self.operation(http))
            paths[path] = self.maybe_there(operations)
        schemes = {}
        if self.some(0.5):
            schemes["AWS_IAM"] = {
                "type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4",
            }
        if self.some(0.4):
            schemes["Own"] = {
                "type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "custom",
                "x-amazon-apigateway-authorizer": {
                    "type": "request", "authorizerUri": "arn:aws:apigateway:us-east-1:lambda:path/a",
                } | ({"authorizerPayloadFormatVersion": "2.0"} if http else {}),
            }
        if http:
            return {"openapi": "3.0.1", "info": {"title": "a", "version": "1"}, "paths": paths,
                    "components": {"securitySchemes": schemes}}
        document = {"swagger": "2.0", "info": {"title": "a", "version": "1"}, "paths": paths, "securityDefinitions": schemes}
        if self.some(0.1):
            document["x-amazon-apigateway-policy"] = {"Version": "2012-10-17", "Statement": self.of(*([it] for it in STATEMENTS), STATEMENTS[0])}
        return document

    def maybe_there(self, value):
        if self.some(0.06):
            value = {"Fn::If": [self.condition(), value, {"Ref": "AWS::NoValue"}]}
            if self.some(0.2):
                value = {"Fn::If": [self.condition(), value, {"Ref": "AWS::NoValue"}]}
        return value

    def operation(self, http):
        operation = {"responses": {}}
        if self.some(0.9):
            operation["x-amazon-apigateway-integration"] = {
                "type": "aws_proxy", "httpMethod": "POST",
                "uri": "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:111122223333:function:a/invocations",
            } | ({"payloadFormatVersion": "2.0"} if http else {})
        if self.some(0.45):
            operation["security"] = self.of(
                [{"AWS_IAM": []}], [{"AWS_IAM": []}], [{"Own": []}], [{"NONE": []}], [], [{"Lambda": []}], [{"api_key": []}],
                {"Ref": "AWS::NoValue"}, [{"Ref": "AWS::NoValue"}], {"Fn::If": [self.condition(), [{"AWS_IAM": []}], []]},
                [{"Fn::If": [self.condition(), {"AWS_IAM": []}, {"Ref": "AWS::NoValue"}]}],
            )
        return operation

    # The functions and their events.

    def path(self, http):
        return self.of("/pets", "/pets/{id}", "/", "/orders") if not http or self.some(0.9) else "$default"

    def plain_function(self):
        return {"Type": "AWS::Serverless::Function",
                "Properties": {"InlineCode": "a", "Handler": "a.b", "Runtime": "python3.12"}}

    def function(self, number):
        function = self.plain_function()
        if self.some(0.12):
            role = "arn:aws:iam::111122223333:role/a"
            function = {"Type": "AWS::Serverless::StateMachine", "Properties": {"Role": role, "Definition": {"StartAt": "A"}}}
        events = {}
        for index in range(self.dice.randint(1, 4)):
            http = function["Type"].endswith("Function") and self.some(0.45)
            events[f"Event{number}{index}"] = self.event(http)
        function["Properties"]["Events"] = events
        return function | self.made_under()

    def event(self, http):
        properties = {}
        owner = "Http" if http else "Rest"
        if owner in self.apis and self.some(0.8):
            properties["ApiId" if http else "RestApiId"] = self.of({"Ref": owner}, {"Ref": owner}, owner)
        else:
            owner = "HttpApi" if http else "Api"
        if not http or self.some(0.85):
            # SAM refuses a method that two events make.
            for _ in range(8):
                properties["Path"] = self.path(http)
                properties["Method"] = self.of("get", "GET", "post", "any", "options", "x-amazon-apigateway-any-method")
                place = owner, properties["Path"], properties["Method"].lower()
                if place not in self.places:
                    break
        else:
            place = owner, "$default", "any"
        if place in self.places and self.some(0.9):
            return {"Type": "Schedule", "Properties": {"Schedule": "rate(1 day)"}}
        self.places.add(place)
        if self.some(0.5):
            properties["Auth"] = self.event_auth(http, owner)
            if self.some(0.05):
                properties["Auth"] = {"Fn::If": [self.condition(), properties["Auth"], {"Ref": "AWS::NoValue"}]}
        event = {"Type": "HttpApi" if http else "Api"}
        if properties or self.some(0.5):
            event["Properties"] = properties
        return event

    def event_auth(self, http, owner):
        auth = {}
        known = [self.globals.get("HttpApi" if http else "Api", {}).get("Auth")]
        if owner in self.apis:
            known.append(self.apis[owner]["Properties"].get("Auth"))
        known = [it for it in known if it]
        names = [name for it in known for name in it.get("Authorizers") or {}]
        if not http or any(it.get("EnableIamAuthorizer") for it in known):
            names += ["AWS_IAM"] * 2
        if any(it.get("DefaultAuthorizer") for it in known):
            names += ["NONE"] * 2
        if self.some(0.04):
            names = ["AWS_IAM", "NONE", "Lambda"]
        if names and self.some(0.85):
            auth["Authorizer"] = self.maybe_made(self.of(*names))
        if not http and self.some(0.25):
            auth["ApiKeyRequired"] = self.of(True, False, {"Fn::If": [self.condition(), True, False]})
        if not http and self.some(0.15):
            auth["OverrideApiAuth"] = self.of(True, True, True, False, "false", 0, {"Ref": "AWS::NoValue"}, {})
        if not http and self.some(0.12):
            auth["ResourcePolicy"] = self.resource_policy()
        return auth


def translated(template):
    """What SAM makes of a template, or `None` where it refuses it."""
    logging.disable(logging.CRITICAL)
    try:
        return transform(copy.deepcopy(template), {}, Policies())
    except InvalidDocumentException:
        return None


def methods(gatewatch, policy, folder, name, text):
    """The methods that gatewatch reads of a template, with their types, and its gaps."""
    path = pathlib.Path(folder, name)
    path.write_text(text)
    done = subprocess.run(
        [gatewatch, "check", path, "--config", policy, "--format", "json"],
        capture_output=True, text=True, timeout=60, env={"PATH": os.environ["PATH"]},
    )
    if done.returncode not in (0, 1, 3):
        return None, [done.stderr]
    report = json.loads(done.stdout)
    gaps = [it["message"] for it in report["coverage"]["gaps"]]
    # SAM writes a definition without paths for an API without events. It has no method, so that nothing is missed.
    gaps = [it for it in gaps if not it.endswith("the definition has no path: no method was looked at")]
    found = set()
    for finding in report["findings"]:
        # SAM's deployments make a stage called `Stage` beside the one that is asked for.
        if finding["rule"] == "unread-api" or finding["stage"] == "Stage":
            continue
        types = [it["says"].rsplit(" ", 1)[1] for it in finding["evidence"] if it["source"] == "template" and "authorization type" in it["says"]]
        keyed = "+key" if finding["rule"] == "api-key-only" else ""
        place = finding["route_key"] or f"{finding['verb']} {finding['path']}"
        # Who reaches it is what the resource policy says.
        found.add((finding["api"]["id"], place, (types or [finding["rule"]])[0] + keyed, finding["exposure"]))
    return found, gaps


def of_seed(seed):
    """A template that SAM takes, and what it makes of it."""
    for attempt in range(TRIES):
        template = Writer(seed * TRIES + attempt).template()
        deployed = translated(template)
        if deployed is not None:
            return template, deployed
    return None, None


def compare(gatewatch, policy, folder, name, text, deployed):
    """What becomes of a template, and what there is to say of it."""
    said, gaps = methods(gatewatch, policy, folder, f"{name}.source", text)
    true, unread = methods(gatewatch, policy, folder, f"{name}.deployed", json.dumps(deployed))
    if gaps:
        return "gap", gaps
    if said == true and not unread:
        return "same", None
    return "differs", (said or set(), true or set(), unread)


def of_random(gatewatch, policy, folder, seed):
    template, deployed = of_seed(seed)
    if deployed is None:
        return "refused", None
    return compare(gatewatch, policy, folder, seed, json.dumps(template), deployed)


def of_case(gatewatch, policy, folder, path):
    text = path.read_text()
    deployed = translated(yaml_parse(text))
    if deployed is None:
        return "refused", None
    return compare(gatewatch, policy, folder, path.name, text, deployed)


def tell(name, outcome, more):
    """Says what differs."""
    if outcome != "differs":
        return
    said, true, unread = more
    print(f"{name}:")
    for it in sorted(said - true):
        print("   said:    ", *it)
    for it in sorted(true - said):
        print("   deployed:", *it)
    for it in unread:
        print("   gap of what is deployed:", it)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gatewatch", required=True)
    parser.add_argument("--seeds", type=int, default=500)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, help="only this one, with its templates printed")
    asked = parser.parse_args()
    seeds = range(asked.first, asked.first + asked.seeds) if asked.seed is None else [asked.seed]
    counts = collections.Counter()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        policy = pathlib.Path(folder, "gatewatch.yaml")
        policy.write_text(POLICY)
        each = [asked.gatewatch, policy, folder]
        for seed, (outcome, more) in zip(seeds, pool.map(lambda seed: of_random(*each, seed), seeds)):
            counts[outcome] += 1
            tell(f"seed {seed}", outcome, more)
            if asked.seed is not None:
                print(*(json.dumps(it, indent=1) for it in of_seed(seed)), outcome, more, sep="\n")
        for path in sorted(CASES.iterdir()):
            outcome, more = of_case(*each, path)
            # A case that SAM refuses shows nothing.
            outcome = "differs" if outcome == "refused" else outcome
            counts[outcome] += 1
            tell(path.name, outcome, more or (set(), set(), ["SAM refuses it"]))
    print(", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())))
    # A test that compares nothing must not pass.
    sys.exit(bool(counts["differs"]) or counts["same"] * 2 < len(seeds))


main()
