"""Holds command lines of the AWS CLI against botocore's models, without calling anything.

    python commands.py < commands.json
    python commands.py --calls < commands.json

Reads a JSON list of command lines on stdin, and writes a JSON list of what is wrong with them on stdout; with `--calls`, of
the calls that they are, as the bridge takes them.
What does not begin with `aws` is passed over. Operations and parameters are those of botocore, values are
checked by their types, and by the names that an enumeration has. Commands that the CLI adds of its own
are few: OWN has those that gatewatch prints, and those of its pages.
"""

import json
import pathlib
import shlex
import sys

import botocore.session
from botocore import xform_name
from botocore.validate import ParamValidator

OWN = {("configure",): set(), ("sso", "login"): set(), ("s3", "cp"): set(), ("logs", "tail"): {"since"},
       ("cloudformation", "wait", "stack-delete-complete"): {"stack-name"},
       ("cloudformation", "deploy"): {"stack-name", "template-file", "capabilities", "parameter-overrides"}}
ROOT = pathlib.Path(__file__).resolve().parents[2]
GLOBAL = {"region", "profile", "query", "output", "cli-binary-format", "cli-read-timeout"}
PAGES = {"max-items": int, "page-size": int, "starting-token": str}
SERVICES = {"s3api": "s3"}
# Options that the CLI calls otherwise, as the name is one of its own.
RENAMED = {"Subscribe": {"notification-endpoint": "Endpoint"}}


def complaints(line, session):
    words = shlex.split(line)
    if words[0] != "aws":
        return []
    plain = words[1:next((at for at, word in enumerate(words) if word.startswith("--")), len(words))]
    own = next((own for own in OWN if tuple(plain[:len(own)]) == own), None)
    if own is not None:
        given = {word[2:] for word in words if word.startswith("--")}
        return ["no option --" + name for name in given - GLOBAL - OWN[own]]
    service = session.get_service_model(SERVICES.get(words[1], words[1]))
    operations = {xform_name(name, "-"): name for name in service.operation_names}
    if words[2] not in operations:
        return ["no operation {} of {}".format(words[2], words[1])]
    return arguments(service.operation_model(operations[words[2]]), session, words)[0]


def call(line, session):
    """A command as the bridge takes it."""
    words = shlex.split(line)
    if words[1:3] == ["cloudformation", "deploy"]:
        return deployed(words)
    service = session.get_service_model(SERVICES.get(words[1], words[1]))
    operation = next(it for it in service.operation_names if xform_name(it, "-") == words[2])
    wrong, params = arguments(service.operation_model(operation), session, words)
    if wrong:
        raise ValueError(wrong)
    region = {"region": words[words.index("--region") + 1]} if "--region" in words else {}
    # A key in a body is a file's name, as the CLI takes it.
    if operation == "PutObject":
        params["Body"] = {"$file": params["Body"].decode()}
    return {"service": service.service_name, "operation": xform_name(operation), "params": params, **region}


def deployed(words):
    """A stack that is not there yet."""
    given = {word[2:]: words[at + 1] for at, word in enumerate(words) if word.startswith("--")}
    name, _, value = given["parameter-overrides"].partition("=")
    return {"service": "cloudformation", "operation": "create_stack", "region": given["region"], "params": {
        "StackName": given["stack-name"], "TemplateBody": (ROOT / given["template-file"]).read_text(encoding="utf-8"),
        "Capabilities": [given["capabilities"]], "Parameters": [{"ParameterKey": name, "ParameterValue": value}]}}


def arguments(operation, session, words):
    """What is wrong with a command, and the parameters of the call."""
    options, positional = {}, []
    name = None
    for word in words[3:]:
        if word.startswith("--"):
            name = word[2:]
            options[name] = []
        elif name is None:
            positional.append(word)
        else:
            options[name].append(word)
    wrong = []
    # An answer that is a stream goes into a file, whose name comes last.
    if operation.has_streaming_output:
        last = next(reversed(options))
        if len(options[last]) > 1:
            options[last].pop()
        else:
            wrong.append("no file for the answer")
    wrong += ["stray word " + word for word in positional]
    shape = operation.input_shape
    members = {xform_name(member, "-"): member for member in (shape.members if shape else {})}
    for name, member in RENAMED.get(operation.name, {}).items():
        members = {**{key: own for key, own in members.items() if own != member}, name: member}
    pages = can_page(session, operation)
    params = {}
    for name, values in options.items():
        if name in GLOBAL:
            if len(values) != 1:
                wrong.append("--{} has {} values".format(name, len(values)))
        elif pages and name in PAGES:
            PAGES[name](*values)
        elif pages and members.get(name) in pages:
            wrong.append("--{} is the CLI's own to set".format(name))
        elif name.startswith("no-") and not values and name[3:] in members:
            params[members[name[3:]]] = False
        elif name not in members:
            wrong.append("no option --{} of {}".format(name, operation.name))
        else:
            member = members[name]
            try:
                params[member] = value(shape.members[member], values)
            except Exception as error:
                wrong.append("--{}: {}".format(name, error))
    if shape:
        report = ParamValidator().validate(params, shape)
        if report.has_errors():
            wrong.append(report.generate_report())
    return wrong, params


def can_page(session, operation):
    """The parameters that the CLI hides, as it turns the pages by itself."""
    try:
        model = session.get_component("data_loader").load_service_model(
            operation.service_model.service_name, "paginators-1")
    except Exception:
        return set()
    pages = model["pagination"].get(operation.name)
    if not pages:
        return set()
    tokens = pages["input_token"]
    return {pages.get("limit_key"), *([tokens] if isinstance(tokens, str) else tokens)}


def value(shape, values):
    if shape.type_name == "list":
        if len(values) == 1 and values[0].startswith("["):
            return json.loads(values[0])
        return [value(shape.member, [one]) for one in values]
    if shape.type_name == "boolean":
        return True
    (text,) = values
    if shape.type_name in ("structure", "map"):
        return json.loads(text) if text.startswith("{") else shorthand(shape, text)
    if shape.type_name in ("integer", "long"):
        return int(text)
    if shape.type_name == "blob":
        return text.encode()
    if getattr(shape, "enum", None) and text not in shape.enum:
        raise ValueError("`{}` is none of {}".format(text, ", ".join(shape.enum)))
    # A document of a policy is JSON, and nobody but IAM would say that it is not.
    if shape.name.lower().startswith("policydocument"):
        json.loads(text)
    return text


def shorthand(shape, text):
    """`Name=value,Name=one,other`: a list goes on until the next name."""
    result, name = {}, None
    for part in text.split(","):
        if "=" in part:
            name, _, part = part.partition("=")
        if shape.type_name == "map":
            result[name] = part
        elif name not in shape.members:
            raise ValueError("no member " + str(name))
        elif shape.members[name].type_name == "list":
            result.setdefault(name, []).append(part)
        else:
            result[name] = value(shape.members[name], [part])
    return result


def main():
    session = botocore.session.Session()
    if "--calls" in sys.argv:
        return json.dump([call(line, session) for line in json.load(sys.stdin)], sys.stdout)
    wrong = []
    for line in json.load(sys.stdin):
        try:
            found = complaints(line, session)
        except Exception as error:  # each command gets an answer
            found = ["{}: {}".format(type(error).__name__, error)]
        wrong += ["{}: {}".format(line, one) for one in found]
    json.dump(wrong, sys.stdout)


if __name__ == "__main__":
    main()
