"""Whole commands on accounts that follow least privilege: how long they take, and what memory.

    cargo build --profile bench --locked --bin gatewatch
    python accounts.py --bin target/release/gatewatch [--only NAME] [--rounds 5]

Prints a line for each command: the median of the rounds, the most memory that was resident, and what is aimed at. The
aims are no tests, as times are those of the machine. `account.py` makes the accounts.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

from account import Account, FEATURES, own

ALL = [it for it in FEATURES if it != "blanket"]
LARGE = {"apis": 100, "users": 5000, "groups": 300, "roles": 200, "policies": 400, "features": ALL}
SMALL = {"users": 120, "groups": 40, "roles": 40, "policies": 60}

POLICY = "version: 1\nrequire:\n  - authorization: [AWS_IAM]\n"
# Each method may be called by a few.
STRICT = POLICY + """invokers:
  - match: {path: "/orders*"}
    groups: ["group-00*"]
    roles: ["role-00*"]
  - groups: ["group-01*"]
    users: ["user-00*"]
"""


def bombs():
    """A role whose policy is made to take work, on paths with a parameter."""
    account = Account(apis=10, features=[], **SMALL).inventory()
    pattern = lambda it: "arn:aws:execute-api:*:*:*/*/*{}{}".format("ab"[it % 2], "?" * (10 + it))
    statement = lambda effect, begin: {"Effect": effect, "Action": "execute-api:Invoke",
                                       "Resource": [pattern(it) for it in range(begin, begin + 50)]}
    document = {"json": {"Version": "2012-10-17", "Statement": [statement("Allow", 0), statement("Deny", 50)]}}
    account["iam"]["roles"].append({"name": "bomb", "arn": own("bomb").replace(":policy/", ":role/"), "attached": [],
                                    "inline": [{"name": "bomb", "document": document}]})
    return account


def large(features, users=1000):
    return lambda: Account(**dict(LARGE, features=features, users=users)).inventory()


def many(apis, **features):
    return lambda: Account(apis=apis, features=[it for it in features if features[it]], **SMALL).inventory()


CHECK = ["check", "{inventory}", "--config", "{policy}", "--format", "json"]
STRICTLY = ["check", "{inventory}", "--config", "{strict}", "--format", "json"]
MATRIX = ["access", "{inventory}", "--principals", "all", "--format", "json"]
WHO_CAN = ["access", "{inventory}", "--who-can", "GET /orders", "--format", "json"]
EVERYTHING = lambda: Account(**LARGE).inventory()

# Name, account, command, seconds and megabytes that are aimed at.
CASES = [
    ("check, 100 APIs", many(100), CHECK, None, None),
    ("check, 1,000 APIs", many(1_000), CHECK, 0.6, None),
    ("check, 10,000 APIs", many(10_000), CHECK, 6, 500),
    ("check, 10,000 APIs, blanket", many(10_000, blanket=True), CHECK, 3, None),
    ("large: check", EVERYTHING, CHECK, 3, None),
    ("large: check, strict invokers", EVERYTHING, STRICTLY, 8, None),
    ("large: access of all", EVERYTHING, MATRIX, 10, 400),
    ("large: who can", EVERYTHING, WHO_CAN, 1, None),
    ("a policy made to take work", bombs, CHECK, 2, None),
] + [
    ("1,000 users, {}".format(" and ".join(it) or "no feature"), large(it), CHECK, None, None)
    for it in ([], *([one] for one in ALL), ["variables", "deny"])
] + [
    ("{:,} users, all features".format(it), large(ALL, it), CHECK, None, None) for it in (250, 2_000, 8_000)
]


def run(command):
    """Seconds, megabytes and status of a command whose output goes nowhere."""
    begin = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    said = child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    seconds = time.monotonic() - begin
    # Told to `Popen` too, which would wait for it else.
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1, 3):
        sys.exit("{} ended with {}:\n{}".format(" ".join(command), child.returncode, said))
    return seconds, used.ru_maxrss * 1024 / 1e6, child.returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", help="the gatewatch to run")
    parser.add_argument("--only", default="", help="only cases whose name has this in it")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.write is not None:
        json.dump(CASES[given.write][1](), sys.stdout)
        return
    if not given.bin:
        parser.error("--bin is needed: the gatewatch to run")
    print("| what | median | resident | aim | status |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        files = {it: os.path.join(folder, it) for it in ("inventory", "policy", "strict")}
        for name, text in (("policy", POLICY), ("strict", STRICT)):
            with open(files[name], "w", encoding="utf-8") as file:
                file.write(text)
        before = None
        for number, (name, account, command, seconds, megabytes) in enumerate(CASES):
            if given.only not in name:
                continue
            if account is not before:
                # In a process of its own: the memory of this one would count as that of the commands that it starts.
                with open(files["inventory"], "w", encoding="utf-8") as file:
                    subprocess.run([sys.executable, __file__, "--write", str(number)], stdout=file, check=True)
                before = account
            rounds = [run([given.bin] + [it.format(**files) for it in command]) for _ in range(given.rounds)]
            aims = ["{} s".format(seconds)] * (seconds is not None) + ["{} MB".format(megabytes)] * (megabytes is not None)
            print("| {} | {:.2f} s | {:.0f} MB | {} | {} |".format(
                name, statistics.median(it[0] for it in rounds), max(it[1] for it in rounds), ", ".join(aims),
                rounds[0][2]), flush=True)


if __name__ == "__main__":
    main()
