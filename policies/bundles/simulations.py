"""Simulating a bundle: asked for in a change, done by a job, and noted in another change.

    log.commit(policies.simulate_bundle(admin, digest, days=30, queue=queue, event_id=…))
    policies.run_simulation(digest, step, event_id=job, progress=context.report)        # by a worker

- The work reads one snapshot, outside any transaction that writes. Killed and begun again, it comes to the same step once: the step is
  under the job's id, and counts only while the bundle waits for it.
- Asking again while one is at work is another step: what the earlier job finds is not kept.
- What cannot be simulated, or was compared with a bundle that is no longer the active one, goes back to where it stood, with the reason.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from audit.canonical import encode
from policies.bundles.checking import faults_of
from policies.bundles.model import (
    BUNDLE_SET_BACK,
    BUNDLE_SIMULATED,
    BUNDLE_SIMULATING,
    DAYS_MAX,
    SIMULATE_KIND,
    BundleRecord,
    BundleState,
)
from policies.bundles.simulating import SORTS_MAX, simulate
from policies.bundles.steps import BundleSteps, Course, active_in, manifest_in, record_in, require_state
from policies.codes import Code
from policies.errors import PolicyError
from policies.model import Action
from policies.replaying import TooMany
from policies.residency.writes import day_of
from policies.writing import require_range
from storage.errors import EmptyChange
from storage.opening import SYSTEM
from storage.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from audit.canonical import JSON
    from policies.bundles.ports import JobQueue
    from policies.model import Decision, Principal
    from policies.pending.store import Snapshot
    from storage.transaction import Transaction

    Told = Callable[[int, int], None]
    Found = dict[str, JSON] | Code
    """What a simulation found, or why there is none."""

_FROM = (BundleState.VALIDATED, BundleState.SIMULATING, BundleState.SIMULATED, BundleState.RETIRED)


class Simulations(BundleSteps):
    """Asking what a bundle would change, and finding out."""

    sorts_max = SORTS_MAX

    def simulate_bundle(
        self, principal: Principal, digest: str, *, days: int, queue: JobQueue, event_id: UUID
    ) -> Change[str]:
        """Asks what would change if the bundle decided in the place of the active one; results in the job's id.

        Decisions of the last `days` days are taken again, every question is asked of both, and each room says what would move. One that
        was active before, and is retired, is asked about in the same way.

        Raises:
            Denied, InvalidValue. The change: UnknownThing, PolicyConflict if it was not validated, Denied.
        """
        require_range(days, 1, DAYS_MAX, "days")

        def run(course: Course, _current: Decision) -> str:
            record = record_in(course.tx, digest)
            require_state(record, *_FROM)
            course.step(record, BundleState.SIMULATING, BUNDLE_SIMULATING, {"days": days})
            payload: dict[str, JSON] = {"bundle": digest, "step": len(record.steps)}
            return queue.enqueue(course.tx, course.tx.appended[-1], SIMULATE_KIND, payload)

        return self._stepping(principal, Action.BUNDLE_DRAFT, digest, event_id, {"step": "simulate", "days": days}, run)

    def run_simulation(self, digest: str, step: int, *, event_id: UUID, progress: Told) -> BundleRecord:
        """Does what a step asked for; a bundle that no longer waits for it is left as it stands.

        `progress` is told how many entries were looked at, of how many; what it raises ends the work, and nothing is kept.

        Raises:
            UnknownThing: there is no such bundle.
            StorageError: not now; try again.
        """
        with self._database.read() as connection:
            record = record_in(connection, digest)
            if not _waits(record, step):
                return record
            found = self._found(connection, record, progress)
        try:
            self._log.commit(self._noting(digest, step, found, event_id))
        except EmptyChange:
            # Another simulation was asked for meanwhile, and is the one that counts.
            pass
        with self._database.read() as connection:
            return record_in(connection, digest)

    # ----------------------------------------------------------------------------------- helpers

    def _found(self, connection: Snapshot, record: BundleRecord, progress: Told) -> Found:
        now = self._clock()
        days = int(record.steps[-1].detail["days"])
        try:
            after = self._sound(connection, record.digest)
            if faults_of(manifest_in(connection, record.digest), self._parts, connection, day_of(now)):
                return Code.BUNDLE_FAULTY
            return simulate(
                self.fresh_directory(),
                after,
                self._parts,
                connection,
                days=days,
                now=now,
                progress=progress,
                sorts_max=self.sorts_max,
            )
        except TooMany:
            return Code.SIMULATION_TOO_WIDE
        except PolicyError as error:
            return error.code

    def _noting(self, digest: str, step: int, found: Found, event_id: UUID) -> Change[BundleRecord]:
        """The change that keeps what was found; empty if the bundle no longer waits for it."""
        request = self._log.request_digest({"simulated": digest, "step": step})

        def run(tx: Transaction) -> BundleRecord:
            record = record_in(tx, digest)
            if not _waits(record, step):
                return record
            course = Course(tx, SYSTEM, event_id, request, None)
            if isinstance(found, Code):
                return _set_back(course, record, found)
            if found["base"] != active_in(tx):
                return _set_back(course, record, Code.BUNDLE_BASE_MOVED)
            data: dict[str, JSON] = {
                name: found[name] for name in ("base", "days", "newly_allowed", "newly_denied", "moved", "disposable")
            }
            data["simulation_sha256"] = hashlib.sha256(encode(found)).hexdigest()
            return course.step(record, BundleState.SIMULATED, BUNDLE_SIMULATED, data, detail=found)

        return Change(run, event_ids=((SYSTEM.id, event_id),))


def _waits(record: BundleRecord, step: int) -> bool:
    return record.state is BundleState.SIMULATING and len(record.steps) == step + 1


def _set_back(course: Course, record: BundleRecord, code: Code) -> BundleRecord:
    stood = next(one.state for one in reversed(record.steps) if one.state is not BundleState.SIMULATING)
    state = BundleState.RETIRED if stood is BundleState.RETIRED else BundleState.VALIDATED
    return course.step(record, state, BUNDLE_SET_BACK, {"code": code.value})
