"""Trade item numbers, and what a scanner reads from a label.

Rules:
- A GTIN (GS1 General Specifications §4.14) has 8, 12, 13 or 14 digits and a right check digit (§7.9); it is kept in its
  natural, shortest form and compared as 14 digits.
- A scan is one of: a bare GTIN; a GS1 element string, with or without a symbology identifier (ISO/IEC 15424), with FNC1
  as character 29, or with its identifiers in round brackets; a GS1 Digital Link; else a SKU code from the shop's own
  shelf label.
- Of a GS1 message we take (01) GTIN, (10) batch, (17) expiry or, without it, the date of (7003).
- A year of two digits lies between 49 years past and 50 years ahead of today (§7.12); day 00 is the month's last.
- A number that looks like a GTIN but has a wrong check digit is refused, never tried as anything else.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from biip import ParseConfig, ParseError
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from biip.gs1_messages import GS1Message
from biip.gtin import Gtin

from policies.refusals import Path
from stock.errors import Code, InvalidRequest
from stock.members import impersonal

if TYPE_CHECKING:
    from collections.abc import Callable

    from biip.gs1_element_strings import GS1ElementStrings

SCAN_CHARS_MAX: Final = 512
SKU_CHARS_MAX: Final = 48
SKU_FORM: Final = re.compile(rf"[A-Za-z0-9](?:[A-Za-z0-9 ._+#-]{{0,{SKU_CHARS_MAX - 2}}}[A-Za-z0-9._+#-])?")
"""Letters, digits and `. _ + # -`, spaces only inside. Never `/`: it divides the parts of a subject id."""

_GTIN = re.compile(r"[0-9]{8}|[0-9]{12,14}")
_SCANNED = re.compile(r"[\x1d\x20-\x7e]{1,512}")
_SYMBOLOGY = re.compile(r"\]([A-Za-z][0-9A-Za-z])")
_GS1_SYMBOLOGIES: Final = frozenset({"C1", "e0", "e1", "e2", "d2", "Q3", "J1"})
_GTIN_SYMBOLOGIES: Final = frozenset({"E0", "E4", "I0", "I1"})
# biip reads the clock to complete a year; dates are completed here instead, from the day the caller gives.
_CONFIG: Final = ParseConfig(gs1_element_strings_verify_date=False)


@dataclass(frozen=True, slots=True)
class Scan:
    """What a label says: a GTIN (14 digits) or else a SKU code, and a lot if it names one."""

    gtin: str | None = None
    sku: str | None = None
    batch: str | None = None
    expiry: date | None = None


def parse_gtin(value: str, path: Path) -> str:
    """Return a GTIN in its natural form: GTIN-8, -12, -13 or -14 digits.

    Raises:
        InvalidRequest: not 8, 12, 13 or 14 digits, all zero, or a wrong check digit.
    """
    if _GTIN.fullmatch(value) is None or not value.strip("0"):
        raise InvalidRequest(Code.GTIN_FORM, path)
    try:
        gtin = Gtin.parse(value)
    except ParseError as error:
        raise InvalidRequest(Code.GTIN_CHECK_DIGIT, path) from error
    return gtin.as_gtin_14()[-gtin.format.length :]


def parse_scan(text: str, path: Path, *, today: date) -> Scan:
    """Return what a scan says.

    Raises:
        InvalidRequest: nothing we can read, a wrong check digit, no trade item, or an impossible date.
    """
    text = text.strip(" \t\r\n")
    if _SCANNED.fullmatch(text) is None:
        raise InvalidRequest(Code.SCAN_UNREADABLE, path)
    symbology, text = _split_symbology(text)
    text = text.lstrip("\x1d")
    if text.lower().startswith(("http://", "https://")):
        return _from_elements(lambda: GS1DigitalLinkURI.parse(text, config=_CONFIG).element_strings, path, today)
    if text.startswith("("):
        return _from_elements(lambda: GS1Message.parse_hri(text, config=_CONFIG).element_strings, path, today)
    if symbology in _GTIN_SYMBOLOGIES or (symbology is None and _GTIN.fullmatch(text)):
        return Scan(gtin=parse_gtin(text, path).zfill(14))
    if symbology in _GS1_SYMBOLOGIES:
        return _from_elements(lambda: GS1Message.parse(text, config=_CONFIG).element_strings, path, today)
    if symbology is None and text.startswith("01") and _GTIN.fullmatch(text[2:16]) and len(text) >= 16:
        return _from_elements(lambda: GS1Message.parse(text, config=_CONFIG).element_strings, path, today)
    if SKU_FORM.fullmatch(text):
        return Scan(sku=text)
    return _from_elements(lambda: GS1Message.parse(text, config=_CONFIG).element_strings, path, today)


def _split_symbology(text: str) -> tuple[str | None, str]:
    match = _SYMBOLOGY.match(text)
    return (None, text) if match is None else (match[1], text[match.end() :])


def _from_elements(parse: Callable[[], GS1ElementStrings], path: Path, today: date) -> Scan:
    try:
        elements = parse()
    except (ParseError, ValueError, LookupError) as error:
        raise InvalidRequest(Code.SCAN_UNREADABLE, path) from error
    values: dict[str, str] = {}
    for element in elements:
        ai = element.ai.ai
        if values.setdefault(ai, element.value) != element.value:
            raise InvalidRequest(Code.SCAN_REPEATS_ELEMENT, path, {"ai": ai})
    if "01" not in values:
        raise InvalidRequest(Code.SCAN_WITHOUT_GTIN, path)
    expiry = values.get("17") or values.get("7003")
    return Scan(
        gtin=parse_gtin(values["01"], path).zfill(14),
        batch=None if "10" not in values else impersonal(values["10"], path),
        expiry=None if expiry is None else _date_of(expiry, path, today),
    )


def _date_of(digits: str, path: Path, today: date) -> date:
    year, month, day = (int(digits[start : start + 2]) for start in (0, 2, 4))
    year += today.year - today.year % 100
    if year - today.year >= 51:
        year -= 100
    elif year - today.year <= -50:
        year += 100
    try:
        return date(year, month, day or monthrange(year, month)[1])
    except ValueError as error:
        raise InvalidRequest(Code.SCAN_UNREADABLE, path) from error
