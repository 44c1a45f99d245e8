"""Verifying the log in a database: all of it, a range, what is new, one subject, one entry.

    report = verify_database(database)
    report.verdict, report.faults, report.undecided

- A verification looks at one snapshot: the size is pinned first, and what is appended meanwhile does not matter.
- The quick way reads everything once and recomputes every hash. If it meets anything that does not hold, the slow way
  (`storage.diagnosis`) goes over the log again and says what was done to which entry.
- Memory stays bounded whatever the size of the log.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from audit.check import Suspect
from audit.event import ZERO_HASH
from audit.faults import Fault, FaultKind, Report
from audit.judge import row_fault
from audit.merkle import HASH_BYTES
from audit.tile import TILE_WIDTH, tile_nodes
from audit.verify import NO_TRUST, Trust
from storage.database import Database
from storage.diagnosis import diagnose
from storage.stored_log import StoredLog
from storage.stored_nodes import TILE_HASHES_BYTES, edge_frontier, read_leaves, split
from storage.verification_faults import tile_fault
from storage.verification_parts import EntryRange, OneEntry, OneSubject, Since, verify_part
from storage.verification_pool import run_here, run_in_processes
from storage.verification_session import Cancelled, Hooks, Session, no_log
from storage.verification_since import verify_since
from storage.verification_tasks import (
    TASK_CHECKPOINTS,
    TASK_ENTRIES,
    ChainsTask,
    CheckpointsTask,
    Done,
    EntriesTask,
    Job,
    Task,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from audit.verify import Progress

__all__ = [
    "EntryRange",
    "OneEntry",
    "OneSubject",
    "Scope",
    "Since",
    "Whole",
    "verify_database",
]

WORKERS: Final = 2
ALONE_ENTRIES_MAX: Final = 30_000
"""A log up to this size is verified sooner than another process has started."""
TO_EXPLAIN: Final = frozenset({FaultKind.ROOT_WRONG, FaultKind.HEAD_WRONG, FaultKind.TRUNCATED})
"""Faults beside the entries behind which there may be more."""


@dataclass(frozen=True, slots=True)
class Whole:
    """The whole log."""

    def __str__(self) -> str:
        """`whole`."""
        return "whole"


Scope = Whole | EntryRange | OneEntry | OneSubject | Since
WHOLE: Final = Whole()


def verify_database(
    database: Database,
    scope: Scope = WHOLE,
    *,
    trust: Trust = NO_TRUST,
    workers: int = WORKERS,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Report:
    """Verify the log of a database, on connections of its own.

    Args:
        database: whose log.
        scope: what to look at.
        trust: what is known from outside the log.
        workers: how many processes share the work on a log of more than 30,000 entries; 1 for none but this one.
        progress: told from time to time how many entries are done, of how many; from this thread.
        cancelled: asked from time to time whether to stop; the verdict is then `incomplete`.

    Raises:
        StorageFailed: the database could not be read.
    """
    hooks = Hooks(progress or _ignore, cancelled or _never)
    reader = Database(database.url)
    try:
        with reader.read() as connection:
            log = StoredLog(connection)
            head = log.head()
            if head is None:
                return no_log(str(scope), Fault(FaultKind.HEAD_WRONG, None, "log_head", "one row", "none, or more"))
            session = Session(log, head, trust, hooks)
            try:
                return _verify(session, scope, database.url, workers)
            except Cancelled:
                return session.report(str(scope), b"", complete=False)
    finally:
        reader.close()


def _verify(session: Session, scope: Scope, url: str, workers: int) -> Report:
    with tempfile.TemporaryDirectory(prefix="chopbook-verify-") as directory:
        try:
            if isinstance(scope, Since):
                return verify_since(session, scope.checkpoint)
            if not isinstance(scope, Whole):
                return verify_part(session, scope)
            return _verify_whole(session, Path(directory) / "leaves", url, workers)
        except Suspect as suspect:
            return diagnose(session, str(scope), suspect.fault, Path(directory))


def _verify_whole(session: Session, leaf_file: Path, url: str, workers: int) -> Report:
    """The quick way.

    Raises:
        Suspect: something does not hold that the localiser can explain.
    """
    session.check_names()
    _write_leaves(session, leaf_file)
    root = _check_all(session, Job(url, session.origin, session.size, leaf_file, session.trust.vkeys), workers)
    for fault in session.found.kept:
        if fault.kind in TO_EXPLAIN:
            raise Suspect(fault)
    return session.report("whole", root, complete=session.entries_checked == session.size)


def _write_leaves(session: Session, path: Path) -> None:
    """Write the leaf hashes to a file: of full tiles as the tiles have them, of the rest as the rows have them.

    Raises:
        Suspect: a tile or row is missing, or not of its length.
    """
    size = session.size
    full = size // TILE_WIDTH
    written = 0
    with path.open("wb") as file:
        for start in range(0, full, TILE_WIDTH):
            stop = min(start + TILE_WIDTH, full)
            for tile_index, hashes in session.log.tile_parts(0, start, stop, 0, TILE_HASHES_BYTES):
                if not isinstance(hashes, bytes) or len(hashes) != TILE_HASHES_BYTES:
                    raise Suspect(tile_fault(0, tile_index))
                written += file.write(hashes)
        for index, leaf_hash in session.log.leaf_hashes(full * TILE_WIDTH, size):
            if not isinstance(leaf_hash, bytes) or len(leaf_hash) != HASH_BYTES:
                raise Suspect(
                    Fault(FaultKind.COLUMN_DISAGREES, index, "entries.leaf_hash", "32 bytes", "another value")
                )
            written += file.write(leaf_hash)
        # A file of no bytes cannot be mapped.
        file.write(b"\0")
    if written != size * HASH_BYTES:
        raise Suspect(Fault(FaultKind.DELETED, None, "entries", f"{size} leaf hashes", str(written // HASH_BYTES)))


def _check_all(session: Session, job: Job, workers: int) -> bytes:
    """Run all tasks, then compare what they found with tiles, head, checkpoints and anchors; return the root.

    Raises:
        Suspect: an entry, a row or a tile is wrong.
        Cancelled: the session's owner said so.
    """
    size = session.size

    def advanced(count: int) -> None:
        session.entries_checked += count
        session.hooks.progress(session.entries_checked, size)

    tasks = list(_tasks(session))
    if workers < 2 or size <= ALONE_ENTRIES_MAX:
        done = run_here(session.log, job, tasks, advanced, session.hooks.cancelled)
    else:
        done = run_in_processes(job, tasks, workers, advanced, session.hooks.cancelled)
    for result in done:
        session.checkpoints_checked += result.checkpoints
        session.found.extend(result.faults)
        for signers in result.signers:
            session.ring.vouch(signers)
    _check_links(done)
    root = _check_tree(session, done, job.leaf_file)
    session.stray_checkpoints()
    session.anchors.compare(size, session.nodes.root)
    session.found.extend(session.anchors.faults)
    _check_trusted_leaves(session, job.leaf_file)
    return root


def _tasks(session: Session) -> Iterator[Task]:
    """The longest first: all the others can go on beside it."""
    size = session.size
    yield ChainsTask()
    count = session.log.count("checkpoints", "size <= ?", size)
    step = (size + 1) * TASK_CHECKPOINTS // max(count, TASK_CHECKPOINTS) + 1
    for start in range(0, size + 1, step):
        yield CheckpointsTask(start, min(start + step, size + 1))
    for start in range(0, size, TASK_ENTRIES):
        yield EntriesTask(start, min(start + TASK_ENTRIES, size))


def _check_links(done: list[Done]) -> None:
    """As many subject rows were seen in the order of subjects as in the order of entries.

    Raises:
        Suspect: not so: rows are there twice, or out of order.
    """
    by_subject = sum(result.links for result in done if isinstance(result.task, ChainsTask))
    by_entry = sum(result.links for result in done if isinstance(result.task, EntriesTask))
    if by_subject != by_entry:
        raise Suspect(row_fault(None, "all", f"{by_entry} rows", f"{by_subject} rows"))


def _check_tree(session: Session, done: list[Done], leaf_file: Path) -> bytes:
    """Build the tree from the roots of the level-0 tiles, compare upper tiles and head; return the root.

    Raises:
        Suspect: an upper tile is wrong.
    """
    size = session.size
    parts = {result.task.start: result.tile_roots for result in done if isinstance(result.task, EntriesTask)}
    hashes = split(b"".join(parts[start] for start in sorted(parts)))
    edges = [split(read_leaves(leaf_file, size // TILE_WIDTH * TILE_WIDTH, size))]
    level = 1
    while hashes:
        full = len(hashes) // TILE_WIDTH
        edges.append(hashes[full * TILE_WIDTH :])
        roots: list[bytes] = []
        for tile_index in range(full):
            nodes = tile_nodes(hashes[tile_index * TILE_WIDTH : (tile_index + 1) * TILE_WIDTH])
            if session.nodes.tile(level, tile_index) != nodes:
                raise Suspect(tile_fault(level, tile_index))
            roots.append(nodes[-HASH_BYTES:])
        hashes = roots
        level += 1
    frontier = edge_frontier(edges)
    last_leaf = read_leaves(leaf_file, size - 1, size) if size else ZERO_HASH
    session.check_head(frontier.root(), b"".join(frontier.hashes), last_leaf, session.log.recorded_at(size - 1))
    return frontier.root()


def _check_trusted_leaves(session: Session, leaf_file: Path) -> None:
    """Compare with the leaf hashes from outside.

    Raises:
        Suspect: one differs, or there are more of them than entries.
    """
    trust = session.trust
    if trust.leaf_count > session.size:
        wanted, found = f"{trust.leaf_count} entries", f"{session.size} entries"
        raise Suspect(Fault(FaultKind.TRUNCATED, session.size, "anchor leaf hashes", wanted, found))
    for start in range(0, trust.leaf_count, TASK_ENTRIES):
        stop = min(start + TASK_ENTRIES, trust.leaf_count)
        if read_leaves(leaf_file, start, stop) != trust.leaf_hashes[start * HASH_BYTES : stop * HASH_BYTES]:
            raise Suspect(Fault(FaultKind.ALTERED, None, "anchor leaf hashes", "the same leaf hashes", "others"))
    session.anchored_leaves = trust.leaf_count


def _ignore(_done: int, _total: int) -> None:
    """Nobody wants to know."""


def _never() -> bool:
    return False
