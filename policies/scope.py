"""From a decision to what rows may be shown: the one place where a `Scope` is made for somebody.

    decision = policies.require(principal, Action.STOCK_READ, Resource.at("stock", stores))
    page = read_balances(connection, scope_of(decision), ...)

- A decision that names stores is a decision about those alone; one that names none is a list, limited to the caller's reach.
- What leaves is decided again, row by row, by `Leaving.leaving`: from what the row itself says, not from the scope.
- Rooms narrow a scope further by `dataclasses.replace` (classes that are hidden from the caller, say); nothing widens one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.errors import Denied
from storage.scope import EVERYTHING, Scope

if TYPE_CHECKING:
    from policies.model import Decision

__all__ = ["EVERYTHING", "Scope", "scope_of"]


def scope_of(decision: Decision) -> Scope:
    """What rows a decision lets its principal see.

    Raises:
        Denied: it lets them see none.
    """
    if not decision.allowed:
        raise Denied(decision)
    principal = decision.principal
    return Scope(
        decision.resource.stores or principal.stores,
        classes=principal.classes,
        from_us=principal.from_us,
        until_us=principal.until_us,
    )
