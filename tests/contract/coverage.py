"""Whether all that the sources ask for was asked, and whether the members that they name by themselves are there."""

import pathlib
import re

from wire import service_model

ROOT = pathlib.Path(__file__).resolve().parents[2]
AWS = ROOT / "src" / "aws"

# What a run asks.
OF_RUNS = {
    "account": ["ListRegions"],
    "apigateway": ["GetBasePathMappings", "GetDeployment", "GetDomainNames", "GetResources", "GetRestApis", "GetStages"],
    "apigatewayv2": ["ExportApi", "GetApiMappings", "GetApis", "GetAuthorizers", "GetRoutes", "GetStages",
                     "ListRoutingRules"],
    "config": ["PutEvaluations"],
    "events": ["PutEvents"],
    "iam": ["GetAccountAuthorizationDetails", "GetPolicy", "GetPolicyVersion"],
    "organizations": ["ListAccounts"],
    "s3": ["GetObject", "ListObjectsV2", "PutObject"],
    "securityhub": ["BatchImportFindings"],
    "sns": ["GetTopicAttributes", "Publish", "PublishBatch"],
    "sts": ["AssumeRole", "GetCallerIdentity"],
}

# What a checkup asks besides, most of it without an SDK's crate.
OF_CHECKUPS = {
    "cloudtrail": ["DescribeTrails", "GetEventSelectors", "GetTrailStatus"],
    "cloudwatch": ["DescribeAlarms"],
    "events": ["DescribeEventBus", "DescribeRule", "ListRuleNamesByTarget", "ListRules", "ListTargetsByRule"],
    "iam": ["SimulatePrincipalPolicy"],
    "kms": ["Decrypt", "GenerateDataKey", "GetKeyPolicy"],
    "lambda": ["GetAccountSettings", "GetFunctionConcurrency", "GetFunctionConfiguration"],
    "logs": ["FilterLogEvents"],
    "scheduler": ["GetSchedule"],
    "securityhub": ["DescribeHub"],
}

# What a fix asks, and changes.
OF_FIXES = {
    "apigateway": ["CreateDeployment", "GetDeployments", "GetMethod", "GetStage", "UpdateMethod", "UpdateStage"],
    "apigatewayv2": ["CreateDeployment", "GetDeployment", "GetRoute", "GetStage", "UpdateRoute", "UpdateStage"],
    "iam": ["AttachGroupPolicy", "DeleteGroupPolicy", "DetachGroupPolicy", "GetGroupPolicy", "ListAttachedGroupPolicies",
            "PutGroupPolicy"],
}

# All that is asked. Each must be asked by some mode, and nothing else may be.
ASKED = (OF_RUNS, OF_CHECKUPS, OF_FIXES)
OPERATIONS = {it: sum((part.get(it, []) for part in ASKED), []) for part in ASKED for it in part}


def snake(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def sources():
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(AWS.rglob("*.rs")))


# Crates of the SDK that are named otherwise than the services here.
CRATES = {"eventbridge": "events"}

# Actions that the sources name for what they call. API Gateway's actions are of both families.
ACTIONS = {"s3:ListBucket": ["s3 ListObjectsV2"]}


def unlisted(text, manifest):
    """What sources can ask for by their words, and what is not listed above.

    They call an operation of the SDK as `.get_stages()`, and say its action, as `"apigateway:GetStages"`, in the error of
    each call, also of those that are made by hand. A service comes in by its crate.
    """
    known = {f"{service} {name}" for service, names in OPERATIONS.items() for name in names}
    listed = {snake(name.split()[1]) for name in known}
    names = {snake(name) for service in OPERATIONS for name in service_model(service).operation_names}
    found = [f"the sources call `{name}`, and no mode asks for it"
             for name in sorted(set(re.findall(r"\.(\w+)\(\)", text)) & names - listed)]
    for action in sorted(set(re.findall(r'"([a-z0-9-]+:[A-Z]\w+)"', text))):
        service, name = action.split(":")
        families = ["apigateway", "apigatewayv2"] if service == "apigateway" else [service]
        if not known.intersection(ACTIONS.get(action, [f"{it} {name}" for it in families])):
            found.append(f"the sources name {action}, and no mode asks for it")
    crates = re.findall(r"^aws-sdk-(\w+) = ", manifest, re.MULTILINE)
    return found + [f"the SDK's crate of {crate} is used, and none of its operations is listed"
                    for crate in crates if CRATES.get(crate, crate) not in OPERATIONS]


def coverage(asked):
    """Operations that are asked and not listed above, or the other way round, or that only the sources name."""
    known = {f"{service} {name}" for service, names in OPERATIONS.items() for name in names}
    found = [f"{name} is asked, and not among the operations that are known here" for name in sorted(asked - known)]
    found += [f"{name} was asked by no mode" for name in sorted(known - asked)]
    return found + unlisted(sources(), (ROOT / "Cargo.toml").read_text(encoding="utf-8"))


# --- Members that the sources name, where no SDK does it for them -----------------------------------

def members():
    """Lists and maps that the sources name by their members on the wire, and that no answer has."""
    listed = (AWS / "client" / "listed.rs").read_text(encoding="utf-8")
    arms = re.findall(r'\(\s*"([^"]+)",\s*((?:"\w+"[\s|,]*)+)\)\s*=>\s*\{?\s*\("(\w+)"', listed)
    found = [] if len(arms) > 4 else ["the lists that listed.rs names could not be read"]
    for service_id, names, member in arms:
        model = next(it for name in OPERATIONS if (it := service_model(name)).service_id == service_id)
        for name in re.findall(r"\w+", names):
            there = on_wire(model.operation_model(name).output_shape)
            if there.get(member) != "list":
                found.append(f"listed.rs looks for the list `{member}` in {service_id} {name}, which has {sorted(there)}")
    nulls = (AWS / "client" / "nulls.rs").read_text(encoding="utf-8")
    answers = [service_model(service).operation_model(name).output_shape
               for service, names in OPERATIONS.items() for name in names]
    known = {pair for shape in answers if shape for pair in within(shape, ())}
    for kind, constant in (("list", "COUNTED_LISTS"), ("map", "COUNTED_MAPS")):
        named = re.search(constant + r": \[&str; (\d+)\] = \[(.*?)\];", nulls, re.DOTALL)
        names = re.findall(r'"(\w+)"', named[2])
        if len(names) != int(named[1]):
            found.append(f"{constant} of nulls.rs could not be read")
        found += [f"nulls.rs counts the {kind} `{name}`, which no answer has" for name in names if (name, kind) not in known]
    return found


def on_wire(shape):
    """The members of a structure by their names on the wire, with their kinds."""
    return {member.serialization.get("name", name): member.type_name for name, member in shape.members.items()}


def within(shape, around):
    """All members of a shape and of what is in it, as pairs of name and kind."""
    if shape.name in around:
        return
    around = (*around, shape.name)
    if shape.type_name == "structure":
        yield from on_wire(shape).items()
    inner = {"structure": lambda: shape.members.values(), "list": lambda: [shape.member], "map": lambda: [shape.value]}
    for part in inner.get(shape.type_name, list)():
        yield from within(part, around)
