"""How near to API Gateway's limit a scan runs, and whether it crosses it.

    python pace.py --bin-dir target/debug [--rest 300] [--http 300] [--latency 50] [-- ARGUMENT ...]

Seeds an account of the emulator (REST APIs with one stage and ten methods, HTTP APIs that deploy themselves),
puts the proxy of limit.py before it, and runs `gatewatch scan`, with the arguments after `--`. The time is
held against the one that the limit itself allows for the calls that were made:

- all N calls of API Gateway: (N - 40) / 10 seconds, as 40 are the burst,
- of them, R are GetResources: (R - 5) / 2.5 seconds,
- whichever is longer. IAM, STS and the start of the process are in the time and not in the allowance.

It is a timing: it is printed, and fails nothing. Status 1 is for a scan that did not read everything.
"""

import argparse
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "testbed"))
sys.dont_write_bytecode = True

import aws  # noqa: E402
import limit  # noqa: E402

METHODS = 10
RATIO_LIMIT = 1.10
THROTTLED_LIMIT = 0.01
TYPES = ("AWS_IAM", "NONE")


# --- The account -----------------------------------------------------------------------------

def seed(account, rest, http):
    gateway, gateway2 = account.client("apigateway"), account.client("apigatewayv2")
    # The emulator is one process: more at once would not be faster.
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        made = [pool.submit(rest_api, gateway, number) for number in range(rest)]
        made += [pool.submit(http_api, gateway2, number) for number in range(http)]
        for one in made:
            one.result()


def rest_api(gateway, number):
    api = gateway.create_rest_api(name="rest-{:04}".format(number))["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    for index in range(METHODS):
        resource = gateway.create_resource(restApiId=api, parentId=root, pathPart="r%d" % index)["id"]
        gateway.put_method(restApiId=api, resourceId=resource, httpMethod="GET",
                           authorizationType=TYPES[index % len(TYPES)])
    gateway.create_deployment(restApiId=api, stageName="prod")


def http_api(gateway, number):
    api = gateway.create_api(Name="http-{:04}".format(number), ProtocolType="HTTP")["ApiId"]
    for index in range(METHODS):
        gateway.create_route(ApiId=api, RouteKey="GET /r%d" % index, AuthorizationType=TYPES[index % len(TYPES)])
    gateway.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)


# --- The scan --------------------------------------------------------------------------------

def scan(binary, endpoint, arguments):
    """How long it took, how it ended, and what it said."""
    command = [binary, "scan", "--region", aws.REGION, "--stats", "--format", "json", *arguments]
    with tempfile.TemporaryDirectory() as folder:
        begun = time.monotonic()
        run = subprocess.run(command, cwd=folder, env=limit.client_environment(endpoint, aws.ACCOUNT, aws.REGION),
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        return time.monotonic() - begun, run.returncode, run.stderr


def allowed(calls, resources):
    """The seconds that the limit itself asks for."""
    return max((calls - limit.BURST) / limit.RATE,
               (resources - limit.RESOURCES_BURST) / limit.RESOURCES_RATE, 0)


def report(seconds, stats):
    """Prints the figures."""
    place = stats["limited"]["{}/{}".format(aws.ACCOUNT, aws.REGION)]
    resources = stats["operations"].get("apigateway GetResources", {"requests": 0, "throttled": 0})
    calls = place["requests"] - place["throttled"]
    at_best = allowed(calls, resources["requests"] - resources["throttled"])
    share = place["throttled"] / place["requests"]
    for operation, counts in stats["operations"].items():
        print("{requests:>7} {}, {throttled} throttled".format(operation, **counts))
    say("calls of API Gateway", "{} let through, {} throttled".format(calls, place["throttled"]))
    say("in the first second", str(place["per_second"][0]))
    say("most in a second after the burst", str(place["busiest_second_after_burst"]))
    say("a second, on the whole", "{:.2f}".format(place["requests"] / max(place["seconds"], 1)))
    say("fewest tokens left", "{fewest_tokens} of 40, for GetResources {fewest_tokens_for_resources} of 5".format(
        **place))
    say("time", "{:.1f} s, the limit allows {:.1f} s".format(seconds, at_best))
    if at_best:
        ratio = seconds / at_best
        say("ratio", "{:.3f}, {} {}".format(ratio, within(ratio <= RATIO_LIMIT), RATIO_LIMIT))
    say("throttled", "{:.2%}, {} {:.0%}".format(share, within(share < THROTTLED_LIMIT), THROTTLED_LIMIT))


def within(holds):
    return "within" if holds else "NOT within"


def say(what, figure):
    print("{:<34} {}".format(what, figure), flush=True)


def run(binary, options):
    with aws.emulator() as (upstream, _), limit.gate(upstream, latency=options.latency / 1000) as (endpoint, gate):
        begun = time.monotonic()
        seed(aws.Account(upstream), options.rest, options.http)
        say("account", "{} REST and {} HTTP APIs, made in {:.0f} s".format(
            options.rest, options.http, time.monotonic() - begun))
        seconds, status, said = scan(binary, endpoint, options.argument)
        report(seconds, gate.stats())
    # 1: there are findings, as there should be.
    if status not in (0, 1):
        print("the scan ended with status {}:\n{}".format(status, said[-2000:]), file=sys.stderr)
        return 1
    total = re.search(r"(\d+) requests in all", said)
    seen = sum(it["service"] in ("apigateway", "iam", "sts") for it in gate.requests)
    if total and int(total.group(1)) != seen:
        print("the statistics say {} requests, {} were seen".format(total.group(1), seen), file=sys.stderr)
        return 1
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--bin-dir", required=True, help="where cargo put gatewatch")
    parser.add_argument("--rest", type=int, default=300, help="REST APIs")
    parser.add_argument("--http", type=int, default=300, help="HTTP APIs")
    parser.add_argument("--latency", type=float, default=50, help="milliseconds that each answer takes more")
    parser.add_argument("argument", nargs="*", help="more arguments of `gatewatch scan`, after --")
    options = parser.parse_args()
    return run(os.path.abspath(os.path.join(options.bin_dir, "gatewatch")), options)


if __name__ == "__main__":
    sys.exit(main())
