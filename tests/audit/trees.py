"""A small tree with all its nodes, for tests that need proofs."""

from __future__ import annotations

from dataclasses import dataclass, field

from audit.merkle import Frontier, NodeId, leaf_hash
from audit.proof import plan_consistency, plan_inclusion


@dataclass
class Tree:
    """Entries, their nodes, and the root at each size."""

    entries: list[bytes]
    nodes: dict[NodeId, bytes] = field(default_factory=dict)
    roots: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        frontier = Frontier()
        self.roots.append(frontier.root())
        for entry in self.entries:
            self.nodes.update(frontier.append(leaf_hash(entry)))
            self.roots.append(frontier.root())

    def inclusion(self, index: int, size: int) -> list[bytes]:
        plan = plan_inclusion(index, size)
        return plan.assemble([self.nodes[node] for node in plan.nodes])

    def consistency(self, first: int, second: int) -> list[bytes]:
        plan = plan_consistency(first, second)
        return plan.assemble([self.nodes[node] for node in plan.nodes])


def tree_of(size: int) -> Tree:
    """A tree of entries that are all different."""
    return Tree([index.to_bytes(2, "big") for index in range(size)])
