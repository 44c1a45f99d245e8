"""Residency: where data may go, who runs it under which contract, on what basis; findings, and the public annex."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from uuid import UUID

from api import residency_shapes as shapes
from api.bodies import json_body
from api.calls import Call
from api.members import Text, Uuid, Whole
from api.operations import LOCATION, Documented, Operation, Parameters, Public, Runs, Tag
from api.problem_codes import Code
from api.problems import Invalid, Problem
from api.replies import Answer, json_answer
from api.schemas import change_of, listed, record
from api.shapes import change_answer
from policies.codes import Code as PolicyCode
from policies.model import Action, Resource
from policies.reasons import words_of
from policies.residency.authorities import RULES
from policies.residency.records import parse_destination, parse_mode, parse_processor, parse_transfer, record_json
from policies.residency.writes import PERSONS_MAX
from storage.transaction import Change

T = TypeVar("T")

_RESIDENCY: Final = Resource("residency")


def get_residency(call: Call[None, None]) -> Answer:
    """Return the mode, and every rule with its marks."""
    call.require_reading(Action.RESIDENCY_READ, _RESIDENCY)
    return json_answer(shapes.state_json(call.services.policies.residency(), RULES, call.now))


def put_mode(call: Call[None, Any]) -> Answer:
    """Set by which rule data may leave home."""
    event_id, body = _body(call)
    policies = call.services.policies
    return _committed(call, policies.set_residency_mode(call.principal, parse_mode(body), event_id=event_id))


def list_destinations(call: Call[None, None]) -> Answer:
    """Return every destination."""
    return _listed(call, call.services.policies.residency().destinations)


@dataclass(frozen=True, slots=True)
class DestinationParameters:
    """Which destination."""

    destination: str


def put_destination(call: Call[DestinationParameters, Any]) -> Answer:
    """Declare a destination, or change it."""
    event_id, body = _body(call)
    parsed = parse_destination(call.parameters.destination, body)
    return _committed(call, call.services.policies.set_destination(call.principal, parsed, event_id=event_id))


def list_processors(call: Call[None, None]) -> Answer:
    """Return every processor."""
    return _listed(call, call.services.policies.residency().processors)


@dataclass(frozen=True, slots=True)
class ProcessorParameters:
    """Which processor."""

    processor: str


def put_processor(call: Call[ProcessorParameters, Any]) -> Answer:
    """Register a processor, or change it."""
    event_id, body = _body(call)
    parsed = parse_processor(call.parameters.processor, body)
    return _committed(call, call.services.policies.set_processor(call.principal, parsed, event_id=event_id))


def list_transfers(call: Call[None, None]) -> Answer:
    """Return every transfer."""
    return _listed(call, call.services.policies.residency().transfers)


@dataclass(frozen=True, slots=True)
class TransferParameters:
    """Which transfer."""

    transfer: str


def put_transfer(call: Call[TransferParameters, Any]) -> Answer:
    """Register a transfer with its basis, or change it."""
    event_id, body = _body(call)
    parsed = parse_transfer(call.parameters.transfer, body)
    return _committed(call, call.services.policies.set_transfer(call.principal, parsed, event_id=event_id))


def list_residency_findings(call: Call[None, None]) -> Answer:
    """Return what somebody should look at, and where the store said buckets are."""
    call.require_reading(Action.RESIDENCY_READ, _RESIDENCY)
    policies = call.services.policies
    register = policies.residency()
    found = policies.residency_findings(call.now)
    return json_answer(
        {
            "items": [shapes.finding_json(one, words_of(PolicyCode(one.code))) for one in found],
            "buckets": [record_json(one) for one in register.observed],
            "origins": [{"year": year, "persons": count} for year, count in sorted(register.origins.items())],
        }
    )


def count_origins(call: Call[None, Any]) -> Answer:
    """Count persons whose data came from the Mainland."""
    event_id, body = _body(call)
    year = Whole(1997, 9999).read(_member(body, "year"))
    persons = _member(body, "persons")
    if not isinstance(persons, list) or not 1 <= len(persons) <= PERSONS_MAX:
        raise Invalid.at(
            Code.LIST_TOO_LONG if isinstance(persons, list) else Code.LIST_EXPECTED,
            ("persons",),
            max=PERSONS_MAX,
            got=0,
        )
    read = [Text(200).read(one) for one in persons]
    change = call.services.policies.count_origins(call.principal, read, year=year, event_id=event_id)
    return change_answer(call.services.storage.log.commit(change), dict, status=200)


@dataclass(frozen=True, slots=True)
class AnnexParameters:
    """Which version; the newest by default."""

    version: int | None = None


def get_annex(call: Call[AnnexParameters, None]) -> Answer:
    """Return the public annex: kinds of personal data, purposes and retention."""
    found = call.services.policies.annex(call.parameters.version)
    if found is None:
        raise Problem.of(Code.NOT_FOUND)
    version, content, index = found
    return json_answer({"version": version, "entry_index": index, "content": content})


def _listed(call: Call[None, None], records: Mapping[str, Any]) -> Answer:
    call.require_reading(Action.RESIDENCY_READ, _RESIDENCY)
    return json_answer({"items": [shapes.record_answer(records[code]) for code in sorted(records)]})


def _committed(call: Call[Any, Any], change: Change[Any]) -> Answer:
    return change_answer(call.services.storage.log.commit(change), shapes.record_answer, status=200)


def _body(call: Call[Any, Any]) -> tuple[UUID, dict[str, Any]]:
    """The event id, which a body may bring, and the other members."""
    if not isinstance(call.body, dict):
        raise Invalid.at(Code.OBJECT_EXPECTED)
    members = dict(call.body)
    given = members.pop("event_id", None)
    try:
        return call.new_event_id() if given is None else Uuid().read(given), members
    except Invalid as invalid:
        raise invalid.under("event_id") from None


def _member(body: dict[str, Any], name: str) -> Any:
    if set(body) != {"year", "persons"}:
        missing = sorted({"year", "persons"} - set(body))
        raise Invalid.at(Code.MEMBER_MISSING if missing else Code.MEMBER_UNKNOWN, (missing[0],) if missing else ())
    return body[name]


def _code(what: str) -> Text:
    return Text(32, form="[A-Za-z0-9][A-Za-z0-9_-]{0,31}", description=f"Code of the {what}.", example="CLOUD")


def _list(
    name: str, path: str, summary: str, run: Callable[[Call[None, None]], Answer], item: Any
) -> Operation[None, None]:
    answer = Documented(200, "All of them, by code.", record({"items": listed(item)}))
    return Operation(
        method="GET",
        path=f"/api/v1/residency/{path}",
        name=name,
        tag=Tag.RESIDENCY,
        summary=summary,
        run=run,
        runs=Runs.IN_THREAD,
        answers=(answer,),
    )


def _set(item: Any) -> tuple[Documented, ...]:
    return (Documented(200, "As it is now, or was made before by this event.", change_of(item), headers=LOCATION),)


_LISTS: Final = (
    _list("list_destinations", "destinations", "Destinations", list_destinations, shapes.DESTINATION),
    _list("list_processors", "processors", "Processors", list_processors, shapes.PROCESSOR),
    _list("list_transfers", "transfers", "Transfers", list_transfers, shapes.TRANSFER),
)
_REGISTERS: Final[tuple[Operation[Any, Any], ...]] = (
    Operation(
        method="PUT",
        path="/api/v1/residency/destinations/{destination}",
        name="put_destination",
        tag=Tag.RESIDENCY,
        summary="Declare or change a destination",
        description="To what is not declared nothing is sent.",
        run=put_destination,
        runs=Runs.IN_THREAD,
        parameters=Parameters(DestinationParameters, {"destination": _code("destination")}, ("destination",)),
        body=json_body(shapes.DESTINATION_BODY, shapes.DESTINATION_EXAMPLE),
        answers=_set(shapes.DESTINATION),
        refusals=(404, 409),
    ),
    Operation(
        method="PUT",
        path="/api/v1/residency/processors/{processor}",
        name="put_processor",
        tag=Tag.RESIDENCY,
        summary="Register or change a processor",
        run=put_processor,
        runs=Runs.IN_THREAD,
        parameters=Parameters(ProcessorParameters, {"processor": _code("processor")}, ("processor",)),
        body=json_body(shapes.PROCESSOR_BODY, shapes.PROCESSOR_EXAMPLE),
        answers=_set(shapes.PROCESSOR),
        refusals=(409,),
    ),
    Operation(
        method="PUT",
        path="/api/v1/residency/transfers/{transfer}",
        name="put_transfer",
        tag=Tag.RESIDENCY,
        summary="Register or change a transfer with its basis",
        run=put_transfer,
        runs=Runs.IN_THREAD,
        parameters=Parameters(TransferParameters, {"transfer": _code("transfer")}, ("transfer",)),
        body=json_body(shapes.TRANSFER_BODY, shapes.TRANSFER_EXAMPLE),
        answers=_set(shapes.TRANSFER),
        refusals=(404, 409),
    ),
)
_REST: Final[tuple[Operation[Any, Any], ...]] = (
    Operation(
        method="GET",
        path="/api/v1/residency",
        name="get_residency",
        tag=Tag.RESIDENCY,
        summary="The mode, and every rule with its authority, status and day of checking",
        run=get_residency,
        runs=Runs.IN_THREAD,
        answers=(
            Documented(200, "With the rehearsal of what is not in force, if the mode asks for it.", shapes.STATE),
        ),
    ),
    Operation(
        method="PUT",
        path="/api/v1/residency/mode",
        name="put_residency_mode",
        tag=Tag.RESIDENCY,
        summary="Set by which rule data may leave home",
        run=put_mode,
        runs=Runs.IN_THREAD,
        body=json_body(shapes.MODE_BODY, {"mode": "s33_shadow", "home": ["HK"]}),
        answers=_set(shapes.MODE),
        refusals=(409,),
    ),
    Operation(
        method="GET",
        path="/api/v1/residency/findings",
        name="list_residency_findings",
        tag=Tag.RESIDENCY,
        summary="What somebody should look at",
        run=list_residency_findings,
        runs=Runs.IN_THREAD,
        answers=(Documented(200, "Findings of now, and what the store last answered.", shapes.FINDINGS),),
    ),
    Operation(
        method="POST",
        path="/api/v1/residency/origins",
        name="count_origins",
        tag=Tag.RESIDENCY,
        summary="Count persons whose data came from the Mainland",
        description="Each counts once a calendar year. It warns above a million, and decides nothing.",
        run=count_origins,
        runs=Runs.IN_THREAD,
        body=json_body(shapes.ORIGINS_BODY, {"year": 2026, "persons": ["EMP-8471"]}),
        answers=_set(shapes.ORIGINS),
        refusals=(409,),
    ),
    Operation(
        method="GET",
        path="/api/v1/residency/annex",
        name="get_annex",
        tag=Tag.RESIDENCY,
        summary="The public annex of the privacy policy",
        description="Kinds of personal data, purposes, transferees and retention (PDPO DPP5), made from the live configuration.",
        run=get_annex,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            AnnexParameters, {"version": Whole(1, 2**31 - 1, "Which version; the newest by default.")}
        ),
        answers=(Documented(200, "A version.", shapes.ANNEX),),
        refusals=(404,),
        public=Public.ANYBODY,
    ),
)

OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = (*_LISTS, *_REGISTERS, *_REST)
