"""The modes of gatewatch, each as a function that runs it and says what is wrong with how it ended."""

import json
import os
import pathlib
import subprocess
import tempfile

import changes
from double import runtime

ACCOUNT, MEMBER, REGION = "111122223333", "200000000001", "eu-west-1"
TOPIC, CHAT = (f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}" for name in ("alerts", "chat"))
EVENTS = pathlib.Path(__file__).resolve().parents[2] / "events"

# The access key ends with the account, so that the double knows whose it is.
OPERATOR, FUNCTION, HOOK = "AKIAOPER" + ACCOUNT, "ASIAFUNC" + ACCOUNT, "ASIAHOOK" + ACCOUNT

CLEAN, FINDINGS = 0, 1
SECONDS = 60


class Runs:
    """The binaries, with an environment that holds nothing of the developer's own."""

    def __init__(self, binaries, double, endpoint):
        self.binaries, self.double, self.endpoint = binaries, double, endpoint

    def environment(self, access_key, more):
        return {
            "PATH": os.environ["PATH"], "HOME": os.devnull, "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": self.endpoint, "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": access_key, "AWS_SECRET_ACCESS_KEY": "fake", **more}

    def command(self, arguments, expected, key=OPERATOR, more=None):
        """Runs the command line. What is wrong: another exit status, or a panic."""
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [os.path.join(self.binaries, "gatewatch"), *arguments], env=self.environment(key, more or {}), cwd=folder,
                stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS)
        if done.returncode in expected and "panicked" not in done.stderr:
            return []
        return [f"`{' '.join(arguments)}` ended with {done.returncode}: {done.stderr} {done.stdout[:2000]}"]

    def function(self, event, seconds=900, access_key=FUNCTION, settings=None):
        """Runs the Lambda for one event, with so much time left."""
        with runtime(self.double, event, seconds) as server, tempfile.TemporaryFile("w+") as said:
            process = subprocess.Popen(
                [os.path.join(self.binaries, "gatewatch-lambda")], stdout=said, stderr=subprocess.STDOUT,
                env=self.environment(access_key, {**(settings or SETTINGS), "AWS_LAMBDA_RUNTIME_API": server.host}))
            in_time = server.ended.wait(SECONDS)
            process.kill()
            process.wait()
            said.seek(0)
            text = said.read()
        ended = server.answered or ("nothing", "")
        if not in_time or ended[0] == "error" or "panicked" in text:
            return [f"{event[:80]} was answered with {ended}: {text[-3000:]}"]
        return []


SETTINGS = {
    "AWS_SESSION_TOKEN": "fake", "AWS_LAMBDA_FUNCTION_NAME": "gatewatch-Function-a", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "AWS_LAMBDA_LOG_GROUP_NAME": "/gatewatch/gatewatch", "GATEWATCH_TOPIC_ARN": TOPIC, "GATEWATCH_CHAT_TOPIC_ARN": CHAT,
    "GATEWATCH_STATE": "s3://state-of-the-function", "GATEWATCH_REGIONS": "all", "GATEWATCH_MESSAGE_PER_FINDING": "true",
    "GATEWATCH_POLICY_URI": "s3://state-of-the-function/policy/gatewatch.yaml", "GATEWATCH_SECURITY_HUB": "true",
    "GATEWATCH_EVENT_BUS": "security", "GATEWATCH_CONFIG_RULE": "true", "GATEWATCH_MEMBER_ROLE": "gatewatch-member", "GATEWATCH_EXTERNAL_ID": "id:1"}

# The function of the hook has no others.
OF_HOOK = {name: value for name, value in SETTINGS.items()
           if not name.startswith("GATEWATCH_") or name == "GATEWATCH_POLICY_URI"}


def event(name, **changes):
    return json.dumps({**json.loads((EVENTS / name).read_text(encoding="utf-8")), **changes})


def scan(runs):
    return runs.command(["scan", "--all-regions", "--stats"], [FINDINGS])


def collect(runs):
    regions = ["--region", REGION, "--region", "us-east-1"]
    return (runs.command(["collect", *regions], [CLEAN])
            + runs.command(["collect", *regions, "--no-draft", "--api", "a"], [CLEAN]))


def ledger(runs):
    """A ledger in S3: the first run makes it, the second one reads it."""
    watch = ["scan", "--region", REGION, "--state", "s3://state/a prefix/+"]
    return (runs.command([*watch, "--dry-run"], [FINDINGS])
            + runs.command([*watch, "--publish", TOPIC], [FINDINGS])
            + runs.command([*watch, "--publish", TOPIC, "--heartbeat-days", "1"], [FINDINGS])
            + runs.command(["history", "--state", "s3://state/a prefix/+"], [CLEAN, FINDINGS]))


def publish(runs):
    """A topic, and one that keeps the order of its messages and asks for their group."""
    return [it for topic in (TOPIC, TOPIC + ".fifo")
            for it in runs.command(["scan", "--region", REGION, "--publish", topic], [FINDINGS])]


def notify(runs):
    return runs.command(["notify", "--test", "--publish", TOPIC, "--chat-topic", CHAT], [CLEAN])


def access(runs):
    return runs.command(["access", "--region", REGION, "--who-can", "GET /a"], [CLEAN])


def organization(runs):
    who = ["--role-name", "gatewatch-member", "--external-id", "id:1"]
    return (runs.command(["scan", "--organization", *who, "--all-regions"], [FINDINGS])
            + runs.command(["scan", "--accounts", MEMBER, *who, "--region", REGION], [FINDINGS])
            + runs.command(["scan", "--organization", *who, "--region", REGION, "--state", "s3://state/organization",
                            "--publish", TOPIC], [FINDINGS]))


def function(runs):
    """Everything on a schedule, twice; then what changed since."""
    asked = [event("scheduled.json"), "{}", event("direct.json")]
    asked += [event(f"change-{name}.json") for name in ("rest-api", "http-api", "iam", "batch")]
    return [it for one in asked for it in runs.function(one)]


def function_without_time(runs):
    """A run whose time is up before it has read everything, and the one that goes on with it."""
    return runs.function("{}", seconds=3) + runs.function("{}")


def function_for_config(runs):
    token = {"resultToken": "token"}
    return [it for name in ("scheduled", "change", "deleted", "oversized")
            for it in runs.function(event(f"config-{name}.json", **token))]


def function_for_hook(runs):
    """Templates come by pre-signed URLs, which are asked without credentials: only the policy file is read with them."""
    return [it for name in ("resource", "cloud-control")
            for it in runs.function(event(f"hook-{name}.json"), 29, HOOK, OF_HOOK)]


def function_for_organization(runs):
    """The steps of the state machine."""
    name = "2f4a8c1e-0000-4000-8000-000000000001"
    steps = [{"step": "list", "execution": name}, *({"step": "account", "run": name, "account": it} for it in (ACCOUNT, MEMBER)),
             {"step": "digest", "run": name}]
    return [it for step in steps for it in runs.function(json.dumps({"organization": step}))]


def doctor(runs):
    """A checkup of all that can be asked about."""
    asked = ["doctor", "--state", "s3://state/a prefix/+", "--publish", TOPIC, "--chat-topic", CHAT,
             "--config", "s3://state-of-the-function/policy/gatewatch.yaml", "--stack", "gatewatch"]
    who = ["--role-name", "gatewatch-member", "--external-id", "id:1"]
    return (runs.command([*asked, "--all-regions"], [CLEAN, FINDINGS])
            + runs.command([*asked, "--region", REGION, "--organization", *who], [CLEAN, FINDINGS]))


def function_doctor(runs):
    return runs.function(event("doctor.json"))


# A checkup asks lists for their first entries.
for it in (doctor, function_doctor):
    it.samples = True

MODES = {it.__name__: it for it in (
    scan, collect, ledger, publish, notify, access, organization, function, function_without_time, function_for_config,
    function_for_hook, function_for_organization, doctor, function_doctor, changes.fix)}
