"""Reviews: what was read from a paper, a person's word on it, stock from paper, and a version's fate."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from api import document_schemas as bodies
from api.bodies import changed_as, json_body
from api.calls import Call
from api.document_content import VersionParameters
from api.document_shapes import adjusted_from_json, changed_json, fields_json, reviewed_json
from api.documents import DOCUMENT, ONE, VERSION, DocumentParameters
from api.members import Choice
from api.operations import LOCATION, Documented, Operation, Parameters, Runs, Tag
from api.problems import Problem
from api.refusals import fault_of, problem_of
from api.replies import Answer, json_answer
from api.schemas import change_of, ref
from api.shapes import change_answer
from cases.model import ItemKind
from documents.model import Step
from documents.parsing import parse_adjust, parse_event, parse_field
from stock.errors import BatchRefused


class Fate(StrEnum):
    """What a person may do with a version."""

    RELEASE = "release"
    QUARANTINE = "quarantine"
    CLEAR = "clear"
    WITHDRAW = "withdraw"


def get_fields(call: Call[VersionParameters, None]) -> Answer:
    """Return what was read from a version, with the questions about it."""
    asked = call.parameters
    found = call.services.documents.fields(call.principal, asked.document, asked.version, event_id=call.new_event_id())
    with call.services.storage.database.read() as connection:
        notes = call.services.cases.dispute_notes(connection, ItemKind.DOCUMENT, asked.document)
    # A disputed opinion is never without its note (PDPO s.25(2)).
    disputed = {ref.partition("/")[2]: note for ref, note in notes.items()}
    return json_answer({**fields_json(found), "dispute_notes": disputed})


def correct_field(call: Call[VersionParameters, Any]) -> Answer:
    """Say what a field should say, or that it is right."""
    asked = call.parameters
    request = parse_field(call.body, document=asked.document, version=asked.version, event_id=call.event_id(call.body))
    change = call.services.documents.correct_field(call.principal, request)
    return change_answer(call.services.storage.log.commit(change), reviewed_json, status=200)


def confirm_document(call: Call[DocumentParameters, Any]) -> Answer:
    """Say that what was read is right as it stands."""
    event_id = parse_event(call.body, event_id=call.event_id(call.body))
    change = call.services.documents.confirm_document(call.principal, call.parameters.document, event_id=event_id)
    return change_answer(call.services.storage.log.commit(change), reviewed_json, status=200)


def adjust_from(call: Call[DocumentParameters, Any]) -> Answer:
    """Move stock by what a paper says."""
    request = parse_adjust(call.body, document=call.parameters.document, event_id=call.event_id(call.body))
    change = call.services.documents.adjust_from(call.principal, request, now=call.now)
    try:
        committed = call.services.storage.log.commit(change)
    except BatchRefused as refused:
        raise _refusal(call, refused) from None
    return change_answer(committed, adjusted_from_json)


def _refusal(call: Call[Any, Any], refused: BatchRefused) -> Problem:
    problem = problem_of(refused, now=call.now, body_bytes_max=0)
    faults = [fault_of(result.error).under(result.row).under("rows") for result in refused.results if result.error]
    return Problem(problem.kind, problem.detail, faults=faults)


@dataclass(frozen=True, slots=True)
class FateParameters:
    """Which version, and what is to become of it."""

    document: str
    version: int
    fate: Fate


def decide_fate(call: Call[FateParameters, Any]) -> Answer:
    """Release, quarantine, clear or withdraw a version."""
    asked = call.parameters
    event_id = parse_event(call.body, event_id=call.event_id(call.body))
    change = call.services.documents.decide_stage(
        call.principal, asked.document, asked.version, Step(asked.fate.value), event_id=event_id
    )
    return change_answer(call.services.storage.log.commit(change), changed_json, status=200)


_ONE: Final = Parameters(VersionParameters, {"document": DOCUMENT, "version": VERSION}, ("document", "version"))
_V: Final = "/api/v1/documents/{document}/versions/{version}"

OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = (
    Operation(
        method="GET",
        path=f"{_V}/fields",
        name="get_fields",
        tag=Tag.REVIEWS,
        summary="What was read, and the questions about it",
        description="The review queue is the list of documents with `review=open`.",
        run=get_fields,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        answers=(Documented(200, "Fields, rows, checks, questions.", ref("Fields")),),
        refusals=(404, 409, 410),
    ),
    Operation(
        method="POST",
        path=f"{_V}/fields",
        name="correct_field",
        tag=Tag.REVIEWS,
        summary="Correct or confirm a field",
        description="The raw reading never changes. 409 `version_overtaken`: somebody else corrected meanwhile.",
        run=correct_field,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        body=json_body(bodies.FIELD, bodies.FIELD_EXAMPLE),
        answers=changed_as("Reviewed"),
        refusals=(404, 409, 410),
    ),
    Operation(
        method="POST",
        path="/api/v1/documents/{document}/confirmation",
        name="confirm_document",
        tag=Tag.REVIEWS,
        summary="Confirm what was read",
        run=confirm_document,
        runs=Runs.IN_THREAD,
        parameters=ONE,
        body=json_body(bodies.EVENT, bodies.EVENT_EXAMPLE, optional=True),
        answers=changed_as("Reviewed"),
        refusals=(404, 409, 410),
    ),
    Operation(
        method="POST",
        path="/api/v1/documents/{document}/adjustments",
        name="adjust_from",
        tag=Tag.REVIEWS,
        summary="Move stock by a delivery or return note",
        description="With lots and expiry dates, all rows or none; once for a version. Linked both ways.",
        run=adjust_from,
        runs=Runs.IN_THREAD,
        parameters=ONE,
        body=json_body(bodies.ADJUST, bodies.ADJUST_EXAMPLE, optional=True),
        answers=(
            Documented(201, "Moved.", change_of(ref("AdjustedFrom")), headers=LOCATION),
            Documented(200, "It was done before, by this event.", change_of(ref("AdjustedFrom")), headers=LOCATION),
        ),
        refusals=(404, 409, 410),
    ),
    Operation(
        method="POST",
        path=f"{_V}/{{fate}}",
        name="decide_fate",
        tag=Tag.REVIEWS,
        summary="Release, quarantine, clear or withdraw a version",
        description="A release sets the store's lock, as a job. What is withdrawn is destroyed.",
        run=decide_fate,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            FateParameters,
            {"document": DOCUMENT, "version": VERSION, "fate": Choice(Fate, "What is to become of it.")},
            ("document", "version", "fate"),
        ),
        body=json_body(bodies.EVENT, bodies.EVENT_EXAMPLE, optional=True),
        answers=changed_as("Changed"),
        refusals=(404, 409, 410),
    ),
)
