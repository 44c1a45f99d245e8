"""What stands on one drawn paper: its number and date, and the goods with their codes, lots and prices."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from biip.checksums import gs1_standard_check_digit

from benchmarks import paper_words as words

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


def dated(day: date, form: str) -> str:
    return {
        "iso": day.isoformat(),
        "slashes": f"{day.day:02}/{day.month:02}/{day.year}",
        "dots": f"{day.year}.{day.month:02}.{day.day:02}",
        "words": f"{day.day:02} {MONTHS[day.month - 1]} {day.year}",
        "dashes": f"{day.day:02}-{MONTHS[day.month - 1].title()}-{day.year}",
        "chinese": f"{day.year}年{day.month}月{day.day}日",
    }[form]


def number_of(chance: random.Random, kind: str, day: date) -> str:
    prefix = chance.choice(
        {
            "purchase_order": ("PO", "PO-", "HPO"),
            "delivery_note": ("DN", "DO-", "D", "WF"),
            "return_note": ("RN-", "RTV", "GR-"),
            "invoice": ("INV", "SI-", "IN", "HD/"),
            "inspection_report": ("QC-", "IR", "R"),
            "contract": ("SC-", "CT", "C/"),
        }[kind]
    )
    body = chance.choice(
        (
            f"{day:%y%m}-{chance.randrange(1000, 9999)}",
            f"{day:%Y}-{chance.randrange(100, 9999):04}",
            f"{day:%y%m%d}{chance.randrange(10, 99)}",
            f"{chance.randrange(10_000, 999_999)}",
        )
    )
    return prefix + body


def code_of(chance: random.Random, form: int) -> str:
    if form == 0:
        digits = "489" + "".join(chance.choices("0123456789", k=9))
        return digits + str(gs1_standard_check_digit(digits))
    return (
        "".join(chance.choices("ABCDEFGHJKLMNPRSTW", k=2)) + f"-{chance.randrange(1000, 99_999)}",
        f"{chance.randrange(100_000, 9_999_999)}",
        f"{chance.choice('ABCKMTW')}{chance.randrange(100, 999)}-{chance.randrange(10, 99)}",
    )[form - 1]


def lot_of(chance: random.Random, day: date) -> str:
    letter = chance.choice("ABCDEHKLMT")
    return chance.choice(
        (
            f"{letter}{day:%y%m}{chance.randrange(10, 99)}",
            f"{day:%y}{letter}{chance.randrange(100, 999)}",
            f"{chance.randrange(1000, 9999)}-{letter}{chance.randrange(1, 9)}",
            f"L{chance.randrange(100_000, 999_999)}",
            f"{chance.randrange(10_000, 99_999)}{letter}",
        )
    )


def items_of(chance: random.Random, kind: str, day: date, *, priced: bool, lots: bool) -> list[dict[str, Any]]:
    form, items = chance.randrange(4), []
    for line, (name, units, perishes) in enumerate(chance.sample(words.GOODS, chance.randrange(2, 11))):
        size, quantity = chance.choice(words.SIZES), chance.choice((1, 2, 3, 5, 6, 8, 10, 12, 20, 24, 36, 48, 100, 144))
        price = Decimal(chance.randrange(200, 24_000)).scaleb(-2)
        dies = day + timedelta(days=chance.randrange(40, 900))
        items.append(
            {
                "line_no": line + 1,
                "sku": code_of(chance, form),
                "desc": [f"{name[0]} {size}", f"{name[1]} {size}"],
                "qty": quantity,
                "unit": list(chance.choice(units)),
                "unit_price": str(price) if priced else None,
                "amount": str(price * quantity) if priced else None,
                "batch": lot_of(chance, day) if lots and perishes else None,
                "expiry": dies.isoformat() if lots and perishes else None,
            }
        )
        if kind == "inspection_report":
            items[-1]["result"], items[-1]["_result"] = chance.choice(words.RESULTS)
        if kind == "return_note" and not priced:
            items[-1]["reason"] = list(chance.choice(words.REASONS))
    return items
