"""An empty index on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from documents.search.index import SearchIndex
from documents.search.model import IndexStore
from documents.search.postgresql.store import PostgresqlIndexStore
from documents.search.sqlite.store import SqliteIndexStore
from tests.postgres import Cluster


@pytest.fixture(scope="session")
def search_url(cluster: Cluster) -> Iterator[str]:
    """A PostgreSQL database for every index of this process."""
    with cluster.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[IndexStore]:
    """An empty index store."""
    made: IndexStore
    if request.param == "sqlite":
        made = SqliteIndexStore(tmp_path / "search.db")
    else:
        made = PostgresqlIndexStore(request.getfixturevalue("search_url"))
    with made.writing() as writing:
        writing.clear()
    yield made
    made.close()


@pytest.fixture
def index(store: IndexStore) -> SearchIndex:
    """The front door of it."""
    return SearchIndex(store)
