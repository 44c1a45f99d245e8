"""The ring: what a roll destroyed opens in no older backup, and everything else in the newest one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from threading import Thread

import pytest

from storage.epoch_ring import RING_NAME, EpochRing, read_ring
from storage.errors import KeyMissing, KeyUnreadable
from storage.keystore import KeyStore
from storage.keystore_backup import read_backup
from tests.worlds import ROOT_KEY, START, seeded


def _store(folder: Path, seed: int = 7) -> KeyStore:
    folder.mkdir(parents=True, exist_ok=True)
    ring = EpochRing(folder / RING_NAME, seeded(seed + 100))
    return KeyStore(f"sqlite:///{folder / 'keys.db'}", ROOT_KEY, entropy=seeded(seed), ring=ring)


def _filled(folder: Path) -> KeyStore:
    store = _store(folder)
    for name in ("kept", "doomed"):
        store.put("document", name, name.encode().ljust(32))
    return store


def test_yesterdays_backup_cannot_read_what_was_destroyed_and_todays_reads_everything_else(tmp_path: Path) -> None:
    store, safe = _filled(tmp_path / "live"), tmp_path / "safe"
    safe.mkdir()
    store.backup(safe / "yesterday.json")
    shutil.copy(tmp_path / "live" / "keys.db", safe / "keys.db")
    store.destroy("document", "doomed")

    store.roll_epoch(safe / "today.json", now=START)

    # Whoever has the backup of yesterday, the raw file of the store, the root key and the ring of today.
    elsewhere = _store(tmp_path / "elsewhere", seed=9)
    with pytest.raises(KeyUnreadable, match="expected its secret in the ring, got none"):
        elsewhere.restore(safe / "yesterday.json")
    raw = tmp_path / "raw"
    raw.mkdir()
    shutil.copy(safe / "keys.db", raw / "keys.db")
    shutil.copy(safe / RING_NAME, raw / RING_NAME)
    with pytest.raises(KeyUnreadable):
        _store(raw)
    assert elsewhere.restore(safe / "today.json") == 1
    assert elsewhere.get("document", "kept") == b"kept".ljust(32)
    with pytest.raises(KeyMissing):
        elsewhere.get("document", "doomed")
    assert store.get("document", "kept") == b"kept".ljust(32)


def test_before_a_roll_a_backup_opens_with_the_ring_beside_it_and_not_without(tmp_path: Path) -> None:
    store, safe = _filled(tmp_path / "live"), tmp_path / "safe"
    safe.mkdir()
    store.backup(safe / "backup.json")

    assert _store(tmp_path / "new", seed=9).restore(safe / "backup.json") == 2
    (safe / RING_NAME).unlink()
    with pytest.raises(KeyUnreadable):
        _store(tmp_path / "other", seed=10).restore(safe / "backup.json")


def test_a_store_from_before_there_was_a_ring_opens_and_has_one_after_a_roll(tmp_path: Path) -> None:
    folder = tmp_path / "live"
    folder.mkdir()
    old = KeyStore(f"sqlite:///{folder / 'keys.db'}", ROOT_KEY, entropy=seeded(7))
    old.put("document", "kept", b"k" * 32)
    old.close()

    store = _store(folder)
    assert store.get("document", "kept") == b"k" * 32
    assert read_ring(folder / RING_NAME) == {}
    store.roll_epoch(tmp_path / "b.json", now=START)

    assert len(read_ring(folder / RING_NAME)) == 1
    assert read_ring(tmp_path / RING_NAME) == read_ring(folder / RING_NAME)
    assert _store(folder).get("document", "kept") == b"k" * 32
    assert max(read_backup(tmp_path / "b.json").epochs) == 2


def test_the_root_key_changes_under_a_ring(tmp_path: Path) -> None:
    store = _filled(tmp_path / "live")
    store.rewrap_root(b"n" * 32)
    store.close()

    ring = EpochRing(tmp_path / "live" / RING_NAME, seeded(1))
    again = KeyStore(f"sqlite:///{tmp_path / 'live' / 'keys.db'}", b"n" * 32, entropy=seeded(3), ring=ring)

    assert again.get("document", "kept") == b"kept".ljust(32)


def test_two_that_make_the_same_secret_get_the_same(tmp_path: Path) -> None:
    made: list[bytes] = []
    rings = [EpochRing(tmp_path / RING_NAME, seeded(seed)) for seed in range(4)]
    threads = [Thread(target=lambda ring=ring: made.append(ring.make("epoch 1"))) for ring in rings]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(made)) == 1
    assert (tmp_path / RING_NAME).stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == [".epochs.ring.lock", RING_NAME]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": "other"}', '{"format": "chopbook-ring/1", "secrets": {"a": "!"}}']
)
def test_a_damaged_ring_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / RING_NAME).write_text(text)

    with pytest.raises(KeyUnreadable, match=r"ring epochs\.ring: expected"):
        read_ring(tmp_path / RING_NAME)


def test_a_ring_of_another_store_opens_nothing(tmp_path: Path) -> None:
    _filled(tmp_path / "live").close()
    ring = json.loads((tmp_path / "live" / RING_NAME).read_text())
    ring["secrets"] = dict.fromkeys(ring["secrets"], "A" * 43 + "=")
    (tmp_path / "live" / RING_NAME).write_text(json.dumps(ring))

    with pytest.raises(KeyUnreadable, match="got one of another ring"):
        _store(tmp_path / "live")


def test_a_store_on_postgresql_has_a_ring_of_one_file_that_its_machines_share(
    postgresql_url: str, tmp_path: Path
) -> None:
    def machine(seed: int, ring: str = "shared") -> KeyStore:
        return KeyStore(
            postgresql_url, ROOT_KEY, entropy=seeded(seed), ring=EpochRing(tmp_path / ring / RING_NAME, seeded(seed))
        )

    for folder in ("shared", "own", "safe"):
        (tmp_path / folder).mkdir()
    first, second = machine(1), machine(2)
    for name in ("kept", "doomed"):
        first.put("document", name, name.encode().ljust(32))
    first.backup(tmp_path / "safe" / "yesterday.json")
    second.destroy("document", "doomed")
    second.roll_epoch(tmp_path / "safe" / "today.json", now=START)

    assert first.get("document", "kept") == second.get("document", "kept") == b"kept".ljust(32)
    first.put("document", "later", b"l" * 32)
    assert second.get("document", "later") == b"l" * 32
    elsewhere = _store(tmp_path / "elsewhere", seed=9)
    with pytest.raises(KeyUnreadable):
        elsewhere.restore(tmp_path / "safe" / "yesterday.json")
    with pytest.raises(KeyUnreadable):
        machine(3, ring="own")
    for store in (first, second, elsewhere):
        store.close()
