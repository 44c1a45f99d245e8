"""The two doors to writing, and what stands behind them.

`Log.commit` writes subject tables under an entry; `Database.operate` writes the listed operational tables. Neither
reaches the other's tables, by whatever statement, and the database itself refuses a subject row without an entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Integer,
    LargeBinary,
    delete,
    exists,
    insert,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.exc import DatabaseError
from sqlalchemy.schema import CreateTable

import policies.store
import stock.store
import workflow.store
from storage import Change, KeyedRows
from storage.errors import UnloggedWrite
from storage.schema import LOG_TABLES, OPERATIONAL_NAMES, entries, is_operational, is_subject, metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Executable, Table

    from audit.event import Event
    from storage import Operation, Transaction
    from tests.worlds import World

ROOMS = (policies.store, stock.store, workflow.store)
"""Imported so that the tables of all rooms are declared."""

# Those of the rooms: a test that was collected before may have declared one of its own.
DECLARED = [table for table in metadata.sorted_tables if not table.name.startswith("test_")]
SUBJECT_TABLES = [table for table in DECLARED if is_subject(table)]
OPERATIONAL_TABLES = [table for table in DECLARED if is_operational(table)]
NOT_OPERATIONAL = [table for table in DECLARED if not is_operational(table)]
NOT_SUBJECT = [*LOG_TABLES, *OPERATIONAL_TABLES]


def by_name(table: Table) -> str:
    """Test id."""
    return table.name


def filled(table: Table, word: str) -> dict[str, Any]:
    """A value for every column but `entry_index`; rows of two words have different keys."""
    values: dict[str, Any] = {}
    number = sum(word.encode())
    for column in table.columns:
        if column.name == "entry_index" and is_subject(table):
            continue
        if isinstance(column.type, Boolean):
            values[column.name] = True
        elif isinstance(column.type, Integer | BigInteger):
            values[column.name] = number
        elif isinstance(column.type, LargeBinary):
            values[column.name] = word.encode()
        else:
            values[column.name] = word
    return values


# ------------------------------------------------------------------------------- the closed sets


def test_every_table_is_of_the_log_of_a_subject_or_operational() -> None:
    strangers = [
        table.name
        for table in metadata.sorted_tables
        if table not in LOG_TABLES and not is_subject(table) and not is_operational(table)
    ]

    assert strangers == []
    assert {table.name for table in OPERATIONAL_TABLES} <= OPERATIONAL_NAMES
    assert not set(SUBJECT_TABLES) & set(OPERATIONAL_TABLES)


@pytest.mark.parametrize("table", SUBJECT_TABLES, ids=by_name)
def test_every_subject_table_names_the_entry_of_each_row(table: Table) -> None:
    column = table.c.entry_index

    assert not column.nullable
    assert {key.target_fullname for key in column.foreign_keys} == {"entries.entry_index"}


# ---------------------------------------------------------------------------- what operate refuses


def statements_on(table: Table) -> Iterator[Executable]:
    """Every way of writing to a table, hidden in a statement or not."""
    column = next(iter(table.columns))
    hidden = insert(table).values(filled(table, "x")).returning(column).cte("hidden")
    usage = policies.store.key_usage
    yield insert(table).values(filled(table, "x"))
    yield insert(table).from_select([column.name], select(column))
    yield update(table).values({column.name: column})
    yield delete(table)
    yield select(hidden)
    yield select(usage.c.calls).where(exists(select(hidden.c[column.name])))
    yield select(usage.c.calls).add_cte(delete(table).cte("hidden"))
    yield update(usage).values(calls=0).where(exists(select(hidden.c[column.name])))
    yield delete(usage).add_cte(update(table).values({column.name: column}).cte("hidden"))
    yield insert(usage).from_select(["key_id"], select(hidden.c[column.name]))
    yield union_all(select(hidden.c[column.name]), select(hidden.c[column.name])).subquery().select()


def test_an_operation_reaches_no_table_of_the_log_or_of_a_subject(sqlite_world: World) -> None:
    reached = []

    for statement in (statement for table in NOT_OPERATIONAL for statement in statements_on(table)):

        def reach(operation: Operation, statement: Executable = statement) -> None:
            operation.execute(statement)

        try:
            sqlite_world.storage.database.operate(reach)
        except UnloggedWrite:
            continue
        except DatabaseError as error:
            reached.append(f"{statement}: only the database refused it: {error}")
        else:
            reached.append(str(statement))

    assert reached == []
    assert sqlite_world.check() == 1


@pytest.mark.parametrize(
    "statement",
    [
        text("DELETE FROM personal_values"),
        text("SELECT 1"),
        select(text("1; DELETE FROM personal_values")),
        text("DELETE FROM personal_values RETURNING 1").columns(policies.store.key_usage.c.calls).subquery().select(),
        CreateTable(policies.store.key_usage),
    ],
    ids=["text", "text that reads", "text in a select", "text as a table", "a new table"],
)
def test_an_operation_runs_no_text(statement: Any, world: World) -> None:
    with pytest.raises(UnloggedWrite):
        world.storage.database.operate(lambda operation: operation.execute(statement))

    assert world.check() == 1


def test_an_operation_that_is_waited_for_later_is_done_in_its_turn_and_tells_what_became_of_it(world: World) -> None:
    database, usage = world.storage.database, policies.store.key_usage
    done: list[int] = []

    first = database.operate_later(lambda _operation: done.append(1))
    second = database.operate_later(lambda operation: operation.execute(text("SELECT 1")))
    third = database.operate_later(lambda operation: operation.execute(select(usage.c.calls)).all())
    database.operate(lambda _operation: done.append(2))

    assert done == [1, 2]
    assert (first(), third()) == (None, [])
    for _ in range(2):
        with pytest.raises(UnloggedWrite):
            second()
    assert third() == []
    assert world.check() == 1


# ------------------------------------------------------------------------------ what a change refuses


def in_a_change(world: World, act: Callable[[Transaction, Any], Any]) -> None:
    """Commits a change that appends an entry and then acts under it."""
    event = world.event()

    def run(tx: Transaction) -> None:
        act(tx, tx.append(event))

    world.storage.log.commit(Change(run))


def test_a_change_reaches_no_operational_table_and_none_of_the_log(sqlite_world: World) -> None:
    for table in NOT_SUBJECT:
        for act in _acts_on(table):
            with pytest.raises(UnloggedWrite):
                in_a_change(sqlite_world, act)
            assert sqlite_world.storage.log.head().size == 1, f"an act on {table.name} was kept"

    assert sqlite_world.check() == 1


def _acts_on(table: Table) -> list[Callable[[Transaction, Any], Any]]:
    column = next(iter(table.columns))
    hidden = insert(table).values(filled(table, "x")).returning(column).cte("hidden")
    balances = stock.store.balances
    return [
        lambda tx, entry: tx.insert(entry, table, **filled(table, "x")),
        lambda tx, entry: tx.update(entry, update(table).values({column.name: column})),
        lambda tx, entry: tx.update(entry, update(balances).values(quantity=0).add_cte(delete(table).cte("hidden"))),
        lambda tx, _: tx.select(select(hidden)),
        lambda tx, _: tx.select(select(balances.c.sku).add_cte(delete(table).cte("hidden"))),
        lambda tx, _: tx.select(insert(table).values(filled(table, "x"))),
        lambda tx, _: tx.select(text(f"DELETE FROM {table.name}")),
        lambda *_: KeyedRows(table, (column.name,), (column.name,)),
    ]


def test_a_change_writes_no_subject_row_but_under_its_own_entry(sqlite_world: World) -> None:
    world = sqlite_world
    other = world.append()[0].entries[0]
    rolled_back: list[Any] = []

    def keep(_: Transaction, entry: Any) -> None:
        rolled_back.append(entry)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        in_a_change(world, keep)

    for table in SUBJECT_TABLES:
        for act in _acts_under_no_own_entry(table, other, rolled_back[0], world.event()):
            with pytest.raises(UnloggedWrite):
                world.storage.log.commit(Change(act))

    assert world.check() == 2


def _acts_under_no_own_entry(
    table: Table, other: Any, rolled_back: Any, event: Event
) -> list[Callable[[Transaction], Any]]:
    """Before any append; under an entry of another change; under one that was rolled back; hidden in a read."""
    column = next(column for column in table.columns if column.name != "entry_index")
    rows = KeyedRows(table, (column.name,), (column.name,))
    hidden = update(table).values({column.name: column}).returning(column).cte("hidden")
    return [
        lambda tx: tx.insert(other, table, **filled(table, "x")),
        lambda tx: tx.put(other, rows, ("x",), ("x",)),
        lambda tx: (tx.append(event), tx.insert(other, table, **filled(table, "x"))),
        lambda tx: (tx.append(event), tx.put(rolled_back, rows, ("x",), ("x",))),
        lambda tx: (tx.append(event), tx.insert(rolled_back, table, **filled(table, "x"))),
        lambda tx: (tx.append(event), tx.update(other, update(table).values({column.name: column}))),
        lambda tx: (tx.append(event), tx.select(select(hidden))),
    ]


# ---------------------------------------------------------------------- what the database refuses


@pytest.fixture
def written(world: World) -> World:
    """A log with one row in every subject table, all under one entry."""

    def write(tx: Transaction, entry: Any) -> None:
        for table in SUBJECT_TABLES:
            tx.insert(entry, table, **filled(table, "x"))

    in_a_change(world, write)
    world.append()
    return world


def refusals(world: World, statements: list[Executable]) -> list[str]:
    """What the database said to each statement on a writing connection of the product; nothing is kept."""
    said = []
    with world.storage.database.writing_connection() as connection:
        for statement in statements:
            connection.exec_driver_sql("BEGIN")
            try:
                connection.execute(statement)
            except DatabaseError as error:
                said.append(str(error.orig))
            else:
                said.append(f"accepted: {statement}")
            connection.exec_driver_sql("ROLLBACK")
    return said


def test_the_database_refuses_every_subject_row_without_an_entry_of_its_transaction(written: World) -> None:
    for table in SUBJECT_TABLES:
        column = next(column for column in table.columns if column.name != "entry_index")
        said = refusals(
            written,
            [
                insert(table).values(filled(table, "y") | {"entry_index": 0}),
                insert(table).values(filled(table, "y") | {"entry_index": 2}),
                update(table).values({column.name: column}),
                update(table).values(entry_index=0),
                update(table).values(entry_index=2),
            ],
        )
        assert all(f"unlogged write to {table.name}" in line for line in said), (table.name, said)
        # An entry that will only come: nothing to refer to.
        later = refusals(written, [insert(table).values(filled(table, "y") | {"entry_index": 3})])
        assert "foreign key" in later[0].lower(), (table.name, later)
        assert "is refused" in refusals(written, [delete(table)])[0]

    assert written.check() == 3


def test_the_database_refuses_to_change_what_was_logged(written: World) -> None:
    for table in LOG_TABLES:
        column = next(iter(table.columns))
        statements: list[Executable] = [delete(table)]
        if table.name != "log_head":
            statements.append(update(table).values({column.name: column}))
        if table.name == "tiles":
            # A trigger for each row says nothing where there is none.
            written.storage.log.commit(Change(lambda tx: [tx.append(written.event(n)) for n in range(256)]))
        said = refusals(written, statements)
        assert all("is refused" in line for line in said), (table.name, said)

    assert written.check() == 259


def test_sqlite_refuses_to_replace_what_was_logged(written: World) -> None:
    if written.storage.database.dialect != "sqlite":
        pytest.skip("PostgreSQL has no INSERT OR REPLACE")
    written.storage.log.commit(Change(lambda tx: [tx.append(written.event(n)) for n in range(256)]))

    for table in (*LOG_TABLES, *SUBJECT_TABLES):
        said = refusals(written, [text(f"INSERT OR REPLACE INTO {table.name} SELECT * FROM {table.name}")])
        assert "refused" in said[0] or "unlogged write" in said[0], (table.name, said)

    assert written.check() == 259


def test_postgresql_refuses_to_truncate(written: World) -> None:
    if written.storage.database.dialect != "postgresql":
        pytest.skip("SQLite has no TRUNCATE; its DELETE is refused")

    for table in (*LOG_TABLES, *SUBJECT_TABLES):
        said = refusals(written, [text(f"TRUNCATE {table.name} CASCADE")])
        assert "is refused" in said[0], (table.name, said)

    assert written.check() == 3


def test_a_reading_connection_cannot_write(written: World) -> None:
    def write(connection: Connection) -> None:
        connection.execute(insert(entries).values(filled(entries, "x")))

    with pytest.raises(DatabaseError), written.storage.database.read() as connection:
        write(connection)

    assert written.check() == 3
