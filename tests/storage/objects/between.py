"""Somebody between a client and the object store: passes requests on, and may change what is in them and what is answered."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Request:
    """One request; `headers` and `body` may be changed."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def checksum(self) -> str:
        """The digest it says its body has."""
        return {name.lower(): value for name, value in self.headers.items()}.get("x-amz-checksum-sha256", "")


@dataclass
class Answer:
    """What comes back; it may be changed too."""

    status: int
    headers: dict[str, str]
    body: bytes = b""


@dataclass
class Between:
    """Passes everything on as it is; a subclass changes it. `seen` are methods and paths, in order."""

    url: str = ""
    seen: list[tuple[str, str]] = field(default_factory=list)

    def asked(self, request: Request) -> Answer | None:
        """Changes a request; an answer is given instead of the store's."""
        del request
        return None

    def answered(self, request: Request, answer: Answer) -> None:
        """Changes an answer."""


@contextmanager
def standing(between: Between, url: str) -> Iterator[str]:
    """Lets it stand before the store at `url`; gives where it is to be reached."""
    host = urlsplit(url).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            """It says nothing."""

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            request = Request(self.command, self.path, dict(self.headers.items()), body)
            between.seen.append((request.method, request.path))
            answer = between.asked(request) or _ask(host, request)
            between.answered(request, answer)
            self.send_response_only(answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in {"transfer-encoding", "content-length"} or request.method == "HEAD":
                    self.send_header(name, value)
            if request.method != "HEAD":
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _pass_on  # noqa: N815  the library's names

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    between.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield between.url
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _ask(host: str, request: Request) -> Answer:
    connection = http.client.HTTPConnection(host, timeout=30)
    try:
        connection.putrequest(request.method, request.path, skip_host=True, skip_accept_encoding=True)
        for name, value in request.headers.items():
            if name.lower() not in {"expect", "connection"}:
                connection.putheader(name, value)
        connection.endheaders(request.body)
        got = connection.getresponse()
        return Answer(got.status, dict(got.getheaders()), got.read())
    finally:
        connection.close()
