"""`retention`: schedules, what starts their clocks, what becomes of records, what is due."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from api.retention_shapes import listed_json, pending_json, rule_json, shown_json
from app.commands.base import Run, acting_principal, as_option, command, group
from app.commands.output import Language, table
from app.exits import ExitCode, Refused
from policies.model import Role
from retention.due.model import Wanted
from retention.model import FindingCode, Outcome, Trigger
from retention.records import RecordKind, TriggerState
from retention.requests import (
    FactRequest,
    MappingRequest,
    ScheduleRequest,
    SettleRequest,
    TriggerRequest,
    YearEndRequest,
    parse,
    parse_record,
)
from retention.rules import hong_kong_day
from retention.words import ACTION_WORDS, FINDING_WORDS, OUTCOME_WORDS

if TYPE_CHECKING:
    from retention.records import Judged

FILE_BYTES_MAX = 65_536
_DAY = click.DateTime(["%Y-%m-%d"])


@group("retention")
def retention_group() -> None:
    """Groups the commands of retention."""


@retention_group.command("schedules", help="Every version of every rule, with its authority and when that was checked.")
@as_option
@command
def schedules(run: Run, principal_id: str | None) -> ExitCode:
    """Lists rules."""
    with run.house() as house, house.storage.database.read() as connection:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        found = house.retention.schedules(principal, connection)
    chinese = run.out.language is Language.ZH
    rows = [
        (
            rule.id,
            rule.title.zh if chinese else rule.title.en,
            f"≥ {rule.minimum}" if rule.minimum else f"≤ {rule.maximum}",
            rule.authority.citation.zh if chinese else rule.authority.citation.en,
            rule.authority.status.value,
            rule.authority.verification.value,
            rule.authority.verified_on.isoformat(),
        )
        for rule, _ in found
    ]
    headers = ("schedule", "title", "period", "authority", "status", "checked", "on")
    run.out.answer({"items": [rule_json(rule) for rule, _ in found]}, table(headers, rows))
    return ExitCode.OK


@retention_group.command(
    "propose-schedule",
    help="Propose a version of a rule from a JSON file (docs/retention.md); it decides nothing until another person approves.",
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_option
@command
def propose_schedule(run: Run, file: Path, principal_id: str | None) -> ExitCode:
    """Proposes a rule."""
    request = parse(ScheduleRequest, _read(file), event_id=run.new_id())
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER)
        pending = house.storage.log.commit(house.retention.propose_schedule(principal, request)).result
    if pending is not None:
        of = request.schedule.id
        run.out.answer({"of": of, **pending_json(pending)}, f"{of}: waits as {pending.id} until {pending.expires_at}")
    return ExitCode.OK


@retention_group.command("approve-schedule", help="Approve the version of the rule CODE that another person proposed.")
@click.argument("code")
@click.argument("pending")
@as_option
@command
def approve_schedule(run: Run, code: str, pending: str, principal_id: str | None) -> ExitCode:
    """Approves a rule."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER)
        change = house.retention.approve_schedule(principal, code, pending, event_id=run.new_id())
        index = house.storage.log.commit(change).receipt.index
    run.out.answer({"of": code, "entry": index}, f"{code}: entry {index}")
    return ExitCode.OK


@retention_group.command("map", help="Say under which record class a document class is kept.")
@click.argument("code")
@click.argument("record_class")
@click.option(
    "--kind",
    type=click.Choice([one.value for one in RecordKind]),
    default=RecordKind.DOCUMENT.value,
    show_default=True,
    help="What CODE is the class of.",
)
@as_option
@command
def map_class(run: Run, code: str, record_class: str, kind: str, principal_id: str | None) -> ExitCode:
    """Maps a class."""
    content = {"kind": str(kind), "code": code, "record_class": record_class}
    return _record(run, principal_id, "map_class", parse(MappingRequest, content, event_id=run.new_id()), code)


@retention_group.command("year-end", help="Say how financial years end: 12-31.")
@click.argument("month_day")
@click.option("--from", "valid_from", type=_DAY, required=True, help="From this day on.")
@as_option
@command
def year_end(run: Run, month_day: str, valid_from: datetime, principal_id: str | None) -> ExitCode:
    """Sets a year end."""
    content = {"month_day": month_day, "valid_from": f"{valid_from:%Y-%m-%d}"}
    return _record(run, principal_id, "set_year_end", parse(YearEndRequest, content, event_id=run.new_id()), month_day)


@retention_group.command("trigger", help="Record what started a clock, of document:…, supplier:…, sku:… or store:….")
@click.argument("subject")
@click.argument("trigger", type=click.Choice([one.value for one in Trigger]))
@click.option("--on", "happened_on", type=_DAY, help="The day it happened.")
@click.option("--not-yet", is_flag=True, help="It is known not to have happened yet.")
@click.option("--withdraw", is_flag=True, help="What was recorded was wrong.")
@as_option
@command
def record_trigger(
    run: Run,
    subject: str,
    trigger: str,
    happened_on: datetime | None,
    *,
    not_yet: bool,
    withdraw: bool,
    principal_id: str | None,
) -> ExitCode:
    """Records a trigger."""
    state = TriggerState.WITHDRAWN if withdraw else TriggerState.NOT_YET if not_yet else TriggerState.HAPPENED
    content = {
        "subject": subject,
        "trigger": str(trigger),
        "state": state.value,
        "happened_on": None if happened_on is None else f"{happened_on:%Y-%m-%d}",
    }
    return _record(run, principal_id, "record_trigger", parse(TriggerRequest, content, event_id=run.new_id()), subject)


@retention_group.command("fact", help="Record a fact that rules look for: contract.deed of document:….")
@click.argument("subject")
@click.argument("fact")
@click.option("--not", "denied", is_flag=True, help="It is not true.")
@as_option
@command
def record_fact(run: Run, subject: str, fact: str, *, denied: bool, principal_id: str | None) -> ExitCode:
    """Records a fact."""
    content = {"subject": subject, "fact": fact, "stands": not denied}
    return _record(run, principal_id, "record_fact", parse(FactRequest, content, event_id=run.new_id()), subject)


@retention_group.command(
    "explain", help="What becomes of a record, and why: rules, clocks, holds, what older rules said."
)
@click.argument("record")
@click.option("--on", "on", type=_DAY, help="On another day than today.")
@as_option
@command
def explain(run: Run, record: str, on: datetime | None, principal_id: str | None) -> ExitCode:
    """Explains."""
    with run.house() as house, house.storage.database.read() as connection:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        house.retention.schedules(principal, connection)
        day = hong_kong_day(run.now()) if on is None else on.date()
        shown = house.retention.explain(connection, parse_record(record), day)
    judgement = shown.judged.judgement
    chinese = run.out.language is Language.ZH
    words = OUTCOME_WORDS[judgement.outcome]
    unknown = "?" if judgement.outcome is Outcome.UNDETERMINED else "-"
    text = [
        f"{record}: {words.zh if chinese else words.en}",
        f"keep until {judgement.keep_until or unknown}, gone by {judgement.dispose_by or '-'}, due from {judgement.due_from or unknown}",
        f"decided by {', '.join(judgement.deciding) or 'nothing'}; holds: {', '.join(judgement.matters) or 'none'}",
        *(f"{trigger.value}: {day or 'not yet'}" for trigger, day in sorted(shown.triggers.items())),
        *(f"finding: {finding.code.value} {' '.join(finding.schedules)}".rstrip() for finding in judgement.findings),
        *_advice({finding.code for finding in judgement.findings}, chinese=chinese),
    ]
    run.out.answer(shown_json(shown), text)
    return ExitCode.OK


@retention_group.command("due", help="What is due, held, or cannot be told, the earliest first.")
@click.option(
    "--outcome",
    type=click.Choice([one.value for one in Outcome]),
    help="Only what came out so when it was last reviewed.",
)
@click.option("--until", type=_DAY, help="Only what comes by that day.")
@click.option("--class", "class_code", help="Only of this class.")
@click.option("--store", help="Only of this store.")
@click.option("--schedule", help="Only what this rule speaks of.")
@click.option("--findings", is_flag=True, help="Only what has findings that nobody settled.")
@click.option("--limit", type=click.IntRange(1, 1_000), default=100, show_default=True, help="Most rows.")
@as_option
@command
def due(
    run: Run,
    outcome: str | None,
    until: datetime | None,
    class_code: str | None,
    store: str | None,
    schedule: str | None,
    limit: int,
    *,
    findings: bool,
    principal_id: str | None,
) -> ExitCode:
    """Lists what is due."""
    wanted = Wanted(
        outcome=None if outcome is None else Outcome(outcome),
        until=None if until is None else until.date(),
        class_code=class_code,
        store=store,
        schedule=schedule,
        with_findings=findings,
    )
    with run.house() as house, house.storage.database.read() as connection:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        page = house.retention.due_list(principal, connection, wanted, hong_kong_day(run.now()), limit=limit)
    rows = [
        (*_row(item.judged), " ".join(f"{one.finding.code.value}/{one.grade.value}" for one in item.findings))
        for item in page.items
    ]
    codes = {one.finding.code for item in page.items for one in item.findings}
    advice = _advice(codes, chinese=run.out.language is Language.ZH)
    run.out.answer(
        {"items": [listed_json(item) for item in page.items], "total": page.total},
        [table(("record", "class", "outcome", "due from", "findings"), rows), f"{page.total} in all", *advice],
    )
    return ExitCode.OK


@retention_group.command("review", help="Judge everything now, and make the due list anew.")
@as_option
@command
def review(run: Run, principal_id: str | None) -> ExitCode:
    """Reviews."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER)
        house.storage.log.commit(house.retention.request_review(principal, event_id=run.new_id()))
        found = house.retention.review(now=run.now(), event_id=run.new_id())
    run.out.answer(found, f"{found['records']} records: {json.dumps(found['outcomes'])}")
    return ExitCode.OK


@retention_group.command("settle", help="Say why a finding of a record needs no more doing.")
@click.argument("record")
@click.argument("finding", type=click.Choice([one.value for one in FindingCode]))
@click.option("--reason", required=True, help="Why; kept sealed.")
@as_option
@command
def settle(run: Run, record: str, finding: str, reason: str, principal_id: str | None) -> ExitCode:
    """Settles a finding."""
    named = parse_record(record)
    content = {"record": {"kind": named.kind.value, "id": named.id}, "finding": str(finding), "reason": reason}
    request = parse(SettleRequest, content, event_id=run.new_id())
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER)
        change = house.retention.settle_finding(principal, request, hong_kong_day(run.now()))
        index = house.storage.log.commit(change).receipt.index
    run.out.answer({"record": record, "finding": str(finding), "entry": index}, f"{record}: entry {index}")
    return ExitCode.OK


def _record(run: Run, principal_id: str | None, verb: str, request: Any, what: str) -> ExitCode:
    """Makes one change of the room and says under which entry."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER)
        index = house.storage.log.commit(getattr(house.retention, verb)(principal, request)).receipt.index
    run.out.answer({"of": what, "entry": index}, f"{what}: entry {index}")
    return ExitCode.OK


def _row(judged: Judged) -> tuple[str, ...]:
    judgement = judged.judgement
    due_from = "" if judgement.due_from is None else judgement.due_from.isoformat()
    return judged.described.record.key, judged.described.class_code, judgement.outcome.value, due_from


def _advice(codes: set[FindingCode], *, chinese: bool) -> list[str]:
    """What each finding is, and what to do about it."""
    words = [(code, FINDING_WORDS[code], ACTION_WORDS[code]) for code in sorted(codes)]
    return [
        f"{code.value}：{what.zh}。{to_do.zh}" if chinese else f"{code.value}: {what.en}. {to_do.en}"
        for code, what, to_do in words
    ]


def _read(file: Path) -> object:
    content = file.read_bytes()[: FILE_BYTES_MAX + 1]
    try:
        if len(content) > FILE_BYTES_MAX:
            raise ValueError
        return json.loads(content)
    except ValueError as error:
        msg = f"{file}: expected a JSON object of at most {FILE_BYTES_MAX} bytes"
        raise Refused(msg, f"{file}：須為 JSON 物件，最多 {FILE_BYTES_MAX} 位元組") from error
