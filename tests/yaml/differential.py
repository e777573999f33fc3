"""Template files at random, in every form that YAML has: `check` says the same of a file and of what PyYAML reads of it.

    target/testbed/bin/python tests/yaml/differential.py --gatewatch target/debug/gatewatch [--seeds 300] [--first N]
    target/testbed/bin/python tests/yaml/differential.py --gatewatch target/debug/gatewatch --seed N

AWS's own tools read templates with PyYAML. A seed is one template, written with flow collections and quoted texts that
are not indented, repeated keys, anchors, aliases, merge keys, block scalars, tabs, line ends of other systems and other
encodings; of every third one, letters are changed at random. What PyYAML reads is written again as plain JSON: of both
files, gatewatch must find the same methods, names and types. What PyYAML refuses may be refused or read, but ends in a
status of `check`.
"""

import argparse
import collections
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import yaml

# Every method is a finding whose evidence names its type.
POLICY = "version: 1\nrequire:\n  - authorization: [COGNITO_USER_POOLS]\n"
SHORT = {"Ref": "!Ref", "Fn::Sub": "!Sub", "Fn::If": "!If", "Fn::GetAtt": "!GetAtt"}
CASES = pathlib.Path(__file__).with_name("cases")


class Loader(yaml.SafeLoader):
    """PyYAML with the short forms of CloudFormation's functions, and every plain scalar but `null` a text."""


def function(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


Loader.add_multi_constructor("!", function)
Loader.yaml_implicit_resolvers = {
    first: [it for it in known if it[0].endswith((":null", ":merge"))]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class Writer:
    """Writes one template at random."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.anchors = 0
        self.is_changed = False

    def some(self, odds):
        return self.dice.random() < odds

    def of(self, *choices):
        return self.dice.choice(choices)

    def words(self):
        words = self.dice.choices(["shop", "it's", "a: b", "#1", "- x", "[y", "\"q\"", "é", "end."], k=self.dice.randint(1, 6))
        return " ".join(words)

    def template(self):
        resources = {}
        for index in range(self.dice.randint(1, 2)):
            api = f"Api{index}"
            resources[api] = {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": self.words(), "Description": self.words()}}
            for number in range(self.dice.randint(1, 3)):
                resources[f"{api}Method{number}"] = {
                    "Type": "AWS::ApiGateway::Method",
                    "Properties": {
                        "RestApiId": {"Ref": api},
                        "ResourceId": {"Fn::GetAtt": [api, "RootResourceId"]},
                        "HttpMethod": ["GET", "POST", "PUT"][number],
                        "AuthorizationType": self.of("NONE", "AWS_IAM", {"Fn::If": ["Yes", "NONE", "AWS_IAM"]}, {"Fn::Sub": "${Type}"}),
                        "Integration": {"Type": "MOCK"},
                    },
                }
        return {
            "Parameters": {"Type": {"Type": "String", "Default": self.of("NONE", "AWS_IAM")}},
            "Conditions": {"Yes": {"Fn::Equals": ["a", self.of("a", "b")]}},
            "Resources": resources,
        }

    # The forms. `indent` is the column of the mapping or list that a value is in, -1 at the top.

    def block(self, value, indent):
        """A value on the lines below its key, or behind the key."""
        properties = ""
        if self.some(0.05):
            self.anchors += 1
            properties = f" &a{self.anchors}"
        if isinstance(value, dict) and len(value) == 1 and next(iter(value)) in SHORT and self.some(0.6):
            (key, inner), = value.items()
            return f"{properties} {SHORT[key]}{self.flow_or_scalar(inner, indent)}\n"
        if not isinstance(value, (dict, list)) or self.some(0.2):
            return f"{properties}{self.flow_or_scalar(value, indent)}\n"
        column = indent + (1 if indent < 0 and self.some(0.6) else self.dice.randint(1, 4))
        lines = []
        if isinstance(value, list):
            for item in value:
                lines.append(" " * column + "-" + self.block(item, column))
        else:
            entries = list(value.items())
            for key, item in entries:
                if self.some(0.04):
                    # One that does not count: the last one does.
                    lines.append(" " * column + self.key(key) + ":" + self.of(" x\n", " [x,\ny]\n", " NONE\n", "\n"))
                if self.some(0.04) and isinstance(item, dict) and not any(it.startswith(("Fn::", "Ref")) for it in item):
                    item = dict(item)
                    taken = {name: item.pop(name) for name in [*item] if self.some(0.5)}
                    inner = self.block(item, column + 3).rstrip("\n") if item else ""
                    if taken and item and inner.startswith("\n"):
                        merged = "\n" + " " * (len(inner.lstrip("\n")) - len(inner.lstrip("\n ")))
                        lines.append(" " * column + self.key(key) + ":" + inner + merged + "<<:" + self.flow_or_scalar(taken, 99) + "\n")
                        continue
                    item |= taken
                lines.append(" " * column + self.key(key) + ":" + self.block(item, column))
                if self.some(0.05):
                    lines.append(" " * self.dice.randint(0, 20) + "# it's a [comment: \"\n")
        return f"{properties}\n" + "".join(lines)

    def key(self, key):
        return self.of(key, key, key, f"'{key}'", f'"{key}"') if "'" not in key else json.dumps(key)

    def flow_or_scalar(self, value, indent):
        if isinstance(value, (dict, list)):
            return " " + self.flow(value)
        roll = self.dice.random()
        if roll < 0.15 and value and indent < 90:
            column = " " * (indent + self.dice.randint(1, 3) if indent >= 0 else 1)
            return self.of(" |-\n", " >-\n") + column + value
        return " " + self.scalar(value)

    def scalar(self, value):
        plain = value.replace("_", "").replace("$", "").isalnum() and self.some(0.5)
        if plain:
            return value
        if self.some(0.5):
            return "'" + self.broken(value.replace("'", "''"), "") + "'"
        text = json.dumps(value, ensure_ascii=self.some(0.5))
        return self.broken(text, self.of("", "", " \\"))

    def broken(self, text, before):
        """A quoted text with line breaks in it, and no indentation that counts."""
        made = ""
        for letter in text:
            if letter == " " and self.some(0.3):
                made += (before and " \\") + self.of("\n", "\r\n", " \n") + " " * self.dice.randint(0, 4) + self.of("", "\t")
            else:
                made += letter
        return made

    def gap(self):
        if self.some(0.7):
            return self.of("", " ")
        return self.of("\n", "\n  ", "\n\n ", " # it's [\n", "\r\n    ")

    def flow(self, value):
        if not isinstance(value, (dict, list)):
            return self.scalar(value)
        if isinstance(value, list):
            inner = [self.gap() + self.flow(item) + self.gap() for item in value]
            return "[" + ",".join(inner) + self.of("", ",") * bool(inner) + self.gap() + "]"
        inner = []
        for key, item in value.items():
            inner.append(self.gap() + self.key(key) + ":" + self.of(" ", " ", "\n ", "\n") + self.flow(item) + self.gap())
        return "{" + ",".join(inner) + self.of("", ",") * bool(inner) + self.gap() + "}"

    def text(self):
        template = self.template()
        roll = self.dice.random()
        if roll < 0.15:
            text = json.dumps(template, indent=self.of(None, 1, "\t"))
        elif roll < 0.3:
            text = self.flow(template)
        else:
            text = self.block(template, -1).lstrip("\n")
            text = self.shared(text, template)
        if self.some(0.1):
            text = self.of("---\n", "%YAML 1.1\n---\n", "# first\n\n") + text
        if self.some(0.1):
            text += self.of("\n...\n", "\n\n", "\n# end")
        self.is_changed = self.some(0.3)
        if self.is_changed:
            text = self.changed(text)
        if self.some(0.1):
            text = text.replace("\r\n", "\n").replace("\n", "\r\n")
        return text

    def shared(self, text, template):
        """With values that aliases and merge keys take over."""
        if not text.startswith(" ") and self.some(0.6):
            text = text.rstrip("\n") + "\n"
            text += self.of(
                "Shared: &shared {AuthorizationType: NONE, HttpMethod: DELETE, Integration: {Type: MOCK}}\n"
                "Metadata: {x: *shared}\n",
                "Shared: &shared [&one {AuthorizationType: NONE}, &two {AuthorizationType: AWS_IAM, HttpMethod: DELETE}]\n"
                "Metadata:\n  <<: *shared\n  y: *two\n",
            )
            if "\nResources:\n" in text and text.lstrip("'\"").startswith("Parameters"):
                # Anchors stand before their aliases.
                head, _, tail = text.rpartition("Shared:")
                shared, _, rest = tail.partition("\nMetadata")
                alias = "*shared" if "&one" not in shared else self.of("*one", "*two", "*shared", "[*two, *one]")
                text = f"Shared:{shared}\n{head}Metadata{rest}"
                text = text.replace("Properties:\n", f"Properties:\n@<<: {alias}\n")
                lines = text.split("\n")
                for index, line in enumerate(lines):
                    if line.startswith("@"):
                        below = next((it for it in lines[index + 1:] if it.strip()), "")
                        lines[index] = " " * (len(below) - len(below.lstrip(" "))) + line[1:]
                text = "\n".join(lines)
        return text

    def changed(self, text):
        letters = list(text)
        for _ in range(self.dice.randint(1, 4)):
            at = self.dice.randrange(len(letters))
            roll = self.dice.random()
            if roll < 0.4:
                del letters[at]
            elif roll < 0.8:
                letters.insert(at, self.of(*"\n\n \t:,[]{}'\"#-&*!|>?x"))
            else:
                letters[at] = self.of(*"\n \t:,[]{}'\"#-x")
            if not letters:
                return "x"
        return "".join(letters)


def of_seed(seed):
    writer = Writer(seed)
    text = writer.text()
    content = text.encode(writer.of("utf-8-sig", "utf-16")) if writer.some(0.1) else text.encode()
    return content, writer.is_changed


def meant(content):
    """What PyYAML reads of a file, as JSON; `None` where it refuses it."""
    try:
        return json.dumps(yaml.load(content, Loader))
    except (yaml.YAMLError, UnicodeError, TypeError, ValueError, RecursionError):
        return None


def methods(gatewatch, policy, folder, name, content):
    """What gatewatch finds in a file: its status, and the methods with the names of their APIs and their types."""
    path = pathlib.Path(folder, str(name))
    path.write_bytes(content)
    done = subprocess.run(
        [gatewatch, "check", path, "--config", policy, "--format", "json"],
        capture_output=True, timeout=60, env={"PATH": os.environ["PATH"]},
    )
    if done.returncode not in (0, 1, 3):
        return done.returncode, done.stderr.decode()
    report = json.loads(done.stdout)
    found = set()
    for finding in report["findings"]:
        types = [it["says"].rsplit(" ", 1)[1] for it in finding["evidence"] if it["source"] == "template" and "authorization type" in it["says"]]
        found.add(str([finding["rule"], finding["api"] and finding["api"]["name"], finding["verb"], finding["path"], *types]))
    # A place is not what the files have in common, nor is their form.
    gaps = {it["message"].split(": ", 1)[-1].strip() for it in report["coverage"]["gaps"]}
    return done.returncode, (sorted(found), sorted(gaps))


def compare(gatewatch, policy, folder, name, content, is_changed):
    """What becomes of a file. Where letters were changed, gatewatch may refuse what PyYAML takes, and say it otherwise."""
    true = meant(content)
    said = methods(gatewatch, policy, folder, f"{name}.yaml", content)
    if said[0] not in (0, 1, 2, 3):
        return "differs", (said, "ends in no status of `check`")
    if true is None:
        return ("refused" if said[0] == 2 else "refused by PyYAML alone"), None
    wanted = methods(gatewatch, policy, folder, f"{name}.json", true.encode())
    if said == wanted or (said[0] == wanted[0] == 2):
        return "same", None
    if is_changed and (said[0] == 2 or (said[0], said[1][0]) == (wanted[0], wanted[1][0])):
        return "same but for the words" if said[0] != 2 else "refused by gatewatch alone", None
    return "differs", (said, wanted)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gatewatch", required=True)
    parser.add_argument("--seeds", type=int, default=300)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, help="only this one, with its text printed")
    asked = parser.parse_args()
    seeds = range(asked.first, asked.first + asked.seeds) if asked.seed is None else [asked.seed]
    counts = collections.Counter()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        policy = pathlib.Path(folder, "gatewatch.yaml")
        policy.write_text(POLICY)
        each = [asked.gatewatch, policy, folder]
        work = [(f"seed{seed}", *of_seed(seed)) for seed in seeds]
        work += [(path.name, path.read_bytes(), False) for path in sorted(CASES.iterdir())]
        for (name, content, _), (outcome, more) in zip(work, pool.map(lambda it: compare(*each, *it), work)):
            counts[outcome] += 1
            if asked.seed is not None:
                print(content.decode(errors="replace"), meant(content), sep="\n")
            if outcome == "differs":
                print(f"{name}:\n   said:   {more[0]}\n   PyYAML: {more[1]}")
    print(", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())))
    # A test that compares nothing must not pass.
    sys.exit(bool(counts["differs"]) or counts["same"] * 2 < len(seeds))


main()
