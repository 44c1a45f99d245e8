"""Transfers between stores, for whoever reaches either side.

- A leg at a store in reach is shown whole, with the legs that answer it.
- An area manager sees of an answering leg elsewhere how much moved, which way and when, and nothing else: goods that left their area must
  be seen to arrive. Nobody else sees anything of it.
- Nothing is summed: no figure here holds more than one leg.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.model import Action, Resource, Role
from stock.adjusting import stock_at
from stock.model import Page
from stock.transfers import store as rows
from stock.transfers.model import MaskedLeg, Transfer
from stock.writing import Writing

if TYPE_CHECKING:
    from policies.model import Principal
    from stock.store import Snapshot
    from stock.transfers.model import Leg
    from storage.scope import Scope


class TransferReading(Writing):
    """Transfers."""

    def transfers(
        self,
        principal: Principal,
        connection: Snapshot,
        *,
        store: str | None = None,
        sku: str | None = None,
        after: int | None = None,
        limit: int,
    ) -> Page[Transfer]:
        """Transfers with a leg in reach, one for each such leg, the newest first, behind the entry `after`.

        Raises:
            Denied.
        """
        resource = Resource("stock") if store is None else stock_at(store)
        decision = self._policies.require(principal, Action.STOCK_READ, resource)
        # The answering leg may be at another store than the one that is asked for.
        reach = self._policies.scope(self._policies.require(principal, Action.STOCK_READ, Resource("stock")))
        found = rows.read_legs(connection, self._policies.scope(decision), sku=sku, after=after, limit=limit)
        kept = self._policies.leaving(principal, found.items, lambda leg: ((Action.STOCK_READ, stock_at(leg.store)),))
        every = rows.read_counterparts(connection, kept)
        masks = decision.principal.role is Role.AREA_MANAGER
        return Page(tuple(Transfer(leg, _others(leg, every[leg.key], reach, masks=masks)) for leg in kept), found.next)


def _others(leg: Leg, every: list[Leg], reach: Scope, *, masks: bool) -> tuple[Leg | MaskedLeg, ...]:
    found: list[Leg | MaskedLeg] = []
    for other in every:
        if (other.change > 0) == (leg.change > 0):
            continue
        if reach.stores is None or other.store in reach.stores:
            found.append(other)
        elif masks:
            found.append(MaskedLeg(other.reason, other.change, other.scale, other.recorded_at))
    return tuple(found)
