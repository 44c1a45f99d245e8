"""Breaking the glass: where a role applies, wider for an hour; and what that never allows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from policies.calendar import GENERAL_HOLIDAYS
from policies.codes import Code
from policies.errors import Denied, PolicyError, UnknownThing
from policies.grants.model import Grant, GrantState, Review
from policies.grants.rules import review_due
from policies.model import Action, Decision, Principal, Resource, Role, ScopeKind
from policies.scope import Scope, scope_of
from tests.policies.house import House
from tests.policies.twin import NEVER_IN_EMERGENCY, PERMITTED

TICK = timedelta(microseconds=1)
MK01, TST1, ST01 = (Resource.at("stock", [code]) for code in ("MK01", "TST1", "ST01"))


class Night:
    """A manager of MK01, who may be needed at TST1, and the officer who would be told."""

    def __init__(self, house: House) -> None:
        house.tree()
        self.house = house
        self.manager = house.policies.principal(house.person(Role.STORE_MANAGER, (ScopeKind.STORE, "MK01")).id)
        self.officer = house.policies.principal(house.person(Role.COMPLIANCE_OFFICER).id)

    def break_glass(self, by: Principal | None = None, **changed: Any) -> Grant:
        asked = {
            "stores": ["TST1"],
            "minutes": 30,
            "reason": "停電，店長陳大文未能聯絡",
            "told": self.officer.id,
            **changed,
        }
        return self.house.do(self.house.policies.break_glass(by or self.manager, event_id=self.house.id(), **asked))

    def acknowledge(self, grant: Grant, by: Principal | None = None) -> Grant:
        policies, house = self.house.policies, self.house
        return house.do(policies.acknowledge_glass(by or self.officer, grant.id, event_id=house.id()))

    def decide(self, action: Action, resource: Resource) -> Decision:
        return self.house.policies.decide(self.manager, action, resource)


@pytest.fixture
def night(sqlite_house: House) -> Night:
    return Night(sqlite_house)


def test_for_its_time_the_role_applies_at_the_named_stores_too(night: Night) -> None:
    before = night.decide(Action.STOCK_READ, TST1).code
    grant = night.break_glass()

    during = night.decide(Action.STOCK_READ, TST1)
    night.house.world.clock.advance(seconds=30 * 60 - 0.000001)
    last = night.decide(Action.STOCK_READ, TST1).code
    night.house.world.clock.advance(seconds=0.000001)

    assert (before, during.code, last) == (Code.STORE_OUT_OF_REACH, Code.ALLOWED, Code.ALLOWED)
    assert night.decide(Action.STOCK_READ, TST1).code is Code.STORE_OUT_OF_REACH
    assert night.decide(Action.STOCK_READ, ST01).code is Code.STORE_OUT_OF_REACH
    assert (during.principal.grant, scope_of(during)) == (grant.id, Scope(frozenset({"TST1"})))


def test_what_one_may_anyway_rests_on_no_broken_glass(night: Night) -> None:
    night.break_glass()

    assert night.decide(Action.STOCK_APPROVE, MK01).allowed
    assert night.decide(Action.STOCK_READ, MK01).principal.grant is None
    assert scope_of(night.decide(Action.STOCK_READ, Resource("stock"))) == Scope(frozenset({"MK01"}))


@pytest.mark.parametrize("action", sorted(NEVER_IN_EMERGENCY))
def test_it_never_allows_what_is_barred(night: Night, action: Action) -> None:
    night.break_glass()

    decision = night.decide(action, TST1)

    assert not decision.allowed
    if PERMITTED[Role.STORE_MANAGER, action]:
        assert decision.code is Code.BREAK_GLASS_BARRED


def test_it_is_an_entry_that_tells_a_second_person_and_hides_the_reason(night: Night) -> None:
    grant = night.break_glass()

    entry = night.house.entry()
    assert (entry["type"], entry["data"]["told"]) == ("break_glass.opened", night.officer.id)
    assert (entry["data"]["stores"], entry["data"]["grant"]) == (["TST1"], grant.id)
    assert "reason" in entry["personal"]
    assert "陳大文".encode() not in night.house.everything()


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"minutes": 61}, Code.NUMBER_OUT_OF_RANGE),
        ({"minutes": 0}, Code.NUMBER_OUT_OF_RANGE),
        ({"reason": ""}, Code.REASON_FORM),
        ({"reason": "  "}, Code.REASON_FORM),
        ({"stores": []}, Code.CODES_UNFIT),
        ({"stores": ["XX"]}, Code.STORE_UNKNOWN),
        ({"told": "p_nobody"}, Code.SECOND_PERSON_UNFIT),
    ],
)
def test_what_is_no_emergency_is_refused(night: Night, wrong: dict[str, Any], expected: Code) -> None:
    with pytest.raises(PolicyError) as caught:
        night.break_glass(**wrong)

    assert caught.value.code is expected


def test_nobody_tells_or_reviews_themselves(night: Night) -> None:
    with pytest.raises(PolicyError) as caught:
        night.break_glass(night.officer, told=night.officer.id)
    assert caught.value.code is Code.SECOND_PERSON_UNFIT

    second = night.house.policies.principal(night.house.person(Role.DPO).id)
    grant = night.break_glass(night.officer, told=second.id)
    with pytest.raises(Denied) as denied:
        night.house.policies.review_glass(night.officer, grant.id, Review.JUSTIFIED, event_id=night.house.id())
    assert denied.value.code is Code.OWN_REVIEW


def test_it_is_reviewed_once_and_can_be_closed_early(night: Night) -> None:
    house = night.house
    grant = night.break_glass()

    closed = house.do(house.policies.end_grant(night.manager, grant.id, event_id=house.id()))
    reviewed = house.do(house.policies.review_glass(night.officer, grant.id, Review.NOT_JUSTIFIED, event_id=house.id()))

    assert closed.state_at(house.world.clock()) is GrantState.OVER
    assert night.decide(Action.STOCK_READ, TST1).code is Code.STORE_OUT_OF_REACH
    assert (reviewed.review, reviewed.reviewed_by) == (Review.NOT_JUSTIFIED, night.officer.id)
    assert house.entry()["data"]["review"] == "not_justified"
    with pytest.raises(PolicyError) as caught:
        house.do(house.policies.review_glass(night.officer, grant.id, Review.JUSTIFIED, event_id=house.id()))
    assert caught.value.code is Code.ALREADY_REVIEWED


def test_a_change_that_rests_on_it_is_refused_once_it_is_over(night: Night) -> None:
    night.break_glass(minutes=1)
    decision = night.decide(Action.STOCK_ADJUST, TST1)
    night.house.world.clock.advance(seconds=60)
    policies = night.house.policies

    with pytest.raises(Denied) as caught:
        night.house.do(policies.record_read(decision, event_id=night.house.id()))

    assert caught.value.code is Code.STORE_OUT_OF_REACH


# ------------------------------------------------------------------------------------------ the review

TUESDAY_ENDS = datetime(2026, 11, 24, 16, tzinfo=UTC)
"""Midnight in Hong Kong after the second working day: the glass is broken on a Sunday."""


def until(night: Night, moment: datetime) -> None:
    clock = night.house.world.clock
    clock.advance(seconds=(moment - clock()).total_seconds())


@pytest.mark.parametrize(
    ("broken", "due"),
    [
        (datetime(2026, 11, 19, 15, 59, 59, tzinfo=UTC), date(2026, 11, 23)),  # Thursday, one second before midnight
        (datetime(2026, 11, 19, 16, tzinfo=UTC), date(2026, 11, 24)),  # Friday's first instant
        (datetime(2026, 11, 22, 4, tzinfo=UTC), date(2026, 11, 24)),  # Sunday
        (
            datetime(2026, 4, 1, 4, tzinfo=UTC),
            date(2026, 4, 8),
        ),  # Good Friday, the day after, Easter Monday, Ching Ming
        (datetime(2026, 2, 13, 4, tzinfo=UTC), date(2026, 2, 20)),  # Lunar New Year
    ],
)
def test_the_review_is_due_two_working_days_later(night: Night, broken: datetime, due: date) -> None:
    assert review_due(replace(night.break_glass(), starts_at=broken), GENERAL_HOLIDAYS) == due


def test_what_nobody_reviews_in_time_is_a_finding_until_somebody_does(night: Night) -> None:
    policies, clock = night.house.policies, night.house.world.clock
    late, timely = night.break_glass(), night.break_glass()
    late = night.acknowledge(late)
    night.house.do(policies.review_glass(night.officer, timely.id, Review.JUSTIFIED, event_id=night.house.id()))
    night.house.engage(night.house.person(Role.AUDITOR, engaged=False).id, days=1)

    until(night, TUESDAY_ENDS - TICK)
    in_time = policies.glass_findings(clock())
    until(night, TUESDAY_ENDS)
    [finding] = policies.glass_findings(clock())

    assert in_time == ()
    assert (finding.code, finding.grant, finding.due_on) == (
        Code.REVIEW_OVERDUE,
        late,
        date(2026, 11, 24),
    )
    night.house.do(policies.review_glass(night.officer, late.id, Review.JUSTIFIED, event_id=night.house.id()))
    assert policies.glass_findings(clock()) == ()


def test_the_longest_overdue_comes_first(night: Night) -> None:
    first = night.acknowledge(night.break_glass())
    until(night, TUESDAY_ENDS)
    second = night.acknowledge(night.break_glass())
    until(night, TUESDAY_ENDS + timedelta(days=5))

    assert [one.grant for one in night.house.policies.glass_findings(night.house.world.clock())] == [first, second]


def test_that_it_is_overdue_is_one_entry_whoever_finds_it_first(house: House) -> None:
    night = Night(house)
    grant = night.acknowledge(night.break_glass())
    until(night, TUESDAY_ENDS)
    [finding] = house.policies.glass_findings(house.world.clock())

    first = house.committed(house.policies.record_overdue(finding))
    size = house.size()
    again = house.committed(house.another(house.world.storage).record_overdue(finding))

    entry = house.entry(first.receipt.index)
    assert (entry["type"], entry["actor"]["id"]) == ("break_glass.review_overdue", "system")
    assert entry["data"] == {"grant": grant.id, "due_on": "2026-11-24", "told": night.officer.id}
    assert (again.replayed, again.receipt.index, house.size()) == (True, first.receipt.index, size)


# ---------------------------------------------------------------------------------- the second person


def test_it_awaits_the_second_person_until_they_acknowledge_it_whatever_told_them(house: House) -> None:
    night = Night(house)
    policies = house.policies
    first, second = night.break_glass(), night.break_glass()
    before = policies.glass_awaiting(night.officer.id)

    heard = night.acknowledge(first)

    entry = house.entry()
    assert before == [first, second]
    assert (entry["type"], entry["actor"]["id"], entry["data"]) == (
        "break_glass.acknowledged",
        night.officer.id,
        {"grant": first.id},
    )
    assert heard.acknowledged_at == house.world.clock()
    assert policies.glass_awaiting(night.officer.id) == [second]
    assert house.another(house.world.open_another()).find_grant(first.id) == heard
    assert policies.glass_awaiting(night.manager.id) == []
    with pytest.raises(PolicyError) as again:
        night.acknowledge(first)
    assert again.value.code is Code.ALREADY_ACKNOWLEDGED


def test_nobody_acknowledges_for_the_second_person(night: Night) -> None:
    grant = night.break_glass()
    dpo = night.house.policies.principal(night.house.person(Role.DPO).id)

    for somebody, code in ((dpo, Code.NOT_TOLD), (night.manager, Code.ROLE_LACKS_ACTION)):
        with pytest.raises(Denied) as denied:
            night.acknowledge(grant, somebody)
        assert denied.value.code is code
    with pytest.raises(UnknownThing):
        night.house.policies.acknowledge_glass(night.officer, "0" * 32, event_id=night.house.id())


@pytest.mark.parametrize("heard", ["acknowledged", "reviewed"])
def test_what_the_second_person_does_not_acknowledge_in_four_hours_is_a_finding_until_they_do(
    night: Night, heard: str
) -> None:
    house, policies = night.house, night.house.policies
    grant = night.break_glass()

    house.world.clock.advance(hours=4)
    house.world.clock.now -= TICK
    in_time = policies.glass_findings(house.world.clock())
    house.world.clock.now += TICK
    [finding] = policies.glass_findings(house.world.clock())
    if heard == "acknowledged":
        night.acknowledge(grant)
    else:
        house.do(policies.review_glass(night.officer, grant.id, Review.JUSTIFIED, event_id=house.id()))

    assert in_time == ()
    assert (finding.code, finding.grant, finding.due_on) == (Code.GLASS_UNACKNOWLEDGED, grant, date(2026, 11, 22))
    assert policies.glass_findings(house.world.clock()) == ()


def test_that_it_was_not_acknowledged_is_one_entry_that_names_the_second_person(house: House) -> None:
    night = Night(house)
    grant = night.break_glass()
    until(night, TUESDAY_ENDS)
    found = {one.code: one for one in house.policies.glass_findings(house.world.clock())}

    for _ in range(2):
        house.committed(house.policies.record_overdue(found[Code.GLASS_UNACKNOWLEDGED]))
    house.committed(house.policies.record_overdue(found[Code.REVIEW_OVERDUE]))

    said = [entry for entry in map(house.entry, range(house.size())) if entry["actor"]["id"] == "system"]
    assert [entry["type"] for entry in said[-2:]] == ["break_glass.unacknowledged", "break_glass.review_overdue"]
    assert said[-2]["data"] == {
        "grant": grant.id,
        "due_at": "2026-11-22T08:00:00.000000Z",
        "told": night.officer.id,
    }
    assert len(found) == 2


# ------------------------------------------------------------------------------------------ the reason


def test_whoever_reads_personal_data_reads_why_until_the_person_is_erased(night: Night) -> None:
    house, policies = night.house, night.house.policies
    grant = night.break_glass()
    house.do(policies.end_grant(night.manager, grant.id, event_id=house.id()))

    assert policies.glass_reason(night.officer, grant.id) == "停電，店長陳大文未能聯絡"
    with pytest.raises(Denied):
        policies.glass_reason(night.manager, grant.id)
    house.committed(policies.erase_person(house.admin, night.manager.id, event_id=house.id()))
    policies.complete_erasures()
    assert policies.glass_reason(night.officer, grant.id) is None


def test_an_engagement_has_no_reason_and_no_review(night: Night) -> None:
    policies = night.house.policies
    engagement = night.house.engage(night.house.person(Role.AUDITOR, engaged=False).id)

    for ask in (
        lambda: policies.glass_reason(night.officer, engagement.id),
        lambda: policies.review_glass(night.officer, engagement.id, Review.JUSTIFIED, event_id=night.house.id()),
    ):
        with pytest.raises(UnknownThing) as caught:
            ask()
        assert caught.value.code is Code.GRANT_UNKNOWN


def test_only_who_might_end_or_review_one_learns_that_there_is_none(night: Night) -> None:
    policies, event_id = night.house.policies, night.house.id()
    asks = (
        lambda by: policies.end_grant(by, "0" * 32, event_id=event_id),
        lambda by: policies.review_glass(by, "0" * 32, Review.JUSTIFIED, event_id=event_id),
        lambda by: policies.glass_reason(by, "0" * 32),
    )

    for ask in asks:
        with pytest.raises(Denied):
            ask(night.manager)
        with pytest.raises(UnknownThing):
            ask(night.officer)
