"""Every request that gatewatch can send, held against AWS's own models of its services and against its roles.

    target/testbed/bin/python tests/contract/check.py --bin-dir target/debug

The command line and the Lambda run in all their modes, and a double of AWS answers. For each request: botocore's model of
the service has the operation, takes its parameters, and AWS's own client would send the same. Every list is read to its
end. Every operation that the sources name is among the requests. The roles of template.yaml and member-role.yaml allow
what is asked, and nothing more.

The check begins with itself: requests and roles that are wrong on purpose must be found fault with.
"""

import argparse
import os
import pathlib
import sys

sys.dont_write_bytecode = True

import coverage  # noqa: E402
import modes  # noqa: E402
import proof  # noqa: E402
import roles  # noqa: E402
from double import started  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]

def permissions(calls):
    """What the roles lack, and what they allow too much."""
    needs = {"FunctionRole": set(), "MemberRole": set()}
    for call in calls:
        role = "MemberRole" if call.access_key.startswith("ASIAMEMB") else "FunctionRole"
        need = roles.needed(call, call.access_key[-12:])
        # What the command line does besides, with rights of its own.
        by_hand = call.access_key.startswith("AKIA") and call.service in ("s3", "sns")
        if need and not by_hand:
            needs[role].add(need)
    found = []
    for role, template in (("FunctionRole", "template.yaml"), ("MemberRole", "member-role.yaml")):
        account = modes.MEMBER if role == "MemberRole" else roles.ACCOUNT
        roles.PSEUDO["AWS::AccountId"] = account
        allowed = roles.rights(roles.Template(ROOT / template).statements(role))
        found += roles.lacking(role, allowed, needs[role]) + roles.spare(role, allowed, needs[role])
    return found


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
            log = double.take()
            problems += [f"{name}: {it}" for it in said + sorted(set(log.problems))]
            calls += log.calls
            if options.verbose:
                print(name, *sorted({it.name for it in log.calls}), sep="\n  ")
    problems += coverage.coverage({it.name for it in calls}) + coverage.members() + permissions(calls)
    for problem in problems:
        print(problem)
    print(f"{len(calls)} requests, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
