"""`grant`: access for a time; engagements of auditors, beside broken glass (`app.commands.glass`)."""

from __future__ import annotations

from datetime import timedelta

import rich_click as click

from api.grant_shapes import grant_json
from api.shapes import time_json
from app.commands.base import Run, acting_principal, as_option, command, group, parse_time_option
from app.commands.output import table
from policies.grants.model import ENGAGEMENT_MAX
from policies.model import Action, Resource, Role


@group("grant")
def grant_group() -> None:
    """Groups the commands of access for a time."""


@grant_group.command(
    "engage", help="Let AUDITOR read, for at most 90 days; without an engagement an auditor reaches nothing."
)
@click.argument("auditor")
@click.option(
    "--days", type=click.IntRange(1, ENGAGEMENT_MAX.days), default=30, show_default=True, help="For how long."
)
@click.option("--starts", help="From when on; default: now.")
@click.option("--store", "stores", multiple=True, help="A store; may be given several times. Default: every store.")
@click.option("--class", "classes", multiple=True, help="A class of documents; default: any.")
@click.option("--from", "dates_from", help="Only what was recorded at or after this.")
@click.option("--until", "dates_until", help="Only what was recorded before this.")
@click.option("--nda", is_flag=True, help="An agreement on confidentiality is on file; needed.")
@as_option
@command
def engage(
    run: Run,
    auditor: str,
    *,
    days: int,
    starts: str | None,
    stores: tuple[str, ...],
    classes: tuple[str, ...],
    dates_from: str | None,
    dates_until: str | None,
    nda: bool,
    principal_id: str | None,
) -> None:
    """Engages an auditor."""
    starts_at = run.now() if starts is None else parse_time_option(starts)
    with run.house() as house:
        change = house.policies.engage(
            acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER),
            auditor,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(days=days),
            nda_on_file=nda,
            stores=stores or None,
            classes=classes or None,
            dates_from=None if dates_from is None else parse_time_option(dates_from),
            dates_until=None if dates_until is None else parse_time_option(dates_until),
            event_id=run.new_id(),
        )
        grant = house.storage.log.commit(change).result
        calendar = house.policies.calendar
    if grant is not None:
        run.out.answer(
            grant_json(grant, run.now(), calendar),
            [f"{grant.id}  {auditor}  {time_json(grant.starts_at)} – {time_json(grant.ends_at)}"],
        )


@grant_group.command("list", help="Every engagement and broken glass, the newest first.")
@as_option
@command
def list_grants(run: Run, *, principal_id: str | None) -> None:
    """Lists access for a time."""
    with run.house() as house:
        reader = acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER)
        house.policies.require(reader, Action.GRANT_READ, Resource("grant"))
        grants, now, calendar = house.policies.grants(), run.now(), house.policies.calendar
    rows = [
        (grant.id, grant.kind.value, grant.principal, grant.state_at(now).value, time_json(grant.ends_at))
        for grant in grants
    ]
    run.out.answer(
        {"items": [grant_json(grant, now, calendar) for grant in grants]},
        [table(("id", "kind", "principal", "state", "until"), rows)],
    )


@grant_group.command(
    "end", help="End GRANT before its time: an engagement, or a broken glass, which whoever broke it closes too."
)
@click.argument("grant")
@as_option
@command
def end(run: Run, grant: str, *, principal_id: str | None) -> None:
    """Ends access for a time."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER)
        house.storage.log.commit(house.policies.end_grant(principal, grant, event_id=run.new_id()))
    run.out.answer({"ended": grant}, [grant])
