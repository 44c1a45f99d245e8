"""Following the log as it grows."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Thread
from typing import Any

import httpx
import pytest
import uvicorn

from api.application import create_api
from api.tails import LiveTail
from policies.model import Role, ScopeKind
from tests.api.desk import Desk

PATH = "/api/v1/tail"


@dataclass(frozen=True)
class Event:
    """One event of a stream."""

    id: str
    name: str
    data: dict[str, Any]


def events_of(text: str) -> list[Event]:
    """The events a browser would dispatch: blocks with data."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line and not line.startswith(":"))
        if "data" in fields:
            found.append(Event(fields["id"], fields["event"], json.loads(fields["data"])))
    return found


@contextmanager
def following(desk: Desk, **options: Any) -> Iterator[Callable[[], str]]:
    """A stream that is open for the block; calling the value ends it and gives what came."""
    # The test client collects an answer to its end, so the server is told to stop.
    with ThreadPoolExecutor(1) as pool:
        answer: Future[httpx.Response] = pool.submit(desk.get, PATH, **options)
        wait_for(lambda: desk.services.tails.followers == 1 or answer.done())

        def end() -> str:
            time.sleep(0.4)
            desk.services.tails.close()
            return answer.result(10).text

        yield end
        desk.services.tails.close()


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        time.sleep(0.01)
    pytest.fail("waited five seconds in vain")


def test_entries_arrive_as_cloudevents_as_they_are_recorded(desk: Desk) -> None:
    with following(desk) as end:
        first = desk.adjust(5)
        second = desk.adjust(-1)
        events = events_of(end())

    assert [event.id for event in events] == [str(first.index), str(second.index)]
    assert {event.name for event in events} == {"stock.adjusted"}
    data = events[0].data
    assert data["specversion"] == "1.0"
    assert (data["id"], data["source"], data["type"]) == (str(first.index), "log.chopbook.test/1", "stock.adjusted")
    assert data["subject"] == "stock:MK01/A1"
    assert data["time"] == data["data"]["recorded_at"]
    assert data["datacontenttype"] == "application/json"
    assert data["leafhash"] == first.leaf_hash.hex()
    assert data["data"] == desk.entry(first.index)


def test_a_broken_stream_goes_on_behind_the_last_event(desk: Desk) -> None:
    entries = [desk.adjust(n + 1).index for n in range(4)]

    with following(desk, headers={"Last-Event-ID": str(entries[1])}) as end:
        entries.append(desk.adjust(9).index)
        events = events_of(end())

    assert [int(event.id) for event in events] == entries[2:]


def test_a_stream_starts_where_it_is_told_to(desk: Desk) -> None:
    index = desk.adjust(1).index

    with following(desk, params={"start": 0, "type": "stock.adjusted"}) as end:
        events = events_of(end())

    assert [int(event.id) for event in events] == [index]


def test_a_reader_of_some_stores_gets_the_entries_of_those(desk: Desk) -> None:
    manager = desk.token(Role.STORE_MANAGER, (ScopeKind.STORE, "MK01"))

    with following(desk, by=manager) as end:
        desk.adjust(1, store="TST1")
        mine = desk.adjust(2, store="MK01").index
        desk.adjust(3, store="TST1")
        events = events_of(end())

    assert [int(event.id) for event in events] == [mine]


def test_a_reader_who_loses_the_right_is_let_go_and_the_log_says_so(desk: Desk) -> None:
    person = desk.person(Role.STORE_MANAGER, (ScopeKind.STORE, "MK01"))

    with following(desk, by=desk.token_of(person)) as end:
        desk.committed(desk.policies.close_principal(desk.admin, person.id, event_id=desk.id()))
        wait_for(lambda: desk.services.tails.followers == 0)
        desk.adjust(1)
        assert events_of(end()) == []

    types = [desk.entry(-n)["type"] for n in (1, 2)]
    assert "access.denied" in types


def test_a_quiet_stream_beats_and_its_beat_carries_the_place(sqlite_desk: Desk) -> None:
    with sqlite_desk.serving(heartbeat_s=0.1) as desk:
        desk.adjust(1)
        with following(desk) as end:
            text = end()

    assert text.startswith("retry: 2000\n\n")
    assert f"id: {desk.size() - 1}\n: still here\n\n" in text
    assert events_of(text) == []


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        ({"headers": {"Last-Event-ID": "x"}}, 400, "integer_expected"),
        ({"headers": {"Last-Event-ID": "9" * 20}}, 400, "integer_expected"),
        ({"headers": {"Last-Event-ID": "99999"}}, 404, "size_beyond_log"),
        ({"params": {"start": 99_999}}, 404, "size_beyond_log"),
        ({"params": {"subject": "x"}}, 400, "code_form"),
    ],
)
def test_a_stream_from_nowhere_is_refused(desk: Desk, options: dict[str, Any], status: int, code: str) -> None:
    answer = desk.get(PATH, **options)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_streams_are_bounded(sqlite_desk: Desk) -> None:
    with sqlite_desk.serving(streams_max=0) as desk:
        answer = desk.get(PATH)

    assert (answer.status_code, answer.json()["code"]) == (503, "too_many_streams")
    assert answer.headers["retry-after"] == "10"


@contextmanager
def served(desk: Desk) -> Iterator[tuple[str, LiveTail]]:
    """The API behind a real server on this machine."""
    services = replace(desk.services, tails=LiveTail())
    config = uvicorn.Config(create_api(services), port=0, log_level="error", lifespan="on", timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    thread = Thread(target=server.run)
    thread.start()
    try:
        wait_for(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}", services.tails
    finally:
        services.tails.close()
        server.should_exit = True
        thread.join()


def test_over_a_real_socket_events_arrive_at_once_and_a_caller_who_leaves_is_forgotten(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    headers = {"Authorization": f"Bearer {desk.whole_key}"}

    with served(desk) as (url, tails):
        with httpx.stream("GET", url + PATH, headers=headers, timeout=10) as answer:
            assert answer.headers["content-type"] == "text/event-stream"
            chunks = answer.iter_text()
            assert next(chunks) == "retry: 2000\n\n"
            index = desk.adjust(1).index
            event = events_of(next(chunk for chunk in chunks if "data:" in chunk))[0]
        assert int(event.id) == index
        wait_for(lambda: tails.followers == 0)
        assert httpx.get(url + "/api/v1/me", headers=headers).status_code == 200
