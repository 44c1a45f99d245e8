"""What a case of the tamper corpus demands of a verification, and the judge that compares.

A demand is met by a fault that is named: its kind, the entry it is about, and where it helps, the stored place.
Two errors are possible and both are complaints:

- *missed*: a demand that no fault meets;
- *false accusation*: a fault that the case neither demands nor admits as a consequence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from typing import TYPE_CHECKING, Final, TypeAlias

from audit.faults import Fault, FaultKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Decidability(StrEnum):
    """What can be told about an act of tampering, and by whom."""

    NAMED = "named"
    """The log's own content says what was done, and to which entry or row."""
    DETECTED = "detected"
    """It is certain that something was done; the evidence of where is gone, so no entry may be accused."""
    UNDECIDABLE = "undecidable_without_anchor"
    """What is stored is a history that the log could honestly have: nothing inside speaks against it."""
    NOT_EVIDENCE = "not_evidence"
    """The change says nothing about the entries, so there is nothing to find and nothing may be alarmed."""


ANY: Final = None
"""No entry in particular: any index, or none, meets the demand."""


@dataclass(frozen=True, slots=True)
class Named:
    """A demand: a fault of one of `kinds`, about one of `indexes`, at a place that begins with `where`.

    `times` demands as many different indexes (three of the five entries of a reversed run must be named as moved).
    """

    kinds: frozenset[FaultKind]
    indexes: frozenset[int | None] | None = ANY
    where: str = ""
    times: int = 1

    def is_met_by(self, fault: Fault) -> bool:
        """Whether this fault is one that the demand asks for."""
        return (
            fault.kind in self.kinds
            and (self.indexes is ANY or fault.index in self.indexes)
            and fault.where.startswith(self.where)
        )


@dataclass(frozen=True, slots=True)
class Expectation:
    """All demands of a case under one set of anchors, and the consequences that may be named beside them."""

    decidability: Decidability
    must: tuple[Named, ...] = ()
    may: tuple[Named, ...] = field(default=())

    def __add__(self, other: Expectation) -> Expectation:
        """Two acts that can be named, done to different entries."""
        return Expectation(Decidability.NAMED, self.must + other.must, self.may + other.may)


Places: TypeAlias = "Mapping[tuple[FaultKind, int | None], Sequence[Fault]]"
"""Faults by their kind and index: a case may have as many demands as faults, and hundreds of both."""


def judge(expectation: Expectation, faults: Iterable[Fault]) -> list[str]:
    """The complaints of a case against the faults that a verification named; none if it did what it should."""
    found = list(faults)
    places: dict[tuple[FaultKind, int | None], list[Fault]] = {}
    for fault in found:
        places.setdefault((fault.kind, fault.index), []).append(fault)
    asked = {demand: _met(demand, places) for demand in expectation.must + expectation.may}
    complaints = [
        f"missed: {show(demand)}"
        for demand in expectation.must
        if len({fault.index for fault in asked[demand]}) < demand.times
    ]
    admitted = {fault for meeting in asked.values() for fault in meeting}
    complaints += [
        f"false accusation: {fault.kind} index={fault.index} where={fault.where}"
        for fault in found
        if fault not in admitted
    ]
    return complaints


def _met(demand: Named, places: Places) -> list[Fault]:
    """The faults that the demand asks for."""
    near: Iterable[tuple[FaultKind, int | None]] = places
    if demand.indexes is not ANY and len(demand.kinds) * len(demand.indexes) < len(places):
        near = product(demand.kinds, demand.indexes)
    return [fault for place in near for fault in places.get(place, ()) if demand.is_met_by(fault)]


def show(demand: Named) -> str:
    """The demand in a line."""
    kinds = "|".join(sorted(demand.kinds))
    times = f" x{demand.times}" if demand.times > 1 else ""
    place = f" where={demand.where}*" if demand.where else ""
    return f"{kinds} index={_show_indexes(demand.indexes)}{place}{times}"


def _show_indexes(indexes: frozenset[int | None] | None) -> str:
    if indexes is ANY:
        return "any"
    known = sorted(index for index in indexes if index is not None)
    if len(known) > 4:
        return f"{known[0]}..{known[-1]} ({len(known)})"
    return ",".join([*map(str, known), *(["none"] if None in indexes else [])])


# --------------------------------------------------------------------------------- words of the corpus


def named(
    kinds: FaultKind | Iterable[FaultKind], indexes: int | Iterable[int] | None = ANY, where: str = "", times: int = 1
) -> Named:
    """A demand; a single kind or index may be given bare."""
    kind_set = frozenset([kinds]) if isinstance(kinds, FaultKind) else frozenset(kinds)
    if indexes is ANY:
        index_set = None
    else:
        index_set = frozenset([indexes]) if isinstance(indexes, int) else frozenset(indexes)
    return Named(kind_set, index_set, where, times)


def each(kinds: FaultKind | Iterable[FaultKind], indexes: Iterable[int], where: str = "") -> tuple[Named, ...]:
    """One demand for each index."""
    kind_set = frozenset([kinds]) if isinstance(kinds, FaultKind) else frozenset(kinds)
    return tuple(Named(kind_set, frozenset([index]), where) for index in indexes)


def tells(*must: Named, may: Iterable[Named] = ()) -> Expectation:
    """The act is named."""
    return Expectation(Decidability.NAMED, must, tuple(may))


def detects(*must: Named, may: Iterable[Named] = ()) -> Expectation:
    """Something is certainly wrong, but nobody can say where."""
    return Expectation(Decidability.DETECTED, must, tuple(may))


UNDECIDABLE: Final = Expectation(Decidability.UNDECIDABLE)
NOT_EVIDENCE: Final = Expectation(Decidability.NOT_EVIDENCE)
