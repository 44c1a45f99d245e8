"""What disposal needs of others: who judges records, and who destroys them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from uuid import UUID

    from retention.disposal.model import Copy, Destroyed, LockedTarget, Planned, Target
    from retention.model import Schedule
    from retention.records import Judged, Record
    from storage.either import Reader
    from storage.transaction import Transaction


class Rules(Protocol):
    """The rules as they stand for a reader."""

    @property
    def schedules(self) -> Sequence[Schedule]:
        """Every version of every rule."""
        ...


class Judge(Protocol):
    """Says what schedules and holds make of records: `retention.service.Retention`."""

    def judge_records(self, reader: Reader, records: Sequence[Record], on: date) -> Mapping[Record, Judged]:
        """Each record's judgement on a day, from what the reader sees: inside a change, what that wrote as well.

        Records that are not there are absent.
        """
        ...

    def rulebook(self, reader: Reader) -> Rules:
        """What they are judged by."""
        ...


class Destroyer(Protocol):
    """A room that can destroy its records: `documents.service.Documents`.

    `begin` and `finish` only write, inside a change; `destroy` works outside of any, and may be repeated after a crash at
    any point.
    """

    def targets_of(self, reader: Reader, records: Sequence[Record]) -> Mapping[Record, tuple[Target, ...]]:
        """Every object of these records that a row names."""
        ...

    def copies_of(self, reader: Reader, records: Sequence[Record]) -> tuple[Copy, ...]:
        """Entries that tell of copies that were handed out."""
        ...

    def begin(self, tx: Transaction, planned: Planned, *, disposal: str, event_id: UUID) -> None:
        """Moves a record to "destroying" under an entry of its own: from now on nobody reads it and no hold reaches it."""
        ...

    def examine(self, targets: Sequence[Target]) -> tuple[LockedTarget, ...]:
        """What the store says of each object now.

        Raises:
            ObjectStoreUnavailable: nothing.
        """
        ...

    def destroy(self, planned: Planned) -> Destroyed:
        """Destroys the key, what is derived, what the index knows, and each object that no lock keeps.

        Raises:
            HoldStands: the store shows a legal hold: nothing was destroyed.
            StorageError: not now; it is repeated.
        """
        ...

    def remove(self, target: Target) -> bool:
        """Removes an object whose lock has ended; False: a lock still keeps it."""
        ...

    def finish(self, tx: Transaction, planned: Planned, *, disposal: str, event_id: UUID) -> None:
        """Leaves a tombstone without anything personal, under an entry of the record's own."""
        ...
