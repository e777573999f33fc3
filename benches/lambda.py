"""How small the Lambda is, how soon it begins to scan, and how much memory it takes.

    python lambda.py --bootstrap target/release/gatewatch-lambda --rie .../aws-lambda-rie-x86_64
                     [--apis 100] [--starts 10]
    python lambda.py --zip target/package/gatewatch-lambda-VERSION-x86_64.zip ...

- The size of the package: that of the zip, or the binary as `bootstrap`, deflated at level 9.
- An account without an API: from the start of the process to the answer of its first invocation, with the peak of
  the memory by then. The state is empty as well, so that nothing is spared.
- From the start of the process to its first scan call (to API Gateway or IAM) as it arrives at a recording
  proxy: the runtime's start, the invocation, the policy, `sts:GetCallerIdentity` and the ledger in S3 lie
  between. Each start is cold: a process of its own under the Lambda runtime interface emulator.
- The peak of the resident memory (VmHWM) over two whole scans, each in a process of its own: the first
  remembers nothing yet, the second has a ledger to read.

Sizes are bounds, and break with status 1. Times are printed, and fail nothing. Linux only, as the runtime
interface emulator; it ships in the package aws-sam-cli, which `make template-check` installs.
"""

import argparse
import contextlib
import glob
import io
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "testbed"))
sys.dont_write_bytecode = True

import aws  # noqa: E402
import limit  # noqa: E402
import size  # noqa: E402
from mixed import create_mixed_account  # noqa: E402

MEMORY_LIMIT_MB, START_LIMIT_MS = 64, 150
BUCKET = "gatewatch-state"
RIE = os.path.join("lib", "python3*", "site-packages", "samcli", "local", "rapid", "aws-lambda-rie-x86_64")
SCAN_LIMIT_SECONDS = 600
START_WAIT_SECONDS = 30
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback: never a proxy
# Notes its process and the time, and becomes the bootstrap: the process stays the same.
LAUNCHER = '#!/bin/sh\necho $$ $(date +%s%N) > "$BENCH_START"\nexec "$BENCH_BOOTSTRAP"\n'


class Failed(Exception):
    """There is nothing to measure."""


class Runtime:
    """The function under the runtime interface emulator, not started before it is invoked."""

    def __init__(self, rie, bootstrap, environment):
        self.folder = tempfile.mkdtemp(prefix="gatewatch-lambda-")
        self.started = os.path.join(self.folder, "started")
        launcher = os.path.join(self.folder, "bootstrap")
        with open(launcher, "w", encoding="utf-8") as file:
            file.write(LAUNCHER)
        os.chmod(launcher, 0o755)
        self.address = free_address()
        self.log = open(os.path.join(self.folder, "log"), "w+", encoding="utf-8", errors="replace")
        # A process group of its own, so that the bootstrap ends with it.
        self.process = subprocess.Popen(
            [rie, "--runtime-interface-emulator-address", self.address, "--runtime-api-address", free_address(),
             launcher],
            env={**environment, "BENCH_START": self.started, "BENCH_BOOTSTRAP": bootstrap,
                 "LAMBDA_TASK_ROOT": self.folder},
            cwd=self.folder, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True)
        self._wait_until_it_listens()

    def _wait_until_it_listens(self):
        deadline = time.monotonic() + START_WAIT_SECONDS
        host, port = self.address.split(":")
        while True:
            with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
                return
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Failed("the runtime interface emulator does not answer:\n" + self.said())
            time.sleep(0.01)

    def invoke(self):
        """The answer of the function to an event of the schedule."""
        with open(os.path.join(ROOT, "events", "scheduled.json"), "rb") as event:
            request = urllib.request.Request(
                "http://{}/2015-03-31/functions/function/invocations".format(self.address), data=event.read())
        with OPENER.open(request, timeout=SCAN_LIMIT_SECONDS) as answer:
            return json.loads(answer.read())

    def start(self):
        """The id of the bootstrap's process, and when it started, in seconds."""
        with open(self.started, encoding="utf-8") as file:
            process, nanoseconds = file.read().split()
        return int(process), int(nanoseconds) / 1e9

    def peak_bytes(self):
        with open("/proc/{}/status".format(self.start()[0]), encoding="utf-8") as file:
            peak = next(line for line in file if line.startswith("VmHWM:"))
        return int(peak.split()[1]) * 1024

    def said(self):
        self.log.seek(0)
        return self.log.read()[-4000:]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        # The runtime interface emulator gives the bootstrap a group of its own.
        with contextlib.suppress(OSError, ValueError):
            os.kill(self.start()[0], signal.SIGKILL)
        self.process.wait()
        self.log.close()
        for name in os.listdir(self.folder):
            os.remove(os.path.join(self.folder, name))
        os.rmdir(self.folder)


def free_address():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return "127.0.0.1:{}".format(probe.getsockname()[1])


# --- What is measured ------------------------------------------------------------------------

def zip_bytes(bootstrap):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        package.write(bootstrap, "bootstrap")
    return len(target.getvalue())


@contextlib.contextmanager
def unpacked(options):
    """The binary that is measured, and the bytes of its package."""
    if not options.zip:
        yield os.path.abspath(options.bootstrap), zip_bytes(options.bootstrap)
        return
    with tempfile.TemporaryDirectory(prefix="gatewatch-package-") as folder:
        with zipfile.ZipFile(options.zip) as package:
            bootstrap = package.extract("bootstrap", folder)
        os.chmod(bootstrap, 0o755)
        yield bootstrap, os.path.getsize(options.zip)


def empty_account(options, bootstrap):
    """Seconds from each start to the answer of the first invocation, and the largest peak in bytes."""
    seconds, peaks = [], []
    for _ in range(options.starts):
        with aws.emulator() as (endpoint, _):
            environment = {**limit.client_environment(endpoint, aws.ACCOUNT, aws.REGION),
                           **seeded(aws.Account(endpoint), 0)}
            with Runtime(options.rie, bootstrap, environment) as runtime:
                _, peak, _ = whole_scan(runtime)
                seconds.append(time.time() - runtime.start()[1])
                peaks.append(peak)
    return seconds, max(peaks)


def whole_scan(runtime):
    """Seconds of a scan to its end, peak bytes, and what it answered."""
    begun = time.monotonic()
    answer = runtime.invoke()
    seconds = time.monotonic() - begun
    if "status" not in answer or answer.get("gaps"):
        raise Failed("the function answered {}\n{}".format(json.dumps(answer)[:2000], runtime.said()))
    return seconds, runtime.peak_bytes(), answer


def cold_start(runtime, gate):
    """Seconds from the start of the process to its first scan call, and the calls before that."""
    gate.reset()
    threading.Thread(target=_invoke_unheard, args=(runtime,), daemon=True).start()
    deadline = time.monotonic() + START_WAIT_SECONDS
    while time.monotonic() < deadline:
        seen = list(gate.requests)
        first = next((index for index, it in enumerate(seen) if it["service"] in ("apigateway", "iam")), None)
        if first is not None:
            return seen[first]["at"] - runtime.start()[1], seen[:first]
        time.sleep(0.002)
    raise Failed("no scan call came within {} s:\n{}".format(START_WAIT_SECONDS, runtime.said()))


def _invoke_unheard(runtime):
    """The process is ended before it answers."""
    with contextlib.suppress(OSError, urllib.error.URLError, ValueError):
        runtime.invoke()


def seeded(account, apis):
    """The account, and the settings of the function."""
    create_mixed_account(account, rest_apis=apis // 2, http_apis=apis - apis // 2)
    account.client("s3").create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": aws.REGION})
    topic = account.client("sns").create_topic(Name="findings")["TopicArn"]
    return {"GATEWATCH_TOPIC_ARN": topic, "GATEWATCH_STATE": "s3://" + BUCKET, "GATEWATCH_REGIONS": aws.REGION,
            "AWS_LAMBDA_FUNCTION_NAME": "gatewatch", "AWS_LAMBDA_FUNCTION_TIMEOUT": "900",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256"}


def run(options):
    with unpacked(options) as (bootstrap, package):
        return measured(options, bootstrap, package)


def measured(options, bootstrap, package):
    broken = []
    print("{:<34} {:.1f} MB".format("bootstrap", os.path.getsize(bootstrap) / 1e6))
    bound(broken, "package, deflated", package / 1e6, size.LIMIT_MB, "MB")
    answers, peak = empty_account(options, bootstrap)
    print("{:<34} {:.0f} ms, worst {:.0f} ms".format(
        "an empty account, median of {}".format(options.starts),
        statistics.median(answers) * 1000, max(answers) * 1000))
    bound(broken, "peak resident, an empty account", peak / 1e6, MEMORY_LIMIT_MB, "MB")
    with aws.emulator() as (upstream, _), limit.gate(upstream) as (endpoint, gate):
        environment = {**limit.client_environment(endpoint, aws.ACCOUNT, aws.REGION),
                       **seeded(aws.Account(upstream), options.apis)}
        for which in ("first", "second"):
            with Runtime(options.rie, bootstrap, environment) as runtime:
                seconds, peak, answer = whole_scan(runtime)
            print("{:<34} {:.1f} s, {}, of {} APIs".format(
                which + " scan", seconds, answer["status"], options.apis))
            bound(broken, "peak resident, {} scan".format(which), peak / 1e6, MEMORY_LIMIT_MB, "MB")
        starts = []
        for _ in range(options.starts):
            with Runtime(options.rie, bootstrap, environment) as runtime:
                seconds, before = cold_start(runtime, gate)
                starts.append(seconds * 1000)
    print("{:<34} {}".format("calls before the first scan call", ", ".join(
        "{service} {operation}".format(**it) for it in before) or "none"))
    for what, milliseconds in (("median", statistics.median(starts)), ("worst", max(starts))):
        print("{:<34} {:.0f} ms, {} {} ms".format(
            "first scan call, {} of {}".format(what, len(starts)), milliseconds,
            "below" if milliseconds < START_LIMIT_MS else "NOT below", START_LIMIT_MS))
    return 1 if broken else 0


def bound(broken, what, figure, most, unit):
    """Prints a size, and notes it where it is too large."""
    holds = figure < most
    print("{:<34} {:.1f} {}, {} {} {}".format(
        what, figure, unit, "below" if holds else "BROKEN: not below", most, unit), flush=True)
    if not holds:
        broken.append(what)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    code = parser.add_mutually_exclusive_group(required=True)
    code.add_argument("--bootstrap", help="the binary gatewatch-lambda, built for release")
    code.add_argument("--zip", help="the package that has it, as `make package` makes it")
    parser.add_argument("--rie", help="the runtime interface emulator; default: that below target/lint")
    parser.add_argument("--apis", type=int, default=100, help="one half REST, one half HTTP")
    parser.add_argument("--starts", type=int, default=10, help="cold starts")
    options = parser.parse_args()
    if options.rie is None:
        found = glob.glob(os.path.join(ROOT, "target", "lint", RIE))
        options.rie = found[0] if found else sys.exit("no runtime interface emulator: run `make template-check`")
    try:
        return run(options)
    except Failed as failed:
        print("nothing was measured: {}".format(failed), file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
