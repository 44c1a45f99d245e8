"""The values of disposal.

- A *disposal* is one list of records, proposed by one person and approved by another, destroyed as it was previewed.
- A *plan* is the exact preview: every object, version, size and digest that goes. Its digest is what both persons saw, and what
  is compared again before anything happens.
- Event types are part of the log's format: a name is never reused for another meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from policies.model import Words
from retention.model import Trigger
from retention.records import Record

PROPOSED: Final = "disposal.proposed"
APPROVED: Final = "disposal.approved"
DECLINED: Final = "disposal.declined"
BEGUN: Final = "disposal.begun"
CERTIFIED: Final = "disposal.certified"
RETRY_REQUESTED: Final = "disposal.retry_requested"
RESIDUE_REMOVED: Final = "disposal.residue_removed"

EVENT_TYPES: Final = frozenset({PROPOSED, APPROVED, DECLINED, BEGUN, CERTIFIED, RETRY_REQUESTED, RESIDUE_REMOVED})
"""Every type of entry written here."""

SUBJECT_DISPOSAL: Final = "disposal"

DISPOSE_KIND: Final = "disposal.execute"
"""The kind of the job that destroys."""
RESIDUE_KIND: Final = "disposal.residue"
"""The kind of the job that removes objects whose locks have ended."""
ROLL_KIND: Final = "keystore.roll"
"""The kind of the job that makes what was destroyed unreadable in backups of the key store."""

RECORDS_MAX: Final = 200
"""Records of one disposal: each is entries of its own when it begins and ends."""
REASON_CHARS_MAX: Final = 2_000
LIFETIME: Final = timedelta(days=7)
"""How long a proposal waits for the second person, and an approved one for its execution."""


class DisposalState(StrEnum):
    """Where a disposal stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"
    DESTROYING = "destroying"
    """Decided: no later hold stops it. It stays here until everything that can go is gone."""
    CERTIFIED = "certified"


DISPOSAL_STATES: Final[Mapping[DisposalState, Words]] = {
    DisposalState.PROPOSED: Words("等候第二人批核", "waiting for a second person"),
    DisposalState.APPROVED: Words("已批准", "approved"),
    DisposalState.DECLINED: Words("已拒絕", "declined"),
    DisposalState.DESTROYING: Words("銷毀中", "being destroyed"),
    DisposalState.CERTIFIED: Words("已銷毀並發出證明書", "destroyed and certified"),
}


OPEN: Final = frozenset({DisposalState.PROPOSED, DisposalState.APPROVED, DisposalState.DESTROYING})
"""States in which a disposal claims its records: no other may list them."""


class Part(StrEnum):
    """What an object is of a record."""

    VERSION = "version"
    READING = "reading"
    RENDITION = "rendition"


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """One object version that goes. `sha256` is that of the sealed bytes."""

    bucket: str
    key: str
    version_id: str
    part: Part
    version: int
    size: int | None
    sha256: str


@dataclass(frozen=True, slots=True)
class Clock:
    """What started the clock of a schedule that decides; `on` None: nobody recorded the day."""

    schedule: str
    trigger: Trigger
    on: date | None


@dataclass(frozen=True, slots=True)
class Planned:
    """One record that goes.

    Attributes:
        record: which.
        class_code: its class in its own room.
        record_class: its class for the schedules.
        schedules: ids of the schedule versions that decide.
        due_from: since when it may go.
        dispose_by: last day on which it may still be here, if there is one.
        targets: its objects, in order.
        search: whether the search index may know it.
        key_id: under whose key it is sealed.
        clocks: what started the clocks of `schedules`, in their order; none in a plan of before 2026-12.
    """

    record: Record
    class_code: str
    record_class: str
    schedules: tuple[str, ...]
    due_from: date
    dispose_by: date | None
    targets: tuple[Target, ...]
    search: bool
    key_id: str
    clocks: tuple[Clock, ...] = ()


@dataclass(frozen=True, slots=True)
class Residue:
    """An object that stays for now, and until when the store keeps it; its bytes open with no key any more."""

    target: Target
    locked_until: datetime | None
    lock_mode: str | None


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What became of one record.

    Attributes:
        record: which.
        key_id: whose key was destroyed.
        key_epoch: under which epoch it was wrapped when it was seen last.
        gone: objects that a read finds no more.
        residues: objects that a lock keeps.
        strays: how many objects of the record that no row names went as well.
    """

    record: Record
    key_id: str
    key_epoch: int
    gone: tuple[Target, ...]
    residues: tuple[Residue, ...] = ()
    strays: int = 0


@dataclass(frozen=True, slots=True)
class Disposal:
    """A disposal as it is registered. Reasons are sealed beside the entries; `pending` is what waits for the second person."""

    id: str
    state: DisposalState
    preview: str
    records: int
    objects: int
    size: int
    proposed_by: str
    proposed_at: datetime
    proposed_index: int
    pending: str
    approved_by: str | None = None
    approved_index: int | None = None
    begun_index: int | None = None
    ended_index: int | None = None
    entry_index: int = -1

    def is_over(self, now: datetime) -> bool:
        """Whether its time ran out before anything was destroyed."""
        waits = self.state in {DisposalState.PROPOSED, DisposalState.APPROVED}
        return waits and now >= self.proposed_at + LIFETIME


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of a record that left this system's reach, as an entry tells."""

    record: Record
    entry_index: int
    what: str


@dataclass(frozen=True, slots=True)
class LockedTarget:
    """An object of a simulation with what its store says of it now."""

    target: Target
    exists: bool
    lock_mode: str | None
    locked_until: datetime | None
    legal_hold: bool


@dataclass(frozen=True, slots=True)
class Simulation:
    """Exactly what would go, and what would stay.

    Attributes:
        plan: as it would be executed now.
        preview: its digest; `is_current` says whether it is still what was proposed.
        objects: each object with the store's word about it.
        copies: what left this system and stays where it is.
    """

    plan: tuple[Planned, ...]
    preview: str
    is_current: bool
    objects: tuple[LockedTarget, ...]
    copies: tuple[Copy, ...] = field(default=())
