"""A mixed account whose truth is known from the seeding: many APIs, every state a method can be in."""

# What a REST method is made to be, and the rule that must name it (None: none may).
REST_STATES = [
    # deployed type, needs a key, type in the draft afterwards, rule
    ("AWS_IAM", False, "AWS_IAM", None),
    ("NONE", False, "NONE", "open-method"),
    ("NONE", False, "AWS_IAM", "undeployed-fix"),
    ("AWS_IAM", False, "NONE", "pending-opening"),
    ("NONE", True, "NONE", "api-key-only"),
    ("AWS_IAM", True, "AWS_IAM", None),
    ("CUSTOM", False, "CUSTOM", None),
]
VERBS = ["GET", "POST", "PUT", "DELETE", "PATCH", "ANY"]
# The third is the one that an authorizer stands behind.
ROUTE_TYPES = [("AWS_IAM", None), ("NONE", "open-method"), ("JWT", None), ("NONE", "open-method")]


def create_mixed_account(account, rest_apis=40, resources=25, http_apis=30, region="eu-west-1"):
    """Seeds the account. Returns what must be found, as lists of rule, API id, verb and path."""
    truth = []
    for number in range(rest_apis):
        truth += _rest_api(account.client("apigateway", region), number, resources)
    for number in range(http_apis):
        truth += _http_api(account.client("apigatewayv2", region), number)
    return {"truth": sorted(truth)}


def _rest_api(gateway, number, resources):
    api = gateway.create_rest_api(name="rest-{:03}".format(number))["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    authorizer = gateway.create_authorizer(
        restApiId=api, name="gate", type="REQUEST", identitySource="method.request.header.X-Key",
        authorizerUri="arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/none/invocations")["id"]
    truth, changes = [], []
    for index in range(resources):
        part = "{id%d}" % index if index % 5 == 4 else "r%d" % index
        resource = gateway.create_resource(restApiId=api, parentId=root, pathPart=part)["id"]
        verb = VERBS[(number + index) % len(VERBS)]
        deployed, key, draft, rule = REST_STATES[(number * 3 + index) % len(REST_STATES)]
        _method(gateway, api, resource, verb, deployed, key, "HTTP", authorizer)
        # Every third resource has a CORS preflight, which is none of anybody's business.
        if index % 3 == 0 and verb != "ANY":
            _method(gateway, api, resource, "OPTIONS", "NONE", False, "MOCK", None)
        if draft != deployed:
            changes.append((resource, verb, draft))
        if rule:
            truth.append([rule, api, verb, "/" + part])
    # Every tenth API is never deployed: nobody can call it.
    if number % 10 == 9:
        return []
    gateway.create_deployment(restApiId=api, stageName="prod")
    for resource, verb, draft in changes:
        gateway.update_method(restApiId=api, resourceId=resource, httpMethod=verb, patchOperations=[
            {"op": "replace", "path": "/authorizationType", "value": draft}])
    return truth


def _method(gateway, api, resource, verb, kind, key, integration, authorizer):
    method = {"restApiId": api, "resourceId": resource, "httpMethod": verb}
    more = {"authorizerId": authorizer} if kind == "CUSTOM" else {}
    gateway.put_method(**method, authorizationType=kind, apiKeyRequired=key, **more)
    if integration == "MOCK":
        gateway.put_integration(**method, type="MOCK")
    else:
        gateway.put_integration(**method, type="HTTP", integrationHttpMethod="GET", uri="http://127.0.0.1/")


def _http_api(gateway, number):
    api = gateway.create_api(Name="http-{:03}".format(number), ProtocolType="HTTP")["ApiId"]
    # Of every fifth API it is a Lambda authorizer.
    behind = "CUSTOM" if number % 5 == 0 else "JWT"
    authorizer = _authorizer(gateway, api, behind)
    integration = gateway.create_integration(
        ApiId=api, IntegrationType="HTTP_PROXY", IntegrationMethod="GET", IntegrationUri="http://127.0.0.1/",
        PayloadFormatVersion="1.0")["IntegrationId"]
    truth = []
    for index in range(4):
        kind, rule = ROUTE_TYPES[(number + index) % len(ROUTE_TYPES)]
        key = "$default" if index == 3 else "{} /route{}".format(VERBS[(number + index) % len(VERBS)], index)
        kind, more = (behind, {"AuthorizerId": authorizer}) if kind == "JWT" else (kind, {})
        gateway.create_route(ApiId=api, RouteKey=key, AuthorizationType=kind,
                             Target="integrations/" + integration, **more)
        if rule:
            verb, _, path = key.partition(" ")
            truth.append([rule, api, verb if path else "", path or key])
    # Every tenth API has no stage: nobody can call it.
    if number % 10 == 9:
        return []
    gateway.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    return truth


def _authorizer(gateway, api, kind):
    common = {"ApiId": api, "Name": "login", "IdentitySource": ["$request.header.Authorization"]}
    if kind == "CUSTOM":
        uri = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/none/invocations"
        return gateway.create_authorizer(
            **common, AuthorizerType="REQUEST", AuthorizerUri=uri, AuthorizerPayloadFormatVersion="2.0")["AuthorizerId"]
    return gateway.create_authorizer(**common, AuthorizerType="JWT", JwtConfiguration={
        "Audience": ["a"], "Issuer": "https://issuer.example.com"})["AuthorizerId"]
