"""How many calls a scan makes, first and second time, and whether that is within its bounds.

    python calls.py --bin-dir target/debug [--rest 40] [--http 34]

Seeds the mixed account of the emulator and runs `gatewatch scan --stats --state` twice. A recording proxy
between them tells the calls of each API, and that the statistics are true. Ends with status 1 where a bound
is broken: a number of calls is no timing, it is the same on every machine.

- First scan: at most 3 calls an API, of an HTTP API only where it has a Lambda authorizer, as every fifth has.
- Second scan, nothing changed: at most 1 an API, and the pages of a REST API's draft.
- Beside those, lists: one page each here, none of them twice.
- No request is sent twice in a scan.
"""

import argparse
import collections
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "testbed"))
sys.dont_write_bytecode = True

import aws  # noqa: E402
import limit  # noqa: E402
from mixed import create_mixed_account  # noqa: E402

FIRST_LIMIT, SECOND_LIMIT = 3, 1
# Family and id of the API that a request is about.
OF_API = re.compile(r"^/(?:(v2)/apis|restapis)/([^/?]+)")
COUNT = re.compile(r"^ *(\d+) (\S.*)$")
TOTAL = re.compile(r"^ *(\d+) requests in all, (\d+) of them throttled$")
# The services of which `--stats` counts the calls.
COUNTED = ("apigateway", "iam", "sts")


class Broken(Exception):
    """A scan that did not end well, or whose statistics are not true."""


class Scan:
    """One scan, by its own statistics and by what the proxy saw."""

    def __init__(self, binary, endpoint, gate, state):
        gate.reset()
        command = [binary, "scan", "--region", aws.REGION, "--stats", "--state", state, "--format", "json"]
        with tempfile.TemporaryDirectory() as folder:
            run = subprocess.run(command, cwd=folder, env=limit.client_environment(endpoint, aws.ACCOUNT, aws.REGION),
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if run.returncode not in (0, 1):
            raise Broken("the scan ended with {}:\n{}".format(run.returncode, run.stderr))
        self.operations, self.total, self.throttled = statistics(run.stderr)
        self.seen = [it for it in gate.requests if it["service"] in COUNTED]
        if len(self.seen) != self.total:
            raise Broken("the statistics say {} requests, {} were seen".format(self.total, len(self.seen)))

    def by_api(self, counts=lambda it: True):
        """The calls of each API, by family. A throttled one was none: when it happens is a matter of time."""
        calls = {"REST": collections.Counter(), "HTTP": collections.Counter()}
        for it in self.seen:
            api = OF_API.match(it["target"])
            if api and not it["throttled"] and counts(it):
                calls["HTTP" if api.group(1) else "REST"][api.group(2)] += 1
        return calls

    def lists(self):
        lists = collections.Counter(
            it["operation"] for it in self.seen
            if it["service"] == "apigateway" and not it["throttled"] and not OF_API.match(it["target"]))
        return lists

    def twice(self):
        """Reads of API Gateway that were sent more than once though none was throttled."""
        targets = collections.Counter(
            it["target"] for it in self.seen if it["service"] == "apigateway" and not it["throttled"])
        return sorted(target for target, count in targets.items() if count > 1)


def statistics(text):
    """What `--stats` printed: calls by operation, all of them, and the throttled ones."""
    operations = {}
    for line in text.splitlines():
        total = TOTAL.match(line)
        if total:
            if sum(operations.values()) != int(total.group(1)):
                raise Broken("the statistics do not add up:\n" + text)
            return operations, int(total.group(1)), int(total.group(2))
        count = COUNT.match(line)
        if count:
            operations[count.group(2)] = int(count.group(1))
    raise Broken("there are no statistics in:\n" + text)


def complaints(scan, which, most, counts=lambda it: True):
    """What is wrong with the calls of a scan, a line each."""
    for family, calls in scan.by_api(counts).items():
        over = {api: count for api, count in calls.items() if count > most}
        if over:
            yield "{} scan: {} {} APIs cost more than {}, the worst {}".format(
                which, len(over), family, calls_in_words(most), calls_in_words(max(over.values())))
    for operation, count in scan.lists().items():
        if count > 1:
            yield "{} scan: the list {} was asked for {} times".format(which, operation, count)
    for target in scan.twice():
        yield "{} scan: sent twice: {}".format(which, target)


def calls_in_words(count):
    return "1 call" if count == 1 else "{} calls".format(count)


def is_no_page_of_a_draft(it):
    return it["operation"] != "GetResources"


def show(first, second, apis):
    print("{:<44} {:>6} {:>7}".format("calls", "first", "second"))
    for operation in sorted(set(first.operations) | set(second.operations)):
        print("{:<44} {:>6} {:>7}".format(
            operation, first.operations.get(operation, 0), second.operations.get(operation, 0)))
    print("{:<44} {:>6} {:>7}".format("in all", first.total, second.total))
    print("{:<44} {:>6} {:>7}".format("throttled", first.throttled, second.throttled))
    for family, count in apis.items():
        print("{:<44} {:>6.2f} {:>7.2f}".format(
            "a {} API (mean of {})".format(family, count),
            *(sum(scan.by_api()[family].values()) / count for scan in (first, second))))
        print("{:<44} {:>6} {:>7}".format(
            "a {} API (most)".format(family),
            *(max(scan.by_api()[family].values(), default=0) for scan in (first, second))))


def run(binary, rest, http):
    with aws.emulator() as (upstream, _), limit.gate(upstream) as (endpoint, gate), \
            tempfile.TemporaryDirectory() as state:
        create_mixed_account(aws.Account(upstream), rest_apis=rest, http_apis=http)
        first = Scan(binary, endpoint, gate, state)
        second = Scan(binary, endpoint, gate, state)
    show(first, second, {"REST": rest, "HTTP": http})
    broken = list(complaints(first, "first", FIRST_LIMIT))
    broken += complaints(second, "second", SECOND_LIMIT, is_no_page_of_a_draft)
    for line in broken:
        print("BROKEN: " + line)
    if not broken:
        print("every bound holds")
    return 1 if broken else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--bin-dir", required=True, help="where cargo put gatewatch")
    parser.add_argument("--rest", type=int, default=40, help="REST APIs")
    parser.add_argument("--http", type=int, default=34, help="HTTP APIs")
    options = parser.parse_args()
    try:
        return run(os.path.abspath(os.path.join(options.bin_dir, "gatewatch")), options.rest, options.http)
    except Broken as broken:
        print("BROKEN: {}".format(broken), file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
