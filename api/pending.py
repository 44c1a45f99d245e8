"""What waits for a second person: what there is, declining it, taking it back. Approving is with the thing it is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from api.bodies import changed_as
from api.calls import Call
from api.cursors import read_index, write_cursor
from api.jobs import EVENT_ID
from api.members import Choice, Reader, Text, Whole
from api.operations import Body, Documented, Operation, Parameters, Runs, Tag
from api.paging import LIMIT_MAX, PAGING
from api.records import Record
from api.replies import Answer, json_answer
from api.schemas import page, ref
from api.shapes import Json, change_answer, receipt_json, time_json
from policies.model import Action, Resource
from policies.pending.acting import resource_of
from policies.pending.model import KINDS, REASON_CHARS_MAX, PendingAction, PendingKind, PendingState
from storage.model import Committed


@dataclass(frozen=True, slots=True)
class PendingParameters:
    """Which one."""

    pending: str


@dataclass(frozen=True, slots=True)
class PendingsParameters:
    """A page of them."""

    state: PendingState | None = None
    kind: PendingKind | None = None
    cursor: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Settling:
    """Why it is declined or taken back, in somebody's own words."""

    reason: str = ""
    event_id: UUID | None = None


def list_pending(call: Call[PendingsParameters, None]) -> Answer:
    """Return what waits in the caller's reach, the newest first."""
    asked, policies = call.parameters, call.services.policies
    call.require_reading(Action.PENDING_READ, Resource("pending"))
    listed_by = ("pending", asked.state, asked.kind)
    before = read_index(listed_by, asked.cursor)
    with call.services.storage.database.read() as connection:
        found = policies.pending_actions(
            call.principal,
            connection,
            now=call.now,
            state=asked.state,
            kind=asked.kind,
            before=before,
            limit=asked.limit + 1,
        )
    shown = found[: asked.limit]
    following = write_cursor(listed_by, [shown[-1].proposed_index]) if len(found) > asked.limit else None
    items = [pending_json(call, one) for one in call.leaving(shown, Action.PENDING_READ, resource_of)]
    return json_answer({"items": items, "next_cursor": following})


def get_pending(call: Call[PendingParameters, None]) -> Answer:
    """Return one."""
    found = call.services.policies.pending_action(call.parameters.pending)
    call.services.policies.require_pending(call.principal, found)
    call.require_reading(Action.PENDING_READ, resource_of(found))
    return json_answer(pending_json(call, found))


def decline_pending(call: Call[PendingParameters, Settling]) -> Answer:
    """Refuse what waits."""
    return _settle(call, call.services.policies.decline_pending)


def withdraw_pending(call: Call[PendingParameters, Settling]) -> Answer:
    """Take back what one proposed."""
    return _settle(call, call.services.policies.withdraw_pending)


def _settle(call: Call[PendingParameters, Settling], settle: Any) -> Answer:
    event_id = call.body.event_id or call.new_event_id()
    change = settle(call.principal, call.parameters.pending, event_id=event_id, reason=call.body.reason)
    committed = call.services.storage.log.commit(change)
    return change_answer(committed, lambda pending: pending_json(call, pending), status=200)


def waiting(call: Call[Any, Any], committed: Committed[Any], pending: PendingAction) -> Answer:
    """Return the answer to what now waits for another person: 202 with the receipt of its proposal."""
    shape = {**pending_json(call, pending), "replayed": committed.replayed, "receipt": receipt_json(committed.receipt)}
    return json_answer(shape, 202, (("Location", f"/api/v1/pending/{pending.id}"),))


def pending_json(call: Call[Any, Any], pending: PendingAction) -> Json:
    """Return what waits."""
    words = KINDS[pending.kind]
    return {
        "id": pending.id,
        "kind": pending.kind.value,
        "kind_zh": words.zh,
        "kind_en": words.en,
        "state": pending.state_at(call.now).value,
        "subject": pending.subject,
        "store": pending.store,
        "content": pending.content,
        "content_sha256": pending.digest,
        "steps": [step.value for step in pending.steps],
        "approvers": list(pending.approvers),
        "proposer": pending.proposer,
        "proposed_at": time_json(pending.proposed_at),
        "expires_at": time_json(pending.expires_at),
        "proposed_entry": pending.proposed_index,
        "entry": pending.entry_index,
    }


ONE: Final = Parameters(
    PendingParameters,
    {"pending": Text(32, form="[0-9a-f]{32}", description="Its id.", example="5f70bf18a0860070a1b2c3d4e5f60718")},
    ("pending",),
)
_MEMBERS: Final[Mapping[str, Reader[Any]]] = {
    "reason": Text(REASON_CHARS_MAX, description="Why; kept as personal data, under the caller's key."),
    "event_id": EVENT_ID,
}
_RECORD: Final = Record("Settling", Settling, _MEMBERS)
_SETTLING: Final = Body(_RECORD.read, _RECORD.schema, {"reason": "數量有誤"}, optional=True)
_EXAMPLE: Final = {
    "id": "5f70bf18a0860070a1b2c3d4e5f60718",
    "kind": "hold.release",
    "kind_zh": KINDS[PendingKind.HOLD_RELEASE].zh,
    "kind_en": KINDS[PendingKind.HOLD_RELEASE].en,
    "state": "open",
    "subject": "hold:HC-2026-01",
    "store": None,
    "content": {"matter": "HC-2026-01", "release": True},
    "content_sha256": "c5" * 32,
    "steps": ["hold.release"],
    "approvers": [],
    "proposer": "p_abcdefghijklmnop",
    "proposed_at": "2026-11-22T04:00:00.000000Z",
    "expires_at": "2026-11-29T04:00:00.000000Z",
    "proposed_entry": 1207,
    "entry": 1207,
}

OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = (
    Operation(
        method="GET",
        path="/api/v1/pending",
        name="list_pending",
        tag=Tag.APPROVALS,
        summary="What waits for a second person",
        description=(
            "In your reach, the newest first; what was settled or has expired is there too. Staff and machine clients see what they "
            "proposed themselves."
        ),
        run=list_pending,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            PendingsParameters,
            {
                "state": Choice(PendingState, "Only those that stand so."),
                "kind": Choice(PendingKind, "Only those of a kind."),
                **PAGING,
                "limit": Whole(1, LIMIT_MAX, "Most items on the page."),
            },
        ),
        answers=(Documented(200, "A page.", page(ref("Pending"))),),
    ),
    Operation(
        method="GET",
        path="/api/v1/pending/{pending}",
        name="get_pending",
        tag=Tag.APPROVALS,
        summary="One thing that waits, or did",
        description="It is approved where the thing itself is: the answer that proposed it says where.",
        run=get_pending,
        runs=Runs.IN_THREAD,
        parameters=ONE,
        answers=(Documented(200, "It.", ref("Pending"), example=_EXAMPLE),),
        refusals=(404,),
        also_addressed=("pending",),
    ),
    Operation(
        method="POST",
        path="/api/v1/pending/{pending}/refusal",
        name="decline_pending",
        tag=Tag.APPROVALS,
        summary="Decline what waits",
        description="For whoever could give the next approval.",
        run=decline_pending,
        runs=Runs.IN_THREAD,
        parameters=ONE,
        body=_SETTLING,
        answers=changed_as("Pending"),
        refusals=(404, 409),
        also_addressed=("pending",),
    ),
    Operation(
        method="POST",
        path="/api/v1/pending/{pending}/withdrawal",
        name="withdraw_pending",
        tag=Tag.APPROVALS,
        summary="Take back what you proposed",
        run=withdraw_pending,
        runs=Runs.IN_THREAD,
        parameters=ONE,
        body=_SETTLING,
        answers=changed_as("Pending"),
        refusals=(404, 409),
        also_addressed=("pending",),
    ),
)
