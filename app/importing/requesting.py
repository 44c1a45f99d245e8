"""A movement as the stock room's request: the last step before the log, with the stock room's own rules. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from app.importing.mapping import SkuRule
from app.importing.records import Movement, SkuDraft
from stock.members import money_of_decimal, parse_currency
from stock.parsing import parse_adjustment, parse_sku

if TYPE_CHECKING:
    from uuid import UUID

    from stock.requests import AdjustmentRequest, SkuRequest

NAME_CHARS_MAX: Final = 120


def adjustment_of(movement: Movement) -> AdjustmentRequest:
    """The request for a movement.

    Raises:
        InvalidRequest: a member breaks a rule of the stock room.
    """
    content: dict[str, object] = {
        "store": movement.store,
        "sku": movement.sku,
        "reason": movement.reason,
        "change": plain(movement.change),
    }
    if movement.batch is not None:
        content["batch"] = movement.batch
    if movement.expiry is not None:
        content["expiry"] = movement.expiry.isoformat()
    if movement.occurred_at is not None:
        content["occurred_at"] = movement.occurred_at.isoformat().replace("+00:00", "Z")
    for name in ("reference", "document", "note"):
        text = getattr(movement, name)
        if text is not None:
            content[name] = text
    if movement.unit_price is not None and movement.currency is not None:
        content["unit_price"] = _price(movement.unit_price, movement.currency)
    return parse_adjustment(content, event_id=movement.event_id)


def sku_request_of(draft: SkuDraft, rule: SkuRule, event_id: UUID) -> SkuRequest:
    """The request for a SKU the catalogue lacks; one whose name the file never says is named by its code.

    Raises:
        InvalidRequest: a member breaks a rule of the stock room.
    """
    name_zh, name_en = draft.name_zh[:NAME_CHARS_MAX], draft.name_en[:NAME_CHARS_MAX]
    content: dict[str, object] = {
        "code": draft.code,
        "name_zh": name_zh or name_en or draft.code,
        "name_en": name_en or name_zh or draft.code,
        "unit": rule.unit,
        "scale": rule.scale,
        "lot_tracking": rule.lot_tracking.value,
    }
    if draft.gtin is not None:
        content["gtin"] = draft.gtin
    return parse_sku(content, event_id=event_id)


def plain(number: Decimal) -> str:
    """A number as digits, without an exponent: what the stock room reads."""
    text = f"{number:f}"
    return "0" if text in {"-0", "+0"} else text.removeprefix("+")


def _price(amount: Decimal, currency: str) -> dict[str, object]:
    parse_currency(currency, ("unit_price", "currency"))
    money = money_of_decimal(plain(amount), currency, ("unit_price", "amount"))
    return {"amount": money.amount, "currency": money.currency}
