"""Starts MiniStack, the AWS emulator that stands in for an account, on loopback.

    python emulator.py [--port N] [--uncorrected] [--log FILE]

Prints one line of JSON on stdout once it answers,

    {"endpoint": "http://127.0.0.1:PORT", "pid": ..., "mailbox": "/.../mailbox.jsonl"}

and runs until its standard input closes or it gets SIGTERM or SIGINT. Then everything it started
and wrote is gone: the server, the Lambda processes of the server, and their temporary files.
On a terminal: Ctrl-C, or Ctrl-D.

Two processes. The one you start watches; the other is the server, leader of a process group of
its own, to which its Lambdas belong. The server ends with that whole group when the pipe from
the watcher closes, which also happens when the watcher is killed outright.

MiniStack differs from AWS in a few places that matter to gatewatch. Those are corrected below
(`--uncorrected` leaves the API summary as MiniStack builds it).
"""

import argparse
import json
import os
import re
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

ACCOUNT = "111122223333"
REGION = "eu-west-1"
START_LIMIT_SECONDS = 60
STOP_LIMIT_SECONDS = 5
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback: never a proxy


# --- The server ------------------------------------------------------------------------------

def serve(scratch, mailbox, corrected):
    threading.Thread(target=_end_with_stdin, args=(scratch,), daemon=True).start()
    _quicken_schedules()
    _look_anew_at_changed_schedules()
    _know_invoke_policy()
    _keep_mail(mailbox)
    _authorize_as_aws()
    _name_what_is_asked()
    _name_log_groups()
    _name_roles_not_sessions()
    _deploy_automatically()
    _know_organizations()
    _know_opt_in_regions()
    _name_throttles()
    _hang_where_tagged()
    _keep_hooks()
    _answer_at_the_hosts_of_aws()
    if corrected:
        _correct_api_summary()
    # MiniStack reads sys.argv.
    sys.argv = ["ministack"]
    from ministack.app import main
    main()


def _end_with_stdin(scratch):
    """The watcher holds the other end of our stdin and never writes to it."""
    while os.read(0, 1024):
        pass
    shutil.rmtree(scratch, ignore_errors=True)
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _quicken_schedules():
    """MiniStack looks for due schedules every ten seconds; a demo should not have to wait."""
    from ministack.services import scheduler
    scheduler._SCHEDULE_TICK_INTERVAL = 0.5


def _look_anew_at_changed_schedules():
    """A schedule that was changed comes due by its new expression; MiniStack takes one that it has looked at for fired."""
    from ministack.services import scheduler
    tick = scheduler._tick_schedules
    expressions = {}

    def tick_as_aws():
        for key, schedule in list(scheduler._schedules._data.items()):
            expression = schedule.get("ScheduleExpression")
            if expressions.setdefault(key, expression) != expression:
                expressions[key] = expression
                scheduler._schedule_last_fired.pop(key, None)
        tick()

    scheduler._tick_schedules = tick_as_aws


def _authorize_as_aws():
    """SNS authorizes PublishBatch as sns:Publish; MiniStack asks for an action that IAM does not have. It also takes a read of
    a function's concurrency for a change of it."""
    from ministack.core import iam_actions
    extract = iam_actions.extract_iam_action

    def extract_as_aws(service, method, *arguments, **named):
        action = extract(service, method, *arguments, **named)
        if (action, method) == ("lambda:PutFunctionConcurrency", "GET"):
            return "lambda:GetFunctionConcurrency"
        return "sns:Publish" if action == "sns:PublishBatch" else action

    iam_actions.extract_iam_action = extract_as_aws


def _name_what_is_asked():
    """Check rights on rules, event buses and simulated principals by their ARNs; MiniStack has other ones, or none."""
    from ministack.core import iam_actions
    extract = iam_actions.extract_resource_arn

    def extract_as_aws(service, method, path, headers, body, query_params, region, account):
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        if service == "events" and operation in ("DescribeEventBus", "DescribeRule", "ListTargetsByRule"):
            asked = json.loads(body or b"{}")
            kind = "event-bus" if operation == "DescribeEventBus" else "rule"
            return "arn:aws:events:{}:{}:{}/{}".format(region, account, kind, asked.get("Name") or asked.get("Rule"))
        simulated = query_params.get("PolicySourceArn") if service == "iam" else None
        if simulated:
            return simulated[0] if isinstance(simulated, list) else simulated
        return extract(service, method, path, headers, body, query_params, region, account)

    iam_actions.extract_resource_arn = extract_as_aws


def _name_log_groups():
    """Tell a function the log group that it writes to, as Lambda does."""
    from ministack.services import lambda_svc
    environment = lambda_svc._provided_worker_env

    def environment_as_aws(config, *arguments):
        group = (config.get("LoggingConfig") or {}).get("LogGroup")
        return {**environment(config, *arguments), **({"AWS_LAMBDA_LOG_GROUP_NAME": group} if group else {})}

    lambda_svc._provided_worker_env = environment_as_aws


def _name_roles_not_sessions():
    """`aws:PrincipalArn` is the ARN of the role that was assumed; MiniStack has that of the session."""
    from ministack.core import iam_evaluator
    resolve = iam_evaluator._resolve_condition_key
    session = re.compile(r"^arn:([^:]+):sts::([0-9]+):assumed-role/([^/]+)/.*$")

    def resolve_as_aws(key, context):
        value = resolve(key, context)
        if key.lower() == "aws:principalarn" and isinstance(value, str):
            return session.sub(r"arn:\1:iam::\2:role/\3", value)
        return value

    iam_evaluator._resolve_condition_key = resolve_as_aws


def _know_invoke_policy():
    """MiniStack knows 34 policies of AWS's own; this one, the seed of every policy file, is not among them."""
    from ministack.services import iam
    document = json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": ["execute-api:Invoke", "execute-api:ManageConnections"],
        "Resource": "arn:aws:execute-api:*:*:*"}]})
    seed = iam._seed_aws_managed_policies

    def seed_one_more():  # at the start, and again after every reset
        seed()
        record = iam._make_aws_managed_record("AmazonAPIGatewayInvokeFullAccess", document)
        iam._aws_managed_policies[record["Arn"]] = record

    iam._seed_aws_managed_policies = seed_one_more
    seed_one_more()


def _keep_mail(mailbox):
    """MiniStack takes e-mail subscriptions but only logs the mails; write them to a file instead.

    One JSON object a line: to, topic, subject, text. The text is chosen as SNS does it: the
    `email` part of a structured message, else its `default`. (SNS appends how to unsubscribe.)
    """
    from ministack.services import sns
    fan_out = sns._fanout

    def fan_out_and_mail(topic_arn, message_id, message, subject, message_structure="",
                         message_attributes=None, **rest):
        text = sns._resolve_message_for_protocol(message, message_structure, "email")
        for subscription in (sns._topic_by_arn_any_scope(topic_arn) or {}).get("subscriptions", []):
            if subscription["protocol"] == "email" and subscription["confirmed"] \
                    and sns._matches_filter_policy(subscription, message_attributes or {}, text):
                mail = {"to": subscription["endpoint"], "topic": topic_arn,
                        "subject": subject or "AWS Notification Message", "text": text}
                with open(mailbox, "a", encoding="utf-8") as file:
                    file.write(json.dumps(mail) + "\n")
        # Last, so that whoever got the message from a queue finds its mail as well.
        fan_out(topic_arn, message_id, message, subject, message_structure, message_attributes, **rest)

    sns._fanout = fan_out_and_mail


def _correct_api_summary():
    """Make the API summary of a deployment what AWS answers.

    AWS gives authorizationType and apiKeyRequired, frozen when the deployment was made, and gives
    them only where `embed=apisummary` asks. MiniStack leaves out authorizationType and always
    answers with the rest.
    """
    from ministack.services import apigateway_v1

    def build_api_summary(api_id):
        summary = {}
        for resource in apigateway_v1._resources.get(api_id, {}).values():
            for verb, method in resource.get("resourceMethods", {}).items():
                summary.setdefault(resource.get("path", "/"), {})[verb] = {
                    "authorizationType": method.get("authorizationType", "NONE"),
                    "apiKeyRequired": method.get("apiKeyRequired", False),
                }
        return summary

    handle = apigateway_v1.handle_request

    async def handle_embed(method, path, headers, body, query):
        status, answer_headers, answer = await handle(method, path, headers, body, query)
        parts = path.strip("/").split("/")
        if method == "GET" and status == 200 and parts[0] == "restapis" and parts[2:3] == ["deployments"]:
            asked = len(parts) == 4 and "apisummary" in query.get("embed", [])
            if not asked:
                answer = _without_summary(answer)
        return status, answer_headers, answer

    apigateway_v1._build_api_summary = build_api_summary
    apigateway_v1.handle_request = handle_embed


def _without_summary(answer):
    data = json.loads(answer)
    for deployment in data.get("item", [data]):
        deployment.pop("apiSummary", None)
    return json.dumps(data).encode()


def _deploy_automatically():
    """Give a stage of an HTTP API that deploys automatically the deployments that AWS makes for it.

    On AWS every change of routes, integrations or authorizers is a new deployment with a new id, so
    that an id seen before says that nothing changed. MiniStack only notes that the stage does so.
    """
    from ministack.services import apigateway
    deployed = {}  # what a stage last deployed, by API and stage

    def deploy(api_id):
        routes = apigateway._routes.get(api_id)
        configuration = json.dumps([routes, apigateway._integrations.get(api_id),
                                    apigateway._authorizers.get(api_id)], sort_keys=True, default=str)
        for name, stage in apigateway._stages.get(api_id, {}).items():
            known = "lastDeploymentStatusMessage" in stage and deployed.get((api_id, name)) == configuration
            if known or not stage.get("autoDeploy"):
                continue
            deployed[api_id, name] = configuration
            if not routes:
                stage["lastDeploymentStatusMessage"] = \
                    "Deployment attempt failed: Unable to deploy API because no routes exist in this API"
                continue
            now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            deployment = secrets.token_hex(3)
            apigateway._deployments.setdefault(api_id, {})[deployment] = {
                "deploymentId": deployment, "deploymentStatus": "DEPLOYED", "autoDeployed": True, "createdDate": now,
                "description": "Automatic deployment triggered by changes to the Api configuration"}
            message = "Successfully deployed stage with deployment ID '{}'".format(deployment)
            stage.update(deploymentId=deployment, lastUpdatedDate=now, lastDeploymentStatusMessage=message)

    handle = apigateway.handle_request

    async def handle_and_deploy(method, path, headers, body, query):
        api_id = path.partition("/v2/apis/")[2].partition("/")[0]
        # Before a read as well: CloudFormation changes APIs without asking this handler.
        deploy(api_id)
        answer = await handle(method, path, headers, body, query)
        if method != "GET":
            deploy(api_id)
        return answer

    apigateway.handle_request = handle_and_deploy


def _know_organizations():
    """Make Organizations answer as it does in an organization with members.

    In MiniStack every account that asks is the management account of an organization of its own, lists
    are one page, and an account's id is a random one. On AWS a member may list only as a delegated
    administrator, a page has at most twenty accounts, and an account has a State beside the older
    Status. The id is AWS's choice; here it is the twelve digits in the account's e-mail address, if
    there are any, as tests must know it.
    """
    from ministack.core.responses import error_response_json, get_account_id, get_region, request_scope
    from ministack.services import organizations
    handle, reset = organizations.handle_request, organizations.reset
    operations, public_account = organizations._DISPATCH, organizations._public_account
    delegates = set()

    def management_account():
        caller = get_account_id()
        owners = (owner for owner, account in organizations._accounts._data if account == caller != owner)
        return next(owners, caller)

    async def handle_for_organization(method, path, headers, body, query):
        caller, management = get_account_id(), management_account()
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        may = caller == management or operation == "DescribeOrganization" \
            or caller in delegates and operation.startswith(("List", "Describe"))
        if not may:
            return error_response_json("AccessDeniedException",
                                       "You don't have permissions to access this resource.", 400)
        with request_scope(management, get_region()):
            return await handle(method, path, headers, body, query)

    def paged(list_all):
        def list_page(payload):
            status, headers, body = list_all(payload)
            accounts = json.loads(body)["Accounts"]
            start = int(payload.get("NextToken") or 0)
            end = start + min(payload.get("MaxResults") or 20, 20)
            more = {"NextToken": str(end)} if end < len(accounts) else {}
            return status, headers, json.dumps({"Accounts": accounts[start:end], **more}).encode()
        return list_page

    def create_account(payload, create=operations["CreateAccount"]):
        status, headers, body = create(payload)
        chosen = re.search(r"\d{12}", payload.get("Email") or "")
        if status != 200 or not chosen:
            return status, headers, body
        answer = json.loads(body)["CreateAccountStatus"]
        given, chosen = answer["AccountId"], chosen.group()
        account = organizations._accounts.pop(given)
        organizations._accounts[chosen] = {**account, "Id": chosen, "Arn": account["Arn"].replace(given, chosen)}
        policy = organizations.FULL_ACCESS_POLICY_ID
        organizations._attachments[policy] = [
            chosen if target == given else target for target in organizations._attachments[policy]]
        answer["AccountId"] = organizations._create_statuses[answer["Id"]]["AccountId"] = chosen
        return status, headers, json.dumps({"CreateAccountStatus": answer}).encode()

    def register_delegated_administrator(payload):
        if payload.get("AccountId") not in organizations._accounts:
            return error_response_json("AccountNotFoundException", "You specified an account that doesn't exist.", 400)
        delegates.add(payload["AccountId"])
        return organizations._json(200, {})

    def reset_all():
        delegates.clear()
        reset()

    organizations._public_account = lambda account: {**public_account(account), "State": account["Status"]}
    operations["CreateAccount"] = create_account
    operations["RegisterDelegatedAdministrator"] = register_delegated_administrator
    for operation in ("ListAccounts", "ListAccountsForParent"):
        operations[operation] = paged(operations[operation])
    organizations.handle_request, organizations.reset = handle_for_organization, reset_all


def _know_opt_in_regions():
    """Let an account have the opt-in Regions that it enabled, and check who may ask.

    On AWS a new account has none of them, and ListRegions has pages and its own permission. In MiniStack
    all are enabled, in one page, and no policy is checked.
    """
    from ministack.core import iam_actions
    from ministack.core.responses import error_response_json, get_account_id
    from ministack.services import account
    enabled = set()  # account and Region

    def switch(add):
        def answer(payload):
            region = payload.get("RegionName")
            if region not in account._OPT_IN_REQUIRED:
                return error_response_json("ValidationException", "Region cannot be switched: {}".format(region), 400)
            (enabled.add if add else enabled.discard)((get_account_id(), region))
            return account._json(200, {})
        return answer

    def status(region):
        if region not in account._OPT_IN_REQUIRED:
            return "ENABLED_BY_DEFAULT"
        return "ENABLED" if (get_account_id(), region) in enabled else "DISABLED"

    def list_regions(payload):
        wanted = payload.get("RegionOptStatusContains")
        regions = [{"RegionName": region, "RegionOptStatus": status(region)} for region in account._REGIONS_LIST]
        regions = [region for region in regions if not wanted or region["RegionOptStatus"] in wanted]
        start = int(payload.get("NextToken") or 0)
        end = start + (payload.get("MaxResults") or 50)
        more = {"NextToken": str(end)} if end < len(regions) else {}
        return account._json(200, {"Regions": regions[start:end], **more})

    def get_region_opt_status(payload):
        region = payload.get("RegionName")
        if region not in account._REGIONS_LIST:
            return error_response_json("ResourceNotFoundException", "Region not found: {}".format(region), 404)
        return account._json(200, {"RegionName": region, "RegionOptStatus": status(region)})

    account._DISPATCH.update({
        "/enableRegion": switch(True), "/disableRegion": switch(False),
        "/listRegions": list_regions, "/getRegionOptStatus": get_region_opt_status})
    account.reset = enabled.clear
    iam_actions._BOTOCORE_SERVICE_MAP["account"] = ["account"]  # where the actions' names are looked up


def _name_throttles():
    """Give a throttled Lambda task of Step Functions the error name that AWS gives it.

    A state machine retries Lambda.TooManyRequestsException. MiniStack throttles as well, but calls it
    Lambda.Unknown, which nothing retries.
    """
    from ministack.services import stepfunctions
    call = stepfunctions._call_lambda

    def call_and_name(*arguments):
        try:
            return call(*arguments)
        except stepfunctions._ExecutionError as error:
            if error.error == "Lambda.Unknown" and "TooManyRequestsException" in error.cause:
                error.error = "Lambda.TooManyRequestsException"
            raise

    stepfunctions._call_lambda = call_and_name


def _hang_where_tagged():
    """Never answer who assumes a role that is tagged `testbed` = `hangs`: calls get lost on AWS, too."""
    import asyncio
    from urllib.parse import parse_qs
    from ministack.services import iam, sts
    handle = sts.handle_request
    role_arn = re.compile(r"^arn:[^:]+:iam::(\d{12}):role/(?:.*/)?([^/]+)$")

    async def handle_unless_it_hangs(method, path, headers, body, query):
        asked = parse_qs(body.decode("utf-8", errors="replace"))
        named = role_arn.match(asked.get("RoleArn", [""])[0])
        role = named and iam._roles.get_scoped(named.group(1), None, named.group(2))
        if role and {"Key": "testbed", "Value": "hangs"} in role.get("Tags", []):
            await asyncio.Event().wait()
        return await handle(method, path, headers, body, query)

    sts.handle_request = handle_unless_it_hangs


def _keep_hooks():
    """Keep the Lambda Hooks of a stack. MiniStack knows no such resource, and asks no hook about anything."""
    from ministack.services.cloudformation import provisioners

    def create(logical_id, properties, stack_name):
        alias = properties["Alias"].replace("::", "-")
        arn = "arn:aws:cloudformation:{}:{}:type/hook/{}".format(REGION, ACCOUNT, alias)
        return arn, {"HookArn": arn}

    provisioners._RESOURCE_HANDLERS["AWS::CloudFormation::LambdaHook"] = {
        "create": create, "delete": lambda *_: None}


def _answer_at_the_hosts_of_aws():
    """Take an API's own host, as in `a1b2c3d4.execute-api.eu-west-1.amazonaws.com`, for what it is: a probe sends it."""
    from ministack import app
    app._EXECUTE_API_RE = re.compile(r"^([a-f0-9]{8})\.execute-api\.(?:localhost|[a-z0-9-]+\.amazonaws\.com)(?::\d+)?$")


# --- The watcher -----------------------------------------------------------------------------

def watch(options):
    # Before any server exists, so that no signal can leave one behind.
    stop_read, stop_write = os.pipe()
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(name, lambda *_: os.write(stop_write, b"x"))

    # A free port may be taken by the time the server wants it: then another one.
    for port in [options.port] if options.port else [_free_port() for _ in range(3)]:
        status = _run(options, port, stop_read)
        if status is not None:
            return status
    sys.stderr.write("the emulator did not start\n")
    return 1


def _run(options, port, stop_read):
    """One server, until told to stop. None if it did not come up."""
    endpoint = "http://127.0.0.1:{}".format(port)
    scratch = tempfile.mkdtemp(prefix="gatewatch-emulator-")
    mailbox = os.path.join(scratch, "mailbox.jsonl")
    command = [sys.executable, os.path.abspath(__file__), "--serve", scratch, "--mailbox", mailbox]
    if options.uncorrected:
        command.append("--uncorrected")
    log_path = options.log or os.path.join(scratch, "server.log")
    with open(log_path, "wb") as log:
        server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log,
                                  env=_environment(endpoint, port, scratch), cwd=scratch,
                                  start_new_session=True)
    try:
        healthy = _healthy(endpoint, server, stop_read)
        if healthy is None:
            return 0
        if not healthy:
            with open(log_path, encoding="utf-8", errors="replace") as log:
                sys.stderr.write(log.read()[-4000:])
            return None
        print(json.dumps({"endpoint": endpoint, "pid": os.getpid(), "mailbox": mailbox}), flush=True)
        return 0 if _wait(server, stop_read) else 1
    finally:
        _stop(server)
        shutil.rmtree(scratch, ignore_errors=True)


def _environment(endpoint, port, scratch):
    """All that the server and its Lambdas may see: nothing of the user's AWS settings or proxies."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    return {
        **kept,
        "HOME": scratch,
        "TMPDIR": scratch,
        "STATE_DIR": os.path.join(scratch, "state"),
        "S3_DATA_DIR": os.path.join(scratch, "s3"),
        "AUTH": "true",                # check policies, as AWS does
        "BIND_HOST": "127.0.0.1",      # without it every interface is listened on
        "GATEWAY_PORT": str(port),
        "AWS_ENDPOINT_URL": endpoint,  # what the Lambdas call back
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "IOT_MTLS_ENABLED": "0",       # without it port 8883 is opened
        "SFTP_ENABLED": "0",
        "SFN_WAIT_SCALE": "0.1",       # a test should not wait for what a state machine tries again
        "LOG_LEVEL": "WARNING",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _healthy(endpoint, server, stop_read):
    """Whether the server answers; None when told to stop before it did."""
    deadline = time.monotonic() + START_LIMIT_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        if select.select([stop_read], [], [], 0.05)[0]:
            return None
        try:
            with OPENER.open(endpoint + "/_ministack/health", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            pass
    return False


def _wait(server, stop_read):
    """True when told to stop, False when the server ended by itself."""
    while server.poll() is None:
        ready, _, _ = select.select([stop_read, 0], [], [], 1)
        if stop_read in ready or (0 in ready and not os.read(0, 1024)):
            return True
    sys.stderr.write("the emulator ended with status {}\n".format(server.returncode))
    return False


def _stop(server):
    server.stdin.close()
    try:
        server.wait(STOP_LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        pass
    try:
        # Its Lambdas, had the server ended without them.
        os.killpg(server.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    server.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.add_argument("--uncorrected", action="store_true", help="leave the API summary as MiniStack builds it")
    parser.add_argument("--log", help="keep the server's log in this file")
    parser.add_argument("--serve", metavar="SCRATCH", help=argparse.SUPPRESS)
    parser.add_argument("--mailbox", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.mailbox, not options.uncorrected)
        return 0
    return watch(options)


if __name__ == "__main__":
    sys.exit(main())
