"""The slow way of verification: something does not hold, and this says what was done to which entry.

1. Find out which leaf hashes were logged (`storage.leaf_search`), helped by whatever signed root still fits.
2. Compare them with those of the stored bytes: entries altered, deleted, inserted, moved, truncated (`audit.localise`).
3. Judge each stored entry at the index where it belongs (`storage.diagnosis_rows`): columns, links, subject rows.
4. Compare subject chains, tiles, head, checkpoints and anchors with what the logged hashes give.

What merely follows from an act is left out: that a deleted entry's subject rows lead nowhere is no fault of theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from audit.errors import AuditError
from audit.faults import Fault, FaultKind, FaultList, Limit, Report, Undecided
from audit.judge import shown
from audit.localise import Act, Difference, localise
from audit.members import columns, parse_members
from audit.merkle import leaf_hash
from audit.seals import HEAD_NOTE, WHERE, KeyRing, Seal
from audit.tile import TILE_WIDTH
from audit.verify import read_anchors
from storage.diagnosis_rows import RowJudge, StoredRows
from storage.leaf_search import LeafSearch
from storage.survey import Survey
from storage.verification_faults import head_faults, not_created

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from audit.localise import Hashes
    from audit.members import EntryMembers
    from storage.verification_session import Session

CHECKPOINTS_MAX: Final = 1_000_000
SIZE_LIMIT: Final = 2**40


def diagnose(session: Session, scope: str, suspicion: Fault, directory: Path) -> Report:
    """Go over the whole log, whatever was asked for, and name every fault; `suspicion` is what made it necessary.

    Raises:
        Cancelled: the session's owner said so.
    """
    diagnosis = _Diagnosis(session, directory)
    diagnosis.run()
    if not session.found:
        # The quick way saw something that the slow way cannot find: fail closed.
        session.found.add(suspicion)
    return session.report(scope, diagnosis.root, complete=True)


class _Diagnosis:
    """One diagnosis."""

    def __init__(self, session: Session, directory: Path) -> None:
        self._session = session
        self._log = session.log
        self._search = LeafSearch(session.log, session.trust, directory)
        self._notes: list[tuple[int, Seal]] = []
        self._head_size = session.size
        self._lost_key: Undecided | None = None
        session.found = FaultList()
        session.undecided.clear()
        session.entries_checked = session.checkpoints_checked = 0
        self.root = b""

    def run(self) -> None:
        session, search = self._session, self._search
        search.read_rows(lambda count: session.hooks.step(min(search.rows.count, session.size), session.size))
        attested = self._settle()
        trusted = search.trusted()
        sizes = {self._head_size, trusted.count, *attested, *(size for size, _ in self._notes)}
        sizes |= {seal.checkpoint.size for seal in self._seals() if seal.checkpoint is not None}
        survey = Survey(trusted, sorted(sizes), self._log)
        self.root = survey.roots.get(trusted.count, b"")
        rows = StoredRows(self._log, search.rows)
        difference = localise(search.stored(), trusted, rows.hints)
        self._name_acts(difference, rows, trusted)
        self._bracket(survey, attested, difference, trusted)
        judge = RowJudge(session, trusted, search.stored(), rows, difference)
        judge.judge_all()
        self._judge_chains(judge)
        session.found.extend(survey.tile_faults)
        self._judge_head(survey, trusted, judge)
        self._judge_notes(survey, judge)
        session.entries_checked = search.rows.count
        session.anchored_leaves = self._anchored_leaves(difference)

    # --- which hashes were logged ------------------------------------------------------------------------------

    def _settle(self) -> dict[int, bytes]:
        """Decide which hashes were logged; return the roots that signatures or anchors vouch for, by size."""
        search = self._search
        keys = list(_readable(search.rows.keys))
        size = 0
        attested: dict[int, bytes] = {}
        # Which keys count depends on which entries were logged, and the other way round: twice is enough, since the
        # second time starts from hashes that do not depend on any key.
        for _ in range(2):
            attested = self._judge_with(keys)
            size = max((*attested, self._session.trust.leaf_count), default=0) or self._unsigned_size()
            search.settle(size, self._session.head.last_leaf_hash)
            trusted = search.trusted()
            logged = [
                (members, digest)
                for members, digest in keys
                if members["index"] < size and trusted[members["index"]] == digest
            ]
            if logged == keys:
                break
            keys = logged
        wanted = attested.get(size)
        if wanted is not None and not search.fit(wanted):
            search.settle(size, self._session.head.last_leaf_hash, hear_all=True)
            search.fit(wanted)
        self._session.size = size
        return attested

    def _judge_with(self, keys: list[tuple[EntryMembers, bytes]]) -> dict[int, bytes]:
        """Judge all notes under these keys; return the roots of the good ones and of the anchors."""
        session = self._session
        ring = KeyRing(session.origin, session.trust.vkeys)
        for members, _ in sorted(keys, key=lambda key: key[0]["index"]):
            ring.add_entry(members)
        session.ring = ring
        note = session.head.note
        session.seal = ring.judge(note if isinstance(note, str) else "", HEAD_NOTE, unreadable=FaultKind.HEAD_WRONG)
        session.anchors = read_anchors(ring, session.trust)
        self._notes = []
        attested: dict[int, bytes] = {}
        for size, text in self._log.checkpoints(-(2**63), 2**63 - 1, CHECKPOINTS_MAX):
            seal = ring.judge(text if isinstance(text, str) else "", f"checkpoints[{size}].note")
            self._notes.append((size, seal))
        good = [seal for _, seal in self._notes if seal.is_good] + [session.seal] * session.seal.is_good
        # Those from outside come last, since they are to be believed rather than those inside.
        for seal in (*good, *(seal for seal in session.anchors.seals if not _is_forged(seal))):
            if seal.checkpoint is not None and seal.checkpoint.size < SIZE_LIMIT:
                attested[seal.checkpoint.size] = seal.checkpoint.root
        return attested

    def _unsigned_size(self) -> int:
        """How long the log probably was, when no signature says so."""
        size = self._head_size
        count = self._search.rows.count
        limit = 2 * count + TILE_WIDTH * (1 + self._log.count("tiles", "level = 0"))
        return size if 0 < size <= limit else count

    def _seals(self) -> Iterator[Seal]:
        yield self._session.seal
        yield from self._session.anchors.seals

    # --- what was done -----------------------------------------------------------------------------------------

    def _name_acts(self, difference: Difference, rows: StoredRows, trusted: Hashes) -> None:
        found = self._session.found
        for act in difference.acts:
            found.add(_act_fault(act, rows, trusted, self._search.stored()))
        if difference.stopped_at is not None:
            start = rows.index_at(difference.stopped_at)
            self._session.undecided.append(Undecided(Limit.LOCALISING_STOPPED, start, trusted.count))

    def _bracket(self, survey: Survey, attested: dict[int, bytes], difference: Difference, trusted: Hashes) -> None:
        """Say between which sizes entries may have been changed without a witness left to tell which."""
        session = self._session
        agreeing = [size for size, root in attested.items() if survey.roots.get(size) == root]
        agreeing += [0, session.trust.leaf_count]
        wrong = [size for size in attested if size in survey.roots and size not in agreeing]
        if max(agreeing) >= trusted.count and not wrong:
            return
        high = min(wrong, default=trusted.count)
        low = max(size for size in agreeing if size < high)
        session.undecided.append(Undecided(Limit.LEAVES_UNATTESTED, low, high))
        if high - low == 1 and high in survey.roots and not any(act.index == low for act in difference.acts):
            logged = "the entry under the signed root"
            session.found.add(Fault(FaultKind.ALTERED, low, WHERE, logged, trusted[low].hex()))

    def _judge_chains(self, judge: RowJudge) -> None:
        """Positions of each subject go up by one, each row after the one before, but for what was done to entries."""
        last: tuple[object, object, object] = (None, None, None)
        for page in self._log.chains():
            for subject, position, index, previous_index in page:
                if subject == last[0]:
                    hangs = previous_index == last[2] and position == _next(last[1])
                else:
                    hangs = position == 0 and previous_index is None
                if not hangs and not self._explained(judge, subject, index, previous_index):
                    wanted = f"position {_next(last[1])} after entry {last[2]}" if subject == last[0] else "position 0"
                    where = f"entry_subjects {shown(subject)}"
                    kind = FaultKind.SUBJECT_CHAIN_BROKEN
                    self._session.found.add(Fault(kind, index, where, wanted, f"position {shown(position)}"))
                last = (subject, position, index)

    def _explained(self, judge: RowJudge, subject: str, index: object, previous_index: object) -> bool:
        return subject in judge.bad_subjects or judge.touched(index) or judge.touched(previous_index)

    # --- what lies beside the entries --------------------------------------------------------------------------

    def _judge_head(self, survey: Survey, trusted: Hashes, judge: RowJudge) -> None:
        session, head = self._session, self._session.head
        found = session.found
        found.extend(head_faults(head, session.origin))
        size = self._head_size
        seal = session.seal
        claimed = seal.checkpoint
        genuine = seal.is_good and claimed is not None and claimed.size == size
        if size != trusted.count and not (genuine and self._search.rows.count <= size):
            found.add(Fault(FaultKind.HEAD_WRONG, None, "log_head.size", str(trusted.count), shown(head.size)))
        at = size if genuine or survey.roots.get(size) == head.root else trusted.count
        if at not in survey.roots:
            return
        if survey.roots[at] != head.root:
            found.add(Fault(FaultKind.ROOT_WRONG, None, "log_head.root", survey.roots[at].hex(), shown(head.root)))
        wanted: list[tuple[str, object]] = [("frontier", survey.frontiers[at])]
        if at:
            wanted.append(("last_leaf_hash", trusted[at - 1]))
            recorded_at = self._recorded_at(at - 1, judge)
            wanted += [("last_recorded_at", recorded_at)] if recorded_at is not None else []
        for name, value in wanted:
            if getattr(head, name) != value:
                found.add(
                    Fault(FaultKind.HEAD_WRONG, None, f"log_head.{name}", shown(value), shown(getattr(head, name)))
                )

    def _recorded_at(self, index: int, judge: RowJudge) -> int | None:
        """When the entry that belongs at an index was recorded, if its bytes are there."""
        data = judge.logged_bytes(index)
        try:
            return None if data is None else columns(parse_members(data)).recorded_at
        except AuditError:
            return None

    def _judge_notes(self, survey: Survey, judge: RowJudge) -> None:
        session = self._session
        good = [seal.checkpoint.size for _, seal in self._notes if seal.is_good and seal.checkpoint is not None]
        if session.seal.is_good and session.seal.checkpoint is not None:
            good.append(session.seal.checkpoint.size)
        lost = judge.first_touched(max(good, default=0))
        session.found.extend(session.ring.faults)
        if not session.ring.is_created and not judge.touched(0):
            session.found.add(not_created())
        self._judge_note(session.seal, survey, lost)
        for size, seal in self._notes:
            session.checkpoints_checked += 1
            self._judge_note(seal, survey, lost)
            if seal.checkpoint is not None and seal.checkpoint.size != size:
                where = f"checkpoints[{size}].size"
                session.found.add(
                    Fault(FaultKind.CHECKPOINT_WRONG, None, where, str(seal.checkpoint.size), shown(size))
                )
        for seal in session.anchors.seals:
            self._judge_note(seal, survey, lost)
            claimed = seal.checkpoint
            if claimed is not None and seal.is_good and survey.roots.get(claimed.size) == claimed.root:
                session.anchors.size = max(session.anchors.size, claimed.size)

        if self._lost_key is not None:
            session.undecided.append(self._lost_key)

    def _judge_note(self, seal: Seal, survey: Survey, lost: int | None) -> None:
        """A note's own faults, and its root against the one that the logged hashes give.

        `lost`: the first index of which the entry is not as it was logged and no good note is larger. A key named
        there cannot be known.
        """
        found, claimed = self._session.found, seal.checkpoint
        for fault in seal.faults:
            unknown = fault.kind is FaultKind.KEY_UNKNOWN and lost is not None and claimed is not None
            if not (unknown and lost is not None and claimed is not None and claimed.size > lost):
                found.add(fault)
            else:
                self._lost_key = Undecided(Limit.KEY_ENTRY_LOST, lost)
        if claimed is None or _is_forged(seal) or claimed.size > survey.known:
            return
        root = survey.roots.get(claimed.size)
        if root is not None and root != claimed.root:
            found.add(Fault(FaultKind.ROOT_WRONG, None, seal.where, root.hex(), claimed.root.hex()))

    def _anchored_leaves(self, difference: Difference) -> int:
        """How many of the first entries agree with the leaf hashes from outside."""
        run = difference.runs[0] if difference.runs else None
        agreeing = run.length if run is not None and run.place == run.index == 0 else 0
        return min(agreeing, self._session.trust.leaf_count)


def _is_forged(seal: Seal) -> bool:
    return any(fault.kind in (FaultKind.SIGNATURE_BAD, FaultKind.ORIGIN_WRONG) for fault in seal.faults)


def _readable(keys: list[bytes]) -> Iterator[tuple[EntryMembers, bytes]]:
    for data in keys:
        try:
            yield parse_members(data), leaf_hash(data)
        except AuditError:
            continue


def _next(position: object) -> int | None:
    return position + 1 if isinstance(position, int) else None


def _act_fault(act: Act, rows: StoredRows, trusted: Hashes, stored: Hashes) -> Fault:
    found = "no row" if act.place is None else stored[act.place].hex()
    at = None if act.place is None else rows.index_at(act.place)
    if act.kind is FaultKind.MOVED:
        return Fault(act.kind, act.index, "entries.entry_index", shown(act.index), shown(at))
    if act.kind is FaultKind.TRUNCATED:
        return Fault(act.kind, act.index, "entries", f"{trusted.count} entries", f"{act.index} entries")
    if act.index is None:
        return Fault(act.kind, at, "entries", "no such entry", found)
    wanted = trusted[act.index]
    return Fault(act.kind, act.index, WHERE, wanted.hex() if any(wanted) else "another entry", found)
