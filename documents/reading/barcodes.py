"""Barcodes of a page, and what a GS1 string in one says.

A GTIN whose check digit is wrong makes the whole string untrusted: then `gs1` is None. A plain EAN or UPC counts as a
GTIN alone. GS1 dates whose day is 00 mean the last day of the month (GS1 General Specifications, section 3.4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import biip
import zxingcpp

from documents.reading.model import Barcode, Gs1

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BARCODES_MAX: Final = 64
TEXT_MAX: Final = 4096
RETAIL: Final = frozenset({"EAN13", "EAN8", "UPCA", "UPCE", "ITF14"})


def read_barcodes(image: NDArray[np.uint8]) -> tuple[Barcode, ...]:
    """The codes on a picture, at most 64."""
    found = []
    for code in zxingcpp.read_barcodes(image)[:BARCODES_MAX]:
        if not code.valid or not code.text or len(code.text) > TEXT_MAX:
            continue
        at = code.position
        corners = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
        a, b, c, d = ((int(point.x), int(point.y)) for point in corners)
        kind = str(code.format).rpartition(".")[2].replace(" ", "").replace("-", "")
        found.append(Barcode(format=kind, text=code.text, quad=(a, b, c, d), gs1=parse_gs1(code.text)))
    return tuple(found)


def parse_gs1(text: str) -> Gs1 | None:
    """What a code's text says by the GS1 rules, or None if it is no GS1 string with valid check digits."""
    text = text.strip().replace("(", "").replace(")", "") if text.startswith("(") else text.strip()
    try:
        parsed: Any = biip.parse(text)
    except (biip.ParseError, ValueError, IndexError, OverflowError):
        return None
    gtin: str | None = parsed.gtin.as_gtin_14() if parsed.gtin is not None else None
    if parsed.gs1_message is None:
        return Gs1(gtin=gtin) if gtin is not None else None
    said: dict[str, Any] = {}
    for element in parsed.gs1_message.element_strings:
        if element.gtin_error is not None:
            return None
        said[element.ai.ai] = element
    if gtin is None and not {"17", "15", "10"} & said.keys():
        return None  # digits that happen to begin like an identifier
    return Gs1(
        gtin=gtin,
        batch=said["10"].value if "10" in said else None,
        expiry=_day(said.get("17")),
        best_before=_day(said.get("15")),
        serial=said["21"].value if "21" in said else None,
        count=_count(said.get("37") or said.get("30")),
    )


def _day(element: Any) -> str | None:
    return element.date.isoformat() if element is not None and element.date is not None else None


def _count(element: Any) -> int | None:
    return int(element.value) if element is not None and element.value.isdecimal() else None
