"""Where a table ends: at a sum, a remark, a signature, the heading of another part."""

from __future__ import annotations

import re
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Final

from documents.extraction import lexicon
from documents.extraction.columns import misfit
from documents.extraction.guessing import guess_label
from documents.extraction.labels import read_label
from documents.extraction.plain import has_digit, key, tidy
from documents.extraction.zones import SUM_ROLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from documents.extraction.columns import Column
    from documents.extraction.flat import Token
    from documents.extraction.labels import Label

LONE_GAP: Final = 1.45
"""Gap from which a lone text is a remark under the table, not a second line of a description."""
PITCH_MAX: Final = 1.35
"""How far apart, in text heights, the lines of one row stand at most."""
REACH: Final = 1.7
"""How far below the first line of words of a row its figures may stand, line by line."""
ROW_CELLS_MIN: Final = 2
CELLS_SHARE: Final = 0.7
TITLE_WITHIN: Final = 2.8
TITLE_LETTERS: Final = 24
CELL_WITHIN: Final = 1.5
WORDS_WITHIN: Final = 4.0
WORDY_ROLES: Final = frozenset({"description", "reason", "remark", "spec"})
PART_GAP: Final = 2.8
PART_MAX: Final = 40
"""How far above its rows the heading of a part of the table may stand, and how many letters it has at most."""
_ENUMERATED: Final = re.compile(r"^[(（]?(?:[0-9]{1,2}|[A-Z]|[一二三四五六七八九十]{1,2})[)）.、．] ?")
ROW_WIDTH: Final = 14.0
"""How far right of where descriptions begin a line under one may begin."""
PROSE_MAX: Final = 3
"""Boxes on a line of which one that reaches over three columns is prose, and not cells that stand close."""
_CARRIED: Final = re.compile(
    r"(?i)\b(?:carried|brought) (?:forward|down|over)\b|\b[cb]/f\b|轉下頁|轉次頁|過次頁|續下頁|承上頁|承前頁|接上頁|上頁結轉|上頁小計|本頁小計|頁計"
)
"""What one page hands to the next."""
_COUNT: Final = re.compile(
    r"(?i)(?:合?共|總共)? ?[0-9]{1,3} ?(?:[項款種件行]|items?|lines?)|(?:items?|lines?) ?: ?[0-9]{1,3}"
)
"""How many rows there are, as it is told beside their sum."""
_AMOUNT: Final = re.compile(r"(?:HK)?\$? ?[0-9][0-9,]*\.[0-9]{2}")
_TOTALLED: Final = re.compile(
    r"總數|總計|合計|合共|小計|共計|總額|總值|總價|總金額|總件數|^總.{0,4}[數量]|(?i:^(?:grand |sub-?)?total\b|\btotal (?:qty|quantity|pieces|pcs|units|cartons|items)\b)"
)
_SECTION: Final = re.compile(
    r"(?:[2-9]|[二三四五六七八九十])\s*[.、．)]?\s*(?!.*[0-9])(?:[A-Z][A-Za-z &/]{3,40}|[\u3400-\u9fff]{2,12})"
)
"""The heading of the next part of a report: `3. Scope`, 三、檢驗項目."""
_ARTICLE: Final = re.compile(r"第[0-9一二三四五六七八九十]{1,3}[條章節款](?![0-9])")
"""The next article of a contract."""
_NOTHING: Final = re.compile(
    r"(?i)[\W_x]*(?:[此其]?(?:以下|下方|下列|下)(?:空白|全空|無|再無(?:貨品|項目)?|沒有(?:貨品|項目)?)|空白|全?單?完|結束|end(?: of (?:list|order|document|report|items?))?|nothing (?:follows|below)|(?:last|no (?:more|further)) (?:items?|lines?|entr(?:y|ies)))[\W_x]*"
)
"""What is written under the last row so that none can be added: *** 以下空白 ***."""
_LEGEND: Final = re.compile(r"^[^=]{1,10}=[^=]+$")
"""What a mark in the table means, as it is told under it: `NG = rejected`."""


_OF_ROW: Final = re.compile(
    r"(?i)(?:(?:return |reject(?:ion)? )?reasons?(?: for return)?|(?:退貨|退回|拒收)?(?:原因|理由)|defects?|fault|sku|item (?:code|no\.?)|model|brand|origin|pack(?: size| ?ing)?|size|colou?r|barcode|batch|lot"
    r"|規格|產地|品牌|尺寸|顏色|型號|貨號|包裝|條碼|批號|批次|成[份分])(?: ?(?:no\.?|number))? ?[:：] ?\S"
)


def _tells_of_row(line: Sequence[Token], columns: Sequence[Column]) -> bool:
    """Whether a line says more of the row above, under its description and with a word for what it says: `Reason: Torn bag`."""
    described = next((column for column in columns if column.role == "description"), None)
    return (
        described is not None
        and len(line) <= 2
        and _OF_ROW.match(tidy(line[0].text)) is not None
        and all(described.left - 1 < token.left < max(described.right, described.left + ROW_WIDTH) for token in line)
    )


def ends_table(line: Sequence[Token], columns: Sequence[Column], gap: float) -> bool:
    """Whether a line stands below the table: a sum, a remark, a signature."""
    first = line[0]
    if gap < LONE_GAP and _tells_of_row(line, columns):
        return False
    label = next((found for token in line if (found := read_label(token) or guess_label(token)) is not None), None)
    totalled = len(line) <= 3 and any(_TOTALLED.search(tidy(token.text)) for token in line) and not _is_numbered(line)
    if totalled or _ARTICLE.match(tidy(first.text)) or _sums_up(line, columns, label):
        return True
    figures = sum(has_digit(token.text) for token in line)
    if label is not None and label.role in SUM_ROLES | {lexicon.IGNORED}:
        money = any("$" in token.text or (has_digit(token.text) and "." in token.text) for token in line)
        # `packing` may be the end of a reason: a charge has its amount beside it.
        if label.role in {lexicon.FREIGHT, lexicon.DISCOUNT, lexicon.TAX} and not figures:
            return False
        if (
            label.role == lexicon.IGNORED
            and gap < LONE_GAP
            and label.token is not first
            and ":" not in tidy(label.token.text)
        ):
            return False  # `ordered` ends a reason in two lines
        at_start = label.token is first or label.token.left > columns[-1].left - 14
        if at_start and (label.closed or money) and figures <= 2:
            return True
    wide = max(line, key=lambda token: token.right - token.left)
    crossed = sum(wide.left < column.left and wide.right > column.right for column in columns)
    alone = len(line) == 1 and not any(
        column.role == "description" and column.gap(wide.left, wide.right) < 0.5 and wide.left > column.left - 1
        for column in columns
    )
    if len(line) == 1 and _NOTHING.fullmatch(tidy(first.text)):
        return True
    is_legend = len(line) > 1 and all(_LEGEND.match(tidy(token.text)) for token in line[:2])
    is_apart = len(line) == 1 and gap > LONE_GAP
    if is_legend or (is_apart and (len(key(wide.text)) > 6 or _SECTION.fullmatch(tidy(wide.text)))):
        return True
    return (crossed >= 3 and len(line) <= PROSE_MAX) or (
        alone
        and wide.left < columns[0].right
        and (not has_digit(wide.text) or ":" in tidy(wide.text))
        and len(key(wide.text)) > 8
    )


def _sums_up(line: Sequence[Token], columns: Sequence[Column], label: Label | None) -> bool:
    """Whether a line names a sum in words alone, has an amount behind it, and no goods: 共8項 1,515 訂單總額 14,352.00."""
    if (
        label is None
        or label.role not in {lexicon.TOTAL, lexicon.SUBTOTAL}
        or label.rest is not None
        or _is_numbered(line)
    ):
        return False
    named = any(
        column.gap(token.left, token.right) == 0
        and (column.role == "description" or (column.role in {"sku", "gtin"} and not misfit(column.role, token.text)))
        and not _COUNT.fullmatch(tidy(token.text))
        for column in columns
        for token in line
    )
    return not named and _AMOUNT.fullmatch(tidy(line[-1].text)) is not None and line[-1].left > label.token.right


def begins_row(lines: Sequence[Sequence[Token]], columns: Sequence[Column]) -> bool:
    """Whether a lone line of words is the first of a row whose figures stand in the middle of its height, right below.

    Args:
        lines: that line and those below it.
        columns: of the table, as wide as their headings.
    """
    first = lines[0]
    if len(first) != 1 or _TOTALLED.search(tidy(first[0].text)):
        return False
    if _heads_rows(lines, columns):
        return True
    if len(lines) > 2 and _is_title(first[0]) and _middle(lines[1]) - first[0].v < TITLE_WITHIN and len(lines[1]) == 1:
        return begins_row(lines[1:], columns)
    if not _is_of_words(first[0], columns):
        return False
    for above, line in pairwise(lines):
        if _middle(line) - _middle(above) > REACH:
            return False
        cells = _cells(line, columns)
        if len(cells) >= min(ROW_CELLS_MIN, sum(column.role not in WORDY_ROLES for column in columns)):
            return not any(_TOTALLED.search(tidy(token.text)) for token in line) or _is_numbered(line)
        if len(line) > 1 or not _is_of_words(line[0], columns):
            return False
    return False


def heads_part(lines: Sequence[Sequence[Token]], columns: Sequence[Column], gap: float) -> bool:
    """Whether a lone line of words is the heading of the rows below it, as 冷凍食品: a row's distance from both its neighbours.

    Args:
        lines: that line and those below it.
        columns: of the table, as wide as their headings.
        gap: how far it stands below the line before it.
    """
    if len(lines) < 2 or len(lines[0]) != 1 or gap <= PITCH_MAX:
        return False
    (token,), below = lines[0], lines[1]
    text = _ENUMERATED.sub("", tidy(token.text))
    if has_digit(text) or _TOTALLED.search(text) or ":" in text or len(key(text)) > PART_MAX:
        return False
    apart = _middle(below) - _middle(lines[0])
    is_first_line = _is_of_words(token, columns) and apart <= PITCH_MAX
    named = any(
        column.role in WORDY_ROLES and column.gap(one.left, one.right) < WORDS_WITHIN and not has_digit(one.text[:1])
        for column in columns
        for one in below
    )
    return not is_first_line and apart < PART_GAP and named and len(_cells(below, columns)) >= ROW_CELLS_MIN


def _heads_rows(lines: Sequence[Sequence[Token]], columns: Sequence[Column]) -> bool:
    """Whether a row with most of its cells stands right below a line: a title of goods ends no table."""
    token, line = lines[0][0], lines[1] if len(lines) > 1 else []
    if not line or not _is_title(token):
        return False
    figured = sum(column.role not in WORDY_ROLES for column in columns)
    least = max(min(ROW_CELLS_MIN, figured), CELLS_SHARE * figured)
    near = _middle(line) - token.v < TITLE_WITHIN and not any(_TOTALLED.search(tidy(one.text)) for one in line)
    return near and len(_cells(line, columns)) >= least


def _is_title(token: Token) -> bool:
    return not has_digit(token.text) and len(key(token.text)) <= TITLE_LETTERS and ":" not in tidy(token.text)


def _middle(line: Sequence[Token]) -> float:
    return median(token.v for token in line)


def _is_of_words(token: Token, columns: Sequence[Column]) -> bool:
    """Whether a text stands in a column of words and in no other."""
    covered = {column.role for column in columns if column.gap(token.left, token.right) == 0}
    near = {column.role for column in columns if column.gap(token.left, token.right) < WORDS_WITHIN}
    return bool(near & WORDY_ROLES) and not covered - WORDY_ROLES


def _cells(line: Sequence[Token], columns: Sequence[Column]) -> set[str]:
    """The roles of the columns of figures and codes that a line has values for."""
    return {
        column.role
        for column in columns
        if column.role not in WORDY_ROLES
        for token in line
        if column.gap(token.left, token.right) < CELL_WITHIN and not misfit(column.role, token.text)
    }


def is_carried(line: Sequence[Token]) -> bool:
    """Whether a line tells what the page before summed to, or what goes over to the next: no row, and no end."""
    return any(_CARRIED.search(tidy(token.text)) for token in line) and not _is_numbered(line)


def _is_numbered(line: Sequence[Token]) -> bool:
    return tidy(line[0].text).rstrip(".)").isdecimal() and len(line) > 1 and line[0].right < line[1].left
