"""`gatewatch check` of a folder with a thousand templates of all kinds: time and memory of one call.

2 s and 150 MB are aimed at, and printed. That nothing is missing is a bound: the findings and the files are counted.
"""

import argparse
import json
import os
import pathlib
import subprocess
import tempfile
import time

COUNT = 1_000
METHODS = 10
KINDS = ("cloudformation", "sam", "openapi", "terraform", "cdk")


def cloudformation(number):
    resources = {"Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": f"shop{number}"}}}
    for each in range(METHODS):
        resources[f"R{each}"] = {
            "Type": "AWS::ApiGateway::Resource",
            "Properties": {"RestApiId": {"Ref": "Api"}, "ParentId": {"Fn::GetAtt": ["Api", "RootResourceId"]}, "PathPart": f"p{each}"},
        }
        resources[f"M{each}"] = {
            "Type": "AWS::ApiGateway::Method",
            "Properties": {
                "RestApiId": {"Ref": "Api"}, "ResourceId": {"Ref": f"R{each}"}, "HttpMethod": "GET",
                "AuthorizationType": "AWS_IAM" if each else "NONE",
            },
            "Metadata": {"aws:cdk:path": f"Shop{number}/Api/p{each}/GET/Resource"},
        }
    return {"Resources": resources}


def without_metadata(template):
    for resource in template["Resources"].values():
        resource.pop("Metadata", None)
    return template


def sam(number):
    lines = [
        "Transform: AWS::Serverless-2016-10-31", "Resources:", "  Api:", "    Type: AWS::Serverless::Api",
        "    Properties: {StageName: prod}",
    ]
    for each in range(METHODS):
        authorizer = "" if each == 0 else ", Auth: {Authorizer: AWS_IAM}"
        lines += [
            f"  F{each}:", "    Type: AWS::Serverless::Function", "    Properties:", "      Handler: a.b", "      Events:",
            f"        Get: {{Type: Api, Properties: {{RestApiId: !Ref Api, Path: /p{each}, Method: get{authorizer}}}}}",
        ]
    return "\n".join(lines) + "\n"


def openapi(number):
    lines = [
        "openapi: 3.0.1", f"info: {{title: shop{number}, version: '1'}}", "components:", "  securitySchemes:",
        "    sigv4: {type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: awsSigv4}", "paths:",
    ]
    for each in range(METHODS):
        security = "" if each == 0 else "security: [{sigv4: []}], "
        lines += [f"  /p{each}:", f"    get: {{{security}x-amazon-apigateway-integration: {{type: mock}}}}"]
    return "\n".join(lines) + "\n"


def terraform(number):
    """A state, in which everything is known."""
    def resource(kind, name, values):
        address = f"{kind}.{name}"
        return {"address": address, "mode": "managed", "type": kind, "name": name, "values": values}

    api = {"id": f"api{number}", "name": f"shop{number}", "protocol_type": "HTTP", "body": None, "target": None, "route_key": None}
    stage = {"id": "prod", "api_id": f"api{number}", "name": "prod", "auto_deploy": True}
    resources = [resource("aws_apigatewayv2_api", "a", api), resource("aws_apigatewayv2_stage", "s", stage)]
    for each in range(METHODS):
        kind = "AWS_IAM" if each else "NONE"
        values = {"id": f"r{each}", "api_id": f"api{number}", "route_key": f"GET /p{each}", "authorization_type": kind}
        resources.append(resource("aws_apigatewayv2_route", f"r{each}", values))
    return {"format_version": "1.0", "terraform_version": "1.9.0", "values": {"root_module": {"resources": resources}}}


def fill(folder):
    """As many files of each kind, each with one open method, beside as many that are nothing to be checked."""
    stacks = {}
    for number in range(COUNT):
        kind = KINDS[number % len(KINDS)]
        place = folder / kind / f"team{number % 20}"
        place.mkdir(parents=True, exist_ok=True)
        if kind == "cloudformation":
            (place / f"{number}.json").write_text(json.dumps(without_metadata(cloudformation(number)), indent=1))
        elif kind == "sam":
            (place / f"{number}.yaml").write_text(sam(number))
        elif kind == "openapi":
            (place / f"{number}.yaml").write_text(openapi(number))
        elif kind == "terraform":
            (place / f"{number}.json").write_text(json.dumps(terraform(number)))
        else:
            assembly = folder / "app" / "cdk.out"
            assembly.mkdir(parents=True, exist_ok=True)
            (assembly / f"Shop{number}.template.json").write_text(json.dumps(cloudformation(number), indent=1))
            stacks[f"Shop{number}"] = {"type": "aws:cloudformation:stack", "properties": {"templateFile": f"Shop{number}.template.json"}}
        (place / f"{number}.values.yaml").write_text("replicas: 3\n" * 50)
        (place / f"{number}.py").write_text("print('shop')\n" * 50)
    (folder / "app/cdk.out/manifest.json").write_text(json.dumps({"version": "39.0.0", "artifacts": stacks}))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    program = str(pathlib.Path(parser.parse_args().bin).resolve())
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        fill(place)
        best, report = None, None
        for _ in range(3):
            command = [program, "check", ".", "--region", "eu-west-1", "--format", "json"]
            begin = time.monotonic()
            process = subprocess.Popen(command, cwd=place, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            text = process.stdout.read()
            _, status, used = os.wait4(process.pid, 0)
            seconds = time.monotonic() - begin
            assert os.waitstatus_to_exitcode(status) == 1, status
            report = json.loads(text)
            if best is None or seconds < best[0]:
                best = (seconds, used.ru_maxrss / 1024)
    kinds = {}
    for file in report["files"]["checked"]:
        kinds[file["kind"]] = kinds.get(file["kind"], 0) + 1
    assert kinds == {kind: COUNT // len(KINDS) for kind in KINDS}, kinds
    assert report["counts"]["total"] == COUNT, report["counts"]
    assert report["coverage"]["complete"], report["coverage"]["gaps"][:3]
    seconds, megabytes = best
    print(f"{COUNT} files, {COUNT * METHODS} methods, {COUNT} findings: {seconds:.2f} s (2 are aimed at), {megabytes:.0f} MB (150)")


if __name__ == "__main__":
    main()
