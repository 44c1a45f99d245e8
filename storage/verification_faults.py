"""Faults of what lies beside the entries: tiles, checkpoints, the head row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.faults import Fault, FaultKind
from audit.judge import shown
from audit.seals import CREATED, WHERE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from audit.seals import Seal
    from storage.stored_log import HeadRow


def tile_fault(level: int, tile_index: int, found: str = "others, or no tile") -> Fault:
    """The fault of a stored tile."""
    return Fault(FaultKind.TILE_WRONG, None, f"tiles[{level}/{tile_index}].nodes", "the nodes over its hashes", found)


def not_created() -> Fault:
    """The fault of a log whose first entry does not name its key."""
    return Fault(FaultKind.KEY_UNKNOWN, 0, f"{WHERE} type", CREATED, "another")


def checkpoint_faults(seal: Seal, size: int, root_at: Callable[[int], bytes]) -> Iterator[Fault]:
    """What is wrong with the checkpoint published under a size."""
    yield from seal.faults
    where = f"checkpoints[{size}]"
    claimed = seal.checkpoint
    if claimed is None:
        return
    if claimed.size != size:
        yield Fault(FaultKind.CHECKPOINT_WRONG, None, f"{where}.size", str(claimed.size), shown(size))
    elif (root := root_at(size)) != claimed.root:
        yield Fault(FaultKind.ROOT_WRONG, None, f"{where}.note", root.hex(), claimed.root.hex())


def head_faults(head: HeadRow, origin: str) -> Iterator[Fault]:
    """Members of the head row that are not even of their type, and a name that is not the log's."""
    wanted = (("origin", str), ("size", int), ("root", bytes), ("frontier", bytes), ("last_leaf_hash", bytes))
    for name, kind in (*wanted, ("last_recorded_at", int), ("note", str)):
        value = getattr(head, name)
        if type(value) is not kind:
            yield Fault(FaultKind.HEAD_WRONG, None, f"log_head.{name}", kind.__name__, type(value).__name__)
    if isinstance(head.origin, str) and head.origin != origin:
        yield Fault(FaultKind.HEAD_WRONG, None, "log_head.origin", origin, shown(head.origin))
