"""What callers may look up.

- Every method decides first: the catalogue needs `catalog.read`, stock and stocktakes `stock.read`.
- Lists about stores show the stores in the caller's reach, as of the decision; naming one store outside is a denial.
- A list comes in pages of at most 1,000, behind the key that `Page.next` of the page before gave.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, cast

from audit.entry import parse_members
from audit.event import time_us
from policies.model import Action, Resource
from stock import store as rows
from stock.adjusting import stock_at, stocktake_at
from stock.errors import Code, InvalidRequest, UnknownThing
from stock.model import STOCK_ADJUSTED, STOCK_CORRECTED, Adjusted
from stock.reconcile import reconcile
from stock.scan import Scan, parse_scan
from stock.standing import balances_stood
from stock.writing import Writing
from storage.reading import EntryFilter, read_entries

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from policies.model import Principal
    from stock.model import (
        Balance,
        CountedLine,
        Disagreement,
        Lot,
        Page,
        Reason,
        Sku,
        Stocktake,
        StocktakeState,
    )
    from stock.reconcile import Progress
    from stock.store import Snapshot
    from storage.reading import StoredEntry
    from storage.scope import Scope

PAGE_DEFAULT: Final = 100
SEARCH_CHARS_MAX: Final = 120
INDEXES: Final = 500
"""Entries that are looked for in one statement."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a label stands for: a SKU, the lot it names, and that lot if we know it."""

    sku: Sku
    scan: Scan
    lot: Lot | None


class Reading(Writing):
    """Catalogue, balances and stocktakes, as far as a caller may see them."""

    # --- the catalogue ---------------------------------------------------------------------------------------------

    def skus(
        self,
        principal: Principal,
        connection: Snapshot,
        *,
        text: str | None = None,
        after: Sequence[str] | None = None,
        limit: int = PAGE_DEFAULT,
    ) -> Page[Sku]:
        """SKUs by code; with `text`, those that have it in code, name or GTIN, in any case.

        Raises:
            Denied.
            InvalidRequest: the text is too long.
        """
        self._require_catalog(principal)
        if text is not None and len(text) > SEARCH_CHARS_MAX:
            values = {"max": SEARCH_CHARS_MAX, "got": len(text)}
            raise InvalidRequest(Code.TEXT_TOO_LONG, ("text",), values)
        return rows.read_skus(connection, text=text, after=after, limit=limit)

    def sku(self, principal: Principal, connection: Snapshot, code: str) -> Sku:
        """One SKU.

        Raises:
            Denied.
            UnknownThing: there is none of that code.
        """
        self._require_catalog(principal)
        return _sku(connection, code)

    def skus_named(self, principal: Principal, connection: Snapshot, codes: Collection[str]) -> dict[str, Sku]:
        """The SKUs of these codes, to call them by name; none to who may not read the catalogue."""
        if not self._policies.decide(principal, Action.CATALOG_READ, Resource("catalog")).allowed:
            return {}
        return rows.read_named_skus(connection, sorted(set(codes)))

    def scanned(self, principal: Principal, connection: Snapshot, text: str, *, today: date) -> Scanned:
        """What a scanned label stands for.

        Raises:
            Denied.
            InvalidRequest: the scan cannot be believed.
            UnknownThing: no SKU has that GTIN or code.
        """
        self._require_catalog(principal)
        scan = parse_scan(text, ("scan",), today=today)
        code = scan.sku if scan.gtin is None else rows.read_owners(connection, [scan.gtin]).get(scan.gtin)
        if code is None:
            raise UnknownThing(Code.GTIN_UNKNOWN, ("scan",), {"gtin": str(scan.gtin)})
        lot = None if scan.batch is None else rows.read_lot(connection, code, scan.batch)
        return Scanned(_sku(connection, code), scan, lot)

    def lots(
        self,
        principal: Principal,
        connection: Snapshot,
        *,
        sku: str | None = None,
        expiring_by: date | None = None,
        after: Sequence[str] | None = None,
        limit: int = PAGE_DEFAULT,
    ) -> Page[Lot]:
        """Lots by SKU and batch; with `expiring_by`, those that expire on that day or before.

        Raises:
            Denied.
        """
        self._require_catalog(principal)
        return rows.read_lots(connection, sku=sku, expiring_by=expiring_by, after=after, limit=limit)

    def reasons(self, principal: Principal, connection: Snapshot) -> tuple[Reason, ...]:
        """Every reason, retired ones too, by code.

        Raises:
            Denied.
        """
        self._require_catalog(principal)
        return rows.read_reasons(connection)

    # --- stock -----------------------------------------------------------------------------------------------------

    def balances(
        self,
        principal: Principal,
        connection: Snapshot,
        *,
        store: str | None = None,
        sku: str | None = None,
        batch: str | None = None,
        with_zero: bool = False,
        after: Sequence[str] | None = None,
        limit: int = PAGE_DEFAULT,
    ) -> Page[Balance]:
        """Balances by store, SKU and batch; an empty `batch` is stock not divided by lot.

        Raises:
            Denied.
        """
        scope = self._scope(principal, store)

        def read(behind: Sequence[str] | None, most: int) -> Page[Balance]:
            every = with_zero or scope.timed
            return rows.read_balances(
                connection, scope, sku=sku, batch=batch, with_zero=every, after=behind, limit=most
            )

        if not scope.timed:
            return read(after, limit)
        return balances_stood(connection, scope, read, with_zero=with_zero, after=after, limit=limit)

    def stocktakes(
        self,
        principal: Principal,
        connection: Snapshot,
        *,
        store: str | None = None,
        state: StocktakeState | None = None,
        after: Sequence[str] | None = None,
        limit: int = PAGE_DEFAULT,
    ) -> Page[Stocktake]:
        """Stocktakes, the newest first.

        Raises:
            Denied.
        """
        scope = self._scope(principal, store)
        return rows.read_stocktakes(connection, scope, state=state, after=after, limit=limit)

    def stocktake(self, principal: Principal, connection: Snapshot, stocktake: str) -> Stocktake:
        """One stocktake.

        Raises:
            UnknownThing: there is none of that id.
            Denied.
        """
        found = rows.read_stocktake(connection, stocktake)
        if found is None:
            self._scope(principal, None)
            raise UnknownThing(Code.STOCKTAKE_UNKNOWN, ("stocktake",), {"stocktake": stocktake})
        at = replace(stocktake_at(found.store, stocktake), at_us=time_us(found.opened_at))
        self._policies.require(principal, Action.STOCK_READ, at)
        return found

    def counted_lines(
        self,
        principal: Principal,
        connection: Snapshot,
        stocktake: str,
        *,
        after: Sequence[str] | None = None,
        limit: int = PAGE_DEFAULT,
    ) -> Page[CountedLine]:
        """What was counted in a stocktake, by SKU and batch.

        Raises:
            UnknownThing: there is no such stocktake.
            Denied.
        """
        self.stocktake(principal, connection, stocktake)
        return rows.read_lines(connection, stocktake, after=after, limit=limit)

    def adjustments_at(self, principal: Principal, connection: Snapshot, indexes: Sequence[int]) -> dict[int, Adjusted]:
        """Which of these entries moved stock, and how, as far as the caller may see it; none to who may see none."""
        decision = self._policies.decide(principal, Action.STOCK_READ, Resource("stock"))
        if not decision.allowed:
            return {}
        scope = self._policies.scope(decision)
        found: list[Adjusted] = []
        for start in range(0, len(indexes), INDEXES):
            wanted = EntryFilter(indexes=tuple(indexes[start : start + INDEXES]))
            entries = read_entries(connection, scope, wanted, cursor=None, limit=INDEXES).entries
            found += [one for one in map(_adjusted_of, entries) if one is not None]
        kept = self._policies.leaving(principal, found, lambda one: ((Action.STOCK_READ, stock_at(one.store)),))
        return {one.index: one for one in kept}

    def reconcile(self, connection: Snapshot, progress: Progress | None = None) -> list[Disagreement]:
        """Every disagreement between balances and entries; runs above row scope, the caller redacts.

        See `stock.reconcile`.
        """
        return reconcile(connection, progress)

    def _require_catalog(self, principal: Principal) -> None:
        self._policies.require(principal, Action.CATALOG_READ, Resource("catalog"))

    def _scope(self, principal: Principal, store: str | None) -> Scope:
        """What to show: the store named, or all in reach.

        Raises:
            Denied.
        """
        resource = Resource("stock") if store is None else stock_at(store)
        return self._policies.scope(self._policies.require(principal, Action.STOCK_READ, resource))


def _adjusted_of(stored: StoredEntry) -> Adjusted | None:
    """What an entry moved; None: it is about something else."""
    entry = parse_members(stored.bytes)
    if entry["type"] not in {STOCK_ADJUSTED, STOCK_CORRECTED}:
        return None
    data = cast("dict[str, Any]", entry["data"])
    return Adjusted(
        stored.index,
        stored.leaf_hash,
        data["store"],
        data["sku"],
        data.get("batch"),
        data["reason"],
        data["before"],
        data["change"],
        data["after"],
        data["scale"],
    )


def _sku(connection: Snapshot, code: str) -> Sku:
    sku = rows.read_sku(connection, code)
    if sku is None:
        raise UnknownThing(Code.SKU_UNKNOWN, (), {"sku": code})
    return sku
