"""What verification reads in bulk is what the rows hold, in their order."""

from __future__ import annotations

import json

import pytest

from storage import stored_log as module
from storage.database import Database
from storage.stored_log import StoredLog
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


def _first(rows: list[tuple[str, int, int, int | None]], key: tuple[str, int]) -> tuple[int, int]:
    """Where the subject is first seen, then the position in its chain."""
    return next(place for place, row in enumerate(rows) if row[0] == key[0]), key[1]
