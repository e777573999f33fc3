"""What the demo and the tests do with the emulated account, on boto3."""

import contextlib
import io
import json
import os
import platform
import re
import subprocess
import sys
import time
import zipfile

# Nothing of the user's own AWS settings: these calls go to the emulator, with its made-up keys.
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"

import boto3  # noqa: E402
from botocore.config import Config  # noqa: E402

ACCOUNT = "111122223333"
REGION = "eu-west-1"
STACK_LIMIT_SECONDS = 60
CODE_BUCKET = "gatewatch-code"
# The field `e_machine` of an ELF header, and what `uname -m` calls it.
ELF_MACHINES = {62: "x86_64", 183: "aarch64"}
PETSTORE = "http://petstore-demo-endpoint.execute-api.com/petstore"


class StackFailed(Exception):
    """A stack that did not come up, with the events that say why."""


class UnusablePackage(Exception):
    """A zip that Lambda could not start."""


class NotStarted(Exception):
    """The emulator did not start."""


@contextlib.contextmanager
def emulator():
    """The endpoint and the mailbox of an emulated account that is gone at the end."""
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "emulator.py")
    process = subprocess.Popen([sys.executable, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        line = process.stdout.readline()
        if not line:
            raise NotStarted("the emulator did not start")
        ready = json.loads(line)
        yield ready["endpoint"], ready["mailbox"]
    finally:
        process.stdin.close()
        process.wait()


class Account:
    """Clients for one emulated account. A twelve-digit access key is its root; no secret is checked."""

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self._session = boto3.session.Session()
        self._clients = {}

    def client(self, service, region=REGION, access_key=ACCOUNT, secret_key="fake", session_token=None):
        key = (service, region, access_key, secret_key, session_token)
        if key not in self._clients:
            self._clients[key] = self._session.client(
                service, endpoint_url=self.endpoint, region_name=region, aws_access_key_id=access_key,
                aws_secret_access_key=secret_key, aws_session_token=session_token,
                # An invocation is sent once: a retried one would be a second scan.
                config=Config(proxies={}, connect_timeout=5, read_timeout=120,
                              retries={"total_max_attempts": 1}))
        return self._clients[key]


def deploy_template(account, stack_name, bootstrap, template="template.yaml", parameters=None,
                    extra_files=None, region=REGION):
    """What `sam build` and `sam deploy` do: package the binary, create or update the stack, wait.

    A `bootstrap` that ends with .zip is a package already, and deployed as it is. Returns the outputs of the stack.
    """
    with open(template, encoding="utf-8") as file:
        body = file.read()
    built = bootstrap.endswith(".zip")
    if built and extra_files:
        raise ValueError("a package that is built already takes no files beside its binary")
    content = ready_package(bootstrap) if built else package(bootstrap, extra_files)
    code = _upload(account, content, stack_name + ".zip", region)
    body, replaced = re.subn(r"(?m)^(\s+CodeUri:) \.$", r"\1 " + code, body)
    if replaced != 1:
        raise ValueError("`{}` has {} lines `CodeUri: .`, one was expected".format(template, replaced))

    cloudformation = account.client("cloudformation", region)
    # By S3, as SAM does it: a request has room for 51,200 bytes of a template.
    uploaded = _upload(account, body.encode(), stack_name + ".template", region)
    request = {
        "StackName": stack_name, "TemplateURL": uploaded.replace("s3://", account.endpoint + "/"),
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        "Parameters": [{"ParameterKey": name, "ParameterValue": str(value)}
                       for name, value in (parameters or {}).items()],
    }
    try:
        cloudformation.create_stack(**request)
    except cloudformation.exceptions.AlreadyExistsException:
        cloudformation.update_stack(**request)
    stack = settled(cloudformation, stack_name)
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def package(bootstrap, extra_files=None):
    """The zip that Lambda takes: the binary as `bootstrap`, and text files beside it."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package_file:
        with open(bootstrap, "rb") as binary:
            _add(package_file, "bootstrap", binary.read(), 0o755)
        for name, text in (extra_files or {}).items():
            _add(package_file, name, text, 0o644)
    return target.getvalue()


def ready_package(path):
    """The zip that somebody else made, byte for byte, if Lambda could start it on this machine's processor."""
    with zipfile.ZipFile(path) as package_file:
        broken = package_file.testzip()
        if broken:
            raise UnusablePackage("`{}` in `{}` is broken".format(broken, path))
        try:
            entry = package_file.getinfo("bootstrap")
        except KeyError:
            raise UnusablePackage("`{}` has no `bootstrap`, which Lambda starts".format(path)) from None
        # The emulator makes it executable itself, and AWS does not.
        if not entry.external_attr >> 16 & 0o001:
            raise UnusablePackage("`bootstrap` in `{}` is not executable: Lambda cannot start it".format(path))
        with package_file.open(entry) as binary:
            head = binary.read(20)
    built_for = ELF_MACHINES.get(int.from_bytes(head[18:20], "little")) if head.startswith(b"\x7fELF") else None
    if built_for != platform.machine():
        raise UnusablePackage("`bootstrap` in `{}` is for {}, and this machine is {}".format(
            path, built_for or "no processor that is known here", platform.machine()))
    with open(path, "rb") as file:
        return file.read()


def _add(package_file, name, content, mode):
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = (0o100000 | mode) << 16
    package_file.writestr(entry, content)


def _upload(account, content, key, region):
    s3 = account.client("s3", region)
    bucket = "{}-{}".format(CODE_BUCKET, region)
    try:
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region})
    except s3.exceptions.BucketAlreadyOwnedByYou:
        pass
    s3.put_object(Bucket=bucket, Key=key, Body=content)
    return "s3://{}/{}".format(bucket, key)


def settled(cloudformation, stack_name):
    """The stack, once it is made or updated."""
    deadline = time.monotonic() + STACK_LIMIT_SECONDS
    while True:
        stack = cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]
        status = stack["StackStatus"]
        if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            return stack
        if not status.endswith("_IN_PROGRESS") or time.monotonic() > deadline:
            raise StackFailed("stack `{}` is {}\n{}".format(
                stack_name, status, _reasons(cloudformation, stack_name)))
        time.sleep(0.1)


def _reasons(cloudformation, stack_name):
    events = cloudformation.describe_stack_events(StackName=stack_name)["StackEvents"]
    return "\n".join("  {LogicalResourceId}: {ResourceStatusReason}".format(**event)
                     for event in reversed(events) if event.get("ResourceStatusReason"))


def log_text(account, log_group, region=REGION):
    """All that was logged, a line an event."""
    logs = account.client("logs", region)
    streams = logs.describe_log_streams(logGroupName=log_group)["logStreams"]
    return "\n".join(event["message"].rstrip() for stream in streams for event in logs.get_log_events(
        logGroupName=log_group, logStreamName=stream["logStreamName"], startFromHead=True)["events"])


def create_petstore(account, name="PetStore", stage="prod", region=REGION):
    """AWS's sample API, open to anyone as the console's import leaves it, deployed to one stage."""
    gateway = account.client("apigateway", region)
    api = gateway.create_rest_api(name=name, endpointConfiguration={"types": ["REGIONAL"]})["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    pets = gateway.create_resource(restApiId=api, parentId=root, pathPart="pets")["id"]
    pet = gateway.create_resource(restApiId=api, parentId=pets, pathPart="{petId}")["id"]
    for resource, verb, uri in [
        (root, "GET", None),
        (pets, "GET", PETSTORE + "/pets"),
        (pets, "POST", PETSTORE + "/pets"),
        (pets, "OPTIONS", None),
        (pet, "GET", PETSTORE + "/pets/{petId}"),
        (pet, "OPTIONS", None),
    ]:
        method = {"restApiId": api, "resourceId": resource, "httpMethod": verb}
        gateway.put_method(**method, authorizationType="NONE")
        if uri:
            gateway.put_integration(**method, type="HTTP", integrationHttpMethod=verb, uri=uri)
        else:
            gateway.put_integration(**method, type="MOCK",
                                    requestTemplates={"application/json": '{"statusCode": 200}'})
    deployment = gateway.create_deployment(restApiId=api, stageName=stage)["id"]
    return {"api_id": api, "deployment_id": deployment, "stage": stage,
            "resources": {"/": root, "/pets": pets, "/pets/{petId}": pet}}
