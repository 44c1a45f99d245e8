"""Side bars: a letterhead that runs down the page beside the table, and is no part of its rows."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from documents.extraction.columns import ITEM_ROLES
from documents.extraction.guessing import guess_label
from documents.extraction.headings import UNKNOWN
from documents.extraction.labels import read_label
from documents.extraction.plain import tidy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from documents.extraction.columns import Column, TableHead
    from documents.extraction.flat import FlatPage, Token

_CONTACTS: Final = re.compile(
    r"(?i)^(?:tel|phone|fax|e-?mail|web(?:site)?|地址|電話|傳真|電郵|網址)\b\W|^(?:電話|傳真|電郵|地址)|@|\bwww\.|(?:hong kong|kowloon|n\.t\.)[.,]?$"
)
_LABELLED: Final = re.compile(r"^[^0-9:]{1,12}:")
_NO_ROLE: Final = frozenset({UNKNOWN, "other"})
LABELS_MIN: Final = 2
"""Labels that make a side bar of fields; cells are none, and end in no colon."""
BESIDE: Final = 3.0
"""How far above the heading a side bar that reaches down to the rows may have its first line of contacts."""
ALIGNED: Final = 1.0
CLEAR: Final = 0.3


def without_side_bar(page: FlatPage, head: TableHead) -> tuple[TableHead, frozenset[int]]:
    """The heading without what of a side bar stands on its line, and the identities of what stands in the bar."""
    known = next((at for at, column in enumerate(head.columns) if column.role not in _NO_ROLE), 0)
    if not any(column.role in ITEM_ROLES for column in head.columns[known:]):
        known = 0  # what stands left of the figures are the goods, whatever their heading
    bar = side_bar(page, head.columns[known:], head.top)
    edge = max((token.left for token in page.tokens if id(token) in bar), default=-1.0) + ALIGNED
    columns = tuple(column for at, column in enumerate(head.columns) if at >= known or column.left > edge)
    tokens = tuple(token for token in head.tokens if id(token) not in bar)
    return replace(head, columns=columns, tokens=tokens), bar


def side_bar(page: FlatPage, columns: Sequence[Column], top: float) -> frozenset[int]:
    """Identities of what stands in a column of contacts or fields left of the table, edge to edge; empty where there is none."""
    edge = min(column.left for column in columns) - CLEAR
    outside = [token for token in page.tokens if token.right < edge]
    lefts = [token.left for token in outside if token.v > top - BESIDE and _CONTACTS.search(tidy(token.text))]
    bottom = _bottom(page, columns, top)
    labelled = [token.left for token in outside if top < token.v < bottom and _is_label(token)]
    lefts += labelled if len(labelled) >= LABELS_MIN else []
    return frozenset(id(token) for token in outside if any(abs(token.left - left) < ALIGNED for left in lefts))


def _is_label(token: Token) -> bool:
    """Whether a box is the label of a field, by its colon or by what it says."""
    label = read_label(token) or guess_label(token)
    return _LABELLED.search(tidy(token.text)) is not None or (label is not None and label.rest is None)


def _bottom(page: FlatPage, columns: Sequence[Column], top: float) -> float:
    """Where the last line stands of which boxes stand under most of the columns."""
    full = [
        row[0].v
        for row in page.rows
        if row[0].v > top
        and 2 * sum(any(column.gap(token.left, token.right) == 0 for token in row) for column in columns) > len(columns)
    ]
    return max(full, default=top)
