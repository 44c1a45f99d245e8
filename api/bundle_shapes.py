"""How policy bundles look in bodies and answers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from api.jobs import EVENT_ID
from api.members import Instant, Schema, Text, Whole
from api.operations import Body
from api.records import Record
from api.schemas import COUNT, HASH, INTEGER, TEXT, TIME, choice, described, listed, record
from api.shapes import Json, present, time_json
from policies.bundles.manifest import BUNDLE_BYTES_MAX, FORMAT
from policies.bundles.model import (
    DAYS_DEFAULT,
    DAYS_MAX,
    SIMULATE_KIND,
    STATEMENT_CHARS_MAX,
    Acknowledgement,
    BundleRecord,
    BundleState,
    Step,
)
from policies.codes import Code
from policies.engine import DENIALS
from policies.pending.model import PendingAction
from policies.reasons import words_of
from workflow.rules import job_id


@dataclass(frozen=True, slots=True)
class Stepping:
    """A step that needs nothing to be said."""

    event_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Simulating:
    """How far back decisions are taken again."""

    days: int = DAYS_DEFAULT
    event_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Approving:
    """What the approver acknowledges."""

    acknowledgement: Acknowledgement | None = None
    event_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Scheduling:
    """When it becomes the active one; now, if no time is given."""

    at: datetime | None = None
    event_id: UUID | None = None


def step_json(step: Step) -> Json:
    """Return one step; what was found wrong, and why a bundle went back, has its words in both languages."""
    detail = dict(step.detail)
    if "found" in detail:
        detail["found"] = [_fault_json(fault) for fault in detail["found"]]
    code = detail.get("code")
    if code in _WENT_BACK:
        words = words_of(_WENT_BACK[code], {})
        detail |= {"detail_zh": words.zh, "detail_en": words.en}
    asked = step.state is BundleState.SIMULATING
    return {
        "state": step.state.value,
        "by": step.by,
        "at": time_json(step.at),
        "entry": step.entry_index,
        "detail": detail,
        **present({"job": job_id(SIMULATE_KIND, str(step.entry_index)) if asked else None}),
    }


def bundle_json(found: BundleRecord) -> Json:
    """Return how a bundle stands."""
    due = found.due_at
    return {
        "digest": found.digest,
        "title_zh": found.title.zh,
        "title_en": found.title.en,
        "state": found.state.value,
        "drafted_by": found.drafted_by,
        **present({"due_at": None if due is None else time_json(due)}),
    }


def course_json(found: BundleRecord) -> Json:
    """Return how a bundle stands, with every step it took."""
    return {**bundle_json(found), "steps": [step_json(step) for step in found.steps]}


def waiting_json(pending: PendingAction) -> Json:
    """Return what waits for another person."""
    return {
        "pending": pending.id,
        "proposer": pending.proposer,
        "expires_at": time_json(pending.expires_at),
        "content": pending.content,
    }


def _fault_json(fault: dict[str, Any]) -> Json:
    code = Code(fault["code"])
    words = words_of(code, {"expected": fault["expected"], **_VALUES})
    return {**fault, "detail_zh": words.zh, "detail_en": words.en}


_WENT_BACK: Final = {
    code.value: code
    for code in (Code.BUNDLE_BASE_MOVED, Code.BUNDLE_FAULTY, Code.BUNDLE_UNREADABLE, Code.SIMULATION_TOO_WIDE)
}
"""Why a simulation found nothing, or counts no more."""
_VALUES: Final = {"most": "", "region": "", "answered": "", "least": ""}

_LINE: Final[Schema] = {"type": "string", "minLength": 1, "maxLength": 500}
_CLOSED: Final = {"type": "object", "additionalProperties": False}


def _object(members: dict[str, Schema]) -> Schema:
    return {**_CLOSED, "properties": members, "required": list(members)}


def _list_of(item: Schema, most: int) -> Schema:
    return {"type": "array", "items": item, "maxItems": most}


_WORDED: Final = _object({"code": {"enum": [code.value for code in DENIALS]}, "zh": _LINE, "en": _LINE})
_DAY: Final = _object({"day": {"type": "string", "format": "date"}, "zh": _LINE, "en": _LINE})
MANIFEST: Final[Schema] = _object(
    {
        "format": {"const": FORMAT},
        "title_zh": {**_LINE, "maxLength": 120},
        "title_en": {**_LINE, "maxLength": 120},
        "policies": _list_of(
            _object({"name": {"type": "string", "pattern": r"^[a-z0-9][a-z0-9_-]{0,47}\.cedar$"}, "text": TEXT}), 64
        ),
        "schema": TEXT,
        "retention": _list_of({"type": "object"}, 500),
        "residency": {"type": "object"},
        "calendar": _list_of(
            _object({"year": {"type": "integer", "minimum": 1997, "maximum": 2100}, "days": _list_of(_DAY, 40)}), 104
        ),
        "wording": _list_of(_WORDED, 64),
    }
)
MANIFEST_EXAMPLE: Final = {
    "format": FORMAT,
    "title_zh": "二零二七年政策",
    "title_en": "Policies of 2027",
    "policies": [
        {"name": "roles.cedar", "text": '@id("role.staff") … permit (principal in …, action in […], resource);'}
    ],
    "schema": "namespace Chopbook { … }",
    "retention": [],
    "residency": {},
    "calendar": [],
    "wording": [{"code": "store_out_of_reach", "zh": "你並非此分店的員工。", "en": "You do not work at this store."}],
}
DRAFT: Final = Body(
    lambda value: value,
    {
        **_CLOSED,
        "properties": {"bundle": MANIFEST, "event_id": EVENT_ID.schema},
        "required": ["bundle"],
    },
    {"bundle": MANIFEST_EXAMPLE},
    bytes_max=2 * BUNDLE_BYTES_MAX,
)
_DAYS: Final = Whole(1, DAYS_MAX, "Of how many days decisions are taken again.")
_ACKNOWLEDGEMENT: Final = Record(
    "Acknowledgement",
    Acknowledgement,
    {
        "newly_allowed": Whole(1, 2**31 - 1, "How many things are newly allowed, as the simulation counts them."),
        "statement": Text(
            STATEMENT_CHARS_MAX, description="That you looked at them; kept as personal data under your key."
        ),
    },
    ("newly_allowed", "statement"),
)


def _body(made: Record[Any], example: dict[str, object]) -> Body[Any]:
    return Body(made.read, made.schema, example, optional=True)


STEPPING: Final = _body(Record("Stepping", Stepping, {"event_id": EVENT_ID}), {})
SIMULATING: Final = _body(Record("Simulating", Simulating, {"days": _DAYS, "event_id": EVENT_ID}), {"days": 30})
APPROVING: Final = _body(
    Record("Approving", Approving, {"acknowledgement": _ACKNOWLEDGEMENT, "event_id": EVENT_ID}),
    {"acknowledgement": {"newly_allowed": 3, "statement": "已逐項查看。"}},
)
SCHEDULING: Final = _body(
    Record("Scheduling", Scheduling, {"at": Instant("When it becomes the active one."), "event_id": EVENT_ID}),
    {"at": "2027-01-01T00:00:00+08:00"},
)

_HEAD: Final = {
    "digest": HASH,
    "title_zh": TEXT,
    "title_en": TEXT,
    "state": choice(BundleState),
    "drafted_by": TEXT,
}
BUNDLE: Final = record(_HEAD, optional={"due_at": TIME})
STEP: Final = record(
    {"state": choice(BundleState), "by": TEXT, "at": TIME, "entry": INTEGER, "detail": {"type": "object"}},
    optional={"job": described(TEXT, "The job that simulates.")},
)
COURSE: Final = record({**_HEAD, "steps": listed(STEP)}, optional={"due_at": TIME})
WHOLE: Final = record(
    {**_HEAD, "steps": listed(STEP), "active": {"type": "boolean"}, "sound": {"type": "boolean"}, "size": COUNT},
    optional={"due_at": TIME, "bundle": {"type": "object"}},
)
WAITING: Final = record({"pending": TEXT, "proposer": TEXT, "expires_at": TIME, "content": {"type": "object"}})
