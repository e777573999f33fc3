"""Accounts as benchmarks need them, in the form that `gatewatch collect` saves.

    python account.py --apis 100 --users 5000 --groups 300 --roles 200 --all > inventory.json

Least privilege is the default: each policy names the APIs, stages, verbs and paths that it is about, and nobody may
call everything. Each feature is a switch of its own, so that what it costs can be told. The same arguments give the
same account.
"""

import argparse
import json
import random
import sys

ACCOUNT = "111122223333"
REGIONS = ["eu-west-1", "eu-central-1", "us-east-1", "us-west-2", "ap-southeast-2", "sa-east-1"]
WORDS = ["pets", "orders", "users", "admin", "reports", "v1", "items", "search"]
VERBS = ["GET", "POST", "PUT", "DELETE", "ANY", "OPTIONS"]
FEATURES = {
    "blanket": "one group, and roles, that may call every API",
    "conditions": "one statement of three has a condition",
    "variables": "one pattern of five has a policy variable",
    "deny": "one statement of eight denies, and one policy of twelve has a NotAction",
    "boundaries": "one user of four, and one role of four, has a permissions boundary",
    "resource-policies": "one API of three has a resource policy",
}


class Account:
    """An account with so many of each kind, and these features."""

    def __init__(self, apis, users, groups, roles, policies, features=(), methods=50, seed=7):
        self.dice = random.Random(seed)
        self.features = frozenset(features)
        self.methods = methods
        self.apis = [self.api(number) for number in range(apis)]
        self.policies = ["invoke-{:04}".format(number) for number in range(policies)]
        self.counts = {"users": users, "groups": groups, "roles": roles}

    def has(self, feature):
        return feature in self.features

    def inventory(self):
        return {"schema_version": 1, "account": ACCOUNT, "partition": "aws", "taken_at": "2026-06-15T06:00:00Z",
                "scope": {"regions": REGIONS}, "domains": [], "iam": self.iam(), "gaps": [], "apis": self.apis}

    def path(self):
        dice, path = self.dice, ""
        for _ in range(dice.randint(1, 3)):
            path += "/" + dice.choice(WORDS)
            if dice.random() < 1 / 3:
                path += "/{id}"
        return path + ("/{proxy+}" if dice.random() < 1 / 12 else "")

    def api(self, number):
        dice = self.dice
        names = {("GET", "/orders")} if number % 10 == 0 else set()
        while len(names) < self.methods:
            names.add((dice.choice(VERBS), self.path()))
        deployed, draft = [], []
        for place, (verb, path) in enumerate(sorted(names)):
            kind = "NONE" if verb == "OPTIONS" or dice.random() < 0.01 else "AWS_IAM"
            method = {"verb": verb, "path": path, "authorization": kind, "api_key_required": False}
            deployed.append(method)
            draft.append(dict(method, resource_id="r{:05}".format(place),
                              integration="MOCK" if verb == "OPTIONS" else "AWS_PROXY"))
        policy = {"json": resource_policy(number)} if self.has("resource-policies") and number % 3 == 0 else None
        return {"region": region(number), "id": identity(number), "name": "service {:06}".format(number),
                "kind": "REST", "tags": {"team": "team-{}".format(number % 12)}, "endpoint_types": ["REGIONAL"],
                "default_endpoint_disabled": False, "resource_policy": policy, "cors": False, "authorizers": [],
                "stages": [{"name": "prod", "deployment_id": "d1"}],
                "deployments": [{"id": "d1", "created_at": "2026-06-01T08:00:00Z", "source": "summary",
                                 "methods": deployed}],
                "draft": draft}

    def pattern(self):
        dice = self.dice
        number = dice.randrange(len(self.apis))
        head = "arn:aws:execute-api:{}:{}:{}".format(region(number), ACCOUNT, identity(number))
        stage, verb = dice.choice(["prod", "*"]), dice.choice(["GET", "*", "POST"])
        one, two = dice.choice(WORDS), dice.choice(WORDS)
        if self.has("variables") and dice.random() < 0.2:
            variable = dice.choice(["${aws:username}", "${aws:PrincipalTag/team}"])
            return "{}/{}/{}/{}/{}/*".format(head, stage, verb, one, variable)
        form = dice.choice(["{0}/*", "{0}/{1}/{2}/{3}", "{0}/{1}/{2}/{3}/*", "{0}/{1}/{2}/{3}/*/{4}"])
        return form.format(head, stage, verb, one, two)

    def document(self):
        dice, statements = self.dice, []
        for _ in range(dice.randint(1, 4)):
            deny = self.has("deny") and dice.random() < 1 / 8
            statement = {"Effect": "Deny" if deny else "Allow", "Action": "execute-api:Invoke",
                         "Resource": [self.pattern() for _ in range(dice.randint(1, 3))]}
            if self.has("conditions") and dice.random() < 1 / 3:
                statement["Condition"] = dice.choice([
                    {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "198.51.100.0/24"]}},
                    {"StringEquals": {"aws:PrincipalTag/team": "team-{}".format(dice.randrange(12))}},
                    {"StringEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}},
                    {"Bool": {"aws:MultiFactorAuthPresent": "true"}}])
            statements.append(statement)
        if self.has("deny") and dice.random() < 1 / 12:
            statements.append({"Effect": "Deny", "NotAction": ["execute-api:*", "s3:*"], "Resource": "*"})
        return {"json": {"Version": "2012-10-17", "Statement": statements}}

    def attached(self, most):
        names = sorted(set(self.dice.choice(self.policies) for _ in range(self.dice.randint(1, most))))
        return [{"name": it, "arn": own(it)} for it in names]

    def iam(self):
        dice = self.dice
        documents = [{"name": it, "arn": own(it), "version": "v1", "document": self.document()} for it in self.policies]
        every = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "arn:aws:execute-api:*:*:*"}
        full = {"name": "AmazonAPIGatewayInvokeFullAccess",
                "arn": "arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess"}
        document = {"json": {"Version": "2012-10-17", "Statement": [every]}}
        documents.append(dict(full, version="v2", document=document))
        bounds = {"Effect": "Allow", "Action": "execute-api:*",
                  "Resource": ["arn:aws:execute-api:eu-*:*:*", "arn:aws:execute-api:us-*:*:*"]}
        documents.append({"name": "boundary", "arn": own("boundary"), "version": "v1",
                          "document": {"json": {"Version": "2012-10-17", "Statement": [bounds]}}})
        bound = lambda number: {"permissions_boundary": own("boundary")} \
            if self.has("boundaries") and number % 4 == 0 else {}
        of = lambda kind, number: "arn:aws:iam::{}:{}/{}-{:04}".format(ACCOUNT, kind, kind, number)
        wide = lambda number: self.has("blanket") and number % 40 == 0
        groups = [{"name": "group-{:04}".format(it), "arn": of("group", it), "inline": [],
                   "attached": [full] if wide(it) else self.attached(3)} for it in range(self.counts["groups"])]
        member_of = lambda: sorted(set(dice.choice(groups)["name"] for _ in range(dice.randint(1, 5))))
        users = [dict(name="user-{:04}".format(it), arn=of("user", it), groups=member_of(), attached=[],
                      inline=[{"name": "own", "document": self.document()}] if it % 10 == 0 else [], **bound(it))
                 for it in range(self.counts["users"])]
        roles = [dict(name="role-{:04}".format(it), arn=of("role", it), attached=[full] if wide(it) else self.attached(3),
                      inline=[{"name": "own", "document": self.document()}], **bound(it))
                 for it in range(self.counts["roles"])]
        return {"groups": groups, "users": users, "roles": roles, "policies": documents}


def own(name):
    return "arn:aws:iam::{}:policy/{}".format(ACCOUNT, name)


def identity(number):
    return "a{:09}".format(number)


def region(number):
    return REGIONS[number % len(REGIONS)]


def resource_policy(number):
    """For networks, for a VPC endpoint, for the account, or for one role."""
    def statement(effect, principal, condition=None):
        it = {"Effect": effect, "Principal": principal, "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
        return dict(it, Condition=condition) if condition else it
    networks = ["203.0.113.0/24", "198.51.100.0/24"]
    statements = [
        [statement("Allow", "*"),
         statement("Deny", "*", {"StringNotEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}})],
        [statement("Allow", "*"), statement("Deny", "*", {"NotIpAddress": {"aws:SourceIp": networks}})],
        [statement("Allow", {"AWS": "arn:aws:iam::{}:root".format(ACCOUNT)})],
        [statement("Allow", {"AWS": "arn:aws:iam::{}:role/role-{:04}".format(ACCOUNT, number % 40)})],
    ]
    return {"Version": "2012-10-17", "Statement": statements[number // 3 % 4]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("apis", 100), ("users", 120), ("groups", 40), ("roles", 40), ("policies", 60), ("methods", 50)):
        parser.add_argument("--" + name, type=int, default=default)
    for name, text in FEATURES.items():
        parser.add_argument("--" + name, action="store_true", help=text)
    parser.add_argument("--all", action="store_true", help="every feature but `blanket`")
    given = vars(parser.parse_args())
    features = [it for it in FEATURES if given[it.replace("-", "_")] or (given["all"] and it != "blanket")]
    counts = {it: given[it] for it in ("apis", "users", "groups", "roles", "policies", "methods")}
    json.dump(Account(features=features, **counts).inventory(), sys.stdout)


if __name__ == "__main__":
    main()
