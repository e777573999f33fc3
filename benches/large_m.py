"""How much memory the Lambda takes where few APIs have very many methods, and whether it says what it leaves out.

    python large.py --bootstrap target/release/gatewatch-lambda [--rie .../aws-lambda-rie-x86_64]
                    [--apis 1 --apis 3] [--resources 300] [--stages 10] [--deployments 1] [--memory 512]

`--apis 100`, which takes ten minutes, is `make bench-hundred`.

A double answers for API Gateway: REST APIs of RESOURCES paths with eight verbs each, all open, whose STAGES stages serve as many
distinct deployments as `--deployments` says. All else is the emulator's. Each account is read twice, each time in a process of
its own: the first run remembers nothing, the second has a ledger and an inventory to read. The peak of the resident memory
(VmHWM) is held against that of a run over an account without an API, and must stay below the memory of the function.

Sizes are those of the build: of a debug build, only the difference to the empty run tells something. Status 1 where a run gives
no answer or sends no digest, takes more memory than the function has, or does not say what it leaves out.
"""

import argparse
import glob
import http.client
import http.server
import importlib
import json
import os
import re
import sys
import threading
import time
import urllib.parse

import limit

function = importlib.import_module("lambda")  # a word of Python's own
aws = function.aws

VERBS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "ANY")


class Double(http.server.BaseHTTPRequestHandler):
    """API Gateway with a few large APIs; all other requests go on to the emulator."""

    protocol_version = "HTTP/1.1"
    upstream = None
    size = None  # apis, resources, stages, deployments

    def log_message(self, *_):
        pass

    def _any(self):
        service = limit.signed_by({name.lower(): value for name, value in self.headers.items()})[2]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if service == "apigateway":
            self._answer(200, {"Content-Type": "application/json"}, json.dumps(self._of_gateway()).encode())
            return
        connection = http.client.HTTPConnection(self.upstream)
        connection.request(self.command, self.path, body, dict(self.headers.items()))
        answer = connection.getresponse()
        headers = {name: value for name, value in answer.getheaders()
                   if name.lower() not in ("transfer-encoding", "connection", "content-length")}
        self._answer(answer.status, headers, answer.read())
        connection.close()

    do_GET = do_POST = do_PUT = do_HEAD = _any

    def _answer(self, status, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _of_gateway(self):
        apis, resources, stages, deployments = self.size
        path = urllib.parse.urlsplit(self.path).path
        if path == "/restapis":
            return {"item": [{"id": "a%09d" % index, "name": "large-%03d" % index,
                              "endpointConfiguration": {"types": ["REGIONAL"]}} for index in range(apis)]}
        if re.fullmatch(r"/restapis/\w+/stages", path):
            return {"item": [{"stageName": "stage%d" % index, "deploymentId": "dep%d" % (index % deployments)}
                             for index in range(stages)]}
        found = re.fullmatch(r"/restapis/\w+/deployments/(\w+)", path)
        if found:
            method = {"authorizationType": "NONE", "apiKeyRequired": False}
            return {"id": found.group(1), "createdDate": 1780300800, "apiSummary": {
                "/orders/{orderId}/part%d" % index: {verb: method for verb in VERBS} for index in range(resources)}}
        if re.fullmatch(r"/restapis/\w+/resources", path):
            methods = {verb: {"httpMethod": verb, "authorizationType": "NONE", "apiKeyRequired": False,
                              "methodIntegration": {"type": "AWS_PROXY"}} for verb in VERBS}
            return {"item": [{"id": "r%d" % index, "path": "/orders/{orderId}/part%d" % index,
                              "resourceMethods": methods} for index in range(resources)]}
        if path == "/domainnames":
            return {"item": []}
        return {"items": []}


def served(upstream, size):
    """The endpoint of a double of this size."""
    handler = type("Sized", (Double,), {"upstream": upstream.removeprefix("http://"), "size": size})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, "http://127.0.0.1:{}".format(server.server_port)


def measured(options, upstream, apis):
    """Seconds, peak bytes and answer of two runs over an account of so many APIs."""
    bucket = "state-{}".format(apis)
    account = aws.Account(upstream)
    account.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": aws.REGION})
    topic = account.client("sns").create_topic(Name="findings")["TopicArn"]
    queue = account.client("sqs").create_queue(QueueName="all-findings")["QueueUrl"]
    arn = "arn:aws:sqs:{}:{}:all-findings".format(aws.REGION, aws.ACCOUNT)
    policy = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn}]}
    account.client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})
    account.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    server, endpoint = served(upstream, (apis, options.resources, options.stages, options.deployments))
    environment = {
        **limit.client_environment(endpoint, aws.ACCOUNT, aws.REGION), "GATEWATCH_TOPIC_ARN": topic,
        "GATEWATCH_STATE": "s3://" + bucket, "GATEWATCH_REGIONS": aws.REGION, "AWS_LAMBDA_FUNCTION_NAME": "gatewatch",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": "900", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(options.memory)}
    for _ in range(2):
        with function.Runtime(options.rie, os.path.abspath(options.bootstrap), environment) as runtime:
            begun = time.monotonic()
            answer = runtime.invoke()
            if "status" not in answer:
                raise function.Failed("it answered {}\n{}".format(json.dumps(answer)[:2000], runtime.said()))
            told = messages(account, queue)
            if not told and (answer["changes"] or answer["gaps"]):
                raise function.Failed("{} APIs: it sent no digest".format(apis))
            judge(answer, told, apis * options.resources * len(VERBS) * options.stages)
            if runtime.peak_bytes() > options.memory * 1e6:
                raise function.Failed("{} APIs: it took {:.0f} MB".format(apis, runtime.peak_bytes() / 1e6))
            print("\n".join(l for l in runtime.said().splitlines() if "MEM" in l)); yield time.monotonic() - begun, runtime.peak_bytes(), answer
    server.shutdown()


def messages(account, queue):
    """The texts of the messages that were sent."""
    told = []
    while True:
        got = account.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        if not got:
            return told
        for message in got:
            told.append(message["Body"])
            account.client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])


def judge(answer, told, methods):
    """Whether what a run leaves out of so many open methods is said, by API and count."""
    kept = answer["counts"]["total"]
    if kept >= methods:
        return
    if answer["status"] != "incomplete" or not answer["gaps"]:
        raise function.Failed("{} of {} findings are left out, and nothing says so".format(methods - kept, methods))
    if not any("findings of API" in text for text in told):
        raise function.Failed("no message names an API of which findings are left out")


def run(options):
    with aws.emulator() as (upstream, _):
        empty = max(peak for _, peak, _ in measured(options, upstream, 0))
        print("{:<28} {:>7.1f} MB".format("an empty account", empty / 1e6), flush=True)
        for apis in options.apis:
            for which, (seconds, peak, answer) in zip(("first", "second"), measured(options, upstream, apis)):
                print("{:<28} {:>7.1f} MB, {:+.1f} MB; {:.1f} s; {}".format(
                    "{} APIs, {} run".format(apis, which), peak / 1e6, (peak - empty) / 1e6, seconds,
                    said(answer)), flush=True)


def said(answer):
    """What an answer says, in a line."""
    return "{}, {} findings, {} gaps, {} changes named, {} left to the next run".format(
        answer["status"], answer["counts"]["total"], answer["gaps"], answer["changes"], answer["untold"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--bootstrap", required=True, help="the binary gatewatch-lambda")
    parser.add_argument("--rie", help="the runtime interface emulator; default: that below target/lint")
    parser.add_argument("--apis", type=int, action="append", help="how many APIs; repeat it for several accounts")
    parser.add_argument("--resources", type=int, default=300)
    parser.add_argument("--stages", type=int, default=10)
    parser.add_argument("--deployments", type=int, default=1, help="distinct ones, of an API's stages")
    parser.add_argument("--memory", type=int, default=512, help="MB that the function is told to have")
    options = parser.parse_args()
    options.apis = options.apis or [1, 3]
    if options.rie is None:
        found = glob.glob(os.path.join(function.ROOT, "target", "lint", function.RIE))
        options.rie = found[0] if found else sys.exit("no runtime interface emulator: run `make template-check`")
    try:
        run(options)
    except function.Failed as failed:
        print("BROKEN: {}".format(failed), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
