"""From what a decision lets somebody see to what the index may find for them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from documents.search.model import Scope
from storage.reading import indexes_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from documents.search.model import SearchQuery
    from documents.store import Snapshot
    from storage.scope import Scope as RowScope

SUPERSEDED: Final = "superseded"
"""The state of documents that another took the place of. It depends on who asks, so that the index cannot know it."""


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


def among(query: SearchQuery, superseded: Callable[[], frozenset[int]]) -> SearchQuery:
    """The query as the index can answer it; `superseded` are the documents that another took the place of, for whoever asks."""
    return replace(query, state=None, among=superseded()) if query.state == SUPERSEDED else query
