"""Erasing a person: the key goes, the log stays and does not say who."""

from __future__ import annotations

from pathlib import Path

import pytest

from policies.codes import Code
from policies.errors import Denied, NotAuthenticated, PolicyConflict, UnknownThing
from policies.model import ErasureGround, Role, ScopeKind
from storage import KeyStore
from storage.errors import KeyMissing, StorageKeyError
from tests.policies.house import House
from tests.worlds import ROOT_KEY


def erase(house: House, person: str) -> None:
    house.committed(house.policies.erase_person(house.admin, person, event_id=house.id()))


def test_erasing_destroys_the_key_before_the_caller_is_answered(house: House) -> None:
    record = house.person(Role.AUDITOR, name="李小龍")
    keys = house.world.storage.keys
    keys.get("person", record.id)

    erase(house, record.id)

    with pytest.raises(KeyMissing):
        keys.get("person", record.id)
    assert house.policies.display_names([record.id]) == {record.id: None}


def test_the_entry_says_that_and_why_not_who(house: House) -> None:
    record = house.person(Role.AUDITOR)

    event_id = house.id()
    house.committed(
        house.policies.erase_person(house.admin, record.id, ground=ErasureGround.NO_LONGER_NEEDED, event_id=event_id)
    )

    entry = house.entry()
    assert entry["type"] == "privacy.erased"
    assert entry["data"] == {"ground": "no_longer_needed"}
    assert [(item["kind"], item["id"]) for item in entry["subjects"]] == [("erasure", str(event_id))]
    assert record.id not in str(entry)


def test_who_is_erased_signs_in_no_more_and_cannot_be_changed(house: House) -> None:
    house.tree()
    record = house.person(Role.STAFF)
    principal = house.policies.principal(record.id)

    erase(house, record.id)

    with pytest.raises(NotAuthenticated) as caught:
        house.policies.principal(record.id)
    assert caught.value.code is Code.PRINCIPAL_ERASED
    assert house.policies.directory().visible_stores(principal) == frozenset()
    with pytest.raises(UnknownThing):
        house.assign(record.id, ScopeKind.STORE, "MK01")
    with pytest.raises(UnknownThing):
        house.do(house.policies.reopen_principal(house.admin, record.id, event_id=house.id()))


def test_anybody_with_a_key_can_be_erased_account_or_not(house: House) -> None:
    keys = house.world.storage.keys
    keys.put("person", "c_customer", bytes(32))

    erase(house, "c_customer")

    assert "c_customer" not in keys.ids("person")
    with pytest.raises(PolicyConflict):
        erase(house, "c_customer")


def test_nobody_is_erased_who_is_not_there_or_twice(house: House) -> None:
    record = house.person(Role.STAFF)
    erase(house, record.id)

    with pytest.raises(PolicyConflict) as twice:
        erase(house, record.id)
    with pytest.raises(UnknownThing):
        erase(house, "p_nobody")

    assert twice.value.code is Code.ALREADY_ERASED


def test_a_repeated_erasure_is_a_replay(house: House) -> None:
    record = house.person(Role.STAFF)
    event_id = house.id()
    house.committed(house.policies.erase_person(house.admin, record.id, event_id=event_id))

    again = house.committed(house.policies.erase_person(house.admin, record.id, event_id=event_id))

    assert again.replayed


def test_nobody_erases_themselves_and_a_denial_names_nobody(house: House) -> None:
    officer = house.policies.principal(house.person(Role.DPO).id)
    auditor = house.policies.principal(house.person(Role.AUDITOR).id)
    victim = house.person(Role.STAFF)

    with pytest.raises(PolicyConflict):
        house.policies.erase_person(officer, officer.id, event_id=house.id())
    with pytest.raises(Denied) as denied:
        house.policies.erase_person(auditor, victim.id, event_id=house.id())

    change = house.policies.record_denial(denied.value.decision, now=house.world.clock())
    assert change is not None
    house.do(change)
    assert victim.id not in str(house.entry())


class BrokenKeys:
    """A key store whose destroying fails until it is mended; everything else is the real one's."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys
        self.broken = True

    def __getattr__(self, name: str) -> object:
        return getattr(self._keys, name)

    def destroy(self, kind: str, key_id: str) -> bool:
        if self.broken:
            raise StorageKeyError("the key store is away")
        return self._keys.destroy(kind, key_id)


def test_a_key_store_that_fails_just_then_is_asked_again(house: House) -> None:
    storage = house.world.storage
    keys = BrokenKeys(storage.keys)
    policies = type(house.policies)(
        storage.database,
        storage.log,
        keys,  # type: ignore[arg-type]
        clock=house.world.clock,
        entropy=house.world.entropy,
    )
    first, second = house.person(Role.STAFF), house.person(Role.STAFF)
    house.committed(policies.erase_person(house.admin, first.id, event_id=house.id()))
    house.committed(policies.erase_person(house.admin, second.id, event_id=house.id()))
    assert first.id in storage.keys.ids("person")
    with pytest.raises(StorageKeyError):
        policies.complete_erasures()

    keys.broken = False
    house.area("KLN")

    assert storage.keys.ids("person") == []
    assert policies.complete_erasures() == 0


def test_a_restored_key_is_destroyed_again_at_the_next_start(house: House, tmp_path: Path) -> None:
    record = house.person(Role.STAFF)
    backup = tmp_path / "keys.backup"
    house.world.storage.keys.backup(backup)
    erase(house, record.id)
    restored = KeyStore(house.world.keystore_url, ROOT_KEY, entropy=house.world.entropy)
    restored.restore(backup)
    restored.close()
    assert record.id in house.world.storage.keys.ids("person")

    house.another(house.world.storage)

    assert record.id not in house.world.storage.keys.ids("person")


def test_an_erasure_that_is_rolled_back_destroys_nothing(house: House) -> None:
    """One batch: an erasure, and a change that fails after it has written."""
    import asyncio

    from storage import Change, Transaction

    record = house.person(Role.STAFF)
    erasing = house.policies.erase_person(house.admin, record.id, event_id=house.id())

    def fail(tx: Transaction) -> None:
        erasing.run(tx)
        raise RuntimeError("after all, no")

    async def at_once() -> list[object]:
        log, event = house.world.storage.log, house.world.event()
        waiting = [log.commit_async(Change(fail)), log.commit_async(Change(lambda tx: tx.append(event)))]
        return list(await asyncio.gather(*waiting, return_exceptions=True))

    outcomes = asyncio.run(at_once())

    assert isinstance(outcomes[0], RuntimeError)
    assert record.id in house.world.storage.keys.ids("person")
    assert house.policies.principal(record.id).id == record.id
