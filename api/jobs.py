"""Work that takes longer than a call: verification, reconciliation and simulation of policies, as jobs with progress.

- Verification and reconciliation run above row scope: whoever may ask sees whether the whole holds. What a result says of single
  entries is redacted for the reader: of entries beyond their stores only the index and the kind of fault.
- A simulation is read by whoever may read bundles. To others it is as if it were not there.
- The payloads below are the whole agreement with the worker (`api.job_handlers`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from api.calls import Call
from api.cursors import read_index, write_cursor
from api.entries import INDEX
from api.job_results import shown
from api.members import Choice, Text, Uuid
from api.operations import LOCATION, Body, Documented, Operation, Parameters, Runs, Tag
from api.paging import LIMIT_DEFAULT, PAGING
from api.problem_codes import Code
from api.problems import Fault, Invalid, Problem
from api.records import Record
from api.replies import Answer, json_answer
from api.schemas import page, ref
from api.shapes import Json, receipt_json, time_json
from audit.canonical import JSON
from audit.event import Event, Subject
from documents.errors import DocumentError
from documents.model import READ_KIND
from policies.bundles.model import SIMULATE_KIND
from policies.errors import Denied
from policies.model import Action, Decision, Resource
from storage.model import Committed
from workflow.errors import JobNotFound
from workflow.model import JobId, JobState, JobStatus

VERIFY_KIND: Final = "log.verify"
RECONCILE_KIND: Final = "stock.reconcile"
READING: Final = {
    VERIFY_KIND: Action.LOG_VERIFY,
    RECONCILE_KIND: Action.LOG_VERIFY,
    SIMULATE_KIND: Action.BUNDLE_READ,
}
"""What reads a job, by its kind. The job that reads a paper is told to who may see the paper; other kinds are not told of here."""
VERIFICATION_REQUESTED: Final = "verification.requested"
RECONCILIATION_REQUESTED: Final = "reconciliation.requested"


class JobKind(StrEnum):
    """Kinds of jobs that can be asked for through the API."""

    VERIFY = VERIFY_KIND
    RECONCILE = RECONCILE_KIND
    SIMULATE = SIMULATE_KIND


class Scope(StrEnum):
    """What a verification looks at."""

    WHOLE = "whole"
    RANGE = "range"
    SUBJECT = "subject"


@dataclass(frozen=True, slots=True)
class VerificationRequest:
    """A verification to be made."""

    payload: Mapping[str, JSON]
    event_id: UUID | None


def _request(
    scope: Scope,
    start: int | None = None,
    stop: int | None = None,
    subject: str | None = None,
    event_id: UUID | None = None,
) -> VerificationRequest:
    payload: dict[str, JSON] = {"scope": scope.value}
    wanted: dict[str, int | str | None] = {"start": start, "stop": stop, "subject": subject}
    mine = {Scope.WHOLE: (), Scope.RANGE: ("start", "stop"), Scope.SUBJECT: ("subject",)}[scope]
    faults = [Fault.of(Code.MEMBER_MISSING, (name,)) for name in mine if wanted[name] is None]
    faults += [
        Fault.of(Code.MEMBER_UNKNOWN, (name,), expected=", ".join(("scope", *mine, "event_id")))
        for name, value in wanted.items()
        if value is not None and name not in mine
    ]
    if not faults and start is not None and stop is not None and stop < start:
        faults = [Fault.of(Code.RANGE_REVERSED, ("stop",))]
    if faults:
        raise Invalid(faults)
    return VerificationRequest({**payload, **{name: wanted[name] for name in mine}}, event_id)


def request_verification(call: Call[None, VerificationRequest]) -> Answer:
    """Ask for a verification."""
    size = call.services.storage.log.head().size
    stop = call.body.payload.get("stop")
    if isinstance(stop, int) and stop > size:
        raise Problem.of(Code.SIZE_BEYOND_LOG, size=size)
    return _submit(call, VERIFY_KIND, VERIFICATION_REQUESTED, dict(call.body.payload), call.body.event_id)


@dataclass(frozen=True, slots=True)
class PlainRequest:
    """A body that brings no more than its event id."""

    event_id: UUID | None = None


def request_reconciliation(call: Call[None, PlainRequest]) -> Answer:
    """Ask for a reconciliation of balances with entries."""
    return _submit(call, RECONCILE_KIND, RECONCILIATION_REQUESTED, {}, call.body.event_id)


def _submit(
    call: Call[None, Any], kind: str, event_type: str, payload: dict[str, JSON], event_id: UUID | None
) -> Answer:
    services = call.services
    decision = call.require(Action.LOG_VERIFY, Resource("log"))
    log = services.storage.log
    event = Event(
        type=event_type,
        subjects=(Subject("log", log.origin),),
        data=payload,
        actor=decision.principal.actor,
        event_id=event_id or call.new_event_id(),
        request=log.request_digest({"job": kind, **payload}),
        decision=services.policies.basis(decision),
    )
    return accepted(call, kind, log.commit(services.queue.submit(event, kind, payload)))


def accepted(call: Call[Any, Any], kind: str, committed: Committed[Any]) -> Answer:
    """Return the answer to a change whose entry asked for a job of this kind; sent again, it is that of the same job."""
    job_id = call.services.queue.job_of(kind, committed.receipt.index)
    status = call.services.queue.status(job_id)
    shape = {**job_json(call, status), "receipt": receipt_json(committed.receipt)}
    return json_answer(shape, 202, (("Location", f"/api/v1/jobs/{job_id}"),))


@dataclass(frozen=True, slots=True)
class JobParameters:
    """Which job."""

    job: str


def get_job(call: Call[JobParameters, None]) -> Answer:
    """Return how a job stands, its result redacted for the reader."""
    return json_answer(job_json(call, job_to_read(call, call.require_reading)))


def job_to_read(call: Call[JobParameters, Any], require: Callable[[Action, Resource], Decision]) -> JobStatus:
    """Return the job that is asked for, once `require` allows it.

    Raises:
        Problem: NOT_FOUND.
        Denied: it is not allowed; the same for a simulation, to whom may not read it, as for what is not there.
    """
    try:
        status = call.services.queue.status(JobId(call.parameters.job))
    except JobNotFound:
        status = None
    if status is not None and status.job.kind == READ_KIND:
        if _sees_paper_of(call, status):
            return status
        status = None
    action = Action.LOG_VERIFY if status is None else READING.get(status.job.kind, Action.LOG_VERIFY)
    if action is not Action.LOG_VERIFY and not call.may(action, _job_at(call, action)):
        status, action = None, Action.LOG_VERIFY
    require(action, _job_at(call, action))
    if status is None or status.job.kind not in READING:
        raise Problem.of(Code.NOT_FOUND)
    return status


def _sees_paper_of(call: Call[JobParameters, Any], status: JobStatus) -> bool:
    """Whether the caller may see the paper that a job reads; to anybody else the job is not there."""
    payload = status.job.payload
    document = payload.get("document") if isinstance(payload, dict) else None
    with call.services.storage.database.read() as connection:
        try:
            call.services.documents.document(call.principal, connection, str(document))
        except (Denied, DocumentError):
            return False
    return True


def _job_at(call: Call[JobParameters, Any], action: Action) -> Resource:
    return Resource("job", call.parameters.job, whole_log=action is Action.BUNDLE_READ)


@dataclass(frozen=True, slots=True)
class JobsParameters:
    """A page of jobs."""

    kind: str | None = None
    state: JobState | None = None
    cursor: str | None = None
    limit: int = LIMIT_DEFAULT


def list_jobs(call: Call[JobsParameters, None]) -> Answer:
    """Return jobs, the newest first, without their results."""
    asked = call.parameters
    kinds = _kinds(call, asked.kind)
    listed = ("jobs", asked.kind, *kinds, asked.state)
    before = read_index(listed, asked.cursor)
    found = call.services.queue.page(kinds=kinds, state=asked.state, before=before, limit=asked.limit + 1)
    shown = found[: asked.limit]
    following = write_cursor(listed, [shown[-1].job.entry_index]) if len(found) > asked.limit else None
    items = [job_json(call, status, with_result=False) for status in shown]
    return json_answer({"items": items, "next_cursor": following})


def _kinds(call: Call[JobsParameters, None], kind: str | None) -> tuple[str, ...]:
    """Return the kinds to list: the one that is asked for, or each that the caller may read.

    Raises:
        Denied: there is none.
    """
    kinds = tuple(READING) if kind is None else (kind,)
    mine = tuple(one for one in kinds if call.may(READING[one], _jobs_at(READING[one])))
    action = READING[(mine or kinds)[0]]
    call.require_reading(action, _jobs_at(action))
    return mine


def _jobs_at(action: Action) -> Resource:
    return Resource("job", whole_log=action is Action.BUNDLE_READ)


def cancel_job(call: Call[JobParameters, PlainRequest]) -> Answer:
    """Call a job off."""
    services = call.services
    decision = call.require(Action.JOBS_CANCEL, Resource("job", call.parameters.job))
    status = job_to_read(call, call.require)
    if status.job.kind not in READING:
        # A paper whose reading was called off would never be read.
        raise Problem.of(Code.NOT_FOUND)
    change = services.queue.cancel(
        status.job.id,
        actor=decision.principal.actor,
        event_id=call.body.event_id or call.new_event_id(),
        decision=services.policies.basis(decision),
    )
    committed = services.storage.log.commit(change)
    shape = job_json(call, services.queue.status(status.job.id))
    return json_answer({**shape, "receipt": receipt_json(committed.receipt)})


def job_json(call: Call[Any, Any], status: JobStatus, *, with_result: bool = True) -> Json:
    """Return a job as the caller may see it."""
    job, run = status.job, status.run
    found: Json = {
        "id": job.id,
        "kind": job.kind,
        "state": run.state.value,
        "requested_by_entry": job.entry_index,
        "attempts": run.attempts,
        "cancel_requested": status.cancel_requested,
        "payload": job.payload,
    }
    if run.progress is not None:
        found["progress"] = {"done": run.progress.done, "total": run.progress.total}
    if run.failure is not None:
        found["failure"] = {"code": run.failure.code, "reason": run.failure.reason}
    if run.started_at is not None:
        found["started_at"] = time_json(run.started_at)
    if run.finished_at is not None:
        found["finished_at"] = time_json(run.finished_at)
    if with_result and isinstance(run.result, dict):
        found["result"] = shown(run.result, call.principal, call.services.storage.database)
    return found


EVENT_ID: Final = Uuid("Names this event for ever: sent again, it is the same event.")
PLAIN_BODY: Final = Body(
    Record("PlainRequest", PlainRequest, {"event_id": EVENT_ID}).read,
    Record("PlainRequest", PlainRequest, {"event_id": EVENT_ID}).schema,
    {},
    optional=True,
)
_VERIFICATION: Final = Record(
    "VerificationRequest",
    _request,
    {
        "scope": Choice(Scope, "The whole log, entries `start` to before `stop`, or the chain of one `subject`."),
        "start": INDEX,
        "stop": INDEX,
        "subject": Text(161, form="[a-z_]{1,32}:.{1,128}", description="`kind:id`."),
        "event_id": EVENT_ID,
    },
    ("scope",),
)
JOB: Final = Text(32, form="[0-9a-f]{32}", description="Id of the job.", example="0123456789abcdef0123456789abcdef")
ACCEPTED: Final = (Documented(202, "Asked for; `Location` says how it stands.", ref("Job"), headers=LOCATION),)

OPERATIONS: Final = (
    Operation(
        method="POST",
        path="/api/v1/verifications",
        name="request_verification",
        tag=Tag.VERIFICATION,
        summary="Verify the log",
        description=(
            "Every hash, link, chain, column and signature is made again and compared. The request is an entry; the work is "
            "a job. The result names every fault."
        ),
        run=request_verification,
        runs=Runs.IN_THREAD,
        body=Body(_VERIFICATION.read, _VERIFICATION.schema, {"scope": "whole"}),
        answers=ACCEPTED,
        refusals=(404, 409),
    ),
    Operation(
        method="POST",
        path="/api/v1/reconciliations",
        name="request_reconciliation",
        tag=Tag.VERIFICATION,
        summary="Reconcile balances with entries",
        description="Every balance is made again from the entries; each disagreement is named.",
        run=request_reconciliation,
        runs=Runs.IN_THREAD,
        body=PLAIN_BODY,
        answers=ACCEPTED,
        refusals=(409,),
    ),
    Operation(
        method="GET",
        path="/api/v1/jobs",
        name="list_jobs",
        tag=Tag.VERIFICATION,
        summary="Verifications, reconciliations and simulations",
        run=list_jobs,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            JobsParameters,
            {
                "kind": Choice(JobKind, "Which kind; all that you may read if you say none."),
                "state": Choice(JobState, "How they stand."),
                **PAGING,
            },
        ),
        answers=(Documented(200, "A page, newest first.", page(ref("Job"))),),
    ),
    Operation(
        method="GET",
        path="/api/v1/jobs/{job}",
        name="get_job",
        tag=Tag.VERIFICATION,
        summary="How a job stands",
        run=get_job,
        runs=Runs.IN_THREAD,
        parameters=Parameters(JobParameters, {"job": JOB}, ("job",)),
        answers=(Documented(200, "The job, with progress, and its result when it is done.", ref("Job")),),
        refusals=(404,),
    ),
    Operation(
        method="POST",
        path="/api/v1/jobs/{job}/cancellation",
        name="cancel_job",
        tag=Tag.VERIFICATION,
        summary="Call a job off",
        run=cancel_job,
        runs=Runs.IN_THREAD,
        parameters=Parameters(JobParameters, {"job": JOB}, ("job",)),
        body=PLAIN_BODY,
        answers=(Documented(200, "The job; if it runs, it stops when it next reports.", ref("Job")),),
        refusals=(404, 409),
    ),
)
