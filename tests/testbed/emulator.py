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
    _know_invoke_policy()
    _keep_mail(mailbox)
    _authorize_batches()
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


def _authorize_batches():
    """SNS authorizes PublishBatch as sns:Publish; MiniStack asks for an action that IAM does not have."""
    from ministack.core import iam_actions
    extract = iam_actions.extract_iam_action

    def extract_as_aws(*arguments, **named):
        action = extract(*arguments, **named)
        return "sns:Publish" if action == "sns:PublishBatch" else action

    iam_actions.extract_iam_action = extract_as_aws


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
