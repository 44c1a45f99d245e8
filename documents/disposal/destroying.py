"""The document room as the `Destroyer` of disposal.

- `begin` and `finish` only write rows, under entries in the document's own chain. Between them nobody reads it: the stage is
  "destroying".
- `destroy` first asks the store about every object: a legal hold that it shows stops everything, whatever our own rows say. Then
  the key goes, and with it every copy of the sealed bytes, wherever it is; then what is derived, the index, the objects.
- Each step may be repeated: a key that is gone is gone, an object that is not there is no error.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from documents import store as rows
from documents.disposal import store as disposal_rows
from documents.indexing import Indexing
from documents.marks.store import marks_in
from documents.model import DISPOSAL_BEGUN, DISPOSED, Stage, Step
from documents.personal import forget_identities
from documents.rules import advance
from documents.writing import about, document_in, put_document, put_version, version_in
from retention.disposal.errors import Code as DisposalCode
from retention.disposal.errors import HoldStands
from retention.disposal.model import Destroyed, LockedTarget, Residue, Target
from retention.records import Record
from storage.objects.errors import ObjectLocked, ObjectMissing
from storage.objects.model import Bucket, ObjectRef
from storage.objects.vault import document_prefix

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from audit.canonical import JSON
    from audit.entry import Entry
    from retention.disposal.model import Copy, Planned
    from storage import KeyedRows
    from storage.either import Reader
    from storage.objects.model import ObjectInfo
    from storage.transaction import Transaction

_BUCKETS: Final = (Bucket.DERIVED, Bucket.QUARANTINE, Bucket.RECORDS)
_NOTHING: Final = b""


class Destroying(Indexing):
    """Disposal of documents."""

    # ------------------------------------------------------------------------------------------ looking

    def targets_of(self, reader: Reader, records: Sequence[Record]) -> Mapping[Record, tuple[Target, ...]]:
        """See the port."""
        found = disposal_rows.read_targets(reader, [one.id for one in records])
        return {one: tuple(sorted(found.get(one.id, ()))) for one in records}

    def copies_of(self, reader: Reader, records: Sequence[Record]) -> tuple[Copy, ...]:
        """See the port."""
        return tuple(disposal_rows.read_copies(reader, [one.id for one in records]))

    def examine(self, targets: Sequence[Target]) -> tuple[LockedTarget, ...]:
        """See the port."""
        return tuple(_seen(target, self._info(target)) for target in targets)

    def _info(self, target: Target) -> ObjectInfo | None:
        try:
            return self._vault.store.head(_ref(target))
        except ObjectMissing:
            return None

    # -------------------------------------------------------------------------------------------- commits

    def begin(self, tx: Transaction, planned: Planned, *, disposal: str, event_id: UUID) -> None:
        """See the port."""
        document = planned.record.id
        current = document_in(tx, document)
        marks = marks_in(tx, document)
        if marks:
            # A data access request or a cessation notice keeps it, whatever the schedules say.
            values = {"record": planned.record.key, "matters": ", ".join(sorted(marks))}
            raise HoldStands(DisposalCode.DISPOSAL_HELD, (), values)
        data: dict[str, JSON] = {"document": document, "disposal": disposal, "objects": len(planned.targets)}
        entry = self._said(tx, DISPOSAL_BEGUN, document, data, event_id)
        for number in disposal_rows.versions_in(tx, document):
            version = version_in(tx, document, number)
            put_version(tx, entry, replace(version, stage=advance(version.stage, Step.DISPOSE)))
        put_document(tx, entry, replace(current, stage=Stage.DESTROYING))

    def finish(self, tx: Transaction, planned: Planned, *, disposal: str, event_id: UUID) -> None:
        """See the port."""
        document = planned.record.id
        current = document_in(tx, document)
        data: dict[str, JSON] = {"document": document, "disposal": disposal}
        entry = self._said(tx, DISPOSED, document, data, event_id)
        for number in disposal_rows.versions_in(tx, document):
            version = version_in(tx, document, number)
            ended = advance(version.stage, Step.DESTROY)
            # The keyed digest goes too: nobody can ask any more whether this content was here.
            emptied = replace(version, stage=ended, duplicate=None, file_name=_NOTHING, original=None)
            put_version(tx, entry, emptied)
            forget_identities(tx, entry, document, number)
        self._empty(tx, entry, document)
        put_document(tx, entry, replace(current, stage=Stage.DESTROYED, title=_NOTHING, number=None))

    def _empty(self, tx: Transaction, entry: Entry, document: str) -> None:
        """Takes what was sealed out of the rows beside the document's own; what is left tells who and when."""
        keyed: list[tuple[KeyedRows, str, list[tuple[Any, ...]]]] = [
            (rows.NOTES, "text", [(document, one) for one in disposal_rows.notes_in(tx, document)]),
            (rows.FIELDS, "sealed", [(document, one) for one in disposal_rows.fields_of_in(tx, document)]),
            (rows.CORRECTIONS, "sealed", [(document, *one) for one in disposal_rows.corrections_in(tx, document)]),
        ]
        for table, column, keys in keyed:
            place = table.values.index(column)
            for key in keys:
                row = tx.get(table, key)
                if row is not None:
                    tx.put(entry, table, key, (*row[:place], _NOTHING, *row[place + 1 :]))

    def _said(self, tx: Transaction, kind: str, document: str, data: dict[str, JSON], event_id: UUID) -> Entry:
        asked = self._own(event_id, {"document": document, "step": kind})
        return tx.append(asked.event(kind, (about(document),), data, None))

    # ------------------------------------------------------------------------------------------ destroying

    def destroy(self, planned: Planned) -> Destroyed:
        """See the port."""
        document = UUID(planned.record.id)
        seen = self.examine(planned.targets)
        held = [one for one in seen if one.legal_hold]
        if held:
            values = {"record": planned.record.key, "matters": held[0].target.key}
            raise HoldStands(DisposalCode.DISPOSAL_HELD, (), values)
        epoch = self._epoch_of(document)
        self._vault.destroy_key(document)
        self.index.destroy([str(document)])
        strays = self._remove_all(document, planned.targets)
        residues = tuple(
            Residue(target, info.locked_until, _mode_of(info))
            for target in planned.targets
            if (info := self._info(target)) is not None
        )
        kept = {one.target for one in residues}
        gone = tuple(target for target in planned.targets if target not in kept)
        return Destroyed(planned.record, planned.key_id, epoch, gone, residues, strays)

    def remove(self, target: Target) -> bool:
        """See the port."""
        try:
            self._vault.store.delete_version(_ref(target))
        except ObjectLocked:
            return False
        return True

    def _epoch_of(self, document: UUID) -> int:
        """The epoch of the key; after a crash it may be gone, and the rows tell under which it was made."""
        epoch = self._vault.epoch_of(document)
        if epoch is not None:
            return epoch
        with self._database.read() as connection:
            return max((one.key_epoch for one in rows.read_versions(connection, str(document))), default=0)

    def _remove_all(self, document: UUID, targets: Sequence[Target]) -> int:
        """Removes every object under the document's name, those no row names as well; returns how many those were."""
        named = {_ref(target) for target in targets}
        strays = 0
        for bucket in _BUCKETS:
            for one in list(self._vault.store.versions(bucket, document_prefix(document))):
                try:
                    self._vault.store.delete_version(one.ref)
                except ObjectLocked:
                    continue
                strays += one.ref not in named
        return strays


def _ref(target: Target) -> ObjectRef:
    return ObjectRef(Bucket(target.bucket), target.key, target.version_id)


def _seen(target: Target, info: ObjectInfo | None) -> LockedTarget:
    if info is None:
        return LockedTarget(target, exists=False, lock_mode=None, locked_until=None, legal_hold=False)
    return LockedTarget(target, True, _mode_of(info), info.locked_until, info.legal_hold)


def _mode_of(info: ObjectInfo | None) -> str | None:
    return None if info is None or info.lock_mode is None else info.lock_mode.value
