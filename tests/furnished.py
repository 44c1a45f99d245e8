"""Worlds that are furnished once and opened in copies: what takes dozens of commits is done once a worker, on PostgreSQL once a run.

A copy goes on exactly where the furnished world stopped: its clock stands there, its chance has been drawn as often, and so
a test sees what it would have seen had it furnished the world itself.
"""

from __future__ import annotations

import pickle
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar

from migrations.upgrading import upgrade
from storage import open_storage
from tests.postgres import Cluster
from tests.worlds import ROOT_KEY, World, world_at

T = TypeVar("T")
Dialect: TypeAlias = Literal["sqlite", "postgresql"]
Furnish: TypeAlias = Callable[[World, Path], T]
"""Fills a world; returns what a test must know of it, which can be pickled. A function of a module: its name names the copy."""


def nothing(_world: World, _directory: Path) -> None:
    """A log with its first entry and nothing else."""


class Furnished:
    """The furnished worlds of a worker.

    Args:
        directory: where they are kept.
        migrated: a migrated SQLite file.
        cluster: gives the run's PostgreSQL, asked for only when a test is about to run on it.
    """

    def __init__(self, directory: Path, migrated: Path, cluster: Callable[[], Cluster]) -> None:
        self._directory = directory
        self._migrated = migrated
        self._cluster = cluster

    @contextmanager
    def opened(
        self, dialect: Dialect, furnish: Furnish[T], directory: Path, **options: Any
    ) -> Iterator[tuple[World, T]]:
        """A copy of its own of what `furnish` made, opened with these options; its files are in `directory`."""
        name = re.sub(r"\W+", "_", f"{furnish.__module__}_{furnish.__qualname__}").removeprefix("tests_")
        with (
            self._on_sqlite(name, furnish, directory)
            if dialect == "sqlite"
            else self._on_postgresql(name, furnish) as (url, kept)
        ):
            shutil.copyfile(kept / "keys.db", directory / "keys.db")
            clock, entropy, made = pickle.loads((kept / "state").read_bytes())  # noqa: S301 -- written below
            keystore_url = f"sqlite:///{directory / 'keys.db'}"
            storage = open_storage(url, keystore_url, ROOT_KEY, clock=clock, entropy=entropy, **options)
            world = World(url, keystore_url, clock, entropy, storage, dict(options))
            try:
                yield world, made
            finally:
                world.storage.close()

    @contextmanager
    def _on_sqlite(self, name: str, furnish: Furnish[T], directory: Path) -> Iterator[tuple[str, Path]]:
        kept = self._directory / name
        if not (kept / "state").exists():
            kept.mkdir()
            shutil.copyfile(self._migrated, kept / "chopbook.db")
            fill(f"sqlite:///{kept / 'chopbook.db'}", kept, furnish)
        shutil.copyfile(kept / "chopbook.db", directory / "chopbook.db")
        yield f"sqlite:///{directory / 'chopbook.db'}", kept

    @contextmanager
    def _on_postgresql(self, name: str, furnish: Furnish[T]) -> Iterator[tuple[str, Path]]:
        cluster = self._cluster()
        kept = cluster.directory / name

        def make(url: str) -> None:
            shutil.rmtree(kept, ignore_errors=True)
            kept.mkdir()
            fill(url, kept, furnish)

        migrated = cluster.template("migrated", upgrade)
        with cluster.database(template=cluster.template(name, make, migrated)) as url:
            yield url, kept


def fill(url: str, kept: Path, furnish: Furnish[T]) -> None:
    """Furnishes a migrated, empty database, and writes down beside its key store where it stopped."""
    with world_at(url, kept) as world:
        made = furnish(world, kept)
    (kept / "state").write_bytes(pickle.dumps((world.clock, world.entropy, made)))
