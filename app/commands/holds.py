"""`hold`: matters for which records stay, placed by one person and released by two."""

from __future__ import annotations

from datetime import datetime

import rich_click as click

from api.retention_shapes import matter_json, record_json
from app.commands.base import Run, acting_principal, as_option, command, group
from app.commands.output import table
from app.exits import ExitCode
from policies.model import Role
from retention.model import HoldKind
from retention.requests import HoldRequest, ReasonRequest, WidenRequest, parse, parse_record

LISTED_MAX = 500
_DAY = click.DateTime(["%Y-%m-%d"])


@group("hold")
def hold_group() -> None:
    """Groups the commands of holds."""


@hold_group.command("list", help="Matters for which something is held.")
@click.option("--all", "everything", is_flag=True, help="Released ones too.")
@as_option
@command
def list_holds(run: Run, *, everything: bool, principal_id: str | None) -> ExitCode:
    """Lists matters."""
    with run.house() as house, house.storage.database.read() as connection:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        standing = None if everything else True
        found = house.retention.matters(principal, connection, standing=standing, limit=LISTED_MAX)
    rows = [(one.number, one.kind.value, one.placed_on.isoformat(), one.released_on or "") for one in found]
    items = [matter_json(one) for one in found]
    run.out.answer({"items": items}, table(("matter", "kind", "placed", "released"), rows))
    return ExitCode.OK


@hold_group.command("show", help="A matter and the records it names.")
@click.argument("matter")
@as_option
@command
def show(run: Run, matter: str, principal_id: str | None) -> ExitCode:
    """Shows a matter."""
    with run.house() as house, house.storage.database.read() as connection:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        found = house.retention.matter(principal, connection, matter)
        records = house.retention.matter_records(principal, connection, matter, limit=LISTED_MAX)
    document = {**matter_json(found), "records": [record_json(one) for one in records]}
    state = "holds" if found.released_on is None else f"released on {found.released_on}"
    run.out.answer(document, [f"{matter}: {state}, placed on {found.placed_on}", *(one.key for one in records)])
    return ExitCode.OK


@hold_group.command("place", help="Hold records: those named, and whatever fits, whenever it comes.")
@click.argument("matter")
@click.option(
    "--kind",
    type=click.Choice([one.value for one in HoldKind]),
    default=HoldKind.LEGAL.value,
    show_default=True,
    help="What asks for it.",
)
@click.option("--reason", required=True, help="Why; kept sealed.")
@click.option("--counsel", help="Who advises; kept sealed.")
@click.option("--contemplated-on", type=_DAY, help="When proceedings were first in contemplation.")
@click.option("--review-on", type=_DAY, help="When to ask whether it is still needed.")
@click.option("--record", "records", multiple=True, help="document:…; may be repeated.")
@click.option("--sku", "skus", multiple=True, help="Whatever speaks of this SKU.")
@click.option("--store", "stores", multiple=True, help="Whatever is of this store.")
@click.option("--supplier", "suppliers", multiple=True, help="Whatever is of this supplier.")
@click.option("--class", "classes", multiple=True, help="Whatever is of this class.")
@click.option("--since", type=_DAY, help="Whatever came, or is dated, on this day or later.")
@click.option("--until", type=_DAY, help="Whatever came, or is dated, on this day or before.")
@as_option
@command
def place(
    run: Run,
    /,
    matter: str,
    kind: str,
    reason: str,
    counsel: str | None,
    contemplated_on: datetime | None,
    review_on: datetime | None,
    records: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    principal_id: str | None,
    **fitting: tuple[str, ...],
) -> ExitCode:
    """Places a hold."""
    query: dict[str, object] = {name: list(codes) for name, codes in fitting.items() if codes}
    query |= {name: _text(day) for name, day in (("since", since), ("until", until)) if day is not None}
    content = {
        "matter": matter,
        "kind": str(kind),
        "reason": reason,
        "counsel": counsel,
        "contemplated_on": _text(contemplated_on),
        "review_on": _text(review_on),
        "records": [record_json(parse_record(text)) for text in records],
        "query": query or None,
    }
    request = parse(HoldRequest, content, event_id=run.new_id())
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER)
        index = house.storage.log.commit(house.retention.place_hold(principal, request)).receipt.index
    run.out.answer({"matter": matter, "entry": index}, f"{matter}: entry {index}")
    return ExitCode.OK


@hold_group.command("widen", help="Name more records for a matter.")
@click.argument("matter")
@click.argument("records", nargs=-1, required=True)
@as_option
@command
def widen(run: Run, matter: str, records: tuple[str, ...], principal_id: str | None) -> ExitCode:
    """Widens a hold."""
    content = {"records": [record_json(parse_record(text)) for text in records]}
    request = parse(WidenRequest, content, event_id=run.new_id())
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER)
        index = house.storage.log.commit(house.retention.widen_hold(principal, matter, request)).receipt.index
    run.out.answer({"matter": matter, "entry": index}, f"{matter}: entry {index}")
    return ExitCode.OK


@hold_group.command("release", help="Propose to release a matter; it holds until another person approves.")
@click.argument("matter")
@click.option("--reason", required=True, help="Why; kept sealed.")
@as_option
@command
def release(run: Run, matter: str, reason: str, principal_id: str | None) -> ExitCode:
    """Proposes a release."""
    request = parse(ReasonRequest, {"reason": reason}, event_id=run.new_id())
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER)
        pending = house.storage.log.commit(house.retention.propose_release(principal, matter, request)).result
    if pending is not None:
        run.out.answer({"matter": matter, "pending": pending.id}, f"{matter}: waits as {pending.id}")
    return ExitCode.OK


@hold_group.command("approve", help="Approve the release that another person proposed.")
@click.argument("matter")
@click.argument("pending")
@as_option
@command
def approve(run: Run, matter: str, pending: str, principal_id: str | None) -> ExitCode:
    """Approves a release."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.COMPLIANCE_OFFICER)
        change = house.retention.approve_release(principal, matter, pending, event_id=run.new_id())
        index = house.storage.log.commit(change).receipt.index
    run.out.answer({"matter": matter, "entry": index}, f"{matter}: released, entry {index}")
    return ExitCode.OK


def _text(day: datetime | None) -> str | None:
    return None if day is None else f"{day:%Y-%m-%d}"
