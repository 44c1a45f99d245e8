"""Answers, and how they leave: bytes, a media type, headers; or a stream of bytes.

- Every answer carries `X-Request-ID`, and `nosniff`; nothing is cached by anybody unless a route says so.
- HEAD is answered wherever GET is: the same status and headers, and no content (RFC 9110 §9.3.2).
"""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Final

import orjson
from litestar.response.streaming import ASGIStreamingResponse
from litestar.types import ASGIApp, Receive, Scope, Send

JSON_TYPE: Final = "application/json"
TEXT_TYPE: Final = "text/plain; charset=utf-8"
BYTES_TYPE: Final = "application/octet-stream"

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation answers. With `stream`, `body` is not used."""

    body: bytes = b""
    status: int = 200
    media_type: str = JSON_TYPE
    headers: Headers = ()
    stream: AsyncIterator[bytes] | None = None


def json_answer(value: object, status: int = 200, headers: Headers = ()) -> Answer:
    """Return the answer that says `value` in JSON."""
    return Answer(orjson.dumps(value), status, JSON_TYPE, headers)


BARE: Final = frozenset({204, 304})
"""Statuses of answers that never have content, and so say nothing of its kind or length (RFC 9110 §8.6)."""


class Reply:
    """An answer on its way out, as an ASGI application."""

    __slots__ = ("_body", "_headers", "_status")

    def __init__(self, body: bytes, status: int, headers: Iterable[tuple[bytes, bytes]], *, head: bool = False) -> None:
        """With `head`, the length of the body is told and the body is not sent."""
        self._body = b"" if head else body
        self._status = status
        if status in BARE:
            self._headers = [header for header in headers if header[0] != b"content-type"]
        else:
            self._headers = [*headers, (b"content-length", b"%d" % len(body))]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        await send({"type": "http.response.start", "status": self._status, "headers": self._headers})
        await send({"type": "http.response.body", "body": self._body, "more_body": False})


class Unread:
    """The head of a stream, which is ended before it is sent."""

    __slots__ = ("_headers", "_status", "_stream")

    def __init__(self, stream: AsyncIterator[bytes], status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self._stream, self._status, self._headers = stream, status, list(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the headers."""
        # What a stream holds, a place among the followers of the log, it lets go of only once it has begun.
        async for _ in self._stream:
            break
        if isinstance(self._stream, AsyncGenerator):
            await self._stream.aclose()
        await send({"type": "http.response.start", "status": self._status, "headers": self._headers})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def reply_of(
    body: bytes,
    status: int,
    headers: Iterable[tuple[bytes, bytes]],
    stream: AsyncIterator[bytes] | None,
    *,
    head: bool,
) -> ASGIApp:
    """Return the ASGI application that sends an answer: `body`, or `stream` if there is one; with `head`, neither."""
    if stream is None:
        return Reply(body, status, headers, head=head)
    return Unread(stream, status, headers) if head else streaming(stream, status, headers)


def methods_of(method: str) -> list[str]:
    """Return the methods that a route of this one takes."""
    return ["GET", "HEAD"] if method == "GET" else [method]


def streaming(
    stream: AsyncIterator[bytes], status: int, headers: Iterable[tuple[bytes, bytes]]
) -> ASGIStreamingResponse:
    """Return the ASGI application that sends a stream until it ends or the caller goes away."""
    named = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
    return ASGIStreamingResponse(iterator=stream, status_code=status, headers=named, media_type=named["content-type"])
