"""The front door of locks.

    log.commit(locks.request_probe(principal, event_id=event_id))
    locks.probe(event_id=job_id)                                    # the job
    with database.read() as connection: locks.probed(connection)

A probe runs outside any transaction, then commits under its job's id: a repeated job attacks again and is a replay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from audit.event import Event, Subject, time_us
from policies.model import Action, Resource
from retention.locks import store as rows
from retention.locks.model import LOCK_PROBE_REQUESTED, LOCK_PROBED, PROBE_KIND, SUBJECT_OBJECT_STORE
from retention.locks.modes import Modes
from storage.objects.model import Bucket
from storage.objects.probe import probe_locks
from storage.opening import SYSTEM
from storage.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Callable

    from audit.canonical import JSON
    from policies.model import Principal
    from retention.locks.model import ProbeResult
    from retention.locks.modes import ModeMeans
    from storage.objects.port import ObjectStore
    from storage.objects.probe import ProbeReport
    from storage.transaction import Transaction
    from workflow.model import JobId

PROBED: Final = (Bucket.RECORDS, Bucket.PACKS)


class Locks(Modes):
    """The locks of one object store; safe to share between threads."""

    def __init__(self, means: ModeMeans, store: ObjectStore, *, entropy: Callable[[int], bytes]) -> None:
        super().__init__(means)
        self._log: Final = means.log
        self._policies: Final = means.policies
        self._queue: Final = means.queue
        self._store: Final = store
        self._entropy: Final = entropy

    # ------------------------------------------------------------------------------------------ probing

    def request_probe(self, principal: Principal, *, event_id: UUID) -> Change[JobId]:
        """A change that asks for a probe now.

        Raises:
            Denied: the principal may not probe; so does the change, if that came meanwhile.
        """
        decision = self._policies.require(principal, Action.LOCK_PROBE, Resource("object_store"))

        def run(tx: Transaction) -> JobId:
            confirmed = self._policies.confirm(tx, decision)
            event = Event(
                type=LOCK_PROBE_REQUESTED,
                subjects=(_subject(),),
                data={},
                actor=decision.principal.actor,
                event_id=event_id,
                request=self._log.request_digest({"job": PROBE_KIND}),
                decision=confirmed,
            )
            return self._queue.enqueue(tx, tx.append(event), PROBE_KIND, {})

        return Change(run, event_ids=((decision.principal.actor.id, event_id),))

    def probe(self, *, event_id: UUID) -> dict[str, JSON]:
        """Attacks the locks of every bucket that has them, and records what became of it.

        Raises:
            ObjectError: the store gives no answer; nothing is recorded.
        """
        reports = [probe_locks(self._store, entropy=self._entropy, bucket=bucket) for bucket in PROBED]
        results: dict[str, JSON] = {report.bucket.value: _told(report) for report in reports}
        is_good = all(report.is_good for report in reports)

        def run(tx: Transaction) -> None:
            event = Event(
                type=LOCK_PROBED,
                subjects=(_subject(),),
                data={"good": is_good, "results": results},
                actor=SYSTEM,
                event_id=event_id,
                request=self._log.request_digest({"job": PROBE_KIND, "probe": str(event_id)}),
            )
            entry = tx.append(event)
            now_us = time_us(tx.now)
            for report in reports:
                for attack, strength in report.results.items():
                    tx.put(entry, rows.PROBES, (report.bucket.value, attack.value), (strength.value, now_us))

        self._log.commit(Change(run, event_ids=((SYSTEM.id, event_id),)))
        return {"good": is_good, "results": results}

    def probed(self, connection: rows.Snapshot) -> list[ProbeResult]:
        """The last probe of each bucket, attack by attack; none before the first."""
        return rows.read_probes(connection)


def _subject() -> Subject:
    return Subject(SUBJECT_OBJECT_STORE, "locks")


def _told(report: ProbeReport) -> dict[str, JSON]:
    return {attack.value: strength.value for attack, strength in report.results.items()}
