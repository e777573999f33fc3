"""Every request that gatewatch can send, held against AWS's own models of its services and against its roles.

    target/testbed/bin/python tests/contract/check.py --bin-dir target/debug

The command line and the Lambda run in all their modes, and a double of AWS answers. For each request: botocore's model of
the service has the operation, takes its parameters, and AWS's own client would send the same. Every list is read to its
end. Every operation that the sources name is among the requests. The roles of template.yaml and member-role.yaml, and the
policies that the documentation gives whoever runs the command line, allow what is asked, and nothing more.

The check begins with itself: requests and roles that are wrong on purpose must be found fault with.
"""

import argparse
import json
import os
import pathlib
import re
import sys

sys.dont_write_bytecode = True

import coverage  # noqa: E402
import modes  # noqa: E402
import proof  # noqa: E402
import roles  # noqa: E402
from double import started  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Whose key a request is signed with, by how the key begins.
WHOSE = {"ASIAMEMB": "MemberRole", "ASIAFUNC": "FunctionRole", "ASIAHOOK": "HookFunctionRole",
         "AKIAOPER": "whoever runs the command line", "AKIAFIXR": "whoever fixes"}


def permissions(calls):
    """What is not allowed, and what is allowed and not needed, by the roles and by the documentation."""
    needs = {whose: set() for whose in WHOSE.values()}
    for call in calls:
        if need := roles.needed(call, call.access_key[-12:]):
            needs[WHOSE[call.access_key[:8]]].add(need)
    found = documented("whoever runs the command line", needs["whoever runs the command line"])
    fixing = (ROOT / "src" / "render" / "fix" / "role.json").read_text(encoding="utf-8")
    # What may be attached is narrowed by a condition, which takes nothing else away.
    # With signed requests to the URLs, which the role may be printed with.
    signed = (ROOT / "src" / "render" / "fix" / "role-signed.json").read_text(encoding="utf-8")
    fixing = {"Statement": json.loads(fixing)["Statement"] + [json.loads(signed)]}
    fixing = [{name: it for name, it in statement.items() if name != "Condition"}
              for statement in roles.statements_of(fixing)]
    allowed = roles.rights(fixing)
    found += roles.lacking("the role of fix", allowed, needs["whoever fixes"])
    found += roles.spare("the role of fix", allowed, needs["whoever fixes"])
    for role, template in (("FunctionRole", "template.yaml"), ("HookFunctionRole", "template.yaml"),
                           ("MemberRole", "member-role.yaml")):
        account = modes.MEMBER if role == "MemberRole" else roles.ACCOUNT
        roles.PSEUDO["AWS::AccountId"] = account
        allowed = roles.rights(roles.Template(ROOT / template).statements(role))
        found += roles.lacking(role, allowed, needs[role]) + roles.spare(role, allowed, needs[role])
    return found


def section(page, title):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8").partition(title + "\n")[2]
    return text.partition("\n## ")[0]


def documented(whose, needs):
    """The same of the documentation: policies, and a table of actions whose resources are the reader's own."""
    guide = section("permissions.md", "# Permissions") + section("doctor.md", "## Permissions")
    policies = re.findall(r"^```json\n(.*?)^```$", guide, re.DOTALL | re.MULTILINE)
    table = set(re.findall(r"`(\w+:\w+)`", "".join(it for it in guide.splitlines() if it.startswith("|"))))
    roles.PSEUDO["AWS::AccountId"] = roles.ACCOUNT
    allowed = [right for it in policies for right in roles.rights(roles.statements_of(json.loads(it)))]
    others = {need for need in needs if need[0] not in table}
    found = [f"the documented table names {action}, and nothing asks for it" for action in sorted(table - set(roles.OTHERS))
             if action not in {need[0] for need in needs}]
    return found + roles.lacking(whose, allowed, others) + roles.spare(whose, allowed, others)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--bin-dir", required=True, help="where gatewatch and gatewatch-lambda are")
    parser.add_argument("--verbose", action="store_true", help="name each call")
    options = parser.parse_args()
    problems = proof.failures()
    calls = []
    with started() as (double, endpoint):
        for name, run in modes.MODES.items():
            said = run(modes.Runs(os.path.abspath(options.bin_dir), double, endpoint))
            log = double.take(samples=getattr(run, "samples", False))
            problems += [f"{name}: {it}" for it in said + sorted(set(log.problems))]
            calls += log.calls
            if options.verbose:
                print(name, *sorted({it.name for it in log.calls}), sep="\n  ")
    problems += coverage.coverage({it.name for it in calls if it.service != "execute-api"}) + coverage.members() + permissions(calls)
    for problem in problems:
        print(problem)
    print(f"{len(calls)} requests, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
