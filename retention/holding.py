"""Legal holds: placed by one, widened, released by a second person.

- A matter holds the records it names and those its live query fits, whenever they come; a record can be held by many matters.
- Whether something is held is asked under the log's lock. A record whose disposal has begun cannot be named any more: the refusal
  says so, instead of a hold that holds nothing. A live query does not bring it back.
- Releasing is proposed with a reason and approved by another person; the hold stands until then.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from audit.entry import derived_event_id, parse_members
from policies.model import Action, Resource
from policies.pending.acting import pending_id_of
from policies.pending.model import PendingKind
from retention import store as rows
from retention.errors import Code, RetentionConflict, UnknownRetention
from retention.keeping import Keeping, about_matter, put_matter
from retention.records import (
    HOLD_PLACED,
    HOLD_RELEASED,
    HOLD_WIDENED,
    Matter,
    RecordState,
)
from retention.row_values import query_json
from retention.rules import hong_kong_day
from retention.writing import event_ids_of
from storage.personal import Erased, reveal_personal
from storage.reading import read_entry
from storage.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from audit.canonical import JSON
    from policies.model import Principal
    from policies.pending.model import PendingAction
    from retention.records import Record
    from retention.requests import HoldRequest, ReasonRequest, WidenRequest
    from retention.writing import Asked
    from storage.either import Reader
    from storage.transaction import Transaction

PAGE_MAX = 500


@dataclass(frozen=True, slots=True)
class Prose:
    """What was written about a matter; None: nothing was, or it is erased."""

    reason: str | None
    counsel: str | None


class Holding(Keeping):
    """Matters."""

    def place_hold(self, principal: Principal, request: HoldRequest) -> Change[Matter]:
        """Places a hold.

        Raises:
            Denied.
            The change: RetentionConflict if there is such a matter, or the disposal of a named record has begun;
                UnknownRetention if a named record is not there; Denied.
        """
        asked = self._ask(principal, Action.HOLD_PLACE, request.event_id, _content(request), resource=Resource("hold"))

        def run(tx: Transaction) -> Matter:
            self._begin(tx, asked)
            return self.place_in(tx, asked, request)

        return Change(run, reads=((rows.HOLDS, (request.matter,)),), event_ids=event_ids_of(asked))

    def place_in(self, tx: Transaction, asked: Asked, request: HoldRequest) -> Matter:
        """As `place_hold`, inside a change that also does something else (a case that opens with its hold)."""
        if tx.get(rows.HOLDS, (request.matter,)) is not None:
            raise RetentionConflict(Code.HOLD_EXISTS, ("matter",), {"matter": request.matter})
        self._require_in_time(tx, request.named)
        personal = self._sealed(_owner(request.matter), {"reason": request.reason, "counsel": request.counsel})
        data: dict[str, JSON] = {
            "kind": request.kind.value,
            "matter": request.matter,
            "records": [record.key for record in request.named],
        }
        data |= {
            name: day.isoformat()
            for name, day in (("contemplated_on", request.contemplated_on), ("review_on", request.review_on))
            if day is not None
        }
        if request.live is not None:
            data["query"] = query_json(request.live)
        entry = self._append(tx, asked, HOLD_PLACED, (about_matter(request.matter),), data, personal=personal)
        matter = Matter(
            number=request.matter,
            kind=request.kind,
            placed_on=hong_kong_day(tx.now),
            placed_by=asked.principal.id,
            placed_index=entry.index,
            contemplated_on=request.contemplated_on,
            review_on=request.review_on,
            query=request.live,
            released_on=None,
            released_by=None,
            owner=None,
            entry_index=entry.index,
        )
        put_matter(tx, entry, matter)
        self._name(tx, entry, matter, request.named)
        return matter

    def widen_hold(self, principal: Principal, matter: str, request: WidenRequest) -> Change[Matter]:
        """Names more records for a matter.

        Raises:
            Denied.
            The change: UnknownRetention; RetentionConflict if the matter is released, all are named already, or the disposal of
                one has begun; Denied.
        """
        content: dict[str, JSON] = {"matter": matter, "records": [record.key for record in request.named]}
        asked = self._ask(principal, Action.HOLD_PLACE, request.event_id, content, resource=Resource("hold", matter))

        def run(tx: Transaction) -> Matter:
            self._begin(tx, asked)
            found = require_standing(tx, matter)
            new = [one for one in request.named if tx.get(rows.HOLD_ITEMS, (matter, one.kind.value, one.id)) is None]
            if not new:
                raise RetentionConflict(Code.RETENTION_UNCHANGED)
            self._require_in_time(tx, new)
            data: dict[str, JSON] = {"matter": matter, "records": [record.key for record in new]}
            entry = self._append(tx, asked, HOLD_WIDENED, (about_matter(matter),), data)
            put_matter(tx, entry, found)
            self._name(tx, entry, found, new)
            return found

        return Change(run, event_ids=event_ids_of(asked))

    def propose_release(self, principal: Principal, matter: str, request: ReasonRequest) -> Change[PendingAction]:
        """Proposes that a matter holds nothing any more; it goes on holding until another person approves.

        Raises:
            Denied.
            The change: UnknownRetention; RetentionConflict if it is released, a release waits already, or it ends
                with what placed it; Denied.
        """
        decision = self._means.policies.require(principal, Action.HOLD_RELEASE, Resource("hold", matter))
        (reason,) = self._sealed(_owner(matter), {"reason": request.reason})

        def run(tx: Transaction) -> PendingAction:
            found = require_standing(tx, matter)
            require_no_owner(found)
            waiting = self._means.policies.waiting_for(tx, PendingKind.HOLD_RELEASE, about_matter(matter), now=tx.now)
            # The same request again is a replay, which the log recognises.
            if waiting is not None and waiting.id != pending_id_of(decision.principal.id, request.event_id):
                raise RetentionConflict(Code.HOLD_RELEASE_WAITS, ("matter",), {"matter": matter, "pending": waiting.id})
            return self._means.policies.propose(
                tx,
                decision,
                PendingKind.HOLD_RELEASE,
                subject=about_matter(matter),
                content=_release(matter),
                event_id=request.event_id,
                reason=reason,
            )

        return Change(run, event_ids=((decision.principal.id, request.event_id),))

    def approve_release(self, principal: Principal, matter: str, pending_id: str, *, event_id: UUID) -> Change[Matter]:
        """Approves what another person proposed; with the last approval the matter is released.

        Raises:
            Denied.
            The change: UnknownThing, PolicyConflict of what waits; UnknownRetention; RetentionConflict; Denied, also for whoever
                proposed it.
        """
        content: dict[str, JSON] = {"matter": matter, "pending": pending_id}
        asked = self._ask(principal, Action.HOLD_RELEASE, event_id, content, resource=Resource("hold", matter))

        def run(tx: Transaction) -> Matter:
            self._begin(tx, asked)
            found = require_standing(tx, matter)
            pending = self._means.policies.approve(
                tx,
                asked.decision,
                pending_id,
                PendingKind.HOLD_RELEASE,
                event_id=derived_event_id(event_id, 1),
                content=_release(matter),
            )
            if pending.next_step is not None:
                return found
            entry = self._append(tx, asked, HOLD_RELEASED, (about_matter(matter),), content)
            released = replace(
                found,
                released_on=hong_kong_day(tx.now),
                released_by=asked.principal.person,
                entry_index=entry.index,
            )
            put_matter(tx, entry, released)
            self._carry_out(tx, entry, released)
            return released

        return Change(run, event_ids=event_ids_of(asked))

    # ------------------------------------------------------------------------------------------- reading

    def prose(self, principal: Principal, connection: rows.Snapshot, number: str) -> Prose:
        """What was written about a matter; the caller records the reading before it shows it.

        Raises:
            Denied. UnknownRetention.
        """
        self._means.policies.require(principal, Action.PERSONAL_READ, Resource("hold", number))
        matter = require_matter(connection, number)
        digests = parse_members(read_entry(connection, matter.placed_index).bytes).get("personal", {})
        values = reveal_personal(connection, self._means.keys, matter.placed_index, digests)
        shown = {name: None if isinstance(value, Erased) else value for name, value in values.items()}
        return Prose(shown.get("reason"), shown.get("counsel"))

    def matters(
        self, principal: Principal, connection: rows.Snapshot, *, standing: bool | None, after: str = "", limit: int
    ) -> list[Matter]:
        """A page of matters by number; `standing` None: released ones too.

        Raises:
            Denied.
        """
        self._require_reading(principal)
        return rows.read_matters(connection, standing=standing, after=after, limit=_bounded(limit))

    def matter(self, principal: Principal, connection: rows.Snapshot, number: str) -> Matter:
        """One matter.

        Raises:
            Denied. UnknownRetention.
        """
        self._require_reading(principal)
        return require_matter(connection, number)

    def matter_records(
        self, principal: Principal, connection: rows.Snapshot, number: str, *, after: Record | None = None, limit: int
    ) -> list[Record]:
        """A page of the records a matter names.

        Raises:
            Denied. UnknownRetention.
        """
        self._require_reading(principal)
        require_matter(connection, number)
        return rows.read_hold_items(connection, number, after=after, limit=_bounded(limit))

    def _require_reading(self, principal: Principal) -> None:
        self._means.policies.require(principal, Action.RETENTION_READ, Resource("retention"))

    # ------------------------------------------------------------------------------------------- steps

    def _require_in_time(self, tx: Transaction, records: Sequence[Record]) -> None:
        described = self._describe(tx, records)
        for place, record in enumerate(records):
            found = described.get(record)
            if found is None:
                raise UnknownRetention(Code.RECORD_UNKNOWN, ("records", place), {"record": record.key})
            if found.state is not RecordState.KEPT:
                raise RetentionConflict(Code.HOLD_TOO_LATE, ("records", place), {"record": record.key})


def require_matter(reader: Reader, number: str) -> Matter:
    """A matter.

    Raises:
        UnknownRetention: there is none of that number.
    """
    found = rows.read_matter(reader, number)
    if found is None:
        raise UnknownRetention(Code.HOLD_UNKNOWN, ("matter",), {"matter": number})
    return found


def require_standing(reader: Reader, number: str) -> Matter:
    """A matter that was not released.

    Raises:
        UnknownRetention. RetentionConflict: it was.
    """
    found = require_matter(reader, number)
    if found.released_on is not None:
        raise RetentionConflict(Code.HOLD_ENDED, ("matter",), {"matter": number})
    return found


def require_no_owner(found: Matter) -> None:
    """Check that people release a matter, not a case that placed it and ends it.

    Raises:
        RetentionConflict: a case does.
    """
    if found.owner is not None:
        raise RetentionConflict(Code.HOLD_OF_CASE, ("matter",), {"matter": found.number, "owner": found.owner})


def _owner(matter: str) -> str:
    """Under whose key what was written about a matter is kept."""
    return f"hold/{matter}"


def _release(matter: str) -> dict[str, JSON]:
    """What is approved."""
    return {"matter": matter, "release": True}


def _content(request: HoldRequest) -> dict[str, JSON]:
    return {
        "kind": request.kind.value,
        "matter": request.matter,
        "query": None if request.live is None else query_json(request.live),
        "records": [record.key for record in request.named],
    }


def _bounded(limit: int) -> int:
    return max(1, min(limit, PAGE_MAX))
