"""What was done to an exported file, told from what its entries say of each other and proven by the signed root.

- Each entry names the hash of the one before it. Put in the order of the indexes that the entries claim, these hash to the
  root of a good checkpoint only if they are the hashes that were logged, whatever was done to the lines of the file.
- Then every line is an entry that was logged, or none, and what is altered, missing, inserted or moved follows from that.
- If they do not, nothing is said: links and root tell then that something is wrong, and near which entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from audit.checkpoint import Checkpoint
from audit.errors import AuditError
from audit.faults import Fault, FaultKind
from audit.members import parse_members
from audit.merkle import root_of

LINES_MAX: Final = 1_000_000
"""Lines that are looked at so; about 300 bytes of memory each."""
CONSEQUENCES: Final = frozenset(
    {
        FaultKind.ALTERED,
        FaultKind.INSERTED,
        FaultKind.LINK_BROKEN,
        FaultKind.MOVED,
        FaultKind.ROOT_WRONG,
        FaultKind.SUBJECT_CHAIN_BROKEN,
        FaultKind.TIME_BACKWARDS,
        FaultKind.TRUNCATED,
    }
)
"""What is found wrong line by line because of what this module names."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line: its leaf hash, the index it claims (None if it is no entry) and the hash of the one before."""

    digest: bytes
    index: int | None
    previous: bytes


@dataclass(frozen=True, slots=True)
class Story:
    """The leaf hashes that were logged, and how the file differs from them."""

    logged: tuple[bytes, ...]
    faults: tuple[Fault, ...]


def story_of(lines: Iterable[bytes], head: Checkpoint) -> Story | None:
    """What was done to the lines under a checkpoint that is known to be good; None if that cannot be told."""
    read: list[_Line] = []
    for line in lines:
        if len(read) == LINES_MAX:
            return None
        read.append(_read(line.removesuffix(b"\n")))
    logged = _logged(read, head)
    return None if logged is None else Story(logged, tuple(_differences(read, logged)))


def _read(data: bytes) -> _Line:
    digest = sha256(b"\x00" + data).digest()
    try:
        members = parse_members(data)
    except AuditError:
        return _Line(digest, None, b"")
    return _Line(digest, members["index"], bytes.fromhex(members["previous"]))


def _logged(lines: Sequence[_Line], head: Checkpoint) -> tuple[bytes, ...] | None:
    """The leaf hashes under the root, if the lines tell them."""
    if not 0 < head.size <= LINES_MAX:
        return None
    own: dict[int, bytes] = {}
    named: dict[int, bytes] = {}
    for line in lines:
        if line.index is not None:
            own.setdefault(line.index, line.digest)
            named.setdefault(line.index - 1, line.previous)
    # Of two that contradict each other the later entry's word is right if the earlier one was altered, and wrong if it was
    # altered itself; then the entry after it contradicts it too.
    trusting = [named.get(index, own.get(index)) for index in range(head.size)]
    doubting = [
        own.get(index, named.get(index))
        if named.get(index + 1) != own.get(index + 1)
        else named.get(index, own.get(index))
        for index in range(head.size)
    ]
    for told in (trusting, doubting):
        hashes = tuple(digest for digest in told if digest is not None)
        if len(hashes) == head.size and root_of(hashes) == head.root:
            return hashes
    return None


def _differences(lines: Sequence[_Line], logged: Sequence[bytes]) -> Iterator[Fault]:
    places = {digest: index for index, digest in enumerate(logged)}
    kept = {places[line.digest] for line in lines if line.digest in places}
    seen: set[int] = set()
    altered: set[int] = set()
    last = -1
    for number, line in enumerate(lines, 1):
        where = f"line {number}"
        place = places.get(line.digest)
        if place is None:
            index = last + 1 if line.index is None else line.index
            if index < len(logged) and index not in kept and index not in altered:
                altered.add(index)
                last = max(last, index)
                yield Fault(FaultKind.ALTERED, index, where, logged[index].hex(), line.digest.hex())
            else:
                yield Fault(FaultKind.INSERTED, number - 1, where, "no such entry", "another entry")
        elif place in seen:
            yield Fault(FaultKind.INSERTED, number - 1, where, "one row", "two")
        else:
            seen.add(place)
            if place < last:
                yield Fault(FaultKind.MOVED, number - 1, where, f"index {last + 1}", f"index {place}")
            last = max(last, place)
    for index in sorted(set(range(len(logged))) - seen - altered):
        yield Fault(FaultKind.DELETED, index, "file", logged[index].hex(), "no row")
