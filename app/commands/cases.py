"""`case` and `breach`: requests of people about their data, the log book, the breach register."""

from __future__ import annotations

import json
from typing import Any

import rich_click as click

from api.body import decode
from api.case_bodies import OPEN_CASE
from api.case_shapes import case_json, finding_json, refusal_json
from api.incident_shapes import breach_json
from app.commands.base import Run, acting_principal, as_option, command, group
from app.commands.output import table
from app.exits import ExitCode
from cases.clock import answer_clock
from cases.grounds import rule_of
from cases.incidents.rules import breach_clocks
from cases.requests import OpenRequest
from cases.rules import hong_kong_day
from policies.model import Role

LISTED_MAX = 1_000


@group("case")
def case_group() -> None:
    """Groups the commands of requests."""


@case_group.command("list", help="Every request, the newest first.")
@as_option
@command
def list_cases(run: Run, principal_id: str | None) -> ExitCode:
    """Lists."""
    with run.house() as house, house.storage.database.read() as connection:
        principal = acting_principal(house, principal_id, Role.DPO)
        found = house.cases.cases(principal, connection, limit=LISTED_MAX)
        calendar = house.policies.calendar
    today = hong_kong_day(run.now())
    rows = [
        (case.id, case.kind, case.state, case.received_on, clock.target, clock.days_left(today))
        for case in found.items
        for clock in (answer_clock(case.received_on, calendar),)
    ]
    shapes: dict[str, Any] = {"items": [case_json(case, calendar) for case in found.items], "whole": found.next is None}
    run.out.answer(shapes, table(("case", "kind", "state", "received", "target", "days left"), rows))
    return ExitCode.OK


@case_group.command("show", help="One request with what was held at receipt.")
@click.argument("case")
@as_option
@command
def show(run: Run, case: str, principal_id: str | None) -> ExitCode:
    """Shows."""
    with run.house() as house, house.storage.database.read() as connection:
        principal = acting_principal(house, principal_id, Role.DPO)
        found = house.cases.case(principal, connection, case)
        items = house.cases.items(principal, connection, case)
        calendar = house.policies.calendar
    clock = answer_clock(found.received_on, calendar)
    rows = [(item.number, item.kind, item.ref, item.version, item.handling) for item in items]
    head = (
        f"{found.kind} {found.state}; received {found.received_on}, target {clock.target}, day 40 {clock.day_40}, "
        f"identity {found.identity}"
    )
    run.out.answer(case_json(found, calendar), [head, table(("item", "kind", "ref", "version", "handling"), rows)])
    return ExitCode.OK


@case_group.command(
    "open", help="Open a request from a JSON file (the body of POST /api/v1/cases); - reads it from the input."
)
@click.argument("file", type=click.File("rb"))
@as_option
@command
def open_case(run: Run, file: Any, principal_id: str | None) -> ExitCode:
    """Opens."""
    members = OPEN_CASE.read(decode(file.read()))
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.DPO)
        request = OpenRequest(**{"event_id": run.new_id(), **members})
        committed = house.storage.log.commit(house.cases.open_case(principal, request))
        calendar = house.policies.calendar
    shape: dict[str, Any] = {"index": committed.receipt.index, "replayed": committed.replayed}
    if committed.result is not None:
        shape["case"] = case_json(committed.result.case, calendar)
    run.out.answer(shape, [json.dumps(shape, ensure_ascii=False, indent=1)])
    return ExitCode.OK


@case_group.command("log-book", help="The log book of refusals (PDPO s.27), a view on the log.")
@as_option
@command
def log_book(run: Run, principal_id: str | None) -> ExitCode:
    """Reads the log book."""
    with run.house() as house, house.storage.database.read() as connection:
        principal = acting_principal(house, principal_id, Role.DPO)
        found = house.cases.log_book(principal, connection, limit=LISTED_MAX)
    rows = [
        (line.index, f"{line.entered_at:%Y-%m-%d}", line.case, rule_of(line.ground).section, len(line.notices))
        for line in found.items
    ]
    shapes: dict[str, Any] = {"items": [refusal_json(line) for line in found.items], "whole": found.next is None}
    run.out.answer(shapes, table(("entry", "entered", "case", "ground", "notices"), rows))
    return ExitCode.OK


@case_group.command("findings", help="What an auditor would find today; exit code 1 if there is anything.")
@as_option
@command
def findings(run: Run, principal_id: str | None) -> ExitCode:
    """Looks."""
    with run.house() as house, house.storage.database.read() as connection:
        principal = acting_principal(house, principal_id, Role.DPO)
        found = house.cases.findings(principal, connection, hong_kong_day(run.now()))
    rows = [(one.code, one.grade, one.subject, one.days) for one in found]
    shapes: dict[str, Any] = {"items": [finding_json(one) for one in found]}
    run.out.answer(shapes, table(("finding", "proposed", "about", "days"), rows))
    return ExitCode.FAULTS if found else ExitCode.OK


@group("breach")
def breach_group() -> None:
    """Groups the commands of breaches."""


@breach_group.command("list", help="The breach register, the newest first.")
@as_option
@command
def list_breaches(run: Run, principal_id: str | None) -> ExitCode:
    """Lists."""
    with run.house() as house, house.storage.database.read() as connection:
        principal = acting_principal(house, principal_id, Role.DPO)
        found = house.cases.breaches(principal, connection, limit=LISTED_MAX)
    rows = []
    for breach in found.items:
        clocks = breach_clocks(breach.regimes, breach.known_at, designated=breach.designated)
        until = min((clock.until for clock in clocks if clock.until is not None), default=None)
        deadline = "none by law" if until is None else f"{until:%Y-%m-%d %H:%M}Z"
        rows.append((breach.id, breach.state, breach.kind, f"{breach.known_at:%Y-%m-%d %H:%M}Z", deadline))
    shapes: dict[str, Any] = {"items": [breach_json(one) for one in found.items], "whole": found.next is None}
    run.out.answer(shapes, table(("breach", "state", "kind", "known", "deadline"), rows))
    return ExitCode.OK
