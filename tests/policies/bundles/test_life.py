"""From a draft to the bundle that decides, and back: in this process, in another, and after a restart."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from sqlalchemy import text

from policies.bundles.acting import newly_allowed
from policies.bundles.manifest import Manifest
from policies.bundles.model import Acknowledgement, BundleState
from policies.codes import Code
from policies.engine import shipped
from policies.errors import Denied, InvalidValue, PolicyConflict, PolicyError, UnknownThing
from policies.model import Action, Resource, Role, ScopeKind, Words
from policies.pending.model import PendingState
from policies.reasons import explain
from policies.service import Policies
from tests.policies.bundles.office import Office, manifest, narrower, wider
from tests.policies.house import House

COUNTING = Resource.at("stocktake", ["MK01"])
NARROW = manifest(narrower)
STATES = [
    "drafted",
    "validated",
    "simulation_requested",
    "simulated",
    "proposed",
    "approved",
    "scheduled",
    "activated",
    "retired",
]


@pytest.fixture
def office(house: House) -> Office:
    house.tree()
    return Office(house)


def may_count(policies: Policies, person: str) -> Code:
    """As the process decides once it has seen what moved: before every read, and under the log's lock before every write."""
    policies.fresh_directory()
    return policies.decide(policies.principal(person), Action.STOCKTAKE_COUNT, COUNTING).code


def bundle_entries(house: House) -> list[str]:
    types = [house.entry(index)["type"] for index in range(house.size())]
    return [one for one in types if one.startswith(("bundle.", "pending."))]


def test_a_bundle_decides_from_the_entry_that_activates_it_in_every_process(office: Office) -> None:
    house = office.house
    clerk = house.person(Role.STAFF, (ScopeKind.STORE, "MK01")).id
    elsewhere = house.another(house.world.open_another())
    before = [may_count(house.policies, clerk), may_count(elsewhere, clerk)]

    office.activated(NARROW)

    after = [may_count(house.policies, clerk), may_count(elsewhere, clerk)]
    restarted = house.another(house.world.reopen())
    assert before == [Code.ALLOWED, Code.ALLOWED]
    assert after == [Code.ROLE_LACKS_ACTION, Code.ROLE_LACKS_ACTION]
    assert may_count(restarted, clerk) is Code.ROLE_LACKS_ACTION
    assert restarted.directory().policy.startswith(f"cedar-{NARROW.digest[:16]}@")


def test_each_step_is_an_entry_that_names_the_digest(office: Office) -> None:
    office.activated(NARROW)

    steps = [one for one in bundle_entries(office.house) if one.startswith("bundle.")]
    record, content = office.policies.bundle(office.officer_, NARROW.digest)
    assert steps == [f"bundle.{state}" for state in STATES]
    assert bundle_entries(office.house).count("pending.approved") == 1
    assert content == NARROW.content
    assert [step.state.value for step in record.steps][-1] == "active"
    assert office.policies.bundle(office.officer_, shipped().digest)[0].state is BundleState.RETIRED


def test_nobody_approves_what_they_proposed_or_drafted(office: Office) -> None:
    house, other = office.house, office.officer(Role.POLICY_ADMIN)
    digest = office.draft(NARROW).digest
    office.validate(digest)
    office.simulate(digest)
    pending = house.do(office.policies.propose_bundle(other, digest, event_id=house.id()))

    codes = []
    for somebody in (office.admin, other):
        with pytest.raises(Denied) as refused:
            office.approve(pending, by=somebody)
        codes.append(refused.value.code)

    assert codes == [Code.OWN_APPROVAL, Code.OWN_APPROVAL]
    assert office.approve(pending).state is BundleState.APPROVED


def test_only_a_person_approves(sqlite_house: House) -> None:
    office = Office(sqlite_house)
    pending = office.proposed(NARROW)

    with pytest.raises(Denied) as refused:
        office.approve(pending, by=office.policies.local_principal(Role.COMPLIANCE_OFFICER))

    assert refused.value.code is Code.APPROVER_NOT_A_PERSON


def test_what_is_newly_allowed_is_acknowledged_by_name_and_number(office: Office) -> None:
    pending = office.proposed(manifest(wider))
    record, _ = office.policies.bundle(office.officer_, manifest(wider).digest)
    found = record.steps[-2].detail["newly_allowed"]

    for said in (None, Acknowledgement(found + 1, "已查看")):
        with pytest.raises(PolicyConflict) as refused:
            office.approve(pending, said)
        assert refused.value.code is Code.ACKNOWLEDGEMENT_NEEDED
        assert refused.value.values == {"newly_allowed": found}
    office.approve(pending, Acknowledgement(found, "已逐項查看，店務需要。"))

    entry = office.house.entry()
    assert entry["data"] == {
        "acknowledged_by": office.officer_.id,
        "bundle": manifest(wider).digest,
        "newly_allowed": found,
        "pending": pending.id,
    }
    assert "statement" in entry["personal"]
    assert "店務需要".encode() not in office.house.everything()


def test_a_simulation_says_what_a_changed_condition_would_allow_and_deny(office: Office) -> None:
    record = office.draft(manifest(lambda text: wider(narrower(text))))
    office.validate(record.digest)

    detail = office.simulate(record.digest).steps[-1].detail

    allowed, denied = detail["questions"]["newly_allowed"], detail["questions"]["newly_denied"]
    assert {one["place"] for one in allowed} == {"out_of_reach"}
    manager = {"role": "store_manager", "action": "stock.adjust", "place": "out_of_reach", "holders": 0}
    assert manager in allowed
    assert {one["action"] for one in denied} == {"stocktake.count"}
    assert {one["role"] for one in denied} == {"staff"}
    assert detail["base"] == shipped().digest


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (manifest(lambda text: text.replace("forbid (", "forbid(oops ", 1)), Code.POLICIES_REFUSED),
        (manifest(lambda text: text.replace('@title_zh("店員', '@title_ja("店員')), Code.POLICIES_REFUSED),
        (manifest(lambda text: text.replace('Chopbook::Action::"bundle.draft", ', "")), Code.NOBODY_COULD_CHANGE),
        (manifest(wording={"no_such_reason": Words("甲。", "A.")}), Code.POLICIES_REFUSED),
        (manifest(calendar={2027: {}}), Code.CALENDAR_SHORT),
        (manifest(parts={"retention": [{}], "residency": {}}), Code.PART_UNKNOWN),
        (manifest(parts={"retention": [], "residency": {"destinations": [{"code": "x"}]}}), Code.RESIDENCY_MEMBER),
    ],
)
def test_a_bundle_that_cannot_be_used_stays_a_draft_that_says_why(
    sqlite_house: House, made: Manifest, code: Code
) -> None:
    office = Office(sqlite_house)
    digest = office.draft(made).digest

    record = office.validate(digest)

    assert record.state is BundleState.DRAFT
    assert code.value in record.steps[-1].detail["codes"]
    with pytest.raises(PolicyConflict) as refused:
        office.simulate(digest)
    assert refused.value.code in {Code.BUNDLE_STATE, Code.BUNDLE_UNREADABLE}


def test_steps_come_in_their_order_and_a_draft_once(sqlite_house: House) -> None:
    office = Office(sqlite_house)
    digest = office.draft(NARROW).digest

    refused: list[Code] = []
    for step in (office.simulate, office.propose, office.activate):
        with pytest.raises(PolicyError) as caught:
            step(digest)
        refused.append(caught.value.code)
    with pytest.raises(PolicyConflict) as again:
        office.draft(NARROW)
    with pytest.raises(UnknownThing):
        office.validate("0" * 64)

    assert refused == [Code.BUNDLE_STATE] * 3
    assert again.value.code is Code.BUNDLE_EXISTS


def test_a_step_that_comes_again_is_the_same_step(sqlite_house: House) -> None:
    office, event_id = Office(sqlite_house), sqlite_house.id()
    change = office.policies.draft_bundle(office.admin, NARROW, event_id=event_id)
    first = sqlite_house.committed(change)

    again = sqlite_house.committed(office.policies.draft_bundle(office.admin, NARROW, event_id=event_id))

    assert again.replayed
    assert again.receipt.index == first.receipt.index


def test_a_scheduled_bundle_waits_for_its_time_and_one_process_makes_it_active(office: Office) -> None:
    house, clock = office.house, office.house.world.clock
    clerk = house.person(Role.STAFF, (ScopeKind.STORE, "MK01")).id
    office.approve(office.proposed(NARROW))
    at = clock() + timedelta(days=1)
    house.do(office.policies.schedule_bundle(office.officer_, NARROW.digest, at, event_id=house.id()))
    elsewhere = house.another(house.world.open_another())

    early = office.policies.activate_due(clock())
    clock.advance(days=1, seconds=1)
    waiting = may_count(house.policies, clerk)
    done = [elsewhere.activate_due(clock()), office.policies.activate_due(clock())]

    assert early is None
    assert waiting is Code.ALLOWED
    assert [None if one is None else one.state for one in done] == [BundleState.ACTIVE, None]
    assert may_count(house.policies, clerk) is Code.ROLE_LACKS_ACTION
    assert house.entry(house.size() - 2)["actor"]["id"] == "system"


def test_a_time_that_is_past_or_far_away_is_refused(sqlite_house: House) -> None:
    office, now = Office(sqlite_house), sqlite_house.world.clock()

    for at in (now, now + timedelta(days=367)):
        with pytest.raises(InvalidValue) as refused:
            office.policies.schedule_bundle(office.officer_, NARROW.digest, at, event_id=sqlite_house.id())
        assert refused.value.code is Code.BUNDLE_DATE


def test_what_waits_goes_back_when_another_bundle_becomes_active(office: Office) -> None:
    calm = manifest(lambda text: text + "\n// The same, written another way.\n")
    waiting = office.proposed(calm)

    office.activated(NARROW)

    record, _ = office.policies.bundle(office.officer_, calm.digest)
    assert record.state is BundleState.VALIDATED
    assert record.steps[-1].detail == {"code": "bundle_base_moved", "pending": waiting.id}
    assert office.policies.pending_action(waiting.id).state is PendingState.WITHDRAWN
    with pytest.raises(PolicyConflict):
        office.approve(waiting)
    assert office.simulate(calm.digest).steps[-1].detail["base"] == NARROW.digest


def test_what_is_declined_or_taken_back_may_be_proposed_again(sqlite_house: House) -> None:
    house, office = sqlite_house, Office(sqlite_house)
    first = office.proposed(NARROW)
    house.do(office.policies.decline_pending(office.officer_, first.id, event_id=house.id()))
    declined = office.policies.bundle(office.officer_, NARROW.digest)[0]
    second = office.propose(NARROW.digest)
    with pytest.raises(PolicyConflict) as waiting:
        office.propose(NARROW.digest)
    house.do(office.policies.withdraw_pending(office.admin, second.id, event_id=house.id()))
    third = office.propose(NARROW.digest)

    with pytest.raises(PolicyConflict) as stale:
        office.approve(second)

    assert (declined.state, declined.steps[-1].detail["pending"]) == (BundleState.SIMULATED, first.id)
    assert waiting.value.code is Code.BUNDLE_STATE
    assert stale.value.code is Code.PENDING_CHANGED
    assert office.approve(third).state is BundleState.APPROVED


def test_what_nobody_approved_in_time_may_be_proposed_again(sqlite_house: House) -> None:
    office = Office(sqlite_house)
    first = office.proposed(NARROW)
    sqlite_house.world.clock.advance(days=8)

    again = office.propose(NARROW.digest)

    assert again.id != first.id
    assert office.approve(again).state is BundleState.APPROVED


def test_roll_back_is_proposed_and_approved_as_any_other(office: Office) -> None:
    house = office.house
    clerk = house.person(Role.STAFF, (ScopeKind.STORE, "MK01")).id
    office.activated(NARROW)
    back = shipped().digest

    pending = office.roll_back(back)
    record, _ = office.policies.bundle(office.officer_, back)
    said = Acknowledgement(newly_allowed(record), "還原至原有政策")
    office.approve(pending, said)
    denied = may_count(house.policies, clerk)
    office.activate(back)

    assert said.newly_allowed > 0
    assert denied is Code.ROLE_LACKS_ACTION
    assert may_count(house.policies, clerk) is Code.ALLOWED
    assert office.policies.bundle(office.officer_, NARROW.digest)[0].state is BundleState.RETIRED
    assert {record.digest for record in office.policies.bundles(office.officer_)} == {back, NARROW.digest}


def test_bytes_that_were_spoilt_deny_everything_until_they_are_back(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    house = office.house
    clerk = house.person(Role.STAFF, (ScopeKind.STORE, "MK01")).id
    office.activated(NARROW)
    _spoil(house, NARROW.digest)

    with caplog.at_level(logging.CRITICAL, "chopbook.policies"):
        restarted = house.another(house.world.open_another())
    denied = {action: restarted.decide(restarted.local_principal(), action, COUNTING).code for action in Action}
    house.do(restarted.restore_bundle(NARROW.content))

    assert "the active policy bundle cannot be read; everything is denied" in caplog.messages
    assert set(denied.values()) == {Code.POLICY_ERROR}
    assert may_count(restarted, clerk) is Code.ROLE_LACKS_ACTION
    assert restarted.directory().policy.startswith(f"cedar-{NARROW.digest[:16]}@")
    with pytest.raises(PolicyConflict):
        house.do(restarted.restore_bundle(NARROW.content))


def test_other_words_for_a_reason_are_told(sqlite_house: House) -> None:
    house = sqlite_house
    house.tree()
    office = Office(house)
    clerk = house.person(Role.STAFF, (ScopeKind.STORE, "MK01")).id
    said = Words("請向店長查詢。", "Ask your manager.")

    office.activated(manifest(narrower, wording={"role_lacks_action": said}))

    decision = office.policies.decide(office.policies.principal(clerk), Action.STOCKTAKE_COUNT, COUNTING)
    assert explain(decision).words == said
    assert Denied(decision).words() == said


def _spoil(house: House, digest: str) -> None:
    """What somebody with the database's own password could do."""
    connection = house.world.storage.database.writing_connection()
    with connection.begin():
        if house.world.storage.database.dialect == "sqlite":
            for (name,) in connection.execute(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'policy_bundles'")
            ).all():
                connection.execute(text(f'DROP TRIGGER "{name}"'))
        else:
            connection.execute(text("ALTER TABLE policy_bundles DISABLE TRIGGER USER"))
        connection.execute(
            text("UPDATE policy_bundles SET content = :spoilt WHERE digest = :digest"),
            {"spoilt": b"{}", "digest": digest},
        )
    connection.close()
