"""What may be done to documents: pure decisions.

Rules:
- A version moves between stages only as `TRANSITIONS` says. What was accepted is never later "refused": it is withdrawn.
- Nothing is visible before it is sealed. A quarantined version is visible to those who may release it.
- A version that was released is locked in the store; only disposal ends it.
- Disposal takes a whole document, whatever its versions' stages; from "destroying" there is no way back.
- Released is what was read and is of a class that does not want a person for it, or what a person released.
- Stock moves from a delivery or return note, once, when nothing in it is open to question.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from documents.classes import DELIVERY_NOTE, HKID, RETURN_NOTE
from documents.errors import Code, DocumentConflict
from documents.model import READ_KIND, ReviewState, Stage, Step
from documents.requests import LEVEL_MAX
from policies.model import PrincipalKind
from policies.personal_data import PersonalKind, detect
from policies.writing import require_statement
from workflow.rules import job_id

if TYPE_CHECKING:
    from documents.model import DocumentClass, FieldsRow
    from workflow.model import JobId

UPLOAD_LIFETIME: Final = timedelta(hours=24)
"""How long an unfinished upload is kept after its last byte."""
ORPHAN_AGE: Final = timedelta(hours=24)
"""How old an object without a row must be before it is swept: far longer than any upload takes to be committed."""

TRANSITIONS: Final[Mapping[tuple[Stage, Step], Stage]] = {
    (Stage.RECEIVING, Step.COMPLETE): Stage.RECEIVED,
    (Stage.RECEIVING, Step.ABANDON): Stage.ABANDONED,
    (Stage.RECEIVED, Step.HOLD): Stage.HELD,
    (Stage.RECEIVED, Step.REFUSE): Stage.REFUSED,
    (Stage.RECEIVED, Step.SEAL): Stage.SEALED,
    (Stage.RECEIVED, Step.ABANDON): Stage.ABANDONED,
    (Stage.HELD, Step.HOLD): Stage.HELD,
    (Stage.HELD, Step.REFUSE): Stage.REFUSED,
    (Stage.HELD, Step.SEAL): Stage.SEALED,
    (Stage.HELD, Step.ABANDON): Stage.ABANDONED,
    (Stage.SEALED, Step.READ): Stage.READ,
    (Stage.SEALED, Step.QUARANTINE): Stage.QUARANTINED,
    (Stage.SEALED, Step.WITHDRAW): Stage.WITHDRAWN,
    (Stage.READ, Step.RELEASE): Stage.RELEASED,
    (Stage.READ, Step.QUARANTINE): Stage.QUARANTINED,
    (Stage.READ, Step.WITHDRAW): Stage.WITHDRAWN,
    (Stage.QUARANTINED, Step.CLEAR): Stage.READ,
    (Stage.QUARANTINED, Step.WITHDRAW): Stage.WITHDRAWN,
    (Stage.WITHDRAWN, Step.DESTROY): Stage.DESTROYED,
    (Stage.SEALED, Step.DISPOSE): Stage.DESTROYING,
    (Stage.READ, Step.DISPOSE): Stage.DESTROYING,
    (Stage.RELEASED, Step.DISPOSE): Stage.DESTROYING,
    (Stage.QUARANTINED, Step.DISPOSE): Stage.DESTROYING,
    (Stage.WITHDRAWN, Step.DISPOSE): Stage.DESTROYING,
    (Stage.DESTROYING, Step.DESTROY): Stage.DESTROYED,
}

OPERATIONAL: Final = frozenset({Stage.RECEIVING, Stage.RECEIVED, Stage.HELD, Stage.REFUSED, Stage.ABANDONED})
"""Stages of an upload: before there is a version, so no row of the log's tables has them."""
VISIBLE: Final = frozenset({Stage.SEALED, Stage.READ, Stage.RELEASED})
READABLE: Final = VISIBLE | {Stage.QUARANTINED}
"""Stages whose content can be opened, by those who may."""
GOING: Final = frozenset({Stage.DESTROYING, Stage.DESTROYED})
"""Stages of a document that nothing is added to any more."""
ENDED: Final = frozenset({Stage.REFUSED, Stage.ABANDONED, Stage.SEALED})
"""Stages at which an upload has nothing left to do."""

STOCK_REASONS: Final[Mapping[str, str]] = {DELIVERY_NOTE: "receive", RETURN_NOTE: "supplier_return"}
"""By which reason each type of paper moves stock, unless the caller says another."""

CLEAR_FIELDS: Final = frozenset(
    {
        "doc_type",
        "doc_no",
        "date",
        "po_ref",
        "currency",
        "subtotal",
        "discount",
        "freight",
        "total",
        "sku",
        "gtin",
        "quantity",
        "unit",
        "unit_price",
        "amount",
        "batch",
        "expiry",
        "result",
    }
)
"""Fields whose corrections stand in the log in clear: codes, numbers, dates. Names and prose never do."""
_CLEAR_VALUE: Final = re.compile(r"[A-Za-z0-9 ._/#:+,()-]{0,64}")


def reading_key(document: str, version: int) -> str:
    """What the job that reads a version is asked for under: there is one for each."""
    return f"{document}/{version}"


def reading_job(document: str, version: int) -> JobId:
    """The job that reads a version."""
    return job_id(READ_KIND, reading_key(document, version))


def advance(stage: Stage, step: Step) -> Stage:
    """The stage that a step leads to.

    Raises:
        DocumentConflict: the step is not possible from here.
    """
    following = TRANSITIONS.get((stage, step))
    if following is None:
        raise DocumentConflict(Code.STAGE_FORBIDS, (), {"stage": stage.value, "step": step.value})
    return following


def can(stage: Stage, step: Step) -> bool:
    """Whether the step is possible."""
    return (stage, step) in TRANSITIONS


def releases_itself(document_class: DocumentClass) -> bool:
    """Whether a version is released as soon as it was read, without a person."""
    return not document_class.restricts_release


def gathers_from_people(document_class: DocumentClass) -> bool:
    """Whether people themselves are asked for what its documents hold: identity card numbers, or whatever is most sensitive.

    A supplier's contact on an invoice was not gathered from them; a copy of a member of staff's identity card was.
    """
    return HKID in document_class.personal_kinds or document_class.level == LEVEL_MAX


def require_statement_of(document_class: DocumentClass, kind: PrincipalKind, statement: str | None) -> None:
    """Check that a machine which sends what was gathered from people names the statement they were given (PDPO DPP1(3)).

    A person at a desk has the paper and whom it is of before them; a machine sends whatever it was fed.

    Raises:
        InvalidValue: it names none.
    """
    if kind is PrincipalKind.API_CLIENT and gathers_from_people(document_class):
        require_statement(statement, "pics_id")


def lock_until(document_class: DocumentClass, added_at: datetime) -> datetime | None:
    """Until when the store keeps a released version; None: no lock. From the day it was added, so a repetition agrees."""
    if document_class.retain_days == 0:
        return None
    return (added_at + timedelta(days=document_class.retain_days)).replace(microsecond=0)


def require_adjustable(fields: FieldsRow, doc_type: str | None) -> None:
    """Check that stock may move by what the paper says.

    Raises:
        DocumentConflict: another type of paper, questions are open, or it was done already.
    """
    if doc_type not in STOCK_REASONS:
        raise DocumentConflict(Code.NO_STOCK_DOCUMENT)
    if fields.adjusted_index is not None:
        raise DocumentConflict(Code.ALREADY_ADJUSTED, (), {"index": fields.adjusted_index})
    require_settled(fields)


def require_settled(fields: FieldsRow) -> None:
    """Check that nothing is open to question.

    Raises:
        DocumentConflict: something is.
    """
    if fields.state is ReviewState.OPEN and fields.open_items:
        raise DocumentConflict(Code.REVIEW_OPEN, (), {"open": fields.open_items})


def field_name(path: str) -> str:
    """The name of the field that a path ends in: `rows/3/expiry` is `expiry`."""
    return path.rpartition("/")[2]


def is_clear(path: str, value: object) -> bool:
    """Whether this value of this field may stand in an entry: a code, number or date, and it looks like one."""
    if field_name(path) not in CLEAR_FIELDS:
        return False
    if isinstance(value, str):
        return _CLEAR_VALUE.fullmatch(value) is not None and not detect(value, (PersonalKind.HKID, PersonalKind.CARD))
    return value is None or type(value) is int
