"""A file in passing lies encrypted, without a name, under a key that nothing but this process has; it can be kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from storage.keystore import KeyStore
from storage.objects.passing import PassingSpool
from storage.objects.spool import UPLOAD_KIND, Spool
from storage.objects.spool_records import RECORD_BYTES_MAX
from tests.objects import keystore_at, spool_at

UPLOAD = UUID(int=1)
CONTENT = b"delivery note of a supplier " * 40_000


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[KeyStore]:
    store = keystore_at(tmp_path)
    yield store
    store.close()


@pytest.fixture
def spool(tmp_path: Path, keys: KeyStore) -> Spool:
    return spool_at(tmp_path, keys)


@pytest.fixture
def passing(spool: Spool) -> Iterator[PassingSpool]:
    passing = spool.passing()
    with passing.writer() as writer:
        for at in range(0, len(CONTENT), 100_000):
            writer.write(CONTENT[at : at + 100_000])
    yield passing
    passing.close()


def test_what_was_written_reads_back_as_from_any_spool(passing: PassingSpool) -> None:
    file = passing.file()

    assert len(CONTENT) > 4 * RECORD_BYTES_MAX
    assert file.size == len(CONTENT)
    with file.open() as reader:
        assert reader.read() == CONTENT
        reader.seek(RECORD_BYTES_MAX - 3)
        assert reader.read(6) == CONTENT[RECORD_BYTES_MAX - 3 : RECORD_BYTES_MAX + 3]


def test_it_has_no_name_no_stored_key_and_nothing_clear(tmp_path: Path, keys: KeyStore, passing: PassingSpool) -> None:
    on_disk = passing.file().path.read_bytes()

    assert b"supplier" not in on_disk
    assert len(on_disk) > len(CONTENT)
    assert list((tmp_path / "spool").iterdir()) == []
    assert keys.ids(UPLOAD_KIND) == []


def test_it_takes_its_room_where_spools_do(tmp_path: Path, passing: PassingSpool) -> None:
    file, folder = os.stat(passing.file().path), os.stat(tmp_path / "spool")  # noqa: PTH116  follows to the open file

    assert (file.st_dev, file.st_nlink) == (folder.st_dev, 0)


def test_bytes_are_added_at_the_end(passing: PassingSpool) -> None:
    with passing.writer() as writer:
        writer.write(b"more")

    with passing.file().open() as reader:
        assert reader.read() == CONTENT + b"more"


def test_one_that_must_wait_is_kept_and_outlives_it(keys: KeyStore, spool: Spool, passing: PassingSpool) -> None:
    spool.keep(UPLOAD, passing)
    passing.close()

    assert keys.ids(UPLOAD_KIND) == [str(UPLOAD)]
    with spool.reader(UPLOAD) as reader:
        assert reader.read() == CONTENT
    assert spool.append(UPLOAD, b"more", len(CONTENT)) == len(CONTENT) + 4


def test_closed_it_is_gone(passing: PassingSpool) -> None:
    file = passing.file()

    passing.close()
    passing.close()

    assert not file.path.exists()
