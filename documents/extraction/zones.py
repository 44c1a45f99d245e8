"""The part of a document outside its table, and the values beside its labels: in the same box, to the right, or below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from documents.extraction.labels import read_label
from documents.extraction.plain import key, tidy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from documents.extraction.flat import FlatPage, Token
    from documents.extraction.labels import Label

REACH_RIGHT: Final = 26.0
"""How far right of a label its value may begin, in text heights."""
REACH_BELOW: Final = 2.4


@dataclass(frozen=True, slots=True)
class Zone:
    """The part of the document outside the table: pages, labels, and which tokens the table took."""

    pages: Sequence[FlatPage]
    labels: Sequence[Label]
    taken: frozenset[int]
    """Identities of tokens inside the table."""
    table_top: float | None
    """Where the table begins on the first page."""

    def label_of(self, token: Token) -> Label | None:
        """The label that a token begins with, or None."""
        return next((label for label in self.labels if label.token is token), None)

    def is_label(self, token: Token) -> bool:
        """Whether a token is a label and nothing else, or a label with its value."""
        label = self.label_of(token)
        return label is not None and (label.closed or label.rest is not None)

    def in_head(self, token: Token) -> bool:
        """Whether a token stands above the table on the first page."""
        top = self.table_top if self.table_top is not None else self.pages[0].bottom * 0.6
        return token.page == self.pages[0].page and token.v < top


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value beside a label."""

    label: Label
    tokens: tuple[Token, ...]
    text: str
    near: float
    """1 in the same box, less the further away."""


def make_zone(pages: Sequence[FlatPage], taken: frozenset[int], table_top: float | None) -> Zone:
    """The zone with its labels read."""
    labels = [
        label
        for page in pages
        for token in page.tokens
        if id(token) not in taken and (label := read_label(token)) is not None
    ]
    return Zone(pages, labels, taken, table_top)


def candidates(zone: Zone, roles: Callable[[str], bool], fits: Callable[[str], bool]) -> list[Candidate]:
    """Values of all labels with a wanted role, nearest place first for each label."""
    return [found for label in zone.labels if roles(label.role) and (found := _value_of(zone, label, fits)) is not None]


def _value_of(zone: Zone, label: Label, fits: Callable[[str], bool]) -> Candidate | None:
    if label.rest is not None:
        if fits(label.rest.text):
            return Candidate(label, (label.rest,), tidy(label.rest.text), 1.0)
        if label.closed and key(label.rest.text):
            return None
    page = next(page for page in zone.pages if page.page == label.token.page)
    free = [token for token in page.tokens if token is not label.token and id(token) not in zone.taken]
    right = _right_of(zone, label.token, free)
    if right is not None:
        text = tidy(right.text).lstrip(":： ")
        if fits(text):
            return Candidate(label, (right,), text, 0.97)
    below = _below(zone, label.token, free)
    for token in below:
        if fits(tidy(token.text)):
            return Candidate(label, (token,), tidy(token.text), 0.93)
    return None


def _right_of(zone: Zone, token: Token, free: Iterable[Token]) -> Token | None:
    beside = [
        other
        for other in free
        if abs(other.v - token.v) < 0.6 * max(1.0, min(token.height, other.height))
        and -0.6 < other.left - token.right < REACH_RIGHT
        and key(other.text)
    ]
    nearest = min(beside, key=lambda other: (other.left, abs(other.v - token.v)), default=None)
    return None if nearest is None or zone.is_label(nearest) else nearest


def _below(zone: Zone, token: Token, free: Iterable[Token]) -> list[Token]:
    under = [
        other
        for other in free
        if 0.5 < other.v - token.v < REACH_BELOW
        and other.left < token.right + 1.0
        and other.right > token.left - 1.0
        and not zone.is_label(other)
    ]
    return sorted(under, key=lambda other: (round(other.v - token.v, 0), abs(other.left - token.left)))
