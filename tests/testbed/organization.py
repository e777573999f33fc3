"""An organization whose truth is known from the seeding: members, the role in each, a small API in each Region.

The hub, which may be the management account or a delegated administrator, looks into the members by
assuming a role there. Members are numbered from 1; the id of number 7 is 200000000007.
"""

import aws

FIRST_MEMBER = 200000000001
MEMBER_STACK = "gatewatch-member"
BACKEND = "http://127.0.0.1/"


def create_organization(account, members=50, suspended=(), regions=(), management=aws.ACCOUNT, delegated=None):
    """Makes an organization of `management` with that many members, and what is in them.

    Of the members, by their numbers, `suspended` are closed and empty. `delegated` is an account that
    becomes a member, too, and its delegated administrator. Every numbered member that is not suspended
    has an API in each of `regions`.

    Returns the ids of the numbered members, and what must be found where they are read, as lists of
    account, Region, rule, API id, verb and path. Nobody of an account may call what asks for AWS_IAM.
    """
    create_members(account, members, suspended, management, delegated)
    active = [member(number) for number in range(1, members + 1) if number not in suspended]
    return {
        "members": [member(number) for number in range(1, members + 1)],
        "truth": sorted(create_member_apis(account, active, regions)),
    }


def deploy_member_roles(account, accounts, template="member-role.yaml", parameters=None):
    """What the StackSet of member-role.yaml does: a stack in each of these accounts. Waits for all of them."""
    with open(template, encoding="utf-8") as file:
        body = file.read()
    stacks = [account.client("cloudformation", access_key=identity) for identity in accounts]
    for cloudformation in stacks:
        cloudformation.create_stack(
            StackName=MEMBER_STACK, TemplateBody=body, Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in (parameters or {}).items()])
    for cloudformation in stacks:
        aws.settled(cloudformation, MEMBER_STACK)


def member(number):
    return str(FIRST_MEMBER + number - 1)


def create_members(account, members, suspended=(), management=aws.ACCOUNT, delegated=None):
    """Makes the members known to Organizations."""
    organizations = account.client("organizations", access_key=management)
    created = {member(number): "member-{:03}".format(number) for number in range(1, members + 1)}
    if delegated:
        created[delegated] = "security"
    for identity, name in created.items():
        # The test bed takes the id from the address.
        organizations.create_account(AccountName=name, Email="{}@example.com".format(identity))
    for number in suspended:
        organizations.close_account(AccountId=member(number))
    if delegated:
        organizations.register_delegated_administrator(
            AccountId=delegated, ServicePrincipal="member.org.stacksets.cloudformation.amazonaws.com")


def create_member_apis(account, members, regions):
    """Makes one API for each member and Region, of three kinds by turns. Returns what must be found."""
    truth = []
    for row, identity in enumerate(members):
        for column, region in enumerate(regions):
            make = (_open_rest_api, _signed_rest_api, _open_http_api)[(row + column) % 3]
            truth += [[identity, region, *place] for place in make(account, region, identity)]
    return truth


def _open_rest_api(account, region, identity):
    api = _rest_api(account.client("apigateway", region, identity), "NONE")
    return [["open-method", api, "GET", "/"]]


def _signed_rest_api(account, region, identity):
    api = _rest_api(account.client("apigateway", region, identity), "AWS_IAM")
    return [["uncallable-method", api, "GET", "/"]]


def _rest_api(gateway, kind):
    created = gateway.create_rest_api(name="orders")
    api = created["id"]
    method = {"restApiId": api, "resourceId": created["rootResourceId"], "httpMethod": "GET"}
    gateway.put_method(**method, authorizationType=kind)
    gateway.put_integration(**method, type="HTTP", integrationHttpMethod="GET", uri=BACKEND)
    gateway.create_deployment(restApiId=api, stageName="prod")
    return api


def _open_http_api(account, region, identity):
    gateway = account.client("apigatewayv2", region, identity)
    api = gateway.create_api(Name="orders", ProtocolType="HTTP")["ApiId"]
    integration = gateway.create_integration(
        ApiId=api, IntegrationType="HTTP_PROXY", IntegrationMethod="GET", IntegrationUri=BACKEND,
        PayloadFormatVersion="1.0")["IntegrationId"]
    gateway.create_route(ApiId=api, RouteKey="GET /orders", AuthorizationType="NONE",
                         Target="integrations/" + integration)
    gateway.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    return [["open-method", api, "GET", "/orders"]]
