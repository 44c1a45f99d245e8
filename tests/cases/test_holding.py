"""What a request or a cessation notice keeps is held as for any matter, and whoever it is about is not erased meanwhile."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from cases.incidents.model import CessationState
from cases.incidents.requests import CessationRequest
from cases.model import NoticeKind, Opened, ProposalState
from cases.requests import SearchAgain
from documents.errors import Code as DocumentCode
from documents.errors import DocumentConflict
from documents.model import Stage, Step
from documents.retaining.sources import DocumentRecords
from policies.errors import PolicyConflict
from policies.model import Principal
from policies.pending.model import PendingKind, PendingState
from retention.disposal.errors import HoldStands
from retention.disposal.service import Disposals
from retention.errors import Code, RetentionConflict
from retention.locks.model import HOLD_KIND
from retention.locks.reconciling import LockKeeper
from retention.model import HoldKind
from retention.records import Matter, Record, RecordKind
from retention.requests import HoldRequest, ReasonRequest, parse
from tests.cases.office import Office
from workflow.worker import JobContext, Worker


def filed(office: Office, content: bytes = b"paper") -> str:
    """A document of the staff member."""
    return office.add_read(content, by=office.policies.principal(office.staff), **{"class": "photo"}).document


def matter(office: Office, number: str) -> Matter:
    with office.world.storage.database.read() as connection:
        return office.retention.matter(office.officer, connection, number)


def holding(office: Office, document: str) -> list[str]:
    with office.world.storage.database.read() as connection:
        return [one.matter for one in office.retention.holds_of(connection, Record(RecordKind.DOCUMENT, document))]


def closed(office: Office, opened: Opened) -> None:
    office.told(opened.case.id, NoticeKind.COMPLIANCE)
    office.do(office.cases.close_case(office.dpo, opened.case.id, event_id=office.id()))


def placed(office: Office, document: str, number: str = "HCA-1") -> None:
    content = {
        "matter": number,
        "kind": "legal",
        "reason": "訴訟",
        "records": [{"kind": "document", "id": document}],
    }
    office.do(office.retention.place_hold(office.officer, parse(HoldRequest, content, event_id=office.id())))


def released(office: Office, number: str = "HCA-1") -> None:
    request = parse(ReasonRequest, {"reason": "已和解"}, event_id=office.id())
    pending = office.do(office.retention.propose_release(office.officer, number, request))
    office.do(office.retention.approve_release(office.dpo, number, pending.id, event_id=office.id()))


def erase(office: Office, person: str) -> None:
    office.committed(office.policies.erase_person(office.admin, person, event_id=office.id()))


def work_on_holds(office: Office) -> None:
    storage = office.world.storage
    keeper = LockKeeper(
        storage.database,
        storage.log,
        office.retention,
        DocumentRecords(),
        office.documents,
        office.objects,
        clock=office.world.clock,
    )

    def apply(context: JobContext) -> Any:
        payload = context.job.payload
        assert isinstance(payload, dict)
        return keeper.apply_hold(str(payload["matter"]), event_id=UUID(context.job.id))

    worker = Worker(
        office.queue, {HOLD_KIND: apply}, name="holds", clock=office.world.clock, entropy=office.world.entropy
    )
    while worker.run_one():
        pass


def flagged(office: Office, document: str) -> bool:
    return office.objects.head(office.documents._version(document, 1).ref).legal_hold  # noqa: SLF001


def test_p_15_what_is_held_at_receipt_is_a_hold_until_the_request_is_closed(each_office: Office) -> None:
    office = each_office
    document = filed(office)
    opened = office.known()
    number = f"DAR-{opened.case.id}"
    found = matter(office, number)
    work_on_holds(office)

    assert (found.kind, found.owner) == (HoldKind.DATA_ACCESS_REQUEST, f"case:{opened.case.id}")
    assert (holding(office, document), flagged(office, document)) == ([number], True)
    closed(office, opened)
    work_on_holds(office)

    assert matter(office, number).released_by == office.dpo.id
    assert (holding(office, document), flagged(office, document)) == ([], False)


def test_a_request_without_documents_holds_nothing(office: Office) -> None:
    opened = office.opened()
    with office.world.storage.database.read() as connection:
        assert office.retention.matters(office.officer, connection, standing=None, limit=10) == []
    assert opened.case.id


def test_the_hold_of_a_request_is_released_by_nothing_else(office: Office) -> None:
    filed(office)
    opened = office.known()
    request = parse(ReasonRequest, {"reason": "不再需要"}, event_id=office.id())

    with pytest.raises(RetentionConflict) as refused:
        office.do(office.retention.propose_release(office.officer, f"DAR-{opened.case.id}", request))

    assert refused.value.code is Code.HOLD_OF_CASE


def test_a_matter_that_a_person_placed_is_not_taken_for_a_request_s(office: Office) -> None:
    document = filed(office)
    opened = office.known()
    number = f"DAR-{opened.case.id}"
    closed(office, opened)

    with pytest.raises(RetentionConflict):
        placed(office, document, number)


def test_a_later_search_holds_more_and_lets_nothing_go(office: Office) -> None:
    first = filed(office)
    opened = office.known(terms=("大文",))
    other = office.add_read(b"other", **{"class": "photo"}).document
    office.finder.found = [other]
    office.do(office.cases.search_again(office.dpo, opened.case.id, SearchAgain(office.id(), ("大文",))))

    number = f"DAR-{opened.case.id}"
    assert (holding(office, first), holding(office, other)) == ([number], [number])
    office.finder.found = []
    office.do(office.cases.search_again(office.dpo, opened.case.id, SearchAgain(office.id(), ("大文",))))
    assert holding(office, other) == [number]


def test_p_35_a_cessation_notice_is_a_hold_until_it_is_lifted(each_office: Office) -> None:
    office = each_office
    document = filed(office)
    cessation = office.ceased(document)
    number = f"CN-{cessation.id}"
    work_on_holds(office)

    assert (matter(office, number).kind, flagged(office, document)) == (HoldKind.CESSATION, True)
    office.do(office.cases.settle_cessation(office.dpo, cessation.id, CessationState.ANSWERED, event_id=office.id()))
    assert holding(office, document) == [number]
    office.do(office.cases.settle_cessation(office.dpo, cessation.id, CessationState.LIFTED, event_id=office.id()))
    work_on_holds(office)

    assert (holding(office, document), flagged(office, document)) == ([], False)


def test_a_replay_of_a_notice_names_its_own_entry(office: Office) -> None:
    document = filed(office)
    request = CessationRequest(office.id(), document, "CN-2026-7", office.world.clock().date())
    first = office.committed(office.cases.serve_cessation(office.dpo, request))
    again = office.committed(office.cases.serve_cessation(office.dpo, request))

    assert again.replayed
    assert again.receipt.index == first.receipt.index
    assert office.entry(first.receipt.index)["type"] == "cessation.served"


def test_p_15_disposal_sees_the_hold_of_a_request(office: Office) -> None:
    document = filed(office)
    storage = office.world.storage
    disposals = Disposals(
        storage.database,
        storage.log,
        office.policies,
        office.queue,
        office.retention,
        office.documents,
        clock=office.world.clock,
    )
    office.known()

    with pytest.raises(HoldStands):
        office.do(
            disposals.propose(
                office.officer, [Record(RecordKind.DOCUMENT, document)], "保留期已滿", event_id=office.id()
            )
        )


# ------------------------------------------------------------------------------------------------ withdrawing


def waiting(office: Office) -> tuple[str, Principal]:
    """A document in quarantine, which can be withdrawn, and who may."""
    office.personal_data = ("hkid",)
    document = filed(office)
    office.personal_data = ()
    assert office.stage(document) is Stage.QUARANTINED
    return document, office.officer


def test_nobody_withdraws_what_is_held(office: Office) -> None:
    document, officer = waiting(office)
    placed(office, document)
    withdraw = office.documents.decide_stage

    with pytest.raises(DocumentConflict) as refused:
        office.do(withdraw(officer, document, 1, Step.WITHDRAW, event_id=office.id()))
    assert refused.value.code is DocumentCode.DOCUMENT_HELD
    assert "HCA-1" in str(refused.value)
    released(office)
    office.do(withdraw(officer, document, 1, Step.WITHDRAW, event_id=office.id()))
    office.work()

    assert office.stage(document) is Stage.DESTROYED


def test_an_older_version_that_was_withdrawn_waits_for_the_hold_to_end(office: Office) -> None:
    document, officer = waiting(office)
    office.add_read(b"photo 2", document=document)
    office.do(office.documents.decide_stage(officer, document, 1, Step.WITHDRAW, event_id=office.id()))
    placed(office, document)
    office.work()
    assert office.stage(document) is Stage.WITHDRAWN
    assert office.documents.destroy_waiting(new_event_id=lambda _name: office.id()) == 0

    released(office)

    assert office.documents.destroy_waiting(new_event_id=lambda _name: office.id()) == 1
    assert office.stage(document) is Stage.DESTROYED
    assert office.content(document, 2, by=officer) == b"photo 2"


# ---------------------------------------------------------------------------------------------------- erasing


def test_who_asks_is_not_erased_before_the_request_is_closed(each_office: Office) -> None:
    office = each_office
    filed(office)
    opened = office.known()

    with pytest.raises(PolicyConflict) as refused:
        erase(office, office.staff)
    assert f"case:{opened.case.id}" in refused.value.words().en
    assert "不得刪除" in refused.value.words().zh
    closed(office, opened)
    erase(office, office.staff)

    assert office.staff in office.policies.directory().erased


def test_who_asks_for_somebody_else_is_not_erased_either(office: Office) -> None:
    opened = office.opened(person=office.staff, on_behalf=True)
    assert opened.case.requestor != office.staff

    with pytest.raises(PolicyConflict):
        erase(office, opened.case.requestor)


def test_who_filed_what_is_held_is_not_erased(office: Office) -> None:
    document = filed(office)
    placed(office, document)

    with pytest.raises(PolicyConflict, match="HCA-1"):
        erase(office, office.staff)
    released(office)
    erase(office, office.staff)


def test_who_made_an_adjustment_that_is_named_is_not_erased(office: Office) -> None:
    staff = office.policies.principal(office.staff)
    index = office.do(office.stock.adjust(staff, office.asked("5"), now=office.world.clock())).index
    content = {
        "matter": "HCA-2",
        "kind": "regulator",
        "reason": "調查",
        "records": [{"kind": "adjustment", "id": str(index)}],
    }
    office.do(office.retention.place_hold(office.officer, parse(HoldRequest, content, event_id=office.id())))

    with pytest.raises(PolicyConflict, match="HCA-2"):
        erase(office, office.staff)


def test_somebody_else_s_request_for_a_document_does_not_keep_who_filed_it(office: Office) -> None:
    document = filed(office)
    office.finder.found = [document]
    office.opened(terms=("陳",))
    assert holding(office, document)

    erase(office, office.staff)

    assert office.staff in office.policies.directory().erased


# ---------------------------------------------------------------------------------------- what waits for two


def waits(office: Office, pending: str) -> PendingState:
    return office.policies.pending_action(pending).state_at(office.world.clock())


def test_a_proposed_refusal_waits_where_everything_does(office: Office) -> None:
    case = office.opened(person=office.staff).case.id
    proposal = office.proposed(case, "identity_not_shown")

    found = office.policies.pending_action(proposal.id)
    assert (found.kind, found.subject, waits(office, proposal.id)) == (
        PendingKind.CASE_DECISION,
        f"case:{case}",
        PendingState.OPEN,
    )
    office.do(office.cases.settle_refusal(office.officer, case, proposal.id, approve=False, event_id=office.id()))
    assert waits(office, proposal.id) is PendingState.DECLINED


@pytest.mark.parametrize("own", [True, False])
def test_what_is_declined_where_everything_waits_is_declined_in_its_case(office: Office, own: bool) -> None:
    case = office.opened(person=office.staff).case.id
    proposal = office.proposed(case, "identity_not_shown")
    settle = office.policies.withdraw_pending if own else office.policies.decline_pending

    committed = office.committed(settle(office.dpo if own else office.officer, proposal.id, event_id=office.id()))

    (after,) = office.cases.proposals(office.dpo, case)
    assert after.state is ProposalState.DECLINED
    assert office.entry(committed.receipt.index)["type"] == ("pending.withdrawn" if own else "pending.declined")
    assert office.entry(committed.receipt.index - 1)["type"] == "case.refusal_declined"
