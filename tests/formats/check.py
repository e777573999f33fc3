"""The formats of a report, each read by a program that others wrote, and held against the report as JSON.

    target/testbed/bin/python tests/formats/check.py --gatewatch target/debug/gatewatch

CSV is read by Python's own reader, Markdown by markdown-it with GitHub's extensions, OCSF by the models of
py-ocsf-models and held against the attributes of the schema, SARIF by its schema, JUnit by the elements that Jenkins knows. What
is read must have as many findings, gaps, exempted findings and assumptions as the JSON has, and
every name as it is, however hostile: no formula, no markup, no link, no mention of anybody.
"""

import argparse
import collections
import csv
import html.parser
import io
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.parse
import xml.etree.ElementTree
from concurrent.futures import ThreadPoolExecutor

import jsonschema
from markdown_it import MarkdownIt
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding

ROOT = pathlib.Path(__file__).resolve().parents[2]

# The attributes of the class and of the objects in it, as version 1.6.0 of the schema has them, without deprecated ones:
# taken from https://github.com/ocsf/ocsf-schema (Apache-2.0). The models do not know all of them.
SCHEMA = json.loads(pathlib.Path(__file__).with_name("ocsf-1.6.0.json").read_text(encoding="utf-8"))

# The schema of SARIF, from https://github.com/oasis-tcs/sarif-spec, without its descriptions.
SARIF = jsonschema.Draft4Validator(
    json.loads(pathlib.Path(__file__).with_name("sarif-2.1.0.json").read_text(encoding="utf-8")))

# The attributes and the elements in each element of JUnit's XML that Jenkins knows, the required attributes first: from
# junit-10.xsd of https://github.com/jenkinsci/xunit-plugin.
RESULT = ([], ["type", "message"], [])
JUNIT = {
    "testsuites": ([], ["name", "time", "tests", "failures", "errors"], ["testsuite"]),
    "testsuite": (["name", "tests", "failures", "errors"], ["time", "skipped"], ["testcase"]),
    "testcase": (["name"], ["classname", "time"], ["failure", "error", "skipped", "system-out"]),
    "failure": RESULT, "error": RESULT, "skipped": RESULT, "system-out": ([], [], []),
}

# What takes a name for more than a name.
HOSTILE = [
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[a](javascript:alert(1)) ![b](https://a.example/c.png)",
    "https://evil.example/login www.evil.example",
    "| a | b |",
    "`code` ``more`` ```",
    "*bold* _more_ ~~gone~~ # heading\n- list\n\n> quote",
    "@everyone @org/team #12 GH-3",
    "&lt;b&gt; &amp; $x^2$",
    "\u202erotcerid\u202c \u200b\u3164\u2800",
    "\u001b[2Jclean\u009b0m",
    "</summary></details>",
    "{0} {{1}} [a](2)",
    "a]]>b %0A::error::c",
    "::set-output name=a::b,file=c",
]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--gatewatch", required=True)
    gatewatch = pathlib.Path(parser.parse_args().gatewatch).resolve()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor() as pool:
        checks = list(pool.map(lambda it: problems_of(gatewatch, *it), inputs(folder)))
    read = [it for it in checks if it is not None]
    problems = [problem for found in read for problem in found]
    if len(read) < 100:
        problems.append(f"{len(read)} reports are too few to tell anything")
    print("\n".join(problems) or f"{len(read)} reports in {len(FORMATS)} formats")
    return 1 if problems else 0


def problems_of(gatewatch, name, arguments):
    """What is wrong with the formats of one report. None: there is no report, as the input is refused."""
    report = printed(gatewatch, arguments, "json")
    if report is None:
        return None
    found = [f"{name}, json: {problem}" for problem in of_json(json.loads(report))]
    for kind, check in FORMATS.items():
        text = printed(gatewatch, arguments, kind)
        found += [f"{name}, {kind}: {problem}" for problem in check(json.loads(report), text)]
    return found


def inputs(folder):
    """All scenarios and some templates, and accounts whose names are hostile, one of which is large."""
    for scenario in sorted((ROOT / "tests" / "scenarios").iterdir()):
        policy = scenario / "gatewatch.yaml"
        yield scenario.name, [scenario / "inventory.json", *(["--config", policy] if policy.exists() else [])]
    for file in sorted((ROOT / "tests" / "templates").glob("*/template.*"))[:20]:
        yield file.parent.name, [file]
    for number, name in enumerate(HOSTILE):
        path = pathlib.Path(folder, f"{number}.json")
        path.write_text(json.dumps(hostile(name)), encoding="utf-8")
        yield f"hostile {number}", [path]
    path = pathlib.Path(folder, "large.json")
    path.write_text(json.dumps(hostile("Large", 400)), encoding="utf-8")
    yield "large", [path]


def hostile(name, methods=1):
    """The inventory of the examples with this name for an API, a path, a group and in the reason of a gap."""
    inventory = json.loads((ROOT / "examples" / "petstore.inventory.json").read_text(encoding="utf-8"))
    api = inventory["apis"][0]
    api["name"] = name
    api["tags"] = {"Team": name, "stage": "prod"}
    paths = [f"/{name}{number}" for number in range(methods)]
    method = {"verb": "POST", "authorization": "NONE", "api_key_required": False}
    api["deployments"][0]["methods"] += [{"path": path, **method} for path in paths]
    inventory["iam"]["groups"][0]["name"] = name
    inventory["gaps"].append({
        "kind": "stage", "region": api["region"], "api": api["id"], "stage": name, "subject": None,
        "operation": None, "reason": "malformed", "message": name,
    })
    return inventory


def printed(gatewatch, arguments, kind):
    """What `check` prints. It may find something, and may lack something. None: it refuses its input."""
    command = [gatewatch, "check", *map(str, arguments), "--format", kind]
    done = subprocess.run(command, capture_output=True, cwd=tempfile.gettempdir(), check=False)
    if done.returncode == 2 and kind == "json":
        return None
    if done.returncode not in (0, 1, 3):
        raise SystemExit(f"{command}: {done.stderr.decode()}")
    return done.stdout.decode()


def lists(report):
    return {
        "finding": report["findings"],
        "exempted": report["exempted"],
        "gap": report["coverage"]["gaps"],
        "assumption": report["coverage"]["assumptions"],
        "warning": report["warnings"],
    }


def owner_in(tags):
    """Whose an API with these tags is."""
    tags = {key.lower(): value for key, value in tags.items() if value}
    return next((tags[key] for key in ("owner", "team", "service-owner", "owner-email") if key in tags), None)


def of_json(report):
    """Each finding has the tags of the API that it is about, and whose the API is; what lies in no API has neither."""
    for finding in report["findings"] + report["exempted"]:
        tags = finding["tags"]
        if not finding["api"] and tags is not None:
            yield f"{finding['id']} lies in no API and has tags"
        if finding["owner"] != owner_in(tags or {}):
            yield f"{finding['id']} is said to be {finding['owner']!r}'s, and its tags are {tags}"


def of_csv(report, text):
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    found = collections.Counter(row["kind"] for row in rows)
    wanted = {kind: len(entries) for kind, entries in lists(report).items() if entries} | {"report": 1}
    if found != wanted:
        yield f"{dict(found)} instead of {wanted}"
    if not rows or rows[-1]["kind"] != "report":
        yield "the last line is not that of the report"
    for row in rows:
        if None in row or None in row.values():
            yield f"a line of another length: {row}"
        for column, value in row.items():
            if str(value).startswith(("=", "+", "-", "@", "\t", "\r")) or hidden(str(value)):
                yield f"{column}: {value!r}"
    for row, finding in zip((row for row in rows if row["kind"] == "finding"), report["findings"]):
        if bool(row["owner"]) != bool(finding["owner"]):
            yield f"{row['id']}: the owner is {row['owner']!r} instead of {finding['owner']!r}"
    ids = [row["id"] for row in rows if row["kind"] == "finding"]
    if ids != [finding["id"] for finding in report["findings"]]:
        yield "the findings are others, or in another order"


class Page(html.parser.HTMLParser):
    """What a browser makes of a page: its tags, and its texts by tag."""

    def __init__(self, text):
        super().__init__()
        self.tags = collections.Counter()
        self.texts = collections.defaultdict(list)
        self.open = []
        self.cells = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self.open.append(tag)
        if tag == "tr":
            self.cells.append(0)
        if tag in ("td", "th"):
            self.cells[-1] += 1
        if attrs and (tag, attrs) != ("code", [("class", "language-sh")]):
            self.tags[f"{tag} with attributes"] += 1

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.tags[f"{tag} without its beginning"] += 1

    def handle_data(self, data):
        if "code" not in self.open:
            self.texts["prose"].append(data)


TAGS = {"h2", "h3", "p", "strong", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "code", "details", "summary",
        "pre"}


def of_markdown(report, text):
    if len(text) > 62_000:
        yield f"{len(text)} characters"
    if hidden(text.replace("\n", "")):
        yield "something that is not seen"
    # GitHub takes a bare domain name for no link, and `www.` for one.
    reader = MarkdownIt("gfm-like", {"html": True})
    reader.linkify.set({"fuzzy_link": False})
    page = Page(reader.render(text))
    strange = {tag: count for tag, count in page.tags.items() if tag not in TAGS}
    if strange:
        yield f"tags: {strange}"
    if page.open:
        yield f"not closed: {page.open}"
    # What each rule looked at stands in a table of its own, at the end.
    text, _, looked_at = text.partition("<details><summary>What each rule looked at</summary>")
    told = re.findall(r"^\| `(\S+)` \| (\d+) \D+ \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", looked_at, re.MULTILINE)
    names = ("rule", "looked_at", "findings", "exempted", "undecided", "passed")
    if told != [tuple(str(rule[name]) for name in names) for rule in report["rules"]] and "is left out for size" not in text:
        yield f"what each rule looked at is told otherwise: {told}"
    page = Page(reader.render(text))
    if set(page.cells) - {4}:
        yield f"lines of the table with {set(page.cells)} cells"
    prose = "".join(page.texts["prose"])
    if any(it in prose.lower() for it in ("@", "#1", "://", "www.")):
        yield "a mention, a reference or a link"
    shown, details = max(len(page.cells) - 1, 0), page.tags["details"]
    if len(report["findings"]) < 40 and (shown, details) != (len(report["findings"]),) * 2:
        yield f"{shown} findings, {details} with details"
    left_out = len(report["findings"]) - shown
    if left_out and f"Left out for size: {left_out} finding" not in text:
        yield f"{left_out} findings are left out, and nothing says so"
    if shown > details and f"Evidence and fix of {shown - details} finding" not in text:
        yield "details are left out, and nothing says so"
    gaps = len(report["coverage"]["gaps"])
    if gaps and "Not read, and so not clean" not in text:
        yield "the gaps are missing"


def of_ocsf(report, text):
    events = [json.loads(line) for line in text.splitlines()]
    owner_of = {finding["id"]: finding["owner"] for finding in report["findings"] + report["exempted"]}
    kinds = collections.Counter()
    if hidden(text.replace("\n", "")):
        yield "something that is not seen"
    for event in events:
        try:
            ComplianceFinding.model_validate(event)
        except ValueError as error:
            yield f"{error}"
            continue
        yield from strange("compliance_finding", event, "event")
        if event["type_uid"] != event["class_uid"] * 100 + event["activity_id"] or event["class_uid"] != 2003:
            yield "another class"
        if event["metadata"]["version"] != "1.6.0":
            yield "another version"
        code, suppressed = event["metadata"]["event_code"], event["status_id"] == 3
        other = {"gap": "gap", "report": "report"}.get(code, "finding")
        kinds["exempted" if suppressed else other] += 1
        owner = event.get("unmapped", {}).get("owner")
        if owner != owner_of.get(event["finding_info"]["uid"]):
            yield f"{code} is said to be {owner!r}'s"
        passes = event["compliance"]["status"] == "Pass"
        if passes and (code != "report" or report["status"] != "clean"):
            yield f"{code} passes"
    wanted = {kind: len(lists(report)[kind]) for kind in ("finding", "exempted", "gap") if lists(report)[kind]}
    if kinds != wanted | {"report": 1}:
        yield f"{dict(kinds)} instead of {wanted}"
    if not events or events[-1]["metadata"]["event_code"] != "report":
        yield "the last event is not that of the report"
    uids = [event["finding_info"]["uid"] for event in events]
    if len(uids) != len(set(uids)):
        yield "two events have one uid"


def told(report):
    """How many findings, exempted findings and gaps there are."""
    return tuple(len(lists(report)[kind]) for kind in ("finding", "exempted", "gap"))


def of_sarif(report, text):
    if hidden(text.replace("\n", "")):
        yield "something that is not seen"
    log = json.loads(text)
    yield from (f"{error.json_path}: {error.message}" for error in SARIF.iter_errors(log))
    run = log["runs"][0]
    results, rules = run["results"], run["tool"]["driver"]["rules"]
    findings, exempted, gaps = told(report)
    suppressed = sum("suppressions" in result for result in results)
    not_read = sum(result["ruleId"] == "not-read" for result in results)
    if (len(results) - suppressed - not_read, suppressed, not_read) != (findings, exempted, gaps):
        yield f"{len(results)} results, {suppressed} suppressed, {not_read} not read"
    invocation = run["invocations"][0]
    errors = sum(it["level"] == "error" for it in invocation["toolExecutionNotifications"])
    if invocation["executionSuccessful"] != (not gaps) or errors != gaps:
        yield "it succeeded with gaps, or failed without"
    for result in results:
        message = result["message"]["text"].replace("{{", "").replace("}}", "")
        if "{" in message or "}" in message or "](" in message:
            yield f"a placeholder or a link: {message!r}"
        if rules[result["ruleIndex"]]["id"] != result["ruleId"]:
            yield f"{result['ruleId']} has the number of another rule"
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].removeprefix("file://")
        if urllib.parse.quote(urllib.parse.unquote(uri), safe="/-._~") != uri or not uri:
            yield f"no URI: {uri!r}"
    prints = [result["partialFingerprints"]["gatewatchFinding/v1"] for result in results]
    if len(prints) != len(set(prints)):
        yield "two results have one fingerprint"


def of_junit(report, text):
    if hidden(text.replace("\n", "")):
        yield "something that is not seen"
    root = xml.etree.ElementTree.fromstring(text)
    for element in root.iter():
        required, others, inner = JUNIT[element.tag]
        wrong = [it for it in required if it not in element.attrib]
        wrong += [it for it in element.attrib if it not in required + others]
        wrong += [it.tag for it in element if it.tag not in inner]
        if wrong:
            yield f"{element.tag}: {wrong}"
    suite, = root
    cases = {tag: len(suite.findall(f"testcase/{tag}")) for tag in ("failure", "skipped", "error", "system-out")}
    nothing = report["status"] in ("no-api", "no-method")
    findings, exempted, gaps = told(report)
    passes = not gaps and not nothing
    if tuple(cases.values()) != (findings, exempted + nothing, gaps, int(passes)):
        yield f"{cases} of {told(report)}"
    counts = tuple(int(suite.get(it)) for it in ("tests", "failures", "errors", "skipped"))
    if counts != (len(suite), cases["failure"], cases["error"], cases["skipped"]):
        yield f"{counts} are the counts"


def of_gitlab(report, text):
    if hidden(text.replace("\n", "")):
        yield "something that is not seen"
    issues = json.loads(text)
    findings, _, gaps = told(report)
    not_read = sum(issue["check_name"] == "not-read" for issue in issues)
    if (len(issues) - not_read, not_read) != (findings, gaps):
        yield f"{len(issues)} issues, {not_read} not read"
    for issue in issues:
        if set(issue) != {"description", "check_name", "fingerprint", "severity", "location"}:
            yield f"other members: {sorted(issue)}"
        if issue["severity"] not in ("info", "minor", "major", "critical", "blocker"):
            yield f"severity {issue['severity']}"
        if not issue["location"]["path"] or issue["location"]["lines"]["begin"] < 1:
            yield f"location {issue['location']}"
    if len({issue["fingerprint"] for issue in issues}) != len(issues):
        yield "two issues have one fingerprint"


def of_github(report, text):
    commands = text.splitlines()
    findings, _, gaps = told(report)
    if len(commands) != findings + gaps + 1 or hidden(text.replace("\n", "")):
        yield f"{len(commands)} lines of {told(report)}"
    for command in commands:
        kind, properties = command.removeprefix("::").split("::")[0].split(" ", 1)
        # As the runner reads them: what a name could end, or begin, is written out.
        names = [it.partition("=")[0] for it in properties.split(",")]
        if kind not in ("error", "warning", "notice") or names not in (["title"], ["file", "line", "col", "title"]):
            yield f"{kind}: {names}"
    if gaps and not commands[-1].startswith("::error "):
        yield "the last line looks as if all were read"


FORMATS = {"csv": of_csv, "markdown": of_markdown, "ocsf": of_ocsf, "sarif": of_sarif, "junit": of_junit, "gitlab": of_gitlab,
           "github": of_github}


def strange(name, value, place):
    """What the schema does not have, wants otherwise, or misses, in an object of this name and in those within it."""
    known = SCHEMA[name]
    yield from (f"{place}.{key} is missing" for key, fact in known.items() if fact.get("required") and key not in value)
    for key, inner in value.items():
        fact = known.get(key)
        if fact is None:
            yield f"{place}.{key} is not in the schema"
            continue
        if fact.get("array", False) != isinstance(inner, list):
            yield f"{place}.{key}: {inner!r} is a list, or should be one"
            continue
        for one in inner if isinstance(inner, list) else [inner]:
            wanted = {"string_t": str, "integer_t": int, "long_t": int}.get(fact["type"])
            if wanted and type(one) is not wanted:
                yield f"{place}.{key}: {one!r} is no {fact['type']}"
            if fact["type"] in SCHEMA:
                yield from strange(fact["type"], one, f"{place}.{key}")
        if "enum" in fact and key.endswith("_id"):
            # A number stands beside what it is called.
            beside = {"activity_id": "activity_name"}.get(key, key.removesuffix("_id"))
            caption = fact["enum"].get(str(inner))
            if caption is None or value.get(beside) != caption:
                yield f"{place}.{key}: {inner} is called {caption}, and not {value.get(beside)}"


def hidden(text):
    """Whether there is something in a text that is not seen, or that moves what is."""
    return any(ord(it) < 32 or it in "\u007f\u009b\u202e\u202c\u200b\u3164\u2800" for it in text)


if __name__ == "__main__":
    sys.exit(main())
