"""Starts microburst, which answers with faults as AWS sends them, in front of the emulator, on loopback.

    python faults.py --upstream http://127.0.0.1:PORT

Prints one line of JSON on stdout once it answers,

    {"endpoint": "http://127.0.0.1:PORT"}

and runs until its standard input closes. Without rules it passes everything on. Each line of JSON on
stdin sets the rules that hold from then on, and is answered with one line: how often each of the
rules before it fired, in their order.

    {"rules": [{"service": "apigateway", "probability": 0.05, "reset": true}], "seed": 7}
    {"fired": [17]}

Rules are microburst's; the first that matches a request, and whose draw hits, wins. The draws begin
anew from the seed with every set of rules: the same requests in the same order meet the same faults.
The order of requests that are sent in parallel is not the seed's.

Four things differ from microburst as it is, by a few lines each below:
- A rule may have a `path`: a regular expression that must be found in the path of the request.
  microburst knows the operations of apigateway, and neither those of apigatewayv2 nor one API of many.
- `reset` sends a TCP reset. microburst closes the connection in good order, without an answer.
- The seed.
- The service is told by the signature alone, which every request has. To tell it by the host as well,
  microburst would read every service's model first, for as long as a client waits for its answer.

A body that is cut short is microburst's own: `response: {truncate_frac: 0.5}` ends the answer in good
order after half of its body, `response: {abort_frac: 0.5}` drops the connection there.
"""

import argparse
import asyncio
import json
import random
import re
import socket
import struct
import sys

from aiohttp import web
from microburst import rules
from microburst.app import make_app
from microburst.core.pipeline import Microburst
from microburst.detection import host
from microburst.effects import reset


def _match_paths():
    build, matches = rules.from_dict, rules.Rule.matches

    def build_with_path(data):
        rule = build(data)
        rule.path = re.compile(data["path"]) if "path" in data else None
        return rule

    def match_path_first(rule, request):
        # First: microburst counts what matched.
        return (rule.path is None or rule.path.search(request.path) is not None) and matches(rule, request)

    rules.from_dict, rules.Rule.matches = build_with_path, match_path_first


def _send_resets():
    close = reset.apply

    async def close_at_once(request, decision):
        if decision.reset and request.transport is not None:
            connection = request.transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return await close(request, decision)

    reset.apply = close_at_once


def _ask_no_host():
    host._endpoint_prefix_map = dict


async def serve(upstream):
    proxy = Microburst(upstream, resign=False)
    # Answers that are still delayed at the end are awaited by nobody.
    runner = web.AppRunner(make_app(proxy), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        print(json.dumps({"endpoint": "http://{}:{}".format(*runner.addresses[0])}), flush=True)
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            print(json.dumps(answer(proxy.engine, json.loads(line))), flush=True)
    finally:
        await runner.cleanup()


def answer(engine, request):
    fired = [rule.fired_count for rule in engine.rules]
    try:
        engine.set_rules(request["rules"])
    except Exception as error:  # every line gets an answer, or the test would wait for ever
        return {"error": "{}: {}".format(type(error).__name__, error)}
    random.seed(request.get("seed", 0))
    return {"fired": fired}


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--upstream", required=True, help="the emulator's endpoint")
    options = parser.parse_args()
    _match_paths()
    _send_resets()
    _ask_no_host()
    asyncio.run(serve(options.upstream))


if __name__ == "__main__":
    main()
