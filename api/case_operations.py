"""Access and correction requests: the operations, declared."""

from typing import Any, Final

from api import case_bodies as bodies
from api.case_shapes import (
    CASE,
    DISCLOSURE,
    DISPUTE,
    FEE,
    GIVEN,
    ITEM,
    PROPOSAL,
    TASKS,
)
from api.cases import (
    ZIP_TYPE,
    CaseParameters,
    CasesParameters,
    approve_refusal,
    close_case,
    correct,
    decline_refusal,
    get_case,
    get_particulars,
    give_notice,
    impose_fee,
    judge_identity,
    list_cases,
    list_items,
    list_recipients,
    list_refusals,
    make_pack,
    mark_item,
    note_dispute,
    open_case,
    propose_refusal,
    record_disclosure,
    record_payment,
    search_again,
    tell_recipient,
)
from api.members import Choice, Text, Uuid, Whole
from api.operations import LOCATION, Body, Documented, Operation, Parameters, Runs, Stated, Tag
from api.paging import PAGING
from api.schemas import TEXT, change_of, listed, nullable, page, record
from cases.model import CaseKind, CaseState
from cases.requests import (
    ITEMS_MAX,
)

_ID: Final = Text(36, form="[0-9a-f-]{36}", description="Id of a case.")
_MEMBERS: Final[dict[str, Any]] = {
    "case": _ID,
    "item": Whole(1, ITEMS_MAX, "Number of an item."),
    "proposal": Text(36, form="[0-9a-f-]{32,36}", description="Id of a proposed refusal."),
    "recipient": bodies.CODE,
    "event_id": Uuid("Names this reading for ever."),
}


def _parameters(*names: str) -> Parameters[CaseParameters]:
    named = tuple(name for name in names if name != "event_id")
    return Parameters(CaseParameters, {name: _MEMBERS[name] for name in names}, named)


def _read(path: str, name: str, summary: str, run: Any, answer: Any, description: str = "") -> Operation[Any, Any]:
    return Operation(
        method="GET",
        path=f"/api/v1/cases/{{case}}{path}",
        name=name,
        tag=Tag.CASES,
        summary=summary,
        description=description,
        run=run,
        runs=Runs.IN_THREAD,
        parameters=_parameters("case"),
        answers=(Documented(200, "As it stands.", answer),),
        refusals=(404,),
    )


def _act(
    path: str,
    name: str,
    summary: str,
    run: Any,
    body: Body[Any],
    answer: Any,
    *,
    new: bool = False,
    description: str = "",
    method: str = "POST",
) -> Operation[Any, Any]:
    inside = tuple(part[1:-1] for part in path.split("/") if part.startswith("{"))
    done = (Documented(200, "Done, now or before by this event.", change_of(answer), headers=LOCATION),)
    made = (Documented(201, "Done.", change_of(answer), headers=LOCATION),) if new else ()
    return Operation(
        method=method,
        path=f"/api/v1/cases/{{case}}{path}",
        name=name,
        tag=Tag.CASES,
        summary=summary,
        description=description,
        run=run,
        runs=Runs.IN_THREAD,
        parameters=_parameters("case", *inside),
        body=body,
        answers=(*made, *done),
        refusals=(404, 409),
    )


OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = (
    Operation(
        method="GET",
        path="/api/v1/cases",
        name="list_cases",
        tag=Tag.CASES,
        summary="Requests of people about their data",
        run=list_cases,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            CasesParameters,
            {"kind": Choice(CaseKind, "Only of this kind."), "state": Choice(CaseState, "Only those."), **PAGING},
        ),
        answers=(Documented(200, "A page, the newest first.", page(CASE)),),
    ),
    Operation(
        method="POST",
        path="/api/v1/cases",
        name="open_case",
        tag=Tag.CASES,
        summary="Open a case",
        description=(
            "Searches at once for what is held of the relevant person, keeps the documents among it as they are, and starts "
            "the 40 days on the day of receipt (PDPO s.19(1))."
        ),
        run=open_case,
        runs=Runs.IN_THREAD,
        body=bodies.OPEN_CASE,
        answers=(
            Documented(201, "Opened.", change_of(CASE), headers=LOCATION),
            Documented(200, "It was opened before, by this event.", change_of(CASE), headers=LOCATION),
        ),
        refusals=(409,),
    ),
    Operation(
        method="POST",
        path="/api/v1/disclosures",
        name="record_disclosure",
        tag=Tag.CASES,
        summary="Record a disclosure",
        description="So that the recipient can be told if the data is corrected within twelve months (s.23(1)(c)).",
        run=record_disclosure,
        runs=Runs.IN_THREAD,
        body=bodies.DISCLOSURE,
        answers=(
            Documented(201, "Recorded.", change_of(DISCLOSURE), headers=LOCATION),
            Documented(200, "It was recorded before, by this event.", change_of(DISCLOSURE), headers=LOCATION),
        ),
        refusals=(404, 409),
    ),
    _read("", "get_case", "One case with its clock", get_case, CASE),
    Operation(
        method="GET",
        path="/api/v1/cases/{case}/particulars",
        name="get_case_particulars",
        tag=Tag.CASES,
        summary="Who asks, and what",
        description="A sensitive read: the log says who read it first. Erased values are null.",
        run=get_particulars,
        uses=Stated.MAYBE,
        runs=Runs.IN_THREAD,
        parameters=_parameters("case", "event_id"),
        answers=(
            Documented(
                200,
                "The values.",
                record({"case": TEXT, "values": {"type": "object", "additionalProperties": nullable(TEXT)}}),
            ),
        ),
        refusals=(404, 409),
    ),
    _read("/items", "list_case_items", "What was held at receipt", list_items, record({"items": listed(ITEM)})),
    _act("/search", "search_case_again", "Search with other terms", search_again, bodies.SEARCH_AGAIN, CASE),
    _act("/identity", "judge_case_identity", "Whether identity was shown", judge_identity, bodies.IDENTITY, CASE),
    _act("/items/{item}", "mark_case_item", "What becomes of an item", mark_item, bodies.ITEM, ITEM, method="PUT"),
    _act("/fee", "impose_case_fee", "Charge a fee", impose_fee, bodies.FEE, FEE),
    _act("/payment", "record_case_payment", "The fee was paid", record_payment, bodies.NOTHING, CASE),
    _read("/refusals", "list_case_refusals", "Proposed refusals", list_refusals, record({"items": listed(PROPOSAL)})),
    _act(
        "/refusals",
        "propose_case_refusal",
        "Propose a refusal",
        propose_refusal,
        bodies.REFUSAL,
        PROPOSAL,
        new=True,
        description="A second person reviews it: free text is no ground, and a wrong one is itself a contravention.",
    ),
    _act(
        "/refusals/{proposal}/approve",
        "approve_case_refusal",
        "Enter a refusal in the log book",
        approve_refusal,
        bodies.NOTHING,
        PROPOSAL,
    ),
    _act(
        "/refusals/{proposal}/decline",
        "decline_case_refusal",
        "Decline a refusal",
        decline_refusal,
        bodies.NOTHING,
        PROPOSAL,
    ),
    _act("/notices", "give_case_notice", "Give a notice", give_notice, bodies.NOTICE, GIVEN, new=True),
    Operation(
        method="POST",
        path="/api/v1/cases/{case}/copy",
        name="make_case_copy",
        tag=Tag.CASES,
        summary="Make the copy for the requestor",
        description=(
            "A ZIP of what was held at receipt, others' data masked, with a legend of codes in both languages. Refused until "
            "identity is shown, the fee paid, and every withheld part in the log book."
        ),
        run=make_pack,
        runs=Runs.IN_THREAD,
        parameters=_parameters("case"),
        body=bodies.NOTHING,
        answers=(
            Documented(
                200,
                "The copy.",
                {"type": "string", "format": "binary"},
                media_type=ZIP_TYPE,
                headers={"Content-Disposition": "A name to keep it under."},
            ),
        ),
        refusals=(404, 409),
    ),
    _act("/corrections", "correct_case_item", "Supersede an item", correct, bodies.CORRECTION, TASKS, new=True),
    _act("/dispute-notes", "note_case_dispute", "Attach a note", note_dispute, bodies.DISPUTE, DISPUTE, new=True),
    _read("/recipients", "list_case_recipients", "Who is to be told of corrections", list_recipients, TASKS),
    _act(
        "/recipients/{recipient}/told",
        "tell_case_recipient",
        "A recipient was told",
        tell_recipient,
        bodies.NOTHING,
        TASKS,
    ),
    _act("/close", "close_case", "Close an answered case", close_case, bodies.NOTHING, CASE),
)
