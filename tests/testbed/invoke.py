"""Calls a deployed method of the emulated account, as a client of the API does."""

import urllib.error
import urllib.request

from aws import REGION

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback: never a proxy


def invoke(account, api, stage, path, access_key=None, secret_key=None):
    """The status of the answer, and what it says: signed with a key, or without one."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    url = "{}/_aws/execute-api/{}/{}{}".format(account.endpoint, api, stage, path)
    request = AWSRequest(method="GET", url=url)
    if access_key:
        SigV4Auth(Credentials(access_key, secret_key), "execute-api", REGION).add_auth(request)
    try:
        with OPENER.open(urllib.request.Request(url, headers=dict(request.headers)), timeout=20) as answer:
            return {"status": answer.status, "text": answer.read().decode()}
    except urllib.error.HTTPError as error:
        return {"status": error.code, "text": error.read().decode()}
