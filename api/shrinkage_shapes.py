"""A report of shrinkage as it leaves: JSON, CSV and lines of a table. What is suppressed says so."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from api.lot_shapes import csv_line
from api.shapes import Json
from stock.shrinkage.model import SCALE, Figure, Shrinkage

COLUMNS: Final = ("store", "key", "movements", "quantity", "suppressed")
ALL_STORES: Final = "*"


def shrinkage_json(found: Shrinkage) -> Json:
    """Return a report; what is suppressed is null."""
    return {
        "by": found.by.value,
        "persons_min": found.persons_min,
        "suppressed": found.suppressed,
        "total": _figure(found.total),
        "stores": [
            {
                "store": one.store,
                "total": _figure(one.total),
                "rows": [{"key": row.key, "figure": _figure(row.figure)} for row in one.rows],
            }
            for one in found.stores
        ],
    }


def shrinkage_csv(found: Shrinkage) -> bytes:
    """Return a report as lines: a store's total has no key, that of all stores no store either."""
    lines = [csv_line(COLUMNS)]
    lines += [csv_line([*place, *_cells(figure)]) for place, figure in shrinkage_lines(found)]
    return b"".join(lines)


def shrinkage_lines(found: Shrinkage) -> Iterator[tuple[tuple[str, str], Figure | None]]:
    """Return the figures of a report with store and key, a total behind its parts."""
    for one in found.stores:
        yield from (((one.store, row.key), row.figure) for row in one.rows)
        yield (one.store, ""), one.total
    yield (ALL_STORES, ""), found.total


def _cells(figure: Figure | None) -> list[object]:
    return ["", "", "true"] if figure is None else [figure.movements, quantity_text(figure.quantity), "false"]


def _figure(figure: Figure | None) -> Json | None:
    return None if figure is None else {"movements": figure.movements, "quantity": quantity_text(figure.quantity)}


def quantity_text(quantity: int) -> str:
    """Return a quantity in units, without needless digits."""
    return f"{(Decimal(quantity) / 10**SCALE).normalize():f}"
