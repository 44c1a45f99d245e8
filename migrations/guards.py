"""The database's own refusals, as triggers.

- `log`: UPDATE, DELETE and TRUNCATE are refused. `head` (`log_head`): DELETE and TRUNCATE are.
- `subject`: DELETE and TRUNCATE are refused, and so is a row whose entry was not appended in this very transaction.
  `log_head.size` moves last in a commit, so until then an entry of this transaction has an index at or above it.

These are a fence, not the proof: whoever owns the database can drop a trigger. The proof is the tree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from alembic import op

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["log", "head", "subject"]

_REFUSED: Final[dict[Kind, tuple[str, ...]]] = {
    "log": ("UPDATE", "DELETE"),
    "head": ("DELETE",),
    "subject": ("DELETE",),
}
_POSTGRESQL_FUNCTIONS: Final = (
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


def guard(kind: Kind, *tables: str) -> None:
    """Puts the refusals of a kind on tables, inside a migration."""
    connection = op.get_bind()
    for statement in guard_ddl(connection.dialect.name, kind, *tables):
        connection.exec_driver_sql(statement)


def guard_ddl(dialect: str, kind: Kind, *tables: str) -> Iterator[str]:
    """The statements of `guard`, for the driver, in order."""
    if dialect == "postgresql":
        # A percent sign is a parameter mark to the driver.
        yield from (function.replace("%", "%%") for function in _POSTGRESQL_FUNCTIONS)
    for table in tables:
        yield from (_postgresql if dialect == "postgresql" else _sqlite)(table, kind)


def _postgresql(name: str, kind: Kind) -> Iterator[str]:
    yield (
        f"CREATE TRIGGER {name}_refuse BEFORE {' OR '.join(_REFUSED[kind])} ON {name} "
        "FOR EACH ROW EXECUTE FUNCTION chopbook_refuse()"
    )
    yield (
        f"CREATE TRIGGER {name}_refuse_truncate BEFORE TRUNCATE ON {name} "
        "FOR EACH STATEMENT EXECUTE FUNCTION chopbook_refuse()"
    )
    if kind == "subject":
        # One check a statement, not a row: a bulk write pays for it once.
        for operation in ("INSERT", "UPDATE"):
            yield (
                f"CREATE TRIGGER {name}_logged_{operation.lower()} AFTER {operation} ON {name} "
                "REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION chopbook_logged()"
            )


def _sqlite(name: str, kind: Kind) -> Iterator[str]:
    for operation in _REFUSED[kind]:
        yield (
            f"CREATE TRIGGER {name}_refuse_{operation.lower()} BEFORE {operation} ON {name} "
            f"BEGIN SELECT RAISE(ABORT, 'chopbook: {operation} on {name} is refused'); END"
        )
    if kind == "subject":
        for operation in ("INSERT", "UPDATE"):
            yield (
                f"CREATE TRIGGER {name}_logged_{operation.lower()} BEFORE {operation} ON {name} "
                "WHEN NEW.entry_index < coalesce((SELECT size FROM log_head WHERE id = 1), NEW.entry_index + 1) "
                f"BEGIN SELECT RAISE(ABORT, 'chopbook: unlogged write to {name}'); END"
            )
