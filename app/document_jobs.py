"""What runs the jobs of the document room; the worker is given these."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from uuid import UUID

from documents.errors import DocumentError
from documents.inspecting import PartsAway
from documents.model import (
    ACCEPT_KIND,
    INDEX_KIND,
    READ_KIND,
    RELEASE_KIND,
    RENDER_KIND,
    SWEEP_KIND,
    WITHDRAW_KIND,
)
from documents.uploading import Held
from policies.errors import PolicyError
from storage.errors import EventIdReused
from workflow.errors import JobFailed, JobSetAside

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from audit.canonical import JSON
    from documents.service import Documents
    from workflow.worker import Handler, JobContext


def document_job_handlers(documents: Documents) -> Mapping[str, Handler]:
    """The handlers by kind of job. Each step commits under the job's id, so a repeated job is a replay."""

    def versioned(step: Callable[..., dict[str, JSON]]) -> Handler:
        return lambda context: _explained(lambda: step(*_version(context), event_id=UUID(context.job.id)))

    def read(context: JobContext) -> JSON:
        document, version = _version(context)
        done = _explained(
            lambda: documents.read_version(document, version, event_id=UUID(context.job.id), pace=context)
        )
        if done is None:
            raise JobSetAside(context.job.id)
        return done

    def index(context: JobContext) -> JSON:
        document = str(_payload(context).get("document"))
        return {"indexed": _explained(lambda: documents.index_document(document))}

    def accept(context: JobContext) -> JSON:
        upload = UUID(str(_payload(context).get("upload")))
        try:
            became = documents.accept_upload(upload)
        except (DocumentError, PolicyError, EventIdReused) as error:
            # It ended otherwise, and its own entry or row says how.
            return {"ended": type(error).__name__}
        except PartsAway as error:
            raise JobFailed(error.code, "a parser could not be had") from error
        if isinstance(became, Held):
            raise JobFailed("scanner_away", "the virus scanner gives no answer; nothing passes unscanned")
        return {"document": became.document, "version": became.version}

    def sweep(context: JobContext) -> JSON:
        documents.sweep_uploads(context.now())
        return documents.sweep_objects(context.now(), context.report)

    return {
        READ_KIND: read,
        RELEASE_KIND: versioned(documents.release_version),
        RENDER_KIND: versioned(documents.render_version),
        WITHDRAW_KIND: versioned(documents.destroy_version),
        INDEX_KIND: index,
        ACCEPT_KIND: accept,
        SWEEP_KIND: sweep,
    }


def _payload(context: JobContext) -> dict[str, JSON]:
    payload = context.job.payload
    return cast("dict[str, JSON]", payload) if isinstance(payload, dict) else {}


def _version(context: JobContext) -> tuple[str, int]:
    payload = _payload(context)
    document, version = payload.get("document"), payload.get("version")
    if not isinstance(document, str) or not isinstance(version, int):
        raise JobFailed("payload_unknown", "the request is not one this version knows", retry=False)
    return document, version


def _explained(step: Callable[[], JSON]) -> JSON:
    """The step's result; what is away is told by its code, so that a reader of the queue knows what to mend."""
    try:
        return step()
    except PartsAway as error:
        raise JobFailed(error.code, "a parser could not be had, or did not come to an end") from error
    except LookupError as error:
        raise JobFailed("unknown", "what the job is about is not there", retry=False) from error
