"""The page about this room's entries says what is in them, of every type and no other."""

from __future__ import annotations

from datetime import date

from cases.fees import FeeKind, FeeLine
from cases.grounds import Ground
from cases.incidents.model import EVENT_TYPES as INCIDENT_TYPES
from cases.incidents.model import BreachStep, CessationState, Regime
from cases.incidents.requests import DecisionRequest, DirectionRequest, EnforcementRequest, StepRequest
from cases.model import EVENT_TYPES, CaseKind, Handling, ItemKind, NoticeKind
from cases.requests import CorrectRequest, DisclosureRequest, DisputeRequest, FeeRequest, SearchAgain
from policies.using.exemptions import ExemptionId
from tests.cases.office import Office
from tests.entries_page import EntriesPage

PAGE = EntriesPage("case-entries.md")
TYPES = EVENT_TYPES | INCIDENT_TYPES


def _access(office: Office) -> None:
    room, do, dpo, new = office.cases, office.do, office.dpo, office.id
    case = office.known(on_behalf=False).case.id
    do(room.search_again(dpo, case, SearchAgain(new(), ("陳大文",))))
    office.marked(case, 1, Handling.REDACT, third_party=True)
    office.refused(case, Ground.EXEMPT, 2, exemption=ExemptionId.S60, evidence="d1", prejudice="調查")
    office.refused(case, Ground.THIRD_PARTY, 1)
    declined = office.proposed(case, Ground.ENTITLED)
    do(room.settle_refusal(office.officer, case, declined.id, approve=False, event_id=new()))
    do(room.impose_fee(dpo, case, FeeRequest(new(), (FeeLine(FeeKind.COPYING, 40), FeeLine(FeeKind.OVERHEAD, 9)))))
    do(room.record_payment(dpo, case, event_id=new()))
    do(room.make_pack(office.dpo, case, event_id=new())[1])
    office.told(case, NoticeKind.COMPLIANCE)
    do(room.close_case(dpo, case, event_id=new()))
    office.opened()
    office.world.clock.advance(days=20)
    room.remind(now=office.world.clock(), new_event_id=new)


def _correction(office: Office, document: str) -> None:
    room, do, dpo, new = office.cases, office.do, office.dpo, office.id
    case = office.known(kind=CaseKind.CORRECTION).case.id
    today = office.world.clock().date()
    name = next(item.ref for item in office.items(case) if item.ref.endswith("/display_name"))
    for kind, ref in ((ItemKind.PERSONAL, name), (ItemKind.DOCUMENT, document)):
        do(room.record_disclosure(dpo, DisclosureRequest(new(), kind, ref, "LOGI", "delivery", today)))
        do(room.correct(dpo, case, CorrectRequest(new(), kind, ref, value="陳大民", superseded_by=None)))
        do(room.note_dispute(dpo, case, DisputeRequest(new(), kind, ref, "不同意")))
    do(room.tell_recipient(dpo, case, "LOGI", event_id=new()))


def _incidents(office: Office, document: str) -> None:
    room, do, dpo, new = office.cases, office.do, office.dpo, office.id
    breach = office.breached(Regime.GDPR, people=3, data_kinds=("name",), processor="OCRCO", reference="I-1").id
    office.breached()
    do(room.record_step(dpo, breach, StepRequest(new(), BreachStep.AUTHORITY_TOLD, regime=Regime.GDPR)))
    do(room.record_step(dpo, breach, StepRequest(new(), BreachStep.CONTAINED, "已收回")))
    do(room.decide_breach(dpo, breach, DecisionRequest(new(), True, True, "風險高")))
    do(room.close_breach(dpo, breach, event_id=new()))
    directions = (DirectionRequest(1, date(2026, 12, 1), "停止"), DirectionRequest(2, date(2026, 12, 1), "刪除"))
    served = do(room.serve_enforcement(dpo, EnforcementRequest(new(), "EN-1", date(2026, 11, 1), directions)))
    do(room.meet_direction(dpo, served.id, 1, event_id=new(), evidence="d1"))
    do(room.meet_direction(dpo, served.id, 2, event_id=new()))
    cessation = office.ceased(document).id
    for state in (CessationState.ANSWERED, CessationState.LIFTED):
        do(room.settle_cessation(dpo, cessation, state, event_id=new()))


def test_the_page_names_every_type_of_entry() -> None:
    assert set(PAGE.documented()) == set(TYPES)


def test_entries_hold_what_the_page_says(office: Office) -> None:
    document = office.add_read(b"paper").document
    _access(office)
    _correction(office, document)
    _incidents(office, document)

    seen = PAGE.held_by(office.entry(index) for index in range(office.size()))

    assert seen == set(TYPES)
    everything = office.everything()
    for clear in ("陳大文", "陳大民", "不同意", "調查", "已收回", "風險高", "停止", "電郵"):
        assert clear.encode() not in everything
