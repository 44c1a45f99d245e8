"""What went missing in some months, at the stores in a caller's reach, from the entries themselves.

- A loss is a movement for one of `LOSS_REASONS`, at the value it has after corrections. Months are Hong Kong's, whole ones: a period that could be
  shortened by a day would give away that day.
- Each movement is decided on again before it is counted. Which people are in a figure is never said.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Final, cast

from audit.entry import parse_members
from audit.event import parse_time, time_of, time_us
from policies.model import Action, PrincipalKind, Resource
from policies.quota import HONG_KONG
from stock import store as rows
from stock.adjusting import stock_at
from stock.errors import Code, InvalidRequest
from stock.model import STOCK_ADJUSTED, STOCK_CORRECTED
from stock.reasons import LOSS_REASONS
from stock.shrinkage.model import LOSSES_MAX, MONTHS_MAX, NOBODY, PERSONS_MIN, SCALE, Loss
from stock.shrinkage.rules import tabulate
from stock.writing import Writing
from storage.reading import EntryFilter, indexes_in, read_entries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from audit.canonical import JSON
    from audit.entry import Entry
    from policies.model import Decision, Principal
    from stock.shrinkage.model import Shrinkage, ShrinkageRequest
    from stock.store import Snapshot
    from storage import Change
    from storage.scope import Scope

CHUNK: Final = 1_000


class ShrinkageReading(Writing):
    """Reports of shrinkage."""

    persons_min: int = PERSONS_MIN
    """How many people a figure must be of before it is shown."""

    def shrinkage(self, principal: Principal, connection: Snapshot, asked: ShrinkageRequest) -> Shrinkage:
        """A report; commit `shrinkage_taken` before it leaves.

        Raises:
            Denied.
            InvalidRequest: the months are reversed or too many, or hold more losses than one report counts.
        """
        first, last = asked.first, asked.last
        months = 12 * (last.year - first.year) + last.month - first.month + 1
        if not 1 <= months <= MONTHS_MAX:
            raise InvalidRequest(Code.SHRINKAGE_PERIOD, ("last_month",), {"max": MONTHS_MAX})
        scope = self._policies.scope(self._may_read(principal, asked))
        found = list(self._losses(connection, scope, _begin(first), _begin(_next_month(last))))
        kept = self._policies.leaving(principal, found, lambda loss: ((Action.STOCK_READ, stock_at(loss.store)),))
        return tabulate(kept, asked.by, self.persons_min)

    def shrinkage_taken(
        self, principal: Principal, asked: ShrinkageRequest, found: Shrinkage, form: str, *, event_id: UUID
    ) -> Change[Entry]:
        """A change that says who takes which report out: whoever compares reports leaves a trace of each.

        Raises:
            Denied.
        """
        detail: dict[str, JSON] = {
            "aggregate": "shrinkage",
            "by": asked.by.value,
            "first_month": f"{asked.first:%Y-%m}",
            "last_month": f"{asked.last:%Y-%m}",
            "format": form,
            "persons_min": found.persons_min,
            "suppressed": found.suppressed,
        }
        return self._policies.record_read(self._may_read(principal, asked), event_id=event_id, detail=detail)

    def _may_read(self, principal: Principal, asked: ShrinkageRequest) -> Decision:
        resource = Resource("stock") if asked.store is None else stock_at(asked.store)
        return self._policies.require(principal, Action.STOCK_READ, resource)

    def _losses(self, connection: Snapshot, scope: Scope, begin: datetime, end: datetime) -> Iterator[Loss]:
        counted = 0
        for kind in (STOCK_ADJUSTED, STOCK_CORRECTED):
            for reason in sorted(LOSS_REASONS):
                wanted = EntryFilter(
                    type=kind,
                    text=f'"reason":"{reason}"',
                    recorded_from_us=time_us(begin),
                    recorded_until_us=time_us(end),
                )
                for found in self._pages(connection, scope, wanted):
                    counted += len(found)
                    if counted > LOSSES_MAX:
                        raise InvalidRequest(Code.SHRINKAGE_TOO_MUCH, ("last_month",), {"max": LOSSES_MAX})
                    yield from found

    def _pages(self, connection: Snapshot, scope: Scope, wanted: EntryFilter) -> Iterator[list[Loss]]:
        records = self._policies.directory().records
        cursor: int | None = 0
        while cursor is not None:
            page = read_entries(connection, scope, wanted, cursor=cursor, limit=CHUNK, newest_first=False)
            taken_back = _taken_back(connection, scope, [entry.index for entry in page.entries])
            losses = []
            for entry in page.entries:
                members = parse_members(entry.bytes)
                data, actor = members["data"], members["actor"]
                # The text may stand elsewhere in an entry than where it is looked for.
                if entry.index in taken_back or data["reason"] not in LOSS_REASONS:
                    continue
                change = cast("int", data["replacement" if wanted.type == STOCK_CORRECTED else "change"])
                who = actor.get("for", actor["id"])
                known = records.get(who)
                person = who if known is not None and known.kind is PrincipalKind.PERSON else NOBODY
                at = time_of(parse_time(members["recorded_at"])).astimezone(HONG_KONG)
                quantity = -change * 10 ** (SCALE - cast("int", data["scale"]))
                losses.append(
                    Loss(str(data["store"]), str(data["sku"]), person, f"{at:%Y-%m}", str(data["reason"]), quantity)
                )
            yield losses
            cursor = page.next_cursor


def _taken_back(connection: Snapshot, scope: Scope, indexes: list[int]) -> frozenset[int]:
    """Which of these movements a correction took the place of, as far as the scope's times reach."""
    if not indexes:
        return frozenset()
    within = indexes_in(connection, scope)
    found = rows.CORRECTIONS.fetch(connection, [(index,) for index in indexes])
    return frozenset(key[0] for key, row in found.items() if within is None or row[0] < within[1])


def _begin(day: date) -> datetime:
    return datetime(day.year, day.month, 1, tzinfo=HONG_KONG)


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
