"""The values of transfers between stores.

A transfer is what moved out of one store and into another for that reason, of one SKU (and lot), under the number of one paper. It has
no entry of its own: either leg may come first, alone, or in parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Leg:
    """One movement of a transfer. `change` is at the SKU's scale, below zero where goods went out."""

    index: int
    reference: str
    store: str
    sku: str
    batch: str | None
    reason: str
    change: int
    scale: int
    recorded_at: datetime

    @property
    def key(self) -> tuple[str, str, str | None]:
        """What the legs of one transfer have in common."""
        return self.reference, self.sku, self.batch


@dataclass(frozen=True, slots=True)
class MaskedLeg:
    """What may be told of a leg at a store out of reach: how much, which way, and when; neither where, nor by whom."""

    reason: str
    change: int
    scale: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Transfer:
    """A leg in reach, with the legs that answer it: goods in for goods out, and the other way round."""

    leg: Leg
    others: tuple[Leg | MaskedLeg, ...]
