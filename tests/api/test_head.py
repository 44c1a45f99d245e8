"""HEAD is answered wherever GET is: as GET, without the content; and it is decided and recorded as GET."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from litestar.types import ASGIApp

from api.application import OPERATIONS
from api.replies import reply_of
from policies.model import Role
from storage.reading import read_entry
from tests.api.desk import Desk
from tests.api.test_documents import D, added, begun

VARYING = {"x-request-id", "ratelimit", "date"}
GETS = sorted(operation.path for operation in OPERATIONS if operation.method == "GET")


def lines(headers: object) -> dict[str, str]:
    return {name: text for name, text in dict(headers).items() if name not in VARYING}  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "path",
    ["/api/v1/me", "/api/v1/entries", "/api/v1/entries/0", "/api/v1/openapi.json", "/log/checkpoint", "/problems",
     "/api/v1/skus/A1", "/api/v1/skus/NONE", "/api/v1/entries?limit=x", "/log/tile/0/999"],
)  # fmt: skip
def test_head_says_what_get_says_without_its_content(desk: Desk, path: str) -> None:
    whole, head = desk.get(path), desk.call("HEAD", path)

    assert whole.content
    assert (head.status_code, head.content) == (whole.status_code, b"")
    assert lines(head.headers) == lines(whole.headers)
    assert head.headers["content-length"] == str(len(whole.content))


def sent(app: ASGIApp) -> list[dict[str, object]]:
    """What an application sends, before any server takes content away from it."""
    messages: list[dict[str, object]] = []

    async def send(message: Any) -> None:
        messages.append(dict(message))

    asyncio.run(app({}, None, send))  # type: ignore[arg-type]
    return messages


def test_a_head_of_bytes_is_sent_without_them() -> None:
    start, body = sent(reply_of(b"abc", 200, [(b"a", b"b")], None, head=True))

    assert start["headers"] == [(b"a", b"b"), (b"content-length", b"3")]
    assert (body["body"], body["more_body"]) == (b"", False)


def test_a_head_of_a_stream_ends_the_stream_and_sends_nothing_of_it() -> None:
    ended = []

    async def stream() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"more"
        finally:
            ended.append(True)

    start, body = sent(reply_of(b"", 200, [(b"a", b"b")], stream(), head=True))

    assert ended == [True]
    assert start["headers"] == [(b"a", b"b")]
    assert (body["body"], body["more_body"]) == (b"", False)


@pytest.mark.parametrize("path", GETS)
def test_every_address_that_takes_get_takes_head(desk: Desk, path: str) -> None:
    asked = re.sub(r"\{\w+\}", "x", path)

    with desk.http.stream("HEAD", asked) as head:
        assert head.status_code in {200, 400, 401, 404, 412}
        assert head.read() == b""


def test_other_methods_are_told_that_head_is_taken(desk: Desk) -> None:
    answer = desk.call("DELETE", "/api/v1/entries")

    assert {"GET", "HEAD"} <= {method.strip() for method in answer.headers["allow"].split(",")}


def test_a_stream_that_only_its_head_was_asked_of_ends_and_keeps_no_place(desk: Desk) -> None:
    for _ in range(desk.services.settings.streams_max + 1):
        head = desk.call("HEAD", "/api/v1/tail")

        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-type"].startswith("text/event-stream")
        assert "content-length" not in head.headers
    assert desk.services.tails.followers == 0


def test_the_head_of_content_tells_its_length_and_knows_no_range(desk: Desk) -> None:
    path = f"{D}/{added(desk, b'abcdefgh')}/versions/1/content"

    whole, head = desk.get(path), desk.call("HEAD", path, headers={"Range": "bytes=0-1"})

    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "8")
    assert lines(head.headers) == lines(whole.headers)


def test_the_head_of_a_sensitive_document_is_an_entry_as_its_content_is(desk: Desk) -> None:
    path = f"{D}/{added(desk, b'paper', **{'class': 'contract'})}/versions/1/content"
    before = desk.world.storage.log.head().size

    head = desk.call("HEAD", path)

    size = desk.world.storage.log.head().size
    assert (head.status_code, size) == (200, before + 1)
    with desk.world.storage.database.read() as connection:
        assert b'"type":"access.read"' in read_entry(connection, before).bytes


def test_the_head_of_a_document_is_for_whoever_may_open_it(desk: Desk) -> None:
    path = f"{D}/{added(desk)}/versions/1/content"
    stranger = desk.token(Role.STAFF)

    assert desk.call("HEAD", path, by=stranger).status_code == desk.get(path, by=stranger).status_code != 200
    assert desk.call("HEAD", path, by=None).status_code == 401


def test_an_upload_keeps_its_own_head(desk: Desk) -> None:
    head = desk.call("HEAD", begun(desk, 5), headers={"Tus-Resumable": "1.0.0"})

    assert (head.status_code, head.headers["upload-offset"]) == (200, "0")
