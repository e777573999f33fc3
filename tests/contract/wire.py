"""A request as it was sent, read back by botocore's service models, and what is wrong with it by them.

The way back is the check: the parameters that are read out of a request must be complete and allowed by the model, and
AWS's own client must make the same request of them.
"""

import dataclasses
import json
import re
import urllib.parse

import botocore.session
from botocore.serialize import create_serializer
from botocore.validate import ParamValidator

from parameters import S3_NAME, form, narrower, operation_of, params_of

SCOPE = re.compile(r"Credential=([^/,\s]+)/\d+/([^/]+)/([^/]+)/aws4_request")

# The services that are asked, by the name that a request is signed for. API Gateway's two families share one.
SERVICES = {"iam", "sts", "account", "organizations", "s3", "sns", "events", "config", "securityhub", "apigateway",
            "cloudtrail", "kms", "lambda", "logs", "monitoring", "scheduler"}

CONTENT_TYPES = {"query": "application/x-www-form-urlencoded", "json": "application/x-amz-json-{jsonVersion}",
                 "rest-json": "application/json"}

SESSION = botocore.session.get_session()
LOADER = SESSION.get_component("data_loader")


@dataclasses.dataclass
class Request:
    """A request on the wire. Headers have their names in lower case."""

    method: str
    target: str
    headers: dict
    body: bytes = b""

    @property
    def path(self):
        path = self.target.partition("?")[0]
        # A bucket as a path ends with a slash or without one.
        return path.removesuffix("/") if path.count("/") == 2 and self.signed()[2] == "s3" else path

    @property
    def query(self):
        return urllib.parse.parse_qsl(self.target.partition("?")[2], keep_blank_values=True)

    def signed(self):
        """The access key, the Region and the service of the signature."""
        scope = SCOPE.search(self.headers.get("authorization", ""))
        return scope.groups() if scope else ("", "", "")


@dataclasses.dataclass
class Call:
    """A request as its service reads it."""

    service: str
    operation: str
    params: dict
    access_key: str
    region: str
    path: str

    @property
    def name(self):
        return f"{self.service} {self.operation}"


def service_model(service):
    model = SESSION.get_service_model(service)
    if service == "cloudwatch":
        # It takes several protocols. botocore's own choice is a binary one, gatewatch speaks JSON.
        assert "json" in model.metadata["protocols"]
        model.metadata["protocol"] = "json"
    return model


def misplaced(model, service, request, region):
    """What is wrong with the host and the Region, where a request goes to AWS itself and not to a stand-in."""
    host = request.headers.get("host", "")
    if not host.endswith(".amazonaws.com"):
        return []
    known = LOADER.load_data("endpoints")["partitions"][0]["services"].get(model.endpoint_prefix, {})
    found = []
    if not known.get("isRegionalized", True):
        one = known["endpoints"][known["partitionEndpoint"]]
        if region != one["credentialScope"]["region"]:
            found.append(f"it is signed for {region}, and its endpoint is in {one['credentialScope']['region']}")
        if host != one["hostname"]:
            found.append(f"it goes to {host}, and the endpoint is {one['hostname']}")
    elif f".{region}." not in host or model.endpoint_prefix not in host.split("."):
        found.append(f"it is signed for {service} in {region}, and goes to {host}")
    return found


def read(request):
    """What is asked, and what is wrong with how it is asked: a Call or None, and texts."""
    access_key, region, signed_for = request.signed()
    if signed_for not in SERVICES:
        return None, [f"`{request.method} {request.target}` is signed for `{signed_for}`, which is not asked"]
    service = "apigatewayv2" if signed_for == "apigateway" and request.path.startswith("/v2/") else signed_for
    service = {"monitoring": "cloudwatch"}.get(service, service)
    model = service_model(service)
    operation = operation_of(model, request)
    if operation is None:
        return None, [f"{service} has no operation `{request.method} {request.target}`"]
    problems = []
    params = params_of(model, operation, request, problems)
    problems += ParamValidator().validate(params, operation.input_shape).generate_report().splitlines() \
        if operation.input_shape else []
    problems += narrower(operation.input_shape, params, "")
    if not problems:
        problems += differences(model, operation, params, request)
    problems += envelope(model, request)
    problems += misplaced(model, service, request, region)
    call = Call(service, operation.name, params, access_key, region, request.path)
    return call, [f"{call.name}: {problem}" for problem in problems]


# --- What AWS's own client would send -------------------------------------------------------------

def differences(model, operation, params, request):
    made = create_serializer(model.protocol, include_validation=False).serialize_to_request(params, operation)
    found = []
    path, _, fixed = made["url_path"].partition("?")
    queried = urllib.parse.parse_qsl(fixed, keep_blank_values=True)
    for key, value in made["query_string"].items() if isinstance(made["query_string"], dict) else made["query_string"]:
        for item in value if isinstance(value, list) else [value]:
            queried.append((key, str(item)))
    ours = [it for it in request.query if it[0] != S3_NAME]
    for what, theirs, own in [
        ("method", made["method"], request.method),
        ("path", segments(path), segments(request.path)),
        ("query", sorted(queried), sorted(ours)),
        ("body", body_of(model, made["body"]), body_of(model, request.body)),
    ]:
        if theirs != own:
            found.append(f"the {what} is {own!r}, and AWS's own client sends {theirs!r}")
    for name, value in made["headers"].items():
        if name.lower() != "content-type" and request.headers.get(name.lower()) != str(value):
            found.append(f"the header {name} is {request.headers.get(name.lower())!r}, not {value!r}")
    return found


def segments(path):
    return [urllib.parse.unquote(it) for it in path.split("/")]


def body_of(model, body):
    if isinstance(body, dict):
        return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in body.items()}
    if isinstance(body, str):
        body = body.encode()
    if model.protocol == "query":
        return dict(urllib.parse.parse_qsl((body or b"").decode("latin-1"), keep_blank_values=True))
    if model.protocol in ("json", "rest-json"):
        return json.loads(body or b"{}")
    return body or b""


def envelope(model, request):
    """What is wrong with the headers and the version that every request of a protocol has."""
    found = []
    kind = CONTENT_TYPES.get(model.protocol, "").format(**{"jsonVersion": "", **model.metadata})
    if request.body and kind and request.headers.get("content-type", "").partition(";")[0] != kind:
        found.append(f"its content is said to be `{request.headers.get('content-type')}`, not `{kind}`")
    version = dict(form(request)).get("Version") if model.protocol == "query" else None
    if model.protocol == "query" and version != model.api_version:
        found.append(f"it asks for the version `{version}`, and the model is that of {model.api_version}")
    return found
