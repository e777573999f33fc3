"""An account with about as many findings as asked for, as `gatewatch collect` saves it, and a policy file for it.

    python estate.py --findings 2000 --folder FOLDER

Writes FOLDER/inventory.json and FOLDER/gatewatch.yaml: the same account for the same number. The exemptions of the policy
file end some days from today. Some names are hostile, as whoever makes an API may call it what they like.
"""

import argparse
import datetime
import json
import pathlib
import random

ACCOUNT = "111122223333"
REGIONS = ("eu-west-1", "us-east-1", "ap-southeast-2")
TEAMS = ("checkout", "catalog", "identity", "logistics", "payments", "platform", "search", "support")
NOUNS = ("orders", "carts", "prices", "customers", "invoices", "shipments", "reviews", "tokens", "reports", "stock")
KINDS = ("service", "gateway", "admin", "webhooks", "partners", "mobile", "internal", "events")
GROUPS = ("api-callers", "api-testers", "billing-readers", "billing-writers", "catalog-editors", "data-science", "fraud-desk",
          "front-office", "incident-response", "integration-tests", "logistics-ops", "marketing", "partners-emea",
          "partners-us", "payments-ops", "platform-admins", "pricing", "reporting", "returns-desk", "sre", "store-managers",
          "support-l1", "support-l2", "warehouse")
HOSTILE = ("</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "Pet \u202eerotS\u200b", "=cmd|' /C calc'!A0",
           "{{data}}<!--<script>", "@everyone http://evil.example")
OPEN_IN_EACH = 24


def methods(dice, count):
    """Verbs and paths with an authorization type, OPEN_IN_EACH of them open."""
    paths = []
    for number in range(count):
        noun = NOUNS[number // 4 % len(NOUNS)]
        path = (f"/{noun}", f"/{noun}/{{id}}", f"/{noun}/{{id}}/lines", f"/{noun}/search")[number % 4]
        paths.append((f"/v{number // 40 + 1}{path}", ("GET", "POST", "DELETE", "PUT", "GET", "PATCH")[number * 7 % 6]))
    others = ["AWS_IAM"] * 5 + ["CUSTOM"]
    types = ["NONE"] * OPEN_IN_EACH + [dice.choice(others) for _ in range(count - OPEN_IN_EACH)]
    dice.shuffle(types)
    return [(verb, path, kind, kind == "NONE" and dice.random() < 0.12) for (path, verb), kind in zip(paths, types)]


def statement(effect, principal, condition=None):
    made = {"Effect": effect, "Principal": principal, "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    return made | ({"Condition": condition} if condition else {})


def resource_policy(number):
    networks = {"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}}
    policies = {
        2: [statement("Allow", "*"), statement("Deny", "*", networks)],
        4: [statement("Allow", "*"), statement("Deny", "*", {"StringNotEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}})],
        5: [statement("Allow", {"AWS": "arn:aws:iam::444455556666:root"}), statement("Allow", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"})],
    }
    statements = policies.get(number % 8)
    return {"json": {"Version": "2012-10-17", "Statement": statements}} if statements else None


def api(dice, number):
    team = TEAMS[number % len(TEAMS)]
    name = f"{NOUNS[number * 3 % len(NOUNS)]}-{KINDS[number % len(KINDS)]}" + (f"-{number // 40 + 1}" if number >= 40 else "")
    if number % 17 == 3:
        name = HOSTILE[number // 17 % len(HOSTILE)]
    own = methods(dice, 40)
    fixed = {place for place, it in enumerate(own) if it[2] == "NONE" and dice.random() < 0.08}
    deployed = [{"verb": verb, "path": path, "authorization": kind, "api_key_required": key} for verb, path, kind, key in own]
    draft = []
    for place, method in enumerate(deployed):
        drafted = "AWS_IAM" if place in fixed else method["authorization"]
        draft.append(method | {"authorization": drafted, "resource_id": f"r{place:04}", "integration": "AWS_PROXY"}
                     | ({"authorizer_id": "auth01"} if drafted == "CUSTOM" else {}))
    return {
        "region": REGIONS[number % len(REGIONS)], "id": f"a{number:09}", "name": name, "kind": "REST",
        "tags": {"Owner": f"{team}-team@example.com", "environment": "prod" if number % 5 else "test"},
        "endpoint_types": ["PRIVATE" if number % 8 == 4 else "REGIONAL"], "default_endpoint_disabled": number % 8 == 7,
        "resource_policy": resource_policy(number), "authorizers": [{"id": "auth01", "name": "tokens", "kind": "TOKEN"}],
        "stages": [{"name": "prod", "deployment_id": "d1"}],
        "deployments": [{"id": "d1", "created_at": "2026-06-01T08:00:00Z", "source": "summary", "methods": deployed}],
        "draft": draft,
    }


def iam(dice, apis):
    def document(number):
        statements = []
        for _ in range(1 + number % 3):
            one = dice.choice(apis)
            tail = dice.choice(("*", "prod/GET/*", "prod/*/v1/orders/*", "prod/POST/v1/carts", "*/GET/v1/prices/*"))
            statements.append({"Sid": f"Call{len(statements)}", "Effect": "Allow", "Action": "execute-api:Invoke",
                               "Resource": f"arn:aws:execute-api:{one['region']}:{ACCOUNT}:{one['id']}/{tail}"})
        if number % 4 == 1:
            statements[0]["Condition"] = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
        if number % 3 == 0:
            statements.append({"Sid": "EveryGet", "Effect": "Allow", "Action": "execute-api:Invoke",
                               "Resource": f"arn:aws:execute-api:*:{ACCOUNT}:*/prod/GET/*"})
        if number % 7 == 2:
            statements.append({"Sid": "NoDeletes", "Effect": "Deny", "Action": "execute-api:Invoke",
                               "Resource": f"arn:aws:execute-api:*:{ACCOUNT}:*/*/DELETE/*"})
        return {"json": {"Version": "2012-10-17", "Statement": statements}}

    full = {"name": "AmazonAPIGatewayInvokeFullAccess", "arn": "arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess"}
    every = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "arn:aws:execute-api:*:*:*"}
    groups = [{"name": name, "arn": f"arn:aws:iam::{ACCOUNT}:group/{name}", "attached": [full] if name == "api-callers" else [],
               "inline": [] if name in ("api-callers", "marketing") else [{"name": "Call", "document": document(number)}]}
              for number, name in enumerate(GROUPS)]
    users = [{"name": f"user-{number:02}", "arn": f"arn:aws:iam::{ACCOUNT}:user/user-{number:02}", "attached": [], "inline": [],
              "groups": [GROUPS[number % len(GROUPS)]]} for number in range(40)]
    policies = [full | {"version": "v2", "document": {"json": {"Version": "2012-10-17", "Statement": [every]}}}]
    return {"groups": groups, "users": users, "roles": [], "policies": policies}


def gaps(apis):
    last = apis[-1]
    denied = {"kind": "draft", "region": last["region"], "api": last["id"], "stage": None, "subject": None,
              "operation": "apigateway:GetResources", "reason": "access-denied", "message": "the draft could not be read"}
    domains = {"kind": "domains", "region": "us-east-1", "api": None, "stage": None, "subject": None,
               "operation": "apigateway:GetDomainNames", "reason": "throttled", "message": "the custom domain names could not be read"}
    return [denied, domains]


def policy_file(today):
    def exemption(rule, what, reason, owner, days):
        expires = today + datetime.timedelta(days=days)
        return (f"  - rule: {rule}\n    {what}\n    reason: {reason}\n    owner: {owner}\n    severity: critical\n"
                f"    expires: {expires}\n")

    return ("version: 1\nrequire:\n  - authorization: [AWS_IAM, CUSTOM]\nexemptions:\n"
            + exemption("open-method", 'match: { api-id: a000000000, path: "/v1/prices/*" }', "price displays cannot sign requests yet",
                        "catalog-team@example.com", 220)
            + exemption("open-method", 'match: { api-id: a000000001, verb: GET }', "<b>public catalog</b>", "search-team@example.com", 19)
            + exemption("empty-group", "principal: marketing", "filled again every autumn", "iam@example.com", 96))


def write(findings, folder):
    dice = random.Random(findings)
    apis = [api(dice, number) for number in range(max(2, findings // OPEN_IN_EACH))]
    inventory = {"schema_version": 1, "account": ACCOUNT, "partition": "aws", "taken_at": "2026-06-15T06:00:00Z",
                 "scope": {"regions": list(REGIONS)}, "apis": apis, "domains": [], "iam": iam(dice, apis), "gaps": gaps(apis)}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")
    (folder / "gatewatch.yaml").write_text(policy_file(datetime.date.today()), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--findings", type=int, required=True)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    write(arguments.findings, arguments.folder)
