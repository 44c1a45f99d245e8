"""The values of locks.

Event types are part of the log's format: a name is never reused for another meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from retention.model import FindingCode, Grade

if TYPE_CHECKING:
    from datetime import date, datetime

    from storage.objects.model import LockMode
    from storage.objects.probe import Attack, Strength

LOCK_PROBE_REQUESTED: Final = "storage.lock_probe_requested"
LOCK_PROBED: Final = "storage.lock_probed"
LOCKS_RECONCILED: Final = "storage.locks_reconciled"
HOLD_APPLIED: Final = "storage.hold_applied"
MODE_SET: Final = "lock.mode_set"
MODE_APPLIED: Final = "storage.lock_mode_applied"

EVENT_TYPES: Final = frozenset(
    {LOCK_PROBE_REQUESTED, LOCK_PROBED, LOCKS_RECONCILED, HOLD_APPLIED, MODE_SET, MODE_APPLIED}
)
"""Every type of entry written here."""

SUBJECT_OBJECT_STORE: Final = "object_store"
SUBJECT_LOCK_MODE: Final = "lock_mode"

PROBE_KIND: Final = "storage.lock_probe"
RECONCILE_KIND: Final = "storage.lock_reconciliation"
HOLD_KIND: Final = "storage.hold"
"""The kind of the job that takes a hold to the store, or its release."""
MODE_KIND: Final = "storage.lock_mode"
"""The kind of the job that locks what a class holds as hard as two persons decided."""

COMPLIANCE_DAYS_MAX: Final = 13 * 366
"""The longest statutory period that is shipped, twelve years, from the end of a financial year. What would be locked for longer is locked
in GOVERNANCE, from which a wrong date can still be got out of."""


class Drift(StrEnum):
    """How an object's lock differed from what it should be."""

    MISSING_OBJECT = "missing_object"
    LOCK_MISSING = "lock_missing"
    LOCK_SHORT = "lock_short"
    LOCK_LONG = "lock_long"
    """Longer than any law asks for: it is told, and ends by itself."""
    LOCK_WEAK = "lock_weak"
    """In GOVERNANCE, where two persons decided on COMPLIANCE for the class."""
    HOLD_MISSING = "hold_missing"
    HOLD_STANDS = "hold_stands"
    """The store holds what no matter holds."""


FINDINGS: Final[Mapping[Drift, tuple[FindingCode, Grade]]] = {
    Drift.MISSING_OBJECT: (FindingCode.OBJECT_MISSING, Grade.MAJOR),
    Drift.LOCK_MISSING: (FindingCode.LOCK_MISSING, Grade.NOTE),
    Drift.LOCK_SHORT: (FindingCode.LOCK_SHORT, Grade.NOTE),
    Drift.LOCK_LONG: (FindingCode.LOCK_LONG, Grade.NOTE),
    Drift.LOCK_WEAK: (FindingCode.LOCK_WEAK, Grade.NOTE),
    Drift.HOLD_MISSING: (FindingCode.FLAG_MISSING, Grade.MINOR),
    Drift.HOLD_STANDS: (FindingCode.FLAG_STANDS, Grade.NOTE),
}
"""What somebody should look at, and how grave it is proposed to be: what the law keeps was not there, or could have been deleted."""


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What became of one attack in the last probe of a bucket."""

    bucket: str
    attack: Attack
    strength: Strength
    probed_at: datetime
    entry_index: int


@dataclass(frozen=True, slots=True)
class DriftFound:
    """That the last reconciliation found a record's objects to differ, and since which day each has done so."""

    drift: Drift
    since: date


@dataclass(frozen=True, slots=True)
class ClassMode:
    """How the locks of a class are set, since which entry; `until` is the day that was approved with it."""

    class_code: str
    mode: LockMode
    until: date | None
    entry_index: int


@dataclass(frozen=True, slots=True)
class ModePreview:
    """What a lock in COMPLIANCE would be for what a class holds today.

    Attributes:
        class_code: of which class.
        mode: how it is locked now.
        documents: how many it holds.
        until: last day on which one of them could not be destroyed, whoever asked; None: no law keeps any for now.
    """

    class_code: str
    mode: LockMode
    documents: int
    until: date | None


@dataclass(frozen=True, slots=True)
class LockTerm:
    """How a version's lock is to be set: how hard, until when (None: not at all), and whether a hold stands."""

    mode: LockMode
    until: datetime | None
    held: bool
