"""The work of a full verification, cut into tasks that any process can do on a connection of its own.

- Entries below the size verified against never change, so every process sees the same ones, whatever was appended
  since.
- Leaf hashes are taken from the tiles first and lie in a file all processes map; each task proves its part of the file
  by recomputing it. No task is believed before all are done.
- A task that finds a fault raises `Suspect`: why, is for the localiser to say.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from audit.check import EntryChecker, Suspect
from audit.event import ZERO_HASH
from audit.faults import Fault, FaultKind
from audit.judge import row_fault
from audit.merkle import HASH_BYTES
from audit.shapes import Shapes
from audit.tile import TILE_WIDTH, tile_nodes
from audit.verify import SubjectChains
from storage.stored_log import NotPlain, read_ring
from storage.stored_nodes import StoredNodes
from storage.verification_faults import checkpoint_faults, tile_fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.stored_log import StoredLog

BLOCK_ENTRIES: Final = 256
"""Entries read at a time: what the processor's cache holds, and a whole number of tiles."""
TASK_ENTRIES: Final = 16_384
"""Entries of a task: so few that no process has long to wait for the last of the others."""
TASK_CHECKPOINTS: Final = 2_000
MAPPED_BYTES_MAX: Final = 64 * 2**20
"""Above this the mapped pages are given back after every block, since they would count as memory."""
TILE_ROOT_OFFSET: Final = -HASH_BYTES


@dataclass(frozen=True, slots=True)
class Job:
    """What all tasks of one verification share."""

    url: str
    origin: str
    size: int
    leaf_file: Path
    pinned: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EntriesTask:
    """Entries `start` to `stop`; `start` is a multiple of 256."""

    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class ChainsTask:
    """All subject chains, in their own order."""


@dataclass(frozen=True, slots=True)
class CheckpointsTask:
    """Published checkpoints of sizes from `start` to below `stop`."""

    start: int
    stop: int


Task = EntriesTask | ChainsTask | CheckpointsTask


@dataclass(frozen=True, slots=True)
class Done:
    """What a task found out.

    Attributes:
        task: which.
        links: how many subject rows were seen, by entry or by subject.
        tile_roots: of the full level-0 tiles of the range, joined.
        checkpoints: how many were checked.
        signers: sets of keys that signed the same checkpoint.
        faults: wrong checkpoints; faults of entries are raised.
    """

    task: Task
    links: int = 0
    tile_roots: bytes = b""
    checkpoints: int = 0
    signers: frozenset[frozenset[str]] = frozenset()
    faults: tuple[Fault, ...] = ()


class Tasks:
    """Does tasks of one job on one snapshot. Not safe for use by several threads at once."""

    def __init__(self, log: StoredLog, job: Job) -> None:
        self._log = log
        self._job = job
        self._shapes = Shapes()
        with job.leaf_file.open("rb") as file:
            self._leaves = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def close(self) -> None:
        """Lets go of the mapped file."""
        self._leaves.close()

    def run(self, task: Task, advanced: Callable[[int], None]) -> Done:
        """Does one task; `advanced` is told after each block how many more entries are done.

        Raises:
            Suspect: an entry, a subject row or a tile is wrong.
        """
        if isinstance(task, EntriesTask):
            return self._entries(task, advanced)
        if isinstance(task, ChainsTask):
            return self._chains(task)
        return self._checkpoints(task)

    def _entries(self, task: EntriesTask, advanced: Callable[[int], None]) -> Done:
        start = task.start
        previous = self._leaves[(start - 1) * HASH_BYTES : start * HASH_BYTES] if start else ZERO_HASH
        checker = EntryChecker(
            self._job.origin,
            index=start,
            previous=previous,
            recorded_at=self._log.recorded_at(start - 1) if start else 0,
            leaf_hashes=self._leaves,
            shapes=self._shapes,
        )
        links = 0
        roots: list[bytes] = []
        while start < task.stop:
            stop = min(start + BLOCK_ENTRIES, task.stop)
            links += self._block(checker, start, stop, roots)
            if len(self._leaves) > MAPPED_BYTES_MAX and hasattr(mmap, "MADV_DONTNEED"):
                self._leaves.madvise(mmap.MADV_DONTNEED)
            advanced(stop - start)
            start = stop
        return Done(task, links, b"".join(roots))

    def _block(self, checker: EntryChecker, start: int, stop: int, roots: list[bytes]) -> int:
        rows = self._log.entries(start, stop)
        if len(rows) != stop - start:
            fault = Fault(FaultKind.DELETED, None, "entries", f"{stop - start} rows from {start} on", str(len(rows)))
            raise Suspect(fault)
        links = self._log.plain_links(start, stop)
        digests = checker.check(rows, links)
        if b"".join(digests) != self._leaves[start * HASH_BYTES : stop * HASH_BYTES]:
            raise Suspect(
                Fault(FaultKind.TILE_WRONG, None, f"tiles[0/{start // TILE_WIDTH}..].nodes", "leaf hashes", "others")
            )
        first = start // TILE_WIDTH
        tiles = dict(self._log.tiles(0, first, stop // TILE_WIDTH))
        for tile_index in range(first, stop // TILE_WIDTH):
            offset = tile_index * TILE_WIDTH - start
            nodes = tile_nodes(digests[offset : offset + TILE_WIDTH])
            if tiles.get(tile_index) != nodes:
                raise Suspect(tile_fault(0, tile_index))
            roots.append(nodes[TILE_ROOT_OFFSET:])
        return len(links)

    def _chains(self, task: ChainsTask) -> Done:
        chains = SubjectChains()
        try:
            for runs in self._log.chains():
                for fault in chains.faults(runs):
                    raise Suspect(fault)
        except NotPlain as error:
            raise Suspect(row_fault(None, "all", "numbers", str(error))) from error
        return Done(task, chains.rows - self._log.count("entry_subjects", "entry_index >= ?", self._job.size))

    def _checkpoints(self, task: CheckpointsTask) -> Done:
        ring = read_ring(self._log, self._job.origin, self._job.size, self._job.pinned)
        nodes = StoredNodes(self._log, self._job.size)
        faults: list[Fault] = []
        signers: set[frozenset[str]] = set()
        rows = self._log.checkpoints(task.start, task.stop, task.stop - task.start)
        for row in rows:
            seal = ring.judge(row.note, f"checkpoints[{row.size}].note")
            if seal.is_good:
                signers.add(seal.signers)
            faults += checkpoint_faults(seal, row, nodes.root)
        return Done(task, checkpoints=len(rows), signers=frozenset(signers), faults=tuple(faults))
