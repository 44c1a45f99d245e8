"""Stock moves: one adjustment, many in a call, and corrections."""

from typing import Any, Final

import anyio.to_thread

from api import request_schemas as bodies
from api.bodies import json_body
from api.calls import Call
from api.jobs import PLAIN_BODY, PlainRequest
from api.operations import LOCATION, Documented, Operation, Runs, Tag
from api.pending import ONE, PendingParameters, waiting
from api.replies import Answer
from api.schemas import ref
from api.shapes import adjusted_json, created, recorded_json
from audit.entry import parse_members
from policies.pending.model import PENDING_PROPOSED, PendingAction
from stock.errors import ApprovalNeeded
from stock.model import Adjusted
from stock.parsing import parse_adjustment, parse_correction
from stock.requests import AdjustmentRequest
from storage.model import Committed, Receipt
from storage.reading import read_entry
from storage.transaction import Change


async def adjust(call: Call[None, Any]) -> Answer:
    """Record one movement of stock."""
    request = parse_adjustment(call.body, event_id=call.event_id(call.body))
    try:
        committed = await call.services.commit(await _change(call, request))
    except ApprovalNeeded:
        return await _propose(call, request)
    return await _answer(call, committed, request.event_id)


async def _propose(call: Call[None, Any], request: AdjustmentRequest) -> Answer:
    stock = call.services.stock
    change = await anyio.to_thread.run_sync(lambda: stock.propose_adjustment(call.principal, request, now=call.now))
    committed = await call.services.commit(change)
    if committed.result is not None:
        return waiting(call, committed, committed.result)
    # Sent twice at once: the second is a replay of the first.
    return await _answer(call, committed, request.event_id)


def _proposed(call: Call[None, Any], receipt: Receipt) -> PendingAction | None:
    """Return what an entry proposed, as it stands now; None: the entry is something else."""
    with call.services.storage.database.read() as connection:
        entry = parse_members(read_entry(connection, receipt.index).bytes)
    if entry["type"] != PENDING_PROPOSED:
        return None
    return call.services.policies.pending_action(str(entry["data"]["pending"]))


def approve(call: Call[PendingParameters, PlainRequest]) -> Answer:
    """Approve a movement that waits, which applies it."""
    event_id = call.body.event_id or call.new_event_id()
    change = call.services.stock.approve_adjustment(
        call.principal, call.parameters.pending, event_id=event_id, now=call.now
    )
    committed = call.services.storage.log.commit(change)
    if committed.result is None:
        return created(recorded_json(call.services.storage.database, committed.receipt), committed)
    return created({"event_id": str(event_id), **adjusted_json(committed.result)}, committed)


async def correct(call: Call[None, Any]) -> Answer:
    """Record what an earlier entry should have said."""
    request = parse_correction(call.body, event_id=call.event_id(call.body))
    # Reads the entry that is corrected, and may seal a note: both block.
    change = await anyio.to_thread.run_sync(call.services.stock.correct, call.principal, request)
    committed = await call.services.commit(change)
    return await _answer(call, committed, request.event_id)


async def _change(call: Call[None, Any], request: AdjustmentRequest) -> Change[Adjusted]:
    stock = call.services.stock
    if request.note is None:
        return stock.adjust(call.principal, request, now=call.now)
    # Sealing a note goes to the key store, which blocks.
    return await anyio.to_thread.run_sync(lambda: stock.adjust(call.principal, request, now=call.now))


async def _answer(call: Call[None, Any], committed: Committed[Any], event_id: object) -> Answer:
    if committed.result is not None:
        return created({"event_id": str(event_id), **adjusted_json(committed.result)}, committed)
    pending = await anyio.to_thread.run_sync(_proposed, call, committed.receipt)
    if pending is not None:
        return waiting(call, committed, pending)
    shape = await anyio.to_thread.run_sync(recorded_json, call.services.storage.database, committed.receipt)
    return created(shape, committed)


_ANSWERS: Final = (
    Documented(201, "Recorded. The receipt proves it on its own.", ref("Adjusted"), headers=LOCATION),
    Documented(
        200, "It was recorded before, under this event_id: this is that entry.", ref("Adjusted"), headers=LOCATION
    ),
)
_WAITS: Final = Documented(
    202,
    "It waits for another person, who approves it at `/api/v1/adjustments/{pending}/approval`.",
    ref("Pending"),
    headers=LOCATION,
)

OPERATIONS: Final = (
    Operation(
        method="POST",
        path="/api/v1/adjustments",
        name="adjust",
        tag=Tag.STOCK,
        summary="Record one movement of stock",
        description=(
            "Durable when it is answered. Sent again with the same `event_id` and content it is the same event, for "
            "ever; with other content it is refused. More than the store lets one person move (`approval_above`) waits for another's "
            "approval."
        ),
        run=adjust,
        runs=Runs.ON_LOOP,
        body=json_body(bodies.ADJUSTMENT, bodies.ADJUSTMENT_EXAMPLE),
        answers=(*_ANSWERS, _WAITS),
        refusals=(409,),
    ),
    Operation(
        method="POST",
        path="/api/v1/corrections",
        name="correct",
        tag=Tag.STOCK,
        summary="Correct an earlier adjustment",
        description="The entry that was wrong stays; the correction names it and moves the balance by the difference.",
        run=correct,
        runs=Runs.ON_LOOP,
        body=json_body(bodies.CORRECTION, bodies.CORRECTION_EXAMPLE),
        answers=_ANSWERS,
        refusals=(409,),
    ),
    Operation(
        method="POST",
        path="/api/v1/adjustments/{pending}/approval",
        name="approve_adjustment",
        tag=Tag.STOCK,
        summary="Approve a movement that waits",
        description="For another person than the one who proposed it; it is judged again, and recorded at once.",
        run=approve,
        runs=Runs.IN_THREAD,
        parameters=ONE,
        body=PLAIN_BODY,
        answers=_ANSWERS,
        refusals=(404, 409),
        also_addressed=("pending",),
    ),
)
