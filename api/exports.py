"""Taking the log out: the exact bytes of entries, one a line, streamed.

- Somebody who reaches every store gets every entry of the range, and can check the file offline against the checkpoint
  that comes in the header. Others get the entries of their stores.
- An export is a sensitive read: the log says who took what, and for what, before the first byte leaves. Who did what is personal data of
  staff, so a purpose is named.
- Memory is bounded whatever the range. Rights are looked at again with every chunk; whoever loses them gets a broken
  connection, never a file that only looks whole.
"""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import anyio.to_thread

from api.calls import Call
from api.entries import FILTERS, INDEX, Wanted, entry_resources
from api.members import Uuid
from api.ndjson import MEDIA_TYPE
from api.operations import Documented, Operation, Parameters, Runs, Stated, Tag
from api.problem_codes import Code
from api.problems import Fault, Invalid, Problem
from api.replies import Answer
from api.schemas import TEXT
from api.using import require_stated
from policies.errors import Denied
from policies.model import Action, Decision, Resource
from policies.using.purposes import OF_ACTIVITY
from storage.reading import read_entries

CHUNK: Final = 1_000


@dataclass(frozen=True, slots=True)
class ExportParameters:
    """Which entries; the range is of indexes, `stop` exclusive."""

    wanted: Wanted
    start: int
    stop: int | None
    event_id: UUID | None


def _parameters(
    start: int = 0, stop: int | None = None, event_id: UUID | None = None, **wanted: Any
) -> ExportParameters:
    return ExportParameters(Wanted(**wanted), start, stop, event_id)


async def export(call: Call[ExportParameters, None]) -> Answer:
    """Stream entries as NDJSON."""
    stop, headers = await anyio.to_thread.run_sync(_prepare, call)
    return Answer(media_type=MEDIA_TYPE, headers=headers, stream=_lines(call, call.parameters.start, stop))


def _prepare(call: Call[ExportParameters, None]) -> tuple[int, tuple[tuple[str, str], ...]]:
    services, asked = call.services, call.parameters
    decision = _decide(call)
    use = require_stated(call, decision, OF_ACTIVITY)
    asked.wanted.filter()
    head = services.storage.log.head()
    stop = head.size if asked.stop is None else asked.stop
    if stop > head.size:
        raise Problem.of(Code.SIZE_BEYOND_LOG, size=head.size)
    if stop < asked.start:
        raise Invalid([Fault.of(Code.RANGE_REVERSED)]).of_parameter("stop")
    event_id = asked.event_id or call.new_event_id()
    detail = {"start": asked.start, "stop": stop}
    read = services.policies.record_read(decision, event_id=event_id, detail=detail, use=use)
    services.storage.log.commit(read)
    name = f'attachment; filename="entries-{asked.start}-{stop}.ndjson"'
    headers = (
        ("Content-Disposition", name),
        ("Chopbook-Tree-Size", str(head.size)),
        ("Chopbook-Checkpoint", base64.b64encode(head.note.encode()).decode()),
    )
    return stop, headers


def _decide(call: Call[ExportParameters, None]) -> Decision:
    store = call.parameters.wanted.store
    resource = Resource("log", stores=frozenset(() if store is None else (store,)))
    return call.require(Action.LOG_EXPORT, resource)


async def _lines(call: Call[ExportParameters, None], start: int, stop: int) -> AsyncIterator[bytes]:
    place = start
    while place < stop:
        try:
            lines, place = await anyio.to_thread.run_sync(_chunk, call, place, stop)
        except Denied as denied:
            await anyio.to_thread.run_sync(call.record_denial, denied)
            raise
        if lines:
            yield lines


def _chunk(call: Call[ExportParameters, None], place: int, stop: int) -> tuple[bytes, int]:
    decision = _decide(call)
    scope, wanted = call.services.policies.scope(decision), call.parameters.wanted.filter()
    with call.services.storage.database.read() as connection:
        found = read_entries(connection, scope, wanted, cursor=place, limit=CHUNK, newest_first=False)
        resource = entry_resources(call, connection, found.entries)
    mine = [entry for entry in found.entries if entry.index < stop]
    lines = [entry.bytes for entry in call.leaving(mine, Action.LOG_EXPORT, resource)]
    following = stop if found.next_cursor is None else found.next_cursor
    return b"".join(line + b"\n" for line in lines), following


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/v1/export",
        name="export",
        tag=Tag.LOG,
        summary="Export entries",
        description=(
            "The canonical bytes of every entry you may see, one a line. `Chopbook-Checkpoint` is the signed checkpoint, in "
            "base64, of a tree that holds them all."
        ),
        run=export,
        runs=Runs.ON_LOOP,
        uses=Stated.ALWAYS,
        parameters=Parameters(
            _parameters, {**FILTERS, "start": INDEX, "stop": INDEX, "event_id": Uuid("Names this export for ever.")}
        ),
        answers=(
            Documented(
                200,
                "The entries.",
                TEXT,
                media_type=MEDIA_TYPE,
                headers={
                    "Content-Disposition": "A name to keep it under.",
                    "Chopbook-Tree-Size": "Size of the tree.",
                    "Chopbook-Checkpoint": "The signed checkpoint, in base64.",
                },
            ),
        ),
        refusals=(404, 409),
    ),
)
