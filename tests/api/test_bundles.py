"""Policy bundles through the API: their whole life, who may take which step, and what each refusal says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest

from policies.engine import shipped
from policies.model import PrincipalRecord, Role, ScopeKind
from tests.api.desk import Desk
from tests.policies.bundles.office import manifest, narrower, wider
from tests.stock.shop import ALLOWS

PATH = "/api/v1/bundles"
NARROW, WIDE = manifest(narrower), manifest(wider)


class Counter:
    """Calls of a drafter and an officer."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.admin = desk.token(Role.POLICY_ADMIN)
        self.officer = desk.token(Role.COMPLIANCE_OFFICER)

    def post(self, digest: str, step: str, body: object = None, *, by: str = "") -> httpx.Response:
        return self.desk.post(f"{PATH}/{digest}/{step}", body, by=by or self.admin)

    def draft(self, content: bytes) -> httpx.Response:
        return self.desk.post(PATH, {"bundle": orjson.loads(content)}, by=self.admin)

    def proposed(self, content: bytes) -> tuple[str, str, Any]:
        """Digest, what waits, and what the simulation found."""
        digest: str = _good(self.draft(content))["digest"]
        _good(self.post(digest, "validation"))
        found = _good(self.post(digest, "simulation", {"days": 7}))["steps"][-1]["detail"]
        return digest, _good(self.post(digest, "proposal"))["pending"], found


def _good(answer: httpx.Response) -> Any:
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()["result"]


def test_a_bundle_goes_from_draft_to_deciding(each_desk: Desk) -> None:
    desk, counter = each_desk, Counter(each_desk)
    clerk = desk.token(Role.STAFF, (ScopeKind.STORE, ALLOWS))
    made = manifest(lambda text: text.replace('Chopbook::Action::"catalog.read",', "", 1))
    digest, pending, found = counter.proposed(made.content)
    before = desk.get("/api/v1/skus", by=clerk).status_code

    _good(counter.post(digest, f"approvals/{pending}", by=counter.officer))
    active = _good(counter.post(digest, "schedule", by=counter.officer))

    shown = desk.get(f"{PATH}/{digest}", by=counter.officer).json()
    listed = desk.get(PATH, by=counter.officer).json()
    assert digest == made.digest
    assert active["state"] == "active"
    assert {(one["role"], one["action"]) for one in found["questions"]["newly_denied"]} == {("staff", "catalog.read")}
    assert (shown["active"], shown["sound"], shown["bundle"]) == (True, True, orjson.loads(made.content))
    assert listed["active"] == digest
    assert {one["digest"]: one["state"] for one in listed["items"]} == {digest: "active", shipped().digest: "retired"}
    assert (before, desk.get("/api/v1/skus", by=clerk).json()["code"]) == (200, "role_lacks_action")


def test_what_is_newly_allowed_needs_its_number_and_a_statement(desk: Desk) -> None:
    counter = Counter(desk)
    digest, pending, found = counter.proposed(WIDE.content)
    number = found["newly_allowed"]

    without = counter.post(digest, f"approvals/{pending}", by=counter.officer)
    own = counter.post(digest, f"approvals/{pending}", by=counter.admin)
    said = {"acknowledgement": {"newly_allowed": number, "statement": "已逐項查看。"}}
    given = counter.post(digest, f"approvals/{pending}", said, by=counter.officer)

    assert (without.status_code, without.json()["code"]) == (409, "acknowledgement_needed")
    assert str(number) in without.json()["detail"]
    assert (own.status_code, own.json()["code"]) == (403, "own_approval")
    assert _good(given)["state"] == "approved"


def test_faults_are_told_in_both_languages(desk: Desk) -> None:
    counter = Counter(desk)
    broken = manifest(lambda text: text.replace('@title_en("Staff', '@title_fr("Staff'))
    digest = _good(counter.draft(broken.content))["digest"]

    step = _good(counter.post(digest, "validation"))["steps"][-1]
    early = counter.post(digest, "simulation")

    [fault] = step["detail"]["found"]
    assert step["state"] == "draft"
    assert (fault["code"], fault["detail_en"]) == ("policies_refused", "The policies or the wording are not accepted.")
    assert "@title_en" in fault["expected"]
    assert fault["detail_zh"].startswith("政策")
    assert early.status_code == 409


@pytest.mark.parametrize(
    "spoil",
    [
        lambda made: made.pop("wording"),
        lambda made: made.update(format="chopbook-bundle/9"),
        lambda made: made.update(colour="red"),
        lambda made: made.update(policies=[]),
        lambda made: made["policies"].append({"name": "../roles.cedar", "text": "x"}),
        lambda made: made.update(
            calendar=[{"year": 2027, "days": [{"day": "2026-01-01", "zh": "元旦", "en": "New Year"}]}]
        ),
    ],
    ids=["no wording", "other format", "unknown member", "no policies", "other path", "day of another year"],
)
def test_a_bundle_of_another_form_is_refused_by_member(desk: Desk, spoil: Any) -> None:
    made = orjson.loads(NARROW.content)
    spoil(made)

    answer = Counter(desk).draft(orjson.dumps(made))

    assert (answer.status_code, answer.json()["code"]) == (422, "bundle_member")


def test_a_bundle_is_scheduled_shown_with_its_time_and_made_active_by_the_clock(desk: Desk) -> None:
    counter = Counter(desk)
    digest, pending, _ = counter.proposed(NARROW.content)
    _good(counter.post(digest, f"approvals/{pending}", by=counter.officer))
    at = desk.world.clock() + timedelta(hours=2)

    waiting = _good(counter.post(digest, "schedule", {"at": at.isoformat()}, by=counter.officer))
    past = counter.post(digest, "schedule", {"at": desk.world.clock().isoformat()}, by=counter.officer)
    desk.world.clock.advance(hours=3)
    desk.policies.housekeeping(desk.world.clock())

    assert (waiting["state"], waiting["due_at"][:16]) == ("scheduled", at.isoformat()[:16])
    assert past.status_code == 422
    officer = desk.token(Role.COMPLIANCE_OFFICER)
    assert desk.get(PATH, by=officer).json()["active"] == digest


def test_roll_back_and_unknown_things(desk: Desk) -> None:
    counter = Counter(desk)
    digest, pending, _ = counter.proposed(NARROW.content)
    _good(counter.post(digest, f"approvals/{pending}", by=counter.officer))
    _good(counter.post(digest, "schedule", by=counter.officer))

    waits = _good(counter.post(shipped().digest, "rollback", {"days": 7}))
    again = counter.post(digest, f"approvals/{pending}", by=counter.officer)
    nobody = counter.post("0" * 64, "validation")

    assert waits["content"]["bundle"] == shipped().digest
    assert waits["content"]["newly_allowed"] > 0
    assert again.status_code == 409
    assert (nobody.status_code, nobody.json()["code"]) == (404, "bundle_unknown")


@pytest.mark.parametrize("role", [Role.STAFF, Role.STORE_MANAGER, Role.AREA_MANAGER])
def test_bundles_are_for_those_who_may_read_them(desk: Desk, role: Role) -> None:
    person: PrincipalRecord = desk.person(role, (ScopeKind.STORE, ALLOWS))
    token = desk.token_of(person)

    assert desk.get(PATH, by=token).status_code == 403
    assert desk.post(PATH, {"bundle": orjson.loads(NARROW.content)}, by=token).status_code == 403
