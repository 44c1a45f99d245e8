"""The slow way of verification: something does not hold, and this says what was done to which entry.

1. Find out which leaf hashes were logged (`storage.leaf_search`), helped by whatever signed roots still fit.
2. Compare them with those of the stored bytes: entries altered, deleted, inserted, moved, truncated (`audit.localise`).
3. Judge each stored entry at the index where it belongs (`storage.diagnosis_rows`): columns, links, subject rows.
4. Compare subject chains, tiles, head, checkpoints and anchors with what the logged hashes give.

What merely follows from an act is left out: that a deleted entry's subject rows lead nowhere is no fault of theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from audit.errors import AuditError
from audit.event import ZERO_HASH
from audit.faults import Fault, FaultKind, FaultList, Limit, Report, Undecided
from audit.judge import row_fault, shown
from audit.localise import Act, Difference, localise
from audit.members import parse_members
from audit.merkle import HASH_BYTES, leaf_hash
from audit.seals import HEAD_NOTE, WHERE
from audit.tile import TILE_WIDTH
from storage.diagnosis_notes import Notes
from storage.diagnosis_rows import RowJudge, StoredRows
from storage.leaf_search import LeafSearch, fold
from storage.stored_nodes import split
from storage.survey import Survey
from storage.verification_faults import head_faults

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from audit.localise import Hashes
    from audit.members import EntryMembers
    from storage.verification_session import Session

_NO_SUBJECT: Final = object()


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
        self._notes = Notes(session)
        self._head_size = session.size
        session.found = FaultList()
        session.undecided.clear()
        session.entries_checked = session.checkpoints_checked = 0
        self.root = b""

    def run(self) -> None:
        session, search, notes = self._session, self._search, self._notes
        search.read_rows(lambda count: session.hooks.step(min(search.rows.count, session.size), session.size))
        self._settle()
        trusted = search.trusted()
        survey = Survey(trusted, sorted({self._head_size, trusted.count, *notes.sizes()}), self._log)
        self.root = survey.roots.get(trusted.count, b"")
        rows = StoredRows(self._log, search)
        difference = localise(search.stored(), trusted, rows.hints)
        self._name_acts(difference, rows, trusted)
        self._bracket(survey, difference, trusted)
        judge = RowJudge(session, trusted, search.stored(), rows, difference)
        judge.judge_all()
        self._judge_chains(judge)
        session.found.extend(survey.tile_faults)
        self._judge_head(survey, trusted, judge)
        notes.name_faults(survey, judge)
        session.entries_checked = search.rows.count
        session.anchored_leaves = self._anchored_leaves(difference)

    # --- which hashes were logged ------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Decide which hashes were logged."""
        search = self._search
        keys = list(_readable(search.rows.keys))
        # Which keys count depends on which entries were logged, and the other way round: twice is enough, since the
        # second time starts from hashes that do not depend on any key.
        for _ in range(2):
            self._notes.judge(members for members, _ in keys)
            self._decide()
            trusted = search.trusted()
            logged = [
                (members, digest)
                for members, digest in keys
                if members["index"] < trusted.count and trusted[members["index"]] == digest
            ]
            if logged == keys:
                break
            keys = logged
        self._session.size = search.size

    def _decide(self) -> None:
        """Decide how many entries there were, and on a hash for each."""
        signed = max((*self._notes.signed, self._session.trust.leaf_count), default=0)
        claimed = self._claimed_size()
        if not self._notes.head_speaks:
            # Nobody signed how long the log is now; the head row says so for what it is worth.
            self._decide_on(max(signed, claimed))
            return
        if signed < claimed == self._head_size and self._notes.head_is_published:
            # Either an older note was put into the head or entries were put behind the newest. A copy of a published
            # one in a head that otherwise fits its entries is the former.
            self._decide_on(claimed)
            if self._search.root(claimed) == self._session.head.root:
                return
        self._decide_on(signed)

    def _decide_on(self, size: int) -> None:
        search = self._search
        last = (self._head_size - 1, self._session.head.last_leaf_hash)
        search.settle(size, last)
        if not self._fit():
            search.settle(size, last, hear_all=True)
            self._fit()

    def _fit(self) -> bool:
        """Let roots say which reading is right, the most credible first; return whether the signed ones could."""
        fits = self._search.fit(self._notes.signed)
        self._search.fit(self._notes.named)
        root = self._session.head.root
        if isinstance(root, bytes):
            self._search.fit({self._head_size: root})
        return fits

    def _claimed_size(self) -> int:
        """How long the log is by its head row, if that can be, else by its rows."""
        count = self._search.rows.count
        limit = 2 * count + TILE_WIDTH * (1 + self._log.count("tiles", "level = 0"))
        return self._head_size if 0 < self._head_size <= limit else count

    # --- what was done -----------------------------------------------------------------------------------------

    def _name_acts(self, difference: Difference, rows: StoredRows, trusted: Hashes) -> None:
        found = self._session.found
        for act in difference.acts:
            found.add(_act_fault(act, rows, trusted, self._search.stored()))
        if difference.stopped_at is not None:
            start = rows.index_at(difference.stopped_at)
            at = start if isinstance(start, int) else None
            self._session.undecided.append(Undecided(Limit.LOCALISING_STOPPED, at, trusted.count))

    def _bracket(self, survey: Survey, difference: Difference, trusted: Hashes) -> None:
        """Say between which sizes entries may have been changed without a witness left to tell which."""
        session, signed, outside = self._session, self._notes.signed, self._notes.outside
        agreeing = [size for size, root in signed.items() if survey.roots.get(size) == root]
        known = session.trust.leaf_count
        wrong = [size for size in signed if known < size and size in survey.roots and size not in agreeing]
        if not outside.keys().isdisjoint(wrong):
            # The log's key signed what it had not signed before: none of its signatures inside is worth anything.
            agreeing = [size for size in agreeing if size in outside]
        agreeing += [0, known]
        if max(agreeing) >= trusted.count and not wrong:
            return
        high = min(wrong, default=trusted.count)
        low = max(size for size in agreeing if size < high)
        session.undecided.append(Undecided(Limit.LEAVES_UNATTESTED, low, high))
        if wrong and high - low == 1 and not any(act.index == low for act in difference.acts):
            logged = "the entry under the signed root"
            session.found.add(Fault(FaultKind.ALTERED, low, WHERE, logged, trusted[low].hex()))

    def _judge_chains(self, judge: RowJudge) -> None:
        """Positions of each subject go up by one, each row after the one before, but for what was done to entries."""
        found = self._session.found
        last: tuple[object, object, object] = (_NO_SUBJECT, None, None)
        for page in self._log.all_links():
            for subject, position, index, previous_index in page:
                if not isinstance(index, int):
                    found.add(row_fault(None, subject, "the index of an entry", shown(index)))
                if subject == last[0]:
                    hangs = previous_index == last[2] and position == _next(last[1])
                else:
                    hangs = position == 0 and previous_index is None
                if not hangs and not _is_explained(judge, subject, index, previous_index):
                    wanted = f"position {_next(last[1])} after entry {last[2]}" if subject == last[0] else "position 0"
                    where = f"entry_subjects {shown(subject)}"
                    found.add(
                        Fault(FaultKind.SUBJECT_CHAIN_BROKEN, index, where, wanted, f"position {shown(position)}")
                    )
                last = (subject, position, index)

    def _judge_head(self, survey: Survey, trusted: Hashes, judge: RowJudge) -> None:
        session, head = self._session, self._session.head
        found = session.found
        found.extend(head_faults(head, session.origin))
        size = self._head_size
        claimed = session.seal.checkpoint if session.seal.is_good else None
        genuine = claimed is not None and claimed.size == size
        if size != trusted.count and not (genuine and self._search.rows.count <= size):
            found.add(Fault(FaultKind.HEAD_WRONG, None, "log_head.size", str(trusted.count), shown(head.size)))
        elif claimed is not None and not genuine:
            found.add(Fault(FaultKind.HEAD_WRONG, None, HEAD_NOTE, f"size {size}", f"size {claimed.size}"))
        at = size if genuine or survey.roots.get(size) == head.root else trusted.count
        # Where entries are gone the note still says what their root was, and the frontier has to give it.
        root = survey.roots.get(at, claimed.root if claimed is not None and genuine else None)
        if root is not None and root != head.root:
            found.add(Fault(FaultKind.ROOT_WRONG, None, "log_head.root", root.hex(), shown(head.root)))
        frontier = survey.frontiers.get(at)
        if frontier is None and root is not None and not _gives(head.frontier, root):
            found.add(Fault(FaultKind.HEAD_WRONG, None, "log_head.frontier", root.hex(), shown(head.frontier)))
        wanted: list[tuple[str, object]] = []
        if frontier is not None:
            wanted += [("frontier", frontier), ("last_leaf_hash", trusted[at - 1] if at else ZERO_HASH)]
            wanted.append(("last_recorded_at", judge.recorded_at(at - 1)))
        for name, value in wanted:
            if value is not None and getattr(head, name) != value:
                found.add(
                    Fault(FaultKind.HEAD_WRONG, None, f"log_head.{name}", shown(value), shown(getattr(head, name)))
                )

    def _anchored_leaves(self, difference: Difference) -> int:
        """How many of the first entries agree with the leaf hashes from outside."""
        run = difference.runs[0] if difference.runs else None
        agreeing = run.length if run is not None and run.place == run.index == 0 else 0
        return min(agreeing, self._session.trust.leaf_count)


def _readable(keys: list[bytes]) -> Iterator[tuple[EntryMembers, bytes]]:
    for data in keys:
        try:
            yield parse_members(data), leaf_hash(data)
        except AuditError:
            continue


def _is_explained(judge: RowJudge, subject: object, index: object, previous_index: object) -> bool:
    return shown(subject) in judge.bad_subjects or judge.touched(index) or judge.touched(previous_index)


def _gives(frontier: object, root: bytes) -> bool:
    """Whether joined hashes give a root."""
    return isinstance(frontier, bytes) and len(frontier) % HASH_BYTES == 0 and fold(split(frontier)) == root


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
        return Fault(act.kind, at if isinstance(at, int) else None, "entries", "no such entry", found)
    wanted = trusted[act.index]
    return Fault(act.kind, act.index, WHERE, wanted.hex() if any(wanted) else "another entry", found)
