"""What the shop knows, as extraction asks for it: SKUs, suppliers, purchase orders, its own names; at one moment.

A supplier is known by how its papers' numbers begin: as the register says, and as at least three of its earlier papers had it.
"""

from __future__ import annotations

import re
import threading
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from documents.classes import PURCHASE_ORDER
from documents.extraction.registers import KnownSku, KnownSupplier, MemoryRegisters
from documents.shelves import store as shelves
from documents.store import read_numbers, read_register_marks
from stock.store import PAGE_MAX, read_skus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from documents.extraction.registers import Registers
    from documents.model import Supplier
    from documents.store import Snapshot
    from policies.service import Policies
    from storage import Database

SKUS_MAX: Final = 200_000
SUPPLIERS_MAX: Final = 20_000
NUMBERS_MAX: Final = 20_000
"""Numbers of the newest papers, and of the newest purchase orders."""
ALIKE_MIN: Final = 3
"""Earlier papers of a supplier whose numbers begin alike, before that is taken for its habit."""
_BEGINNING: Final = re.compile(r"[A-Z]{2,6}(?=[-/ ]?[0-9])")


class ShopRegisters:
    """The registers of this shop. SKUs and suppliers are kept until one changes, so that reading many papers costs one look."""

    def __init__(self, database: Database, policies: Policies) -> None:
        self._database: Final = database
        self._policies: Final = policies
        self._lock: Final = threading.Lock()
        self._kept: tuple[tuple[int, int], Sequence[KnownSku], Sequence[Supplier]] | None = None

    def __call__(self) -> Registers:
        """What is known now."""
        directory = self._policies.directory()
        own = [name for store in directory.stores.values() for name in (store.name_zh, store.name_en)]
        with self._database.read() as connection:
            skus, suppliers = self._registered(connection)
            orders = [number for _, number in read_numbers(connection, NUMBERS_MAX, class_code=PURCHASE_ORDER)]
            habits = _habits(read_numbers(connection, NUMBERS_MAX))
        known = [
            KnownSupplier(one.code, (one.name_zh, one.name_en), (*one.prefixes, *habits.get(one.code, ())))
            for one in suppliers
        ]
        return MemoryRegisters(skus=skus, suppliers=known, orders=orders, own_names=dict.fromkeys(own))

    def _registered(self, connection: Snapshot) -> tuple[Sequence[KnownSku], Sequence[Supplier]]:
        marks = read_register_marks(connection)
        with self._lock:
            kept = self._kept
        if kept is None or kept[0] != marks:
            kept = marks, _skus(connection), _suppliers(connection)
            with self._lock:
                self._kept = kept
        return kept[1], kept[2]


def _skus(connection: Snapshot) -> Sequence[KnownSku]:
    found: list[KnownSku] = []
    after: Sequence[str] | None = None
    while len(found) < SKUS_MAX:
        page = read_skus(connection, text=None, after=after, limit=PAGE_MAX)
        found += [
            KnownSku(sku.code, None if sku.gtin is None else sku.gtin.zfill(14), (sku.name_zh, sku.name_en))
            for sku in page.items
        ]
        if page.next is None:
            break
        after = page.next
    return found


def _suppliers(connection: Snapshot) -> Sequence[Supplier]:
    found: list[Supplier] = []
    after: Sequence[str] | None = None
    while len(found) < SUPPLIERS_MAX:
        page = shelves.read_suppliers(connection, text=None, after=after, limit=shelves.PAGE_MAX)
        found += [one for one in page.items if one.active]
        if page.next is None:
            break
        after = page.next
    return found


def _habits(numbers: Sequence[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    """How the numbers of each supplier's earlier papers begin."""
    begun: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for supplier, number in numbers:
        beginning = _BEGINNING.match(number.upper())
        if supplier and beginning is not None:
            begun[supplier][beginning.group()] += 1
    return {
        supplier: tuple(sorted(beginning for beginning, count in counts.items() if count >= ALIKE_MIN))
        for supplier, counts in begun.items()
    }
