"""The operation that a request asks for, its parameters by a service's model, and what the model does not allow."""

import base64
import json
import re
import urllib.parse

# Headers that belong to every request: to HTTP, the signature, and the client that sends it.
COMMON_HEADERS = re.compile(
    r"^(host|user-agent|x-amz-user-agent|authorization|x-amz-date|x-amz-content-sha256|x-amz-security-token|"
    r"amz-sdk-request|amz-sdk-invocation-id|content-type|content-length|accept|accept-encoding|connection|"
    r"x-amz-target|x-amzn-query-mode|x-amzn-trace-id)$")

# Names the operation to whoever reads S3's log; clients add it, and no model has it.
S3_NAME = "x-id"


# --- Which operation ------------------------------------------------------------------------------

def operation_of(model, request):
    if model.protocol == "query":
        name = dict(form(request)).get("Action")
        return model.operation_model(name) if name in model.operation_names else None
    if model.protocol == "json":
        prefix, _, name = request.headers.get("x-amz-target", "").rpartition(".")
        known = prefix == model.metadata["targetPrefix"] and name in model.operation_names
        return model.operation_model(name) if known and request.path == "/" else None
    operations = [model.operation_model(name) for name in model.operation_names]
    fitting = [it for it in operations if it.http["method"] == request.method and labels(it, request.path) is not None
               and set(static_query(it)) <= set(request.query)]
    named = dict(request.query).get(S3_NAME)
    # The most telling form first; operations of one form are told apart by their name alone.
    fitting.sort(key=lambda it: (it.name != named, -len(static_query(it)), len(it.input_shape.required_members)))
    return fitting[0] if fitting else None


def static_query(operation):
    return urllib.parse.parse_qsl(operation.http["requestUri"].partition("?")[2], keep_blank_values=True)


def labels(operation, path):
    """The values of the labels in a path, or None where the path has another form."""
    template = operation.http["requestUri"].partition("?")[0]
    parts = re.split(r"\{([^}]+)\}", template)
    pattern, names = "", []
    for index, part in enumerate(parts):
        if index % 2 == 0:
            pattern += re.escape(part)
        else:
            names.append(part.rstrip("+"))
            pattern += "(.+)" if part.endswith("+") else "([^/]+)"
    found = re.fullmatch(pattern, path)
    return found and {name: urllib.parse.unquote(value) for name, value in zip(names, found.groups())}


# --- The parameters -------------------------------------------------------------------------------

def params_of(model, operation, request, problems):
    if operation.input_shape is None:
        return {}
    if model.protocol == "query":
        flat = {name: value for name, value in form(request) if name not in ("Action", "Version")}
        params = of_form(operation.input_shape, "", flat, problems)
        problems += [f"the model has no parameter `{name}`" for name in flat]
        return params or {}
    if model.protocol == "json":
        return with_bytes(operation.input_shape, json_body(request, problems))
    params = of_rest(operation, request, problems)
    payload = operation.input_shape.serialization.get("payload")
    if payload:
        if request.body:
            params[payload] = request.body
    elif request.body:
        params.update(of_json(operation.input_shape, json_body(request, problems), problems))
    return params


def json_body(request, problems):
    try:
        return json.loads(request.body or b"{}")
    except ValueError as error:
        problems.append(f"its body is no JSON: {error}")
        return {}


def with_bytes(shape, body):
    """The same parameters, with bytes where JSON has them in Base64."""
    blobs = [name for name, member in shape.members.items() if member.type_name == "blob" and name in body]
    return {**body, **{name: base64.b64decode(body[name]) for name in blobs}}


def form(request):
    return urllib.parse.parse_qsl(request.body.decode("latin-1"), keep_blank_values=True)


def of_rest(operation, request, problems):
    params = {}
    known = {}
    for name, shape in operation.input_shape.members.items():
        place = shape.serialization.get("location")
        known.setdefault(place, {})[shape.serialization.get("name", name).lower() if place == "header"
                                    else shape.serialization.get("name", name)] = (name, shape)
    for label, value in labels(operation, request.path).items():
        name, shape = known["uri"][label]
        params[name] = plain(shape, value, problems)
    fixed = set(static_query(operation))
    for key, value in request.query:
        if (key, value) in fixed or key == S3_NAME:
            continue
        if key not in known.get("querystring", {}):
            problems.append(f"the model has no query parameter `{key}`")
            continue
        name, shape = known["querystring"][key]
        if shape.type_name == "list":
            params.setdefault(name, []).append(plain(shape.member, value, problems))
        elif name in params:
            problems.append(f"the query parameter `{key}` stands there twice")
        else:
            params[name] = plain(shape, value, problems)
    for key, value in request.headers.items():
        if key in known.get("header", {}):
            name, shape = known["header"][key]
            params[name] = plain(shape, value, problems)
        elif not COMMON_HEADERS.match(key):
            problems.append(f"the model has no header `{key}`")
    return params


def of_json(shape, body, problems):
    """The members of a JSON body by their names in the model."""
    named = {member.serialization.get("name", name): name for name, member in shape.members.items()}
    problems += [f"the model has no member `{key}`" for key in body if key not in named]
    return {named[key]: value for key, value in body.items() if key in named}


def of_form(shape, prefix, flat, problems):
    """The value of a shape in a form, whose entries are taken out of `flat`. None: it is not there."""
    if shape.type_name == "structure":
        members = {}
        for name, member in shape.members.items():
            key = member.serialization.get("name", name)
            value = of_form(member, f"{prefix}.{key}" if prefix else key, flat, problems)
            if value is not None:
                members[name] = value
        return members or None
    if shape.type_name == "list":
        between = "" if shape.serialization.get("flattened") else "." + shape.member.serialization.get("name", "member")
        return counted(lambda number: of_form(shape.member, f"{prefix}{between}.{number}", flat, problems))
    if shape.type_name == "map":
        between = "" if shape.serialization.get("flattened") else ".entry"
        names = [shape.key.serialization.get("name", "key"), shape.value.serialization.get("name", "value")]

        def entry(number):
            parts = [of_form(part, f"{prefix}{between}.{number}.{name}", flat, problems)
                     for part, name in zip((shape.key, shape.value), names)]
            return None if parts == [None, None] else parts
        entries = counted(entry)
        return entries and dict(entries)
    return plain(shape, flat.pop(prefix), problems) if prefix in flat else None


def counted(of_number):
    values = []
    while (value := of_number(len(values) + 1)) is not None:
        values.append(value)
    return values or None


def plain(shape, text, problems):
    try:
        if shape.type_name in ("integer", "long"):
            return int(text)
        if shape.type_name in ("float", "double"):
            return float(text)
    except ValueError:
        problems.append(f"`{text}` is no number")
    if shape.type_name == "boolean":
        if text not in ("true", "false"):
            problems.append(f"`{text}` is neither true nor false")
        return text == "true"
    return text


# --- What a model says beyond types ---------------------------------------------------------------

def narrower(shape, value, at):
    """Values that a model's enumerations, limits and patterns do not allow."""
    if shape is None:
        return []
    if shape.type_name == "structure" and isinstance(value, dict):
        return [it for name, member in shape.members.items() if name in value
                for it in narrower(member, value[name], f"{at}.{name}")]
    found = []
    size = len(value) if isinstance(value, (str, bytes, list, dict)) else value
    limits = shape.metadata
    if isinstance(size, (int, float)) and not isinstance(size, bool):
        if size < limits.get("min", size) or size > limits.get("max", size):
            found.append(f"`{at}` is {size}, and the model takes {limits.get('min', '')} to {limits.get('max', '')}")
    if shape.type_name == "list" and isinstance(value, list):
        return found + [it for item in value for it in narrower(shape.member, item, f"{at}[]")]
    if shape.type_name == "map" and isinstance(value, dict):
        return found + [it for item in value.values() for it in narrower(shape.value, item, f"{at}{{}}")]
    if shape.type_name == "string" and isinstance(value, str):
        if shape.enum and value not in shape.enum:
            found.append(f"`{at}` is `{value}`, and the model knows {', '.join(shape.enum)}")
        if "pattern" in limits and not fits(limits["pattern"], value):
            found.append(f"`{at}` is `{value}`, which `{limits['pattern']}` does not match")
    return found


def fits(pattern, value):
    try:
        return re.search(f"^(?:{pattern})$", value, re.DOTALL) is not None
    except re.error:
        return True  # a form of expression that Python does not know
