"""The check of the check: requests and roles that are wrong on purpose."""

import coverage
import double
import roles
from wire import Request, read

SIGNED = "AWS4-HMAC-SHA256 Credential=AKIAOPER111122223333/20260615/{region}/{service}/aws4_request, SignedHeaders=host"


def request(service, method, target, body="", region="eu-west-1", **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(method, target, {"authorization": SIGNED.format(region=region, service=service), **headers}, body.encode())


FORM = {"content_type": "application/x-www-form-urlencoded"}
JSON = {"content_type": "application/x-amz-json-1.1"}
DETAILS = "Action=GetAccountAuthorizationDetails&Version=2010-05-08"

# Requests as they should be.
RIGHT = {
    "a path": request("apigateway", "GET", "/restapis/a1/deployments/d1?embed=apisummary"),
    "the second family": request("apigateway", "GET", "/v2/apis/a1/exports/OAS30?outputType=JSON&stageName=%24default"),
    "a form": request("iam", "POST", "/", DETAILS + "&Filter.member.1=User&MaxItems=1000", "us-east-1", **FORM),
    "a document": request("events", "POST", "/", '{"Entries": [{"Source": "s"}]}', x_amz_target="AWSEvents.PutEvents", **JSON),
    "bytes": request("kms", "POST", "/", '{"CiphertextBlob": "YQ=="}', x_amz_target="TrentService.Decrypt", **JSON),
    "an object": request("s3", "PUT", "/bucket/a/key?x-id=PutObject", "{}", if_match='"t"', content_type="application/json"),
    "a page": request("s3", "PUT", "/bucket/a/latest.html?x-id=PutObject", "<html>", content_type="text/html; charset=utf-8"),
}

# Objects that a browser would take for something else.
WRONG_TYPES = [{"Key": "a/latest.html", "ContentType": "application/json"}, {"Key": "a/latest.html"},
               {"Key": "a/latest.json", "ContentType": "text/html; charset=utf-8"}]

# Requests with one mistake, and what must be said of it.
WRONG = {
    "no operation": request("apigateway", "GET", "/restapi"),
    "no operation `GET /v2/restapis`": request("apigateway", "GET", "/v2/restapis"),
    "no operation `DELETE /restapis/a1/stages`": request("apigateway", "DELETE", "/restapis/a1/stages"),
    "no query parameter `embd`": request("apigateway", "GET", "/restapis/a1/deployments/d1?embd=apisummary"),
    "`many` is no number": request("apigateway", "GET", "/restapis?limit=many"),
    '"OutputType"': request("apigateway", "GET", "/v2/apis/a1/exports/OAS30?stageName=prod"),
    "the model knows OAS30": request("apigateway", "GET", "/v2/apis/a1/exports/OAS31?outputType=JSON"),
    "the model takes 1 to 1000": request("iam", "POST", "/", DETAILS + "&MaxItems=1001", "us-east-1", **FORM),
    "no parameter `Filter.1`": request("iam", "POST", "/", DETAILS + "&Filter.1=User", "us-east-1", **FORM),
    "the model knows User": request("iam", "POST", "/", DETAILS + "&Filter.member.1=Users", "us-east-1", **FORM),
    "asks for the version": request("iam", "POST", "/", DETAILS.replace("2010", "2011"), "us-east-1", **FORM),
    "its endpoint is in us-east-1": request("iam", "POST", "/", DETAILS, "eu-west-1", host="iam.amazonaws.com", **FORM),
    "and goes to apigateway.us-east-1": request("apigateway", "GET", "/restapis", host="apigateway.us-east-1.amazonaws.com"),
    "not `application/x-www-form": request("iam", "POST", "/", DETAILS, "us-east-1", content_type="text/plain"),
    '"Entries"': request("events", "POST", "/", "{}", x_amz_target="AWSEvents.PutEvents", **JSON),
    "the header x-amzn-query-mode is None": request("monitoring", "POST", "/", "{}", content_type="application/x-amz-json-1.0",
                                                    x_amz_target="GraniteServiceVersion20100801.DescribeAlarms"),
    "events has no operation": request("events", "POST", "/", "{}", x_amz_target="AWSEvent.PutEvents", **JSON),
    "Unknown parameter": request("events", "POST", "/", '{"Entries": [{"Sourc": "s"}]}', x_amz_target="AWSEvents.PutEvents", **JSON),
    "no header `if-matches`": request("s3", "PUT", "/bucket/key", "{}", if_matches='"t"'),
    "which is not asked": request("ec2", "POST", "/", "Action=DescribeInstances"),
}

STATEMENT = {"Effect": "Allow", "Action": ["apigateway:GET"]}
NEED = ("apigateway:GET", "arn:aws:apigateway:eu-west-1::/restapis/a1/stages")
GRANT = "arn:aws:apigateway:*::/restapis/*/stages"


def failures():
    """What the check would not find, or finds where nothing is wrong."""
    found = [f"the check finds fault with {name}: {problems}" for name, it in RIGHT.items() if (problems := read(it)[1])]
    found += [f"the check finds nothing wrong with {it}" for it in WRONG_TYPES if not double.wrong_type(it)]
    for said, it in WRONG.items():
        problems = " ".join(read(it)[1])
        if said not in problems:
            found.append(f"the check does not say `{said}` of {it.method} {it.target}, but `{problems}`")
    for resources, lacking, spare in [
        ([GRANT], 0, 0),
        ([GRANT, "arn:aws:apigateway:*::/apikeys"], 0, 1),
        (["arn:aws:apigateway:*::/restapis"], 1, 1),
        ([], 1, 0),
    ]:
        allowed = roles.rights([{**STATEMENT, "Resource": resources}])
        counts = len(roles.lacking("r", allowed, {NEED})), len(roles.spare("r", allowed, {NEED}))
        if counts != (lacking, spare):
            found.append(f"a role with {resources} lacks {counts[0]} rights and has {counts[1]} to spare")
    known = [f"{service} {name}" for service, names in coverage.OPERATIONS.items() for name in names]
    for asked, is_right in [(known, True), (known[1:], False), ([*known, "iam GetUser"], False)]:
        problems = coverage.coverage(set(asked))
        if is_right == bool(problems):
            found.append(f"the check of what is asked finds {problems}")
    for sources, manifest, said in [
        ("client.get_stages().send(); \"kms:Decrypt\"; \"s3:ListBucket\"", "aws-sdk-eventbridge = 1", ""),
        ("client.list_users().send()", "", "call `list_users`"),
        ('const OPERATION: &str = "lambda:Invoke";', "", "name lambda:Invoke"),
        ("", "[dependencies]\naws-sdk-sqs = 1", "crate of sqs"),
    ]:
        problems = " ".join(coverage.unlisted(sources, manifest))
        if said not in problems or bool(said) != bool(problems):
            found.append(f"the check of the sources says `{problems}` of `{sources}{manifest}`")
    return found
