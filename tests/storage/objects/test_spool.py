"""An upload lies encrypted on disk, survives a crash, and reads like any file."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.errors import StorageKeyError
from storage.keystore import KeyStore
from storage.objects.errors import SpoolBroken, SpoolMissing, SpoolOffsetConflict
from storage.objects.spool import Spool, SpoolReader
from storage.objects.spool_records import MARK, RECORD_BYTES_MAX
from tests.objects import keystore_at, spool_at

UPLOAD = UUID(int=1)
OTHER = UUID(int=2)


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[KeyStore]:
    store = keystore_at(tmp_path)
    yield store
    store.close()


@pytest.fixture
def spool(tmp_path: Path, keys: KeyStore) -> Spool:
    return spool_at(tmp_path, keys)


def _filled(spool: Spool, content: bytes, *, piece: int = 100_000) -> bytes:
    spool.create(UPLOAD)
    with spool.writer(UPLOAD, 0) as writer:
        for at in range(0, len(content), piece):
            writer.write(content[at : at + piece])
    return content


def test_what_was_appended_reads_back(spool: Spool) -> None:
    spool.create(UPLOAD)

    assert spool.append(UPLOAD, b"first ", 0) == 6
    assert spool.append(UPLOAD, b"second", 6) == 12

    assert spool.offset(UPLOAD) == 12
    with spool.reader(UPLOAD) as reader:
        assert reader.size == 12
        assert reader.read() == b"first second"


def test_nothing_clear_is_on_disk(spool: Spool) -> None:
    content = _filled(spool, b"delivery note of a supplier " * 50_000)

    on_disk = spool.path(UPLOAD).read_bytes()

    assert b"supplier" not in on_disk
    assert len(on_disk) > len(content)
    assert spool.path(UPLOAD).stat().st_mode & 0o777 == 0o600


def test_bytes_for_another_place_are_refused(spool: Spool) -> None:
    spool.create(UPLOAD)
    spool.append(UPLOAD, b"abc", 0)

    with pytest.raises(SpoolOffsetConflict, match="expected bytes at offset 3, got some at 5") as caught:
        spool.append(UPLOAD, b"def", 5)

    assert caught.value.offset == 3
    assert spool.offset(UPLOAD) == 3


def test_an_upload_begins_once(spool: Spool) -> None:
    spool.create(UPLOAD)

    with pytest.raises(StorageKeyError, match="expected a new name"):
        spool.create(UPLOAD)


def test_two_writers_do_not_mix(spool: Spool) -> None:
    spool.create(UPLOAD)

    with spool.writer(UPLOAD, 0) as writer:
        writer.write(b"abc")
        with pytest.raises(BlockingIOError):
            spool.append(UPLOAD, b"xyz", 0)

    assert spool.offset(UPLOAD) == 3


def test_what_came_before_a_broken_connection_is_kept(spool: Spool) -> None:
    spool.create(UPLOAD)

    def receive() -> None:
        with spool.writer(UPLOAD, 0) as writer:
            writer.write(b"abc")
            raise ConnectionError

    with pytest.raises(ConnectionError):
        receive()

    assert spool.offset(UPLOAD) == 3


@pytest.mark.parametrize("cut", [1, 20, RECORD_BYTES_MAX, RECORD_BYTES_MAX + 31])
def test_a_torn_tail_is_cut_at_the_last_whole_record(spool: Spool, cut: int) -> None:
    content = _filled(spool, os.urandom(3 * RECORD_BYTES_MAX))
    path = spool.path(UPLOAD)
    os.truncate(path, path.stat().st_size - cut)

    kept = spool.offset(UPLOAD)
    spool.append(UPLOAD, content[kept:], kept)

    assert kept == 2 * RECORD_BYTES_MAX
    with spool.reader(UPLOAD) as reader:
        assert reader.read() == content


def test_a_record_whose_bytes_never_reached_the_disk_is_cut(spool: Spool) -> None:
    _filled(spool, os.urandom(RECORD_BYTES_MAX + 1_000))
    with spool.path(UPLOAD).open("r+b") as file:
        file.seek(-500, io.SEEK_END)
        file.write(bytes(500))

    assert spool.offset(UPLOAD) == RECORD_BYTES_MAX


def test_an_altered_record_is_not_read(spool: Spool) -> None:
    _filled(spool, os.urandom(3 * RECORD_BYTES_MAX))
    with spool.path(UPLOAD).open("r+b") as file:
        file.seek(len(MARK) + 1_000)
        file.write(b"\0\0\0\0\0\0\0\0")

    with spool.reader(UPLOAD) as reader:
        reader.seek(RECORD_BYTES_MAX)
        assert len(reader.read(10)) == 10
        reader.seek(0)
        with pytest.raises(SpoolBroken, match="expected record 0 as it was written"):
            reader.read(10)


def test_exchanged_records_are_not_read(spool: Spool) -> None:
    _filled(spool, os.urandom(3 * RECORD_BYTES_MAX))
    path, record = spool.path(UPLOAD), RECORD_BYTES_MAX + 32
    data = path.read_bytes()
    first, second, rest = data[17 : 17 + record], data[17 + record : 17 + 2 * record], data[17 + 2 * record :]
    path.write_bytes(MARK + second + first + rest)

    with spool.reader(UPLOAD) as reader, pytest.raises(SpoolBroken):
        reader.read()


def test_a_spool_cut_at_a_record_shows_by_its_known_size(spool: Spool) -> None:
    _filled(spool, os.urandom(2 * RECORD_BYTES_MAX))
    file = spool.file(UPLOAD)
    os.truncate(file.path, file.path.stat().st_size - RECORD_BYTES_MAX - 32)

    with pytest.raises(SpoolBroken, match=f"expected {2 * RECORD_BYTES_MAX} bytes, got {RECORD_BYTES_MAX}"):
        file.open()


def test_a_spool_of_a_known_size_is_checked_record_by_record_as_it_is_read(spool: Spool) -> None:
    content = os.urandom(2 * RECORD_BYTES_MAX)
    _filled(spool, content)
    file = spool.file(UPLOAD)
    data = file.path.read_bytes()

    file.path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with file.open() as reader:
        assert reader.read(RECORD_BYTES_MAX) == content[:RECORD_BYTES_MAX]
        with pytest.raises(SpoolBroken):
            reader.read()

    # What a crash left behind the end is not of the content; a whole record more is.
    file.path.write_bytes(data + data[17:-100])
    with file.open() as reader:
        assert reader.read() == content
    file.path.write_bytes(data)
    spool.append(UPLOAD, b"more", len(content))
    with pytest.raises(SpoolBroken, match=f"expected {len(content)} bytes, got {len(content) + 4}"):
        file.open()


def test_another_key_opens_nothing(spool: Spool) -> None:
    _filled(spool, b"x" * (RECORD_BYTES_MAX + 5))

    # The last record does not open, so it looks torn; the one before then does not open either.
    with SpoolReader.open(spool.path(UPLOAD), bytes(32)) as reader, pytest.raises(SpoolBroken):
        reader.read()


def test_a_destroyed_upload_is_gone(spool: Spool, keys: KeyStore) -> None:
    _filled(spool, b"x" * 10)
    spool.create(OTHER)

    spool.destroy(UPLOAD)
    spool.destroy(UPLOAD)

    assert spool.uploads() == [str(OTHER)]
    assert not keys.has("upload", str(UPLOAD))
    with pytest.raises(SpoolMissing, match="expected an upload under way, got none"):
        spool.reader(UPLOAD)


def test_a_lost_file_is_named(spool: Spool) -> None:
    spool.create(UPLOAD)
    spool.path(UPLOAD).unlink()

    with pytest.raises(SpoolMissing, match="expected its file, got none"):
        spool.offset(UPLOAD)
    with pytest.raises(SpoolMissing):
        spool.reader(UPLOAD)


def test_something_else_is_no_spool(tmp_path: Path) -> None:
    path = tmp_path / "x.spool"
    path.write_bytes(b"hello, this is not a spool")

    with pytest.raises(SpoolBroken, match="expected to begin with"):
        SpoolReader.open(path, bytes(32))


def test_a_closed_reader_says_so(spool: Spool) -> None:
    _filled(spool, b"abc")
    reader = spool.reader(UPLOAD)
    reader.close()
    reader.close()

    with pytest.raises(ValueError, match="expected an open file"):
        reader.read(1)
    with pytest.raises(ValueError, match="expected an open file"):
        reader.tell()


def test_a_child_process_reads_it_through_a_descriptor(spool: Spool) -> None:
    content = _filled(spool, os.urandom(300_000))
    file = spool.file(UPLOAD)
    program = (
        "import hashlib, sys; from storage.objects.spool import SpoolReader;"
        "key = sys.stdin.buffer.read(32); reader = SpoolReader.open(int(sys.argv[1]), key);"
        "print(hashlib.sha256(reader.read()).hexdigest())"
    )
    descriptor = os.open(file.path, os.O_RDONLY)

    done = subprocess.run(
        [sys.executable, "-c", program, str(descriptor)],
        input=file.key, pass_fds=(descriptor,), capture_output=True, check=True,
    )  # fmt: skip
    os.close(descriptor)

    import hashlib

    assert done.stdout.decode().strip() == hashlib.sha256(content).hexdigest()
    assert file.key.hex() not in repr(file)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(
    pieces=st.lists(st.integers(0, RECORD_BYTES_MAX * 2), max_size=4),
    moves=st.lists(st.tuples(st.integers(0, RECORD_BYTES_MAX * 8), st.integers(-1, 400_000)), max_size=12),
)
def test_it_reads_like_a_file(spool: Spool, pieces: list[int], moves: list[tuple[int, int]]) -> None:
    spool.destroy(UPLOAD)
    spool.create(UPLOAD)
    plain = io.BytesIO()
    for size in pieces:
        chunk = os.urandom(size)
        spool.append(UPLOAD, chunk, len(plain.getvalue()))
        plain.seek(0, io.SEEK_END)
        plain.write(chunk)

    with spool.reader(UPLOAD) as reader:
        for position, size in moves:
            assert reader.seek(position) == plain.seek(position)
            assert reader.read(size) == plain.read(size)
            assert reader.tell() == plain.tell()
        assert reader.seek(0, io.SEEK_END) == len(plain.getvalue())
        with pytest.raises(ValueError, match="expected a place in the file"):
            reader.seek(-1)
