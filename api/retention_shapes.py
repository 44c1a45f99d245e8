"""How schedules, judgements and matters look in an answer; every rule with its authority and how that was checked."""

from typing import Any, Final, TypeVar

import msgspec

from api.bodies import json_body
from api.jobs import EVENT_ID
from api.members import Schema
from api.operations import LOCATION, Body, Documented
from api.schemas import BOOLEAN, COUNT, DATE, TEXT, TIME, change_of, choice, described, listed, record, ref
from api.shapes import Json, present, time_json
from policies.pending.model import PendingAction
from retention.model import (
    Disposition,
    FindingCode,
    Grade,
    Graded,
    HoldKind,
    Judgement,
    Outcome,
    Schedule,
    Status,
    Trigger,
    Verification,
)
from retention.records import Judged, Matter, Record, RecordKind, RecordState, Shown
from retention.reviewing import Listed
from retention.row_values import query_json, schedule_json
from retention.words import (
    ACTION_WORDS,
    FINDING_WORDS,
    GRADE_WORDS,
    HOLD_WORDS,
    OUTCOME_WORDS,
    STATUS_WORDS,
    TRIGGER_WORDS,
    VERIFICATION_WORDS,
)

R = TypeVar("R", bound=msgspec.Struct)


def rule_json(schedule: Schedule) -> Json:
    """Return a version of a rule."""
    authority = schedule.authority
    return {
        "id": schedule.id,
        **schedule_json(schedule),
        "trigger_zh": TRIGGER_WORDS[schedule.trigger].zh,
        "trigger_en": TRIGGER_WORDS[schedule.trigger].en,
        "status_zh": STATUS_WORDS[authority.status].zh,
        "status_en": STATUS_WORDS[authority.status].en,
        "verification_zh": VERIFICATION_WORDS[authority.verification].zh,
        "verification_en": VERIFICATION_WORDS[authority.verification].en,
    }


def judgement_json(judgement: Judgement) -> Json:
    """Return what schedules and holds make of a record."""
    dates = {name: getattr(judgement, name) for name in ("keep_until", "dispose_by", "due_from", "lock_until")}
    return {
        "outcome": judgement.outcome.value,
        "outcome_zh": OUTCOME_WORDS[judgement.outcome].zh,
        "outcome_en": OUTCOME_WORDS[judgement.outcome].en,
        "on": judgement.on.isoformat(),
        "deciding": list(judgement.deciding),
        "considered": list(judgement.considered),
        "matters": list(judgement.matters),
        **present({name: None if day is None else day.isoformat() for name, day in dates.items()}),
        **present({"disposition": None if judgement.disposition is None else judgement.disposition.value}),
    }


def judged_json(judged: Judged) -> Json:
    """Return a record with its judgement."""
    one = judged.described
    return {
        "kind": one.record.kind.value,
        "id": one.record.id,
        "class": one.class_code,
        "record_class": judged.record_class,
        "created_on": one.created_on.isoformat(),
        "state": one.state.value,
        "judgement": judgement_json(judged.judgement),
        **present({"store": one.store, "supplier": one.supplier}),
        **present({"dated_on": None if one.dated_on is None else one.dated_on.isoformat()}),
    }


def listed_json(listed_row: Listed) -> Json:
    """Return a row of the due list."""
    return {**judged_json(listed_row.judged), "findings": [graded_json(one) for one in listed_row.findings]}


def graded_json(graded: Graded) -> Json:
    """Return a finding."""
    code = graded.finding.code
    return {
        "finding": code.value,
        "finding_zh": FINDING_WORDS[code].zh,
        "finding_en": FINDING_WORDS[code].en,
        "action_zh": ACTION_WORDS[code].zh,
        "action_en": ACTION_WORDS[code].en,
        "grade": graded.grade.value,
        "grade_zh": GRADE_WORDS[graded.grade].zh,
        "grade_en": GRADE_WORDS[graded.grade].en,
        "schedules": list(graded.finding.schedules),
        **present({"since": None if graded.since is None else graded.since.isoformat()}),
    }


def shown_json(shown: Shown) -> Json:
    """Return a judgement with everything it rests on."""
    return {
        **judged_json(shown.judged),
        "triggers": [
            {
                "trigger": trigger.value,
                "trigger_zh": TRIGGER_WORDS[trigger].zh,
                "trigger_en": TRIGGER_WORDS[trigger].en,
                **present({"happened_on": None if day is None else day.isoformat()}),
            }
            for trigger, day in sorted(shown.triggers.items())
        ],
        "facts": sorted(shown.facts),
        "schedules": [rule_json(schedule) for schedule in shown.schedules],
        "holds": [matter_json(matter) for matter in shown.matters],
        **present({"earlier": None if shown.earlier is None else judgement_json(shown.earlier)}),
    }


def matter_json(matter: Matter) -> Json:
    """Return a matter, without what was written about it."""
    return {
        "matter": matter.number,
        "kind": matter.kind.value,
        "kind_zh": HOLD_WORDS[matter.kind].zh,
        "kind_en": HOLD_WORDS[matter.kind].en,
        "placed_on": matter.placed_on.isoformat(),
        "placed_by": matter.placed_by,
        "standing": matter.released_on is None,
        "entry_index": matter.entry_index,
        **present(
            {
                "contemplated_on": _day(matter.contemplated_on),
                "review_on": _day(matter.review_on),
                "released_on": _day(matter.released_on),
                "released_by": matter.released_by,
                "owner": matter.owner,
                "query": None if matter.query is None else query_json(matter.query),
            }
        ),
    }


def record_json(found: Record) -> Json:
    """Return the name of a record."""
    return {"kind": found.kind.value, "id": found.id}


def _day(day: Any) -> str | None:
    return None if day is None else day.isoformat()


# ------------------------------------------------------------------------------------------------ schemas

_CITED: Final = {"authority_zh": TEXT, "authority_en": TEXT}
RULE: Final = record(
    {
        "id": described(TEXT, "Names this version for ever."),
        "code": TEXT,
        "version": COUNT,
        "title_zh": TEXT,
        "title_en": TEXT,
        "classes": listed(TEXT),
        "trigger": choice(Trigger),
        "trigger_zh": TEXT,
        "trigger_en": TEXT,
        **_CITED,
        "status": choice(Status),
        "status_zh": TEXT,
        "status_en": TEXT,
        "verification": choice(Verification),
        "verification_zh": TEXT,
        "verification_en": TEXT,
        "verified_on": DATE,
        "disposition": choice(Disposition),
    },
    optional={
        "minimum": TEXT,
        "maximum": TEXT,
        "in_force": DATE,
        "until": DATE,
        "only_if": listed(TEXT),
        "note_zh": TEXT,
        "note_en": TEXT,
    },
)
JUDGEMENT: Final = record(
    {
        "outcome": choice(Outcome),
        "outcome_zh": TEXT,
        "outcome_en": TEXT,
        "on": DATE,
        "deciding": listed(TEXT),
        "considered": listed(TEXT),
        "matters": listed(TEXT),
    },
    optional={
        "keep_until": described(DATE, "Last day of the latest minimum."),
        "dispose_by": described(DATE, "Last day on which it may still be here."),
        "due_from": described(DATE, "First day on which it may be disposed of."),
        "lock_until": described(DATE, "Last day of the latest minimum by law: the most a lock may be set to."),
        "disposition": choice(Disposition),
    },
)
_JUDGED_MEMBERS: Final[dict[str, Schema]] = {
    "kind": choice(RecordKind),
    "id": TEXT,
    "class": TEXT,
    "record_class": TEXT,
    "created_on": DATE,
    "state": choice(RecordState),
    "judgement": JUDGEMENT,
}
_JUDGED_OPTIONAL: Final[dict[str, Schema]] = {"store": TEXT, "supplier": TEXT, "dated_on": DATE}
FINDING: Final = record(
    {
        "finding": choice(FindingCode),
        "finding_zh": TEXT,
        "finding_en": TEXT,
        "action_zh": described(TEXT, "What to do."),
        "action_en": TEXT,
        "grade": described(choice(Grade), "What is proposed; auditors grade."),
        "grade_zh": TEXT,
        "grade_en": TEXT,
        "schedules": listed(TEXT),
    },
    optional={"since": DATE},
)
LISTED: Final = record({**_JUDGED_MEMBERS, "findings": listed(FINDING)}, optional=_JUDGED_OPTIONAL)
MATTER: Final = record(
    {
        "matter": TEXT,
        "kind": choice(HoldKind),
        "kind_zh": TEXT,
        "kind_en": TEXT,
        "placed_on": DATE,
        "placed_by": TEXT,
        "standing": BOOLEAN,
        "entry_index": COUNT,
    },
    optional={
        "contemplated_on": DATE,
        "review_on": DATE,
        "released_on": DATE,
        "released_by": TEXT,
        "owner": described(TEXT, "What placed it and alone ends it: `case:…` or `cessation:…`."),
        "query": {"type": "object"},
    },
)
RECORD: Final = record({"kind": choice(RecordKind), "id": TEXT})
SHOWN: Final = record(
    {
        **_JUDGED_MEMBERS,
        "triggers": listed(
            record(
                {"trigger": choice(Trigger), "trigger_zh": TEXT, "trigger_en": TEXT},
                optional={"happened_on": described(DATE, "Absent: known not to have happened yet.")},
            )
        ),
        "facts": listed(TEXT),
        "schedules": listed(RULE),
        "holds": listed(MATTER),
    },
    optional={
        **_JUDGED_OPTIONAL,
        "earlier": described(
            JUDGEMENT, "What the rules of its first day say of the same day, if that is another thing."
        ),
    },
)


def body_of(kind: type[msgspec.Struct], example: Json) -> Body[Any]:
    """Return the body of a request that the retention room parses."""
    whole = msgspec.json.schema(kind)
    found = _inlined(whole, whole["$defs"])
    members = {**found["properties"], "event_id": EVENT_ID.schema}
    required = [name for name in found["required"] if name != "event_id"]
    schema: Schema = {
        "type": "object",
        "properties": members,
        "required": required,
        "additionalProperties": False,
    }
    return json_body(schema, example)


def made(schema: Schema) -> tuple[Documented, ...]:
    """Return how a change can answer."""
    answer = change_of(schema)
    return (
        Documented(201, "Recorded.", answer, headers=LOCATION),
        Documented(200, "It was recorded before, by this event.", answer, headers=LOCATION),
    )


RECEIPT: Final = record({"replayed": BOOLEAN, "receipt": ref("Receipt")})


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    """Schemas of a description have no definitions of their own: put each in its place."""
    if isinstance(schema, list):
        return [_inlined(one, definitions) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return {
        name: _inlined(value, definitions) for name, value in schema.items() if name not in {"title", "description"}
    }


def pending_json(pending: PendingAction) -> dict[str, Any]:
    """Return what waits for another person."""
    return {
        "pending": pending.id,
        "proposer": pending.proposer,
        "expires_at": time_json(pending.expires_at),
        **present({"next_step": None if pending.next_step is None else pending.next_step.value}),
    }


PENDING: Final = record({"pending": TEXT, "proposer": TEXT, "expires_at": TIME}, optional={"next_step": TEXT})
