"""Steps that are refused, and steps that another process took first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from audit.event import Subject
from policies.bundles.manifest import BundleInvalid, manifest_json, parse_manifest
from policies.bundles.model import Acknowledgement, BundleState
from policies.bundles.steps import bundle_at
from policies.codes import Code
from policies.engine import shipped
from policies.errors import PolicyConflict, PolicyError, UnknownThing
from policies.model import Action
from policies.pending.model import PendingAction, PendingKind
from policies.service import Policies
from storage.transaction import Change, Transaction
from tests.policies.bundles.office import Office, manifest, narrower, simulated
from tests.policies.bundles.test_parts import MADE, furnished
from tests.policies.house import House

NARROW = manifest(narrower)
CALM = manifest(lambda text: text + "\n// The same, written another way.\n")


@pytest.fixture
def office(sqlite_house: House) -> Office:
    return Office(sqlite_house)


class Overtaken:
    """A log before whose commit something else happens, once."""

    def __init__(self, log: Any, first: Callable[[], object]) -> None:
        self._log, self._first = log, first

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def commit(self, change: Change[Any]) -> Any:
        first, self._first = self._first, lambda: None
        first()
        return self._log.commit(change)


def overtaken(house: House, first: Callable[[], object]) -> Policies:
    """A process that another one overtakes."""
    storage, world = house.world.storage, house.world
    log: Any = Overtaken(storage.log, first)
    return Policies(storage.database, log, storage.keys, clock=world.clock, entropy=world.entropy)


def due(office: Office) -> None:
    """A bundle that is scheduled, and whose time has come."""
    house = office.house
    office.approve(office.proposed(MADE))
    at = house.world.clock() + timedelta(hours=1)
    house.do(office.policies.schedule_bundle(office.officer_, MADE.digest, at, event_id=house.id()))
    house.world.clock.advance(hours=2)


def test_who_comes_second_to_make_a_bundle_active_finds_it_done(sqlite_house: House) -> None:
    office, room = furnished(sqlite_house)
    due(office)
    second = overtaken(sqlite_house, lambda: office.policies.activate_due(sqlite_house.world.clock()))
    second.join(room)

    assert second.activate_due(sqlite_house.world.clock()) is None
    assert office.policies.bundle(office.officer_, MADE.digest)[0].state is BundleState.ACTIVE


def test_a_bundle_simulated_against_another_is_not_proposed(office: Office) -> None:
    digest = office.draft(CALM).digest
    office.validate(digest)
    office.simulate(digest)
    office.activated(NARROW)

    with pytest.raises(PolicyConflict) as refused:
        office.propose(digest)

    assert refused.value.code is Code.BUNDLE_BASE_MOVED


def test_a_bundle_that_does_not_pass_any_more_is_not_rolled_back_to(sqlite_house: House) -> None:
    office, _ = furnished(sqlite_house)
    office.activated(MADE)
    office.activated(replace(CALM, parts=MADE.parts), Acknowledgement(_number(office, CALM), "看過"))
    # Without the room that acted on its member, nobody can say what that would do.
    bare = sqlite_house.another(sqlite_house.world.open_another())

    back = simulated(sqlite_house.world, bare, office.admin, MADE.digest, 1, sqlite_house.id())

    assert (back.state, back.steps[-1].detail) == (BundleState.RETIRED, {"code": "bundle_faulty"})


def _number(office: Office, made: Any) -> int:
    """How much a bundle newly allows where the narrower one is active."""
    made = replace(made, parts=MADE.parts, title=replace(made.title, en="Only to count"))
    digest = office.draft(made).digest
    office.validate(digest)
    return int(office.simulate(digest).steps[-1].detail["newly_allowed"])


def test_other_things_that_wait_are_not_approved_here(office: Office) -> None:
    policies, house = office.policies, office.house
    office.proposed(NARROW)
    decision = policies.require(office.officer_, Action.BUNDLE_APPROVE, bundle_at())
    event_id = house.id()

    def run(tx: Transaction) -> PendingAction:
        subject = Subject("hold", "HC-1")
        return policies.propose(tx, decision, PendingKind.HOLD_RELEASE, subject=subject, content={}, event_id=event_id)

    other = house.do(Change(run))
    change = (office.officer_, NARROW.digest, other.id)

    with pytest.raises(UnknownThing):
        policies.approve_bundle(*change, event_id=house.id())


def test_members_that_callers_get_wrong_are_named(office: Office) -> None:
    pending = office.proposed(NARROW)
    codes: list[tuple[Code, str]] = []
    steps: list[Callable[[], object]] = [
        lambda: office.approve(pending, Acknowledgement(1, "")),
        lambda: office.draft(replace(NARROW, schema="\ud800")),
        lambda: office.simulate(NARROW.digest, 91),
        lambda: office.simulate("0" * 64),
    ]
    for refuse in steps:
        with pytest.raises(PolicyError) as refused:
            refuse()
        codes.append((refused.value.code, refused.value.member))

    assert codes == [
        (Code.REASON_FORM, "statement"),
        (Code.BUNDLE_MEMBER, "bundle"),
        (Code.NUMBER_OUT_OF_RANGE, "days"),
        (Code.BUNDLE_UNKNOWN, "bundle"),
    ]


@pytest.mark.parametrize(
    "members",
    [
        {"calendar": [{"year": 1996, "days": []}]},
        {"calendar": [{"year": 2027, "days": [{"day": "2027-13-01", "zh": "元旦", "en": "New Year"}]}]},
        {"calendar": [{"year": 2027, "days": [{"day": 20270101, "zh": "元旦", "en": "New Year"}]}]},
        {"wording": [{"code": "store_out_of_reach", "zh": "甲", "en": "A"}] * 2},
        {"wording": [{"code": "Store", "zh": "甲", "en": "A"}]},
        {"wording": {}},
        {"schema": " "},
        {"retention": {}},
        {"residency": []},
    ],
    ids=["year", "no day", "number for a day", "code twice", "code", "no list", "no text", "no rules", "no object"],
)
def test_a_member_of_another_form_is_refused(members: dict[str, Any]) -> None:
    with pytest.raises(BundleInvalid):
        parse_manifest({**manifest_json(NARROW), **members})


def test_the_shipped_bundle_reads_as_it_was_written() -> None:
    original = shipped().manifest
    assert original is not None
    assert parse_manifest(manifest_json(original)) == original
