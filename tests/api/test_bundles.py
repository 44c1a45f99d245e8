"""Policy bundles through the API: their whole life, who may take which step, and what each refusal says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest

from policies.engine import shipped
from policies.model import Action, PrincipalRecord, Resource, Role, ScopeKind
from tests.api.desk import Desk
from tests.policies.bundles.office import manifest, narrower, wider, worker_of
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
        found = self.simulated(digest)
        return digest, _good(self.post(digest, "proposal"))["pending"], found

    def simulated(self, digest: str) -> Any:
        """What the simulation found, once a worker made it."""
        self.asked(digest)
        assert worker_of(self.desk.world, self.desk.policies).run_one()
        return self.desk.get(f"{PATH}/{digest}", by=self.admin).json()["steps"][-1]["detail"]

    def asked(self, digest: str, **body: Any) -> Any:
        """The job that was asked for."""
        answer = self.post(digest, "simulation", {"days": 7, **body})
        assert answer.status_code == 202, answer.text
        assert answer.headers["location"] == f"/api/v1/jobs/{answer.json()['id']}"
        return answer.json()


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


def test_a_simulation_is_a_job_that_readers_of_bundles_follow(each_desk: Desk) -> None:
    desk, counter = each_desk, Counter(each_desk)
    digest = _good(counter.draft(NARROW.content))["digest"]
    _good(counter.post(digest, "validation"))
    event = {"event_id": "01890a5d-ac96-774b-bcce-b302099a8057"}

    job = counter.asked(digest, **event)
    again = counter.asked(digest, **event)
    waiting = desk.get(f"{PATH}/{digest}", by=counter.admin).json()
    assert worker_of(desk.world, desk.policies).run_one()

    path = f"/api/v1/jobs/{job['id']}"
    done = desk.get(path, by=counter.admin).json()
    told = desk.get(f"{path}/events", by=counter.admin).text
    listed = desk.get("/api/v1/jobs?kind=bundle.simulate", by=counter.admin).json()["items"]
    assert (job["kind"], job["state"], again["id"]) == ("bundle.simulate", "waiting", job["id"])
    assert (waiting["state"], waiting["steps"][-1]["job"]) == ("simulating", job["id"])
    assert (done["state"], done["result"]["state"], done["result"]["newly_allowed"]) == ("succeeded", "simulated", 0)
    assert done["progress"]["done"] == done["progress"]["total"] > 0
    assert orjson.loads(told.split("data: ")[1].split("\n")[0]) == done
    assert [one["id"] for one in listed] == [job["id"]]


def test_who_may_not_read_bundles_cannot_tell_that_there_is_a_simulation(desk: Desk) -> None:
    counter = Counter(desk)
    digest = _good(counter.draft(NARROW.content))["digest"]
    _good(counter.post(digest, "validation"))
    job = counter.asked(digest)["id"]

    for name in ("", "/events"):
        there, nowhere = (desk.get(f"/api/v1/jobs/{one}{name}") for one in (job, "0" * 32))
        assert there.status_code == nowhere.status_code == 404
        assert there.json()["code"] == nowhere.json()["code"]
    verification = desk.post("/api/v1/verifications", {"scope": "whole"}).json()["id"]
    listed = [[one["id"] for one in desk.get("/api/v1/jobs", by=by).json()["items"]] for by in ("", counter.admin)]
    assert listed == [[verification], [job]]
    assert [one["id"] for one in desk.get("/api/v1/jobs", by=counter.officer).json()["items"]] == [verification, job]
    clerk = desk.token(Role.STAFF, (ScopeKind.STORE, ALLOWS))
    there, nowhere = (desk.get(f"/api/v1/jobs/{one}", by=clerk).json() for one in (job, "0" * 32))
    assert {**there, "request_id": ""} == {**nowhere, "request_id": ""}


def test_why_a_simulation_found_nothing_is_told_in_both_languages(desk: Desk) -> None:
    counter = Counter(desk)
    digest = _good(counter.draft(NARROW.content))["digest"]
    _good(counter.post(digest, "validation"))
    desk.policies.sorts_max = 0
    clerk = desk.policies.principal(desk.person(Role.STAFF, (ScopeKind.STORE, ALLOWS)).id)
    decision = desk.policies.decide(clerk, Action.STOCKTAKE_COUNT, Resource.at("stock", [ALLOWS]))
    desk.do(desk.policies.record_read(decision, event_id=desk.id()))

    detail = counter.simulated(digest)

    assert detail["code"] == "simulation_too_wide"
    assert detail["detail_en"].startswith("Too many sorts of decisions")
    assert detail["detail_zh"].startswith("會有所不同的決定種類太多")


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

    counter.simulated(shipped().digest)
    waits = _good(counter.post(shipped().digest, "proposal"))
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
