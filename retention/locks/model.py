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

    from storage.objects.probe import Attack, Strength

LOCK_PROBE_REQUESTED: Final = "storage.lock_probe_requested"
LOCK_PROBED: Final = "storage.lock_probed"
LOCKS_RECONCILED: Final = "storage.locks_reconciled"
HOLD_APPLIED: Final = "storage.hold_applied"

EVENT_TYPES: Final = frozenset({LOCK_PROBE_REQUESTED, LOCK_PROBED, LOCKS_RECONCILED, HOLD_APPLIED})
"""Every type of entry written here."""

SUBJECT_OBJECT_STORE: Final = "object_store"

PROBE_KIND: Final = "storage.lock_probe"
RECONCILE_KIND: Final = "storage.lock_reconciliation"
HOLD_KIND: Final = "storage.hold"
"""The kind of the job that takes a hold to the store, or its release."""


class Drift(StrEnum):
    """How an object's lock differed from what it should be."""

    MISSING_OBJECT = "missing_object"
    LOCK_MISSING = "lock_missing"
    LOCK_SHORT = "lock_short"
    LOCK_LONG = "lock_long"
    """Longer than any law asks for: it is told, and ends by itself."""
    HOLD_MISSING = "hold_missing"
    HOLD_STANDS = "hold_stands"
    """The store holds what no matter holds."""


FINDINGS: Final[Mapping[Drift, tuple[FindingCode, Grade]]] = {
    Drift.MISSING_OBJECT: (FindingCode.OBJECT_MISSING, Grade.MAJOR),
    Drift.LOCK_MISSING: (FindingCode.LOCK_MISSING, Grade.NOTE),
    Drift.LOCK_SHORT: (FindingCode.LOCK_SHORT, Grade.NOTE),
    Drift.LOCK_LONG: (FindingCode.LOCK_LONG, Grade.NOTE),
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
