"""Verifying what was appended after a checkpoint that has been verified: the old entries are not read again.

The nodes that cover the old entries give the old root, so they are right; the new entries' hashes on top of them give
the new root, so nothing else lies between. New links to old entries are proved one by one.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from audit.check import EntryChecker, Suspect
from audit.errors import AuditError
from audit.faults import Fault, FaultKind, Limit, Report, Undecided
from audit.judge import row_fault, shown
from audit.members import columns, parse_members
from audit.merkle import HASH_BYTES, Frontier, NodeId
from audit.tile import TILE_HEIGHT, full_tiles, tile_nodes
from storage.authentic import AuthenticTree
from storage.stored_nodes import TILE_HASHES_BYTES, split
from storage.verification_faults import tile_fault

if TYPE_CHECKING:
    from audit.checkpoint import Checkpoint
    from storage.verification_session import Session

BLOCK_ENTRIES: Final = 1_024
"""Entries read at a time: the more, the fewer tiles behind their links are read twice."""


def verify_since(session: Session, checkpoint: Checkpoint) -> Report:
    """Verify the entries after a checkpoint, and that the log still begins with those before it.

    Raises:
        Suspect: something does not hold that the localiser can explain.
    """
    scope = f"since {checkpoint.size}"
    old, size = checkpoint.size, session.size
    session.undecided.append(Undecided(Limit.OUT_OF_SCOPE, 0, min(old, size)))
    if checkpoint.origin != session.origin:
        session.found.add(Fault(FaultKind.ORIGIN_WRONG, None, "since", checkpoint.origin, session.origin))
    if old > size:
        session.found.add(Fault(FaultKind.TRUNCATED, size, "since", f"{old} entries", f"{size} entries"))
        return session.report(scope, b"", complete=False)
    session.check_names()
    root = session.nodes.root(old)
    if root != checkpoint.root:
        raise Suspect(Fault(FaultKind.ROOT_WRONG, None, "since", checkpoint.root.hex(), root.hex()))
    growth = _Growth(session, old)
    if not growth.grow():
        return session.report(scope, b"", complete=False)
    growth.check_tiles()
    session.judge_checkpoints(old + 1, size + 1, lambda at: growth.roots[at])
    session.stray_checkpoints()
    session.anchors.compare(size, session.nodes.root)
    session.found.extend(session.anchors.faults)
    return session.report(scope, session.head.root, complete=True)


class _Growth:
    """The tree growing from the old size to the new one, out of the entries themselves."""

    def __init__(self, session: Session, old: int) -> None:
        self._session = session
        self._old = old
        self._frontier = Frontier(old, session.nodes.frontier(old))
        self._tree = AuthenticTree(session.nodes, session.head.root)
        self._tile_roots: dict[NodeId, bytes] = {}
        marks = session.log.checkpoints(old + 1, session.size + 1, session.size - old)
        self._marks = {row.size for row in marks}
        self.roots: dict[int, bytes] = {}

    def grow(self) -> bool:
        """Check every new entry and append its hash; False if told to stop.

        Raises:
            Suspect: an entry or a row does not hold, or the root at the end is not the head's.
        """
        session, start = self._session, self._old
        recorded_at = self._last_recorded_at()
        checker = EntryChecker(
            session.origin,
            index=start,
            previous=self._tree.leaf(start - 1),
            recorded_at=recorded_at,
            leaf_hashes=self._tree,
        )
        while start < session.size:
            if session.hooks.cancelled():
                return False
            stop = min(start + BLOCK_ENTRIES, session.size)
            self._append(checker, start, stop)
            start = stop
            session.entries_checked = stop - self._old
            session.hooks.progress(session.entries_checked, session.size - self._old)
        last = bytes.fromhex(checker.previous)
        session.check_head(self._frontier.root(), b"".join(self._frontier.hashes), last, checker.recorded_at)
        if self._frontier.root() != session.head.root:
            wanted = self._frontier.root().hex()
            raise Suspect(Fault(FaultKind.ROOT_WRONG, None, "log_head.root", wanted, shown(session.head.root)))
        return True

    def check_tiles(self) -> None:
        """Every tile that became full since has the nodes over its hashes, and its root is one that was computed.

        Raises:
            Suspect: one does not.
        """
        for level, count in full_tiles(self._session.size):
            for tile_index in range(self._old >> (TILE_HEIGHT * (level + 1)), count):
                blob = self._session.nodes.tile(level, tile_index)
                root = self._tile_roots[TILE_HEIGHT * (level + 1), tile_index]
                if blob[-HASH_BYTES:] != root or tile_nodes(split(blob[:TILE_HASHES_BYTES])) != blob:
                    raise Suspect(tile_fault(level, tile_index))

    def _append(self, checker: EntryChecker, start: int, stop: int) -> None:
        log = self._session.log
        rows = log.entries(start, stop)
        if len(rows) != stop - start:
            fault = Fault(FaultKind.DELETED, None, "entries", f"{stop - start} rows from {start} on", str(len(rows)))
            raise Suspect(fault)
        links = log.links(start, stop)
        self._tree.expect(link[3] for link in links)
        for digest in checker.check(rows, links):
            for node, node_hash in self._frontier.append(digest):
                if node[0] % TILE_HEIGHT == 0:
                    self._tile_roots[node] = node_hash
            if self._frontier.size in self._marks:
                self.roots[self._frontier.size] = self._frontier.root()
        for index, subject in log.unlinked(start, stop):
            raise Suspect(row_fault(index, subject, "the row it follows", "none"))

    def _last_recorded_at(self) -> int:
        """When the last old entry was recorded, by its own bytes."""
        index = self._old - 1
        if index < 0:
            return 0
        row = self._session.log.entry(index)
        try:
            if row is not None and sha256(b"\x00" + row[1]).digest() == self._tree.leaf(index):
                return columns(parse_members(row[1])).recorded_at
        except (AuditError, TypeError) as error:
            if isinstance(error, Suspect):
                raise
        raise Suspect(Fault(FaultKind.ALTERED, index, "entries.bytes", "the entry under the root", "another"))
