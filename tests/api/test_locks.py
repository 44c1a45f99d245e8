"""What callers learn of the object store's locks."""

from __future__ import annotations

from uuid import UUID

from policies.model import Role, ScopeKind
from tests.api.desk import Desk

LOCKS, PROBES = "/api/v1/object-store/locks", "/api/v1/object-store/probes"


def test_a_probe_is_asked_for_and_shown(desk: Desk) -> None:
    officer = desk.token(Role.COMPLIANCE_OFFICER)
    before = desk.get(LOCKS, by=officer)
    asked = desk.post(PROBES, {"event_id": str(UUID(int=7, version=4))}, by=officer)
    again = desk.post(PROBES, {"event_id": str(UUID(int=7, version=4))}, by=officer)
    desk.services.locks.probe(event_id=desk.id())

    after = desk.get(asked.headers["location"], by=officer).json()

    assert (before.status_code, before.json()) == (200, {"good": False, "probed_at": None, "entry": None, "items": []})
    assert (asked.status_code, asked.json()["replayed"]) == (202, False)
    assert (again.status_code, again.json()["replayed"]) == (202, True)
    assert after["good"] is True
    assert len(after["items"]) == 14
    assert {(one["result"], one["result_zh"]) for one in after["items"]} == {("enforced", "已執行")}


def test_others_may_neither_ask_nor_see(desk: Desk) -> None:
    staff = desk.token(Role.STAFF, (ScopeKind.STORE, "MK01"))

    assert desk.post(PROBES, {}, by=staff).status_code == 403
    assert desk.get(LOCKS, by=staff).status_code == 403
    assert desk.get(LOCKS, by=None).status_code == 401
