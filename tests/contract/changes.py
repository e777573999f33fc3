"""What `gatewatch fix` changes, on the double: a journal with a step of every kind, gone on with and undone."""

import json
import os
import tempfile

ACCOUNT, REGION = "111122223333", "eu-west-1"
# Whose key a fix is signed with: a role of its own.
FIXER = "AKIAFIXR" + ACCOUNT
INVOKE = "arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess"
DOCUMENT = '{"Version":"2012-10-17","Statement":[]}'


def steps():
    method = {"verb": "GET", "path": "/a", "authorization": "AWS_IAM", "api_key_required": True}
    found = [
        {"action": "put-group-policy", "group": "g", "policy": "p", "document": DOCUMENT,
         "expects": {"of": "policy", "document": None}},
        {"action": "attach-group-policy", "group": "g", "arn": INVOKE, "expects": {"of": "attachment", "attached": False}},
    ]
    for kind in ("REST", "HTTP"):
        at = {"region": REGION, "api": "a", "kind": kind}
        found += [
            {"action": "set-authorization", **at, "resource": "r", "path": "/a", "verb": "GET",
             "expects": {"of": "method", "authorization": "CUSTOM", "authorizer": "u"}},
            {"action": "deploy", **at, "stage": "prod", "description": f"of {kind}",
             "expects": {"of": "stage", "deployment": "old", "canary": False}, "freezes": [method]},
        ]
    return [{**it, "what": "a step", "findings": [f"f{number}"]} for number, it in enumerate(found)]


def journal():
    method = {"finding": "f", "region": REGION, "api": "a", "stage": "prod", "verb": "GET", "path": "/a"}
    return {"event": "begun", "journal_version": 1, "run": "7", "at": "2026-06-15T06:00:00Z", "account": ACCOUNT,
            "partition": "aws", "caller": "arn:aws:iam::111122223333:user/ops", "judged_by": "none", "steps": steps(),
            "methods": [method]}


def fix(runs):
    """Goes on with the journal of a fix that took no step yet, and undoes it."""
    runs.double.changed.clear()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "journal.jsonl")
        with open(path, "w", encoding="utf-8") as file:
            file.write(json.dumps(journal()) + "\n")
        home = {"HOME": folder}
        # What is read again is what the double makes up.
        said = runs.command(["fix", "--resume", path, "--yes"], [0, 1, 3], FIXER, home)
        said += runs.command(["fix", "--undo", path, "--yes"], [0], FIXER, home)
        with open(path, encoding="utf-8") as file:
            events = [json.loads(line)["event"] for line in file]
    for event in ("done", "undone"):
        if events.count(event) != len(steps()):
            said.append(f"{events.count(event)} steps are {event}, and there are {len(steps())}: {events}")
    return said


class Changed:
    """What a fix changed, as an account remembers it. Mixed into the double."""

    def _iam_GetGroupPolicy(self, call, _request):
        document = self.changed.get("policy")
        if document is None:
            return 404, {}, ("<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>none</Message></Error>"
                             "</ErrorResponse>")
        return 200, {}, self._generated(call, {"PolicyDocument": document})

    def _iam_PutGroupPolicy(self, call, _request):
        self.changed["policy"] = call.params["PolicyDocument"]

    def _iam_DeleteGroupPolicy(self, _call, _request):
        del self.changed["policy"]

    def _iam_ListAttachedGroupPolicies(self, call, _request):
        attached = [{"PolicyName": "p", "PolicyArn": INVOKE}] if "attached" in self.changed else []
        answer = self._generated(call, {"AttachedPolicies": attached, "IsTruncated": False})
        self.log.open_lists = {key: name for key, name in self.log.open_lists.items() if name != call.name}
        return 200, {}, answer.replace("<IsTruncated>true", "<IsTruncated>false")

    def _iam_AttachGroupPolicy(self, _call, _request):
        self.changed["attached"] = True

    def _iam_DetachGroupPolicy(self, _call, _request):
        del self.changed["attached"]

    def _method(self, call):
        found = {"authorizationType": "CUSTOM", "authorizerId": "u", "authorizationScopes": []}
        return 200, {}, self._generated(call, {**found, **self.changed.get(call.service, {})})

    def _apigateway_GetMethod(self, call, _request):
        return self._method(call)

    def _apigatewayv2_GetRoute(self, call, _request):
        return self._method(call)

    def _apigateway_UpdateMethod(self, call, _request):
        values = {it["path"].strip("/"): it["value"] for it in call.params["patchOperations"]}
        self.changed.setdefault(call.service, {}).update(values)

    def _apigatewayv2_UpdateRoute(self, call, _request):
        kept = self.changed.setdefault(call.service, {})
        kept["authorizationType"] = call.params["AuthorizationType"]

    def _stage(self, call):
        deployment = self.changed.get((call.service, "stage"), "old")
        answer = json.loads(self._generated(call))
        answer.pop("canarySettings", None)
        return 200, {}, json.dumps({**answer, "deploymentId": deployment})

    def _apigateway_GetStage(self, call, _request):
        return self._stage(call)

    def _apigatewayv2_GetStage(self, call, _request):
        return self._stage(call)

    def _apigateway_UpdateStage(self, call, _request):
        self.changed[(call.service, "stage")] = call.params["patchOperations"][0]["value"]

    def _apigatewayv2_UpdateStage(self, call, _request):
        self.changed[(call.service, "stage")] = call.params["DeploymentId"]

    def _apigateway_CreateDeployment(self, call, _request):
        return 201, {}, self._generated(call, {"id": "new"})

    def _apigatewayv2_CreateDeployment(self, call, _request):
        return 201, {}, self._generated(call, {"deploymentId": "new"})

    def _apigateway_GetDeployment(self, call, _request):
        if call.params["deploymentId"] != "new":
            return None
        frozen = {"/a": {"GET": {"authorizationType": "AWS_IAM", "apiKeyRequired": True}}}
        return 200, {}, self._generated(call, {"apiSummary": frozen})

    def _apigatewayv2_GetRoutes(self, call, _request):
        if not call.access_key.startswith(FIXER[:8]):
            return None
        answer = json.loads(self._generated(call))
        for route in answer["items"]:
            route.update({"routeKey": "GET /a", "authorizationType": "AWS_IAM", "apiKeyRequired": True})
        return 200, {}, json.dumps(answer)
