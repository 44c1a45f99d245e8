"""What a column of discounts leaves of a row's price: a share, an amount off the row, or one off each unit.

A figure alone may be any of the three; the one that the row's amount bears out is meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from documents.extraction.amounts import parse_number
from documents.extraction.plain import tidy

_PER_CENT_OFF: Final = re.compile(r"-?([0-9]{1,2}(?:\.[0-9]{1,2})?) ?%(?: off)?")
_TENTHS: Final = re.compile(r"([1-9][0-9]?) ?折")
"""九折 is a tenth off: what is left is told, 9折 or 95折."""
_HUNDRED: Final = 100


@dataclass(frozen=True, slots=True)
class Charge:
    """How a row's amount comes of its quantity and price."""

    share: Decimal = Decimal(1)
    off: Decimal = Decimal(0)
    each: Decimal = Decimal(0)

    def due(self, quantity: Decimal, price: Decimal) -> Decimal:
        """What the row should come to."""
        return quantity * (price - self.each) * self.share - self.off


FULL: Final = Charge()


def read_charges(text: str) -> tuple[Charge, ...]:
    """What the cell of a discount may mean, likeliest first."""
    text = tidy(text)
    off, left = _PER_CENT_OFF.fullmatch(text), _TENTHS.fullmatch(text)
    if off is not None:
        return (Charge(share=1 - Decimal(off.group(1)) / _HUNDRED),)
    if left is not None:
        return (Charge(share=Decimal(left.group(1)) / 10 ** len(left.group(1))),)
    number = parse_number(text)
    value = abs(number.value) if number is not None else Decimal(0)
    if not value:
        return (FULL,)
    # 9, 9.5, 95 and 0.9 in a column headed 折 are what is left.
    shares = (1 - value / _HUNDRED, value / 10, value / _HUNDRED, value)
    return (Charge(off=value), Charge(each=value), *(Charge(share=share) for share in shares if 0 < share < 1))
