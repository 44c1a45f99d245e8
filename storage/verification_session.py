"""What every kind of verification shares: the pinned head, the keys, the tree's nodes, and the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from audit.check import Suspect
from audit.faults import Fault, FaultKind, FaultList, Report, Undecided, Verdict
from audit.judge import shown
from audit.merkle import SIZE_MAX
from audit.seals import HEAD_NOTE, Seal
from audit.tile import full_tiles
from audit.verify import Anchors, limits_of, read_anchors, verdict_of
from storage.stored_log import INTEGER_HIGH, INTEGER_LOW, likely_origin, read_ring
from storage.stored_nodes import StoredNodes
from storage.verification_faults import checkpoint_faults, head_faults, not_created

if TYPE_CHECKING:
    from collections.abc import Callable

    from audit.verify import Progress, Trust
    from storage.stored_log import HeadRow, StoredLog

NOTHING: Final = "no log"
STRAYS_MAX: Final = 1_000


class Cancelled(Exception):
    """The verification was told to stop."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """How a verification talks to whoever started it."""

    progress: Progress
    cancelled: Callable[[], bool]

    def step(self, done: int, total: int) -> None:
        """Says how far it is.

        Raises:
            Cancelled: it is to stop.
        """
        self.progress(done, total)
        if self.cancelled():
            raise Cancelled


class Session:
    """One verification of one snapshot."""

    def __init__(self, log: StoredLog, head: HeadRow, trust: Trust, hooks: Hooks) -> None:
        self.log = log
        self.head = head
        self.trust = trust
        self.hooks = hooks
        self.found = FaultList()
        self.undecided: list[Undecided] = []
        self.origin = likely_origin(log, head)
        self.size = head.size if type(head.size) is int and 0 <= head.size <= SIZE_MAX else 0
        self.nodes = StoredNodes(log, self.size)
        self.ring = read_ring(log, self.origin, self.size, trust.vkeys)
        self.found.extend(self.ring.faults)
        if self.size and not self.ring.is_created:
            self.found.add(not_created())
        self.seal = self._judge_head()
        self.anchors: Anchors = read_anchors(self.ring, trust)
        self.entries_checked = 0
        self.checkpoints_checked = 0
        self.anchored_leaves = 0

    def _judge_head(self) -> Seal:
        seal = self.ring.judge(self.head.note, HEAD_NOTE, unreadable=FaultKind.HEAD_WRONG)
        self.found.extend(seal.faults)
        self.found.extend(head_faults(self.head, self.origin))
        return seal

    def check_names(self) -> None:
        """No row is where none should be: the tasks look only below the size.

        Raises:
            Suspect: one is.
        """
        log, size = self.log, self.size
        for table in ("entries", "entry_subjects"):
            count = log.count(table, "entry_index >= ?", size) + log.count(table, "entry_index < 0")
            count += log.count(table, "entry_index IS NULL")
            if count:
                raise Suspect(Fault(FaultKind.INSERTED, None, table, f"no rows outside 0 to {size}", f"{count} rows"))
        wanted = [(level, count, 0, count - 1) for level, count in full_tiles(size)]
        found = log.tile_names()
        if found != wanted:
            raise Suspect(Fault(FaultKind.TILE_WRONG, None, "tiles", str(wanted), str(found)))

    def check_head(self, root: bytes, frontier: bytes, last_leaf_hash: bytes, last_recorded_at: int) -> None:
        """Compares the head row with what the entries give."""
        head = self.head
        for name, wanted, found in (
            ("frontier", frontier, head.frontier),
            ("last_leaf_hash", last_leaf_hash, head.last_leaf_hash),
            ("last_recorded_at", last_recorded_at, head.last_recorded_at),
        ):
            if wanted != found:
                self.found.add(Fault(FaultKind.HEAD_WRONG, None, f"log_head.{name}", shown(wanted), shown(found)))
        if root != head.root:
            self.found.add(Fault(FaultKind.ROOT_WRONG, None, "log_head.root", root.hex(), shown(head.root)))
        self.check_head_note(root)

    def check_head_note(self, root: bytes) -> None:
        """Compares the head's checkpoint with the size and root that were verified."""
        claimed = self.seal.checkpoint
        if claimed is None:
            return
        if claimed.size != self.size:
            self.found.add(Fault(FaultKind.HEAD_WRONG, None, "log_head.size", str(claimed.size), shown(self.head.size)))
        elif claimed.root != root:
            self.found.add(Fault(FaultKind.ROOT_WRONG, None, HEAD_NOTE, root.hex(), claimed.root.hex()))

    def judge_checkpoints(self, start: int, stop: int, root_at: Callable[[int], bytes]) -> None:
        """Looks at the published checkpoints of a range of sizes."""
        limit = max(0, stop - start)
        for row in self.log.checkpoints(start, stop, limit):
            seal = self.ring.judge(row.note, f"checkpoints[{row.size}].note")
            self.found.extend(checkpoint_faults(seal, row, root_at))
            self.checkpoints_checked += 1

    def stray_checkpoints(self) -> None:
        """Published checkpoints of sizes the log does not have; good ones prove that entries were cut off."""
        log, size = self.log, self.size
        outside = (
            *log.checkpoints(INTEGER_LOW, 0, STRAYS_MAX),
            *log.checkpoints(size + 1, INTEGER_HIGH, STRAYS_MAX),
            *log.unsized_checkpoints(),
        )
        for stored, note, *_ in outside:
            seal = self.ring.judge(note, f"checkpoints[{shown(stored)}].note")
            claimed = seal.checkpoint
            if seal.is_good and claimed is not None and claimed.size == stored:
                self.found.add(Fault(FaultKind.TRUNCATED, size, seal.where, f"{stored} entries", f"{size} entries"))
            else:
                where = f"checkpoints[{shown(stored)}].size"
                self.found.add(Fault(FaultKind.CHECKPOINT_WRONG, None, where, f"at most {size}", shown(stored)))

    def report(self, scope: str, root: bytes, *, complete: bool) -> Report:
        """The outcome; compares nothing any more."""
        anchored = max(self.anchors.size, self.anchored_leaves)
        pinned = self.ring.trusts(self.seal)
        if self.trust.vkeys and not pinned:
            self.found.add(
                Fault(FaultKind.KEY_UNKNOWN, None, HEAD_NOTE, "a signature vouched for by a key from outside", "none")
            )
        verdict = verdict_of(self.found, complete=complete, size=self.size, anchored_size=anchored, key_pinned=pinned)
        return Report(
            verdict=verdict,
            origin=self.origin,
            scope=scope,
            size=self.size,
            root=root.hex(),
            entries_checked=self.entries_checked,
            checkpoints_checked=self.checkpoints_checked,
            anchored_size=anchored,
            key_pinned=pinned,
            faults=tuple(self.found.kept),
            counts=tuple(sorted(self.found.counts.items())),
            undecided=(*self.undecided, *limits_of(self.size, anchored, key_pinned=pinned)),
        )


def no_log(scope: str, found: Fault) -> Report:
    """The report on a database that has no head."""
    return Report(Verdict.TAMPERED, NOTHING, scope, 0, "", faults=(found,), counts=((found.kind, 1),))
