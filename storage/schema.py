"""The tables of the log, and the two ways other rooms may declare theirs.

Rules:
- Log tables are append-only; the database itself refuses UPDATE, DELETE and TRUNCATE (`migrations.guards`).
  `log_head` alone moves, by UPDATE.
- A subject table is made by `subject_table`: each row names the entry that last wrote it, and the database refuses
  a row whose entry was not appended in the same transaction.
- An operational table (leases, counters) is made by `operational_table`; their names are a closed list, and only
  `Database.operate` writes them.
- Query columns of `entries` and `entry_subjects` are derived from the canonical bytes; verification compares them.

Column types are plain (integers, text, bytes): what is stored is what is compared. Times are microseconds since the
Unix epoch, UTC. Hashes are 32 bytes, event ids 16 bytes.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

__all__ = [
    "LOG_TABLES",
    "OPERATIONAL_NAMES",
    "BigInt",
    "checkpoints",
    "entries",
    "entry_subjects",
    "is_operational",
    "is_subject",
    "log_head",
    "metadata",
    "operational_table",
    "personal_values",
    "subject_table",
    "tiles",
]

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

BigInt: Final = BigInteger().with_variant(Integer, "sqlite")
"""64-bit integer; on SQLite plain INTEGER, so that a single-column primary key is the row id."""

entries: Final = Table(
    "entries",
    metadata,
    Column("entry_index", BigInt, primary_key=True, autoincrement=False),
    Column("bytes", LargeBinary, nullable=False),
    Column("leaf_hash", LargeBinary, nullable=False),
    Column("recorded_at", BigInt, nullable=False),
    Column("occurred_at", BigInt),
    Column("type", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("store", Text),
    Column("event_id", LargeBinary, nullable=False),
    Column("request", LargeBinary),
    # The idempotency lookup: narrow, and for ever.
    UniqueConstraint("actor", "event_id"),
    Index(None, "type", "entry_index"),
    Index(None, "actor", "entry_index"),
    Index(None, "store", "entry_index"),
    CheckConstraint("length(leaf_hash) = 32", name="leaf_hash"),
    CheckConstraint("length(event_id) = 16", name="event_id"),
)

entry_subjects: Final = Table(
    "entry_subjects",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("position", BigInt, primary_key=True, autoincrement=False),
    Column("entry_index", BigInt, ForeignKey("entries.entry_index"), nullable=False),
    Column("previous_index", BigInt),
    # Verification reads these rows in the order of the entries, from this index alone.
    Index(None, "entry_index", "subject", "position", "previous_index"),
    sqlite_with_rowid=False,
)

tiles: Final = Table(
    "tiles",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("tile_index", BigInt, primary_key=True, autoincrement=False),
    Column("nodes", LargeBinary, nullable=False),
    CheckConstraint("length(nodes) = 16352", name="nodes"),
)

checkpoints: Final = Table(
    "checkpoints",
    metadata,
    Column("size", BigInt, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
    Column("published_at", BigInt, nullable=False),
)

log_head: Final = Table(
    "log_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("origin", Text, nullable=False),
    Column("size", BigInt, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    Column("last_leaf_hash", LargeBinary, nullable=False),
    Column("last_recorded_at", BigInt, nullable=False),
    Column("note", Text, nullable=False),
    CheckConstraint("id = 1", name="only_one"),
)

LOG_TABLES: Final = (entries, entry_subjects, tiles, checkpoints, log_head)

OPERATIONAL_NAMES: Final = frozenset(
    {
        "job_runs",
        "key_last_used",
        "key_usage",
        "notice_follower",
        "notice_ledger",
        "notice_lines",
        "notice_messages",
        "notice_outbox",
        "page_sessions",
        "retention_items",
        "uploads",
        "worker_heartbeats",
    }
)
"""Every table that may change without an entry. Adding a name is a design decision."""

_subject_tables: set[Table] = set()


def subject_table(name: str, *columns: Any, **options: Any) -> Table:
    """Declares a table whose every row names the entry that last wrote it.

    Adds `entry_index BIGINT NOT NULL REFERENCES entries`. The database refuses DELETE, and any row whose
    `entry_index` was not appended in the writing transaction.
    """
    table = Table(
        name,
        metadata,
        Column("entry_index", BigInt, ForeignKey("entries.entry_index"), nullable=False),
        *columns,
        **options,
    )
    _subject_tables.add(table)
    return table


def operational_table(name: str, *columns: Any, **options: Any) -> Table:
    """Declares a table of the closed operational list.

    Raises:
        ValueError: `name` is not in `OPERATIONAL_NAMES`.
    """
    if name not in OPERATIONAL_NAMES:
        msg = f"operational table: expected one of {sorted(OPERATIONAL_NAMES)}, got {name!r}"
        raise ValueError(msg)
    return Table(name, metadata, *columns, **options)


def is_subject(table: object) -> bool:
    """Whether `table` was declared by `subject_table`."""
    return table in _subject_tables


def is_operational(table: object) -> bool:
    """Whether `table` was declared by `operational_table`."""
    return isinstance(table, Table) and table.name in OPERATIONAL_NAMES


personal_values: Final = subject_table(
    "personal_values",
    Column("field", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
    UniqueConstraint("entry_index", "field"),
    Index(None, "person"),
)
