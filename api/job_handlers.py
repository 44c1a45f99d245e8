"""What runs the jobs that callers of the API ask for; the worker is given these."""

from collections.abc import Mapping
from typing import Final

from api.jobs import RECONCILE_KIND, VERIFY_KIND, Scope
from api.shapes import disagreement_json
from audit.canonical import JSON
from audit.faults import Report
from audit.verify import NO_TRUST, Trust
from stock.service import Stock
from storage.database import Database
from storage.verification import EntryRange, OneSubject, Whole, verify_database
from workflow.errors import JobFailed
from workflow.worker import Handler, JobContext

FOUND_MAX: Final = 150
"""Faults and disagreements a result spells out; it counts all. A result is at most 65,536 bytes."""


def api_job_handlers(database: Database, stock: Stock, *, trust: Trust = NO_TRUST) -> Mapping[str, Handler]:
    """Return the handlers by kind of job; `trust` is what the operator knows from outside the log."""

    def verify(context: JobContext) -> JSON:
        scope = _scope(context.job.payload)
        report = verify_database(database, scope, trust=trust, progress=context.report)
        return _report_json(report)

    def reconcile(context: JobContext) -> JSON:
        with database.read() as connection:
            found = stock.reconcile(connection, context.report)
        return {
            "disagreements": [disagreement_json(item) for item in found[:FOUND_MAX]],
            "disagreement_count": len(found),
        }

    return {VERIFY_KIND: verify, RECONCILE_KIND: reconcile}


def _scope(payload: JSON) -> Whole | EntryRange | OneSubject:
    match payload:
        case {"scope": Scope.WHOLE.value}:
            return Whole()
        case {"scope": Scope.RANGE.value, "start": int(start), "stop": int(stop)}:
            return EntryRange(start, stop)
        case {"scope": Scope.SUBJECT.value, "subject": str(subject)}:
            return OneSubject(subject)
        case _:
            raise JobFailed("payload_unknown", "the request is not one this version knows", retry=False)


def _report_json(report: Report) -> JSON:
    return {
        "verdict": report.verdict.value,
        "origin": report.origin,
        "scope": report.scope,
        "size": report.size,
        "root": report.root,
        "entries_checked": report.entries_checked,
        "checkpoints_checked": report.checkpoints_checked,
        "anchored_size": report.anchored_size,
        "key_pinned": report.key_pinned,
        "faults": [{**fault.to_json()} for fault in report.faults[:FOUND_MAX]],
        "fault_count": sum(count for _, count in report.counts),
        "counts": {kind.value: count for kind, count in report.counts},
        "undecided": [{**item.to_json()} for item in report.undecided],
    }
