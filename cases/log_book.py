"""The log book of refusals (PDPO s.27) as a view on the chain: no table of its own could be altered behind it.

A line is the entry in which a second person approved a refusal; its notices are the later entries of the same case that name it.
Reasons, and particulars of prejudice that were not told (s.21(2)), lie sealed beside the entry that proposed it. Nothing deletes a
line.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from audit.entry import parse_entry
from audit.event import time_of
from cases.errors import Code, UnknownCase
from cases.grounds import CorrectionGround, Ground
from cases.handling import HandlingItems
from cases.model import NOTICE_GIVEN, REFUSED, CaseKind, Refusal
from cases.rules import refuse_deletion
from policies.scope import scope_of
from policies.using.exemptions import ExemptionId
from stock.model import Page
from storage.errors import NotFound
from storage.reading import EntryFilter, read_entries, read_entry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from audit.canonical import JSON
    from cases.errors import CaseConflict
    from documents.store import Snapshot
    from policies.model import Decision, Principal
    from storage.reading import StoredEntry

CHUNK: Final = 1_000


class LogBook(HandlingItems):
    """Reading the log book."""

    def log_book(
        self,
        principal: Principal,
        connection: Snapshot,
        *,
        after: int | None = None,
        limit: int = CHUNK,
        case: str | None = None,
    ) -> Page[Refusal]:
        """Lines of the log book, the newest first, behind the entry `after`; of one case, or all.

        Raises:
            Denied.
        """
        decision = self._require_reading(principal)
        wanted = EntryFilter(type=REFUSED, subject=None if case is None else f"case:{case}")
        if after == 0:
            return Page((), None)
        cursor = None if after is None else after - 1
        found = read_entries(connection, scope_of(decision), wanted, cursor=cursor, limit=limit)
        lines = tuple(_with_notices(connection, decision, _line(entry)) for entry in found.entries)
        return Page(lines, (str(lines[-1].index),) if found.next_cursor is not None and lines else None)

    def reasons(self, principal: Principal, connection: Snapshot, line: Refusal) -> dict[str, str | None]:
        """The reasons, other data user and particulars of prejudice of a line, as they were proposed.

        Raises:
            Denied.
        """
        self._require_reading(principal, case=line.case)
        data = parse_entry(read_entry(connection, line.index).bytes).event.data
        return self._clear(connection, _whole(data, "proposed_index"))

    def refusal_to_delete(self, principal: Principal, index: int, now: datetime) -> CaseConflict:
        """Why a line of the log book is not deleted.

        Raises:
            UnknownCase: there is no such line. Denied.
        """
        self._require_reading(principal)
        with self._database.read() as connection:
            try:
                stored = read_entry(connection, index)
            except NotFound as error:
                raise UnknownCase(Code.LOG_BOOK_UNKNOWN, ("index",)) from error
        entry = parse_entry(stored.bytes)
        if entry.event.type != REFUSED:
            raise UnknownCase(Code.LOG_BOOK_UNKNOWN, ("index",))
        return refuse_deletion(time_of(entry.recorded_at), now)


def _line(stored: StoredEntry) -> Refusal:
    entry = parse_entry(stored.bytes)
    data = entry.event.data
    kind = CaseKind(_text(data, "kind"))
    ground = Ground(_text(data, "ground")) if kind is CaseKind.ACCESS else CorrectionGround(_text(data, "ground"))
    exemption = data.get("exemption")
    items = data.get("items")
    return Refusal(
        index=stored.index,
        leaf_hash=stored.leaf_hash,
        entered_at=time_of(entry.recorded_at),
        case=_text(data, "case"),
        kind=kind,
        ground=ground,
        exemption=ExemptionId(exemption) if isinstance(exemption, str) else None,
        items=tuple(one for one in items if isinstance(one, int)) if isinstance(items, list) else (),
        prejudice=data.get("prejudice") is True,
        approved_by=entry.event.actor.acting_for or entry.event.actor.id,
    )


def _with_notices(connection: Snapshot, decision: Decision, line: Refusal) -> Refusal:
    wanted = EntryFilter(type=NOTICE_GIVEN, subject=f"case:{line.case}")
    page = read_entries(connection, scope_of(decision), wanted, cursor=line.index, limit=CHUNK, newest_first=False)
    told: list[tuple[int, datetime]] = []
    for stored in page.entries:
        entry = parse_entry(stored.bytes)
        refusals = entry.event.data.get("refusals")
        if isinstance(refusals, list) and line.index in refusals:
            told.append((stored.index, entry.event.occurred_at or time_of(entry.recorded_at)))
    return replace(line, notices=tuple(told))


def _text(data: Mapping[str, JSON], name: str) -> str:
    value = data[name]
    return value if isinstance(value, str) else ""


def _whole(data: Mapping[str, JSON], name: str) -> int:
    value = data[name]
    return value if isinstance(value, int) else -1
