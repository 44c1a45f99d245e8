"""The logs that are tampered with, once a run, and a hand on a copy of them for each case."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import make_url

from migrations.upgrading import upgrade
from tests.tamper import bases
from tests.tamper.attacker import LOG_TABLES, Attacker
from tests.tamper.case import ROTATION
from tests.worlds import world_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.postgres import Cluster
    from tests.tamper.bases import Base
    from tests.worlds import World

ROTATE_AT = {"plain": None, "rotated": ROTATION}


@dataclass(frozen=True, slots=True)
class Stolen:
    """Databases to be tampered with: a fresh copy of a base for each case."""

    dialect: str
    bases: dict[str, Base]
    take: Callable[[str], str]
    """URL of a copy of the base of this name."""
    give_back: Callable[[str, set[str]], None]
    """Takes back the copy of the base of this name, of which these tables were touched."""

    @contextmanager
    def copy(self, base: str, attack: Callable[[Attacker], object]) -> Iterator[str]:
        """The URL of a copy, after the attack."""
        url = self.take(base)
        known = self.bases[base]
        driver = connect(url)
        attacker = Attacker(driver, self.dialect, known.origin, known.key, known.former, known.notes)
        try:
            driver.execute("BEGIN")
            try:
                attack(attacker)
                driver.execute("COMMIT")
            finally:
                driver.close()
            yield url
        finally:
            self.give_back(base, attacker.touched)


def connect(url: str) -> sqlite3.Connection | psycopg.Connection:
    """A plain connection of the driver; nothing of the product."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        connection = sqlite3.connect(str(parsed.database), isolation_level=None)
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA journal_mode=MEMORY")
        return connection
    query = dict(parsed.query)
    return psycopg.connect(
        host=str(query["host"]),
        port=int(str(query["port"])),
        user=parsed.username,
        dbname=parsed.database,
        autocommit=True,
    )


def disarm(url: str) -> None:
    """What every attacker does first."""
    driver = connect(url)
    dialect = "sqlite" if isinstance(driver, sqlite3.Connection) else "postgresql"
    nobody = Attacker(driver, dialect, "", None, None)
    nobody.disarm()
    driver.close()


def make_sqlite_bases(directory: Path) -> dict[str, tuple[Path, Base]]:
    """The base logs as SQLite files without triggers."""
    found = {}
    for name, rotate_at in ROTATE_AT.items():
        home = directory / name
        home.mkdir()
        path = home / "base.db"
        url = f"sqlite:///{path}"
        upgrade(url)
        base = bases.fill(url, home, rotate_at=rotate_at)
        disarm(url)
        found[name] = (path, base)
    return found


def sqlite_copies(made: dict[str, tuple[Path, Base]], directory: Path) -> Stolen:
    """Copies of the files, one at a time."""

    def take(base: str) -> str:
        path = directory / f"{base}.db"
        shutil.copyfile(made[base][0], path)
        return f"sqlite:///{path}"

    def give_back(base: str, _touched: set[str]) -> None:
        for leftover in directory.glob(f"{base}.db*"):
            leftover.unlink()

    return Stolen("sqlite", {name: base for name, (_, base) in made.items()}, take, give_back)


@pytest.fixture(scope="session")
def sqlite_bases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Base]]:
    """The base logs, once a worker."""
    return make_sqlite_bases(tmp_path_factory.mktemp("bases"))


@pytest.fixture(scope="session")
def stolen_sqlite(sqlite_bases: dict[str, tuple[Path, Base]], tmp_path_factory: pytest.TempPathFactory) -> Stolen:
    """Copies on SQLite."""
    return sqlite_copies(sqlite_bases, tmp_path_factory.mktemp("copies"))


@pytest.fixture(scope="session")
def stolen_postgresql(
    sqlite_bases: dict[str, tuple[Path, Base]], cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stolen]:
    """Copies on PostgreSQL: one database for each base, whose touched tables are put back after each case.

    What is known of the logs is known from SQLite, where they have the same bytes.
    """

    def fill(name: str) -> Callable[[str], None]:
        def run(url: str) -> None:
            upgrade(url)
            base = bases.fill(url, tmp_path_factory.mktemp(f"pg-{name}"), rotate_at=ROTATE_AT[name])
            assert base.leaf_hashes == sqlite_bases[name][1].leaf_hashes
            assert base.notes == sqlite_bases[name][1].notes
            disarm(url)
            set_aside(url)

        return run

    with ExitStack() as stack:
        urls = {
            name: stack.enter_context(cluster.database(template=cluster.template(f"tamper_{name}", fill(name))))
            for name in ROTATE_AT
        }
        known = {name: base for name, (_, base) in sqlite_bases.items()}
        yield Stolen("postgresql", known, urls.__getitem__, lambda base, touched: put_back(urls[base], touched))


def set_aside(url: str) -> None:
    """Keeps a copy of every log table, constraints and all, beside the ones that will be attacked."""
    driver = connect(url)
    driver.execute("CREATE SCHEMA untouched")
    for table in LOG_TABLES:
        driver.execute(f"CREATE TABLE untouched.{table} (LIKE {table} INCLUDING ALL)")
        driver.execute(f"INSERT INTO untouched.{table} SELECT * FROM {table}")
    driver.close()


def put_back(url: str, touched: set[str]) -> None:
    """Makes the touched tables what they were; foreign keys on them are gone, as after any such attack."""
    driver = connect(url)
    driver.execute("SET client_min_messages = error")
    driver.execute("BEGIN")
    for table in touched:
        driver.execute(f"DROP TABLE {table} CASCADE")
        driver.execute(f"CREATE TABLE {table} (LIKE untouched.{table} INCLUDING ALL)")
        driver.execute(f"INSERT INTO {table} SELECT * FROM untouched.{table}")
    driver.execute("COMMIT")
    driver.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def stolen(request: pytest.FixtureRequest) -> Stolen:
    """Both kinds of database, one after the other."""
    made: Stolen = request.getfixturevalue(f"stolen_{request.param}")
    return made


@pytest.fixture
def postgresql_world(postgresql_url: str, tmp_path: Path) -> Iterator[World]:
    """An opened log on PostgreSQL."""
    with world_at(postgresql_url, tmp_path) as made:
        yield made
