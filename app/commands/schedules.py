"""`schedule`: recurring jobs, when each is asked for, and pausing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from api.schedules import SUBJECT, schedule_json
from app.commands.base import Run, acting_principal, as_option, command, group
from app.commands.output import Language, table
from app.exits import ExitCode
from app.schedules import PLANS
from policies.model import Action, Resource, Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.wiring import House
    from storage import Change
    from workflow.schedules.model import Schedule


@group("schedule")
def schedule_group() -> None:
    """Groups the commands of recurring jobs."""


@schedule_group.command("list", help="Every recurring job: when it is asked for next, and when it was last.")
@as_option
@command
def list_schedules(run: Run, principal_id: str | None) -> ExitCode:
    """Lists schedules."""
    now = run.now()
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        house.policies.require(principal, Action.JOBS_READ, Resource(SUBJECT))
        items = [schedule_json(one, now) for one in house.schedules.all()]
    name = "name_zh" if run.out.language is Language.ZH else "name_en"
    rows = [
        (
            one["schedule"],
            one[name],
            one.get("at") or f"every {one['every_s']} s",
            "paused" if one["paused"] else one["next_due"],
            one.get("last_due", ""),
        )
        for one in items
    ]
    if not items:
        run.out.note("none yet: `serve` and `worker` set them when they start")
    run.out.answer({"items": items}, table(("schedule", "what", "at", "next", "last"), rows))
    return ExitCode.OK


@schedule_group.command("pause", help="Let a recurring job rest until it is resumed.")
@click.argument("schedule")
@as_option
@command
def pause(run: Run, schedule: str, principal_id: str | None) -> ExitCode:
    """Pauses a schedule."""
    return _turned(run, schedule, principal_id, lambda house: house.schedules.pause)


@schedule_group.command("resume", help="Let a recurring job go on with its next time.")
@click.argument("schedule")
@as_option
@command
def resume(run: Run, schedule: str, principal_id: str | None) -> ExitCode:
    """Resumes a schedule."""
    return _turned(run, schedule, principal_id, lambda house: house.schedules.resume)


def _turned(
    run: Run, code: str, principal_id: str | None, turn: Callable[[House], Callable[..., Change[Schedule]]]
) -> ExitCode:
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        decision = house.policies.require(principal, Action.JOBS_CANCEL, Resource(SUBJECT, code))
        # So that one can be paused before the first process starts.
        house.schedules.keep(PLANS)
        change = turn(house)(
            code, actor=decision.principal.actor, event_id=run.new_id(), decision=house.policies.basis(decision)
        )
        index = house.storage.log.commit(change).receipt.index
        found = schedule_json(house.schedules.one(code), run.now())
    said = "paused" if found["paused"] else f"next at {found['next_due']}"
    run.out.answer({**found, "entry": index}, f"{code}: {said}, entry {index}")
    return ExitCode.OK
