"""What stands inside the rows of a table and may be something else, or of another row: each is a question for a person."""

from __future__ import annotations

import re
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Final

from documents.extraction import lexicon
from documents.extraction.dates import parse_date
from documents.extraction.gathering import CLEAR
from documents.extraction.headings import UNKNOWN
from documents.extraction.model import ReviewItem, ReviewReason
from documents.extraction.plain import tidy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from documents.extraction.flat import Token
    from documents.extraction.found import Found
    from documents.extraction.table import Table

_REMARK: Final = re.compile(
    r"[*※★#]|[(（【\[][^0-9()]{8,}[)）】\]]$|(?i:^(?:free|foc|bonus|gift|promotion|remark|note)\b)|^(?:贈|免費|備註|註|特價|推廣)"
)
_LABELLED: Final = re.compile(r"\s(?:[A-Za-z]{3,}(?: [A-Za-z]+){0,2}|[\u3400-\u9fff]{2,6}) ?[:：] ?\S")
"""Something under the goods with a label of its own that no field took: `Reason: Torn bag`."""
_CODE: Final = re.compile(r"(?=.*[0-9])[A-Z]{1,4}[-/]?[0-9]{3,}[A-Z0-9/-]*|[0-9]{5,}|[A-Z]{1,4}(?:-[A-Z0-9]{1,8}){2,4}")
APART: Final = 1.2
"""Gap, in text heights, that is more than a space."""
SAME_LINE: Final = 0.4
DAY_MIN: Final = 8
"""Characters that a day with its year has at least."""
LINE_ABOVE: Final = 0.8


def in_the_rows(tables: Sequence[Table], rows: Sequence[Mapping[str, Found]]) -> list[ReviewItem]:
    """Questions about what stands in the table and may be something else, or of another row."""
    items: list[ReviewItem] = []
    if rows and any(_is_unheaded(table) or _holds_two(table) for table in tables):
        items.append(ReviewItem("rows", ReviewReason.UNSURE))
    if rows and "sku" not in {name for row in rows for name in row} and 2 * sum(map(_hides_code, rows)) > len(rows):
        items.append(ReviewItem("rows/0/sku", ReviewReason.MISSING))
    items += [ReviewItem(f"rows/{at}/description", ReviewReason.UNSURE) for at in _crowded(rows)]
    items += [ReviewItem(f"rows/{at}/description", ReviewReason.UNSURE) for at in _remarked(rows)]
    if rows and any(_leaves_out(table) for table in tables):
        items.append(ReviewItem("rows", ReviewReason.UNSURE))
    if any(_spills(table) for table in tables):
        items.append(ReviewItem("rows", ReviewReason.UNSURE))
    return items


def _is_unheaded(table: Table) -> bool:
    """Whether a column has values and no known heading, or is one of codes or dates by what stands in it alone."""
    if any(row.cells.get(UNKNOWN) for row in table.rows):
        return True
    return any(
        column.role in {"sku", "batch", "expiry"}
        and not any(word in lexicon.COLUMNS for word in column.word.split(" "))
        for column in table.columns
    )


def _holds_two(table: Table) -> bool:
    """Whether most cells of words hold two texts beside each other: one may be of a column without a heading."""
    for role in ("description", "reason"):
        held = [tokens for row in table.rows if (tokens := row.cells.get(role))]
        apart = sum(
            any(abs(one.v - two.v) < SAME_LINE and two.left - one.right > APART for one, two in pairwise(tokens))
            for tokens in held
        )
        if held and 2 * apart > len(held):
            return True
    return False


def _spills(table: Table) -> bool:
    """Whether a description lost a part of its own box to a column beside it that few rows fill."""
    filled = [row for row in table.rows if row.cells.get("spec")]
    if 2 * len(filled) > len(table.rows):
        return False
    return any(
        spare.raw == token.raw
        for row in filled
        for spare in row.cells["spec"]
        for token in row.cells.get("description", ())
    )


def _hides_code(row: Mapping[str, Found]) -> bool:
    """Whether a description begins with what may be the code of the goods, behind its running number or not."""
    words = str(row["description"].value).split(" ")[:2] if "description" in row else []
    return any(_CODE.fullmatch(word) for word in words)


def _crowded(rows: Sequence[Mapping[str, Found]]) -> list[int]:
    """Rows whose description may hold more than the goods.

    It has more lines than those of most and is no text that was wrapped at the column's edge: a row that was not seen, or a
    remark. It has a line above its figures, which the others have not: the heading of a part. Or it has a date.
    """
    held = [row["description"].tokens if "description" in row else () for row in rows]
    deep = [len({round(token.v) for token in tokens}) for tokens in held]
    usual = max(2, 2 * int(median(deep))) if deep else 0
    edge = max((token.right for tokens in held for token in tokens), default=0.0)
    over = [_stands_over(row) for row in rows]
    few = 2 * sum(over) <= len(rows)
    return [
        at
        for at, (lines, tokens) in enumerate(zip(deep, held, strict=True))
        if (lines > usual and not _is_wrapped(tokens, edge)) or (over[at] and few) or _has_date(rows[at])
    ]


def _remarked(rows: Sequence[Mapping[str, Found]]) -> list[int]:
    """Rows whose description has a line of its own in brackets or behind a star, where most have none: a remark, and no name."""
    remarked = [
        at
        for at, row in enumerate(rows)
        if "description" in row and any(_REMARK.match(tidy(token.text)) for token in row["description"].tokens[1:])
    ]
    apart = [
        at
        for at, row in enumerate(rows)
        if "description" in row
        and (_stands_apart(row["description"].tokens) or _LABELLED.search(str(row["description"].value)))
    ]
    return sorted({*(remarked if 2 * len(remarked) <= len(rows) else []), *apart})


def _stands_apart(tokens: Sequence[Token]) -> bool:
    """Whether the lines of a description are further apart than lines of one text: the upper may be a title."""
    heights = sorted(token.v for token in tokens)
    return any(below - above > CLEAR for above, below in pairwise(heights))


def _leaves_out(table: Table) -> bool:
    """Whether a line inside the table is of no row: mostly a title of some of the goods, but it may be a name's second line."""
    heights = [token.v for row in table.rows for tokens in row.cells.values() for token in tokens]
    heads = {id(token) for token in table.head.tokens}
    body = [token for token in table.tokens if id(token) not in heads]
    return any(all(abs(token.v - v) > SAME_LINE for v in heights) for token in body)


def _stands_over(row: Mapping[str, Found]) -> bool:
    """Whether a whole line of a description stands above its row's figures, beside which it goes on."""
    figures = [token.v for name in ("quantity", "amount", "sku") if name in row for token in row[name].tokens]
    if not figures or "description" not in row:
        return False
    offs = [token.v - median(figures) for token in row["description"].tokens]
    return min(offs, default=0.0) < -LINE_ABOVE and any(abs(off) < SAME_LINE for off in offs)


def _is_wrapped(tokens: Sequence[Token], edge: float) -> bool:
    """Whether each line but the last has no room left for the first word of the next."""
    lines = sorted(tokens, key=lambda token: token.v)
    return all(
        below.v - above.v > SAME_LINE and above.right + (below.pieces[0].right - below.pieces[0].left) > edge
        for above, below in pairwise(lines)
    )


def _has_date(row: Mapping[str, Found]) -> bool:
    """Whether a day with its year stands in a description: of production or of expiry, it is no part of the name."""
    found = parse_date(str(row["description"].value)) if "description" in row else None
    return found is not None and not found.doubtful and found.span[1] - found.span[0] >= DAY_MIN
