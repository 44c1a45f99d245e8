"""Rows of the stock tables as values, and values as rows.

The columns and their order are those of the keyed rows of `stock.store`, key columns first as arguments of their own.
Dates are ISO 8601 text, times microseconds since 1970.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any, Final

from audit.event import time_of, time_us
from stock.model import (
    Direction,
    Lot,
    LotTracking,
    Reason,
    Sku,
    Stocktake,
    StocktakeScope,
    StocktakeState,
)
from stock.units import Unit

VALUES_KEPT: Final = 8192
"""How many values of hot rows are kept ready."""

Row = tuple[Any, ...]


# The same few rows are asked for again and again on the hot path, and what they make is immutable.
@lru_cache(maxsize=VALUES_KEPT)
def sku_of(code: str, row: Row) -> Sku:
    """A SKU from its row in `SKUS`."""
    gtin, name_zh, name_en, unit, scale, lot_tracking = row
    return Sku(code, name_zh, name_en, Unit(unit), scale, LotTracking(lot_tracking), gtin)


def sku_row(sku: Sku) -> Row:
    """The row in `SKUS` of a SKU."""
    return (sku.gtin, sku.name_zh, sku.name_en, sku.unit.value, sku.scale, sku.lot_tracking.value)


def lot_of(sku: str, batch: str, row: Row) -> Lot:
    """A lot from its row in `LOTS`."""
    return Lot(sku, batch, None if row[0] is None else date.fromisoformat(row[0]))


def lot_row(expiry: date | None) -> Row:
    """The row in `LOTS` of a lot."""
    return (None if expiry is None else expiry.isoformat(),)


@lru_cache(maxsize=VALUES_KEPT)
def reason_of(code: str, row: Row) -> Reason:
    """A reason from its row in `REASONS`."""
    name_zh, name_en, direction, active = row
    return Reason(code, name_zh, name_en, Direction(direction), bool(active))


def reason_row(reason: Reason) -> Row:
    """The row in `REASONS` of a reason."""
    return (reason.name_zh, reason.name_en, reason.direction.value, reason.active)


def stocktake_of(stocktake: str, row: Row) -> Stocktake:
    """A stocktake from its row in `STOCKTAKES`."""
    store, scope, state, opened_at, opened_by, ended_at, ended_by, duration_s, lines, differences = row
    return Stocktake(
        id=stocktake,
        store=store,
        scope=StocktakeScope(scope),
        state=StocktakeState(state),
        opened_at=time_of(opened_at),
        opened_by=opened_by,
        ended_at=None if ended_at is None else time_of(ended_at),
        ended_by=ended_by,
        duration_s=duration_s,
        lines=lines,
        differences=differences,
    )


def stocktake_row(stocktake: Stocktake) -> Row:
    """The row in `STOCKTAKES` of a stocktake."""
    return (
        stocktake.store,
        stocktake.scope.value,
        stocktake.state.value,
        time_us(stocktake.opened_at),
        stocktake.opened_by,
        None if stocktake.ended_at is None else time_us(stocktake.ended_at),
        stocktake.ended_by,
        stocktake.duration_s,
        stocktake.lines,
        stocktake.differences,
    )
