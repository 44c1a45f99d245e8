"""The index in a PostgreSQL schema of its own, on a GIN index over grams.

- `grams` is a tsvector of a document's grams with weights by part; `facets` what it can be filtered by; one GIN index has both,
  so their intersection costs no row.
- A tsvector keeps at most 256 places of a gram and none beyond 16,383, so places only rank. Where a term has more than one
  gram, `spaced` (the folded text with marks between its runs) says whether they stand together: exact at any length.
- A tsvector holds at most 1 MiB. A document with more different grams is `overlong`, and only `spaced` decides about it.
- Writers wait for each other under one advisory lock; readers wait for nobody.

The role that connects must be allowed to make the schema, or own it when it is there: `CREATE SCHEMA chopbook_search
AUTHORIZATION <role>`. Leave it out of backups: `pg_dump --exclude-schema=chopbook_search`.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from documents.search.errors import IndexUnavailable, InvalidText
from documents.search.grams import GRAMS_VERSION, Term, fold, goes_on, grams, pattern, spaced, term_grams
from documents.search.model import TOTAL_MAX, Code, Facets, Found, FoundRow, IndexRow, IndexState, Order, Wanted
from storage.causes import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

INSUFFICIENT_PRIVILEGE: Final = "42501"
FORMAT: Final = 2
SCHEMA: Final = "chopbook_search"
CONNECTIONS_MAX: Final = 8
PLACES_MAX: Final = 255
PLACE_MAX: Final = 16_383
VECTOR_BYTES_MAX: Final = 1_000_000
LOCK: Final = 0x63686F70_73656172  # "chopsear"
WEIGHTS: Final = "{0.05, 0.1, 0.3, 1.0}"
"""What a match counts in body (D), notes (C), fields (B), title (A)."""
_LETTERS: Final = "ABCD"

_TABLES: Final = (
    """CREATE TABLE {schema}.documents (
        added_index bigint PRIMARY KEY, document_id text NOT NULL UNIQUE, class text NOT NULL, state text NOT NULL,
        store text, supplier text, skus text[] NOT NULL, dated date, amount bigint, currency text,
        clipped boolean NOT NULL, title text NOT NULL, fields text NOT NULL, notes text NOT NULL, body text NOT NULL,
        spaced text NOT NULL, overlong boolean NOT NULL, grams tsvector NOT NULL, facets text[] NOT NULL)""",
    "CREATE INDEX documents_grams ON {schema}.documents USING gin (grams, facets) WITH (fastupdate = off)",
    "CREATE INDEX documents_overlong ON {schema}.documents (added_index) WHERE overlong",
    "CREATE INDEX documents_dated ON {schema}.documents (dated)",
    "CREATE INDEX documents_amount ON {schema}.documents (amount)",
    "CREATE TABLE {schema}.made (format integer NOT NULL, version integer, removed bigint NOT NULL DEFAULT 0)",
    # Decompressing a page of text to compare it is quicker than reading it in four pieces.
    "ALTER TABLE {schema}.documents ALTER COLUMN spaced SET STORAGE MAIN",
)
_FACETS: Final = ("class", "state", "store", "supplier", "skus", "dated", "amount", "currency")
_TEXTS: Final = ("title", "fields", "notes", "body")
_COLUMNS: Final = ("added_index", "document_id", "clipped", *_FACETS, *_TEXTS)
_WRITTEN: Final = (*_COLUMNS, "spaced", "overlong", "grams", "facets")


class PostgresqlIndexStore:
    """An index in a schema; safe to share between threads and processes."""

    def __init__(self, url: str, *, schema: str = SCHEMA) -> None:
        """Opens the schema, and lays it out if it is not there or is of another format.

        Raises:
            IndexUnavailable: the database is away, or the role may not make the schema.
        """
        self._schema: Final = schema
        self._engine: Final = create_engine(
            url,
            pool_size=CONNECTIONS_MAX,
            max_overflow=0,
            pool_pre_ping=True,
            connect_args={"options": "-c jit=off -c plan_cache_mode=force_custom_plan"},
        )
        with _translated(), self._engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            self._lay_out(connection)

    def _lay_out(self, connection: Connection) -> None:
        there = connection.execute(text("SELECT to_regnamespace(:schema)"), {"schema": self._schema}).scalar()
        if there is None:
            connection.execute(text(f"CREATE SCHEMA {self._schema}"))
        made = connection.execute(text("SELECT to_regclass(:name)"), {"name": f"{self._schema}.made"}).scalar()
        if made is not None:
            if connection.execute(text(f"SELECT format FROM {self._schema}.made")).scalar() == FORMAT:
                return
            for table in ("documents", "made"):
                connection.execute(text(f"DROP TABLE IF EXISTS {self._schema}.{table}"))
        for statement in _TABLES:
            connection.execute(text(statement.format(schema=self._schema)))
        connection.execute(text(f"INSERT INTO {self._schema}.made (format) VALUES (:format)"), {"format": FORMAT})

    # ----------------------------------------------------------------------------- writing

    @contextlib.contextmanager
    def writing(self) -> Iterator[PostgresqlWriting]:
        """A block of writes, as `IndexStore.writing`."""
        with _translated(), self._engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            yield PostgresqlWriting(connection, self._schema)

    def rewrite(self) -> None:
        """Writes table and indexes anew, as `IndexStore.rewrite`. Readers wait while it runs."""
        with _translated(), self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"VACUUM FULL {self._schema}.documents"))
            connection.execute(text(f"ANALYZE {self._schema}.documents"))
            connection.execute(text(f"UPDATE {self._schema}.made SET removed = 0"))

    # ----------------------------------------------------------------------------- reading

    def query(self, wanted: Wanted) -> Found:
        """What matches, as `IndexStore.query`."""
        with _translated(), self._reading() as connection:
            return _query(connection, f"{self._schema}.documents", wanted)

    def state(self) -> IndexState:
        """How the index stands."""
        with _translated(), self._reading() as connection:
            counted = f"SELECT count(*), count(*) FILTER (WHERE clipped) FROM {self._schema}.documents"
            documents, clipped = connection.execute(text(counted)).one()
            version, removed = connection.execute(text(f"SELECT version, removed FROM {self._schema}.made")).one()
        return IndexState(documents, clipped, needs_rebuild=version != GRAMS_VERSION, needs_rewrite=removed > 0)

    def close(self) -> None:
        """Closes every connection."""
        self._engine.dispose()

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Connection]:
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self._engine.connect().execution_options(**options) as connection:
            yield connection


class PostgresqlWriting:
    """Writes inside one transaction."""

    def __init__(self, connection: Connection, schema: str) -> None:
        self._connection: Final = connection
        self._schema: Final = schema
        columns = ", ".join(_WRITTEN)
        marks = ", ".join("CAST(:grams AS tsvector)" if name == "grams" else f":{name}" for name in _WRITTEN)
        self._insert: Final = text(f"INSERT INTO {schema}.documents ({columns}) VALUES ({marks})")

    def put(self, rows: Sequence[IndexRow]) -> None:
        """Adds documents, or replaces them."""
        if not rows:
            return
        self._take_out([row.document_id for row in rows])
        try:
            self._connection.execute(self._insert, [_values(row) for row in rows])
        except IntegrityError as error:
            msg = "expected those of no other document"
            raise InvalidText("added_index", msg) from error

    def remove(self, document_ids: Sequence[str]) -> int:
        """Takes documents out."""
        removed = self._take_out(document_ids)
        if removed:
            counted = text(f"UPDATE {self._schema}.made SET removed = removed + :removed")
            self._connection.execute(counted, {"removed": removed})
        return removed

    def _take_out(self, document_ids: Sequence[str]) -> int:
        removed = self._connection.execute(
            text(f"DELETE FROM {self._schema}.documents WHERE document_id = ANY(:ids)"), {"ids": list(document_ids)}
        )
        return int(removed.rowcount)

    def clear(self) -> None:
        """Takes everything out."""
        self._connection.execute(text(f"DELETE FROM {self._schema}.documents"))
        self._connection.execute(text(f"UPDATE {self._schema}.made SET version = :version"), {"version": GRAMS_VERSION})


def _values(row: IndexRow) -> dict[str, Any]:
    facets = row.facets
    folded = [fold(part) for part in row.texts]
    vector, overlong = _vector([grams(part) for part in folded])
    codes = (
        facets.document_class,
        facets.state,
        facets.store,
        facets.supplier,
        list(facets.skus),
        facets.dated,
        facets.amount,
        facets.currency,
    )
    return {
        "added_index": row.added_index,
        "document_id": row.document_id,
        "clipped": row.clipped,
        **dict(zip(_FACETS, codes, strict=True)),
        **dict(zip(_TEXTS, row.texts, strict=True)),
        # Two marks where one part ends and the next begins: no term crosses them.
        "spaced": "".join(spaced(part) for part in folded),
        "overlong": overlong,
        "grams": vector,
        "facets": [_token(code) for code in facets.codes],
    }


def _vector(parts: Sequence[Sequence[str]]) -> tuple[str, bool]:
    """The text of a tsvector, and whether grams had to be left out."""
    places: dict[str, list[str]] = {}
    size_bytes = place = 0
    overlong = False
    for letter, found in zip(_LETTERS, parts, strict=True):
        for gram in found:
            place += 1
            known = places.get(gram)
            if known is None:
                size_bytes += len(gram.encode()) + 4
                if size_bytes > VECTOR_BYTES_MAX:
                    overlong = True
                    continue
                known = places[gram] = []
            if len(known) < PLACES_MAX and place <= PLACE_MAX:
                size_bytes += 2
                known.append(f"{place}{letter}")
    return " ".join(f"'{gram}':{','.join(at)}" if at else f"'{gram}'" for gram, at in places.items()), overlong


def _token(code: Code) -> str:
    letter, text = code
    return f"{letter.value}:{text}"


# --- queries -----------------------------------------------------------------------------------------------------------


def _query(connection: Connection, table: str, wanted: Wanted) -> Found:
    query = wanted.query
    conditions, values = _conditions(wanted)
    where = " AND ".join(conditions) or "true"
    counted = f"SELECT count(*) FROM (SELECT 1 FROM {table} d WHERE {where} LIMIT {TOTAL_MAX + 1}) counted"
    count = int(connection.execute(text(counted), values).scalar_one())
    by_score = query.order is Order.RELEVANCE and bool(wanted.terms)
    score = f"CAST(ts_rank('{WEIGHTS}', d.grams, CAST(:grams AS tsquery)) AS double precision)" if by_score else "0"
    order = "score DESC, d.added_index DESC" if by_score else "d.added_index DESC"
    if query.cursor is not None:
        values["last"] = int(query.cursor[1])
        if by_score:
            values["last_score"] = float(query.cursor[0])
            where += f" AND ({score}, d.added_index) < (CAST(:last_score AS double precision), CAST(:last AS bigint))"
        else:
            where += " AND d.added_index < :last"
    columns = ", ".join(f"d.{name}" for name in _COLUMNS)
    page = f"SELECT {score} AS score, {columns} FROM {table} d WHERE {where} ORDER BY {order} LIMIT :limit"
    rows = connection.execute(text(page), {**values, "limit": query.limit + 1})
    return Found(tuple(FoundRow(_row(row[1:]), repr(row[0]) if by_score else "") for row in rows), count)


def _conditions(wanted: Wanted) -> tuple[list[str], dict[str, Any]]:
    query, scope = wanted.query, wanted.scope
    conditions: list[str] = []
    values: dict[str, Any] = {}
    terms = [term for term in wanted.terms if isinstance(term, Term)]
    if terms:
        values["grams"] = " & ".join(_lexeme(gram, star=star) for term in terms for gram, star in _starred(term))
        together = []
        for number, term in enumerate(terms):
            values[f"like_{number}"] = f"%{pattern(term)}%"
            if len(term_grams(term)) > 1:
                together.append(f"d.spaced LIKE :like_{number}")
        every = " AND ".join(f"d.spaced LIKE :like_{number}" for number in range(len(terms)))
        matched = " AND ".join(["d.grams @@ CAST(:grams AS tsquery)", *together])
        conditions.append(f"(({matched}) OR (d.overlong AND {every}))")
    if wanted.codes:
        conditions.append("d.facets @> CAST(:exact AS text[])")
        values["exact"] = [_token(code) for code in wanted.codes]
    for number, codes in enumerate(wanted.within):
        conditions.append(f"d.facets && CAST(:within_{number} AS text[])")
        values[f"within_{number}"] = [_token(code) for code in codes]
    if scope.stores is None and not scope.organisation:
        conditions.append("d.store IS NOT NULL")
    if scope.hidden_classes:
        conditions.append("d.class <> ALL(CAST(:hidden AS text[]))")
        values["hidden"] = sorted(scope.hidden_classes)
    if query.among is not None:
        conditions.append("d.added_index = ANY(CAST(:among AS bigint[]))")
        values["among"] = sorted(query.among)
    ranges = (
        ("d.dated >= :dated_from", "dated_from", query.dated_from),
        ("d.dated <= :dated_until", "dated_until", query.dated_until),
        ("d.amount >= :amount_from", "amount_from", query.amount_from),
        ("d.amount <= :amount_until", "amount_until", query.amount_until),
        ("d.currency = :currency", "currency", query.currency),
        ("d.added_index >= :added_from", "added_from", scope.added_from),
        ("d.added_index < :added_until", "added_until", scope.added_until),
    )
    for condition, name, value in ranges:
        if value is not None:
            conditions.append(condition)
            values[name] = value
    return conditions, values


def _starred(term: Term) -> Iterator[tuple[str, bool]]:
    found = term_grams(term)
    last = len(found) - 1
    for number, gram in enumerate(found):
        yield gram, number == last and goes_on(term)


def _lexeme(gram: str, *, star: bool) -> str:
    return f"'{gram}':*" if star else f"'{gram}'"


def _row(values: Sequence[Any]) -> IndexRow:
    added_index, document_id, clipped = values[:3]
    document_class, state, store, supplier, skus, dated, amount, currency = values[3:11]
    facets = Facets(document_class, state, store, supplier, tuple(skus), dated, amount, currency)
    title, fields, notes, body = values[11:15]
    return IndexRow(document_id, added_index, facets, (title, fields, notes, body), clipped)


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        reason = f"expected PostgreSQL to answer, got {kind_of(error)}"
        if getattr(error.orig, "sqlstate", None) == INSUFFICIENT_PRIVILEGE:
            reason += "; let the service's role own the schema chopbook_search (docs/postgresql.md)"
        raise IndexUnavailable(reason) from error
    except SQLAlchemyError as error:
        reason = f"expected PostgreSQL to answer, got {kind_of(error)}"
        raise IndexUnavailable(reason) from error
