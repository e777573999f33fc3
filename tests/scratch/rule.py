"""Adds a rule to a copy of the sources by one file and one line, and lets it find something.

    make scratch-rule

What the rule finds is reported, can be exempted by its name, stays open in the ledger while a run does not look at
what the rule looks at, and is resolved when it is mended. Nothing but the file and the line tells gatewatch any of that.
"""

import argparse
import datetime
import json
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TESTBED = os.path.join(ROOT, "tests", "testbed")
sys.path.insert(0, TESTBED)
sys.dont_write_bytecode = True

import aws  # noqa: E402

NAME = "scratch-rule"
BINARY = "gatewatch-scratch"

# The one file.
RULE = """\
//! `scratch-rule`

use crate::audit::context::Context;
use crate::audit::finding::{Remedy, RuleId, Severity, Violation};
use crate::audit::method::MethodView;
use crate::audit::rules::{Look, Rule, Subject, documented};

documented! {
    /// # `scratch-rule`
    ///
    /// Fires when the draft has an integration behind a POST method.
    pub struct ScratchRule;
}

impl Rule for ScratchRule {
    fn id(&self) -> RuleId {
        RuleId::ScratchRule
    }

    fn summary(&self) -> &'static str {
        "a method writes"
    }

    fn looks_at(&self) -> &'static [Look] {
        &[Look::Deployed, Look::Draft]
    }

    fn subject(&self) -> Subject {
        Subject::Methods
    }

    fn method(&self, context: Context<'_>, method: &MethodView<'_>) -> Option<Violation> {
        let draft = method.draft.filter(|it| it.verb == "POST" && it.integration.is_some())?;
        Some(method.violation(
            context.inventory,
            Severity::Low,
            format!("{} writes", draft.name()),
            method.draft_evidence(),
            Remedy::new("let it read"),
        ))
    }
}
"""
FILE = os.path.join("src", "audit", "rules", "methods", "scratch_rule.rs")

# The one line, and the line that it goes before.
REGISTRY = os.path.join("src", "policy_file", "rule_id.rs")
LINE = '                scratch_rule::ScratchRule "scratch-rule",\n'
BEFORE = "                unread_api::UnreadApi "

POLICY_FILE = """\
version: 1
require:
  - match: {}
    authorization: [NONE, AWS_IAM]
"""
EXEMPTION = """\
exemptions:
  - rule: scratch-rule
    match: {{verb: POST}}
    severity: low
    reason: it may write
    owner: the writers
    expires: {tomorrow}
"""


class Failed(Exception):
    """Something is not as it should be."""


def check(holds, claim, evidence=""):
    if not holds:
        raise Failed("this does not hold: {}\n{}".format(claim, evidence))
    print("checked: " + claim, flush=True)


def built(folder, target):
    """The binary of a copy of the sources that has the rule."""
    copy = os.path.join(folder, "gatewatch")
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns("target", ".git", "__pycache__"))
    with open(os.path.join(copy, FILE), "w", encoding="utf-8") as file:
        file.write(RULE)
    replace(os.path.join(copy, REGISTRY), BEFORE, LINE + BEFORE)
    # Beside the real binary, in the target directory that has the dependencies built.
    replace(os.path.join(copy, "Cargo.toml"), 'default-run = "gatewatch"', 'default-run = "{}"'.format(BINARY))
    replace(os.path.join(copy, "Cargo.toml"), '[[bin]]\nname = "gatewatch"\n', '[[bin]]\nname = "{}"\n'.format(BINARY))
    subprocess.run(["cargo", "build", "--locked", "--bin", BINARY, "--target-dir", target], cwd=copy, check=True)
    return os.path.join(target, "debug", BINARY)


def replace(path, old, new):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    check(text.count(old) == 1, "{} has one place for it".format(os.path.relpath(path)), old)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace(old, new))


class GateWatch:
    """The binary, in a folder with a policy file."""

    def __init__(self, binary, folder, endpoint):
        self.binary, self.folder = binary, folder
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": folder, "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": aws.ACCOUNT, "AWS_SECRET_ACCESS_KEY": "fake", "AWS_REGION": aws.REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def run(self, *args):
        process = subprocess.run([self.binary, *args], env=self.environment, cwd=self.folder, text=True,
                                 capture_output=True, timeout=120)
        if process.returncode not in (0, 1):
            raise Failed("{} ended with {}: {}".format(args, process.returncode, process.stderr))
        return process.stdout

    def policy_file(self, text):
        with open(os.path.join(self.folder, "gatewatch.yaml"), "w", encoding="utf-8") as file:
            file.write(text)

    def scan(self, *args):
        return json.loads(self.run("scan", "--state", "state", "--format", "json", *args))

    def standing(self):
        """How the rule's findings stand in the ledger."""
        entries = json.loads(self.run("history", "--state", "state", "--format", "json"))["findings"]
        return [entry["standing"] for entry in entries if entry["rule"] == NAME]


def of_the_rule(findings):
    return [it for it in findings if it["rule"] == NAME]


def scratch(gatewatch, account):
    check(NAME in gatewatch.run("schema"), "the schema of the policy file knows the name")
    check("Fires when the draft" in gatewatch.run("explain", NAME), "its documentation is its manual")
    store = aws.create_petstore(account)
    gatewatch.policy_file(POLICY_FILE)
    report = gatewatch.scan()
    check(len(of_the_rule(report["findings"])) == 1, "the rule fires at POST /pets", report["findings"])
    check(of_the_rule(report["findings"])[0]["rule_summary"] == "a method writes", "and says what it means")

    tomorrow = datetime.date.today() + datetime.timedelta(days=2)
    gatewatch.policy_file(POLICY_FILE + EXEMPTION.format(tomorrow=tomorrow))
    report = gatewatch.scan()
    check(len(of_the_rule(report["exempted"])) == 1, "an exemption covers it by its name", report)
    gatewatch.policy_file(POLICY_FILE)
    gatewatch.scan()
    check(gatewatch.standing() == ["open"], "without the exemption it is open again", gatewatch.standing())

    report = gatewatch.scan("--no-draft")
    check(of_the_rule(report["findings"]) == [], "a run without drafts does not find it", report["findings"])
    check(gatewatch.standing() == ["open"], "and does not call it resolved, as the rule looks at drafts",
          gatewatch.standing())

    account.client("apigateway").delete_method(
        restApiId=store["api_id"], resourceId=store["resources"]["/pets"], httpMethod="POST")
    account.client("apigateway").create_deployment(restApiId=store["api_id"], stageName=store["stage"])
    gatewatch.scan()
    check(gatewatch.standing() == ["resolved"], "what is gone is resolved", gatewatch.standing())


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--target-dir", required=True, help="where cargo builds")
    target = os.path.abspath(parser.parse_args().target_dir)
    try:
        # Its place stays the same, so that cargo can build it again in little time.
        folder = os.path.join(target, "scratch-rule")
        shutil.rmtree(folder, ignore_errors=True)
        binary = built(folder, target)
        with aws.emulator() as (endpoint, _), tempfile.TemporaryDirectory() as home:
            scratch(GateWatch(binary, home, endpoint), aws.Account(endpoint))
    except (Failed, aws.NotStarted, subprocess.CalledProcessError) as failure:
        sys.exit("scratch-rule: {}".format(failure))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
