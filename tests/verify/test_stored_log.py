"""What verification reads in bulk is what the rows hold, in their order."""

from __future__ import annotations

import json
import re
import sqlite3

import pytest

from storage import stored_log as module
from storage.database import Database
from storage.stored_log import StoredLog
from tests.verify.attacks import sql
from tests.verify.conftest import Attacked
from tests.verify.synthetic import grown, store


@pytest.mark.parametrize("page", [1, 7, 20_000])
def test_runs_of_subjects_hold_every_row_in_order(
    page: int, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RUN_ROWS_MAX", page)
    forge = grown(40)
    # PostgreSQL sorts names as people do; what matters is that a subject's rows stay together and in order.
    wanted = sorted(forge.rows.links)
    database = Database(database_url)
    store(database, forge.rows)

    with database.read() as connection:
        pages = list(StoredLog(connection).chains())

    database.close()
    assert all(sum(len(json.loads(run[1])) for run in runs) <= page for runs in pages)
    found = []
    for subject, *arrays in (run for runs in pages for run in runs):
        assert not any(" " in array for array in arrays)
        found += [(subject, *row) for row in zip(*map(json.loads, arrays), strict=True)]
    assert sorted(found) == wanted
    assert [row[:2] for row in found] == sorted((row[:2] for row in found), key=lambda row: _first(found, row))


def test_subject_rows_read_quickly_are_the_same(database_url: str) -> None:
    forge = grown(200)
    database = Database(database_url)
    store(database, forge.rows)

    with database.read() as connection:
        log = StoredLog(connection)
        rows, found, nothing = log.links(30, 90), log.plain_links(30, 90), log.plain_links(500, 600)

    database.close()
    assert found == rows
    assert len(rows) > 100
    assert nothing == []


@pytest.mark.parametrize(
    ("column", "value"), [("position", b"1"), ("previous_index", b"x"), ("subject", b"sku:x"), ("position", 1.5)]
)
def test_subject_rows_may_hold_anything(column: str, value: object, attacked: Attacked) -> None:
    def attack(connection: sqlite3.Connection) -> None:
        where = "WHERE entry_index = 77 AND subject LIKE 'sku:%'"
        connection.execute(f"UPDATE entry_subjects SET {column} = ? {where}", (value,))

    database = attacked.copy(attack)

    with database.read() as connection:
        log = StoredLog(connection)
        rows, found = log.links(70, 80), log.plain_links(70, 80)

    database.close()
    assert found == rows
    assert value in {item for row in rows for item in row}


def test_names_that_are_no_text_are_read(attacked: Attacked) -> None:
    database = attacked.copy(sql("UPDATE entry_subjects SET subject = CAST(x'ff' AS TEXT) WHERE entry_index = 0"))

    with database.read() as connection:
        rows = StoredLog(connection).plain_links(0, 1)

    database.close()
    assert rows == [(0, "\udcff", 0, None)]


def test_rows_are_read_along_a_key_or_an_index(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    store(database, grown(40).rows)
    asked: list[str] = []

    with database.read() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.set_trace_callback(asked.append)
        log = StoredLog(connection)
        list(log.chains())
        log.plain_links(0, 20)
        driver.set_trace_callback(None)
        selects = [sql for sql in asked if sql.startswith("SELECT")]
        plans = [row[3] for sql in selects for row in driver.execute(f"EXPLAIN QUERY PLAN {sql}")]

    database.close()
    # Nothing is sorted on the way, so the arrays have the order of the key or index.
    assert len(selects) == 3
    assert all(re.match(r"(SCAN|SEARCH) entry_subjects( USING (PRIMARY KEY|COVERING INDEX)|$)", plan) for plan in plans)


def _first(rows: list[tuple[str, int, int, int | None]], key: tuple[str, int]) -> tuple[int, int]:
    """Where the subject is first seen, then the position in its chain."""
    return next(place for place, row in enumerate(rows) if row[0] == key[0]), key[1]
