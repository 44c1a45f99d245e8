"""`stock`: balances against the log."""

from __future__ import annotations

from dataclasses import asdict

import rich_click as click

from app.commands.base import Run, acting_principal, as_option, command, group
from app.commands.output import table
from app.exits import ExitCode
from policies.model import Role

SHOWN_MAX = 200


@group("stock")
def stock_group() -> None:
    """Groups the commands of stock."""


@stock_group.command("reconcile", help="Make every balance again from the entries, and name each that disagrees.")
@command
def reconcile(run: Run) -> ExitCode:
    """Reconciles."""
    with run.house() as house, run.out.progress("reconciling") as step, house.storage.database.read() as connection:
        found = house.stock.reconcile(connection, step)
        size = house.storage.log.head().size
    document = {"size": size, "disagreements": [asdict(item) for item in found]}
    if not found:
        run.out.answer(document, f"every balance is what {size} entries make it")
        return ExitCode.OK
    rows = [
        (item.kind.value, item.store, item.sku, item.batch or "", item.expected, item.found, item.index)
        for item in found[:SHOWN_MAX]
    ]
    text = [table(("kind", "store", "sku", "batch", "expected", "found", "entry"), rows)]
    text.append(f"{len(found)} disagreements")
    run.out.answer(document, text)
    return ExitCode.FAULTS


@stock_group.command("approve", help="Approve a movement that waits for another person, which applies it.")
@click.argument("pending")
@as_option
@command
def approve(run: Run, pending: str, principal_id: str | None) -> None:
    """Approves a movement."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.AREA_MANAGER)
        change = house.stock.approve_adjustment(principal, pending, event_id=run.new_id(), now=house.clock())
        index = house.storage.log.commit(change).receipt.index
    run.out.answer({"pending": pending, "entry": index}, f"{pending}: applied, entry {index}")
