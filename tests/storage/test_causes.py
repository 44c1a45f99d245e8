"""What a database met is told by its kind; that the disk is full is said in words."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import psycopg
import pytest

from storage.causes import kind_of


def test_a_full_database_of_sqlite_is_named() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t (b BLOB)")
        connection.execute("PRAGMA max_page_count = 2")

        with pytest.raises(sqlite3.OperationalError) as caught:
            connection.execute("INSERT INTO t VALUES (zeroblob(100000))")

    assert kind_of(caught.value) == "OperationalError (SQLITE_FULL, the disk is full)"


def test_what_postgresql_says_is_told_by_its_code_alone() -> None:
    assert kind_of(psycopg.errors.DiskFull("secret")) == "DiskFull (53100, the disk is full)"
    assert kind_of(psycopg.errors.UniqueViolation("secret")) == "UniqueViolation (23505)"


def test_another_error_is_told_by_its_class() -> None:
    assert kind_of(ValueError("secret")) == "ValueError"


def test_shared_memory_that_cannot_grow_means_a_full_disk() -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = "SQLITE_IOERR_SHMSIZE"

    assert kind_of(error) == "OperationalError (SQLITE_IOERR_SHMSIZE, the disk is full)"
