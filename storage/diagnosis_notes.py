"""The notes of a log that no longer holds together: which of them speak for it, and what is wrong with each.

A note speaks for the log if it is good under the keys that its entries name, and those keys hang together up to one
that came from outside (`KeyRing.answers_for`). A note that is good but for that is heard after those that do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from audit.faults import Fault, FaultKind, Limit, Undecided
from audit.judge import shown
from audit.seals import HEAD_NOTE, KeyRing, Seal
from audit.verify import read_anchors
from storage.stored_log import INTEGER_HIGH, INTEGER_LOW
from storage.verification_faults import not_created, publication_faults

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from audit.faults import FaultList
    from audit.members import EntryMembers
    from storage.diagnosis_rows import RowJudge
    from storage.stored_log import CheckpointRow
    from storage.survey import Survey
    from storage.verification_session import Session

CHECKPOINTS_MAX: Final = 1_000_000
SIZE_LIMIT: Final = 2**40
"""No log is larger, whoever signs that it is."""
NOT_OURS: Final = (FaultKind.SIGNATURE_BAD, FaultKind.ORIGIN_WRONG)
"""Faults after which a note claims nothing of this log's entries."""


class Notes:
    """The head's note, the published ones and those from outside.

    Attributes:
        signed: root by size, of those that speak for the log and those from outside.
        named: the same, of those that are good but for nobody vouching for their key.
        outside: the same, of those from outside.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._published: list[tuple[CheckpointRow, Seal]] = []
        self._lost_key: Undecided | None = None
        self.signed: dict[int, bytes] = {}
        self.named: dict[int, bytes] = {}
        self.outside: dict[int, bytes] = {}

    def judge(self, key_entries: Iterable[EntryMembers]) -> None:
        """Judge all of them under the keys that these entries name."""
        session = self._session
        ring = KeyRing(session.origin, session.trust.vkeys)
        for members in sorted(key_entries, key=lambda members: members["index"]):
            ring.add_entry(members)
        session.ring = ring
        session.seal = ring.judge(session.head.note, HEAD_NOTE, unreadable=FaultKind.HEAD_WRONG)
        session.anchors = read_anchors(ring, session.trust)
        rows = session.log.checkpoints(INTEGER_LOW, INTEGER_HIGH, CHECKPOINTS_MAX)
        self._published = [(row, ring.judge(row.note, f"checkpoints[{row.size}].note")) for row in rows]
        ours = [*(seal for _, seal in self._published), session.seal]
        self.named = _roots(seal for seal in ours if seal.is_good)
        # Those from outside come last, since they are to be believed rather than those inside.
        self.signed = _roots(seal for seal in ours if ring.answers_for(seal))
        self.outside = _roots(seal for seal in session.anchors.seals if not _is_forged(seal))
        self.signed |= self.outside

    @property
    def head_speaks(self) -> bool:
        """Whether the head's own note speaks for the log."""
        return self._session.ring.answers_for(self._session.seal)

    @property
    def head_is_published(self) -> bool:
        """Whether the head's note is in the table of published ones as well, so that it may be a copy of that."""
        return any(row.note == self._session.head.note for row, _ in self._published)

    def sizes(self) -> Iterator[int]:
        """All sizes of which a note gives the root or should."""
        session = self._session
        yield from (row.size for row, _ in self._published)
        seals = (session.seal, *session.anchors.seals, *(seal for _, seal in self._published))
        yield from (seal.checkpoint.size for seal in seals if seal.checkpoint is not None)

    def name_faults(self, survey: Survey, judge: RowJudge) -> None:
        """Name what is wrong with each."""
        session = self._session
        found, ring = session.found, session.ring
        good = [seal.checkpoint.size for seal in self._all() if seal.is_good and seal.checkpoint is not None]
        lost = judge.first_touched(max(good, default=0))
        found.extend(ring.faults)
        if not ring.is_created and not judge.touched(0):
            found.add(not_created())
        self._name_note(session.seal, survey, lost)
        for row, seal in self._published:
            session.checkpoints_checked += 1
            self._name_note(seal, survey, lost)
            if seal.checkpoint is not None and seal.checkpoint.size != row.size:
                found.add(_wrong_size(row.size, str(seal.checkpoint.size)))
            else:
                found.extend(publication_faults(row, judge.recorded_at(row.size - 1)))
        for size, _ in session.log.unsized_checkpoints():
            found.add(_wrong_size(size, "a size"))
        for seal in session.anchors.seals:
            self._name_note(seal, survey, lost)
            claimed = seal.checkpoint
            if claimed is not None and seal.is_good and survey.roots.get(claimed.size) == claimed.root:
                session.anchors.size = max(session.anchors.size, claimed.size)
            elif not seal.is_good and not _is_forged(seal):
                # Whoever signed it, it came from outside.
                _compare(found, seal, survey)
        if self._lost_key is not None:
            session.undecided.append(self._lost_key)

    def _all(self) -> Iterator[Seal]:
        yield self._session.seal
        yield from (seal for _, seal in self._published)

    def _name_note(self, seal: Seal, survey: Survey, lost: int | None) -> None:
        """A note's own faults, and its root against the one that the logged hashes give.

        `lost`: the first index of which the entry is not as it was logged and no good note is larger. It may have named
        the key that is not known.
        """
        session, claimed = self._session, seal.checkpoint
        for fault in seal.faults:
            if fault.kind is FaultKind.KEY_UNKNOWN and lost is not None and claimed is not None and claimed.size > lost:
                self._lost_key = Undecided(Limit.KEY_ENTRY_LOST, lost)
                if session.ring.vkey_at(claimed.size) is None:
                    # Where no key is known at all, none is known to be wrong.
                    continue
            session.found.add(fault)
        if seal.is_good:
            _compare(session.found, seal, survey)


def _compare(found: FaultList, seal: Seal, survey: Survey) -> None:
    """Hold what a note claims to what the logged hashes give, as far as they are known."""
    claimed = seal.checkpoint
    if claimed is None or claimed.size > survey.known:
        return
    root = survey.roots.get(claimed.size)
    if root is not None and root != claimed.root:
        found.add(Fault(FaultKind.ROOT_WRONG, None, seal.where, root.hex(), claimed.root.hex()))


def _roots(seals: Iterable[Seal]) -> dict[int, bytes]:
    claims = (seal.checkpoint for seal in seals)
    return {claim.size: claim.root for claim in claims if claim is not None and claim.size < SIZE_LIMIT}


def _is_forged(seal: Seal) -> bool:
    return any(fault.kind in NOT_OURS for fault in seal.faults)


def _wrong_size(size: object, wanted: str) -> Fault:
    return Fault(FaultKind.CHECKPOINT_WRONG, None, f"checkpoints[{shown(size)}].size", wanted, shown(size))
