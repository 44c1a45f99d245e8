"""The other sides, on loopback, true to what their makers document: a group's robot, a webhook's receiver, a mail server.

The robot checks what DingTalk checks: token, clock within an hour, signature, type of message, and 20 messages in any minute, after
which it is deaf for ten. It hears by the clock of the test. The receiver checks what Standard Webhooks asks of receivers.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

TOKEN = "a1b2c3"
SECRET = "SECthis-is-a-secret"
WEBHOOK_SECRET = bytes(range(32))


@dataclass
class Reply:
    """What to answer instead, once."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False


@dataclass
class Robot:
    """A custom robot."""

    clock: Callable[[], datetime]
    heard: list[dict[str, Any]] = field(default_factory=list)
    times: list[datetime] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    deaf_until: datetime | None = None
    throttled: int = 0

    def answer(self, path: str, headers: Any, body: bytes) -> Reply:
        if self.replies:
            return self.replies.pop(0)
        return Reply(body=json.dumps(self._errcode(path, headers, body)).encode())

    def _errcode(self, path: str, headers: Any, body: bytes) -> dict[str, Any]:
        query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        now = self.clock()
        if query.get("access_token") != TOKEN:
            return {"errcode": 300001, "errmsg": "token is not exist"}
        stamp = query["timestamp"]
        expected = base64.b64encode(
            hmac.new(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), hashlib.sha256).digest()
        ).decode()
        if abs(int(stamp) / 1000 - now.timestamp()) > 3600 or query.get("sign") != expected:
            return {"errcode": 310000, "errmsg": "sign not match"}
        if self.deaf_until is not None and now < self.deaf_until:
            self.throttled += 1
            return {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}
        self.times.append(now)
        if len([moment for moment in self.times if moment > now - timedelta(seconds=60)]) > 20:
            self.throttled += 1
            self.deaf_until = now + timedelta(minutes=10)
            return {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}
        message = json.loads(body)
        assert headers["content-type"].startswith("application/json")
        assert len(body) <= 20_000
        kind = message["msgtype"]
        assert kind in {"markdown", "actionCard"}
        assert message[kind]["title"]
        assert message[kind]["text"]
        if kind == "actionCard":
            assert message[kind]["singleTitle"]
            assert message[kind]["singleURL"].startswith("https://")
        self.heard.append(message)
        return {"errcode": 0, "errmsg": "ok"}


@dataclass
class Receiver:
    """A webhook's receiver; it takes each id once, as it should."""

    clock: Callable[[], datetime]
    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    repeated: list[str] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)

    def answer(self, path: str, headers: Any, body: bytes) -> Reply:
        del path
        if self.replies:
            return self.replies.pop(0)
        identity, stamp = headers["webhook-id"], headers["webhook-timestamp"]
        signed = f"{identity}.{stamp}.".encode() + body
        expected = base64.b64encode(hmac.new(WEBHOOK_SECRET, signed, hashlib.sha256).digest()).decode()
        if f"v1,{expected}" not in headers["webhook-signature"].split(" "):
            return Reply(401)
        if abs(int(stamp) - self.clock().timestamp()) > 300:
            return Reply(401)
        event = json.loads(body)
        assert headers["content-type"].startswith("application/cloudevents+json")
        assert event["specversion"] == "1.0"
        assert {"id", "source", "type"} <= event.keys()
        if identity in self.events:
            self.repeated.append(identity)
        self.events[identity] = event
        return Reply(204)


@contextmanager
def serving(side: Robot | Receiver) -> Iterator[str]:
    """Serves on loopback; gives the address."""
    released = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            reply = side.answer(self.path, self.headers, body)
            if reply.hangs:
                released.wait(20)
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        released.set()
        server.shutdown()
        thread.join()
        server.server_close()


# --- mail ----------------------------------------------------------------------------------------------------------------


@dataclass
class MailBox:
    """A mail server that wants STARTTLS and a password, and what it was given."""

    port: int = 0
    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    mails: list[bytes] = field(default_factory=list)
    in_clear: list[bytes] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)
    refuses: bytes = b""
    """What it answers to RCPT instead, while set."""
    offers_tls: bool = True


def certificate(directory: Path) -> tuple[Path, Path]:
    """A certificate for this machine, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)  # noqa: TID251  a TLS library has a clock of its own
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_path, key_path = directory / "cert.pem", directory / "key.pem"
    cert_path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return cert_path, key_path


@contextmanager
def mail_server(directory: Path) -> Iterator[MailBox]:  # noqa: C901  a protocol is a list of verbs
    """A mail server on loopback (RFC 5321, STARTTLS of RFC 3207, AUTH PLAIN of RFC 4954)."""
    cert, key = certificate(directory)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    box = MailBox()
    box.trust = ssl.create_default_context(cafile=str(cert))

    class Session(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.tls = False
            self.reader = self.request.makefile("rb")
            self.say(b"220 localhost ESMTP")
            try:
                while (line := self.reader.readline()) and self.take(line.rstrip(b"\r\n")):
                    pass
            finally:
                self.reader.close()
                self.request.close()

        def say(self, *lines: bytes) -> None:
            self.request.sendall(b"".join(line + b"\r\n" for line in lines))

        def take(self, line: bytes) -> bool:
            if not self.tls:
                box.in_clear.append(line)
            verb = line.split(b" ")[0].upper()
            if verb == b"EHLO":
                offered = [b"250-STARTTLS"] if box.offers_tls and not self.tls else []
                self.say(b"250-localhost", *offered, *([b"250-AUTH PLAIN"] if self.tls else []), b"250 8BITMIME")
            elif verb == b"STARTTLS":
                self.say(b"220 go ahead")
                self.reader.close()
                self.request = context.wrap_socket(self.request, server_side=True)
                self.reader = self.request.makefile("rb")
                self.tls = True
            elif verb == b"AUTH":
                box.logins.append(base64.b64decode(line.split(b" ")[2]))
                self.say(b"235 welcome")
            elif verb == b"RCPT" and box.refuses:
                self.say(box.refuses)
            elif verb == b"DATA":
                self.say(b"354 go on")
                content = bytearray()
                while (part := self.reader.readline()) != b".\r\n":
                    content += part
                box.mails.append(bytes(content))
                self.say(b"250 taken")
            elif verb == b"QUIT":
                self.say(b"221 bye")
                return False
            else:
                self.say(b"250 ok")
            return True

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            # A client that does not trust us hangs up in the middle.
            pass

    server = Server(("127.0.0.1", 0), Session)
    box.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield box
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
