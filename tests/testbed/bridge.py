"""Lets the Rust tests call any AWS operation of the emulator without an SDK crate for each service.

    python bridge.py --endpoint http://127.0.0.1:PORT

Reads one JSON object a line on stdin and answers each with one line on stdout:

    {"service": "apigateway", "operation": "create_rest_api", "params": {...},
     "region": "eu-west-1", "access_key": "111122223333", "secret_key": "fake", "session_token": null}
    {"ok": {...}}  or  {"error": {"code": "...", "message": "..."}}

Operations and parameters are boto3's; all but service and operation may be left out. In parameters
{"$file": "path"} stands for the bytes of a file. In answers times are ISO 8601 text, bytes and
streams are text, and ResponseMetadata is left out.

Service `gatewatch` offers what takes several calls: the functions that OURS names, with their
parameters.
"""

import argparse
import datetime
import json
import sys

from botocore.exceptions import ClientError

import aws
import invoke
import mixed
import organization

OURS = {function.__name__: function for function in (
    aws.create_petstore, aws.deploy_template, aws.log_text, invoke.invoke, mixed.create_mixed_account,
    organization.create_organization, organization.deploy_member_roles)}


def answer(account, request):
    service, operation = request["service"], request["operation"]
    params = with_files(request.get("params") or {})
    if service == "gatewatch":
        return OURS[operation](account, **params)
    options = {name: request[name] for name in ("region", "access_key", "secret_key", "session_token")
               if request.get(name) is not None}
    response = getattr(account.client(service, **options), operation)(**params)
    if isinstance(response, str):  # a pre-signed URL, for which nothing is called
        return response
    response.pop("ResponseMetadata", None)
    return plain(response)


def with_files(value):
    if isinstance(value, dict):
        if set(value) == {"$file"}:
            with open(value["$file"], "rb") as file:
                return file.read()
        return {name: with_files(item) for name, item in value.items()}
    if isinstance(value, list):
        return [with_files(item) for item in value]
    return value


def plain(value):
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if hasattr(value, "read"):
        value = value.read()
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    return value


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--endpoint", required=True)
    account = aws.Account(parser.parse_args().endpoint)
    for line in sys.stdin:
        try:
            result = {"ok": answer(account, json.loads(line))}
        except ClientError as error:
            result = {"error": {"code": error.response["Error"]["Code"],
                                "message": error.response["Error"].get("Message", "")}}
        except Exception as error:  # every request gets an answer, or the test would wait for ever
            result = {"error": {"code": type(error).__name__, "message": str(error)}}
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
