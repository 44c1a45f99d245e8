"""Retention: schedules, what starts their clocks, what they make of records, the due list, findings."""

from dataclasses import dataclass
from typing import Any, Final

from api.calls import Call
from api.changing import changed
from api.cursors import write_cursor
from api.jobs import PLAIN_BODY, PlainRequest
from api.members import Choice, Day, Flag, Reader, Text
from api.operations import Documented, Operation, Parameters, Runs, Tag
from api.paging import LIMIT_DEFAULT, PAGING, place_of
from api.replies import Answer, json_answer
from api.retention_shapes import (
    LISTED,
    PENDING,
    RECEIPT,
    RECORD,
    RULE,
    SHOWN,
    body_of,
    listed_json,
    made,
    pending_json,
    record_json,
    rule_json,
    shown_json,
)
from api.schemas import BOOLEAN, COUNT, DATE, TEXT, choice, listed, page, record
from api.shapes import change_answer, present, receipt_json
from policies.model import Action, Resource
from retention.due.model import Wanted
from retention.model import FindingCode, Outcome, Trigger
from retention.records import Record, RecordKind, TriggerState
from retention.requests import (
    CODE_FORM,
    RECORD_FORM,
    FactRequest,
    MappingRequest,
    ScheduleRequest,
    SettleRequest,
    TriggerRequest,
    YearEndRequest,
    parse,
)
from retention.rules import hong_kong_day

RETENTION: Final = Resource("retention")


def list_schedules(call: Call[None, None]) -> Answer:
    """Return every version of every rule."""
    call.require_reading(Action.RETENTION_READ, RETENTION)
    with call.services.storage.database.read() as connection:
        found = call.services.retention.schedules(call.principal, connection)
    return json_answer({"items": [{**rule_json(rule), "entry_index": index} for rule, index in found]})


def propose_schedule(call: Call[None, Any]) -> Answer:
    """Propose a version of a rule."""
    request = parse(ScheduleRequest, call.body, event_id=call.event_id(call.body))
    return changed(call, call.services.retention.propose_schedule(call.principal, request), pending_json)


@dataclass(frozen=True, slots=True)
class RuleApprovalParameters:
    """Which proposal for which rule."""

    code: str
    pending: str


def approve_schedule(call: Call[RuleApprovalParameters, PlainRequest]) -> Answer:
    """Approve the version that another person proposed."""
    asked = call.parameters
    event_id = call.body.event_id or call.new_event_id()
    change = call.services.retention.approve_schedule(call.principal, asked.code, asked.pending, event_id=event_id)
    return changed(call, change, rule_json)


def map_class(call: Call[None, Any]) -> Answer:
    """Say under which record class a class is kept."""
    request = parse(MappingRequest, call.body, event_id=call.event_id(call.body))
    change = call.services.retention.map_class(call.principal, request)
    return changed(
        call, change, lambda one: {"kind": one.kind.value, "code": one.code, "record_class": one.record_class}
    )


def set_year_end(call: Call[None, Any]) -> Answer:
    """Say how financial years end."""
    request = parse(YearEndRequest, call.body, event_id=call.event_id(call.body))
    committed = call.services.storage.log.commit(call.services.retention.set_year_end(call.principal, request))
    return change_answer(committed, lambda one: {"valid_from": one.valid_from.isoformat(), "month_day": one.month_day})


def record_trigger(call: Call[None, Any]) -> Answer:
    """Record what started a clock."""
    request = parse(TriggerRequest, call.body, event_id=call.event_id(call.body))
    return changed(
        call,
        call.services.retention.record_trigger(call.principal, request),
        lambda one: {
            "subject": one.subject,
            "trigger": one.trigger.value,
            "state": one.state.value,
            **present({"happened_on": None if one.happened_on is None else one.happened_on.isoformat()}),
        },
    )


def record_fact(call: Call[None, Any]) -> Answer:
    """Record whether a fact is true."""
    request = parse(FactRequest, call.body, event_id=call.event_id(call.body))
    committed = call.services.storage.log.commit(call.services.retention.record_fact(call.principal, request))
    return change_answer(committed, lambda one: {"subject": one.subject, "fact": one.fact, "stands": one.stands})


@dataclass(frozen=True, slots=True)
class RecordParameters:
    """Which record, and on which day."""

    kind: RecordKind
    record: str


def get_judgement(call: Call[RecordParameters, None]) -> Answer:
    """Return what becomes of a record, and why."""
    asked = call.parameters
    call.require_reading(Action.RETENTION_READ, RETENTION)
    with call.services.storage.database.read() as connection:
        found = call.services.retention.explain(connection, Record(asked.kind, asked.record), hong_kong_day(call.now))
    return json_answer(shown_json(found))


@dataclass(frozen=True, slots=True)
class DueParameters:
    """A page of the due list."""

    outcome: Outcome | None = None
    until: Any = None
    class_code: str | None = None
    store: str | None = None
    schedule: str | None = None
    finding: FindingCode | None = None
    findings_only: bool = False
    cursor: str | None = None
    limit: int = LIMIT_DEFAULT


def list_due(call: Call[DueParameters, None]) -> Answer:
    """Return a page of the due list."""
    asked = call.parameters
    call.require_reading(Action.RETENTION_READ, RETENTION)
    wanted = Wanted(
        outcome=asked.outcome,
        until=asked.until,
        class_code=asked.class_code,
        store=asked.store,
        schedule=asked.schedule,
        finding=asked.finding,
        with_findings=asked.findings_only,
    )
    of = ("retention_due", *(str(getattr(wanted, name)) for name in Wanted.__slots__))
    with call.services.storage.database.read() as connection:
        found = call.services.retention.due_list(
            call.principal,
            connection,
            wanted,
            hong_kong_day(call.now),
            after=place_of(of, asked.cursor, 3),
            limit=asked.limit,
        )
    following = None if found.next is None else write_cursor(of, found.next)
    items = [listed_json(item) for item in found.items]
    return json_answer({"items": items, "total": found.total, "next_cursor": following})


def settle_finding(call: Call[None, Any]) -> Answer:
    """Say why a finding needs no more doing."""
    request = parse(SettleRequest, call.body, event_id=call.event_id(call.body))
    change = call.services.retention.settle_finding(call.principal, request, hong_kong_day(call.now))
    return change_answer(call.services.storage.log.commit(change), record_json)


def request_review(call: Call[None, PlainRequest]) -> Answer:
    """Ask for a review of everything."""
    event_id = call.body.event_id or call.new_event_id()
    change = call.services.retention.request_review(call.principal, event_id=event_id)
    committed = call.services.storage.log.commit(change)
    body = {"replayed": committed.replayed, "receipt": receipt_json(committed.receipt)}
    return json_answer(body, 202, (("Location", "/api/v1/retention/due"),))


_SCHEDULE_EXAMPLE: Final = {
    "code": "ORG-PHOTO-2Y",
    "version": 1,
    "title_zh": "陳列相片",
    "title_en": "Photos of displays",
    "classes": ["photo"],
    "trigger": "created",
    "maximum": "P2Y",
    "authority_zh": "本機構規則",
    "authority_en": "The organisation's own rule",
    "status": "policy",
    "verification": "primary",
    "verified_on": "2026-11-01",
}
_DOCUMENT: Final = "018f0000-0000-7000-8000-000000000000"
_FILTERS: Final[dict[str, Reader[Any]]] = {
    "outcome": Choice(Outcome, "Only what came out so when it was last reviewed."),
    "until": Day("Only what comes by that day."),
    "class_code": Text(32, description="Only of this class.", example="invoice"),
    "store": Text(32, description="Only of this store.", example="MK01"),
    "schedule": Text(32, description="Only what this rule speaks of.", example="HK-TAX-7Y"),
    "finding": Choice(FindingCode, "Only what has this finding."),
    "findings_only": Flag("Only what has any finding that nobody settled."),
}


def _write(
    path: str, name: str, summary: str, run: Any, request: Any, example: Any, answer: Any, text: str = ""
) -> Operation[Any, Any]:
    """Return the operation of a change."""
    return Operation(
        method="POST",
        path=f"/api/v1/retention/{path}",
        name=name,
        tag=Tag.RETENTION,
        summary=summary,
        description=text,
        run=run,
        runs=Runs.IN_THREAD,
        body=body_of(request, example),
        answers=made(answer),
        refusals=(409,),
    )


_RULE: Final = Text(32, form=CODE_FORM, description="Code of the rule.", example="ORG-POSTER")
_PENDING: Final = Text(32, form="[0-9a-f]{32}", description="What was proposed.", example="5f" * 16)

OPERATIONS: Final[tuple[Operation[Any, Any], ...]] = (
    Operation(
        method="GET",
        path="/api/v1/retention/schedules",
        name="list_retention_schedules",
        tag=Tag.RETENTION,
        summary="Retention schedules",
        description="Every version of every rule, with its authority, the status of that, and when it was last checked.",
        run=list_schedules,
        runs=Runs.IN_THREAD,
        answers=(
            Documented(
                200,
                "By code and version.",
                record(
                    {
                        "items": listed(
                            {
                                **RULE,
                                "properties": {**RULE["properties"], "entry_index": COUNT},  # type: ignore[dict-item]
                                "required": [*RULE["required"], "entry_index"],  # type: ignore[misc]
                            }
                        )
                    }
                ),
            ),
        ),
    ),
    _write(
        "schedules",
        "propose_retention_schedule",
        "Propose a version of a schedule",
        propose_schedule,
        ScheduleRequest,
        _SCHEDULE_EXAMPLE,
        PENDING,
        "It waits for another person. A version never changes: another rule is the next one. `minimum` or `maximum`, an ISO 8601 period.",
    ),
    Operation(
        method="POST",
        path="/api/v1/retention/schedules/{code}/approvals/{pending}",
        name="approve_retention_schedule",
        tag=Tag.RETENTION,
        summary="Approve the version of a schedule that another person proposed",
        description="For whoever may write rules, and did not propose it. From then on it decides.",
        run=approve_schedule,
        runs=Runs.IN_THREAD,
        parameters=Parameters(RuleApprovalParameters, {"code": _RULE, "pending": _PENDING}, ("code", "pending")),
        body=PLAIN_BODY,
        answers=made(RULE),
        refusals=(404, 409),
        also_addressed=("pending",),
    ),
    _write(
        "classes",
        "map_retention_class",
        "Say under which record class a class is kept",
        map_class,
        MappingRequest,
        {"kind": "document", "code": "contract", "record_class": "supplier_contract"},
        record({"kind": choice(RecordKind), "code": TEXT, "record_class": TEXT}),
    ),
    _write(
        "year-ends",
        "set_financial_year_end",
        "Say how financial years end",
        set_year_end,
        YearEndRequest,
        {"valid_from": "2015-01-01", "month_day": "03-31"},
        record({"valid_from": DATE, "month_day": TEXT}),
    ),
    _write(
        "triggers",
        "record_retention_trigger",
        "Record what started a clock",
        record_trigger,
        TriggerRequest,
        {"subject": "supplier:WING-FAT", "trigger": "contract_ended", "happened_on": "2026-06-30"},
        record(
            {"subject": TEXT, "trigger": choice(Trigger), "state": choice(TriggerState)},
            optional={"happened_on": DATE},
        ),
        "Of a record (`document:…`), or of what records share: a supplier, a SKU, a store. What is said of the record itself counts most.",
    ),
    _write(
        "facts",
        "record_retention_fact",
        "Record whether a fact is true",
        record_fact,
        FactRequest,
        {"subject": f"document:{_DOCUMENT}", "fact": "contract.deed"},
        record({"subject": TEXT, "fact": TEXT, "stands": BOOLEAN}),
        "Facts are what rules that speak only of some records look for.",
    ),
    Operation(
        method="GET",
        path="/api/v1/retention/records/{kind}/{record}",
        name="get_retention_of_record",
        tag=Tag.RETENTION,
        summary="What becomes of a record, and why",
        description="Judged now: its class, the rules that speak of it, what started their clocks, the holds, and what older rules said.",
        run=get_judgement,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            RecordParameters,
            {
                "kind": Choice(RecordKind, "What it is."),
                "record": Text(64, form=RECORD_FORM, description="Its id.", example=_DOCUMENT),
            },
            ("kind", "record"),
        ),
        answers=(Documented(200, "Its judgement.", SHOWN),),
        refusals=(404,),
    ),
    Operation(
        method="GET",
        path="/api/v1/retention/due",
        name="list_retention_due",
        tag=Tag.RETENTION,
        summary="What is due, held, or cannot be told",
        description=(
            "As the last review found it, by date; each row on the page is judged again now, so a hold of this minute shows. "
            "Findings that somebody settled are left out."
        ),
        run=list_due,
        runs=Runs.IN_THREAD,
        parameters=Parameters(DueParameters, {**_FILTERS, **PAGING}),
        answers=(Documented(200, "A page, the earliest first.", page(LISTED, total=COUNT)),),
    ),
    _write(
        "settlements",
        "settle_retention_finding",
        "Say why a finding needs no more doing",
        settle_finding,
        SettleRequest,
        {
            "record": {"kind": "document", "id": _DOCUMENT},
            "finding": "rule_unverified",
            "reason": "律師已確認，見備忘錄。",
        },
        RECORD,
        "It counts until the finding has another cause or a graver grade.",
    ),
    Operation(
        method="POST",
        path="/api/v1/retention/reviews",
        name="request_retention_review",
        tag=Tag.RETENTION,
        summary="Review everything now",
        description="As a job. It is done every night as well, and after a hold was placed or released.",
        run=request_review,
        runs=Runs.IN_THREAD,
        body=PLAIN_BODY,
        answers=(Documented(202, "Asked for.", RECEIPT, headers={"Location": "The due list."}),),
        refusals=(409,),
    ),
)
