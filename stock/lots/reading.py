"""What callers may ask about lots: what expires, which to take, where one has been.

Everything needs `stock.read`, and shows the stores in the caller's reach. A recall is read from the log itself, along the lot's own
chain of entries, which can be proved complete; no table is believed but for what lies there now.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from audit.entry import parse_entry
from audit.event import time_of
from policies.model import Action, Resource
from stock import store as stock_rows
from stock.adjusting import stock_at
from stock.errors import Code, InvalidRequest, UnknownThing
from stock.lots import store as rows
from stock.lots.model import HORIZON_DAYS_MAX, Movement, Recall, StoreTouched
from stock.lots.rules import pick
from stock.model import SUBJECT_LOT, Page
from stock.standing import balances_stood, lots_stood, shelf_stood
from stock.writing import Writing
from storage.reading import EntryFilter, read_entries, read_head

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from audit.canonical import JSON
    from policies.model import Principal
    from stock.lots.model import Picking
    from stock.model import Balance, LotBalance
    from stock.store import Snapshot
    from storage.reading import StoredEntry
    from storage.scope import Scope

PAGE_DEFAULT: Final = 100
CHUNK: Final = 1_000
MOVEMENTS_MAX: Final = 1_000_000
QUANTITY_MAX: Final = 10**15


class LotReading(Writing):
    """Lots, as far as a caller may see them."""

    def expiring_lots(
        self,
        principal: Principal,
        connection: Snapshot,
        *,
        by: date,
        store: str | None = None,
        sku: str | None = None,
        with_negative: bool = False,
        after: Sequence[str] | None = None,
        limit: int = PAGE_DEFAULT,
    ) -> Page[LotBalance]:
        """What is on the shelves of lots that expire on a day or before, the earliest first; `with_negative`: as the books have it, below zero too.

        Raises:
            Denied.
        """
        scope = self._scope_read(principal, store)

        def read(behind: Sequence[str] | None, most: int) -> Page[LotBalance]:
            return rows.read_expiring(
                connection, scope, sku=sku, by=by, with_negative=with_negative, after=behind, limit=most
            )

        if not scope.timed:
            return read(after, limit)
        return lots_stood(connection, scope, read, negative=with_negative, after=after, limit=limit)

    def picking(
        self,
        principal: Principal,
        connection: Snapshot,
        *,
        store: str,
        sku: str,
        quantity: int,
        today: date,
        days_left: int = 0,
    ) -> Picking:
        """Which lots to take for a quantity (an integer at the SKU's scale), first expired first out.

        `days_left`: what is taken must last that many days more.

        Raises:
            Denied.
            UnknownThing: there is no such SKU.
            InvalidRequest: the quantity or the days are out of bounds.
        """
        scope = self._scope_read(principal, store)
        found = stock_rows.read_sku(connection, sku)
        if found is None:
            raise UnknownThing(Code.SKU_UNKNOWN, ("sku",), {"sku": sku})
        _require_between(quantity, 1, QUANTITY_MAX, "quantity")
        _require_between(days_left, 0, HORIZON_DAYS_MAX, "days_left")
        shelf = rows.read_shelf(connection, scope, store, sku)
        if scope.timed:
            shelf = shelf_stood(connection, scope, store, sku, shelf)
        return pick(
            shelf,
            store=store,
            sku=sku,
            scale=found.scale,
            wanted=quantity,
            last_to=today + timedelta(days=days_left),
        )

    def recall(self, principal: Principal, connection: Snapshot, sku: str, batch: str) -> Recall:
        """Every store, balance and document a lot touched.

        Raises:
            Denied.
            UnknownThing: there is no such SKU or lot.
        """
        scope = self._scope_read(principal, None)
        found = stock_rows.read_sku(connection, sku)
        if found is None:
            raise UnknownThing(Code.SKU_UNKNOWN, ("sku",), {"sku": sku})
        lot = stock_rows.read_lot(connection, sku, batch)
        if lot is None:
            raise UnknownThing(Code.LOT_NOT_RECORDED, ("batch",), {"sku": sku, "batch": batch})
        sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        documents: set[str] = set()
        references: set[str] = set()
        indexes: list[int] = []
        for movement in self._movements(principal, connection, scope, sku, batch):
            indexes.append(movement.index)
            documents |= {movement.document} - {None}  # type: ignore[arg-type]
            references |= {movement.reference} - {None}  # type: ignore[arg-type]
            if movement.store is not None and movement.change is not None:
                sums[movement.store][0 if movement.change > 0 else 1] += abs(movement.change)
                sums[movement.store][2] += 1
        held = self._held(principal, connection, scope, sku, batch)
        touched = (StoreTouched(store, held.get(store, 0), *sums[store]) for store in sorted({*sums, *held}))
        size = read_head(connection).size
        return Recall(
            lot,
            found.scale,
            tuple(touched),
            tuple(sorted(documents)),
            tuple(sorted(references)),
            tuple(indexes),
            scope.whole,
            size,
        )

    def lot_movements(
        self,
        principal: Principal,
        connection: Snapshot,
        sku: str,
        batch: str,
        *,
        after: int | None = None,
        limit: int = PAGE_DEFAULT,
    ) -> Page[Movement]:
        """Every entry about a lot, in the order of the log, behind the entry `after`.

        Raises:
            Denied.
        """
        scope = self._scope_read(principal, None)
        limit = max(1, min(limit, CHUNK))
        wanted = EntryFilter(subject=_subject(sku, batch))
        start = 0 if after is None else after + 1
        found = read_entries(connection, scope, wanted, cursor=start, limit=limit, newest_first=False)
        items = tuple(movement_of(entry) for entry in found.entries)
        following = (str(items[-1].index),) if found.next_cursor is not None and items else None
        return Page(items, following)

    def _movements(
        self, principal: Principal, connection: Snapshot, scope: Scope, sku: str, batch: str
    ) -> Iterator[Movement]:
        wanted = EntryFilter(subject=_subject(sku, batch))
        cursor: int | None = 0
        while cursor is not None:
            found = read_entries(connection, scope, wanted, cursor=cursor, limit=CHUNK, newest_first=False)
            movements = map(movement_of, found.entries)
            yield from self._policies.leaving(
                principal, movements, lambda movement: ((Action.STOCK_READ, movement_at(movement)),)
            )
            cursor = found.next_cursor

    def _held(self, principal: Principal, connection: Snapshot, scope: Scope, sku: str, batch: str) -> dict[str, int]:
        def read(behind: Sequence[str] | None, most: int) -> Page[Balance]:
            return stock_rows.read_balances(
                connection, scope, sku=sku, batch=batch, with_zero=True, after=behind, limit=most
            )

        found: dict[str, int] = {}
        after: Sequence[str] | None = None
        while True:
            if scope.timed:
                page = balances_stood(connection, scope, read, with_zero=True, after=after, limit=CHUNK)
            else:
                page = read(after, CHUNK)
            kept = self._policies.leaving(
                principal, page.items, lambda held: ((Action.STOCK_READ, stock_at(held.store)),)
            )
            found |= {balance.store: balance.quantity for balance in kept}
            if page.next is None:
                return found
            after = page.next

    def _scope_read(self, principal: Principal, store: str | None) -> Scope:
        resource = Resource("stock") if store is None else stock_at(store)
        return self._policies.scope(self._policies.require(principal, Action.STOCK_READ, resource))


def movement_at(movement: Movement) -> Resource:
    """An entry about a lot as policies see it: of its store, or of the whole log if it names none."""
    return Resource("lot", whole_log=True) if movement.store is None else stock_at(movement.store)


def movement_of(entry: StoredEntry) -> Movement:
    """An entry about a lot, as far as it says something about stock."""
    parsed = parse_entry(entry.bytes)
    data = parsed.event.data
    return Movement(
        index=entry.index,
        leaf_hash=entry.leaf_hash,
        recorded_at=time_of(parsed.recorded_at),
        type=parsed.event.type,
        store=_text(data.get("store")),
        change=_whole(data.get("change")),
        before=_whole(data.get("before")),
        after=_whole(data.get("after")),
        scale=_whole(data.get("scale")),
        reason=_text(data.get("reason")),
        reference=_text(data.get("reference")),
        document=_text(data.get("document")),
        stocktake=_text(data.get("stocktake")),
    )


def _subject(sku: str, batch: str) -> str:
    return f"{SUBJECT_LOT}:{sku}/{batch}"


def _require_between(value: int, least: int, most: int, member: str) -> None:
    if not least <= value <= most:
        raise InvalidRequest(Code.INTEGER_OUT_OF_RANGE, (member,), {"min": least, "max": most, "got": value})


def _text(value: JSON) -> str | None:
    return value if isinstance(value, str) else None


def _whole(value: JSON) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
