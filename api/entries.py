"""Looking the log up: entries by filter, one entry, and the personal values beside it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import orjson

from api.calls import Call
from api.cursors import read_index, write_cursor
from api.members import Choice, Flag, Instant, Text, Uuid, Whole
from api.monitoring import require_case
from api.operations import Documented, Operation, Parameters, Runs, Stated, Tag
from api.problem_codes import Code
from api.problems import Fault, Invalid, Problem
from api.replies import JSON_TYPE, Answer, json_answer
from api.schemas import COUNT, nullable, page, ref
from api.shapes import entry_bytes
from api.using import require_stated
from audit.canonical import INTEGER_MAX
from audit.entry import parse_entry
from audit.event import parse_time, time_us
from cases.model import ItemKind
from documents.store import Snapshot
from policies.basis import UNKNOWN
from policies.model import Action, Resource
from policies.step_up import CONFIDENTIAL
from policies.using.purposes import OF_VALUES
from stock.model import SUBJECT_DOCUMENT
from storage.errors import NotFound
from storage.personal import Erased, reveal_personal
from storage.reading import (
    TEXT_SCAN_MAX,
    EntryFilter,
    StoredEntry,
    count_entries,
    read_entries,
    read_entry,
    read_head,
)

LIMIT_DEFAULT: Final = 50
LIMIT_MAX: Final = 1000

INDEX: Final = Whole(0, INTEGER_MAX, "Position in the log, from 0.")


class Order(StrEnum):
    """Which end of the log comes first."""

    NEWEST_FIRST = "newest_first"
    OLDEST_FIRST = "oldest_first"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries; conditions that are given must all hold."""

    subject: str | None = None
    type: str | None = None
    actor: str | None = None
    store: str | None = None
    sku: str | None = None
    recorded_from: datetime | None = None
    recorded_until: datetime | None = None
    occurred_from: datetime | None = None
    occurred_until: datetime | None = None
    text: str | None = None
    case: str | None = None

    def filter(self) -> EntryFilter:
        """Return the conditions in SQL.

        Raises:
            Invalid: conditions exclude each other, or a range is reversed.
        """
        if self.subject is not None and self.sku is not None:
            raise Invalid.at(Code.PARAMETERS_EXCLUDE, names="subject, sku").of_parameter("sku")
        for name, start, stop in (
            ("recorded_until", self.recorded_from, self.recorded_until),
            ("occurred_until", self.occurred_from, self.occurred_until),
        ):
            if start is not None and stop is not None and stop < start:
                raise Invalid([Fault.of(Code.RANGE_REVERSED)]).of_parameter(name)
        return EntryFilter(
            subject=self.subject if self.sku is None else f"sku:{self.sku}",
            type=self.type,
            actor=self.actor,
            store=self.store,
            recorded_from_us=_us(self.recorded_from),
            recorded_until_us=_us(self.recorded_until),
            occurred_from_us=_us(self.occurred_from),
            occurred_until_us=_us(self.occurred_until),
            text=self.text,
        )


def _us(moment: datetime | None) -> int | None:
    return None if moment is None else time_us(moment)


FILTERS: Final[dict[str, Any]] = {
    "subject": Text(161, form="[a-z_]{1,32}:.{1,128}", description="`kind:id`.", example="stock:MK01/TEA-001"),
    "type": Text(64, form=r"[a-z_]+(?:\.[a-z_]+)+", description="Event type.", example="stock.adjusted"),
    "actor": Text(128, description="Pseudonymous id of who did it."),
    "store": Text(64, description="Code of the store it is about.", example="MK01"),
    "sku": Text(64, description="Code of the SKU it is about.", example="TEA-001"),
    "recorded_from": Instant("Recorded at or after."),
    "recorded_until": Instant("Recorded before."),
    "occurred_from": Instant("Occurred, as claimed, at or after."),
    "occurred_until": Instant("Occurred, as claimed, before."),
    "text": Text(128, description="Anywhere in the entry's canonical JSON, case and all."),
    "case": Text(
        36, form="[0-9a-f-]{36}", description="An open case: managers name it to look for what another person did."
    ),
}


@dataclass(frozen=True, slots=True)
class ListParameters:
    """A page of entries."""

    wanted: Wanted
    order: Order
    cursor: str | None
    limit: int
    total: bool


def _list_parameters(
    order: Order = Order.NEWEST_FIRST,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
    total: bool = True,
    **wanted: Any,
) -> ListParameters:
    return ListParameters(Wanted(**wanted), order, cursor, limit, total)


def list_entries(call: Call[ListParameters, None]) -> Answer:
    """Return a page of entries."""
    asked = call.parameters
    stores = {asked.wanted.store} if asked.wanted.store is not None else set()
    decision = call.require_reading(Action.LOG_READ, Resource("log", stores=frozenset(stores)))
    scope, wanted = call.services.policies.scope(decision), asked.wanted.filter()
    require_case(call, asked.wanted, decision)
    listed = ("entries", asked.order.value, repr(asked.wanted))
    cursor = read_index(listed, asked.cursor)
    limit = min(asked.limit, call.services.settings.page_size_max)
    with call.services.storage.database.read() as connection:
        head = read_head(connection)
        found = read_entries(
            connection, scope, wanted, cursor=cursor, limit=limit, newest_first=asked.order is Order.NEWEST_FIRST
        )
        # Counting a text looks at every entry: only where that is bounded.
        countable = asked.total and (wanted.text is None or head.size <= TEXT_SCAN_MAX)
        total = count_entries(connection, scope, wanted) if countable else None
        resource = entry_resources(call, connection, found.entries)
    shown = [entry_bytes(entry) for entry in call.leaving(found.entries, Action.LOG_READ, resource)]
    following = None if found.next_cursor is None else write_cursor(listed, [found.next_cursor])
    tail = orjson.dumps({"next_cursor": following, "total": total, "tree_size": head.size})
    return Answer(b'{"items":[' + b",".join(shown) + b"]," + tail[1:], media_type=JSON_TYPE)


def entry_resource(entry: StoredEntry) -> Resource:
    """Return an entry as the policies see it: of its store, or of the whole log if it names none."""
    members = orjson.loads(entry.bytes)
    store, at_us = members["data"].get("store"), parse_time(members["recorded_at"])
    if isinstance(store, str):
        return Resource("entry", str(entry.index), frozenset((store,)), at_us=at_us)
    return Resource("entry", str(entry.index), whole_log=True, at_us=at_us)


def entry_resources(
    call: Call[Any, Any], connection: Snapshot, entries: Iterable[StoredEntry]
) -> Callable[[StoredEntry], Resource]:
    """Return how entries are seen by the policies: for who reaches some classes, with the classes of the documents they are about."""
    if call.principal.classes is None:
        return entry_resource
    about = {entry.index: _documents_of(entry) for entry in entries}
    ids = {one for found, _ in about.values() for one in found}
    classes = call.services.documents.classes_of(connection, ids)

    def resource(entry: StoredEntry) -> Resource:
        found, of_room = about[entry.index]
        named = frozenset(classes.get(one, UNKNOWN) for one in found)
        # What the document room says of no document (a file that was refused) is of no class that could be reached.
        return replace(entry_resource(entry), classes=named or frozenset((UNKNOWN,) if of_room else ()))

    return resource


def _documents_of(entry: StoredEntry) -> tuple[tuple[str, ...], bool]:
    """The documents an entry is about, and whether it is the document room's."""
    members = orjson.loads(entry.bytes)
    about = tuple(one["id"] for one in members["subjects"] if one["kind"] == SUBJECT_DOCUMENT)
    return about, members["type"].startswith("document.")


@dataclass(frozen=True, slots=True)
class EntryParameters:
    """Which entry."""

    index: int


def load_entry(call: Call[Any, Any], index: int) -> StoredEntry:
    """Return an entry that the caller may read.

    Raises:
        Problem: INDEX_BEYOND_LOG.
        Denied: it is of another store.
    """
    # Who may read nothing at all is refused before anything is looked up.
    call.require(Action.LOG_READ, Resource("log"))
    with call.services.storage.database.read() as connection:
        try:
            entry = read_entry(connection, index)
        except NotFound:
            raise Problem.of(Code.INDEX_BEYOND_LOG, size=read_head(connection).size) from None
        resource = entry_resources(call, connection, (entry,))(entry)
    call.require_reading(Action.LOG_READ, resource)
    return entry


def get_entry(call: Call[EntryParameters, None]) -> Answer:
    """Return one entry with its leaf hash."""
    return Answer(entry_bytes(load_entry(call, call.parameters.index)), media_type=JSON_TYPE)


def get_entry_bytes(call: Call[EntryParameters, None]) -> Answer:
    """Return one entry's canonical bytes."""
    entry = load_entry(call, call.parameters.index)
    return Answer(entry.bytes, media_type=JSON_TYPE, headers=(("Chopbook-Leaf-Hash", entry.leaf_hash.hex()),))


@dataclass(frozen=True, slots=True)
class PersonalParameters:
    """The personal values of one entry; the reading is an event of its own."""

    index: int
    event_id: UUID | None = None
    superseded: bool = False


def get_personal(call: Call[PersonalParameters, None]) -> Answer:
    """Return the clear values behind an entry's digests, once the log says who reads them."""
    index = call.parameters.index
    entry = load_entry(call, index)
    resource = entry_resource(entry)
    decision = call.require(Action.PERSONAL_READ, replace(resource, kind="personal"))
    services = call.services
    services.policies.require_recent(decision, CONFIDENTIAL)
    use = require_stated(call, decision, OF_VALUES)
    event_id = call.parameters.event_id or call.new_event_id()
    read = services.policies.record_read(decision, event_id=event_id, detail={"entry": index}, use=use)
    services.storage.log.commit(read)
    digests = dict(parse_entry(entry.bytes).event.personal)
    with services.storage.database.read() as connection:
        values = reveal_personal(connection, services.storage.keys, index, digests)
        notes = services.cases.dispute_notes(connection, ItemKind.PERSONAL, str(index))
        refs = {f"{index}/{name}": name for name in digests}
        superseded = {
            refs[ref]: by for ref, by in services.cases.superseded(connection, ItemKind.PERSONAL, refs).items()
        }
    hidden = superseded.keys() if not call.parameters.superseded else ()
    shown = {name: None if isinstance(value, Erased) or name in hidden else value for name, value in values.items()}
    # What supersedes a value, and what is disputed of it, never stays behind (PDPO s.23(1), s.25(2)).
    beside = {
        "superseded": superseded,
        "dispute_notes": {refs[ref]: note for ref, note in notes.items() if ref in refs},
    }
    return json_answer({"index": index, "values": {**dict.fromkeys(digests), **shown}, **beside})


_PAGE_EXAMPLE: Final[dict[str, object]] = {"items": [], "next_cursor": None, "total": 0, "tree_size": 1}
_ONE: Final = Parameters(EntryParameters, {"index": INDEX}, ("index",))

OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/v1/entries",
        name="list_entries",
        tag=Tag.LOG,
        summary="List entries",
        description=(
            "A page of the entries you may see, newest first. The cursor is a place in the log: pages stay the same while "
            "the log grows. `total` counts every match; it is null for a text filter on a long log."
        ),
        run=list_entries,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            _list_parameters,
            {
                **FILTERS,
                "order": Choice(Order, "Which end comes first."),
                "cursor": Text(1024, description="`next_cursor` of the page before."),
                "limit": Whole(1, LIMIT_MAX, "Most entries on the page."),
                "total": Flag("Whether to count all matches."),
            },
        ),
        answers=(
            Documented(
                200, "A page of entries.", page(ref("Entry"), total=nullable(COUNT), tree_size=COUNT), _PAGE_EXAMPLE
            ),
        ),
    ),
    Operation(
        method="GET",
        path="/api/v1/entries/{index}",
        name="get_entry",
        tag=Tag.LOG,
        summary="One entry",
        run=get_entry,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        answers=(Documented(200, "The entry.", ref("Entry")),),
        refusals=(404,),
    ),
    Operation(
        method="GET",
        path="/api/v1/entries/{index}/bytes",
        name="get_entry_bytes",
        tag=Tag.LOG,
        summary="One entry's canonical bytes",
        description="Exactly the bytes that were hashed: SHA-256(0x00 ‖ bytes) is the leaf hash.",
        run=get_entry_bytes,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        answers=(
            Documented(
                200,
                "The bytes.",
                {"type": "object"},
                headers={"Chopbook-Leaf-Hash": "The leaf hash, in hex."},
            ),
        ),
        refusals=(404,),
    ),
    Operation(
        method="GET",
        path="/api/v1/entries/{index}/personal",
        name="get_personal",
        uses=Stated.ALWAYS,
        tag=Tag.LOG,
        summary="The personal values beside an entry",
        description="A sensitive read: the log says who read them, and for what, before they are handed out. Erased values are null; so are those that were corrected, unless asked for. A disputed value comes with its note.",
        run=get_personal,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            PersonalParameters,
            {
                "index": INDEX,
                "event_id": Uuid("Names this reading for ever."),
                "superseded": Flag("Whether to show values that were corrected since; ordinary use does not."),
            },
            ("index",),
        ),
        answers=(Documented(200, "The values, by field.", ref("Personal")),),
        refusals=(404, 409),
    ),
)
