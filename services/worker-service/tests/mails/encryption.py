"""Mail servers of another make, one for each way of encrypting and logging in. Tells their URLs, then what happens at them, in
lines of JSON; ends with its input."""

import asyncio
import json
import ssl
import subprocess
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult


def tell(**what):
    print(json.dumps(what), flush=True)


def openssl(folder, *args):
    subprocess.run(["openssl", *args], cwd=folder, check=True, capture_output=True)


def certificates(folder):
    """An authority, and a certificate of it for this machine."""
    key = ["-newkey", "rsa:2048", "-nodes"]
    openssl(folder, "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=authority")
    openssl(folder, "req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    Path(folder, "extensions").write_text("subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n")
    signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "extensions"]
    openssl(folder, "x509", "-req", "-in", "server.csr", *signed, "-out", "server.pem")


class Handler:
    def __init__(self, name):
        self.name = name

    async def handle_MAIL(self, server, session, envelope, address, options):
        tell(server=self.name, event="MAIL")
        envelope.mail_from = address
        return "250 go on"

    async def handle_DATA(self, server, session, envelope):
        tell(server=self.name, event="taken", starttls=bool(session.ssl), login=bool(session.authenticated))
        return "250 taken"


async def main(folder):
    certificates(folder)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(Path(folder, "server.pem"), Path(folder, "server.key"))
    loop, ports = asyncio.get_running_loop(), {}

    def server(name, starttls, login):
        def authenticate(server, session, envelope, mechanism, data):
            good = (data.login, data.password) == (b"ada", b"s:cret")
            tell(server=name, event="login", good=good)
            return AuthResult(success=good, handled=good)

        return SMTP(
            Handler(name),
            hostname="localhost",
            tls_context=tls if starttls else None,
            auth_required=login,
            auth_require_tls=starttls,
            authenticator=authenticate if login else None,
        )

    for name, starttls, login, whole in [
        ("smtps", False, True, tls),
        ("starttls", True, True, None),
        ("plain", False, False, None),
    ]:
        listening = await loop.create_server(lambda n=name, s=starttls, l=login: server(n, s, l), "127.0.0.1", 0, ssl=whole)
        ports[name] = listening.sockets[0].getsockname()[1]
    tell(ports=ports)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main(sys.argv[1]))
