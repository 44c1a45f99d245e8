"""Holds: named and live, widened, released by a second person; and that no disposal begins under one."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import Any

import pytest

from audit.event import Event, Subject
from documents.model import Stage
from documents.store import DOCUMENTS
from policies.errors import Denied, PolicyConflict
from policies.model import Role
from policies.pending.model import PendingAction
from retention.errors import Code, Held, InvalidRetention, RetentionConflict, RetentionError, UnknownRetention
from retention.model import Outcome
from retention.records import Record
from retention.requests import HoldRequest, ReasonRequest, parse
from storage import Change, Transaction
from storage.opening import SYSTEM
from tests.retention.registry import Registry, document


def release(registry: Registry, matter: str, reason: str = "案件已和解，張大文同意") -> PendingAction:
    request = parse(ReasonRequest, {"reason": reason}, event_id=registry.id())
    return registry.do(registry.retention.propose_release(registry.officer, matter, request))


def begin_disposal(registry: Registry, record: Record) -> Change[None]:
    """The first commit of a disposal: holds asked for again, then a stage from which nothing leads back."""
    event = Event(
        type="test.disposal_begun",
        subjects=(Subject("document", record.id),),
        data={},
        actor=SYSTEM,
        event_id=registry.id(),
    )

    def run(tx: Transaction) -> None:
        registry.retention.require_free(tx, [record])
        values = tx.get(DOCUMENTS, (record.id,))
        assert values is not None
        tx.put(tx.append(event), DOCUMENTS, (record.id,), (*values[:3], Stage.WITHDRAWN.value, *values[4:]))

    return Change(run)


def test_a_named_record_is_held_until_a_second_person_releases_it(each_registry: Registry) -> None:
    registry = each_registry
    photo, other = registry.paper(), registry.paper(content=b"other")
    matter = registry.hold("HCA-1", photo, review_on="2027-01-01")

    assert (matter.placed_on, registry.holding(photo), registry.holding(other)) == (registry.today, ["HCA-1"], [])
    pending = release(registry, "HCA-1")
    assert registry.holding(photo) == ["HCA-1"]
    with pytest.raises(Denied):
        registry.do(registry.retention.approve_release(registry.officer, "HCA-1", pending.id, event_id=registry.id()))
    released = registry.do(
        registry.retention.approve_release(registry.dpo, "HCA-1", pending.id, event_id=registry.id())
    )

    assert (released.released_on, released.released_by) == (registry.today, registry.dpo.id)
    assert registry.holding(photo) == []
    with pytest.raises(RetentionConflict, match="was released"):
        release(registry, "HCA-1")


def test_one_release_waits_at_a_time_and_a_declined_one_makes_room(each_registry: Registry) -> None:
    registry = each_registry
    registry.hold("HCA-1", registry.paper())
    request = parse(ReasonRequest, {"reason": "案件已和解"}, event_id=registry.id())
    first = registry.committed(registry.retention.propose_release(registry.officer, "HCA-1", request))
    again = registry.committed(registry.retention.propose_release(registry.officer, "HCA-1", request))
    assert (again.replayed, again.receipt.index) == (True, first.receipt.index)
    assert first.result is not None

    with pytest.raises(RetentionConflict) as refused:
        release(registry, "HCA-1")
    assert refused.value.code is Code.HOLD_RELEASE_WAITS
    registry.do(registry.policies.decline_pending(registry.dpo, first.result.id, event_id=registry.id()))
    with pytest.raises(PolicyConflict):
        registry.do(registry.retention.approve_release(registry.dpo, "HCA-1", first.result.id, event_id=registry.id()))
    assert release(registry, "HCA-1").id != first.result.id


def test_approving_twice_is_a_replay(registry: Registry) -> None:
    registry.hold("HCA-1", registry.paper())
    pending = release(registry, "HCA-1")
    event_id = registry.id()

    first = registry.committed(registry.retention.approve_release(registry.dpo, "HCA-1", pending.id, event_id=event_id))
    again = registry.committed(registry.retention.approve_release(registry.dpo, "HCA-1", pending.id, event_id=event_id))

    assert again.replayed
    assert again.receipt.index == first.receipt.index


def test_a_proposal_that_is_too_old_releases_nothing(registry: Registry) -> None:
    photo = registry.paper()
    registry.hold("HCA-1", photo)
    pending = release(registry, "HCA-1")
    registry.world.clock.advance(days=8)

    with pytest.raises(PolicyConflict):
        registry.do(registry.retention.approve_release(registry.dpo, "HCA-1", pending.id, event_id=registry.id()))
    assert registry.holding(photo) == ["HCA-1"]


@pytest.mark.parametrize(
    ("query", "filing", "held"),
    [
        ({"classes": ["photo"]}, {}, True),
        ({"classes": ["invoice"]}, {}, False),
        ({"stores": ["MK01"], "classes": ["photo"]}, {}, True),
        ({"stores": ["TST1"], "classes": ["photo"]}, {}, False),
        ({"suppliers": ["SUP1"]}, {"supplier": "SUP1"}, True),
        ({"suppliers": ["SUP1"]}, {}, False),
        ({"skus": ["A1"]}, {"folders": ["sku/A1"]}, True),
        ({"skus": ["A2"]}, {"folders": ["sku/A1"]}, False),
        ({"since": "2026-11-22", "until": "2026-11-22"}, {}, True),
        ({"since": "2026-11-23"}, {}, False),
        ({"until": "2026-11-21"}, {}, False),
    ],
)
def test_a_live_query_holds_what_comes_later(
    registry: Registry, query: dict[str, object], filing: dict[str, Any], held: bool
) -> None:
    registry.hold("REG-1", kind="regulator", query=query)

    photo = registry.paper(**filing)

    assert registry.holding(photo) == (["REG-1"] if held else [])


def test_many_matters_hold_one_record_and_each_is_released_alone(registry: Registry) -> None:
    photo = registry.paper()
    registry.hold("HCA-2", photo)
    registry.hold("DAR-1", photo, kind="data_access_request")
    registry.hold("REG-1", kind="regulator", query={"classes": ["photo"]})

    assert registry.holding(photo) == ["DAR-1", "HCA-2", "REG-1"]
    pending = release(registry, "HCA-2")
    registry.do(registry.retention.approve_release(registry.dpo, "HCA-2", pending.id, event_id=registry.id()))
    assert registry.holding(photo) == ["DAR-1", "REG-1"]
    assert registry.judged(photo).judgement.matters == ("DAR-1", "REG-1")


def test_a_matter_is_widened_and_listed(registry: Registry) -> None:
    first, second = registry.paper(), registry.paper(content=b"other")
    registry.hold("HCA-1", first)
    registry.widen("HCA-1", first, second)

    with registry.world.storage.database.read() as connection:
        named = registry.retention.matter_records(registry.officer, connection, "HCA-1", limit=10)
        one = registry.retention.matter_records(registry.officer, connection, "HCA-1", limit=1)
        rest = registry.retention.matter_records(registry.officer, connection, "HCA-1", after=one[0], limit=10)
        matters = registry.retention.matters(registry.officer, connection, standing=True, limit=10)

    assert set(named) == {first, second}
    assert [*one, *rest] == named
    assert [matter.number for matter in matters] == ["HCA-1"]
    with pytest.raises(RetentionConflict, match="Nothing would change"):
        registry.widen("HCA-1", second)


def test_reason_and_counsel_are_in_no_entry_and_can_be_read(registry: Registry) -> None:
    registry.hold("HCA-1", registry.paper(), reason="陳小姐投訴", counsel="李律師行")
    release(registry, "HCA-1", "陳小姐撤回投訴")

    told = str([registry.entry(index) for index in range(registry.size())])

    assert not [word for word in ("陳小姐", "李律師行", "撤回投訴") if word in told]
    with registry.world.storage.database.read() as connection:
        found = registry.retention.prose(registry.officer, connection, "HCA-1")
    assert (found.reason, found.counsel) == ("陳小姐投訴", "李律師行")


def test_what_cannot_be_held_is_refused(registry: Registry) -> None:
    photo = registry.paper()
    registry.hold("HCA-1", photo)

    with pytest.raises(RetentionConflict, match="exists already"):
        registry.hold("HCA-1", photo)
    with pytest.raises(UnknownRetention, match="no record"):
        registry.hold("HCA-2", document("018f0000-0000-7000-8000-000000000000"))
    with pytest.raises(UnknownRetention, match="no matter"):
        registry.widen("HCA-9", photo)
    with pytest.raises(Denied):
        registry.hold("HCA-3", photo, by=registry.somebody(Role.AUDITOR))


@pytest.mark.parametrize(
    ("members", "path"),
    [
        ({"matter": "no spaces"}, ("matter",)),
        ({"matter": "A1234563"}, ("matter",)),
        ({"matter": "TEL-98765432"}, ("matter",)),
        ({"kind": "whim"}, ("kind",)),
        ({"reason": ""}, ("reason",)),
        ({"reason": "a\u202eb"}, ("reason",)),
        ({"records": [{"kind": "document"}]}, ("records", 0)),
        ({"records": []}, ("records",)),
        ({"query": {}}, ("query",)),
        ({"review_on": "1066-10-14"}, ("review_on",)),
        ({"surprise": 1}, ()),
    ],
)
def test_a_wrong_member_is_named(members: dict[str, object], path: tuple[str | int, ...]) -> None:
    content = {
        "event_id": "018f0000-0000-7000-8000-000000000001",
        "matter": "HCA-1",
        "kind": "legal",
        "reason": "x",
        "records": [{"kind": "document", "id": "d1"}],
        **members,
    }
    with pytest.raises(InvalidRetention) as refused:
        parse(HoldRequest, content)

    assert refused.value.path == path
    assert refused.value.code is Code.RETENTION_INVALID
    words = refused.value.sentence()
    assert words.zh.removeprefix("內容不正確：") != words.en.removeprefix("The content is not right: ")


def test_no_hold_comes_after_the_disposal_has_begun(registry: Registry) -> None:
    photo = registry.paper()
    registry.committed(begin_disposal(registry, photo))

    with pytest.raises(RetentionConflict) as refused:
        registry.hold("HCA-1", photo)
    assert refused.value.code is Code.HOLD_TOO_LATE


def test_no_disposal_begins_under_a_hold(registry: Registry) -> None:
    photo = registry.paper()
    registry.hold("HCA-1", photo)

    with pytest.raises(Held):
        registry.committed(begin_disposal(registry, photo))
    assert registry.stage(photo.id) is Stage.SEALED


def commit(registry: Registry, change: Change[Any], start: Barrier, refused: list[RetentionError]) -> None:
    start.wait()
    try:
        registry.world.storage.log.commit(change)
    except RetentionError as error:
        refused.append(error)


def test_of_a_hold_and_a_disposal_at_once_exactly_one_wins(each_registry: Registry) -> None:
    registry = each_registry
    for turn in range(6):
        photo = registry.paper(content=b"%d" % turn)
        changes: list[Change[Any]] = [
            registry.retention.place_hold(registry.officer, registry.hold_request(f"HCA-{turn}", photo)),
            begin_disposal(registry, photo),
        ]
        refused: list[RetentionError] = []
        start = Barrier(2)

        threads = [Thread(target=commit, args=(registry, change, start, refused)) for change in changes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(refused) == 1
        was_held = refused[0].code is Code.RECORD_HELD
        assert registry.holding(photo) == ([f"HCA-{turn}"] if was_held else [])
        assert registry.stage_of(photo) is (Stage.SEALED if was_held else Stage.WITHDRAWN)


def test_a_released_record_that_is_past_its_dates_is_due_the_same_day(registry: Registry) -> None:
    photo = registry.paper()
    registry.hold("HCA-1", photo)
    registry.world.clock.advance(days=365 * 8)
    assert registry.outcome(photo) is Outcome.HELD

    pending = release(registry, "HCA-1")
    registry.do(registry.retention.approve_release(registry.dpo, "HCA-1", pending.id, event_id=registry.id()))

    assert registry.outcome(photo) is Outcome.DUE
