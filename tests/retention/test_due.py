"""The due list: what a review finds, pages and filters, rows judged again; findings, their grades, and settling them."""

from __future__ import annotations

from datetime import date

import pytest

from retention.due.model import Wanted
from retention.errors import UnknownRetention
from retention.model import FindingCode, Grade, Outcome, Trigger
from retention.records import Record
from retention.requests import ReasonRequest, SettleRequest, parse
from retention.reviewing import DuePage
from tests.retention.registry import GRACE_DAYS, Registry


def due(
    registry: Registry, wanted: Wanted | None = None, *, after: tuple[str, str, str] | None = None, limit: int = 100
) -> DuePage:
    with registry.world.storage.database.read() as connection:
        return registry.retention.due_list(
            registry.officer, connection, wanted or Wanted(), registry.today, after=after, limit=limit
        )


def settle(registry: Registry, record: Record, finding: str) -> None:
    content = {"record": {"kind": record.kind.value, "id": record.id}, "finding": finding, "reason": "律師已確認"}
    request = parse(SettleRequest, content, event_id=registry.id())
    registry.do(registry.retention.settle_finding(registry.officer, request, registry.today))


def records(page: DuePage) -> list[Record]:
    return [item.judged.described.record for item in page.items]


def test_a_review_lists_everything_by_date_and_says_how_many(each_registry: Registry) -> None:
    registry = each_registry
    registry.year_end("12-31")
    papers = [registry.paper("invoice", b"%d" % year) for year in (2019, 2017, 2021)]
    for paper, year in zip(papers, (2019, 2017, 2021), strict=True):
        registry.trigger(paper.key, Trigger.TRANSACTION_COMPLETED, f"{year}-03-15")
    unknown = registry.paper("invoice", b"unknown")

    found = registry.review()

    assert found["records"] == 4
    assert found["outcomes"] == {"due": 1, "kept": 2, "undetermined": 1}
    assert found["findings"] == {"disposal_overdue": {"major": 1}, "trigger_unknown": {"note": 1}}
    page = due(registry)
    assert records(page) == [papers[1], papers[0], papers[2], unknown]
    assert (page.total, page.next) == (4, None)
    first = due(registry, limit=2)
    rest = due(registry, after=first.next, limit=2)
    assert records(first) + records(rest) == records(page)
    assert records(due(registry, Wanted(outcome=Outcome.UNDETERMINED))) == [unknown]
    assert records(due(registry, Wanted(until=date(2027, 1, 1)))) == papers[1:2] + papers[:1]
    assert due(registry, Wanted(schedule="HK-TAX-7Y")).total == 4
    assert due(registry, Wanted(schedule="HK-TAX")).total == 0
    assert due(registry, Wanted(class_code="photo")).total == 0
    assert due(registry, Wanted(store="MK01")).total == 4
    assert records(due(registry, Wanted(finding=FindingCode.OVERDUE))) == papers[1:2]
    assert due(registry, Wanted(with_findings=True)).total == 2
    again = registry.review()
    assert again["records"] == 4
    assert due(registry).total == 4


def test_a_row_shows_a_hold_that_came_after_the_review(registry: Registry) -> None:
    photo = registry.paper()
    registry.world.clock.advance(days=365 * 8)
    registry.review()
    registry.hold("HCA-1", photo)

    (row,) = due(registry, Wanted(outcome=Outcome.DUE)).items

    assert row.judged.judgement.outcome is Outcome.HELD
    registry.review()
    assert due(registry, Wanted(outcome=Outcome.DUE)).total == 0
    assert due(registry, Wanted(outcome=Outcome.HELD)).total == 1


def test_vector_a_record_is_due_on_the_day_its_hold_is_released(registry: Registry) -> None:
    photo = registry.paper()
    registry.hold("HCA-1", photo)
    registry.world.clock.advance(days=365 * 8)
    registry.review()
    assert due(registry, Wanted(outcome=Outcome.DUE)).total == 0
    request = parse(ReasonRequest, {"reason": "案件已和解"}, event_id=registry.id())

    pending = registry.do(registry.retention.propose_release(registry.officer, "HCA-1", request))
    registry.do(registry.retention.approve_release(registry.dpo, "HCA-1", pending.id, event_id=registry.id()))
    registry.review()

    (row,) = due(registry, Wanted(outcome=Outcome.DUE)).items
    assert (row.judged.described.record, row.judged.judgement.outcome) == (photo, Outcome.DUE)


@pytest.mark.parametrize(
    ("days", "grade"),
    [(0, None), (GRACE_DAYS, None), (GRACE_DAYS + 1, Grade.MINOR), (2 * GRACE_DAYS + 1, Grade.MAJOR)],
)
def test_p_05_what_is_not_disposed_of_is_proposed_after_the_grace(
    registry: Registry, days: int, grade: Grade | None
) -> None:
    photo = registry.paper()
    due_from = registry.judged(photo).judgement.due_from
    assert due_from is not None
    registry.world.clock.advance(days=(due_from - registry.today).days + days)
    registry.review()

    (row,) = due(registry, Wanted(outcome=Outcome.DUE)).items

    assert [one.grade for one in row.findings] == ([] if grade is None else [grade])


def test_p_04_a_class_without_a_rule_escalates_after_the_grace(registry: Registry) -> None:
    registry.map("photo", "menu")
    registry.paper()
    registry.review()
    assert [one.grade for row in due(registry).items for one in row.findings] == [Grade.NOTE]

    registry.world.clock.advance(days=GRACE_DAYS + 1)

    assert [one.grade for row in due(registry).items for one in row.findings] == [Grade.MINOR]


def test_a_settled_finding_is_gone_until_it_is_graver(registry: Registry) -> None:
    registry.map("photo", "menu")
    photo = registry.paper()
    settle(registry, photo, "retention_rule_missing")
    registry.review()

    assert due(registry, Wanted(with_findings=True)).total == 0
    with pytest.raises(UnknownRetention, match="no such finding"):
        settle(registry, photo, "retention_rule_missing")
    registry.world.clock.advance(days=GRACE_DAYS + 1)
    registry.review()
    assert due(registry, Wanted(with_findings=True)).total == 1
