"""Verification: what is trusted from outside, what all checks together prove, and verifying an exported file.

- Whoever verifies says what they trust: verifier keys, checkpoints, leaf hashes kept elsewhere. Without any, a log can
  only be compared with its own word.
- Verification counts: as many entries as the checkpoint covers, no fewer and no more.
- It fails closed: whatever is not shown to hold is a fault, or makes the outcome incomplete.

The database is read in `storage.verification`, which uses the same checks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Final

from audit.checkpoint import Checkpoint
from audit.errors import AuditError
from audit.event import ZERO_HASH
from audit.faults import Fault, FaultKind, FaultList, Limit, Report, Undecided, Verdict
from audit.file_story import CONSEQUENCES, Story, story_of
from audit.judge import LeafHashes, Place, member_faults, row_fault, shown, unreadable
from audit.members import EntryMembers, columns, parse_members
from audit.merkle import HASH_BYTES, Frontier, root_of
from audit.seals import KEY_TYPES, KeyRing, Seal, key_ring

SUBJECTS_MAX: Final = 300_000
"""Subject chains followed at once while a file is read; about 300 bytes each."""
PROGRESS_EVERY: Final = 4_096
RUN_ROWS_MAX: Final = 20_000
NO_INDEX: Final = "null"
"""What stands for no entry in a JSON array."""

ChainRun = tuple[str, str, str, str]
"""subject; position, entry_index and previous_index of some of its rows, as JSON arrays."""
Progress = Callable[[int, int], None]
"""Told how much is done, of how much."""


@dataclass(frozen=True, slots=True)
class Trust:
    """What is known from outside the log.

    Attributes:
        vkeys: keys that may have signed the log.
        checkpoints: notes of the log that were kept elsewhere.
        leaf_hashes: hashes of the first entries that were kept elsewhere (level-0 tiles), joined.
        leaf_count: how many these are.
    """

    vkeys: tuple[str, ...] = ()
    checkpoints: tuple[str, ...] = ()
    leaf_hashes: LeafHashes = b""
    leaf_count: int = 0


NO_TRUST: Final = Trust()


def leaves_trusted(leaf_hashes: bytes, **others: tuple[str, ...]) -> Trust:
    """Trust in joined leaf hashes of the first entries, and in `vkeys` and `checkpoints` if given."""
    return Trust(**others, leaf_hashes=leaf_hashes, leaf_count=len(leaf_hashes) // HASH_BYTES)


@dataclass(slots=True)
class Anchors:
    """Checkpoints from outside, against the roots that the log's entries give."""

    ring: KeyRing
    seals: tuple[Seal, ...]
    faults: list[Fault] = field(default_factory=list)
    size: int = 0

    def compare(self, size: int, root_at: Callable[[int], bytes]) -> None:
        """Compare each with the root of the log of `size` entries at the anchor's own size.

        Afterwards `size` is the largest that agrees, `faults` what does not.
        """
        for number, seal in enumerate(self.seals):
            where = f"anchor {number}"
            self.faults += seal.faults
            if seal.checkpoint is None:
                continue
            if seal.checkpoint.size > size:
                wanted = f"{seal.checkpoint.size} entries"
                self.faults.append(Fault(FaultKind.TRUNCATED, size, where, wanted, f"{size} entries"))
                continue
            root = root_at(seal.checkpoint.size)
            if root != seal.checkpoint.root:
                self.faults.append(Fault(FaultKind.ROOT_WRONG, None, where, seal.checkpoint.root.hex(), root.hex()))
            elif not seal.faults:
                self.size = max(self.size, seal.checkpoint.size)


def read_anchors(ring: KeyRing, trust: Trust) -> Anchors:
    """The checkpoints from outside, judged under the keys of the ring."""
    return Anchors(ring, tuple(ring.judge(note, f"anchor {number}") for number, note in enumerate(trust.checkpoints)))


@lru_cache(maxsize=2)
def _counted(stop: int) -> str:
    """The numbers from 0, each with a comma: to make them takes longer than to check a short log against them."""
    return "".join(f"{number}," for number in range(stop))


class SubjectChains:
    """Checks that the rows of each subject hang together, in the order of (subject, position).

    Positions go 0, 1, 2 without gap or repeat, and `previous_index` is the entry of the row before.

    Rows come in runs: a subject, and of some of its rows that follow one another the `position`, `entry_index` and
    `previous_index`, each as a JSON array without spaces. So a run is compared as text, in one go, and a number that
    is kept as another kind of value shows.
    """

    __slots__ = ("_last_index", "_numbers", "_position", "_subject", "rows")

    def __init__(self, run_rows_max: int = RUN_ROWS_MAX) -> None:
        """Start at the first subject; runs of up to `run_rows_max` rows are the quickest to check."""
        self._subject: str | None = None
        self._position = 0
        self._last_index = NO_INDEX
        self._numbers = _counted(run_rows_max)
        self.rows = 0

    def faults(self, runs: Sequence[ChainRun]) -> Iterator[Fault]:
        """What is wrong with the next runs; the rows themselves are for others to name."""
        for subject, positions, indexes, previous in runs:
            if subject != self._subject:
                self._subject, self._position, self._last_index = subject, 0, NO_INDEX
            rows = positions.count(",") + 1
            first_indexes, comma, last_index = indexes[1:-1].rpartition(",")
            if previous != f"[{self._last_index}{comma}{first_indexes}]":
                yield row_fault(None, subject, "each row after the one before", "another order")
            if not self._numbers_follow(positions[1:-1], rows):
                yield row_fault(None, subject, f"positions from {self._position} on", "others")
            self.rows += rows
            self._position += rows
            self._last_index = last_index

    def _numbers_follow(self, numbers: str, count: int) -> bool:
        start = self._position
        if start == 0 and self._numbers.startswith(f"{numbers},"):
            return True
        return numbers == ",".join(map(str, range(start, start + count)))


def verdict_of(faults: FaultList, *, complete: bool, size: int, anchored_size: int, key_pinned: bool) -> Verdict:
    """The one word for an outcome.

    Anchored means: an anchor agrees, and a pinned key answers for the entries beyond it, if there are any.
    """
    if faults:
        return Verdict.UNKNOWN_KEY if set(faults.counts) == {FaultKind.KEY_UNKNOWN} else Verdict.TAMPERED
    if not complete:
        return Verdict.INCOMPLETE
    anchored = anchored_size > 0 and (key_pinned or anchored_size == size)
    return Verdict.VALID_ANCHORED if anchored else Verdict.VALID_UNANCHORED


def limits_of(size: int, anchored_size: int, *, key_pinned: bool) -> Iterator[Undecided]:
    """What no verification of the log alone can tell, given what is known from outside."""
    yield Undecided(Limit.TAIL_UNANCHORED, size)
    if anchored_size < size:
        yield Undecided(Limit.REWRITE_UNANCHORED, anchored_size, size)
        if not key_pinned:
            yield Undecided(Limit.KEY_SELF_ATTESTED)


def verify_lines(
    lines: Iterable[bytes],
    note: str,
    *,
    origin: str,
    trust: Trust = NO_TRUST,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Report:
    """Verify an exported file: the canonical bytes of one entry a line, from entry 0 on.

    Args:
        lines: with or without their final newline. If they can be iterated over again (a list, not a generator),
            any number of subject chains is followed, `SUBJECTS_MAX` at a time.
        note: the checkpoint the entries are verified against.
        origin: the log's name.
        trust: what is known from outside.
        progress: told how many entries are done, of how many; from time to time.
        cancelled: asked from time to time whether to stop.
    """
    reading = _Lines(origin, trust, progress, cancelled)
    return reading.verify(lines, note)


class _Lines:
    """One verification of a file."""

    def __init__(
        self, origin: str, trust: Trust, progress: Progress | None, cancelled: Callable[[], bool] | None
    ) -> None:
        self.origin = origin
        self.trust = trust
        self.progress = progress
        self.cancelled = cancelled
        self.found = FaultList()
        self.frontier = Frontier()
        self.stopped = False
        self.shift = 0
        self.key_entries: list[EntryMembers] = []
        self.roots: dict[int, bytes] = {0: Frontier().root()}
        self.previous = ZERO_HASH
        self.recorded_at = 0
        self.chains = _FileChains()

    def verify(self, lines: Iterable[bytes], note: str) -> Report:
        loose = KeyRing(self.origin)
        claimed = loose.judge(note, "checkpoint").checkpoint
        marks = [loose.judge(anchor, "anchor").checkpoint for anchor in self.trust.checkpoints]
        wanted = {mark.size for mark in marks if mark is not None}
        total = 0 if claimed is None else claimed.size
        self._read(lines, total, wanted)
        followed = self.stopped or self._follow_rest(lines)
        return self._conclude(lines, note, total, followed=followed)

    def _read(self, lines: Iterable[bytes], total: int, wanted: set[int]) -> None:
        for index, line in enumerate(lines):
            if index % PROGRESS_EVERY == 0 and self._pause(index, total):
                return
            if index >= total:
                fault = Fault(FaultKind.INSERTED, index, f"line {index + 1}", f"{total} entries", "more")
                self.found.add(fault)
                return
            self._read_entry(index, line.removesuffix(b"\n"))
            if index + 1 in wanted:
                self.roots[index + 1] = self.frontier.root()
        if self.progress is not None:
            self.progress(self.frontier.size, total)

    def _pause(self, done: int, total: int) -> bool:
        if self.progress is not None:
            self.progress(done, total)
        self.stopped = self.cancelled is not None and self.cancelled()
        return self.stopped

    def _read_entry(self, index: int, data: bytes) -> None:
        digest = sha256(b"\x00" + data).digest()
        claimed = index + self.shift
        if index < self.trust.leaf_count:
            trusted = self.trust.leaf_hashes[index * HASH_BYTES : (index + 1) * HASH_BYTES]
            if digest != trusted:
                self.found.add(Fault(FaultKind.ALTERED, index, f"line {index + 1}", trusted.hex(), digest.hex()))
        try:
            members = parse_members(data)
        except AuditError as error:
            self.found.add(unreadable(claimed, error))
        else:
            self.found.extend(member_faults(members, Place(self.origin, claimed, self.previous, self.recorded_at)))
            self.found.extend(self.chains.follow(members, digest))
            # Where lines are missing, the entry behind the gap is named, and not every one that follows.
            self.shift = members["index"] - index
            self.recorded_at = columns(members).recorded_at
            if members["type"] in KEY_TYPES:
                self.key_entries.append(members)
        self.previous = digest
        self.frontier.append(digest)

    def _follow_rest(self, lines: Iterable[bytes]) -> bool:
        """Follow the subject chains that did not fit, in further readings; False if there can be none."""
        left = self.chains.left
        if left and iter(lines) is lines:
            return False
        while left:
            chains = _FileChains(*left.pop())
            for line in lines:
                data = line.removesuffix(b"\n")
                try:
                    members = parse_members(data)
                except AuditError:
                    continue
                self.found.extend(chains.follow(members, sha256(b"\x00" + data).digest()))
            left += chains.left
        return True

    def _conclude(self, lines: Iterable[bytes], note: str, total: int, *, followed: bool) -> Report:
        ring = key_ring(self.origin, self.trust.vkeys, self.key_entries)
        head = ring.judge(note, "checkpoint")
        anchors = read_anchors(ring, self.trust)
        size, root = self.frontier.size, self.frontier.root()
        self.roots[size] = root
        if not self.stopped:
            self.found.extend((*ring.faults, *head.faults))
            story = self._story(lines, head)
            if story is None:
                self.found.extend(_end_faults(head.checkpoint, size, max(0, self.shift), root))
                anchors.compare(size, lambda at: self.roots.get(at, b""))
            else:
                logged = story.logged
                size, root = len(logged), root_of(logged)
                anchors.compare(size, lambda at: root_of(logged[:at]))
            self.found.extend(anchors.faults)
        if self.trust.leaf_count > size and not self.stopped:
            wanted = f"{self.trust.leaf_count} entries"
            self.found.add(Fault(FaultKind.TRUNCATED, size, "anchor leaf hashes", wanted, f"{size} entries"))
        pinned = ring.trusts(head)
        if self.trust.vkeys and not pinned and not self.stopped:
            self.found.add(
                Fault(FaultKind.KEY_UNKNOWN, None, "checkpoint", "a signature vouched for by a pinned key", "")
            )
        anchored = max(anchors.size, min(self.trust.leaf_count, size))
        undecided = list(limits_of(size, anchored, key_pinned=pinned))
        if not followed:
            undecided.append(Undecided(Limit.SUBJECT_CHAINS_CUT))
        return Report(
            verdict=verdict_of(
                self.found,
                complete=followed and not self.stopped and size == total,
                size=size,
                anchored_size=anchored,
                key_pinned=pinned,
            ),
            origin=self.origin,
            scope="file",
            size=total,
            root=root.hex(),
            entries_checked=self.frontier.size,
            checkpoints_checked=int(head.checkpoint is not None),
            anchored_size=anchored,
            key_pinned=pinned,
            faults=tuple(self.found.kept),
            counts=tuple(sorted(self.found.counts.items())),
            undecided=tuple(undecided),
        )

    def _story(self, lines: Iterable[bytes], head: Seal) -> Story | None:
        """What was done to the file, in place of all that follows from it; None if that cannot be told."""
        claimed = head.checkpoint
        if claimed is None or not head.is_good or self.trust.leaf_count or iter(lines) is lines:
            return None
        if not self.found and (self.frontier.size, self.frontier.root()) == (claimed.size, claimed.root):
            return None
        story = story_of(lines, claimed)
        if story is None or not story.faults:
            return None
        others = [fault for fault in self.found.kept if fault.kind not in CONSEQUENCES]
        self.found = FaultList()
        self.found.extend((*others, *story.faults))
        return story


def _end_faults(head: Checkpoint | None, size: int, missing: int, root: bytes) -> Iterator[Fault]:
    if head is None:
        return
    if size + missing < head.size:
        yield Fault(FaultKind.TRUNCATED, size + missing, "file", f"{head.size} entries", f"{size} entries")
    elif root != head.root:
        yield Fault(FaultKind.ROOT_WRONG, None, "checkpoint", root.hex(), head.root.hex())


class _FileChains:
    """The ends of subject chains while a file is read; of one part of the subjects if all are too many.

    Attributes:
        left: the parts that were let go, each as (number of parts, which of them).
    """

    def __init__(self, parts: int = 1, part: int = 0) -> None:
        self.left: list[tuple[int, int]] = []
        self._parts = parts
        self._part = part
        self._ends: dict[str, tuple[int, str]] = {}

    def follow(self, members: EntryMembers, digest: bytes) -> Iterator[Fault]:
        """What is wrong with the links of the next entry."""
        for item in members["subjects"]:
            key = f"{item['kind']}:{item['id']}"
            if not self._holds(key):
                continue
            position, previous = self._ends.get(key, (0, ZERO_HASH.hex()))
            if (item["index"], item["previous"]) != (position, previous):
                where = f"entries.bytes subjects {shown(key)}"
                found = f"position {item['index']} after {item['previous']}"
                wanted = f"position {position} after {previous}"
                yield Fault(FaultKind.SUBJECT_CHAIN_BROKEN, members["index"], where, wanted, found)
            self._ends[key] = (item["index"] + 1, digest.hex())
        while len(self._ends) > SUBJECTS_MAX:
            self.left.append((2 * self._parts, self._part + self._parts))
            self._parts *= 2
            self._ends = {key: end for key, end in self._ends.items() if self._holds(key)}

    def _holds(self, key: str) -> bool:
        if self._parts == 1:
            return True
        # A hash nobody can aim at a part: names are chosen by others.
        return int.from_bytes(sha256(key.encode()).digest()[:8], "big") % self._parts == self._part
