"""`lots`: what expires, what to take first, where a lot has been."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import rich_click as click

from api.lot_shapes import COLUMNS, csv_line, movement_json, picking_json, recall_json
from api.shapes import lot_balance_json
from app.commands.base import Run, acting_principal, as_option, command, group
from app.commands.output import table
from app.exits import ExitCode, Refused
from app.os_words import reason_of
from app.wiring import House
from policies.model import Action, Principal, Resource, Role
from policies.quota import HONG_KONG
from stock.lots.model import DAYS_DEFAULT, HORIZON_DAYS_MAX
from stock.model import Lot

CHUNK = 1_000
LISTED_MAX = 10_000


@group("lots")
def lots_group() -> None:
    """Groups the commands of lots."""


@lots_group.command("expiring", help="What is on the shelves of lots that expire soon.")
@click.option(
    "--days",
    type=click.IntRange(0, HORIZON_DAYS_MAX),
    default=DAYS_DEFAULT,
    show_default=True,
    help="Within so many days.",
)
@click.option("--store", help="Only of this store.")
@click.option("--sku", help="Only of this SKU.")
@as_option
@command
def expiring(run: Run, days: int, store: str | None, sku: str | None, principal_id: str | None) -> ExitCode:
    """Lists what expires."""
    by = run.now().astimezone(HONG_KONG).date() + timedelta(days=days)
    with run.house() as house, house.storage.database.read() as connection:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        page = house.stock.expiring_lots(principal, connection, by=by, store=store, sku=sku, limit=CHUNK)
        found = list(page.items)
        while page.next is not None and len(found) < LISTED_MAX:
            page = house.stock.expiring_lots(
                principal, connection, by=by, store=store, sku=sku, after=page.next, limit=CHUNK
            )
            found += page.items
    rows = [(lot.expiry.isoformat(), lot.store, lot.sku, lot.batch, lot.quantity) for lot in found]
    run.out.answer(
        {"by": by.isoformat(), "items": [lot_balance_json(lot) for lot in found], "whole": page.next is None},
        table(("expiry", "store", "sku", "batch", "quantity"), rows),
    )
    return ExitCode.OK


@lots_group.command(
    "pick", help="Which lots to take for a quantity (an integer at the SKU's scale), first expired first out."
)
@click.argument("store")
@click.argument("sku")
@click.argument("quantity", type=int)
@click.option(
    "--days-left",
    type=click.IntRange(0, HORIZON_DAYS_MAX),
    default=0,
    show_default=True,
    help="Must last so many days more.",
)
@as_option
@command
def pick(run: Run, store: str, sku: str, quantity: int, days_left: int, principal_id: str | None) -> ExitCode:
    """Suggests."""
    today = run.now().astimezone(HONG_KONG).date()
    with run.house() as house, house.storage.database.read() as connection:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        found = house.stock.picking(
            principal, connection, store=store, sku=sku, quantity=quantity, today=today, days_left=days_left
        )
    rows = [(take.batch, take.expiry or "", take.quantity, take.left) for take in found.takes]
    text = [table(("batch", "expiry", "take", "left"), rows)]
    if found.missing:
        text.append(f"{found.missing} missing")
    run.out.answer(picking_json(found), text)
    return ExitCode.FAULTS if found.missing else ExitCode.OK


@lots_group.command("recall", help="Where a lot has been: every store, movement and document; to a file with --out.")
@click.argument("sku")
@click.argument("batch")
@click.option(
    "--out",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A new .ndjson or .csv file for every movement.",
)
@as_option
@command
def recall(run: Run, sku: str, batch: str, target: Path | None, principal_id: str | None) -> ExitCode:
    """Recalls."""
    if target is not None and target.suffix not in {".ndjson", ".csv"}:
        msg = f"file: expected a name ending in .ndjson or .csv, got {target.name}"
        raise Refused(msg, f"檔案：名稱須以 .ndjson 或 .csv 結尾，現為 {target.name}")
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        with house.storage.database.read() as connection:
            found = house.stock.recall(principal, connection, sku, batch)
            linked = house.documents.evidence_for(principal, connection, found.indexes)
        if target is not None:
            decision = house.policies.require(principal, Action.STOCK_READ, Resource("lot"))
            detail = {"batch": batch, "sku": sku, "format": target.suffix[1:]}
            house.storage.log.commit(house.policies.record_read(decision, event_id=run.new_id(), detail=detail))
            _write(house, principal, found.lot, target)
    rows = [(at.store, at.quantity, at.received, at.issued, at.movements) for at in found.stores]
    text = [table(("store", "there now", "received", "issued", "movements"), rows)]
    told = recall_json(found, linked)
    text.append(f"documents: {', '.join(told['documents']) or 'none'}; papers: {', '.join(found.references) or 'none'}")
    run.out.answer(told, text)
    return ExitCode.OK


def _write(house: House, principal: Principal, lot: Lot, target: Path) -> None:
    """Writes every movement to a new file.

    Raises:
        Refused: the file is there already, or cannot be made.
    """
    as_csv = target.suffix == ".csv"
    try:
        with target.open("xb") as out, house.storage.database.read() as connection:
            if as_csv:
                out.write(csv_line(COLUMNS))
            after: int | None = None
            while True:
                page = house.stock.lot_movements(principal, connection, lot.sku, lot.batch, after=after, limit=CHUNK)
                for movement in page.items:
                    shape = movement_json(movement, lot.sku, lot.batch)
                    line = csv_line([shape.get(name, "") for name in COLUMNS]) if as_csv else dumps(shape)
                    out.write(line)
                if page.next is None:
                    return
                after = int(page.next[0])
    except OSError as error:
        msg = f"file: expected to make {target}, got: {error.strerror}"
        raise Refused(msg, f"檔案：未能建立 {target}（{reason_of(error).zh}）") from error


def dumps(shape: dict[str, Any]) -> bytes:
    """One line of NDJSON."""
    return json.dumps(shape, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
