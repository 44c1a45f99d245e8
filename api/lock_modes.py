"""How hard the locks of a class are: looked at, proposed by one person, approved by another."""

from dataclasses import dataclass
from typing import Any, Final

from api.calls import Call
from api.changing import changed
from api.members import Text
from api.operations import Documented, Operation, Parameters, Runs, Tag
from api.replies import Answer, json_answer
from api.retention_shapes import PENDING, body_of, made, pending_json
from api.schemas import COUNT, DATE, TEXT, choice, described, listed, nullable, record
from api.shapes import Json
from policies.model import Action, Resource
from retention.locks.model import ClassMode, ModePreview
from retention.locks.words import MODE_WORDS
from retention.requests import CODE_FORM, ModeApproval, ModeRequest, parse
from storage.objects.model import LockMode

_STORE: Final = Resource("object_store")
_PATH: Final = "/api/v1/object-store/modes"


def list_modes(call: Call[None, None]) -> Answer:
    """Return the classes on which two persons decided."""
    call.require_reading(Action.RETENTION_READ, _STORE)
    with call.services.storage.database.read() as connection:
        found = call.services.locks.modes(call.principal, connection)
    return json_answer({"items": [mode_json(one) for one in found]})


@dataclass(frozen=True, slots=True)
class ClassParameters:
    """Which class."""

    class_code: str


def get_mode(call: Call[ClassParameters, None]) -> Answer:
    """Return how a class is locked, and what a lock in COMPLIANCE would be."""
    call.require_reading(Action.RETENTION_READ, _STORE)
    return json_answer(preview_json(call.services.locks.preview_mode(call.principal, call.parameters.class_code)))


def propose_mode(call: Call[ClassParameters, Any]) -> Answer:
    """Propose another mode for a class."""
    request = parse(ModeRequest, call.body, event_id=call.event_id(call.body))
    change = call.services.locks.propose_mode(call.principal, call.parameters.class_code, request)
    return changed(call, change, pending_json)


@dataclass(frozen=True, slots=True)
class ApprovalParameters:
    """Which proposal for which class."""

    class_code: str
    pending: str


def approve_mode(call: Call[ApprovalParameters, Any]) -> Answer:
    """Approve what another person proposed."""
    asked = call.parameters
    request = parse(ModeApproval, call.body, event_id=call.event_id(call.body))
    change = call.services.locks.approve_mode(call.principal, asked.class_code, asked.pending, request)
    return changed(call, change, mode_json)


def mode_json(found: ClassMode) -> Json:
    """Return the mode of a class."""
    return {
        "class": found.class_code,
        **_mode(found.mode),
        "until": None if found.until is None else found.until.isoformat(),
        "entry_index": found.entry_index,
    }


def preview_json(found: ModePreview) -> Json:
    """Return what a lock in COMPLIANCE would be."""
    return {
        "class": found.class_code,
        **_mode(found.mode),
        "documents": found.documents,
        "until": None if found.until is None else found.until.isoformat(),
    }


def _mode(mode: LockMode) -> Json:
    return {"mode": mode.value, "mode_zh": MODE_WORDS[mode].zh, "mode_en": MODE_WORDS[mode].en}


_CLASS: Final = Text(32, form=CODE_FORM, description="Code of the class.", example="invoice")
_OF_ONE: Final = Parameters(ClassParameters, {"class_code": _CLASS}, ("class_code",))
_MEMBERS: Final = {"class": TEXT, "mode": choice(LockMode), "mode_zh": TEXT, "mode_en": TEXT}
_MODE: Final = record(
    {
        **_MEMBERS,
        "until": described(nullable(DATE), "The day that was approved: until then nobody lifts the last of the locks."),
        "entry_index": COUNT,
    }
)
_UNTIL: Final = described(
    nullable(DATE), "Last day on which a lock in COMPLIANCE could not be undone, whoever asked; null: no law keeps any."
)

OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = (
    Operation(
        method="GET",
        path=_PATH,
        name="list_lock_modes",
        tag=Tag.RETENTION,
        summary="How hard the locks of classes are",
        description="The classes on which two persons decided; every other one is locked in GOVERNANCE.",
        run=list_modes,
        runs=Runs.IN_THREAD,
        answers=(Documented(200, "By code.", record({"items": listed(_MODE)})),),
    ),
    Operation(
        method="GET",
        path=f"{_PATH}/{{class_code}}",
        name="get_lock_mode",
        tag=Tag.RETENTION,
        summary="How hard a class is locked, and until when it could not be undone",
        description="Judges everything that the class holds, so it takes seconds where there is much.",
        run=get_mode,
        runs=Runs.IN_THREAD,
        parameters=_OF_ONE,
        answers=(Documented(200, "As it stands today.", record({**_MEMBERS, "documents": COUNT, "until": _UNTIL})),),
    ),
    Operation(
        method="POST",
        path=f"{_PATH}/{{class_code}}/proposals",
        name="propose_lock_mode",
        tag=Tag.RETENTION,
        summary="Propose how hard a class is to be locked",
        description="Nothing changes until another person approves. A class that no law keeps is refused.",
        run=propose_mode,
        runs=Runs.IN_THREAD,
        parameters=_OF_ONE,
        body=body_of(ModeRequest, {"mode": "COMPLIANCE", "reason": "發票須防止任何人刪除。"}),
        answers=made(PENDING),
        refusals=(409,),
    ),
    Operation(
        method="POST",
        path=f"{_PATH}/{{class_code}}/proposals/{{pending}}",
        name="approve_lock_mode",
        tag=Tag.RETENTION,
        summary="Approve how hard a class is to be locked",
        description=(
            "For another person than the one who proposed it, naming in `until` the day that `GET` shows. If something would be "
            "locked beyond it by now, 409 `lock_mode_later` says until when."
        ),
        run=approve_mode,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            ApprovalParameters,
            {"class_code": _CLASS, "pending": Text(32, form="[0-9a-f]{32}", description="What was proposed.")},
            ("class_code", "pending"),
        ),
        body=body_of(ModeApproval, {"mode": "COMPLIANCE", "until": "2033-12-31"}),
        answers=made(_MODE),
        refusals=(404, 409),
    ),
)
