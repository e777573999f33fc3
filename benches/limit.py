"""API Gateway's limit, in front of an emulator that has none: a proxy on loopback.

    python limit.py --upstream http://127.0.0.1:PORT [--port N] [--rate 10] [--burst 40] [--latency MS]

Prints one line of JSON on stdout once it answers, {"endpoint": "http://127.0.0.1:PORT"}, and runs until its
standard input closes. Benchmarks that want it in their own process use `gate(upstream)`.

An account has 10 requests a second with a burst of 40 in a Region, all operations and callers together, and
5 in 2 seconds for `GetResources`. Whatever is above is answered as AWS does (429, TooManyRequestsException)
and costs no token. Account, Region and service are those of the signature: an access key of twelve digits is
the emulator's root of that account, any other is counted for itself. `Host` is forwarded as it came, so that
signatures stay valid. Other services have no limit here, and are counted.

    GET  /_limit/stats     what was asked, by operation, by account and Region, and second by second
    GET  /_limit/requests  each request: when, by whom, what, and whether it was throttled
    POST /_limit/reset     full buckets, nothing counted
"""

import argparse
import asyncio
import collections
import concurrent.futures
import contextlib
import json
import os
import re
import sys
import threading
import time
import urllib.parse

RATE, BURST = 10, 40
RESOURCES_RATE, RESOURCES_BURST = 2.5, 5
LONGEST_HEAD = 64 * 1024
SCOPE = re.compile(r"Credential=([^/,\s]+)/\d+/([^/]+)/([^/]+)/aws4_request")
THROTTLED = json.dumps({"message": "Too Many Requests"}).encode()

# The reads that gatewatch knows, by what their paths look like; an id is a star.
OPERATIONS = {
    "restapis": "GetRestApis",
    "restapis/*": "GetRestApi",
    "restapis/*/stages": "GetStages",
    "restapis/*/deployments": "GetDeployments",
    "restapis/*/deployments/*": "GetDeployment",
    "restapis/*/resources": "GetResources",
    "restapis/*/authorizers": "GetAuthorizers",
    "domainnames": "GetDomainNames",
    "domainnames/*/basepathmappings": "GetBasePathMappings",
    "v2/apis": "v2 GetApis",
    "v2/apis/*": "v2 GetApi",
    "v2/apis/*/stages": "v2 GetStages",
    "v2/apis/*/routes": "v2 GetRoutes",
    "v2/apis/*/deployments": "v2 GetDeployments",
    "v2/apis/*/authorizers": "v2 GetAuthorizers",
    "v2/apis/*/exports/*": "v2 ExportApi",
    "v2/domainnames": "v2 GetDomainNames",
    "v2/domainnames/*/apimappings": "v2 GetApiMappings",
    "v2/domainnames/*/routingrules": "v2 ListRoutingRules",
}


# --- The limit -------------------------------------------------------------------------------

class Bucket:
    """A token bucket, and how empty it ever was."""

    def __init__(self, rate, burst):
        self.rate, self.burst = rate, burst
        self.level = self.lowest = float(burst)
        self.at = time.monotonic()

    def fill(self):
        now = time.monotonic()
        self.level = min(self.burst, self.level + (now - self.at) * self.rate)
        self.at = now

    def take(self):
        self.level -= 1
        self.lowest = min(self.lowest, self.level)


class Limit:
    """The buckets of every account and Region, and all that was asked."""

    def __init__(self, rate=RATE, burst=BURST):
        self.rate, self.burst = rate, burst
        self.reset()

    def reset(self):
        self.requests = []
        self.buckets = {}

    def admit(self, account, region, service, operation, target):
        """Notes a request. Whether it may pass."""
        passes = service != "apigateway" or self._has_tokens((account, region), operation)
        self.requests.append({
            "at": time.time(), "account": account, "region": region, "service": service,
            "operation": operation, "target": target, "throttled": not passes})
        return passes

    def _has_tokens(self, whose, operation):
        if whose not in self.buckets:
            self.buckets[whose] = (Bucket(self.rate, self.burst), Bucket(RESOURCES_RATE, RESOURCES_BURST))
        every, resources = self.buckets[whose]
        asked = (every, resources) if operation == "GetResources" else (every,)
        for bucket in asked:
            bucket.fill()
        if any(bucket.level < 1 for bucket in asked):
            return False
        for bucket in asked:
            bucket.take()
        return True

    def stats(self):
        operations = collections.defaultdict(lambda: {"requests": 0, "throttled": 0})
        places = collections.defaultdict(list)
        for it in self.requests:
            counts = operations["{service} {operation}".format(**it)]
            counts["requests"] += 1
            counts["throttled"] += it["throttled"]
            if it["service"] == "apigateway":
                places[it["account"], it["region"]].append(it)
        return {
            "operations": dict(sorted(operations.items())),
            "limited": {"/".join(place): self._of_place(place, asked) for place, asked in places.items()},
        }

    def _of_place(self, place, asked):
        """What one account and Region was asked, all by the limit's own count."""
        every, resources = self.buckets[place]
        first = asked[0]["at"]
        seconds = collections.Counter(int(it["at"] - first) for it in asked)
        throttles = collections.Counter(int(it["at"] - first) for it in asked if it["throttled"])
        return {
            "requests": len(asked),
            "throttled": sum(it["throttled"] for it in asked),
            "seconds": asked[-1]["at"] - first,
            "per_second": [seconds[second] for second in range(max(seconds) + 1)],
            "throttled_per_second": [throttles[second] for second in range(max(seconds) + 1)],
            "busiest_second_after_burst": busiest([it["at"] for it in asked[self.burst:]]),
            # How near the limit was: 0 is at it.
            "fewest_tokens": round(every.lowest, 2),
            "fewest_tokens_for_resources": round(resources.lowest, 2),
        }


def busiest(moments):
    """The most of these moments in any one second."""
    window, most = collections.deque(), 0
    for moment in moments:
        window.append(moment)
        while moment - window[0] >= 1:
            window.popleft()
        most = max(most, len(window))
    return most


def signed_by(headers):
    """Account, Region and service of the signature."""
    scope = SCOPE.search(headers.get("authorization", ""))
    return scope.groups() if scope else ("", "", "unsigned")


def operation_of(service, verb, target, body):
    if service != "apigateway":
        action = urllib.parse.parse_qs(body.decode("latin-1")).get("Action") if service in ("iam", "sts", "sns") else None
        return action[0] if action else verb
    parts = urllib.parse.urlsplit(target).path.strip("/").split("/")
    # Every second part is an id, after the version that the newer family begins with.
    skipped = 1 if parts[0] == "v2" else 0
    shape = "/".join("*" if index > skipped and (index - skipped) % 2 else part
                     for index, part in enumerate(parts))
    known = OPERATIONS.get(shape) if verb == "GET" else None
    return known or "{} {}".format(verb, shape)


# --- The proxy -------------------------------------------------------------------------------

class Proxy:
    """One upstream connection for each connection of a client; both are kept alive."""

    def __init__(self, upstream, limit, latency):
        address = urllib.parse.urlsplit(upstream)
        self.upstream = (address.hostname, address.port)
        self.limit, self.latency = limit, latency

    async def serve(self, reader, writer):
        above = Upstream(self.upstream)
        try:
            while await self._exchange(reader, writer, above):
                pass
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # Either side hung up, or the proxy ends.
        finally:
            above.close()
            writer.close()

    async def _exchange(self, reader, writer, above):
        """One request and its answer. Whether another may follow."""
        raw = await reader.readuntil(b"\r\n\r\n")
        line, headers = parsed(raw)
        verb, target, _ = line.split(" ", 2)
        if "100-continue" in headers.get("expect", "").lower():
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await body_of(reader, headers, b"")
        if target.startswith("/_limit/"):
            writer.write(self._control(verb, target))
        else:
            account, region, service = signed_by(headers)
            operation = operation_of(service, verb, target, body)
            if self.limit.admit(account, region, service, operation, target):
                await asyncio.sleep(self.latency)
                answer, lasts = await above.ask(verb, raw + body)
                writer.write(answer)
                if not lasts:
                    await writer.drain()
                    return False
            else:
                writer.write(response(429, THROTTLED, "x-amzn-ErrorType: TooManyRequestsException\r\n"))
        await writer.drain()
        return headers.get("connection", "").lower() != "close"

    def _control(self, verb, target):
        if (verb, target) == ("GET", "/_limit/stats"):
            return response(200, json.dumps(self.limit.stats()).encode())
        if (verb, target) == ("GET", "/_limit/requests"):
            return response(200, json.dumps(self.limit.requests).encode())
        if (verb, target) == ("POST", "/_limit/reset"):
            self.limit.reset()
            return response(200, b"{}")
        return response(404, json.dumps({"message": "Not Found"}).encode())


class Upstream:
    """The connection to the emulator, opened when it is needed."""

    def __init__(self, address):
        self.address = address
        self.reader = self.writer = None

    async def ask(self, verb, request):
        """The raw answer, and whether the connection lasts after it."""
        if self.writer is None or self.reader.at_eof():
            self.close()
            self.reader, self.writer = await asyncio.open_connection(*self.address, limit=LONGEST_HEAD)
        self.writer.write(request)
        await self.writer.drain()
        while True:
            raw = await self.reader.readuntil(b"\r\n\r\n")
            line, headers = parsed(raw)
            status = int(line.split(" ", 2)[1])
            if status >= 200:
                break
        if verb == "HEAD" or status in (204, 304):
            return raw, headers.get("connection", "").lower() != "close"
        body = await body_of(self.reader, headers, None)
        if body is None:
            return raw + await self.reader.read(), False
        return raw + body, headers.get("connection", "").lower() != "close"

    def close(self):
        if self.writer is not None:
            self.writer.close()


def parsed(head):
    """The first line, and the headers by their names in lower case."""
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    headers = (line.partition(":") for line in lines)
    return first, {name.strip().lower(): value.strip() for name, _, value in headers}


async def body_of(reader, headers, unsized):
    """The raw body; `unsized` where no header says how long it is."""
    if "chunked" in headers.get("transfer-encoding", "").lower():
        raw = b""
        while True:
            line = await reader.readuntil(b"\r\n")
            size = int(line.split(b";")[0], 16)
            raw += line
            if size == 0:
                break
            raw += await reader.readexactly(size + 2)
        while not raw.endswith(b"\r\n\r\n"):
            raw += await reader.readuntil(b"\r\n")
        return raw
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    return unsized


def response(status, body, more=""):
    reasons = {200: "OK", 404: "Not Found", 429: "Too Many Requests"}
    head = "HTTP/1.1 {} {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{}\r\n".format(
        status, reasons[status], len(body), more)
    return head.encode() + body


# --- How it is run ---------------------------------------------------------------------------

@contextlib.contextmanager
def gate(upstream, rate=RATE, burst=BURST, latency=0.0, port=0):
    """The proxy on a thread of its own: its endpoint, and its limit with what was counted."""
    limit = Limit(rate, burst)
    proxy = Proxy(upstream, limit, latency)
    listening = concurrent.futures.Future()

    async def run():
        ended = asyncio.Event()
        try:
            server = await asyncio.start_server(proxy.serve, "127.0.0.1", port, limit=LONGEST_HEAD)
        except OSError as error:
            listening.set_exception(error)
            return
        address = "http://127.0.0.1:{}".format(server.sockets[0].getsockname()[1])
        loop = asyncio.get_running_loop()
        listening.set_result((address, lambda: loop.call_soon_threadsafe(ended.set)))
        await ended.wait()
        server.close()

    # At the end it cancels the connections that are still open.
    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    endpoint, end = listening.result()
    try:
        yield endpoint, limit
    finally:
        end()
        thread.join()


def client_environment(endpoint, account, region):
    """All that a program may see which is to ask this endpoint as root of an account."""
    return {
        "PATH": os.environ["PATH"], "HOME": os.devnull, "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": account, "AWS_SECRET_ACCESS_KEY": "fake", "AWS_REGION": region,
        "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--upstream", required=True, help="the emulator's endpoint")
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.add_argument("--rate", type=float, default=RATE, help="requests a second")
    parser.add_argument("--burst", type=int, default=BURST)
    parser.add_argument("--latency", type=float, default=0, help="milliseconds that each answer takes more")
    options = parser.parse_args()
    with gate(options.upstream, options.rate, options.burst, options.latency / 1000, options.port) as (endpoint, _):
        print(json.dumps({"endpoint": endpoint}), flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            while os.read(0, 1024):
                pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
