"""The cases room as the process has it: with the search index to find documents that name somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cases.service import Cases
from documents.search.errors import IndexUnavailable
from documents.search.model import EVERYTHING, LIMIT_MAX, SearchQuery

if TYPE_CHECKING:
    from collections.abc import Sequence

    from documents.search.index import SearchIndex
    from documents.service import Documents, Means
    from retention.service import Retention
    from storage.keystore import KeyStore


class IndexFinder:
    """Finds documents in the search index, whoever may see them."""

    def __init__(self, index: SearchIndex) -> None:
        self._index: Final = index

    def naming(self, terms: Sequence[str]) -> Sequence[str]:
        """Ids of all indexed documents that hold one of the terms.

        Raises:
            IndexUnavailable: the index is away or not whole.
            InvalidQuery: a term holds nothing that could be looked for.
        """
        if self._index.state().needs_rebuild:
            raise IndexUnavailable("the index is not whole", rebuild=True)
        found: dict[str, None] = {}
        for term in terms:
            cursor: tuple[str, ...] | None = None
            text = '"' + term.replace('"', " ") + '"'
            while True:
                page = self._index.query(SearchQuery(text, cursor=cursor, limit=LIMIT_MAX), EVERYTHING)
                found |= dict.fromkeys(hit.document_id for hit in page.hits)
                if page.next is None:
                    break
                cursor = tuple(str(part) for part in page.next)
        return tuple(found)


def cases_of(means: Means, documents: Documents, retention: Retention, keys: KeyStore, index: SearchIndex) -> Cases:
    """The room."""
    return Cases(means, documents, retention, keys, IndexFinder(index))
