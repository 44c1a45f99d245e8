"""What a fault expected and found, in Chinese: faults carry these as short English texts beside hashes and numbers."""

from __future__ import annotations

import re
from typing import Final

_PHRASES: Final[tuple[tuple[str, str], ...]] = (
    (r"(\d+) entries", r"\1 項"),
    (r"(\d+) rows", r"\1 列"),
    (r"(\d+) rows from (.+) on", r"由 \2 起 \1 列"),
    (r"no rows outside 0 to (.+)", r"0 至 \1 以外沒有資料列"),
    (r"(\d+) leaf hashes", r"\1 個葉雜湊"),
    (r"32 bytes", "32 位元組"),
    (r"(.+) or later", r"\1 或以後"),
    (r"(\d+) by others", r"\1 個，由其他密鑰簽署"),
    (r"at most (\d+)", r"最多 \1"),
    (r"index (.+)", r"位置 \1"),
    (r"size (.+)", r"大小 \1"),
    (r"position (.+) after entry (.+)", r"第 \2 項之後的次序 \1"),
    (r"position (.+) after (.+)", r"\2 之後的次序 \1"),
    (r"position (.+)", r"次序 \1"),
    (r"the leaf hash of entry (.+)", r"第 \1 項的葉雜湊"),
    (r"a signature by (.+)", r"\1 的簽署"),
    (r"a row of (.+)", r"\1 的一列"),
    (r"no such tile at size (.+)", r"大小 \1 時沒有此樹塊"),
    (r"a row", "一列"),
    (r"one row", "一列"),
    (r"no row", "沒有資料列"),
    (r"no more rows", "沒有更多資料列"),
    (r"one tile", "一個樹塊"),
    (r"none", "沒有"),
    (r"none, or more", "沒有，或多於一列"),
    (r"more", "更多"),
    (r"two", "兩個"),
    (r"another", "另一個"),
    (r"another value", "另一個值"),
    (r"another kind of value", "另一種值"),
    (r"another entry", "另一項"),
    (r"others", "其他"),
    (r"no such entry", "沒有此項"),
    (r"no previous entry", "沒有上一項"),
    (r"a previous entry", "有上一項"),
    (r"a time", "時間"),
    (r"a root", "根雜湊"),
    (r"a vkey", "驗證密鑰（vkey）"),
    (r"a key named by the log", "日誌所指的密鑰"),
    (r"one key for a name and key id", "每個名稱和密鑰編號只有一個密鑰"),
    (r"a signed checkpoint", "已簽署的檢查點"),
    (r"a signature vouched for by a key from outside", "由外來密鑰擔保的簽署"),
    (r"a signature vouched for by a pinned key", "由指定密鑰擔保的簽署"),
    (r"hashes under the root", "根雜湊之下的雜湊"),
    (r"leaf hashes", "葉雜湊"),
    (r"the same leaf hashes", "相同的葉雜湊"),
    (r"the entry under the root", "根雜湊之下的一項"),
    (r"the nodes over its hashes", "其雜湊之上的節點"),
    (r"the canonical bytes of an entry", "一項紀錄的標準位元組"),
)
_PATTERNS: Final = tuple((re.compile(english), chinese) for english, chinese in _PHRASES)


def value_zh(text: str) -> str:
    """The text in Chinese; hashes, numbers, names and what a parser said stay as they are."""
    for pattern, chinese in _PATTERNS:
        found = pattern.fullmatch(text)
        if found is not None:
            return found.expand(chinese)
    return text
