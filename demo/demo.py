"""gatewatch at work, on an emulated AWS account: nothing here touches a real one.

    make demo            # with the binary of a debug build
    make package-demo    # with the zip that `make package` made for this machine's processor, as it is handed out

Builds the account, deploys template.yaml with the real Lambda binary, lets it find what is open,
closes one method the way people do (and forget to deploy), and watches gatewatch notice. Every
claim printed is checked: where one does not hold, the demo says so and ends with status 1.
"""

import argparse
import datetime
import json
import os
import sys
import time
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TESTBED = os.path.join(ROOT, "tests", "testbed")
sys.path.insert(0, TESTBED)
sys.dont_write_bytecode = True

import aws  # noqa: E402
from botocore.exceptions import ClientError  # noqa: E402

STACK = "gatewatch"
MAIL_TO = "security@example.com"
INVOKE_POLICY = "AmazonAPIGatewayInvokeFullAccess"
MESSAGE_LIMIT_SECONDS = 20
POLICY_FILE = """\
version: 1
require:
  - match: {}                    # every method of every API
    authorization: [AWS_IAM]
groups:
  - name: api-callers
    policies: [AmazonAPIGatewayInvokeFullAccess]
  - name: api-testers
    policies: [AmazonAPIGatewayInvokeFullAccess]
"""


class Failed(Exception):
    """Something is not as the demo says it is."""


def demo(account, mailbox, binary):
    step("Build the account: the PetStore API open to anyone, a user, two groups")
    store = aws.create_petstore(account)
    create_groups(account)
    say("API PetStore ({api_id}), deployed to stage {stage}:".format(**store))
    say("  GET /   GET POST OPTIONS /pets   GET OPTIONS /pets/{petId}   authorization NONE everywhere")
    say("group api-callers has {} and alice in it; group api-testers has neither".format(INVOKE_POLICY))
    say("what the security team demands: every method AWS_IAM, and both groups with that policy")

    step("Deploy template.yaml with the Lambda {} and those demands as its policy file".format(
        "package " + os.path.basename(binary) if binary.endswith(".zip") else "binary"))
    show(POLICY_FILE)
    tomorrow = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
    stack = aws.deploy_template(
        account, STACK, binary, os.path.join(ROOT, "template.yaml"),
        # The emulator speaks plain HTTP.
        {"PolicyFile": POLICY_FILE, "AlertEmail": MAIL_TO, "RequireTls": "false", "Schedule": at(tomorrow)})
    inbox = Inbox(account, stack["TopicArn"], mailbox, stack["LogGroup"])
    say("stack {} is complete; {} and a queue are subscribed to its topic".format(STACK, MAIL_TO))
    say("the Lambda runs as the role of the template: a call that the role does not allow is refused")

    step("Set the schedule to this very minute and let it run the Lambda")
    make_due(account, stack["ScheduleName"])
    digest, attributes, mail = inbox.receive()
    say("the queue received the digest as JSON, {} bytes, with attributes".format(len(json.dumps(digest))))
    for name, value in sorted(attributes.items()):
        say("  {} = {}".format(name, value["Value"]))
    step("The same digest as {} reads it".format(MAIL_TO))
    say("(the emulator sends no mail: this is the text that the topic hands to e-mail subscriptions)")
    print_mail(mail)
    check_complete(digest)
    check(methods(digest, "open-method") == {"GET /", "GET /pets", "POST /pets", "GET /pets/{petId}"},
          "each method is announced as open but the two CORS preflights (OPTIONS, answered by a mock)", digest)
    check(groups(digest, "missing-group-policy") == {"api-testers"},
          "of the groups api-testers alone lacks its policy", digest)

    step("Scan again: the ledger in the stack's bucket knows all that")
    check(invoke(account, stack)["announced"] == [] and inbox.is_empty(),
          "nothing has changed, and nothing is sent", stack)

    step("Set POST /pets to AWS_IAM, forget to deploy, and scan again")
    require_iam(account, store, "/pets", "POST")
    say("the editor shows AWS_IAM now; callers still get the deployment made before, with NONE")
    invoke(account, stack)
    digest, _, mail = inbox.receive()
    check(methods(digest, "undeployed-fix") == {"POST /pets"},
          "undeployed-fix names POST /pets: fixed in the editor, still open to callers", digest)
    check(methods(digest, "open-method", "became") == {"POST /pets"},
          "the open-method finding became it: nothing is called resolved", digest)
    print_mail(mail)

    step("Deploy the API, and scan again")
    account.client("apigateway").create_deployment(restApiId=store["api_id"], stageName=store["stage"])
    invoke(account, stack)
    digest, _, mail = inbox.receive()
    check(methods(digest, "undeployed-fix", "resolved") == {"POST /pets"} and len(digest["changes"]) == 1,
          "that is resolved, and it is all that is said", digest)
    check(digest["open"]["total"] == 4, "the other three methods and the group are still open", digest)
    print_mail(mail)
    say("what is left is mended the same way: the first mail has the commands for each finding")


# --- The account -----------------------------------------------------------------------------

def create_groups(account):
    iam = account.client("iam")
    iam.create_user(UserName="alice")
    for group in ("api-callers", "api-testers"):
        iam.create_group(GroupName=group)
    iam.attach_group_policy(GroupName="api-callers", PolicyArn="arn:aws:iam::aws:policy/" + INVOKE_POLICY)
    iam.add_user_to_group(GroupName="api-callers", UserName="alice")


def require_iam(account, store, path, verb):
    account.client("apigateway").update_method(
        restApiId=store["api_id"], resourceId=store["resources"][path], httpMethod=verb,
        patchOperations=[{"op": "replace", "path": "/authorizationType", "value": "AWS_IAM"}])


def at(moment):
    return moment.strftime("at(%Y-%m-%dT%H:%M:%S)")


def make_due(account, name):
    scheduler = account.client("scheduler")
    schedule = scheduler.get_schedule(Name=name)
    now = at(datetime.datetime.now(datetime.timezone.utc))
    kept = ("FlexibleTimeWindow", "Target", "Description")
    scheduler.update_schedule(Name=name, ScheduleExpression=now, **{key: schedule[key] for key in kept})


def invoke(account, stack):
    """Runs the Lambda with what the schedule sends: its answer."""
    with open(os.path.join(ROOT, "events", "scheduled.json"), "rb") as event:
        answer = account.client("lambda").invoke(FunctionName=stack["FunctionName"], Payload=event.read())
    summary = answer["Payload"].read().decode()
    if answer.get("FunctionError"):
        raise Failed("the Lambda failed: " + summary)
    say("invoked with events/scheduled.json, the Lambda answers (shortened):")
    show(in_short(json.loads(summary)))
    return json.loads(summary)


def in_short(answer):
    """The answer of the Lambda in one line."""
    counts = {name: count for name, count in answer["counts"].items() if count}
    kept = {name: answer[name] for name in ("status", "gaps", "announced", "changes")}
    return json.dumps({**kept, "counts": counts})


class Inbox:
    """What the two subscribers of the topic get: a queue, and a mail address."""

    def __init__(self, account, topic, mailbox, log_group):
        self.account = account
        self.log_group = log_group
        self.mailbox = mailbox
        self.sqs = account.client("sqs")
        self.queue = self.sqs.create_queue(QueueName="findings")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(
            QueueUrl=self.queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
            "Resource": arn, "Condition": {"ArnEquals": {"aws:SourceArn": topic}}}]}
        self.sqs.set_queue_attributes(QueueUrl=self.queue, Attributes={"Policy": json.dumps(policy)})
        account.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def is_empty(self):
        """Whether nothing was sent: SNS has delivered before the Lambda's answer is there."""
        return not self.sqs.receive_message(QueueUrl=self.queue).get("Messages")

    def receive(self):
        """The digest, the attributes of its message, and the mail of the next run."""
        deadline = time.monotonic() + MESSAGE_LIMIT_SECONDS
        messages = []
        while not messages:
            if time.monotonic() > deadline:
                raise Failed("no message came within {} seconds; the log of the Lambda:\n{}".format(
                    MESSAGE_LIMIT_SECONDS, aws.log_text(self.account, self.log_group)))
            messages = self.sqs.receive_message(QueueUrl=self.queue, WaitTimeSeconds=2).get("Messages", [])
        for message in messages:
            self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        check(len(messages) == 1, "one run sends one message", messages)
        envelope = json.loads(messages[0]["Body"])
        with open(self.mailbox, encoding="utf-8") as file:
            mail = json.loads(file.readlines()[-1])
        return json.loads(envelope["Message"]), envelope.get("MessageAttributes", {}), mail


# --- The digest ------------------------------------------------------------------------------

def methods(digest, rule, change="new"):
    return {"{verb} {path}".format(**entry) for entry in digest["changes"]
            if entry["rule"] == rule and entry["change"] == change}


def groups(digest, rule):
    return {group for group in ("api-callers", "api-testers") for entry in digest["changes"]
            if entry["rule"] == rule and group in json.dumps(entry)}


def check_complete(digest):
    check(not digest["gaps"], "everything could be read: the digest has no gaps", digest)


def check(holds, claim, evidence):
    if not holds:
        raise Failed("this does not hold: {}\n{}".format(claim, json.dumps(evidence, indent=2)))
    say("checked: " + claim)


# --- The output ------------------------------------------------------------------------------

STEPS = iter(range(1, 100))


def step(title):
    print("\n{}. {}".format(next(STEPS), title), flush=True)


def say(text):
    print("   " + text, flush=True)


def show(text):
    for line in text.rstrip().splitlines():
        print("   | " + line, flush=True)


def print_mail(mail, around=None):
    """The mail, or only its paragraphs that speak of something."""
    text = mail["text"]
    if around:
        paragraphs = [part for part in text.split("\n\n") if around in part]
        text = "\n\n".join(["[...]"] + paragraphs + ["[...]"])
    show("To: {to}\nSubject: {subject}\n\n".format(**mail) + text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    code = parser.add_mutually_exclusive_group(required=True)
    code.add_argument("--bin-dir", help="where cargo put gatewatch-lambda")
    code.add_argument("--zip", help="the package to deploy instead, as `make package` makes it")
    options = parser.parse_args()
    if options.zip and not options.zip.endswith(".zip"):
        parser.error("--zip takes a file that ends with .zip")
    binary = options.zip or os.path.join(options.bin_dir, "gatewatch-lambda")
    sys.stdout.reconfigure(errors="replace")
    if not os.path.exists(binary):
        sys.exit("demo: no `{}`; build it with `{}`".format(
            binary, "make package" if options.zip else "cargo build --bins"))

    started = time.monotonic()
    try:
        step("Start MiniStack, an AWS emulator, on this machine alone")
        with aws.emulator() as (endpoint, mailbox):
            say("it answers at {}; no real account is touched, nothing leaves this machine".format(endpoint))
            say("it differs from AWS in a few places: tests/testbed/emulator.py lists and corrects them")
            demo(aws.Account(endpoint), mailbox, binary)
    except KeyboardInterrupt:
        sys.exit("\ndemo: interrupted; the emulator is stopped")
    except (Failed, aws.NotStarted, aws.StackFailed, aws.UnusablePackage, zipfile.BadZipFile, ClientError) as failure:
        sys.exit("\ndemo: {}".format(failure))
    print("\nDone in {:.0f} seconds. The emulator is stopped, its files are gone.".format(time.monotonic() - started))


if __name__ == "__main__":
    main()
