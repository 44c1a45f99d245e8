"""What verification can find wrong: the closed set of fault kinds, a fault, and the verdict.

A fault names one thing that does not hold, at one place.
One act of tampering may show as several faults
(an entry with other bytes than its leaf hash is ``ALTERED``, and its type column may then disagree as well);
the localiser reports the act and leaves out what merely follows from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
