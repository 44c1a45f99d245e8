"""Exact quantities: a decimal as it was written, and integers at a SKU's scale.

- A quantity is sent as a whole number (`-2` is two units less) or as decimal text (`"1.5"`); a float is refused.
- Stored, logged and added is only the integer at the SKU's scale: 1.5 at scale 3 is 1500.
- An integer at scale never leaves plus or minus `QUANTITY_MAX`, so that every sum of a log entry stays exact
  in JSON (RFC 8785 profile: 2^53-1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from policies.refusals import Path
from stock.errors import Code, InvalidRequest

SCALE_MAX: Final = 6
QUANTITY_MAX: Final = 10**15 - 1
"""Largest quantity or balance, as an integer at its scale, either way."""

_WHOLE_MAX: Final = 10**15 - 1
_POWERS: Final[tuple[int, ...]] = tuple(10**places for places in range(SCALE_MAX + 1))
_DECIMAL = re.compile(r"(-?)(0|[1-9][0-9]{0,14})(?:\.([0-9]{1,12}))?")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A decimal number, `coefficient` / 10^`places`, with no trailing zero."""

    coefficient: int
    places: int = 0

    def __str__(self) -> str:
        """The number as a person writes it."""
        return format_scaled(self.coefficient, self.places)

    def at_scale(self, scale: int, path: Path) -> int:
        """The integer that stands for this number at `scale`.

        Raises:
            InvalidRequest: it has more decimal places than the scale, or is too large.
        """
        if self.places > scale:
            raise InvalidRequest(Code.QUANTITY_TOO_PRECISE, path, {"scale": scale})
        scaled = self.coefficient * _POWERS[scale - self.places]
        if not -QUANTITY_MAX <= scaled <= QUANTITY_MAX:
            raise InvalidRequest(Code.QUANTITY_TOO_LARGE, path, {"max": format_scaled(QUANTITY_MAX, scale)})
        return scaled


def parse_quantity(value: object, path: Path) -> Quantity:
    """Read a quantity as it comes from JSON or a file.

    Raises:
        InvalidRequest: a float, another kind of value, text that is no plain decimal, or too large.
    """
    if type(value) is int:
        if not -_WHOLE_MAX <= value <= _WHOLE_MAX:
            raise InvalidRequest(Code.QUANTITY_TOO_LARGE, path, {"max": str(_WHOLE_MAX)})
        return _whole(value)
    if isinstance(value, float):
        raise InvalidRequest(Code.NUMBER_IS_FLOAT, path)
    match = _DECIMAL.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise InvalidRequest(Code.QUANTITY_FORM, path)
    sign, whole, fraction = match.groups("")
    fraction = fraction.rstrip("0")
    return Quantity(int(sign + whole + fraction), len(fraction))


@lru_cache(maxsize=1024)
def _whole(value: int) -> Quantity:
    """Most movements are of a few pieces."""
    return Quantity(value)


def format_scaled(scaled: int, scale: int) -> str:
    """An integer at a scale as decimal text: 1500 at 3 is `1.500`, without the zeros nobody wrote at scale 0."""
    if scale == 0:
        return str(scaled)
    digits = f"{abs(scaled):0{scale + 1}}"
    return f"{'-' if scaled < 0 else ''}{digits[:-scale]}.{digits[-scale:]}"
