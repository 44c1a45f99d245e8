"""Access and correction requests: opening, working on and answering them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID

from api.calls import Call
from api.case_shapes import (
    case_json,
    disclosure_json,
    dispute_json,
    fee_json,
    given_json,
    item_json,
    proposal_json,
    tasks_json,
)
from api.paging import LIMIT_DEFAULT, page_answer, place_of
from api.replies import Answer, json_answer
from api.shapes import Json, change_answer
from api.using import stated_or
from cases.model import Case, CaseKind, CaseState
from cases.requests import (
    CorrectRequest,
    DisclosureRequest,
    DisputeRequest,
    FeeRequest,
    IdentityRequest,
    ItemRequest,
    NoticeRequest,
    OpenRequest,
    RefusalRequest,
    SearchAgain,
)
from policies.model import Action, Resource
from policies.using.purposes import UsePurpose

ZIP_TYPE: Final = "application/zip"
CASES: Final = Resource("case", whole_log=True)
_PURPOSES: Final = {
    CaseKind.ACCESS: UsePurpose.ACCESS_REQUEST,
    CaseKind.CORRECTION: UsePurpose.CORRECTION_REQUEST,
}


@dataclass(frozen=True, slots=True)
class CasesParameters:
    """A page of cases."""

    kind: CaseKind | None = None
    state: CaseState | None = None
    cursor: str | None = None
    limit: int = LIMIT_DEFAULT


@dataclass(frozen=True, slots=True)
class CaseParameters:
    """Which case, and what of it."""

    case: str
    item: int = 0
    proposal: str = ""
    recipient: str = ""
    event_id: UUID | None = None


Called = Call[CaseParameters, dict[str, Any]]


def asked(call: Call[Any, dict[str, Any]]) -> dict[str, Any]:
    """Return the members of a body, with an event id if it brings none."""
    return {"event_id": call.new_event_id(), **call.body}


def list_cases(call: Call[CasesParameters, None]) -> Answer:
    """Return a page of cases, the newest first."""
    wanted = call.parameters
    call.require_reading(Action.CASE_READ, CASES)
    of = ("cases", str(wanted.kind), str(wanted.state))
    with call.services.storage.database.read() as connection:
        found = call.services.cases.cases(
            call.principal,
            connection,
            kind=wanted.kind,
            state=wanted.state,
            after=place_of(of, wanted.cursor, 1),
            limit=wanted.limit,
        )
    return page_answer(of, found, _shape(call))


def _shape(call: Call[Any, Any]) -> Callable[[Case], Json]:
    """How a case is shown, its clock by the calendar of the policies that decide."""
    return partial(case_json, calendar=call.calendar)


def open_case(call: Call[None, dict[str, Any]]) -> Answer:
    """Open a case with what is held today."""
    change = call.services.cases.open_case(call.principal, OpenRequest(**asked(call)))
    return change_answer(call.services.storage.log.commit(change), lambda opened: _shape(call)(opened.case))


def get_case(call: Call[CaseParameters, None]) -> Answer:
    """Return one case."""
    call.require_reading(Action.CASE_READ, CASES)
    with call.services.storage.database.read() as connection:
        return json_answer(_shape(call)(call.services.cases.case(call.principal, connection, call.parameters.case)))


def get_particulars(call: Call[CaseParameters, None]) -> Answer:
    """Return who asks and what, once the log says who reads it."""
    case, services = call.parameters.case, call.services
    decision = call.require(Action.CASE_READ, CASES)
    with services.storage.database.read() as connection:
        found = services.cases.case(call.principal, connection, case)
    event_id = call.parameters.event_id or call.new_event_id()
    use = stated_or(call, decision, _PURPOSES[found.kind])
    read = services.policies.record_read(decision, event_id=event_id, detail={"case": case}, use=use)
    services.storage.log.commit(read)
    with services.storage.database.read() as connection:
        values = services.cases.particulars(call.principal, connection, found.opened_index)
    return json_answer({"case": case, "values": values})


def list_items(call: Call[CaseParameters, None]) -> Answer:
    """Return what was held at receipt."""
    call.require_reading(Action.CASE_READ, CASES)
    with call.services.storage.database.read() as connection:
        services = call.services
        services.cases.case(call.principal, connection, call.parameters.case)
        found = services.cases.items(call.principal, connection, call.parameters.case)
    return json_answer({"items": [item_json(item) for item in found]})


def search_again(call: Called) -> Answer:
    """Search with other terms."""
    change = call.services.cases.search_again(call.principal, call.parameters.case, SearchAgain(**asked(call)))
    return change_answer(call.services.storage.log.commit(change), lambda opened: _shape(call)(opened.case), status=200)


def judge_identity(call: Called) -> Answer:
    """Say whether identity was shown."""
    change = call.services.cases.judge_identity(call.principal, call.parameters.case, IdentityRequest(**asked(call)))
    return change_answer(call.services.storage.log.commit(change), _shape(call), status=200)


def mark_item(call: Called) -> Answer:
    """Say what becomes of an item."""
    wanted, request = call.parameters, ItemRequest(**asked(call))
    change = call.services.cases.mark_item(call.principal, wanted.case, wanted.item, request)
    return change_answer(call.services.storage.log.commit(change), item_json, status=200)


def impose_fee(call: Called) -> Answer:
    """Charge what may be charged."""
    change = call.services.cases.impose_fee(call.principal, call.parameters.case, FeeRequest(**asked(call)))
    return change_answer(call.services.storage.log.commit(change), fee_json, status=200)


def record_payment(call: Called) -> Answer:
    """Say that the fee was paid."""
    change = call.services.cases.record_payment(call.principal, call.parameters.case, **asked(call))
    return change_answer(call.services.storage.log.commit(change), _shape(call), status=200)


def list_refusals(call: Call[CaseParameters, None]) -> Answer:
    """Return refusals that were proposed."""
    call.require_reading(Action.CASE_READ, CASES)
    found = call.services.cases.proposals(call.principal, call.parameters.case)
    return json_answer({"items": [proposal_json(one) for one in found]})


def propose_refusal(call: Called) -> Answer:
    """Propose a refusal."""
    change = call.services.cases.propose_refusal(call.principal, call.parameters.case, RefusalRequest(**asked(call)))
    return change_answer(call.services.storage.log.commit(change), proposal_json)


def approve_refusal(call: Called) -> Answer:
    """Enter a refusal in the log book."""
    return _settle(call, approve=True)


def decline_refusal(call: Called) -> Answer:
    """Decline a refusal."""
    return _settle(call, approve=False)


def _settle(call: Called, *, approve: bool) -> Answer:
    wanted = call.parameters
    change = call.services.cases.settle_refusal(
        call.principal, wanted.case, wanted.proposal, approve=approve, **asked(call)
    )
    return change_answer(call.services.storage.log.commit(change), proposal_json, status=200)


def give_notice(call: Called) -> Answer:
    """Give a notice."""
    change = call.services.cases.give_notice(call.principal, call.parameters.case, NoticeRequest(**asked(call)))
    return change_answer(call.services.storage.log.commit(change), partial(given_json, calendar=call.calendar))


def make_pack(call: Called) -> Answer:
    """Make the copy, and hand it out once the log says so."""
    content, change = call.services.cases.make_pack(call.principal, call.parameters.case, **asked(call))
    call.services.storage.log.commit(change)
    name = f'attachment; filename="copy-{call.parameters.case}.zip"'
    return Answer(content, media_type=ZIP_TYPE, headers=(("Content-Disposition", name),))


def correct(call: Called) -> Answer:
    """Supersede an item."""
    change = call.services.cases.correct(call.principal, call.parameters.case, CorrectRequest(**asked(call)))
    return change_answer(call.services.storage.log.commit(change), tasks_json)


def note_dispute(call: Called) -> Answer:
    """Attach a note of what is disputed."""
    change = call.services.cases.note_dispute(call.principal, call.parameters.case, DisputeRequest(**asked(call)))
    return change_answer(call.services.storage.log.commit(change), dispute_json)


def list_recipients(call: Call[CaseParameters, None]) -> Answer:
    """Return who is to be told of corrections."""
    call.require_reading(Action.CASE_READ, CASES)
    with call.services.storage.database.read() as connection:
        found = call.services.cases.tasks(call.principal, connection, call.parameters.case)
    return json_answer(tasks_json(found))


def tell_recipient(call: Called) -> Answer:
    """Say that a recipient was told."""
    wanted = call.parameters
    change = call.services.cases.tell_recipient(call.principal, wanted.case, wanted.recipient, **asked(call))
    return change_answer(call.services.storage.log.commit(change), lambda task: tasks_json([task]), status=200)


def record_disclosure(call: Call[None, dict[str, Any]]) -> Answer:
    """Say that a recipient was given an item."""
    change = call.services.cases.record_disclosure(call.principal, DisclosureRequest(**asked(call)))
    return change_answer(call.services.storage.log.commit(change), disclosure_json)


def close_case(call: Called) -> Answer:
    """Close an answered case."""
    change = call.services.cases.close_case(call.principal, call.parameters.case, **asked(call))
    return change_answer(call.services.storage.log.commit(change), _shape(call), status=200)
