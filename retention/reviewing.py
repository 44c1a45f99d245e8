"""The due list, and what somebody should look at.

- A review walks through every record that may be disposed of one day, judges it, and writes what it found to a list that is quick to
  page through. It runs every night, and soon after a hold was placed or released. A review that is killed leaves rows of another
  day behind; the next one replaces them.
- The list only says where to look. Whatever leaves it is judged again, so a page shows what is true now, and a row whose hold came
  this minute shows as held.
- What the nightly comparison with the object store found is a finding too, until a later one finds the record in order.
- A finding is there as long as its cause is. Settling one says why it needs no more doing; it counts until its cause is another.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from audit.event import Event, Subject
from policies.model import Action, Resource
from policies.scope import scope_of
from retention import due
from retention import store as rows
from retention.errors import Code, UnknownRetention
from retention.judging import Judging
from retention.locks.model import FINDINGS
from retention.locks.store import read_drifts
from retention.model import Finding, Graded
from retention.records import FINDING_SETTLED, REVIEW_KIND, REVIEW_REQUESTED, REVIEWED, SUBJECT_RETENTION, RecordState
from retention.rules import graded, hong_kong_day
from retention.writing import event_ids_of
from storage.opening import SYSTEM
from storage.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, datetime

    from audit.canonical import JSON
    from policies.model import Principal
    from retention.due.model import Wanted
    from retention.locks.model import DriftFound
    from retention.model import FindingCode
    from retention.records import Judged, Record
    from retention.requests import SettleRequest
    from storage.either import Reader
    from storage.transaction import Transaction
    from workflow.model import JobId

CHUNK: Final = 250


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the due list as it is judged now; `findings` are those nobody settled."""

    judged: Judged
    findings: tuple[Graded, ...]


@dataclass(frozen=True, slots=True)
class DuePage:
    """A page of the due list. `total` counts the whole list, not the page; `next` is where the following one begins."""

    items: tuple[Listed, ...]
    next: tuple[str, str, str] | None
    total: int


class Reviewing(Judging):
    """Reviews and what they list."""

    def request_review(self, principal: Principal, *, event_id: UUID) -> Change[JobId]:
        """Asks for a review now.

        Raises:
            Denied. The change: Denied.
        """
        asked = self._ask(principal, Action.RETENTION_WRITE, event_id, {"job": REVIEW_KIND})

        def run(tx: Transaction) -> JobId:
            self._begin(tx, asked)
            entry = self._append(tx, asked, REVIEW_REQUESTED, (Subject(SUBJECT_RETENTION, "review"),), {})
            return self._means.queue.enqueue(tx, entry, REVIEW_KIND, {})

        return Change(run, event_ids=event_ids_of(asked))

    def review(
        self, *, now: datetime, event_id: UUID, progress: Callable[[int, int], None] | None = None
    ) -> dict[str, JSON]:
        """Judges everything, and says in an entry how many records came out how."""
        on = hong_kong_day(now)
        outcomes: Counter[str] = Counter()
        findings: Counter[str] = Counter()
        done = 0
        for kind, source in sorted(self._sources.items()):
            after = ""
            while True:
                with self._means.database.read() as connection:
                    records = source.walk(connection, kind, after=after, limit=CHUNK)
                    listed = self._listed(connection, records, on)
                if not records:
                    break
                after = records[-1].id
                done += len(records)
                kept = [one for one in listed if one.judged.described.state is not RecordState.DESTROYED]
                due.replace_items(self._means.database, records, [_item(one, on) for one in kept])
                outcomes.update(one.judged.judgement.outcome.value for one in kept)
                findings.update(
                    f"{found.finding.code.value}/{found.grade.value}" for one in kept for found in one.findings
                )
                if progress is not None:
                    progress(done, done)
        data: dict[str, JSON] = {
            "day": on.isoformat(),
            "findings": _counted(findings),
            "outcomes": dict(sorted(outcomes.items())),
            "records": done,
        }

        def run(tx: Transaction) -> None:
            event = Event(
                type=REVIEWED,
                subjects=(Subject(SUBJECT_RETENTION, "review"),),
                data=data,
                actor=SYSTEM,
                event_id=event_id,
                request=self._means.log.request_digest({"job": REVIEW_KIND, "review": str(event_id)}),
            )
            tx.append(event)

        self._means.log.commit(Change(run, event_ids=((SYSTEM.id, event_id),)))
        return data

    def due_list(
        self,
        principal: Principal,
        connection: rows.Snapshot,
        wanted: Wanted,
        on: date,
        *,
        after: Sequence[str] | None = None,
        limit: int,
    ) -> DuePage:
        """A page of the due list by date, kind and id, each row judged now.

        Raises:
            Denied.
        """
        decision = self._means.policies.require(principal, Action.RETENTION_READ, Resource("retention"))
        page = due.read_page(connection, scope_of(decision), wanted, after=after, limit=limit)
        return DuePage(tuple(self._listed(connection, page.records, on)), page.next, page.total)

    # ------------------------------------------------------------------------------------------- findings

    def settle_finding(self, principal: Principal, request: SettleRequest, on: date) -> Change[Record]:
        """Says why a finding of a record needs no more doing. It counts until the finding has another cause.

        Raises:
            Denied.
            The change: UnknownRetention if there is no such record, or it has no such finding that is open; Denied.
        """
        record = request.named
        content: dict[str, JSON] = {"finding": request.finding.value, "record": record.key}
        asked = self._ask(principal, Action.FINDING_SETTLE, request.event_id, content, resource=Resource("finding"))

        def run(tx: Transaction) -> Record:
            self._begin(tx, asked)
            basis = self._basis_of(tx, record, request.finding, on)
            personal = self._sealed(f"finding/{record.key}", {"reason": request.reason})
            data: dict[str, JSON] = {**content, "basis": basis}
            subjects = (Subject(record.kind.value, record.id),)
            entry = self._append(tx, asked, FINDING_SETTLED, subjects, data, personal=personal)
            key = (record.kind.value, record.id, request.finding.value)
            tx.put(entry, rows.SETTLEMENTS, key, (basis, asked.principal.id))
            return record

        return Change(run, event_ids=event_ids_of(asked))

    def _basis_of(self, tx: Transaction, record: Record, code: FindingCode, on: date) -> str:
        listed = self._listed(tx, [record], on)
        found = next((one for item in listed for one in item.findings if one.finding.code is code), None)
        if found is None:
            what = Code.FINDING_UNKNOWN if listed else Code.RECORD_UNKNOWN
            raise UnknownRetention(what, ("record",), {"record": record.key})
        return _basis(found)

    def _listed(self, reader: Reader, records: Sequence[Record], on: date) -> list[Listed]:
        judged = self.judge_records(reader, records, on)
        settled = rows.read_settlements(reader, judged)
        drifts = read_drifts(reader, judged)
        return [
            self._row(judged[record], drifts.get(record, ()), settled.get(record, {}))
            for record in records
            if record in judged
        ]

    def _row(self, judged: Judged, drifts: Sequence[DriftFound], settled: Mapping[str, str]) -> Listed:
        found = [
            *graded(judged.judgement, judged.described.created_on, self._means.grace_days),
            *(_drifted(one) for one in drifts),
        ]
        return Listed(judged, tuple(one for one in found if settled.get(one.finding.code.value) != _basis(one)))


def _drifted(found: DriftFound) -> Graded:
    """What the reconciliation of locks found, as a finding."""
    code, grade = FINDINGS[found.drift]
    return Graded(Finding(code), grade, found.since)


def _counted(findings: Counter[str]) -> dict[str, JSON]:
    """How many of which finding, by grade."""
    counted: dict[str, dict[str, JSON]] = {}
    for name, count in sorted(findings.items()):
        code, _, grade = name.partition("/")
        counted.setdefault(code, {})[grade] = count
    return dict(counted)


def _basis(found: Graded) -> str:
    """What a settlement rests on; a graver finding is another one."""
    since = "" if found.since is None else f" {found.since.isoformat()}"
    return f"{found.grade.value}{since} {' '.join(found.finding.schedules)}".rstrip()


def _item(listed: Listed, on: date) -> due.Item:
    judged = listed.judged
    judgement, described = judged.judgement, judged.described
    return due.Item(
        record=described.record,
        class_code=described.class_code,
        record_class=judged.record_class,
        store=described.store,
        outcome=judgement.outcome,
        next_on=judgement.due_from or judgement.dispose_by,
        schedules=judgement.considered,
        findings=tuple(f"{one.finding.code.value}/{one.grade.value}" for one in listed.findings),
        judged_on=on,
    )
