"""The values of searching, and the ports around the index.

- `SearchText` is what a document says and what it can be filtered by; whoever has the documents makes it.
- A `Scope` is what a principal may see; there is no query without one.
- Results come newest first (by the entry that added the document), or by relevance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Protocol, TypeAlias

TEXT_CHARS_MAX: Final = 1_000_000
"""Of each text of a document; what is longer is indexed up to here, and the hit says so."""
CODE_CHARS_MAX: Final = 128
SKUS_MAX: Final = 10_000
LIMIT_MAX: Final = 200
TOTAL_MAX: Final = 10_000
"""Hits are counted up to here."""
AMOUNT_MAX: Final = 10**15


class Order(StrEnum):
    """How results are ordered."""

    NEWEST = "newest"
    RELEVANCE = "relevance"


class Part(StrEnum):
    """Where in a document a text is."""

    TITLE = "title"
    FIELDS = "fields"
    NOTES = "notes"
    BODY = "body"


class Letter(StrEnum):
    """Under which letter each kind of code is indexed, in every store. Another letter is another format of the index."""

    CLASS = "c"
    STATE = "t"
    STORE = "s"
    NO_STORE = "o"
    """Of a document that is the organisation's; its code is empty."""
    SUPPLIER = "p"
    SKU = "k"


Code: TypeAlias = tuple[Letter, str]
"""A code as it is indexed."""


@dataclass(frozen=True, slots=True)
class Facets:
    """What a document can be filtered by. `amount` is minor units of `currency`; no store: it is the organisation's."""

    document_class: str
    state: str
    store: str | None = None
    supplier: str | None = None
    skus: tuple[str, ...] = ()
    dated: date | None = None
    amount: int | None = None
    currency: str | None = None

    @property
    def codes(self) -> list[Code]:
        """What is indexed of it word for word; the same for ever for the same facets and format."""
        found = [(Letter.CLASS, self.document_class), (Letter.STATE, self.state), store_code(self.store)]
        if self.supplier is not None:
            found.append((Letter.SUPPLIER, self.supplier))
        return [*found, *((Letter.SKU, sku) for sku in self.skus)]


def store_code(store: str | None) -> Code:
    """A store, or that there is none, as it is indexed."""
    return (Letter.NO_STORE, "") if store is None else (Letter.STORE, store)


@dataclass(frozen=True, slots=True)
class SearchText:
    """One document for the index.

    Attributes:
        added_index: the entry that added the document; no two documents have the same.
        title: its name and file name.
        fields: what was extracted: numbers, codes, names of the supplier.
        notes: what people remarked.
        body: the text on its pages.
        facets: what it can be filtered by.
        sensitive: whether its class is; the index then refuses it.
    """

    added_index: int
    facets: Facets
    sensitive: bool
    title: str = ""
    fields: str = ""
    notes: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a principal may see.

    Attributes:
        stores: documents of these stores; None: of every store.
        organisation: documents that are of no store, too.
        hidden_classes: classes of which nothing may be seen.
        classes: documents of these classes; None: of any.
        added_from, added_until: documents that an entry from this index on, and before that one, added; None: no such limit.
    """

    stores: frozenset[str] | None
    organisation: bool
    hidden_classes: frozenset[str] = frozenset()
    classes: frozenset[str] | None = None
    added_from: int | None = None
    added_until: int | None = None


EVERYTHING: Final = Scope(None, organisation=True)
"""For the system itself, and for tests."""


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What is looked for; every condition that is given must hold. Ranges include both ends.

    `text`: words, each of which must be found; `"…"` holds several together; `*` at the end of a word makes it a
    beginning. None: no condition.
    """

    text: str | None = None
    sku: str | None = None
    store: str | None = None
    document_class: str | None = None
    supplier: str | None = None
    state: str | None = None
    dated_from: date | None = None
    dated_until: date | None = None
    amount_from: int | None = None
    amount_until: int | None = None
    currency: str | None = None
    among: frozenset[int] | None = None
    """Only documents that these entries added."""
    order: Order = Order.NEWEST
    cursor: tuple[str, ...] | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a document's text around what was found; `marks` are starts and ends in `text`."""

    part: Part
    text: str
    marks: tuple[tuple[int, int], ...]
    begins: bool
    """Whether it begins where the text does."""
    ends: bool
    """Whether it ends where the text does."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that was found, with its facets as the index knows them."""

    document_id: str
    added_index: int
    facets: Facets
    clipped: bool
    """Whether the index holds only the beginning of its text."""
    snippets: tuple[Snippet, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Some hits. `next` is the cursor of the page behind, None at the end. `total` counts up to `TOTAL_MAX`."""

    hits: tuple[Hit, ...]
    next: tuple[str, ...] | None
    total: int
    total_is_least: bool
    """Whether there are more than `total`."""


@dataclass(frozen=True, slots=True)
class IndexState:
    """How an index stands."""

    documents: int
    clipped: int
    needs_rebuild: bool
    """It is new, or was made by another version."""
    needs_rewrite: bool
    """Documents were taken out, and what is left of their text was not written over yet."""


class SearchSource(Protocol):
    """Where every document that belongs into the index is read from, for a rebuild."""

    def search_texts(self) -> Iterator[tuple[str, SearchText]]:
        """Every document that is visible, with its id, in any order; sensitive ones are passed over."""


# --- what an index store works with --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class IndexRow:
    """A document ready to be stored: `normal` texts by part, in the order of `Part`."""

    document_id: str
    added_index: int
    facets: Facets
    texts: tuple[str, str, str, str]
    clipped: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """A query ready to be run: parsed terms, and all that filters."""

    terms: tuple[object, ...]
    query: SearchQuery
    scope: Scope

    @property
    def codes(self) -> list[Code]:
        """What the query filters by word for word; a document must have all of them."""
        query = self.query
        asked = (
            (Letter.SKU, query.sku),
            (Letter.STORE, query.store),
            (Letter.CLASS, query.document_class),
            (Letter.SUPPLIER, query.supplier),
            (Letter.STATE, query.state),
        )
        return [(letter, code) for letter, code in asked if code is not None]

    @property
    def within(self) -> list[list[Code]]:
        """What the scope leaves; a document must have one of each list, and nothing has one of an empty list."""
        scope, found = self.scope, []
        if scope.stores is not None:
            seen = [*sorted(scope.stores), *([None] if scope.organisation else [])]
            found.append([store_code(store) for store in seen])
        if scope.classes is not None:
            found.append([(Letter.CLASS, code) for code in sorted(scope.classes)])
        return found


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A row that was found, with its score for a cursor (empty for newest first)."""

    row: IndexRow
    score: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """At most `limit` + 1 rows, and how many there are, counted up to `TOTAL_MAX` + 1."""

    rows: tuple[FoundRow, ...]
    count: int


class IndexWriting(Protocol):
    """Writes that become visible together, when the block they are made in ends well."""

    def put(self, rows: Sequence[IndexRow]) -> None:
        """Adds documents, or replaces what is there of them."""

    def remove(self, document_ids: Sequence[str]) -> int:
        """Takes documents out; returns how many were there."""

    def clear(self) -> None:
        """Takes everything out, and notes that this version makes the index."""


class IndexStore(Protocol):
    """Where an index lies. Every method may raise IndexUnavailable."""

    def writing(self) -> AbstractContextManager[IndexWriting]:
        """A block of writes, one at a time in all processes; durable enough for what can be made again."""

    def rewrite(self) -> None:
        """Writes the index anew, so that no byte of it holds what was taken out."""

    def query(self, wanted: Wanted) -> Found:
        """What matches, from one snapshot."""

    def state(self) -> IndexState:
        """How it stands."""

    def close(self) -> None:
        """Lets go of files and connections."""
