"""What can go wrong with searching, as one tree.

SearchError
├── InvalidQuery       what was asked cannot be looked for: `member` says where
├── InvalidText        a document's text or facets break a bound
├── NotIndexable       the document's class is sensitive: it never enters the index in clear
├── CursorUnusable     a cursor of another order of results
└── IndexUnavailable   the index cannot be read or written now; it is derived data, and the documents are not touched
"""

from __future__ import annotations


class SearchError(Exception):
    """Base of every error searching raises on purpose."""


class InvalidQuery(SearchError):
    """A member of a query breaks its rule.

    Attributes:
        member: the member's name.
        reason: what was expected and what was got; never the text that was looked for.
        zh: the message in Chinese.
    """

    def __init__(self, member: str, reason: str) -> None:
        self.member = member
        self.reason = reason
        self.zh = f"搜尋條件不符要求：{member}"
        super().__init__(f"{member}: {reason}")


class InvalidText(SearchError):
    """What was to be indexed breaks a bound."""

    def __init__(self, member: str, reason: str) -> None:
        self.member = member
        super().__init__(f"{member}: {reason}")


class NotIndexable(SearchError):
    """The document is sensitive; what the index held of it is gone."""

    def __init__(self, document_id: str) -> None:
        self.document_id = document_id
        super().__init__(f"document {document_id}: expected one whose class is not sensitive")


class CursorUnusable(SearchError):
    """The cursor is not one of this query's."""

    def __init__(self) -> None:
        super().__init__("cursor: expected one that an earlier page of the same query gave")


class IndexUnavailable(SearchError):
    """The index cannot be used now.

    Attributes:
        rebuild: whether it must be made again before it can.
    """

    def __init__(self, reason: str, *, rebuild: bool = False) -> None:
        self.rebuild = rebuild
        super().__init__(f"search index: {reason}")
