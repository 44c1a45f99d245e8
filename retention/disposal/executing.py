"""What disposal does after the decision: destroying, certifying, repeating what failed, removing what locks kept.

- `destroy` is the job's one step: everything of every record outside any transaction, each part of it repeatable; then commit 2 with the
  certificate, the tombstones and what stays for now. Killed anywhere before commit 2, the disposal is still "destroying", and the
  next attempt does again what is not done.
- `retry` asks once a day for whatever is still "destroying", and for residues whose locks may have ended.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid5

from audit.canonical import encode
from audit.event import Event, Subject
from retention.disposal import store as rows
from retention.disposal.certificates import certificate_body, digest_of
from retention.disposal.errors import Code, DisposalConflict, UnknownDisposal
from retention.disposal.model import (
    CERTIFIED,
    DISPOSAL_STATES,
    DISPOSE_KIND,
    RESIDUE_KIND,
    RESIDUE_REMOVED,
    RETRY_REQUESTED,
    ROLL_KIND,
    SUBJECT_DISPOSAL,
    Destroyed,
    Disposal,
    DisposalState,
)
from retention.disposal.plans import parse_plan
from retention.rules import hong_kong_day
from storage.opening import SYSTEM
from storage.transaction import Change, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from audit.canonical import JSON
    from audit.entry import Entry
    from policies.service import Policies
    from retention.disposal.model import Planned, Target
    from retention.disposal.ports import Destroyer, Judge
    from retention.records import Record
    from storage.database import Database
    from storage.either import Reader
    from storage.log import Log
    from workflow.service import Queue

RESIDUES_NAMED_MAX: Final = 100
"""Objects an entry names; it counts all."""
_NAMESPACE: Final = UUID("3a4f6bde-9c53-5f19-8f31-51f4a3a0c4d2")
"""Of the ids of daily requests: the same day is the same event."""


class Executing:
    """The work of disposal; its means are those of `Disposals`."""

    _database: Database
    _log: Log
    _policies: Policies
    _queue: Queue
    _judge: Judge
    _destroyer: Destroyer
    _clock: Callable[[], datetime]

    # ----------------------------------------------------------------------------------------- destroying

    def destroy(
        self, disposal: str, *, event_id: UUID, progress: Callable[[int, int], None] | None = None
    ) -> dict[str, JSON]:
        """Destroys what commit 1 decided, then commit 2: the certificate. Repeated, it does what is left.

        Raises:
            UnknownDisposal: there is none.
            HoldStands: the store shows a legal hold on an object: what is not destroyed yet stays.
            StorageError: not now; what is done stays done.
        """
        with self._database.read() as connection:
            found, content, _certificate = self._found(connection, disposal)
        if found.state is not DisposalState.DESTROYING:
            return {"passed_over": found.state.value}
        plan = parse_plan(content)
        destroyed: list[Destroyed] = []
        for number, one in enumerate(plan):
            destroyed.append(self._destroyer.destroy(one))
            if progress is not None:
                progress(number + 1, len(plan))
        committed = self._log.commit(self._certifying(disposal, plan, destroyed, event_id))
        residues = sum(len(one.residues) for one in destroyed)
        return {"records": len(destroyed), "residues": residues, "entry": committed.receipt.index}

    def _certifying(
        self, disposal: str, plan: Sequence[Planned], destroyed: Sequence[Destroyed], event_id: UUID
    ) -> Change[Disposal]:
        """Commit 2."""
        digest = self._log.request_digest({"job": DISPOSE_KIND, "disposal": disposal})

        def run(tx: Transaction) -> Disposal:
            tx.refuse_known(SYSTEM.id, event_id, digest)
            found, content, _certificate = self._found(tx, disposal)
            if found.state is not DisposalState.DESTROYING:
                raise DisposalConflict(Code.DISPOSAL_STATE, (), {"state": DISPOSAL_STATES[found.state]})
            schedules = self._judge.rulebook(tx).schedules
            copies = self._destroyer.copies_of(tx, [one.record for one in plan])
            body = certificate_body(
                found, plan, destroyed, schedules, copies, origin=self._log.origin, certified_at=tx.now
            )
            certificate = encode(body)
            data: dict[str, JSON] = {
                "disposal": disposal,
                "preview": found.preview,
                "certificate": digest_of(certificate),
                "records": len(destroyed),
                "objects": sum(len(one.gone) for one in destroyed),
                "residues": sum(len(one.residues) for one in destroyed),
                "strays": sum(one.strays for one in destroyed),
            }
            event = Event(
                type=CERTIFIED,
                subjects=(about(disposal),),
                data=data,
                actor=SYSTEM,
                event_id=event_id,
                request=digest,
            )
            entry = tx.append(event)
            for one in plan:
                self._destroyer.finish(tx, one, disposal=disposal, event_id=uuid5(event_id, one.record.key))
            for ended_one in destroyed:
                for target in (residue.target for residue in ended_one.residues):
                    key = (target.bucket, target.key, target.version_id)
                    tx.put(entry, rows.RESIDUES, key, rows.residue_row(disposal, ended_one.record, target, gone=False))
            self._queue.enqueue(tx, entry, ROLL_KIND, {"disposal": disposal}, unique_key=disposal)
            ended = replace(found, state=DisposalState.CERTIFIED, ended_index=entry.index)
            return self._put(tx, entry, ended, content, certificate)

        return Change(run, event_ids=((SYSTEM.id, event_id),))

    # ----------------------------------------------------------------------------------------- repeating

    def request_retry(self, *, now: datetime) -> Change[int] | None:
        """Asks for the day's work: what is still "destroying", and residues. None: there is none."""
        day = hong_kong_day(now).isoformat()
        with self._database.read() as connection:
            open_ones = rows.read_disposals(
                connection, state=DisposalState.DESTROYING, before=None, limit=rows.PAGE_MAX
            )
            residues = rows.read_residues(connection)
        if not open_ones and not residues:
            return None

        def run(tx: Transaction) -> int:
            event = Event(
                type=RETRY_REQUESTED,
                subjects=(Subject("log", self._log.origin),),
                data={"day": day, "destroying": len(open_ones), "residues": len(residues)},
                actor=SYSTEM,
                event_id=uuid5(_NAMESPACE, day),
                request=self._log.request_digest({"job": RETRY_REQUESTED, "day": day}),
            )
            entry = tx.append(event)
            for one in open_ones:
                self._queue.enqueue(tx, entry, DISPOSE_KIND, {"disposal": one.id}, unique_key=f"{one.id} {day}")
            if residues:
                self._queue.enqueue(tx, entry, RESIDUE_KIND, {}, unique_key=day)
            return len(open_ones)

        return Change(run, event_ids=((SYSTEM.id, uuid5(_NAMESPACE, day)),))

    def remove_residues(self, *, event_id: UUID) -> dict[str, JSON]:
        """Removes objects whose locks have ended, one entry for each disposal.

        Raises:
            StorageError: not now.
        """
        removed = kept = 0
        with self._database.read() as connection:
            found = rows.read_residues(connection)
        for disposal in sorted({one[0] for one in found}):
            gone = [
                (record, target)
                for owner, record, target in found
                if owner == disposal and self._destroyer.remove(target)
            ]
            kept += sum(owner == disposal for owner, _, _ in found) - len(gone)
            removed += len(gone)
            if not gone:
                continue
            self._log.commit(self._removing(disposal, gone, uuid5(event_id, disposal)))
        return {"removed": removed, "locked": kept}

    def _removing(self, disposal: str, gone: Sequence[tuple[Record, Target]], event_id: UUID) -> Change[int]:
        names: list[JSON] = [
            f"{target.bucket} {target.key} {target.version_id}" for _, target in gone[:RESIDUES_NAMED_MAX]
        ]
        data: dict[str, JSON] = {"disposal": disposal, "objects": len(gone), "removed": names}

        def run(tx: Transaction) -> int:
            event = Event(
                type=RESIDUE_REMOVED,
                subjects=(about(disposal),),
                data=data,
                actor=SYSTEM,
                event_id=event_id,
                request=self._log.request_digest({"job": RESIDUE_KIND, "disposal": disposal, "event": str(event_id)}),
            )
            entry = tx.append(event)
            for record, target in gone:
                key = (target.bucket, target.key, target.version_id)
                tx.put(entry, rows.RESIDUES, key, rows.residue_row(disposal, record, target, gone=True))
            return len(gone)

        return Change(run, event_ids=((SYSTEM.id, event_id),))

    # ----------------------------------------------------------------------------------------- steps

    def _found(self, reader: Reader, disposal: str) -> tuple[Disposal, bytes, bytes | None]:
        """A disposal with its plan and its certificate.

        Raises:
            UnknownDisposal: there is none.
        """
        if isinstance(reader, Transaction):
            row = reader.get(rows.DISPOSALS, (disposal,))
            found = None if row is None else rows.disposal_of(disposal, row)
        else:
            found = rows.read_disposal(reader, disposal)
        if found is None:
            raise UnknownDisposal(Code.DISPOSAL_UNKNOWN, ("disposal",))
        return found

    def _put(
        self, tx: Transaction, entry: Entry, found: Disposal, plan: bytes, certificate: bytes | None = None
    ) -> Disposal:
        tx.put(entry, rows.DISPOSALS, (found.id,), rows.disposal_row(found, plan, certificate))
        return replace(found, entry_index=entry.index)

    def _now_of(self, reader: Reader) -> datetime:
        return reader.now if isinstance(reader, Transaction) else self._clock()


def about(disposal: str) -> Subject:
    """A disposal as the subject of an entry."""
    return Subject(SUBJECT_DISPOSAL, disposal)
