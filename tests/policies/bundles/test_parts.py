"""Rooms that act on a member of bundles, and what happens when one cannot on the day."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from audit.canonical import JSON
from audit.event import Subject
from policies.bundles.model import BundleFault, BundleState
from policies.bundles.ports import BundlePart
from policies.codes import Code
from policies.engine import shipped
from policies.errors import PolicyConflict, UnknownThing
from policies.model import Words
from storage.either import Reader
from storage.transaction import Transaction
from tests.policies.bundles.office import Office, manifest, narrower
from tests.policies.house import House

if TYPE_CHECKING:
    from policies.bundles.ports import Appending


class Room:
    """A room that adopts numbers, as long as it can."""

    member = "retention"

    def __init__(self) -> None:
        self.is_ready = True

    def faults(self, reader: Reader, content: Any, today: date) -> Sequence[BundleFault]:
        return [BundleFault(Code.SCHEDULE_FORM, "retention", "a number") for one in content if not isinstance(one, int)]

    def preview(self, reader: Reader, before: Any, after: Any, today: date) -> dict[str, JSON]:
        return {"moved": len(after), "disposable": sum(after)}

    def adopt(self, tx: Transaction, before: Any, after: Any, append: Appending) -> None:
        if not self.is_ready:
            raise PolicyConflict(Code.NOTHING_TO_CHANGE)
        for one in after:
            append("retention.schedule_added", Subject("retention_schedule", str(one)), {"before": len(before)})


def furnished(house: House) -> tuple[Office, Room]:
    room = Room()
    part: BundlePart = room
    house.policies.join(part)
    return Office(house), room


MADE = manifest(narrower, parts={"retention": [7, 5], "residency": {}})


def test_a_room_adopts_its_part_in_the_change_that_activates(house: House) -> None:
    office, _ = furnished(house)
    office.approve(office.proposed(MADE))
    detail = office.policies.bundle(office.officer_, MADE.digest)[0].simulation
    assert detail is not None

    office.activate(MADE.digest)

    last = [house.entry(house.size() - back) for back in (2, 1)]
    assert (detail.detail["moved"], detail.detail["disposable"]) == (2, 12)
    assert [one["type"] for one in last] == ["retention.schedule_added"] * 2
    assert {one["actor"]["id"] for one in last} == {office.officer_.id}
    assert house.policies.directory().version == house.size() - 1


def test_what_cannot_be_adopted_on_its_day_is_set_back_and_the_old_one_goes_on(
    sqlite_house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house = sqlite_house
    office, room = furnished(house)
    office.approve(office.proposed(MADE))
    at = house.world.clock() + timedelta(hours=1)
    house.do(office.policies.schedule_bundle(office.officer_, MADE.digest, at, event_id=house.id()))
    room.is_ready = False
    house.world.clock.advance(hours=2)

    with caplog.at_level(logging.CRITICAL, "chopbook.policies"):
        found = office.policies.activate_due(house.world.clock())

    assert found is not None
    assert (found.state, found.steps[-1].detail) == (BundleState.VALIDATED, {"code": "nothing_to_change"})
    assert "a scheduled policy bundle cannot become active" in caplog.messages
    assert house.policies.directory().bundle is shipped()
    assert office.policies.activate_due(house.world.clock()) is None


def test_the_calendar_of_the_active_bundle_counts(sqlite_house: House) -> None:
    office = Office(sqlite_house)
    days = {date(2027, month, day): Words("假期", "Holiday") for month, day in ((1, day) for day in range(4, 26))}

    office.activated(manifest(narrower, calendar={2027: days}))

    calendar = office.policies.calendar
    assert calendar.is_general_holiday(date(2027, 1, 5))
    assert not calendar.is_general_holiday(date(2027, 1, 1))
    assert office.policies.residency().calendar == calendar


def test_bytes_that_are_gone_deny_everything_and_can_be_put_back(sqlite_house: House) -> None:
    house, office = sqlite_house, Office(sqlite_house)
    office.activated(manifest(narrower))
    digest = manifest(narrower).digest
    connection = house.world.storage.database.writing_connection()
    with connection.begin():
        named = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'policy_bundles'"
        for (name,) in connection.execute(text(named)).all():
            connection.execute(text(f'DROP TRIGGER "{name}"'))
        connection.execute(text("DELETE FROM policy_bundles WHERE digest = :digest"), {"digest": digest})
    connection.close()

    restarted = house.another(house.world.open_another())
    is_readable = restarted.directory().bundle.is_readable
    with pytest.raises(UnknownThing):
        house.do(restarted.restore_bundle(b"other bytes"))
    restored = house.do(restarted.restore_bundle(manifest(narrower).content))

    assert not is_readable
    assert restored.state is BundleState.ACTIVE
    assert restarted.fresh_directory().bundle.digest == digest
