"""Queries on the index in a SQLite file.

What fits best is told by where each term stands, in title, fields, notes or body. FTS5's own bm25 weighs a term by how many documents have
it: then the order of what somebody may see would depend on documents that they may not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, Final

from documents.search.grams import Term, goes_on, term_grams
from documents.search.model import TOTAL_MAX, Code, Facets, Found, FoundRow, IndexRow, Order, Wanted

Execute = Callable[[str, Sequence[Any]], Iterable[Sequence[Any]]]
"""Runs a statement with its values, and gives its rows."""

WEIGHTS: Final = {"title": 8, "fields": 4, "notes": 2, "body": 1}
"""What a term counts by where it is found."""

_FACETS: Final = "class, state, store, supplier, skus, dated, amount, currency"
COLUMNS: Final = (
    "d.added_index, d.document_id, d.clipped, "
    + ", ".join(f"d.{name}" for name in _FACETS.split(", "))
    + ", x.title, x.fields, x.notes, x.body"
)


def token(code: Code) -> str:
    """A code as the index has it."""
    letter, text = code
    return letter.value + text.encode().hex()


def find(execute: Execute, wanted: Wanted) -> Found:
    """What matches, in the snapshot of whoever executes."""
    match, conditions, values = _conditions(wanted)
    query, limit = wanted.query, wanted.query.limit
    by_score = query.order is Order.RELEVANCE and bool(wanted.terms)
    source = "documents d"
    if match:
        source = "grams JOIN documents d ON d.added_index = grams.rowid"
        conditions, values = ["grams MATCH ?", *conditions], [match, *values]
    key = "grams.rowid" if match else "d.added_index"
    where = " AND ".join(conditions) or "1"
    count = _count(execute, match, source, where, values)
    score, scored = _score(wanted) if by_score else ("0.0", [])
    values = [*scored, *values]
    page = f"SELECT {key} AS place, {score} AS score FROM {source} WHERE {where}"
    behind = "1"
    if query.cursor is not None:
        last_score, last = float(query.cursor[0] or 0), int(query.cursor[1])
        if by_score:
            behind, values = "(score < ? OR (score = ? AND place < ?))", [*values, last_score, last_score, last]
        else:
            page, values = f"{page} AND {key} < ?", [*values, last]
    order = "score DESC, place DESC" if by_score else "place DESC"
    # Texts are read for the page alone, after the order is known.
    rows = execute(
        f"SELECT p.score, {COLUMNS} FROM (SELECT * FROM ({page}) WHERE {behind} ORDER BY {order} LIMIT ?) p "
        f"JOIN documents d ON d.added_index = p.place JOIN texts x ON x.added_index = p.place ORDER BY {order}",
        (*values, limit + 1),
    )
    return Found(tuple(FoundRow(row_of(row[1:]), repr(row[0]) if by_score else "") for row in rows), count)


def _score(wanted: Wanted) -> tuple[str, list[str]]:
    """What a document counts, as an expression, with what it must be given."""
    counted: list[str] = []
    values: list[str] = []
    for term in wanted.terms:
        if isinstance(term, Term):
            for column, weight in WEIGHTS.items():
                counted.append(f"{weight}.0 * (grams.rowid IN (SELECT rowid FROM grams WHERE grams MATCH ?))")
                values.append(_term_match(term, column))
    return " + ".join(counted), values


def _count(execute: Execute, match: str, source: str, where: str, values: Sequence[Any]) -> int:
    if match and where == "grams MATCH ?":
        source = "grams"
    counted = f"SELECT count(*) FROM (SELECT 1 FROM {source} WHERE {where} LIMIT {TOTAL_MAX + 1})"
    ((found,),) = execute(counted, values)
    return int(found)


def _conditions(wanted: Wanted) -> tuple[str, list[str], list[Any]]:
    """What `grams` must match ("" for nothing), and further conditions on `d`."""
    query, scope = wanted.query, wanted.scope
    parts = [_term_match(term) for term in wanted.terms if isinstance(term, Term)]
    choices = [*([code] for code in wanted.codes), *wanted.within]
    # No letter is an "n": what may be nothing finds nothing.
    parts += [f"facets : ({' OR '.join(map(token, codes)) or 'none'})" for codes in choices]
    conditions: list[str] = []
    values: list[Any] = []
    if scope.stores is None and not scope.organisation:
        conditions.append("d.store IS NOT NULL")
    if scope.hidden_classes:
        marks = ", ".join("?" * len(scope.hidden_classes))
        conditions.append(f"d.class NOT IN ({marks})")
        values += sorted(scope.hidden_classes)
    if query.among is not None:
        # As one value: there may be more of them than a statement takes.
        conditions.append("d.added_index IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(sorted(query.among)))
    ranges = (
        ("d.dated >= ?", None if query.dated_from is None else query.dated_from.isoformat()),
        ("d.dated <= ?", None if query.dated_until is None else query.dated_until.isoformat()),
        ("d.amount >= ?", query.amount_from),
        ("d.amount <= ?", query.amount_until),
        ("d.currency = ?", query.currency),
        ("d.added_index >= ?", scope.added_from),
        ("d.added_index < ?", scope.added_until),
    )
    for condition, value in ranges:
        if value is not None:
            conditions.append(condition)
            values.append(value)
    return " AND ".join(parts), conditions, values


def _term_match(term: Term, columns: str = "title fields notes body") -> str:
    star = " *" if goes_on(term) else ""
    return f'{{{columns}}} : "{" ".join(term_grams(term))}"{star}'


def row_of(values: Sequence[Any]) -> IndexRow:
    """A document from its row of `COLUMNS`."""
    (added_index, document_id, clipped, document_class, state, store, supplier, skus, dated, amount, currency) = values[
        :11
    ]
    facets = Facets(
        document_class,
        state,
        store,
        supplier,
        tuple(json.loads(skus)),
        None if dated is None else date.fromisoformat(dated),
        amount,
        currency,
    )
    title, fields, notes, body = values[11:15]
    return IndexRow(document_id, added_index, facets, (title, fields, notes, body), bool(clipped))
