"""The store's locks as the schedules and holds would have them: set when a hold comes or goes, compared every night, mended.

    keeper.apply_hold("HCA-1", event_id=job_id)     # the job of a hold that was placed, widened or released
    keeper.reconcile(event_id=job_id)               # the job of the night

- *Retain-until* is the last day of the latest minimum by law (`Judgement.lock_until`), to the end of that day in Hong Kong. A longer lock
  would keep what must be erased; a shorter one would let go what must be kept.
- *Legal hold* is on while a matter holds the record, and off otherwise. It is judged again after it was set: whichever of two jobs
  writes last has seen how the matters stand then.
- *Mode* is GOVERNANCE, or COMPLIANCE where two persons decided so for the class (`retention.locks.modes`).
- A lock that is missing or too short is set; a hold is set or lifted. A lock that is too long is never shortened here: nobody can, or
  should, without a person.
- What the night finds to differ is a finding of the record; what a hold's own job sets is none.
- Everything runs outside any transaction; the entry at the end tells what was found and mended. A repeated job finds less and is a replay.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from audit.event import Event, Subject
from retention import store as retention_rows
from retention.assembling import fits
from retention.disposal.model import Part
from retention.errors import Code, UnknownRetention
from retention.locks import store as rows
from retention.locks.model import (
    COMPLIANCE_DAYS_MAX,
    HOLD_APPLIED,
    HOLD_KIND,
    LOCKS_RECONCILED,
    MODE_APPLIED,
    MODE_KIND,
    RECONCILE_KIND,
    SUBJECT_LOCK_MODE,
    SUBJECT_OBJECT_STORE,
    Drift,
    LockTerm,
)
from retention.records import SUBJECT_HOLD, Record, RecordKind, RecordState
from retention.rules import HONG_KONG, hong_kong_day
from storage.objects.errors import ObjectLocked, ObjectMissing
from storage.objects.model import LOCKABLE, Bucket, LockMode, ObjectRef
from storage.opening import SYSTEM
from storage.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from uuid import UUID

    from audit.canonical import JSON
    from audit.entry import Entry
    from retention.disposal.model import Target
    from retention.disposal.ports import Destroyer, Judge
    from retention.locks.model import ClassMode
    from retention.records import Judged, Matter, RecordSource
    from storage.database import Database
    from storage.log import Log
    from storage.objects.model import ObjectInfo
    from storage.objects.port import ObjectStore
    from storage.transaction import Transaction

PAGE: Final = 200
NAMED_MAX: Final = 100
"""Objects an entry names; it counts all."""
FINDINGS_MAX: Final = 5_000
"""Findings that one comparison makes; the entry counts all."""
ROUNDS_MAX: Final = 5
"""How often one job follows matters that change while it works; each change has a job of its own besides."""

_ENDURING: Final = frozenset({Drift.MISSING_OBJECT, Drift.LOCK_LONG})
"""What nothing here mends: it is the same finding until it is gone. Whatever was mended and differs again is another."""


@dataclass(slots=True)
class _Tally:
    looked: int = 0
    drifts: Counter[Drift] = field(default_factory=Counter)
    named: list[JSON] = field(default_factory=list)
    found: dict[tuple[Record, Drift], None] = field(default_factory=dict)
    ended: list[tuple[Record, Drift]] = field(default_factory=list)

    def add(self, drift: Drift, record: Record, target: Target) -> None:
        self.drifts[drift] += 1
        self.found[record, drift] = None
        if len(self.named) < NAMED_MAX:
            self.named.append(f"{drift.value} {target.key}")


def end_of_day(day: date) -> datetime:
    """The moment a day in Hong Kong is over."""
    if day >= date.max - timedelta(days=1):
        return datetime(9999, 12, 30, tzinfo=UTC)
    return datetime.combine(day + timedelta(days=1), time(), HONG_KONG).astimezone(UTC)


def lock_term(database: Database, judge: Judge, clock: Callable[[], datetime], document: str) -> LockTerm | None:
    """How a document's lock is to stand as its schedules, holds and class are now; None: there is no such document."""
    record, now = Record(RecordKind.DOCUMENT, document), clock()
    with database.read() as connection:
        found = judge.judge_records(connection, [record], hong_kong_day(now)).get(record)
        modes = rows.read_modes(connection)
    return None if found is None else term_of(found, modes, now)


def term_of(judged: Judged, modes: Mapping[str, ClassMode], now: datetime) -> LockTerm:
    """How a record's lock is to stand; `until` None: no law keeps it any more, or nobody knows yet."""
    day = judged.judgement.lock_until
    until = None if day is None else end_of_day(day)
    decided = modes.get(judged.described.class_code)
    mode = LockMode.GOVERNANCE if decided is None else decided.mode
    if day is not None and day > hong_kong_day(now) + timedelta(days=COMPLIANCE_DAYS_MAX):
        mode = LockMode.GOVERNANCE
    return LockTerm(mode, until if until is not None and until > now else None, _is_held(judged))


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
        tally = _Tally()
        for records in self._everything():
            self._keep(records, tally)
            with self._database.read() as connection:
                standing = rows.read_drifts(connection, records)
            tally.ended += [
                (record, one.drift)
                for record, drifts in standing.items()
                for one in drifts
                if (record, one.drift) not in tally.found
            ]
            progress(tally.looked)
        data: dict[str, JSON] = {
            "looked": tally.looked,
            "drifts": {drift.value: count for drift, count in sorted(tally.drifts.items())},
            "named": tally.named,
        }

        def write(tx: Transaction, entry: Entry) -> None:
            _put_findings(tx, entry, tally)

        subjects = (Subject(SUBJECT_OBJECT_STORE, "locks"),)
        self._log.commit(self._said(LOCKS_RECONCILED, RECONCILE_KIND, subjects, data, event_id, write))
        return data

    def apply_hold(
        self, matter: str, *, event_id: UUID, progress: Callable[[int], None] = lambda _done: None
    ) -> dict[str, JSON]:
        """Sets or lifts the flag of every object that a matter reaches or reached, and its lock, and says how many.

        Raises:
            UnknownRetention: there is no such matter.
            StorageError: not now; what was set stays set.
        """
        with self._database.read() as connection:
            found = retention_rows.read_matter(connection, matter)
        if found is None:
            raise UnknownRetention(Code.HOLD_UNKNOWN, ("matter",), {"matter": matter})
        tally = _Tally()
        for records in self._reached(found):
            self._keep(records, tally)
            progress(tally.looked)
        data: dict[str, JSON] = {
            "matter": matter,
            "looked": tally.looked,
            "flags_set": tally.drifts[Drift.HOLD_MISSING],
            "flags_lifted": tally.drifts[Drift.HOLD_STANDS],
            "locks_set": tally.drifts[Drift.LOCK_MISSING] + tally.drifts[Drift.LOCK_SHORT],
            "objects_missing": tally.drifts[Drift.MISSING_OBJECT],
        }
        subjects = (Subject(SUBJECT_HOLD, matter), Subject(SUBJECT_OBJECT_STORE, "locks"))
        self._log.commit(self._said(HOLD_APPLIED, HOLD_KIND, subjects, data, event_id))
        return data

    def apply_mode(
        self, class_code: str, *, event_id: UUID, progress: Callable[[int], None] = lambda _done: None
    ) -> dict[str, JSON]:
        """Locks what a class holds as hard as two persons decided, and says how many locks that changed.

        Raises:
            StorageError: not now; what was locked stays locked.
        """
        tally = _Tally()
        for records in self._everything():
            with self._database.read() as connection:
                described = self._records.describe(connection, records)
            self._keep([record for record, one in described.items() if one.class_code == class_code], tally)
            progress(tally.looked)
        locks = (Drift.LOCK_MISSING, Drift.LOCK_SHORT, Drift.LOCK_WEAK)
        data: dict[str, JSON] = {
            "class": class_code,
            "looked": tally.looked,
            "locks_set": sum(tally.drifts[one] for one in locks),
        }
        subjects = (Subject(SUBJECT_LOCK_MODE, class_code), Subject(SUBJECT_OBJECT_STORE, "locks"))
        self._log.commit(self._said(MODE_APPLIED, MODE_KIND, subjects, data, event_id))
        return data

    # ------------------------------------------------------------------------------------------- walking

    def _everything(self) -> Iterator[Sequence[Record]]:
        """Every document, page by page."""
        after = ""
        while True:
            with self._database.read() as connection:
                records = self._records.walk(connection, RecordKind.DOCUMENT, after=after, limit=PAGE)
            yield records
            if len(records) < PAGE:
                return
            after = records[-1].id

    def _reached(self, matter: Matter) -> Iterator[Sequence[Record]]:
        """Documents that a matter names, then those that its query fits; also of one that was released."""
        after: Record | None = None
        while True:
            with self._database.read() as connection:
                named = retention_rows.read_hold_items(connection, matter.number, after=after, limit=PAGE)
            yield [record for record in named if record.kind is RecordKind.DOCUMENT]
            if len(named) < PAGE:
                break
            after = named[-1]
        if matter.query is None:
            return
        for records in self._everything():
            with self._database.read() as connection:
                described = self._records.describe(connection, records)
            yield [record for record, one in described.items() if fits(matter.query, one)]

    def _judged(self, records: Sequence[Record]) -> Mapping[Record, Judged]:
        with self._database.read() as connection:
            return self._judge.judge_records(connection, records, hong_kong_day(self._clock()))

    # ------------------------------------------------------------------------------------------- mending

    def _keep(self, records: Sequence[Record], tally: _Tally) -> None:
        with self._database.read() as connection:
            targets = self._targets.targets_of(connection, records)
            modes = rows.read_modes(connection)
        judged = self._judged(records)
        for _ in range(ROUNDS_MAX):
            for record, found in judged.items():
                if found.described.state is RecordState.KEPT:
                    for target in targets.get(record, ()):
                        self._mend(found, target, modes, tally)
            again = self._judged(list(judged))
            judged = {record: found for record, found in again.items() if _is_held(found) != _is_held(judged[record])}
            if not judged:
                return

    def _mend(self, judged: Judged, target: Target, modes: Mapping[str, ClassMode], tally: _Tally) -> None:
        if Bucket(target.bucket) not in LOCKABLE or target.part is not Part.VERSION:
            return
        tally.looked += 1
        record = judged.described.record
        ref = ObjectRef(Bucket(target.bucket), target.key, target.version_id)
        try:
            info = self._store.head(ref)
        except ObjectMissing:
            tally.add(Drift.MISSING_OBJECT, record, target)
            return
        drift = self._mend_lock(judged, info, modes)
        if drift is not None:
            tally.add(drift, record, target)
        held = _is_held(judged)
        if held != info.legal_hold:
            tally.add(Drift.HOLD_MISSING if held else Drift.HOLD_STANDS, record, target)
            self._store.hold(ref, on=held)

    def _mend_lock(self, judged: Judged, info: ObjectInfo, modes: Mapping[str, ClassMode]) -> Drift | None:
        now = self._clock()
        term = term_of(judged, modes, now)
        wanted = term.until
        locked_until = info.locked_until if info.locked_until is not None and info.locked_until > now else None
        if wanted is None:
            return None if locked_until is None else Drift.LOCK_LONG
        if locked_until is not None and locked_until >= wanted:
            if locked_until > wanted:
                # In COMPLIANCE it would keep what must be erased, and nobody could help it.
                return Drift.LOCK_LONG
            if term.mode is info.lock_mode or info.lock_mode is LockMode.COMPLIANCE:
                return None
        is_hard = LockMode.COMPLIANCE in {term.mode, info.lock_mode if locked_until is not None else None}
        try:
            self._store.lock(info.ref, LockMode.COMPLIANCE if is_hard else LockMode.GOVERNANCE, wanted)
        except ObjectLocked:
            # Somebody lengthened it meanwhile.
            return None
        if locked_until is None:
            return Drift.LOCK_MISSING
        return Drift.LOCK_WEAK if locked_until == wanted else Drift.LOCK_SHORT

    def _said(
        self,
        kind: str,
        job: str,
        subjects: tuple[Subject, ...],
        data: dict[str, JSON],
        event_id: UUID,
        write: Callable[[Transaction, Entry], None] = lambda _tx, _entry: None,
    ) -> Change[Entry]:
        event = Event(
            type=kind,
            subjects=subjects,
            data=data,
            actor=SYSTEM,
            event_id=event_id,
            request=self._log.request_digest({"job": job, "event": str(event_id)}),
        )

        def run(tx: Transaction) -> Entry:
            entry = tx.append(event)
            write(tx, entry)
            return entry

        return Change(run, event_ids=((SYSTEM.id, event_id),))


def _is_held(judged: Judged) -> bool:
    return bool(judged.judgement.matters)


def _put_findings(tx: Transaction, entry: Entry, tally: _Tally) -> None:
    """Keeps what differed, and since when; takes off what is in order again."""
    today = hong_kong_day(tx.now).isoformat()
    for record, drift in list(tally.found)[:FINDINGS_MAX]:
        key = (record.kind.value, record.id, drift.value)
        row = tx.get(rows.DRIFTS, key) if drift in _ENDURING else None
        tx.put(entry, rows.DRIFTS, key, (row[0] if row is not None and row[1] else today, True))
    for record, drift in tally.ended:
        tx.put(entry, rows.DRIFTS, (record.kind.value, record.id, drift.value), (today, False))
