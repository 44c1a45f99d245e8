"""The values of locks.

Event types are part of the log's format: a name is never reused for another meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from storage.objects.probe import Attack, Strength

LOCK_PROBE_REQUESTED: Final = "storage.lock_probe_requested"
LOCK_PROBED: Final = "storage.lock_probed"
LOCKS_RECONCILED: Final = "storage.locks_reconciled"

EVENT_TYPES: Final = frozenset({LOCK_PROBE_REQUESTED, LOCK_PROBED, LOCKS_RECONCILED})
"""Every type of entry written here."""

SUBJECT_OBJECT_STORE: Final = "object_store"

PROBE_KIND: Final = "storage.lock_probe"
RECONCILE_KIND: Final = "storage.lock_reconciliation"


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What became of one attack in the last probe of a bucket."""

    bucket: str
    attack: Attack
    strength: Strength
    probed_at: datetime
    entry_index: int
