"""Records as they lie in the database, judged: the reference's vectors, and the rows of its table that concern retention."""

from __future__ import annotations

from datetime import date

import pytest

from documents.model import Stage
from documents.parsing import parse_link
from retention.errors import Code, Held, UnknownRetention
from retention.model import FindingCode, Outcome, Trigger
from retention.records import Record, RecordKind
from tests.retention.registry import Registry, document

TAX, ACCOUNTS = "HK-TAX-7Y/1", "HK-ACCOUNTS-7Y/1"


def dated(registry: Registry, day: str, class_code: str = "delivery_note") -> Record:
    """A paper of an older day, said by a person."""
    added = registry.paper(class_code)
    registry.trigger(added.key, Trigger.TRANSACTION_COMPLETED, day)
    return added


def test_vector_food_shelf_life_ninety_days(each_registry: Registry) -> None:
    registry = each_registry
    registry.map("other", "food_trace")
    sheet = registry.paper("other")
    registry.fact(sheet.key, "food.shelf_life_short")
    registry.trigger(sheet.key, Trigger.ACQUIRED, "2026-11-30")

    kept = registry.judged(sheet, date(2027, 2, 28)).judgement
    due = registry.judged(sheet, date(2027, 3, 1)).judgement

    assert (kept.outcome, kept.keep_until, kept.due_from) == (Outcome.KEPT, date(2027, 2, 28), date(2027, 3, 1))
    assert due.outcome is Outcome.DUE


def test_vector_order_of_2019_is_kept_to_the_end_of_2026(registry: Registry) -> None:
    registry.year_end("12-31")
    order = dated(registry, "2019-03-15", "purchase_order")

    judgement = registry.judged(order).judgement

    assert judgement.keep_until == date(2026, 12, 31)
    assert set(judgement.considered) == {TAX, ACCOUNTS}
    assert judgement.deciding == (ACCOUNTS,)


def test_vector_and_p_28_former_staff_must_go_after_seven_years(registry: Registry) -> None:
    registry.map("other", "staff_file")
    file = registry.paper("other")
    registry.trigger(file.key, Trigger.LEFT_EMPLOYMENT, "2019-11-21")

    assert registry.outcome(file, date(2026, 11, 21)) is Outcome.KEPT
    judgement = registry.judged(file, date(2026, 11, 22)).judgement
    assert (judgement.outcome, judgement.dispose_by) == (Outcome.DUE, date(2026, 11, 21))
    registry.hold("HCA-1", file)
    assert registry.outcome(file, date(2026, 11, 22)) is Outcome.HELD


def test_vector_deed_ended_2015(registry: Registry) -> None:
    deed = registry.paper("contract")
    registry.trigger(deed.key, Trigger.CONTRACT_ENDED, "2015-06-30")
    assert registry.judged(deed).judgement.keep_until == date(2021, 6, 30)

    registry.fact(deed.key, "contract.deed")

    assert registry.judged(deed).judgement.keep_until == date(2027, 6, 30)


def test_vector_three_months_and_seven_years_on_one_invoice(registry: Registry) -> None:
    registry.year_end("12-31")
    invoice = dated(registry, "2026-01-02", "invoice")
    registry.fact(invoice.key, "food.shelf_life_short")
    registry.trigger(invoice.key, Trigger.ACQUIRED, "2026-01-02")

    assert registry.judged(invoice).judgement.keep_until == date(2033, 12, 31)


def test_p_04_a_class_without_a_rule_is_accepted_and_found(registry: Registry) -> None:
    registry.map("photo", "menu")
    photo = registry.paper()

    assert registry.stage(photo.id) is not Stage.QUARANTINED
    judgement = registry.judged(photo).judgement
    assert judgement.outcome is Outcome.UNDETERMINED
    assert [finding.code for finding in judgement.findings] == [FindingCode.RULE_MISSING]


def test_p_35_a_cessation_notice_holds(registry: Registry) -> None:
    photo = registry.paper("photo")
    registry.hold("PCPD-66M-1", photo, kind="cessation")

    assert registry.outcome(photo, date(2090, 1, 1)) is Outcome.HELD


def test_p_15_a_request_s_hold_refuses_disposal(registry: Registry) -> None:
    photo = registry.paper("photo")
    registry.hold("DAR-2026-1", photo, kind="data_access_request")

    with registry.world.storage.database.read() as connection, pytest.raises(Held) as refused:
        registry.retention.require_free(connection, [photo])

    assert refused.value.code is Code.RECORD_HELD
    assert "DAR-2026-1" in refused.value.sentence().zh


def test_p_21_the_log_book_is_kept_for_four_years(registry: Registry) -> None:
    registry.map("other", "privacy_log_book")
    book = registry.paper("other")
    created = registry.today

    assert registry.outcome(book, created.replace(year=created.year + 4)) is Outcome.KEPT
    assert registry.judged(book).judgement.lock_until == created.replace(year=created.year + 4)


def test_a_paper_whose_date_is_sure_starts_its_own_clock(registry: Registry) -> None:
    registry.year_end("03-31")
    note = document(registry.add_read().document)

    judged = registry.judged(note)

    assert judged.described.dated_on == date(2026, 11, 20)
    assert judged.judgement.keep_until == date(2034, 3, 31)


def test_an_unread_paper_is_undetermined_and_says_which_rules_ask(registry: Registry) -> None:
    note = registry.paper("delivery_note")

    judgement = registry.judged(note).judgement

    assert judgement.outcome is Outcome.UNDETERMINED
    (finding,) = judgement.findings
    assert finding.code is FindingCode.TRIGGER_UNKNOWN
    assert set(finding.schedules) == {TAX, ACCOUNTS}


def test_what_a_person_recorded_can_be_withdrawn(registry: Registry) -> None:
    registry.year_end("12-31")
    note = dated(registry, "2019-03-15")
    registry.trigger(note.key, Trigger.TRANSACTION_COMPLETED, state="withdrawn")

    assert registry.outcome(note) is Outcome.UNDETERMINED
    registry.trigger(note.key, Trigger.TRANSACTION_COMPLETED, state="not_yet")
    assert registry.outcome(note) is Outcome.KEPT


def test_a_supplier_s_contract_end_speaks_for_its_contracts(registry: Registry) -> None:
    contract = registry.paper("contract", supplier="SUP1")
    registry.trigger("supplier:SUP1", Trigger.CONTRACT_ENDED, "2019-06-30")

    assert registry.judged(contract).judgement.keep_until == date(2025, 6, 30)


def test_a_certificate_waits_until_its_goods_are_sold_out(registry: Registry) -> None:
    paper = registry.paper("certificate", folders=["sku/A1"])
    assert registry.outcome(paper) is Outcome.UNDETERMINED

    registry.adjust(5, sku="A1")
    assert registry.outcome(paper) is Outcome.KEPT
    assert registry.judged(paper).judgement.keep_until is None
    registry.adjust(-5, sku="A1")

    assert registry.judged(paper).judgement.keep_until == date(2032, 11, 22)


def test_an_order_is_closed_by_the_last_paper_that_invoices_it(registry: Registry) -> None:
    order = registry.paper("purchase_order").id
    invoice = registry.paper("invoice").id
    registry.work()
    link = parse_link({"kind": "invoices", "target": order}, document=invoice, event_id=registry.id())
    registry.do(registry.documents.link(registry.clerk, link))

    judged = registry.judged(document(order))

    assert judged.described.triggers[Trigger.PO_CLOSED] == date(2026, 11, 20)
    assert judged.described.triggers[Trigger.TRANSACTION_COMPLETED] == date(2026, 11, 20)


def test_adjustments_and_stocktakes_are_judged(registry: Registry) -> None:
    registry.year_end("12-31")
    adjusted = Record(RecordKind.ADJUSTMENT, str(registry.adjust(5).index))
    opened = Record(RecordKind.STOCKTAKE, registry.open().id)

    assert registry.judged(adjusted).judgement.keep_until == date(2033, 12, 31)
    assert registry.judged(opened).judgement.keep_until is None
    assert registry.outcome(opened) is Outcome.KEPT


def test_a_changed_rule_judges_from_its_day_and_the_older_is_shown(registry: Registry) -> None:
    photo = registry.paper("photo")
    registry.rule(code="ORG-OTHER-7Y", version=2, classes=["photo", "other"], minimum="P1Y", in_force="2027-01-01")

    assert registry.judged(photo).judgement.keep_until == date(2033, 11, 22)
    with registry.world.storage.database.read() as connection:
        shown = registry.retention.explain(connection, photo, date(2027, 1, 1))

    assert shown.judged.judgement.keep_until == date(2027, 11, 22)
    assert shown.earlier is not None
    assert shown.earlier.keep_until == date(2033, 11, 22)
    assert [schedule.id for schedule in shown.schedules] == ["ORG-OTHER-7Y/1", "ORG-OTHER-7Y/2"]


def test_what_is_not_there_is_unknown(registry: Registry) -> None:
    nothing = document("018f0000-0000-7000-8000-000000000000")

    with registry.world.storage.database.read() as connection:
        for ask in (
            lambda: registry.retention.judge_record(connection, nothing, registry.today),
            lambda: registry.retention.explain(connection, nothing, registry.today),
            lambda: registry.retention.holds_of(connection, nothing),
            lambda: registry.retention.require_free(connection, [nothing]),
        ):
            with pytest.raises(UnknownRetention, match="no record"):
                ask()
