"""Recurring jobs: when each is asked for, and pausing it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from api.calls import Call
from api.jobs import PLAIN_BODY, PlainRequest
from api.members import Text
from api.operations import Documented, Operation, Parameters, Runs, Tag
from api.replies import Answer, json_answer
from api.schemas import BOOLEAN, COUNT, TEXT, TIME, described, listed, record, ref
from api.shapes import Json, present, receipt_json, time_json
from policies.model import Action, Resource
from storage import Change
from workflow.schedules.model import Daily, Every, Schedule
from workflow.schedules.rules import next_due

SUBJECT: Final = "job_schedule"


def list_schedules(call: Call[None, None]) -> Answer:
    """Return every schedule."""
    call.require_reading(Action.JOBS_READ, Resource(SUBJECT))
    return json_answer({"items": [schedule_json(one, call.now) for one in call.services.schedules.all()]})


@dataclass(frozen=True, slots=True)
class ScheduleParameters:
    """Which schedule."""

    schedule: str


def pause_schedule(call: Call[ScheduleParameters, PlainRequest]) -> Answer:
    """Let a schedule ask for nothing until it is resumed."""
    return _turned(call, call.services.schedules.pause)


def resume_schedule(call: Call[ScheduleParameters, PlainRequest]) -> Answer:
    """Let a schedule go on."""
    return _turned(call, call.services.schedules.resume)


def _turned(call: Call[ScheduleParameters, PlainRequest], turn: Callable[..., Change[Schedule]]) -> Answer:
    services, code = call.services, call.parameters.schedule
    decision = call.require(Action.JOBS_CANCEL, Resource(SUBJECT, code))
    change = turn(
        code,
        actor=decision.principal.actor,
        event_id=call.body.event_id or call.new_event_id(),
        decision=services.policies.basis(decision),
    )
    committed = services.storage.log.commit(change)
    shape = schedule_json(services.schedules.one(code), call.now)
    return json_answer({**shape, "receipt": receipt_json(committed.receipt)})


def schedule_json(schedule: Schedule, now: datetime) -> Json:
    """Return a schedule as it stands."""
    plan = schedule.plan
    rhythm = plan.rhythm
    following = next_due(schedule, now)
    return {
        "schedule": plan.code,
        "name_zh": plan.name_zh,
        "name_en": plan.name_en,
        "jobs": list(plan.kinds),
        "paused": schedule.paused,
        **present(
            {
                "at": rhythm.at.strftime("%H:%M") if isinstance(rhythm, Daily) else None,
                "every_s": int(rhythm.interval.total_seconds()) if isinstance(rhythm, Every) else None,
                "next_due": None if following is None else time_json(following),
                "last_due": None if schedule.last_due is None else time_json(schedule.last_due),
                "last_entry": schedule.last_entry,
            }
        ),
    }


_SCHEDULE: Final = record(
    {"schedule": TEXT, "name_zh": TEXT, "name_en": TEXT, "jobs": listed(TEXT), "paused": BOOLEAN},
    optional={
        "at": described(TEXT, "Each day at this time in Hong Kong."),
        "every_s": described(COUNT, "Every so many seconds, counted from midnight in Hong Kong."),
        "next_due": described(TIME, "Absent while it is paused."),
        "last_due": described(TIME, "The newest time that was due and asked for, or left out by a pause."),
        "last_entry": described(COUNT, "The entry that asked last."),
        "receipt": ref("Receipt"),
    },
)
_ONE: Final = Parameters(
    ScheduleParameters,
    {"schedule": Text(32, form="[a-z_]{1,32}", description="Code of the schedule.", example="retention")},
    ("schedule",),
)
_S: Final = "/api/v1/job-schedules"


def _turn(name: str, summary: str, run: Any, verb: str) -> Operation[Any, Any]:
    return Operation(
        method="POST",
        path=f"{_S}/{{schedule}}/{verb}",
        name=name,
        tag=Tag.SERVICE,
        summary=summary,
        run=run,
        runs=Runs.IN_THREAD,
        parameters=_ONE,
        body=PLAIN_BODY,
        answers=(Documented(200, "As it stands.", _SCHEDULE),),
        refusals=(404, 409),
    )


OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = (
    Operation(
        method="GET",
        path=_S,
        name="list_schedules",
        tag=Tag.SERVICE,
        summary="Recurring jobs",
        description="Each time that is due is asked for once, whatever the number of processes.",
        run=list_schedules,
        runs=Runs.IN_THREAD,
        answers=(Documented(200, "All of them, by code.", record({"items": listed(_SCHEDULE)})),),
    ),
    _turn("pause_schedule", "Pause a recurring job", pause_schedule, "pause"),
    _turn("resume_schedule", "Let a recurring job go on", resume_schedule, "resume"),
)
