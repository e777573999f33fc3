"""What the roles of template.yaml and member-role.yaml allow, and what each call needs.

Source of the actions and of the forms of the resources: the service authorization reference,
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

import re

from samtranslator.yaml_helper import yaml_parse

ACCOUNT, REGION, STACK = "111122223333", "eu-west-1", "gatewatch"

PSEUDO = {"AWS::Partition": "aws", "AWS::AccountId": ACCOUNT, "AWS::Region": REGION, "AWS::StackName": STACK,
          "AWS::StackId": "stack", "AWS::URLSuffix": "amazonaws.com"}

# What Ref and GetAtt of the resources come to that the roles name.
ARNS = {
    "Topic": f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts",
    "Owner": f"arn:aws:sns:{REGION}:{ACCOUNT}:payments",
    "Chat": f"arn:aws:sns:{REGION}:{ACCOUNT}:chat",
    "StateBucket.Arn": "arn:aws:s3:::state-of-the-function",
    "Key.Arn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k",
    "LogGroup.Arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:g:*",
    "Changes.Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:changes",
    "HubRole": f"arn:aws:iam::{ACCOUNT}:role/hub",
}

# Everything that the template can be told to do.
PARAMETERS = {"Organization": "true", "ChatTopic": "true", "SecurityHub": "true", "EventBus": "security",
              "NotifyTopicArns": [ARNS["Owner"]],
              "ConfigRule": "true", "ChangeEvents": "true", "ExternalId": "id:1", "MemberRole": "gatewatch-member",
              "PolicyUri": "s3://state-of-the-function/policy/gatewatch.yaml",
              "HubRoleArn": ARNS["HubRole"]}

# Rights that no call of gatewatch's own needs, and who does.
OTHERS = {
    "logs:CreateLogStream": "Lambda writes the log with the function's rights",
    "logs:PutLogEvents": "Lambda writes the log with the function's rights",
    "kms:GenerateDataKey": "SNS encrypts with the rights of whoever publishes",
    "kms:Decrypt": "SNS encrypts with the rights of whoever publishes",
    "sqs:ReceiveMessage": "Lambda takes the changes from the queue with the function's rights",
    "sqs:DeleteMessage": "Lambda takes the changes from the queue with the function's rights",
    "sqs:GetQueueAttributes": "Lambda takes the changes from the queue with the function's rights",
    "s3:ListBucket": "without it, S3 answers AccessDenied for an object that is not there",
}


def arn(service, region, account, resource):
    return f"arn:aws:{service}:{region}:{account}:{resource}"


def of_gateway(call):
    """API Gateway's own form: the path of the request is the resource, and has no version."""
    path = re.sub(r"^/v2", "", call.path)
    if "domainNameId" in call.params:
        # PrivateBasePathMappings: several private names may be called the same.
        path = path.replace(call.params["domainName"], "{domainName}+{domainNameId}".format(**call.params), 1)
    verb = {"Update": "PATCH", "Create": "POST"}.get(call.operation[:6], "GET")
    return f"apigateway:{verb}", arn("apigateway", call.region, "", path)


def needed(call, account):
    """The action and the resource that a call is allowed by. None: it needs no permission."""
    params = call.params
    known = {
        "sts GetCallerIdentity": lambda: None,
        "sts AssumeRole": lambda: ("sts:AssumeRole", params["RoleArn"]),
        "execute-api Invoke": lambda: ("execute-api:Invoke", arn("execute-api", call.region, account, call.path)),
        "apigatewayv2 ListRoutingRules": lambda: ("apigateway:ListRoutingRules", arn(
            "apigateway", call.region, account, f"/domainnames/{params['DomainName']}/routingrules")),
        "iam GetAccountAuthorizationDetails": lambda: ("iam:GetAccountAuthorizationDetails", "*"),
        "iam GetPolicy": lambda: ("iam:GetPolicy", params["PolicyArn"]),
        "iam GetPolicyVersion": lambda: ("iam:GetPolicyVersion", params["PolicyArn"]),
        **{f"iam {name}": lambda: (f"iam:{call.operation}", arn("iam", "", account, "group/" + params["GroupName"]))
           for name in ("AttachGroupPolicy", "DeleteGroupPolicy", "DetachGroupPolicy", "GetGroupPolicy",
                        "ListAttachedGroupPolicies", "PutGroupPolicy")},
        "account ListRegions": lambda: ("account:ListRegions", arn("account", "", account, "account")),
        "organizations ListAccounts": lambda: ("organizations:ListAccounts", "*"),
        "sns Publish": lambda: ("sns:Publish", params["TopicArn"]),
        "sns PublishBatch": lambda: ("sns:Publish", params["TopicArn"]),
        "sns GetTopicAttributes": lambda: ("sns:GetTopicAttributes", params["TopicArn"]),
        "s3 GetObject": lambda: ("s3:GetObject", "arn:aws:s3:::{Bucket}/{Key}".format(**params)),
        "s3 PutObject": lambda: ("s3:PutObject", "arn:aws:s3:::{Bucket}/{Key}".format(**params)),
        "s3 ListObjectsV2": lambda: ("s3:ListBucket", "arn:aws:s3:::{Bucket}".format(**params)),
        "events PutEvents": lambda: ("events:PutEvents", arn(
            "events", call.region, account, "event-bus/" + params["Entries"][0]["EventBusName"])),
        "config PutEvaluations": lambda: ("config:PutEvaluations", "*"),
        "scheduler GetSchedule": lambda: ("scheduler:GetSchedule", arn(
            "scheduler", call.region, account, "schedule/default/{Name}".format(**params))),
        "cloudwatch DescribeAlarms": lambda: ("cloudwatch:DescribeAlarms", arn("cloudwatch", call.region, account, "alarm:*")),
        "events DescribeEventBus": lambda: ("events:DescribeEventBus", arn(
            "events", call.region, account, "event-bus/{Name}".format(**params))),
        "events DescribeRule": lambda: ("events:DescribeRule", arn(
            "events", call.region, account, "rule/{Name}".format(**params))),
        "events ListRuleNamesByTarget": lambda: ("events:ListRuleNamesByTarget", "*"),
        "events ListRules": lambda: ("events:ListRules", "*"),
        "events ListTargetsByRule": lambda: ("events:ListTargetsByRule", arn(
            "events", call.region, account, "rule/{Rule}".format(**params))),
        "cloudtrail DescribeTrails": lambda: ("cloudtrail:DescribeTrails", "*"),
        "cloudtrail GetTrailStatus": lambda: ("cloudtrail:GetTrailStatus", params["Name"]),
        "cloudtrail GetEventSelectors": lambda: ("cloudtrail:GetEventSelectors", params["TrailName"]),
        "lambda GetAccountSettings": lambda: ("lambda:GetAccountSettings", "*"),
        "lambda GetFunctionConcurrency": lambda: ("lambda:GetFunctionConcurrency", arn(
            "lambda", call.region, account, "function:{FunctionName}".format(**params))),
        "lambda GetFunctionConfiguration": lambda: ("lambda:GetFunctionConfiguration", arn(
            "lambda", call.region, account, "function:{FunctionName}".format(**params))),
        "logs FilterLogEvents": lambda: ("logs:FilterLogEvents", arn(
            "logs", call.region, account, "log-group:{logGroupName}".format(**params))),
        "kms GenerateDataKey": lambda: ("kms:GenerateDataKey", params["KeyId"]),
        "kms GetKeyPolicy": lambda: ("kms:GetKeyPolicy", params["KeyId"]),
        # The key is known by what it encrypted.
        "kms Decrypt": lambda: ("kms:Decrypt", ARNS["Key.Arn"]),
        "iam SimulatePrincipalPolicy": lambda: ("iam:SimulatePrincipalPolicy", params["PolicySourceArn"]),
        "securityhub DescribeHub": lambda: ("securityhub:DescribeHub", arn(
            "securityhub", call.region, account, "hub/default")),
        "securityhub BatchImportFindings": lambda: (
            "securityhub:BatchImportFindings", params["Findings"][0]["ProductArn"]),
    }
    if call.name in known:
        return known[call.name]()
    if call.service in ("apigateway", "apigatewayv2"):
        return of_gateway(call)
    raise KeyError(f"{call.name}: which action it needs is not known here")


def statements_of(document):
    """The statements of a policy, every one of them with lists of actions and resources."""
    return [{**it, "Action": listed(it["Action"]), "Resource": listed(it["Resource"])} for it in document["Statement"]]


# --- The templates --------------------------------------------------------------------------------

NOTHING = object()


class Template:
    """A template, with the values that its functions come to."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.body = yaml_parse(file.read())
        self.conditions = self.body.get("Conditions", {})

    def statements(self, role):
        """The statements of a role, every one of them with lists of actions and resources."""
        policies = self.value(self.body["Resources"][role]["Properties"]["Policies"])
        return [it for policy in policies for it in statements_of(policy["PolicyDocument"])]

    def value(self, node):
        if isinstance(node, list):
            return [value for item in node if (value := self.value(item)) is not NOTHING]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            (function, given), = node.items()
            if function in FUNCTIONS:
                return FUNCTIONS[function](self, given)
        return {name: value for name, item in node.items() if (value := self.value(item)) is not NOTHING}

    def named(self, name):
        if name in PSEUDO:
            return PSEUDO[name]
        if name in ARNS:
            return ARNS[name]
        parameters = self.body.get("Parameters", {})
        if name not in parameters:
            raise KeyError(f"what `{name}` comes to is not known here")
        return PARAMETERS.get(name, str(parameters[name].get("Default", "")))

    def sub(self, given):
        text, own = given if isinstance(given, list) else (given, {})
        own = {name: self.value(value) for name, value in own.items()}
        return re.sub(r"\$\{([^}]+)\}", lambda found: own.get(found[1]) or self.named(found[1]), text)

    def condition(self, name):
        return self.value(self.conditions[name])


FUNCTIONS = {
    "Ref": lambda self, name: NOTHING if name == "AWS::NoValue" else self.named(name),
    "Fn::GetAtt": lambda self, name: self.named(name if isinstance(name, str) else ".".join(name)),
    "Fn::Sub": lambda self, given: self.sub(given),
    "Fn::If": lambda self, given: self.value(given[1] if self.condition(given[0]) else given[2]),
    "Condition": lambda self, name: self.condition(name),
    "Fn::Equals": lambda self, given: self.value(given[0]) == self.value(given[1]),
    "Fn::Not": lambda self, given: not self.value(given[0]),
    "Fn::And": lambda self, given: all(self.value(it) for it in given),
    "Fn::Or": lambda self, given: any(self.value(it) for it in given),
    "Fn::Select": lambda self, given: self.value(given[1])[int(given[0])],
    "Fn::Join": lambda self, given: given[0].join(self.value(given[1])),
    "Fn::Split": lambda self, given: self.value(given[1]).split(given[0]),
}


def listed(value):
    return value if isinstance(value, list) else [value]


# --- Rights and needs -----------------------------------------------------------------------------

def rights(statements):
    """Each action and resource that statements allow, one by one. Denials are none of these roles'."""
    found = []
    for statement in statements:
        if statement["Effect"] != "Allow" or "NotAction" in statement or "Condition" in statement:
            raise ValueError(f"the statement {statement.get('Sid')} has a form that is not known here")
        found += [(action, resource) for action in statement["Action"] for resource in statement["Resource"]
                  if of_one_service(action, resource)]
    return found


def of_one_service(action, resource):
    """Whether an action can be allowed on a resource: a statement may hold those of several services."""
    if resource == "*":
        return True
    service = action.partition(":")[0]
    # Roles are IAM's, and assumed by STS.
    return {"sts": "iam"}.get(service, service) == resource.split(":")[2]


def allows(right, need):
    action, resource = right
    return matches(action.lower(), need[0].lower()) and matches(resource, need[1])


def matches(pattern, text):
    return re.fullmatch("".join({"*": ".*", "?": "."}.get(it, re.escape(it)) for it in pattern), text) is not None


def lacking(role, allowed, needs):
    """What is needed and not allowed."""
    return [f"{role} does not allow {action} on {resource}" for action, resource in sorted(needs)
            if not any(allows(right, (action, resource)) for right in allowed)]


def spare(role, allowed, needs):
    """What is allowed, and without which nothing would be missing."""
    missing = len(lacking(role, allowed, needs))

    def is_spare(index):
        return len(lacking(role, allowed[:index] + allowed[index + 1:], needs)) == missing
    return [f"{role} allows {action} on {resource}, and nothing asks for it"
            for index, (action, resource) in enumerate(allowed) if action not in OTHERS and is_spare(index)]
