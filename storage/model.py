"""The values a caller gets from the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from audit.entry import Entry

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Head:
    """Where the log stands: how many entries, their root, and the signed checkpoint that says so."""

    origin: str
    size: int
    root: bytes
    note: str
    recorded_at: int


# Made for every entry, so not frozen: Final and slots forbid the same and cost a third.
@dataclass(slots=True, unsafe_hash=True)
class Receipt:
    """Proves an entry on its own: its place, its hash, a signed checkpoint, and the path between.

    Of several entries of one change it is the last, whose `previous` binds the ones before.
    """

    index: Final[int]
    leaf_hash: Final[bytes]
    checkpoint: Final[str]
    proof: Final[tuple[bytes, ...]]
    size: Final[int]


# Made for every entry, so not frozen: Final and slots forbid the same and cost a third.
@dataclass(slots=True, unsafe_hash=True)
class Committed(Generic[T]):
    """A durable change: its result and receipt. A replay has no result; its receipt is for the entry of the first time."""

    result: T | None
    receipt: Final[Receipt]
    replayed: Final[bool]
    entries: Final[tuple[Entry, ...]]
