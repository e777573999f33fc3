"""What `gatewatch fix` changes, on the double: an account of whoever fixes, whose plan has a step of every kind, carried out,
gone on with and undone. What the fix changed is remembered here, as an account does."""

import json
import os
import re
import tempfile

from wire import Call

ACCOUNT, REGION = "111122223333", "eu-west-1"
# Whose key a fix is signed with: a role of its own.
FIXER = "AKIAFIXR" + ACCOUNT
INVOKE = "arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess"

# The group `inline` is meant to call the REST API, and of the group `managed` AWS's own policy is demanded.
POLICY_FILE = """version: 1
groups:
  - name: inline
    invoke: [{api: rest}]
  - name: managed
    policies: [AmazonAPIGatewayInvokeFullAccess]
"""

# What the URLs of the REST API are asked by: one method answers GET, and one HEAD alone.
METHODS = {"/a": "GET", "/b": "HEAD"}

# A step for each of two groups, three methods and two stages.
STEPS = 7


def fix(runs):
    """Carries a plan out, asks its URLs, goes on with it, and undoes it."""
    runs.double.changed.clear()
    with tempfile.TemporaryDirectory() as folder:
        policy, journal = os.path.join(folder, "gatewatch.yaml"), os.path.join(folder, "journal.jsonl")
        with open(policy, "w", encoding="utf-8") as file:
            file.write(POLICY_FILE)
        home = {"HOME": folder}
        asked = ["--probe", "--signed", "--endpoint-override", runs.endpoint, "--allow-loopback"]
        # Nobody has AWS's policy yet: whom it lets in is not known before.
        meant = ["--config", policy, "--region", REGION, "--allow-lockout"]
        # What is read of domain names is what the double makes up, and may be a gap.
        apply = ["fix", "--apply", "--yes", "--journal", journal, *meant, *asked]
        said = runs.command(apply, [0, 3], FIXER, home)
        said += runs.command(["fix", "--resume", journal, "--yes", "--config", policy], [0, 3], FIXER, home)
        said += runs.command(["fix", "--undo", journal, "--yes", "--allow-lockout"], [0], FIXER, home)
        events = []
        if os.path.exists(journal):
            with open(journal, encoding="utf-8") as file:
                events = [json.loads(line)["event"] for line in file]
    for event in ("done", "undone"):
        if events.count(event) != STEPS:
            said.append(f"{events.count(event)} steps are {event}, and there are {STEPS}: {events}")
    return said


def is_fixer(call):
    return call.access_key.startswith(FIXER[:8])


def answer(body):
    return 200, {}, json.dumps(body)


class Changed:
    """What a fix changed, as an account remembers it. Mixed into the double."""

    def _asked_url(self, request):
        """The answer of a deployed URL to whoever signs, and to others. None: it is none that was asked."""
        host = re.fullmatch(r"([a-z0-9]+)\.execute-api\.([a-z0-9-]+)\.amazonaws\.com", request.headers.get("host", ""))
        if host is None:
            return None
        mark = {"x-amzn-RequestId": "5d3f"}
        access_key, region, service = request.signed()
        if not access_key:
            return 403, {**mark, "x-amzn-ErrorType": "MissingAuthenticationTokenException"}, "{}"
        _, stage, rest = request.path.split("/", 2)
        path = f"{host[1]}/{stage}/{request.method}/{rest}"
        if (service, region) != ("execute-api", host[2]):
            self.log.problems.append(f"{path} is signed for {service} in {region}")
        self.log.calls.append(Call("execute-api", "Invoke", {}, access_key, region, path))
        return 200, mark, "{}"

    def _iam_GetAccountAuthorizationDetails(self, call, _request):
        if not is_fixer(call):
            return None
        attached = [{"PolicyName": INVOKE.rpartition("/")[2], "PolicyArn": INVOKE}] if "attached" in self.changed else []
        own = self.changed.get("policy")
        policies = {"inline": [{"PolicyName": own[0], "PolicyDocument": own[1]}] if own else [], "managed": []}
        groups = [{"GroupName": name, "GroupId": name, "Path": "/", "Arn": f"arn:aws:iam::{ACCOUNT}:group/{name}",
                   "CreateDate": "2026-06-01T00:00:00Z", "GroupPolicyList": policies[name],
                   "AttachedManagedPolicies": attached if name == "managed" else []} for name in policies]
        users = [{"UserName": f"of-{name}", "UserId": name, "Path": "/", "Arn": f"arn:aws:iam::{ACCOUNT}:user/of-{name}",
                  "CreateDate": "2026-06-01T00:00:00Z", "GroupList": [name], "UserPolicyList": [],
                  "AttachedManagedPolicies": []} for name in policies]
        body = self._generated(call, {"UserDetailList": users, "GroupDetailList": groups, "RoleDetailList": [],
                                      "Policies": [], "IsTruncated": False})
        return self._whole(call, body)

    def _whole(self, call, body):
        """The answer of a list that does not go on."""
        self.log.open_lists = {key: name for key, name in self.log.open_lists.items() if name != call.name}
        return 200, {}, body.replace("<IsTruncated>true", "<IsTruncated>false")

    def _iam_GetGroupPolicy(self, call, _request):
        own = self.changed.get("policy")
        if own is None:
            return 404, {}, ("<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>none</Message></Error>"
                             "</ErrorResponse>")
        return 200, {}, self._generated(call, {"PolicyDocument": own[1]})

    def _iam_PutGroupPolicy(self, call, _request):
        self.changed["policy"] = (call.params["PolicyName"], call.params["PolicyDocument"])

    def _iam_DeleteGroupPolicy(self, _call, _request):
        del self.changed["policy"]

    def _iam_ListAttachedGroupPolicies(self, call, _request):
        attached = [{"PolicyName": "p", "PolicyArn": INVOKE}] if "attached" in self.changed else []
        return self._whole(call, self._generated(call, {"AttachedPolicies": attached, "IsTruncated": False}))

    def _iam_AttachGroupPolicy(self, _call, _request):
        self.changed["attached"] = True

    def _iam_DetachGroupPolicy(self, _call, _request):
        del self.changed["attached"]

    # The REST API.

    def _apigateway_GetRestApis(self, call, _request):
        if is_fixer(call):
            return answer({"item": [{"id": "restid", "name": "rest", "endpointConfiguration": {"types": ["REGIONAL"]}}]})
        return None

    def _apigateway_GetStages(self, call, _request):
        if is_fixer(call):
            return answer({"item": [{"stageName": "prod", "deploymentId": self._serves(call)}]})
        return None

    def _apigateway_GetResources(self, call, _request):
        if not is_fixer(call):
            return None
        return answer({"item": [{"id": verb, "path": path, "resourceMethods": {verb: {
            "httpMethod": verb, "authorizationType": self._type(call, verb), "apiKeyRequired": False,
            "methodIntegration": {"type": "HTTP"}}}} for path, verb in METHODS.items()]})

    def _type(self, call, of):
        return self.changed.get((call.service, of), "NONE")

    def _serves(self, call):
        return self.changed.get((call.service, "stage"), "old")

    def _apigateway_GetMethod(self, call, _request):
        return answer({"httpMethod": call.params["httpMethod"], "authorizationType": self._type(call, call.params["httpMethod"])})

    def _apigateway_UpdateMethod(self, call, _request):
        values = {it["path"]: it["value"] for it in call.params["patchOperations"]}
        self.changed[(call.service, call.params["httpMethod"])] = values["/authorizationType"]

    def _apigateway_GetStage(self, call, _request):
        return answer({"stageName": "prod", "deploymentId": self._serves(call)})

    def _apigateway_UpdateStage(self, call, _request):
        self.changed[(call.service, "stage")] = call.params["patchOperations"][0]["value"]

    def _apigateway_CreateDeployment(self, call, _request):
        self.changed[(call.service, "description")] = call.params["description"]
        return 201, {}, json.dumps({"id": "new"})

    def _apigateway_GetDeployment(self, call, _request):
        if not is_fixer(call):
            return None
        new = call.params["deploymentId"] == "new"
        kind = "AWS_IAM" if new else "NONE"
        told = {"description": self.changed[(call.service, "description")]} if new else {}
        return answer({"id": call.params["deploymentId"], "createdDate": 1780000000, **told, "apiSummary": {
            path: {verb: {"authorizationType": kind, "apiKeyRequired": False}} for path, verb in METHODS.items()}})

    # The HTTP API.

    def _apigatewayv2_GetApis(self, call, _request):
        if is_fixer(call):
            return answer({"items": [{"apiId": "httpid", "name": "http", "protocolType": "HTTP",
                                      "routeSelectionExpression": "$request.method $request.path"}]})
        return None

    def _apigatewayv2_GetStages(self, call, _request):
        if is_fixer(call):
            return answer({"items": [{"stageName": "prod", "deploymentId": self._serves(call), "autoDeploy": False}]})
        return None

    def _route(self, call):
        return {"routeId": "r", "routeKey": "GET /a", "authorizationType": self._type(call, "r"), "apiKeyRequired": False,
                "target": "integrations/i"}

    def _apigatewayv2_GetRoutes(self, call, _request):
        return answer({"items": [self._route(call)]}) if is_fixer(call) else None

    def _apigatewayv2_GetRoute(self, call, _request):
        return answer(self._route(call))

    def _apigatewayv2_UpdateRoute(self, call, _request):
        self.changed[(call.service, "r")] = call.params["AuthorizationType"]

    def _exported(self, call):
        """What the stage of the HTTP API serves, for whoever fixes."""
        if not is_fixer(call):
            return None
        kind = "AWS_IAM" if self._serves(call) == "new" else "NONE"
        operation = {"responses": {}, "x-amazon-apigateway-auth": {"type": kind}}
        return answer({"openapi": "3.0.1", "paths": {"/a": {"get": operation}}})

    def _apigatewayv2_GetStage(self, call, _request):
        return answer({"stageName": "prod", "deploymentId": self._serves(call)})

    def _apigatewayv2_UpdateStage(self, call, _request):
        self.changed[(call.service, "stage")] = call.params["DeploymentId"]

    def _apigatewayv2_CreateDeployment(self, call, _request):
        self.changed[(call.service, "description")] = call.params["Description"]
        return 201, {}, json.dumps({"deploymentId": "new"})

    def _apigatewayv2_GetDeployment(self, call, _request):
        new = call.params["DeploymentId"] == "new"
        told = {"description": self.changed[(call.service, "description")]} if new else {}
        return answer({"deploymentId": call.params["DeploymentId"], **told})
