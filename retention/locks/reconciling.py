"""The store's locks as the schedules and holds would have them: compared every night, mended, and what differed said.

    keeper.reconcile(event_id=job_id)       # the job

- *Retain-until* is the last day of the latest minimum by law (`Judgement.lock_until`), to the end of that day in Hong Kong. A longer lock
  would keep what must be erased; a shorter one would let go what must be kept.
- *Legal hold* is on while a matter holds the record, and off otherwise.
- A lock that is missing or too short is set; a hold is set or lifted. A lock that is too long is never shortened here: nobody can, or
  should, without a person; it is a finding.
- Everything runs outside any transaction; the entry at the end tells what was found and mended. A repeated job finds less and is a replay.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from audit.event import Event, Subject
from retention.disposal.model import Part
from retention.locks.model import LOCKS_RECONCILED, RECONCILE_KIND, SUBJECT_OBJECT_STORE
from retention.records import Record, RecordKind, RecordState
from retention.rules import HONG_KONG, hong_kong_day
from storage.objects.errors import ObjectLocked, ObjectMissing
from storage.objects.model import LOCKABLE, Bucket, LockMode, ObjectRef
from storage.opening import SYSTEM
from storage.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from audit.canonical import JSON
    from audit.entry import Entry
    from retention.disposal.model import Target
    from retention.disposal.ports import Destroyer, Judge
    from retention.records import Judged, RecordSource
    from storage.database import Database
    from storage.log import Log
    from storage.objects.model import ObjectInfo
    from storage.objects.port import ObjectStore
    from storage.transaction import Transaction

PAGE: Final = 200
NAMED_MAX: Final = 100
"""Objects an entry names; it counts all."""


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


@dataclass(slots=True)
class _Tally:
    looked: int = 0
    drifts: Counter[str] = field(default_factory=Counter)
    named: list[JSON] = field(default_factory=list)

    def found(self, drift: Drift, target: Target) -> None:
        self.drifts[drift.value] += 1
        if len(self.named) < NAMED_MAX:
            self.named.append(f"{drift.value} {target.key}")


def end_of_day(day: date) -> datetime:
    """The moment a day in Hong Kong is over."""
    if day >= date.max - timedelta(days=1):
        return datetime(9999, 12, 30, tzinfo=UTC)
    return datetime.combine(day + timedelta(days=1), time(), HONG_KONG).astimezone(UTC)


def lock_term(database: Database, judge: Judge, clock: Callable[[], datetime], document: str) -> datetime | None:
    """Until when a document's lock is to stand as its schedules are now; None: no law keeps it, or nobody knows yet."""
    record, now = Record(RecordKind.DOCUMENT, document), clock()
    with database.read() as connection:
        found = judge.judge_records(connection, [record], hong_kong_day(now)).get(record)
    day = None if found is None else found.judgement.lock_until
    until = None if day is None else end_of_day(day)
    return until if until is not None and until > now else None


class LockKeeper:
    """Keeps the locks of documents as they should be; safe to share between threads."""

    def __init__(
        self,
        database: Database,
        log: Log,
        judge: Judge,
        records: RecordSource,
        targets: Destroyer,
        store: ObjectStore,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._database: Final = database
        self._log: Final = log
        self._judge: Final = judge
        self._records: Final = records
        self._targets: Final = targets
        self._store: Final = store
        self._clock: Final = clock

    def reconcile(self, *, event_id: UUID, progress: Callable[[int], None] = lambda _done: None) -> dict[str, JSON]:
        """Compares every lockable object, mends, and says what differed.

        Raises:
            StorageError: not now; what was mended stays mended.
        """
        tally, after = _Tally(), ""
        while True:
            with self._database.read() as connection:
                records = self._records.walk(connection, RecordKind.DOCUMENT, after=after, limit=PAGE)
                judged = self._judge.judge_records(connection, records, hong_kong_day(self._clock()))
                targets = self._targets.targets_of(connection, records)
            for record, found in judged.items():
                if found.described.state is RecordState.KEPT:
                    for target in targets.get(record, ()):
                        self._mend(found, target, tally)
            progress(tally.looked)
            if len(records) < PAGE:
                break
            after = records[-1].id
        data: dict[str, JSON] = {
            "looked": tally.looked,
            "drifts": dict(sorted(tally.drifts.items())),
            "named": tally.named,
        }
        self._log.commit(self._said(data, event_id))
        return data

    def _mend(self, judged: Judged, target: Target, tally: _Tally) -> None:
        if Bucket(target.bucket) not in LOCKABLE or target.part is not Part.VERSION:
            return
        tally.looked += 1
        ref = ObjectRef(Bucket(target.bucket), target.key, target.version_id)
        try:
            info = self._store.head(ref)
        except ObjectMissing:
            tally.found(Drift.MISSING_OBJECT, target)
            return
        self._mend_lock(judged, target, info, tally)
        held = bool(judged.judgement.matters)
        if held != info.legal_hold:
            tally.found(Drift.HOLD_MISSING if held else Drift.HOLD_STANDS, target)
            self._store.hold(ref, on=held)

    def _mend_lock(self, judged: Judged, target: Target, info: ObjectInfo, tally: _Tally) -> None:
        day, now = judged.judgement.lock_until, self._clock()
        wanted = None if day is None else end_of_day(day)
        is_locked = info.locked_until is not None and info.locked_until > now
        if wanted is None or wanted <= now:
            if is_locked:
                tally.found(Drift.LOCK_LONG, target)
            return
        if is_locked and info.locked_until is not None and info.locked_until >= wanted:
            if info.locked_until > wanted:
                tally.found(Drift.LOCK_LONG, target)
            return
        tally.found(Drift.LOCK_SHORT if is_locked else Drift.LOCK_MISSING, target)
        try:
            self._store.lock(info.ref, info.lock_mode or LockMode.GOVERNANCE, wanted)
        except ObjectLocked:
            # Somebody lengthened it meanwhile.
            return

    def _said(self, data: dict[str, JSON], event_id: UUID) -> Change[Entry]:
        event = Event(
            type=LOCKS_RECONCILED,
            subjects=(Subject(SUBJECT_OBJECT_STORE, "locks"),),
            data=data,
            actor=SYSTEM,
            event_id=event_id,
            request=self._log.request_digest({"job": RECONCILE_KIND, "event": str(event_id)}),
        )

        def run(tx: Transaction) -> Entry:
            return tx.append(event)

        return Change(run, event_ids=((SYSTEM.id, event_id),))
