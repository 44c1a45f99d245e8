"""Finding documents."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from api.calls import Call
from api.cursors import write_cursor
from api.members import Choice, Day, Text, Whole
from api.operations import Documented, Operation, Parameters, Runs, Tag
from api.paging import place_of
from api.replies import Answer, json_answer
from api.schemas import BOOLEAN, COUNT, DATE, INTEGER, TEXT, described, listed, page, record
from api.shapes import Json, present
from documents.search.grams import QUERY_CHARS_MAX
from documents.search.model import AMOUNT_MAX, CODE_CHARS_MAX, Hit, Order, Part, SearchQuery
from documents.search.reach import SUPERSEDED, among, reach
from policies.model import Action, Resource

LIMIT_DEFAULT: Final = 20
LIMIT_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class SearchParameters:
    """What is looked for."""

    query: SearchQuery
    cursor: str | None


def _parameters(
    q: str | None = None,
    dated_from: date | None = None,
    dated_until: date | None = None,
    order: Order = Order.NEWEST,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
    amount_from: int | None = None,
    amount_until: int | None = None,
    **codes: Any,
) -> SearchParameters:
    if "class" in codes:
        codes["document_class"] = codes.pop("class")
    query = SearchQuery(
        q,
        dated_from=dated_from,
        dated_until=dated_until,
        amount_from=amount_from,
        amount_until=amount_until,
        order=order,
        limit=limit,
        **codes,
    )
    return SearchParameters(query, cursor)


def search(call: Call[SearchParameters, None]) -> Answer:
    """Return a page of documents that were found."""
    asked = call.parameters
    query = asked.query
    decision = call.require_reading(Action.DOCUMENT_READ, _document_of(query.store))
    index = call.services.search
    documents = call.services.documents
    with call.services.storage.database.read() as connection:
        within = reach(connection, call.services.policies.scope(decision))
        asking = among(query, lambda: documents.superseded(call.principal, connection, query.store))
    of = ("search", repr(replace(query, cursor=None)))
    place = place_of(of, asked.cursor, 2)
    found = index.query(replace(asking, cursor=place), within)
    shown = call.leaving(found.hits, Action.DOCUMENT_READ, lambda hit: document_resource(hit.facets.store))
    with call.services.storage.database.read() as connection:
        withheld = documents.withheld(call.principal, connection, (hit.document_id for hit in shown))
        told = [hit for hit in shown if hit.document_id not in withheld]
        by = documents.succession(call.principal, connection, [hit.document_id for hit in told]).by
        titles = documents.titles(connection, (hit.document_id for hit in told))
    state = index.state()
    following = None if found.next is None else write_cursor(of, found.next)
    return json_answer(
        {
            "items": [hit_json(hit, titles.get(hit.document_id), by.get(hit.document_id, ())) for hit in told],
            "next_cursor": following,
            "total": found.total,
            "total_is_least": found.total_is_least,
            "complete": not state.needs_rebuild,
        }
    )


def document_resource(store: str | None) -> Resource:
    """Return a document as policies see it: at its store, or the whole organisation's."""
    return Resource("document", whole_log=True) if store is None else _document_of(store)


def _document_of(store: str | None) -> Resource:
    return Resource("document", stores=frozenset(() if store is None else (store,)))


def hit_json(hit: Hit, title: str | None, superseded_by: Sequence[str] = ()) -> Json:
    """Return a document that was found."""
    facets = hit.facets
    return {
        "document": hit.document_id,
        "added_index": hit.added_index,
        "class": facets.document_class,
        "state": facets.state,
        "skus": list(facets.skus),
        "clipped": hit.clipped,
        "snippets": [
            {
                "part": snippet.part.value,
                "text": snippet.text,
                "marks": [list(mark) for mark in snippet.marks],
                "begins": snippet.begins,
                "ends": snippet.ends,
            }
            for snippet in hit.snippets
        ],
        **present(
            {
                "title": title,
                "store": facets.store,
                "supplier": facets.supplier,
                "dated": None if facets.dated is None else facets.dated.isoformat(),
                "amount": facets.amount,
                "currency": facets.currency,
                "superseded_by": list(superseded_by) or None,
            }
        ),
    }


def _code(description: str) -> Text:
    return Text(CODE_CHARS_MAX, description=description)


_SNIPPET: Final = record(
    {
        "part": {"type": "string", "enum": [part.value for part in Part]},
        "text": TEXT,
        "marks": listed({"type": "array", "items": COUNT, "minItems": 2, "maxItems": 2}),
        "begins": BOOLEAN,
        "ends": BOOLEAN,
    },
    description="A piece of text; each mark is the start and end, in characters, of what was found.",
)
_HIT: Final = record(
    {
        "document": TEXT,
        "added_index": COUNT,
        "class": TEXT,
        "state": TEXT,
        "skus": listed(TEXT),
        "clipped": BOOLEAN,
        "snippets": listed(_SNIPPET),
    },
    optional={
        "title": described(TEXT, "Absent once its key is destroyed."),
        "store": TEXT,
        "supplier": TEXT,
        "dated": DATE,
        "amount": INTEGER,
        "currency": TEXT,
        "superseded_by": listed(TEXT),
    },
)

OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/v1/search",
        name="search",
        tag=Tag.DOCUMENTS,
        summary="Find documents",
        description=(
            'In titles, fields, notes and the text on pages. Every word must be found; `"…"` holds several together, `*` at '
            "the end of a word makes it a beginning. Chinese of any length, in Traditional or Simplified characters. What is "
            "sensitive is not in the index. `complete` is false while the index is being made again."
        ),
        run=search,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            _parameters,
            {
                "q": Text(QUERY_CHARS_MAX, description="What to look for.", example="普洱 PO-2026*"),
                "sku": _code("Code of a SKU."),
                "store": _code("Code of the store."),
                "class": _code("Class of document."),
                "supplier": _code("Code of the supplier."),
                "state": _code(f"Where the document stands; `{SUPERSEDED}`: another took its place."),
                "dated_from": Day("Dated on that day or after."),
                "dated_until": Day("Dated on that day or before."),
                "amount_from": Whole(-AMOUNT_MAX, AMOUNT_MAX, "At least, in minor units."),
                "amount_until": Whole(-AMOUNT_MAX, AMOUNT_MAX, "At most, in minor units."),
                "currency": _code("ISO 4217."),
                "order": Choice(Order, "The newest first, or what fits best."),
                "cursor": Text(1024, description="`next_cursor` of the page before."),
                "limit": Whole(1, LIMIT_MAX, "Most documents on the page."),
            },
        ),
        answers=(
            Documented(
                200,
                "A page. `total` counts up to 10,000.",
                page(_HIT, total=COUNT, total_is_least=BOOLEAN, complete=BOOLEAN),
            ),
        ),
    ),
)
