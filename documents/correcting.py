"""What a person's word does to a field: pure, apart from the parsers it asks.

- The raw reading never changes; the corrected value stands in the extraction, with the evidence `reviewed`.
- Money is said as decimal text in the paper's currency; a value of null takes the field away.
- A row behind the last one may be added: the machine can miss a line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from documents.errors import Code, InvalidDocument, UnknownDocument
from documents.extraction.model import (
    EVIDENCE_REVIEWED,
    HEADER_FIELDS,
    ROW_FIELDS,
    DocType,
    Extraction,
    Field,
    Money,
    Row,
)
from stock.errors import InvalidRequest
from stock.members import money_of_decimal, parse_currency, parse_date
from stock.quantity import parse_quantity
from stock.scan import parse_gtin

if TYPE_CHECKING:
    from collections.abc import Callable

    from audit.canonical import JSON
    from documents.extraction.model import Value

CURRENCY_DEFAULT: Final = "HKD"
_PATH: Final = ("value",)


@dataclass(frozen=True, slots=True)
class Corrected:
    """An extraction after a correction, with what stood there before and stands there now."""

    extraction: Extraction
    before: JSON
    after: JSON


def require_path(extraction: Extraction, path: str) -> None:
    """Check that a path names something a person can speak of.

    Raises:
        UnknownDocument: it does not.
    """
    parts = path.split("/")
    if parts[0] != "rows" or len(parts) == 1:
        if path not in HEADER_FIELDS and all(item.path != path for item in extraction.review):
            raise UnknownDocument(Code.FIELD_UNKNOWN, ("path",))
        return
    is_known = int(parts[1]) <= len(extraction.rows)
    if not is_known or (len(parts) == 3 and parts[2] not in ROW_FIELDS):
        raise UnknownDocument(Code.FIELD_UNKNOWN, ("path",))


def corrected(extraction: Extraction, path: str, value: str | int | None, code: str | None) -> Corrected:
    """The extraction with this value at this path; `code` is the register's own, if the value is in one.

    Raises:
        InvalidDocument: the value does not fit the field.
        UnknownDocument: there is no such field.
    """
    require_path(extraction, path)
    name = path.rpartition("/")[2]
    if name not in HEADER_FIELDS and name not in ROW_FIELDS:
        raise UnknownDocument(Code.FIELD_UNKNOWN, ("path",))
    before = extraction.at(path)
    after = None if value is None else _field(name, _value(extraction, name, value), before, code)
    return Corrected(_with(extraction, path, after), _json(before), _json(after))


def _field(name: str, value: Value, before: Field | None, code: str | None) -> Field:
    if before is None:
        return Field(name, value, "", 1.0, evidence=(EVIDENCE_REVIEWED,), code=code)
    evidence = tuple(dict.fromkeys((*before.evidence, EVIDENCE_REVIEWED)))
    return msgspec.structs.replace(before, value=value, confidence=1.0, evidence=evidence, code=code)


def _value(extraction: Extraction, name: str, value: str | int) -> Value:
    """Raises InvalidDocument: what the field can hold is another kind of thing."""
    text = str(value)
    readers: dict[str, tuple[str, Callable[[], Value]]] = {
        "doc_type": (", ".join(DocType), lambda: DocType(text).value),
        "date": ("2026-11-22", lambda: parse_date(text, _PATH).isoformat()),
        "expiry": ("2026-11-22", lambda: parse_date(text, _PATH).isoformat()),
        "currency": ("HKD", lambda: parse_currency(text, _PATH)),
        "quantity": ("12.5", lambda: str(parse_quantity(text, _PATH))),
        "gtin": ("GTIN", lambda: parse_gtin(text, _PATH).zfill(14)),
    }
    for money in ("subtotal", "discount", "freight", "total", "unit_price", "amount"):
        readers[money] = ("1250.00", lambda: _money(extraction, text))
    expected, read = readers.get(name, ("", lambda: text))
    try:
        return read()
    except (InvalidRequest, ValueError) as error:
        raise InvalidDocument(Code.FIELD_VALUE_FORM, _PATH, {"expected": expected}) from error


def _money(extraction: Extraction, text: str) -> Money:
    currency = extraction.fields.get("currency")
    code = currency.value if currency is not None and isinstance(currency.value, str) else CURRENCY_DEFAULT
    found = money_of_decimal(text, parse_currency(code, _PATH), _PATH)
    return Money(found.amount, found.currency)


def _with(extraction: Extraction, path: str, field: Field | None) -> Extraction:
    parts = path.split("/")
    if parts[0] != "rows":
        if path == "doc_type" and field is None:
            raise InvalidDocument(Code.FIELD_VALUE_FORM, _PATH, {"expected": ", ".join(DocType)})
        fields = _put(extraction.fields, path, field)
        doc_type = field if path == "doc_type" and field is not None else extraction.doc_type
        return msgspec.structs.replace(extraction, fields=fields, doc_type=doc_type)
    number = int(parts[1])
    rows = [*extraction.rows, Row({})] if number == len(extraction.rows) else [*extraction.rows]
    rows[number] = msgspec.structs.replace(rows[number], fields=_put(rows[number].fields, parts[2], field))
    return msgspec.structs.replace(extraction, rows=tuple(rows))


def _put(fields: dict[str, Field], name: str, field: Field | None) -> dict[str, Field]:
    others = {known: value for known, value in fields.items() if known != name}
    return others if field is None else {**others, name: field}


def _json(field: Field | None) -> JSON:
    if field is None:
        return None
    if isinstance(field.value, Money):
        return f"{field.value.amount} {field.value.currency}"
    return field.value
