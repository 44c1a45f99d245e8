"""The front door of searching.

    index = SearchIndex(SqliteIndexStore(path))
    index.put(document_id, SearchText(added_index=7, facets=..., sensitive=False, body="..."))
    page = index.query(SearchQuery("普洱 20*"), Scope(frozenset({"MK01"}), organisation=False))

- The index is derived: losing it loses nothing, `rebuild` makes it again. It is never backed up.
- Putting the same document again replaces it, so a job may run twice.
- A sensitive document is refused, and what the index held of it is removed and written over.
- After a destruction, call `destroy`: it takes the documents out and writes the index anew.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from documents.search.errors import CursorUnusable, InvalidQuery, InvalidText, NotIndexable
from documents.search.grams import Term, fold, normal, parse_terms, places
from documents.search.model import (
    AMOUNT_MAX,
    CODE_CHARS_MAX,
    LIMIT_MAX,
    SKUS_MAX,
    TEXT_CHARS_MAX,
    TOTAL_MAX,
    Found,
    Hit,
    IndexRow,
    Order,
    Part,
    SearchPage,
    Snippet,
    Wanted,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from documents.search.model import (
        Facets,
        FoundRow,
        IndexState,
        IndexStore,
        Scope,
        SearchQuery,
        SearchSource,
        SearchText,
    )

REBUILD_CHUNK: Final = 200
SNIPPETS_MAX: Final = 3
SNIPPET_CHARS: Final = 120
BEFORE_CHARS: Final = 30
MARKS_MAX: Final = 32
INDEX_MAX: Final = 2**53 - 1


class SearchIndex:
    """Finds documents; safe to share between threads."""

    def __init__(self, store: IndexStore) -> None:
        self._store: Final = store

    # ----------------------------------------------------------------------------- writing

    def put(self, document_id: str, text: SearchText) -> None:
        """Adds a document, or replaces what is there of it.

        Raises:
            NotIndexable: its class is sensitive; whatever the index held of it is gone.
            InvalidText: it breaks a bound.
            IndexUnavailable: nothing was done; try again.
        """
        if text.sensitive:
            self.destroy([document_id])
            raise NotIndexable(document_id)
        row = _row(document_id, text)
        with self._store.writing() as writing:
            writing.put([row])

    def remove(self, document_id: str) -> bool:
        """Takes a document out of every result; returns whether it was there.

        Traces of its text stay until the index is written anew: by `tidy`, or at once by `destroy`.

        Raises:
            IndexUnavailable: nothing was done; try again.
        """
        with self._store.writing() as writing:
            return writing.remove([document_id]) == 1

    def destroy(self, document_ids: Sequence[str]) -> int:
        """Takes documents out and writes the index anew, so that nothing of them is left in it.

        Idempotent; repeat it after a failure even if the documents are gone from the results.

        Raises:
            IndexUnavailable: perhaps not done; try again.
        """
        with self._store.writing() as writing:
            removed = writing.remove(document_ids)
        self._store.rewrite()
        return removed

    def tidy(self) -> bool:
        """Writes the index anew if documents were taken out since the last time; returns whether it did.

        Raises:
            IndexUnavailable: not now; try again.
        """
        if not self._store.state().needs_rewrite:
            return False
        self._store.rewrite()
        return True

    def rebuild(self, source: SearchSource, progress: Callable[[int], None] | None = None) -> int:
        """Makes the index again from the documents themselves; returns how many it holds.

        Readers see the old index until the new one is whole. What is put meanwhile waits and comes after.

        Raises:
            IndexUnavailable: the old one stands as it was; try again.
        """
        done = 0
        with self._store.writing() as writing:
            writing.clear()
            rows = (_row(document_id, text) for document_id, text in source.search_texts() if not text.sensitive)
            while chunk := list(islice(rows, REBUILD_CHUNK)):
                writing.put(chunk)
                done += len(chunk)
                if progress is not None:
                    progress(done)
        self._store.rewrite()
        return done

    # ----------------------------------------------------------------------------- reading

    def query(self, query: SearchQuery, scope: Scope) -> SearchPage:
        """A page of what a principal may see of what they look for.

        Pages neither repeat nor lose a document while others are added: what a document counts depends on no other.

        Raises:
            InvalidQuery: a member breaks its rule.
            CursorUnusable: the cursor is of another order.
            IndexUnavailable: try again.
        """
        _require_query(query)
        terms = () if query.text is None else parse_terms(query.text)
        found = self._store.query(Wanted(terms, query, scope))
        return _page(found, query, terms)

    def state(self) -> IndexState:
        """How the index stands: how many documents, and whether it must be rebuilt before it tells everything."""
        return self._store.state()

    def close(self) -> None:
        """Lets go of files and connections."""
        self._store.close()


def _row(document_id: str, text: SearchText) -> IndexRow:
    facets = text.facets
    _require_text("document_id", document_id)
    for member, code in _codes(facets):
        _require_text(member, code)
    if len(facets.skus) > SKUS_MAX:
        raise InvalidText("skus", f"expected at most {SKUS_MAX}, got {len(facets.skus)}")
    if not 0 <= text.added_index <= INDEX_MAX:
        raise InvalidText("added_index", f"expected 0 to {INDEX_MAX}, got {text.added_index}")
    if facets.amount is not None and abs(facets.amount) > AMOUNT_MAX:
        raise InvalidText("amount", f"expected at most {AMOUNT_MAX} either way, got {facets.amount}")
    given = (text.title, text.fields, text.notes, text.body)
    texts = tuple(normal(part[:TEXT_CHARS_MAX])[:TEXT_CHARS_MAX] for part in given)
    clipped = any(len(part) > TEXT_CHARS_MAX for part in given)
    return IndexRow(document_id, text.added_index, facets, (texts[0], texts[1], texts[2], texts[3]), clipped)


def _codes(facets: Facets) -> Iterable[tuple[str, str]]:
    yield "document_class", facets.document_class
    yield "state", facets.state
    for member, code in (("store", facets.store), ("supplier", facets.supplier), ("currency", facets.currency)):
        if code is not None:
            yield member, code
    for sku in facets.skus:
        yield "skus", sku


def _require_text(member: str, code: str) -> None:
    if not 1 <= len(code) <= CODE_CHARS_MAX or not code.isprintable():
        raise InvalidText(member, f"expected 1 to {CODE_CHARS_MAX} printable characters, got {len(code)}")


def _require_query(query: SearchQuery) -> None:
    if not 1 <= query.limit <= LIMIT_MAX:
        raise InvalidQuery("limit", f"expected 1 to {LIMIT_MAX}, got {query.limit}")
    for member in ("sku", "store", "document_class", "supplier", "state", "currency"):
        code = getattr(query, member)
        if code is not None and (not 1 <= len(code) <= CODE_CHARS_MAX or not code.isprintable()):
            raise InvalidQuery(member, f"expected 1 to {CODE_CHARS_MAX} printable characters, got {len(code)}")
    for member in ("amount_from", "amount_until"):
        amount = getattr(query, member)
        if amount is not None and abs(amount) > AMOUNT_MAX:
            raise InvalidQuery(member, f"expected at most {AMOUNT_MAX} either way, got {amount}")
    if query.cursor is not None:
        _require_cursor(query.cursor, query.order if query.text is not None else Order.NEWEST)


def _require_cursor(cursor: tuple[str, ...], order: Order) -> None:
    try:
        score, place = cursor
        usable = 0 <= int(place) <= INDEX_MAX and (score == "") == (order is Order.NEWEST)
        usable = usable and (not score or abs(float(score)) < float("inf"))
    except ValueError:
        raise CursorUnusable from None
    if not usable:
        raise CursorUnusable


# --- pages and snippets ------------------------------------------------------------------------------------------------


def _page(found: Found, query: SearchQuery, terms: tuple[Term, ...]) -> SearchPage:
    shown = found.rows[: query.limit]
    following = None
    if len(found.rows) > query.limit:
        following = (shown[-1].score, str(shown[-1].row.added_index))
    return SearchPage(
        hits=tuple(_hit(row, terms) for row in shown),
        next=following,
        total=min(found.count, TOTAL_MAX),
        total_is_least=found.count > TOTAL_MAX,
    )


def _hit(found: FoundRow, terms: tuple[Term, ...]) -> Hit:
    row = found.row
    snippets: list[Snippet] = []
    for part, text in zip(Part, row.texts, strict=True):
        if terms and len(snippets) < SNIPPETS_MAX:
            marks = places(fold(text), terms, MARKS_MAX)
            snippets += _snippets(part, text, marks, SNIPPETS_MAX - len(snippets))
    return Hit(row.document_id, row.added_index, row.facets, row.clipped, tuple(snippets))


def _snippets(part: Part, text: str, marks: Sequence[tuple[int, int]], most: int) -> list[Snippet]:
    found: list[Snippet] = []
    place = 0
    while place < len(marks) and len(found) < most:
        start = max(0, marks[place][0] - BEFORE_CHARS)
        end = min(len(text), start + SNIPPET_CHARS)
        inside: list[tuple[int, int]] = []
        while place < len(marks) and marks[place][0] < end:
            inside.append((marks[place][0] - start, min(marks[place][1], end) - start))
            place += 1
        found.append(Snippet(part, text[start:end], tuple(inside), begins=start == 0, ends=end == len(text)))
    return found
