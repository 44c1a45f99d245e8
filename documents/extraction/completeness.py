"""What an unknown layout may hide: things on the page that no field took, where a field is missing.

A wrong value is found by its doubtful characters; one that was never found is not. So the page is asked: is there a number
behind an unknown label where the order is missing, a date or lot in the table where no column of that kind was understood, a
line below the table that looks like its rows, a gap in the running numbers? Each answer is a question for a person.
"""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from documents.extraction import lexicon
from documents.extraction.amounts import parse_number
from documents.extraction.columns import misfit
from documents.extraction.dates import is_whole_date, parse_date
from documents.extraction.endings import is_carried
from documents.extraction.header import find_sums
from documents.extraction.headings import UNKNOWN
from documents.extraction.insides import in_the_rows
from documents.extraction.model import DocType, Money, ReviewItem, ReviewReason
from documents.extraction.numbers import clean_number
from documents.extraction.plain import has_digit, key, tidy
from documents.extraction.zones import candidates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from documents.extraction.flat import Token
    from documents.extraction.found import Found
    from documents.extraction.table import Table
    from documents.extraction.zones import Zone

_ORDER_WORDS: Final = re.compile(r"(?i)\bp\W?o\b|\border|訂單|訂購|採購|購單|訂貨")
_ORDER_NUMBER: Final = re.compile(r"(?i)\b[a-z]{0,3}p\.?[o0][-/# ]?[0-9]{2,}[0-9/-]*")
_CALLED: Final = re.compile(r"(?i)電話|熱線|專線|傳真|電郵|\b(?:tel|fax|phone|hotline|line|e-?mail|whatsapp|wechat)\b")
"""How orders are taken, and no number of one: 訂貨熱線."""
_LOT_WORDS: Final = re.compile(r"(?i)\b(?:lot|batch|b/n)\b|批號|批次")
_EXPIRY_WORDS: Final = re.compile(
    r"(?i)\b(?:exp|expiry|expires|bbd|bbe|best before|use by)\b|到期|有效期|保質期|食用期限|此日期前|賞味"
)
_LOT: Final = re.compile(r"(?=.*[0-9])(?=.*[A-Z])[A-Z0-9][A-Z0-9/-]{3,}")
_UNREAD_ROLES: Final = (UNKNOWN, "spec", "remark")
_AMOUNT: Final = re.compile(r"[-(]?(?:HK|US)?\$? ?[-(]?[0-9][0-9,]*\.[0-9]{2}\)?")
_NUMBER: Final = re.compile(r"[A-Z0-9]+(?:[-/.][A-Z0-9]+)*")
DIGITS_MIN: Final = 4
_UNIT_LIKE: Final = re.compile(r"[A-Z]{2,4}|[\u3400-\u9fff]")
_PIECES: Final = re.compile(
    r"(?i)(?:(?:總件數|總數量|總數|數量合計|件數合計|總退貨數|退貨總數)(?:\s*total(?: qty| quantity)?)?"
    r"|total (?:qty|quantity|pieces|pcs|units)(?:\s*(?:shipped|delivered|returned))?(?:\s*總數)?)\s*:?\s*(?=[0-9])"
)
_HEADED: Final = frozenset(
    {"sku", "gtin", "quantity", "unit", "unit_price", "amount", "batch", "expiry", "result", "reason"}
)
OF_KIND: Final = {DocType.INSPECTION_REPORT: ("result",)}
"""What rows of a kind of paper always have, besides what they are about."""
ALIKE_MIN: Final = 3
"""Cells that a line below the table must have in common with its rows to be taken for one; fewer where they have no more."""
_IN_EACH_ROW: Final = frozenset({"sku", "gtin", "quantity", "amount", "unit_price", "expiry", "batch"})


def overlooked(
    zone: Zone, tables: Sequence[Table], kind: DocType, fields: Mapping[str, Found], rows: Sequence[Mapping[str, Found]]
) -> list[ReviewItem]:
    """Questions about what nothing took."""
    items: list[ReviewItem] = []
    if "po_ref" not in fields and kind is not DocType.PURCHASE_ORDER and _hides_order(zone, fields):
        items.append(ReviewItem("po_ref", ReviewReason.MISSING))
    for name, words in (("batch", _LOT_WORDS), ("expiry", _EXPIRY_WORDS)):
        if rows and not any(name in row for row in rows) and _hides_lot(zone, tables, kind, name, words):
            items.append(ReviewItem(f"rows/0/{name}", ReviewReason.MISSING))
    if rows and any(_has_gap(table) or _goes_on(zone, table) for table in tables):
        items.append(ReviewItem("rows", ReviewReason.MISSING))
    items += _without_words(kind, rows) + _unfilled(tables, rows)
    if kind is DocType.INVOICE and "total" not in fields:
        items.append(ReviewItem("total", ReviewReason.MISSING))
    if rows and not any("unit" in row for row in rows) and any(_hides_unit(table) for table in tables):
        items.append(ReviewItem("rows/0/unit", ReviewReason.MISSING))
    items += in_the_rows(tables, rows)
    if ("total" in fields or kind is DocType.CONTRACT) and _hides_sum(zone, tables, fields):
        items.append(ReviewItem("total", ReviewReason.SUM_WRONG))
    if _miscounted(zone, rows):
        items.append(ReviewItem("rows", ReviewReason.SUM_WRONG))
    return items


def _unfilled(tables: Sequence[Table], rows: Sequence[Mapping[str, Found]]) -> list[ReviewItem]:
    """Questions for columns that are headed as those of a field which no row has."""
    headed = {column.role for table in tables for column in table.columns} & _HEADED
    held = {name for row in rows for name in row}
    unnumbered = any(
        column.role == "line" and not any(row.cells.get("line") for row in table.rows)
        for table in tables
        for column in table.columns
    )
    asked = [ReviewItem("rows", ReviewReason.UNSURE)] if rows and unnumbered else []
    return asked + [ReviewItem(f"rows/0/{name}", ReviewReason.MISSING) for name in sorted(headed - held) if rows]


def _without_words(kind: DocType, rows: Sequence[Mapping[str, Found]]) -> list[ReviewItem]:
    """Questions for what each row should say and none does, or some do not."""
    missing = [
        f"rows/0/{name}"
        for name in ("description", *OF_KIND.get(kind, ()))
        if rows and not any(name in row for row in rows)
    ]
    if any("description" in row for row in rows):
        missing += [f"rows/{at}/description" for at, row in enumerate(rows) if "description" not in row]
    return [ReviewItem(path, ReviewReason.MISSING) for path in missing]


def _hides_unit(table: Table) -> bool:
    """Whether a column of something else holds what may be units: short words, one to a row."""
    for role in ("spec", "other", "remark", "discount", "quantity_other", "made", UNKNOWN):
        cells = [row.text(role) for row in table.rows if row.cells.get(role)]
        if cells and 2 * len(cells) > len(table.rows) and all(_UNIT_LIKE.fullmatch(cell) for cell in cells):
            return True
    return False


def _hides_sum(zone: Zone, tables: Sequence[Table], fields: Mapping[str, Found]) -> bool:
    """Whether an amount below the table is none of the sums that were found: what is due may be another one."""
    known = {abs(value.amount) for found in fields.values() if isinstance(value := found.value, Money)}
    labelled = {id(token) for one in find_sums(zone, priced=True, table_bottom=None) for token in one.found.tokens}
    bottom = max(
        (table.bottom for table in tables if table.page.page == zone.pages[0].page), default=zone.pages[0].bottom
    )
    carried = {id(token) for row in zone.pages[0].rows if is_carried(row) for token in row}
    for token in zone.pages[0].tokens:
        if id(token) in zone.taken | labelled | carried or token.v <= bottom or not _AMOUNT.fullmatch(tidy(token.text)):
            continue
        number = parse_number(token.text)
        if number is not None and number.value and abs(int(number.value * 100)) not in known:
            return True
    return False


def _miscounted(zone: Zone, rows: Sequence[Mapping[str, Found]]) -> bool:
    """Whether a printed total of pieces is not the sum of the quantities."""
    counted = [Decimal(str(row["quantity"].value)) for row in rows if "quantity" in row]
    for page in zone.pages:
        for line in page.rows:
            text = " ".join(tidy(token.text) for token in line if id(token) not in zone.taken)
            match = _PIECES.search(text)
            number = parse_number(text[match.end() :].split(" ")[0]) if match is not None and "$" not in text else None
            if number is not None and number.value != sum(counted):
                return True
    return False


def _hides_order(zone: Zone, fields: Mapping[str, Found]) -> bool:
    """Whether a number stands behind words that may name an order, or looks like an order's own."""
    known = {key(str(found.value)) for found in fields.values()}
    for token in zone.pages[0].tokens:
        text = tidy(token.text)
        if id(token) in zone.taken or not has_digit(text) or _CALLED.search(_before(text)):
            continue
        said = _ORDER_NUMBER.search(text)
        number = clean_number(said.group(0) if said is not None else _behind(text))
        if number is None or key(number) in known or is_whole_date(_behind(text)):
            continue
        label = zone.label_of(token)
        if _ORDER_NUMBER.search(text) or (label is None and _ORDER_WORDS.search(_before(text))):
            return True
    return _unclaimed(zone, known)


def _unclaimed(zone: Zone, known: set[str]) -> bool:
    """Whether a number stands in the head that no label explains."""
    claimed = {id(token) for one in candidates(zone, _explains, has_digit) for token in one.tokens}
    for token in zone.pages[0].tokens:
        text = tidy(token.text)
        if (
            zone.in_head(token)
            and id(token) not in claimed | zone.taken
            and zone.label_of(token) is None
            and _NUMBER.fullmatch(text)
            and sum(character.isdecimal() for character in text) >= DIGITS_MIN
            and key(text) not in known
            and not is_whole_date(text)
        ):
            return True
    return False


def _explains(role: str) -> bool:
    return role != lexicon.UNKNOWN_NUMBER


def _before(text: str) -> str:
    return re.split(r"[:：]", text)[0] if re.search(r"[:：]", text) else ""


def _behind(text: str) -> str:
    return re.split(r"[:：]", text, maxsplit=1)[-1].strip()


def _hides_lot(zone: Zone, tables: Sequence[Table], kind: DocType, name: str, words: re.Pattern[str]) -> bool:
    """Whether a column that was not understood holds such values, or the words stand somewhere with a figure beside."""
    for table in tables:
        if any(_is_like(name, token.text) for row in table.rows for token in row.cells.get(UNKNOWN, ())):
            return True
        if any(_says(name, tidy(token.text), words) for row in table.rows for token in _tokens_of(row.cells)):
            return True
    if kind is DocType.CONTRACT:
        return False  # what ends with a contract is the contract
    outside = (token for page in zone.pages for token in page.tokens if id(token) not in zone.taken)
    return any(_says(name, tidy(token.text), words) for token in outside)


def _says(name: str, text: str, words: re.Pattern[str]) -> bool:
    """Whether a line outside the table gives a lot or an expiry date: the word, and what may be its value right behind."""
    match = words.search(text)
    if match is None:
        return False
    behind = text[match.end() : match.end() + 24].strip(" :：.#-")
    if name == "expiry":
        return parse_date(behind) is not None
    return any(_LOT.fullmatch(word) for word in behind.split(" ")[:2])


def _tokens_of(cells: Mapping[str, tuple[Token, ...]]) -> Iterator[Token]:
    for role in ("description", *_UNREAD_ROLES):
        yield from cells.get(role, ())


def _is_like(name: str, text: str) -> bool:
    text = tidy(text)
    return is_whole_date(text) if name == "expiry" else _LOT.fullmatch(text) is not None and not is_whole_date(text)


def _has_gap(table: Table) -> bool:
    """Whether the running numbers of the rows leave one out."""
    numbers = [row.text("line").rstrip(".)") for row in table.rows]
    if len(numbers) < 2 or not all(number.isdecimal() and len(number) <= 4 for number in numbers):
        return False
    values = [int(number) for number in numbers]
    steps = {after - before for before, after in pairwise(values)}
    return len(steps) > 1 and max(steps) > min(steps) > 0


def _goes_on(zone: Zone, table: Table) -> bool:
    """Whether a line below the table has cells as its rows have them."""
    needed = [column for column in table.columns if column.role in _IN_EACH_ROW]
    least = max(1, min(ALIKE_MIN, len(needed)))
    for line in table.page.rows:
        free = [token for token in line if id(token) not in zone.taken and token.v > table.bottom]
        alike = {
            column.role
            for column in needed
            for token in free
            if column.gap(token.left, token.right) < 0.5
            and misfit(column.role, token.text) == 0
            and has_digit(token.text)
        }
        labelled = any(
            (label := zone.label_of(token)) is not None and label.role != lexicon.DATE_OTHER for token in free
        )
        if len(alike) >= least and not labelled:
            return True
    return False
