"""Makes answers of AWS out of botocore's service models: each has every member that the model knows.

    python3 tests/testbed/answers.py > tests/data/answers.json

A test puts nulls into every map and list of them. `places` are those: pointers as in RFC 6901, and what is there.
Run it anew where gatewatch calls another operation; the test fails for one that is missing.
"""

import json

import botocore.session

# What gatewatch reads as JSON. IAM and STS answer in XML.
OPERATIONS = {
    "account": ["ListRegions"],
    "apigateway": ["GetBasePathMappings", "GetDeployment", "GetDomainNames", "GetResources", "GetRestApis", "GetStages"],
    "apigatewayv2": ["GetApiMappings", "GetApis", "GetAuthorizers", "GetRoutes", "GetStages", "ListRoutingRules"],
    "organizations": ["ListAccounts"],
}

# Where a list would go on: nowhere.
ENDS = {"position", "nextToken", "NextToken"}

# Members whose value decides what else is asked, and where the first one of the model would ask for less.
VALUES = {
    "protocolType": "HTTP",
    "regionName": "eu-west-1",
    "RegionName": "eu-west-1",
    "Id": "111122223333",
    "State": "ACTIVE",
    "Status": "ACTIVE",
    "httpMethod": "GET",
    "routeKey": "GET /a",
    "path": "/a",
    "routingMode": "ROUTING_RULE_THEN_BASE_PATH_MAPPING",
    "lastDeploymentStatusMessage": "Successfully deployed stage with deployment ID 'a'",
    "policy": "{}",
}

# What a list has more than once.
VARIANTS = {
    "ListOfDomainName": [
        {"domainName": "public.example.com", "endpointConfiguration": {"types": ["REGIONAL"]}},
        {"domainName": "private.example.com", "endpointConfiguration": {"types": ["PRIVATE"]}},
    ],
}

# The keys of maps of which each value is a thing of its own.
KEYS = {"PathToMapOfMethodSnapshot": "/a", "MapOfMethodSnapshot": "GET", "MapOfMethod": "GET"}


def main():
    session = botocore.session.get_session()
    answers = {}
    for service, names in OPERATIONS.items():
        model = session.get_service_model(service)
        for name in names:
            operation = model.operation_model(name)
            maker = Maker()
            answer = maker.value(operation.output_shape, "", "")
            answers[f"{model.service_id} {name}"] = {
                "request": request(model, operation),
                "answer": answer,
                "places": [[at, kind] for at, kind in maker.places if is_there(answer, at)],
            }
    print(json.dumps(answers, indent=1))


def is_there(answer, at):
    """Whether a place is in an answer: a variant may have less than the model."""
    for part in at.split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        if isinstance(answer, list):
            answer = answer[int(part)]
        elif part in answer:
            answer = answer[part]
        else:
            return False
    return True


def request(model, operation):
    """The method and the path, or what names the operation where all have one path."""
    if model.protocol == "json":
        return f"{model.metadata['targetPrefix']}.{operation.name}"
    return f"{operation.http['method']} {operation.http['requestUri'].split('?')[0]}"


class Maker:
    """Makes a value for a shape, and notes its maps and lists."""

    def __init__(self):
        self.places = []
        self.within = []

    def value(self, shape, name, at):
        if shape.name in self.within:
            return None  # a shape that holds itself ends here
        self.within.append(shape.name)
        made = getattr(self, shape.type_name, self.plain)(shape, name, at)
        self.within.pop()
        return made

    def structure(self, shape, _name, at):
        made = {}
        for name, member in shape.members.items():
            if name in ENDS:
                continue
            key = member.serialization.get("name", name)
            value = self.value(member, key, f"{at}/{key}")
            if value is not None:
                made[key] = value
        return made

    def list(self, shape, name, at):
        self.places.append([at, "list"])
        variants = VARIANTS.get(shape.name, [{}])
        made = []
        for number, variant in enumerate(variants):
            value = self.value(shape.member, name, f"{at}/{number}")
            made.append({**value, **variant} if variant else value)
        return made

    def map(self, shape, name, at):
        self.places.append([at, "map"])
        key = KEYS.get(shape.name, "key")
        pointer = key.replace("~", "~0").replace("/", "~1")
        return {key: self.value(shape.value, name, f"{at}/{pointer}")}

    def string(self, shape, name, _at):
        return VALUES.get(name) or (shape.enum[0] if shape.enum else "a")

    def timestamp(self, shape, _name, _at):
        is_text = shape.serialization.get("timestampFormat") == "iso8601"
        return "2025-06-15T15:06:40Z" if is_text else 1750000000

    def plain(self, shape, _name, _at):
        return {"boolean": True, "blob": "YQ=="}.get(shape.type_name, 1)


if __name__ == "__main__":
    main()
