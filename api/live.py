"""Following the log as it grows: server-sent events (WHATWG HTML §9.2), each a CloudEvent (CloudEvents 1.0, JSON format).

- The id of an event is the entry's index; after a break, `Last-Event-ID` goes on behind it. Nothing is skipped and
  nothing comes twice.
- Entries the caller may not see are passed over; the heartbeat's id moves on all the same.
- Rights are looked at again with every batch: a caller who loses them gets no more. A stream ends after
  `stream_s_max` seconds: the caller signs in again, for a token or key may have expired meanwhile.
- Commits of this process wake the streams; those of other processes are noticed within POLL_S.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

import anyio.to_thread
import orjson

from api.calls import Call
from api.entries import FILTERS, INDEX, Wanted, entry_resources
from api.monitoring import require_case
from api.operations import Documented, Operation, Parameters, Runs, Tag
from api.problem_codes import Code
from api.problems import Fault, Invalid, Problem
from api.replies import Answer
from api.schemas import TEXT, record
from policies.errors import Denied
from policies.model import Action, Resource
from storage.reading import StoredEntry, read_entries, read_head

MEDIA_TYPE: Final = "text/event-stream"
EVENT: Final = record({"id": TEXT, "event": TEXT, "data": TEXT}, description="One event of the stream; `data` is JSON.")
CHUNK: Final = 200
POLL_S: Final = 1.0
GATHER_S: Final = 0.05
RETRY_MS: Final = 2_000


@dataclass(frozen=True, slots=True)
class TailParameters:
    """Which entries, from where; `start` None: from what comes next."""

    wanted: Wanted
    start: int | None


def _parameters(start: int | None = None, **wanted: Any) -> TailParameters:
    return TailParameters(Wanted(**wanted), start)


async def follow(call: Call[TailParameters, None]) -> Answer:
    """Follow the log."""
    # Looks at the database, and a first denial is written: both block.
    start = await anyio.to_thread.run_sync(_start, call)
    services = call.services
    woken = services.tails.follow(services.storage.log, services.settings.streams_max)
    return Answer(media_type=MEDIA_TYPE, headers=(("X-Accel-Buffering", "no"),), stream=_events(call, start, woken))


def _start(call: Call[TailParameters, None]) -> int:
    store = call.parameters.wanted.store
    resource = Resource("log", stores=frozenset(() if store is None else (store,)))
    decision = call.require_reading(Action.LOG_READ, resource)
    call.parameters.wanted.filter()
    require_case(call, call.parameters.wanted, decision)
    size = call.services.storage.log.head().size
    last = call.headers.get(b"last-event-id")
    if last is not None:
        return _after(last, size)
    start = call.parameters.start
    if start is not None and start > size:
        raise Problem.of(Code.SIZE_BEYOND_LOG, size=size)
    return size if start is None else start


def _after(last_event_id: bytes, size: int) -> int:
    text = last_event_id.decode("latin-1").strip()
    if not text.isascii() or not text.isdigit() or len(text) > 16:
        raise Invalid([Fault.of(Code.INTEGER_EXPECTED)]).of_parameter("Last-Event-ID")
    if int(text) >= size:
        raise Problem.of(Code.SIZE_BEYOND_LOG, size=size)
    return int(text) + 1


async def _events(call: Call[TailParameters, None], start: int, woken: asyncio.Event) -> AsyncIterator[bytes]:
    services = call.services
    limiter = services.tails.limiter
    place = start
    beat = asyncio.get_running_loop().time()
    end = beat + services.settings.stream_s_max
    try:
        yield b"retry: %d\n\n" % RETRY_MS
        while not services.tails.closed and asyncio.get_running_loop().time() < end:
            woken.clear()
            try:
                events, place, more = await anyio.to_thread.run_sync(_read, call, place, limiter=limiter)
            except Denied as denied:
                await anyio.to_thread.run_sync(call.record_denial, denied)
                return
            now = asyncio.get_running_loop().time()
            if events:
                yield events
                beat = now
            elif now - beat >= services.settings.heartbeat_s:
                # An id without data moves the place a reconnect starts from, and dispatches nothing.
                yield b": still here\n\n" if place == 0 else b"id: %d\n: still here\n\n" % (place - 1)
                beat = now
            if not more:
                await _wait(woken, min(POLL_S, services.settings.heartbeat_s))
    finally:
        services.tails.leave(woken)


async def _wait(woken: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(woken.wait(), seconds)
    except TimeoutError:
        # Another process may have written, or a heartbeat may be due.
        return
    # What comes in quick succession is read together.
    await asyncio.sleep(GATHER_S)


def _read(call: Call[TailParameters, None], place: int) -> tuple[bytes, int, bool]:
    """Return the events from `place` on, the next place, and whether there is more at once."""
    services = call.services
    with services.storage.database.read() as connection:
        size = read_head(connection).size
        if place >= size:
            return b"", place, False
        # Decided on what holds now, not when the stream began.
        decision = services.policies.require(call.principal, Action.LOG_READ, Resource("log"))
        call.caller = decision.principal
        wanted = call.parameters.wanted.filter()
        found = read_entries(
            connection, services.policies.scope(decision), wanted, cursor=place, limit=CHUNK, newest_first=False
        )
        resource = entry_resources(call, connection, found.entries)
    origin = services.storage.log.origin
    events = b"".join(_event(entry, origin) for entry in call.leaving(found.entries, Action.LOG_READ, resource))
    following = size if found.next_cursor is None else min(size, found.next_cursor)
    return events, following, found.next_cursor is not None


def _event(entry: StoredEntry, origin: str) -> bytes:
    members = orjson.loads(entry.bytes)
    subject = members["subjects"][0]
    head = orjson.dumps(
        {
            "specversion": "1.0",
            "id": str(entry.index),
            "source": origin,
            "type": members["type"],
            "subject": f"{subject['kind']}:{subject['id']}",
            "time": members["recorded_at"],
            "datacontenttype": "application/json",
            "leafhash": entry.leaf_hash.hex(),
        }
    )
    return b'id: %d\nevent: %s\ndata: %s,"data":%s}\n\n' % (
        entry.index,
        members["type"].encode(),
        head[:-1],
        entry.bytes,
    )


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/v1/tail",
        name="follow",
        tag=Tag.LOG,
        summary="Follow the log live",
        description=(
            "Server-sent events; each `data` is a CloudEvent 1.0 in JSON whose `data` is the entry, byte for byte. Send "
            "`Last-Event-ID` to go on after a break."
        ),
        run=follow,
        runs=Runs.ON_LOOP,
        parameters=Parameters(_parameters, {**FILTERS, "start": INDEX}),
        answers=(Documented(200, "A stream of events that does not end by itself.", EVENT, media_type=MEDIA_TYPE),),
        refusals=(404,),
    ),
)
