"""Side bars: a letterhead that runs down the page beside the table, and is no part of its rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from documents.extraction.plain import tidy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from documents.extraction.columns import Column
    from documents.extraction.flat import FlatPage

_CONTACTS: Final = re.compile(
    r"(?i)^(?:tel|phone|fax|e-?mail|web(?:site)?|地址|電話|傳真|電郵|網址)\b\W|^(?:電話|傳真|電郵|地址)|@|\bwww\.|(?:hong kong|kowloon|n\.t\.)[.,]?$"
)
BESIDE: Final = 3.0
"""How far above the heading a side bar that reaches down to the rows may have its first line of contacts."""
ALIGNED: Final = 1.0
CLEAR: Final = 0.3


def side_bar(page: FlatPage, columns: Sequence[Column], top: float) -> frozenset[int]:
    """Identities of what stands in a column of contacts left of the table, edge to edge; empty where there is none."""
    edge = min(column.left for column in columns) - CLEAR
    outside = [token for token in page.tokens if token.right < edge]
    lefts = [token.left for token in outside if token.v > top - BESIDE and _CONTACTS.search(tidy(token.text))]
    return frozenset(id(token) for token in outside if any(abs(token.left - left) < ALIGNED for left in lefts))
