"""A probe over TLS, and its signatures, held against AWS's own signer.

    python tests/probe/tls.py --gatewatch target/debug/gatewatch

A server on loopback has a certificate of an authority that only these tests know. It computes the signature of each signed
request with botocore, lets in whoever has the same one, and demands a signature of everybody else. Ends with status 1, and
says what is wrong, where gatewatch does not see just that; and where it believes a certificate that it must not believe.
"""

import argparse
import datetime
import http.server
import json
import os
import ssl
import subprocess
import sys
import tempfile
import threading

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "a/session+token==")
HOST = "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"
PATHS = ["/plain", "/pets/{petId}", "/{proxy+}"]


def certificate(name, authority=None):
    """A certificate with its key, by an authority or, where there is none, of one."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.timezone.utc)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer, signer = (authority[0].subject, authority[1]) if authority else (subject, key)
    builder = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=authority is None, path_length=None), critical=True)
    )
    if authority:
        names = [x509.DNSName(name)]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(signer, hashes.SHA256()), key


def pem(certificate_and_key, path, with_key=False):
    cert, key = certificate_and_key
    with open(path, "wb") as file:
        file.write(cert.public_bytes(serialization.Encoding.PEM))
        if with_key:
            file.write(key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return path


class Answers(http.server.BaseHTTPRequestHandler):
    """Lets in whoever signs as botocore does."""

    protocol_version = "HTTP/1.1"
    seen = []

    def do_GET(self):
        sent = self.headers.get("authorization")
        self.seen.append((self.path, self.connection.selected_alpn_protocol(), self.headers.get("host")))
        if sent is None:
            self.say(403, "MissingAuthenticationTokenException", b'{"message":"Missing Authentication Token"}')
        elif sent == self.signature():
            self.say(200, None, b"{}")
        else:
            self.say(403, "InvalidSignatureException", b"{}")

    def signature(self):
        headers = {name: self.headers[name] for name in ("host", "x-amz-date", "x-amz-security-token")}
        request = AWSRequest("GET", f"https://{self.headers['host']}{self.path}", headers=headers)
        request.context["timestamp"] = self.headers["x-amz-date"]
        signer = SigV4Auth(KEYS, "execute-api", "eu-west-1")
        canonical = signer.canonical_request(request)
        signature = signer.signature(signer.string_to_sign(request, canonical), request)
        signed = signer.signed_headers(signer.headers_to_sign(request))
        return f"AWS4-HMAC-SHA256 Credential={signer.scope(request)}, SignedHeaders={signed}, Signature={signature}"

    def say(self, status, error, body):
        self.send_response(status)
        self.send_header("x-amzn-RequestId", "5d3f")
        if error:
            self.send_header("x-amzn-ErrorType", error)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def serve(chain):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    # A probe has to ask for HTTP/1.1, whatever else it could have.
    context.set_alpn_protocols(["h2", "http/1.1"])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.handle_error = lambda *_: None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def inventory():
    methods = [
        {"verb": "GET", "path": path, "authorization": "AWS_IAM", "api_key_required": False} for path in PATHS
    ]
    return {
        "schema_version": 1, "account": "111122223333", "partition": "aws", "taken_at": "2026-06-15T06:00:00Z",
        "scope": {"regions": ["eu-west-1"], "without_drafts": True}, "domains": [], "gaps": [],
        "apis": [{
            "region": "eu-west-1", "id": "a1b2c3d4e5", "name": "PetStore", "kind": "REST",
            "endpoint_types": ["REGIONAL"], "default_endpoint_disabled": False, "resource_policy": None,
            "stages": [{"name": "prod", "deployment_id": "dep1"}],
            "deployments": [{"id": "dep1", "created_at": None, "methods": methods}], "draft": [],
        }],
        "iam": {"groups": [], "users": [], "roles": [], "policies": []},
    }


def probe(gatewatch, folder, port, trusted):
    environment = {
        "HOME": folder, "SSL_CERT_FILE": trusted, "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ACCESS_KEY_ID": KEYS.access_key, "AWS_SECRET_ACCESS_KEY": KEYS.secret_key,
        "AWS_SESSION_TOKEN": KEYS.token,
    }
    command = [
        gatewatch, "probe", "inventory.json", "--signed", "--allow-loopback", "--format", "json", "--rate", "200",
        "--endpoint-override", f"https://localhost:{port}", "--param", "petId=4 2+%2f", "--param", "proxy=a:b/c~d(e)/*",
    ]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if not done.stdout:
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def check(what, is_so, told=""):
    if not is_so:
        sys.exit(f"{what}: {told}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gatewatch", required=True)
    gatewatch = os.path.abspath(parser.parse_args().gatewatch)
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "inventory.json"), "w") as file:
            json.dump(inventory(), file)
        authority, stranger = certificate("an authority"), certificate("another authority")
        own = pem(authority, os.path.join(folder, "authority.pem"))
        other = pem(stranger, os.path.join(folder, "stranger.pem"))
        localhost = pem(certificate("localhost", authority), os.path.join(folder, "localhost.pem"), True)
        elsewhere = pem(certificate("elsewhere.example", authority), os.path.join(folder, "elsewhere.pem"), True)

        report = probe(gatewatch, folder, serve(localhost), own)
        shown = [(it["signed"], it["answer"] and it["answer"]["shows"]) for it in report["probe"]["requests"]]
        check("signed and unsigned", shown == [(False, "signature-demanded"), (True, "open")] * len(PATHS),
              json.dumps(report["probe"], indent=1))
        check("HTTP/1.1 for the host that is meant",
              {it[1:] for it in Answers.seen} == {("http/1.1", HOST)}, Answers.seen)

        for name, chain, trusted in [
            ("an authority that nobody trusts", localhost, other),
            ("a certificate of another host", elsewhere, own),
        ]:
            Answers.seen.clear()
            report = probe(gatewatch, folder, serve(chain), trusted)
            failed = {it["failed"] for it in report["probe"]["requests"]}
            check(name, failed == {"unreachable"} and not Answers.seen, json.dumps(report["probe"], indent=1))


if __name__ == "__main__":
    main()
