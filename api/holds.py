"""Legal holds: placed by one, released by two."""

from dataclasses import dataclass
from typing import Any, Final

from api.calls import Call
from api.changing import changed
from api.cursors import write_cursor
from api.jobs import EVENT_ID
from api.members import Flag, Text
from api.operations import Documented, Operation, Parameters, Runs, Stated, Tag
from api.paging import LIMIT_DEFAULT, PAGING, place_of
from api.replies import Answer, json_answer
from api.retention import RETENTION
from api.retention_shapes import MATTER, PENDING, RECORD, body_of, made, matter_json, pending_json, record_json
from api.schemas import TEXT, nullable, page, record
from api.shapes import change_answer
from api.using import stated_or
from policies.model import Action, Resource
from policies.using.purposes import UsePurpose
from retention.records import Record, RecordKind
from retention.requests import MATTER_FORM, EventRequest, HoldRequest, ReasonRequest, WidenRequest, parse


@dataclass(frozen=True, slots=True)
class HoldsParameters:
    """A page of matters."""

    standing: bool | None = None
    cursor: str | None = None
    limit: int = LIMIT_DEFAULT


def list_holds(call: Call[HoldsParameters, None]) -> Answer:
    """Return a page of matters."""
    asked = call.parameters
    call.require_reading(Action.RETENTION_READ, RETENTION)
    of = ("holds", str(asked.standing))
    place = place_of(of, asked.cursor, 1)
    with call.services.storage.database.read() as connection:
        found = call.services.retention.matters(
            call.principal,
            connection,
            standing=asked.standing,
            after="" if place is None else place[0],
            limit=asked.limit + 1,
        )
    shown = found[: asked.limit]
    following = write_cursor(of, [shown[-1].number]) if len(found) > len(shown) else None
    return json_answer({"items": [matter_json(one) for one in shown], "next_cursor": following})


def place_hold(call: Call[None, Any]) -> Answer:
    """Place a hold."""
    request = parse(HoldRequest, call.body, event_id=call.event_id(call.body))
    committed = call.services.storage.log.commit(call.services.retention.place_hold(call.principal, request))
    return change_answer(committed, matter_json)


@dataclass(frozen=True, slots=True)
class MatterParameters:
    """Which matter."""

    matter: str


def get_hold(call: Call[MatterParameters, None]) -> Answer:
    """Return a matter, without what was written about it."""
    call.require_reading(Action.RETENTION_READ, RETENTION)
    with call.services.storage.database.read() as connection:
        found = call.services.retention.matter(call.principal, connection, call.parameters.matter)
    return json_answer(matter_json(found))


def get_hold_prose(call: Call[MatterParameters, None]) -> Answer:
    """Return what was written about a matter; the log says who read it."""
    number, services = call.parameters.matter, call.services
    decision = call.require(Action.PERSONAL_READ, Resource("hold", number))
    with services.storage.database.read() as connection:
        found = services.retention.prose(call.principal, connection, number)
    use = stated_or(call, decision, UsePurpose.RECORD_KEEPING)
    services.storage.log.commit(services.policies.record_read(decision, event_id=call.new_event_id(), use=use))
    return json_answer({"reason": found.reason, "counsel": found.counsel})


@dataclass(frozen=True, slots=True)
class HeldParameters:
    """A page of what a matter names."""

    matter: str
    cursor: str | None = None
    limit: int = LIMIT_DEFAULT


def list_hold_records(call: Call[HeldParameters, None]) -> Answer:
    """Return a page of the records a matter names."""
    asked = call.parameters
    call.require_reading(Action.RETENTION_READ, RETENTION)
    of = ("hold_records", asked.matter)
    place = place_of(of, asked.cursor, 2)
    after = None if place is None else Record(RecordKind(place[0]), place[1])
    with call.services.storage.database.read() as connection:
        found = call.services.retention.matter_records(
            call.principal, connection, asked.matter, after=after, limit=asked.limit + 1
        )
    shown = found[: asked.limit]
    following = write_cursor(of, [shown[-1].kind.value, shown[-1].id]) if len(found) > len(shown) else None
    return json_answer({"items": [record_json(one) for one in shown], "next_cursor": following})


def widen_hold(call: Call[MatterParameters, Any]) -> Answer:
    """Name more records for a matter."""
    request = parse(WidenRequest, call.body, event_id=call.event_id(call.body))
    change = call.services.retention.widen_hold(call.principal, call.parameters.matter, request)
    return changed(call, change, matter_json)


def propose_release(call: Call[MatterParameters, Any]) -> Answer:
    """Propose to release a matter."""
    request = parse(ReasonRequest, call.body, event_id=call.event_id(call.body))
    change = call.services.retention.propose_release(call.principal, call.parameters.matter, request)
    return changed(call, change, pending_json)


@dataclass(frozen=True, slots=True)
class ReleaseParameters:
    """Which proposal for which matter."""

    matter: str
    pending: str


def approve_release(call: Call[ReleaseParameters, Any]) -> Answer:
    """Approve what another person proposed."""
    asked = call.parameters
    request = parse(EventRequest, call.body, event_id=call.event_id(call.body))
    change = call.services.retention.approve_release(
        call.principal, asked.matter, asked.pending, event_id=request.event_id
    )
    return changed(call, change, matter_json)


_MATTER: Final = Text(40, form=MATTER_FORM, description="The matter's number.", example="HCA-1234-2026")
_OF_ONE: Final = Parameters(MatterParameters, {"matter": _MATTER}, ("matter",))
_DOCUMENT: Final = "018f0000-0000-7000-8000-000000000000"
_RECORDS: Final = [{"kind": "document", "id": _DOCUMENT}]
_PATH: Final = "/api/v1/holds"

OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = (
    Operation(
        method="GET",
        path=_PATH,
        name="list_holds",
        tag=Tag.RETENTION,
        summary="Matters for which something is held",
        run=list_holds,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            HoldsParameters, {"standing": Flag("true: only those that hold; false: only released ones."), **PAGING}
        ),
        answers=(Documented(200, "A page, by number.", page(MATTER)),),
    ),
    Operation(
        method="POST",
        path=_PATH,
        name="place_hold",
        tag=Tag.RETENTION,
        summary="Place a hold",
        description=(
            "It holds the records it names, and whatever fits its query, whenever it comes. Reason and counsel are sealed. A record "
            "whose disposal has begun is refused."
        ),
        run=place_hold,
        runs=Runs.IN_THREAD,
        body=body_of(
            HoldRequest,
            {
                "matter": "HCA-1234-2026",
                "kind": "legal",
                "reason": "供應商索償，代表律師已發出律師信。",
                "counsel": "陳李律師行",
                "contemplated_on": "2026-11-20",
                "records": _RECORDS,
                "query": {"suppliers": ["WING-FAT"], "since": "2026-01-01"},
            },
        ),
        answers=made(MATTER),
        refusals=(409,),
    ),
    Operation(
        method="GET",
        path=f"{_PATH}/{{matter}}",
        name="get_hold",
        tag=Tag.RETENTION,
        summary="A matter",
        run=get_hold,
        runs=Runs.IN_THREAD,
        parameters=_OF_ONE,
        answers=(Documented(200, "The matter, without what was written about it.", MATTER),),
        refusals=(404,),
    ),
    Operation(
        method="GET",
        path=f"{_PATH}/{{matter}}/reason",
        name="get_hold_reason",
        tag=Tag.RETENTION,
        summary="Why something is held",
        description="Personal until shown otherwise: the log says who read it. `null`: nothing was written, or it is erased.",
        run=get_hold_prose,
        uses=Stated.MAYBE,
        runs=Runs.IN_THREAD,
        parameters=_OF_ONE,
        answers=(Documented(200, "What was written.", record({"reason": nullable(TEXT), "counsel": nullable(TEXT)})),),
        refusals=(404,),
    ),
    Operation(
        method="GET",
        path=f"{_PATH}/{{matter}}/records",
        name="list_hold_records",
        tag=Tag.RETENTION,
        summary="The records a matter names",
        run=list_hold_records,
        runs=Runs.IN_THREAD,
        parameters=Parameters(HeldParameters, {"matter": _MATTER, **PAGING}, ("matter",)),
        answers=(Documented(200, "A page.", page(RECORD)),),
        refusals=(404,),
    ),
    Operation(
        method="POST",
        path=f"{_PATH}/{{matter}}/records",
        name="widen_hold",
        tag=Tag.RETENTION,
        summary="Name more records for a matter",
        run=widen_hold,
        runs=Runs.IN_THREAD,
        parameters=_OF_ONE,
        body=body_of(WidenRequest, {"records": _RECORDS}),
        answers=made(MATTER),
        refusals=(404, 409),
    ),
    Operation(
        method="POST",
        path=f"{_PATH}/{{matter}}/releases",
        name="propose_hold_release",
        tag=Tag.RETENTION,
        summary="Propose to release a matter",
        description="It goes on holding until another person approves.",
        run=propose_release,
        runs=Runs.IN_THREAD,
        parameters=_OF_ONE,
        body=body_of(ReasonRequest, {"reason": "案件已和解。"}),
        answers=made(PENDING),
        refusals=(404, 409),
    ),
    Operation(
        method="POST",
        path=f"{_PATH}/{{matter}}/releases/{{pending}}",
        name="approve_hold_release",
        tag=Tag.RETENTION,
        summary="Approve the release of a matter",
        description="For another person than the one who proposed it.",
        run=approve_release,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            ReleaseParameters,
            {"matter": _MATTER, "pending": Text(32, form="[0-9a-f]{32}", description="What was proposed.")},
            ("matter", "pending"),
        ),
        body=body_of(
            EventRequest, {"event_id": EVENT_ID.schema.get("example", "018f0000-0000-7000-8000-000000000001")}
        ),
        answers=made(MATTER),
        refusals=(404, 409),
    ),
)
