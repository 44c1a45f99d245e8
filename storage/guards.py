"""The database's own refusals, as DDL.

- Log tables: UPDATE, DELETE and TRUNCATE are refused (`log_head`: DELETE and TRUNCATE).
- Subject tables: DELETE is refused, and so is a row whose entry was not appended in this very transaction. `log_head.size`
  moves last in a commit, so until then an entry of this transaction has an index at or above it.

These are a fence, not the proof: whoever owns the database can drop a trigger. The proof is the tree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.schema import is_subject, log_head

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Table

POSTGRESQL_FUNCTIONS = (
    """
    CREATE OR REPLACE FUNCTION chopbook_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'chopbook: % on % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END $$
    """,
    """
    CREATE OR REPLACE FUNCTION chopbook_logged() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT 1 FROM written
                   WHERE entry_index < coalesce((SELECT size FROM log_head WHERE id = 1), entry_index + 1)) THEN
            RAISE EXCEPTION 'chopbook: unlogged write to %', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NULL;
    END $$
    """,
)


def guard_ddl(dialect: str, tables: Sequence[Table]) -> Iterator[str]:
    """Statements that put the refusals on `tables` (log and subject tables), in order."""
    if dialect == "postgresql":
        yield from POSTGRESQL_FUNCTIONS
    for table in tables:
        operations = ("DELETE",) if is_subject(table) or table is log_head else ("UPDATE", "DELETE")
        if dialect == "postgresql":
            yield from _postgresql(table.name, operations, logged=is_subject(table))
        else:
            yield from _sqlite(table.name, operations, logged=is_subject(table))


def _postgresql(name: str, refused: Sequence[str], *, logged: bool) -> Iterator[str]:
    yield (
        f"CREATE TRIGGER {name}_refuse BEFORE {' OR '.join(refused)} ON {name} "
        "FOR EACH ROW EXECUTE FUNCTION chopbook_refuse()"
    )
    yield (
        f"CREATE TRIGGER {name}_refuse_truncate BEFORE TRUNCATE ON {name} "
        "FOR EACH STATEMENT EXECUTE FUNCTION chopbook_refuse()"
    )
    if logged:
        # One check a statement, not a row: a bulk write pays for it once.
        for operation in ("INSERT", "UPDATE"):
            yield (
                f"CREATE TRIGGER {name}_logged_{operation.lower()} AFTER {operation} ON {name} "
                "REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION chopbook_logged()"
            )


def _sqlite(name: str, refused: Sequence[str], *, logged: bool) -> Iterator[str]:
    for operation in refused:
        yield (
            f"CREATE TRIGGER {name}_refuse_{operation.lower()} BEFORE {operation} ON {name} "
            f"BEGIN SELECT RAISE(ABORT, 'chopbook: {operation} on {name} is refused'); END"
        )
    if logged:
        for operation in ("INSERT", "UPDATE"):
            yield (
                f"CREATE TRIGGER {name}_logged_{operation.lower()} BEFORE {operation} ON {name} "
                "WHEN NEW.entry_index < coalesce((SELECT size FROM log_head WHERE id = 1), NEW.entry_index + 1) "
                f"BEGIN SELECT RAISE(ABORT, 'chopbook: unlogged write to {name}'); END"
            )
