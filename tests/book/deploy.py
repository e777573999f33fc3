"""Runs each `sam deploy` and `sam delete` of the pages, as it is printed, against the emulator.

    python deploy.py --sam .../sam --emulator-python .../python

What `sam build` would leave is made by hand: the template with a function that does nothing, as building one takes many minutes
(`make package-check` builds it, and runs it). Every page is read from its beginning in a folder and an account of its own, in
which the stack of the README was deployed before: later commands of a page rely on the options that it saved. Status 1 where a
command fails. CloudFormation refuses a deployment that changes nothing, and so does the emulator: that is no failure.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
REGION = "eu-west-1"
# What stands for something of the reader's own.
OWN = {"$BUCKET": "a-bucket-of-the-reader", "BUCKET": "a-bucket-of-the-reader", "$EXTERNAL_ID": "an-id-of-the-reader",
       "ExternalId=ID": "ExternalId=an-id-of-the-reader"}
NOTHING_NEW = "No changes to deploy"


def pages():
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def commands(page):
    """The indented lines of a page that begin with `sam`, each with those that it goes on in."""
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    return [line.strip() for line in text.splitlines() if re.match(r"    sam (deploy|delete)\b", line)]


def filled(command):
    for placeholder, own in OWN.items():
        command = command.replace(placeholder, own)
    command = command.split("   #")[0]
    # It asks twice else.
    return command + " --no-prompts --region " + REGION if command.startswith("sam delete") else command


def furnish(folder):
    """What `sam build` and the steps before leave."""
    built = folder / ".aws-sam" / "build"
    (built / "Function").mkdir(parents=True)
    (built / "Function" / "bootstrap").write_text("#!/bin/sh\n")
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    template = re.sub(r"CodeUri: \.$", "CodeUri: Function", template, flags=re.MULTILINE)
    assert "CodeUri: Function" in template
    (built / "template.yaml").write_text(template)
    shutil.copytree(built / "Function", folder / "Function")
    (folder / "packaged.yaml").write_text(template)
    (folder / "template.yaml").write_text(template)
    (folder / "parameters.yaml").write_text("AlertEmail: security@example.com\nPolicyFile: |\n  version: 1\n  require:\n    - authorization: [AWS_IAM]\n")


class Emulator:
    """The emulator of the test bed. It ends with this."""

    def __init__(self, python):
        program = ROOT / "tests" / "testbed" / "emulator.py"
        self.process = subprocess.Popen([python, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.endpoint = json.loads(self.process.stdout.readline())["endpoint"]

    def end(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sam", required=True, help="the SAM CLI")
    parser.add_argument("--emulator-python", required=True, help="the Python that has the emulator")
    given = parser.parse_args()
    sam = str(pathlib.Path(given.sam).resolve())
    first = filled(commands(ROOT / "README.md")[0])
    failed = ran = 0
    emulator = Emulator(given.emulator_python)
    try:
        for number, page in enumerate(it for it in pages() if commands(it)):
            # Nothing of the developer's own, and an account for each page.
            environment = {"PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": emulator.endpoint, "AWS_REGION": REGION,
                           "AWS_ACCESS_KEY_ID": "{:012}".format(111122220000 + number), "AWS_SECRET_ACCESS_KEY": "fake",
                           "AWS_EC2_METADATA_DISABLED": "true", "SAM_CLI_TELEMETRY": "0"}
            with tempfile.TemporaryDirectory() as folder:
                folder = pathlib.Path(folder)
                furnish(folder)
                for command in [first, *(filled(it) for it in commands(page))]:
                    said = subprocess.run(["bash", "-c", command.replace("sam ", sam + " ", 1)], cwd=folder,
                                          env=dict(environment, HOME=str(folder)), capture_output=True, text=True, check=False)
                    is_run = said.returncode == 0 or NOTHING_NEW in said.stdout + said.stderr
                    ran, failed = ran + 1, failed + (not is_run)
                    if not is_run:
                        print("{}: `{}` ended with {}:\n{}{}".format(page.relative_to(ROOT), command, said.returncode,
                                                                    said.stdout[-2000:], said.stderr[-2000:]))
    finally:
        emulator.end()
    print("{} commands of the pages, {} failed".format(ran, failed))
    sys.exit(1 if failed or not ran else 0)


if __name__ == "__main__":
    main()
