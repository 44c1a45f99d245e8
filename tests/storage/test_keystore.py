"""The key store keeps wrapped keys apart from the database, and forgets for good."""

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from storage.errors import KeyMissing, KeyUnreadable, StorageKeyError
from storage.keystore import KeyStore
from storage.keystore_backup import read_backup
from storage.keystore_care import Fact, Roll, compare
from storage.root_key import LocalRootKey
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


# ------------------------------------------------------------------------------------------------ epochs and care


NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def _filled(store: KeyStore, count: int = 30) -> dict[str, bytes]:
    keys = {f"d_{number}": bytes([number]) * 32 for number in range(count)}
    for name, key in keys.items():
        store.put("document", name, key)
    return keys


def test_a_destroyed_document_key_is_never_made_again(store: KeyStore, tmp_path: Path) -> None:
    store.put("document", "d_1", b"k" * 32)
    store.backup(tmp_path / "before.json")
    store.destroy("document", "d_1")

    with pytest.raises(KeyMissing, match="key document/d_1: expected a new name, got that of a destroyed key"):
        store.put("document", "d_1", b"l" * 32)
    with pytest.raises(KeyMissing):
        store.get_or_make("document", "d_1")

    assert store.restore(tmp_path / "before.json") == 0
    assert not store.has("document", "d_1")


def test_what_a_backup_knows_to_be_destroyed_is_destroyed_where_it_is_restored(store: KeyStore, tmp_path: Path) -> None:
    _filled(store, 3)
    store.backup(tmp_path / "old.json")
    store.destroy("document", "d_1")
    store.backup(tmp_path / "new.json")
    other = KeyStore(f"sqlite:///{tmp_path / 'other.db'}", ROOT_KEY, entropy=seeded(5))

    assert other.restore(tmp_path / "old.json") == 3
    assert other.restore(tmp_path / "new.json") == 0

    assert other.ids("document") == ["d_0", "d_2"]
    other.close()


def test_a_roll_keeps_every_key_and_makes_old_backups_worthless(store: KeyStore, url: str, tmp_path: Path) -> None:
    keys = _filled(store)
    store.put("person", "p_1", b"p" * 32)
    store.backup(tmp_path / "before.json")
    store.destroy("document", "d_7")

    rolled = store.roll_epoch(tmp_path / "after.json", now=NOW)

    assert rolled == 30
    assert store.epochs() == [2]
    assert {name: store.get("document", name) for name in keys if name != "d_7"} == {
        name: key for name, key in keys.items() if name != "d_7"
    }
    assert store.epoch_of("person", "p_1") == 2
    # With the old wraps and the root key, but without the old epoch's key, nothing of them opens.
    old = json.loads((tmp_path / "before.json").read_text())["body"]
    new = json.loads((tmp_path / "after.json").read_text())["body"]
    assert [epoch for epoch, _ in new["epochs"]] == [2]
    assert ["document", "d_7"] in new["destroyed"]
    assert not {wrapped for *_, wrapped in old["keys"]} & {wrapped for *_, wrapped in new["keys"]}
    again = KeyStore(url, ROOT_KEY, entropy=seeded(3))
    assert again.get("document", "d_3") == keys["d_3"]
    again.close()


def test_another_process_follows_a_roll(store: KeyStore, url: str, tmp_path: Path) -> None:
    keys = _filled(store)
    other = KeyStore(url, ROOT_KEY, entropy=seeded(4))

    store.roll_epoch(tmp_path / "after.json", now=NOW)

    assert other.get("document", "d_3") == keys["d_3"]
    other.put("document", "new", b"n" * 32)
    assert other.epoch_of("document", "new") == 2
    assert store.get("document", "new") == b"n" * 32
    other.close()


@pytest.mark.parametrize("steps", [0, 1, 2, 3])
def test_a_roll_that_was_killed_goes_on_where_it_stopped(url: str, tmp_path: Path, steps: int) -> None:
    store = KeyStore(url, ROOT_KEY, entropy=seeded())
    keys = _filled(store)
    engine = create_engine(url)
    roll = Roll(engine, LocalRootKey(ROOT_KEY, seeded(8)), seeded(9))
    if steps > 0:
        new = roll.begin()
        if steps > 1:
            roll.rewrap(new)
        if steps > 2:
            roll.prove(tmp_path / "first.json")
    engine.dispose()
    store.close()

    again = KeyStore(url, ROOT_KEY, entropy=seeded(2))
    assert {name: again.get("document", name) for name in keys} == keys
    assert again.report().is_rolling == (steps > 0)
    again.roll_epoch(tmp_path / "second.json", now=NOW)

    assert again.epochs() == [2]
    assert {name: again.get("document", name) for name in keys} == keys
    again.close()


def test_the_old_epoch_stays_if_the_backup_cannot_be_written(store: KeyStore, tmp_path: Path) -> None:
    keys = _filled(store)
    (tmp_path / "taken.json").write_text("another's")

    with pytest.raises(FileExistsError):
        store.roll_epoch(tmp_path / "taken.json", now=NOW)

    assert store.epochs() == [1, 2]
    assert store.get("document", "d_1") == keys["d_1"]
    assert (tmp_path / "taken.json").read_text() == "another's"
    assert [path.name for path in tmp_path.glob(".taken*")] == []


def test_the_old_epoch_stays_while_something_is_wrapped_under_it(store: KeyStore, url: str) -> None:
    _filled(store)
    engine = create_engine(url)
    roll = Roll(engine, LocalRootKey(ROOT_KEY, seeded(8)), seeded(9))

    new = roll.begin()

    with pytest.raises(StorageKeyError, match="roll: expected nothing wrapped under an epoch before 2"):
        roll.end(new)
    assert store.epochs() == [1, 2]
    engine.dispose()


def test_a_backup_that_reads_back_otherwise_is_no_proof(store: KeyStore, tmp_path: Path) -> None:
    _filled(store, 2)
    store.backup(tmp_path / "two.json")
    root = LocalRootKey(ROOT_KEY, seeded())
    two = read_backup(tmp_path / "two.json")

    with pytest.raises(KeyUnreadable, match="expected the names of all destroyed keys"):
        compare(two, replace(two, destroyed=(("document", "d_9"),)), root)
    swapped = replace(two, keys=tuple(reversed(two.keys)))
    with pytest.raises(KeyUnreadable, match="backup: expected key document/d_1 as it is in the store"):
        compare(two, swapped, root)
    with pytest.raises(KeyUnreadable, match="expected the key of epoch 1, got none"):
        list(replace(two, epochs={}).opened(root))


def test_another_root_key_opens_what_the_old_one_did(store: KeyStore, url: str) -> None:
    keys, passphrase = _filled(store), store.passphrase("signing key")
    new = bytes(range(1, 33))

    assert store.rewrap_root(new) == 1

    assert store.get("document", "d_1") == keys["d_1"]
    again = KeyStore(url, new, entropy=seeded())
    assert {name: again.get("document", name) for name in keys} == keys
    assert again.passphrase("signing key") == passphrase
    assert again.root_fingerprint == store.root_fingerprint
    again.close()
    with pytest.raises(KeyUnreadable):
        KeyStore(url, ROOT_KEY, entropy=seeded())


def test_a_process_with_the_root_key_of_before_rolls_nothing(url: str, store: KeyStore, tmp_path: Path) -> None:
    keys, new = _filled(store), bytes(range(1, 33))
    other = KeyStore(url, ROOT_KEY, entropy=seeded(3))
    store.rewrap_root(new)

    with pytest.raises(KeyUnreadable, match="the root key was changed: start this process again"):
        other.roll_epoch(tmp_path / "keys.json", now=NOW)

    assert {name: other.get("document", name) for name in keys} == keys
    other.close()
    again = KeyStore(url, new, entropy=seeded())
    assert again.epochs() == [1]
    assert {name: again.get("document", name) for name in keys} == keys
    again.close()


def test_a_process_with_the_root_key_of_before_leaves_no_backup_that_nobody_can_open(
    url: str, store: KeyStore, tmp_path: Path
) -> None:
    _filled(store)
    other = KeyStore(url, ROOT_KEY, entropy=seeded(3))
    engine = create_engine(url)
    roll = Roll(engine, LocalRootKey(ROOT_KEY, seeded(8)), seeded(9))
    roll.begin()
    store.rewrap_root(bytes(range(1, 33)))
    folder = tmp_path / "backups"
    folder.mkdir()

    with pytest.raises(KeyUnreadable):
        other.backup(folder / "keys.json", now=NOW)
    with pytest.raises(KeyUnreadable):
        roll.prove(folder / "rolled.json")

    assert list(folder.iterdir()) == []
    assert other.report().last_backup is None
    store.backup(folder / "keys.json", now=NOW)
    assert [path.name for path in folder.iterdir()] == ["keys.json"]
    other.close()
    engine.dispose()


def test_the_report_counts_and_remembers(store: KeyStore, tmp_path: Path) -> None:
    _filled(store, 4)
    store.put("person", "p_1", b"p" * 32)
    store.destroy("document", "d_0")
    empty = store.report()

    store.backup(tmp_path / "a.json", now=NOW)
    store.roll_epoch(tmp_path / "b.json", now=NOW + timedelta(days=1))

    report = store.report()
    assert (empty.last_backup, empty.last_test_restore, empty.last_roll) == (None, None, None)
    assert report.root_fingerprint == store.root_fingerprint
    assert [(epoch.epoch, epoch.keys) for epoch in report.epochs] == [(2, {"document": 3, "person": 1})]
    assert (report.keys, report.destroyed, report.is_rolling) == ({"document": 3, "person": 1}, 1, False)
    assert report.last_backup == Fact(NOW + timedelta(days=1), "b.json", 4)
    assert report.last_test_restore == report.last_roll == report.last_backup


def test_a_backup_of_the_first_format_still_restores(store: KeyStore, tmp_path: Path) -> None:
    _filled(store, 2)
    store.backup(tmp_path / "new.json")
    body = json.loads((tmp_path / "new.json").read_text())["body"]
    body["format"] = "chopbook-keystore/1"
    del body["destroyed"]
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    (tmp_path / "old.json").write_text(json.dumps({"body": body, "sha256": digest}))
    other = KeyStore(f"sqlite:///{tmp_path / 'other.db'}", ROOT_KEY, entropy=seeded(5))

    assert other.restore(tmp_path / "old.json") == 2

    other.close()
