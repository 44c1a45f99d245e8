"""What would go: plans of records as they stand, simulations, disposals and certificates as they are kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from audit.checkpoint import tlog_proof
from retention.disposal import store as rows
from retention.disposal.certificates import certificate_file
from retention.disposal.errors import Code, DisposalConflict, HoldStands, InvalidDisposal
from retention.disposal.executing import Executing
from retention.disposal.model import Clock, Disposal, DisposalState, Planned, Simulation
from retention.disposal.plans import parse_plan, preview_of
from retention.model import Disposition, Outcome
from retention.records import RecordState
from retention.rules import hong_kong_day
from retention.words import DISPOSITION_WORDS, OUTCOME_WORDS, RECORD_STATE_WORDS
from storage.reading import inclusion_proof, read_entry, read_head
from storage.signing import verifier_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policies.refusals import Path
    from retention.disposal.model import Target
    from retention.model import Trigger
    from retention.records import Judged, Record
    from storage.either import Reader

_DESTROYS: Final = frozenset({Disposition.DESTROY, Disposition.REVIEW})


class Planning(Executing):
    """Looking at disposals."""

    def get(self, reader: Reader, disposal: str) -> tuple[Disposal, tuple[Planned, ...]]:
        """A disposal and its plan.

        Raises:
            UnknownDisposal: there is none.
        """
        found, plan, _certificate = self._found(reader, disposal)
        return found, parse_plan(plan)

    def page(
        self, reader: Reader, *, state: DisposalState | None = None, before: int | None = None, limit: int = 50
    ) -> list[Disposal]:
        """Disposals, the newest first; `before` continues below an entry index."""
        return rows.read_disposals(reader, state=state, before=before, limit=limit)

    def certificate(self, disposal: str) -> bytes:
        """The certificate of destruction as a file, with the proof that the log holds it.

        Raises:
            UnknownDisposal: there is no such disposal.
            DisposalConflict: nothing is certified yet.
        """
        with self._database.read() as connection:
            found, _plan, certificate = self._found(connection, disposal)
            if certificate is None or found.ended_index is None:
                raise DisposalConflict(Code.DISPOSAL_NOT_CERTIFIED)
            head = read_head(connection)
            entry = read_entry(connection, found.ended_index)
            proof = tlog_proof(entry.index, inclusion_proof(connection, entry.index, head.size), head.note)
            vkey = verifier_key(connection)
        return certificate_file(certificate, entry.bytes, proof, vkey)

    def simulate(self, disposal: str) -> Simulation:
        """Exactly what would go now, what the store says of each object, and which copies are out of reach.

        Raises:
            UnknownDisposal: there is none.
            StorageError: the store gives no answer.
        """
        with self._database.read() as connection:
            found, plan = self.get(connection, disposal)
            records = [one.record for one in plan]
            targets = self._destroyer.targets_of(connection, records)
            copies = self._destroyer.copies_of(connection, records)
        now = tuple(replace(one, targets=targets.get(one.record, ())) for one in plan)
        objects = self._destroyer.examine([target for one in now for target in one.targets])
        preview = preview_of(now)
        return Simulation(now, preview, preview == found.preview, objects, copies)

    def plan(self, reader: Reader, records: Sequence[Record]) -> tuple[Planned, ...]:
        """What would go of these records, each judged as it stands for the reader.

        Raises:
            DisposalConflict: one is not due.
            HoldStands: one is held.
            InvalidDisposal: one does not exist.
        """
        on = hong_kong_day(self._now_of(reader))
        judged = self._judge.judge_records(reader, records, on)
        targets = self._destroyer.targets_of(reader, records)
        triggers = {schedule.id: schedule.trigger for schedule in self._judge.rulebook(reader).schedules}
        return tuple(
            _planned(record, judged.get(record), targets.get(record, ()), triggers, ("records", number))
            for number, record in enumerate(records)
        )


def _planned(
    record: Record, found: Judged | None, targets: tuple[Target, ...], triggers: Mapping[str, Trigger], path: Path
) -> Planned:
    values = {"record": record.key}
    if found is None:
        raise InvalidDisposal(Code.DISPOSAL_RECORD_UNKNOWN, path, values)
    judgement = found.judgement
    if found.described.state is not RecordState.KEPT:
        raise DisposalConflict(
            Code.DISPOSAL_NOT_DUE, path, {**values, "outcome": RECORD_STATE_WORDS[found.described.state]}
        )
    if judgement.matters:
        raise HoldStands(Code.DISPOSAL_HELD, path, {**values, "matters": ", ".join(judgement.matters)})
    is_due = judgement.outcome is Outcome.DUE and judgement.disposition in _DESTROYS
    if not is_due or judgement.due_from is None:
        outcome = (
            DISPOSITION_WORDS[judgement.disposition]
            if judgement.outcome is Outcome.DUE and judgement.disposition is not None
            else OUTCOME_WORDS[judgement.outcome]
        )
        raise DisposalConflict(Code.DISPOSAL_NOT_DUE, path, {**values, "outcome": outcome})
    return Planned(
        record=record,
        class_code=found.described.class_code,
        record_class=found.record_class,
        schedules=judgement.deciding,
        due_from=judgement.due_from,
        dispose_by=judgement.dispose_by,
        targets=targets,
        search=True,
        key_id=record.id,
        clocks=tuple(
            Clock(one, triggers[one], found.triggers.get(triggers[one]))
            for one in judgement.deciding
            if one in triggers
        ),
    )
