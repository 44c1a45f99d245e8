"""The key screen: how the key store is, for operators."""

from datetime import timedelta
from pathlib import Path

from policies.model import Role, ScopeKind
from tests.api.desk import Desk

PATH = "/api/v1/key-store"
WHERE = {Role.STAFF: (ScopeKind.STORE, "MK01"), Role.STORE_MANAGER: (ScopeKind.STORE, "MK01")}


def test_an_operator_sees_epochs_counts_and_the_last_backup(desk: Desk, tmp_path: Path) -> None:
    keys, operator = desk.world.storage.keys, desk.token(Role.OPERATOR, minutes=3_000)
    keys.put("document", "d_1", b"k" * 32)
    keys.put("document", "d_2", b"k" * 32)
    keys.destroy("document", "d_2")

    first = desk.get(PATH, by=operator)
    assert first.status_code == 200, first.text
    before = first.json()
    keys.roll_epoch(tmp_path / "backup.json", now=desk.world.clock())
    desk.world.clock.advance(days=1)
    after = desk.get(PATH, by=operator).json()

    assert (before["last_backup"], before["epochs"][0]["epoch"], before["rolling"]) == (None, 1, False)
    assert before["keys"]["document"] == after["keys"]["document"] == 1
    assert after["destroyed"] == 1
    assert after["epochs"] == [{"epoch": 2, "keys": after["keys"]}]
    assert after["last_roll"] == after["last_test_restore"] == after["last_backup"]
    rolled = desk.world.clock() - timedelta(days=1)
    assert after["last_roll"]["at"] == rolled.strftime("%Y-%m-%dT%H:%M:%S.000000Z")
    assert after["root_fingerprint"] == keys.root_fingerprint


def test_nobody_else_sees_it(desk: Desk) -> None:
    for role, where in WHERE.items():
        assert desk.get(PATH, by=desk.token(role, where)).status_code == 403
    assert desk.get(PATH).status_code == 403
    assert desk.get(PATH, by=None).status_code == 401
