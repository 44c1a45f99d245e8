"""From what a decision lets somebody see to what the index may find for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from documents.search.model import Scope
from storage.reading import indexes_in

if TYPE_CHECKING:
    from documents.store import Snapshot
    from storage.scope import Scope as RowScope


def reach(connection: Snapshot, scope: RowScope) -> Scope:
    """The part of the index that is within a scope: stores, classes, and times by the entries of these times."""
    added_from, added_until = indexes_in(connection, scope) or (None, None)
    return Scope(
        scope.stores,
        organisation=scope.stores is None,
        hidden_classes=scope.hidden_classes,
        classes=scope.classes,
        added_from=added_from,
        added_until=added_until,
    )
