"""Reconciliation: every balance made again from the entries, and compared.

- The entries are read in their order, from their bytes; no index and no other table is believed. Whether the bytes are
  those that were hashed is for the verification to say: reconcile a log that verifies.
- Of each balance, quantity and last entry are compared. On the way each movement's own account is checked too: its
  `before` is what the entries before it left, and `before` + `change` is its `after`.
- Memory is bounded: at most `KEYS_MAX` balances are made at a time. When there are more, the keys are divided by a
  digest and the entries read again for the other half. That is found while reading: a count could not be believed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol
from zlib import crc32

from audit.canonical import JSON, parse
from audit.errors import NotCanonical
from stock.model import STOCK_ADJUSTED, STOCK_CORRECTED, Disagreement, DisagreementKind
from stock.store import stream_balances
from storage.reading import read_head, stream_entries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stock.store import Snapshot

KEYS_MAX: Final = 200_000
"""Most balances in memory; about 60 MB."""
PROGRESS_EVERY: Final = 2000

_MOVEMENTS: Final = frozenset({STOCK_ADJUSTED.encode(), STOCK_CORRECTED.encode()})
# The members of canonical JSON are sorted, so the type is the last one of an entry: `…,"type":"stock.adjusted"}`.
_TYPE: Final = b',"type":"'
_END: Final = b'"}'
_TAIL_BYTES: Final = 96

Key = tuple[str, str, str]


class Progress(Protocol):
    """Is told how far the work is, now and then."""

    def __call__(self, done: int, total: int) -> None:
        """`done` of `total` entries read; `total` grows if the entries have to be read again."""


class _Movement(NamedTuple):
    key: Key
    entry: int
    before: int
    change: int
    after: int


@dataclass(slots=True)
class _Account:
    quantity: int
    index: int
    fault: Disagreement | None = None


class _Unreadable(Exception):
    """The bytes are no entry, or no movement."""


class _Part:
    """The keys whose digest has one remainder: all of them, or a half, a quarter, ..."""

    __slots__ = ("accounts", "modulus", "remainder")

    def __init__(self, modulus: int, remainder: int) -> None:
        self.modulus = modulus
        self.remainder = remainder
        self.accounts: dict[Key, _Account] = {}

    def holds(self, key: Key) -> bool:
        """Whether the key belongs to this part."""
        return self.modulus == 1 or crc32("\n".join(key).encode()) % self.modulus == self.remainder

    def split(self) -> _Part:
        """Keeps half of the keys, and returns the part that is the other half."""
        other = _Part(self.modulus * 2, self.remainder + self.modulus)
        self.modulus *= 2
        self.accounts = {key: account for key, account in self.accounts.items() if self.holds(key)}
        return other

    def add(self, movement: _Movement) -> None:
        """Takes one more movement into account."""
        account = self.accounts.get(movement.key)
        if account is None:
            account = self.accounts[movement.key] = _Account(0, movement.entry)
        if account.fault is None:
            account.fault = _fault(movement, account.quantity)
        account.quantity += movement.change
        account.index = movement.entry


def reconcile(
    connection: Snapshot, progress: Progress | None = None, *, keys_max: int = KEYS_MAX
) -> list[Disagreement]:
    """Every disagreement between balances and entries in this snapshot; none, if all is well."""
    return list(disagreements(connection, progress, keys_max=keys_max))


def disagreements(
    connection: Snapshot, progress: Progress | None = None, *, keys_max: int = KEYS_MAX
) -> Iterator[Disagreement]:
    """The same one after the other, for a reader that need not hold them all."""
    size = read_head(connection).size
    parts, passes, done = [_Part(1, 0)], 1, 0
    while parts:
        part = parts.pop()
        for entry in stream_entries(connection, 0, size):
            try:
                movement = _movement(entry.bytes, entry.index)
            except _Unreadable:
                movement = None
                if done < size:
                    yield Disagreement(DisagreementKind.UNREADABLE, index=entry.index)
            if movement is not None and part.holds(movement.key):
                part.add(movement)
                while len(part.accounts) > keys_max:
                    parts.append(part.split())
                    passes += 1
            done += 1
            if progress is not None and done % PROGRESS_EVERY == 0:
                progress(done, passes * size)
        yield from _compare(connection, part)
    if progress is not None:
        progress(passes * size, passes * size)


def _compare(connection: Snapshot, part: _Part) -> Iterator[Disagreement]:
    accounts = part.accounts
    for key in sorted(key for key, account in accounts.items() if account.fault is not None):
        fault = accounts[key].fault
        if fault is not None:
            yield fault
    for store, sku, batch, quantity, index in stream_balances(connection):
        key = (store, sku, batch)
        if not part.holds(key):
            continue
        account = accounts.pop(key, None)
        if account is None:
            yield _named(DisagreementKind.UNEXPECTED, key, found=quantity, index=index)
        elif account.quantity != quantity:
            yield _named(DisagreementKind.QUANTITY, key, expected=account.quantity, found=quantity, index=account.index)
        elif account.index != index:
            yield _named(DisagreementKind.LAST_ENTRY, key, expected=account.index, found=index, index=account.index)
    for key in sorted(accounts):
        account = accounts[key]
        yield _named(DisagreementKind.MISSING, key, expected=account.quantity, index=account.index)


def _named(
    kind: DisagreementKind,
    key: Key,
    *,
    expected: int | None = None,
    found: int | None = None,
    index: int | None = None,
) -> Disagreement:
    store, sku, batch = key
    return Disagreement(kind, store, sku, batch or None, expected, found, index)


def _fault(movement: _Movement, standing: int) -> Disagreement | None:
    if movement.before != standing:
        expected, found = standing, movement.before
    elif movement.before + movement.change != movement.after:
        expected, found = movement.before + movement.change, movement.after
    else:
        return None
    return _named(DisagreementKind.HISTORY, movement.key, expected=expected, found=found, index=movement.entry)


def _movement(data: bytes, index: int) -> _Movement | None:
    """What an entry moved; None if it is of another type.

    Raises:
        _Unreadable: it is no entry, or a movement without what makes one.
    """
    tail = data[-_TAIL_BYTES:]
    place = tail.rfind(_TYPE)
    if place < 0 or not tail.endswith(_END):
        raise _Unreadable
    if tail[place + len(_TYPE) : -len(_END)] not in _MOVEMENTS:
        return None
    try:
        entry = parse(data)
    except NotCanonical as error:
        raise _Unreadable from error
    said = entry.get("data") if isinstance(entry, dict) else None
    if not isinstance(said, dict):
        raise _Unreadable
    key = _texts(said.get("store"), said.get("sku"), said.get("batch", ""))
    before, change, after = _numbers(said.get("before"), said.get("change"), said.get("after"))
    return _Movement(key, index, before, change, after)


def _texts(*values: JSON) -> Key:
    store, sku, batch = values
    if not (isinstance(store, str) and isinstance(sku, str) and isinstance(batch, str)):
        raise _Unreadable
    return store, sku, batch


def _numbers(*values: JSON) -> tuple[int, int, int]:
    before, change, after = values
    if not (type(before) is int and type(change) is int and type(after) is int):
        raise _Unreadable
    return before, change, after
