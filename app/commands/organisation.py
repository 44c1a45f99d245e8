"""Areas and stores."""

from __future__ import annotations

from dataclasses import asdict

import rich_click as click

from app.commands.base import Run, acting_principal, as_option, command, group
from app.commands.output import table
from policies.model import NegativeStockRule, Role


@group("area")
def area_group() -> None:
    """Groups the commands of areas."""


@group("store")
def store_group() -> None:
    """Groups the commands of stores."""


@area_group.command("add", help="Add an area.")
@click.argument("code")
@click.option("--name-zh", required=True, help="Its name in Chinese.")
@click.option("--name-en", required=True, help="Its name in English.")
@as_option
@command
def add_area(run: Run, code: str, name_zh: str, name_en: str, principal_id: str | None) -> None:
    """Adds an area."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        committed = house.storage.log.commit(
            house.policies.create_area(principal, code=code, name_zh=name_zh, name_en=name_en, event_id=run.new_id())
        )
    run.out.answer({"area": code, "entry": committed.receipt.index}, f"area {code}: entry {committed.receipt.index}")


@area_group.command("list", help="List areas.")
@command
def list_areas(run: Run) -> None:
    """Lists areas."""
    with run.house() as house:
        areas = sorted(house.policies.directory().areas.values(), key=lambda area: area.code)
    rows = [(area.code, area.name_zh, area.name_en) for area in areas]
    run.out.answer({"areas": [asdict(area) for area in areas]}, table(("code", "中文", "English"), rows))


@store_group.command("add", help="Add a store to an area.")
@click.argument("code")
@click.option("--area", required=True, help="The code of its area.")
@click.option("--name-zh", required=True, help="Its name in Chinese.")
@click.option("--name-en", required=True, help="Its name in English.")
@click.option(
    "--negative-stock",
    type=click.Choice([rule.value for rule in NegativeStockRule]),
    default=NegativeStockRule.REFUSE.value,
    show_default=True,
    help="Whether its stock may go below zero.",
)
@as_option
@command
def add_store(
    run: Run, code: str, area: str, name_zh: str, name_en: str, negative_stock: str, principal_id: str | None
) -> None:
    """Adds a store."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        committed = house.storage.log.commit(
            house.policies.create_store(
                principal,
                code=code,
                area=area,
                name_zh=name_zh,
                name_en=name_en,
                negative_stock=NegativeStockRule(negative_stock),
                event_id=run.new_id(),
            )
        )
    run.out.answer({"store": code, "entry": committed.receipt.index}, f"store {code}: entry {committed.receipt.index}")


@store_group.command("approval", help="Set above how many units a movement of stock waits for another person.")
@click.argument("code")
@click.option("--above", type=click.IntRange(min=0), help="Whole units of a SKU; left out, nothing waits.")
@as_option
@command
def set_approval(run: Run, code: str, above: int | None, principal_id: str | None) -> None:
    """Sets a store's threshold."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        change = house.policies.set_approval(principal, code, above, event_id=run.new_id())
        index = house.storage.log.commit(change).receipt.index
    run.out.answer({"store": code, "approval_above": above, "entry": index}, f"store {code}: entry {index}")


@store_group.command("list", help="List stores.")
@command
def list_stores(run: Run) -> None:
    """Lists stores."""
    with run.house() as house:
        stores = sorted(house.policies.directory().stores.values(), key=lambda store: store.code)
    rows = [
        (store.code, store.area, store.name_zh, store.name_en, store.negative_stock.value, store.approval_above)
        for store in stores
    ]
    headers = ("code", "area", "中文", "English", "negative stock", "approval above")
    run.out.answer({"stores": [asdict(store) for store in stores]}, table(headers, rows))
