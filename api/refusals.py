"""Which problem a caller gets for what a room below refused. The only place that knows both.

- An exception that is not listed is a fault of ours: 500, logged, and nothing of it is told.
- A thing that is named by the address and does not exist is 404; one that is named by the body is 422.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final

import orjson
from litestar.exceptions import HTTPException

from api.languages import Wording
from api.problem_codes import Code, Kind
from api.problem_table import (
    BOUNDED_TITLE,
    CONFLICT_TITLE,
    DENIED_TITLE,
    INVALID_TITLE,
    KINDS,
    UNAUTHENTICATED_TITLE,
    UNKNOWN_TITLE,
)
from api.problems import Fault, Invalid, Problem
from audit.errors import AuditError, MalformedEntry
from cases import errors as cases
from documents import errors as documents
from documents.checking.codes import Code as CheckCode
from documents.checking.codes import sentence as check_sentence
from documents.inspecting import PartsAway
from documents.rendering.errors import FontMissing
from documents.search import errors as finding
from documents.search.grams import TERMS_MAX
from documents.sentences import Code as DocumentCode
from policies import errors as policy
from policies.codes import Code as PolicyCode
from policies.model import Action, Decision
from policies.pending.acting import OWN_ALONE
from retention import errors as retention
from retention.disposal import errors as disposal
from stock import errors as stock
from stock.sentences import Code as StockCode
from storage import errors as storage
from storage.objects.errors import ObjectStoreUnavailable
from storage.outbound import OutboundRefused
from workflow import errors as workflow
from workflow.model import JOB_STATES
from workflow.notices import errors as notices

STEP_UP_CHALLENGE: Final = 'Bearer realm="chopbook", error="insufficient_user_authentication", max_age="{seconds}"'
"""RFC 9470 section 3."""
RETRY_BUSY_S: Final = 1
RETRY_SPOOL_S: Final = 600
"""Unfinished uploads end by themselves in hours, finished ones in seconds."""
_HTTP: Final = {
    400: Code.BAD_REQUEST,
    404: Code.NOT_FOUND,
    405: Code.METHOD_NOT_ALLOWED,
}


_PASSING: Final = (
    (storage.CommitUnknown, Code.COMMIT_UNKNOWN),
    (storage.LogBusy, Code.LOG_BUSY),
    (storage.LogClosed, Code.LOG_CLOSED),
    (ObjectStoreUnavailable, Code.OBJECT_STORE_UNAVAILABLE),
    (storage.StorageFailed, Code.STORAGE_FAILED),
)
"""What may go better the next time."""


def problem_of(error: Exception, *, addressed: Collection[str] = (), now: datetime, body_bytes_max: int) -> Problem:
    """Return the problem for an exception; `addressed` are the members that the address of the request names."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, stock.StockError | disposal.DisposalError):
        return _of_stock(error, addressed) if isinstance(error, stock.StockError) else _of_disposal(error, addressed)
    if isinstance(error, documents.DocumentError | PartsAway | cases.CaseError):
        return _of_documents(error, addressed)
    if isinstance(error, policy.PolicyError):
        return _of_policies(error, addressed, now)
    if isinstance(error, storage.StorageError):
        return _of_storage(error, addressed)
    if isinstance(error, workflow.WorkflowError):
        return _of_workflow(error)
    if isinstance(error, HTTPException):
        return _of_http(error, body_bytes_max)
    return _of_audit(error) if isinstance(error, AuditError) else _of_small_rooms(error, addressed)


def _of_stock(error: stock.StockError, addressed: Collection[str]) -> Problem:
    words = error.sentence()
    detail = Wording(words.en, words.zh)
    code = error.code.value
    in_address = bool(error.path) and error.path[0] in addressed
    if isinstance(error, stock.NotPermitted):
        kind = Kind(code, 403, DENIED_TITLE, detail)
    elif isinstance(error, stock.StockConflict):
        kind = Kind(code, 409, CONFLICT_TITLE, detail)
    elif isinstance(error, stock.UnknownThing):
        kind = Kind(code, 404 if in_address or not error.path else 422, UNKNOWN_TITLE, detail)
    else:
        kind = Kind(code, 400 if in_address else 422, INVALID_TITLE, detail)
    if isinstance(error, stock.InvalidRequest) and not error.path:
        # The body as a whole is wrong: that is a place too.
        return Problem(kind, detail, faults=[Fault(code, detail)])
    return _with_fault(kind, detail, error.path, in_address=in_address)


def _of_documents(error: documents.DocumentError | PartsAway | cases.CaseError, addressed: Collection[str]) -> Problem:
    if isinstance(error, PartsAway):
        return Problem.of(Code.PARSER_UNAVAILABLE).adding(_retry())
    words = error.sentence()
    detail = Wording(words.en, words.zh)
    known = KINDS[error.code.value]
    in_address = bool(error.path) and error.path[0] in addressed
    status = known.status
    if isinstance(error, documents.UnknownDocument | cases.UnknownCase):
        status = 404 if in_address or not error.path else 422
    elif isinstance(error, documents.InvalidDocument | cases.InvalidCase) and in_address:
        status = 400
    kind = Kind(known.code, status, known.title, detail)
    problem = _with_fault(kind, detail, error.path, in_address=in_address)
    if isinstance(error, documents.FileRefused):
        return problem.adding(findings=[finding_json(*found) for found in error.findings])
    if isinstance(error, documents.OffsetDiffers):
        return problem.adding(("Upload-Offset", str(error.offset)), offset=error.offset)
    if isinstance(error, documents.UploadBusy | documents.UploadsTooMany):
        return problem.adding(_retry())
    if isinstance(error, documents.SpoolFull):
        return problem.adding(("Retry-After", str(RETRY_SPOOL_S)))
    if isinstance(error, documents.UploadDayFull):
        return problem.adding(("Retry-After", str(error.retry_after_s)))
    if error.code is DocumentCode.RANGE_NOT_SATISFIABLE:
        problem = problem.adding(("Content-Range", f"bytes */{error.values['size']}"))
    if isinstance(error, documents.TusVersion):
        return problem.adding(("Tus-Version", str(error.values["expected"])))
    return problem


def _of_disposal(error: disposal.DisposalError, addressed: Collection[str]) -> Problem:
    words = error.sentence()
    known = KINDS[error.code.value]
    detail = Wording(words.en, words.zh)
    in_address = bool(error.path) and error.path[0] in addressed
    status = 404 if isinstance(error, disposal.UnknownDisposal) else known.status
    return _with_fault(Kind(known.code, status, known.title, detail), detail, error.path, in_address=in_address)


def _of_retention(error: retention.RetentionError, addressed: Collection[str]) -> Problem:
    words = error.sentence()
    detail = Wording(words.en, words.zh)
    known = KINDS[error.code.value]
    in_address = bool(error.path) and error.path[0] in addressed
    status = known.status
    if isinstance(error, retention.UnknownRetention):
        status = 404 if in_address or not error.path else 422
    elif isinstance(error, retention.InvalidRetention) and in_address:
        status = 400
    return _with_fault(Kind(known.code, status, known.title, detail), detail, error.path, in_address=in_address)


def _of_small_rooms(error: Exception, addressed: Collection[str]) -> Problem:
    match error:
        case retention.RetentionError():
            return _of_retention(error, addressed)
        case finding.InvalidQuery():
            return Invalid.at(Code.NOTHING_TO_FIND, max=TERMS_MAX).of_parameter("q")
        case finding.CursorUnusable():
            return Invalid.at(Code.CURSOR_INVALID).of_parameter("cursor")
        case finding.IndexUnavailable():
            return Problem.of(Code.SEARCH_UNAVAILABLE).adding(_retry())
        case FontMissing():
            return Problem.of(Code.PRINT_FONT_MISSING)
        case notices.InvalidNotice():
            return Invalid.at(Code.NOTICE_INVALID, error.path, reason=Wording(error.reason.en, error.reason.zh))
        case notices.UnknownNotice():
            return Problem.of(Code.NOT_FOUND)
        case _:
            return Problem.of(Code.INTERNAL)


def finding_json(code: str, detail: str) -> dict[str, object]:
    """Return one thing the checks found, with its sentence where there is one."""
    found: dict[str, object] = {"code": code}
    if code in set(CheckCode):
        words = check_sentence(code, orjson.loads(detail) if detail else {})
        found["detail"] = Wording(words.en, words.zh)
    return found


def fault_of(error: stock.StockError) -> Fault:
    """Return what is wrong with one row of many; its path starts inside the row."""
    words = error.sentence()
    return Fault(error.code.value, Wording(words.en, words.zh), error.path)


def _of_policies(error: policy.PolicyError, addressed: Collection[str], now: datetime) -> Problem:
    words = error.words()
    detail = Wording(words.en, words.zh)
    code = error.code.value
    if isinstance(error, policy.NotAuthenticated):
        return Problem(Kind(code, 401, UNAUTHENTICATED_TITLE, detail), detail)
    if isinstance(error, policy.Denied):
        return _of_hidden(error.decision, addressed, now) or _of_denial(error, code, detail)
    if isinstance(error, policy.RateLimited):
        return _bounded(code, detail, error.retry_after_s)
    if isinstance(error, policy.QuotaExceeded):
        return _bounded(code, detail, max(1, int((error.resets_at - now).total_seconds()) + 1))
    in_address = error.member in addressed
    if isinstance(error, policy.PolicyConflict):
        kind = Kind(code, 409, CONFLICT_TITLE, detail)
    elif isinstance(error, policy.UnknownThing):
        kind = Kind(code, 404 if in_address or not error.member else 422, UNKNOWN_TITLE, detail)
    else:
        kind = Kind(code, 400 if in_address else 422, INVALID_TITLE, detail)
    return _with_fault(kind, detail, (error.member,) if error.member else (), in_address=in_address)


def _of_hidden(decision: Decision, addressed: Collection[str], now: datetime) -> Problem | None:
    """Return what is answered of a thing that is not there, for one that is, out of the caller's scope; the log knows better.

    Otherwise a caller could ask for ids and learn which are taken, and where.
    """
    resource, stores = decision.resource, decision.principal.stores
    if not resource.id:
        return None
    code = decision.code
    outside = stores is not None and (resource.whole_log or not resource.stores <= stores)
    outside = outside or code in {PolicyCode.CLASS_OUT_OF_REACH, PolicyCode.TIME_OUT_OF_REACH}
    unknown: Exception
    match resource.kind:
        case "document" if outside or decision.action is Action.DOCUMENT_READ_SENSITIVE:
            unknown = documents.UnknownDocument(DocumentCode.DOCUMENT_UNKNOWN, ("document",))
        case "quarantined_document":
            unknown = documents.UnknownDocument(DocumentCode.DOCUMENT_UNKNOWN, ("document",))
        case "stocktake" if outside:
            unknown = stock.UnknownThing(StockCode.STOCKTAKE_UNKNOWN, ("stocktake",), {"stocktake": resource.id})
        case "grant" if outside and code is not PolicyCode.ROLE_LACKS_ACTION:
            unknown = policy.UnknownThing(PolicyCode.GRANT_UNKNOWN, "grant")
        case "pending" if outside or (code is PolicyCode.NOT_PROPOSER and decision.principal.role in OWN_ALONE):
            unknown = policy.UnknownThing(PolicyCode.PENDING_UNKNOWN, "pending")
        case "correction" if outside:
            unknown = stock.UnknownThing(StockCode.ENTRY_UNKNOWN, ("corrects",), {"index": int(resource.id)})
        case "entry" | "personal" if outside:
            unknown = Problem.of(Code.NOT_FOUND)
        case _:
            return None
    return problem_of(unknown, addressed=addressed, now=now, body_bytes_max=0)


def _of_denial(error: policy.Denied, code: str, detail: Wording) -> Problem:
    decision = error.decision
    needs = [
        {"kind": need.kind.value, "options": list(need.options), "detail": Wording(need.words.en, need.words.zh)}
        for need in error.explain().needs
    ]
    if isinstance(error, policy.StepUpRequired):
        seconds = int(error.age_max.total_seconds())
        problem = Problem(Kind(code, 401, UNAUTHENTICATED_TITLE, detail), detail).adding(
            ("WWW-Authenticate", STEP_UP_CHALLENGE.format(seconds=seconds)), max_age_s=seconds
        )
    else:
        problem = Problem(Kind(code, 403, DENIED_TITLE, detail), detail)
    return problem.adding(action=decision.action.value, policy=decision.policy, needs=needs)


def _with_fault(kind: Kind, detail: Wording, path: tuple[str | int, ...], *, in_address: bool) -> Problem:
    if not path:
        return Problem(kind, detail)
    parameter = str(path[0]) if in_address else None
    return Problem(kind, detail, faults=[Fault(kind.code, detail, path, parameter=parameter)])


def _bounded(code: str, detail: Wording, seconds: int) -> Problem:
    return Problem(Kind(code, 429, BOUNDED_TITLE, detail), detail).adding(("Retry-After", str(seconds)))


def _of_storage(error: storage.StorageError, addressed: Collection[str]) -> Problem:
    if isinstance(error, storage.EventIdReused):
        known = Problem.of(Code.EVENT_ID_REUSED, index=error.index)
        in_address = "event_id" in addressed
        problem = _with_fault(known.kind, known.detail, ("event_id",), in_address=in_address)
        return problem.adding(index=error.index)
    if isinstance(error, storage.NotFound):
        return Problem.of(Code.NOT_FOUND)
    if isinstance(error, OutboundRefused):
        return _outbound(error)
    for kind, code in _PASSING:
        if isinstance(error, kind):
            return Problem.of(code).adding(_retry())
    return Problem.of(Code.INTERNAL)


def _outbound(error: OutboundRefused) -> Problem:
    """A call outwards that the residency gate refused: not the caller's fault, and not mended by trying again."""
    known = KINDS[error.code]
    return Problem(Kind(known.code, 503, known.title, known.detail), known.detail)


def _retry() -> tuple[str, str]:
    return ("Retry-After", str(RETRY_BUSY_S))


def _of_workflow(error: workflow.WorkflowError) -> Problem:
    if isinstance(error, workflow.JobNotFound | workflow.ScheduleNotFound):
        return Problem.of(Code.NOT_FOUND)
    if isinstance(error, workflow.JobFinished):
        words = JOB_STATES[error.state]
        return Problem.of(Code.JOB_FINISHED, state=Wording(words.en, words.zh))
    if isinstance(error, workflow.ScheduleUnchanged):
        return Problem.of(Code.SCHEDULE_UNCHANGED)
    return Problem.of(Code.INTERNAL)


def _of_audit(error: AuditError) -> Problem:
    # Members are bounded so that an entry fits; only many long ones together can pass the bound of the whole.
    if isinstance(error, MalformedEntry) and error.path == "":
        return Problem.of(Code.ENTRY_TOO_LARGE)
    return Problem.of(Code.INTERNAL)


def _of_http(error: HTTPException, body_bytes_max: int) -> Problem:
    if error.status_code == 413:
        return Problem.of(Code.BODY_TOO_LARGE, max=body_bytes_max)
    code = _HTTP.get(error.status_code)
    if code is None:
        return Problem.of(Code.BAD_REQUEST if 400 <= error.status_code < 500 else Code.INTERNAL)
    problem = Problem.of(code)
    for name, value in (error.headers or {}).items():
        if name.lower() == "allow":
            problem.adding(("Allow", value))
    return problem
