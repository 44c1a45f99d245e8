"""The key store keeps wrapped keys apart from the database, and forgets for good."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage.errors import KeyMissing, KeyUnreadable, StorageKeyError
from storage.keystore import KeyStore
from tests.worlds import ROOT_KEY, seeded


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'keys.db'}"
    cluster = request.getfixturevalue("cluster")
    return str(cluster.url(cluster.create_database()))


@pytest.fixture
def store(url: str) -> Iterator[KeyStore]:
    opened = KeyStore(url, ROOT_KEY, entropy=seeded())
    yield opened
    opened.close()


def test_a_key_reads_back_after_reopening(store: KeyStore, url: str) -> None:
    store.put("person", "p_1", b"k" * 32)

    again = KeyStore(url, ROOT_KEY, entropy=seeded(1))

    assert again.get("person", "p_1") == b"k" * 32
    again.close()


def test_a_name_is_used_once(store: KeyStore) -> None:
    store.put("person", "p_1", b"k" * 32)

    with pytest.raises(StorageKeyError, match="key person/p_1: expected a new name, got one in use"):
        store.put("person", "p_1", b"l" * 32)


def test_a_missing_key_is_named(store: KeyStore) -> None:
    with pytest.raises(KeyMissing, match="key person/nobody: expected a stored key, got none"):
        store.get("person", "nobody")


def test_another_root_key_opens_nothing(store: KeyStore, url: str) -> None:
    with pytest.raises(KeyUnreadable, match="wrapped under this root key"):
        KeyStore(url, b"z" * 32, entropy=seeded())


def test_a_short_root_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageKeyError, match="root key: expected 32 bytes, got 5"):
        KeyStore(f"sqlite:///{tmp_path / 'k.db'}", b"short", entropy=seeded())


def test_a_wrap_moved_to_another_name_does_not_open(tmp_path: Path) -> None:
    path = tmp_path / "keys.db"
    store = KeyStore(f"sqlite:///{path}", ROOT_KEY, entropy=seeded())
    store.put("person", "p_1", b"k" * 32)
    store.close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE wrapped_keys SET id = 'p_2'")

    again = KeyStore(f"sqlite:///{path}", ROOT_KEY, entropy=seeded())

    with pytest.raises(KeyUnreadable):
        again.get("person", "p_2")
    again.close()


def test_a_destroyed_key_leaves_no_bytes_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "keys.db"
    store = KeyStore(f"sqlite:///{path}", ROOT_KEY, entropy=os.urandom)
    store.put("person", "p_1", b"k" * 32)
    with sqlite3.connect(path) as connection:
        wrapped = connection.execute("SELECT wrapped FROM wrapped_keys").fetchone()[0]
    assert wrapped in path.read_bytes()

    assert store.destroy("person", "p_1")
    store.close()

    assert not any(wrapped in file.read_bytes() for file in tmp_path.iterdir())


def test_destroying_twice_says_so(store: KeyStore) -> None:
    store.put("person", "p_1", b"k" * 32)

    assert store.destroy("person", "p_1")
    assert not store.destroy("person", "p_1")


def test_racing_makers_get_one_key(store: KeyStore) -> None:
    first = store.get_or_make("secret", "s")

    assert store.get_or_make("secret", "s") == first
    assert store.ids("secret") == ["s"]


def test_a_backup_restores_into_an_empty_store(store: KeyStore, tmp_path: Path) -> None:
    store.put("person", "p_1", b"k" * 32)
    backup = tmp_path / "backup.json"

    assert store.backup(backup) == 1

    other = KeyStore(f"sqlite:///{tmp_path / 'other.db'}", ROOT_KEY, entropy=seeded(5))
    assert other.restore(backup) == 1
    assert other.restore(backup) == 0
    assert other.get("person", "p_1") == b"k" * 32
    assert backup.stat().st_mode & 0o777 == 0o600
    assert (b"k" * 32).hex() not in backup.read_text()
    other.close()


@pytest.mark.parametrize(
    "mutation",
    [lambda text: text[:-20], lambda text: text.replace("person", "parson"), lambda _text: "not json"],
    ids=["truncated", "renamed", "not json"],
)
def test_a_damaged_backup_is_refused(store: KeyStore, tmp_path: Path, mutation: Callable[[str], str]) -> None:
    store.put("person", "p_1", b"k" * 32)
    backup = tmp_path / "backup.json"
    store.backup(backup)
    backup.write_text(mutation(backup.read_text()))

    with pytest.raises(KeyUnreadable, match=r"backup backup\.json: expected"):
        store.restore(backup)
    assert store.ids("person") == ["p_1"]


def test_a_backup_of_another_root_key_is_refused(store: KeyStore, tmp_path: Path) -> None:
    store.put("person", "p_1", b"k" * 32)
    backup = tmp_path / "backup.json"
    store.backup(backup)
    other = KeyStore(f"sqlite:///{tmp_path / 'other.db'}", b"z" * 32, entropy=seeded())

    with pytest.raises(KeyUnreadable, match="backup: expected root key"):
        other.restore(backup)
    other.close()
