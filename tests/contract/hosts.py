"""Requests that were meant for AWS itself, and not for a stand-in: held against its models, hosts and Regions included.

Reads a JSON list of requests on standard input (`method`, `host`, `target`, `headers`, `body`) and prints what is wrong with
them.
"""

import json
import sys

sys.dont_write_bytecode = True

from wire import Request, read  # noqa: E402


def main():
    requests = json.load(sys.stdin)
    problems = set()
    for it in requests:
        request = Request(it["method"], it["target"], {**it["headers"], "host": it["host"]}, it["body"].encode())
        problems.update(read(request)[1])
    for problem in sorted(problems):
        print(problem)
    return 1 if problems or not requests else 0


if __name__ == "__main__":
    sys.exit(main())
