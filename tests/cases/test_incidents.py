"""Breaches, enforcement and cessation notices, by the rows of the reference."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cases.errors import Code
from cases.incidents.model import BreachState, BreachStep, CessationState, Regime
from cases.incidents.requests import (
    DecisionRequest,
    DirectionRequest,
    EnforcementRequest,
    StepRequest,
)
from cases.incidents.rules import breach_clocks
from cases.model import FindingCode, Grade
from cases.rules import hong_kong_day
from documents.errors import Code as DocumentCode
from documents.errors import DocumentConflict
from documents.model import Step
from documents.shelves.store import Wanted
from policies.errors import Denied
from policies.model import Principal, Role, ScopeKind
from tests.cases.office import Office
from tests.cases.test_rules import refused


def test_p34_a_breach_is_told_from_its_own_chain(each_office: Office) -> None:
    office = each_office
    breach = office.breached(people=12, data_kinds=("name", "phone"))
    room = office.cases
    step = StepRequest(
        office.id(), BreachStep.CONTAINED, "已收回電郵", done_at=office.world.clock() - timedelta(hours=1)
    )
    office.do(room.record_step(office.dpo, breach.id, step))
    with refused(Code.BREACH_NOT_DECIDED):
        office.do(room.close_breach(office.dpo, breach.id, event_id=office.id()))
    decision = DecisionRequest(office.id(), notify_authority=True, notify_people=False, reason="風險低")
    office.do(room.decide_breach(office.dpo, breach.id, decision))
    office.do(room.close_breach(office.dpo, breach.id, event_id=office.id()))

    with office.world.storage.database.read() as connection:
        found, [told] = room.breach(office.officer, connection, breach.id)
        page = room.breaches(office.officer, connection, state=BreachState.CLOSED, limit=10)

    assert (found.state, found.notify_authority, found.notify_people) == (BreachState.CLOSED, True, False)
    assert (told.step, told.text, told.done_at) == (BreachStep.CONTAINED, "已收回電郵", step.done_at)
    assert [one.id for one in page.items] == [breach.id]
    assert "電郵".encode() not in office.everything()
    with refused(Code.BREACH_ENDED):
        office.do(room.record_step(office.dpo, breach.id, StepRequest(office.id(), BreachStep.NOTED)))


def test_p34_under_the_ordinance_alone_there_is_a_recommendation_and_no_deadline(office: Office) -> None:
    breach = office.breached(Regime.PDPO)

    [clock] = breach_clocks(breach.regimes, breach.known_at, designated=breach.designated)

    assert clock.until is None
    assert clock.recommended


def test_p37_a_processors_incident_is_the_organisations_own(office: Office) -> None:
    breach = office.breached(processor="OCRCO", reference="INC-9")

    assert office.data()["processor"] == "OCRCO"
    assert breach.state is BreachState.OPEN
    with office.world.storage.database.read() as connection:
        register = office.cases.breaches(office.officer, connection, state=BreachState.OPEN, limit=10).items
    assert [one.id for one in register] == [breach.id]
    with refused(Code.BREACH_REPORTED):
        office.breached(processor="OCRCO", reference="INC-9")
    assert office.breached(processor="OCRCO", reference="INC-10").id != breach.id


def test_p38_an_overdue_direction_is_proposed_as_major(office: Office) -> None:
    room = office.cases
    directions = (DirectionRequest(1, date(2026, 11, 30), "停止收集"), DirectionRequest(2, date(2026, 12, 31), "刪除"))
    notice = office.do(
        room.serve_enforcement(office.dpo, EnforcementRequest(office.id(), "EN-1", date(2026, 11, 1), directions))
    )
    office.world.clock.advance(days=10)

    def findings() -> list[tuple[FindingCode, Grade, str]]:
        with office.world.storage.database.read() as connection:
            found = room.findings(office.dpo, connection, hong_kong_day(office.world.clock()))
        return [(one.code, one.grade, one.subject) for one in found]

    assert findings() == [(FindingCode.DIRECTION_OVERDUE, Grade.MAJOR, f"{notice.id}/1")]
    office.do(room.meet_direction(office.dpo, notice.id, 1, event_id=office.id(), evidence="d1"))
    assert findings() == [(FindingCode.DIRECTION_OVERDUE, Grade.MINOR, f"{notice.id}/1")]
    for number, code in ((1, Code.DIRECTION_MET), (9, Code.DIRECTION_UNKNOWN)):
        with refused(code):
            office.do(room.meet_direction(office.dpo, notice.id, number, event_id=office.id()))
    with refused(Code.ENFORCEMENT_UNKNOWN):
        office.do(room.meet_direction(office.dpo, "none", 1, event_id=office.id()))


def _sees(office: Office, caller: Principal, document: str) -> bool:
    """Whether somebody sees a document in the list, by its id, and its content; all or nothing."""
    with office.world.storage.database.read() as connection:
        listed = office.documents.documents(caller, connection, Wanted(), after=None, limit=100)
        in_list = document in {one.document.id for one in listed.items}
    for look in (
        lambda: office.content(document, by=caller),
        lambda: office.documents.fields(caller, document, 1, event_id=office.id()),
        lambda: office.documents.reading(caller, document, 1, event_id=office.id()),
        lambda: office.documents.open_rendition(caller, document, 1, "thumbnail", event_id=office.id()),
    ):
        try:
            look()
        except Denied:
            assert not in_list
        else:
            assert in_list
    return in_list


def test_p35_a_cessation_notice_blocks_every_read_but_that_of_the_case_roles(each_office: Office) -> None:
    office = each_office
    document = office.add_read(b"dox").document
    manager = office.signed_in(Role.STORE_MANAGER, (ScopeKind.STORE, "MK01"), name="店長")
    auditor = office.signed_in(Role.AUDITOR, name="審計")
    assert all(_sees(office, caller, document) for caller in (manager, auditor, office.clerk, office.dpo))

    cessation = office.ceased(document)

    assert not any(_sees(office, caller, document) for caller in (manager, auditor, office.clerk))
    assert all(_sees(office, caller, document) for caller in (office.dpo, office.officer))
    assert office.documents.search_text(document) is None
    with pytest.raises(DocumentConflict) as caught:
        office.do(office.documents.decide_stage(office.clerk, document, 1, Step.WITHDRAW, event_id=office.id()))
    assert caught.value.code is DocumentCode.DAR_HOLD
    answered = office.cases.settle_cessation(
        office.dpo, cessation.id, CessationState.ANSWERED, event_id=office.id(), text="已移除"
    )
    office.do(answered)
    assert not _sees(office, manager, document)


def test_p35_a_notice_that_was_set_aside_frees_the_document(office: Office) -> None:
    document = office.add_read(b"dox").document
    cessation = office.ceased(document)
    settle = office.cases.settle_cessation

    office.do(settle(office.dpo, cessation.id, CessationState.LIFTED, event_id=office.id()))

    assert _sees(office, office.clerk, document)
    with refused(Code.CESSATION_ENDED):
        office.do(settle(office.dpo, cessation.id, CessationState.ANSWERED, event_id=office.id()))
    with refused(Code.CESSATION_UNKNOWN):
        office.do(settle(office.dpo, "none", CessationState.ANSWERED, event_id=office.id()))
    with refused(Code.CESSATION_DOCUMENT_UNKNOWN):
        office.ceased("00000000-0000-4000-8000-000000000000")
    with office.world.storage.database.read() as connection:
        assert [one.state for one in office.cases.cessations(office.dpo, connection)] == [CessationState.LIFTED]
