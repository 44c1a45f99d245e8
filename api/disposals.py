"""Disposals: proposed, simulated, approved by another person, executed, certified."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from api.calls import Call
from api.cursors import read_index, write_cursor
from api.disposal_shapes import (
    CERTIFICATE,
    DISPOSAL,
    EXAMPLE,
    PLAN,
    PREVIEW,
    SIMULATION,
    disposal_json,
    plan_json,
    simulation_json,
)
from api.jobs import EVENT_ID
from api.members import Choice, Text, Whole
from api.operations import LOCATION, Body, Documented, Operation, Parameters, Runs, Tag
from api.records import ListOf, Record
from api.replies import Answer, json_answer
from api.schemas import change_of, page, record
from api.shapes import change_answer
from documents.classes import PDF
from policies.model import Action, Resource
from retention.disposal.model import REASON_CHARS_MAX, RECORDS_MAX, DisposalState
from retention.disposal.plans import record_of

PAGE_MAX: Final = 199
_PATH: Final = "/api/v1/disposals"
_ONE: Final = f"{_PATH}/{{disposal}}"


@dataclass(frozen=True, slots=True)
class ProposalRequest:
    """Records to be disposed of, and why."""

    records: tuple[str, ...]
    reason: str
    event_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class WordRequest:
    """One person's word on a disposal."""

    reason: str = ""
    preview: str = ""
    event_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class DisposalParameters:
    """Which disposal."""

    disposal: str


@dataclass(frozen=True, slots=True)
class DisposalsParameters:
    """A page of disposals."""

    state: DisposalState | None = None
    cursor: str | None = None
    limit: int = 50


def list_disposals(call: Call[DisposalsParameters, None]) -> Answer:
    """Return a page of disposals, the newest first."""
    asked = call.parameters
    call.require_reading(Action.RETENTION_READ, Resource("disposal"))
    of = ("disposals", asked.state)
    before = read_index(of, asked.cursor)
    with call.services.storage.database.read() as connection:
        found = call.services.disposals.page(connection, state=asked.state, before=before, limit=asked.limit + 1)
    shown = found[: asked.limit]
    following = write_cursor(of, [shown[-1].proposed_index]) if len(found) > asked.limit else None
    return json_answer({"items": [disposal_json(one) for one in shown], "next_cursor": following})


def get_disposal(call: Call[DisposalParameters, None]) -> Answer:
    """Return a disposal with its plan."""
    call.require_reading(Action.RETENTION_READ, Resource("disposal", call.parameters.disposal))
    with call.services.storage.database.read() as connection:
        found, plan = call.services.disposals.get(connection, call.parameters.disposal)
    return json_answer({**disposal_json(found), "plan": plan_json(plan)})


def simulate_disposal(call: Call[DisposalParameters, None]) -> Answer:
    """Return exactly what would go now."""
    call.require_reading(Action.RETENTION_READ, Resource("disposal", call.parameters.disposal))
    return json_answer(simulation_json(call.services.disposals.simulate(call.parameters.disposal)))


def propose_disposal(call: Call[None, ProposalRequest]) -> Answer:
    """Propose to dispose of records that are due."""
    asked = call.body
    change = call.services.disposals.propose(
        call.principal,
        [record_of(one) for one in asked.records],
        asked.reason,
        event_id=asked.event_id or call.new_event_id(),
    )
    return change_answer(call.services.storage.log.commit(change), disposal_json)


def approve_disposal(call: Call[DisposalParameters, WordRequest]) -> Answer:
    """Approve what another person proposed."""
    asked = call.body
    change = call.services.disposals.approve(
        call.principal,
        call.parameters.disposal,
        asked.preview,
        asked.reason,
        event_id=asked.event_id or call.new_event_id(),
    )
    return change_answer(call.services.storage.log.commit(change), disposal_json, status=200)


def decline_disposal(call: Call[DisposalParameters, WordRequest]) -> Answer:
    """End a disposal that has not begun."""
    asked = call.body
    change = call.services.disposals.decline(
        call.principal, call.parameters.disposal, asked.reason, event_id=asked.event_id or call.new_event_id()
    )
    return change_answer(call.services.storage.log.commit(change), disposal_json, status=200)


def execute_disposal(call: Call[DisposalParameters, WordRequest]) -> Answer:
    """Begin the destruction."""
    asked = call.body
    change = call.services.disposals.execute(
        call.principal, call.parameters.disposal, asked.preview, event_id=asked.event_id or call.new_event_id()
    )
    return change_answer(call.services.storage.log.commit(change), disposal_json, status=200)


def get_certificate(call: Call[DisposalParameters, None]) -> Answer:
    """Return the certificate of destruction as a file that is verified offline."""
    call.require_reading(Action.RETENTION_READ, Resource("disposal", call.parameters.disposal))
    return Answer(call.services.disposals.certificate(call.parameters.disposal))


def print_certificate(call: Call[DisposalParameters, None]) -> Answer:
    """Return the certificate of destruction on paper, the file attached to it."""
    disposal = call.parameters.disposal
    call.require_reading(Action.RETENTION_READ, Resource("disposal", disposal))
    made = call.services.printer.pdf(call.services.disposals.certificate(disposal))
    named = ("Content-Disposition", f'attachment; filename="certificate-{disposal}.pdf"')
    return Answer(made, media_type=PDF, headers=(named,))


_ID: Final = Text(36, form="[0-9a-f-]{36}", description="Id of the disposal.", example=str(EXAMPLE["id"]))
_PARAMETERS: Final = Parameters(DisposalParameters, {"disposal": _ID}, ("disposal",))
_REASON: Final = Text(REASON_CHARS_MAX, multiline=True, description="Why; kept sealed, the log has its digest.")
_PREVIEW: Final = Text(64, form="[0-9a-f]{64}", description="The digest of the plan that you saw.")
_PROPOSAL: Final = Record(
    "DisposalProposal",
    ProposalRequest,
    {
        "records": ListOf(
            Text(
                64, form=r"(document|stocktake|adjustment):[A-Za-z0-9_-]{1,50}", description="`document:` and its id."
            ),
            RECORDS_MAX,
            1,
        ),
        "reason": _REASON,
        "event_id": EVENT_ID,
    },
    ("records", "reason"),
)
_APPROVAL: Final = Record(
    "DisposalApproval",
    WordRequest,
    {"preview": _PREVIEW, "reason": _REASON, "event_id": EVENT_ID},
    ("preview", "reason"),
)
_REFUSAL: Final = Record("DisposalRefusal", WordRequest, {"reason": _REASON, "event_id": EVENT_ID}, ("reason",))
_EXECUTION: Final = Record("DisposalExecution", WordRequest, {"preview": _PREVIEW, "event_id": EVENT_ID}, ("preview",))
_CHANGED: Final = (Documented(200, "Done, now or before by this event.", change_of(DISPOSAL), headers=LOCATION),)


def _body(found: Record[Any], example: object) -> Body[Any]:
    return Body(found.read, found.schema, example)


OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = (
    Operation(
        method="GET",
        path=_PATH,
        name="list_disposals",
        tag=Tag.RETENTION,
        summary="Disposals",
        run=list_disposals,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            DisposalsParameters,
            {
                "state": Choice(DisposalState, "Only those in this state."),
                "cursor": Text(1024, description="`next_cursor` of the page before."),
                "limit": Whole(1, PAGE_MAX, "Most disposals on the page."),
            },
        ),
        answers=(Documented(200, "A page, newest first.", page(DISPOSAL)),),
    ),
    Operation(
        method="POST",
        path=_PATH,
        name="propose_disposal",
        tag=Tag.RETENTION,
        summary="Propose a disposal",
        description=(
            "One person's half of the decision. Every record must be due, and nothing may hold it. The answer's `preview` is the "
            "digest of exactly what would go; another person approves it within seven days."
        ),
        run=propose_disposal,
        runs=Runs.IN_THREAD,
        body=_body(_PROPOSAL, {"records": ["document:6b1c1f0e-8f3a-4a53-9d3e-0f0f7a1f2c11"], "reason": "保留期已滿"}),
        answers=(
            Documented(201, "Proposed.", change_of(DISPOSAL), headers=LOCATION),
            Documented(200, "It was proposed before, by this event.", change_of(DISPOSAL), headers=LOCATION),
        ),
        refusals=(409,),
    ),
    Operation(
        method="GET",
        path=_ONE,
        name="get_disposal",
        tag=Tag.RETENTION,
        summary="A disposal and its plan",
        run=get_disposal,
        runs=Runs.IN_THREAD,
        parameters=_PARAMETERS,
        answers=(Documented(200, "The disposal.", {"allOf": [DISPOSAL, record({"plan": PLAN})]}),),
        refusals=(404,),
    ),
    Operation(
        method="GET",
        path=f"{_ONE}/simulation",
        name="simulate_disposal",
        tag=Tag.RETENTION,
        summary="Exactly what would go now",
        description="Every object with the store's word about it, and copies that were handed out and stay where they are.",
        run=simulate_disposal,
        runs=Runs.IN_THREAD,
        parameters=_PARAMETERS,
        answers=(Documented(200, "What would go, and what would stay.", SIMULATION),),
        refusals=(404,),
    ),
    Operation(
        method="POST",
        path=f"{_ONE}/approval",
        name="approve_disposal",
        tag=Tag.RETENTION,
        summary="Approve a disposal that another person proposed",
        run=approve_disposal,
        runs=Runs.IN_THREAD,
        parameters=_PARAMETERS,
        body=_body(_APPROVAL, {"preview": PREVIEW, "reason": "核對無誤"}),
        answers=_CHANGED,
        refusals=(404, 409),
    ),
    Operation(
        method="POST",
        path=f"{_ONE}/refusal",
        name="decline_disposal",
        tag=Tag.RETENTION,
        summary="End a disposal that has not begun",
        run=decline_disposal,
        runs=Runs.IN_THREAD,
        parameters=_PARAMETERS,
        body=_body(_REFUSAL, {"reason": "仍有訴訟"}),
        answers=_CHANGED,
        refusals=(404, 409),
    ),
    Operation(
        method="POST",
        path=f"{_ONE}/execution",
        name="execute_disposal",
        tag=Tag.RETENTION,
        summary="Destroy what was approved",
        description=(
            "Judges every record once more under the log's lock. From here on there is no way back: no hold is placed on the records, "
            "nobody reads them, and a job destroys them until everything that can go is gone."
        ),
        run=execute_disposal,
        runs=Runs.IN_THREAD,
        parameters=_PARAMETERS,
        body=_body(_EXECUTION, {"preview": PREVIEW}),
        answers=_CHANGED,
        refusals=(404, 409),
    ),
    Operation(
        method="GET",
        path=f"{_ONE}/certificate",
        name="get_disposal_certificate",
        tag=Tag.RETENTION,
        summary="The certificate of destruction",
        description="Verified offline with `chopbook disposal verify`.",
        run=get_certificate,
        runs=Runs.IN_THREAD,
        parameters=_PARAMETERS,
        answers=(Documented(200, "The certificate, the entry that vouches for it, and the proof.", CERTIFICATE),),
        refusals=(404, 409),
    ),
    Operation(
        method="GET",
        path=f"{_ONE}/certificate.pdf",
        name="print_disposal_certificate",
        tag=Tag.RETENTION,
        summary="The certificate of destruction on paper",
        description="PDF/A-3 in Chinese and English, for reading; the certificate that is verified is attached to it.",
        run=print_certificate,
        runs=Runs.IN_THREAD,
        parameters=_PARAMETERS,
        answers=(
            Documented(
                200,
                "The paper.",
                {"type": "string", "format": "binary"},
                media_type=PDF,
                headers={"Content-Disposition": "Always an attachment."},
            ),
        ),
        refusals=(404, 409, 503),
    ),
)
