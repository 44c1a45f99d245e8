"""`stock`: balances against the log."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import rich_click as click

from api.shrinkage_shapes import quantity_text, shrinkage_csv, shrinkage_json, shrinkage_lines
from app.commands.base import Run, acting_principal, as_option, command, group
from app.commands.output import table
from app.exits import ExitCode, Refused
from policies.model import Role
from stock.shrinkage.model import By, ShrinkageRequest

SHOWN_MAX = 200
_MONTH = click.DateTime(["%Y-%m"])


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
    text.append(f"disagreements: {len(found)}")
    run.out.answer(document, text)
    return ExitCode.FAULTS


@stock_group.command("shrinkage", help="What went missing in whole months; figures of too few people are suppressed.")
@click.option("--from", "first", type=_MONTH, required=True, help="The first month, such as 2026-10.")
@click.option("--to", "last", type=_MONTH, required=True, help="The last month.")
@click.option(
    "--by",
    type=click.Choice([one.value for one in By]),
    default=By.STORE.value,
    show_default=True,
    help="What the figures are summed by.",
)
@click.option("--store", help="Only this store.")
@click.option(
    "--csv", "csv_file", type=click.Path(dir_okay=False, path_type=Path), help="Write it to a new file as CSV."
)
@as_option
@command
def shrinkage(
    run: Run,
    first: datetime,
    last: datetime,
    by: str,
    store: str | None,
    csv_file: Path | None,
    principal_id: str | None,
) -> None:
    """Reports shrinkage."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        asked = ShrinkageRequest(By(by), first.date(), last.date(), store)
        with house.storage.database.read() as connection:
            found = house.stock.shrinkage(principal, connection, asked)
        form = "json" if csv_file is None else "csv"
        # Who takes it out is in the log before anything leaves.
        house.storage.log.commit(house.stock.shrinkage_taken(principal, asked, found, form, event_id=run.new_id()))
    if csv_file is not None:
        try:
            with csv_file.open("xb") as file:
                file.write(shrinkage_csv(found))
        except FileExistsError as error:
            msg = f"csv: expected a new file, got {csv_file.name}, which is there already"
            raise Refused(msg, f"csv：須為新檔案，但 {csv_file.name} 已經存在") from error
    rows = [
        (*place, *(("-", "-") if figure is None else (figure.movements, quantity_text(figure.quantity))))
        for place, figure in shrinkage_lines(found)
    ]
    text = [table(("store", by, "movements", "units"), rows)]
    if found.suppressed:
        text.append(
            f"{found.suppressed} figures are suppressed: of fewer than {found.persons_min} people, or giving one away"
        )
    run.out.answer(shrinkage_json(found), text)


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
