"""A log to attack: 1,300 entries with five full tiles, a key rotation, and thirteen published checkpoints."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from audit.faults import FaultKind, Report
from audit.merkle import HASH_BYTES
from audit.verify import NO_TRUST, Trust
from storage.database import Database
from storage.verification import WHOLE, Scope, verify_database
from tests.verify.synthetic import Forge, store

SIZE = 1_300
ROTATED_AT = 650

Attack = Callable[[sqlite3.Connection], object]


@dataclass(frozen=True)
class Victim:
    """A log as it was written, and what its owner kept outside."""

    path: Path
    leaves: bytes
    notes: dict[int, str]
    vkeys: tuple[str, ...]
    forge: Forge

    def leaf(self, index: int) -> bytes:
        return self.leaves[index * HASH_BYTES : (index + 1) * HASH_BYTES]


@dataclass(frozen=True)
class Attacked:
    """Verifies copies of the victim's database that have been attacked."""

    victim: Victim
    directory: Path

    def copy(self, *attacks: Attack) -> Database:
        path = self.directory / "attacked.db"
        shutil.copyfile(self.victim.path, path)
        connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("foreign_keys=OFF", "ignore_check_constraints=ON", "synchronous=OFF"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN")
        for attack in attacks:
            attack(connection)
        connection.execute("COMMIT")
        connection.close()
        return Database(f"sqlite:///{path}")

    def verify(self, *attacks: Attack, trust: Trust = NO_TRUST, scope: Scope = WHOLE) -> Report:
        database = self.copy(*attacks)
        try:
            return verify_database(database, scope, trust=trust)
        finally:
            database.close()


def named(report: Report) -> set[tuple[FaultKind, int | None]]:
    """The faults of a report as (kind, index)."""
    return {(fault.kind, fault.index) for fault in report.faults}


def kinds(report: Report) -> set[FaultKind]:
    return {fault.kind for fault in report.faults}


def places(report: Report, kind: FaultKind) -> set[str]:
    return {fault.where for fault in report.faults if fault.kind is kind}


def limits(report: Report) -> set[str]:
    return {item.limit.value for item in report.undecided}


def store_unguarded(path: Path, forge: Forge, migrated: Path) -> None:
    """Put a forged log into a migrated file and take its triggers away, as whoever owns the file can."""
    shutil.copyfile(migrated, path)
    database = Database(f"sqlite:///{path}")
    store(database, forge.finish())
    database.close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=DELETE")
    triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in triggers:
        connection.execute(f'DROP TRIGGER "{name}"')
    connection.close()


@pytest.fixture(scope="session")
def victim(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Victim:
    forge = Forge(checkpoint_every=100)
    while forge.size < SIZE:
        if forge.size == ROTATED_AT:
            forge.rotate()
        forge.append(forge.stock_event(forge.size))
    leaves = b"".join(row[2] for row in forge.rows.entries)
    notes = {row[0]: row[1] for row in forge.rows.checkpoints}
    path = tmp_path_factory.mktemp("victim") / "log.db"
    vkeys = tuple(signer.vkey for signer in forge.signers)
    store_unguarded(path, forge, migrated_sqlite)
    return Victim(path, leaves, notes, vkeys, forge)


@pytest.fixture
def attacked(victim: Victim, tmp_path: Path) -> Attacked:
    return Attacked(victim, tmp_path)


@pytest.fixture
def rows_of(migrated_sqlite: Path, tmp_path: Path) -> Callable[[Forge], Database]:
    """Stores a forged log in a database of its own."""
    made: list[Database] = []

    def make(forge: Forge) -> Database:
        path = tmp_path / f"forged{len(made)}.db"
        store_unguarded(path, forge, migrated_sqlite)
        made.append(Database(f"sqlite:///{path}"))
        return made[-1]

    return make


def joined(hashes: Sequence[bytes]) -> bytes:
    return b"".join(hashes)
