"""What rows say without a label or a column of its own: codes that stand with every name of goods, units told by a heading."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from documents.extraction import lexicon
from documents.extraction.cells import as_gtin
from documents.extraction.dates import parse_date
from documents.extraction.found import Found, ocr_sure
from documents.extraction.model import EVIDENCE_CHECK_DIGIT
from documents.extraction.plain import has_chinese, key, tidy
from documents.extraction.units import is_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from documents.extraction.flat import Token
    from documents.extraction.table import Table

ROWS_MIN: Final = 2
SAME_LINE: Final = 0.5
_CODE: Final = r"(?:[A-Z]{1,6}[-/.]?(?=[A-Z0-9/.-]*[0-9]{2})[A-Z0-9/.-]{2,15}|[0-9]{4,14}(?:-[0-9A-Z]{1,6})?)"
_ALONE: Final = re.compile(rf"[(\[]?({_CODE})[)\]]?")
_BEHIND: Final = re.compile(rf"(.*\S)\s*[(\[]({_CODE})[)\]]")
_MEASURE: Final = re.compile(r"[0-9.,x*/]+\s*([a-z]+)", re.IGNORECASE)
_BRACKETED: Final = re.compile(r"[(\[/]\s*([^()\[\]/]{1,10}?)\s*[)\]]?\s*$")


def with_codes(rows: list[dict[str, Found]]) -> list[dict[str, Found]]:
    """Rows with the code that each has on a line of its own with the name, or in brackets behind it; as they are unless all do."""
    described = [row["description"] for row in rows if "description" in row]
    if len(rows) < ROWS_MIN or len(described) < len(rows) or any("sku" in row or "gtin" in row for row in rows):
        return rows
    for part in (_on_first_line, _on_last_line, _in_brackets):
        parted = [part(found) for found in described]
        told = [one for one in parted if one is not None]
        if len(told) == len(rows) == len({str(code.value) for code, _ in told}):
            return [{**row, **_coded(code), "description": name} for row, (code, name) in zip(rows, told, strict=True)]
    return rows


def _coded(code: Found) -> dict[str, Found]:
    gtin = as_gtin(str(code.value))
    if gtin is None:
        return {"sku": code}
    sure = code.with_evidence(EVIDENCE_CHECK_DIGIT)
    return {"sku": sure, "gtin": replace(sure, value=gtin)}


def _on_first_line(found: Found) -> tuple[Found, Found] | None:
    return _on_line(found, min((token.v for token in found.tokens), default=0.0))


def _on_last_line(found: Found) -> tuple[Found, Found] | None:
    return _on_line(found, max((token.v for token in found.tokens), default=0.0))


def _on_line(found: Found, v: float) -> tuple[Found, Found] | None:
    """A description as the code alone on one of its lines, and the rest."""
    line = [token for token in found.tokens if abs(token.v - v) < SAME_LINE]
    rest = [token for token in found.tokens if token not in line]
    match = _ALONE.fullmatch(tidy(line[0].text)) if len(line) == 1 and rest else None
    text = str(found.value)
    if match is None or not _is_code(match.group(1)) or not _is_end(text, line[0]):
        return None
    name = tidy(text.replace(tidy(line[0].text), " ", 1)).strip()
    code = Found(match.group(1), line[0].text, ocr_sure(*line), tuple(line))
    return code, replace(found, value=name, tokens=tuple(rest), sure=ocr_sure(*rest))


def _is_end(text: str, token: Token) -> bool:
    """Whether a text begins or ends with that of a token, once."""
    said = tidy(token.text)
    return text.count(said) == 1 and (text.startswith(said) or text.endswith(said))


def _in_brackets(found: Found) -> tuple[Found, Found] | None:
    match = _BEHIND.fullmatch(str(found.value))
    if match is None or not _is_code(match.group(2)):
        return None
    held = tuple(token for token in found.tokens if key(match.group(2)) in key(token.text))
    return Found(match.group(2), match.group(2), found.sure, held), replace(found, value=match.group(1))


def _is_code(text: str) -> bool:
    """Whether what looks like a code is no size and no date: 500G, 24PCS, 20260501."""
    measure = _MEASURE.fullmatch(text)
    dated = parse_date(text)
    return (measure is None or not is_unit(measure.group(1))) and dated is None


def with_days(rows: list[dict[str, Found]], tables: Sequence[Table]) -> list[dict[str, Found]]:
    """Rows whose dates were found in the column of lots, sure where its heading says of what they are: 批號/到期日."""
    lots = [column for table in tables for column in table.columns if column.role == "batch"]
    roles = {lexicon.COLUMNS.get(word) for column in lots for word in column.word.split(" ")}
    headed = any(column.role == "expiry" for table in tables for column in table.columns)
    if headed or "expiry" not in roles or "made" in roles:
        return rows
    return [{**row, "expiry": _told(row["expiry"])} if "expiry" in row else row for row in rows]


def _told(found: Found) -> Found:
    dated = parse_date(found.raw)
    return replace(found, doubtful=dated is None or dated.doubtful)


def with_units(rows: list[dict[str, Found]], tables: Sequence[Table]) -> list[dict[str, Found]]:
    """Rows with the unit that the heading of quantities tells, where none has one of its own: 數量(箱), `Qty (ctn)`."""
    headed = any(column.role == "unit" for table in tables for column in table.columns)
    told = {unit for table in tables if (unit := _unit_of(table)) is not None}
    if headed or len(told) != 1 or any("unit" in row for row in rows):
        return rows
    unit = told.pop()
    return [{**row, "unit": Found(unit, unit, 1.0)} if "quantity" in row else row for row in rows]


def _unit_of(table: Table) -> str | None:
    """The unit in the brackets of a table's heading of quantities, the Chinese one first."""
    counted = next((column for column in table.columns if column.role == "quantity"), None)
    if counted is None:
        return None
    over = [token for token in table.head.tokens if counted.gap(token.left, token.right) == 0]
    said = [match.group(1) for token in over if (match := _BRACKETED.search(tidy(token.text))) is not None]
    units = sorted((unit for unit in said if is_unit(unit)), key=has_chinese, reverse=True)
    return units[0] if units else None
