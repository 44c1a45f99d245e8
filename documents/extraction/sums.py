"""Arithmetic as a second witness: quantity x price = amount mends one misread of the three, and sums check the total.

A mended value must look like what was read: at most one digit other, gained or lost. What the sums confirm is marked, and
so is what they do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING, Final

from documents.extraction import lexicon
from documents.extraction.amounts import decimal_of, money, plain_decimal
from documents.extraction.charges import FULL
from documents.extraction.found import Found
from documents.extraction.model import EVIDENCE_ARITHMETIC, EVIDENCE_REPAIRED, Check, Money
from documents.extraction.plain import distance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from documents.extraction.charges import Charge
    from documents.extraction.header import Sum

CENT: Final = Decimal("0.01")
TOLERANCE: Final = Decimal("0.011")
"""A row's amount may be rounded to the cent."""
CHOICES_MAX: Final = 64


@dataclass(frozen=True, slots=True)
class Settled:
    """Rows after their arithmetic, the chosen sums, and what was tried."""

    rows: list[dict[str, Found]]
    sums: dict[str, Found]
    checks: tuple[Check, ...]
    total_holds: bool | None
    """None where there is no total, or no amounts to add."""


def _quantity(row: dict[str, Found]) -> Decimal | None:
    found = row.get("quantity")
    return Decimal(str(found.value)) if found is not None else None


def _amount(row: dict[str, Found], name: str) -> Decimal | None:
    found = row.get(name)
    return decimal_of(found.value) if found is not None and isinstance(found.value, Money) else None


def settle(
    rows: Sequence[dict[str, Found]], sums: Sequence[Sum], currency: str, charged: Sequence[tuple[Charge, ...]] = ()
) -> Settled:
    """Rows and sums with what arithmetic says about them. `charged`: what each row may be charged of its price, by default all."""
    mended: list[dict[str, Found]] = []
    checks: list[Check] = []
    extended = any("amount" in row for row in rows)
    for index, row in enumerate(rows):
        charges = charged[index] if charged else (FULL,)
        settled, check = _settle_row(dict(row), currency, f"rows/{index}/amount", charges)
        if not extended:
            settled.pop("amount", None)  # a list of prices has no amounts
        mended.append(settled)
        if check is not None:
            checks.append(check)
    chosen, total_check = _settle_total(mended, sums)
    if total_check is not None:
        checks.append(total_check)
        if total_check.holds:
            _confirm(mended, chosen)
    return Settled(mended, chosen, tuple(checks), None if total_check is None else total_check.holds)


def _settle_row(
    row: dict[str, Found], currency: str, path: str, charges: Sequence[Charge]
) -> tuple[dict[str, Found], Check | None]:
    quantity, price, amount = _quantity(row), _amount(row, "unit_price"), _amount(row, "amount")
    is_full = tuple(charges) == (FULL,)
    if quantity is not None and price is not None and amount is not None:
        dues = [charge.due(quantity, price) for charge in charges]
        due = next((one for one in dues if abs(one - amount) <= TOLERANCE), dues[0])
        if abs(due - amount) <= TOLERANCE:
            for name in ("quantity", "unit_price", "amount"):
                row[name] = row[name].with_evidence(EVIDENCE_ARITHMETIC)
            return row, Check(path, holds=True, expected=str(due), got=str(amount))
        # Of four figures nobody can tell which one was misread.
        repaired = _repair(row, quantity, price, amount, currency) if is_full else None
        if repaired is not None:
            return repaired, Check(path, holds=True, expected=str(_product(repaired)), got=str(amount))
        return row, Check(path, holds=False, expected=str(due), got=str(amount))
    if is_full:
        _fill(row, quantity, price, amount, currency)
    return row, None


def _product(row: dict[str, Found]) -> Decimal:
    return (_quantity(row) or Decimal(0)) * (_amount(row, "unit_price") or Decimal(0))


def _fill(
    row: dict[str, Found], quantity: Decimal | None, price: Decimal | None, amount: Decimal | None, currency: str
) -> None:
    """The one of three that was not read, where the other two give it exactly. Always looked at by a person."""
    evidence = (EVIDENCE_ARITHMETIC, EVIDENCE_REPAIRED)
    if quantity is None and price and amount is not None and (amount / price) % 1 == 0 and amount >= price:
        row["quantity"] = Found(plain_decimal(amount / price), "", 0.5, (), evidence, doubtful=True)
    elif price is None and quantity and amount is not None and (amount / quantity).quantize(CENT) * quantity == amount:
        row["unit_price"] = Found(money(amount / quantity, currency), "", 0.5, (), evidence, doubtful=True)
    elif amount is None and quantity is not None and price is not None:
        row["amount"] = Found(money((quantity * price).quantize(CENT), currency), "", 0.5, (), evidence, doubtful=True)


def _looks_like(read: Decimal, other: Decimal) -> bool:
    """Whether two figures differ by at most one digit that was misread, gained or lost."""
    one, two = (str(value.quantize(CENT)).replace(".", "") for value in (read, other))
    return distance(one, two, 1) <= 1 or one.rstrip("0") == two.rstrip("0")


def _repair(
    row: dict[str, Found], quantity: Decimal, price: Decimal, amount: Decimal, currency: str
) -> dict[str, Found] | None:
    """The row with its least sure figure mended, if exactly one way of mending looks like what was read."""
    ways: list[tuple[float, str, Found]] = []
    product_ = (quantity * price).quantize(CENT)
    if _looks_like(amount, product_):
        ways.append((row["amount"].sure, "amount", _mended(row["amount"], money(product_, currency))))
    if (
        quantity
        and (price_found := (amount / quantity).quantize(CENT)) * quantity == amount
        and _looks_like(price, price_found)
    ):
        ways.append((row["unit_price"].sure, "unit_price", _mended(row["unit_price"], money(price_found, currency))))
    if price and amount % price == 0:
        counted = amount / price
        if 0 < counted < 1_000_000 and distance(plain_decimal(counted), plain_decimal(quantity), 1) <= 1:
            ways.append((row["quantity"].sure, "quantity", _mended(row["quantity"], plain_decimal(counted))))
    if not ways:
        return None
    ways.sort(key=lambda way: way[0])
    sure, name, found = ways[0]
    others = [row[one].sure for one in ("quantity", "unit_price", "amount") if one != name]
    if sure > min(others) or (len(ways) > 1 and ways[1][0] - sure < 0.1):
        return None
    repaired = dict(row)
    repaired[name] = found
    for one in ("quantity", "unit_price", "amount"):
        repaired[one] = repaired[one].with_evidence(EVIDENCE_ARITHMETIC)
    return repaired


def _mended(found: Found, value: str | Money) -> Found:
    return Found(
        value,
        found.raw,
        found.sure,
        found.tokens,
        (*found.evidence, EVIDENCE_ARITHMETIC, EVIDENCE_REPAIRED),
        doubtful=True,
    )


def _settle_total(rows: Sequence[dict[str, Found]], sums: Sequence[Sum]) -> tuple[dict[str, Found], Check | None]:
    """The labelled sums that fit together, and whether they do."""
    by_role = {
        role: [one for one in sums if one.role == role]
        for role in (lexicon.TOTAL, lexicon.SUBTOTAL, lexicon.DISCOUNT, lexicon.FREIGHT, lexicon.TAX)
    }
    amounts = [_amount(row, "amount") for row in rows]
    added = sum((amount for amount in amounts if amount is not None), Decimal(0))
    complete = bool(rows) and all(amount is not None for amount in amounts)
    totals = sorted(by_role[lexicon.TOTAL], key=lambda one: one.below_table)
    extras = [by_role[lexicon.DISCOUNT], by_role[lexicon.FREIGHT], by_role[lexicon.TAX]]
    choices = list(product(*([*part[:3], None] for part in extras)))[:CHOICES_MAX]
    # Only the lowest total is the total: an upper one that fits says nothing of a wrong one under it.
    for total in totals[-1:]:
        for choice in choices:
            due = added - abs(_of(choice[0])) + _of(choice[1]) + _of(choice[2])
            if complete and abs(due - abs(total.value)) <= TOLERANCE:
                chosen = _named(total, choice, by_role[lexicon.SUBTOTAL], added)
                return chosen, Check("total", holds=True, expected=str(due), got=str(total.value))
    if not totals:
        # A lone subtotal may be all there is, or what is left where the total could not be read: a person says which.
        subtotals = by_role[lexicon.SUBTOTAL]
        return ({"total": subtotals[-1].found} if subtotals else {}), None
    total = totals[-1]
    first = tuple(part[-1] if part else None for part in extras)
    chosen = _named(total, first, by_role[lexicon.SUBTOTAL], added)
    if not complete:
        return chosen, None
    due = added - abs(_of(first[0])) + _of(first[1]) + _of(first[2])
    return chosen, Check("total", holds=False, expected=str(due), got=str(total.value))


def _of(one: Sum | None) -> Decimal:
    return one.value if one is not None else Decimal(0)


def _named(total: Sum, extras: Sequence[Sum | None], subtotals: Sequence[Sum], added: Decimal) -> dict[str, Found]:
    chosen = {"total": total.found}
    for name, one in zip(("discount", "freight"), extras, strict=False):
        if one is not None:
            value = one.found.value
            positive = Money(abs(value.amount), value.currency) if isinstance(value, Money) else value
            chosen[name] = Found(
                positive, one.found.raw, one.found.sure, one.found.tokens, one.found.evidence, one.found.doubtful
            )
    subtotal = next((one for one in subtotals if one is not total and abs(one.value - added) <= TOLERANCE), None)
    subtotal = subtotal or next((one for one in subtotals if one is not total), None)
    if subtotal is not None:
        chosen["subtotal"] = subtotal.found
    return chosen


def _confirm(rows: Sequence[dict[str, Found]], chosen: dict[str, Found]) -> None:
    for name, found in chosen.items():
        chosen[name] = found.with_evidence(EVIDENCE_ARITHMETIC)
    for row in rows:
        row["amount"] = row["amount"].with_evidence(EVIDENCE_ARITHMETIC)
