"""The values a caller gets from the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

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


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proves an entry on its own: its place, its hash, a signed checkpoint, and the path between.

    Of several entries of one change it is the last, whose `previous` binds the ones before.
    """

    index: int
    leaf_hash: bytes
    checkpoint: str
    proof: tuple[bytes, ...]
    size: int


@dataclass(frozen=True, slots=True)
class Committed(Generic[T]):
    """A durable change: its result and receipt. A replay has no result; its receipt is for the entry of the first time."""

    result: T | None
    receipt: Receipt
    replayed: bool
    entries: tuple[Entry, ...]
