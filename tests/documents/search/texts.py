"""Documents to be found, and a plain scan that finds them without an index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from documents.search.grams import fold, normal, parse_terms, pattern, spaced
from documents.search.model import Facets, Scope, SearchQuery, SearchText


def text(added_index: int, body: str = "", **members: Any) -> SearchText:
    """A document; members of its facets may be given among the others."""
    facets = {
        name: members.pop(name)
        for name in ("document_class", "state", "store", "supplier", "skus", "dated", "amount", "currency")
        if name in members
    }
    facets = {"document_class": "delivery_note", "state": "released", "store": "MK01", **facets}
    return SearchText(added_index, Facets(**facets), sensitive=members.pop("sensitive", False), body=body, **members)


@dataclass
class Source:
    """Documents for a rebuild."""

    documents: Mapping[str, SearchText]

    def search_texts(self) -> Iterator[tuple[str, SearchText]]:
        yield from self.documents.items()


def scan(documents: Mapping[str, SearchText], query: SearchQuery, scope: Scope) -> list[str]:
    """The ids of what matches, newest first, by looking at everything."""
    found = [
        (document.added_index, name)
        for name, document in documents.items()
        if _in_scope(document.facets, scope) and _passes(document.facets, query) and _says(document, query.text)
    ]
    return [name for _, name in sorted(found, reverse=True)]


def _says(document: SearchText, wanted: str | None) -> bool:
    parts = [document.title, document.fields, document.notes, document.body]
    written = [spaced(fold(normal(part))) for part in parts]
    return wanted is None or all(any(pattern(term) in part for part in written) for term in parse_terms(wanted))


def _in_scope(facets: Facets, scope: Scope) -> bool:
    if facets.document_class in scope.hidden_classes:
        return False
    if facets.store is None:
        return scope.organisation
    return scope.stores is None or facets.store in scope.stores


def _passes(facets: Facets, query: SearchQuery) -> bool:
    exact = (
        query.sku is None or query.sku in facets.skus,
        query.store in {None, facets.store},
        query.document_class in {None, facets.document_class},
        query.supplier in {None, facets.supplier},
        query.state in {None, facets.state},
        query.currency in {None, facets.currency},
    )
    return (
        all(exact)
        and _between(facets.dated, query.dated_from, query.dated_until)
        and _between(facets.amount, query.amount_from, query.amount_until)
    )


def _between(value: date | int | None, low: Any, high: Any) -> bool:
    if low is None and high is None:
        return True
    return value is not None and (low is None or value >= low) and (high is None or value <= high)
