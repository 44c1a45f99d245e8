"""`glass`: somebody's role, at other stores too, for at most an hour; the second person is told, and reviews it."""

from __future__ import annotations

import rich_click as click

from api.grant_shapes import finding_json, grant_json
from app.commands.base import Run, acting_principal, as_option, command, group
from app.commands.output import Language, table
from app.exits import ExitCode
from audit.event import Subject
from policies.calendar import Calendar
from policies.grants.model import BREAK_GLASS_MAX, GLASS_BROKEN, Grant, GrantKind, Review
from policies.grants.rules import acknowledge_by, review_due
from policies.model import Action, Resource, Role
from policies.reasons import words_of
from policies.using.purposes import UsePurpose
from policies.using.rules import Use


@group("glass")
def glass_group() -> None:
    """Groups the commands of broken glass."""


@glass_group.command("break", help="Let the role of a person apply at other stores too, from now on.")
@click.option("--as", "principal_id", metavar="PRINCIPAL", required=True, help="Who breaks it.")
@click.option("--store", "stores", multiple=True, required=True, help="At which store; may be given several times.")
@click.option(
    "--minutes",
    type=click.IntRange(1, int(BREAK_GLASS_MAX.total_seconds()) // 60),
    default=30,
    show_default=True,
    help="For how long.",
)
@click.option("--reason", required=True, help="Why; kept as personal data, under that person's key.")
@click.option("--told", metavar="PRINCIPAL", required=True, help="The second person, who may review it.")
@command
def break_glass(run: Run, *, principal_id: str, stores: tuple[str, ...], minutes: int, reason: str, told: str) -> None:
    """Breaks the glass."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        change = house.policies.break_glass(
            principal, stores=stores, minutes=minutes, reason=reason, told=told, event_id=run.new_id()
        )
        grant = house.storage.log.commit(change).result
        channels = house.notices.channels_telling(GLASS_BROKEN, told)
        calendar = house.policies.calendar
    if grant is not None:
        by = (
            f"told by {' '.join(channels)}"
            if channels
            else "no channel tells the second person: it awaits them in their list"
        )
        answer = {**grant_json(grant, run.now(), calendar), "told_by": list(channels)}
        run.out.answer(answer, [f"{grant.id}  until {answer['ends_at']}  {by}"])


@glass_group.command("awaiting", help="Broken glass that the second person was told of and has not acknowledged.")
@click.option("--as", "principal_id", metavar="PRINCIPAL", required=True, help="The second person.")
@command
def awaiting(run: Run, *, principal_id: str) -> None:
    """Lists what awaits a person."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER)
        house.policies.require(principal, Action.BREAK_GLASS_REVIEW, Resource("break_glass"))
        found, calendar = house.policies.glass_awaiting(principal.id), house.policies.calendar
    now = run.now()
    rows = [(*_row(grant, calendar), acknowledge_by(grant).isoformat(timespec="minutes")) for grant in found]
    heads = ("id", "principal", "stores", "review by", "acknowledge by")
    run.out.answer({"items": [grant_json(grant, now, calendar) for grant in found]}, [table(heads, rows)])


@glass_group.command("acknowledge", help="Say, as the second person, that one heard of the glass of GRANT.")
@click.argument("grant")
@click.option("--as", "principal_id", metavar="PRINCIPAL", required=True, help="The second person.")
@command
def acknowledge(run: Run, grant: str, *, principal_id: str) -> None:
    """Acknowledges a broken glass."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER)
        house.storage.log.commit(house.policies.acknowledge_glass(principal, grant, event_id=run.new_id()))
    run.out.answer({"acknowledged": grant}, [grant])


@glass_group.command("review", help="Say whether breaking the glass of GRANT was justified; once, and never one's own.")
@click.argument("grant")
@click.option("--justified/--not-justified", required=True, help="What the review came to.")
@as_option
@command
def review(run: Run, grant: str, *, justified: bool, principal_id: str | None) -> None:
    """Reviews a broken glass."""
    outcome = Review.JUSTIFIED if justified else Review.NOT_JUSTIFIED
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER)
        house.storage.log.commit(house.policies.review_glass(principal, grant, outcome, event_id=run.new_id()))
    run.out.answer({"grant": grant, "review": outcome.value}, [f"{grant}  {outcome.value}"])


@glass_group.command("reason", help="Show why the glass of GRANT was broken; the log says who read it.")
@click.argument("grant")
@as_option
@command
def reason(run: Run, grant: str, *, principal_id: str | None) -> None:
    """Shows a reason."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER)
        decision = house.policies.require(principal, Action.PERSONAL_READ, Resource("grant", grant))
        said = house.policies.glass_reason(principal, grant)
        about = (Subject("grant", grant),)
        house.storage.log.commit(
            house.policies.record_read(decision, event_id=run.new_id(), about=about, use=Use(UsePurpose.ASSURANCE))
        )
    run.out.answer({"reason": said}, [said or ""])


@glass_group.command("list", help="Every glass that was broken, the newest first.")
@as_option
@command
def list_broken(run: Run, *, principal_id: str | None) -> None:
    """Lists broken glass."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER)
        house.policies.require(principal, Action.GRANT_READ, Resource("grant"))
        found = [grant for grant in house.policies.grants() if grant.kind is GrantKind.BREAK_GLASS]
        calendar = house.policies.calendar
    now = run.now()
    rows = [(*_row(grant, calendar), grant.state_at(now).value, grant.review or "") for grant in found]
    heads = ("id", "principal", "stores", "review by", "state", "review")
    run.out.answer({"items": [grant_json(grant, now, calendar) for grant in found]}, [table(heads, rows)])


@glass_group.command(
    "findings",
    help="Broken glass that nobody reviewed within two working days, or the second person did not acknowledge.",
)
@as_option
@command
def findings(run: Run, *, principal_id: str | None) -> ExitCode:
    """Lists what is overdue."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER)
        house.policies.require(principal, Action.BREAK_GLASS_REVIEW, Resource("break_glass"))
        now = run.now()
        found, calendar = house.policies.glass_findings(now), house.policies.calendar
    chinese = run.out.language is Language.ZH
    rows = [(*_row(one.grant, calendar), words_of(one.code).zh if chinese else words_of(one.code).en) for one in found]
    heads = ("id", "principal", "stores", "review by", "finding")
    run.out.answer({"items": [finding_json(one, now, calendar) for one in found]}, [table(heads, rows)])
    return ExitCode.FAULTS if found else ExitCode.OK


def _row(grant: Grant, calendar: Calendar) -> tuple[str, str, str, str]:
    return grant.id, grant.principal, " ".join(sorted(grant.stores or ())), review_due(grant, calendar).isoformat()
