"""Holds of what other rooms do, and how every hold is written.

- An access request and a cessation notice hold what they found (`keep_in`) and let it go (`end_in`) inside their own changes; what they
  decided is decided, and nothing is asked here.
- Placing, widening and releasing ask, in the same change, for the job that tells the object store.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from audit.event import Subject
from retention import store as rows
from retention.errors import Code, RetentionConflict
from retention.judging import Judging
from retention.locks.model import HOLD_KIND
from retention.records import HOLD_PLACED, HOLD_RELEASED, HOLD_WIDENED, REVIEW_KIND, SUBJECT_HOLD, Matter, RecordState
from retention.rules import hong_kong_day

if TYPE_CHECKING:
    from collections.abc import Sequence

    from audit.canonical import JSON
    from audit.entry import Entry
    from retention.model import HoldKind
    from retention.records import Record
    from retention.writing import Cause
    from storage.transaction import Transaction

NAMED_MAX = 1_000
"""Records that one entry names."""
HOLD_PRIORITY = 8
"""Of the job that tells the object store: ahead of readings and pictures."""


class Keeping(Judging):
    """Holds of other rooms, and the steps of all."""

    def keep_in(self, tx: Transaction, cause: Cause, matter: str, kind: HoldKind, records: Sequence[Record]) -> None:
        """Holds records for what another room does, inside its change and before its own entry; asked again, it adds what is new.

        What that room decided is decided: nothing is asked here. A record whose disposal has begun is passed over: it would have gone
        whatever came (PDPO s.19(3)(a)). The matter ends with `end_in` alone.

        Raises:
            RetentionConflict: a person placed a matter of that number.
        """
        found = rows.read_matter(tx, matter)
        if found is not None and found.owner != cause.owner.key:
            raise RetentionConflict(Code.HOLD_EXISTS, ("matter",), {"matter": matter})
        described = self._describe(tx, records)
        new = [
            record
            for record in records
            if record in described
            and described[record].state is RecordState.KEPT
            and tx.get(rows.HOLD_ITEMS, (matter, record.kind.value, record.id)) is None
        ]
        for number, start in enumerate(range(0, len(new), NAMED_MAX)):
            chunk = new[start : start + NAMED_MAX]
            data: dict[str, JSON] = {"matter": matter, "records": [record.key for record in chunk]}
            if found is None:
                data |= {"kind": kind.value, "owner": cause.owner.key}
            entry = tx.append(
                cause.event(HOLD_PLACED if found is None else HOLD_WIDENED, about_matter(matter), data, number)
            )
            found = found or Matter(
                number=matter,
                kind=kind,
                placed_on=hong_kong_day(tx.now),
                placed_by=cause.actor.id,
                placed_index=entry.index,
                contemplated_on=None,
                review_on=None,
                query=None,
                released_on=None,
                released_by=None,
                owner=cause.owner.key,
                entry_index=entry.index,
            )
            put_matter(tx, entry, found)
            self._name(tx, entry, found, chunk)

    def end_in(self, tx: Transaction, cause: Cause, matter: str) -> None:
        """Ends what `keep_in` placed, inside the change that ends the cause and before its entry; what is not there is passed over."""
        found = rows.read_matter(tx, matter)
        if found is None or found.released_on is not None or found.owner != cause.owner.key:
            return
        data: dict[str, JSON] = {"matter": matter, "owner": cause.owner.key}
        entry = tx.append(cause.event(HOLD_RELEASED, about_matter(matter), data, 0))
        by = cause.actor.acting_for or cause.actor.id
        released = replace(found, released_on=hong_kong_day(tx.now), released_by=by, entry_index=entry.index)
        put_matter(tx, entry, released)
        self._carry_out(tx, entry, released)

    def _name(self, tx: Transaction, entry: Entry, matter: Matter, records: Sequence[Record]) -> None:
        for record in records:
            tx.put(entry, rows.HOLD_ITEMS, (matter.number, record.kind.value, record.id), ())
        self._carry_out(tx, entry, matter)

    def _carry_out(self, tx: Transaction, entry: Entry, matter: Matter) -> None:
        """What a hold touches is flagged in the object store, and judged anew, at once and not only in the night."""
        self._means.queue.enqueue(tx, entry, HOLD_KIND, {"matter": matter.number}, priority=HOLD_PRIORITY)
        self._means.queue.enqueue(tx, entry, REVIEW_KIND, {})


def put_matter(tx: Transaction, entry: Entry, matter: Matter) -> None:
    """Writes a matter under the entry that changes it."""
    tx.put(entry, rows.HOLDS, (matter.number,), rows.matter_row(matter))


def about_matter(matter: str) -> Subject:
    """A matter as the subject of an entry."""
    return Subject(SUBJECT_HOLD, matter)
