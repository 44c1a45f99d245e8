"""The same on a log so long that its tiles have tiles above them: 65,536 entries fill the first tile of level 1.

There the tile above vouches for the tiles below it, until somebody rewrites both. A few kinds of tampering are enough:
what is done to single rows does not depend on the length of the log.
"""

from __future__ import annotations

import fcntl
import shutil
import sqlite3
from functools import partial, reduce
from operator import add
from typing import TYPE_CHECKING, Final

import pytest

from audit.faults import Verdict
from audit.verify import Trust
from storage import Database
from storage.verification import verify_database
from tests.tamper import forge
from tests.tamper.attacker import Attacker
from tests.tamper.case import Case, K, altered, same_entry, tile_wrong
from tests.tamper.cases_bytes import forge_data
from tests.tamper.cases_columns import flip
from tests.tamper.cases_rows import delete_entries, exchange, moved_may
from tests.tamper.conftest import connect, disarm
from tests.tamper.expect import each, judge, named, tells
from tests.verify.synthetic import ORIGIN, make, signer_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

LENGTH: Final = 65_836
UPPER: Final = 65_536
"""How many entries the tile of level 1 covers."""
IN_BLOCK: Final = 40_000
FAR: Final = (300, 50_000)
VKEY: Final = signer_of(1).vkey


def _flip_root(attacker: Attacker) -> None:
    nodes = attacker.cell("tiles", "nodes", level=1, tile_index=0)
    attacker.put("tiles", {"level": 1, "tile_index": 0}, nodes=nodes[:-32] + flip(nodes[-32:]))


def _forge(attacker: Attacker, *, upper: bool) -> None:
    """Forges an entry with its columns and its tile, and if asked the tile above."""
    document = attacker.document(IN_BLOCK)
    forge_data(document)
    data = forge.canonical(document)
    attacker.entry(IN_BLOCK, bytes=data, leaf_hash=forge.leaf(data))
    place = {"level": 0, "tile_index": IN_BLOCK // 256}
    root = _set_hash(attacker, place, IN_BLOCK % 256, forge.leaf(data))
    if upper:
        _set_hash(attacker, {"level": 1, "tile_index": 0}, IN_BLOCK // 256, root)


def _set_hash(attacker: Attacker, place: dict[str, int], number: int, digest: bytes) -> bytes:
    """Makes a tile anew with one other hash; returns its root."""
    nodes = attacker.cell("tiles", "nodes", **place)
    hashes = [nodes[at : at + 32] for at in range(0, 8192, 32)]
    hashes[number] = digest
    made = forge.tile(hashes)
    attacker.put("tiles", place, nodes=made)
    return made[-32:]


def _truncate(attacker: Attacker, start: int) -> None:
    for table in ("entries", "entry_subjects"):
        attacker.run(f"DELETE FROM {table} WHERE entry_index >= :s", s=start)


TILES: Final = (
    Case("a node of the upper tile turned", _flip_root, tells(*tile_wrong(0, level=1))),
    Case(
        "the upper tile deleted",
        lambda a: a.delete("tiles", level=1, tile_index=0),
        tells(*tile_wrong(0, level=1)),
    ),
    Case(
        "an entry forged with both its tiles",
        partial(_forge, upper=True),
        tells(
            *altered(IN_BLOCK),
            *tile_wrong(IN_BLOCK // 256),
            *tile_wrong(0, level=1),
            may=same_entry([IN_BLOCK]),
        ),
    ),
    Case(
        "truncated below the upper tile",
        partial(_truncate, start=UPPER - 36),
        tells(named(K.TRUNCATED, UPPER - 36)),
    ),
)
"""What is done to the upper tile, or about it."""

ROWS: Final = (
    Case(
        "an entry forged with its tile",
        partial(_forge, upper=False),
        tells(*altered(IN_BLOCK), *tile_wrong(IN_BLOCK // 256), may=same_entry([IN_BLOCK])),
    ),
    Case(
        "entries of far blocks deleted",
        lambda a: delete_entries(a, FAR, rows_too=True),
        tells(*each(K.DELETED, FAR), may=[named(K.SUBJECT_ROW_DISAGREES, FAR)]),
    ),
    Case(
        "the last entry under the upper tile and one after it exchanged",
        partial(exchange, first=UPPER - 1, second=UPPER + 7, columns=("bytes", "leaf_hash")),
        tells(*each(K.MOVED, [UPPER - 1, UPPER + 7]), may=moved_may([UPPER - 1, UPPER + 7])),
    ),
)
"""What is done to rows while the upper tile still vouches for them: every day to one log, each to one of its own by the long run."""


def _all_of(cases: Sequence[Case]) -> Case:
    def attack(attacker: Attacker) -> None:
        for case in cases:
            case.attack(attacker)

    return Case("; ".join(case.name for case in cases), attack, reduce(add, [case.expect for case in cases]))


@pytest.fixture(scope="session")
def long_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file, made by the first worker that asks."""
    shared = tmp_path_factory.getbasetemp()
    if shared.name.startswith("popen-"):
        shared = shared.parent
    path = shared / "long.db"
    with (shared / "long.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            url = f"sqlite:///{shared / 'making.db'}"
            make(url, LENGTH)
            disarm(url)
            driver = sqlite3.connect(shared / "making.db")
            driver.execute("PRAGMA journal_mode=DELETE")
            driver.close()
            (shared / "making.db").rename(path)
    return path


@pytest.fixture
def attacked(long_log: Path, tmp_path: Path) -> Callable[[Callable[[Attacker], object]], Database]:
    """A copy of the log after an attack."""

    def attack(act: Callable[[Attacker], object]) -> Database:
        path = tmp_path / "long.db"
        shutil.copyfile(long_log, path)
        driver = connect(f"sqlite:///{path}")
        driver.execute("BEGIN")
        act(Attacker(driver, "sqlite", ORIGIN, None, None))
        driver.execute("COMMIT")
        driver.close()
        return Database(f"sqlite:///{path}")

    return attack


def test_a_long_log_raises_no_alarm(attacked: Callable[[Callable[[Attacker], object]], Database]) -> None:
    database = attacked(lambda _: None)

    report = verify_database(database, trust=Trust(vkeys=(VKEY,)), workers=1)

    assert report.faults == ()
    assert (report.verdict, report.entries_checked) == (Verdict.VALID_UNANCHORED, LENGTH)
    database.close()


@pytest.mark.parametrize("case", [*TILES, _all_of(ROWS)], ids=lambda case: case.name)
def test_tampering_with_a_long_log_is_named(
    case: Case, attacked: Callable[[Callable[[Attacker], object]], Database]
) -> None:
    require_named(case, attacked)


@pytest.mark.long
@pytest.mark.parametrize("case", ROWS, ids=lambda case: case.name)
def test_each_act_on_rows_of_a_long_log_is_named(
    case: Case, attacked: Callable[[Callable[[Attacker], object]], Database]
) -> None:
    require_named(case, attacked)


def require_named(case: Case, attacked: Callable[[Callable[[Attacker], object]], Database]) -> None:
    database = attacked(case.attack)

    report = verify_database(database, trust=Trust(vkeys=(VKEY,)), workers=1)

    assert judge(case.expect, report.faults) == []
    assert report.verdict is Verdict.TAMPERED
    database.close()
