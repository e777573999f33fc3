"""Stands in for AWS: reads what is asked by botocore's models, notes it, and answers with all that a model knows.

Every list has two pages. An object that is put into S3 is there afterwards, and conditions of a write count. The server
is also the runtime of a Lambda function, which it hands one event.
"""

import contextlib
import dataclasses
import hashlib
import http.server
import threading
import time

import generated
from changes import Changed
from generated import ACCOUNT
from wire import LOADER, Request, read, service_model

# Where a list goes on: an address that has to be written down carefully.
NEXT = "a next+place/of=the&list"

RUNTIME = "/2018-06-01/runtime/"
POLICY_KEY = "state-of-the-function/policy/gatewatch.yaml"
OWNER = b"{match: {account: '111122223333'}, topic: 'arn:aws:sns:eu-west-1:111122223333:payments'}"
POLICY_FILE = b"version: 1\nrequire: [{authorization: [AWS_IAM]}]\nnotify: [" + OWNER + b"]\n"

# Lists of which a checkup reads the beginning.
SAMPLED = {"iam GetAccountAuthorizationDetails", "apigateway GetRestApis", "apigateway GetResources",
           "apigateway GetDomainNames", "apigateway GetBasePathMappings", "apigatewayv2 GetApis", "apigatewayv2 GetStages",
           "apigatewayv2 GetRoutes", "apigatewayv2 GetAuthorizers", "apigatewayv2 GetApiMappings",
           "apigatewayv2 ListRoutingRules",
           # One action has one result.
           "iam SimulatePrincipalPolicy"}

KEY, FUNCTION = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/k", "gatewatch-Function-a"

EXPORT = '{"openapi": "3.0.1", "paths": {"/a": {"get": {"responses": {}}}}}'


@dataclasses.dataclass
class Log:
    """What was asked, what was wrong with it, and where lists went on that nobody has asked for yet."""

    calls: list = dataclasses.field(default_factory=list)
    problems: list = dataclasses.field(default_factory=list)
    open_lists: dict = dataclasses.field(default_factory=dict)


TYPES = {"html": "text/html; charset=utf-8"}


def wrong_type(params):
    """A page that a browser would not show as one, or another object that it would."""
    fits = TYPES.get(params["Key"].rpartition(".")[2], "application/json")
    given = params.get("ContentType")
    return [] if given == fits else [f"s3 PutObject: {params['Key']} is written as {given}, and is {fits}"]


class Double(Changed):
    """The services, with what they remember."""

    def __init__(self):
        self.lock = threading.Lock()
        self.objects = {POLICY_KEY: POLICY_FILE}
        self.changed = {}
        self.log = Log()

    def take(self, samples=False):
        """What was asked since the last time. `samples`: of what is read of the account, only a sample was meant."""
        with self.lock:
            log, self.log = self.log, Log()
        log.problems += [f"{name}: the list goes on, and nobody asked for the rest" for name in log.open_lists.values()
                         if not (samples and name in SAMPLED)]
        return log

    def reply(self, request):
        """Status, headers and body."""
        with self.lock:
            if asked := self._asked_url(request):
                return asked
            call, problems = read(request)
            self.log.problems += problems
            if call is None:
                return 400, {}, '{"message": "not an operation"}'
            self.log.calls.append(call)
            special = getattr(self, "_" + call.service.replace("-", "_") + "_" + call.operation, None)
            answer = special(call, request) if special else None
            return answer or (200, {}, self._generated(call))

    # Answers that a model alone does not give.

    def _generated(self, call, change=None):
        model = service_model(call.service)
        operation = model.operation_model(call.operation)
        value = generated.value_of(operation)
        value.update(change or {})
        self._page(call, operation, value)
        # ARNs name the account that is asked.
        return generated.on_the_wire(model, operation, value).replace(ACCOUNT, call.access_key[-12:])

    def _page(self, call, operation, value):
        """Makes one of two pages of an answer, where the operation has pages."""
        pages = pagination(call.service, operation)
        if pages is None:
            return
        asked, told, lists, more = pages
        others = {name: item for name, item in call.params.items() if name != asked}
        key = repr((call.name, call.access_key, call.region, call.path, sorted(others.items(), key=str)))
        if asked in call.params:
            if call.params[asked] != NEXT or self.log.open_lists.pop(key, None) is None:
                self.log.problems.append(f"{call.name}: the list is asked to go on at `{call.params[asked]}`")
            for name in lists:
                value[on_wire(operation, name)] = []
            value.pop(on_wire(operation, told), None)
        else:
            value[on_wire(operation, told)] = NEXT
            self.log.open_lists[key] = call.name
        if more:
            value[on_wire(operation, more)] = asked not in call.params

    def _sts_GetCallerIdentity(self, call, _request):
        account = call.access_key[-12:]
        role = "audit" if call.access_key.startswith("AKIA") else "gatewatch-FunctionRole-a"
        arn = f"arn:aws:sts::{account}:assumed-role/{role}/test"
        return 200, {}, self._generated(call, {"Account": account, "Arn": arn})

    def _sts_AssumeRole(self, call, _request):
        account = call.params["RoleArn"].split(":")[4]
        return 200, {}, self._generated(call, {
            "Credentials": {"AccessKeyId": "ASIAMEMB" + account, "SecretAccessKey": "fake", "SessionToken": "fake",
                            "Expiration": "2099-01-01T00:00:00Z"},
            "AssumedRoleUser": {"Arn": f"arn:aws:sts::{account}:assumed-role/r/gatewatch", "AssumedRoleId": "a"}})

    def _apigatewayv2_ExportApi(self, call, _request):
        return self._exported(call) or (200, {}, EXPORT)

    def _organizations_ListAccounts(self, call, _request):
        accounts = [{"Id": it, "Name": it, "State": "ACTIVE"} for it in (ACCOUNT, "200000000001")]
        return 200, {}, self._generated(call, {"Accounts": accounts})

    def _sns_GetTopicAttributes(self, call, _request):
        return 200, {}, self._generated(call, {"Attributes": {
            "Owner": ACCOUNT, "SubscriptionsConfirmed": "1", "SubscriptionsPending": "0", "KmsMasterKeyId": KEY,
            "Policy": '{"Statement": []}'}})

    def _kms_GenerateDataKey(self, call, _request):
        return 200, {}, self._generated(call, {"KeyId": call.params["KeyId"]})

    def _kms_GetKeyPolicy(self, call, _request):
        return 200, {}, self._generated(call, {"Policy": '{"Statement": []}'})

    def _scheduler_GetSchedule(self, call, _request):
        function = f"arn:aws:lambda:{call.region}:{ACCOUNT}:function:{FUNCTION}"
        return 200, {}, self._generated(call, {
            "State": "ENABLED", "ScheduleExpression": "cron(0 6 * * ? *)", "Target": {"Arn": function}, "EndDate": 4e9})

    def _cloudwatch_DescribeAlarms(self, call, _request):
        return 200, {}, self._generated(call, {"MetricAlarms": [{
            "AlarmName": name, "StateValue": "OK", "ActionsEnabled": True, "AlarmActions": ["arn:aws:sns:a"],
            "Dimensions": [{"Name": "FunctionName", "Value": FUNCTION}]} for name in call.params["AlarmNames"]]})

    def _lambda_GetFunctionConfiguration(self, call, _request):
        return 200, {}, self._generated(call, {
            "FunctionName": FUNCTION, "LastModified": "2026-06-15T06:00:00.000+0000",
            "LoggingConfig": {"LogGroup": "/gatewatch/gatewatch"}})

    def _events_ListRules(self, call, _request):
        rules = [{"Name": f"{call.params['NamePrefix']}{it}-a", "State": "ENABLED"} for it in ("Apis", "Principals")]
        return 200, {}, self._generated(call, {"Rules": rules})

    def _events_DescribeRule(self, call, _request):
        return 200, {}, self._generated(call, {"State": "ENABLED", "EventPattern": '{"source":["aws.iam"]}'})

    def _cloudtrail_DescribeTrails(self, call, _request):
        trail = f"arn:aws:cloudtrail:{call.region}:{ACCOUNT}:trail/t"
        return 200, {}, self._generated(call, {"trailList": [{"TrailARN": trail, "IsMultiRegionTrail": True}]})

    def _iam_SimulatePrincipalPolicy(self, call, _request):
        action = call.params["ActionNames"][0]
        return 200, {}, self._generated(call, {"EvaluationResults": [{"EvalActionName": action, "EvalDecision": "allowed"}]})

    def _sns_PublishBatch(self, call, _request):
        entries = [{"Id": it["Id"], "MessageId": "m"} for it in call.params["PublishBatchRequestEntries"]]
        return 200, {}, self._generated(call, {"Successful": entries, "Failed": []})

    def _events_PutEvents(self, call, _request):
        entries = [{"EventId": "e"} for _ in call.params["Entries"]]
        return 200, {}, self._generated(call, {"FailedEntryCount": 0, "Entries": entries})

    def _securityhub_BatchImportFindings(self, call, _request):
        return 200, {}, self._generated(call, {
            "FailedCount": 0, "SuccessCount": len(call.params["Findings"]), "FailedFindings": []})

    def _config_PutEvaluations(self, call, _request):
        return 200, {}, self._generated(call, {"FailedEvaluations": []})

    def _s3_GetObject(self, call, _request):
        body = self.objects.get(key_of(call))
        if body is None:
            return 404, {}, "<Error><Code>NoSuchKey</Code><Message>no such key</Message></Error>"
        return 200, {"ETag": tag(body)}, body

    def _s3_PutObject(self, call, request):
        self.log.problems += wrong_type(call.params)
        there = self.objects.get(key_of(call))
        matches = call.params.get("IfMatch") in (None, there and tag(there))
        if not matches or (call.params.get("IfNoneMatch") == "*" and there is not None):
            return 412, {}, "<Error><Code>PreconditionFailed</Code></Error>"
        self.objects[key_of(call)] = request.body
        return 200, {"ETag": tag(request.body)}, ""

    def _s3_ListObjectsV2(self, call, _request):
        begin = "{}/{}".format(call.params["Bucket"], call.params.get("Prefix", ""))
        keys = [it.partition("/")[2] for it in sorted(self.objects) if it.startswith(begin)]
        return 200, {}, self._generated(call, {"Contents": [{"Key": it} for it in keys]})


def key_of(call):
    return "{Bucket}/{Key}".format(**call.params)


def tag(body):
    return '"{}"'.format(hashlib.md5(body, usedforsecurity=False).hexdigest())


def on_wire(operation, name):
    return operation.output_shape.members[name].serialization.get("name", name)


def pagination(service, operation):
    """The member that asks where to go on, the one that tells, the lists, and the one that says that there is more."""
    known = LOADER.load_service_model(service, "paginators-1")["pagination"].get(operation.name)
    if known:
        lists = known["result_key"]
        lists = lists if isinstance(lists, list) else [lists]
        return known["input_token"], known["output_token"], lists, known.get("more_results")
    # Some lists have pages, and botocore has no paginator for them.
    told = operation.output_shape.members if operation.output_shape else {}
    if operation.input_shape and "NextToken" in operation.input_shape.members and "NextToken" in told:
        return "NextToken", "NextToken", [it for it, shape in told.items() if shape.type_name == "list"], None
    return None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def handle_one(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        if self.path.startswith(RUNTIME):
            return self.runtime(body)
        self.send(*self.server.double.reply(Request(self.command, self.path, headers, body)))

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_PATCH = handle_one

    def runtime(self, body):
        server = self.server
        if not self.path.endswith("/next"):
            server.answered = (self.path.rsplit("/", 1)[-1], body.decode())
            self.send(202, {}, "{}")
            return server.ended.set()
        if server.event is None:
            # There is no other event: the process is ended while it waits.
            threading.Event().wait(60)
            return self.send(500, {}, "{}")
        (event, seconds), server.event = server.event, None
        self.send(200, {
            "Lambda-Runtime-Aws-Request-Id": "00000000-0000-4000-8000-000000000000",
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + seconds) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:gatewatch",
        }, event)

    def send(self, status, headers, body):
        body = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, double, event=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.double, self.event = double, event
        self.ended = threading.Event()
        self.answered = None

    @property
    def host(self):
        return "{}:{}".format(*self.server_address)

    def handle_error(self, request, client_address):
        """Whoever asked has ended: nothing is wrong with that."""


@contextlib.contextmanager
def serving(server):
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def started():
    """The double, and its endpoint."""
    with serving(Server(Double())) as server:
        yield server.double, "http://" + server.host


def runtime(double, event, seconds):
    """The runtime of a function, which has one event for it and so many seconds. Each function has a runtime of its own: one
    that has ended may still have asked for the next event."""
    return serving(Server(double, (event, seconds)))
