"""Kills gatewatch at random moments and after named steps, and looks whether anything was lost.

    make kill-test

An emulated account, whose API changes from round to round. In each round a scan with a ledger begins and is
killed (SIGKILL); then a second scan runs to its end. The first one is killed at a random moment, mostly between
the last read and the last write, or as soon as one of its steps shows in the directory (the steps are those of
`src/run/observer.rs`). After each round:

- every finding that is there was announced as open after it last became so,
- no finding that is there is resolved in the ledger,
- everything that the ledger calls resolved was announced as resolved, or was never there at an
  announced time.

The ledger is a directory in one half of the rounds, and a bucket in the other.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TESTBED = os.path.join(ROOT, "tests", "testbed")
sys.path.insert(0, TESTBED)
sys.dont_write_bytecode = True

import aws  # noqa: E402

METHODS = 6
# A step that wrote into a directory: the file that shows it, below the directory, and how often a run has written
# the file by then. The ledger's book of the Region is written first, so the last one ends in the middle of a step.
STEPS = {
    "write": ("ledger/{}/global.json".format(aws.ACCOUNT), 1),
    "keep": ("inventory/{}.json".format(aws.ACCOUNT), 1),
    "note": ("ledger/{}/{}.json".format(aws.ACCOUNT, aws.REGION), 2),
}
# How often the directory is looked at, in seconds.
LOOK = 0.0002
# After these, somebody has to do something: the finding is open.
ALARMS = {"new", "reopened", "worse", "exemption-expired", "reminder"}


class Lost(Exception):
    """A promise that was not kept."""


class Round:
    """One ledger with its topic, over many rounds."""

    def __init__(self, account, endpoint, binary, place, name, dice):
        self.account, self.binary, self.place, self.dice = account, binary, place, dice
        self.queue, self.topic = subscribed(account, name)
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": tempfile.gettempdir(),
            "AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": aws.ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "fake", "AWS_REGION": aws.REGION, "AWS_EC2_METADATA_DISABLED": "true",
        }
        self.said = {}
        self.folder = tempfile.mkdtemp(prefix="gatewatch-kill-")

    def start(self):
        command = [self.binary, "scan", "--state", self.place, "--publish", self.topic, "--format", "json"]
        return subprocess.Popen(command, env=self.environment, cwd=self.folder,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def whole(self):
        """One run to its end: the findings that are there."""
        process = self.start()
        out, error = process.communicate(timeout=60)
        if process.returncode not in (0, 1):
            raise Lost("a whole run ended with {}: {}".format(process.returncode, error.decode()))
        report = json.loads(out)
        return {finding["id"] for finding in report["findings"]}

    def killed(self, after):
        """One run that is killed. True: it was still alive then."""
        process = self.start()
        try:
            process.wait(timeout=after)
            alive = False
        except subprocess.TimeoutExpired:
            process.kill()
            alive = True
        process.communicate()
        return alive

    def killed_after(self, step):
        """One run that is killed as soon as a step shows in the directory. True: it was still alive then."""
        name, times = STEPS[step]
        file = os.path.join(self.place, name)
        before = written(file)
        process = self.start()
        while process.poll() is None and times > 0:
            now = written(file)
            if now != before:
                before, times = now, times - 1
            time.sleep(LOOK)
        alive = process.poll() is None
        process.kill()
        process.communicate()
        return alive

    def listen(self):
        """Takes in what was announced: the last word about each finding."""
        sqs = self.account.client("sqs")
        while True:
            got = sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", [])
            if not got:
                return
            for message in got:
                digest = json.loads(json.loads(message["Body"])["Message"])
                for change in digest["changes"]:
                    self.said.setdefault(change["id"], []).append(change["change"])
                sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])

    def check(self, there):
        history = subprocess.run(
            [self.binary, "history", "--state", self.place, "--format", "json"],
            env=self.environment, cwd=self.folder, check=True, stdout=subprocess.PIPE)
        ledger = {entry["id"]: entry for entry in json.loads(history.stdout)["findings"]}
        for finding in there:
            entry = ledger.get(finding)
            if entry is None or entry["standing"] != "open":
                raise Lost("{} is there, and in the ledger it is {}".format(finding, entry))
            last = self.said.get(finding, ["nothing"])[-1]
            if last not in ALARMS:
                raise Lost("{} is there, and the last word about it is `{}`".format(finding, last))
        for finding, entry in ledger.items():
            if entry["standing"] == "open" and finding not in there:
                raise Lost("{} is gone, and open in the ledger".format(finding))
            if entry["standing"] == "resolved" and "resolved" not in self.said.get(finding, []):
                raise Lost("{} was resolved, and nobody was told".format(finding))


def written(file):
    """Tells one writing of a file from another: each makes a new file and renames it."""
    try:
        status = os.stat(file)
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns


def subscribed(account, name):
    sns, sqs = account.client("sns"), account.client("sqs")
    topic = sns.create_topic(Name=name)["TopicArn"]
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = "arn:aws:sqs:{}:{}:{}".format(aws.REGION, aws.ACCOUNT, name)
    policy = {"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
        "Resource": arn, "Condition": {"ArnEquals": {"aws:SourceArn": topic}}}}
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return queue, topic


class Api:
    """One API whose methods are opened and closed."""

    def __init__(self, account):
        self.gateway = account.client("apigateway")
        self.id = self.gateway.create_rest_api(name="changing")["id"]
        root = self.gateway.get_resources(restApiId=self.id)["items"][0]["id"]
        self.resources = [self.gateway.create_resource(restApiId=self.id, parentId=root, pathPart="r%d" % n)["id"]
                          for n in range(METHODS)]
        for resource in self.resources:
            method = {"restApiId": self.id, "resourceId": resource, "httpMethod": "POST"}
            self.gateway.put_method(**method, authorizationType="NONE")
            self.gateway.put_integration(**method, type="HTTP", integrationHttpMethod="POST",
                                         uri="http://example.com")
        self.deploy()

    def deploy(self):
        self.gateway.create_deployment(restApiId=self.id, stageName="prod")

    def change(self, dice):
        for resource in dice.sample(self.resources, dice.randint(1, 3)):
            to = dice.choice(["NONE", "AWS_IAM"])
            patch = [{"op": "replace", "path": "/authorizationType", "value": to}]
            self.gateway.update_method(restApiId=self.id, resourceId=resource, httpMethod="POST",
                                       patchOperations=patch)
        self.deploy()


def run(endpoint, binary, rounds, seed):
    dice = random.Random(seed)
    account = aws.Account(endpoint)
    api = Api(account)
    account.client("s3").create_bucket(
        Bucket="kill-state", CreateBucketConfiguration={"LocationConstraint": aws.REGION})
    folder = tempfile.mkdtemp(prefix="gatewatch-ledger-")
    places = [Round(account, endpoint, binary, place, name, dice)
              for place, name in ((folder, "by-directory"), ("s3://kill-state/ledgers", "by-bucket"))]
    lengths = []
    for place in places:
        begun = time.monotonic()
        there = place.whole()
        lengths.append(time.monotonic() - begun)
        place.listen()
        place.check(there)
    alive = number = 0
    while alive < rounds:
        number += 1
        if number > 3 * rounds + 20:
            raise Lost("only {} of {} runs were still alive when they were killed".format(alive, number))
        which = number % len(places)
        place, length = places[which], lengths[which]
        api.change(dice)
        if not place.place.startswith("s3://") and dice.random() < 0.5:
            alive += place.killed_after(dice.choice(sorted(STEPS)))
        else:
            # Mostly in the second half of a run, where it writes and sends.
            after = length * (dice.uniform(0.5, 1.05) if dice.random() < 0.8 else dice.uniform(0, 0.5))
            alive += place.killed(after)
        # Sometimes the world changes again before the next run.
        if dice.random() < 0.5:
            api.change(dice)
        begun = time.monotonic()
        there = place.whole()
        lengths[which] = 0.8 * length + 0.2 * (time.monotonic() - begun)
        place.listen()
        place.check(there)
    print("{} runs killed while they ran, in {} rounds: every finding was announced, none was lost, none was "
          "resolved that is there (seed {})".format(alive, number, seed))


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--bin-dir", required=True)
    parser.add_argument("--rounds", type=int, default=200, help="how many runs to kill")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options = parser.parse_args()
    binary = os.path.abspath(os.path.join(options.bin_dir, "gatewatch"))
    try:
        with aws.emulator() as (endpoint, _):
            run(endpoint, binary, options.rounds, options.seed)
    except Lost as lost:
        print("LOST (seed {}): {}".format(options.seed, lost), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
