"""What verification can find wrong, and the report that says so: fault kinds, faults, verdicts, limits.

A fault names one thing that does not hold, at one place.
One act of tampering may show as several faults
(an entry with other bytes than its leaf hash is ``ALTERED``, and its type column may then disagree as well);
the localiser reports the act and leaves out what merely follows from it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

FAULTS_MAX: Final = 1_000
"""How many faults a report spells out; it counts all of them."""


class FaultKind(StrEnum):
    """The closed set of things that can be wrong with a stored log."""

    ALTERED = "altered"
    """The entry at this index has other bytes than those that were logged."""
    DELETED = "deleted"
    """The entry that was logged at this index is missing, and later entries are still there."""
    INSERTED = "inserted"
    """An entry is stored that was never logged."""
    MOVED = "moved"
    """An entry that was logged at another index is stored at this one."""
    TRUNCATED = "truncated"
    """Every entry from this index to the end of the known log is missing."""
    COLUMN_DISAGREES = "column_disagrees"
    """A stored column of the entry's row is not the value that its bytes give."""
    LINK_BROKEN = "link_broken"
    """The entry's ``previous`` is not the leaf hash of the entry before it."""
    SUBJECT_CHAIN_BROKEN = "subject_chain_broken"
    """A subject link in the entry's bytes does not name the entry before it in that subject's chain."""
    SUBJECT_ROW_DISAGREES = "subject_row_disagrees"
    """A row of ``entry_subjects`` is missing, is one too many, or is not what the entry's bytes give."""
    TILE_WRONG = "tile_wrong"
    """A stored tile is missing, is one too many, or is not made of the hashes it stands for."""
    HEAD_WRONG = "head_wrong"
    """A member of the head row (size, frontier, last leaf, last time, origin) is not what the entries give."""
    ROOT_WRONG = "root_wrong"
    """A root hash is not the root of the entries it claims to cover."""
    SIGNATURE_BAD = "signature_bad"
    """A note carries a signature of a trusted key that is wrong."""
    KEY_UNKNOWN = "key_unknown"
    """A note is signed by no key that is trusted at its tree size."""
    NOT_CANONICAL = "not_canonical"
    """The stored bytes are not the canonical bytes of an entry."""
    CHECKPOINT_WRONG = "checkpoint_wrong"
    """A published checkpoint is not a checkpoint of this log at the size it is stored under."""
    ORIGIN_WRONG = "origin_wrong"
    """The entry or note names the origin of another log."""
    TIME_BACKWARDS = "time_backwards"
    """The entry was recorded earlier than the entry before it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that does not hold.

    ``index`` is the index of the entry concerned, None where no single entry is.
    ``where`` names the stored place: ``entries.bytes``, ``tiles[0/3].nodes``, ``log_head.root``.
    ``expected`` and ``found`` are short texts (hashes in hex, numbers in decimal); either may be empty.
    """

    kind: FaultKind
    index: int | None
    where: str
    expected: str = ""
    found: str = ""

    def to_json(self) -> dict[str, str | int | None]:
        """The fault as the members of a JSON object."""
        return {
            "kind": self.kind.value,
            "index": self.index,
            "where": self.where,
            "expected": self.expected,
            "found": self.found,
        }


class Verdict(StrEnum):
    """The one-word result of a verification; only the two ``valid_`` ones mean that nothing is wrong."""

    VALID_ANCHORED = "valid_anchored"
    """All holds, and an anchor and a key that came from outside agree with it."""
    VALID_UNANCHORED = "valid_unanchored"
    """All holds by the log's own word; a rewrite by whoever holds its key would look the same."""
    TAMPERED = "tampered"
    """Something does not hold; the faults name it."""
    INCOMPLETE = "incomplete"
    """Not everything asked for was looked at (cancelled, or fewer entries than the checkpoint covers)."""
    UNKNOWN_KEY = "unknown_key"
    """No trusted key signed the checkpoint, so its root proves nothing."""


class Limit(StrEnum):
    """What this verification could not tell, and what it would have needed."""

    TAIL_UNANCHORED = "tail_unanchored"
    """Entries cut off the end together with every checkpoint of them; needs a checkpoint kept outside."""
    REWRITE_UNANCHORED = "rewrite_unanchored"
    """A rewrite of entries by whoever holds the log's key; needs a checkpoint or leaf hashes kept outside."""
    KEY_SELF_ATTESTED = "key_self_attested"
    """Whether the key is the log's true one, since the log itself names it; needs a verifier key from outside."""
    LEAVES_UNATTESTED = "leaves_unattested"
    """Which entries of the range differ from what was logged: every witness inside the database was forged, or they
    contradict each other, and no signed root decides; needs leaf hashes kept outside."""
    SUBJECT_END_UNKNOWN = "subject_end_unknown"
    """Whether later entries name this subject too; needs a verification of the whole log."""
    OUT_OF_SCOPE = "out_of_scope"
    """Anything about entries outside the range asked for, but for their place under the same root."""
    KEY_ENTRY_LOST = "key_entry_lost"
    """Whether notes are signed by the right key, since the entry that names it is not as it was logged; needs a
    verifier key from outside."""
    LOCALISING_STOPPED = "localising_stopped"
    """Faults after this entry: there were too many to go on."""
    PUBLISHED_AT = "published_at"
    """When a checkpoint was published: the signature does not cover it, and no entry holds it."""
    SUBJECT_CHAINS_CUT = "subject_chains_cut"
    """Subject chains of a file with more subjects than fit in memory, read from a source that can be read only once."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """A limit, and the entries it concerns: `start` inclusive, `stop` exclusive, None where there is no such bound."""

    limit: Limit
    start: int | None = None
    stop: int | None = None

    def to_json(self) -> dict[str, str | int | None]:
        """The members of a JSON object."""
        return {"limit": self.limit.value, "start": self.start, "stop": self.stop}


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a verification.

    Attributes:
        verdict: in one word.
        origin: the log's name.
        scope: what was asked for: `whole`, `range 5 10`, `since 1000`, `subject sku:A1`, `entry 7`.
        size: tree size verified against.
        root: root hash of that size, hex; empty if there is none to speak of.
        entries_checked: how many entries were read, hashed and compared.
        checkpoints_checked: how many published checkpoints, or the one of an exported file.
        anchored_size: how many of the first entries agree with an anchor from outside.
        key_pinned: whether a key given from outside signed the head, itself or by a rotation it signed.
        faults: the first 1,000.
        counts: of all faults, by kind.
        undecided: what could not be told.
    """

    verdict: Verdict
    origin: str
    scope: str
    size: int
    root: str
    entries_checked: int = 0
    checkpoints_checked: int = 0
    anchored_size: int = 0
    key_pinned: bool = False
    faults: tuple[Fault, ...] = ()
    counts: tuple[tuple[FaultKind, int], ...] = ()
    undecided: tuple[Undecided, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether nothing is wrong and everything asked for was looked at."""
        return self.verdict in (Verdict.VALID_ANCHORED, Verdict.VALID_UNANCHORED)

    def to_json(self) -> dict[str, object]:
        """The report as JSON values."""
        return {
            "verdict": self.verdict.value,
            "origin": self.origin,
            "scope": self.scope,
            "size": self.size,
            "root": self.root,
            "entries_checked": self.entries_checked,
            "checkpoints_checked": self.checkpoints_checked,
            "anchored_size": self.anchored_size,
            "key_pinned": self.key_pinned,
            "faults": [fault.to_json() for fault in self.faults],
            "counts": {kind.value: count for kind, count in self.counts},
            "undecided": [item.to_json() for item in self.undecided],
        }


@dataclass(slots=True)
class FaultList:
    """Faults as they are found: the first of them are kept, all are counted, none is named twice."""

    kept: list[Fault] = field(default_factory=list)
    counts: Counter[FaultKind] = field(default_factory=Counter)
    _seen: set[tuple[FaultKind, int | None, str]] = field(default_factory=set)

    def add(self, fault: Fault) -> None:
        """Takes one in; the same kind at the same place counts once while it is still among the kept."""
        place = (fault.kind, fault.index, fault.where)
        if place in self._seen:
            return
        self.counts[fault.kind] += 1
        if len(self.kept) < FAULTS_MAX:
            self._seen.add(place)
            self.kept.append(fault)

    def extend(self, faults: Iterable[Fault]) -> None:
        """Takes several in."""
        for fault in faults:
            self.add(fault)

    def __bool__(self) -> bool:
        return bool(self.counts)
