"""Counting shrinkage so that no figure tells of fewer than so many people (PCPD guidance on anonymisation): pure.

A figure is *of* the people who recorded what is in it. It is safe if it is of nobody (machines alone recorded it) or of at least `persons_min`.
What is published must be safe, and so must be whatever can be worked out from it by taking published figures away from others:

- A part that is not safe is suppressed.
- Where a total stands beside its parts, what is suppressed of it can be worked out together as total less the rest. If that is of too few people, further
  parts are suppressed, the smallest first, until it is not.
- A store whose total is suppressed shows nothing at all: its parts would add up to it.
- By staff, parts are ranks without a name, so each could be of anybody in the store: they are safe if the store's people are enough, and are
  suppressed together otherwise.

Each total and its parts are disjoint sums, so those differences are all there are.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from stock.shrinkage.model import NOBODY, By, Figure, Row, Shrinkage, StoreShrinkage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stock.shrinkage.model import Loss

    Counted = tuple[Figure, frozenset[str]]
    """A figure, and the people it is of."""


def is_safe(people: frozenset[str], persons_min: int) -> bool:
    """Whether a figure of these people may be shown."""
    return not people or len(people) >= persons_min


def tabulate(losses: Iterable[Loss], by: By, persons_min: int) -> Shrinkage:
    """The report on these losses, suppressed where it has to be; stores and rows in the order of their codes."""
    at_store: dict[str, list[Loss]] = defaultdict(list)
    for loss in losses:
        at_store[loss.store].append(loss)
    totals = {store: _counted(found) for store, found in at_store.items()}
    everything = _counted([loss for found in at_store.values() for loss in found])
    shown = shown_of(totals, everything[1], persons_min)
    stores = tuple(
        _store(store, at_store[store], totals[store], by, persons_min, is_shown=store in shown)
        for store in sorted(at_store)
    )
    total = everything[0] if is_safe(everything[1], persons_min) else None
    hidden = sum((one.total is None) + sum(row.figure is None for row in one.rows) for one in stores)
    return Shrinkage(by, persons_min, stores, total, hidden + (total is None))


def shown_of(parts: Mapping[str, Counted], whole: frozenset[str], persons_min: int) -> frozenset[str]:
    """Which parts may be shown beside their whole; `whole` are the people that is of."""
    shown = {key for key, (_, people) in parts.items() if is_safe(people, persons_min)}
    if not is_safe(whole, persons_min):
        # It is not shown itself, so nothing can be taken away from it; what is safe of it is of nobody.
        return frozenset(shown)
    rest = _people(parts, parts.keys() - shown)
    for key in sorted(shown, key=lambda key: (parts[key][0].movements, key)):
        if is_safe(rest, persons_min):
            break
        if not parts[key][1] <= rest:
            shown.remove(key)
            rest |= parts[key][1]
    return frozenset(shown)


def _store(
    store: str, losses: list[Loss], total: Counted, by: By, persons_min: int, *, is_shown: bool
) -> StoreShrinkage:
    if by is By.STORE:
        return StoreShrinkage(store, total[0] if is_shown else None, ())
    parts = _parts(losses, by)
    if not is_shown:
        shown: frozenset[str] = frozenset()
    elif by is By.STAFF:
        shown = frozenset(parts)
    else:
        shown = shown_of(parts, total[1], persons_min)
    rows = tuple(Row(key, parts[key][0] if key in shown else None) for key in parts)
    return StoreShrinkage(store, total[0] if is_shown else None, rows)


def _parts(losses: list[Loss], by: By) -> dict[str, Counted]:
    """The parts of a store's losses, in the order in which they are shown."""
    found: dict[str, list[Loss]] = defaultdict(list)
    for loss in losses:
        found[_key(loss, by)].append(loss)
    counted = {key: _counted(parts) for key, parts in found.items()}
    if by is not By.STAFF:
        return {key: counted[key] for key in sorted(counted)}
    machines = counted.pop(NOBODY, None)
    ranked = sorted(counted.values(), key=lambda one: (-one[0].quantity, -one[0].movements))
    width = len(str(len(ranked)))
    ranks = {f"{rank:0{width}}": one for rank, one in enumerate(ranked, start=1)}
    return ranks if machines is None else {**ranks, "machine": machines}


def _key(loss: Loss, by: By) -> str:
    match by:
        case By.STAFF:
            return loss.person
        case By.SKU:
            return loss.sku
        case By.MONTH:
            return loss.month
        case _:
            return loss.reason


def _counted(losses: list[Loss]) -> Counted:
    figure = Figure(len(losses), sum(loss.quantity for loss in losses))
    return figure, frozenset(loss.person for loss in losses) - {NOBODY}


def _people(parts: Mapping[str, Counted], keys: Iterable[str]) -> frozenset[str]:
    return frozenset[str]().union(*(parts[key][1] for key in keys))
