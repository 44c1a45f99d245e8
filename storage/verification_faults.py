"""Faults of what lies beside the entries: tiles, checkpoints, the head row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.faults import Fault, FaultKind
from audit.judge import shown
from audit.seals import CREATED, WHERE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from audit.seals import Seal
    from storage.stored_log import CheckpointRow, HeadRow


def tile_fault(level: int, tile_index: int, found: str = "others, or no tile") -> Fault:
    """The fault of a stored tile."""
    return Fault(FaultKind.TILE_WRONG, None, f"tiles[{level}/{tile_index}].nodes", "the nodes over its hashes", found)


def not_created() -> Fault:
    """The fault of a log whose first entry does not name its key."""
    return Fault(FaultKind.KEY_UNKNOWN, 0, f"{WHERE} type", CREATED, "another")


def checkpoint_faults(seal: Seal, row: CheckpointRow, root_at: Callable[[int], bytes]) -> Iterator[Fault]:
    """What is wrong with a published checkpoint."""
    yield from seal.faults
    size, claimed = row.size, seal.checkpoint
    where = f"checkpoints[{size}]"
    if claimed is not None and claimed.size != size:
        yield Fault(FaultKind.CHECKPOINT_WRONG, None, f"{where}.size", str(claimed.size), shown(size))
        return
    yield from publication_faults(row, row.recorded_at)
    if claimed is not None and (root := root_at(size)) != claimed.root:
        yield Fault(FaultKind.ROOT_WRONG, None, f"{where}.note", root.hex(), claimed.root.hex())


def publication_faults(row: CheckpointRow, recorded_at: object) -> Iterator[Fault]:
    """When it was published is no time, or is before its last entry was recorded.

    Nothing more can be said of that time: no signature covers it.
    """
    where, found = f"checkpoints[{shown(row.size)}].published_at", row.published_at
    if type(found) is not int:
        yield Fault(FaultKind.CHECKPOINT_WRONG, None, where, "a time", shown(found))
    elif type(recorded_at) is int and found < recorded_at:
        yield Fault(FaultKind.CHECKPOINT_WRONG, None, where, f"{recorded_at} or later", str(found))


def head_faults(head: HeadRow, origin: str) -> Iterator[Fault]:
    """Members of the head row that are not even of their type, and a name that is not the log's."""
    wanted = (("origin", str), ("size", int), ("root", bytes), ("frontier", bytes), ("last_leaf_hash", bytes))
    for name, kind in (*wanted, ("last_recorded_at", int), ("note", str)):
        value = getattr(head, name)
        if type(value) is not kind:
            yield Fault(FaultKind.HEAD_WRONG, None, f"log_head.{name}", kind.__name__, type(value).__name__)
    if head.id != 1:
        yield Fault(FaultKind.HEAD_WRONG, None, "log_head.id", "1", shown(head.id))
    if isinstance(head.origin, str) and head.origin != origin:
        yield Fault(FaultKind.HEAD_WRONG, None, "log_head.origin", origin, shown(head.origin))
