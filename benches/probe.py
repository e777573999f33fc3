"""How long a probe of many methods takes, and whether it keeps its pace.

    python benches/probe.py --bin target/debug/gatewatch [--methods 2000] [--rate 20] [--latency MS]

A server on loopback answers each request as API Gateway answers one without a signature, after the latency. Printed are
the time against that which the rate allows, the most requests begun in any second and under way at once, and the memory
and processor time of the command. Ends with status 1 where a request is missing, or more were sent than allowed.
"""

import argparse
import asyncio
import collections
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time

ANSWER = b"""HTTP/1.1 403 Forbidden\r
x-amzn-RequestId: 1\r
x-amzn-ErrorType: MissingAuthenticationTokenException\r
content-type: application/json\r
content-length: 42\r
\r
{"message":"Missing Authentication Token"}"""


class Server:
    """Answers, and takes note of when it was asked and of how many were under way."""

    def __init__(self, latency):
        self.latency = latency
        self.begun = []
        self.paths = set()
        self.under_way = self.most = 0
        self.ready = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self.serve()), daemon=True).start()
        self.ready.wait()

    async def serve(self):
        server = await asyncio.start_server(self.answer, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        await server.serve_forever()

    async def answer(self, reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        self.begun.append(time.monotonic())
        self.paths.add(head.split(b" ")[1])
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(self.latency)
        self.under_way -= 1
        writer.write(ANSWER)
        await writer.drain()
        writer.close()


def inventory(count):
    """One REST API in each hundred methods, all of type AWS_IAM."""
    apis = []
    for at in range(0, count, 100):
        methods = [
            {"verb": "GET", "path": f"/items/{number}/{{id}}", "authorization": "AWS_IAM", "api_key_required": False}
            for number in range(at, min(at + 100, count))
        ]
        apis.append({
            "region": "eu-west-1", "id": f"api{at:07}", "name": f"Api {at}", "kind": "REST",
            "endpoint_types": ["REGIONAL"], "default_endpoint_disabled": False, "resource_policy": None,
            "stages": [{"name": "prod", "deployment_id": "dep1"}],
            "deployments": [{"id": "dep1", "created_at": None, "methods": methods}], "draft": [],
        })
    return {
        "schema_version": 1, "account": "111122223333", "partition": "aws", "taken_at": "2026-06-15T06:00:00Z",
        "scope": {"regions": ["eu-west-1"], "without_drafts": True}, "apis": apis, "domains": [], "gaps": [],
        "iam": {"groups": [], "users": [], "roles": [], "policies": []},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True)
    parser.add_argument("--methods", type=int, default=2000)
    parser.add_argument("--rate", type=int, default=20)
    parser.add_argument("--latency", type=float, default=50, help="milliseconds")
    args = parser.parse_args()
    server = Server(args.latency / 1000)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "inventory.json")
        with open(path, "w") as file:
            json.dump(inventory(args.methods), file)
        command = [
            os.path.abspath(args.bin), "probe", path, "--endpoint-override", f"http://127.0.0.1:{server.port}",
            "--allow-loopback", "--rate", str(args.rate), "--format", "json",
        ]
        begun = time.monotonic()
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        took = time.monotonic() - begun
    report = json.loads(done.stdout)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = collections.Counter(int(it - server.begun[0]) for it in server.begun)
    allowed = (args.methods - 1) / args.rate
    print(f"{args.methods} methods at {args.rate} a second, {args.latency:.0f} ms an answer")
    print(f"  {took:.1f} s, of which the rate takes {allowed:.1f} s; {used.ru_utime + used.ru_stime:.1f} s of a processor")
    print(f"  most begun in a second: {max(seconds.values())}; most under way at once: {server.most}")
    print(f"  {used.ru_maxrss / 1024:.0f} MB resident at most; verdicts: {report['probe']['counts']}")
    sound = len(server.paths) == args.methods and report["probe"]["counts"]["agrees"] == args.methods
    if not sound or max(seconds.values()) > args.rate + 1:
        sys.exit("a request is missing, or more were sent than allowed")


if __name__ == "__main__":
    main()
