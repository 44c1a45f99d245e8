"""The tables of residency, and the statements on them.

- `residency_records`: destinations, processors, transfers, the mode, and where the store said buckets are; by kind and code, each as its
  canonical JSON. Nothing is deleted: a record's status ends it.
- `residency_findings`: what somebody should look at, open or closed.
- `residency_origins`: keyed digests of persons whose data came from the Mainland, by calendar year, so that each counts once;
  `residency_origin_counts` how many.
- `privacy_annexes`: the public annex, version by version.
"""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Column, Integer, LargeBinary, Text, select

from audit.canonical import encode
from policies.residency.model import (
    DeclaredDestination,
    ModeRecord,
    Observation,
    Processor,
    Register,
    ResidencyFinding,
    Transfer,
)
from policies.residency.records import (
    parse_destination,
    parse_mode,
    parse_processor,
    parse_transfer,
    record_json,
)
from storage.rows import KeyedRows
from storage.schema import BigInt, subject_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Row

    from audit.canonical import JSON
    from policies.residency.model import Record

MODE_CODE: Final = "mode"
PROCESSOR: Final = "processor"
DESTINATION: Final = "destination"
TRANSFER: Final = "transfer"
MODE: Final = "mode"
OBSERVED: Final = "observed"

records: Final = subject_table(
    "residency_records",
    Column("kind", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("body", Text, nullable=False),
)

finding_rows: Final = subject_table(
    "residency_findings",
    Column("code", Text, primary_key=True),
    Column("about", Text, primary_key=True),
    Column("is_open", Integer, nullable=False),
)

origins: Final = subject_table(
    "residency_origins",
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("person", LargeBinary, primary_key=True),
)

origin_counts: Final = subject_table(
    "residency_origin_counts",
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("persons", BigInt, nullable=False),
)

annexes: Final = subject_table(
    "privacy_annexes",
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("digest", Text, nullable=False),
    Column("body", Text, nullable=False),
)

RECORD_ROWS: Final = KeyedRows(records, ("kind", "code"), ("body",))
FINDING_ROWS: Final = KeyedRows(finding_rows, ("code", "about"), ("is_open",))
ORIGIN_ROWS: Final = KeyedRows(origins, ("year", "person"), ())
ORIGIN_COUNT_ROWS: Final = KeyedRows(origin_counts, ("year",), ("persons",))
ANNEX_ROWS: Final = KeyedRows(annexes, ("version",), ("digest", "body"))


def body_of(value: JSON) -> str:
    """The text of a row."""
    return encode(value).decode()


def kind_of(record: Record) -> tuple[str, str]:
    """Under which kind and code a record is kept."""
    match record:
        case Processor():
            return PROCESSOR, record.code
        case DeclaredDestination():
            return DESTINATION, record.code
        case Transfer():
            return TRANSFER, record.code
        case ModeRecord():
            return MODE, MODE_CODE


def read_register(connection: Connection) -> Register:
    """Everything that is declared, in the connection's snapshot."""
    counted = {row.year: row.persons for row in connection.execute(select(origin_counts))}
    return register_of(connection.execute(select(records)).all(), counted)


def register_of(rows: Iterable[Row[Any]], counted: dict[int, int]) -> Register:
    """The register of these rows."""
    return register_of_bodies(((row.kind, row.code, json.loads(row.body)) for row in rows), counted)


def register_of_bodies(bodies: Iterable[tuple[str, str, Any]], counted: dict[int, int] | None = None) -> Register:
    """The register of records by kind, code and their JSON."""
    processors: dict[str, Processor] = {}
    destinations: dict[str, DeclaredDestination] = {}
    transfers: dict[str, Transfer] = {}
    mode, observed = ModeRecord(), list[Observation]()
    for kind, code, body in bodies:
        if kind == PROCESSOR:
            processors[code] = parse_processor(code, body)
        elif kind == DESTINATION:
            destinations[code] = parse_destination(code, body)
        elif kind == TRANSFER:
            transfers[code] = parse_transfer(code, body)
        elif kind == MODE:
            mode = parse_mode(body)
        else:
            observed += [Observation(**one) for one in body["buckets"]]
    return Register(
        MappingProxyType(destinations),
        MappingProxyType(processors),
        MappingProxyType(transfers),
        mode,
        tuple(observed),
        MappingProxyType(counted or {}),
    )


def observations_body(observed: Iterable[Observation]) -> str:
    """The row of what a store answered."""
    return body_of({"buckets": [record_json(one) for one in observed]})


def open_findings(rows: Iterable[Row[Any]]) -> frozenset[ResidencyFinding]:
    """The findings that are open, of rows of `finding_rows`."""
    return frozenset(ResidencyFinding(row.code, row.about) for row in rows if row.is_open)


def select_declared() -> Any:
    """Every record that somebody declared, by kind and code."""
    return select(records).where(records.c.kind != OBSERVED)


def select_findings() -> Any:
    """Every finding, open or closed."""
    return select(finding_rows)


def latest_annex(connection: Connection) -> tuple[int, dict[str, Any], int] | None:
    """Number, content and entry of the newest annex; None before the first."""
    statement = select(annexes).order_by(annexes.c.version.desc()).limit(1)
    row = connection.execute(statement).one_or_none()
    return None if row is None else (row.version, json.loads(row.body), row.entry_index)


def read_annex(connection: Connection, version: int) -> tuple[int, dict[str, Any], int] | None:
    """The annex of a version."""
    row = connection.execute(select(annexes).where(annexes.c.version == version)).one_or_none()
    return None if row is None else (row.version, json.loads(row.body), row.entry_index)


def select_latest_annex() -> Any:
    """The newest annex's number, digest and body, for a transaction."""
    return select(annexes.c.version, annexes.c.digest, annexes.c.body).order_by(annexes.c.version.desc()).limit(1)
