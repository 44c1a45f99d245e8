"""Breaches, enforcement notices and cessation notices."""

from dataclasses import dataclass
from typing import Any, Final

from api import case_bodies as bodies
from api.calls import Call
from api.cases import asked
from api.incident_shapes import (
    BREACH,
    CESSATION,
    DIRECTION,
    ENFORCEMENT,
    TIMELINE,
    breach_json,
    cessation_json,
    direction_json,
    enforcement_json,
    step_json,
)
from api.members import Choice, Text, Whole
from api.operations import LOCATION, Body, Documented, Operation, Parameters, Runs, Tag
from api.paging import LIMIT_DEFAULT, PAGING, page_answer, place_of
from api.replies import Answer, json_answer
from api.schemas import change_of, listed, page, record
from api.shapes import change_answer
from cases.incidents.breaches import BREACH as BREACHES
from cases.incidents.model import BreachState, CessationState
from cases.incidents.requests import (
    BreachRequest,
    CessationRequest,
    DecisionRequest,
    EnforcementRequest,
    StepRequest,
)
from policies.model import Action, Resource


@dataclass(frozen=True, slots=True)
class BreachesParameters:
    """A page of the register."""

    state: BreachState | None = None
    cursor: str | None = None
    limit: int = LIMIT_DEFAULT


@dataclass(frozen=True, slots=True)
class IncidentParameters:
    """Which breach, notice, direction or cessation."""

    breach: str = ""
    notice: str = ""
    number: int = 0
    cessation: str = ""


Called = Call[IncidentParameters, dict[str, Any]]


def list_breaches(call: Call[BreachesParameters, None]) -> Answer:
    """Return a page of the register, the newest first."""
    wanted = call.parameters
    call.require_reading(Action.BREACH_READ, BREACHES)
    of = ("breaches", str(wanted.state))
    with call.services.storage.database.read() as connection:
        found = call.services.cases.breaches(
            call.principal, connection, state=wanted.state, after=place_of(of, wanted.cursor, 1), limit=wanted.limit
        )
    return page_answer(of, found, breach_json)


def open_breach(call: Call[None, dict[str, Any]]) -> Answer:
    """Open a breach."""
    change = call.services.cases.open_breach(call.principal, BreachRequest(**asked(call)))
    return change_answer(call.services.storage.log.commit(change), breach_json)


def get_breach(call: Call[IncidentParameters, None]) -> Answer:
    """Return a breach with its timeline."""
    call.require_reading(Action.BREACH_READ, BREACHES)
    with call.services.storage.database.read() as connection:
        found, steps = call.services.cases.breach(call.principal, connection, call.parameters.breach)
    return json_answer({"breach": breach_json(found), "timeline": [step_json(step) for step in steps]})


def record_breach_step(call: Called) -> Answer:
    """Say what was done."""
    change = call.services.cases.record_step(call.principal, call.parameters.breach, StepRequest(**asked(call)))
    return change_answer(call.services.storage.log.commit(change), breach_json)


def decide_breach(call: Called) -> Answer:
    """Record whether to tell."""
    change = call.services.cases.decide_breach(call.principal, call.parameters.breach, DecisionRequest(**asked(call)))
    return change_answer(call.services.storage.log.commit(change), breach_json, status=200)


def close_breach(call: Called) -> Answer:
    """Close a breach."""
    change = call.services.cases.close_breach(call.principal, call.parameters.breach, **asked(call))
    return change_answer(call.services.storage.log.commit(change), breach_json, status=200)


def list_enforcements(call: Call[None, None]) -> Answer:
    """Return every enforcement notice."""
    call.require_reading(Action.BREACH_READ, BREACHES)
    with call.services.storage.database.read() as connection:
        found = call.services.cases.enforcements(call.principal, connection)
    return json_answer({"items": [enforcement_json(one) for one in found]})


def serve_enforcement(call: Call[None, dict[str, Any]]) -> Answer:
    """Record an enforcement notice."""
    change = call.services.cases.serve_enforcement(call.principal, EnforcementRequest(**asked(call)))
    return change_answer(call.services.storage.log.commit(change), enforcement_json)


def meet_direction(call: Called) -> Answer:
    """Say that a direction was met."""
    wanted = call.parameters
    change = call.services.cases.meet_direction(call.principal, wanted.notice, wanted.number, **asked(call))
    return change_answer(call.services.storage.log.commit(change), direction_json, status=200)


def list_cessations(call: Call[None, None]) -> Answer:
    """Return every cessation notice."""
    call.require(Action.CESSATION_WRITE, Resource("cessation", whole_log=True))
    with call.services.storage.database.read() as connection:
        found = call.services.cases.cessations(call.principal, connection)
    return json_answer({"items": [cessation_json(one) for one in found]})


def serve_cessation(call: Call[None, dict[str, Any]]) -> Answer:
    """Block a document at once."""
    change = call.services.cases.serve_cessation(call.principal, CessationRequest(**asked(call)))
    return change_answer(call.services.storage.log.commit(change), cessation_json)


def answer_cessation(call: Called) -> Answer:
    """Record what was answered."""
    return _settle(call, CessationState.ANSWERED)


def lift_cessation(call: Called) -> Answer:
    """Record that the notice has ended."""
    return _settle(call, CessationState.LIFTED)


def _settle(call: Called, state: CessationState) -> Answer:
    change = call.services.cases.settle_cessation(call.principal, call.parameters.cessation, state, **asked(call))
    return change_answer(call.services.storage.log.commit(change), cessation_json, status=200)


def _id(what: str) -> Text:
    return Text(36, form="[0-9a-f-]{36}", description=f"Id of a {what}.")


_MEMBERS: Final[dict[str, Any]] = {
    "breach": _id("breach"),
    "notice": _id("notice"),
    "number": Whole(1, 999, "Number of a direction."),
    "cessation": _id("cessation notice"),
}


def _operation(
    method: str,
    path: str,
    name: str,
    summary: str,
    run: Any,
    answer: Any,
    body: Body[Any] | None = None,
    description: str = "",
) -> Operation[Any, Any]:
    inside = tuple(part[1:-1] for part in path.split("/") if part.startswith("{"))
    if body is None:
        answers: tuple[Documented, ...] = (Documented(200, "As it stands.", answer),)
    else:
        answers = (
            Documented(201, "Done.", change_of(answer), headers=LOCATION),
            Documented(200, "Done, now or before by this event.", change_of(answer), headers=LOCATION),
        )
    return Operation(
        method=method,
        path=f"/api/v1/{path}",
        name=name,
        tag=Tag.INCIDENTS,
        summary=summary,
        description=description,
        run=run,
        runs=Runs.IN_THREAD,
        parameters=Parameters(IncidentParameters, {one: _MEMBERS[one] for one in inside}, inside)
        if inside
        else Parameters(lambda: None, {}),
        body=body,
        answers=answers,
        refusals=(404, 409) if body is not None or inside else (),
    )


OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = (
    Operation(
        method="GET",
        path="/api/v1/breaches",
        name="list_breaches",
        tag=Tag.INCIDENTS,
        summary="The breach register",
        description="Each with the clocks of its regimes; the PDPO has none.",
        run=list_breaches,
        runs=Runs.IN_THREAD,
        parameters=Parameters(BreachesParameters, {"state": Choice(BreachState, "Only those."), **PAGING}),
        answers=(Documented(200, "A page, the newest first.", page(BREACH)),),
    ),
    _operation("POST", "breaches", "open_breach", "Open a breach", open_breach, BREACH, bodies.BREACH),
    _operation(
        "GET",
        "breaches/{breach}",
        "get_breach",
        "One breach with its timeline",
        get_breach,
        record({"breach": BREACH, "timeline": TIMELINE}),
    ),
    _operation(
        "POST",
        "breaches/{breach}/steps",
        "record_breach_step",
        "What was done",
        record_breach_step,
        BREACH,
        bodies.BREACH_STEP,
    ),
    _operation(
        "POST",
        "breaches/{breach}/decision",
        "decide_breach",
        "Whether to tell the authority and the people",
        decide_breach,
        BREACH,
        bodies.BREACH_DECISION,
    ),
    _operation(
        "POST", "breaches/{breach}/close", "close_breach", "Close a breach", close_breach, BREACH, bodies.NOTHING
    ),
    _operation(
        "GET",
        "enforcement-notices",
        "list_enforcement_notices",
        "Enforcement notices",
        list_enforcements,
        record({"items": listed(ENFORCEMENT)}),
    ),
    _operation(
        "POST",
        "enforcement-notices",
        "serve_enforcement_notice",
        "Record an enforcement notice",
        serve_enforcement,
        ENFORCEMENT,
        bodies.ENFORCEMENT,
        "Its directions with their days (PDPO s.50); one that is not met on its day is proposed as major.",
    ),
    _operation(
        "POST",
        "enforcement-notices/{notice}/directions/{number}/met",
        "meet_direction",
        "A direction was met",
        meet_direction,
        DIRECTION,
        bodies.DIRECTION_MET,
    ),
    _operation(
        "GET",
        "cessations",
        "list_cessations",
        "Cessation notices",
        list_cessations,
        record({"items": listed(CESSATION)}),
    ),
    _operation(
        "POST",
        "cessations",
        "serve_cessation",
        "Block a document",
        serve_cessation,
        CESSATION,
        bodies.CESSATION,
        "Under a cessation notice (PDPO s.66M): nobody but who carries such notices out reads it, and nobody deletes it.",
    ),
    _operation(
        "POST",
        "cessations/{cessation}/answer",
        "answer_cessation",
        "What was answered",
        answer_cessation,
        CESSATION,
        bodies.CESSATION_ANSWER,
        "The document stays blocked.",
    ),
    _operation(
        "POST",
        "cessations/{cessation}/lift",
        "lift_cessation",
        "The notice has ended",
        lift_cessation,
        CESSATION,
        bodies.CESSATION_ANSWER,
        "It was revoked, or set aside on appeal: the document can be read again.",
    ),
)
