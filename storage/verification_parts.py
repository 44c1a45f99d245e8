"""Verifying part of a log: a range of entries, one of them, or those of one subject.

Each entry looked at is checked in full and proved to lie at its place under the head's root; what lies outside is
looked at only as far as that takes. Faults are named here, entry by entry, since the tree says what should be there.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from audit.check import EntryChecker, Suspect
from audit.checkpoint import Checkpoint
from audit.faults import Fault, FaultKind, Limit, Report, Undecided
from audit.judge import Place, judge_entry, row_fault, shown
from storage.authentic import AuthenticTree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from audit.judge import EntryRow, LinkRow
    from storage.stored_log import ChainRow
    from storage.verification_session import Session

BLOCK_ENTRIES: Final = 1_024
PAGE_ROWS: Final = 500


@dataclass(frozen=True, slots=True)
class EntryRange:
    """Entries `start` to `stop`."""

    start: int
    stop: int

    def __str__(self) -> str:
        """`range 5 10`."""
        return f"range {self.start} {self.stop}"


@dataclass(frozen=True, slots=True)
class OneEntry:
    """The entry at an index."""

    index: int

    def __str__(self) -> str:
        """`entry 7`."""
        return f"entry {self.index}"


@dataclass(frozen=True, slots=True)
class OneSubject:
    """All entries of one subject, by its key `kind:id`."""

    key: str

    def __str__(self) -> str:
        """`subject sku:A1`."""
        return f"subject {self.key}"


@dataclass(frozen=True, slots=True)
class Since:
    """What was appended after a checkpoint that has been verified."""

    checkpoint: Checkpoint

    def __str__(self) -> str:
        """`since 1000`."""
        return f"since {self.checkpoint.size}"


Part = EntryRange | OneEntry | OneSubject


def verify_part(session: Session, scope: Part) -> Report:
    """Verify a range, an entry or a subject.

    Raises:
        Suspect: the stored nodes do not give the head's root.
    """
    tree = AuthenticTree(session.nodes, session.head.root)
    session.undecided.append(Undecided(Limit.OUT_OF_SCOPE))
    session.check_head_note(session.head.root)
    complete = True
    if isinstance(scope, OneSubject):
        _check_subject(session, tree, scope.key)
        session.undecided.append(Undecided(Limit.SUBJECT_END_UNKNOWN))
    else:
        start, stop = (scope.index, scope.index + 1) if isinstance(scope, OneEntry) else (scope.start, scope.stop)
        complete = 0 <= start <= stop <= session.size
        _check_range(session, tree, max(0, start), min(stop, session.size))
    session.anchors.compare(session.size, session.nodes.root)
    session.found.extend(session.anchors.faults)
    complete = complete and session.entries_checked > 0 and not session.hooks.cancelled()
    return session.report(str(scope), session.head.root, complete=complete)


def _check_range(session: Session, tree: AuthenticTree, start: int, stop: int) -> None:
    total = stop - start
    for first in range(start, stop, BLOCK_ENTRIES):
        if session.hooks.cancelled():
            return
        last = min(first + BLOCK_ENTRIES, stop)
        rows, links = session.log.entries(first, last), session.log.links(first, last)
        try:
            tree.expect((*range(first, last), *(link[3] for link in links)))
            checker = _checker(session, tree, first)
            if len(rows) != last - first or checker.check(rows, links) != [tree.leaf(i) for i in range(first, last)]:
                _judge_block(session, tree, range(first, last), rows, links)
        except Suspect:
            _judge_block(session, tree, range(first, last), rows, links)
        for index, subject in session.log.unlinked(first, last):
            session.found.add(row_fault(index, subject, "the row it follows", "none"))
        session.entries_checked += last - first
        session.hooks.progress(session.entries_checked, total)
    session.judge_checkpoints(start + 1, stop + 1, session.nodes.root)


def _checker(session: Session, tree: AuthenticTree, index: int) -> EntryChecker:
    return EntryChecker(
        session.origin,
        index=index,
        previous=tree.leaf(index - 1),
        recorded_at=session.log.recorded_at(index - 1),
        leaf_hashes=tree,
    )


def _judge_block(
    session: Session, tree: AuthenticTree, indexes: range, rows: Sequence[EntryRow], links: Sequence[LinkRow]
) -> None:
    """Name the faults of a block, entry by entry."""
    by_index = {row[0]: row for row in rows}
    recorded_at = session.log.recorded_at(indexes.start - 1)
    for index in indexes:
        row = by_index.get(index)
        if row is None:
            session.found.add(Fault(FaultKind.DELETED, index, "entries", "a row", "none"))
            continue
        mine = [link for link in links if link[0] == index]
        try:
            _judge(session, tree, row, mine, recorded_at)
        except Suspect as suspect:
            session.found.add(suspect.fault)
        if type(row[3]) is int:
            recorded_at = row[3]


def _judge(session: Session, tree: AuthenticTree, row: EntryRow, links: Sequence[LinkRow], recorded_at: int) -> None:
    """Name the faults of one entry.

    Raises:
        Suspect: the tree does not say what should be there.
    """
    index = row[0]
    wanted = tree.leaf(index)
    # A database can hold anything in a column, whatever the type says.
    stored: object = row[1]
    found = sha256(b"\x00" + stored).digest() if isinstance(stored, bytes) else b""
    faults, _ = judge_entry(row, links, Place(session.origin, index, tree.leaf(index - 1), recorded_at), tree)
    if found != wanted:
        session.found.add(Fault(FaultKind.ALTERED, index, "entries.bytes", wanted.hex(), found.hex()))
        faults = [fault for fault in faults if fault.where != "entries.leaf_hash" or row[2] != wanted]
    session.found.extend(faults)


def _check_subject(session: Session, tree: AuthenticTree, key: str) -> None:
    """Check all entries of a subject, and that nothing is missing between them."""
    log = session.log
    position, last = 0, None
    while rows := log.subject_rows(key, position, PAGE_ROWS):
        for row in rows:
            if session.hooks.cancelled():
                return
            if row[1] != position or row[3] != last:
                wanted = f"position {position} after entry {shown(last)}"
                found = f"position {shown(row[1])} after entry {shown(row[3])}"
                session.found.add(row_fault(row[2], key, wanted, found))
            _check_subject_entry(session, tree, row)
            position, last = row[1] + 1, row[2]
        session.hooks.progress(session.entries_checked, session.entries_checked)


def _check_subject_entry(session: Session, tree: AuthenticTree, row: ChainRow) -> None:
    index = row[2]
    entry = session.log.entry(index) if 0 <= index < session.size else None
    session.entries_checked += 1
    if entry is None:
        session.found.add(Fault(FaultKind.DELETED, index, "entries", "a row", "none"))
        return
    try:
        _judge(session, tree, entry, session.log.links(index, index + 1), session.log.recorded_at(index - 1))
    except Suspect as suspect:
        session.found.add(suspect.fault)
