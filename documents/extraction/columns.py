"""The heading of a table: which columns there are, and where.

A heading is found on the rows with most column words, of which one must name the item and one a quantity or price. Stacked
bilingual headings are several rows; words that lie over each other are one column.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from documents.extraction import lexicon
from documents.extraction.amounts import parse_number
from documents.extraction.dates import parse_date
from documents.extraction.guessing import guess_column
from documents.extraction.headings import UNKNOWN, Heading, read_headings
from documents.extraction.plain import has_chinese, has_digit, key, tidy
from documents.extraction.results import is_result
from documents.extraction.units import is_unit
from documents.extraction.wrapped_headings import joined_headings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from documents.extraction.flat import FlatPage, Token

ITEM_ROLES: Final = frozenset({"sku", "description", "gtin"})
VALUE_ROLES: Final = frozenset({"quantity", "unit_price", "amount", "unit", "result", "expiry", "batch"})
FIGURE_ROLES: Final = frozenset({"quantity", "quantity_other", "unit_price", "amount", "discount", "line"})
STACK_GAP: Final = 1.95
HEAD_MIN: Final = 2.6
"""What a heading must score: three words of two roles, and nothing else on its line."""
COLUMNS_MIN: Final = 3
UNREAD_MAX: Final = 20.0
"""How wide a box of a heading may be that says nothing known: headings that the reader ran together are wide."""
KNOWN_MIN: Final = 2
"""Roles that a line must name before the endings of its other words count for it."""
_FEWEST: Final = frozenset({"description", "quantity"})
"""The columns that a table has at least."""
CURRENCY_WITHIN: Final = 4.0
_CURRENCIES: Final = frozenset({"hk", "hks", "hkd", "us", "usd", "rmb", "cny", "港幣", "港元", "元"})
_BREAKS_OFF: Final = re.compile(r"(?i)(?:\b(?:for|of|and|per|to)|&|/)$")
WIDE: Final = 6.0
TOUCH: Final = 0.5
APART: Final = 0.2
_CLAUSE: Final = re.compile(
    r"第[0-9一二三四五六七八九十]{1,3}[條章節項]|[(（]?[0-9一二三四五六七八九十]{1,2}[)）]?[.、．] ?\S{3}|.*[\u3400-\u9fff][、,，]"
)
"""The heading of a clause, or a sentence, that names what the table below it has columns of: 第一條 貨品、數量及價格."""
ASIDE_WORDS: Final = 3
"""Boxes with column words that make a row a heading, beside which other things may stand."""
_MEASURED: Final = re.compile(r"[°º℃℉%]|^-?[0-9.]+ ?C$")
"""Degrees and shares are no codes."""
_RUNNING: Final = re.compile(r"^[0-9]{1,3}(?:[.)] ?(?=\S{3})| (?=[A-Z0-9-]{4,}$))")
"""The running number that stands in one box with a code: `1. RY-101`, 3 400131."""
_DASHED: Final = re.compile(r"[A-Z]{1,5}(?:-[A-Z0-9]{1,8}){1,4}")
"""A code of letters alone shows by its strokes: WB-T-DUCK."""
_FIGURES_FIRST: Final = re.compile(r"[0-9][0-9,.]* +[A-Z0-9]")
"""A quantity or amount that stands before a lot in one box."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: role, horizontal extent of its heading, then of its cells."""

    role: str
    left: float
    right: float
    word: str

    def gap(self, left: float, right: float) -> float:
        """Distance to an extent; 0 where they overlap."""
        return max(0.0, left - self.right, self.left - right)


@dataclass(frozen=True, slots=True)
class TableHead:
    """The heading of a table on a page."""

    columns: tuple[Column, ...]
    tokens: tuple[Token, ...]
    top: float
    bottom: float


@lru_cache(maxsize=4096)
def misfit(role: str, text: str) -> float:
    """How badly a text suits a column: 0 for well, 3 for not at all.

    Asked many times of the same few texts while a table is fitted; who fits one forgets them after (`cache_clear`), so that
    no document's words stay in memory.
    """
    return _misfit_of(role, tidy(text))


def _misfit_of(role: str, text: str) -> float:  # noqa: C901, PLR0911, PLR0912  (a table of rules, one line each)
    plain = key(text)
    if not plain:
        return 0.0
    if role == "line":
        return 0.0 if plain.isdecimal() and len(plain) <= 3 else 3.0
    if role in {"quantity", "quantity_other"}:
        number = parse_number(text)
        if number is None or (number.decimals == 2 and "," in text):
            return 2.5
        return 0.0 if not key(number.rest) or is_unit(number.rest) else 1.5
    if role in {"unit_price", "amount", "discount"}:
        number = parse_number(text)
        if number is None:
            return 2.5
        if has_chinese(number.rest) and number.rest not in {"元", "圓"}:
            return 1.2  # the next cell's word
        return (0.0 if number.decimals == 2 else 0.3) if len(key(number.rest)) <= 4 else 1.5
    if role in {"expiry", "made"}:
        dated = parse_date(text)
        if dated is None:
            return 1.6
        behind = text[dated.span[1] :].strip()
        return 0.8 if len(text) - 1 > dated.span[1] - dated.span[0] or (behind and is_unit(behind)) else 0.0
    if role == "unit":
        return 0.0 if is_unit(text) else 2.5 if has_digit(plain) else 1.0
    if role == "gtin":
        return 0.0 if plain.isdecimal() and len(plain) in {8, 12, 13, 14} else 2.0
    if role == "sku":
        bare = _RUNNING.sub("", text.strip())
        is_code = _DASHED.fullmatch(bare) is not None or has_digit(bare)
        is_code = is_code and not has_chinese(plain) and " " not in bare
        return 0.0 if is_code and not _MEASURED.search(text) else 1.5
    if role == "batch":
        dated = parse_date(text)
        if dated is not None and not plain.isdecimal():
            return 1.6
        if not has_digit(plain) or has_chinese(plain):
            return 1.5
        return 0.7 if _FIGURES_FIRST.match(text) else 0.0
    if role == "result":
        return 0.0 if is_result(text) else 0.6 if not has_digit(plain) else 1.2
    if role in {"reason", "remark"}:
        return 0.0 if not has_digit(plain) else 1.2 if plain[0].isdecimal() else 0.7
    if role == "description":
        if parse_date(text) is not None and len(plain) <= 10:
            return 1.2
        return 0.9 if parse_number(text) is not None and not any(character.isalpha() for character in plain) else 0.0
    return 0.2


def find_head(page: FlatPage) -> TableHead | None:
    """The heading of the first table on a page, or None."""
    read = [_standing_together([(token, _headings_of(token)) for token in row]) for row in page.rows]
    scores = [_score(row) for row in read]
    best = max(range(len(scores)), key=lambda index: scores[index], default=None)
    if best is None or (
        scores[best] < HEAD_MIN and not _is_shortest(read[best]) and _stacked_score(page, read, best) < HEAD_MIN
    ):
        return None
    block = _stack(page, read, best)
    for index, line in zip(block, joined_headings([read[index] for index in block]), strict=True):
        read[index] = line
    headings = [heading for index in block for _, found in read[index] for heading in _bilingual(found)]
    unread = [token for index in block for token, found in read[index] if not found and key(token.text)]
    columns = _with_currency(_merge(headings))
    roles = {column.role for column in columns}
    if not roles & VALUE_ROLES:
        return None
    for token in unread:
        if _stands_beside(token, columns):
            guessed = guess_column(token.text) or UNKNOWN
            role = UNKNOWN if guessed in roles else guessed
            roles.add(role)
            columns.append(Column(role, token.left, token.right, key(token.text)))
    if len(columns) < COLUMNS_MIN and not (roles == _FEWEST and not unread):
        return None
    tokens = tuple(token for index in block for token, _ in read[index])
    tokens += _ends_below(page, block[-1], tokens)
    return TableHead(
        tuple(sorted(_one_of_each(columns), key=lambda column: column.left)),
        tokens,
        min(token.v - token.height / 2 for token in tokens),
        max(token.v + token.height / 2 for token in tokens),
    )


_ARTICLE: Final = re.compile(r"第[0-9一二三四五六七八九十]{1,3}[條章節項款]")
"""The article of a contract that names what the table below it has columns of."""
_SENTENCE_END: Final = re.compile(r"[a-z][a-z ]{5,}\.|.*。")


def _headings_of(token: Token) -> list[Heading]:
    """The column words of a box; what ends in a colon is the label of a field, and the end of a sentence is none."""
    text = tidy(token.text)
    return [] if text.endswith(":") or _SENTENCE_END.fullmatch(text) or _ARTICLE.match(text) else read_headings(token)


def _ends_below(page: FlatPage, last: int, heads: Sequence[Token]) -> tuple[Token, ...]:
    """What ends headings that break off below them, if nothing else stands on that line: `Reason for` over `Return`."""
    below = page.rows[last + 1] if last + 1 < len(page.rows) else []
    open_heads = [token for token in heads if _BREAKS_OFF.search(tidy(token.text))]
    near = bool(below) and _middle(below) - _middle(page.rows[last]) < STACK_GAP
    is_end = near and all(
        any(token.left < head.right and token.right > head.left for head in open_heads) for token in below
    )
    return tuple(below) if is_end else ()


def _with_currency(columns: Sequence[Column]) -> list[Column]:
    """Columns of which a currency that stands apart from the heading of a price is its end: `U/Price   (HK$)`."""
    joined: list[Column] = []
    for column in sorted(columns, key=lambda column: column.left):
        before = joined[-1] if joined else None
        if (
            before is not None
            and before.role in {"unit_price", "amount"}
            and column.word in _CURRENCIES
            and column.left - before.right < CURRENCY_WITHIN
        ):
            joined[-1] = replace(before, right=max(before.right, column.right))
        else:
            joined.append(column)
    return joined


def _stands_beside(token: Token, columns: Sequence[Column]) -> bool:
    """Whether a box of a heading that says nothing known may head columns of its own; a wide one may touch its neighbours."""
    wide = token.right - token.left
    near = -TOUCH if wide > WIDE else APART
    return wide < UNREAD_MAX and all(
        max(column.left - token.right, token.left - column.right) > near for column in columns
    )


def _standing_together(row: list[tuple[Token, list[Heading]]]) -> list[tuple[Token, list[Heading]]]:
    """A row without what stands aside of its column words and is none, as the lines of a side bar: it has figures."""
    named = [index for index, (_, found) in enumerate(row) if found]
    if len(named) < ASIDE_WORDS:
        return row
    first, last = named[0], named[-1]
    strange = [index for index, (token, found) in enumerate(row) if not found and has_digit(token.text)]
    start = max((index + 1 for index in strange if index < first), default=0)
    stop = min((index for index in strange if index > last), default=len(row))
    return row[start:stop]


def _bilingual(found: Sequence[Heading]) -> list[Heading]:
    """Column words of one token; the same in two languages beside each other, such as 金額 Amount, is one."""
    joined: list[Heading] = []
    for heading in found:
        last = joined[-1] if joined else None
        if last is not None and last.role == heading.role and has_chinese(last.word) != has_chinese(heading.word):
            word = last.word + heading.word
            joined[-1] = Heading(heading.role, word, last.left, heading.right, exact=last.exact and heading.exact)
        else:
            joined.append(heading)
    return joined


def _score(row: Sequence[tuple[Token, list[Heading]]]) -> float:
    headings = [heading for _, found in row for heading in found]
    roles = {heading.role for heading in headings} - {UNKNOWN}
    strange = [token for token, found in row if not found and key(token.text)]
    if not roles & VALUE_ROLES or any(has_digit(token.text) for token in strange):
        return 0.0
    guessed = [token for token in strange if guess_column(token.text) is not None] if len(roles) >= KNOWN_MIN else []
    score = len(roles) + 0.2 * len(headings) - 0.5 * len(strange) + 0.7 * len(guessed)
    if roles & (ITEM_ROLES | {"line"}):
        return score
    # One word that is not known may be what these goods are called.
    return score if len(roles) >= 3 and len(strange) == 1 else 0.0


def _is_shortest(row: Sequence[tuple[Token, list[Heading]]]) -> bool:
    """Whether a row names goods and their quantity, each in a box of its own, and nothing else."""
    headings = [heading for _, found in row for heading in found]
    return all(found for _, found in row) and len(row) > 1 and {heading.role for heading in headings} == _FEWEST


def _stacked_score(page: FlatPage, read: Sequence[list[tuple[Token, list[Heading]]]], best: int) -> float:
    """What a row scores with the rows of headings right above and below it: narrow headings stand between two lines."""
    return _score([one for index in _stack(page, read, best) for one in read[index]])


def _stack(page: FlatPage, read: Sequence[Sequence[tuple[Token, list[Heading]]]], best: int) -> list[int]:
    """Rows of the heading: the best one and neighbours that also are column words."""
    block = [best]
    for step in (-1, 1):
        index = best + step
        while 0 <= index < len(read) and len(block) < 5:
            row = read[index]
            near = block[0] if step < 0 else block[-1]
            gap = abs(_middle(page.rows[index]) - _middle(page.rows[near]))
            named = [heading for _, found in row for heading in found]
            if gap > STACK_GAP or not named or any(not found and has_digit(token.text) for token, found in row):
                break
            if step < 0 and any(_CLAUSE.match(tidy(token.text)) for token, _ in row):
                break
            strange = sum(not found and bool(key(token.text)) for token, found in row)
            if strange > len(named) or (step < 0 and len(named) < 2 and gap > 1.4):
                break
            block = [index, *block] if step < 0 else [*block, index]
            index += step
    return block


def _middle(row: Sequence[Token]) -> float:
    return sum(token.v for token in row) / len(row)


def _merge(headings: Sequence[Heading]) -> list[Column]:
    """Column words that lie over each other as one column; the longer and exact word names it."""
    groups: list[list[Heading]] = []
    for heading in sorted(headings, key=lambda heading: heading.left):
        for group in groups:
            left, right = min(one.left for one in group), max(one.right for one in group)
            shared = min(right, heading.right) - max(left, heading.left)
            if shared > 0.35 * min(right - left, heading.right - heading.left):
                group.append(heading)
                break
        else:
            groups.append([heading])
    return [_column(group) for group in groups]


def _column(group: Sequence[Heading]) -> Column:
    votes: dict[str, float] = {}
    for heading in group:
        weight = len(heading.word) * (2.2 if has_chinese(heading.word) else 1.0) * (1.0 if heading.exact else 0.6)
        weight *= 0.01 if heading.role == UNKNOWN else 1.0
        votes[heading.role] = votes.get(heading.role, 0.0) + weight
    # `Item Code` over 貨號 is a code, whatever `Item` alone would be.
    role = max(votes, key=lambda one: votes[one] - (0.5 if one in {"line", "other", "remark"} else 0.0))
    word = " ".join(heading.word for heading in group)
    return Column(role, min(one.left for one in group), max(one.right for one in group), word)


_MEASURE: Final = re.compile(r"單位|unit|uom|um$")
_ORDERED: Final = ("order", "訂購", "訂貨", "採購", "訂量")


def _is_other_count(column: Column, twin: Column) -> bool:
    """What is left of an order, beside what was ordered and what came; what was faulty, beside how many were looked at."""
    if any(word in twin.word for word in _ORDERED):
        return True
    said, before = column.word.split(" "), twin.word.split(" ")
    return all(word not in before and lexicon.COLUMNS.get(word) == "quantity_other" for word in said)


def _one_of_each(columns: Sequence[Column]) -> list[Column]:
    """Of two columns with one role the likelier keeps it: delivered before ordered, the total at the right."""
    kept: list[Column] = []
    for column in sorted(columns, key=lambda column: column.left):
        twin = next((index for index, one in enumerate(kept) if one.role == column.role), None)
        if twin is None or column.role in {UNKNOWN, "other"}:
            kept.append(column)
            continue
        if column.role == "quantity":
            ordered = any(word in kept[twin].word for word in _ORDERED)
            loser, spare = (twin, "quantity_other") if ordered else (None, "quantity_other")
        elif column.role == "amount":
            loser, spare = twin, "other"
        elif column.role == "unit":
            loser, spare = (twin if _MEASURE.search(column.word) else None), "spec"
        elif column.role == "line":
            loser, spare = None, UNKNOWN
        elif column.role == "quantity_other" and _is_other_count(column, kept[twin]):
            loser, spare = None, "other"
        else:
            loser, spare = None, "spec" if column.role == "description" else UNKNOWN
        if loser is not None:
            kept[loser] = replace(kept[loser], role=spare)
            kept.append(column)
        else:
            kept.append(replace(column, role=spare))
    return kept
