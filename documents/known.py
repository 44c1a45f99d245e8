"""What the shop knows, as extraction asks for it: SKUs, suppliers, purchase orders, its own names; at one moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from documents.classes import PURCHASE_ORDER
from documents.extraction.registers import (
    KnownOrder,
    KnownOrderRow,
    KnownSku,
    KnownSupplier,
    MemoryRegisters,
    folded_code,
)
from documents.shelves import store as shelves
from documents.shelves.store import Wanted
from documents.store import read_fields
from stock.store import PAGE_MAX, read_skus
from storage.scope import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from documents.extraction.model import Extraction
    from documents.extraction.registers import Registers
    from documents.model import FieldsRow
    from policies.service import Policies
    from storage import Database

SKUS_MAX: Final = 200_000
SUPPLIERS_MAX: Final = 20_000
ORDERS_MAX: Final = 2_000


class ShopRegisters:
    """The registers of this shop; kept until SKUs or suppliers change, so that reading many papers costs one look."""

    def __init__(self, database: Database, policies: Policies, open_fields: Callable[[FieldsRow], Extraction]) -> None:
        self._database: Final = database
        self._policies: Final = policies
        self._open_fields: Final = open_fields

    def __call__(self) -> Registers:
        """What is known now."""
        directory = self._policies.directory()
        own = [name for store in directory.stores.values() for name in (store.name_zh, store.name_en)]
        return MemoryRegisters(
            skus=self._skus(), suppliers=self._suppliers(), orders=self._orders(), own_names=dict.fromkeys(own)
        )

    def _skus(self) -> Sequence[KnownSku]:
        found: list[KnownSku] = []
        after: Sequence[str] | None = None
        with self._database.read() as connection:
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

    def _suppliers(self) -> Sequence[KnownSupplier]:
        found: list[KnownSupplier] = []
        after: Sequence[str] | None = None
        with self._database.read() as connection:
            while len(found) < SUPPLIERS_MAX:
                page = shelves.read_suppliers(connection, text=None, after=after, limit=shelves.PAGE_MAX)
                found += [
                    KnownSupplier(one.code, (one.name_zh, one.name_en), one.prefixes)
                    for one in page.items
                    if one.active
                ]
                if page.next is None:
                    break
                after = page.next
        return found

    def _orders(self) -> Sequence[KnownOrder]:
        """The newest purchase orders that were read, each number once."""
        orders: dict[str, KnownOrder] = {}
        wanted = Wanted(class_code=PURCHASE_ORDER)
        after: Sequence[str] | None = None
        with self._database.read() as connection:
            while len(orders) < ORDERS_MAX:
                page = shelves.read_documents(connection, EVERYTHING, wanted, after=after, limit=200)
                for found in page.items:
                    if found.number is None or folded_code(found.number) in orders:
                        continue
                    row = read_fields(connection, found.id, found.version)
                    lines = () if row is None else _lines(self._open_fields(row))
                    orders[folded_code(found.number)] = KnownOrder(found.number, found.supplier, lines)
                if page.next is None:
                    break
                after = page.next
        return list(orders.values())


def _lines(extraction: Extraction) -> tuple[KnownOrderRow, ...]:
    found: list[KnownOrderRow] = []
    for row in extraction.rows:
        sku = row.fields.get("sku")
        if sku is not None:
            found.append(KnownOrderRow(sku.code or str(sku.value), row.text("quantity")))
    return tuple(found)
